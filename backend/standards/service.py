"""The words of following up: tasks, complaints and what partners say about finished jobs."""

from enum import StrEnum
from typing import Self

from backend.standards.codes import Labelled


class TaskState(Labelled):
    """Where a task stands; `closed` and `written_off` are its ends."""

    OPEN = "open", "待分派", "nobody's yet"
    ASSIGNED = "assigned", "已分派", "assigned"
    IN_PROGRESS = "in_progress", "处理中", "in progress"
    SUBMITTED = "submitted", "待确认", "submitted with proof"
    CLOSED = "closed", "已关闭", "closed"
    WRITTEN_OFF = "written_off", "已核销", "written off"


class TaskOrigin(Labelled):
    """What a task came from."""

    VIOLATION = "violation", "违规", "a violation"
    HAND = "hand", "手工", "somebody who made it"
    TREND = "trend", "趋势下滑", "a dealer that began to fall"


class TaskStep(Labelled):
    """What can happen to a task."""

    OPENED = "opened", "建立", "opened"
    ASSIGNED = "assigned", "分派", "assigned"
    STARTED = "started", "开始处理", "started"
    SUBMITTED = "submitted", "提交整改", "submitted with proof"
    REJECTED = "rejected", "退回", "rejected back"
    CLOSED = "closed", "关闭", "closed"
    WRITTEN_OFF = "written_off", "核销", "written off"
    REOPENED = "reopened", "重新打开", "reopened"
    ESCALATED = "escalated", "升级", "escalated"


class Department(Labelled):
    """Who in the brand's house answers for a complaint or a score."""

    SALES = "sales", "销售部", "sales"
    MARKETING = "marketing", "市场部", "marketing"
    AFTER_SALES = "after_sales", "售后服务部", "after-sales service"
    LOGISTICS = "logistics", "物流部", "warehouse and transport"
    PRODUCT = "product", "产品质量部", "product quality"
    FINANCE = "finance", "财务部", "finance"


class ComplaintSource(Labelled):
    """Who complained."""

    STORE = "store", "门店", "store"
    DEALER = "dealer", "经销商", "dealer"
    CONTACT = "contact", "联系人", "contact person"
    CONSUMER = "consumer", "消费者", "consumer"


class ComplaintCategory(Labelled):
    """What a complaint is about; how many hours it may take is a setting."""

    SERVICE_QUALITY = "service_quality", "服务质量", "service quality"
    PRODUCT_QUALITY = "product_quality", "产品质量", "product quality"
    AFTER_SALES_REPAIR = "after_sales_repair", "售后维修", "repair and returns"
    STAFF_ATTITUDE = "staff_attitude", "人员态度", "attitude of staff"
    DELIVERY = "delivery", "送货时效与破损", "late or damaged delivery"
    SHIPPING_ERROR = "shipping_error", "发货差错", "wrong goods shipped"
    CONTRACT_FULFILMENT = "contract_fulfilment", "合同履行", "contract fulfilment"
    PRICE_FAIRNESS = "price_fairness", "价格公平", "fairness of prices"
    PROMOTION_SUPPORT = "promotion_support", "促销支持", "promotion support"


class ComplaintStep(Labelled):
    """The steps of handling a complaint, in order: feelings first, then the matter."""

    ACKNOWLEDGED = "acknowledged", "致歉受理", "acknowledged with an apology"
    RESTATED = "restated", "复述确认", "repeated and confirmed"
    EXPECTATION_RECORDED = "expectation_recorded", "了解期望", "expectation asked"
    ACTION_AGREED = "action_agreed", "商定方案", "action agreed"
    COMMITTED = "committed", "承诺", "committed to a day"
    CLOSED = "closed", "结案", "closed"

    @property
    def before(self) -> Self | None:
        """The step that must be done first."""
        steps = list(type(self))
        number = steps.index(self)
        return steps[number - 1] if number else None


class ComplaintPause(Labelled):
    """What stops and starts the clock of a complaint between its steps."""

    WAITING_CUSTOMER = "waiting_customer", "等待客户", "waits for the customer"
    RESUMED = "resumed", "继续处理", "goes on"


RECEIVED = "received"
"""The state of a complaint before its first step."""


class FinishedJob(Labelled):
    """What a feedback card is about."""

    VIOLATION = "violation", "已整改问题", "resolved violation"
    COMPLAINT = "complaint", "已结投诉", "closed complaint"
    VISIT = "visit", "月度拜访", "monthly visit"


class FeedbackTopic(Labelled):
    """What a partner scores, and the `department` it is assigned to unless the card says other."""

    department: Department

    def __new__(cls, code: str, zh: str, en: str, department: Department) -> Self:
        member = str.__new__(cls, code)
        member._value_ = code
        member.zh = zh
        member.en = en
        member.department = department
        return member

    SALES_STAFF = "sales_staff", "业务人员", "sales staff", Department.SALES
    PRODUCT_QUALITY = "product_quality", "产品质量", "product quality", Department.PRODUCT
    SUPPLY = "supply", "供货及时", "supply in time", Department.LOGISTICS
    PROMOTION_SUPPORT = "promotion_support", "促销支持", "promotion support", Department.MARKETING
    AFTER_SALES_SERVICE = (
        "after_sales_service",
        "售后服务",
        "after-sales service",
        Department.AFTER_SALES,
    )
    SETTLEMENT = "settlement", "结算返利", "settlement and rebates", Department.FINANCE


class CorrectionState(StrEnum):
    """Where a proposed store point stands."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REJECTED = "rejected"


class PointBasis(Labelled):
    """What says that a store's door is elsewhere."""

    PHOTO = "photo", "现场照片", "a photo from there"
    FIRST_FIXES = "first_fixes", "首批定位", "the first check-ins at a store without a point"
    CHECK_INS = "check_ins", "签到位置", "where check-ins gather"
    DATUM = "datum", "坐标系有误", "a wrong datum of the stored point"


class FencePolicy(Labelled):
    """What follows when a check-in is not at its store."""

    ALLOW = "allow", "放行并标记", "it counts, and is flagged"
    DEMAND_PHOTO = "demand_photo", "须补门头照", "it takes a photo of the storefront"
    REFUSE = "refuse", "隔离待审", "it waits in quarantine"


class JudgedFor(Labelled):
    """Why the place of a check-in was judged."""

    CHECKED_IN = "checked_in", "签到", "the check-in"
    PLACED = "placed", "放行", "its release from quarantine"
    STORE_MOVED = "store_moved", "门店坐标更正", "a corrected store point"
