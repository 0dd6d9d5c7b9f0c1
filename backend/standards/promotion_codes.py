"""The words of promoting: sub-kinds, timing, cost bases, life, evaluation, claims and launches."""

from __future__ import annotations

from datetime import date
from typing import Self

from backend.standards.codes import ConsumerPromotionKind, DealerPromotionKind, Labelled


class ConsumerPromotionSubKind(Labelled):
    """How exactly a promotion reaches the shopper; `kind` is what it is a form of."""

    kind: ConsumerPromotionKind

    def __new__(cls, code: str, zh: str, en: str, kind: ConsumerPromotionKind) -> Self:
        member = str.__new__(cls, code)
        member._value_ = code
        member.zh = zh
        member.en = en
        member.kind = kind
        return member

    SPECIAL_PRICE = "special_price", "特价", "special price", ConsumerPromotionKind.PRICE_OFF
    DISCOUNT = "discount", "打折", "discount", ConsumerPromotionKind.PRICE_OFF
    FLASH_SALE = "flash_sale", "限时抢购", "flash sale", ConsumerPromotionKind.PRICE_OFF
    LIVE_DEMO = "live_demo", "现场演示", "live demonstration", ConsumerPromotionKind.PRODUCT_SHOW
    IN_STORE_SHOW = "in_store_show", "店内展示", "in-store show", ConsumerPromotionKind.PRODUCT_SHOW
    EXHIBITION = "exhibition", "展览会", "exhibition", ConsumerPromotionKind.PRODUCT_SHOW
    CONSULTING_LECTURE = (
        "consulting_lecture",
        "咨询服务讲座",
        "consulting lecture",
        ConsumerPromotionKind.PRODUCT_SHOW,
    )
    HEADQUARTERS_VISIT = (
        "headquarters_visit",
        "参观总部",
        "visit to the headquarters",
        ConsumerPromotionKind.PRODUCT_SHOW,
    )
    AFTER_SALES = "after_sales", "售后", "after-sales", ConsumerPromotionKind.SERVICE_PROMOTION
    REPAIR = "repair", "维修", "repair", ConsumerPromotionKind.SERVICE_PROMOTION
    DELIVERY = "delivery", "送货", "delivery", ConsumerPromotionKind.SERVICE_PROMOTION
    TRAINING = "training", "培训", "training", ConsumerPromotionKind.SERVICE_PROMOTION
    PAYMENT_TERMS = (
        "payment_terms",
        "付款方式",
        "payment terms",
        ConsumerPromotionKind.SERVICE_PROMOTION,
    )


class ProductChoice(Labelled):
    """Which models a promotion is for."""

    NEW_MODEL = "new_model", "新机型", "new model"
    CLEARANCE_MODEL = "clearance_model", "清仓机型", "clearance model"
    OLD_MODEL = "old_model", "老机型", "old model"


class TimingFactor(Labelled):
    """What makes the time right."""

    PUBLIC_HOLIDAY = "public_holiday", "节假日", "public holiday"
    SEASON = "season", "季节性", "season"
    NEWS_TOPIC = "news_topic", "流行的、有新闻性的话题", "topical news"
    COMPANY_ANNIVERSARY = "company_anniversary", "公司的庆典节日", "company anniversary"
    STRATEGIC_DECISION = "strategic_decision", "公司的策略性决定", "strategic decision"


class CostBasis(Labelled):
    """What the cost of a kind grows with."""

    PERCENT_OF_SELL_IN = "percent_of_sell_in", "按进货额比例", "% of sell-in"
    PRICE_GAP = "price_gap", "差价乘以台数", "price gap x quantity"
    UNIT_COST = "unit_cost", "赠品单价", "cost of each gift"
    PER_UNIT = "per_unit", "按台", "per unit sold"
    ASSET_VALUE = "asset_value", "设备价值", "value of the equipment"
    DISPLAY_FEE = "display_fee", "陈列费", "display fee of a store"
    SESSION_COST = "session_cost", "每场费用", "cost of a session"


