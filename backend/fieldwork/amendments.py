"""Amendments: a report handed in anew by the one who made the visit, with a reason.

Every text is kept as a numbered revision. The one written last is in force, whichever arrives
last; it is judged by the checklist and the traits that the original was judged by, and the
times of the visit stay the original's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from backend.fieldwork import photos, placing, retractions
from backend.fieldwork.arrivals import Arrival, Result, conclude, within
from backend.fieldwork.cancellations import refuse_settled
from backend.fieldwork.documents import refuse_contradictions
from backend.fieldwork.judgement import Judgement
from backend.fieldwork.models import (
    PriceObservation,
    ProductLine,
    PromotionResult,
    Report,
    Visit,
)
from backend.fieldwork.visit_models import ReportRevision
from backend.platform import ledger
from backend.platform.actors import Actor
from backend.platform.database import insert_rows, run_in_one_trip, transaction
from backend.platform.errors import IdTakenError, NotFoundError, RuleError

LINES: dict[str, Any] = {
    "products": ProductLine,
    "prices": PriceObservation,
    "promotions": PromotionResult,
}
JUDGED = [field.name for field in Report._meta.sorted_fields if field.null]  # noqa: SLF001


class PhotosDroppedError(RuleError):
    """An amended report still names every photo of the original."""

    code = "photos-dropped"
    title = "Photos of the report are missing in the amendment"
    title_zh = "修订缺少原报告的照片"
    detail = "The amendment must name every photo of the report as it was: {photos}."
    detail_zh = "修订必须原样列出原报告的全部照片：{photos}。"


@dataclass(frozen=True, slots=True)
class Revision:
    """One text of a report; `judgement` is what the rules made of it, null while it waits.

    It was written no sooner than the visit's report, whatever the clocks say.
    """

    row: ReportRevision
    amended_at: datetime
    is_in_force: bool
    judgement: dict[str, Any] | None


def amend(
    actor: Actor,
    visit_id: UUID,
    amendment_id: UUID,
    *,
    clock: dict[str, Any],
    reason: str,
    report: dict[str, Any],
    arrival: Arrival,
) -> Result:
    """Record another text of a report, once, and put it in force unless a later one is.

    It may come before the report or the check-in, and waits then. Raises VisitSettledError when
    the visit is complete for too long, PhotosDroppedError, ContradictoryReportError, and
    IdTakenError for other content or another person's visit.
    """
    refuse_contradictions(report)
    written = conclude(clock, arrival)
    with transaction(turn=placing.turn_of(actor.id)):
        visit, original = placing.visit_of(visit_id), _report_of(visit_id)
        placing.refuse_strangers(actor, visit, visit_id)
        if amendment_id == visit_id or (original and original.person_id != actor.id):
            raise IdTakenError(id=str(amendment_id))
        known = ReportRevision.get_or_none(
            ReportRevision.visit_id == visit_id, ReportRevision.id == amendment_id
        )
        if known is not None:
            if (known.person_id, known.content_sha256) != (actor.id, arrival.content_sha256):
                raise IdTakenError(id=str(amendment_id))
            return Result.REPLAYED
        is_late = visit is not None and refuse_settled(visit, written, at=arrival.at)
        if original is not None:
            _refuse_dropped_photos(original, report)
        row = {
            "visit_id": visit_id,
            "id": amendment_id,
            "person": actor.id,
            "number": None,
            "reason": reason,
            "amended_at": written.at,
            "received_at": arrival.at,
            "content_sha256": arrival.content_sha256,
            "document": orjson.dumps(report).decode(),
            "judgement": None,
            "doubt": None,
            "is_clock_suspect": written.is_suspect or is_late,
        }
        insert_rows(ReportRevision, [row])
        photos.declare_more(actor, visit_id, report["photos"])
        facts = placing.facts_of(visit) if visit else {}
        ledger.append(
            actor,
            "visit.amended",
            visit_id,
            at=arrival.at,
            device_at=clock["device_at"],
            amendment=str(amendment_id),
            content_sha256=arrival.content_sha256,
            **photos.promised(report["photos"]),
            **facts,
        )
        if visit is not None:
            place(visit, at=arrival.at)
    return Result.CREATED


def revisions(actor: Actor, visit_id: UUID) -> list[Revision]:
    """Return every text of a visit's report, by number, those that wait last.

    Raises NotFoundError.
    """
    visit = Visit.get_or_none(Visit.visible_to(actor), Visit.id == visit_id)
    report = _report_of(visit_id)
    rows = list(
        ReportRevision.select()
        .where(ReportRevision.visit_id == visit_id)
        .order_by(ReportRevision.number, ReportRevision.amended_at, ReportRevision.id)
    )
    if visit is None:  # what one handed in oneself may be seen before its check-in
        report = report if report and report.person_id == actor.id else None
        rows = [row for row in rows if row.person_id == actor.id]
        if report is None and not rows:
            raise NotFoundError(what="visit")
    if report is not None and not any(row.number for row in rows):
        rows.insert(0, ReportRevision(**_original(report)))
    rows.sort(key=lambda row: row.number is None)
    return [_shown(row, report, visit) for row in rows]


def place(visit: Visit, *, at: datetime) -> None:
    """Take in the amendments that wait for a visit that is here, in the caller's transaction."""
    report = _report_of(visit.id)
    if report is None or visit.store_id is None:
        return
    mine = (ReportRevision.visit_id == visit.id) & (ReportRevision.person == visit.person_id)
    known = list(ReportRevision.select().where(mine))
    new = [row for row in known if row.number is None]
    if not new:
        return
    taken = [row for row in known if row.number is not None]
    if not taken:
        taken = [ReportRevision(**_original(report))]
        insert_rows(ReportRevision, [taken[0].__data__])
    in_force = next(row for row in taken if row.number == report.revision)
    for number, row in enumerate(sorted(new, key=_written), start=len(taken) + 1):
        document = orjson.loads(row.document)
        row.number = number
        is_early = within(row.amended_at, _begins(report, visit))[1]
        row.is_clock_suspect = row.is_clock_suspect or is_early
        judgement, row.doubt = _judge(visit, report, document)
        if in_force.id == visit.id or _written(row) > _written(in_force):
            in_force.judgement = _judgement_in_force(report)
            _store(in_force)
            in_force = row
            report = _put_in_force(visit, row, judgement, at=at)
        elif judgement is not None:
            row.judgement = _as_kept(judgement)
        _store(row)
    _look_for_photos(visit, at=at)


