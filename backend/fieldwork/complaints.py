"""Complaints: who is not content with what, handled step by step within its hours.

The hours stand still while a complaint waits for the customer.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from peewee import Case, ModelSelect

from backend.fieldwork.case_models import Complaint, ComplaintEntry
from backend.network import dealers, stores
from backend.platform import clock, ledger
from backend.platform.actors import Actor
from backend.platform.database import insert_rows, take_turns, transaction
from backend.platform.errors import (
    ConflictError,
    IdTakenError,
    NotFoundError,
    RuleError,
    StaleError,
    check_version,
)
from backend.platform.settings import settings
from backend.standards.codes import ViolationKind
from backend.standards.service import RECEIVED, ComplaintPause, ComplaintSource, ComplaintStep


class ComplainantNeededError(RuleError):
    """A complaint is about the dealings with a store or a dealer."""

    code = "complainant-needed"
    title = "Say whose complaint it is"
    title_zh = "请指明投诉方"
    detail = "A complaint of a {source} names the {needed}."
    detail_zh = "来源为 {source} 的投诉必须注明 {needed}。"


class StepSkippedError(RuleError):
    """A complaint is handled in order: feelings first, then the matter."""

    code = "complaint-step-skipped"
    title = "A step is missing"
    title_zh = "跳过了处理步骤"
    detail = "Before {step} comes {missing}."
    detail_zh = "执行 {step} 之前必须先完成 {missing}。"


class StepDoneError(ConflictError):
    """Each step is taken once; what was said stays."""

    code = "complaint-step-done"
    title = "The step was taken before"
    title_zh = "该步骤已完成"
    detail = "{step} was recorded by person {person_id} with other content."
    detail_zh = "{step} 已由人员 {person_id} 以其他内容记录。"


class PromiseError(RuleError):
    """Committing means naming a day; no other step does."""

    code = "promise-day"
    title = "A promise has a day"
    title_zh = "承诺需要日期"
    detail = "The step committed, and only it, names the day until which it is promised."
    detail_zh = "仅“承诺”步骤需要且必须填写承诺日期。"


class ComplaintClosedError(ConflictError):
    """What is closed waits for nobody."""

    code = "complaint-closed"
    title = "The complaint is closed"
    title_zh = "投诉已结案"
    detail = "It was closed at {closed_at} and waits for nobody."
    detail_zh = "该投诉已于 {closed_at} 结案，不再等待客户。"


class AlreadyWaitingError(ConflictError):
    """A complaint waits for one answer at a time."""

    code = "complaint-waiting"
    title = "It waits already"
    title_zh = "该投诉已在等待客户"
    detail = "It has been waiting for the customer since {waiting_since}."
    detail_zh = "自 {waiting_since} 起已在等待客户。"


class NotWaitingError(ConflictError):
    """Only what waits can go on."""

    code = "complaint-not-waiting"
    title = "It does not wait"
    title_zh = "该投诉未在等待客户"
    detail = "It does not wait for the customer, so there is nothing to go on from."
    detail_zh = "该投诉未在等待客户，无需继续。"


def list_complaints(
    actor: Actor,
    *,
    at: datetime,
    from_on: date | None = None,
    to_on: date | None = None,
    store_id: int | None = None,
    dealer_id: int | None = None,
    category: str | None = None,
    target_department: str | None = None,
    severity: int | None = None,
    state: str | None = None,
    overdue: bool | None = None,
    waiting: bool | None = None,
) -> ModelSelect[Complaint]:
    """Return complaints the actor may see with `is_overdue`, the first due first."""
    complaints = _shown(at).where(Complaint.visible_to(actor), *received_between(from_on, to_on))
    exact = {
        Complaint.store: store_id,
        Complaint.dealer: dealer_id,
        Complaint.category: category,
        Complaint.target_department: target_department,
        Complaint.severity: severity,
        Complaint.state: state,
    }
    for column, value in exact.items():
        if value is not None:
            complaints = complaints.where(column == value)
    if overdue is not None:
        complaints = complaints.where(_late(at) if overdue else ~_late(at))
    if waiting is not None:
        complaints = complaints.where(Complaint.waiting_since.is_null(not waiting))
    return complaints.order_by(Complaint.due_at, Complaint.id)


def with_waited(complaints: list[Complaint], *, at: datetime) -> list[Complaint]:
    """Put to each complaint the whole seconds it waited for the customer so far."""
    for complaint in complaints:
        complaint.waited_so_far_s = complaint.waited_s + int(
            _waiting(complaint, at).total_seconds()
        )
    return complaints


def get(actor: Actor, complaint_id: UUID, *, at: datetime) -> Complaint:
    """Return one complaint the actor may see, with `is_overdue` and what it waited.

    Raises NotFoundError.
    """
    mine = (Complaint.id == complaint_id) & Complaint.visible_to(actor)
    complaint = _shown(at).where(mine).first()
    if complaint is None:
        raise NotFoundError(what="complaint")
    return with_waited([complaint], at=at)[0]


def entries(actor: Actor, complaint_id: UUID, *, at: datetime) -> ModelSelect[ComplaintEntry]:
    """Return the steps and pauses of a complaint, first to last. Raises NotFoundError."""
    get(actor, complaint_id, at=at)
    of_it = ComplaintEntry.select().where(ComplaintEntry.complaint == complaint_id)
    return of_it.order_by(ComplaintEntry.number)


def record(
    actor: Actor,
    complaint_id: UUID,
    *,
    source: str,
    category: str,
    target_department: str,
    text: str,
    received_at: datetime,
    content_sha256: str,
    at: datetime,
    store_id: int | None = None,
    dealer_id: int | None = None,
    severity: int | None = None,
) -> tuple[Complaint, bool]:
    """Record a complaint; return it and whether it is new.

    A store's is also its dealer's of that day. Without a severity it is that of the violation
    kind `service_complaint`. Raises IdTakenError, ComplainantNeededError, or NotFoundError.
    """
    received_at = min(received_at, at)
    day = clock.business_date(received_at)
    with transaction():
        take_turns(f"complaint:{complaint_id}")
        known = Complaint.get_or_none(Complaint.id == complaint_id)
        if known is not None:
            if (known.recorded_by_id, known.content_sha256) != (actor.id, content_sha256):
                raise IdTakenError(id=str(complaint_id))
            return get(actor, complaint_id, at=at), False
        _check_complainant(source, store_id, dealer_id)
        region_id = None
        if dealer_id is not None:
            region_id = dealers.get(actor, dealer_id).region_id
        if store_id is not None:
            region_id = stores.get(actor, store_id).region_id
            dealer_id = dealer_id or stores.dealer_on(store_id, day)
        row = {
            "id": complaint_id,
            "source": source,
            "store": store_id,
            "dealer": dealer_id,
            "region": region_id,
            "category": category,
            "target_department": target_department,
            "severity": severity or ViolationKind.SERVICE_COMPLAINT.severity,
            "text": text,
            "state": RECEIVED,
            "received_at": received_at,
            "received_on": day,
            "due_at": received_at + allowed(category),
            "recorded_by_id": actor.id,
            "content_sha256": content_sha256,
            "version": 1,
        }
        insert_rows(Complaint, [row])
        complaint = get(actor, complaint_id, at=at)
        _tell(actor, "complaint.received", complaint, at)
    return complaint, True


def take_step(
    actor: Actor,
    complaint_id: UUID,
    name: str,
    *,
    text: str,
    promised_on: date | None,
    version: int,
    at: datetime,
) -> Complaint:
    """Take the next step of a complaint; the same again by the same person changes nothing.

    It ends the waiting for the customer. `name` is the code of a ComplaintStep. Raises
    NotFoundError, StepDoneError, StepSkippedError, PromiseError or StaleError.
    """
    if name not in list(ComplaintStep):
        raise NotFoundError(what="step")
    step = ComplaintStep(name)
    with transaction():
        take_turns(f"complaint:{complaint_id}")
        complaint = get(actor, complaint_id, at=at)
        taken = ComplaintEntry.get_or_none(
            ComplaintEntry.complaint == complaint_id, ComplaintEntry.step == str(step)
        )
        if taken is not None:
            if (taken.person_id, taken.text, taken.promised_on) != (actor.id, text, promised_on):
                raise StepDoneError(step=str(step), person_id=taken.person_id)
            return complaint
        if complaint.version != version:
            raise StaleError(version=complaint.version)
        if complaint.state != str(step.before or RECEIVED):
            raise StepSkippedError(step=str(step), missing=_next(complaint), reason="skipped")
        if (step is ComplaintStep.COMMITTED) != (promised_on is not None):
            raise PromiseError(reason="promise")
        changes = {
            "state": str(step),
            "closed_at": at if step is ComplaintStep.CLOSED else None,
        } | _no_longer_waiting(complaint, at)
        _write(actor, complaint, step, text, changes, promised_on=promised_on, at=at)
    return get(actor, complaint_id, at=at)


def wait(actor: Actor, complaint_id: UUID, *, text: str, version: int, at: datetime) -> Complaint:
    """Say that a complaint waits for the customer: its hours stand still.

    Raises NotFoundError, ComplaintClosedError, AlreadyWaitingError or StaleError.
    """
    with transaction():
        complaint = _unclosed(actor, complaint_id, at)
        if complaint.waiting_since is not None:
            raise AlreadyWaitingError(waiting_since=complaint.waiting_since.isoformat())
        check_version(version, complaint.version)
        since = {"waiting_since": at}
        _write(actor, complaint, ComplaintPause.WAITING_CUSTOMER, text, since, at=at)
    return get(actor, complaint_id, at=at)


def resume(actor: Actor, complaint_id: UUID, *, text: str, version: int, at: datetime) -> Complaint:
    """Say that a complaint goes on: it is due later by what it waited.

    Raises NotFoundError, ComplaintClosedError, NotWaitingError or StaleError.
    """
    with transaction():
        complaint = _unclosed(actor, complaint_id, at)
        if complaint.waiting_since is None:
            raise NotWaitingError
        check_version(version, complaint.version)
        changes = _no_longer_waiting(complaint, at)
        _write(actor, complaint, ComplaintPause.RESUMED, text, changes, at=at)
    return get(actor, complaint_id, at=at)


def received_between(from_on: date | None, to_on: date | None) -> list[Any]:
    """Return the conditions for complaints received in a window, open where null."""
    after = [] if from_on is None else [Complaint.received_on >= from_on]
    return after if to_on is None else [*after, Complaint.received_on < to_on]


def allowed(category: str) -> timedelta:
    """Return the time in which a complaint of a category has to be closed."""
    return timedelta(hours=getattr(settings(), f"complaint_hours_{category}"))


def _check_complainant(source: str, store_id: int | None, dealer_id: int | None) -> None:
    named = {ComplaintSource.STORE: store_id, ComplaintSource.DEALER: dealer_id}
    if source in named and named[ComplaintSource(source)] is None:
        raise ComplainantNeededError(source=source, needed=f"{source}_id", reason="complainant")
    if store_id is None and dealer_id is None:
        raise ComplainantNeededError(
            source=source, needed="store_id or dealer_id", reason="complainant"
        )


def _shown(at: datetime) -> ModelSelect[Complaint]:
    return Complaint.select(Complaint, Case(None, [(_late(at), 1)], 0).alias("is_overdue"))


def _late(at: datetime) -> Any:
    since = Complaint.waiting_since
    was_late = since.is_null() | (Complaint.due_at < since)
    return (Complaint.due_at < at) & was_late & Complaint.closed_at.is_null()


def _waiting(complaint: Complaint, at: datetime) -> timedelta:
    """Return for how long a complaint has been waiting now."""
    since = complaint.waiting_since
    return timedelta() if since is None else max(at - since, timedelta())


def _no_longer_waiting(complaint: Complaint, at: datetime) -> dict[str, Any]:
    """Return what the end of the waiting, if any, changes."""
    return {
        "waiting_since": None,
        "waited_s": complaint.waited_so_far_s,
        "due_at": complaint.due_at + _waiting(complaint, at),
    }


def _unclosed(actor: Actor, complaint_id: UUID, at: datetime) -> Complaint:
    take_turns(f"complaint:{complaint_id}")
    complaint = get(actor, complaint_id, at=at)
    if complaint.closed_at is not None:
        raise ComplaintClosedError(closed_at=complaint.closed_at.isoformat())
    return complaint


def _write(
    actor: Actor,
    complaint: Complaint,
    step: ComplaintStep | ComplaintPause,
    text: str,
    changes: dict[str, Any],
    *,
    at: datetime,
    promised_on: date | None = None,
) -> None:
    """Make the next version of a complaint, with its entry in the journal."""
    number = complaint.version + 1
    row = {
        "complaint": complaint.id,
        "number": number,
        "step": str(step),
        "text": text,
        "promised_on": promised_on,
        "person_id": actor.id,
        "at": at,
    }
    insert_rows(ComplaintEntry, [row])
    Complaint.update(**changes, version=number).where(Complaint.id == complaint.id).execute()
    _tell(actor, f"complaint.{step}", complaint, at)


def _next(complaint: Complaint) -> str:
    """Return the step a complaint has come to; the end where nothing follows."""
    following = {str(step.before or RECEIVED): str(step) for step in ComplaintStep}
    return following.get(complaint.state, complaint.state)


def _tell(actor: Actor, verb: str, complaint: Complaint, at: datetime) -> None:
    ledger.append(
        actor,
        verb,
        complaint.id,
        at=at,
        store=complaint.store_id,
        dealer=complaint.dealer_id,
        region=complaint.region_id,
        day=complaint.received_on.isoformat(),
        category=complaint.category,
        kind=complaint.kind,
    )
