"""The members of the customer and the product axis: how each customer and product is told apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from backend.insight.cube_words import Apart, CustomerBy, ModelAge, ProductBy, Tag
from backend.insight.dialect import day_number, numbered
from backend.insight.statements import Sql, sql
from backend.network.words import CustomerKind, LifeStage
from backend.platform.settings import settings
from backend.standards.musts import FIGHTER

BANDS = (
    (100_000, "under-1000"),
    (200_000, "1000-1999"),
    (300_000, "2000-2999"),
    (400_000, "3000-3999"),
)
"""Price bands of handsets by the fen below which they end; dearer ones are in the last."""
DIGITS = {CustomerBy.PROVINCE: 2, CustomerBy.CITY: 4, CustomerBy.COUNTY: 6}
"""How many digits of its division code tell where a store is."""
DEAREST = "4000-up"
CHEAPEST = BANDS[0]


@dataclass(frozen=True, slots=True)
class Column:
    """A member of each fact `f`: the expression, and the joins it needs, each once."""

    expression: str
    joins: tuple[Sql, ...] = ()


_STORE = Sql("LEFT JOIN store st ON st.id = f.store_id")
_DEALER = Sql("LEFT JOIN dealer dl ON dl.id = f.dealer_id")
_CARDS = (
    Sql("LEFT JOIN customer_card cs ON cs.store_id = f.store_id"),
    Sql("LEFT JOIN customer_card cd ON cd.dealer_id = f.dealer_id"),
)
_DECILE = Sql("LEFT JOIN cube_decile dc ON dc.dealer_id = f.dealer_id")
PRODUCT = Column(
    f"COALESCE(pm.member, '{Apart.NONE}')",
    (Sql("LEFT JOIN cube_product pm ON pm.sku_id = f.sku_id"),),
)
BEHAVIOUR = Column(
    f"COALESCE(b.member, '{Apart.NONE}')",
    (Sql("LEFT JOIN cube_behaviour b ON b.customer = f.customer AND b.sku_id = f.sku_id"),),
)


def customer_column(by: CustomerBy, last_on: date, seen: list[int] | None) -> Column:
    """Return the column of the customer axis; `seen` are the regions in sight, None for all."""
    match by:
        case CustomerBy.DEALER:
            return Column(_dealer(seen), (_DEALER,))
        case CustomerBy.DECILE:
            return Column(_or_none("dc.member"), (_DECILE,))
        case CustomerBy.STAGE:
            return Column(_stage(last_on), (_STORE, _DEALER, *_CARDS))
        case CustomerBy.CHAIN:
            return Column(_or_none("NULLIF(st.chain, '')"), (_STORE,))
        case CustomerBy.TIER | CustomerBy.GRADE:
            return Column(_or_none(f"st.{by}"), (_STORE,))
        case _:
            return Column(_division(DIGITS[by]), (_STORE,))


def product_member(by: ProductBy, sku: Any, last_on: date, price_fen: int | None) -> str:
    """Return where a product stands on the product axis on the last day of a window.

    `price_fen` is its recommended retail price of that day in the nation, if there is one.
    """
    match by:
        case ProductBy.CATEGORY:
            return str(sku.category)
        case ProductBy.ROLE:
            return str(sku.role)
        case ProductBy.BAND:
            return band_of(sku.price_band, price_fen) or Apart.NONE
        case ProductBy.AGE:
            return age_of(sku.launched_on, sku.ended_on, last_on)
        case ProductBy.TAG:
            return Tag.FIGHTER if is_fighter(sku.tags) else Tag.OWN


def band_of(band: str | None, price_fen: int | None) -> str | None:
    """Return the brand's own band of a product, else the one of its price, if that is known."""
    if band is not None or price_fen is None:
        return band
    return next((name for below, name in BANDS if price_fen < below), DEAREST)


