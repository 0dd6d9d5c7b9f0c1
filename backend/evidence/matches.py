"""Matches: what auditors say of a photo that repeats an earlier one, and what that teaches.

Shelves look alike, and a photo taken from the same spot of the same store shows the same frame.
An auditor clears such a pair. Where both photos are of one store and only near, that teaches the
scene: a photo of that store whose fingerprint is as close to either of the two as they are to each
other is a `fixed_scene` by itself. Only an auditor's word teaches; what was learned teaches
nothing, so scenes do not creep. The same bytes twice are no scene, and across stores the word
holds for the pair alone.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from peewee import JOIN, Case, Expression, ModelSelect

from backend.evidence.fingerprints import distance
from backend.evidence.models import PhotoMatch, PhotoReading
from backend.fieldwork.models import Visit
from backend.fieldwork.placing import facts_of
from backend.network.models import Person, Store
from backend.platform import ledger
from backend.platform.actors import Actor
from backend.platform.database import transaction
from backend.platform.errors import NotFoundError, StaleError


class Status(StrEnum):
    """What is held of a match."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    CLEARED = "cleared"
    FIXED_SCENE = "fixed_scene"


def list_matches(
    actor: Actor,
    *,
    status: str | None = None,
    kind: str | None = None,
    store_id: int | None = None,
) -> ModelSelect[PhotoMatch]:
    """Return the matches of photos the actor may see as dicts, the latest photo first.

    Of an earlier photo that is out of scope only kind, distance, status and dates are told.
    """
    chosen = Visit.visible_to(actor)
    if status is not None:
        chosen &= PhotoMatch.status == status
    if kind is not None:
        chosen &= PhotoMatch.kind == kind
    if store_id is not None:
        chosen &= Visit.store == store_id
    return _shown(actor).where(chosen)


def resolve(
    actor: Actor,
    *,
    visit_id: UUID,
    photo_id: UUID,
    earlier_visit_id: UUID,
    earlier_photo_id: UUID,
    resolution: str,
    reason: str,
    version: int,
    at: datetime,
) -> dict[str, Any]:
    """Confirm or clear one version of a match, and return it as it is listed.

    Both photos must be the actor's to see. Clearing teaches the scene, confirming what was cleared
    forgets it. Raises NotFoundError or StaleError.
    """
    status = Status(resolution)
    pair = _is(visit_id, photo_id, earlier_visit_id, earlier_photo_id)
    with transaction():
        match = PhotoMatch.get_or_none(pair)
        visible = Visit.select().where(
            Visit.visible_to(actor), Visit.id.in_({visit_id, earlier_visit_id})
        )
        visits = {visit.id: visit for visit in visible}
        if match is None or not {visit_id, earlier_visit_id} <= set(visits):
            raise NotFoundError(what="match")
        changed = (
            PhotoMatch.update(
                status=status,
                reason=reason,
                resolved_by_id=actor.id,
                resolved_at=at,
                version=version + 1,
            )
            .where(pair, PhotoMatch.version == version)
            .execute()
        )
        if not changed:
            raise StaleError(version=match.version)
        _tell(actor, status, match, visits[visit_id], at)
        if match.store_id is not None:
            _learn(match.store_id, at)
    return next(iter(_shown(actor).where(pair)))


def place(visit_id: UUID, *, at: datetime) -> None:
    """Say which matches of a visit's photos are within one store, and recognise its scenes."""
    read = PhotoReading.select(PhotoReading.photo_id).where(PhotoReading.visit_id == visit_id)
    # By their ids: PostgreSQL uses no index for a subquery that stands beside an OR.
    mine = [reading.photo_id for reading in read]
    of_visit = (PhotoMatch.visit_id == visit_id) | PhotoMatch.earlier_photo_id.in_(mine)
    later, earlier = Visit.alias(), Visit.alias()
    found: Any = (
        PhotoMatch.select(PhotoMatch, later.store_id.alias("place"))
        .join(later, on=later.id == PhotoMatch.visit_id)
        .join_from(
            PhotoMatch,
            earlier,
            on=(earlier.id == PhotoMatch.earlier_visit_id) & (earlier.store_id == later.store_id),
        )
        # Not "and without a store yet", for which SQLite would look at those of all visits.
        .where(of_visit)
        .objects()
    )
    with transaction():
        stores = set()
        for match in [match for match in found if match.store_id is None]:
            PhotoMatch.update(store_id=match.place).where(_same(match)).execute()
            stores.add(match.place)
        for store_id in sorted(stores):
            # Not all of the store's: where a scene stays the same there are very many.
            _learn(store_id, at, among=of_visit)


