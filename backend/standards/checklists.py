"""Checklists: what a store must show, in versions that are drafted, published and retired.

A draft may be changed or discarded. A published version never changes; what follows it is made
as a draft of the next version, which takes over on the day it begins.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from peewee import Case, Expression, ModelSelect, fn

from backend.platform import clock, ledger
from backend.platform.actors import Actor
from backend.platform.database import insert_rows, transaction
from backend.platform.errors import ConflictError, NotFoundError, RuleError, StaleError
from backend.standards import lines as line_rules
from backend.standards import revision, scopes, validity
from backend.standards.manual import TEMPLATES, WITH_PRINCIPLES
from backend.standards.models import ChecklistTemplate

MANUAL_VALID_FROM = date(2020, 1, 1)
STATUSES = ("draft", "published", "retired")


class ChecklistExistsError(ConflictError):
    """A checklist of this code goes on in versions."""

    code = "checklist-exists"
    title = "There is a checklist of this code"
    title_zh = "检查表编码已存在"
    detail = "A checklist {given} exists; make its next version from the one that is published."
    detail_zh = "检查表 {given} 已存在，请在已发布版本的基础上建立新版本。"


class DraftExistsError(ConflictError):
    """One draft at a time, so that versions follow each other."""

    code = "draft-exists"
    title = "There is a draft already"
    title_zh = "已有草稿"
    detail = "Version {version} of {given} is a draft still; change, publish or discard that."
    detail_zh = "{given} 的第 {version} 版仍是草稿，请先修改、发布或删除该草稿。"


class NotADraftError(ConflictError):
    """What was published is what visits were judged by."""

    code = "not-a-draft"
    title = "Published already"
    title_zh = "已发布，不能修改"
    detail = "Only a draft can be changed; make a new version of {given}."
    detail_zh = "只有草稿可以修改，请为 {given} 建立新版本。"


class NotPublishedError(ConflictError):
    """Nobody was asked by it yet."""

    code = "not-published"
    title = "Not published yet"
    title_zh = "尚未发布"
    detail = "This version of {given} is a draft."
    detail_zh = "{given} 的该版本仍是草稿。"


class BeginsInPastError(RuleError):
    """Visits of those days were judged by what was in force then."""

    code = "begins-in-past"
    title = "Begins in the past"
    title_zh = "生效日期早于今天"
    detail = "It cannot begin on {valid_from}, before {today}."
    detail_zh = "生效日期 {valid_from} 早于今天 {today}。"


class ChecklistOverlapError(ConflictError):
    """Two checklists would be in force for the same stores, none more specific than the other."""

    code = "checklist-overlap"
    title = "Another checklist is in force then"
    title_zh = "与其他检查表生效期重叠"
    detail = "Version {version} of {given} is for the same stores from {valid_from} on."
    detail_zh = "{given} 第 {version} 版自 {valid_from} 起适用于相同门店。"


def list_checklists(
    actor: Actor,
    *,
    today: date,
    code: str | None = None,
    status: str | None = None,
    tier: str | None = None,
    scope_kind: str | None = None,
    scope_value: str | None = None,
    day: date | None = None,
) -> ModelSelect[ChecklistTemplate]:
    """Return the versions the actor may see, by code; each with its `status` today.

    `tier` asks for those of a tier, `day` for those in force on it.
    """
    found = _rows(actor, today).order_by(ChecklistTemplate.code, ChecklistTemplate.version)
    if tier is not None:
        found = found.where(_of_scope("tier", tier))
    if code is not None:
        found = found.where(ChecklistTemplate.code == code)
    if scope_kind is not None:
        found = found.where(ChecklistTemplate.scope_kind == scope_kind)
    if scope_value is not None:
        found = found.where(ChecklistTemplate.scope_value == scope_value)
    if status is not None:
        found = found.where(_status(today) == status)
    return found if day is None else found.where(ChecklistTemplate.on(day))


def get(actor: Actor, checklist_id: int, *, today: date) -> ChecklistTemplate:
    """Return one version of a checklist with its `status` today. Raises NotFoundError."""
    found = _rows(actor, today).where(ChecklistTemplate.id == checklist_id).first()
    if found is None:
        raise NotFoundError(what="checklist")
    checklist: ChecklistTemplate = found
    return checklist


def create(
    actor: Actor,
    *,
    code: str,
    name_zh: str,
    name_en: str,
    scope_kind: str,
    lines: list[dict[str, Any]],
    valid_from: date,
    at: datetime,
    scope_value: str = "",
    any_of_letters: list[str] | None = None,
    retired_on: date | None = None,
) -> ChecklistTemplate:
    """Draft the first version of a checklist; `lines` says what its lines may have.

    Raises ChecklistExistsError, EndsBeforeStartError, BadScopeError, UnknownDivisionError, the
    errors of `lines`, or NotFoundError for a store.
    """
    fields = {
        "name_zh": name_zh,
        "name_en": name_en,
        "scope_kind": scope_kind,
        "scope_value": scope_value,
        "lines": lines,
        "any_of_letters": any_of_letters or [],
        "valid_from": valid_from,
        "retired_on": retired_on,
    }
    with transaction():
        revision.bump()  # first, so that two who draft one checklist take turns
        if ChecklistTemplate.select().where(ChecklistTemplate.code == code).exists():
            raise ChecklistExistsError(given=code)
        draft = ChecklistTemplate.create(code=code, version=1, **_consistent(actor, fields))
        ledger.append(actor, "checklist.drafted", draft.id, at=at, code=code, version=1)
    return get(actor, draft.id, today=clock.business_date(at))


def draft_next(actor: Actor, checklist_id: int, *, at: datetime) -> ChecklistTemplate:
    """Draft the next version of a checklist as a copy of a published one, without an end.

    Raises NotFoundError, NotPublishedError or DraftExistsError.
    """
    today = clock.business_date(at)
    with transaction():
        revision.bump()  # first, so that two who draft one checklist take turns
        model = get(actor, checklist_id, today=today)
        if model.published_at is None:
            raise NotPublishedError(given=model.code)
        versions = ChecklistTemplate.select().where(ChecklistTemplate.code == model.code)
        if draft := versions.where(ChecklistTemplate.published_at.is_null()).first():
            raise DraftExistsError(given=model.code, version=draft.version)
        copied = {
            name: getattr(model, name)
            for name in (
                "code",
                "name_zh",
                "name_en",
                "scope_kind",
                "scope_value",
                "lines",
                "any_of_letters",
            )
        }
        newest = versions.select(fn.MAX(ChecklistTemplate.version)).scalar()
        draft = ChecklistTemplate.create(
            **copied, version=newest + 1, valid_from=max(today, model.valid_from)
        )
        facts: dict[str, Any] = {"code": draft.code, "version": draft.version, "copy_of": model.id}
        ledger.append(actor, "checklist.drafted", draft.id, at=at, **facts)
    return get(actor, draft.id, today=today)


def amend(
    actor: Actor, checklist_id: int, *, version: int, at: datetime, **changes: Any
) -> ChecklistTemplate:
    """Change names, scope, lines or days of a draft, of which `version` was read.

    Raises NotFoundError, NotADraftError, StaleError, and what `create` does.
    """
    today = clock.business_date(at)
    with transaction():
        revision.bump()  # first, so that nobody publishes meanwhile
        draft = _draft(actor, checklist_id, version, today)
        changed = _consistent(actor, draft.__data__ | changes)
        kept = {name: changed[name] for name in changes.keys() | {"scope_value"}}
        ChecklistTemplate.update(**kept, revision=version + 1).where(
            ChecklistTemplate.id == checklist_id
        ).execute()
        ledger.append(actor, "checklist.amended", checklist_id, at=at, fields=sorted(changes))
    return get(actor, checklist_id, today=today)


def discard(actor: Actor, checklist_id: int, *, version: int, at: datetime) -> None:
    """Throw a draft away. Raises NotFoundError, NotADraftError or StaleError."""
    with transaction():
        revision.bump()  # first, so that nobody publishes meanwhile
        draft = _draft(actor, checklist_id, version, clock.business_date(at))
        draft.delete_instance()
        facts: dict[str, Any] = {"code": draft.code, "version": draft.version}
        ledger.append(actor, "checklist.discarded", checklist_id, at=at, **facts)


def publish(
    actor: Actor, checklist_id: int, *, version: int, at: datetime, valid_from: date | None = None
) -> ChecklistTemplate:
    """Put a draft in force from its own first day on, or from another.

    The version before it that had no end then ends on that day. Raises NotFoundError,
    NotADraftError, StaleError, BeginsInPastError, EndsBeforeStartError or ChecklistOverlapError.
    """
    today = clock.business_date(at)
    with transaction():
        revision.bump()  # first, so that two who publish take turns
        draft = _draft(actor, checklist_id, version, today)
        draft.valid_from = valid_from or draft.valid_from
        if draft.valid_from < today:
            raise BeginsInPastError(valid_from=draft.valid_from, today=today)
        validity.check(draft.valid_from, draft.retired_on)
        _take_over(actor, draft, at=at)
        draft.published_at, draft.revision = at, version + 1
        draft.save()
        facts: dict[str, Any] = {"code": draft.code, "version": draft.version}
        ledger.append(
            actor,
            "checklist.published",
            checklist_id,
            at=at,
            valid_from=draft.valid_from,
            **facts,
        )
    return get(actor, checklist_id, today=today)


def retire(actor: Actor, checklist_id: int, *, retired_on: date, at: datetime) -> ChecklistTemplate:
    """Take a version out of use from a day on; saying so twice is fine.

    Raises NotFoundError, NotPublishedError, EndsBeforeStartError or AlreadyEndedError.
    """
    today = clock.business_date(at)
    with transaction():
        revision.bump()  # first, so that two who retire one checklist take turns
        checklist = get(actor, checklist_id, today=today)
        if checklist.published_at is None:
            raise NotPublishedError(given=checklist.code)
        if validity.is_new_end(checklist.valid_from, checklist.retired_on, retired_on):
            _end(actor, checklist, retired_on, at=at)
    return get(actor, checklist_id, today=today)


def install_manual(*, at: datetime) -> int:
    """Store the three checklists of the manual, unless they are stored; return how many are new.

    Their next versions, with the manual's display principles, are left as drafts: a brand says
    from which day its salespeople are asked that as well.
    """
    rows = [
        {
            "code": template["code"],
            "version": template["version"],
            "name_zh": template["zh"],
            "name_en": template["en"],
            "scope_kind": "tier",
            "scope_value": template["tier"],
            "lines": template["lines"],
            "any_of_letters": [],
            "valid_from": valid_from,
            "published_at": published_at,
            "revision": 1,
        }
        for templates, valid_from, published_at in (
            (TEMPLATES, MANUAL_VALID_FROM, at),
            (WITH_PRINCIPLES, clock.business_date(at), None),
        )
        for template in templates.values()
    ]
    with transaction():
        new = insert_rows(ChecklistTemplate, rows, ignore=True)
        if new:
            revision.bump()
            ledger.append(None, "checklist.installed", "manual", at=at, codes=sorted(TEMPLATES))
    return new


def _rows(actor: Actor, today: date) -> ModelSelect[ChecklistTemplate]:
    return ChecklistTemplate.select(ChecklistTemplate, _status(today).alias("status")).where(
        ChecklistTemplate.visible_to(actor)
    )


def _status(today: date) -> Case:
    draft, published, retired = STATUSES
    is_over = ChecklistTemplate.retired_on <= today
    return Case(
        None, [(ChecklistTemplate.published_at.is_null(), draft), (is_over, retired)], published
    )


def _draft(actor: Actor, checklist_id: int, version: int, today: date) -> ChecklistTemplate:
    draft = get(actor, checklist_id, today=today)
    if draft.published_at is not None:
        raise NotADraftError(given=draft.code)
    if draft.revision != version:
        raise StaleError(version=draft.revision)
    return draft


def _consistent(actor: Actor, fields: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of a draft with the value of its scope as it is compared with stores."""
    validity.check(fields["valid_from"], fields["retired_on"])
    line_rules.check(fields["lines"], fields["any_of_letters"])
    value = scopes.checked(actor, fields["scope_kind"], fields["scope_value"])
    return fields | {"scope_value": value}


