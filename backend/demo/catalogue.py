"""What the fictional brand 曜石 YAOSHI sells, what stores must list, and what it should cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from backend.demo.cast import Shop, World
from backend.network.divisions import Tier
from backend.standards import assortment, prices, skus
from backend.standards.codes import PriceType, SkuRole

BANDS = ((699, 999, 5), (1000, 1999, 9), (2000, 2999, 6), (3000, 3999, 4), (4000, 6999, 2))
"""Lowest and highest price in yuan, and how many handsets lie between."""
ROLES = (SkuRole.HERO,) * 4 + (SkuRole.CORE,) * 8 + (SkuRole.REGULAR,) * 10
SERIES = ("N", "P", "X", "Z", "M")
ACCESSORIES = (
    ("buds", "无线耳机", 299),
    ("buds-pro", "降噪耳机", 599),
    ("watch", "智能手表", 899),
    ("watch-se", "手表青春版", 499),
    ("band", "运动手环", 199),
    ("pad", "平板电脑", 1999),
    ("pad-mini", "平板电脑 mini", 1499),
    ("charger", "快充充电器", 129),
    ("power", "移动电源", 159),
    ("case", "保护壳", 79),
)
COMPETITORS = ("C1", "C2", "C3")
MUSTS = {Tier.CITY: 14, Tier.COUNTY: 11, Tier.TOWN: 8}


@dataclass(frozen=True, slots=True)
class Article:
    """A product with its prices as they changed: (from, fen), the latest last."""

    id: int
    code: str
    role: str
    launched_on: date
    prices: tuple[tuple[date, int], ...]

    def price_fen(self, day: date) -> int:
        """Return the recommended price of a day."""
        return [fen for since, fen in self.prices if since <= day][-1]


@dataclass(slots=True)
class Catalogue:
    """The articles, and those a store must list, by tier, the most important first."""

    articles: list[Article] = field(default_factory=list)
    musts: dict[Tier, list[Article]] = field(default_factory=dict)

    def musts_of(self, shop: Shop) -> list[Article]:
        """Return what a store must list."""
        return self.musts[shop.site.tier]


def build(world: World) -> Catalogue:
    """Make the articles with their prices, and the rules of what must be listed."""
    catalogue = Catalogue()
    yuan = [_priced(world, low, high) for low, high, count in BANDS for _ in range(count)]
    cheapest = [SkuRole.SPECIAL_PRICE] * 4
    roles = cheapest + world.random.sample(ROLES, len(ROLES))
    ranks = _ranks(roles)
    for number, (price, role) in enumerate(zip(yuan, roles, strict=True)):
        series = SERIES[next(i for i, band in enumerate(BANDS) if price <= band[1])]
        tags = [f"top{least}" for least in MUSTS.values() if ranks[number] < least]
        if role is SkuRole.CORE and number % 3 == 0:
            tags.append(f"fighter:{COMPETITORS[number % 2]}")
        code, name = f"{series}{number + 1}", f"曜石 {series}{number + 1}"
        catalogue.articles.append(_make(world, code, name, yuan=price, role=role, tags=tags))
    by_rank = [catalogue.articles[number] for number in sorted(ranks, key=lambda n: ranks[n])]
    for code, name, price in ACCESSORIES:
        catalogue.articles.append(
            _make(world, code, f"曜石{name}", yuan=price, category="accessory")
        )
    for tier, count in MUSTS.items():
        catalogue.musts[tier] = by_rank[:count]
        assortment.create(
            world.admin,
            scope_kind="tier",
            scope_value=str(tier),
            select_kind="tag",
            select_value=f"top{count}",
            valid_from=_launch(world),
            at=world.before,
        )
    return catalogue


def _ranks(roles: list[SkuRole]) -> dict[int, int]:
    """Return each handset's place in the order of importance: heroes, core models, the rest."""
    order = (SkuRole.HERO, SkuRole.CORE, SkuRole.REGULAR, SkuRole.SPECIAL_PRICE)
    ranked = sorted(range(len(roles)), key=lambda number: (order.index(roles[number]), number))
    return {number: rank for rank, number in enumerate(ranked)}


def _make(
    world: World,
    code: str,
    name: str,
    *,
    yuan: int,
    category: str = "handset",
    role: SkuRole = SkuRole.REGULAR,
    tags: Sequence[str] = (),
) -> Article:
    launched_on = _launch(world)
    sku = skus.create(
        world.admin,
        code=code,
        name=name,
        category=category,
        role=str(role),
        tags=tags,
        launched_on=launched_on,
        at=world.before,
    )
    steps = [(launched_on, yuan * 100)]
    if role is SkuRole.SPECIAL_PRICE:  # the price falls once, in the middle of the window
        steps.append((world.day(0.5), max(yuan - 100, 99) * 100))
    for number, (since, fen) in enumerate(steps):
        prices.create(
            world.admin,
            sku_id=sku.id,
            price_type=str(PriceType.RECOMMENDED_RETAIL_PRICE),
            area="",
            amount_fen=fen,
            valid_from=since,
            valid_to=steps[number + 1][0] if number + 1 < len(steps) else None,
            at=world.before,
        )
    return Article(sku.id, code, str(role), launched_on, tuple(steps))


def _priced(world: World, low: int, high: int) -> int:
    return world.random.randrange(low // 100, (high + 1) // 100) * 100 + 99


def _launch(world: World) -> date:
    return world.days[0] - timedelta(days=200)
