"""What stores sold of a promotion's products: those that take part, and those like them.

Read for many promotions in one query, which sums each part by days before, meanwhile and after.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from peewee import Case, Expression, ModelSelect, Value, fn

from backend.fieldwork import sales as feeds
from backend.fieldwork.trade_models import SellOut
from backend.insight.uplift import BASELINE_DAYS, Control, Sales, dip_days
from backend.network import divisions
from backend.network.models import Store
from backend.platform.actors import Actor
from backend.platform.database import db
from backend.standards import enrolments
from backend.standards.models import Promotion, PromotionSku, PromotionStore, Sku

_DAY = timedelta(days=1)
_BASELINE = timedelta(days=BASELINE_DAYS)


class Part(StrEnum):
    """Whose sales of which products: in stores that take part, of the products or similar ones."""

    PROMOTED = "promoted"
    SIMILAR = "similar"
    CONTROL = "control"


@dataclass(frozen=True, slots=True)
class Frame:
    """The whole days of a promotion that are compared, as far as they have passed.

    `until` is the day after the last that it ran, `after_until` that after the last of the days
    behind it. `excluded` are days before it on which a store that takes part had another
    promotion of the same products, or of which no sales are known.
    """

    from_on: date
    starts_on: date
    until: date
    after_until: date
    is_over: bool
    excluded: frozenset[date] = frozenset()

    @classmethod
    def of(cls, promotion: Promotion, today: date, excluded: Iterable[date] = ()) -> Frame:
        """Return the frame of a promotion on a day, which itself is not over yet."""
        starts_on, ends = promotion.starts_on, promotion.last_on + _DAY
        from_on = starts_on - _BASELINE
        dip = timedelta(days=dip_days((ends - starts_on).days))
        until = max(min(ends, today), starts_on)
        after_until = max(min(ends + dip, today), until)
        return cls(from_on, starts_on, until, after_until, ends <= today, frozenset(excluded))

    @property
    def before(self) -> list[date]:
        """The usable days before it."""
        return [day for day in _days(self.from_on, self.starts_on) if day not in self.excluded]

    @property
    def during(self) -> list[date]:
        """The days it ran."""
        return list(_days(self.starts_on, self.until))


@dataclass(slots=True)
class Products:
    """The products of a promotion, and what is known of them."""

    sku_ids: list[int] = field(default_factory=list)
    categories: set[str] = field(default_factory=set)
    kinds: set[tuple[str, str | None]] = field(default_factory=set)  # role and price band


@dataclass(frozen=True, slots=True)
class Sold:
    """Units of a part, and how many stores sold any."""

    before: int
    during: int
    after: int
    stores: int


Participants = dict[tuple[str, str], int]
"""How many stores take part, by tier and grade."""


def products_of(promotion_ids: Collection[int]) -> defaultdict[int, Products]:
    """Return the products of promotions."""
    rows: Any = (
        PromotionSku.select(PromotionSku.promotion, Sku.id, Sku.category, Sku.role, Sku.price_band)
        .join(Sku)
        .where(PromotionSku.promotion.in_(promotion_ids))
        .order_by(Sku.id)
        .tuples()
    )
    found: defaultdict[int, Products] = defaultdict(Products)
    for promotion_id, sku_id, category, role, band in rows:
        products = found[promotion_id]
        products.sku_ids.append(sku_id)
        products.categories.add(category)
        products.kinds.add((role, band))
    return found


def rivals_of(promoted: Sequence[Promotion]) -> defaultdict[int, list[Promotion]]:
    """Return the other promotions with one of the same products, from 28 days before on."""
    mine, theirs = PromotionSku.alias(), PromotionSku.alias()
    rows: Any = (
        Promotion.select(Promotion, mine.promotion.alias("of_id"))
        .join(theirs, on=theirs.promotion == Promotion.id)
        .join(mine, on=(mine.sku == theirs.sku) & (mine.promotion != theirs.promotion))
        .where(mine.promotion.in_([promotion.id for promotion in promoted]))
        .distinct()
        .order_by(Promotion.id)
        .objects()
    )
    by_id = {promotion.id: promotion for promotion in promoted}
    found: defaultdict[int, list[Promotion]] = defaultdict(list)
    for rival in rows:
        one = by_id[rival.of_id]
        begins = one.starts_on - _BASELINE
        if rival.starts_on <= one.last_on and rival.last_on >= begins:
            found[one.id].append(rival)
    return found


def frames_of(
    actor: Actor,
    promoted: Sequence[Promotion],
    rivals: defaultdict[int, list[Promotion]],
    *,
    today: date,
    dealer_id: int | None,
) -> dict[int, Frame]:
    """Return the frames of promotions, leaving out the days of rivals in the same stores.

    And those before the first sale that is known: nothing is known of them, not even nought.
    """
    earlier = [
        (one, rival)
        for one in promoted
        for rival in rivals[one.id]
        if rival.starts_on < one.starts_on
    ]
    excluded: defaultdict[int, set[date]] = defaultdict(set)
    known_from = feeds.known_from(SellOut) or date.min
    for one in promoted:
        excluded[one.id] |= set(_days(one.starts_on - _BASELINE, known_from))
    for one, rival in _in_the_same_stores(actor, earlier, dealer_id):
        excluded[one.id] |= set(_days(rival.starts_on, rival.last_on + _DAY))
    return {
        one.id: Frame.of(
            one,
            today,
            (day for day in excluded[one.id] if one.starts_on - _BASELINE <= day < one.starts_on),
        )
        for one in promoted
    }


def participants_of(
    actor: Actor, promotion_ids: Collection[int], *, dealer_id: int | None
) -> defaultdict[int, Participants]:
    """Return how many stores in sight take part in promotions, by tier and grade."""
    pairs = enrolments.participants(actor, dealer_id=dealer_id).where(
        PromotionStore.promotion.in_(promotion_ids)
    )
    of_store = PromotionStore.store == Store.id
    rows: Any = (
        pairs.join_from(PromotionStore, Store, on=of_store)
        .select(PromotionStore.promotion, Store.tier, Store.grade, fn.COUNT(Store.id))
        .group_by(PromotionStore.promotion, Store.tier, Store.grade)
        .tuples()
    )
    found: defaultdict[int, Participants] = defaultdict(dict)
    for promotion_id, tier, grade, count in rows:
        found[promotion_id][tier, grade] = count
    return found


@dataclass(frozen=True, slots=True)
class Reading:
    """What is needed to read the sales of one promotion."""

    promotion: Promotion
    frame: Frame
    products: Products
    rivals: list[Promotion]
    participants: Participants


def sold(
    actor: Actor, readings: Sequence[Reading], *, dealer_id: int | None, with_similar: bool
) -> dict[tuple[int, Part], Sold]:
    """Return what each part of each promotion sold, in one query."""
    queries = []
    for one in readings:
        frame, theirs = one.frame, _theirs(actor, one.promotion, dealer_id)
        mine = SellOut.sku.in_(one.products.sku_ids)
        queries.append(_part(one, Part.PROMOTED, frame, mine, theirs))
        queries.append(_part(one, Part.CONTROL, frame, mine, _controls(actor, one)))
        if with_similar:
            queries.append(_part(one, Part.SIMILAR, frame, _similar(one.products), theirs))
    return {
        (promotion_id, Part(part)): Sold(*(int(value) for value in values))
        for promotion_id, part, *values in _together(queries)
    }


def with_feed(actor: Actor, readings: Sequence[Reading], *, dealer_id: int | None) -> set[int]:
    """Return the promotions of which a store that takes part sold anything at all, in one query."""
    queries = []
    for one in readings:
        theirs, frame = _theirs(actor, one.promotion, dealer_id), one.frame
        in_time = (SellOut.sold_on >= frame.from_on) & (SellOut.sold_on < frame.after_until)
        anything = SellOut.select(Value(1)).where(SellOut.store.in_(theirs), in_time)
        queries.append(
            Promotion.select(Promotion.id).where(
                Promotion.id == one.promotion.id, fn.EXISTS(anything)
            )
        )
    return {promotion_id for (promotion_id,) in _together(queries)}


def sales_of(frame: Frame, sales: Sold) -> tuple[Sales, Sales, Sales | None]:
    """Return what was sold before, meanwhile and, once it is over, after."""
    after = Sales(sales.after, (frame.after_until - frame.until).days)
    return (
        Sales(sales.before, len(frame.before)),
        Sales(sales.during, len(frame.during)),
        after if frame.is_over else None,
    )


def control_of(frame: Frame, sales: Sold) -> Control:
    """Return what the controls sold."""
    before, during, _ = sales_of(frame, sales)
    return Control(before, during, sales.stores)


def _days(from_on: date, to_on: date) -> Iterator[date]:
    return (from_on + timedelta(days=number) for number in range((to_on - from_on).days))


def _theirs(actor: Actor, promotion: Promotion, dealer_id: int | None) -> ModelSelect[Any]:
    """Return the stores in sight that take part."""
    return (
        enrolments.participants(actor, dealer_id=dealer_id)
        .where(PromotionStore.promotion == promotion.id)
        .select(PromotionStore.store)
    )


def _controls(actor: Actor, one: Reading) -> ModelSelect[Any]:
    """Return the stores to compare with: like those that take part, and in no such promotion.

    They are in the promotion's area and in sight, trade all the while, and are of a tier and
    grade of which stores take part.
    """
    kinds: Any = Value(0) == Value(1)
    for tier, grade in sorted(one.participants):
        kinds = kinds | ((Store.tier == tier) & (Store.grade == grade))
    promoting = PromotionStore.select(PromotionStore.store).where(
        PromotionStore.promotion.in_([one.promotion.id, *(rival.id for rival in one.rivals)])
    )
    found = Store.select(Store.id).where(
        Store.visible_to(actor),
        Store.status.in_(["active", "at_risk"]),
        Store.opened_on <= one.frame.from_on,
        Store.closed_on.is_null() | (Store.closed_on >= one.frame.until),
        Store.merged_into.is_null(),
        Store.id.not_in(promoting),
        kinds,
    )
    area = [Store.division_code.startswith(divisions.stem(each)) for each in one.promotion.area]
    for each in area[1:]:
        area[0] = area[0] | each
    return found.where(area[0]) if area else found


def _similar(products: Products) -> Expression:
    """Return the condition for other products of the same role and price band."""
    alike: Any = Value(0) == Value(1)
    for role, band in products.kinds:
        same = Sku.price_band.is_null() if band is None else Sku.price_band == band
        alike = alike | ((Sku.role == role) & same)
    others = Sku.select(Sku.id).where(alike, Sku.id.not_in(products.sku_ids))
    condition: Expression = SellOut.sku.in_(others)
    return condition


def _part(
    one: Reading, part: Part, frame: Frame, products: Expression, stores: ModelSelect[Any]
) -> ModelSelect[Any]:
    day = SellOut.sold_on
    in_use = day < frame.starts_on
    if frame.excluded:
        in_use = in_use & day.not_in(sorted(frame.excluded))
    of_store = SellOut.store + 0  # else SQLite looks up every store instead of the few products
    whens = (in_use, (day >= frame.starts_on) & (day < frame.until), day >= frame.until)
    return SellOut.select(
        Value(one.promotion.id),
        Value(str(part)),
        *(fn.COALESCE(fn.SUM(Case(None, [(when, SellOut.units)], 0)), 0) for when in whens),
        fn.COUNT(SellOut.store.distinct()),
    ).where(products, day >= frame.from_on, day < frame.after_until, of_store.in_(stores))


def _in_the_same_stores(
    actor: Actor, pairs: Sequence[tuple[Promotion, Promotion]], dealer_id: int | None
) -> list[tuple[Promotion, Promotion]]:
    """Return the pairs of promotions in which a store in sight takes part in both."""
    queries = []
    for number, (one, rival) in enumerate(pairs):
        both = (
            PromotionStore.select(Value(1))
            .where(PromotionStore.promotion == rival.id)
            .where(PromotionStore.store.in_(_aliased(_theirs(actor, one, dealer_id))))
        )
        queries.append(
            Promotion.select(Value(number)).where(Promotion.id == one.id, fn.EXISTS(both))
        )
    return [pairs[int(number)] for (number,) in _together(queries)]


def _aliased(stores: ModelSelect[Any]) -> ModelSelect[Any]:
    """Return a selection of stores as one of a table of its own, to use within another."""
    taking = stores.alias("taking")
    return Store.select(taking.c.store_id).from_(taking)


def _together(queries: Sequence[ModelSelect[Any]]) -> list[tuple[Any, ...]]:
    """Return the rows of several queries, asked at once."""
    if not queries:
        return []
    parts = [query.sql() for query in queries]
    values = [value for _, each in parts for value in each]
    return list(db.execute_sql(" UNION ALL ".join(sql for sql, _ in parts), values).fetchall())
