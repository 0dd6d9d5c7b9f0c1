"""People: who signs in, as what, for which region."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from peewee import IntegrityError, ModelSelect

from backend.network import dealers, regions, sessions
from backend.network.models import Person
from backend.network.sessions import hash_password
from backend.platform import ledger
from backend.platform.actors import Actor, Permission, Role
from backend.platform.database import transaction
from backend.platform.errors import (
    ConflictError,
    ForbiddenError,
    NotFoundError,
    RuleError,
    StaleError,
)


class LoginTakenError(ConflictError):
    """Another person signs in with this login."""

    code = "login-taken"
    title = "The login is taken"
    title_zh = "账号已存在"
    detail = "Somebody already signs in as {login}."
    detail_zh = "账号 {login} 已存在。"


class ErasedError(ConflictError):
    """Erasure is for good."""

    code = "person-erased"
    title = "The person was erased"
    title_zh = "人员信息已删除"
    detail = "What was held about the person was erased for good; enrol somebody new instead."
    detail_zh = "该人员信息已永久删除，如需使用请新建人员。"


class DealerLoginError(RuleError):
    """A dealer's login is of one dealer, and only it is."""

    code = "dealer-login"
    title = "A dealer's login names its dealer"
    title_zh = "经销商账号须指明经销商"
    detail = "Name a dealer_id for the role dealer, and none for another role."
    detail_zh = "角色为 dealer 时必须填写 dealer_id，其他角色不得填写。"


def get(actor: Actor, person_id: int) -> Person:
    """Return one person the actor may see. Raises NotFoundError."""
    person = Person.get_or_none(Person.visible_to(actor), Person.id == person_id)
    if person is None:
        raise NotFoundError(what="person")
    return person


def list_people(actor: Actor, *, role: str | None = None) -> ModelSelect[Person]:
    """Return the people the actor may see, by login."""
    people = Person.select().where(Person.visible_to(actor)).order_by(Person.login)
    return people if role is None else people.where(Person.role == role)


def create(
    actor: Actor | None,
    *,
    login: str,
    name: str,
    role: Role,
    region_id: int,
    password: str,
    at: datetime,
    supervisor_id: int | None = None,
    dealer_id: int | None = None,
) -> Person:
    """Enrol a person; the system (actor None) enrols the first.

    Managers enrol dealers' logins only. Raises ForbiddenError, DealerLoginError, LoginTakenError,
    or NotFoundError for a region, supervisor or dealer out of sight.
    """
    if (role == Role.DEALER) != (dealer_id is not None):
        raise DealerLoginError
    if actor is not None:
        _require_power(actor, {role})
        links = {"region_id": region_id, "supervisor_id": supervisor_id, "dealer_id": dealer_id}
        _check(actor, links)
    try:
        with transaction():
            person = Person.create(
                login=login,
                name=name,
                role=str(role),
                region=region_id,
                supervisor=supervisor_id,
                dealer=dealer_id,
                password_hash=hash_password(password),
            )
            ledger.append(actor, "person.created", person.id, at=at, role=str(role))
    except IntegrityError:
        raise LoginTakenError(login=login) from None
    return person


def amend(actor: Actor, person_id: int, *, version: int, at: datetime, **changes: Any) -> Person:
    """Change name, role, region, supervisor, dealer, activity or password of a person's version.

    Managers change dealers' logins only. Raises NotFoundError, also for what it names out of
    sight, ForbiddenError, ErasedError, DealerLoginError or StaleError. A change acts on the
    person's next request; a new password ends the sessions opened with the old one.
    """
    if (password := changes.pop("password", None)) is not None:
        changes["password_hash"] = hash_password(password)
    with transaction():
        person = get(actor, person_id)
        role, dealer_id = changes.get("role", person.role), person.dealer_id
        _require_power(actor, {person.role, role})
        if person.erased_at is not None:
            raise ErasedError
        if (role == Role.DEALER) != (changes.get("dealer_id", dealer_id) is not None):
            raise DealerLoginError
        _check(actor, changes)
        changed = (
            Person.update(**changes, version=version + 1)
            .where(Person.id == person_id, Person.version == version)
            .execute()
        )
        if not changed:
            raise StaleError(version=person.version)
        if password is not None:
            sessions.end_all(person_id, but=actor.session_id, at=at)
        ledger.append(actor, "person.amended", person_id, at=at, fields=sorted(changes))
    return get(actor, person_id)


def _require_power(actor: Actor, roles: set[str]) -> None:
    """Let only who may write of all people write of others than dealers' logins."""
    if roles != {Role.DEALER} and not actor.may(Permission.PEOPLE_WRITE):
        raise ForbiddenError(permission=str(Permission.PEOPLE_WRITE))


def _check(actor: Actor, fields: dict[str, Any]) -> None:
    if "region_id" in fields:
        regions.get(actor, fields["region_id"])
    if fields.get("supervisor_id") is not None:
        get(actor, fields["supervisor_id"])
    if fields.get("dealer_id") is not None:
        dealers.get(actor, fields["dealer_id"])
