"""Stores: where the goods are sold, what kind of place that is, and who answers for it."""

from __future__ import annotations

from datetime import date, datetime
from functools import partial
from typing import Any

from peewee import JOIN, ModelSelect

from backend.network import codes, dealers, divisions, people, pipeline, regions
from backend.network.divisions import Tier
from backend.network.models import CodeAlias, Region, Store, StoreDealer
from backend.network.positions import CONVERTER, Datum, Point, Position, to_datum, wgs84
from backend.network.words import PipelineStatus
from backend.platform import clock, ledger
from backend.platform.actors import Actor, Role
from backend.platform.database import insert_rows, transaction
from backend.platform.errors import NotFoundError, RuleError, StaleError

STATUSES = tuple(str(status) for status in PipelineStatus)
GRADES = ("A", "B", "C", "D")


class OwnerNotRepError(RuleError):
    """Only a rep answers for a store."""

    code = "owner-not-rep"
    title = "The owner is not a rep"
    title_zh = "负责人不是业务员"
    detail = "Person {owner_id} is no active rep and cannot answer for a store."
    detail_zh = "人员 {owner_id} 不是在职业务员，不能负责门店。"


class NotClosedError(RuleError):
    """Only a closed store has a closing day."""

    code = "not-closed"
    title = "The store is not closed"
    title_zh = "门店未关闭"
    detail = "A store that is {status} has no closing day."
    detail_zh = "状态为 {status} 的门店没有关闭日期。"


def list_stores(
    actor: Actor,
    *,
    day: date,
    crs: str = Datum.WGS84,
    region_id: int | None = None,
    dealer_id: int | None = None,
    tier: str | None = None,
    grade: str | None = None,
    status: str | None = None,
    owner_id: int | None = None,
    q: str | None = None,
    code: str | None = None,
) -> ModelSelect[Store]:
    """Return the stores the actor may see as mappings, by code.

    A mapping has the store's columns, the `dealer_id` of the day, the `division_name`, the
    `point` in the datum asked for and the point as it was given, `raw`. `region_id` includes
    the regions below; `q` is the start of a code or part of a name; `code` is a whole code,
    present or former. Stores that were merged into others are left out: their codes lead there.
    """
    stores = _shown(actor, day, crs).where(Store.merged_into.is_null()).order_by(Store.code)
    exact = {
        StoreDealer.dealer: dealer_id,
        Store.tier: tier,
        Store.grade: grade,
        Store.status: status,
        Store.owner: owner_id,
    }
    for column, value in exact.items():
        if value is not None:
            stores = stores.where(column == value)
    if region_id is not None:
        within = Region.select(Region.id).where(regions.below(region_id))
        stores = stores.where(Store.region.in_(within))
    if q is not None:
        stores = stores.where(Store.code.startswith(q) | Store.name.contains(q))
    if code is not None:
        former = CodeAlias.select(CodeAlias.store).where(
            CodeAlias.code == code, CodeAlias.store.is_null(False)
        )
        stores = stores.where((Store.code == code) | Store.id.in_(former))
    return stores


def show(actor: Actor, store_id: int, *, day: date, crs: str = Datum.WGS84) -> dict[str, Any]:
    """Return one store as `list_stores` does. Raises NotFoundError."""
    store = _shown(actor, day, crs).where(Store.id == store_id).first()
    if store is None:
        raise NotFoundError(what="store")
    return store


def get(actor: Actor, store_id: int) -> Store:
    """Return one store the actor may see. Raises NotFoundError."""
    store = Store.get_or_none(Store.visible_to(actor), Store.id == store_id)
    if store is None:
        raise NotFoundError(what="store")
    return store


def dealer_on(store_id: int, day: date) -> int | None:
    """Return the id of the dealer whose store it was on a day, if anyone's."""
    row = (
        StoreDealer.select(StoreDealer.dealer)
        .where(StoreDealer.store == store_id, StoreDealer.on(day))
        .tuples()
        .first()
    )
    return row[0] if row else None


def create(
    actor: Actor,
    *,
    code: str,
    name: str,
    region_id: int,
    division_code: str,
    grade: str,
    opened_on: date,
    at: datetime,
    dealer_id: int | None = None,
    tier: str | None = None,
    chain: str | None = None,
    address: str = "",
    position: Position | None = None,
    fence_radius_m: int | None = None,
    owner_id: int | None = None,
    status: str = "active",
) -> Store:
    """Add a store, its dealer's since it opened.

    Without a `tier` it is derived from the division. Raises BadCodeError, CodeTakenError,
    UnknownDivisionError, NotATownshipError, OutsideServiceAreaError, OwnerNotRepError, or
    NotFoundError for region, dealer or owner.
    """
    codes.check_store(code)
    regions.get(actor, region_id)
    if dealer_id is not None:
        dealers.get(actor, dealer_id)
    _check_owner(actor, owner_id)
    place = _classified(division_code, tier) | located(position)
    with codes.issuing(code):
        store = Store.create(
            code=code,
            name=name,
            region=region_id,
            grade=grade,
            chain=chain,
            address=address,
            fence_radius_m=fence_radius_m,
            owner=owner_id,
            status=status,
            opened_on=opened_on,
            **place,
        )
        if dealer_id is not None:
            link = {"store": store.id, "dealer": dealer_id, "from_on": opened_on, "to_on": None}
            insert_rows(StoreDealer, [link])
        pipeline.record(actor, store.id, None, status, moved_on=clock.business_date(at), at=at)
        ledger.append(actor, "store.created", store.id, at=at, region=region_id, dealer=dealer_id)
    return store


