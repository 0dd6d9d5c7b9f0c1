"""What a CSV file looks like, byte for byte, the same on both engines."""

import csv
import errno
from datetime import UTC, date, datetime
from io import StringIO

import pytest
from peewee import SQL

from backend.exchange import cells, csvfile
from backend.exchange.cells import Cell
from backend.exchange.csvfile import Rendered
from backend.fieldwork.models import Visit
from backend.fieldwork.violation_models import Violation
from backend.platform.database import db, is_sqlite, snapshot
from backend.platform.errors import StorageFullError
from backend.standards.codes import VisitType
from tests.factories import make_visit
from tests.threads import at_once

pytestmark = pytest.mark.usefixtures("app")
HARMFUL = ["=1+1", "+86", "-1", "@SUM(A1)", "\tx", "\rx", "\nx", "＝1", "＋1", "－1", "＠x"]
HARMLESS = ["1=1", "a-b", "五一路", "'=1", "(=1)", "3", "1.5", '"=1"', ",=1"]


def cell_of(cell: Cell, field, *, chinese: bool = True) -> str:
    """Return the line of the one stored visit as one cell."""
    rendered = Rendered("x", cell.render(field, chinese), cell.is_text)
    made = csvfile.write_query(Visit.select(), [rendered], bom=False)
    with made.file as file:
        header, _, line = file.read().decode().partition("\r\n")
    assert ('"x"', 1) == (header, made.rows)
    return line.removesuffix("\r\n")


class TestTexts:
    @pytest.mark.parametrize("space", ["", " ", "  ", "\u3000", "\u00a0", "\u3000 \ufeff"])
    @pytest.mark.parametrize("typed", HARMFUL)
    def test_that_a_spreadsheet_would_run_are_neutralised(self, typed, space):
        make_visit(unplanned_reason=space + typed)

        assert f'"\'{space}{typed}"' == cell_of(cells.text, Visit.unplanned_reason)
        assert f'"\'{space}{typed}"\r\n'.encode() == csvfile.line_of([space + typed])

    @pytest.mark.parametrize("typed", [*HARMLESS, "", "a\nb", "a\r\nb", "䶮", "😀", "%s", "\\."])
    def test_that_are_harmless_stay_as_they_are(self, typed):
        make_visit(unplanned_reason=typed)
        doubled = typed.replace('"', '""')

        line = cell_of(cells.text, Visit.unplanned_reason)

        assert f'"{doubled}"' == line
        assert [[typed]] == list(csv.reader(StringIO(line, newline="")))
        assert f'"{doubled}"\r\n'.encode() == csvfile.line_of([typed])

    def test_that_are_missing_are_empty(self):
        make_visit(unplanned_reason=None)

        assert '""' == cell_of(cells.text, Visit.unplanned_reason)

    @pytest.mark.parametrize(
        ("kept", "shown"), [("[]", '""'), ('["a"]', '"a"'), ('["a","b"]', '"a;b"')]
    )
    def test_can_be_lists_of_codes(self, kept, shown):
        make_visit(unplanned_reason=kept)

        assert shown == cell_of(cells.codes, Visit.unplanned_reason)

    def test_can_be_labels(self):
        make_visit(kind="full_audit")

        assert '"全面检查"' == cell_of(cells.label(VisitType), Visit.kind)
        assert '"full audit"' == cell_of(cells.label(VisitType), Visit.kind, chinese=False)


