"""The standard of one store on one day: checklist, must-list, reference prices, promotions.

The standards of a day are read once and kept until they change (`revision`), because every
report is judged against them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from backend.network import divisions
from backend.network.models import Store
from backend.standards import musts, revision
from backend.standards.codes import PriceType
from backend.standards.models import (
    AssortmentRule,
    ChecklistTemplate,
    Promotion,
    PromotionSku,
    PromotionStore,
    ReferencePrice,
    Sku,
)
from backend.standards.musts import Must

# Which price a store is measured by when several are in force; the others are only recorded.
PRECEDENCE: dict[str, int] = {
    PriceType.PROMOTIONAL_PRICE: 4,
    PriceType.SEASONAL_PRICE: 3,
    PriceType.RECOMMENDED_RETAIL_PRICE: 2,
    PriceType.UNIFORM_RETAIL_PRICE: 1,
}


@dataclass(frozen=True, slots=True)
class Template:
    """A checklist version, ready to be judged by."""

    id: int
    code: str
    version: int
    tier: str
    lines: list[dict[str, Any]]
    retired_on: date | None

    def as_dict(self) -> dict[str, Any]:
        """Return the mapping that scoring reads."""
        return {"code": self.code, "version": self.version, "lines": self.lines}


@dataclass(frozen=True, slots=True)
class Running:
    """A promotion that runs, with its prices by SKU in fen (null where the price stays)."""

    id: int
    code: str
    name: str
    starts_on: date
    ends_on: date
    allowed_gift_fen: int
    prices: Mapping[int, int | None]


@dataclass(frozen=True, slots=True)
class Standard:
    """What one store must show, stock, charge and promote on one day."""

    template: Template | None
    musts: Mapping[int, Must]
    references: Mapping[int, int]
    promotions: tuple[Running, ...]

    def promo_price_fen(self, sku_id: int) -> int | None:
        """Return the lowest price a running promotion gives the product, if one does."""
        prices = [p.prices[sku_id] for p in self.promotions if p.prices.get(sku_id)]
        return min((price for price in prices if price), default=None)

    def allowed_gift_fen(self, sku_id: int) -> int:
        """Return the gift value that running promotions of the product allow."""
        return max((p.allowed_gift_fen for p in self.promotions if sku_id in p.prices), default=0)


@dataclass(frozen=True, slots=True)
class _Day:
    templates: Mapping[str, Template]
    rules: list[musts.Rule]
    skus: list[musts.Sku[int]]
    prices: list[tuple[int, str, str, int, date]]
    promotions: Mapping[int, Running]


def standard_of(store: Store, day: date) -> Standard:
    """Return the standard of a store on a day."""
    return standard_for(
        musts.StoreTraits(store.id, store.tier, store.grade, store.chain, store.division_code),
        day,
    )


def standard_for(traits: musts.StoreTraits, day: date) -> Standard:
    """Return the standard of a store with these traits on a day."""
    of_day = _day(day)
    enrolled = (
        PromotionStore.select(PromotionStore.promotion)
        .where(PromotionStore.store == traits.id)
        .order_by(PromotionStore.promotion)
        .tuples()
    )
    ids: list[int] = [row[0] for row in enrolled]  # type: ignore[index]  # tuples
    running = [of_day.promotions[id_] for id_ in ids if id_ in of_day.promotions]
    return Standard(
        template=of_day.templates.get(traits.tier or ""),
        musts=musts.resolve(of_day.rules, traits, of_day.skus),
        references=_references(of_day.prices, traits.division_code or ""),
        promotions=tuple(running),
    )


def template(code: str, version: int) -> Template | None:
    """Return one version of a checklist, retired or not."""
    stamp = revision.current()
    return _template(stamp, code, version) if stamp else _read_template(code, version)


def known_skus(day: date) -> frozenset[int]:
    """Return the ids of every product there is."""
    return frozenset(sku.id for sku in _day(day).skus)


def _day(day: date) -> _Day:
    stamp = revision.current()
    return _cached_day(stamp, day) if stamp else _read_day(day)


@lru_cache(maxsize=64)
def _cached_day(_stamp: str, day: date) -> _Day:
    return _read_day(day)


@lru_cache(maxsize=64)
def _template(_stamp: str, code: str, version: int) -> Template | None:
    return _read_template(code, version)


def _read_template(code: str, version: int) -> Template | None:
    row = ChecklistTemplate.get_or_none(
        ChecklistTemplate.code == code, ChecklistTemplate.version == version
    )
    return _as_template(row) if row else None


def _as_template(row: ChecklistTemplate) -> Template:
    return Template(row.id, row.code, row.version, row.tier, row.lines, row.retired_on)


def _read_day(day: date) -> _Day:
    templates = ChecklistTemplate.select().where(ChecklistTemplate.on(day))
    rules = AssortmentRule.select().where(AssortmentRule.on(day))
    prices = ReferencePrice.select().where(ReferencePrice.on(day))
    promotions = {row.id: row for row in Promotion.select().where(Promotion.on(day))}
    offers: dict[int, dict[int, int | None]] = {promotion_id: {} for promotion_id in promotions}
    for offer in PromotionSku.select().where(PromotionSku.promotion.in_(list(promotions))):
        offers[offer.promotion_id][offer.sku_id] = offer.promo_price_fen
    return _Day(
        templates={
            row.tier: _as_template(row) for row in templates.order_by(ChecklistTemplate.version)
        },
        rules=[
            musts.Rule(
                scope_kind=rule.scope_kind,
                scope_value=rule.scope_value,
                select_kind=rule.select_kind,
                select_value=rule.select_value,
                must_list=rule.must_list,
                min_facings=rule.min_facings,
                priority=rule.priority,
            )
            for rule in rules
        ],
        skus=[musts.Sku(row.id, row.role, frozenset(row.tags)) for row in Sku.select()],
        prices=[(p.sku_id, p.price_type, p.area, p.amount_fen, p.valid_from) for p in prices],
        promotions={
            row.id: Running(
                row.id,
                row.code,
                row.name,
                row.starts_on,
                row.ends_on,
                row.allowed_gift_fen,
                offers[row.id],
            )
            for row in promotions.values()
        },
    )


def _references(
    prices: list[tuple[int, str, str, int, date]], division_code: str
) -> dict[int, int]:
    """Return the reference price by SKU: by type, then the narrowest area, then the newest."""
    best: dict[int, tuple[tuple[int, int, date], int]] = {}
    for sku_id, price_type, area, amount_fen, valid_from in prices:
        rank = PRECEDENCE.get(price_type)
        if rank is None or (area and not divisions.is_within(division_code, area)):
            continue
        weight = (rank, len(divisions.stem(area)) if area else 0, valid_from)
        if sku_id not in best or weight > best[sku_id][0]:
            best[sku_id] = (weight, amount_fen)
    return {sku_id: amount_fen for sku_id, (_, amount_fen) in best.items()}
