"""Promotions: what is offered to trade and shoppers, when, where, by whom and at what cost."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any

from peewee import Expression, ModelSelect

from backend.network import codes, divisions
from backend.network.models import Person, Store
from backend.platform import clock, ledger
from backend.platform.actors import Actor
from backend.platform.database import insert_rows, take_turns, transaction
from backend.platform.errors import ConflictError, NotFoundError, RuleError, StaleError
from backend.standards import revision, skus
from backend.standards.models import (
    Promotion,
    PromotionBudget,
    PromotionSku,
    PromotionStaff,
    PromotionStore,
)
from backend.standards.promotion_codes import (
    COST_BASIS,
    ConsumerPromotionSubKind,
    CostBasis,
    PromotionState,
    state_on,
)
from backend.standards.validity import EndsBeforeStartError

PARTS = {"prices", "budgets", "staff"}
LISTS = (
    "further_objectives",
    "dealer_kinds",
    "consumer_kinds",
    "sub_kinds",
    "timing_factors",
    "departments",
)


class OutsidePromotionAreaError(RuleError):
    """A promotion runs only where it was meant to."""

    code = "outside-promotion-area"
    title = "The store is outside the promotion's area"
    title_zh = "门店不在促销区域内"
    detail = "The store is in {division_code}; the promotion is for {area}."
    detail_zh = "门店所在区划为 {division_code}，促销区域为 {area}。"


class SubKindWithoutKindError(RuleError):
    """A sub-kind is a form of a kind that the promotion must have."""

    code = "sub-kind-without-kind"
    title = "A sub-kind needs its kind"
    title_zh = "子类型缺少所属类型"
    detail = "{sub_kind} is a form of {kind}, which the promotion does not have."
    detail_zh = "{sub_kind} 属于 {kind}，但促销未包含该类型。"


class BudgetWithoutKindError(RuleError):
    """Money is planned for a kind that the promotion must have."""

    code = "budget-without-kind"
    title = "A budget needs its kind"
    title_zh = "预算缺少对应的促销类型"
    detail = "The promotion has no kind {kind} to spend a budget on."
    detail_zh = "促销不包含类型 {kind}，不能为其设预算。"


class WrongCostBasisError(RuleError):
    """A rate is stated in the measure of the kind's cost basis."""

    code = "wrong-cost-basis"
    title = "The rate does not fit the cost basis"
    title_zh = "费率与计费方式不符"
    detail = "{kind} costs by {basis}; state {wanted} instead."
    detail_zh = "{kind} 按 {basis} 计费，请填写 {wanted}。"


class PromotionOverError(ConflictError):
    """A promotion that ended or was stopped stays as it was."""

    code = "promotion-over"
    title = "The promotion is over"
    title_zh = "促销已结束"
    detail = "Its last day was {last_on}."
    detail_zh = "该促销最后一天为 {last_on}。"


class PromotionStartedError(ConflictError):
    """What was decided before the first day can no longer be taken back."""

    code = "promotion-started"
    title = "The promotion has begun"
    title_zh = "促销已开始"
    detail = "It began on {starts_on}."
    detail_zh = "该促销已于 {starts_on} 开始。"


class EndInPastError(RuleError):
    """A promotion that runs ends today at the earliest; it can be stopped."""

    code = "end-in-past"
    title = "The end is in the past"
    title_zh = "结束日期已过"
    detail = "It cannot end on {ends_on} any more; stop it instead."
    detail_zh = "结束日期 {ends_on} 已过，如需终止请使用停止操作。"


@dataclass(frozen=True, slots=True)
class Advice:
    """Something that is allowed but seldom meant."""

    code: str
    zh: str
    en: str


AD_AREA_DIFFERS = Advice(
    "ad-area-differs",
    "广告区域与促销区域不一致",
    "The advertising area is not the promotion's area",
)


