"""The life of a fixture: handed over, moved, called back, returned, written off."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from backend.fieldwork import fixtures
from backend.fieldwork.fixture_models import Fixture, FixtureEvent
from backend.fieldwork.fixtures import WITH_DEALER, Happening
from backend.fieldwork.models import Visit
from backend.fieldwork.photo_models import Photo
from backend.network import dealers, stores
from backend.platform import clock
from backend.platform.actors import Actor
from backend.platform.database import take_turns, transaction
from backend.platform.errors import NotFoundError, RuleError, StaleError
from backend.standards.trade_codes import FixtureState, FixtureStep

STARTS: dict[FixtureStep, tuple[FixtureState, ...]] = {
    FixtureStep.HANDED_OVER: (FixtureState.AVAILABLE,),
    FixtureStep.MOVED: WITH_DEALER,
    FixtureStep.RECALLED: (FixtureState.ON_LOAN,),
    FixtureStep.RETURNED: WITH_DEALER,
    FixtureStep.WRITTEN_OFF: (FixtureState.AVAILABLE, *WITH_DEALER),
}
"""In which states each step may be taken."""


class FixtureStateError(RuleError):
    """The step cannot follow what happened before."""

    code = "fixture-state"
    title = "The fixture is not in a state for this"
    title_zh = "专柜当前状态不允许此操作"
    detail = "The fixture is {state}; it can be {step} only from: {allowed}."
    detail_zh = "专柜当前状态为 {state}，仅在以下状态可执行 {step}：{allowed}。"


class FixtureOrderError(RuleError):
    """A step happened after the one before it, and not in the future."""

    code = "fixture-order"
    title = "Before the step before it"
    title_zh = "时间早于上一步"
    detail = "The last step was at {last}; this one cannot be earlier, nor later than now."
    detail_zh = "上一步发生于 {last}，本次时间不能更早，也不能晚于现在。"


class NotTheDealersStoreError(RuleError):
    """A fixture stands in a store of the dealer who has it."""

    code = "not-the-dealers-store"
    title = "Not a store of this dealer"
    title_zh = "门店不属于该经销商"
    detail = "On that day store {store_id} was not dealer {dealer_id}'s."
    detail_zh = "门店 {store_id} 当日不属于经销商 {dealer_id}。"


def hand_over(
    actor: Actor,
    fixture_id: int,
    happening: Happening,
    *,
    dealer_id: int,
    store_id: int | None = None,
    place: str = "",
    due_back_on: date | None = None,
    version: int,
    at: datetime,
) -> Fixture:
    """Lend a fixture to a dealer, into one of their stores or to another place.

    Raises NotFoundError, FixtureStateError, FixtureOrderError, NotTheDealersStoreError or
    StaleError.
    """
    dealer = dealers.get(actor, dealer_id)
    day = clock.business_date(happening.happened_at)
    region_id = _region_of(actor, dealer_id, store_id, day, otherwise=dealer.region_id)
    changes = {
        "state": str(FixtureState.ON_LOAN),
        "dealer_id": dealer_id,
        "store_id": store_id,
        "region_id": region_id,
        "place": place,
        "lent_on": day,
        "due_back_on": due_back_on,
    }
    return _step(
        actor,
        fixture_id,
        FixtureStep.HANDED_OVER,
        happening,
        changes=changes,
        version=version,
        at=at,
    )


def move(
    actor: Actor,
    fixture_id: int,
    happening: Happening,
    *,
    store_id: int | None = None,
    place: str = "",
    version: int,
    at: datetime,
) -> Fixture:
    """Let a lent fixture stand in another store of its dealer, or at another place.

    Raises as `hand_over`.
    """
    fixture = fixtures.get(actor, fixture_id)
    day = clock.business_date(happening.happened_at)
    region_id = fixture.region_id
    if fixture.dealer_id is not None:
        region_id = _region_of(actor, fixture.dealer_id, store_id, day, otherwise=region_id)
    changes = {"store_id": store_id, "region_id": region_id, "place": place}
    step = FixtureStep.MOVED
    return _step(actor, fixture_id, step, happening, changes=changes, version=version, at=at)


def recall(
    actor: Actor,
    fixture_id: int,
    happening: Happening,
    *,
    due_back_on: date | None = None,
    version: int,
    at: datetime,
) -> Fixture:
    """Ask a lent fixture back. Raises as `hand_over`."""
    changes: dict[str, Any] = {
        "state": str(FixtureState.RECALLED),
        "recalled_on": clock.business_date(happening.happened_at),
    }
    if due_back_on is not None:
        changes["due_back_on"] = due_back_on
    step = FixtureStep.RECALLED
    return _step(actor, fixture_id, step, happening, changes=changes, version=version, at=at)


def take_back(
    actor: Actor,
    fixture_id: int,
    happening: Happening,
    *,
    place: str = "",
    version: int,
    at: datetime,
) -> Fixture:
    """Take a fixture back from its dealer. Raises as `hand_over`."""
    changes = _nobodys() | {"state": str(FixtureState.AVAILABLE), "place": place}
    step = FixtureStep.RETURNED
    return _step(actor, fixture_id, step, happening, changes=changes, version=version, at=at)


def write_off(
    actor: Actor, fixture_id: int, happening: Happening, *, version: int, at: datetime
) -> Fixture:
    """End the life of a fixture, wherever it is. Raises as `hand_over`."""
    changes = {"state": str(FixtureState.WRITTEN_OFF), "due_back_on": None, "recalled_on": None}
    return _step(
        actor,
        fixture_id,
        FixtureStep.WRITTEN_OFF,
        happening,
        changes=changes,
        version=version,
        at=at,
    )


def _nobodys() -> dict[str, Any]:
    named = ("dealer_id", "store_id", "lent_on", "due_back_on", "recalled_on")
    return dict.fromkeys(named) | {"is_present": None, "inspected_at": None}


def _region_of(
    actor: Actor, dealer_id: int, store_id: int | None, day: date, *, otherwise: int
) -> int:
    """Return the region of where it is to stand. Raises NotTheDealersStoreError."""
    if store_id is None:
        return otherwise
    store = stores.get(actor, store_id)
    if stores.dealer_on(store_id, day) != dealer_id:
        raise NotTheDealersStoreError(store_id=store_id, dealer_id=dealer_id, reason="store")
    return store.region_id


def _step(
    actor: Actor,
    fixture_id: int,
    step: FixtureStep,
    happening: Happening,
    *,
    changes: dict[str, Any],
    version: int,
    at: datetime,
) -> Fixture:
    with transaction():
        take_turns(f"fixture {fixture_id}")
        fixture = fixtures.get(actor, fixture_id)
        if fixture.version != version:
            raise StaleError(version=fixture.version)
        if fixture.state not in STARTS[step]:
            allowed = ", ".join(STARTS[step])
            raise FixtureStateError(
                state=fixture.state, step=str(step), allowed=allowed, reason="state"
            )
        last = fixtures.history(actor, fixture_id).order_by(FixtureEvent.number.desc()).get()
        if not _began(last) <= happening.happened_at <= at:
            raise FixtureOrderError(last=last.happened_at, reason="order")
        photos = _photos(actor, happening.photo_ids)
        if happening.condition is not None:
            changes = changes | {"condition": happening.condition}
        fixtures.update(fixture, version, changes)
        fixture = Fixture.get_by_id(fixture_id)
        fixtures.note(actor, fixture, step, happening, number=last.number + 1, photos=photos, at=at)
    return fixture


def _began(event: FixtureEvent) -> datetime:
    """Return from when on the next step may follow: a fixture may be entered long after."""
    first = event.kind == FixtureStep.REGISTERED
    return datetime.min.replace(tzinfo=event.happened_at.tzinfo) if first else event.happened_at


def _photos(actor: Actor, photo_ids: Sequence[UUID]) -> list[dict[str, str]]:
    """Return photos of visits the actor may see, each with its visit. Raises NotFoundError."""
    if not photo_ids:
        return []
    found = (
        Photo.select(Photo.visit_id, Photo.id)
        .join(Visit, on=Photo.visit_id == Visit.id)
        .where(Visit.visible_to(actor), Photo.id.in_(list(photo_ids)))
        .order_by(Photo.id)
    )
    photos = [{"visit_id": str(one.visit_id), "photo_id": str(one.id)} for one in found]
    if unknown := {str(each) for each in photo_ids} - {one["photo_id"] for one in photos}:
        raise NotFoundError(what="photo", unknown=sorted(unknown))
    return photos
