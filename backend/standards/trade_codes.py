"""The words of stock."""

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
