"""The brand's promotions of the season, the stores that take part, and what they sell by them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from backend.demo.cast import Shop, World
from backend.demo.catalogue import Article, Catalogue
from backend.standards import enrolments, promotions
from backend.standards.codes import ConsumerPromotionKind as Consumer
from backend.standards.codes import DealerPromotionKind as Dealer
from backend.standards.codes import PromotionObjective as Objective
from backend.standards.models import Promotion
from backend.standards.promotion_codes import COST_BASIS, CostBasis
from backend.standards.promotion_codes import ConsumerPromotionSubKind as SubKind
from backend.standards.promotion_codes import TimingFactor as Timing

SPRING_FESTIVALS = (
    date(2026, 2, 17),
    date(2027, 2, 6),
    date(2028, 1, 26),
    date(2029, 2, 13),
    date(2030, 2, 3),
)
EXECUTED, FAILING = 0.72, 0.2
DIP, DIP_DAYS = 0.37, 14
ON_OFFER = 0.25
"""How much of what a store sells is on offer."""
NO_PRICE = 0.0


@dataclass(frozen=True, slots=True)
class Season:
    """A promotion that comes back every year, and the lift it brings when it works."""

    code: str
    name: str
    objective: Objective
    dealer_kinds: tuple[Dealer, ...]
    consumer_kinds: tuple[Consumer, ...]
    days: tuple[int, int, int, int]
    """First month and day, last month and day."""
    uplift: float
    cost_yuan: int
    """Per unit sold on top."""
    price_off: float = NO_PRICE
    gift_yuan: int = 0
    sub_kinds: tuple[SubKind, ...] = ()
    timing: Timing = Timing.PUBLIC_HOLIDAY

    @property
    def kinds(self) -> tuple[Dealer | Consumer, ...]:
        """What it offers the trade and shoppers."""
        return (*self.dealer_kinds, *self.consumer_kinds)


SEASONS = (
    Season(
        "may_day", "五一促销", Objective.LIFT_SALES, (Dealer.SALES_SPIFF,),
        (Consumer.PRICE_OFF, Consumer.PRODUCT_SHOW), (4, 28, 5, 5), 1.4, 55, price_off=0.05,
        sub_kinds=(SubKind.LIVE_DEMO,),
    ),
    Season(
        "mid_year_618", "618 年中促", Objective.HIT_COMPETITOR, (Dealer.PURCHASE_REBATE,),
        (Consumer.PRICE_OFF, Consumer.CONSUMER_CREDIT), (6, 1, 6, 18), 1.25, 70, price_off=0.06,
        sub_kinds=(SubKind.DISCOUNT,), timing=Timing.NEWS_TOPIC,
    ),
    Season(
        "summer_exam", "暑促", Objective.DIFFERENTIATE_IMAGE, (Dealer.POS_DISPLAY, Dealer.TRAINING),
        (Consumer.GIFT_WITH_PURCHASE, Consumer.SERVICE_PROMOTION), (6, 10, 8, 31), 1.2, 60,
        gift_yuan=60, sub_kinds=(SubKind.TRAINING,), timing=Timing.SEASON,
    ),
    Season(
        "back_to_school", "开学季", Objective.LIFT_SALES, (Dealer.SALES_SPIFF,),
        (Consumer.GIFT_WITH_PURCHASE,), (8, 15, 9, 15), 1.25, 55, gift_yuan=80,
        timing=Timing.SEASON,
    ),
    Season(
        "launch_hero", "新品首销", Objective.DIFFERENTIATE_IMAGE,
        (Dealer.TRAINING, Dealer.POS_DISPLAY),
        (Consumer.PRODUCT_SHOW, Consumer.GIFT_WITH_PURCHASE), (9, 8, 9, 21), 1.5, 65, gift_yuan=100,
        sub_kinds=(SubKind.LIVE_DEMO,), timing=Timing.STRATEGIC_DECISION,
    ),
    Season(
        "national_day", "十一黄金周", Objective.LIFT_SALES,
        (Dealer.FIXTURE_LOAN, Dealer.SALES_SPIFF),
        (Consumer.PRODUCT_SHOW, Consumer.PRICE_OFF), (9, 25, 10, 8), 1.7, 50, price_off=0.05,
        sub_kinds=(SubKind.LIVE_DEMO, SubKind.SPECIAL_PRICE),
    ),
    Season(
        "double_11", "双十一", Objective.HIT_COMPETITOR, (Dealer.PURCHASE_REBATE,),
        (Consumer.PRICE_OFF,), (10, 20, 11, 11), 1.2, 75, price_off=0.06,
        sub_kinds=(SubKind.DISCOUNT,), timing=Timing.NEWS_TOPIC,
    ),
    Season(
        "eol_clear", "淘汰清库", Objective.CLEAR_SLOW_STOCK, (Dealer.END_OF_LIFE_BUYOUT,),
        (Consumer.PRICE_OFF,), (11, 12, 12, 5), 2.2, 90, price_off=0.12,
        sub_kinds=(SubKind.SPECIAL_PRICE,), timing=Timing.STRATEGIC_DECISION,
    ),
    Season(
        "new_year", "元旦促销", Objective.LIFT_SALES, (Dealer.SALES_SPIFF,),
        (Consumer.GIFT_WITH_PURCHASE,), (12, 25, 12, 31), 1.3, 50, gift_yuan=60,
    ),
)  # fmt: skip
NEW_YEAR_GOODS = Season(
    "ny_goods", "年货节", Objective.LIFT_SALES, (Dealer.PURCHASE_REBATE, Dealer.SALES_SPIFF),
    (Consumer.GIFT_WITH_PURCHASE, Consumer.PRICE_OFF), (1, 1, 1, 1), 1.9, 45, price_off=0.04,
    sub_kinds=(SubKind.FLASH_SALE,),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Campaign:
    """One year's run of a season: its days, what is in it and who takes part."""

    id: int
    season: Season
    starts_on: date
    ends_on: date
    prices: dict[int, int | None]
    shop_ids: frozenset[int]
    uplift: float

    def runs_in(self, shop: Shop, day: date) -> bool:
        """Whether the store takes part and the promotion runs."""
        return shop.id in self.shop_ids and self.starts_on <= day <= self.ends_on

    def effect(self, shop: Shop, day: date) -> float:
        """Return what the store sells on a day over what it would: less, for a while after."""
        if self.runs_in(shop, day):
            return self.uplift
        days = (self.ends_on - self.starts_on).days + 1
        dips = timedelta() < day - self.ends_on <= timedelta(days=min(days, DIP_DAYS))
        if shop.id not in self.shop_ids or not dips:
            return 1.0
        return max(1 - DIP * (self.uplift - 1), 0.2)

    def units(self, shop: Shop, day: date) -> int:
        """Return what the store sold of it since the visit before, and note that it was told."""
        days = (day - shop.told.get(self.id, self.starts_on)).days + 1
        shop.told[self.id] = day + timedelta(days=1)
        return round(shop.monthly_units / 30 * days * ON_OFFER * self.uplift)


