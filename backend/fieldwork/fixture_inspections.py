"""Inspections: whether a lent fixture stands where it should, in what state, used for what."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from peewee import ModelSelect

from backend.fieldwork import named_visits, violations
from backend.fieldwork.arrivals import Result
from backend.fieldwork.fixture_models import Fixture, FixtureEvent, FixtureInspection
from backend.fieldwork.fixtures import WITH_DEALER
from backend.fieldwork.violations import Fact
from backend.network import stores
from backend.network.models import Region, Store
from backend.platform import clock, ledger
from backend.platform.actors import Actor
from backend.platform.database import take_turns, transaction
from backend.platform.errors import IdTakenError, NotFoundError
from backend.standards.codes import ViolationKind
from backend.standards.trade_codes import FixtureStep

STANDS = (FixtureStep.HANDED_OVER, FixtureStep.MOVED, FixtureStep.RECALLED)
"""After these a fixture stands with its dealer."""


def put(
    actor: Actor,
    inspection_id: UUID,
    *,
    fixture_id: int,
    store_id: int,
    inspected_at: datetime,
    is_present: bool,
    content_sha256: str,
    at: datetime,
    is_misused: bool = False,
    condition: str | None = None,
    visit_id: UUID | None = None,
    note: str = "",
    photo_ids: Sequence[UUID] = (),
) -> tuple[FixtureInspection, Result]:
    """Record once what somebody found in a store.

    A fixture that should stand there and does not is missing; one that shows other goods is
    misused: either opens a violation in the store, or joins the open one. Raises NotFoundError
    for store or fixture, EvidenceElsewhereError, and IdTakenError for a known id with other
    content or from another person.
    """
    with transaction():
        take_turns(f"fixture {fixture_id}")
        known = FixtureInspection.get_or_none(FixtureInspection.id == inspection_id)
        if known is not None:
            if (known.person_id, known.content_sha256) != (actor.id, content_sha256):
                raise IdTakenError(id=str(inspection_id))
            return known, Result.REPLAYED
        store, fixture = stores.get(actor, store_id), _near(actor, fixture_id)
        named_visits.check(actor, visit_id, store_id=store_id)
        inspected_at = min(inspected_at, at)
        is_expected = _stood_in(fixture_id, store_id, inspected_at)
        inspection = FixtureInspection(
            fixture=fixture_id,
            id=inspection_id,
            store=store_id,
            person=actor.id,
            visit_id=visit_id,
            inspected_at=inspected_at,
            is_present=is_present,
            is_expected=is_expected,
            is_misused=is_misused,
            condition=condition,
            note=note,
            photos=[str(each) for each in photo_ids],
            received_at=at,
            content_sha256=content_sha256,
        )
        inspection.violation_id = _violation_of(actor, inspection, store, at=at)
        inspection.save(force_insert=True)
        _update(fixture, inspection)
        ledger.append(
            actor,
            "fixture_inspection.recorded",
            inspection_id,
            at=at,
            device_at=inspected_at,
            fixture=fixture_id,
            store=store_id,
            dealer=stores.dealer_on(store_id, clock.business_date(inspected_at)),
            region=store.region_id,
            day=clock.business_date(inspected_at).isoformat(),
            present=is_present,
        )
    return inspection, Result.CREATED


def list_inspections(
    actor: Actor, *, fixture_id: int | None = None, store_id: int | None = None
) -> ModelSelect[FixtureInspection]:
    """Return what was found in stores the actor may see, newest first."""
    seen = Store.select(Store.id).where(Store.visible_to(actor))
    found = FixtureInspection.select().where(FixtureInspection.store.in_(seen))
    if fixture_id is not None:
        found = found.where(FixtureInspection.fixture == fixture_id)
    if store_id is not None:
        found = found.where(FixtureInspection.store == store_id)
    return found.order_by(FixtureInspection.inspected_at.desc(), FixtureInspection.id)


def _near(actor: Actor, fixture_id: int) -> Fixture:
    """Return a fixture of the actor's region: one may turn up in a store it was never meant for."""
    near = Region.select(Region.id).where(Region.visible_to(actor))
    fixture = Fixture.get_or_none(Fixture.id == fixture_id, Fixture.region.in_(near))
    if fixture is None:
        raise NotFoundError(what="fixture")
    return fixture


def _stood_in(fixture_id: int, store_id: int, at: datetime) -> bool:
    """Return whether a fixture should have stood in a store then, whatever happened later."""
    last = (
        FixtureEvent.select(FixtureEvent.kind, FixtureEvent.store_id)
        .where(FixtureEvent.fixture == fixture_id, FixtureEvent.happened_at <= at)
        .order_by(FixtureEvent.number.desc())
        .first()
    )
    return last is not None and last.kind in STANDS and last.store_id == store_id


def _violation_of(
    actor: Actor, inspection: FixtureInspection, store: Store, *, at: datetime
) -> UUID | None:
    """Open or join the violation that an inspection shows, and return its case."""
    if inspection.is_present and inspection.is_misused:
        kind = ViolationKind.FIXTURE_MISUSE
    elif not inspection.is_present and inspection.is_expected:
        kind = ViolationKind.FIXTURE_MISSING
    else:
        return None
    day = clock.business_date(inspection.inspected_at)
    fact = Fact(
        id=inspection.id,
        kind=kind,
        subject=f"fixture:{inspection.fixture_id}",
        store_id=store.id,
        dealer_id=stores.dealer_on(store.id, day),
        region_id=store.region_id,
        person_id=actor.id,
        seen_at=inspection.inspected_at,
        day=day,
        note=inspection.note,
        visit_id=inspection.visit_id,
    )
    return violations.sight_fact(actor, fact, at=at).id


def _update(fixture: Fixture, inspection: FixtureInspection) -> None:
    """Let the fixture say what was found last where it stands."""
    is_later = fixture.inspected_at is None or fixture.inspected_at <= inspection.inspected_at
    stands_there = fixture.store_id == inspection.store_id and fixture.state in WITH_DEALER
    if is_later and stands_there:
        Fixture.update(
            inspected_at=inspection.inspected_at,
            is_present=inspection.is_present,
            condition=inspection.condition or fixture.condition,
            version=Fixture.version + 1,
        ).where(Fixture.id == fixture.id).execute()