def amend(
    actor: Actor,
    store_id: int,
    *,
    version: int,
    at: datetime,
    moved_on: date | None = None,
    reason: str = "",
    **changes: Any,
) -> Store:
    """Change one version of a store; a new status is a move in its pipeline, on a day.

    `tier` None returns to the derived tier. Closing without a day means that of the move; a
    store that opens again loses its closing day. Raises MergedAwayError, StaleError,
    NotClosedError, ClosedTooEarlyError, PipelineBackwardsError, PipelineDayError and whatever
    `create` raises.
    """
    with transaction():
        store = get(actor, store_id)
        dealers.check_standing(store)
        moved_on = moved_on or clock.business_date(at)
        columns = _columns(actor, store, changes, moved_on)
        if (status := columns.get("status", store.status)) != store.status:
            pipeline.check(store, status, moved_on, at=at)
        with codes.reissuing(store, changes.get("code", store.code), at=at):
            changed = (
                Store.update(**columns, version=version + 1)
                .where(Store.id == store_id, Store.version == version)
                .execute()
            )
        if not changed:
            raise StaleError(version=store.version)
        if status != store.status:
            pipeline.record(
                actor, store_id, store.status, status, moved_on=moved_on, reason=reason, at=at
            )
        region_id = changes.get("region_id", store.region_id)
        ledger.append(
            actor, "store.amended", store_id, at=at, region=region_id, fields=sorted(changes)
        )
    return get(actor, store_id)


def _shown(actor: Actor, day: date, crs: str) -> ModelSelect[Store]:
    of_day = (StoreDealer.store == Store.id) & StoreDealer.on(day)
    return (
        Store.select(Store, StoreDealer.dealer.alias("dealer_id"))
        .join(StoreDealer, JOIN.LEFT_OUTER, on=of_day)
        .where(Store.visible_to(actor))
        .objects(partial(_sheet, Datum(crs)))
    )


def _sheet(crs: Datum, **row: Any) -> dict[str, Any]:
    lat, lon = row.pop("lat"), row.pop("lon")
    raw = Position(row.pop("raw_lat"), row.pop("raw_lon"), row.pop("raw_crs"))
    code = row["division_code"]
    return row | {
        # A store outlives the code of its division, which next year's fixture may not have.
        "division_name": divisions.full_name(code) if divisions.get(code) else "",
        "point": None if lat is None else to_datum(Point(lat, lon), crs),
        "raw": None if lat is None else raw,
    }


def _columns(actor: Actor, store: Store, changes: dict[str, Any], today: date) -> dict[str, Any]:
    """Return the columns that an amendment sets, checked."""
    columns = dict(changes)
    if "code" in changes:
        codes.check_store(changes["code"])
    if "region_id" in changes:
        regions.get(actor, changes["region_id"])
    _check_owner(actor, changes.get("owner_id"))
    if "position" in changes:
        columns |= located(columns.pop("position"))
    if "tier" in changes or "division_code" in changes:
        kept = store.tier if store.is_tier_overridden else None
        division_code = changes.get("division_code", store.division_code)
        columns |= _classified(division_code, changes.get("tier", kept))
    if "status" in changes or "closed_on" in changes:
        columns |= _closing(store, changes, today)
    return columns


def _check_owner(actor: Actor, owner_id: int | None) -> None:
    if owner_id is None:
        return
    owner = people.get(actor, owner_id)
    if owner.role != Role.REP or not owner.is_active:
        raise OwnerNotRepError(owner_id=owner_id)


def _classified(division_code: str, tier: str | None) -> dict[str, Any]:
    return {
        "division_code": divisions.canonical(division_code),
        "tier": str(Tier(tier) if tier else divisions.derive_tier(division_code)),
        "is_tier_overridden": tier is not None,
    }


def located(position: Position | None) -> dict[str, Any]:
    """Return the columns of a point: as sent, and on WGS-84. Raises OutsideServiceAreaError."""
    if position is None:
        return dict.fromkeys(("raw_lat", "raw_lon", "raw_crs", "lat", "lon", "crs_impl"))
    point = wgs84(position)
    return {
        "raw_lat": position.lat,
        "raw_lon": position.lon,
        "raw_crs": str(position.crs),
        "lat": point.lat,
        "lon": point.lon,
        "crs_impl": CONVERTER,
    }


def _closing(store: Store, changes: dict[str, Any], today: date) -> dict[str, Any]:
    status, closed_on = changes.get("status", store.status), changes.get("closed_on")
    if status == "closed":
        if "closed_on" not in changes:
            closed_on = store.closed_on
        closed_on = closed_on or today
        dealers.check_closing(store.opened_on, closed_on)
    elif closed_on is not None:
        raise NotClosedError(status=status)
    return {"status": status, "closed_on": closed_on}
