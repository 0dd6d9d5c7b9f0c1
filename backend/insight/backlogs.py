"""Backlogs: how long cases took in the middle and at the worst, and what is still open."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from backend.insight.asked import Asked
from backend.insight.case_sources import ended, still_open
from backend.insight.statements import rows_of, sql
from backend.platform import clock

NO_BACKLOG: Mapping[str, Any] = {
    "median": None,
    "p90": None,
    "open_backlog": 0,
    "oldest_open_h": None,
}


def backlogs(asked: Asked, at: datetime) -> dict[Any, dict[str, Any]]:
    """Return of each member what NO_BACKLOG names, times in hours; open as the window ended.

    `median` and `p90` (of the nearest rank) are of the violations and complaints that ended in the
    window.
    """
    rows = rows_of(
        sql(
            "SELECT k, AVG(CASE WHEN place >= many / 2.0 AND place <= many / 2.0 + 1 "
            "THEN hours END), MIN(CASE WHEN place >= 0.9 * many THEN hours END), NULL, NULL FROM ("
            "SELECT k, took / 3600.0 AS hours, "
            "ROW_NUMBER() OVER (PARTITION BY k ORDER BY took) AS place, "
            "COUNT(*) OVER (PARTITION BY k) AS many FROM ({cases}) AS c) AS ended GROUP BY k "
            "UNION ALL SELECT k, NULL, NULL, COUNT(*), MIN(opened_at) "
            "FROM ({waiting}) AS waiting GROUP BY k",
            cases=ended(asked),
            waiting=still_open(asked),
        )
    )
    found: defaultdict[Any, dict[str, Any]] = defaultdict(lambda: dict(NO_BACKLOG))
    until = min(at, clock.instants_of(asked.window.to_on)[0])
    for key, median, p90, count, oldest in rows:
        if count is None:
            found[key] |= {"median": float(median), "p90": float(p90)}
        else:
            since = datetime.fromisoformat(str(oldest)).replace(tzinfo=UTC)
            age = (until - since).total_seconds() / 3600
            found[key] |= {"open_backlog": count, "oldest_open_h": age}
    return dict(found)
