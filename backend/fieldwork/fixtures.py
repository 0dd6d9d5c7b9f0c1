"""The register of fixtures: what is lent to dealers for their use and never theirs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from peewee import ModelSelect, fn

from backend.fieldwork.fixture_models import Fixture, FixtureEvent
from backend.network import codes, people, regions
from backend.network.archive_models import Agreement
from backend.network.models import Region
from backend.platform import ledger
from backend.platform.actors import Actor
from backend.platform.database import insert_rows, transaction
from backend.platform.errors import NotFoundError, StaleError
from backend.standards.trade_codes import FixtureState, FixtureStep

WITH_DEALER = (FixtureState.ON_LOAN, FixtureState.RECALLED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Who gave or received: a name, and who that is when they sign in here."""

    name: str
    person_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """When and how a step was taken, and by whom where goods change hands."""

    happened_at: datetime
    giver: Party | None = None
    receiver: Party | None = None
    condition: str | None = None
    photo_ids: Sequence[UUID] = ()
    note: str = ""


def get(actor: Actor, fixture_id: int) -> Fixture:
    """Return one fixture the actor may see. Raises NotFoundError."""
    fixture = Fixture.get_or_none(Fixture.visible_to(actor), Fixture.id == fixture_id)
    if fixture is None:
        raise NotFoundError(what="fixture")
    return fixture


def list_fixtures(
    actor: Actor,
    *,
    state: str | None = None,
    kind: str | None = None,
    dealer_id: int | None = None,
    store_id: int | None = None,
    region_id: int | None = None,
    code: str | None = None,
) -> ModelSelect[Fixture]:
    """Return the fixtures the actor may see, by code. `region_id` includes the regions below."""
    found = Fixture.select().where(Fixture.visible_to(actor))
    exact = (
        (Fixture.state, state),
        (Fixture.kind, kind),
        (Fixture.dealer, dealer_id),
        (Fixture.store, store_id),
        (Fixture.code, code),
    )
    for column, value in exact:
        if value is not None:
            found = found.where(column == value)
    if region_id is not None:
        within = Region.select(Region.id).where(regions.below(region_id))
        found = found.where(Fixture.region.in_(within))
    return found.order_by(Fixture.code)


def list_recalls(actor: Actor, *, day: date, dealer_id: int | None = None) -> ModelSelect[Fixture]:
    """Return what is to come back as mappings, the longest due first.

    That is what is recalled, what is past its day, and what a dealer without an agreement in
    force has. A mapping is a fixture with `has_agreement`.
    """
    agreed = fn.EXISTS(
        Agreement.select(Agreement.id).where(Agreement.dealer == Fixture.dealer, Agreement.on(day))
    )
    due = (Fixture.state == FixtureState.RECALLED) | (Fixture.due_back_on <= day) | ~agreed
    found = Fixture.select(Fixture, agreed.alias("has_agreement")).where(
        Fixture.visible_to(actor), Fixture.state.in_(WITH_DEALER), due
    )
    if dealer_id is not None:
        found = found.where(Fixture.dealer == dealer_id)
    since = fn.COALESCE(Fixture.recalled_on, Fixture.due_back_on, Fixture.lent_on)
    return found.order_by(since, Fixture.code)


def history(actor: Actor, fixture_id: int) -> ModelSelect[FixtureEvent]:
    """Return what happened to a fixture, first to last. Raises NotFoundError."""
    get(actor, fixture_id)
    events = FixtureEvent.select().where(FixtureEvent.fixture == fixture_id)
    return events.order_by(FixtureEvent.number)


def register(
    actor: Actor,
    *,
    code: str,
    kind: str,
    name: str,
    value_fen: int,
    owner_company: str,
    purchased_on: date,
    condition: str,
    region_id: int,
    place: str = "",
    at: datetime,
) -> Fixture:
    """Enter a fixture that nobody has yet. Raises NotFoundError or CodeTakenError."""
    regions.get(actor, region_id)
    with codes.unique(code):
        fixture = Fixture.create(
            code=code,
            kind=kind,
            name=name,
            value_fen=value_fen,
            owner_company=owner_company,
            purchased_on=purchased_on,
            condition=condition,
            state=str(FixtureState.AVAILABLE),
            region=region_id,
            place=place,
        )
        happening = Happening(happened_at=at, condition=condition)
        note(actor, fixture, FixtureStep.REGISTERED, happening, number=1, at=at)
    return fixture


def amend(actor: Actor, fixture_id: int, *, version: int, at: datetime, **changes: Any) -> Fixture:
    """Correct name, kind, value, owner or day of purchase of one version of a fixture.

    Raises NotFoundError or StaleError.
    """
    with transaction():
        fixture = get(actor, fixture_id)
        update(fixture, version, changes)
        ledger.append(
            actor,
            "fixture.amended",
            fixture_id,
            at=at,
            region=fixture.region_id,
            fields=sorted(changes),
        )
    return get(actor, fixture_id)


def update(fixture: Fixture, version: int, changes: dict[str, Any]) -> None:
    """Change one version of a fixture, in the caller's transaction. Raises StaleError."""
    mine = (Fixture.id == fixture.id) & (Fixture.version == version)
    if not Fixture.update(**changes, version=version + 1).where(mine).execute():
        raise StaleError(version=fixture.version)


def note(
    actor: Actor,
    fixture: Fixture,
    step: FixtureStep,
    happening: Happening,
    *,
    number: int,
    photos: Sequence[dict[str, str]] = (),
    at: datetime,
) -> None:
    """Write down a step and where the fixture is after it, in the caller's transaction.

    Raises NotFoundError for a person.
    """
    giver, receiver = happening.giver, happening.receiver
    for party in (giver, receiver):
        if party is not None and party.person_id is not None:
            people.get(actor, party.person_id)
    row = {
        "fixture": fixture.id,
        "number": number,
        "kind": str(step),
        "happened_at": happening.happened_at,
        "giver": giver and giver.name,
        "giver_person_id": giver and giver.person_id,
        "receiver": receiver and receiver.name,
        "receiver_person_id": receiver and receiver.person_id,
        "condition": happening.condition,
        "dealer_id": fixture.dealer_id,
        "store_id": fixture.store_id,
        "place": fixture.place,
        "photos": list(photos),
        "note": happening.note,
        "recorded_at": at,
        "recorded_by_id": actor.id,
    }
    insert_rows(FixtureEvent, [row])
    facts = {"region": fixture.region_id, "dealer": fixture.dealer_id, "store": fixture.store_id}
    told: dict[str, Any] = {name: value for name, value in facts.items() if value is not None}
    ledger.append(actor, f"fixture.{step}", fixture.id, at=at, **told)