def _learn(store_id: int, at: datetime, among: Expression | None = None) -> None:
    """Bring near matches of a store in line with the scenes auditors cleared there, and tell.

    All of them, or those among some.
    """
    here = (PhotoMatch.store_id == store_id) & (PhotoMatch.kind == "near")
    lessons = [
        (fingerprint, match.distance)
        for match in _with_fingerprints(here & (PhotoMatch.status == Status.CLEARED))
        for fingerprint in (match.dhash, match.earlier_dhash)
    ]
    own = (Status.OPEN, Status.FIXED_SCENE)
    for match in _with_fingerprints(here & PhotoMatch.status.in_(own) if among is None else among):
        if match.store_id != store_id or match.kind != "near" or match.status not in own:
            continue
        is_scene = any(distance(match.dhash, known) <= bits for known, bits in lessons)
        status = Status.FIXED_SCENE if is_scene else Status.OPEN
        if status != match.status:
            PhotoMatch.update(status=status, version=PhotoMatch.version + 1).where(
                _same(match)
            ).execute()
            _tell(None, status, match, Visit.get_by_id(match.visit_id), at)


def _with_fingerprints(which: Expression) -> list[Any]:
    later, earlier = PhotoReading.alias(), PhotoReading.alias()
    found: Any = (
        PhotoMatch.select(PhotoMatch, later.dhash, earlier.dhash.alias("earlier_dhash"))
        .join(
            later,
            on=(later.visit_id == PhotoMatch.visit_id) & (later.photo_id == PhotoMatch.photo_id),
        )
        .join_from(
            PhotoMatch,
            earlier,
            on=(earlier.visit_id == PhotoMatch.earlier_visit_id)
            & (earlier.photo_id == PhotoMatch.earlier_photo_id),
        )
        .where(which)
        .order_by(PhotoMatch.visit_id, PhotoMatch.photo_id, PhotoMatch.earlier_photo_id)
    )
    return list(found.objects())


def _tell(
    actor: Actor | None, status: Status, match: PhotoMatch, visit: Visit, at: datetime
) -> None:
    verbs = {Status.OPEN: "reopened", Status.FIXED_SCENE: "recognised"}
    ledger.append(
        actor,
        f"photo_match.{verbs.get(status, status)}",
        match.photo_id,
        at=at,
        visit=str(match.visit_id),
        earlier_visit=str(match.earlier_visit_id),
        earlier_photo=str(match.earlier_photo_id),
        kind=match.kind,
        distance=match.distance,
        **facts_of(visit),
    )


def _same(match: PhotoMatch) -> Expression:
    return _is(match.visit_id, match.photo_id, match.earlier_visit_id, match.earlier_photo_id)


def _is(
    visit_id: UUID, photo_id: UUID, earlier_visit_id: UUID, earlier_photo_id: UUID
) -> Expression:
    return (
        (PhotoMatch.visit_id == visit_id)
        & (PhotoMatch.photo_id == photo_id)
        & (PhotoMatch.earlier_visit_id == earlier_visit_id)
        & (PhotoMatch.earlier_photo_id == earlier_photo_id)
    )


def _shown(actor: Actor) -> ModelSelect[PhotoMatch]:
    before, place_, who, resolver = Visit.alias(), Store.alias(), Person.alias(), Person.alias()
    # Asked of the row that is joined: as a subquery it would be asked of all visits.
    is_seen = Visit.visible_to.__func__(before, actor)  # type: ignore[attr-defined]
    shown: Any = (
        PhotoMatch.select(
            PhotoMatch.visit_id,
            PhotoMatch.photo_id,
            PhotoMatch.kind,
            PhotoMatch.distance,
            PhotoMatch.status,
            Case(None, [(before.id.is_null(False), PhotoMatch.reason)]).alias("reason"),
            PhotoMatch.resolved_at,
            PhotoMatch.version,
            PhotoMatch.received_at,
            Visit.business_on,
            Store.code.alias("store_code"),
            Store.name.alias("store_name"),
            Person.name.alias("person_name"),
            resolver.name.alias("resolved_by"),
            PhotoReading.received_at.alias("earlier_received_at"),
            before.id.alias("earlier_visit_id"),
            Case(None, [(before.id.is_null(False), PhotoMatch.earlier_photo_id)]).alias(
                "earlier_photo_id"
            ),
            before.business_on.alias("earlier_business_on"),
            place_.code.alias("earlier_store_code"),
            place_.name.alias("earlier_store_name"),
            who.name.alias("earlier_person_name"),
        )
        .join(Visit, on=Visit.id == PhotoMatch.visit_id)
        .join(Store, JOIN.LEFT_OUTER)
        .join_from(Visit, Person)
        .join_from(
            PhotoMatch,
            PhotoReading,
            on=(PhotoReading.visit_id == PhotoMatch.earlier_visit_id)
            & (PhotoReading.photo_id == PhotoMatch.earlier_photo_id),
        )
        .join_from(
            PhotoMatch,
            before,
            JOIN.LEFT_OUTER,
            on=(before.id == PhotoMatch.earlier_visit_id) & is_seen,
        )
        .join_from(before, place_, JOIN.LEFT_OUTER, on=before.store == place_.id)
        .join_from(before, who, JOIN.LEFT_OUTER, on=before.person == who.id)
        .join_from(
            PhotoMatch, resolver, JOIN.LEFT_OUTER, on=PhotoMatch.resolved_by_id == resolver.id
        )
        .order_by(
            PhotoMatch.received_at.desc(),
            PhotoMatch.visit_id,
            PhotoMatch.photo_id,
            PhotoMatch.distance,
            PhotoMatch.earlier_photo_id,
        )
    )
    return shown.dicts()
