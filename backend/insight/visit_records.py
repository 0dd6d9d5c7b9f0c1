"""The records behind what visits and plans give."""

from __future__ import annotations

from collections.abc import Mapping

from backend.insight.asked import Asked, Source, Statement
from backend.insight.dialect import text
from backend.insight.recorded import SEEN_AT, RecordKind, Records, as_they_are, labels
from backend.insight.visit_sources import FLOWS, VISIT_SOURCES, counted, planned

_VISIT = labels(RecordKind.VISIT, "f.visit_id", "f.day", "f.person_id")
_FLOW = labels(SEEN_AT, "f.visit_id", "f.day", "f.person_id")


def _visits(asked: Asked, sql: Statement) -> str:
    where = sql.within("f.day", asked.window)
    columns = ", ".join([_FLOW, *(f"f.{name}" for name in FLOWS)])
    return sql.listed(asked, "visit_fact", where, columns, by_person=True)


def _coverage(asked: Asked, sql: Statement) -> str:
    """Return the active stores, and the visits to them."""
    store = labels(RecordKind.STORE, "a.store_id")
    stores = VISIT_SOURCES["coverage"](asked, sql)
    visited = VISIT_SOURCES["coverage"](asked, sql)
    where = f"{sql.within('f.day', asked.window)} AND {counted(asked, 'f')}"
    made = sql.listed(asked, "visit_fact", where, _VISIT)
    return (
        f"SELECT a.k, a.store_id, {store}, a.due, a.visits, a.is_visited, 0 AS made "
        f"FROM ({stores}) a UNION ALL "
        "SELECT v.k, v.store_id, v.kind, v.id, v.day, v.person_id, v.subject, b.due, b.visits, "
        f"b.is_visited, 1 FROM ({visited}) b JOIN ({made}) v "
        "ON v.k = b.k AND v.store_id = b.store_id"
    )


def _rep_days(asked: Asked, sql: Statement) -> str:
    day_of = f"{text('f.person_id')} || ':' || {text('f.day')}"
    columns = labels(RecordKind.PERSON_DAY, day_of, "f.day", "f.person_id")
    return (
        f"SELECT f.k, CAST(NULL AS INTEGER) AS store_id, {columns}, f.visits, f.rep_days "
        f"FROM ({VISIT_SOURCES['rep_days'](asked, sql)}) AS f"
    )


def _promotions(asked: Asked, sql: Statement) -> str:
    """Return of each enrolment the visit that decides: the last one that saw it executed."""
    where = sql.within("f.day", asked.window)
    members = asked.population.membership(by_person=True)
    sql.values += members.values
    place = (
        f"ROW_NUMBER() OVER (PARTITION BY {members.key}, f.store_id, f.promotion_id "
        "ORDER BY CASE WHEN f.is_executed THEN 0 ELSE 1 END, f.day DESC, f.visit_id) AS place"
    )
    columns = labels(RecordKind.PROMOTION, "f.visit_id", "f.day", "f.person_id", "f.promotion_id")
    return (
        "SELECT k, store_id, kind, id, day, person_id, subject, executed, checked FROM ("
        f"SELECT {members.key} AS k, f.store_id, {columns}, "
        f"CASE WHEN f.is_executed THEN 1 ELSE 0 END AS executed, 1 AS checked, {place} "
        f"FROM promotion_fact f{members.joins} WHERE {where}{members.where}) AS seen "
        "WHERE place = 1"
    )


def _state(name: str, *measures: str) -> Records:
    shown = ", ".join(f"f.{measure}" for measure in measures)
    return Records(as_they_are(VISIT_SOURCES[name], _VISIT, shown))


_PLANNED = labels(RecordKind.PLAN_ENTRY, "f.id", "f.planned_on", "f.person_id")
_SURVEY = labels(RecordKind.SURVEY, "f.id", "f.seen_on", "f.person_id")
_surveys: Source = as_they_are(VISIT_SOURCES["display"], _SURVEY, "f.own, f.others")

VISIT_RECORDS: Mapping[str, Records] = {
    "visits": Records(_visits),
    "coverage": Records(
        _coverage, num="made", den="CASE WHEN kind = 'store' THEN {den} END", is_sum=False
    ),
    "rep_days": Records(_rep_days),
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
    "display": Records(_surveys),
    "promotions": Records(_promotions),
}
