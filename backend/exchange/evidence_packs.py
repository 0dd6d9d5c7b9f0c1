"""Evidence packs: what a price case stands on, in one file that proves itself.

A ZIP without compression, whose entries bear one fixed date and stand in one order, so that the
same content gives the same bytes. It is written whole before anyone is told that it exists.
"""

from __future__ import annotations

import base64
import hashlib
import shutil
from dataclasses import dataclass
from datetime import datetime
from io import BufferedRandom, BytesIO
from pathlib import Path
from typing import IO, Any
from uuid import UUID
from zipfile import ZIP_STORED, ZipFile, ZipInfo

import orjson
from peewee import JOIN, Expression

from backend.evidence import custody
from backend.evidence.models import PhotoReading
from backend.exchange import csvfile, manifests
from backend.fieldwork import price_cases
from backend.fieldwork.photo_models import Photo
from backend.platform import blobs, clock, ledger
from backend.platform.actors import Actor, Permission
from backend.platform.database import snapshot, transaction
from backend.platform.ledger import GENESIS, Head
from backend.platform.models import LedgerEntry

_EPOCH = (1980, 1, 1, 0, 0, 0)
_UNIX = 3
_READABLE = 0o644 << 16


@dataclass(frozen=True, slots=True)
class Pack:
    """A finished file, open at its beginning, and the ledger's head once it is on record."""

    file: BufferedRandom
    size: int
    sha256: str
    head: Head

    @property
    def digest(self) -> str:
        """The Repr-Digest field of RFC 9530."""
        return f"sha-256=:{base64.b64encode(bytes.fromhex(self.sha256)).decode()}:"


def make(actor: Actor, case_id: UUID, *, at: datetime) -> Pack:
    """Write the pack of a price case the actor may see.

    Raises NotFoundError, or StorageFullError when there is no room for the file.
    """
    ledger.seal_all()
    with csvfile.whole_or_nothing() as file:
        with snapshot():
            case = price_cases.get(actor, case_id, today=clock.business_date(at))
            del case["state"]  # it may be another tomorrow, with nothing changed
            variant = "original" if actor.may(Permission.PHOTO_ORIGINAL) else "display"
            photos = _photos(case, variant)
            extract = _extract(case)
        _write(file, case, extract, photos, variant)
        size = file.tell()
        file.seek(0)
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(0)
        with transaction():
            for photo in photos:
                if photo["left_out"] is None and variant == "original":
                    custody.opened(actor, photo["photo_id"], photo["visit_id"], by="pack", at=at)
            ledger.append(
                actor, "evidence_pack.made", case_id, at=at, sha256=sha256, size_bytes=size
            )
        ledger.seal()
        return Pack(file, size, sha256, ledger.head())


def _photos(case: dict[str, Any], variant: str) -> list[dict[str, Any]]:
    """Return the case's photos with the file of each, `original` or `display`, or why none."""
    named = [(proof["visit_id"], proof["photo_id"]) for proof in case["proofs"]]
    if case["reply"] and case["reply"]["photo"]:
        named.append((case["reply"]["photo"]["visit_id"], case["reply"]["photo"]["photo_id"]))
    rows = (
        Photo.select(Photo, PhotoReading)
        .join(
            PhotoReading,
            JOIN.LEFT_OUTER,
            on=(PhotoReading.visit_id == Photo.visit_id)
            & (PhotoReading.photo_id == Photo.id)
            & (PhotoReading.sha256 == Photo.sha256),
            attr="reading",
        )
        .where(Photo.id.in_([photo_id for _, photo_id in named]))
        .order_by(Photo.visit_id, Photo.id)
    )
    held = [photo for photo in rows if (photo.visit_id, photo.id) in named]
    told = {row["photo_id"]: row for row in manifests.of_photos(photo.id for photo in held)}
    return [_file_of(photo, told[photo.id], variant) for photo in held]


def _file_of(photo: Photo, told: dict[str, Any], variant: str) -> dict[str, Any]:
    reading: PhotoReading | None = getattr(photo, "reading", None)
    is_original = variant == "original"
    sha256 = photo.sha256 if is_original else reading and reading.display_sha256
    why: str | None = photo.quarantine_reason
    if why is None and is_original and photo.original_erased_at is not None:
        why = "erased"
    if why is None and sha256 is None:
        why = "not_read_yet" if reading is None else "erased"
    if why is None:
        ((_, why),) = custody.verify([str(sha256)])
    if why is None and not is_original:
        size = blobs.path_of(str(sha256)).stat().st_size
        told |= {"file_sha256": sha256, "file_bytes": size, "original_erased_at": None}
    return {
        "visit_id": photo.visit_id,
        "photo_id": photo.id,
        "variant": variant,
        "original_sha256": photo.sha256,
        "sha256": sha256,
        "path": f"photos/{manifests.file_name(told)}",
        "told": told,
        "left_out": why,
    }