class TestNumbers:
    @pytest.mark.parametrize(
        ("kept", "shown"),
        [
            (28.1951, "28.1951"),
            (28.0, "28"),
            (0.0, "0"),
            (None, ""),
            (112.12345650000001, "112.123457"),
            (-3.25, "-3.25"),
            (-0.0000001, "0"),
            (0.1 + 0.2, "0.3"),
            (123456.123456, "123456.123456"),
        ],
    )
    def test_are_rounded_and_never_quoted(self, kept, shown):
        make_visit(accuracy_m=kept)

        assert shown == cell_of(cells.decimal(6), Visit.accuracy_m)

    @pytest.mark.parametrize(
        ("tenths", "shown"), [(0.05, "0.1"), (0.15, "0.2"), (0.25, "0.3"), (-0.25, "-0.3")]
    )
    def test_round_ties_away_from_zero(self, tenths, shown):
        make_visit(accuracy_m=tenths)

        assert shown == cell_of(cells.decimal(1), Visit.accuracy_m)

    @pytest.mark.parametrize(
        ("fen", "shown"), [(129900, "1299.00"), (5, "0.05"), (-1234, "-12.34"), (None, "")]
    )
    def test_of_money_are_in_yuan(self, fen, shown):
        make_visit(elapsed_ms=fen)

        assert shown == cell_of(cells.yuan, Visit.elapsed_ms)

    def test_at_hand_are_not_quoted_either(self):
        row = [1, 0.5, None, date(2026, 3, 2), "-1"]

        assert b'1,0.500000,,2026-03-02,"\'-1"\r\n' == csvfile.line_of(row)


class TestOthers:
    @pytest.mark.parametrize(
        ("at", "shown"),
        [
            (datetime(2026, 3, 1, 16, tzinfo=UTC), "2026-03-02 00:00:00"),
            (datetime(2026, 3, 2, 4, 0, 59, 999999, tzinfo=UTC), "2026-03-02 12:00:59"),
            (datetime(2026, 3, 2, 4, 0, 0, 500000, tzinfo=UTC), "2026-03-02 12:00:00"),
            (None, ""),
        ],
    )
    def test_instants_are_beijing_time_to_the_second(self, at, shown):
        make_visit(checked_out_at=at)

        assert shown == cell_of(cells.instant, Visit.checked_out_at)

    @pytest.mark.parametrize(("kept", "shown"), [(True, "是"), (False, "否"), (None, "")])
    def test_flags_are_words(self, kept, shown):
        make_visit(is_mock=kept)

        assert shown == cell_of(cells.yes_no, Visit.is_mock)

    def test_identifiers_have_their_dashes(self):
        visit = make_visit()

        assert str(visit.id) == cell_of(cells.identifier, Visit.id)
        assert "" == cell_of(cells.identifier, SQL("NULL"))

    def test_days_are_iso(self):
        make_visit()

        assert "2026-03-02" == cell_of(cells.plain, Visit.business_on)


class TestFailures:
    def test_leave_no_file_when_the_query_breaks(self, tmp_path):
        make_visit()
        broken = Rendered("x", SQL("no_such_column"), is_text=False)

        with pytest.raises(Exception, match="no_such_column"):
            csvfile.write_query(Visit.select(), [broken], bom=False)

        assert [] == [path for path in tmp_path.rglob("*") if path.name.startswith("tmp")]

    def test_leave_no_file_when_the_rows_break(self):
        def rows():
            yield ["one"]
            raise OSError(errno.ENOSPC, "No space left on device")

        with pytest.raises(StorageFullError):
            csvfile.write_rows(["x"], rows(), bom=True)

    def test_that_have_nothing_to_do_with_room_stay_what_they_are(self):
        def rows():
            yield ["one"]
            raise OSError(errno.EBADF, "Bad file descriptor")

        with pytest.raises(OSError, match="Bad file"):
            csvfile.write_rows(["x"], rows(), bom=True)


def test_an_empty_file_is_a_header_alone():
    rendered = Rendered("编号", Violation.id, is_text=False)

    made = csvfile.write_query(Violation.select(), [rendered], bom=True)

    with made.file as file:
        assert '\ufeff"编号"\r\n'.encode() == file.read()
    assert (0, 13) == (made.rows, made.size)


def test_a_snapshot_does_not_see_what_is_written_meanwhile():
    make_visit()

    with snapshot():
        before = Visit.select().count()
        at_once(1, make_visit)
        during = Visit.select().count()

    assert (1, 1, 2) == (before, during, Visit.select().count())


def test_an_export_gives_the_cache_back_that_it_did_without():
    def cached() -> object:
        return db.execute_sql("PRAGMA cache_size").fetchone() if is_sqlite() else None

    before = cached()
    visit = make_visit()

    assert str(visit.id) == cell_of(cells.identifier, Visit.id).strip('"')
    assert before == cached()
