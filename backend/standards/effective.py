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
from backend.platform.prepared import Prepared
from backend.platform.settings import settings
from backend.standards import counters, musts, price_bands, revision, sales_levels, scopes
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
from backend.standards.scopes import StoreTraits
from backend.standards.scoring import Checklist

# Which price a store is measured by when several are in force; the others are only recorded.
PRECEDENCE: dict[str, int] = {
    PriceType.PROMOTIONAL_PRICE: 4,
    PriceType.SEASONAL_PRICE: 3,
    PriceType.RECOMMENDED_RETAIL_PRICE: 2,
    PriceType.UNIFORM_RETAIL_PRICE: 1,
    PriceType.MIN_RETAIL_PRICE: 0,  # and only where the operator enabled minimum prices
}
_FLOOR = str(PriceType.MIN_RETAIL_PRICE)


@dataclass(frozen=True, slots=True)
class Template:
    """A checklist version, ready to be judged by."""

    id: int
    code: str
    version: int
    scope_kind: str
    scope_value: str
    lines: list[dict[str, Any]]
    any_of_letters: list[str]
    valid_from: date
    retired_on: date | None
    checklist: Checklist

    def is_retired(self, day: date) -> bool:
        """Return whether it was no longer to be used on a day."""
        return self.retired_on is not None and self.retired_on <= day

    def is_valid(self, day: date) -> bool:
        """Return whether it was in force on a day."""
        return self.valid_from <= day and not self.is_retired(day)

    def fits(self, store: StoreTraits) -> bool:
        """Return whether it is for a store with these traits."""
        return scopes.fits(self.scope_kind, self.scope_value, store)

    def as_dict(self) -> dict[str, Any]:
        """Return the mapping that scoring reads."""
        return {
            "code": self.code,
            "version": self.version,
            "lines": self.lines,
            "any_of_letters": self.any_of_letters,
        }


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
class Price:
    """A price in force, in fen; `area` is a division code, empty for the nation."""

    sku_id: int
    price_type: str
    area: str
    amount_fen: int
    valid_from: date


@dataclass(frozen=True, slots=True)
class Standard:
    """What one store must show, stock, charge and promote on one day."""

    template: Template | None
    musts: Mapping[int, Must]
    prices: Mapping[int, Price]
    promotions: tuple[Running, ...]

    def reference_fen(self, sku_id: int) -> int | None:
        """Return what the product is measured by, if it has a price."""
        price = self.prices.get(sku_id)
        return price.amount_fen if price else None

    def is_floor(self, sku_id: int) -> bool:
        """Tell whether what it is measured by is only a minimum."""
        price = self.prices.get(sku_id)
        return price is not None and price.price_type == _FLOOR

    def promo_price_fen(self, sku_id: int) -> int | None:
        """Return the lowest price a running promotion gives the product, if one does."""
        if not self.promotions:
            return None
        prices = [p.prices[sku_id] for p in self.promotions if p.prices.get(sku_id)]
        return min((price for price in prices if price), default=None)

    def allowed_gift_fen(self, sku_id: int) -> int:
        """Return the gift value that running promotions of the product allow."""
        if not self.promotions:
            return 0
        return max((p.allowed_gift_fen for p in self.promotions if sku_id in p.prices), default=0)


@dataclass(frozen=True, slots=True, eq=False)
class StandardsOfDay:
    """Every standard in force on a day, from which that of each store is taken.

    `templates` are those in force, the most specific first; `versions` are all there ever were.
    """

    day: date
    names_stores: bool
    templates: list[Template]
    versions: Mapping[tuple[str, int], Template]
    rules: list[musts.Rule]
    asks_for_counter: bool
    skus: list[musts.Sku[int]]
    sku_ids: frozenset[int]
    prices: list[Price]
    promotions: Mapping[int, Running]
    sales_indexes: Mapping[int, int | None]
    band_fits: list[price_bands.Fit]

    def of(self, traits: StoreTraits) -> Standard:
        """Return the standard of a store with these traits."""
        enrolled = _ENROLLED.rows(store_id=traits.id) if self.promotions else []
        # Stores that no scope tells apart share what is worked out for one of them.
        alike = traits if self.names_stores else traits._replace(id=None)
        return Standard(
            *_worked_out(self, alike, self._place_of(traits)),
            promotions=tuple(
                self.promotions[promotion_id]
                for (promotion_id,) in enrolled
                if promotion_id in self.promotions
            ),
        )

    def _place_of(self, traits: StoreTraits) -> musts.Place:
        """Return what is known of the place, and of the counter if any rule asks."""
        counter = counters.seen_on(traits.id, self.day) if self.asks_for_counter else None
        return musts.Place(
            sales_index=self.sales_indexes[traits.region_id] if traits.region_id else None,
            sections=counter.sections if counter else None,
            competitors=frozenset(counter.competitors if counter else ()),
            fit_bands=price_bands.fitting(self.band_fits, traits.tier, traits.division_code),
        )


@lru_cache(maxsize=2_000)
def _worked_out(
    standards: StandardsOfDay, traits: StoreTraits, place: musts.Place
) -> tuple[Template | None, Mapping[int, Must], Mapping[int, Price]]:
    """Return the checklist, must-list and prices of stores with these traits."""
    return (
        next((each for each in standards.templates if each.fits(traits)), None),
        musts.resolve(standards.rules, traits, standards.skus, place),
        _references(standards.prices, traits.division_code or ""),
    )


