"""Links: a photo's file for whoever cannot send a header, such as an `<img>`.

A link is signed over photo, variant, session and expiry. It opens nothing by itself: whose
session it is, and what they may see, is asked again when it is used.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from itsdangerous import BadData, URLSafeSerializer

from backend.network.models import Person, Region, Session
from backend.platform.actors import Actor, Role
from backend.platform.errors import NotFoundError
from backend.platform.settings import settings


class Target(NamedTuple):
    """What a link opens, for whom."""

    actor: Actor
    visit_id: UUID
    photo_id: UUID
    variant: str


def sign(actor: Actor, visit_id: UUID, photo_id: UUID, variant: str, *, at: datetime) -> str:
    """Return the token of a link that the actor's session may use for `link_minutes`."""
    until = at + timedelta(minutes=settings().link_minutes)
    return _signer().dumps(
        [str(actor.session_id), str(visit_id), str(photo_id), variant, int(until.timestamp())]
    )


def follow(token: str, *, at: datetime) -> Target:
    """Return what a link is for. Raises NotFoundError when it is forged, too old or revoked."""
    try:
        session_id, visit_id, photo_id, variant, until = _signer().loads(token)
    except BadData:
        raise NotFoundError(what="link") from None
    person = (
        Person.select(Person.id, Person.role, Region.path)
        .join(Region)
        .join_from(Person, Session, on=Session.person == Person.id)
        .where(
            Session.id == UUID(session_id),
            Session.revoked_at.is_null(),
            Session.expires_at > at,
            Person.is_active,
        )
        .tuples()
        .first()
    )
    if at.timestamp() > until or person is None:
        raise NotFoundError(what="link")
    person_id, role, path = person
    actor = Actor(id=person_id, role=Role(role), region_path=path, session_id=UUID(session_id))
    return Target(actor, UUID(visit_id), UUID(photo_id), variant)


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(settings().secret_key, salt="photo-link")