def list_promotions(
    actor: Actor,
    *,
    today: date,
    day: date | None = None,
    store_id: int | None = None,
    state: str | None = None,
) -> ModelSelect[Promotion]:
    """Return promotions as mappings with their `state` of today, newest first.

    Those that run on a day, of a store the actor may see, in a state.
    """
    found = Promotion.select().order_by(Promotion.starts_on.desc(), Promotion.id.desc())
    if store_id is not None:
        seen = Store.select(Store.id).where(Store.visible_to(actor), Store.id == store_id)
        enrolled = PromotionStore.select(PromotionStore.promotion).where(
            PromotionStore.store.in_(seen)
        )
        found = found.where(Promotion.id.in_(enrolled))
    if day is not None:
        found = found.where(Promotion.on(day))
    if state is not None:
        found = found.where(_in_state(PromotionState(state), today))
    return found.objects(partial(_sheet, today))


def get(promotion_id: int) -> Promotion:
    """Return one promotion. Raises NotFoundError."""
    promotion = Promotion.get_or_none(Promotion.id == promotion_id)
    if promotion is None:
        raise NotFoundError(what="promotion")
    return promotion


def show(promotion_id: int, *, today: date) -> dict[str, Any]:
    """Return one promotion as `list_promotions` does, with its parts. Raises NotFoundError."""
    promotion = get(promotion_id)
    return _sheet(today, **promotion.__data__) | {
        "skus": list(offers(promotion_id)),
        "budgets": [
            row.__data__ | {"cost_basis": str(COST_BASIS[row.kind])}
            for row in budgets(promotion_id)
        ],
        "staff": list(
            PromotionStaff.select()
            .where(PromotionStaff.promotion == promotion_id)
            .order_by(PromotionStaff.person)
        ),
        "warnings": warnings_of(promotion),
    }


def offers(promotion_id: int) -> ModelSelect[PromotionSku]:
    """Return the products of a promotion, each with the price it may have meanwhile."""
    return (
        PromotionSku.select()
        .where(PromotionSku.promotion == promotion_id)
        .order_by(PromotionSku.sku)
    )


def budgets(promotion_id: int) -> ModelSelect[PromotionBudget]:
    """Return what the kinds of a promotion may cost."""
    return (
        PromotionBudget.select()
        .where(PromotionBudget.promotion == promotion_id)
        .order_by(PromotionBudget.kind)
    )


def warnings_of(promotion: Promotion) -> list[Advice]:
    """Return what is allowed but seldom meant."""
    differs = promotion.ad_area is not None and promotion.ad_area != promotion.area
    return [AD_AREA_DIFFERS] if differs else []


def create(
    actor: Actor,
    *,
    code: str,
    name: str,
    objective: str,
    starts_on: date,
    ends_on: date,
    prices: Mapping[int, int | None],
    at: datetime,
    budgets: Sequence[Mapping[str, Any]] = (),
    staff: Sequence[Mapping[str, Any]] = (),
    **terms: Any,
) -> Promotion:
    """Add a promotion; the last day is included, and no area means the nation.

    `prices` are its products by id, each with its price in fen, or None where the price stays.
    `budgets` have `kind`, `rate_fen`, `rate_bp`, `budget_fen`; `staff` have `person_id`,
    `target_units`, `task`; `terms` are further columns. Raises EndsBeforeStartError,
    CodeTakenError, UnknownDivisionError, SubKindWithoutKindError, BudgetWithoutKindError,
    WrongCostBasisError, or NotFoundError for a product or a person.
    """
    columns = _checked(
        {"name": name, "objective": str(objective), "starts_on": starts_on, "ends_on": ends_on}
        | {"dealer_kinds": (), "consumer_kinds": (), "area": (), "allowed_gift_fen": 0}
        | terms
    )
    _require_organiser(actor, terms)
    with codes.unique(code):
        promotion = Promotion.create(code=code, **columns)
        _put_parts(actor, promotion, {"prices": prices, "budgets": budgets, "staff": staff})
        revision.bump()
        ledger.append(actor, "promotion.created", promotion.id, at=at)
    return promotion


