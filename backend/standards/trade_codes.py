"""The words of stock and of fixtures."""

from backend.standards.codes import Labelled


class StockFlag(Labelled):
    """What the stock of a product in a store calls for."""

    UNDERSTOCK = "understock", "断货风险", "out-of-stock risk"
    STOCK_PRESSURE_OK = "stock_pressure_ok", "适当库存压力", "suitable stock pressure"
    OVERSTOCK = "overstock", "压货过高", "overstock"
    SLOW_MOVING = "slow_moving", "滞销", "slow-moving stock"


class NoStockFlag(Labelled):
    """Why a product in a store has no flag."""

    COUNT_TOO_OLD = "count_too_old", "盘点过期", "not counted in the window"
    NO_SELL_OUT_FEED = "no_sell_out_feed", "无实销数据", "the store sent no sell-out"
    FEED_TOO_YOUNG = "feed_too_young", "实销数据不足", "sell-out is known for too few days"
    NO_SALES = "no_sales", "无销量", "nothing was sold in the window"
    BETWEEN_BANDS = "between_bands", "处于区间之间", "between the bands"


class FixtureKind(Labelled):
    """What a fixture is."""

    BRAND_COUNTER = "brand_counter", "专柜", "branded counter"
    BACK_WALL = "back_wall", "背景墙", "branded back wall"
    DISPLAY_CABINET = "display_cabinet", "展示柜", "display cabinet"
    DEMO_TABLE = "demo_table", "体验台", "demonstration table"
    LIGHTBOX = "lightbox", "灯箱", "light box"
    DISPLAY_EQUIPMENT = "display_equipment", "展示设备", "display equipment"
    OTHER = "other", "其他", "other"


class FixtureCondition(Labelled):
    """The state a fixture is in."""

    NEW = "new", "全新", "new"
    GOOD = "good", "完好", "good"
    WORN = "worn", "磨损", "worn"
    DAMAGED = "damaged", "损坏", "damaged"
    UNUSABLE = "unusable", "无法使用", "unusable"


class FixtureState(Labelled):
    """Where a fixture is in its life."""

    AVAILABLE = "available", "在库", "available"
    ON_LOAN = "on_loan", "借出", "on loan"
    RECALLED = "recalled", "召回中", "recalled"
    WRITTEN_OFF = "written_off", "报废", "written off"


class FixtureStep(Labelled):
    """What happens to a fixture."""

    REGISTERED = "registered", "登记", "registered"
    HANDED_OVER = "handed_over", "交付", "handed over"
    MOVED = "moved", "调拨", "moved"
    RECALLED = "recalled", "召回", "recalled"
    RETURNED = "returned", "归还", "returned"
    WRITTEN_OFF = "written_off", "报废", "written off"
