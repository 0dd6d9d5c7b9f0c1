"""Dealers: the businesses that sell to stores, in a tree of agents and sub-dealers."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from peewee import ModelSelect

from backend.network import codes, regions
from backend.network.models import CodeAlias, Dealer, Region
from backend.platform import ledger
from backend.platform.actors import Actor
from backend.platform.database import take_turns, transaction
from backend.platform.errors import NotFoundError, RuleError, StaleError


class DealerCycleError(RuleError):
    """A dealer cannot stand above itself."""

    code = "dealer-cycle"
    title = "A dealer above itself"
    title_zh = "经销商层级循环"
    detail = "Dealer {parent_id} is dealer {dealer_id} itself or one of its sub-dealers."
    detail_zh = "经销商 {parent_id} 就是经销商 {dealer_id} 本身或其下级。"


class ClosedTooEarlyError(RuleError):
    """A dealer or store cannot close before it opened."""

    code = "closed-too-early"
    title = "Closed before it opened"
    title_zh = "关闭日期早于开业日期"
    detail = "It opened on {opened_on} and cannot have closed on {closed_on}."
    detail_zh = "开业日期为 {opened_on}，关闭日期不能是 {closed_on}。"


class MergedAwayError(RuleError):
    """What was merged into another is not changed any more."""

    code = "merged-away"
    title = "Merged into another"
    title_zh = "已被合并"
    detail = "This one was merged into {merged_into_id}; change that one."
    detail_zh = "该对象已合并到 {merged_into_id}，请修改合并后的对象。"


def list_dealers(
    actor: Actor,
    *,
    region_id: int | None = None,
    parent_id: int | None = None,
    q: str | None = None,
    code: str | None = None,
) -> ModelSelect[Dealer]:
    """Return the dealers the actor may see, by code.

    `region_id` includes the regions below; `q` is the start of a code or part of a name; `code`
    is a whole code, present or former. Dealers that were merged into others are left out.
    """
    dealers = (
        Dealer.select()
        .where(Dealer.visible_to(actor), Dealer.merged_into.is_null())
        .order_by(Dealer.code)
    )
    if region_id is not None:
        within = Region.select(Region.id).where(regions.below(region_id))
        dealers = dealers.where(Dealer.region.in_(within))
    if parent_id is not None:
        dealers = dealers.where(Dealer.parent == parent_id)
    if q is not None:
        dealers = dealers.where(Dealer.code.startswith(q) | Dealer.name.contains(q))
    if code is not None:
        former = CodeAlias.select(CodeAlias.dealer).where(
            CodeAlias.code == code, CodeAlias.dealer.is_null(False)
        )
        dealers = dealers.where((Dealer.code == code) | Dealer.id.in_(former))
    return dealers


def get(actor: Actor, dealer_id: int) -> Dealer:
    """Return one dealer the actor may see. Raises NotFoundError."""
    dealer = Dealer.get_or_none(Dealer.visible_to(actor), Dealer.id == dealer_id)
    if dealer is None:
        raise NotFoundError(what="dealer")
    return dealer


def create(
    actor: Actor,
    *,
    code: str,
    name: str,
    region_id: int,
    opened_on: date,
    at: datetime,
    parent_id: int | None = None,
) -> Dealer:
    """Add a dealer. Raises BadCodeError, CodeTakenError, or NotFoundError for region or parent."""
    codes.check_dealer(code)
    regions.get(actor, region_id)
    if parent_id is not None:
        get(actor, parent_id)
    with codes.issuing(code):
        dealer = Dealer.create(
            code=code, name=name, region=region_id, parent=parent_id, opened_on=opened_on
        )
        ledger.append(actor, "dealer.created", dealer.id, at=at, region=region_id)
    return dealer


def amend(actor: Actor, dealer_id: int, *, version: int, at: datetime, **changes: Any) -> Dealer:
    """Change name, code, parent, region or closing day of one version of a dealer.

    Raises NotFoundError, MergedAwayError, StaleError, DealerCycleError, ClosedTooEarlyError,
    BadCodeError or CodeTakenError.
    """
    with transaction():
        dealer = get(actor, dealer_id)
        check_standing(dealer)
        _check(actor, dealer, changes)
        with codes.reissuing(dealer, changes.get("code", dealer.code), at=at):
            changed = (
                Dealer.update(**changes, version=version + 1)
                .where(Dealer.id == dealer_id, Dealer.version == version)
                .execute()
            )
        if not changed:
            raise StaleError(version=dealer.version)
        region_id = changes.get("region_id", dealer.region_id)
        ledger.append(
            actor, "dealer.amended", dealer_id, at=at, region=region_id, fields=sorted(changes)
        )
    return get(actor, dealer_id)


def check_closing(opened_on: date, closed_on: date | None) -> None:
    """Require that nothing closes before it opened. Raises ClosedTooEarlyError."""
    if closed_on is not None and closed_on < opened_on:
        raise ClosedTooEarlyError(opened_on=opened_on, closed_on=closed_on)


def check_standing(one: Any) -> None:
    """Require that a dealer or store was not merged into another. Raises MergedAwayError."""
    if one.merged_into_id is not None:
        raise MergedAwayError(merged_into_id=one.merged_into_id)


def _check(actor: Actor, dealer: Dealer, changes: dict[str, Any]) -> None:
    if "code" in changes:
        codes.check_dealer(changes["code"])
    if "region_id" in changes:
        regions.get(actor, changes["region_id"])
    check_closing(dealer.opened_on, changes.get("closed_on"))
    if (parent_id := changes.get("parent_id")) is not None:
        get(actor, parent_id)
        take_turns("dealer tree")  # two moves, each fine by itself, could close a circle
        step = parent_id
        while step is not None:
            if step == dealer.id:
                raise DealerCycleError(dealer_id=dealer.id, parent_id=parent_id)
            step = Dealer.get_by_id(step).parent_id
