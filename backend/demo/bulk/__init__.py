"""Datasets too large to be handed in visit by visit: rows made column by column and bulk loaded.

What they say is consistent, as if it had been handed in: counts are those of the lines, plans agree
with visits, the dealer of a visit is that of its day. The same size, seed and day give the same
rows, however many processes make them: each team of salespeople has chance of its own.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
import traceback
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

from peewee import Model
from rich.progress import Progress

from backend import worker
from backend.demo.bulk import loading, network, offer, planting, setting
from backend.demo.bulk.pages import Page
from backend.demo.bulk.sizes import SIZES
from backend.demo.bulk.team_rows import Made, Order, rows_of
from backend.demo.cast import World, at
from backend.demo.presets import Preset
from backend.demo.truth import Truth
from backend.evidence.models import LocationReading, PhotoAudit, PhotoMatch, PhotoReading
from backend.evidence.signal_models import VisitScore, VisitSignal
from backend.fieldwork import imei
from backend.fieldwork.case_models import (
    Complaint,
    ComplaintEntry,
    FeedbackCard,
    FeedbackScore,
    Task,
    TaskEvent,
)
from backend.fieldwork.fixture_models import Fixture, FixtureEvent, FixtureInspection
from backend.fieldwork.journey_models import PlanEntry
from backend.fieldwork.models import (
    PriceObservation,
    ProductLine,
    PromotionResult,
    Report,
    Visit,
)
from backend.fieldwork.photo_models import Photo
from backend.fieldwork.push_models import PushAssessment
from backend.fieldwork.trade_models import SellIn, SellOut, StockCount, StockCountLine
from backend.fieldwork.violation_models import Violation, ViolationSighting
from backend.insight import rollups, seasons
from backend.insight.stock_models import StoreStock
from backend.network import archive_scores, duplicate_search
from backend.network.archive_models import CustomerCard
from backend.network.models import Dealer, Store
from backend.network.words import Subject
from backend.platform import consumers, ledger
from backend.platform.actors import Actor, Role
from backend.platform.database import db, is_sqlite, transaction
from backend.standards.mix_models import CounterSurvey
from backend.standards.models import PromotionStore

TABLES: tuple[type[Model], ...] = (
    PlanEntry,
    Visit,
    Report,
    ProductLine,
    PriceObservation,
    PromotionResult,
    Photo,
    Violation,
    ViolationSighting,
    Task,
    TaskEvent,
    LocationReading,
    PhotoReading,
    PhotoMatch,
    PhotoAudit,
    VisitScore,
    VisitSignal,
    SellIn,
    SellOut,
    StockCount,
    StockCountLine,
    StoreStock,
    Complaint,
    ComplaintEntry,
    FeedbackCard,
    FeedbackScore,
    PushAssessment,
    CounterSurvey,
    CustomerCard,
    PromotionStore,
    Fixture,
    FixtureEvent,
    FixtureInspection,
)
"""What is loaded without indexes."""
_PAGES_WAITING = 12
_SLICE = 100
"""One dealer in so many is counted by hand."""
_MEASURED_AT_ONCE = 5_000


def load(
    preset: str,
    seed: int,
    truth_path: Path,
    progress: Progress,
    today: date,
    *,
    processes: int | None = None,
    with_rollups: bool = True,
) -> list[tuple[str, str, str]]:
    """Fill an empty database, write down what was planted, and return an example of each role.

    The window of visits ends the day before `today`. Raises KeyError for an unknown preset.
    """
    size = SIZES[preset]
    start = today - timedelta(days=size.days)
    truth = Truth(preset=preset, seed=seed, today=today)
    bars = _Bars(progress)
    bars.show("network", 0, 1)
    laid_out = planting.build(size, seed, truth)
    logins = setting.plant(laid_out, start)
    world = World(
        preset=Preset(areas=(), days=size.days, photo_share=size.photo_share),
        today=today,
        random=Random(f"{seed} offer"),  # noqa: S311  # the same every time is the point
        truth=truth,
        admin=Actor(id=1, role=Role.ADMIN, region_path="/"),
    )
    with transaction():
        goods = offer.build(world)
    loading.continue_numbers(["region", "person", "dealer", "store"])
    auditors = [row[0] for row in laid_out.people if row[3] == Role.AUDITOR]
    setting.plan_audits(world.before)
    bars.show("network", 1, 1)
    order = Order(
        size=size,
        seed=seed,
        start=start,
        teams=laid_out.teams,
        offer=goods,
        auditors=auditors,
        dealer_codes=[row[1] for row in laid_out.dealers],
        sliced=_sliced(laid_out),
    )
    rows: Counter[str] = Counter(setting.counted(laid_out))
    planted: dict[int, dict[str, list[dict[str, Any]]]] = {}
    with loading.open_tables([_table(model) for model in TABLES], bars.show):
        for number, made in enumerate(_made(order, processes or os.cpu_count() or 1)):
            bars.show("rows", number, 0)
            if isinstance(made, Made):
                bars.step("teams", len(order.teams))
                planted[made.team] = made.planted
            else:
                rows.update(made)
    loading.continue_numbers([_table(CustomerCard), _table(Fixture)])
    if broken := loading.broken_references():
        raise RuntimeError(f"Rows refer to nothing: {broken}")
    for team in sorted(planted):
        for kind, facts in planted[team].items():
            for fact in facts:
                truth.plant(kind, **fact)
    truth.write(truth_path)
    _settle(preset, seed, today, rows, bars, twins=laid_out.twins, with_rollups=with_rollups)
    return logins


def _table(model: type[Model]) -> str:
    name: str = model._meta.table_name  # noqa: SLF001  # peewee's public name
    return name


class _Bars:
    """Progress bars by what they are about."""

    def __init__(self, progress: Progress) -> None:
        self._progress, self._bars = progress, dict[str, Any]()

    def show(self, about: str, done: int, total: int) -> None:
        """Say how far something is."""
        if about not in self._bars:
            self._bars[about] = self._progress.add_task(about, total=total or None)
        self._progress.update(self._bars[about], completed=done)

    def step(self, about: str, total: int) -> None:
        """Say that one more is done."""
        self.show(about, 0, total) if about not in self._bars else None
        self._progress.advance(self._bars[about])


def _sliced(laid_out: network.Network) -> dict[int, int]:
    """Return the dealers that are counted by hand, the first of the first team, and their twins."""
    wanted = max(len(laid_out.dealers) // _SLICE, 2)
    known = sorted({int(each) for each in laid_out.teams[0].dealer})[:wanted]
    twins = Counter(laid_out.twins.values())
    return {dealer: twins[dealer] for dealer in known}


def _made(order: Order, processes: int) -> Iterator[Counter[str] | Made]:
    """Make and write every team's rows, and yield how many went where and what was planted."""
    if processes == 1:
        for number in range(len(order.teams)):
            for made in rows_of(order, number):
                yield _written(made)
        return
    with _workers(order, processes) as waiting:
        left = processes
        while left:
            made = waiting.get()
            if made is None:
                left -= 1
            elif isinstance(made, BaseException):
                raise made
            else:
                yield _written(made)


