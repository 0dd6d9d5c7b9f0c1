"""The records behind what cases, complaints, cards and archives give."""

from __future__ import annotations

from collections.abc import Mapping

from backend.insight.asked import Asked, Statement
from backend.insight.case_sources import CASE_SOURCES, acted_upon, cards, closed, ended
from backend.insight.dialect import local_day
from backend.insight.figures import CHECKS
from backend.insight.recorded import SEEN_AT, RecordKind, Records, as_they_are, labels

_OPENED = labels(RecordKind.VIOLATION, "f.id", "f.opened_on", "f.opened_by_id", "f.kind")


def _violations(asked: Asked, sql: Statement) -> str:
    """Return the violations of the window, and the visits with checks that could find any."""
    where = f"{sql.within('f.opened_on', asked.window)} AND f.retracted_at IS NULL"
    where += " AND f.dealer_id IS NOT NULL"
    found = sql.listed(asked, "violation", where, f"{_OPENED}, 1 AS violations, 0 AS checks")
    visit = labels(SEEN_AT, "f.visit_id", "f.day", "f.person_id")
    checks = " + ".join(f"COALESCE(f.{measure}, 0)" for measure in CHECKS.values())
    where = sql.within("f.day", asked.window)
    checked = sql.listed(asked, "visit_fact", where, f"{visit}, 0, {checks}", by_person=True)
    return f"{found} UNION ALL {checked}"


def _ended() -> str:
    day = local_day("f.resolved_at")
    return labels(RecordKind.VIOLATION, "f.id", day, "f.opened_by_id", "f.kind")


def _repeats(asked: Asked, sql: Statement) -> str:
    where, again = closed(asked, sql)
    return sql.listed(asked, "violation", where, f"{_ended()}, 1 AS closed, {again} AS repeats")


def _resolved(asked: Asked, sql: Statement) -> str:
    where, took = ended(asked, sql)
    columns = f"{_ended()}, 1 AS cases, {took} / 3600.0 AS hours"
    return sql.listed(asked, "violation", where, columns)


def _answered(asked: Asked, sql: Statement) -> str:
    cases, where, took = acted_upon(asked, sql)
    columns = labels("f.kind", "f.id", local_day("f.acted_at"))
    return sql.listed(asked, cases, where, f"{columns}, 1 AS cases, {took} / 3600.0 AS hours")


def _cards(asked: Asked, sql: Statement) -> str:
    columns = labels(RecordKind.CARD, "f.id", "f.given_on", "f.recorded_by_id")
    return sql.listed(asked, cards(asked, sql), "1 = 1", f"{columns}, f.score")


_ASSESSED = labels(RecordKind.ASSESSMENT, "f.id", "f.assessed_on", "f.person_id")
_STORE = labels(RecordKind.STORE, "f.store_id")

CASE_RECORDS: Mapping[str, Records] = {
    "violations": Records(_violations),
    "repeats": Records(_repeats),
    "resolved": Records(_resolved),
    "answered": Records(_answered),
    "cards": Records(_cards, is_sum=False),
    "archive": Records(as_they_are(CASE_SOURCES["archive"], _STORE, "f.share")),
    "push": Records(as_they_are(CASE_SOURCES["push"], _ASSESSED, "f.pushing, f.answered")),
}
