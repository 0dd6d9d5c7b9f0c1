"""Freezing figures: of months and quarters three days after they end, and again when corrected.

What was over before anybody froze anything is frozen in turn, the latest first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import orjson
from peewee import fn

from backend.insight import details, frozen, periods, tables
from backend.insight.case_sources import STILL_ANSWERED
from backend.insight.catalogue import SUMMARISED
from backend.insight.details import STALE_WITHIN
from backend.insight.figures import figures
from backend.insight.frozen_models import FrozenFigures
from backend.insight.models import SalesDay, VisitFact
from backend.insight.populations import Grain, Population
from backend.insight.statements import a_day, joined, rows_of, sql
from backend.insight.touched import MOVED, store_days
from backend.insight.trade_sources import RECENT
from backend.insight.windows import FIRST_ON, PRESETS, PROVISIONAL, Against, Window
from backend.network.models import Dealer
from backend.platform import clock, jobs, ledger
from backend.platform.actors import SYSTEM
from backend.platform.consumers import Consumer
from backend.platform.database import canonical, insert_rows, take_turns, transaction
from backend.platform.models import Job, LedgerEntry

KIND = "freeze-figures"
SETTLES_IN = timedelta(hours=1)  # corrections seldom come alone, and the facts must know them
OF_NOW = ("archive_completeness",)
"""KPIs of no window, which stay as they were when the first version was frozen in time."""
LOOKS_BACK = max(STILL_ANSWERED, STALE_WITHIN, RECENT, timedelta(days=92))
"""How long before a window something may change its figures: of orders as long as a quarter is."""
_DIGITS = 9  # engines may add up fractions in another order


def closed(today: date) -> list[Window]:
    """Return the last month and the last quarter that are no longer provisional on a day."""
    return [PRESETS[name](today - PROVISIONAL) for name in ("month", "quarter")]


def freeze_due(at: datetime | None = None) -> int:
    """Owe the figures of what was closed, unless they are there or owed; return how many.

    What was closed earlier comes one window at a time, once nothing else waits to be frozen.
    """
    at = at or clock.now()
    owed, last = 0, closed(clock.business_date(at))
    for window in _missing(last):
        is_last, name = window in last, f"{window.from_on}:{window.to_on}"
        if Job.select().where(Job.kind == KIND, Job.key.endswith(f":{name}")).exists():
            continue
        if not is_last and (owed or jobs.are_due(KIND, at=at)):
            break
        keys = [f"{dealer.id}:{name}" for dealer in Dealer.select(Dealer.id)]
        with transaction():
            jobs.enqueue(KIND, keys, at=at + SETTLES_IN if is_last else at)
        owed += len(keys)
    return owed


def _missing(last: Sequence[Window]) -> list[Window]:
    """Return the windows up to the last ones that have facts and no figures, the latest first."""
    first = [table.select(fn.MIN(table.day)).scalar() for table in (VisitFact, SalesDay)]
    since = max(FIRST_ON, min((day for day in first if day is not None), default=date.max))
    windows = sorted(_until(last, since), key=lambda each: (each.to_on, each.from_on), reverse=True)
    if not windows:
        return []
    listed = joined(
        [sql("({a}, {b})", a=a_day(each.from_on), b=a_day(each.to_on)) for each in windows], ", "
    )
    facts = " OR ".join(
        f"EXISTS (SELECT 1 FROM {table} f WHERE f.day >= w.a AND f.day < w.b)"
        for table in ("visit_fact", "sales_day")
    )
    rows = rows_of(
        sql(
            "SELECT w.a, w.b "
            "FROM (SELECT column1 AS a, column2 AS b FROM (VALUES {listed}) AS v) AS w "
            "WHERE NOT EXISTS (SELECT 1 FROM frozen_figures x "
            f"WHERE x.from_on = w.a AND x.to_on = w.b) AND ({facts})",
            listed=listed,
        )
    )
    found = {(str(since), str(until)) for since, until in rows}
    return [each for each in windows if (str(each.from_on), str(each.to_on)) in found]


def _until(last: Sequence[Window], since: date) -> Iterator[Window]:
    """Yield the months and quarters from that of a day to the last ones."""
    for latest in last:
        window = latest
        while window.to_on > since:
            yield window
            window = periods.before(window, Against.PREVIOUS)


def freeze(job_keys: Iterable[str]) -> None:
    """Freeze the figures that the keys of jobs stand for, where they changed since."""
    windows = defaultdict(list)
    for key in job_keys:
        dealer_id, from_on, to_on = key.split(":")
        windows[Window(date.fromisoformat(from_on), date.fromisoformat(to_on))].append(
            int(dealer_id)
        )
    for window, dealer_ids in windows.items():
        keep(dealer_ids, window, at=clock.now())


def keep(dealer_ids: Sequence[int], window: Window, *, at: datetime) -> int:
    """Keep dealers' figures as the next version where they say anything new; return how many."""
    everyone = Population(actor=SYSTEM, grain=Grain.DEALER, members=dealer_ids)
    found = figures(everyone, window=window, at=at)
    for dealer_id in dealer_ids:
        found.setdefault(dealer_id, tables.nobody(SUMMARISED, at))
    details.add(everyone, window, {key: one.figures for key, one in found.items()})
    made = 0
    with transaction():
        take_turns("freezing figures")
        last = {
            row.dealer_id: row
            for row in FrozenFigures.select().where(
                FrozenFigures.dealer.in_(list(dealer_ids)),
                FrozenFigures.from_on == window.from_on,
                FrozenFigures.to_on == window.to_on,
                FrozenFigures.is_latest,
            )
        }
        for dealer_id in dealer_ids:
            before = last.get(dealer_id)
            document = frozen.document(found[dealer_id])
            if before is None and window not in closed(clock.business_date(at)):
                _forget(document)
            if before is not None:
                _carry(before.document, document)
                if _said(before.document) == _said(document):
                    continue
            _append(dealer_id, window, before, document, at)
            made += 1
    return made