def age_of(launched_on: date, ended_on: date | None, day: date) -> ModelAge:
    """Return where a model stands between launch and end; clearance goes before new."""
    limits = settings()
    if ended_on is not None and day >= ended_on - timedelta(days=limits.clearance_days):
        return ModelAge.CLEARANCE
    is_new = day < launched_on + timedelta(days=limits.new_model_days)
    return ModelAge.NEW if is_new else ModelAge.CURRENT


def band_place(band: str) -> tuple[int, str]:
    """Return what to sort price bands by: from the cheapest up, the brand's own by their names."""
    known = [name for _, name in BANDS] + [DEAREST]
    return (known.index(band) if band in known else len(known)), band


def is_fighter(tags: list[str]) -> bool:
    """Return whether a model was sent against a competitor's."""
    return any(tag.startswith(FIGHTER) for tag in tags)


def is_low_price(role: str, tags: list[str], band: str | None, price_fen: int | None) -> bool:
    """Return whether a product is cheap goods: a special price, a fighter, or of the lowest band.

    A band of the brand's own is read by its first number of yuan.
    """
    if role == "special_price" or is_fighter(tags):
        return True
    if price_fen is not None:
        return price_fen < CHEAPEST[0]
    digits = "".join(sign if sign.isdigit() else " " for sign in band or "").split()
    return bool(digits) and int(digits[0]) * 100 < CHEAPEST[0]


def decile_members(parts: Mapping[int, int]) -> list[tuple[int, str]]:
    """Return the rows of `cube_decile` of dealers and their groups, the strongest being 01."""
    return [(dealer_id, f"{group:02}") for dealer_id, group in sorted(parts.items())]


def _or_none(expression: str) -> str:
    return f"COALESCE({expression}, '{Apart.NONE}')"


def _dealer(seen: list[int] | None) -> str:
    hidden = ""
    if seen is not None:
        ids = ", ".join(map(str, seen)) or "0"
        hidden = f" WHEN dl.region_id NOT IN ({ids}) THEN '{Apart.HIDDEN}'"
    return f"CASE WHEN dl.id IS NULL THEN '{Apart.NONE}'{hidden} ELSE dl.code END"


def _division(digits: int) -> str:
    zeros = "0" * (6 - digits)
    return _or_none(f"substr(st.division_code, 1, {digits}) || '{zeros}'")


def _stage(day: date) -> str:
    """Say in SQL what network.stages says of a store, or of the dealer of what names no store."""
    limits = settings()

    def by_age(opened_on: str) -> str:
        days = f"{day_number(day)} - {numbered(opened_on)}"
        return (
            f"CASE WHEN {days} < {limits.development_days:d} THEN '{LifeStage.DEVELOPMENT}'"
            f" WHEN {days} < {limits.growth_days:d} THEN '{LifeStage.GROWTH}'"
            f" ELSE '{LifeStage.MATURITY}' END"
        )

    return sql(
        "CASE WHEN st.id IS NOT NULL THEN CASE"
        " WHEN cs.stage_override IS NOT NULL THEN cs.stage_override"
        " WHEN st.status IN ('prospect', 'contacted') THEN '{potential}'"
        " WHEN st.status = 'signed' THEN '{development}'"
        " WHEN st.status = 'closed' THEN '{termination}' ELSE {store_age} END"
        " WHEN dl.id IS NULL THEN '{none}'"
        " WHEN cd.stage_override IS NOT NULL THEN cd.stage_override"
        " WHEN dl.closed_on <= '{day}' THEN '{termination}'"
        " WHEN cd.customer_kind = '{may_become}' THEN '{potential}' ELSE {dealer_age} END",
        potential=LifeStage.POTENTIAL,
        development=LifeStage.DEVELOPMENT,
        termination=LifeStage.TERMINATION,
        may_become=CustomerKind.POTENTIAL,
        none=Apart.NONE,
        day=day.isoformat(),
        store_age=by_age("st.opened_on"),
        dealer_age=by_age("dl.opened_on"),
    ).text
