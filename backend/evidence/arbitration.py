"""Arbitration: deciding where auditors differ or are unsure, and against verdicts that stand."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Unpack
from uuid import UUID

from peewee import JOIN, ModelSelect

from backend.evidence import audits
from backend.evidence.audit_filters import Filters, matching
from backend.evidence.audit_models import PhotoVerdict
from backend.evidence.models import PhotoAudit
from backend.evidence.said import (
    JudgedAlreadyError,
    Opinion,
    not_withdrawn,
    record,
    said_of,
    take_back,
    visit_of,
)
from backend.evidence.standing import Part, Status
from backend.fieldwork.models import Visit
from backend.fieldwork.photo_models import Photo
from backend.network.models import Person, Store
from backend.platform.actors import Actor
from backend.platform.database import transaction
from backend.platform.errors import ConflictError, StaleError


class NothingToArbitrateError(ConflictError):
    """An arbiter decides what auditors have judged."""

    code = "nothing-to-arbitrate"
    title = "Auditors have not finished"
    title_zh = "审核尚未完成"
    detail = "The photo is still to be judged by auditors, or was never drawn."
    detail_zh = "照片尚待审核员判定，或未被抽中。"


def list_disputes(actor: Actor, **filters: Unpack[Filters]) -> ModelSelect[PhotoAudit]:
    """Return as dicts the photos that wait for an arbiter, with what each auditor said.

    Photos that the actor took or judged are left out. Oldest first.
    """
    first, second = PhotoVerdict.alias(), PhotoVerdict.alias()
    one, other = Person.alias(), Person.alias()
    query = (
        PhotoAudit.select(
            PhotoAudit.visit_id,
            PhotoAudit.photo_id,
            PhotoAudit.status,
            PhotoAudit.region_id,
            PhotoAudit.business_on,
            PhotoAudit.version,
            Photo.subject,
            Photo.item,
            Store.id.alias("store_id"),
            Store.code.alias("store_code"),
            Store.name.alias("store_name"),
            Person.name.alias("person_name"),
            *_said_columns("first", first, one),
            *_said_columns("second", second, other),
        )
        .join(Photo, on=(Photo.visit_id == PhotoAudit.visit_id) & (Photo.id == PhotoAudit.photo_id))
        .join_from(PhotoAudit, Visit, on=PhotoAudit.visit_id == Visit.id)
        .join(Store)
        .join_from(Visit, Person)
    )
    for said, person, part in ((first, one, Part.FIRST), (second, other, Part.SECOND)):
        query = query.join_from(
            PhotoAudit,
            said,
            JOIN.LEFT_OUTER,
            on=(said.visit_id == PhotoAudit.visit_id)
            & (said.photo_id == PhotoAudit.photo_id)
            & (said.part == part)
            & said.withdrawn_at.is_null(),
        ).join_from(said, person, JOIN.LEFT_OUTER, on=said.person == person.id)
    return (
        query.where(
            PhotoAudit.status == Status.DISPUTED,
            matching(actor, **filters),
            Photo.person != actor.id,
            first.person != actor.id,
            second.person.is_null() | (second.person != actor.id),
        )
        .order_by(PhotoAudit.business_on, PhotoAudit.visit_id, PhotoAudit.photo_id)
        .dicts()
    )


def arbitrate(
    actor: Actor,
    visit_id: UUID,
    photo_id: UUID,
    *,
    verdict: str,
    reasons: Iterable[str],
    note: str,
    version: int,
    at: datetime,
) -> dict[str, Any]:
    """Decide between auditors, or against a verdict that stands; what is decided stands.

    The arbiter neither took nor judged the photo. Raises NotFoundError, ReasonsError,
    OwnPhotoError, JudgedAlreadyError, NothingToArbitrateError or StaleError.
    """
    opinion = Opinion.checked(verdict, reasons, note)
    with transaction():
        audit = audits.locked(actor, visit_id, photo_id)
        visit = visit_of(actor, audit)
        said = said_of(audit)
        if any(one.person_id == actor.id for one in not_withdrawn(said)):
            raise JudgedAlreadyError
        if audit.status in {Status.PENDING, Status.LEFT_OUT}:
            raise NothingToArbitrateError
        if audit.version != version:
            raise StaleError(version=audit.version)
        record(actor, audit, opinion, part=Part.ARBITER, said=said, visit=visit, at=at)
    return audits.get(actor, visit_id, photo_id)


def withdraw(actor: Actor, visit_id: UUID, photo_id: UUID, *, at: datetime) -> dict[str, Any]:
    """Take one's own decision between auditors back; return the photo as the queue shows it.

    Raises NotFoundError, NothingToUndoError, BuiltOnError or UndoTooLateError.
    """
    return take_back(actor, visit_id, photo_id, {Part.ARBITER}, at=at)


def _said_columns(name: str, said: Any, person: Any) -> list[Any]:
    columns = (said.verdict, said.reasons, said.note)
    return [column.alias(f"{name}_{column.name}") for column in columns] + [
        person.name.alias(f"{name}_by")
    ]
