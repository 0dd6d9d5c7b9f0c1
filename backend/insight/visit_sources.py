"""What visits and plans give: flows of all visits, and states of the latest."""

from __future__ import annotations

from collections.abc import Mapping

from backend.insight.asked import Asked, Source, Statement, of_last, whose
from backend.insight.dialect import days, greatest, least
from backend.insight.models import VisitFact
from backend.insight.populations import Grain
from backend.insight.windows import Span
from backend.standards import frequencies

CYCLE_DAYS = 28
MIN_ACTIVE_DAYS = 7  # a store active for less of the window is on neither side of coverage
_STATES = {
    "signage_num",
    "signage_den",
    "is_all_mandatory_pass",
    "first_notice",
    "must_listed",
    "must_available",
    "stock_units",
}
_LABELS = {"dealer_id", "day", "store_id", "visit_id", "person_id", "seq"}
FLOWS = tuple(
    field.column_name
    for field in VisitFact._meta.sorted_fields  # noqa: SLF001
    if field.column_name not in _STATES | _LABELS
)


def _summed(names: tuple[str, ...]) -> str:
    return ", ".join(f"SUM(f.{name}) AS {name}" for name in names)


def _visits(asked: Asked, sql: Statement) -> str:
    where = sql.within("f.day", asked.window)
    return sql.grouped(asked, "visit_fact", where, _summed(FLOWS), by_person=True)


def _section(carrier: str, *columns: str) -> Source:
    """Return the source of a state: of each store the latest fact that carries the section."""

    def source(asked: Asked, sql: Statement) -> str:
        where = f"{sql.within('f.day', asked.window)} AND f.{carrier} IS NOT NULL"
        last = sql.grouped(asked, "visit_fact", where, "MAX(f.seq) AS seq", by_person=True)
        return of_last(last, (*columns, "visit_id", "day", "person_id"))

    return source


def active(asked: Asked, sql: Statement, due: str = "NULL") -> str:
    """Return the stores that were active for long enough, with the visits `due` of each."""
    window = asked.window
    until = sql.day(window.to_on), sql.day(window.to_on), sql.day(window.to_on)
    ends = least(
        f"COALESCE(l.to_on, {until[0]})", least(f"COALESCE(t.closed_on, {until[1]})", until[2])
    )
    starts = greatest("l.from_on", greatest("t.opened_on", sql.day(window.from_on)))
    length = f"{days(starts, ends)} AS days"
    links = (
        f"(SELECT l.dealer_id, l.store_id, t.tier, t.grade, {length} FROM store_dealer l "
        f"JOIN store t ON t.id = l.store_id WHERE l.from_on < {sql.day(window.to_on)} "
        f"AND (l.to_on IS NULL OR l.to_on > {sql.day(window.from_on)}) "
        # A store that closed later was active then: its status of today says less than its dates.
        "AND (t.status IN ('active', 'at_risk') OR "
        "(t.status = 'closed' AND t.closed_on IS NOT NULL)) "
        f"AND t.opened_on < {sql.day(window.to_on)} "
        f"AND (t.closed_on IS NULL OR t.closed_on > {sql.day(window.from_on)}))"
    )
    sums = f"{due} AS due, SUM({greatest('f.days', '0')}) AS days"
    found = sql.grouped(asked, links, "1 = 1", sums)
    return f"{found} HAVING SUM({greatest('f.days', '0')}) >= {MIN_ACTIVE_DAYS}"


def _due(window: Span) -> str:
    """Return how many visits a window asks of a store of a tier and grade."""
    length = (window.to_on - window.from_on).days
    cases = "".join(
        f" WHEN MIN(f.tier) = '{tier}' AND MIN(f.grade) = '{grade}' "
        f"THEN {max(1, visits * length // CYCLE_DAYS) if visits else 0}"
        for (tier, grade), visits in frequencies.required().items()
    )
    return f"CASE{cases} END"


def counted(asked: Asked, alias: str) -> str:
    """Return the condition for facts that are visits, of reps without patrols of supervisors."""
    of_reps = f" AND {alias}.is_patrol = 0" if asked.population.grain is Grain.REP else ""
    return f"{alias}.visits = 1{of_reps}"


def _coverage(asked: Asked, sql: Statement) -> str:
    stores = active(asked, sql, _due(asked.window))
    where = f"{sql.within('f.day', asked.window)} AND {counted(asked, 'f')}"
    made = sql.grouped(asked, "visit_fact", where, "COUNT(*) AS visits")
    return (
        "SELECT a.k, a.store_id, a.due, COALESCE(v.visits, 0) AS visits, "
        "CASE WHEN v.visits > 0 THEN 1 ELSE 0 END AS is_visited "
        f"FROM ({stores}) a LEFT JOIN ({made}) v ON v.k = a.k AND v.store_id = a.store_id"
    )


