"""Summaries: a dealer's KPIs over a window, folded from rollups.

Every query is bounded by the dealers asked for and by the window, so the cost of a summary does
not grow with history. A fact counts for the dealer that owned the store on its day.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import orjson
from peewee import Expression, ModelSelect

from backend.insight.kpis import KPIS, Figure, StoreTotal, ViolationRate, violation_rates
from backend.insight.models import StoreDay
from backend.insight.windows import Window
from backend.network.models import Dealer, Region, Store, StoreDealer
from backend.platform import clock
from backend.platform.actors import Actor
from backend.platform.database import db
from backend.platform.errors import NotFoundError

Roots = dict[int, list[int]]
"""The dealers whose facts are needed, each with the summaries it is part of."""


@dataclass(frozen=True, slots=True)
class DealerSummary:
    """A dealer's numbers over a window.

    `kpis` is keyed by the codes of KPIS, `violations_by_kind` counts what was first seen in the
    window, `n_stores` is how many stores were visited, `as_of` when this was worked out.
    """

    dealer_id: int
    dealer_code: str
    dealer_name: str
    region_id: int
    from_on: date
    to_on: date
    as_of: datetime
    is_provisional: bool
    n_stores: int
    kpis: dict[str, Figure]
    violations_by_kind: dict[str, int]
    violations_per_100_checks: dict[str, ViolationRate]


@dataclass(slots=True)
class _DealerTotal:
    stores: defaultdict[int, StoreTotal] = field(default_factory=lambda: defaultdict(StoreTotal))
    violations: Counter[str] = field(default_factory=Counter)
    checks: Counter[str] = field(default_factory=Counter)


def summary(
    actor: Actor,
    dealer_id: int,
    *,
    window: Window,
    at: datetime,
    include_sub_dealers: bool = False,
) -> DealerSummary:
    """Return one dealer's summary. Raises NotFoundError."""
    found = summaries(
        actor,
        window=window,
        at=at,
        dealer_ids=[dealer_id],
        include_sub_dealers=include_sub_dealers,
    )
    if not found:
        raise NotFoundError(what="dealer")
    return found[0]


def summaries(
    actor: Actor,
    *,
    window: Window,
    at: datetime,
    region_id: int | None = None,
    tier: str | None = None,
    dealer_ids: list[int] | None = None,
    include_sub_dealers: bool = False,
    limit: int | None = None,
    offset: int = 0,
) -> list[DealerSummary]:
    """Return the summaries of the dealers that `dealers` names, by code.

    `tier` keeps to stores of that tier; sub-dealers are those of today that the actor sees.
    """
    rows: Any = dealers(actor, region_id=region_id, dealer_ids=dealer_ids)
    named = list(rows.limit(limit).offset(offset).namedtuples())
    ids = [dealer.id for dealer in named]
    roots = _with_sub_dealers(actor, ids) if include_sub_dealers else {id_: [id_] for id_ in ids}
    totals = _totals(roots, window, tier)
    today = clock.business_date(at)
    return [
        DealerSummary(
            dealer_id=dealer.id,
            dealer_code=dealer.code,
            dealer_name=dealer.name,
            region_id=dealer.region,
            from_on=window.from_on,
            to_on=window.to_on,
            as_of=at,
            is_provisional=window.is_provisional(today),
            **_figures(totals[dealer.id]),
        )
        for dealer in named
    ]


def dealers(
    actor: Actor, *, region_id: int | None = None, dealer_ids: list[int] | None = None
) -> ModelSelect[Dealer]:
    """Return the dealers the actor may see, of a region and below or of a list, by code."""
    found = (
        Dealer.select(Dealer.id, Dealer.code, Dealer.name, Dealer.region)
        .where(Dealer.visible_to(actor))
        .order_by(Dealer.code, Dealer.id)
    )
    if region_id is not None:
        top = Region.select(Region.path).where(Region.id == region_id, Region.visible_to(actor))
        path = top.scalar()
        below = Region.select(Region.id).where(Region.path.startswith(path or "-"))
        found = found.where(Dealer.region.in_(below))
    return found if dealer_ids is None else found.where(Dealer.id.in_(dealer_ids))


def _with_sub_dealers(actor: Actor, ids: list[int]) -> Roots:
    """Return, for each dealer at or below those of `ids`, which of `ids` it is added to."""
    top = Dealer.alias()
    tree = (
        top.select(top.id.alias("root"), top.id.alias("dealer"))
        .where(top.id.in_(ids))
        .cte("tree", recursive=True, columns=("root", "dealer"))
    )
    child = Dealer.alias()
    below = child.select(tree.c.root, child.id).join(tree, on=child.parent == tree.c.dealer)
    tree = tree.union(below)
    pairs: Any = (
        Dealer.select(tree.c.root, Dealer.id)
        .join(tree, on=Dealer.id == tree.c.dealer)
        .where(Dealer.visible_to(actor))
        .with_cte(tree)
        .tuples()
    )
    roots: defaultdict[int, list[int]] = defaultdict(list)
    for root, dealer in pairs:
        roots[dealer].append(root)
    return roots


