"""What is kept but stands nowhere yet: photos not believed, reports without a check-in."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from peewee import JOIN, Expression, ModelSelect

from backend.fieldwork import placing
from backend.fieldwork.models import Report, Visit
from backend.fieldwork.photo_models import Photo
from backend.fieldwork.quarantine import NotQuarantinedError
from backend.network.models import Person
from backend.platform import ledger
from backend.platform.actors import Actor
from backend.platform.database import transaction
from backend.platform.errors import NotFoundError

UNANNOUNCED = "unannounced"


def list_photos(actor: Actor, *, reason: str | None = None) -> ModelSelect[Photo]:
    """Return photos that are kept aside as mappings, oldest first.

    Those of the reason `unannounced` wait for the report that would announce them.
    """
    if reason == UNANNOUNCED:
        kept = (Photo.is_declared == False) & Photo.quarantine_reason.is_null()  # noqa: E712  # SQL
    else:
        kept = Photo.quarantine_reason.is_null(False)
        if reason is not None:
            kept &= Photo.quarantine_reason == reason
    query = Photo.select(Photo, Visit.store.alias("store_id"))
    joined = query.join(Visit, JOIN.LEFT_OUTER, on=Photo.visit_id == Visit.id)
    scoped = joined.where(kept, _seen_by(actor, Photo.person))
    return scoped.order_by(Photo.received_at, Photo.visit_id, Photo.id).dicts()


def list_reports(actor: Actor) -> ModelSelect[Report]:
    """Return reports whose check-in has not come, oldest first."""
    shown = (Report.visit_id, Report.person, Report.received_at, Report.device_at)
    query = Report.select(*shown, Report.content_sha256)
    alone = query.join(Visit, JOIN.LEFT_OUTER, on=Report.visit_id == Visit.id)
    scoped = alone.where(Report.state == "held", Visit.id.is_null(), _seen_by(actor, Report.person))
    return scoped.order_by(Report.received_at, Report.visit_id)


def release_photo(
    actor: Actor, visit_id: UUID, photo_id: UUID, *, note: str, at: datetime
) -> dict[str, Any]:
    """Believe a photo as it is held, and return it; its visit may be complete by that.

    Bytes other than the announced ones then stand for them; the ledger keeps the hash that was
    announced. Raises NotFoundError or NotQuarantinedError.
    """
    person_id = _get(actor, visit_id, photo_id)["person"]
    with transaction(turn=placing.turn_of(person_id)):
        photo = _get(actor, visit_id, photo_id)
        if photo["quarantine_reason"] is None:
            raise NotQuarantinedError(reason="released")
        changes = {"quarantine_reason": None, "released_by_id": actor.id, "released_at": at}
        if photo["is_declared"]:
            changes["declared_sha256"] = photo["sha256"]
        Photo.update(changes).where(Photo.visit_id == visit_id, Photo.id == photo_id).execute()
        visit = placing.visit_of(visit_id)
        ledger.append(
            actor,
            "photo.released",
            photo_id,
            at=at,
            visit=str(visit_id),
            reason=photo["quarantine_reason"],
            declared_sha256=photo["declared_sha256"],
            note=note,
            **(placing.facts_of(visit) if visit else {}),
        )
        if visit is not None:
            placing.complete(visit, at=at)
    return photo | changes


def _get(actor: Actor, visit_id: UUID, photo_id: UUID) -> dict[str, Any]:
    query = Photo.select(Photo, Visit.store.alias("store_id"))
    joined = query.join(Visit, JOIN.LEFT_OUTER, on=Photo.visit_id == Visit.id)
    mine = (Photo.visit_id == visit_id) & (Photo.id == photo_id)
    found: dict[str, Any] | None = joined.where(mine, _seen_by(actor, Photo.person)).dicts().first()
    if found is None:
        raise NotFoundError(what="photo")
    return found


def _seen_by(actor: Actor, person: Any) -> Expression:
    """Return the condition for what is of a visit in sight, or of a person if there is none."""
    people = Person.select(Person.id).where(Person.visible_to(actor))
    return (Visit.id.is_null(False) & Visit.visible_to(actor)) | (
        Visit.id.is_null() & person.in_(people)
    )
