"""Frozen scorecards: a month's card is kept once it is no longer provisional, by version."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from typing import Any

import orjson
from peewee import ModelSelect

from backend.insight import scorecard_documents
from backend.insight.scorecard_models import Scorecard
from backend.insight.windows import Against, last_closed_month, month_of
from backend.network import regions
from backend.network.models import Dealer, Region
from backend.platform import clock, jobs, ledger
from backend.platform.actors import SYSTEM, Actor
from backend.platform.consumers import Consumer
from backend.platform.database import canonical, take_turns, transaction
from backend.platform.errors import NotFoundError
from backend.platform.models import Job, LedgerEntry

KIND = "freeze-scorecard"
SETTLES_IN = timedelta(hours=1)  # corrections seldom come alone, and the figures must know them
_OF_ITS_MAKING = ("as_of", "is_provisional")
UNSCORED = -1.0


def freeze_due(at: datetime | None = None) -> int:
    """Owe the cards of the last closed month, unless they are there or owed; return how many."""
    at = at or clock.now()
    month = last_closed_month(clock.business_date(at))
    if (
        Scorecard.select().where(Scorecard.month_on == month.from_on).exists()
        or Job.select().where(Job.kind == KIND, Job.key.endswith(f":{month.from_on}")).exists()
    ):
        return 0
    working = Dealer.select(Dealer.id).where(
        Dealer.opened_on < month.to_on,
        Dealer.closed_on.is_null() | (Dealer.closed_on > month.from_on),
        Dealer.merged_into.is_null(),
    )
    keys = [f"{dealer.id}:{month.from_on}" for dealer in working]
    with transaction():
        jobs.enqueue(KIND, keys, at=at)
    return len(keys)


def freeze(job_keys: Iterable[str]) -> None:
    """Freeze the cards that the keys of jobs stand for, where they changed since."""
    for key in job_keys:
        dealer_id, _, month_on = key.partition(":")
        freeze_one(int(dealer_id), date.fromisoformat(month_on), at=clock.now())


def freeze_one(dealer_id: int, month_on: date, *, at: datetime) -> Scorecard | None:
    """Keep a month's card as its next version; return None if it says what the last one does."""
    window = month_of(month_on)
    document = scorecard_documents.get(
        SYSTEM, dealer_id, window=window, against=Against.PREVIOUS, at=at
    )
    with transaction():
        take_turns(f"freezing scorecards of {dealer_id}")
        mine = (Scorecard.dealer == dealer_id) & (Scorecard.month_on == month_on)
        last = Scorecard.get_or_none(mine, Scorecard.is_latest)
        if last is not None and _said(last.document) == _said(document):
            return None
        Scorecard.update(is_latest=False).where(mine).execute()
        score = document["score"]
        card: Scorecard = Scorecard.create(
            dealer=dealer_id,
            month_on=month_on,
            version=last.version + 1 if last else 1,
            region=document["region_id"],
            is_latest=True,
            score=score,
            standing=UNSCORED if score is None else score,
            pillars={one["pillar"]: one["points"] for one in document["pillars"]},
            document=document,
            frozen_at=at,
        )
        ledger.append(
            None,
            "scorecard.frozen",
            f"{dealer_id}:{month_on}",
            at=at,
            of_dealer=dealer_id,
            region=card.region_id,
            version=card.version,
        )
    return card


def owe(dealer_id: int, from_on: date, to_on: date, *, at: datetime) -> None:
    """Owe another look at the frozen months of a dealer that have a day of these, or follow one.

    The month after is compared with them.
    """
    frozen = Scorecard.select(Scorecard.month_on).where(
        Scorecard.dealer == dealer_id,
        Scorecard.is_latest,
        Scorecard.month_on >= month_of(from_on).from_on,
        Scorecard.month_on <= month_of(to_on - timedelta(days=1)).to_on,
    )
    jobs.enqueue(KIND, [f"{dealer_id}:{card.month_on}" for card in frozen], at=at)


def list_latest(
    actor: Actor, *, today: date, month: date | None = None, region_id: int | None = None
) -> ModelSelect[Scorecard]:
    """Return the latest cards of a month (the last one closed), the lowest score first.

    Those without a score come before all others. Each has its dealer's `code` and `name`. Raises
    NotFoundError for a region out of sight.
    """
    first = (month or last_closed_month(today).from_on).replace(day=1)
    rows: ModelSelect[Scorecard] = (
        _listed()
        .where(Scorecard.visible_to(actor), Scorecard.month_on == first, Scorecard.is_latest)
        .order_by(Scorecard.standing, Scorecard.dealer)
    )
    if region_id is not None:
        top = regions.get(actor, region_id)
        below = Region.select(Region.id).where(Region.path.startswith(top.path))
        rows = rows.where(Scorecard.region.in_(below))
    return rows


def list_of_dealer(actor: Actor, dealer_id: int) -> ModelSelect[Scorecard]:
    """Return every version of a dealer's cards, the latest month and version first."""
    return (
        _listed()
        .where(Scorecard.visible_to(actor), Scorecard.dealer == dealer_id)
        .order_by(Scorecard.month_on.desc(), Scorecard.version.desc())
    )


def get(actor: Actor, dealer_id: int, month_on: date, version: int | None = None) -> Scorecard:
    """Return a version of a month's card, the latest unless it is named. Raises NotFoundError."""
    wanted = Scorecard.is_latest if version is None else Scorecard.version == version
    card: Scorecard | None = Scorecard.get_or_none(
        Scorecard.visible_to(actor),
        Scorecard.dealer == dealer_id,
        Scorecard.month_on == month_on,
        wanted,
    )
    if card is None:
        raise NotFoundError(what="scorecard")
    return card


def _listed() -> ModelSelect[Scorecard]:
    columns = (
        Scorecard.dealer,
        Scorecard.month_on,
        Scorecard.version,
        Scorecard.score,
        Scorecard.pillars,
        Scorecard.frozen_at,
    )
    return Scorecard.select(*columns, Dealer.code, Dealer.name).join(Dealer).objects()


def _said(document: dict[str, Any]) -> str:
    return canonical({k: v for k, v in document.items() if k not in _OF_ITS_MAKING})


def handle(entries: list[LedgerEntry]) -> None:
    """Owe another look at frozen cards whose days the entries are about, once things settled."""
    last = last_closed_month(clock.business_date(entries[-1].at))
    months = set()
    for entry in entries:
        fact = orjson.loads(entry.facts)
        if fact.get("dealer") and fact.get("day") and fact["day"] < last.to_on.isoformat():
            months.add((fact["dealer"], date.fromisoformat(fact["day"])))
    for dealer_id, day in sorted(months):
        owe(dealer_id, day, day + timedelta(days=1), at=entries[-1].at + SETTLES_IN)


CONSUMER = Consumer("scorecards", handle)
BATCHES: dict[str, Callable[[list[str]], None]] = {KIND: freeze}
