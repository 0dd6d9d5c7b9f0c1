"""The words of the dealer scorecard, and the weights that hold until a brand says otherwise."""

from backend.network.divisions import Tier
from backend.platform.labels import Labelled


class Pillar(Labelled):
    """What a dealer is scored by."""

    DISPLAY = "display", "陈列", "display"
    ASSORTMENT = "assortment", "品类", "assortment"
    PRICE = "price", "价格", "price"
    PROMOTION = "promotion", "促销", "promotion"
    SERVICE = "service", "服务", "service"


class ContestState(Labelled):
    """Where a contest stands."""

    OPEN = "open", "待处理", "open"
    UPHELD = "upheld", "成立", "upheld"
    REJECTED = "rejected", "不成立", "rejected"


def _weights(*each: int) -> dict[str, int]:
    return dict(zip(map(str, Pillar), each, strict=True))


DEFAULTS: dict[str, dict[str, int]] = {
    str(Tier.CITY): _weights(30, 25, 20, 15, 10),
    str(Tier.COUNTY): _weights(30, 25, 20, 10, 15),
    str(Tier.TOWN): _weights(25, 35, 20, 5, 15),
}
"""Percent by tier and pillar, adding up to 100; ours, for no source gives any.

City stores live by display and promotions; town stores have few signs to hang and are lost for
want of goods.
"""
