"""Reports: what was found on a visit, handed in once and judged by the standard of that day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

from backend.fieldwork import photos, placing, receipts, waiting
from backend.fieldwork.arrivals import Arrival, Result, conclude
from backend.fieldwork.documents import refuse_contradictions
from backend.fieldwork.judgement import Judgement
from backend.fieldwork.models import Report, Visit
from backend.fieldwork.photo_models import Photo
from backend.platform import ledger
from backend.platform.actors import Actor
from backend.platform.database import Statement, inserts, run, run_in_one_trip, transaction
from backend.platform.errors import IdTakenError

# What a judgement fills in is what may be null.
NOT_JUDGED = {field.name: None for field in Report._meta.sorted_fields if field.null}  # noqa: SLF001


@dataclass(frozen=True, slots=True)
class _Draft:
    """A report as the rules see it, what its visit becomes, and the statements that store both."""

    visit: Visit | None
    report: Report
    judgement: Judgement | None
    doubt: str | None
    insert: list[Statement]
    consequences: list[Statement]


def submit(
    actor: Actor, visit_id: UUID, document: dict[str, Any], *, arrival: Arrival
) -> tuple[Result, dict[str, Any]]:
    """Record a report, once, judge it if its visit is known, and return the visit's receipt.

    Otherwise it is held until the check-in arrives. Raises IdTakenError for other content or
    another person's visit, and ContradictoryReportError.
    """
    refuse_contradictions(document)
    seen = placing.visit_of(visit_id)
    placing.refuse_strangers(actor, seen, visit_id)
    # Judged and written down before the write turn begins, so that others do not wait for it.
    draft = _draft(actor, visit_id, seen, document, arrival)
    with transaction(turn=placing.turn_of(actor.id)):
        visit, of_day = _now_that_it_is_our_turn(actor, visit_id, seen)
        if _state(visit) != _state(seen):
            draft = _draft(actor, visit_id, visit, document, arrival)
        if _is_here_already(visit, draft):
            return _replay(actor, visit_id, arrival), receipts.own(actor, visit_id)
        manifest: list[Photo] = []
        if document["photos"] or visit is None or visit.has_photos:
            manifest = photos.declare(actor, visit_id, document["photos"])
        if draft.visit is not None:
            placing.accept(draft.visit, draft.judgement, draft.doubt, at=arrival.at)
        run_in_one_trip(draft.consequences)
        if draft.visit is not None:
            if document["photos"] and not any(map(photos.is_missing, manifest)):
                placing.complete(draft.visit, at=arrival.at)
            others = [other for other in of_day if other.id != visit_id]
            placing.keep_one_open([*others, draft.visit], at=arrival.at)
        if visit is not None and visit.has_more:
            waiting.place(visit_id, at=arrival.at)
            return _result(placing.visit_of(visit_id)), receipts.own(actor, visit_id)
    receipt = receipts.receipt(visit_id, draft.visit, draft.report, manifest)
    return _result(draft.visit), receipt


def _result(visit: Visit | None) -> Result:
    is_doubted = visit is not None and visit.quarantine_reason is not None
    return Result.QUARANTINED if is_doubted else Result.CREATED


def _now_that_it_is_our_turn(
    actor: Actor, visit_id: UUID, seen: Visit | None
) -> tuple[Visit | None, list[Visit]]:
    """Return the visit as it is now, and all of the person's visits of its day."""
    visit = seen or placing.visit_of(visit_id)  # it may have come in between
    if visit is None:
        return None, []
    placing.refuse_strangers(actor, visit, visit_id)
    of_day = placing.of_day(actor.id, visit.business_on, visit)
    return of_day[visit_id], list(of_day.values())


def _state(visit: Visit | None) -> dict[str, Any] | None:
    return None if visit is None else visit.__data__


def _is_here_already(visit: Visit | None, draft: _Draft) -> bool:
    """Store a report whose visit is unknown; of a known visit we know whether it has one."""
    return visit.has_report if visit is not None else not run(draft.insert)


def _draft(
    actor: Actor, visit_id: UUID, seen: Visit | None, document: dict[str, Any], arrival: Arrival
) -> _Draft:
    judgement, doubt = placing.weigh(seen, document) if seen else (None, None)
    left_at = conclude(document["check_out"]["clock"], arrival).at
    row = {
        "visit_id": visit_id,
        "person": actor.id,
        "state": "judged" if judgement else "held",
        "received_at": arrival.at,
        "device_at": left_at,
        "content_sha256": arrival.content_sha256,
        "revision": 1,
        "document": orjson.dumps(document).decode(),
    }
    row |= judgement.columns if judgement else NOT_JUDGED
    entries = [
        ledger.entry(
            actor,
            "visit.reported",
            visit_id,
            at=arrival.at,
            device_at=document["check_out"]["clock"]["device_at"],
            content_sha256=arrival.content_sha256,
            **photos.promised(document["photos"]),
            **(placing.facts_of(seen) if seen else {}),
        )
    ]
    insert = inserts(Report, [row], ignore=True)
    report = Report(__no_default__=True)
    report.__data__ = row
    consequences = placing.lines_of(judgement)
    visit = None
    if seen is not None:
        consequences = insert + consequences
        visit = Visit(__no_default__=True)
        visit.__data__ = dict(seen.__data__)
        placing.leave(visit, left_at, document, arrival.at)
        if visit.status == placing.REPORTED and not document["photos"] and not visit.demand:
            entries.append(placing.completed(visit, at=arrival.at))
        consequences.append(placing.saving(visit))
    return _Draft(
        visit=visit,
        report=report,
        judgement=judgement,
        doubt=doubt,
        insert=insert,
        consequences=consequences + ledger.written(entries),
    )


def _replay(actor: Actor, visit_id: UUID, arrival: Arrival) -> Result:
    stored = Report.get_by_id(visit_id)
    if (stored.person_id, stored.content_sha256) != (actor.id, arrival.content_sha256):
        raise IdTakenError(id=str(visit_id))
    return Result.REPLAYED
