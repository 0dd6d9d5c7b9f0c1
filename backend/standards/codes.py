"""The words of the trade: every code that a standard is written in, with its labels."""

from typing import Self

from backend.platform.labels import Labelled as Labelled  # noqa: PLC0414  # its first home


class SkuRole(Labelled):
    """What a model is for in the assortment of a store."""

    HERO = "hero", "主推机型", "hero (push) model"
    CORE = "core", "主力机型", "core (volume) model"
    REGULAR = "regular", "普通机型", "regular model"
    SPECIAL_PRICE = "special_price", "特价机型", "special-price model"


class ListingStandard(Labelled):
    """Which products the trade expects on every counter that they suit.

    Local models by their tag `local:<division>`, local-fit models by their price band, fighter
    models by their tag `fighter:<competitor>`.
    """

    LOCAL_MODELS = (
        "local_models",
        "工厂专门针对当地市场开发的机型",
        "models developed for the local market",
    )
    LOCAL_FIT_MODELS = (
        "local_fit_models",
        "符合当地消费水平、市场特点的机型",
        "models fitting local spending level and market traits",
    )
    FIGHTER_MODELS = (
        "fighter_models",
        "针对主要竞争对手的战斗机",
        "fighter models against the main competitor",
    )


class PriceType(Labelled):
    """What a price in the list stands for.

    A floor under retail prices is resale price maintenance in China (Anti-Monopoly Law, Art. 18),
    so observations are compared with a recommended price unless a brand chooses otherwise.
    """

    MIN_RETAIL_PRICE = "min_retail_price", "最低零售价", "minimum retail price"
    RECOMMENDED_RETAIL_PRICE = "recommended_retail_price", "建议零售价", "recommended retail price"
    STORE_PRICING_CONVENTION = (
        "store_pricing_convention",
        "商店的店家定价惯例",
        "store's pricing convention",
    )
    SEASONAL_PRICE = "seasonal_price", "季节性定价", "seasonal price"
    PROMOTIONAL_PRICE = "promotional_price", "促销定价", "promotional price"
    COMPETITIVE_PRICE = "competitive_price", "竞争定价", "competitive price"
    UNIFORM_RETAIL_PRICE = "uniform_retail_price", "统一零售价", "uniform retail price"


LEGAL_NOTICE = {
    "zh": (
        "《反垄断法》第十八条禁止与交易相对人达成固定转售价格或限定最低转售价格的协议。"
        "手机行业已有处罚先例（2017 年一家手机省级总经销商被罚 698.3 万元，为上年销售额的 1%）。"
        "最低零售价默认不启用，请使用建议零售价；价格观测仅供告知与分析，"
        "不得据此自动罚款、停止供货或扣除保证金。"
    ),
    "en": (
        "The Anti-Monopoly Law of China, Art. 18, forbids agreements with resellers that fix "
        "resale prices or set a floor under them. It is enforced in this trade: in 2017 the "
        "general distributor of a handset brand in one province was fined CNY 6.983 million, "
        "1% of its sales of the year before. Minimum retail prices are off by default: use a "
        "recommended retail price. Price observations inform and are analysed; they must lead to "
        "no automatic penalty, supply stop or deduction from deposits."
    ),
}
"""What accompanies every minimum retail price that is shown or asked for."""


class ViolationGroup(Labelled):
    """Which kind of check could have found a violation."""

    SIGNAGE = "signage", "形象", "signage"
    FIXTURE = "fixture", "专柜", "fixture"
    ASSORTMENT = "assortment", "上柜", "assortment"
    STOCK = "stock", "库存", "stock"
    PRICE = "price", "价格", "price"
    PROMOTION = "promotion", "促销", "promotion"
    PUSH = "push", "主推", "push"
    SERVICE = "service", "售后", "service"
    INTEGRITY = "integrity", "真实性", "integrity"


