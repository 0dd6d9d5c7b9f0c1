"""What visits and plans give: flows of all visits, and states of the latest."""

from __future__ import annotations

from collections.abc import Mapping

from backend.evidence.signals import SUSPICIOUS_FROM
from backend.fieldwork.placing import REJECTED
from backend.insight.asked import Asked, Source, of_last, whose
from backend.insight.dialect import days, greatest, least
from backend.insight.enrolments import enrolled
from backend.insight.models import VisitFact
from backend.insight.populations import Grain
from backend.insight.statements import Sql, a_day, sql, within
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


def _visits(asked: Asked) -> Sql:
    where = within("f.day", asked.window)
    return asked.grouped("visit_fact", where, _summed(FLOWS), by_person=True)


def _section(carrier: str, *columns: str) -> Source:
    """Return the source of a state: of each store the latest fact that carries the section."""

    def source(asked: Asked) -> Sql:
        where = sql(
            "{days} AND f.{carrier} IS NOT NULL",
            days=within("f.day", asked.window),
            carrier=carrier,
        )
        last = asked.grouped("visit_fact", where, "MAX(f.seq) AS seq", by_person=True)
        return of_last(last, (*columns, "visit_id", "day", "person_id"))

    return source


def owned(asked: Asked, due: str = "NULL") -> Sql:
    """Return the stores that were open and a dealer's in the window, `days` of it, and `due`."""
    ends = least("COALESCE(l.to_on, {until})", "COALESCE(t.closed_on, {until})", "{until}")
    starts = greatest("l.from_on", "t.opened_on", "{since}")
    length = greatest(days(starts, ends), "0")
    links = sql(
        f"(SELECT l.dealer_id, l.store_id, t.tier, t.grade, {length} AS days "
        "FROM store_dealer l JOIN store t ON t.id = l.store_id WHERE l.from_on < {until} "
        "AND (l.to_on IS NULL OR l.to_on > {since}) "
        # A store that closed later was active then: its status of today says less than its dates.
        "AND (t.status IN ('active', 'at_risk') OR "
        "(t.status = 'closed' AND t.closed_on IS NOT NULL)) "
        "AND t.opened_on < {until} AND (t.closed_on IS NULL OR t.closed_on > {since}))",
        since=a_day(asked.window.from_on),
        until=a_day(asked.window.to_on),
    )
    return asked.grouped(links, "1 = 1", f"{due} AS due, SUM(f.days) AS days")


def active(asked: Asked, due: str = "NULL") -> Sql:
    """Return the stores that were active for long enough, with the visits `due` of each."""
    return sql(
        "{stores} HAVING SUM(f.days) >= {fewest}",
        stores=owned(asked, due),
        fewest=MIN_ACTIVE_DAYS,
    )


def _due(window: Span) -> str:
    """Return how many visits a window asks of a store of a tier and grade."""
    length = window.length.days
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


def _coverage(asked: Asked) -> Sql:
    return sql(
        "SELECT a.k, a.store_id, a.due, COALESCE(v.visits, 0) AS visits, "
        "CASE WHEN v.visits > 0 THEN 1 ELSE 0 END AS is_visited "
        "FROM ({stores}) a LEFT JOIN ({made}) v ON v.k = a.k AND v.store_id = a.store_id",
        stores=active(asked, _due(asked.window)),
        made=asked.grouped("visit_fact", made(asked), "COUNT(*) AS visits"),
    )


def made(asked: Asked) -> Sql:
    """Return the condition for facts that are visits of the window."""
    return sql(
        "{days} AND {counted}", days=within("f.day", asked.window), counted=counted(asked, "f")
    )


def _rep_days(asked: Asked) -> Sql:
    """Return the days of persons, each as if it were a store of its own."""
    members = asked.population.membership(by_person=True)
    return sql(
        "SELECT {key} AS k, MIN(f.store_id) AS store_id, f.person_id, f.day, "
        "COUNT(*) AS visits, 1 AS rep_days FROM visit_fact f{joins} "
        "WHERE {days} AND f.is_patrol = 0 AND f.visits = 1{only} GROUP BY 1, 3, 4",
        key=members.key,
        joins=members.joins,
        days=within("f.day", asked.window),
        only=members.where,
    )


