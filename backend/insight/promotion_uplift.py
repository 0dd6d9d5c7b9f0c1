"""What promotions brought: their uplift and return, one in full or many in a table.

Stores, sales, claims and evaluations are those the actor may see. A dealer's are the stores that
were its own on a promotion's first day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from peewee import ModelSelect, fn

from backend.fieldwork import promotion_results
from backend.fieldwork.promotion_results import Progress
from backend.insight import promotion_costs, promotion_sales, seasons
from backend.insight.promotion_costs import Cost, MarginSource
from backend.insight.promotion_sales import Frame, Part, Reading, Sold
from backend.insight.uplift import Silence, Uplift, silent, uplift
from backend.insight.windows import PROVISIONAL, Window
from backend.network import dealers
from backend.platform.actors import Actor
from backend.standards import enrolments, promotions
from backend.standards.models import Promotion, PromotionStore

_NOTHING = Sold(0, 0, 0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What the caller knows or wants besides; money in fen."""

    dealer_id: int | None = None
    unit_margin_fen: int | None = None
    cost_fen: int | None = None
    with_similar: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What a promotion brought as of a day, and what that rests on.

    `season_ratio` is None where there is not enough history; then no season is taken off.
    `target_attainment` is what was sold over the whole target.
    """

    promotion: Promotion
    progress: Progress
    frame: Frame
    stores: int
    sold: Sold
    controls: int
    season_ratio: float | None
    uplift: Uplift
    cost: Cost
    unit_margin_fen: int | None
    margin_source: MarginSource | None
    target_attainment: float | None
    is_provisional: bool

    def as_dict(self) -> dict[str, Any]:
        """Return everything that is told of it."""
        promotion, frame = self.promotion, self.frame
        return asdict(self.uplift) | {
            "promotion_id": promotion.id,
            "code": promotion.code,
            "name": promotion.name,
            "state": self.progress.state,
            "starts_on": promotion.starts_on,
            "last_on": promotion.last_on,
            "is_provisional": self.is_provisional,
            "stores": self.stores,
            "controls": self.controls,
            "before_units": self.sold.before,
            "before_days": len(frame.before),
            "excluded_days": len(frame.excluded),
            "during_units": self.sold.during,
            "during_days": len(frame.during),
            "after_units": self.sold.after,
            "after_days": (frame.after_until - frame.until).days,
            "season_ratio": self.season_ratio,
            "unit_margin_fen": self.unit_margin_fen,
            "margin_source": self.margin_source,
            "cost": asdict(self.cost),
            "target_units": self.progress.target_units,
            "target_attainment": self.target_attainment,
            "stop_suggested": self.progress.stop_suggested,
        }


def show(actor: Actor, promotion_id: int, *, today: date, given: Given) -> Effect:
    """Return what one promotion brought. Raises NotFoundError for it or for the dealer."""
    promotion = promotions.get(promotion_id)
    _require_dealer(actor, given)
    (effect,) = effects(actor, [promotion], today=today, given=given)
    return effect


def list_promotions(actor: Actor, window: Window, *, given: Given) -> ModelSelect[Promotion]:
    """Return the promotions of a window in which a store in sight takes part, newest first.

    Raises NotFoundError for an unknown dealer.
    """
    _require_dealer(actor, given)
    pairs = enrolments.participants(actor, dealer_id=given.dealer_id)
    takes_part = (
        fn.EXISTS(pairs.where(PromotionStore.promotion == Promotion.id))
        if given.dealer_id is None  # the first store answers; a dealer has few
        else Promotion.id.in_(pairs.select(PromotionStore.promotion))
    )
    return (
        Promotion.select()
        .where(Promotion.on(window.from_on, window.last_on), takes_part)
        .order_by(Promotion.starts_on.desc(), Promotion.id.desc())
    )


def effects(
    actor: Actor, promoted: Sequence[Promotion], *, today: date, given: Given
) -> list[Effect]:
    """Return what promotions brought until a day; the queries do not grow with them."""
    if not promoted:
        return []
    ids, dealer_id = [promotion.id for promotion in promoted], given.dealer_id
    progress = promotion_results.progress_of(actor, promoted, on=today, dealer_id=dealer_id)
    readings = _readings(actor, promoted, today=today, dealer_id=dealer_id)
    worth = [one for one in readings if _why_silent(one) is None]
    sold = promotion_sales.sold(actor, worth, dealer_id=dealer_id, with_similar=given.with_similar)
    unsold = [one for one in worth if not sold[one.promotion.id, Part.PROMOTED].stores]
    fed = promotion_sales.with_feed(actor, unsold, dealer_id=dealer_id)
    mute = {one.promotion.id for one in unsold} - fed
    everyone = _everyone(ids)
    whole = {
        one.promotion.id
        for one in readings
        if sum(one.participants.values()) == everyone.get(one.promotion.id)
    }
    costs = promotion_costs.costs(
        actor, progress, seen_whole=whole, dealer_id=dealer_id, given_fen=given.cost_fen
    )
    margins = promotion_costs.margins(actor, ids)
    season = _seasons(worth)
    found = []
    for one in readings:
        id_ = one.promotion.id
        reason = Silence.NO_FEED if id_ in mute else _why_silent(one)
        margin, source = _margin(given, margins.get(id_))
        parts = {part: sold.get((id_, part), _NOTHING) for part in Part}
        ratio = season.ratio(one.products.categories, one.frame.before, one.frame.during)
        mine, target = parts[Part.PROMOTED], progress[id_].target_units
        found.append(
            Effect(
                promotion=one.promotion,
                progress=progress[id_],
                frame=one.frame,
                stores=sum(one.participants.values()),
                sold=mine,
                controls=parts[Part.CONTROL].stores,
                season_ratio=ratio,
                uplift=silent(reason)
                if reason
                else _uplift(
                    one.frame,
                    parts,
                    ratio,
                    margin_fen=margin,
                    cost=costs[id_],
                    with_similar=given.with_similar,
                ),
                cost=costs[id_],
                unit_margin_fen=margin,
                margin_source=source,
                target_attainment=mine.during / target if target and reason is None else None,
                is_provisional=today - PROVISIONAL < one.frame.after_until,
            )
        )
    return found


def _readings(
    actor: Actor, promoted: Sequence[Promotion], *, today: date, dealer_id: int | None
) -> list[Reading]:
    ids = [promotion.id for promotion in promoted]
    products = promotion_sales.products_of(ids)
    participants = promotion_sales.participants_of(actor, ids, dealer_id=dealer_id)
    rivals = promotion_sales.rivals_of(promoted)
    frames = promotion_sales.frames_of(actor, promoted, rivals, today=today, dealer_id=dealer_id)
    return [
        Reading(one, frames[one.id], products[one.id], rivals[one.id], participants[one.id])
        for one in promoted
    ]


def _why_silent(one: Reading) -> Silence | None:
    """Return why nothing can be told before a sale is looked at."""
    if not one.frame.during:
        return Silence.NOT_STARTED
    if not one.participants:
        return Silence.NO_PARTICIPANTS
    return None if one.products.sku_ids else Silence.NO_PRODUCTS


def _uplift(
    frame: Frame,
    parts: dict[Part, Sold],
    season_ratio: float | None,
    *,
    margin_fen: int | None,
    cost: Cost,
    with_similar: bool,
) -> Uplift:
    before, during, after = promotion_sales.sales_of(frame, parts[Part.PROMOTED])
    similar = promotion_sales.sales_of(frame, parts[Part.SIMILAR])[:2]
    return uplift(
        before,
        during,
        after,
        unit_margin_fen=margin_fen,
        cost_fen=cost.total_fen,
        season_ratio=1.0 if season_ratio is None else season_ratio,
        control=promotion_sales.control_of(frame, parts[Part.CONTROL]),
        similar=similar if with_similar else None,
    )


def _margin(given: Given, evaluated_fen: int | None) -> tuple[int | None, MarginSource | None]:
    """Return the margin of a unit and where it comes from, if anywhere."""
    if given.unit_margin_fen is not None:
        return given.unit_margin_fen, MarginSource.GIVEN
    return evaluated_fen, None if evaluated_fen is None else MarginSource.EVALUATION


def _seasons(readings: Sequence[Reading]) -> seasons.Seasons:
    """Return the seasons of all days that are compared."""
    if not readings:
        return seasons.Seasons({}, {})
    categories = {each for one in readings for each in one.products.categories}
    begins = min(one.frame.from_on for one in readings)
    return seasons.load(categories, begins, max(one.frame.until for one in readings))


def _everyone(promotion_ids: list[int]) -> dict[int, int]:
    """Return how many stores take part, whoever may see them."""
    rows: Any = (
        PromotionStore.select(PromotionStore.promotion, fn.COUNT(PromotionStore.store))
        .where(PromotionStore.promotion.in_(promotion_ids))
        .group_by(PromotionStore.promotion)
        .tuples()
    )
    return dict(rows)


def _require_dealer(actor: Actor, given: Given) -> None:
    if given.dealer_id is not None:
        dealers.get(actor, given.dealer_id)
