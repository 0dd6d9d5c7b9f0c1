"""Reports: what was found on a visit, handed in once and judged by the standard of that day."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from backend.fieldwork import photos, placing, receipts
from backend.fieldwork.arrivals import Arrival, Result, conclude
from backend.fieldwork.judgement import Judgement
from backend.fieldwork.models import Report, Visit
from backend.platform import ledger
from backend.platform.actors import Actor
from backend.platform.database import Statement, in_one_trip, inserts, run, transaction
from backend.platform.errors import IdTakenError, RuleError

# What a judgement fills in is what may be null.
NOT_JUDGED = {field.name: None for field in Report._meta.sorted_fields if field.null}  # noqa: SLF001


class ContradictoryReportError(RuleError):
    """A report says two things about one thing."""

    code = "contradictory-report"
    title = "The report contradicts itself"
    title_zh = "报告内容自相矛盾"
    detail = "Answered more than once: {twice}."
    detail_zh = "重复回答：{twice}。"


@dataclass(frozen=True, slots=True)
class _Draft:
    """A report as the rules see it, and the statements that store it and its lines."""

    judgement: Judgement | None
    doubt: str | None
    report: Report
    insert: list[Statement]
    lines: list[Statement]


def submit(
    actor: Actor, visit_id: UUID, document: dict[str, Any], *, arrival: Arrival
) -> tuple[Result, dict[str, Any]]:
    """Record a report, once, judge it if its visit is known, and return the visit's receipt.

    Otherwise it is held until the check-in arrives. Raises IdTakenError for other content or
    another person's visit, and ContradictoryReportError.
    """
    _refuse_contradictions(document)
    left = conclude(document["check_out"]["clock"], arrival)
    seen = placing.visit_of(visit_id)
    if seen is not None and seen.person_id != actor.id:
        raise IdTakenError(id=str(visit_id))
    # Judged and written down before the write turn begins, so that others do not wait for it.
    draft = _draft(actor, visit_id, seen, document, left_at=left.at, arrival=arrival)
    with transaction(turn=placing.turn_of(actor.id)):
        visit, of_day = _now_that_it_is_our_turn(actor, visit_id, seen)
        if visit is not None and (seen is None or seen.store_id != visit.store_id):
            draft = _draft(actor, visit_id, visit, document, left_at=left.at, arrival=arrival)
        if not run(draft.insert):
            return _replay(actor, visit_id, arrival), receipts.own(actor, visit_id)
        taken = photos.declare(actor, visit_id, document["photos"])
        entries = [
            ledger.entry(
                actor,
                "visit.reported",
                visit_id,
                at=arrival.at,
                device_at=document["check_out"]["clock"]["device_at"],
                content_sha256=arrival.content_sha256,
                **(placing.facts_of(visit) if visit else {}),
            )
        ]
        if visit is not None:
            placing.accept(visit, draft.judgement, draft.doubt, at=arrival.at)
        with in_one_trip():
            run(draft.lines)
            if visit is not None:
                entries += placing.leave(
                    visit,
                    left.at,
                    document["outcome"],
                    arrival.at,
                    is_missing_photos=any(map(photos.is_missing, taken)),
                    at=arrival.at,
                )
            ledger.record(entries)
        placing.keep_one_open(of_day, at=arrival.at)
    result = Result.QUARANTINED if visit and visit.quarantine_reason else Result.CREATED
    return result, receipts.receipt(visit_id, visit, draft.report, taken)


def _now_that_it_is_our_turn(
    actor: Actor, visit_id: UUID, seen: Visit | None
) -> tuple[Visit | None, list[Visit]]:
    """Return the visit as it is now, and all of the person's visits of its day."""
    visit = None if seen else placing.visit_of(visit_id)  # it may have come in between
    if visit is not None and visit.person_id != actor.id:
        raise IdTakenError(id=str(visit_id))
    known = seen or visit
    if known is None:
        return None, []
    of_day = placing.of_day(actor.id, known.business_on)
    return of_day[visit_id], list(of_day.values())


def _draft(
    actor: Actor,
    visit_id: UUID,
    visit: Visit | None,
    document: dict[str, Any],
    *,
    left_at: datetime,
    arrival: Arrival,
) -> _Draft:
    judgement, doubt = placing.weigh(visit, document) if visit else (None, None)
    row = {
        "visit_id": visit_id,
        "person": actor.id,
        "state": "judged" if judgement else "held",
        "received_at": arrival.at,
        "device_at": left_at,
        "content_sha256": arrival.content_sha256,
        "document": orjson.dumps(document).decode(),
    }
    row |= judgement.columns if judgement else NOT_JUDGED
    return _Draft(
        judgement=judgement,
        doubt=doubt,
        report=Report(**row),
        insert=inserts(Report, [row], ignore=True),
        lines=placing.lines_of(judgement),
    )


def _replay(actor: Actor, visit_id: UUID, arrival: Arrival) -> Result:
    stored = Report.get_by_id(visit_id)
    if (stored.person_id, stored.content_sha256) != (actor.id, arrival.content_sha256):
        raise IdTakenError(id=str(visit_id))
    return Result.REPLAYED


def _refuse_contradictions(document: dict[str, Any]) -> None:
    named = [
        *(f"line {answer['line']}" for answer in document["answers"]),
        *(f"product {line['sku_id']}" for line in document["products"]),
        *(f"promotion {line['promotion_id']}" for line in document["promotions"]),
        *(f"photo {photo['id']}" for photo in document["photos"]),
    ]
    twice = [name for name, times in Counter(named).items() if times > 1]
    if twice:
        raise ContradictoryReportError(twice=", ".join(twice[:10]), reason="twice")