def _take_over(actor: Actor, draft: ChecklistTemplate, *, at: datetime) -> None:
    """End the version before a draft, and refuse what else would be in force beside it."""
    mine = ChecklistTemplate.code == draft.code
    rivals = ChecklistTemplate.select().where(
        ChecklistTemplate.published_at.is_null(False),
        mine | _of_scope(draft.scope_kind, draft.scope_value),
        ChecklistTemplate.retired_on.is_null() | (ChecklistTemplate.retired_on > draft.valid_from),
    )
    if draft.retired_on is not None:
        rivals = rivals.where(ChecklistTemplate.valid_from < draft.retired_on)
    for rival in rivals.order_by(ChecklistTemplate.id):
        is_open = rival.retired_on is None and rival.valid_from < draft.valid_from
        if rival.code != draft.code or not is_open:
            raise ChecklistOverlapError(
                given=rival.code, version=rival.version, valid_from=rival.valid_from
            )
        _end(actor, rival, draft.valid_from, at=at)


def _end(actor: Actor, checklist: ChecklistTemplate, retired_on: date, *, at: datetime) -> None:
    ChecklistTemplate.update(retired_on=retired_on, revision=ChecklistTemplate.revision + 1).where(
        ChecklistTemplate.id == checklist.id
    ).execute()
    ledger.append(actor, "checklist.retired", checklist.id, at=at, retired_on=retired_on)


def _of_scope(kind: str, value: str) -> Expression:
    return (ChecklistTemplate.scope_kind == kind) & (ChecklistTemplate.scope_value == value)
