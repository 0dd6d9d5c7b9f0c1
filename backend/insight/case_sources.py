"""What cases, complaints, cards and archives give."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from backend.insight.asked import Asked, Source, Statement, of_customers
from backend.insight.dialect import seconds
from backend.insight.visit_sources import active
from backend.insight.windows import Span

REPEATED_WITHIN = timedelta(days=60)
STILL_ANSWERED = timedelta(days=90)  # before the window: what is older counts no more
PUSHED_FROM = 4  # of 5


def _push(asked: Asked, sql: Statement) -> str:
    levels = [f"{name}_push" for name in ("dealer", "store", "counter", "clerk")]
    pushing = " + ".join(
        f"CASE WHEN a.{level} >= {PUSHED_FROM} THEN 1 ELSE 0 END" for level in levels
    )
    answered = " + ".join(f"CASE WHEN a.{level} IS NULL THEN 0 ELSE 1 END" for level in levels)
    assessed = (
        "(SELECT a.dealer_id, a.store_id, a.person_id, a.assessed_at, a.assessed_on, a.id, "
        f"{pushing} AS pushing, {answered} AS answered FROM push_assessment a "
        f"WHERE {sql.within('a.assessed_on', asked.window)})"
    )
    order = "f.assessed_at DESC, f.id"
    columns = "id, assessed_on, person_id, pushing, answered"
    return sql.latest(asked, assessed, "f.answered > 0", columns, order)


def closed(asked: Asked, sql: Statement) -> tuple[str, str]:
    """Return the condition for violations that ended of late, and whether one was seen again."""
    closed_in = Span(asked.window.to_on - REPEATED_WITHIN, asked.window.to_on)
    limit = int(REPEATED_WITHIN.total_seconds())
    again = (
        "EXISTS (SELECT 1 FROM violation o WHERE o.store_id = f.store_id AND o.kind = f.kind "
        "AND o.retracted_at IS NULL AND o.opened_at > f.resolved_at "
        f"AND {seconds('f.resolved_at', 'o.opened_at')} <= {limit})"
    )
    where = f"{sql.during('f.resolved_at', closed_in)} AND f.retracted_at IS NULL"
    return where, f"CASE WHEN {again} THEN 1 ELSE 0 END"


def _repeats(asked: Asked, sql: Statement) -> str:
    where, again = closed(asked, sql)
    sums = f"COUNT(*) AS closed, SUM({again}) AS repeats"
    return sql.grouped(asked, "violation", where, sums)


def ended(asked: Asked, sql: Statement) -> tuple[str, str]:
    """Return the condition for violations that ended in the window, and the seconds they took."""
    where = f"{sql.during('f.resolved_at', asked.window)} AND f.retracted_at IS NULL"
    where += " AND f.resolved_at >= f.opened_at"
    return where, seconds("f.opened_at", "f.resolved_at")


def _resolved(asked: Asked, sql: Statement) -> str:
    where, took = ended(asked, sql)
    sums = f"COUNT(*) AS cases, SUM({took}) / 3600.0 AS hours"
    return sql.grouped(asked, "violation", where, sums)


def still_open(asked: Asked, sql: Statement) -> str:
    """Return the condition for violations that were open at the end of the window."""
    until = asked.window.to_on
    return (
        f"(f.resolved_at IS NULL OR f.resolved_at >= {sql.instant(until)}) "
        f"AND f.opened_at < {sql.instant(until)} AND f.retracted_at IS NULL"
    )


def acted_upon(asked: Asked, sql: Statement) -> tuple[str, str, str]:
    """Return cases with their first action, the condition for the window, and the seconds."""
    since = asked.window.from_on - STILL_ANSWERED
    tasks = (
        "SELECT t.dealer_id, t.store_id, 'task' AS kind, t.id, t.made_at AS opened_at, "
        "(SELECT MIN(e.at) "
        "FROM task_event e WHERE e.store_id = t.store_id AND e.task_id = t.id "
        "AND e.person_id IS NOT NULL AND e.step <> 'opened') AS acted_at "
        f"FROM task t WHERE t.due_on >= {sql.day(since)}"
    )
    acted = "(SELECT MIN(e.at) FROM complaint_entry e WHERE e.complaint_id = c.id) AS acted_at"
    received = Span(since, asked.window.to_on)
    columns = f"'complaint' AS kind, c.id, c.received_at AS opened_at, {acted}"
    complaints = of_customers("complaint", "received_on", columns, received, sql)
    where = f"{sql.during('f.acted_at', asked.window)} AND f.acted_at >= f.opened_at"
    both = f"({tasks} UNION ALL SELECT * FROM {complaints} AS both_kinds)"
    return both, where, seconds("f.opened_at", "f.acted_at")


def _answered(asked: Asked, sql: Statement) -> str:
    cases, where, took = acted_upon(asked, sql)
    sums = f"COUNT(*) AS cases, SUM({took}) / 3600.0 AS hours"
    return sql.grouped(asked, cases, where, sums)


def cards(asked: Asked, sql: Statement) -> str:
    """Return the cards given in the window, with the dealer of that day."""
    columns = "c.id, c.given_on, c.recorded_by_id, c.score"
    return of_customers("feedback_card", "given_on", columns, asked.window, sql)


def _cards(asked: Asked, sql: Statement) -> str:
    sums = "AVG(f.score) AS score, COUNT(*) AS cards"
    return sql.grouped(asked, cards(asked, sql), "1 = 1", sums)


def _archive(asked: Asked, sql: Statement) -> str:
    stores = active(asked, sql)
    return (
        "SELECT a.k, a.store_id, c.share "
        f"FROM ({stores}) a JOIN store_completeness c ON c.store_id = a.store_id"
    )


CASE_SOURCES: Mapping[str, Source] = {
    "repeats": _repeats,
    "resolved": _resolved,
    "answered": _answered,
    "cards": _cards,
    "archive": _archive,
    "push": _push,
}
