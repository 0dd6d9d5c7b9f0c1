"""The records behind what cases, complaints, cards and archives give."""

from __future__ import annotations

from collections.abc import Mapping

from backend.insight.asked import Asked
from backend.insight.case_sources import (
    CASE_SOURCES,
    acted_upon,
    cards,
    closed,
    ended,
    first_seen,
    inspected,
)
from backend.insight.dialect import local_day
from backend.insight.figures import CHECKS
from backend.insight.recorded import SEEN_AT, RecordKind, Records, as_they_are, labels
from backend.insight.statements import Sql, sql, within

_OPENED = labels(RecordKind.VIOLATION, "f.id", "f.opened_on", "f.opened_by_id", "f.kind")


def _violations(asked: Asked) -> Sql:
    """Return the violations of the window, and the visits and looks that could find any."""
    visit = labels(SEEN_AT, "f.visit_id", "f.day", "f.person_id")
    look = labels(RecordKind.INSPECTION, "f.id", "f.day", "f.person_id")
    checks = " + ".join(f"COALESCE(f.{measure}, 0)" for measure in CHECKS.values())
    return sql(
        "{found} UNION ALL {checked} UNION ALL {looked}",
        found=asked.listed(
            "violation", first_seen(asked), f"{_OPENED}, 1 AS violations, 0 AS checks"
        ),
        checked=asked.listed(
            "visit_fact", within("f.day", asked.window), f"{visit}, 0, {checks}", by_person=True
        ),
        looked=asked.listed(inspected(asked), "1 = 1", f"{look}, 0, 1", by_person=True),
    )


def _repeats(asked: Asked) -> Sql:
    where, again = closed(asked)
    day = local_day("f.resolved_at")
    named = labels(RecordKind.VIOLATION, "f.id", day, "f.opened_by_id", "f.kind")
    return asked.listed("violation", where, f"{named}, 1 AS closed, {again} AS repeats")


def _resolved(asked: Asked) -> Sql:
    day = local_day("f.resolved_at")
    violation = labels(RecordKind.VIOLATION, "f.id", day, "f.opened_by_id", "f.kind")
    complaint = labels(RecordKind.COMPLAINT, "f.id", day, "f.recorded_by_id", "f.category")
    return sql(
        "SELECT ended.*, 1 AS cases, took / 3600.0 AS hours FROM ({cases}) AS ended",
        cases=ended(asked, f"{violation}, ", f"{complaint}, "),
    )


def _answered(asked: Asked) -> Sql:
    cases, where, took = acted_upon(asked)
    columns = labels("f.kind", "f.id", local_day("f.acted_at"))
    return asked.listed(cases, where, f"{columns}, 1 AS cases, {took} / 3600.0 AS hours")


def _cards(asked: Asked) -> Sql:
    columns = labels(RecordKind.CARD, "f.id", "f.given_on", "f.recorded_by_id")
    return asked.listed(cards(asked), "1 = 1", f"{columns}, f.score")


_ASSESSED = labels(RecordKind.ASSESSMENT, "f.id", "f.assessed_on", "f.person_id")
_STORE = labels(RecordKind.STORE, "f.store_id")

CASE_RECORDS: Mapping[str, Records] = {
    "violations": Records(_violations),
    "repeats": Records(_repeats),
    "resolved": Records(_resolved),
    "answered": Records(_answered),
    "cards": Records(_cards, is_sum=False),
    "archive": Records(as_they_are(CASE_SOURCES["archive"], _STORE, "f.filled, f.required")),
    "push": Records(as_they_are(CASE_SOURCES["push"], _ASSESSED, "f.pushing, f.answered")),
}