def _written(row: ReportRevision) -> tuple[bool, datetime, UUID]:
    """Return what orders texts by when they were written; the original was before all others."""
    return row.id != row.visit_id, row.amended_at, row.id


def _begins(report: Report, visit: Visit) -> datetime:
    """Return before when nobody can have amended a report."""
    return max(report.device_at, visit.checked_in_at)


def _report_of(visit_id: UUID) -> Report | None:
    report: Report | None = Report.get_or_none(Report.visit_id == visit_id)
    return report


def _original(report: Report) -> dict[str, Any]:
    return {
        "visit_id": report.visit_id,
        "id": report.visit_id,
        "person": report.person_id,
        "number": 1,
        "reason": "",
        "amended_at": report.device_at,
        "received_at": report.received_at,
        "content_sha256": report.content_sha256,
        "document": report.document,
        "judgement": None,
        "doubt": None,
        "is_clock_suspect": False,
    }


def _judge(
    visit: Visit, report: Report, document: dict[str, Any]
) -> tuple[Judgement | None, str | None]:
    """Judge a text as the original was, without what nobody knows; one never judged, anew."""
    if report.state != "judged":
        return placing.weigh(visit, document)
    return placing.weigh(visit, document, forced=True, template_id=report.template_id)


def _put_in_force(
    visit: Visit, row: ReportRevision, judgement: Judgement | None, *, at: datetime
) -> Report:
    """Let a text take the place of the one in force; return the report as it is now."""
    columns: dict[str, Any] = {"document": row.document, "revision": row.number}
    if judgement is not None:
        columns |= judgement.columns | {"state": "judged"}
    Report.update(**columns).where(Report.visit_id == visit.id).execute()
    for model in LINES.values():
        model.delete().where(model.visit_id == visit.id).execute()
    placing.end(visit, orjson.loads(row.document))
    run_in_one_trip([*placing.lines_of(judgement), placing.saving(visit)])
    if judgement is None:
        placing.accept(visit, None, row.doubt, at=at)
    elif visit.quarantine_reason in placing.DOUBTS_OF_REPORTS:
        placing.quarantine(visit, None, at=at)
        of_day = placing.of_day(visit.person_id, visit.business_on)
        placing.keep_one_open(of_day.values(), at=at)
    else:
        retractions.stand(visit, at=at)
    ledger.append(
        None, "visit.judged", visit.id, at=at, revision=row.number, **placing.facts_of(visit)
    )
    changed: Report = Report.get_by_id(visit.id)
    return changed


