"""Checking an exported manifest against files on a disk, without the server."""

import ast
import csv
import io
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from backend.exchange import exports, manifest_check
from backend.exchange.exports import Wanted
from backend.fieldwork import photos
from backend.fieldwork.photo_models import Photo
from backend.insight.windows import Window
from backend.network.models import Person
from backend.platform import blobs, ledger
from backend.platform.actors import Role
from tests.factories import (
    TODAY,
    actor_of,
    make_dealer,
    make_person,
    make_photo,
    make_store,
    make_visit,
)
from tests.pictures import phone_jpeg

SCRIPT = Path(manifest_check.__file__)
AT = datetime(2026, 3, 2, 4, tzinfo=UTC)
WEEK = Wanted(window=Window(TODAY, TODAY + timedelta(days=7)))


@pytest.fixture
def folder(storage, tmp_path) -> Path:  # noqa: ARG001
    """Three photos that arrived, and their manifest, as they leave the server."""
    visit = make_visit(make_store(make_dealer(name="=恒信/通讯"), name="王府井 旗舰店"), at=AT)
    actor = actor_of(Person.get_by_id(visit.person_id))
    for seed in range(3):
        content = phone_jpeg(seed, (64, 48))
        photos.receive(
            actor,
            visit.id,
            UUID(int=(seed + 1) << 96, version=4),
            [content],
            length=len(content),
            declared_sha256=None,
            media_type="image/jpeg",
            at=AT + timedelta(minutes=seed),
        )
    return taken_away(tmp_path / "taken")


def taken_away(folder: Path) -> Path:
    """Put the manifest of a week, and its files, into a folder."""
    folder.mkdir()
    made = exports.make(actor_of(make_person(Role.ADMIN)), "photo_manifest", WEEK, at=AT)
    with made.csv.file as file:
        (folder / "photos.csv").write_bytes(file.read())
    for row in rows_of(folder):
        if not row["erased_at"]:
            shutil.copy(blobs.path_of(row["sha256"]), folder / row["file"])
    return folder


def rows_of(folder: Path) -> list[dict[str, str]]:
    return manifest_check.read(folder / "photos.csv")


