"""One-time export links: for a browser or a colleague's machine that has no session."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

import orjson

from backend.exchange import exports
from backend.exchange.exports import Wanted
from backend.exchange.made import Made
from backend.exchange.models import ExportLink
from backend.network.models import Person, Region
from backend.platform import ledger
from backend.platform.actors import Actor, Permission, Role
from backend.platform.database import canonical, transaction
from backend.platform.errors import NotFoundError
from backend.platform.settings import settings


class LinkSpentError(NotFoundError):
    """The link was used, is too old, never was, or its owner may no longer export."""

    code = "link-spent"
    title = "The link is spent"
    title_zh = "链接已失效"
    detail = "A link works once and for a short time; ask for a new one."
    detail_zh = "链接只能在有效期内使用一次，请重新获取。"


def create(actor: Actor, name: str, wanted: Wanted, *, at: datetime) -> tuple[str, datetime]:
    """Return the token of a new link, shown this once, and when it expires.

    Raises what `exports.check` raises.
    """
    exports.check(actor, name, wanted)
    token = secrets.token_urlsafe(32)
    expires_at = at + timedelta(minutes=settings().link_minutes)
    with transaction():
        ExportLink.create(
            token_sha256=_digest(token),
            person=actor.id,
            export=name,
            filters=canonical(wanted.as_dict()),
            expires_at=expires_at,
        )
        ledger.append(actor, "export_link.created", name, at=at, filters=wanted.as_dict())
    return token, expires_at


def follow(token: str, *, at: datetime) -> Made:
    """Use a link up and make its export as its owner, as the owner's role and region are now.

    Raises LinkSpentError, and what `exports.make` raises.
    """
    mine = ExportLink.token_sha256 == _digest(token)
    with transaction():
        used = (
            ExportLink.update(used_at=at)
            .where(mine, ExportLink.used_at.is_null(), ExportLink.expires_at > at)
            .execute()
        )
    if not used:
        raise LinkSpentError
    link = ExportLink.get(mine)
    actor = _owner(link.person_id)
    if actor is None or not actor.may(Permission.EXPORT_READ):
        raise LinkSpentError
    return exports.make(actor, link.export, Wanted.of(orjson.loads(link.filters)), at=at)


def _owner(person_id: int) -> Actor | None:
    row = (
        Person.select(Person.role, Region.path)
        .join(Region)
        .where(Person.id == person_id, Person.is_active)
        .tuples()
        .first()
    )
    return row and Actor(id=person_id, role=Role(row[0]), region_path=row[1])


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