_ENROLLED = Prepared(
    PromotionStore,
    lambda store_id: (
        PromotionStore.select(PromotionStore.promotion)
        .where(PromotionStore.store == store_id)
        .order_by(PromotionStore.promotion)
    ),
    store_id=PromotionStore.store,
)


# What is in force on a day is read anew for every day that reports are about.
_PUBLISHED = Prepared(
    ChecklistTemplate,
    lambda: (
        ChecklistTemplate.select()
        .where(ChecklistTemplate.published_at.is_null(False))
        .order_by(ChecklistTemplate.version.desc())
    ),
)
_SKUS = Prepared(Sku, Sku.select)
_RULES = Prepared(
    AssortmentRule,
    lambda day: AssortmentRule.select().where(AssortmentRule.on(day)).order_by(AssortmentRule.id),
    day=AssortmentRule.valid_from,
)
_PRICES = Prepared(
    ReferencePrice,
    lambda day: ReferencePrice.select().where(ReferencePrice.on(day)),
    day=ReferencePrice.valid_from,
)
_PROMOTIONS = Prepared(
    Promotion,
    lambda day: Promotion.select().where(Promotion.on(day)),
    day=Promotion.starts_on,
)
_OFFERS = Prepared(
    PromotionSku,
    lambda day: PromotionSku.select().join(Promotion).where(Promotion.on(day)),
    day=Promotion.starts_on,
)


def standard_of(store: Store, day: date) -> Standard:
    """Return the standard of a store on a day."""
    return on(day).of(
        StoreTraits(
            store.id,
            store.tier,
            store.grade,
            store.chain,
            store.division_code,
            store.region_id,
        )
    )


def on(day: date) -> StandardsOfDay:
    """Return the standards of a day."""
    stamp = revision.current()
    return _cached_day(stamp, day) if stamp else _read_day(day)


@lru_cache(maxsize=64)
def _cached_day(_stamp: str, day: date) -> StandardsOfDay:
    return _read_day(day)


def _as_template(row: ChecklistTemplate) -> Template:
    return Template(
        row.id,
        row.code,
        row.version,
        row.scope_kind,
        row.scope_value,
        row.lines,
        row.any_of_letters,
        row.valid_from,
        row.retired_on,
        Checklist(row.__data__),
    )


def _as_rule(row: AssortmentRule) -> musts.Rule:
    return musts.Rule(
        scope_kind=row.scope_kind,
        scope_value=row.scope_value,
        select_kind=row.select_kind,
        select_value=row.select_value,
        must_list=row.must_list,
        min_facings=row.min_facings,
        priority=row.priority,
        id=row.id,
        season_plan_id=row.season_plan_id,
        min_sales_index=row.min_sales_index,
        min_sections=row.min_sections,
        stock_cover_days=row.stock_cover_days,
    )


def _read_day(day: date) -> StandardsOfDay:
    versions = [_as_template(row) for row in _PUBLISHED.models()]
    skus = _SKUS.models()
    rules = [_as_rule(row) for row in _RULES.models(day=day)]
    prices = _PRICES.models(day=day)
    promotions = {row.id: row for row in _PROMOTIONS.models(day=day)}
    offers: dict[int, dict[int, int | None]] = {promotion_id: {} for promotion_id in promotions}
    for offer in _OFFERS.models(day=day):
        offers[offer.promotion_id][offer.sku_id] = offer.promo_price_fen
    scopes_used = {each.scope_kind for each in versions} | {rule.scope_kind for rule in rules}
    return StandardsOfDay(
        day=day,
        names_stores="store" in scopes_used,
        templates=sorted(
            (version for version in versions if version.is_valid(day)),
            key=lambda each: scopes.specificity(each.scope_kind, each.scope_value),
            reverse=True,
        ),
        versions={(version.code, version.version): version for version in versions},
        rules=rules,
        asks_for_counter=any(rule.asks_for_counter for rule in rules),
        skus=[
            musts.Sku(row.id, row.role, frozenset(row.tags), row.price_band)
            for row in skus
            if row.launched_on <= day and (row.ended_on is None or row.ended_on > day)
        ],
        sku_ids=frozenset(sku.id for sku in skus),
        prices=[Price(p.sku_id, p.price_type, p.area, p.amount_fen, p.valid_from) for p in prices],
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
        sales_indexes=sales_levels.on(day),
        band_fits=price_bands.on(day),
    )


def _references(prices: list[Price], division_code: str) -> dict[int, Price]:
    """Return the reference price by SKU: by type, then the narrowest area, then the newest."""
    weakest = 0 if settings().min_retail_price_enabled else 1
    best: dict[int, tuple[tuple[int, int, date], Price]] = {}
    for price in prices:
        rank = PRECEDENCE.get(price.price_type, -1)
        if rank < weakest or (price.area and not divisions.is_within(division_code, price.area)):
            continue
        weight = (rank, len(divisions.stem(price.area)) if price.area else 0, price.valid_from)
        if price.sku_id not in best or weight > best[price.sku_id][0]:
            best[price.sku_id] = (weight, price)
    return {sku_id: price for sku_id, (_, price) in best.items()}