def rewrite(folder: Path, number: int, **changes: str) -> None:
    """Change cells of one row of the manifest."""
    rows = rows_of(folder)
    rows[number] |= changes
    text = io.StringIO()
    writer = csv.DictWriter(text, manifest_check.COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    (folder / "photos.csv").write_text(text.getvalue(), encoding="utf-8")


def check(folder: Path, *options: str) -> int:
    return manifest_check.main([str(folder / "photos.csv"), str(folder), *options])


def files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.jpg"))


def test_what_was_taken_away_is_as_the_manifest_says(folder, capsys):
    assert manifest_check.ALL_WELL == check(folder)
    assert "3 ok\n" == capsys.readouterr().out


def test_files_have_readable_names(folder):
    short = sorted(photo.id.hex[:8] for photo in Photo.select())

    names = [path.stem.split("_") for path in files(folder)]

    assert [["恒信-通讯", "王府井-旗舰店", "20260302", "unknown", each] for each in short] == names


def test_names_a_file_of_which_one_byte_changed(folder, capsys):
    victim = files(folder)[1]
    content = bytearray(victim.read_bytes())
    content[-1] ^= 1
    victim.write_bytes(content)

    assert manifest_check.FILES_DIFFER == check(folder)
    assert f"changed  {victim.name}  its SHA-256 is another\n1 changed, 2 ok\n" == (
        capsys.readouterr().out
    )


def test_names_what_is_missing_renamed_longer_and_too_much(folder, capsys):
    missing, renamed, longer = files(folder)
    missing.unlink()
    renamed.rename(folder / "IMG_0001.jpg")
    size = longer.stat().st_size
    longer.write_bytes(longer.read_bytes() + b"x")
    (folder / "sub").mkdir()
    (folder / "sub" / "more.txt").write_text("?")

    assert manifest_check.FILES_DIFFER == check(folder)
    lines = capsys.readouterr().out.splitlines()
    assert {
        f"missing     {missing.name}",
        f"renamed     {renamed.name}  is there as IMG_0001.jpg",
        f"wrong-size  {longer.name}  {size + 1} bytes instead of {size}",
        "extra       sub/more.txt  is not in the manifest",
    } == set(lines[:-1])
    assert "1 extra, 1 missing, 1 renamed, 1 wrong-size" == lines[-1]


def test_explains_what_was_erased_on_purpose(storage, tmp_path, capsys):  # noqa: ARG001
    visit = make_visit(at=AT)
    content = b"photo"
    photos.receive(
        actor_of(Person.get_by_id(visit.person_id)),
        visit.id,
        uuid4(),
        [content],
        length=5,
        declared_sha256=None,
        media_type="image/jpeg",
        at=AT,
    )
    Photo.update(original_erased_at=AT).execute()

    assert manifest_check.ALL_WELL == check(taken_away(tmp_path / "taken"))
    assert "on 2026-03-02T04:00:00+00:00\n1 erased\n" in capsys.readouterr().out


def test_a_photo_the_ledger_does_not_know_proves_nothing(storage, tmp_path):  # noqa: ARG001
    make_photo(make_visit(at=AT), b"smuggled in")

    assert manifest_check.CHAIN_BROKEN == check(taken_away(tmp_path / "taken"))


class TestChain:
    @pytest.mark.parametrize(
        ("changes", "why"),
        [
            ({"ledger_hash": "0" * 64}, "its entry has another hash"),
            ({"previous_hash": "1" * 64}, "its entry has another hash"),
            ({"photo_id": "5"}, "its entry is of something else"),
            ({"original_sha256": "0" * 64}, "other bytes arrived than it names"),
            ({"ledger_seq": "99"}, "its entry comes after the head"),
            ({"ledger_seq": "x"}, "its numbers are none"),
            ({"ledger_seq": "1"}, "entry 1 has two hashes"),
            ({"ledger_entry": ""}, "the ledger does not know its arrival"),
            ({"head_hash": "0" * 64}, "the rows name different heads"),
            ({"head_seq": "x"}, "x is no number of an entry"),
        ],
    )
    def test_a_row_that_was_tampered_with_breaks_it(self, folder, capsys, changes, why):
        rewrite(folder, 2, **changes)

        assert manifest_check.CHAIN_BROKEN == check(folder)
        assert why in capsys.readouterr().out

    def test_swapping_file_and_hash_together_does_not_help(self, folder):
        victim = files(folder)[0]
        victim.write_bytes(phone_jpeg(9))
        number = [row["file"] for row in rows_of(folder)].index(victim.name)
        digest = blobs.digest_of(victim)
        size = str(victim.stat().st_size)
        rewrite(folder, number, sha256=digest, original_sha256=digest, size_bytes=size)

        assert manifest_check.CHAIN_BROKEN == check(folder)

    def test_fits_the_head_that_was_noted_at_the_export(self, folder):
        (head,) = {f"{row['head_seq']}:{row['head_hash']}" for row in rows_of(folder)}

        assert manifest_check.ALL_WELL == check(folder, "--head", head)

    def test_a_head_that_was_noted_with_another_hash_breaks_it(self, folder):
        (seq,) = {row["head_seq"] for row in rows_of(folder)}

        assert manifest_check.CHAIN_BROKEN == check(folder, "--head", f"{seq}:{'0' * 64}")

    def test_does_not_reach_beyond_the_head_that_was_noted(self, folder, capsys):
        first = ledger.read(0, 1)[0]

        assert manifest_check.CHAIN_BROKEN == check(folder, "--head", f"1:{first.hash}")
        assert "the head is later than 1" in capsys.readouterr().out


class TestUnusable:
    @pytest.mark.parametrize(
        ("content", "why"),
        [
            (b"a,b\n1,2\n", "lacks the columns day, dealer"),
            (b"\xff\xfe", "cannot be read"),
            (",".join(manifest_check.COLUMNS).encode() + b"\n1,2\n", "shorter or longer"),
            (b'a,"b\n', "cannot be read"),
        ],
    )
    def test_manifests_are_named(self, tmp_path, capsys, content, why):
        (tmp_path / "photos.csv").write_bytes(content)

        assert manifest_check.UNUSABLE == check(tmp_path)
        assert why in capsys.readouterr().err

    def test_paths_are_named(self, folder, capsys):
        manifest = str(folder / "photos.csv")

        assert manifest_check.UNUSABLE == manifest_check.main([manifest, str(folder / "no")])
        assert manifest_check.UNUSABLE == manifest_check.main([str(folder / "no.csv"), str(folder)])
        assert "is no folder" in capsys.readouterr().err

    @pytest.mark.parametrize("head", ["12", "x:" + "0" * 64])
    def test_heads_are_refused(self, folder, head):
        with pytest.raises(SystemExit) as stopped:
            check(folder, "--head", head)

        assert 2 == stopped.value.code


class TestAlone:
    def test_it_needs_the_standard_library_only(self):
        modules = set()
        for node in ast.walk(ast.parse(SCRIPT.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                modules |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                modules.add(node.module)

        assert set(sys.stdlib_module_names) >= {name.split(".")[0] for name in modules}

    def test_it_works_as_one_file_on_another_machine(self, folder, tmp_path):
        script = shutil.copy(SCRIPT, tmp_path / "check.py")
        files(folder)[0].unlink()

        done = subprocess.run(
            [sys.executable, "-I", script, folder / "photos.csv", folder],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env={"PYTHONIOENCODING": "utf-8"},
            check=False,
        )

        assert (1, "1 missing, 2 ok") == (done.returncode, done.stdout.splitlines()[-1])

    def test_the_command_touches_no_database(self, folder, tmp_path):
        program = [sys.executable, "-X", "importtime", "-m", "backend"]
        done = subprocess.run(
            [*program, "verify-custody", folder / "photos.csv", folder],
            capture_output=True,
            text=True,
            cwd=SCRIPT.parents[2],
            env={"XUNDIAN_UPLOAD_DIR": str(tmp_path / "never")},
            check=False,
        )

        assert (0, "3 ok\n") == (done.returncode, done.stdout)
        assert "peewee" not in done.stderr
        assert not (tmp_path / "never").exists()
