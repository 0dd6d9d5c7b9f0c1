"""Details: what is told beside the figures of a dealer, store, rep or area, and costs more to find.

Spreads of times, what is still open, plans done a little late, and what could not be measured.
They are worked out of single rows, so tables and series do without them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from peewee import chunked

from backend.insight import satisfaction
from backend.insight.asked import Asked, Statement
from backend.insight.dialect import seconds
from backend.insight.kpis import Figure
from backend.insight.populations import Grain, Population
from backend.insight.sources import SOURCES
from backend.insight.visit_sources import planned
from backend.insight.windows import Window
from backend.platform import clock
from backend.platform.database import db

GRACES = (1, 2, 3)
"""Days by which a planned visit may be early or late."""
STALE_WITHIN = timedelta(days=90)
_MEDIAN, _P10, _P90 = 0.5, 0.1, 0.9
_BEFORE_ALL = date(1970, 1, 1)  # see VisitFact.seq
_CHUNK = 500
Details = Mapping[Any, Mapping[str, Any]]


def add(
    population: Population,
    window: Window,
    found: Mapping[Any, dict[str, Figure]],
    *,
    at: datetime,
) -> None:
    """Put the details of members beside their figures, which are replaced."""
    asked = Asked(population.resolved(), window)
    wanted = {code for figures in found.values() for code in figures} & _DETAILS.keys()
    for code in sorted(wanted):
        told = _DETAILS[code](asked, at)
        for key, figures in found.items():
            if key in told:
                also = {**(figures[code].also or {}), **told[key]}
                figures[code] = replace(figures[code], also=also)


def quantile(counts: Mapping[int, int], part: float) -> float | None:
    """Return below which value a part of all lies, from how often each occurs.

    Between two values it is interpolated; without any it is None.
    """
    total = sum(counts.values())
    if not total:
        return None
    place = part * (total - 1)
    low = int(place)
    values, passed = list[int](), 0
    for value, count in sorted(counts.items()):
        passed += count
        values += [value] * (min(passed, low + 2) - low - len(values))
        if passed >= low + 2:
            break
    return values[0] + (place - low) * (values[-1] - values[0])


def done_within(plans: Iterable[date], visits: Iterable[date], grace: int) -> int:
    """Return how many planned days have a visit of their own at most `grace` days away."""
    wanted, done, near = sorted(plans), 0, timedelta(days=grace)
    number = 0
    for visit in sorted(visits):
        while number < len(wanted) and wanted[number] < visit - near:
            number += 1
        if number < len(wanted) and wanted[number] <= visit + near:
            number, done = number + 1, done + 1
    return done


def _times(asked: Asked, _: datetime) -> Details:
    sql = Statement()
    where = f"{sql.within('f.day', asked.window)} AND f.is_timed = 1"
    counts = _counted(asked, sql, "visit_fact", where, "f.stayed_s", by_person=True)
    return {
        key: {"median": _per(60, each, _MEDIAN), "p10": _per(60, each, _P10)}
        for key, each in counts.items()
    }


def _resolved(asked: Asked, at: datetime) -> Details:
    sql = Statement()
    where = f"{sql.during('f.resolved_at', asked.window)} AND f.retracted_at IS NULL"
    where += " AND f.resolved_at >= f.opened_at"
    taken = seconds("f.opened_at", "f.resolved_at")
    counts = _counted(asked, sql, "violation", where, taken)
    sql = Statement()
    until = sql.instant(asked.window.to_on), sql.instant(asked.window.to_on)
    where = (
        f"f.opened_at < {until[0]} AND (f.resolved_at IS NULL OR f.resolved_at >= {until[1]}) "
        "AND f.retracted_at IS NULL AND f.dealer_id IS NOT NULL"
    )
    waiting = sql.grouped(asked, "violation", where, "COUNT(*) AS cases, MIN(f.opened_at) AS since")
    rows = db.execute_sql(
        f"SELECT k, SUM(cases), MIN(since) FROM ({waiting}) AS t GROUP BY k", sql.values
    )
    end = min(clock.instants_of(asked.window.to_on)[0], at)
    still = {
        key: (int(count), (end - _instant(since)).total_seconds() / 3600)
        for key, count, since in rows
    }
    found = {}
    for key in {*counts, *still}:
        backlog, oldest = still.get(key, (0, None))
        each = counts.get(key, Counter())
        found[key] = {
            "median": _per(3600, each, _MEDIAN),
            "p90": _per(3600, each, _P90),
            "open_backlog": backlog,
            "oldest_open_h": oldest,
        }
    return found


def _late(asked: Asked, _: datetime) -> Details:
    sql = Statement()
    entries = planned(asked, sql)
    rows = db.execute_sql(
        "SELECT k, store_id, planned_on, COUNT(*), SUM(done) "
        f"FROM ({entries}) AS t GROUP BY k, store_id, planned_on",
        sql.values,
    )
    plans: defaultdict[tuple[Any, int], list[date]] = defaultdict(list)
    total: Counter[Any] = Counter()
    done: defaultdict[Any, Counter[int]] = defaultdict(Counter)
    for key, store_id, day, count, made in rows:
        plans[key, store_id] += [_day(day)] * int(count)
        total[key] += int(count)
        done[key][0] += int(made)
    visits = _visits({store_id for _, store_id in plans}, asked.window)
    for (key, store_id), days in plans.items():
        for grace in GRACES:
            done[key][grace] += done_within(days, visits.get(store_id, ()), grace)
    return {
        key: {
            "within_days": {str(grace): done[key][grace] / count for grace in GRACES},
            "late_rate": {
                str(grace): (done[key][grace] - done[key][0]) / count for grace in GRACES
            },
        }
        for key, count in total.items()
    }


def _visits(store_ids: set[int], window: Window) -> dict[int, list[date]]:
    """Return the days of the visits of stores in a window and a little around it."""
    around = timedelta(days=max(GRACES))
    since = (window.from_on - around - _BEFORE_ALL).days * 1000
    until = (window.to_on + around - _BEFORE_ALL).days * 1000
    found: defaultdict[int, list[date]] = defaultdict(list)
    for some in chunked(sorted(store_ids), _CHUNK):
        marks = ", ".join([db.param] * len(some))
        rows = db.execute_sql(
            f"SELECT store_id, day FROM visit_fact WHERE store_id IN ({marks}) "
            f"AND seq >= {since} AND seq < {until} AND visits = 1",
            list(some),
        )
        for store_id, day in rows:
            found[store_id].append(_day(day))
    return found


def _incomplete(asked: Asked, _: datetime) -> Details:
    sql = Statement()
    latest = SOURCES["signage"](asked, sql)
    return _told(
        "incomplete_stores",
        "SELECT k, SUM(CASE WHEN is_all_mandatory_pass IS NULL THEN 1 ELSE 0 END) "
        f"FROM ({latest}) AS t GROUP BY k",
        sql,
    )


def _unchecked(asked: Asked, _: datetime) -> Details:
    sql, window = Statement(), asked.window
    enrolled = (
        "(SELECT d.dealer_id, e.store_id, e.promotion_id FROM promotion_store e "
        "JOIN promotion p ON p.id = e.promotion_id JOIN store_dealer d ON d.store_id = e.store_id "
        f"AND d.from_on < {sql.day(window.to_on)} "
        f"AND (d.to_on IS NULL OR d.to_on >= {sql.day(window.to_on)}) "
        f"WHERE p.starts_on < {sql.day(window.to_on)} AND p.ends_on >= {sql.day(window.from_on)} "
        f"AND (p.stopped_on IS NULL OR p.stopped_on >= {sql.day(window.from_on)}))"
    )
    seen = (
        "NOT EXISTS (SELECT 1 FROM promotion_fact x WHERE x.store_id = f.store_id "
        f"AND x.promotion_id = f.promotion_id AND {sql.within('x.day', window)})"
    )
    stores = sql.grouped(asked, enrolled, seen, "COUNT(*) AS enrolments")
    return _told(
        "promo_unchecked_stores", f"SELECT k, COUNT(*) FROM ({stores}) AS t GROUP BY k", sql
    )


def _stale(asked: Asked, _: datetime) -> Details:
    """Return the score with what was last judged before the window, and in how many stores."""
    window, since = asked.window, asked.window.to_on - STALE_WITHIN
    if window.from_on <= since:
        return {}
    sql = Statement()
    started = sql.day(window.from_on)
    latest = SOURCES["signage"](replace(asked, window=Window(since, window.to_on)), sql)
    rows = db.execute_sql(
        "SELECT k, SUM(signage_num / signage_den), COUNT(*), "
        f"SUM(CASE WHEN day < {started} THEN 1 ELSE 0 END) FROM ({latest}) AS t "
        "WHERE signage_den > 0 GROUP BY k",
        sql.values,
    )
    return {
        key: {"stale_stores": int(stale), "value_with_stale": float(total) / count}
        for key, total, count, stale in rows
        if stale
    }


def _answered(asked: Asked, _: datetime) -> Details:
    people = asked.population
    if people.grain is not Grain.DEALER or people.roots is not None:
        return {}
    rates = satisfaction.response_rates(people.actor, list(people.members or ()), asked.window)
    return {dealer_id: {"response_rate": rate} for dealer_id, rate in rates.items()}


def _counted(
    asked: Asked, sql: Statement, source: str, where: str, value: str, *, by_person: bool = False
) -> dict[Any, Counter[int]]:
    """Return of each member how often a value occurs in the rows of a source."""
    members = asked.population.membership(by_person=by_person)
    sql.values += members.values
    rows = db.execute_sql(
        f"SELECT {members.key} AS k, {value} AS taken, COUNT(*) FROM {source} f{members.joins} "
        f"WHERE {where}{members.where} GROUP BY 1, 2",
        sql.values,
    )
    found: defaultdict[Any, Counter[int]] = defaultdict(Counter)
    for key, taken, count in rows:
        found[key][int(taken)] += count
    return found


def _told(name: str, statement: str, sql: Statement) -> Details:
    return {key: {name: int(count)} for key, count in db.execute_sql(statement, sql.values)}


def _per(unit: int, counts: Mapping[int, int], part: float) -> float | None:
    found = quantile(counts, part)
    return None if found is None else found / unit


def _instant(value: Any) -> datetime:
    """Return an instant that SQLite gives as text."""
    return datetime.fromisoformat(str(value)).replace(tzinfo=UTC)


def _day(value: Any) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value


_DETAILS: Mapping[str, Callable[[Asked, datetime], Details]] = {
    "avg_time_in_store_min": _times,
    "mean_time_to_resolve_h": _resolved,
    "visit_adherence_rate": _late,
    "mandatory_all_pass_store_rate": _incomplete,
    "promo_execution_rate": _unchecked,
    "signage_compliance_score": _stale,
    "feedback_score": _answered,
}