def _rep_days(asked: Asked, sql: Statement) -> str:
    """Return the days of persons, each as if it were a store of its own."""
    where = f"{sql.within('f.day', asked.window)} AND f.is_patrol = 0 AND f.visits = 1"
    members = asked.population.membership(by_person=True)
    sql.values += members.values
    return (
        f"SELECT {members.key} AS k, MIN(f.store_id) AS store_id, f.person_id, f.day, "
        f"COUNT(*) AS visits, 1 AS rep_days FROM visit_fact f{members.joins} "
        f"WHERE {where}{members.where} GROUP BY 1, 3, 4"
    )


def planned(asked: Asked, sql: Statement) -> str:
    """Return the plan entries that count, one by one, and whether each was done.

    A visit makes one entry of its day: of two persons asked to the same store the one who went.
    """
    same_day = "d.dealer_id, e.store_id, e.planned_on"
    entries = (
        "(SELECT d.dealer_id, e.store_id, e.planned_on, e.id, e.person_id, "
        f"ROW_NUMBER() OVER (PARTITION BY {same_day} "
        "ORDER BY CASE WHEN e.visit_id IS NULL THEN 1 ELSE 0 END, e.id) AS place, "
        "(SELECT COUNT(*) FROM visit_fact x WHERE x.dealer_id = d.dealer_id "
        "AND x.day = e.planned_on AND x.store_id = e.store_id "
        f"AND {counted(asked, 'x')}) AS made "
        f"FROM plan_entry e JOIN store_dealer d ON {whose('e', 'e.planned_on')} "
        f"JOIN store t ON t.id = e.store_id WHERE {sql.within('e.planned_on', asked.window)} "
        # A visit that was moved to another day was asked for once: on its first day.
        "AND e.status <> 'cancelled_by_manager' AND e.moved_from_id IS NULL "
        "AND (t.closed_on IS NULL OR t.closed_on > e.planned_on))"
    )
    columns = (
        "f.id, f.planned_on, f.person_id, 1 AS planned, "
        "CASE WHEN f.place <= f.made THEN 1 ELSE 0 END AS done"
    )
    return sql.listed(asked, entries, "1 = 1", columns, by_person=True)


def _plans(asked: Asked, sql: Statement) -> str:
    return (
        "SELECT k, store_id, SUM(planned) AS planned, SUM(done) AS done "
        f"FROM ({planned(asked, sql)}) AS entries GROUP BY k, store_id"
    )


def _promotions(asked: Asked, sql: Statement) -> str:
    where = sql.within("f.day", asked.window)
    members = asked.population.membership(by_person=True)
    sql.values += members.values
    return (
        "SELECT k, store_id, SUM(executed) AS executed, COUNT(*) AS checked FROM ("
        f"SELECT {members.key} AS k, f.store_id, f.promotion_id, "
        "MAX(CASE WHEN f.is_executed THEN 1 ELSE 0 END) AS executed "
        f"FROM promotion_fact f{members.joins} WHERE {where}{members.where} "
        "GROUP BY 1, 2, 3) AS enrolled GROUP BY k, store_id"
    )


def _display(asked: Asked, sql: Statement) -> str:
    surveys = (
        "(SELECT d.dealer_id, c.store_id, c.person_id, c.seen_on, c.received_at, c.id, "
        "c.sections AS own, c.competitor_sections AS others FROM counter_survey c "
        f"JOIN store_dealer d ON {whose('c', 'c.seen_on')} "
        f"WHERE {sql.within('c.seen_on', asked.window)} AND c.competitor_sections IS NOT NULL)"
    )
    order = "f.seen_on DESC, f.received_at DESC, f.id"
    return sql.latest(asked, surveys, "1 = 1", "id, seen_on, person_id, own, others", order)


VISIT_SOURCES: Mapping[str, Source] = {
    "visits": _visits,
    "coverage": _coverage,
    "rep_days": _rep_days,
    "plans": _plans,
    "signage": _section(
        "signage_den",
        "signage_num",
        "signage_den",
        "mandatory_pass",
        "mandatory_checked",
        "is_all_mandatory_pass",
    ),
    "listing": _section("must_answered", "must_listed", "must_answered"),
    "availability": _section("must_stock_answered", "must_available", "must_stock_answered"),
    "first_notice": _section("first_notice", "first_notice"),
    "display": _display,
    "promotions": _promotions,
}
