"""Freezing figures: of months and quarters three days after they end, and again when corrected."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from backend.insight import details, follow, frozen, tables
from backend.insight.catalogue import SUMMARISED
from backend.insight.figures import figures
from backend.insight.frozen_models import FrozenFigures
from backend.insight.populations import Grain, Population
from backend.insight.scorecards import EVERYTHING
from backend.insight.windows import PRESETS, PROVISIONAL, Window
from backend.network.models import Dealer
from backend.platform import clock, jobs, ledger
from backend.platform.consumers import Consumer
from backend.platform.database import canonical, insert_rows, take_turns, transaction
from backend.platform.models import Job, LedgerEntry

KIND = "freeze-figures"
SETTLES_IN = timedelta(hours=1)  # corrections seldom come alone, and the facts must know them
OF_NOW = ("archive_completeness",)
"""KPIs of no window, which stay as they were when the first version was frozen."""
_DIGITS = 9  # engines may add up fractions in another order


def closed(today: date) -> list[Window]:
    """Return the last month and the last quarter that are no longer provisional on a day."""
    return [PRESETS[name](today - PROVISIONAL) for name in ("month", "quarter")]


def freeze_due(at: datetime | None = None) -> int:
    """Owe the figures of what was closed, unless they are there or owed; return how many."""
    at = at or clock.now()
    owed = 0
    for window in closed(clock.business_date(at)):
        name = f"{window.from_on}:{window.to_on}"
        is_kept = FrozenFigures.select().where(
            FrozenFigures.from_on == window.from_on, FrozenFigures.to_on == window.to_on
        )
        is_owed = Job.select().where(Job.kind == KIND, Job.key.endswith(f":{name}"))
        if not is_kept.exists() and not is_owed.exists():
            keys = [f"{dealer.id}:{name}" for dealer in Dealer.select(Dealer.id)]
            with transaction():
                jobs.enqueue(KIND, keys, at=at + SETTLES_IN)
            owed += len(keys)
    return owed


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
    everyone = Population(actor=EVERYTHING, grain=Grain.DEALER, members=dealer_ids)
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
    days = defaultdict(list)
    for dealer_id, day, _ in follow.store_days(entries):
        if str(day) < str(until):
            days[dealer_id].append(str(day))
    for dealer_id, found in sorted(days.items()):
        kept = FrozenFigures.select(FrozenFigures.from_on, FrozenFigures.to_on).where(
            FrozenFigures.dealer == dealer_id,
            FrozenFigures.is_latest,
            FrozenFigures.from_on <= date.fromisoformat(max(found)),
            FrozenFigures.to_on > date.fromisoformat(min(found)),
        )
        keys = [f"{dealer_id}:{row.from_on}:{row.to_on}" for row in kept]
        jobs.enqueue(KIND, keys, at=at + SETTLES_IN)


CONSUMER = Consumer("figures", handle)
BATCHES: dict[str, Callable[[list[str]], None]] = {KIND: freeze}
