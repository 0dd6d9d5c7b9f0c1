"""Overstock (压货过高) as a case: a count that lasts too long is a violation of its store.

It is judged when a count is taken in, by the sell-out known then.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from backend.fieldwork import retractions, violations
from backend.fieldwork.judgement import Sighting
from backend.fieldwork.models import Visit
from backend.fieldwork.trade_models import StockCount
from backend.fieldwork.violation_models import Violation, ViolationSighting
from backend.fieldwork.violations import Fact
from backend.insight import covers, stock
from backend.network import stores
from backend.network.models import Store
from backend.platform import clock
from backend.platform.actors import SYSTEM
from backend.platform.database import take_turns, transaction
from backend.standards.codes import ViolationKind
from backend.standards.trade_codes import StockFlag

_source = itemgetter("store_id", "source", "source_id")


def tell(store_ids: Collection[int], *, at: datetime) -> None:
    """Open or join the case of each product of which these stores have too much.

    A count says so once. What a visit counted counts as seen by it, so it is taken back when
    the visit is no longer believed.
    """
    found: Any = covers.flags(
        SYSTEM,
        day=clock.business_date(at),
        flag=StockFlag.OVERSTOCK,
        store_ids=sorted(store_ids),
    )
    for (store_id, source, source_id), rows in groupby(sorted(found, key=_source), _source):
        with transaction():
            take_turns(f"store:{store_id}")
            known = {case.subject for case in _told(store_id, source_id)}
            subjects = [f"sku:{row['sku_id']}" for row in rows]
            new = [subject for subject in subjects if subject not in known]
            if source == "visit":
                _sight(Visit.get_by_id(source_id), new, at=at)
            else:
                _sight_count(StockCount.get(StockCount.id == source_id), new, at=at)


def refresh_and_tell(job_keys: list[str]) -> None:
    """Do the refreshes that the keys of jobs stand for, and tell of what is too much."""
    store_ids = [int(key) for key in job_keys]
    stock.refresh(store_ids)
    tell(store_ids, at=clock.now())


def _told(store_id: int, source_id: object) -> Any:
    """Return the cases that a count is a sighting of."""
    return (
        Violation.select(Violation.subject)
        .join(ViolationSighting, on=ViolationSighting.violation_id == Violation.id)
        .where(
            Violation.store == store_id,
            Violation.kind == str(ViolationKind.OVERSTOCK_RISK),
            ViolationSighting.visit_id == source_id,
        )
    )


def _sight(visit: Visit, subjects: list[str], *, at: datetime) -> None:
    if retractions.is_believed(visit):
        seen = [Sighting(ViolationKind.OVERSTOCK_RISK, subject) for subject in subjects]
        violations.sight(visit, seen, at=at)


def _sight_count(count: StockCount, subjects: list[str], *, at: datetime) -> None:
    store = Store.get_by_id(count.store_id)
    for subject in subjects:
        fact = Fact(
            id=count.id,
            kind=ViolationKind.OVERSTOCK_RISK,
            subject=subject,
            store_id=store.id,
            dealer_id=stores.dealer_on(store.id, count.counted_on),
            region_id=store.region_id,
            person_id=count.person_id,
            seen_at=count.counted_at,
            day=count.counted_on,
        )
        violations.sight_fact(None, fact, at=at)


BATCHES: dict[str, Callable[[list[str]], None]] = {stock.KIND: refresh_and_tell}