def _look_for_photos(visit: Visit, *, at: datetime) -> None:
    """Let a visit be complete only while every photo that was announced is held."""
    if visit.status == placing.COMPLETE and placing.is_missing_photos(visit):
        visit.status = placing.REPORTED
        run_in_one_trip([placing.saving(visit)])
    placing.complete(visit, at=at)


def _judgement_in_force(report: Report) -> dict[str, Any] | None:
    if report.state != "judged":
        return None
    kept: dict[str, Any] = {name: getattr(report, name) for name in JUDGED if name != "template"}
    kept["template_id"] = report.template_id
    for name, model in LINES.items():
        rows = model.select().where(model.visit_id == report.visit_id)
        kept[name] = [_line(row) for row in rows.order_by(*model._meta.get_primary_keys()).dicts()]  # noqa: SLF001
    return kept


def _as_kept(judgement: Judgement) -> dict[str, Any]:
    kept = dict(judgement.columns)
    kept["template_id"] = kept.pop("template")
    for name in LINES:
        kept[name] = [_line(row) for row in getattr(judgement, name)]
    return kept


def _line(row: dict[str, Any]) -> dict[str, Any]:
    """Return a line without the visit it is of, its references named as ids."""
    named = {"sku": "sku_id", "promotion": "promotion_id"}
    return {named.get(name, name): value for name, value in row.items() if name != "visit_id"}


def _store(row: ReportRevision) -> None:
    ReportRevision.update(
        number=row.number,
        judgement=row.judgement,
        doubt=row.doubt,
        is_clock_suspect=row.is_clock_suspect,
    ).where(ReportRevision.visit_id == row.visit_id, ReportRevision.id == row.id).execute()


def _shown(row: ReportRevision, report: Report | None, visit: Visit | None) -> Revision:
    is_in_force = report is not None and row.number == report.revision
    amended_at = row.amended_at
    if row.id != row.visit_id and report is not None and visit is not None:
        amended_at, _ = within(amended_at, _begins(report, visit))
    return Revision(
        row,
        amended_at,
        is_in_force,
        _judgement_in_force(report) if report is not None and is_in_force else row.judgement,
    )


def _refuse_dropped_photos(report: Report, document: dict[str, Any]) -> None:
    named = {str(photo["id"]): photo["sha256"] for photo in document["photos"]}
    first = ReportRevision.get_or_none(
        ReportRevision.visit_id == report.visit_id, ReportRevision.id == report.visit_id
    )
    before = orjson.loads((first or report).document)["photos"]
    dropped = [photo["id"] for photo in before if named.get(photo["id"]) != photo["sha256"]]
    if dropped:
        raise PhotosDroppedError(photos=", ".join(dropped[:10]))
