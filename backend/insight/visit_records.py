"""The records behind what visits and plans give."""

from __future__ import annotations

from collections.abc import Mapping

from backend.insight.asked import Asked
from backend.insight.dialect import text
from backend.insight.enrolments import enrolled
from backend.insight.recorded import SEEN_AT, RecordKind, Records, as_they_are, labels
from backend.insight.statements import Sql, sql, within
from backend.insight.visit_sources import FLOWS, VISIT_SOURCES, made, planned, scored

_VISIT = labels(RecordKind.VISIT, "f.visit_id", "f.day", "f.person_id")
_FLOW = labels(SEEN_AT, "f.visit_id", "f.day", "f.person_id")


def _visits(asked: Asked) -> Sql:
    columns = ", ".join([_FLOW, *(f"f.{name}" for name in FLOWS)])
    return asked.listed("visit_fact", within("f.day", asked.window), columns, by_person=True)


def _coverage(asked: Asked) -> Sql:
    """Return the active stores, and the visits to them."""
    return sql(
        "SELECT a.k, a.store_id, {store}, a.due, a.visits, a.is_visited, 0 AS made "
        "FROM ({stores}) a UNION ALL "
        "SELECT v.k, v.store_id, v.kind, v.id, v.day, v.person_id, v.subject, b.due, b.visits, "
        "b.is_visited, 1 FROM ({stores}) b JOIN ({made}) v "
        "ON v.k = b.k AND v.store_id = b.store_id",
        store=labels(RecordKind.STORE, "a.store_id"),
        stores=VISIT_SOURCES["coverage"](asked),
        made=asked.listed("visit_fact", made(asked), _VISIT),
    )


def _promotions(asked: Asked) -> Sql:
    """Return of each enrolment the visit that decides: the last one that saw most of it."""
    named = labels(RecordKind.PROMOTION, "f.visit_id", "f.day", "f.person_id", "f.promotion_id")
    return sql(
        "SELECT f.k, f.store_id, {named}, f.executed, 1 AS visited FROM (SELECT each_of.*, "
        "ROW_NUMBER() OVER (PARTITION BY k, store_id, promotion_id "
        "ORDER BY executed DESC, checked DESC, day DESC, visit_id) AS place "
        "FROM ({visits}) AS each_of) AS f WHERE f.place = 1",
        named=named,
        visits=enrolled(asked),
    )


def _state(name: str, *measures: str) -> Records:
    shown = ", ".join(f"f.{measure}" for measure in measures)
    return Records(as_they_are(VISIT_SOURCES[name], _VISIT, shown))


_PLANNED = labels(RecordKind.PLAN_ENTRY, "f.id", "f.planned_on", "f.person_id")
_SURVEY = labels(RecordKind.SURVEY, "f.id", "f.seen_on", "f.person_id")
_PERSON_DAY = labels(
    RecordKind.PERSON_DAY,
    f"{text('f.person_id')} || ':' || {text('f.day')}",
    "f.day",
    "f.person_id",
)

VISIT_RECORDS: Mapping[str, Records] = {
    "visits": Records(_visits),
    "coverage": Records(
        _coverage, num="made", den="CASE WHEN kind = 'store' THEN {den} END", is_sum=False
    ),
    "rep_days": Records(
        as_they_are(VISIT_SOURCES["rep_days"], _PERSON_DAY, "f.visits, f.rep_days")
    ),
    "plans": Records(as_they_are(planned, _PLANNED, "f.planned, f.done")),
    "signage": _state(
        "signage",
        "signage_num",
        "signage_den",
        "mandatory_pass",
        "mandatory_checked",
        "is_all_mandatory_pass",
    ),
    "listing": _state("listing", "must_listed", "must_answered"),
    "availability": _state("availability", "must_available", "must_stock_answered"),
    "first_notice": _state("first_notice", "first_notice"),
    "display": Records(as_they_are(VISIT_SOURCES["display"], _SURVEY, "f.own, f.others")),
    "promotions": Records(_promotions),
    "scored": Records(as_they_are(scored, _VISIT, "f.is_suspect, f.is_scored")),
}
