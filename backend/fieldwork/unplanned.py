"""Unplanned visits: stores visited on a day for which nobody had asked.

None is refused for want of a reason, because a phone may have been offline; one without is
flagged, and the salesperson can say why later.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from peewee import JOIN, Expression, ModelSelect, fn

from backend.fieldwork.journey_models import PlanEntry, UnplannedNote
from backend.fieldwork.models import Visit
from backend.fieldwork.plans import DONE, OPEN
from backend.platform import ledger
from backend.platform.actors import Actor
from backend.platform.database import insert_rows, transaction
from backend.platform.errors import IdTakenError, NotFoundError
from backend.standards.codes import VisitType
from backend.standards.journey_codes import UnplannedReason


def is_unplanned() -> Expression:
    """Return the condition for visits that do nothing that was planned.

    A patrol needs no plan, a store that is unknown can have none, and a cancelled one is no visit.
    """
    done = PlanEntry.select(PlanEntry.id).where(PlanEntry.visit_id == Visit.id)
    asked = PlanEntry.select(PlanEntry.id).where(
        PlanEntry.person == Visit.person,
        PlanEntry.store == Visit.store,
        PlanEntry.planned_on == Visit.business_on,
        PlanEntry.status.in_([*OPEN, DONE]),
    )
    return (
        Visit.store.is_null(False)
        & Visit.cancelled_at.is_null()
        & (Visit.kind != str(VisitType.SUPERVISOR_PATROL))
        & ~fn.EXISTS(asked)
        & ~fn.EXISTS(done)
    )


def list_visits(
    actor: Actor,
    *,
    from_on: date | None = None,
    to_on: date | None = None,
    person_id: int | None = None,
    store_id: int | None = None,
    is_missing: bool | None = None,
) -> ModelSelect[Visit]:
    """Return unplanned visits the actor may see as mappings, newest first; both days included.

    `is_missing` asks for those without a reason, or for those with one.
    """
    visits = (
        Visit.select(
            Visit.id.alias("visit_id"),
            Visit.person.alias("person_id"),
            Visit.store.alias("store_id"),
            Visit.business_on,
            Visit.unplanned_reason.alias("said_at_check_in"),
            UnplannedNote.reason,
            UnplannedNote.note,
        )
        .join(UnplannedNote, JOIN.LEFT_OUTER, on=UnplannedNote.visit_id == Visit.id)
        .where(Visit.visible_to(actor), is_unplanned())
        .order_by(Visit.business_on.desc(), Visit.checked_in_at.desc(), Visit.id)
        .objects(_shown)
    )
    if from_on is not None:
        visits = visits.where(Visit.business_on >= from_on)
    if to_on is not None:
        visits = visits.where(Visit.business_on <= to_on)
    if person_id is not None:
        visits = visits.where(Visit.person == person_id)
    if store_id is not None:
        visits = visits.where(Visit.store == store_id)
    if is_missing is not None:
        visits = visits.where(_is_unexplained() if is_missing else ~_is_unexplained())
    return visits


def explain(
    actor: Actor,
    visit_id: UUID,
    *,
    reason: str,
    note: str = "",
    content_sha256: str,
    at: datetime,
) -> tuple[dict[str, Any], bool]:
    """Say why one's own visit was not planned; return it and whether that is new.

    It may be said before the visit's report arrives. Raises NotFoundError, or IdTakenError
    where another reason was given.
    """
    with transaction():
        visit = Visit.get_or_none(Visit.id == visit_id, Visit.person == actor.id)
        if visit is None:
            raise NotFoundError(what="visit")
        row = {
            "visit_id": visit_id,
            "reason": reason,
            "note": note,
            "noted_at": at,
            "content_sha256": content_sha256,
        }
        is_new = bool(insert_rows(UnplannedNote, [row], ignore=True))
        stored = UnplannedNote.get_by_id(visit_id)
        if stored.content_sha256 != content_sha256:
            raise IdTakenError(id=str(visit_id))
        if is_new:
            ledger.append(
                actor,
                "visit.explained",
                visit_id,
                at=at,
                store=visit.store_id,
                region=visit.region_id,
                reason=reason,
            )
    columns = ("person_id", "store_id", "business_on")
    shown = {name: getattr(visit, name) for name in columns} | {"visit_id": visit_id}
    said = {"said_at_check_in": visit.unplanned_reason, "reason": reason, "note": note}
    return _shown(**shown, **said), is_new


def lacks_reason() -> Expression:
    """Return the condition for unplanned visits of which nobody has said why."""
    return is_unplanned() & _is_unexplained()


def _is_unexplained() -> Expression:
    notes = UnplannedNote.select(UnplannedNote.visit_id).where(UnplannedNote.visit_id == Visit.id)
    said_nothing = Visit.unplanned_reason.is_null() | (Visit.unplanned_reason == "")
    return said_nothing & ~fn.EXISTS(notes)


def _shown(**row: Any) -> dict[str, Any]:
    """Return a row with the reason as a code: what was said at check-in may be one, or words."""
    said, reason = row["said_at_check_in"], row["reason"]
    if reason is None and said:
        reason = said if said in set(UnplannedReason) else str(UnplannedReason.OTHER)
    label = UnplannedReason(reason) if reason else None
    return row | {
        "reason": reason,
        "reason_zh": label and label.zh,
        "note": row["note"] or "",
        "unplanned_reason_missing": reason is None,
    }
