"""Price cases: the file of a price violation, from the dealer's reply to what a person decides.

A case informs and is analysed. It punishes nobody: fixing resale prices is unlawful in China
(Anti-Monopoly Law, Art. 18).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from peewee import JOIN, Expression, ModelSelect

from backend.fieldwork import price_proofs
from backend.fieldwork.models import Visit
from backend.fieldwork.photo_models import Photo
from backend.fieldwork.price_models import PriceCase
from backend.fieldwork.violation_models import Violation
from backend.platform import clock, ledger
from backend.platform.actors import Actor
from backend.platform.database import insert_rows, transaction
from backend.platform.errors import ConflictError, NotFoundError, RuleError, StaleError
from backend.platform.settings import settings
from backend.standards.codes import LEGAL_NOTICE, ViolationGroup, ViolationKind
from backend.standards.price_codes import PriceCaseOutcome, PriceCaseState

KINDS = tuple(kind for kind in ViolationKind if kind.group is ViolationGroup.PRICE)


class CaseClosedError(ConflictError):
    """A closed case is as it is until somebody opens it again."""

    code = "price-case-closed"
    title = "The price case is closed"
    title_zh = "价格案件已结案"
    detail = "It was closed on {closed_on}; open it again first."
    detail_zh = "该案件已于 {closed_on} 结案，请先重新打开。"


class CaseNotClosedError(ConflictError):
    """Only a closed case can be opened again."""

    code = "price-case-not-closed"
    title = "The price case is not closed"
    title_zh = "价格案件未结案"
    detail = "Only a closed case can be opened again."
    detail_zh = "只有已结案的案件才能重新打开。"


class BadReplyDayError(RuleError):
    """A reply is asked for a day to come, and was given between the violation and today."""

    code = "bad-reply-day"
    title = "The day cannot be"
    title_zh = "日期不合理"
    detail = "{day} is not from {first_on} to {last_on}."
    detail_zh = "{day} 不在 {first_on} 至 {last_on} 之间。"


class UnheardError(RuleError):
    """Nobody is warned before being heard."""

    code = "dealer-not-heard"
    title = "The dealer was not heard"
    title_zh = "尚未听取经销商意见"
    detail = "Ask the dealer for a reply, and wait for it or for its deadline, before a warning."
    detail_zh = "提醒经销商之前，请先要求其回复，并等待回复或回复期限届满。"


class BadReplyPhotoError(RuleError):
    """What is attached to a reply is a received photo of the same store or dealer."""

    code = "bad-reply-photo"
    title = "The photo does not belong to the dealer"
    title_zh = "照片不属于该经销商"
    detail = "Name a received photo of a visit to the same store, or to one of the same dealer."
    detail_zh = "请提供同一门店或同一经销商门店拜访中已收到的照片。"


def list_cases(
    actor: Actor,
    *,
    today: date,
    from_on: date | None = None,
    to_on: date | None = None,
    store_id: int | None = None,
    dealer_id: int | None = None,
    sku_id: int | None = None,
    kind: str | None = None,
    state: str | None = None,
    outcome: str | None = None,
) -> ModelSelect[Violation]:
    """Return the price violations the actor may see with their files, newest first.

    The `state` is that of `today`. `describe` makes a page of them readable.
    """
    cases = _cases(actor)
    exact = {
        Violation.store: store_id,
        Violation.dealer: dealer_id,
        Violation.subject: sku_id and f"sku:{sku_id}",
        Violation.kind: kind,
        PriceCase.outcome: outcome,
    }
    for column, value in exact.items():
        if value is not None:
            cases = cases.where(column == value)
    if from_on is not None:
        cases = cases.where(Violation.opened_on >= from_on)
    if to_on is not None:
        cases = cases.where(Violation.opened_on < to_on)
    if state is not None:
        cases = cases.where(_is_in(PriceCaseState[state.upper()], today))
    return cases.order_by(Violation.opened_on.desc(), Violation.opened_at.desc(), Violation.id)


def get(actor: Actor, case_id: UUID, *, today: date) -> dict[str, Any]:
    """Return one case with every sighting, observation and proof. Raises NotFoundError."""
    violation = _get(actor, case_id)
    (case,) = describe(actor, [violation], today=today)
    return (
        case
        | price_proofs.of(actor, violation)
        | {"note": violation.note}
        # The reference of an observation may have been a minimum price.
        | {"legal_notice": LEGAL_NOTICE}
    )


def describe(actor: Actor, violations: Iterable[Violation], *, today: date) -> list[dict[str, Any]]:
    """Return price violations as cases: with state, repeats, reply and closing."""
    violations = list(violations)
    repeats = price_proofs.repeats(actor, violations)
    return [
        {
            "id": violation.id,
            "store_id": violation.store_id,
            "dealer_id": violation.dealer_id,
            "region_id": violation.region_id,
            "kind": violation.kind,
            "kind_zh": ViolationKind(violation.kind).zh,  # type: ignore[call-arg]
            "subject": violation.subject,
            "severity": violation.severity,
            "opened_at": violation.opened_at,
            "opened_on": violation.opened_on,
            "is_manual": violation.is_manual,
            "sighted": violation.sightings,
            "last_seen_at": violation.last_seen_at,
            "resolved_at": violation.resolved_at,
            "repeats": repeats[violation.id],
        }
        | _file_of(getattr(violation, "file", None), today)
        for violation in violations
    ]


def ask_for_reply(
    actor: Actor, case_id: UUID, *, version: int, at: datetime, due_on: date | None = None
) -> dict[str, Any]:
    """Note that the dealer was asked to reply by a day; asking again moves the deadline.

    Raises NotFoundError, BadReplyDayError, CaseClosedError or StaleError.
    """
    today = clock.business_date(at)
    latest = today + timedelta(days=365)
    due_on = due_on or today + timedelta(days=settings().price_reply_days)
    _check_day(due_on, today, latest)
    changes = {"reply_asked_at": at, "reply_asked_by_id": actor.id, "reply_due_on": due_on}
    return _change(actor, case_id, "reply_asked", changes, version=version, at=at, due_on=due_on)


def record_reply(
    actor: Actor,
    case_id: UUID,
    *,
    replied_on: date,
    text: str,
    version: int,
    at: datetime,
    photo: dict[str, UUID] | None = None,
) -> dict[str, Any]:
    """Note what the dealer replied, instead of what was noted before.

    `photo` names a photo of a visit by `visit_id` and `photo_id`. Raises NotFoundError,
    BadReplyDayError, BadReplyPhotoError, CaseClosedError or StaleError.
    """
    violation = _get(actor, case_id)
    _check_day(replied_on, violation.opened_on, clock.business_date(at))
    if photo is not None and not _belongs(actor, violation, **photo):
        raise BadReplyPhotoError
    changes = {
        "reply_on": replied_on,
        "reply_text": text,
        "reply_visit_id": photo and photo["visit_id"],
        "reply_photo_id": photo and photo["photo_id"],
        "reply_recorded_at": at,
        "reply_recorded_by_id": actor.id,
    }
    return _change(
        actor, case_id, "replied", changes, version=version, at=at, replied_on=replied_on
    )


def close(
    actor: Actor, case_id: UUID, *, outcome: str, note: str, version: int, at: datetime
) -> dict[str, Any]:
    """Close a case with what a person decided; nothing else follows from it by itself.

    Raises NotFoundError, UnheardError, CaseClosedError or StaleError.
    """
    _, file = _at(actor, case_id, version)
    state = _state_of(file, clock.business_date(at))
    is_unheard = state in {PriceCaseState.OPEN, PriceCaseState.AWAITING_REPLY}
    if outcome == PriceCaseOutcome.WARNING and is_unheard:
        raise UnheardError(reason="reply")
    changes = {
        "outcome": outcome,
        "closing_note": note,
        "closed_at": at,
        "closed_by_id": actor.id,
    }
    return _change(actor, case_id, "closed", changes, version=version, at=at, outcome=outcome)


def reopen(actor: Actor, case_id: UUID, *, note: str, version: int, at: datetime) -> dict[str, Any]:
    """Open a closed case again; the ledger keeps the outcome it had, and the note says why.

    Raises NotFoundError, CaseNotClosedError or StaleError.
    """
    _, file = _at(actor, case_id, version)
    if file is None or file.closed_at is None:
        raise CaseNotClosedError
    changes = dict.fromkeys(("outcome", "closing_note", "closed_at", "closed_by_id"))
    return _change(
        actor, case_id, "reopened", changes, version=version, at=at, outcome=file.outcome, note=note
    )


def _cases(actor: Actor) -> ModelSelect[Violation]:
    return (
        Violation.select(Violation, PriceCase)
        .join(
            PriceCase,
            JOIN.LEFT_OUTER,
            on=(PriceCase.store == Violation.store) & (PriceCase.violation_id == Violation.id),
            attr="file",
        )
        .where(
            Violation.visible_to(actor),
            Violation.kind.in_([str(kind) for kind in KINDS]),
            Violation.retracted_at.is_null() | PriceCase.violation_id.is_null(False),
        )
    )


def _get(actor: Actor, case_id: UUID) -> Violation:
    violation: Violation | None = _cases(actor).where(Violation.id == case_id).first()
    if violation is None:
        raise NotFoundError(what="price case")
    return violation


def _at(actor: Actor, case_id: UUID, version: int) -> tuple[Violation, PriceCase | None]:
    """Return a case and its file, if any, in the version the caller knows, or raise StaleError."""
    violation = _get(actor, case_id)
    file: PriceCase | None = getattr(violation, "file", None)
    current = file.version if file else 0
    if current != version:
        raise StaleError(version=current)
    return violation, file


def _change(
    actor: Actor,
    case_id: UUID,
    verb: str,
    changes: dict[str, Any],
    *,
    version: int,
    at: datetime,
    **facts: Any,
) -> dict[str, Any]:
    """Change one version of a case's file, whose first version is 0, before there is a row."""
    with transaction():
        violation, file = _at(actor, case_id, version)
        if file is not None and file.closed_at is not None and verb != "reopened":
            raise CaseClosedError(closed_on=clock.business_date(file.closed_at))
        key = {"store": violation.store_id, "violation_id": case_id}
        insert_rows(PriceCase, [key | {"version": 0}], ignore=True)
        changed = (
            PriceCase.update(**changes, version=version + 1)
            .where(
                PriceCase.store == violation.store_id,
                PriceCase.violation_id == case_id,
                PriceCase.version == version,
            )
            .execute()
        )
        if not changed:
            raise StaleError(version="another")
        ledger.append(
            actor, f"price_case.{verb}", case_id, at=at, store=violation.store_id, **facts
        )
    return get(actor, case_id, today=clock.business_date(at))


