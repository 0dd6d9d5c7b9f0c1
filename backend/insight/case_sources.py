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
        "(SELECT a.dealer_id, a.store_id, a.person_id, a.assessed_at, a.id, "
        f"{pushing} AS pushing, {answered} AS answered FROM push_assessment a "
        f"WHERE {sql.within('a.assessed_on', asked.window)})"
    )
    order = "f.assessed_at DESC, f.id"
    return sql.latest(asked, assessed, "f.answered > 0", "pushing, answered", order)


def _repeats(asked: Asked, sql: Statement) -> str:
    closed_in = Span(asked.window.to_on - REPEATED_WITHIN, asked.window.to_on)
    limit = int(REPEATED_WITHIN.total_seconds())
    again = (
        "EXISTS (SELECT 1 FROM violation o WHERE o.store_id = f.store_id AND o.kind = f.kind "
        "AND o.retracted_at IS NULL AND o.opened_at > f.resolved_at "
        f"AND {seconds('f.resolved_at', 'o.opened_at')} <= {limit})"
    )
    where = f"{sql.during('f.resolved_at', closed_in)} AND f.retracted_at IS NULL"
    sums = f"COUNT(*) AS closed, SUM(CASE WHEN {again} THEN 1 ELSE 0 END) AS repeats"
    return sql.grouped(asked, "violation", where, sums)


def _resolved(asked: Asked, sql: Statement) -> str:
    where = f"{sql.during('f.resolved_at', asked.window)} AND f.retracted_at IS NULL"
    hours = f"SUM({seconds('f.opened_at', 'f.resolved_at')}) / 3600.0 AS hours"
    where += " AND f.resolved_at >= f.opened_at"
    return sql.grouped(asked, "violation", where, f"COUNT(*) AS cases, {hours}")


def _answered(asked: Asked, sql: Statement) -> str:
    since = asked.window.from_on - STILL_ANSWERED
    tasks = (
        "SELECT t.dealer_id, t.store_id, t.made_at AS opened_at, (SELECT MIN(e.at) "
        "FROM task_event e WHERE e.store_id = t.store_id AND e.task_id = t.id "
        "AND e.person_id IS NOT NULL AND e.step <> 'opened') AS acted_at "
        f"FROM task t WHERE t.due_on >= {sql.day(since)}"
    )
    acted = "(SELECT MIN(e.at) FROM complaint_entry e WHERE e.complaint_id = c.id) AS acted_at"
    received = Span(since, asked.window.to_on)
    columns = f"c.received_at AS opened_at, {acted}"
    complaints = of_customers("complaint", "received_on", columns, received, sql)
    where = f"{sql.during('f.acted_at', asked.window)} AND f.acted_at >= f.opened_at"
    hours = f"SUM({seconds('f.opened_at', 'f.acted_at')}) / 3600.0 AS hours"
    both = f"({tasks} UNION ALL SELECT * FROM {complaints} AS both_kinds)"
    return sql.grouped(asked, both, where, f"COUNT(*) AS cases, {hours}")


def _cards(asked: Asked, sql: Statement) -> str:
    cards = of_customers("feedback_card", "given_on", "c.score", asked.window, sql)
    return sql.grouped(asked, cards, "1 = 1", "AVG(f.score) AS score, COUNT(*) AS cards")


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
