"""Check the files of a folder against a manifest of photos, without the server.

Needs nothing but Python's standard library, so this one file can be handed to anybody:
`python manifest_check.py MANIFEST FOLDER`. It ends with 0 when everything is as the manifest
says, 1 when files differ, 2 when nothing could be checked, and 3 when the ledger's hashes do
not hold together.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

COLUMNS = (
    "photo_id",
    "visit_id",
    "dealer_code",
    "dealer",
    "store_code",
    "store",
    "day",
    "item",
    "file",
    "sha256",
    "size_bytes",
    "original_sha256",
    "erased_at",
    "ledger_seq",
    "previous_hash",
    "ledger_hash",
    "ledger_entry",
    "head_seq",
    "head_hash",
)
ALL_WELL, FILES_DIFFER, UNUSABLE, CHAIN_BROKEN = 0, 1, 2, 3
# In the canonical text of an entry: id, at, device_at, actor, verb, object, facts.
_VERB, _OBJECT, _FACTS = 4, 5, 6


class UnusableError(Exception):
    """What was named is no manifest, or no folder."""


@dataclass(frozen=True)
class Finding:
    """What is known of one file, or of one row's place in the ledger.

    `state` is `ok`, `erased`, `missing`, `renamed`, `wrong-size`, `changed` or `extra` of a file,
    and `broken-chain` of a row.
    """

    state: str
    file: str
    detail: str = ""


Row = dict[str, str]


def read(manifest: Path) -> list[Row]:
    """Return the rows of a manifest. Raises UnusableError."""
    csv.field_size_limit(10_000_000)
    try:
        with manifest.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            if missing := set(COLUMNS) - set(reader.fieldnames or ()):
                raise UnusableError(f"{manifest} lacks the columns {', '.join(sorted(missing))}.")
            rows = list(reader)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UnusableError(f"{manifest} cannot be read: {error}") from None
    if any(None in row.values() or None in row for row in rows):
        raise UnusableError(f"{manifest} has a row that is shorter or longer than its header.")
    return rows


def check_files(rows: list[Row], folder: Path, *, besides: Path | None = None) -> list[Finding]:
    """Compare a folder with the rows; `besides` is a file of the folder that is not meant."""
    if not folder.is_dir():
        raise UnusableError(f"{folder} is no folder.")
    left = {
        path.relative_to(folder).as_posix(): path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not (besides and path.samefile(besides))
    }
    findings, absent = [], []
    for row in rows:
        path = left.pop(row["file"], None)
        if path is not None:
            findings.append(_compared(row, path))
        elif row["erased_at"]:
            findings.append(Finding("erased", row["file"], f"on {row['erased_at']}"))
        else:
            absent.append(row)
    by_hash: dict[str, list[str]] = {}
    for name, path in left.items():
        by_hash.setdefault(_digest(path), []).append(name)
    for row in absent:
        if names := by_hash.get(row["sha256"]):
            name = names.pop(0)
            del left[name]
            findings.append(Finding("renamed", row["file"], f"is there as {name}"))
        else:
            findings.append(Finding("missing", row["file"]))
    return findings + [Finding("extra", name, "is not in the manifest") for name in left]


def check_chain(rows: list[Row], head: tuple[int, str] | None = None) -> list[Finding]:
    """Return the rows whose place in the ledger does not hold; `head` is one written down before.

    An entry must have the hash it claims, be about this photo and these bytes, and agree with
    its neighbours and with the head.
    """
    findings = []
    hashes: dict[int, str] = {}
    heads = {(row["head_seq"], row["head_hash"]) for row in rows}
    if len(heads) > 1:
        findings.append(Finding("broken-chain", "", "the rows name different heads"))
    for seq, digest in (*heads, *([head] if head else [])):
        findings += _placed(hashes, str(seq), str(digest), "")
    for row in rows:
        if why := _broken(row):
            findings.append(Finding("broken-chain", row["file"], why))
            continue
        seq = int(row["ledger_seq"])
        findings += _placed(hashes, str(seq), row["ledger_hash"], row["file"])
        findings += _placed(hashes, str(seq - 1), row["previous_hash"], row["file"])
    if head and any(int(seq) > head[0] for seq, _ in heads):
        findings.append(Finding("broken-chain", "", f"the head is later than {head[0]}"))
    return findings


def main(arguments: Sequence[str] | None = None) -> int:
    """Check what the command line names, print a table, and return the exit code."""
    parser = argparse.ArgumentParser(
        prog="verify-custody", description="Check files against a manifest of photos."
    )
    parser.add_argument("manifest", type=Path, help="the CSV file")
    parser.add_argument("folder", type=Path, help="where the photos are")
    parser.add_argument("--head", type=_head, help="SEQ:HASH, as it was noted at the export")
    asked = parser.parse_args(arguments)
    try:
        rows = read(asked.manifest)
        files = check_files(rows, asked.folder, besides=asked.manifest)
        chain = check_chain(rows, asked.head)
    except (UnusableError, OSError) as error:
        sys.stderr.write(f"Error: {error}\n")
        return UNUSABLE
    sys.stdout.write(_table(files + chain))
    if chain:
        return CHAIN_BROKEN
    return FILES_DIFFER if any(one.state not in {"ok", "erased"} for one in files) else ALL_WELL


def _compared(row: Row, path: Path) -> Finding:
    size = path.stat().st_size
    if str(size) != row["size_bytes"]:
        return Finding("wrong-size", row["file"], f"{size} bytes instead of {row['size_bytes']}")
    if _digest(path) != row["sha256"]:
        return Finding("changed", row["file"], "its SHA-256 is another")
    return Finding("ok", row["file"])


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _broken(row: Row) -> str | None:
    """Return what is wrong with the entry of a row in itself."""
    if not row["ledger_entry"]:
        return "the ledger does not know its arrival"
    if not (row["ledger_seq"].isdecimal() and row["head_seq"].isdecimal()):
        return "its numbers are none"
    if int(row["ledger_seq"]) > int(row["head_seq"]):
        return "its entry comes after the head"
    sealed = f"{row['previous_hash']}\n{row['ledger_entry']}"
    if hashlib.sha256(sealed.encode()).hexdigest() != row["ledger_hash"]:
        return "its entry has another hash"
    return _of_another(row, json.loads(row["ledger_entry"]))


def _of_another(row: Row, entry: list[str]) -> str | None:
    """Return why an entry is not about the arrival of a row's photo."""
    if (entry[_VERB], entry[_OBJECT]) != ("photo.received", row["photo_id"]):
        return "its entry is of something else"
    if json.loads(entry[_FACTS]).get("sha256") != row["original_sha256"]:
        return "other bytes arrived than it names"
    return None


def _placed(hashes: dict[int, str], seq: str, digest: str, file: str) -> Iterator[Finding]:
    if not seq.isdecimal():
        yield Finding("broken-chain", file, f"{seq} is no number of an entry")
    elif hashes.setdefault(int(seq), digest) != digest:
        yield Finding("broken-chain", file, f"entry {seq} has two hashes")


def _head(text: str) -> tuple[int, str]:
    seq, _, digest = text.partition(":")
    if not seq.isdecimal() or len(digest) != 64:
        raise argparse.ArgumentTypeError("write it as SEQ:HASH")
    return int(seq), digest


def _table(findings: list[Finding]) -> str:
    """Return a line for each file or row that is not well, and the count of each state."""
    wrong = [one for one in findings if one.state != "ok"]
    width = max([len(one.state) for one in wrong], default=0)
    lines = [f"{one.state:<{width}}  {one.file}  {one.detail}".rstrip() for one in wrong]
    counts = sorted(Counter(one.state for one in findings).items())
    lines.append(", ".join(f"{count} {state}" for state, count in counts) or "0 files")
    return "".join(f"{line}\n" for line in lines)


if __name__ == "__main__":
    sys.exit(main())