def planned(asked: Asked) -> Sql:
    """Return the plan entries that count, one by one, and whether each was done.

    A visit makes one entry of its day: of two persons asked to the same store the one who went.
    """
    entries = sql(
        "(SELECT d.dealer_id, e.store_id, e.planned_on, e.id, e.person_id, "
        "ROW_NUMBER() OVER (PARTITION BY d.dealer_id, e.store_id, e.planned_on "
        "ORDER BY CASE WHEN e.visit_id IS NULL THEN 1 ELSE 0 END, e.id) AS place, "
        "(SELECT COUNT(*) FROM visit_fact x WHERE x.dealer_id = d.dealer_id "
        "AND x.day = e.planned_on AND x.store_id = e.store_id AND {counted}) AS made "
        "FROM plan_entry e JOIN store_dealer d ON {whose} "
        "JOIN store t ON t.id = e.store_id WHERE {days} "
        # A visit that was moved to another day was asked for once: on its first day.
        "AND e.status <> 'cancelled_by_manager' AND e.moved_from_id IS NULL "
        "AND (t.closed_on IS NULL OR t.closed_on > e.planned_on))",
        counted=counted(asked, "x"),
        whose=whose("e", "e.planned_on"),
        days=within("e.planned_on", asked.window),
    )
    columns = (
        "f.id, f.planned_on, f.person_id, 1 AS planned, "
        "CASE WHEN f.place <= f.made THEN 1 ELSE 0 END AS done"
    )
    return asked.listed(entries, "1 = 1", columns, by_person=True)


def _plans(asked: Asked) -> Sql:
    return sql(
        "SELECT k, store_id, SUM(planned) AS planned, SUM(done) AS done "
        "FROM ({entries}) AS entries GROUP BY k, store_id",
        entries=planned(asked),
    )


def scored(asked: Asked) -> Sql:
    """Return the completed visits that have a score; those that a reviewer rejected are some."""
    columns = "f.visit_id, f.day, f.person_id, f.is_suspect, f.is_scored"
    rejected = sql(
        "(SELECT v.dealer_id, v.store_id, v.person_id, v.id AS visit_id, v.business_on AS day, "
        "CASE WHEN w.score >= {suspicious} THEN 1 ELSE 0 END AS is_suspect, 1 AS is_scored "
        "FROM visit v JOIN visit_score w ON w.visit_id = v.id "
        "WHERE v.quarantine_reason = '{reason}' AND v.status = 'complete' "
        "AND v.dealer_id IS NOT NULL AND v.store_id IS NOT NULL AND {days})",
        suspicious=SUSPICIOUS_FROM,
        reason=REJECTED,
        days=within("v.business_on", asked.window),
    )
    counted_ones = sql("{days} AND f.is_scored = 1", days=within("f.day", asked.window))
    return sql(
        "{counted} UNION ALL {rejected}",
        counted=asked.listed("visit_fact", counted_ones, columns, by_person=True),
        rejected=asked.listed(rejected, "1 = 1", columns, by_person=True),
    )


def _scored(asked: Asked) -> Sql:
    return sql(
        "SELECT k, store_id, SUM(is_suspect) AS is_suspect, SUM(is_scored) AS is_scored "
        "FROM ({visits}) AS scored GROUP BY k, store_id",
        visits=scored(asked),
    )


def _promotions(asked: Asked) -> Sql:
    return sql(
        "SELECT k, store_id, SUM(executed) AS executed, COUNT(*) AS visited FROM ("
        "SELECT k, store_id, MAX(executed) AS executed FROM ({visits}) AS visits "
        "GROUP BY k, store_id, promotion_id) AS enrolled GROUP BY k, store_id",
        visits=enrolled(asked),
    )


def _display(asked: Asked) -> Sql:
    surveys = sql(
        "(SELECT d.dealer_id, c.store_id, c.person_id, c.seen_on, c.received_at, c.id, "
        "c.sections AS own, c.competitor_sections AS others FROM counter_survey c "
        "JOIN store_dealer d ON {whose} WHERE {days} AND c.competitor_sections IS NOT NULL)",
        whose=whose("c", "c.seen_on"),
        days=within("c.seen_on", asked.window),
    )
    order = "f.seen_on DESC, f.received_at DESC, f.id"
    return asked.latest(surveys, "1 = 1", "id, seen_on, person_id, own, others", order)


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
    "scored": _scored,
}