def build(world: World, catalogue: Catalogue) -> list[Campaign]:
    """Make the promotions that touch the window, and enrol 40-70 % of the stores in each."""
    found = [
        (season, starts_on, ends_on)
        for season, starts_on, ends_on in calendar(world)
        if starts_on <= world.days[-1] and ends_on >= world.days[0]
    ]
    return [_make(world, catalogue, *entry) for entry in found]


def running(campaigns: list[Campaign], shop: Shop, day: date) -> list[Campaign]:
    """Return the promotions that run in a store on a day."""
    return [campaign for campaign in campaigns if campaign.runs_in(shop, day)]


def calendar(world: World) -> list[tuple[Season, date, date]]:
    """Return the seasons of the years that the window touches, with their days, by beginning."""
    runs = []
    for year in sorted({day.year for day in world.days}):
        for season in SEASONS:
            first_month, first, last_month, last = season.days
            runs.append((season, date(year, first_month, first), date(year, last_month, last)))
    for festival in SPRING_FESTIVALS:
        start, end = festival - timedelta(days=28), festival - timedelta(days=1)
        runs.append((NEW_YEAR_GOODS, start, end))
    return sorted(runs, key=lambda run: run[1])


def _make(
    world: World, catalogue: Catalogue, season: Season, starts_on: date, ends_on: date
) -> Campaign:
    random = world.random
    articles = random.sample(catalogue.articles[:26], 6)
    offers = {article.id: offer(season, article, starts_on) for article in articles}
    share = random.uniform(0.4, 0.7)
    shops = [shop for shop in world.shops if random.random() < share]
    days = (ends_on - starts_on).days + 1
    targets = {
        shop.id: max(round(shop.monthly_units / 30 * days * ON_OFFER * season.uplift), 1)
        for shop in shops
    }
    promotion = announce(
        world,
        season,
        starts_on,
        ends_on,
        prices=offers,
        budget_units=sum(targets.values()),
        organiser_id=world.actors["manager"].id,
        target_units=sum(targets.values()),
        staff=_staff(world, targets),
    )
    for shop in shops:
        enrolments.enrol(
            world.admin,
            promotion.id,
            shop.id,
            at=world.before,
            target_units=targets[shop.id],
        )
    uplift = random.lognormvariate(0, 0.25) * season.uplift
    if random.random() < FAILING:
        uplift = 1.02
        world.truth.plant("failing_promotion", promotion=promotion.code)
    return Campaign(
        promotion.id,
        season,
        starts_on,
        ends_on,
        offers,
        frozenset(shop.id for shop in shops),
        uplift,
    )


