"""Plans: the visits that somebody is asked to make."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from peewee import ModelSelect

from backend.fieldwork.models import PlanEntry
from backend.network import people, stores
from backend.platform import ledger
from backend.platform.actors import GRANTS, Actor, Permission, Role
from backend.platform.database import take_turns, transaction
from backend.platform.errors import IdTakenError, NotFoundError, RuleError

PLANNED = "planned"
CANCELLED = "cancelled_by_manager"


class NoVisitorError(RuleError):
    """The person makes no visits, so none can be planned."""

    code = "no-visitor"
    title = "The person makes no visits"
    title_zh = "该人员不拜访门店"
    detail = "Person {person_id} is not somebody who visits stores."
    detail_zh = "人员 {person_id} 不负责拜访门店。"


def list_entries(
    actor: Actor,
    *,
    from_on: date | None = None,
    to_on: date | None = None,
    person_id: int | None = None,
    store_id: int | None = None,
) -> ModelSelect[PlanEntry]:
    """Return the entries the actor may see by day; both days are included."""
    entries = (
        PlanEntry.select()
        .where(PlanEntry.visible_to(actor))
        .order_by(PlanEntry.planned_on, PlanEntry.id)
    )
    if from_on is not None:
        entries = entries.where(PlanEntry.planned_on >= from_on)
    if to_on is not None:
        entries = entries.where(PlanEntry.planned_on <= to_on)
    if person_id is not None:
        entries = entries.where(PlanEntry.person == person_id)
    if store_id is not None:
        entries = entries.where(PlanEntry.store == store_id)
    return entries


def put(
    actor: Actor,
    plan_id: UUID,
    *,
    store_id: int,
    person_id: int,
    planned_on: date,
    content_sha256: str,
    at: datetime,
) -> tuple[PlanEntry, bool]:
    """Ask somebody to visit a store on a day; return the entry and whether it is new.

    `content_sha256` tells a replay from another use of the id (IdTakenError). Raises
    NoVisitorError, or NotFoundError for store or person.
    """
    with transaction():
        take_turns(f"plan {plan_id}")
        if (known := _known(actor, plan_id, content_sha256)) is not None:
            return known, False
        store = stores.get(actor, store_id)
        person = people.get(actor, person_id)
        if Permission.VISIT_WRITE not in GRANTS[Role(person.role)] or not person.is_active:
            raise NoVisitorError(person_id=person_id)
        entry = PlanEntry.create(
            id=plan_id,
            store=store_id,
            person=person_id,
            planned_on=planned_on,
            status=PLANNED,
            content_sha256=content_sha256,
        )
        _tell(actor, "plan.created", entry, store.region_id, at)
    return entry, True


def cancel(actor: Actor, plan_id: UUID, *, at: datetime) -> PlanEntry:
    """Take back an entry; saying so twice is fine. Raises NotFoundError."""
    with transaction():
        entry = PlanEntry.get_or_none(PlanEntry.visible_to(actor), PlanEntry.id == plan_id)
        if entry is None:
            raise NotFoundError(what="plan entry")
        open_ = (PlanEntry.id == plan_id) & (PlanEntry.status == PLANNED)
        if PlanEntry.update(status=CANCELLED).where(open_).execute():
            region_id = stores.get(actor, entry.store_id).region_id
            _tell(actor, "plan.cancelled", entry, region_id, at)
        entry.status = CANCELLED
    return entry


def _known(actor: Actor, plan_id: UUID, content_sha256: str) -> PlanEntry | None:
    entry = PlanEntry.get_or_none(PlanEntry.id == plan_id)
    if entry is None:
        return None
    mine = PlanEntry.select().where(PlanEntry.visible_to(actor), PlanEntry.id == plan_id)
    if entry.content_sha256 != content_sha256 or not mine.exists():
        raise IdTakenError(id=str(plan_id))
    return entry


def _tell(actor: Actor, verb: str, entry: PlanEntry, region_id: int, at: datetime) -> None:
    """Record the change for whoever counts plans; they are counted for the dealer of the day."""
    facts = {
        "store": entry.store_id,
        "region": region_id,
        "person": entry.person_id,
        "day": entry.planned_on,
    }
    dealer_id = stores.dealer_on(entry.store_id, entry.planned_on)
    if dealer_id is not None:
        facts["dealer"] = dealer_id
    ledger.append(actor, verb, entry.id, at=at, **facts)
