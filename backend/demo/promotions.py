"""The brand's promotions of the season, the stores that take part, and what they sell by them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from backend.demo.cast import Shop, World
from backend.demo.catalogue import Article, Catalogue
from backend.standards import enrolments, promotions
from backend.standards.codes import ConsumerPromotionKind as Consumer
from backend.standards.codes import DealerPromotionKind as Dealer
from backend.standards.codes import PromotionObjective as Objective

SPRING_FESTIVALS = (
    date(2026, 2, 17),
    date(2027, 2, 6),
    date(2028, 1, 26),
    date(2029, 2, 13),
    date(2030, 2, 3),
)
EXECUTED, FAILING = 0.72, 0.2
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


SEASONS = (
    Season(
        "may_day", "五一促销", Objective.LIFT_SALES, (Dealer.SALES_SPIFF,),
        (Consumer.PRICE_OFF, Consumer.PRODUCT_SHOW), (4, 28, 5, 5), 1.4, 55, price_off=0.05,
    ),
    Season(
        "mid_year_618", "618 年中促", Objective.HIT_COMPETITOR, (Dealer.PURCHASE_REBATE,),
        (Consumer.PRICE_OFF, Consumer.CONSUMER_CREDIT), (6, 1, 6, 18), 1.25, 70, price_off=0.06,
    ),
    Season(
        "summer_exam", "暑促", Objective.DIFFERENTIATE_IMAGE, (Dealer.POS_DISPLAY, Dealer.TRAINING),
        (Consumer.GIFT_WITH_PURCHASE, Consumer.SERVICE_PROMOTION), (6, 10, 8, 31), 1.2, 60,
        gift_yuan=60,
    ),
    Season(
        "back_to_school", "开学季", Objective.LIFT_SALES, (Dealer.SALES_SPIFF,),
        (Consumer.GIFT_WITH_PURCHASE,), (8, 15, 9, 15), 1.25, 55, gift_yuan=80,
    ),
    Season(
        "launch_hero", "新品首销", Objective.DIFFERENTIATE_IMAGE,
        (Dealer.TRAINING, Dealer.POS_DISPLAY),
        (Consumer.PRODUCT_SHOW, Consumer.GIFT_WITH_PURCHASE), (9, 8, 9, 21), 1.5, 65, gift_yuan=100,
    ),
    Season(
        "national_day", "十一黄金周", Objective.LIFT_SALES,
        (Dealer.FIXTURE_LOAN, Dealer.SALES_SPIFF),
        (Consumer.PRODUCT_SHOW, Consumer.PRICE_OFF), (9, 25, 10, 8), 1.7, 50, price_off=0.05,
    ),
    Season(
        "double_11", "双十一", Objective.HIT_COMPETITOR, (Dealer.PURCHASE_REBATE,),
        (Consumer.PRICE_OFF,), (10, 20, 11, 11), 1.2, 75, price_off=0.06,
    ),
    Season(
        "eol_clear", "淘汰清库", Objective.CLEAR_SLOW_STOCK, (Dealer.END_OF_LIFE_BUYOUT,),
        (Consumer.PRICE_OFF,), (11, 12, 12, 5), 2.2, 90, price_off=0.12,
    ),
    Season(
        "new_year", "元旦促销", Objective.LIFT_SALES, (Dealer.SALES_SPIFF,),
        (Consumer.GIFT_WITH_PURCHASE,), (12, 25, 12, 31), 1.3, 50, gift_yuan=60,
    ),
)  # fmt: skip
NEW_YEAR_GOODS = Season(
    "ny_goods", "年货节", Objective.LIFT_SALES, (Dealer.PURCHASE_REBATE, Dealer.SALES_SPIFF),
    (Consumer.GIFT_WITH_PURCHASE, Consumer.PRICE_OFF), (1, 1, 1, 1), 1.9, 45, price_off=0.04,
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

    def units(self, shop: Shop, day: date, share: float) -> int:
        """Return what the store sold since the start, of articles that are this share of all."""
        days = (day - self.starts_on).days + 1
        return round(shop.monthly_units / 30 * days * share * self.uplift)


def build(world: World, catalogue: Catalogue) -> list[Campaign]:
    """Make the promotions that touch the window, and enrol 40-70 % of the stores in each."""
    found = [
        (season, starts_on, ends_on)
        for season, starts_on, ends_on in _calendar(world)
        if starts_on <= world.days[-1] and ends_on >= world.days[0]
    ]
    return [_make(world, catalogue, *entry) for entry in found]


def running(campaigns: list[Campaign], shop: Shop, day: date) -> list[Campaign]:
    """Return the promotions that run in a store on a day."""
    return [campaign for campaign in campaigns if campaign.runs_in(shop, day)]


def _calendar(world: World) -> list[tuple[Season, date, date]]:
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
    code = f"{season.code}_{starts_on.year}"
    articles = random.sample(catalogue.articles[:26], 6)
    offers = {article.id: _offer(season, article, starts_on) for article in articles}
    share = random.uniform(0.4, 0.7)
    shops = [shop for shop in world.shops if random.random() < share]
    promotion = promotions.create(
        world.admin,
        code=code,
        name=f"{season.name} {starts_on.year}",
        objective=str(season.objective),
        dealer_kinds=[str(kind) for kind in season.dealer_kinds],
        consumer_kinds=[str(kind) for kind in season.consumer_kinds],
        area=[],
        starts_on=starts_on,
        ends_on=ends_on,
        allowed_gift_fen=season.gift_yuan * 100,
        prices=offers,
        at=world.before,
    )
    for shop in shops:
        enrolments.enrol(world.admin, promotion.id, shop.id, at=world.before)
    uplift = random.lognormvariate(0, 0.25) * season.uplift
    if random.random() < FAILING:
        uplift = 1.02
        world.truth.plant("failing_promotion", promotion=code)
    return Campaign(
        promotion.id,
        season,
        starts_on,
        ends_on,
        offers,
        frozenset(shop.id for shop in shops),
        uplift,
    )


def _offer(season: Season, article: Article, day: date) -> int | None:
    """Return the promotional price, which ends in 9 yuan, or None where the price stays."""
    if not season.price_off:
        return None
    yuan = round(article.price_fen(day) / 100 * (1 - season.price_off))
    return (yuan // 10 * 10 + 9) * 100
