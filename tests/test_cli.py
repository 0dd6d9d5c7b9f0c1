"""The operator's commands."""

import hashlib

import pytest
from click.testing import CliRunner

from backend.cli import cli
from backend.evidence.models import PhotoReading
from backend.exchange import manifest_check
from backend.fieldwork.photo_models import Photo
from backend.insight import rollups
from backend.insight.models import VisitFact
from backend.network.models import Person, Region
from backend.platform import blobs, ledger
from backend.platform.database import db, transaction
from backend.schema import MIGRATIONS
from backend.standards.models import ChecklistTemplate
from tests.factories import (
    NOON,
    make_person,
    make_region,
    make_report,
    make_sell_out,
    make_sku,
    make_store,
)
from tests.insight.facts import day, dump, promoted, promotion, visit_on

pytestmark = pytest.mark.usefixtures("storage")


@pytest.fixture
def operator(monkeypatch, operator_environment):
    """Someone at the shell of the server: `operator("migrate")` gives what the command did."""
    monkeypatch.setattr("os.environ", operator_environment)

    def command(*arguments: str, typed: str = ""):
        db.close()
        result = CliRunner().invoke(cli, arguments, input=typed)
        db.connect()
        return result

    return command


def test_help_lists_every_command(operator):
    listed = operator("--help").output

    commands = "run worker migrate demo verify-ledger verify-blobs verify-custody create-user"
    named = [*commands.split(), "install-manual", "rebuild-rollups"]
    assert [] == [command for command in named if f"\n  {command} " not in listed]


def test_a_bad_setting_is_named_and_nothing_starts(operator, operator_environment):
    operator_environment["XUNDIAN_ENVIRONMENT"] = "production"

    result = operator("migrate")

    assert 1 == result.exit_code
    assert "Error: Set XUNDIAN_SECRET_KEY" in result.output


class TestInstallManual:
    def test_puts_the_checklists_of_every_tier_in_force_and_drafts_the_next(self, operator):
        result = operator("install-manual")

        found = ChecklistTemplate.select().order_by(ChecklistTemplate.id)
        in_force = [(each.code, each.version) for each in found if each.published_at]
        drafts = [(each.code, each.version) for each in found if not each.published_at]
        codes = ["signage_city", "signage_county", "signage_town"]
        assert (0, [(code, 1) for code in codes]) == (result.exit_code, sorted(in_force))
        assert [(code, 2) for code in codes] == sorted(drafts)

    def test_changes_nothing_a_second_time(self, operator):
        operator("install-manual")

        again = operator("install-manual")

        assert "the manual's checklists are there already\n" == again.output
        assert 6 == ChecklistTemplate.select().count()


class TestMigrate:
    def test_does_nothing_to_a_schema_that_is_up_to_date(self, operator):
        assert (0, "") == (operator("migrate").exit_code, operator("migrate").output)

    def test_makes_a_new_database(self, operator, operator_environment, tmp_path):
        operator_environment["XUNDIAN_DATABASE_URL"] = f"sqlite:///{tmp_path}/new/new.db"

        names = sorted(path.stem for path in MIGRATIONS.glob("[0-9]*.py"))
        assert [f"applied {name}" for name in names] == operator("migrate").output.splitlines()


@pytest.mark.parametrize(
    "command",
    [
        ["run"],
        ["worker"],
        ["demo", "--preset", "tiny"],
        ["verify-ledger"],
        ["rebuild-rollups"],
        ["verify-blobs"],
        ["create-user", "--login", "a", "--name", "A", "--role", "admin", "--region", "CN"],
    ],
    ids=lambda command: command[0],
)
def test_a_database_without_tables_is_to_be_migrated_first(
    operator, operator_environment, tmp_path, command
):
    operator_environment["XUNDIAN_DATABASE_URL"] = f"sqlite:///{tmp_path}/new.db"

    result = operator(*command)

    assert (1, True) == (result.exit_code, "run `python -m backend migrate` first" in result.output)


class TestDemo:
    def test_names_the_presets_when_asked_for_another(self, operator):
        result = operator("demo", "--preset", "huge")

        assert 1 == result.exit_code
        assert "There is no preset huge; try demo" in result.output

    def test_needs_an_empty_database(self, operator):
        make_person()

        assert 1 == operator("demo").exit_code
        assert 0 == operator("demo", "--if-empty").exit_code

    def test_shows_no_passwords_that_are_not_the_demos(self, operator):
        make_person(login="rep01")

        assert "rep01" not in operator("demo", "--if-empty").output