def _totals(roots: Roots, window: Window, tier: str | None) -> defaultdict[int, _DealerTotal]:
    totals: defaultdict[int, _DealerTotal] = defaultdict(_DealerTotal)
    if roots:
        _add_days(totals, roots, window, tier)
        _add_active_stores(totals, roots, window, tier)
    return totals


def _add_days(
    totals: defaultdict[int, _DealerTotal],
    roots: Roots,
    window: Window,
    tier: str | None,
) -> None:
    query = StoreDay.select().where(
        StoreDay.dealer_id.in_(sorted(roots)),
        StoreDay.day >= window.from_on,
        StoreDay.day < window.to_on,
        *_of_tier(StoreDay.store_id, tier),
    )
    # Plain driver tuples: turning each of many thousand rows into a model costs more than the fold.
    for row in db.execute(query):
        for root in roots[row[0]]:
            _add_day(totals[root], row)


def _add_day(total: _DealerTotal, row: tuple[Any, ...]) -> None:
    (
        dealer_id,
        day,
        store_id,
        visits,
        planned,
        planned_done,
        signage_num,
        signage_den,
        mandatory_pass,
        mandatory_checked,
        must_listed,
        must_answered,
        must_available,
        must_stock_answered,
        prices_compliant,
        prices_checked,
        promo_units,
        promos,
        checks,
        violations,
        _,
        photos_hashed,
        photos_reused,
        photos_approved,
        photos_rejected,
    ) = row
    store = total.stores[store_id]
    store.visits += visits
    store.planned += planned
    store.planned_done += planned_done
    store.prices_compliant += prices_compliant
    store.prices_checked += prices_checked
    store.promo_units += promo_units
    store.photos_hashed += photos_hashed
    store.photos_reused += photos_reused
    store.photos_approved += photos_approved
    store.photos_rejected += photos_rejected
    stamp = (day, dealer_id)
    if signage_den is not None and store.is_newer("signage", stamp):
        store.signage = (signage_num, signage_den, mandatory_pass, mandatory_checked)
    if must_answered is not None and store.is_newer("listing", stamp):
        store.listing = (must_listed, must_answered)
    if must_stock_answered is not None and store.is_newer("availability", stamp):
        store.availability = (must_available, must_stock_answered)
    if promos != "{}":
        for promotion, is_executed in orjson.loads(promos).items():
            store.promos[promotion] = store.promos.get(promotion, False) or is_executed
    if checks != "{}":
        for group, count in orjson.loads(checks).items():
            total.checks[group] += count
    if violations != "{}":
        for kind, count in orjson.loads(violations).items():
            total.violations[kind] += count


def _add_active_stores(
    totals: defaultdict[int, _DealerTotal],
    roots: Roots,
    window: Window,
    tier: str | None,
) -> None:
    links: Any = (
        StoreDealer.select(
            StoreDealer.dealer,
            StoreDealer.store,
            StoreDealer.from_on,
            StoreDealer.to_on,
            Store.opened_on,
            Store.closed_on,
        )
        .join(Store)
        .where(
            StoreDealer.dealer.in_(sorted(roots)),
            StoreDealer.from_on < window.to_on,
            StoreDealer.to_on.is_null() | (StoreDealer.to_on > window.from_on),
            _is_active(window),
            *_of_tier(StoreDealer.store, tier),
        )
        .tuples()
    )
    for dealer, store, since, until, opened_on, closed_on in links:
        start = max(since, opened_on, window.from_on)
        end = min(until or window.to_on, closed_on or window.to_on, window.to_on)
        for root in roots[dealer]:
            totals[root].stores[store].active_days += max((end - start).days, 0)


def _is_active(window: Window) -> Expression:
    # A store that closed later was active then, so its status of today says less than its dates.
    was_one = Store.status.in_(["active", "at_risk"]) | (
        (Store.status == "closed") & Store.closed_on.is_null(False)
    )
    return (
        was_one
        & (Store.opened_on < window.to_on)
        & (Store.closed_on.is_null() | (Store.closed_on > window.from_on))
    )


def _of_tier(store: Any, tier: str | None) -> list[Expression]:
    return [] if tier is None else [store.in_(Store.select(Store.id).where(Store.tier == tier))]


def _figures(total: _DealerTotal) -> dict[str, Any]:
    stores = list(total.stores.values())
    return {
        "n_stores": sum(1 for store in stores if store.visits),
        "kpis": {kpi.code: kpi.pooled(stores) for kpi in KPIS},
        "violations_by_kind": dict(sorted(total.violations.items())),
        "violations_per_100_checks": violation_rates(total.violations, total.checks),
    }