class ViolationKind(Labelled):
    """What can be wrong in a store, its `group` and its default `severity` (1 mild … 4 grave)."""

    group: ViolationGroup
    severity: int

    def __new__(cls, code: str, zh: str, en: str, group: ViolationGroup, severity: int) -> Self:
        member = str.__new__(cls, code)
        member._value_ = code
        member.zh = zh
        member.en = en
        member.group = group
        member.severity = severity
        return member

    REQUIRED_SIGNAGE_MISSING = (
        "required_signage_missing",
        "必备形象缺失",
        "required signage missing",
        ViolationGroup.SIGNAGE,
        2,
    )
    SIGNAGE_DAMAGED = (
        "signage_damaged",
        "形象破损/过期",
        "signage damaged or outdated",
        ViolationGroup.SIGNAGE,
        1,
    )
    FIXTURE_MISUSE = (
        "fixture_misuse",
        "专柜挪用/摆放竞品",
        "fixture used for other products",
        ViolationGroup.FIXTURE,
        3,
    )
    FIXTURE_MISSING = (
        "fixture_missing",
        "专柜遗失",
        "loaned fixture missing",
        ViolationGroup.FIXTURE,
        4,
    )
    MUST_LIST_MISSING = (
        "must_list_missing",
        "应上未上",
        "must-list SKU not listed",
        ViolationGroup.ASSORTMENT,
        2,
    )
    OUT_OF_STOCK = "out_of_stock", "断货", "out of stock", ViolationGroup.STOCK, 2
    OVERSTOCK_RISK = "overstock_risk", "库存过高", "overstock", ViolationGroup.STOCK, 1
    DIRECT_PRICE_CUT = "direct_price_cut", "直接乱价", "direct price cut", ViolationGroup.PRICE, 3
    DISGUISED_DISCOUNT = (
        "disguised_discount",
        "隐蔽乱价",
        "hidden discount",
        ViolationGroup.PRICE,
        3,
    )
    EXCESS_GIFT = "excess_gift", "间接乱价", "excess gifts", ViolationGroup.PRICE, 2
    CROSS_AREA_SALE = "cross_area_sale", "串货", "cross-area diversion", ViolationGroup.PRICE, 4
    PROMO_NOT_EXECUTED = (
        "promo_not_executed",
        "促销未执行",
        "promotion not executed",
        ViolationGroup.PROMOTION,
        2,
    )
    PROMO_MATERIAL_MISSING = (
        "promo_material_missing",
        "促销物料缺失",
        "promotion material missing",
        ViolationGroup.PROMOTION,
        1,
    )
    COMPETITOR_PUSH = (
        "competitor_push",
        "主推竞品",
        "clerks push the competitor",
        ViolationGroup.PUSH,
        1,
    )
    SERVICE_COMPLAINT = (
        "service_complaint",
        "售后投诉",
        "after-sales complaint",
        ViolationGroup.SERVICE,
        3,
    )
    DATA_INTEGRITY = (
        "data_integrity",
        "数据/照片造假嫌疑",
        "suspected false data or photo",
        ViolationGroup.INTEGRITY,
        4,
    )


SEVERITY_COLOUR = {1: "#2E7D32", 2: "#F9A825", 3: "#EF6C00", 4: "#C62828"}
"""Green notice, yellow minor, orange major, red critical."""


class PriceFinding(Labelled):
    """What a price observation shows against its reference."""

    DIRECT_PRICE_CUT = "direct_price_cut", "直接乱价", "direct price cut"
    DISGUISED_DISCOUNT = "disguised_discount", "隐蔽乱价", "hidden discount"
    EXCESS_GIFT = "excess_gift", "间接乱价", "excess gifts"
    OVERPRICING = "overpricing", "抬高价格", "above-reference price"

    @property
    def violation(self) -> ViolationKind | None:
        """Return the violation it stands for; overpricing is discouraged, not a violation."""
        return None if self is PriceFinding.OVERPRICING else ViolationKind[self.name]


class LineKind(Labelled):
    """How a checklist line is judged; `scoring` has one rule for each."""

    PRESENT = "present", "有无", "present or absent"
    COUNT = "count", "数量", "at least a number of pieces"
    ANY_OF = "any_of", "任选其一", "any one of its parts"
    WIDTH_CHOICE = "width_choice", "规格选择", "present in one of the stated widths"
    COUNTER_OR_WALL = "counter_or_wall", "专柜或背景墙", "counter sections or back wall"
    YES_NO = "yes_no", "是否", "yes or no"
    MEASURE = "measure", "测量值", "a measured value within limits"
    CHOICE = "choice", "选择", "one or several of some options"
    TEXT = "text", "文字", "words"
    PHOTO = "photo", "照片", "photos and nothing else"


class CheckResult(Labelled):
    """What a check came to."""

    PASS = "pass", "合格", "pass"
    FAIL = "fail", "不合格", "fail"
    NOT_APPLICABLE = "not_applicable", "不适用", "not applicable"
    NOT_CHECKED = "not_checked", "未检查", "not checked"


class PromotionObjective(Labelled):
    """What a promotion is for."""

    LIFT_SALES = "lift_sales", "提升产品销量", "lift sales"
    DIFFERENTIATE_IMAGE = (
        "differentiate_image",
        "突出特点，树立形象",
        "show differences, build image",
    )
    DEALER_COOPERATION = "dealer_cooperation", "巩固与经销商的合作", "firm up dealer cooperation"
    HIT_COMPETITOR = "hit_competitor", "打击竞争对手", "hit the competitor"
    CLEAR_SLOW_STOCK = "clear_slow_stock", "消化滞销品库存", "clear slow stock"


