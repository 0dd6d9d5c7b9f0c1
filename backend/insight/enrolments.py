"""Which stores take part in a promotion `p` while it runs, as conditions and statements."""

from __future__ import annotations

from backend.insight.asked import Asked
from backend.insight.dialect import local_day
from backend.insight.statements import Part, Sql, a_day, sql, within
from backend.insight.windows import Span


def running(window: Span) -> Sql:
    """Return the condition for a promotion `p` that runs on a day of the window."""
    return _runs(a_day(window.from_on), a_day(window.last_on))


def while_running(day: str) -> Sql:
    """Return the condition that a promotion `p` runs on a day."""
    return _runs(day, day)


def _runs(first: Part, last: Part) -> Sql:
    return sql(
        "p.starts_on <= {last} AND p.ends_on >= {first} "
        "AND (p.stopped_on IS NULL OR p.stopped_on >= {first})",
        first=first,
        last=last,
    )


def taking_part(day: str) -> str:
    """Return the condition that a store's enrolment `e` was made by a day."""
    return f"(e.enrolled_at IS NULL OR {local_day('e.enrolled_at')} <= {day})"


def enrolled(asked: Asked) -> Sql:
    """Return the visits to stores while a promotion ran there, and again what those saw of it.

    What was seen stays where a store was taken off the promotion afterwards.
    """
    # In this order SQLite looks up no enrolment of a promotion that did not run that day.
    visited = sql(
        "(SELECT v.dealer_id, v.store_id, v.person_id, v.day, v.visit_id, e.promotion_id "
        "FROM visit_fact v CROSS JOIN running p CROSS JOIN promotion_store e "
        "WHERE e.promotion_id = p.id AND e.store_id = v.store_id "
        "AND {days} AND v.visits = 1 AND {while_running} AND {taking_part})",
        days=within("v.day", asked.window),
        while_running=while_running("v.day"),
        taking_part=taking_part("v.day"),
    )
    seen = sql(
        "(SELECT x.dealer_id, x.store_id, x.person_id, x.day, x.visit_id, x.promotion_id, "
        "CASE WHEN x.is_executed THEN 1 ELSE 0 END AS executed "
        "FROM promotion_fact x JOIN running p ON p.id = x.promotion_id "
        "WHERE {days} AND {while_running})",
        days=within("x.day", asked.window),
        while_running=while_running("x.day"),
    )
    columns = "f.promotion_id, f.visit_id, f.day, f.person_id"
    return sql(
        "WITH running AS MATERIALIZED (SELECT p.id, p.starts_on, p.ends_on, p.stopped_on "
        "FROM promotion p WHERE {running}) {visited} UNION ALL {seen}",
        running=running(asked.window),
        visited=asked.listed(
            visited, "1 = 1", f"{columns}, 0 AS checked, 0 AS executed", by_person=True
        ),
        seen=asked.listed(seen, "1 = 1", f"{columns}, 1, f.executed", by_person=True),
    )