def _extract(case: dict[str, Any]) -> dict[str, Any]:
    """Return every sealed entry about the case, its visits and photos, and the last as `head`."""
    case_id = str(case["id"])
    visits = {str(seen["id"]) for seen in case["sightings"]}
    photos = {str(proof["photo_id"]) for proof in case["proofs"]}
    if case["reply"] and case["reply"]["photo"]:
        visits.add(str(case["reply"]["photo"]["visit_id"]))
        photos.add(str(case["reply"]["photo"]["photo_id"]))
    about = (
        _of("violation", {case_id})
        | _of("price_case", {case_id})
        | _of("visit", visits)
        | _of("imei_sighting", visits)
        | (_of("photo", photos) & (LedgerEntry.verb != custody.OPENED))
        | _of("audit", visits | photos)
    )
    undisclosed = custody.undisclosed(
        [UUID(each) for each in visits], [UUID(each) for each in photos]
    )
    earlier = LedgerEntry.alias()
    entries = (
        LedgerEntry.select(LedgerEntry, earlier.hash.alias("previous_hash"))
        .join(earlier, JOIN.LEFT_OUTER, on=earlier.seq == LedgerEntry.seq - 1)
        .where(about, LedgerEntry.seq.is_null(False), ~undisclosed)
        .order_by(LedgerEntry.seq)
        .dicts()
    )
    rows: list[Any] = list(entries)
    shown = [{**row, "previous_hash": row["previous_hash"] or GENESIS} for row in rows]
    last = shown[-1] if shown else {"seq": 0, "hash": GENESIS}
    return {"head": {"seq": last["seq"], "hash": last["hash"]}, "entries": shown}


def _of(kind: str, ids: set[str]) -> Expression:
    condition: Expression = (LedgerEntry.object == kind) & LedgerEntry.object_id.in_(sorted(ids))
    return condition


def _write(
    file: BufferedRandom,
    case: dict[str, Any],
    extract: dict[str, Any],
    photos: list[dict[str, Any]],
    variant: str,
) -> None:
    held = [photo for photo in photos if photo["left_out"] is None]
    told = {photo["path"]: photo.pop("told") for photo in photos}
    documents = {
        "case.json": _json(case),
        "ledger.json": _json(extract),
        "photos.csv": _manifest([told[photo["path"]] for photo in held], Head(**extract["head"])),
    }
    files = [
        {"path": path, "sha256": hashlib.sha256(content).hexdigest(), "size_bytes": len(content)}
        for path, content in documents.items()
    ]
    for photo in held:
        size = blobs.path_of(photo["sha256"]).stat().st_size
        files.append(photo | {"size_bytes": size})
    for one in files:
        one.pop("left_out", None)
    manifest = {
        "case_id": case["id"],
        "photos_as": variant,
        "ledger_head": extract["head"],
        "files": files,
        "left_out": [photo for photo in photos if photo["left_out"] is not None],
    }
    with ZipFile(file, "w", ZIP_STORED) as pack:
        for path, content in {"manifest.json": _json(manifest), **documents}.items():
            _add(pack, path, BytesIO(content), len(content))
        for photo in held:
            place: Path = blobs.path_of(photo["sha256"])
            with place.open("rb") as source:
                _add(pack, photo["path"], source, place.stat().st_size)


def _manifest(photos: list[dict[str, Any]], head: Head) -> bytes:
    lines = map(csvfile.line_of, [manifests.HEADER, *manifests.rows(photos, head)])
    return csvfile.BOM + b"".join(lines)


def _add(pack: ZipFile, path: str, source: IO[bytes], size: int) -> None:
    entry = ZipInfo(path, _EPOCH)
    entry.create_system, entry.external_attr, entry.file_size = _UNIX, _READABLE, size
    with pack.open(entry, "w") as target:
        shutil.copyfileobj(source, target, blobs.CHUNK)


def _json(document: dict[str, Any]) -> bytes:
    options = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z
    return orjson.dumps(document, option=options | orjson.OPT_APPEND_NEWLINE)