class TestRebuildRollups:
    def test_comes_to_the_same_tables_byte_for_byte(self, operator):
        store = make_store()
        for number in (1, 9):
            visit = visit_on(number, store)
            make_report(visit, must_listed=1, must_answered=3)
            promoted(visit, promotion(store), is_executed=True)
        make_sell_out(store, make_sku(), on=day(4))
        rollups.rebuild()
        before = dump()
        VisitFact.update(visits=7).where(VisitFact.day == day(1)).execute()

        result = operator("rebuild-rollups")

        assert (0, "9 days are worked out again\n") == (result.exit_code, result.stdout)
        assert before == dump()

    def test_finds_nothing_to_do_in_an_empty_database(self, operator):
        assert "0 days are worked out again\n" == operator("rebuild-rollups").stdout


class TestVerifyLedger:
    def test_prints_the_head(self, operator):
        with transaction():
            ledger.append(None, "thing.done", 1, at=NOON)
        ledger.seal()

        result = operator("verify-ledger")

        assert 0 == result.exit_code
        assert f"1 entries verify; the head is {ledger.head().hash}\n" in result.output

    def test_fails_with_the_reason(self, operator):
        with transaction():
            ledger.append(None, "thing.done", 1, at=NOON)
        ledger.seal()
        db.execute_sql("UPDATE ledger_entry SET verb = 'thing.undone'")

        result = operator("verify-ledger")

        assert 1 == result.exit_code
        assert "Entry 1 does not verify: its hash does not fit." in result.output


def make_photo(content: bytes) -> str:
    """Store a photo's row and bytes and return its SHA-256."""
    sha256 = blobs.put(content)
    person = Person.select().first() or make_person()
    ids = {"visit_id": hashlib.md5(content).hexdigest(), "id": hashlib.md5(content).hexdigest()}
    Photo.create(**ids, person=person, is_declared=False, sha256=sha256)
    return sha256


class TestVerifyBlobs:
    def test_passes_over_what_no_row_names(self, operator):
        make_photo(b"one")
        blobs.put(b"orphan")

        assert "1 blobs are as promised\n" in operator("verify-blobs").output

    def test_lists_what_is_missing_or_changed(self, operator):
        missing, changed, _ = [make_photo(content) for content in (b"one", b"two", b"three")]
        blobs.path_of(missing).unlink()
        blobs.path_of(changed).write_bytes(b"other")

        result = operator("verify-blobs")

        assert 1 == result.exit_code
        assert f"{missing} missing\n" in result.output
        assert f"{changed} changed\n" in result.output
        assert "2 of 3 blobs are not as promised." in result.output

    def test_counts_derivatives_too(self, operator):
        sha256 = make_photo(b"one")
        ids = Photo.select(Photo.visit_id, Photo.id).tuples().get()
        PhotoReading.create(
            visit_id=ids[0],
            photo_id=ids[1],
            sha256=sha256,
            received_at=NOON,
            thumbnail_sha256="0" * 64,
        )

        assert f"{'0' * 64} missing" in operator("verify-blobs").output

    def test_does_not_miss_originals_whose_retention_ended(self, operator):
        sha256 = make_photo(b"one")
        blobs.path_of(sha256).unlink()
        Photo.update(original_erased_at=NOON).execute()

        assert "0 blobs are as promised\n" in operator("verify-blobs").output


class TestVerifyCustody:
    def test_needs_no_database(self, operator, operator_environment, tmp_path):
        operator_environment["XUNDIAN_DATABASE_URL"] = "nonsense"
        manifest = tmp_path / "photos.csv"
        manifest.write_text(",".join(manifest_check.COLUMNS))

        folder = tmp_path / "photos"
        folder.mkdir()
        result = operator("verify-custody", str(manifest), str(folder))

        assert (0, "0 files\n") == (result.exit_code, result.output)


class TestCreateUser:
    WHO = ("--login", "han", "--name", "韩梅梅", "--role", "manager")

    def test_enrols_someone_and_makes_a_password(self, operator):
        make_region(code="HN")

        result = operator("create-user", *self.WHO, "--region", "HN")

        assert 0 == result.exit_code
        assert "han can sign in with the password " in result.output
        assert ("han", "manager") == (Person.get().login, Person.get().role)

    def test_asks_for_what_was_left_out(self, operator):
        make_region(code="HN")

        result = operator("create-user", "--password", "s3cret", typed="han\n韩梅梅\nrep\nHN\n")

        assert "han can sign in\n" in result.output

    def test_plants_the_first_region(self, operator):
        operator("create-user", *self.WHO, "--region", "CN")

        assert ["CN"] == [region.code for region in Region.select()]

    def test_refuses_an_unknown_region_and_a_taken_login(self, operator):
        make_region(code="HN")
        operator("create-user", *self.WHO, "--region", "HN")

        taken = operator("create-user", *self.WHO, "--region", "HN")
        lost = operator("create-user", *self.WHO, "--region", "XX")

        assert (1, 1) == (taken.exit_code, lost.exit_code)
        assert "Somebody already signs in as han." in taken.output
        assert "There is no region with the code XX." in lost.output