class DealerPromotionKind(Labelled):
    """What a promotion offers to the trade."""

    PURCHASE_REBATE = "purchase_rebate", "进货返利（压货奖励）", "purchase rebate"
    END_OF_LIFE_BUYOUT = "end_of_life_buyout", "淘汰包销", "end-of-life buy-out"
    ADVERTISING_GIFT = "advertising_gift", "广告赠品", "branded giveaways to the trade"
    SALES_SPIFF = "sales_spiff", "销售提成", "sales incentive (spiff)"
    FIXTURE_LOAN = "fixture_loan", "设备广告用品", "fixture or display equipment loan"
    POS_DISPLAY = "pos_display", "售点陈列及展示", "point-of-sale display and demonstration"
    TRAINING = "training", "培训", "training of dealer staff"


class ConsumerPromotionKind(Labelled):
    """What a promotion offers to the shopper."""

    CONSUMER_CREDIT = "consumer_credit", "贷款消费", "consumer credit or instalments"
    GIFT_WITH_PURCHASE = "gift_with_purchase", "赠品", "gift with purchase"
    PRICE_OFF = "price_off", "价格优惠", "price offer"
    PRODUCT_SHOW = "product_show", "产品展示", "product demonstration"
    SERVICE_PROMOTION = "service_promotion", "服务促销", "service promotion"


class VisitOutcome(Labelled):
    """How a visit ended."""

    DONE = "done", "完成", "done"
    STORE_CLOSED = "store_closed", "门店未营业", "store closed"
    NO_ACCESS = "no_access", "无法进店", "no access"
    REFUSED = "refused", "被拒访", "refused"
    OTHER = "other", "其他", "other"


class VisitStatus(Labelled):
    """How far a visit has come; only `complete` ones count."""

    OPEN = "open", "进行中", "open"
    REPORTED = "reported", "已提交报告", "reported, photos missing"
    COMPLETE = "complete", "齐全", "complete"
    UNREPORTED = "unreported", "系统关闭（无报告）", "closed by the system without a report"
    CANCELLED = "cancelled", "已取消", "cancelled"


class CancelReason(Labelled):
    """Why a visit was broken off."""

    WRONG_STORE = "wrong_store", "签到门店有误", "checked in at the wrong store"
    BY_MISTAKE = "by_mistake", "误操作", "checked in by mistake"
    STORE_CLOSED = "store_closed", "门店未营业", "store closed"
    CONTACT_AWAY = "contact_away", "负责人不在", "contact away"
    CALLED_AWAY = "called_away", "临时被叫走", "called away"
    UNWELL = "unwell", "身体不适", "unwell"
    OTHER = "other", "其他", "other"


class Achievement(Labelled):
    """What makes a visit productive."""

    ORDER = "order", "拿到订单", "an order"
    VIOLATION_CLOSED = "violation_closed", "整改违规", "a violation closed"
    POSM_INSTALLED = "posm_installed", "安装物料", "material installed"
    SKU_LISTED = "sku_listed", "新品上柜", "a product newly listed"
    TRAINING_GIVEN = "training_given", "完成培训", "training given"


class VisitType(Labelled):
    """What a visit is for."""

    FULL_AUDIT = "full_audit", "全面检查", "full audit"
    ROUTINE = "routine", "例行拜访", "routine visit"
    PROMOTION_CHECK = "promotion_check", "促销检查", "promotion check"
    TRAINING = "training", "培训", "training"
    SUPERVISOR_PATROL = "supervisor_patrol", "巡视 / 抽查", "supervisor spot check"


CHECKLIST_VISITS = {VisitType.FULL_AUDIT, VisitType.ROUTINE, VisitType.SUPERVISOR_PATROL}
"""Visits that look at a store's checklist even if their report does not mention it."""


class PhotoSubject(Labelled):
    """What a photo shows."""

    STOREFRONT = "storefront", "门店外观", "storefront"
    CHECKLIST_ITEM = "checklist_item", "检查项", "checklist item"
    PRICE_TAG = "price_tag", "价签", "price tag"
    PROMOTION = "promotion", "促销", "promotion"
    SHELF = "shelf", "陈列", "shelf"
    OTHER = "other", "其他", "other"


class CaptureSource(Labelled):
    """Where a phone took a photo from."""

    IN_APP_CAMERA = "in_app_camera", "应用内拍摄", "camera of the app"
    ALBUM = "album", "相册", "album"
    UNKNOWN = "unknown", "未知", "unknown"
