"""Reference prices: what a product should cost, where and when. Money is in fen.

They are what observations are compared with. A floor under retail prices is resale price
maintenance in China (Anti-Monopoly Law, Art. 18), so minimum prices are off unless enabled.
"""

from __future__ import annotations

from datetime import date, datetime

from peewee import ModelSelect

from backend.network import divisions
from backend.platform import ledger
from backend.platform.actors import Actor
from backend.platform.database import transaction
from backend.platform.errors import ConflictError, NotFoundError, RuleError
from backend.platform.settings import settings
from backend.standards import revision, skus, validity
from backend.standards.codes import LEGAL_NOTICE, PriceType
from backend.standards.models import ReferencePrice


class OverlappingValidityError(ConflictError):
    """Two prices of one product, type and area on the same day contradict each other."""

    code = "overlapping-validity"
    title = "Another price holds on these days"
    title_zh = "价格有效期重叠"
    detail = "Price {price_id} of the same product, type and area holds from {since} on."
    detail_zh = "同一产品、类型和区域的价格 {price_id} 自 {since} 起有效。"


class MinimumPricesOffError(RuleError):
    """Minimum retail prices are not accepted unless the operator enabled them."""

    code = "minimum-prices-off"
    title = "Minimum retail prices are off"
    title_zh = "最低零售价未启用"
    detail = "{legal_notice[en]}"
    detail_zh = "{legal_notice[zh]}"


def list_prices(
    *,
    sku_id: int | None = None,
    price_type: str | None = None,
    area: str | None = None,
    day: date | None = None,
) -> ModelSelect[ReferencePrice]:
    """Return prices; `area` is the division they are for, empty for the nation.

    Raises UnknownDivisionError.
    """
    prices = ReferencePrice.select().order_by(ReferencePrice.id)
    if sku_id is not None:
        prices = prices.where(ReferencePrice.sku == sku_id)
    if price_type is not None:
        prices = prices.where(ReferencePrice.price_type == price_type)
    if area is not None:
        prices = prices.where(ReferencePrice.area == _area(area))
    return prices if day is None else prices.where(ReferencePrice.on(day))


def create(
    actor: Actor,
    *,
    sku_id: int,
    amount_fen: int,
    valid_from: date,
    at: datetime,
    price_type: str = PriceType.RECOMMENDED_RETAIL_PRICE,
    area: str = "",
    valid_to: date | None = None,
) -> ReferencePrice:
    """Add a price; `area` is a division code, empty for the nation.

    Raises MinimumPricesOffError, OverlappingValidityError, EndsBeforeStartError,
    UnknownDivisionError, or NotFoundError for the product.
    """
    if price_type == PriceType.MIN_RETAIL_PRICE and not settings().min_retail_price_enabled:
        raise MinimumPricesOffError(legal_notice=LEGAL_NOTICE)
    validity.check(valid_from, valid_to)
    area = _area(area)
    skus.require([sku_id])
    with transaction():
        revision.bump()  # first, so that two overlapping prices take turns
        _refuse_overlap(sku_id, price_type, area, valid_from, valid_to)
        price = ReferencePrice.create(
            sku=sku_id,
            price_type=str(price_type),
            area=area,
            amount_fen=amount_fen,
            valid_from=valid_from,
            valid_to=valid_to,
        )
        ledger.append(actor, "price.created", price.id, at=at, sku=sku_id)
    return price


def end(actor: Actor, price_id: int, *, valid_to: date, at: datetime) -> ReferencePrice:
    """End a price: `valid_to` is the first day without it; saying so twice is fine.

    Raises NotFoundError, EndsBeforeStartError or AlreadyEndedError.
    """
    with transaction():
        revision.bump()  # first, so that two who end one price take turns
        price = ReferencePrice.get_or_none(ReferencePrice.id == price_id)
        if price is None:
            raise NotFoundError(what="price")
        if validity.is_new_end(price.valid_from, price.valid_to, valid_to):
            price.valid_to = valid_to
            price.save(only=[ReferencePrice.valid_to])
            ledger.append(
                actor, "price.ended", price_id, at=at, sku=price.sku_id, valid_to=valid_to
            )
    return price


def _area(code: str) -> str:
    return divisions.canonical(code) if code else ""


def _refuse_overlap(
    sku_id: int, price_type: str, area: str, valid_from: date, valid_to: date | None
) -> None:
    clash = ReferencePrice.select().where(
        ReferencePrice.sku == sku_id,
        ReferencePrice.price_type == price_type,
        ReferencePrice.area == area,
        validity.overlapping(ReferencePrice, valid_from, valid_to),
    )
    if (other := clash.order_by(ReferencePrice.valid_from).first()) is not None:
        raise OverlappingValidityError(
            price_id=other.id, since=other.valid_from, until=other.valid_to
        )
