"""What is sold and asked for in a bulk dataset: products, prices, promotions, checklists."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from math import exp

import numpy as np
from numpy.typing import NDArray

from backend.demo import catalogue, promotions
from backend.demo.bulk.pages import Array
from backend.demo.bulk.provinces import TIERS
from backend.demo.cast import World
from backend.demo.feeds import ACCESSORY_WEIGHT, HANDSETS, WEIGHTS
from backend.demo.promotions import Season
from backend.standards import checklists, effective
from backend.standards.effective import Template

_BUDGET_UNITS = 1000


@dataclass(frozen=True, slots=True)
class Campaign:
    """A promotion of the window: its days as offsets, the last included."""

    id: int
    code: str
    season: Season
    starts: int
    ends: int
    share: float
    uplift: float


@dataclass(frozen=True, slots=True)
class Offer:
    """The range by place in it, most important first, and what is promoted.

    `price[article, day]` is the recommended price in fen; `promo_price[campaign, article]` the
    promotional one (0: the price stays); `is_in[campaign, article]` whether it is part of it.
    """

    sku_ids: Array
    codes: list[str]
    weights: Array
    is_handset: NDArray[np.bool_]
    is_hero: NDArray[np.bool_]
    price: Array
    campaigns: list[Campaign]
    is_in: NDArray[np.bool_]
    promo_price: Array
    gifts: Array
    principled: int
    templates: dict[tuple[str, int], Template]

    def musts(self, tier: int) -> int:
        """Return how many of the most important articles a store of a tier must list."""
        return catalogue.MUSTS[TIERS[tier]]


def build(world: World) -> Offer:
    """Make products, rules, prices, checklists and promotions by the product's own functions."""
    checklists.install_manual(at=world.before)
    _publish_principles(world)
    goods = catalogue.build(world)
    campaigns, prices = _promote(world, goods)
    ranked = goods.musts[TIERS[0]]
    articles = [*ranked, *(article for article in goods.articles if article not in ranked)]
    place = {article.id: number for number, article in enumerate(articles)}
    shape = (len(campaigns), len(articles))
    is_in, promo_price = np.zeros(shape, bool), np.zeros(shape, np.int64)
    for number, offered in enumerate(prices):
        for sku_id, fen in offered.items():
            is_in[number, place[sku_id]] = True
            promo_price[number, place[sku_id]] = fen or 0
    handsets = {article.id for article in goods.articles[:HANDSETS]}
    return Offer(
        sku_ids=np.array([article.id for article in articles]),
        codes=[article.code for article in articles],
        weights=np.array(
            [
                WEIGHTS[article.role] if article.id in handsets else ACCESSORY_WEIGHT
                for article in articles
            ]
        ),
        is_handset=np.array([article.id in handsets for article in articles]),
        is_hero=np.array([article.role == "hero" for article in articles]),
        price=np.array([[article.price_fen(day) for day in world.days] for article in articles]),
        campaigns=campaigns,
        is_in=is_in,
        promo_price=promo_price,
        gifts=np.array([campaign.season.gift_yuan * 100 for campaign in campaigns], np.int64),
        principled=(world.principled_on - world.days[0]).days,
        templates=dict(effective.on(world.days[-1]).versions),
    )


def _publish_principles(world: World) -> None:
    eve = world.days[0] - timedelta(days=1)
    for draft in list(checklists.list_checklists(world.admin, today=eve, status="draft")):
        checklists.publish(
            world.admin,
            draft.id,
            version=draft.revision,
            valid_from=world.principled_on,
            at=world.before,
        )


def _promote(
    world: World, goods: catalogue.Catalogue
) -> tuple[list[Campaign], list[dict[int, int | None]]]:
    """Make the promotions that touch the window, and return them with their prices by product."""
    first, random = world.days[0], world.random
    campaigns: list[Campaign] = []
    prices: list[dict[int, int | None]] = []
    for season, starts_on, ends_on in promotions.calendar(world):
        if starts_on > world.days[-1] or ends_on < first:
            continue
        offered = {
            article.id: promotions.offer(season, article, max(starts_on, first))
            for article in random.sample(goods.articles[:HANDSETS], 6)
        }
        made = promotions.announce(
            world, season, starts_on, ends_on, prices=offered, budget_units=_BUDGET_UNITS
        )
        uplift = season.uplift * exp(random.gauss(0, 0.25))
        if random.random() < promotions.FAILING or not campaigns:
            uplift = 1.02
            world.truth.plant("failing_promotion", promotion=made.code)
        starts, ends = ((day - first).days for day in (starts_on, ends_on))
        share = random.uniform(0.4, 0.7)
        campaigns.append(Campaign(made.id, made.code, season, starts, ends, share, uplift))
        prices.append(offered)
    return campaigns, prices