def _check_day(day: date, first_on: date, last_on: date) -> None:
    if not first_on <= day <= last_on:
        raise BadReplyDayError(day=day, first_on=first_on, last_on=last_on)


def _belongs(actor: Actor, violation: Violation, visit_id: UUID, photo_id: UUID) -> bool:
    same = Visit.store == violation.store_id
    if violation.dealer_id is not None:
        same |= Visit.dealer == violation.dealer_id
    return bool(
        Photo.select()
        .join(Visit, on=Photo.visit_id == Visit.id)
        .where(
            Visit.visible_to(actor),
            same,
            Photo.visit_id == visit_id,
            Photo.id == photo_id,
            Photo.sha256.is_null(False),
            Photo.quarantine_reason.is_null(),
        )
        .exists()
    )


def _is_in(state: PriceCaseState, today: date) -> Expression:
    """Return the condition for the cases in a state; those without a file are open."""
    is_closed = PriceCase.closed_at.is_null(False)
    is_replied = PriceCase.closed_at.is_null() & PriceCase.reply_on.is_null(False)
    is_waiting = PriceCase.closed_at.is_null() & PriceCase.reply_on.is_null()
    conditions: dict[PriceCaseState, Expression] = {
        PriceCaseState.OPEN: is_waiting & PriceCase.reply_due_on.is_null(),
        PriceCaseState.AWAITING_REPLY: is_waiting & (PriceCase.reply_due_on >= today),
        PriceCaseState.REPLY_OVERDUE: is_waiting & (PriceCase.reply_due_on < today),
        PriceCaseState.REPLIED: is_replied,
        PriceCaseState.CLOSED: is_closed,
    }
    return conditions[state]