def _written(made: Page | Made | Counter[str]) -> Counter[str] | Made:
    """Write a page that is not written yet."""
    if isinstance(made, Page):
        loading.write([made])
        return Counter({made.table: made.rows})
    return made


@contextmanager
def _workers(order: Order, processes: int) -> Iterator[Any]:
    """Run processes that make the teams between them; a queue says what they made."""
    context = multiprocessing.get_context("fork")
    waiting = context.Queue(_PAGES_WAITING)
    every = [
        context.Process(target=_fork, args=(order, first, processes, waiting), daemon=True)
        for first in range(processes)
    ]
    for each in every:
        each.start()
    try:
        yield waiting
    finally:
        for each in every:
            each.terminate()
            each.join()


def _fork(*of: Any) -> None:
    """Work in a thread of its own: connections belong to threads, and the parent's is not ours."""
    thread = threading.Thread(target=_work, args=of)
    thread.start()
    thread.join()


def _work(order: Order, first: int, stride: int, waiting: Any) -> None:
    """Make every so-manieth team: PostgreSQL is written to at once, SQLite by the one writer."""
    try:
        if not is_sqlite():
            db.connect()
            loading.hurry()
        for number in range(first, len(order.teams), stride):
            for made in rows_of(order, number):
                waiting.put(made if is_sqlite() else _written(made))
        waiting.put(None)
    except BaseException:  # noqa: BLE001  # the parent raises it
        waiting.put(RuntimeError(traceback.format_exc()))


def _sold_elsewhere() -> set[str]:
    """Return the handsets that a store sold and another dealer than its own had bought."""
    bought: Any = (
        SellIn.select(SellIn.imei)
        .join(SellOut, on=SellOut.imei == SellIn.imei)
        .where(SellIn.store.is_null(), SellIn.dealer != SellOut.dealer)
        .tuples()
    )
    return {number for (number,) in bought}


def _settle(
    preset: str,
    seed: int,
    today: date,
    rows: Counter[str],
    bars: _Bars,
    *,
    twins: Iterable[int],
    with_rollups: bool,
) -> None:
    """Do what the worker would do about all of it, and write the load down in the ledger."""
    for model, subject in ((Store, Subject.STORE), (Dealer, Subject.DEALER)):
        found: Any = model.select(model.id).order_by(model.id).tuples()
        keys = [key for (key,) in found]
        for begin in range(0, len(keys), _MEASURED_AT_ONCE):
            bars.show(f"archives of {subject}s", begin, len(keys))
            archive_scores.measure(subject, keys[begin : begin + _MEASURED_AT_ONCE])
        bars.show(f"archives of {subject}s", len(keys), len(keys))
    duplicate_search.refresh(twins)
    admin = Actor(id=1, role=Role.ADMIN, region_path="/")
    with transaction():
        imei.one_at_a_time()
        imei.judge(admin, _sold_elsewhere(), at=at(today, 0) - timedelta(hours=1))
        ledger.append(
            admin,
            "dataset.loaded",
            preset,
            at=at(today, 0) - timedelta(seconds=1),
            preset=preset,
            seed=seed,
            rows=dict(sorted(rows.items())),
        )
    while ledger.seal():  # what a consumer does is told the others too
        for consumer in worker.CONSUMERS:
            while consumers.advance(consumer):
                pass
    seasons.rebuild()
    if with_rollups:
        done = 0

        def tell(count: int) -> None:
            nonlocal done
            done += count
            bars.show("figures", done, 0)

        rollups.rebuild(tell)
