"""Capture tokens: proof that photos were taken after the server said something nobody could guess.

A token is signed (HMAC), so issuing one needs no row and no query. One comes with the answer to a
check-in and is good for that visit; phones fetch others ahead for when they are offline. Which
visit a token of the second kind was used for is written down when the visit is scored.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID, uuid4

import orjson
from itsdangerous import BadSignature, Signer
from itsdangerous.encoding import base64_decode, base64_encode

from backend.evidence.signal_models import CaptureTokenUse
from backend.platform.actors import Actor
from backend.platform.database import insert_rows
from backend.platform.settings import settings


class Token(NamedTuple):
    """What a token says: whose it is, which device's, since when and how long it is good.

    `visit_id` is null when it was fetched ahead; `nonce` then tells it from others.
    """

    nonce: UUID
    visit_id: UUID | None
    person_id: int
    device_id: str | None
    issued_at: datetime
    expires_at: datetime


def for_visit(actor: Actor, visit_id: UUID, *, at: datetime) -> str:
    """Return the token of a check-in; asked again, one of the same worth."""
    return _signed(visit_id, actor, at, is_of_visit=True)


def ahead(actor: Actor, count: int, *, at: datetime) -> tuple[list[str], datetime]:
    """Return some tokens for visits to come, and when they expire."""
    return [_signed(uuid4(), actor, at, is_of_visit=False) for _ in range(count)], at + _life()


def read(text: str) -> Token | None:
    """Return what a token says, or None when it is not one of ours."""
    try:
        said = orjson.loads(base64_decode(_signer(settings().secret_key).unsign(text)))
    except BadSignature:
        return None
    nonce, is_of_visit, person_id, device_id, issued_s = said
    issued_at = datetime.fromtimestamp(issued_s, UTC)
    return Token(
        UUID(nonce),
        UUID(nonce) if is_of_visit else None,
        person_id,
        device_id,
        issued_at,
        issued_at + _life(),
    )


def used_by(
    wanted: Mapping[UUID, tuple[UUID, list[UUID]]], *, at: datetime
) -> dict[UUID, CaptureTokenUse]:
    """Bind tokens, by nonce, to a visit and its photos unless they are bound; return their uses."""
    rows = [
        {
            "nonce": nonce,
            "visit_id": visit_id,
            "photo_ids": [str(photo_id) for photo_id in photo_ids],
            "used_at": at,
        }
        for nonce, (visit_id, photo_ids) in sorted(wanted.items())
    ]
    if not rows:
        return {}
    insert_rows(CaptureTokenUse, rows, ignore=True)
    uses = CaptureTokenUse.select().where(CaptureTokenUse.nonce.in_(list(wanted)))
    return {use.nonce: use for use in uses}


def _life() -> timedelta:
    return timedelta(hours=settings().capture_token_hours)


def _signed(nonce: UUID, actor: Actor, at: datetime, *, is_of_visit: bool) -> str:
    said = (
        nonce.hex,
        is_of_visit,
        actor.id,
        actor.device_id,
        int(at.timestamp()),
    )
    signer = _signer(settings().secret_key)
    return signer.sign(base64_encode(orjson.dumps(said))).decode()


@lru_cache(maxsize=1)
def _signer(secret: str) -> Signer:
    return Signer(
        secret,
        salt="capture-token",
        sep=".",
        key_derivation="hmac",
        digest_method=hashlib.sha256,
    )
