"""The words of journey planning: kinds of days, states of a plan entry, and reasons."""

from backend.standards.codes import Labelled


class DayKind(Labelled):
    """What a calendar day is to those who work in the field."""

    WORKDAY = "workday", "工作日", "working day"
    WEEKEND = "weekend", "周末", "weekend"
    HOLIDAY = "holiday", "节假日", "public holiday"
    MAKEUP_WORKDAY = "makeup_workday", "调休上班日", "make-up working day"

    @property
    def is_working(self) -> bool:
        """Whether people work."""
        return self in {DayKind.WORKDAY, DayKind.MAKEUP_WORKDAY}


class PlanStatus(Labelled):
    """What became of a planned visit."""

    PLANNED = "planned", "已计划", "planned"
    DONE = "done", "已完成", "done"
    MISSED = "missed", "未完成", "missed"
    EXCUSED = "excused", "已豁免", "excused"
    RESCHEDULED = "rescheduled", "已改期", "rescheduled"
    CANCELLED = "cancelled_by_manager", "主管取消", "cancelled by a manager"


class PlanOrigin(Labelled):
    """Where an entry came from."""

    MANUAL = "manual", "人工安排", "planned by hand"
    GENERATED = "generated", "系统生成", "generated for the cycle"


class PlanReason(Labelled):
    """Why a planned visit was missed, excused, rescheduled or cancelled."""

    STORE_CLOSED = "store_closed", "门店未营业", "store closed"
    CONTACT_AWAY = "contact_away", "负责人不在", "contact away"
    STORE_DECLINED = "store_declined", "门店婉拒", "store declined"
    SICK_OR_LEAVE = "sick_or_leave", "病假或休假", "sick or on leave"
    MEETING_OR_TRAINING = "meeting_or_training", "会议或培训", "meeting or training"
    TRANSPORT = "transport", "交通问题", "transport trouble"
    WEATHER = "weather", "恶劣天气", "bad weather"
    URGENT_ELSEWHERE = "urgent_elsewhere", "其他门店紧急事项", "urgent matter elsewhere"
    NO_TIME = "no_time", "时间不足", "no time left"
    PLANNING_MISTAKE = "planning_mistake", "计划有误", "planning mistake"
    OTHER = "other", "其他", "other"


class UnplannedReason(Labelled):
    """Why a store was visited that nobody had planned for that day."""

    STORE_REQUEST = "store_request", "门店要求", "the store asked"
    COMPLAINT = "complaint", "投诉处理", "complaint"
    CATCH_UP = "catch_up", "补前日计划", "catching up on a missed visit"
    DELIVERY = "delivery", "送货或物料", "delivery of goods or materials"
    PROMOTION = "promotion", "促销活动", "promotion"
    COMPETITOR = "competitor", "竞品动态", "competitor activity"
    NEARBY = "nearby", "顺路拜访", "on the way"
    NEW_STORE = "new_store", "新开门店", "new store"
    TOLD_TO = "told_to", "上级安排", "told to by a superior"
    OTHER = "other", "其他", "other"


class NoFit(Labelled):
    """Why a visit that is due has no place in a cycle."""

    NO_ALLOWED_DAY = "no_allowed_day", "没有可安排的日期", "its rules leave no working day"
    TOO_FEW_DAYS = "too_few_days", "可安排的日期不足", "its rules leave too few working days"
    DAYS_FULL = "days_full", "日程已满", "the days that suit it are full"
