"""The words of the archive: every code a dealer, store, contact or agreement is described in."""

from backend.platform.labels import Labelled


class Subject(Labelled):
    """Whom an archive is about."""

    DEALER = "dealer", "经销商", "dealer"
    STORE = "store", "门店", "store"


class CustomerKind(Labelled):
    """Which way the business with a customer goes."""

    SALES = "sales", "销售客户", "buys from us"
    PURCHASE = "purchase", "采购客户", "sells to us"
    POTENTIAL = "potential", "潜在客户", "may become a customer"


class CustomerType(Labelled):
    """What kind of business a customer is."""

    AGENT = "agent", "代理商", "agent"
    DEALER = "dealer", "经销商", "dealer"
    CHAIN = "chain", "连锁", "chain"
    INDEPENDENT = "independent", "独立店", "independent"
    CARRIER_SHOP = "carrier_shop", "运营商营业厅", "carrier shop"


class CustomerSource(Labelled):
    """How a customer was found."""

    FOUND_BY_REP = "found_by_rep", "业务员开发", "found by the rep"
    STREET_SWEEP = "street_sweep", "扫街", "found street by street"
    REFERRAL = "referral", "转介绍", "referral"
    AGENT = "agent", "代理商介绍", "brought by an agent"
    IMPORT = "import", "导入", "imported"


class Grade(Labelled):
    """How much a customer matters, or how far its credit is trusted."""

    A = "A", "A 级", "A, the best"
    B = "B", "B 级", "B"
    C = "C", "C 级", "C"
    D = "D", "D 级", "D"


class RevenueBand(Labelled):
    """What a dealer turns over in a year, in yuan."""

    UP_TO_1M = "up_to_1m", "100 万以下", "up to 1 million"
    UP_TO_5M = "up_to_5m", "100–500 万", "1 to 5 million"
    UP_TO_20M = "up_to_20m", "500–2000 万", "5 to 20 million"
    UP_TO_100M = "up_to_100m", "2000 万–1 亿", "20 to 100 million"
    OVER_100M = "over_100m", "1 亿以上", "over 100 million"


class BuyingMode(Labelled):
    """How a customer buys."""

    REGULAR = "regular", "定期进货", "at regular times"
    ON_DEMAND = "on_demand", "随卖随进", "as it sells"
    PROMOTION_DRIVEN = "promotion_driven", "促销进货", "when there is a promotion"
    CENTRAL = "central", "总部集采", "by its head office"


class LifeStage(Labelled):
    """Where a customer stands in its life with the brand."""

    POTENTIAL = "potential", "潜在期", "potential"
    DEVELOPMENT = "development", "开发期", "development"
    GROWTH = "growth", "成长期", "growth"
    MATURITY = "maturity", "成熟期", "maturity"
    TERMINATION = "termination", "终止期", "termination"


class PipelineStatus(Labelled):
    """How far a store was won, in the order of the way."""

    PROSPECT = "prospect", "意向", "prospect"
    CONTACTED = "contacted", "已接触", "contacted"
    SIGNED = "signed", "已签约", "signed"
    ACTIVE = "active", "合作中", "active"
    AT_RISK = "at_risk", "流失风险", "at risk"
    CLOSED = "closed", "已关闭", "closed"


class JobRole(Labelled):
    """What a contact does there."""

    OWNER = "owner", "老板", "owner"
    COUNTER_HEAD = "counter_head", "柜组长", "counter head"
    CLERK = "clerk", "营业员", "sales clerk"
    PROMOTER = "promoter", "促销员", "promoter"
    OTHER = "other", "其他", "other"


class BuyingRole(Labelled):
    """The part a contact plays when the business decides what to buy."""

    INITIATOR = "initiator", "发起者", "initiator"
    USER = "user", "使用者", "user"
    INFLUENCER = "influencer", "影响者", "influencer"
    DECIDER = "decider", "决策者", "decider"
    APPROVER = "approver", "批准者", "approver"
    BUYER = "buyer", "采购者", "buyer"
    GATEKEEPER = "gatekeeper", "把关者", "gatekeeper"


class PromoterMode(Labelled):
    """Who pays a promoter who sells our goods."""

    OWN_PROMOTER = "own_promoter", "专职促销员", "our own promoter"
    BORROWED_PROMOTER = "borrowed_promoter", "借用其他品牌促销员", "another brand's promoter"
    CLERK_ON_COMMISSION = "clerk_on_commission", "提成代卖", "a clerk on commission"


class Channel(Labelled):
    """A way to reach a contact, which takes the contact's consent."""

    SMS = "sms", "短信", "text message"
    CALL = "call", "电话", "phone call"
    WECHAT = "wechat", "微信", "WeChat"
    EMAIL = "email", "邮件", "e-mail"
    MAIL = "mail", "印刷品邮寄", "printed matter"


class ConsentSource(Labelled):
    """How a contact said yes or no."""

    SPOKEN = "spoken", "口头", "spoken"
    PAPER = "paper", "书面", "on paper"
    MESSAGE = "message", "消息", "by message"
    IMPORT = "import", "导入", "imported with proof elsewhere"


class EntryKind(Labelled):
    """How somebody was in touch with a contact."""

    VISIT = "visit", "拜访", "visit"
    CALL = "call", "电话", "call"
    MESSAGE = "message", "消息", "message"
    MEETING = "meeting", "会面", "meeting"


class Objection(Labelled):
    """What a contact held against buying."""

    FALSE_OBJECTION = "false_objection", "虚假异议", "a pretext"
    PRICE_OBJECTION = "price_objection", "价格异议", "the price"
    PRODUCT = "product", "产品异议", "the product"
    SERVICE = "service", "服务异议", "the service"
    COMPETITION = "competition", "竞品因素", "a competitor"


class PaymentMode(Labelled):
    """How a dealer pays."""

    PREPAID = "prepaid", "预付款", "before delivery"
    ON_DELIVERY = "on_delivery", "货到付款", "on delivery"
    MONTHLY = "monthly", "月结", "once a month"
    CREDIT = "credit", "账期", "within a term"
    CONSIGNMENT = "consignment", "代销", "when it is sold on"


class FieldKind(Labelled):
    """What a custom field holds."""

    TEXT = "text", "文本", "text"
    NUMBER = "number", "数字", "number"
    CHOICE = "choice", "单选", "one of its options"
    DATE = "date", "日期", "day"
    YES_NO = "yes_no", "是否", "yes or no"


MET = (EntryKind.VISIT, EntryKind.MEETING)
"""What counts as having met a contact; a call or a message does not."""
