"""Signing in, on a device, with growing patience for wrong passwords."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from functools import cache
from uuid import UUID, uuid4

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from peewee import ModelSelect

from backend.network.models import LoginDelay, Person, Region, Session, Substitution
from backend.platform import clock, ledger
from backend.platform.actors import Actor, Role, StandIn
from backend.platform.database import transaction
from backend.platform.errors import NotFoundError, Retry, TooManyError, XundianError
from backend.platform.prepared import Prepared
from backend.platform.settings import settings

FREE_FAILURES = {"device": 3, "login": 3, "at": 30}  # an office shares an address
LONGEST_WAIT_S = 900
SEEN_EVERY = timedelta(minutes=10)


_OPEN = Prepared(
    Session,
    lambda token_sha256, at: (
        Session.select(
            Session.id,
            Session.device_id,
            Session.last_seen_at,
            Person.id,
            Person.role,
            Person.is_standing_in,
            Person.dealer,
            Region.path,
        )
        .join(Person)
        .join(Region)
        .where(
            Session.token_sha256 == token_sha256,
            Session.revoked_at.is_null(),
            Session.expires_at > at,
            Person.is_active,
        )
    ),
    token_sha256=Session.token_sha256,
    at=Session.expires_at,
)


class WrongLoginError(XundianError):
    """The login or the password is wrong; which of them is not said."""

    code = "wrong-login"
    title = "Login or password is wrong"
    title_zh = "账号或密码错误"
    detail = "Login or password is wrong."
    detail_zh = "账号或密码错误。"
    retry = Retry.LOGIN


def sign_in(
    login: str, password: str, *, device_id: str, device_name: str, address: str, at: datetime
) -> tuple[Session, Person, str]:
    """Open a session and return it with its person and its token, which is shown this once.

    Raises WrongLoginError, after the same time for unknown logins, and TooManyError while a
    wait earned by failures lasts. An enrolled device waits only for its own failures, so a
    stranger cannot lock its owner out.
    """
    person = Person.get_or_none(Person.login == login)
    enrolled = person is not None and (
        Session.select().where(Session.person == person, Session.device_id == device_id).exists()
    )
    keys = [f"device:{login}:{device_id}"] if enrolled else [f"login:{login}", f"at:{address}"]
    _refuse_while_waiting(keys, at)
    stored = person.password_hash if person and person.is_active else _decoy()
    if not matches(stored, password) or person is None or not person.is_active:
        _count_failure(keys, at)
        raise WrongLoginError
    token = secrets.token_urlsafe(32)
    with transaction():
        LoginDelay.delete().where(LoginDelay.key.in_(keys)).execute()
        session = Session.create(
            id=uuid4(),
            person=person,
            token_sha256=_digest(token),
            device_id=device_id,
            device_name=device_name,
            created_at=at,
            last_seen_at=at,
            expires_at=at + timedelta(days=settings().session_days),
        )
        actor = Actor(id=person.id, role=Role(person.role), region_path="")
        ledger.append(actor, "session.opened", session.id, at=at)
    return session, person, token


def actor_for(token: str, *, at: datetime, is_writing: bool = False) -> Actor | None:
    """Return who holds the token, as of now: role, region and revocation act at once.

    Somebody else's stores are seen on the days of standing in; what was made on them may be
    written for as long afterwards as a phone may be offline.
    """
    found = _OPEN.rows(token_sha256=_digest(token), at=at)
    if not found:
        return None
    session_id, device_id, last_seen_at, person_id, role, stands_in, dealer_id, path = found[0]
    if at - last_seen_at > SEEN_EVERY:
        with transaction():
            Session.update(last_seen_at=at).where(Session.id == session_id).execute()
    return Actor(
        id=person_id,
        role=Role(role),
        region_path=path,
        session_id=session_id,
        device_id=device_id,
        stands_in_for=standing_in(person_id, at=at, is_writing=is_writing) if stands_in else (),
        dealer_id=dealer_id,
    )


def as_actor(person: Person, *, at: datetime) -> Actor:
    """Return a person as the actor they would be if they asked now."""
    return Actor(
        id=person.id,
        role=Role(person.role),
        region_path=Region.get_by_id(person.region_id).path,
        stands_in_for=standing_in(person.id, at=at),
        dealer_id=person.dealer_id,
    )


def standing_in(person_id: int, *, at: datetime, is_writing: bool = False) -> tuple[StandIn, ...]:
    """Return for whom a person stands in, or did when what arrives now was made."""
    today = clock.business_date(at)
    ended = today - timedelta(days=settings().max_offline_days if is_writing else 0)
    rows = (
        Substitution.select(Substitution.person, Substitution.from_on, Substitution.to_on)
        .where(
            Substitution.substitute == person_id,
            Substitution.is_open,
            Substitution.from_on <= today,
            Substitution.to_on > ended,
        )
        .order_by(Substitution.from_on, Substitution.id)
    )
    return tuple(StandIn(row.person_id, row.from_on, row.to_on) for row in rows)


def list_open(actor: Actor, *, at: datetime) -> ModelSelect[Session]:
    """Return the actor's own sessions that are still good, newest first."""
    return (
        Session.select()
        .where(Session.person == actor.id, Session.revoked_at.is_null(), Session.expires_at > at)
        .order_by(Session.created_at.desc(), Session.id)
    )


def revoke(actor: Actor, session_id: UUID, *, at: datetime) -> None:
    """End one session: one's own, or as admin anybody's. Raises NotFoundError."""
    mine = Session.id == session_id
    if actor.role is not Role.ADMIN:
        mine &= Session.person == actor.id
    with transaction():
        ended = Session.update(revoked_at=at).where(mine, Session.revoked_at.is_null()).execute()
        if ended:
            ledger.append(actor, "session.revoked", session_id, at=at)
        elif not Session.select().where(mine).exists():
            raise NotFoundError(what="session")


def end_all(person_id: int, *, but: UUID | None, at: datetime) -> None:
    """End every open session of a person except one, in the caller's transaction."""
    theirs = (Session.person == person_id) & Session.revoked_at.is_null()
    if but is not None:
        theirs &= Session.id != but
    Session.update(revoked_at=at).where(theirs).execute()


def hash_password(password: str) -> str:
    """Return the argon2id hash of a password."""
    return PasswordHasher().hash(password)


@cache
def _decoy() -> str:
    return hash_password(secrets.token_urlsafe())


def matches(stored: str, password: str) -> bool:
    """Return whether a stored hash is that of the password."""
    try:
        return PasswordHasher().verify(stored, password)
    except (Argon2Error, InvalidHashError):
        return False


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _refuse_while_waiting(keys: list[str], at: datetime) -> None:
    waits = LoginDelay.select().where(LoginDelay.key.in_(keys), LoginDelay.wait_until > at)
    if longest := max((wait.wait_until for wait in waits), default=None):
        raise TooManyError(retry_after_s=int((longest - at).total_seconds()) + 1)


def _count_failure(keys: list[str], at: datetime) -> None:
    with transaction():
        for key in keys:
            LoginDelay.insert(key=key, failures=0, wait_until=at).on_conflict_ignore().execute()
            LoginDelay.update(failures=LoginDelay.failures + 1).where(
                LoginDelay.key == key
            ).execute()
            extra = LoginDelay.get_by_id(key).failures - FREE_FAILURES[key.partition(":")[0]]
            if extra > 0:
                wait = timedelta(seconds=min(2 ** min(extra, 20), LONGEST_WAIT_S))
                LoginDelay.update(wait_until=at + wait).where(LoginDelay.key == key).execute()
