"""Details: what is told beside the figures of a dealer, store, rep or area, and costs more to find.

Spreads of times, plans done a little late, and what could not be measured.
They are worked out of single rows, so tables and series do without them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from peewee import chunked

from backend.insight import satisfaction
from backend.insight.asked import Asked
from backend.insight.enrolments import running, taking_part, while_running
from backend.insight.facts import seqs_from
from backend.insight.kpis import Figure
from backend.insight.populations import Grain, Population
from backend.insight.sources import SOURCES
from backend.insight.statements import Sql, a_day, one_of, rows_of, sql, within
from backend.insight.visit_sources import counted, planned
from backend.insight.windows import Window

GRACES = (1, 2, 3)
"""Days by which a planned visit may be early or late."""
STALE_WITHIN = timedelta(days=90)
_CHUNK = 500
Details = Mapping[Any, Mapping[str, Any]]


def add(
    population: Population,
    window: Window,
    found: Mapping[Any, dict[str, Figure]],
) -> None:
    """Put the details of members beside their figures, which are replaced."""
    asked = Asked(population.resolved(), window)
    wanted = {code for figures in found.values() for code in figures} & _DETAILS.keys()
    for code in sorted(wanted):
        told = _DETAILS[code](asked)
        for key, figures in found.items():
            if key in told:
                also = {**(figures[code].also or {}), **told[key]}
                figures[code] = replace(figures[code], also=also)


def median(counts: Mapping[int, int]) -> float | None:
    """Return the value in the middle, or between the two there, from how often each occurs."""
    total = sum(counts.values())
    if not total:
        return None
    return (_ranked(counts, (total + 1) // 2) + _ranked(counts, total // 2 + 1)) / 2


def tenth(counts: Mapping[int, int]) -> int | None:
    """Return the least value that a tenth of all does not exceed (the nearest rank)."""
    total = sum(counts.values())
    return _ranked(counts, -(-total // 10)) if total else None


def _ranked(counts: Mapping[int, int], place: int) -> int:
    passed = 0
    for value in sorted(counts):
        passed += counts[value]
        if passed >= place:
            return value
    raise ValueError(place)


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


def _times(asked: Asked) -> Details:
    where = sql("{days} AND f.is_timed = 1", days=within("f.day", asked.window))
    stays = asked.listed("visit_fact", where, "f.stayed_s", by_person=True)
    counted_stays = "SELECT k, stayed_s, COUNT(*) FROM ({stays}) AS stays GROUP BY k, stayed_s"
    rows = rows_of(sql(counted_stays, stays=stays))
    counts: defaultdict[Any, dict[int, int]] = defaultdict(dict)
    for key, stayed_s, count in rows:
        counts[key][stayed_s] = count
    return {
        key: {"median": _minutes(median(each)), "p10": _minutes(tenth(each))}
        for key, each in counts.items()
    }


def _late(asked: Asked) -> Details:
    rows = rows_of(
        sql(
            "SELECT k, store_id, planned_on, COUNT(*), SUM(done) "
            "FROM ({entries}) AS t GROUP BY k, store_id, planned_on",
            entries=planned(asked),
        )
    )
    plans: defaultdict[tuple[Any, int], list[date]] = defaultdict(list)
    total: Counter[Any] = Counter()
    done: defaultdict[Any, Counter[int]] = defaultdict(Counter)
    for key, store_id, day, count, made in rows:
        plans[key, store_id] += [_day(day)] * int(count)
        total[key] += int(count)
        done[key][0] += int(made)
    visits = _visits(asked, {store_id for _, store_id in plans})
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


def _visits(asked: Asked, store_ids: set[int]) -> dict[int, list[date]]:
    """Return the days of the visits of stores in a window and a little around it."""
    around, window = timedelta(days=max(GRACES)), asked.window
    found: defaultdict[int, list[date]] = defaultdict(list)
    for some in chunked(sorted(store_ids), _CHUNK):
        rows = rows_of(
            sql(
                "SELECT f.store_id, f.day FROM visit_fact f WHERE {stores} "
                "AND f.seq >= {since} AND f.seq < {until} AND {counted}",
                stores=one_of("f.store_id", some),
                since=seqs_from(window.from_on - around),
                until=seqs_from(window.to_on + around),
                counted=counted(asked, "f"),
            )
        )
        for store_id, day in rows:
            found[store_id].append(_day(day))
    return found


def _unvisited(asked: Asked) -> Details:
    window = asked.window
    enrolments = sql(
        "(SELECT d.dealer_id, e.store_id "
        "FROM promotion_store e JOIN promotion p ON p.id = e.promotion_id "
        "JOIN store_dealer d ON d.store_id = e.store_id "
        "AND d.from_on < {until} AND (d.to_on IS NULL OR d.to_on >= {until}) "
        # Not joined: SQLite would ask of each promotion there ever was whether anybody came.
        "WHERE e.promotion_id IN (SELECT p.id FROM promotion p WHERE {running}) "
        "AND NOT EXISTS (SELECT 1 FROM visit_fact x WHERE x.store_id = e.store_id "
        "AND x.seq >= {first} AND x.seq < {end} AND x.visits = 1 "
        "AND {while_running} AND {taking_part}))",
        until=a_day(window.to_on),
        running=running(window),
        first=seqs_from(window.from_on),
        end=seqs_from(window.to_on),
        while_running=while_running("x.day"),
        taking_part=taking_part("x.day"),
    )
    stores = asked.grouped(enrolments, "1 = 1", "COUNT(*) AS enrolments")
    counts = "SELECT k, COUNT(*) FROM ({stores}) AS t GROUP BY k"
    return _told("promo_unchecked_stores", sql(counts, stores=stores))


def _stale(asked: Asked) -> Details:
    """Return the score with what was last judged before the window, and in how many stores."""
    window, since = asked.window, asked.window.to_on - STALE_WITHIN
    if window.from_on <= since:
        return {}
    rows = rows_of(
        sql(
            "SELECT k, SUM(signage_num / signage_den), COUNT(*), "
            "SUM(CASE WHEN day < {started} THEN 1 ELSE 0 END) FROM ({latest}) AS t "
            "WHERE signage_den > 0 GROUP BY k",
            started=a_day(window.from_on),
            latest=SOURCES["signage"](replace(asked, window=Window(since, window.to_on))),
        )
    )
    return {
        key: {"stale_stores": int(stale), "value_with_stale": float(total) / count}
        for key, total, count, stale in rows
        if stale
    }


def _answered(asked: Asked) -> Details:
    people = asked.population
    if people.grain is not Grain.DEALER or people.roots is not None:
        return {}
    rates = satisfaction.response_rates(people.actor, list(people.members or ()), asked.window)
    return {dealer_id: {"response_rate": rate} for dealer_id, rate in rates.items()}


def _told(name: str, statement: Sql) -> Details:
    return {key: {name: int(count)} for key, count in rows_of(statement)}


def _minutes(seconds: float | None) -> float | None:
    return None if seconds is None else seconds / 60


def _day(value: Any) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value


_DETAILS: Mapping[str, Callable[[Asked], Details]] = {
    "avg_time_in_store_min": _times,
    "visit_adherence_rate": _late,
    "promo_execution_rate": _unvisited,
    "signage_compliance_score": _stale,
    "feedback_score": _answered,
}