def amend(
    actor: Actor, promotion_id: int, *, version: int, at: datetime, **changes: Any
) -> Promotion:
    """Change one version of a promotion that is not over; lists are replaced whole.

    What began cannot begin on another day, and ends today at the earliest. Raises StaleError,
    PromotionOverError, PromotionStartedError, EndInPastError, OutsidePromotionAreaError for a
    store that would no longer belong, and whatever `create` raises.
    """
    parts = {name: changes[name] for name in PARTS & changes.keys()}
    terms = {name: changes[name] for name in changes.keys() - PARTS}
    with transaction():
        take_turns(f"promotion:{promotion_id}")
        promotion = get(promotion_id)
        require_open(promotion, clock.business_date(at))
        _check_days(promotion, terms, clock.business_date(at))
        _require_organiser(actor, terms)
        columns = _checked(_terms_of(promotion) | terms)
        changed = (
            Promotion.update(**columns, version=version + 1)
            .where(Promotion.id == promotion_id, Promotion.version == version)
            .execute()
        )
        if not changed:
            raise StaleError(version=promotion.version)
        promotion = get(promotion_id)
        if "area" in terms:
            _check_enrolled(promotion)
        _put_parts(actor, promotion, {"budgets": _stored_budgets(promotion_id)} | parts)
        revision.bump()
        ledger.append(actor, "promotion.amended", promotion_id, at=at, fields=sorted(changes))
    return promotion


def stop(actor: Actor, promotion_id: int, *, reason: str, version: int, at: datetime) -> Promotion:
    """End a promotion before its time; today is its last day.

    Raises NotFoundError, PromotionOverError or StaleError.
    """
    today = clock.business_date(at)
    with transaction():
        take_turns(f"promotion:{promotion_id}")
        promotion = get(promotion_id)
        require_open(promotion, today)
        changed = (
            Promotion.update(
                stopped_on=today,
                stop_reason=reason,
                stopped_by_id=actor.id,
                version=version + 1,
            )
            .where(Promotion.id == promotion_id, Promotion.version == version)
            .execute()
        )
        if not changed:
            raise StaleError(version=promotion.version)
        revision.bump()
        ledger.append(actor, "promotion.stopped", promotion_id, at=at, reason=reason)
    return get(promotion_id)


def require_open(promotion: Promotion, day: date) -> None:
    """Require that a promotion is still to come or runs. Raises PromotionOverError."""
    if promotion.state_on(day) in {PromotionState.ENDED, PromotionState.STOPPED}:
        raise PromotionOverError(last_on=promotion.last_on)


def require_within(promotion: Promotion, division_code: str) -> None:
    """Require that a division belongs to the area. Raises OutsidePromotionAreaError."""
    area = promotion.area
    if area and not any(divisions.is_within(division_code, each) for each in area):
        raise OutsidePromotionAreaError(division_code=division_code, area=", ".join(area))


def _sheet(today: date, **row: Any) -> dict[str, Any]:
    state = state_on(
        today, starts_on=row["starts_on"], ends_on=row["ends_on"], stopped_on=row["stopped_on"]
    )
    ad_area = row["area"] if row["ad_area"] is None else row["ad_area"]
    return row | {"state": str(state), "ad_area": ad_area}


def _in_state(state: PromotionState, today: date) -> Expression:
    goes_on = Promotion.stopped_on.is_null()
    match state:
        case PromotionState.PLANNED:
            return goes_on & (Promotion.starts_on > today)
        case PromotionState.RUNNING:
            return goes_on & Promotion.on(today)
        case PromotionState.ENDED:
            return goes_on & (Promotion.ends_on < today)
        case PromotionState.STOPPED:
            return Promotion.stopped_on.is_null(False)


def _terms_of(promotion: Promotion) -> dict[str, Any]:
    fixed = {"id", "code", "version", "stopped_on", "stop_reason", "stopped_by_id"}
    return {name: value for name, value in promotion.__data__.items() if name not in fixed}


