"""Complaints: who is not content with what, handled step by step within its hours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from peewee import SQL, Case, ModelSelect, fn

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
)
from backend.platform.settings import settings
from backend.standards.codes import SEVERITY_COLOUR, ViolationKind
from backend.standards.service import RECEIVED, ComplaintSource, ComplaintStep


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


@dataclass(frozen=True, slots=True)
class Cell:
    """The complaints of one category about one department within a window.

    `share` is of all in the window; `bar` is the count as a part of the largest one.
    """

    category: str
    target_department: str
    count: int
    share: float
    severity: int
    bar: float

    @property
    def colour(self) -> str:
        """The colour of its gravest complaint."""
        return SEVERITY_COLOUR[self.severity]


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
) -> ModelSelect[Complaint]:
    """Return complaints the actor may see with `is_overdue`, the first due first."""
    complaints = _shown(at).where(Complaint.visible_to(actor), *_between(from_on, to_on))
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
    return complaints.order_by(Complaint.due_at, Complaint.id)


def get(actor: Actor, complaint_id: UUID, *, at: datetime) -> Complaint:
    """Return one complaint the actor may see, with `is_overdue`. Raises NotFoundError."""
    mine = (Complaint.id == complaint_id) & Complaint.visible_to(actor)
    complaint = _shown(at).where(mine).first()
    if complaint is None:
        raise NotFoundError(what="complaint")
    return complaint


def entries(actor: Actor, complaint_id: UUID, *, at: datetime) -> ModelSelect[ComplaintEntry]:
    """Return the steps that were taken, first to last. Raises NotFoundError."""
    get(actor, complaint_id, at=at)
    of_it = ComplaintEntry.select().where(ComplaintEntry.complaint == complaint_id)
    steps = [(ComplaintEntry.step == str(step), n) for n, step in enumerate(ComplaintStep)]
    return of_it.order_by(Case(None, steps))


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

    `name` is the code of a ComplaintStep. Raises NotFoundError, StepDoneError, StepSkippedError,
    PromiseError or StaleError.
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
        row = {
            "complaint": complaint_id,
            "step": str(step),
            "text": text,
            "promised_on": promised_on,
            "person_id": actor.id,
            "at": at,
        }
        insert_rows(ComplaintEntry, [row])
        closed_at = at if step is ComplaintStep.CLOSED else None
        Complaint.update(state=str(step), closed_at=closed_at, version=version + 1).where(
            Complaint.id == complaint_id
        ).execute()
        _tell(actor, f"complaint.{step}", complaint, at)
    return get(actor, complaint_id, at=at)


def table(
    actor: Actor,
    *,
    from_on: date,
    to_on: date,
    store_id: int | None = None,
    dealer_id: int | None = None,
) -> list[Cell]:
    """Count the window's complaints by category and department, the most frequent first."""
    count = fn.COUNT(SQL("*"))
    cells = Complaint.select(
        Complaint.category, Complaint.target_department, count, fn.MAX(Complaint.severity)
    ).where(Complaint.visible_to(actor), *_between(from_on, to_on))
    if store_id is not None:
        cells = cells.where(Complaint.store == store_id)
    if dealer_id is not None:
        cells = cells.where(Complaint.dealer == dealer_id)
    cells = cells.group_by(Complaint.category, Complaint.target_department)
    rows: list[Any] = list(cells.tuples())
    rows.sort(key=lambda row: (-row[2], row[0], row[1]))
    total, most = sum(row[2] for row in rows), max((row[2] for row in rows), default=1)
    return [
        Cell(category, department, n, n / total, severity, n / most)
        for category, department, n, severity in rows
    ]


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
    return (Complaint.due_at < at) & Complaint.closed_at.is_null()


def _between(from_on: date | None, to_on: date | None) -> list[Any]:
    after = [] if from_on is None else [Complaint.received_on >= from_on]
    return after if to_on is None else [*after, Complaint.received_on < to_on]


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