def _append(
    dealer_id: int,
    window: Window,
    before: FrozenFigures | None,
    document: dict[str, Any],
    at: datetime,
) -> None:
    version = before.version + 1 if before else 1
    FrozenFigures.update(is_latest=False).where(
        FrozenFigures.dealer == dealer_id,
        FrozenFigures.from_on == window.from_on,
        FrozenFigures.to_on == window.to_on,
    ).execute()
    row = {
        "dealer": dealer_id,
        "from_on": window.from_on,
        "to_on": window.to_on,
        "version": version,
        "is_latest": True,
        "document": document,
        "as_of": at,
    }
    insert_rows(FrozenFigures, [row])
    ledger.append(
        None,
        "figures.frozen",
        f"{dealer_id}:{window.from_on}:{window.to_on}",
        at=at,
        of_dealer=dealer_id,
        version=version,
    )


def _carry(before: dict[str, Any], after: dict[str, Any]) -> None:
    for code in OF_NOW:
        after["figures"].pop(code, None)
        if code in before["figures"]:
            after["figures"][code] = before["figures"][code]


def _forget(document: dict[str, Any]) -> None:
    """Keep nothing of today as if it had been so in a window that was over long ago."""
    for code in OF_NOW:
        nothing = [None, 0, 0, 0, True, None, {"not_kept": True}]
        document["figures"][code] = nothing


def _said(part: Any) -> str:
    return canonical(_rounded(part))


def _rounded(part: Any) -> Any:
    if isinstance(part, dict):
        return {key: _rounded(each) for key, each in part.items()}
    if isinstance(part, list | tuple):
        return [_rounded(each) for each in part]
    return float(f"{part:.{_DIGITS}g}") if isinstance(part, int | float) else part


def handle(entries: list[LedgerEntry]) -> None:
    """Owe another look at frozen figures whose days the entries are about, once things settled."""
    at = entries[-1].at
    until = max(window.to_on for window in closed(clock.business_date(at)))
    spans = defaultdict(list)
    for dealer_id, day, _ in store_days(entries):
        if str(day) < str(until):
            spans[dealer_id].append((str(day), str(day)))
    for dealer_id, day in _moves(entries):
        if day < str(until):
            spans[dealer_id].append((day, str(until)))
    for dealer_id, found in sorted(spans.items()):
        since, latest = min(found)[0], max(day for _, day in found)
        kept = FrozenFigures.select(FrozenFigures.from_on, FrozenFigures.to_on).where(
            FrozenFigures.dealer == dealer_id,
            FrozenFigures.is_latest,
            FrozenFigures.from_on <= date.fromisoformat(latest) + LOOKS_BACK,
            FrozenFigures.to_on > date.fromisoformat(since),
        )
        keys = [f"{dealer_id}:{row.from_on}:{row.to_on}" for row in kept]
        jobs.enqueue(KIND, keys, at=at + SETTLES_IN)


def _moves(entries: list[LedgerEntry]) -> Iterator[tuple[int, str]]:
    """Yield each dealer that gave or got a store, and since when."""
    for entry in entries:
        if entry.verb == MOVED:
            fact = orjson.loads(entry.facts)
            for name in ("dealer", "former_dealer"):
                if fact.get(name):
                    yield fact[name], fact["from_on"]


CONSUMER = Consumer("figures", handle)
BATCHES: dict[str, Callable[[list[str]], None]] = {KIND: freeze}