def announce(
    world: World,
    season: Season,
    starts_on: date,
    ends_on: date,
    *,
    prices: dict[int, int | None],
    budget_units: int,
    **more: Any,
) -> Promotion:
    """Make the promotion that a season is in a year."""
    return promotions.create(
        world.admin,
        code=f"{season.code}_{starts_on.year}",
        name=f"{season.name} {starts_on.year}",
        objective=str(season.objective),
        dealer_kinds=[str(kind) for kind in season.dealer_kinds],
        consumer_kinds=[str(kind) for kind in season.consumer_kinds],
        area=[],
        starts_on=starts_on,
        ends_on=ends_on,
        allowed_gift_fen=season.gift_yuan * 100,
        prices=prices,
        sub_kinds=[str(kind) for kind in season.sub_kinds],
        timing_factors=[str(season.timing)],
        departments=["市场部", "培训部"],
        budgets=[_budget(season, kind, budget_units) for kind in season.kinds],
        at=world.before,
        **more,
    )


def _budget(season: Season, kind: str, units: int) -> dict[str, Any]:
    """Return what a kind may cost: a rate for its basis, and in all by the target."""
    by_share = COST_BASIS[kind] is CostBasis.PERCENT_OF_SELL_IN
    return {
        "kind": str(kind),
        "rate_fen": None if by_share else season.cost_yuan * 100,
        "rate_bp": 150 if by_share else None,
        "budget_fen": season.cost_yuan * 100 * units,
    }


def _staff(world: World, targets: dict[int, int]) -> list[dict[str, Any]]:
    """Let every rep look after the own stores, and a supervisor after the demonstrations."""
    reps = [
        {
            "person_id": rep.actor.id,
            "target_units": sum(targets.get(shop.id, 0) for shop in rep.shops) or None,
            "task": "门店执行",
        }
        for rep in world.reps
    ]
    return [
        *reps,
        {"person_id": world.actors["supervisor"].id, "target_units": None, "task": "现场演示督导"},
    ]


def offer(season: Season, article: Article, day: date) -> int | None:
    """Return the promotional price, which ends in 9 yuan, or None where the price stays."""
    if not season.price_off:
        return None
    yuan = round(article.price_fen(day) / 100 * (1 - season.price_off))
    return (yuan // 10 * 10 + 9) * 100
