"""The words of the cube: its axes, their members, its measures, and why a value is missing."""

from enum import StrEnum
from typing import Self

from backend.network.divisions import Tier
from backend.network.words import Grade, LifeStage
from backend.platform.labels import Labelled
from backend.standards.codes import SkuRole


class Axis(Labelled):
    """The three structures that a number is looked at by."""

    CUSTOMER = "customer", "顾客结构", "customer structure"
    PRODUCT = "product", "商品结构", "product structure"
    BEHAVIOUR = "behaviour", "消费行为结构", "behaviour structure"


class CustomerBy(Labelled):
    """What customers are told apart by."""

    DEALER = "dealer", "经销商", "dealer"
    TIER = "tier", "门店层级", "store tier"
    GRADE = "grade", "门店等级", "store grade"
    DECILE = "money_decile", "金额十分位", "money decile of the dealer"
    PROVINCE = "division_province", "省", "province"
    CITY = "division_city", "市", "prefecture or city"
    COUNTY = "division_county", "县区", "county or district"
    CHAIN = "chain", "连锁", "chain"
    STAGE = "life_stage", "生命周期阶段", "life-cycle stage"


class ProductBy(Labelled):
    """What products are told apart by."""

    CATEGORY = "category", "品类", "category"
    ROLE = "role", "产品角色", "assortment role"
    BAND = "price_band", "价格段", "price band"
    AGE = "model_age", "机型新旧", "model age"
    TAG = "tag", "自用/狙击机型", "own or fighter model"


class BehaviourBy(Labelled):
    """What the behaviour of a customer towards a product is told apart by."""

    VOLUME = "volume", "多买少买", "more or less than before"
    MIX = "mix", "买哪些", "which part of the mix"
    TIMING = "timing", "早买晚买", "early or late adopter"
    PRICE = "price_direction", "促销买/原价买", "on promotion or at full price"
    LEANING = "brand_or_price", "重品牌/重低价", "brand or low price"
    REGULARITY = "regularity", "规律性", "regularity"


class Basis(Labelled):
    """Whose behaviour: of shoppers in stores, or of those whom we sell to."""

    SELL_OUT = "sell_out", "实销", "sell-out"
    SELL_IN = "sell_in", "进货", "sell-in"


class ModelAge(Labelled):
    """Where a model stands between its launch and its end."""

    NEW = "new", "新品", "new"
    CURRENT = "current", "在售", "current"
    CLEARANCE = "clearance", "清库", "clearance"


class Tag(Labelled):
    """Whether a model was sent against a competitor's."""

    OWN = "own", "自有机型", "own model"
    FIGHTER = "fighter", "狙击机型", "fighter model"


class Volume(Labelled):
    """The window against the customer's own half-year before it."""

    MORE = "more", "多", "more"
    SAME = "same", "持平", "the same"
    LESS = "less", "少", "less"


class Mix(Labelled):
    """The part a product has in what a customer takes of its category."""

    MAIN = "main", "主要", "a main product"
    PART = "part", "次要", "a part"
    FRINGE = "fringe", "边缘", "on the fringe"


class Timing(Labelled):
    """When a customer first had a product, after its launch."""

    EARLY = "early", "早", "early adopter"
    LATE = "late", "晚", "late adopter"


class PriceDirection(Labelled):
    """Whether a customer waits for promotions."""

    PROMO_BUYER = "promo_buyer", "促销买", "buys on promotion"
    FULL_PRICE = "full_price", "原价买", "buys at full price"


class Leaning(Labelled):
    """What a customer looks for in a category."""

    BRAND = "brand", "重品牌", "the brand"
    LOW_PRICE = "low_price", "重低价", "a low price"


class Regularity(Labelled):
    """How evenly a customer comes back for a product."""

    REGULAR = "regular", "规律", "regular"
    IRREGULAR = "irregular", "不规律", "irregular"
    LAPSED = "lapsed", "流失", "lapsed"


class TierName(Labelled):
    """Tiers with their names."""

    CITY = str(Tier.CITY), "城市", "city"
    COUNTY = str(Tier.COUNTY), "县城", "county seat"
    TOWN = str(Tier.TOWN), "乡镇", "town"


class Apart(Labelled):
    """Members of every axis that say why there is no other, listed last."""

    HIDDEN = "hidden", "不在您的范围", "out of your sight"
    NONE = "none", "未归类", "none of these"


MEMBERS: dict[str, type[Labelled]] = {
    CustomerBy.TIER: TierName,
    CustomerBy.GRADE: Grade,
    CustomerBy.STAGE: LifeStage,
    ProductBy.ROLE: SkuRole,
    ProductBy.AGE: ModelAge,
    ProductBy.TAG: Tag,
    BehaviourBy.VOLUME: Volume,
    BehaviourBy.MIX: Mix,
    BehaviourBy.TIMING: Timing,
    BehaviourBy.PRICE: PriceDirection,
    BehaviourBy.LEANING: Leaning,
    BehaviourBy.REGULARITY: Regularity,
}
"""The members of axes that have always the same."""


class Kind(Labelled):
    """How the values of a measure go together."""

    ADDITIVE = "additive", "可加", "cells add up on every axis"
    DISTINCT = "distinct", "去重计数", "counted without repeats: cells do not add up"
    STATE = "state", "时点状态", "as last seen: numerators and denominators add up, not over time"


class Measure(Labelled):
    """A number of the cube, its kind, and over which axes its cells may be summed."""

    kind: Kind
    sums_over: tuple[Axis, ...]

    def __new__(cls, code: str, zh: str, en: str, kind: Kind, sums_over: tuple[Axis, ...]) -> Self:
        member = str.__new__(cls, code)
        member._value_ = code
        member.zh = zh
        member.en = en
        member.kind = kind
        member.sums_over = sums_over
        return member

    SELL_IN_UNITS = "sell_in_units", "进货台数", "sell-in units", Kind.ADDITIVE, tuple(Axis)
    SELL_IN_AMOUNT = (
        "sell_in_amount_fen",
        "进货金额（分）",
        "sell-in amount (fen)",
        Kind.ADDITIVE,
        tuple(Axis),
    )
    SELL_OUT_UNITS = "sell_out_units", "实销台数", "sell-out units", Kind.ADDITIVE, tuple(Axis)
    SELL_OUT_AMOUNT = (
        "sell_out_amount_fen",
        "实销金额（分）",
        "sell-out amount (fen)",
        Kind.ADDITIVE,
        tuple(Axis),
    )
    ORDER_DAYS = "order_days", "进货天数", "order days", Kind.DISTINCT, ()
    STORES = "stores", "门店数", "stores", Kind.DISTINCT, ()
    STOCK = "stock", "库存台数", "stock units", Kind.STATE, tuple(Axis)
    COMPLIANCE = (
        "compliance_score",
        "形象得分",
        "signage compliance score",
        Kind.STATE,
        (Axis.CUSTOMER,),
    )


USUAL = (
    Measure.SELL_IN_UNITS,
    Measure.SELL_IN_AMOUNT,
    Measure.SELL_OUT_UNITS,
    Measure.SELL_OUT_AMOUNT,
)
"""What is measured when nothing is said."""


class Reason(StrEnum):
    """Why there is no value, or why an axis tells nobody apart."""

    NOTHING_FOUND = "nothing_found"
    NO_LINES = "no_lines"
    UNPRICED = "unpriced"
    NOT_COUNTED = "not_counted"
    NOT_SCORED = "not_scored"
    POPULATION_TOO_SMALL = "population_too_small"
    NO_FEED = "no_feed"
    HISTORY_TOO_SHORT = "history_too_short"
