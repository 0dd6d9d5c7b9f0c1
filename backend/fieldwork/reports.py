"""Reports: what was found on a visit, handed in once and judged by the standard of that day."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from backend.fieldwork import photos, placing
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
    """A report as the rules see it, and the statements that store it."""

    judgement: Judgement | None
    doubt: str | None
    report: list[Statement]
    lines: list[Statement]


def submit(actor: Actor, visit_id: UUID, document: dict[str, Any], *, arrival: Arrival) -> Result:
    """Record a report, once, and judge it if its visit is known.

    Otherwise it is held until the check-in arrives. Raises IdTakenError for other content or
    another person's visit, and ContradictoryReportError.
    """
    _refuse_contradictions(document)
    left = conclude(document["check_out"]["clock"], arrival)
    seen = placing.visit_of(visit_id)
    # Judged and written down before the write turn begins, so that others do not wait for it.
    draft = _draft(actor, visit_id, seen, document, left_at=left.at, arrival=arrival)
    with transaction():
        placing.turn_of(actor.id)
        visit = placing.visit_of(visit_id)  # again, now that it is our turn
        if visit is not None and visit.person_id != actor.id:
            raise IdTakenError(id=str(visit_id))
        if visit is not None and (seen is None or seen.store_id != visit.store_id):
            draft = _draft(actor, visit_id, visit, document, left_at=left.at, arrival=arrival)
        if not run(draft.report):
            return _replay(actor, visit_id, arrival)
        photos.declare(actor, visit_id, document["photos"])
        if visit is not None:
            placing.accept(visit, draft.judgement, draft.doubt, at=arrival.at)
        with in_one_trip():
            ledger.append(
                actor,
                "visit.reported",
                visit_id,
                at=arrival.at,
                device_at=document["check_out"]["clock"]["device_at"],
                content_sha256=arrival.content_sha256,
                **(placing.facts_of(visit) if visit else {}),
            )
            if visit is not None:
                run(draft.lines)
                placing.leave(visit, left.at, document["outcome"], arrival.at, at=arrival.at)
        if visit is not None:
            placing.keep_one_open(visit, at=arrival.at)
    return Result.QUARANTINED if visit and visit.quarantine_reason else Result.CREATED


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
    scores = judgement.columns if judgement else NOT_JUDGED
    return _Draft(
        judgement=judgement,
        doubt=doubt,
        report=inserts(Report, [row | scores], ignore=True),
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