def _checked(terms: dict[str, Any]) -> dict[str, Any]:
    """Return whole terms in the form they are stored in, checked against each other."""
    if terms["ends_on"] < terms["starts_on"]:
        raise EndsBeforeStartError(starts_on=terms["starts_on"], ends_on=terms["ends_on"])
    columns = dict(terms)
    if "organiser_id" in columns:
        columns["organiser"] = columns.pop("organiser_id")
    for name in LISTS:
        if name in columns:
            columns[name] = sorted({str(each) for each in columns[name]})
    for name in ("area", "ad_area"):
        if columns.get(name) is not None:
            columns[name] = sorted({divisions.canonical(each) for each in columns[name]})
    for sub_kind in columns.get("sub_kinds", ()):
        kind = ConsumerPromotionSubKind(sub_kind).kind  # type: ignore[call-arg]
        if kind not in columns["consumer_kinds"]:
            raise SubKindWithoutKindError(sub_kind=sub_kind, kind=str(kind))
    return columns


def _check_days(promotion: Promotion, terms: Mapping[str, Any], today: date) -> None:
    starts_on = terms.get("starts_on", promotion.starts_on)
    if promotion.starts_on <= today and starts_on != promotion.starts_on:
        raise PromotionStartedError(starts_on=promotion.starts_on)
    ends_on = terms.get("ends_on", promotion.ends_on)
    if starts_on <= ends_on < today:
        raise EndInPastError(ends_on=ends_on)


def _check_enrolled(promotion: Promotion) -> None:
    enrolled = (
        Store.select(Store.division_code)
        .join(PromotionStore, on=PromotionStore.store == Store.id)
        .where(PromotionStore.promotion == promotion.id)
        .distinct()
    )
    for store in enrolled:
        require_within(promotion, store.division_code)


def _put_parts(actor: Actor, promotion: Promotion, parts: Mapping[str, Any]) -> None:
    """Replace the products, budgets and people that are named."""
    if "prices" in parts:
        prices: Mapping[int, int | None] = parts["prices"]
        skus.require(prices.keys())
        rows = [{"sku": sku, "promo_price_fen": fen} for sku, fen in prices.items()]
        _replace(PromotionSku, promotion.id, rows)
    for budget in parts["budgets"]:
        _check_budget(promotion, budget)
    _replace(PromotionBudget, promotion.id, [dict(budget) for budget in parts["budgets"]])
    if "staff" in parts:
        _require_people(actor, {each["person_id"] for each in parts["staff"]})
        rows = [
            {"person": each["person_id"]} | {name: each[name] for name in ("target_units", "task")}
            for each in parts["staff"]
        ]
        _replace(PromotionStaff, promotion.id, rows)


def _replace(model: type[Any], promotion_id: int, rows: list[dict[str, Any]]) -> None:
    model.delete().where(model.promotion == promotion_id).execute()
    insert_rows(model, [{"promotion": promotion_id} | row for row in rows])


def _stored_budgets(promotion_id: int) -> list[dict[str, Any]]:
    columns = ("kind", "rate_fen", "rate_bp", "budget_fen")
    return [{name: getattr(row, name) for name in columns} for row in budgets(promotion_id)]


def _check_budget(promotion: Promotion, budget: Mapping[str, Any]) -> None:
    kind = budget["kind"]
    if kind not in promotion.dealer_kinds and kind not in promotion.consumer_kinds:
        raise BudgetWithoutKindError(kind=kind)
    basis = COST_BASIS[kind]
    rate, wrong = ("rate_bp", "rate_fen")
    if basis is not CostBasis.PERCENT_OF_SELL_IN:
        rate, wrong = wrong, rate
    if budget[wrong] is not None:
        raise WrongCostBasisError(kind=kind, basis=str(basis), wanted=rate)


def _require_organiser(actor: Actor, terms: Mapping[str, Any]) -> None:
    if terms.get("organiser_id") is not None:
        _require_people(actor, {terms["organiser_id"]})


def _require_people(actor: Actor, person_ids: Collection[int]) -> None:
    """Require active people in sight. Raises NotFoundError that names the others."""
    seen = Person.select(Person.id).where(
        Person.visible_to(actor), Person.is_active, Person.id.in_(list(person_ids))
    )
    if unknown := sorted(set(person_ids) - {person.id for person in seen}):
        raise NotFoundError(what="person", unknown=unknown)