COST_BASIS: dict[str, CostBasis] = {
    DealerPromotionKind.PURCHASE_REBATE: CostBasis.PERCENT_OF_SELL_IN,
    DealerPromotionKind.END_OF_LIFE_BUYOUT: CostBasis.PRICE_GAP,
    DealerPromotionKind.ADVERTISING_GIFT: CostBasis.UNIT_COST,
    DealerPromotionKind.SALES_SPIFF: CostBasis.PER_UNIT,
    DealerPromotionKind.FIXTURE_LOAN: CostBasis.ASSET_VALUE,
    DealerPromotionKind.POS_DISPLAY: CostBasis.DISPLAY_FEE,
    DealerPromotionKind.TRAINING: CostBasis.SESSION_COST,
    ConsumerPromotionKind.CONSUMER_CREDIT: CostBasis.PER_UNIT,
    ConsumerPromotionKind.GIFT_WITH_PURCHASE: CostBasis.UNIT_COST,
    ConsumerPromotionKind.PRICE_OFF: CostBasis.PRICE_GAP,
    ConsumerPromotionKind.PRODUCT_SHOW: CostBasis.SESSION_COST,
    ConsumerPromotionKind.SERVICE_PROMOTION: CostBasis.PER_UNIT,
}
"""The manual gives the basis of each dealer-side kind; those of the consumer side are ours."""


class PromotionState(Labelled):
    """Where a promotion is in its life: a matter of the day, and of whether it was stopped."""

    PLANNED = "planned", "计划中", "planned"
    RUNNING = "running", "进行中", "running"
    ENDED = "ended", "已结束", "ended"
    STOPPED = "stopped", "已停止", "stopped"


def state_on(
    day: date, *, starts_on: date, ends_on: date, stopped_on: date | None
) -> PromotionState:
    """Return where a promotion is in its life on a day."""
    if stopped_on is not None and day >= stopped_on:
        return PromotionState.STOPPED
    if day < starts_on:
        return PromotionState.PLANNED
    return PromotionState.RUNNING if day <= ends_on else PromotionState.ENDED


class EvaluationPhase(Labelled):
    """When a promotion is evaluated."""

    PRE = "pre", "事前", "before"
    DURING = "during", "事中", "during"
    POST = "post", "事后", "after"


class EvaluationMethod(Labelled):
    """How a promotion is evaluated, and in which `phase`."""

    phase: EvaluationPhase

    def __new__(cls, code: str, zh: str, en: str, phase: EvaluationPhase) -> Self:
        member = str.__new__(cls, code)
        member._value_ = code
        member.zh = zh
        member.en = en
        member.phase = phase
        return member

    OPINION_TEST = "opinion_test", "征求意见法", "concept (opinion) test", EvaluationPhase.PRE
    PILOT_TEST = "pilot_test", "试验法", "pilot (area) test", EvaluationPhase.PRE
    CONSUMER_DYNAMICS = (
        "consumer_dynamics",
        "消费者动态现场记录",
        "on-site consumer record",
        EvaluationPhase.DURING,
    )
    CONSUMER_OPINION = (
        "consumer_opinion",
        "消费者意见调查",
        "consumer opinion survey",
        EvaluationPhase.DURING,
    )
    BEFORE_AFTER_COMPARISON = (
        "before_after_comparison",
        "比较法",
        "before/after comparison",
        EvaluationPhase.POST,
    )
    PARTICIPANT_SURVEY = "participant_survey", "调查法", "participant survey", EvaluationPhase.POST


class ClaimState(Labelled):
    """How far the settlement of a dealer's claim has come."""

    SUBMITTED = "submitted", "已提交", "submitted"
    UNDER_REVIEW = "under_review", "审核中", "under review"
    ACCEPTED = "accepted", "全额核准", "accepted"
    PARTLY_ACCEPTED = "partly_accepted", "部分核准", "partly accepted"
    REJECTED = "rejected", "驳回", "rejected"
    SETTLED = "settled", "已核销", "settled"


class LaunchStage(Labelled):
    """The five steps by which a store makes a new product known, in this order."""

    LAUNCH_ADVERTISE = "launch_advertise", "广告宣传，引起注意", "advertise, get attention"
    LAUNCH_INQUIRY = "launch_inquiry", "激起询问，提供咨询", "provoke questions, give advice"
    LAUNCH_DEMO_TRIAL = "launch_demo_trial", "展示、演示，增加试用", "show, demonstrate, trial"
    LAUNCH_OFFER = "launch_offer", "提供优惠，鼓励购买", "offer, encourage purchase"
    LAUNCH_ADVOCACY = "launch_advocacy", "强化认同，促进传播", "confirm, spread the word"
