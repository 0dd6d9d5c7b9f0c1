"""Erasure: who has left is forgotten, and what was counted stays (PIPL Art. 47).

The rows stay under a pseudonym, so that every score and sum is what it was. The ledger is never
rewritten: it names people by number only.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from peewee import Field

from backend.evidence import points
from backend.evidence.audit_models import PhotoVerdict
from backend.evidence.models import PhotoAudit, PhotoMatch, PhotoReading
from backend.evidence.signal_models import Appeal, VisitReview
from backend.exchange import own_data
from backend.exchange.models import DataExport, ExportLink
from backend.fieldwork.case_models import PointCorrection, Task, TaskEvent
from backend.fieldwork.fixture_models import FixtureEvent, FixtureInspection
from backend.fieldwork.journey_models import PlanEntry, UnplannedNote
from backend.fieldwork.models import PromotionResult, Report, Visit
from backend.fieldwork.promotion_models import LaunchEvidence
from backend.fieldwork.push_models import PushAssessment
from backend.fieldwork.trade_models import ImeiSighting
from backend.fieldwork.violation_models import Violation, ViolationSighting
from backend.fieldwork.visit_models import ReportRevision, VisitCancellation
from backend.network import people
from backend.network.models import LoginDelay, Person, Session, Substitution
from backend.network.privacy_models import PrivacyAnswer
from backend.platform import clock, jobs, ledger
from backend.platform.actors import Actor
from backend.platform.database import transaction
from backend.platform.errors import ConflictError

ERASE_PERSON = "erase-person"
GONE = "[已删除]"  # where there was a text; that there was one may count
NO_PASSWORD = "!"  # noqa: S105  # no hash, so nothing matches it
SIZE = 200
# Who wrote each text that people write freely.
WRITTEN: list[tuple[Field[Any], Field[Any]]] = [
    (Violation.opened_by_id, Violation.note),
    (Violation.resolved_by_id, Violation.resolution),
    (ViolationSighting.person_id, ViolationSighting.note),
    (Task.made_by_id, Task.note),
    (TaskEvent.person_id, TaskEvent.note),
    (PointCorrection.proposed_by_id, PointCorrection.note),
    (PointCorrection.decided_by_id, PointCorrection.decision_note),
    (PushAssessment.person_id, PushAssessment.note),
    (LaunchEvidence.person, LaunchEvidence.note),
    (FixtureEvent.recorded_by_id, FixtureEvent.note),
    (FixtureInspection.person, FixtureInspection.note),
    (ImeiSighting.person, ImeiSighting.note),
    (PhotoAudit.judged_by, PhotoAudit.note),
    (PhotoVerdict.person, PhotoVerdict.note),
    (Appeal.person, Appeal.text),
    (Appeal.answered_by, Appeal.answer),
    (VisitReview.decided_by, VisitReview.reason),
    (FixtureEvent.giver_person_id, FixtureEvent.giver),
    (FixtureEvent.receiver_person_id, FixtureEvent.receiver),
    (PhotoMatch.resolved_by_id, PhotoMatch.reason),
    (PlanEntry.person, PlanEntry.note),
    (Substitution.person, Substitution.note),
    (Substitution.substitute, Substitution.note),
]
OF_VISIT: list[tuple[Field[Any], Field[Any]]] = [
    (Visit.id, Visit.unplanned_reason),
    (Visit.id, Visit.outcome_reason),
    (VisitCancellation.visit_id, VisitCancellation.note),
    (ReportRevision.visit_id, ReportRevision.reason),
    (UnplannedNote.visit_id, UnplannedNote.note),
    (PromotionResult.visit_id, PromotionResult.remark),
]
TEXTS = {"note", "text", "remark", "outcome_reason"}


class StillActiveError(ConflictError):
    """Only who has left is erased."""

    code = "person-still-active"
    title = "The person is still active"
    title_zh = "人员仍在职"
    detail = "Deactivate the person first; only who has left is erased."
    detail_zh = "请先停用该人员；仅可删除已离职人员的信息。"


def erase(actor: Actor, person_id: int, *, at: datetime) -> Person:
    """Replace login and name by a pseudonym at once, and owe the rest; twice is fine.

    Raises NotFoundError or StillActiveError.
    """
    with transaction():
        person = people.get(actor, person_id)
        if person.is_active:
            raise StillActiveError
        if person.erased_at is None:
            _delays_of(person.login)
            Session.delete().where(Session.person == person_id).execute()
            ExportLink.delete().where(ExportLink.person == person_id).execute()
            Person.update(
                login=f"erased-{person_id}",
                name=GONE,
                password_hash=NO_PASSWORD,
                erased_at=at,
                version=Person.version + 1,
            ).where(Person.id == person_id).execute()
            ledger.append(actor, "person.erasure_asked", person_id, at=at)
            jobs.enqueue(ERASE_PERSON, [str(person_id)], at=at)
    return people.get(actor, person_id)


def finish(key: str) -> None:
    """Erase what else is held of the person a job names, some visits at a time."""
    person_id, at = int(key), clock.now()
    after: UUID | None = None
    while visit_ids := _visits(person_id, after):
        with transaction():
            _forget_visits(visit_ids, at)
        after = visit_ids[-1]
    unplaced = points.unplaced(person_id=person_id)
    for start in range(0, len(unplaced), SIZE):
        with transaction():
            _forget_visits(unplaced[start : start + SIZE], at)
    for author, text in WRITTEN:
        with transaction():  # each table for itself, as some are long
            _blank(text, author == person_id)
    with transaction():
        PrivacyAnswer.update(device_id="").where(PrivacyAnswer.person == person_id).execute()
    for export in DataExport.select().where(
        DataExport.person == person_id, DataExport.erased_at.is_null()
    ):
        own_data.forget(export, at=at)
    with transaction():
        ledger.append(None, "person.erased", person_id, at=at)


def _visits(person_id: int, after: UUID | None) -> list[UUID]:
    visits = Visit.select(Visit.id).where(Visit.person == person_id)
    if after is not None:
        visits = visits.where(Visit.id > after)
    return [visit.id for visit in visits.order_by(Visit.id).limit(SIZE)]


def _forget_visits(visit_ids: list[UUID], at: datetime) -> None:
    """Remove positions and free texts of visits; outcomes at the fence and scores stay."""
    for visit_id, text in OF_VISIT:
        _blank(text, visit_id.in_(visit_ids))
    Visit.update(
        **points.NONE, provider=None, fix_samples=None, device_id=None, points_coarsened_at=at
    ).where(Visit.id.in_(visit_ids)).execute()
    VisitCancellation.update(**points.NONE, provider=None).where(
        VisitCancellation.visit_id.in_(visit_ids)
    ).execute()
    PhotoReading.update(lat=None, lon=None, device_model=None).where(
        PhotoReading.visit_id.in_(visit_ids)
    ).execute()
    for report in Report.select().where(Report.visit_id.in_(visit_ids)):
        Report.update(
            document=_without_texts(report.document),
            lines=_redacted(report.lines),
        ).where(Report.visit_id == report.visit_id).execute()
    for row in ReportRevision.select().where(ReportRevision.visit_id.in_(visit_ids)):
        ReportRevision.update(
            document=_without_texts(row.document), judgement=_redacted(row.judgement)
        ).where(ReportRevision.visit_id == row.visit_id, ReportRevision.id == row.id).execute()


def _blank(text: Field[Any], condition: Any) -> None:
    """Put a mark where there is a text; none stays none."""
    text.model.update({text: GONE}).where(condition, text != "").execute()


def _without_texts(document: str) -> str:
    """Return a report's text without free texts, position of leaving and the device's token."""
    report = _redacted(orjson.loads(document))
    report.pop("capture_token", None)
    if "check_out" in report:
        report["check_out"]["position"] = None
    return orjson.dumps(report).decode()


def _redacted(value: Any) -> Any:
    if isinstance(value, list):
        return [_redacted(each) for each in value]
    if isinstance(value, dict):
        return {
            name: GONE if name in TEXTS and isinstance(each, str) and each else _redacted(each)
            for name, each in value.items()
        }
    return value


def _delays_of(login: str) -> None:
    """Forget the failed sign-ins of an account."""
    mine = (LoginDelay.key == f"login:{login}") | LoginDelay.key.startswith(f"device:{login}:")
    LoginDelay.delete().where(mine).execute()


JOBS: dict[str, Callable[[str], None]] = {ERASE_PERSON: finish}