def _state_of(file: PriceCase | None, today: date) -> PriceCaseState:
    if file is None:
        return PriceCaseState.OPEN
    if file.closed_at is not None:
        return PriceCaseState.CLOSED
    if file.reply_on is not None:
        return PriceCaseState.REPLIED
    if file.reply_due_on is None:
        return PriceCaseState.OPEN
    is_overdue = file.reply_due_on < today
    return PriceCaseState.REPLY_OVERDUE if is_overdue else PriceCaseState.AWAITING_REPLY


def _file_of(file: PriceCase | None, today: date) -> dict[str, Any]:
    """Return the state and version of a file, and its request, reply and closing or None."""
    state = _state_of(file, today)
    shown: dict[str, Any] = {
        "state": str(state),
        "reply_request": None,
        "reply": None,
        "closing": None,
        "version": file.version if file else 0,
    }
    if file is None:
        return shown
    if file.reply_asked_at is not None:
        shown["reply_request"] = {
            "asked_at": file.reply_asked_at,
            "asked_by_id": file.reply_asked_by_id,
            "due_on": file.reply_due_on,
        }
    if file.reply_on is not None:
        photo = {"visit_id": file.reply_visit_id, "photo_id": file.reply_photo_id}
        shown["reply"] = {
            "replied_on": file.reply_on,
            "text": file.reply_text,
            "photo": photo if file.reply_photo_id else None,
            "is_late": file.reply_due_on is not None and file.reply_on > file.reply_due_on,
            "recorded_at": file.reply_recorded_at,
            "recorded_by_id": file.reply_recorded_by_id,
        }
    if file.closed_at is not None:
        shown["closing"] = {
            "outcome": file.outcome,
            "note": file.closing_note,
            "closed_at": file.closed_at,
            "closed_by_id": file.closed_by_id,
        }
    return shown
