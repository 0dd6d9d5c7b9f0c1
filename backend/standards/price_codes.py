"""The words of price cases."""

from backend.standards.codes import Labelled


class PriceCaseState(Labelled):
    """How far a price case has come."""

    OPEN = "open", "待处理", "nothing asked yet"
    AWAITING_REPLY = "awaiting_reply", "待经销商回复", "waiting for the dealer's reply"
    REPLY_OVERDUE = "reply_overdue", "回复逾期", "the dealer's reply is overdue"
    REPLIED = "replied", "已回复", "the dealer replied"
    CLOSED = "closed", "已结案", "closed"


class SightingSource(Labelled):
    """What showed a violation."""

    VISIT = "visit", "拜访", "a visit"
    BY_HAND = "by_hand", "手工上报", "a report by hand"
    FEED = "feed", "销售数据", "a handset's number in sales or in the field"


class PriceCaseOutcome(Labelled):
    """What a person made of a price case; none of them takes anything from anybody."""

    CORRECTED = "corrected", "已改正", "corrected"
    EXPLAINED = "explained", "已说明", "explained"
    WARNING = "warning", "已提醒", "warning given"
    CONTESTED = "contested", "有异议", "contested by the dealer"
    UNFOUNDED = "unfounded", "不成立", "unfounded"
    NO_ACTION = "no_action", "不处理", "no action"
