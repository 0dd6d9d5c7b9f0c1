"""What a visit says it saw: put right when its report is amended, or it is not believed.

A visit stands for its sightings while it is neither quarantined nor cancelled.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from peewee import JOIN

from backend.fieldwork import violations
from backend.fieldwork.judgement import Sighting
from backend.fieldwork.models import Report, Visit
from backend.fieldwork.violation_models import Violation, ViolationSighting
from backend.network.stores import dealer_on
from backend.platform import clock, ledger
from backend.platform.database import take_turns
from backend.standards.codes import ViolationKind


def is_believed(visit: Visit) -> bool:
    """Return whether what a visit saw counts as seen."""
    return visit.quarantine_reason is None and visit.cancelled_at is None


def stand(visit: Visit, *, at: datetime) -> None:
    """Make the violations say what the visit's judged report shows, if it is believed."""
    report = Report.get_or_none(Report.visit_id == visit.id, Report.sightings.is_null(False))
    if report is not None:
        seen = [Sighting(_kind(kind), subject) for kind, subject in report.sightings]
        settle(visit, seen if is_believed(visit) else [], at=at)


def settle(visit: Visit, seen: Collection[Sighting], *, at: datetime) -> None:
    """Make the visit have seen exactly this, in the caller's transaction.

    A case that nobody else saw is retracted; one that has ended by proof stays as it is.
    """
    take_turns(f"store:{visit.store_id}")
    cases = (
        Violation.select()
        .join(ViolationSighting, on=ViolationSighting.violation_id == Violation.id)
        .where(ViolationSighting.visit_id == visit.id)  # in what its store was merged into, too
        .order_by(Violation.id)
    )
    known = {(case.kind, case.subject): case for case in cases}
    wanted = {(str(one.kind), one.subject) for one in seen}
    for what, case in known.items():
        if what not in wanted:
            _take_back(case, visit, at=at)
    new = [one for one in seen if (str(one.kind), one.subject) not in known]
    violations.sight(visit, new, at=at)


def _take_back(case: Violation, visit: Visit, *, at: datetime) -> None:
    ViolationSighting.delete().where(
        ViolationSighting.visit_id == visit.id, ViolationSighting.violation_id == case.id
    ).execute()
    before = violations.facts_of(case)
    sightings = list(
        ViolationSighting.select(ViolationSighting, Visit.dealer, Visit.business_on)
        .join(Visit, JOIN.LEFT_OUTER, on=ViolationSighting.visit_id == Visit.id, attr="visit")
        .where(ViolationSighting.violation_id == case.id)
        .order_by(ViolationSighting.seen_at, ViolationSighting.visit_id)
    )
    case.sightings, case.version = len(sightings), case.version + 1
    if sightings:
        _open_with(case, sightings[0])
        case.last_seen_at = sightings[-1].seen_at
    elif case.resolved_at is None:
        case.resolved_at = case.retracted_at = at
    case.save()
    verb = "violation.retracted" if case.retracted_at else "violation.unsighted"
    ledger.append(None, verb, case.id, at=at, **before)
    if violations.facts_of(case) != before:
        after = violations.facts_of(case)
        ledger.append(None, "violation.reopened_later", case.id, at=at, **after)


def _open_with(case: Violation, first: ViolationSighting) -> None:
    """Let a case begin with the first sighting that is left."""
    visit: Visit | None = getattr(first, "visit", None)
    day = visit.business_on if visit else clock.business_date(first.seen_at)
    case.opened_at, case.opened_on, case.opened_by_id = first.seen_at, day, first.person_id
    case.opened_visit_id = first.visit_id if visit else None
    case.is_manual = visit is None
    case.dealer_id = visit.dealer_id if visit else dealer_on(case.store_id, day)


def _kind(code: str) -> ViolationKind:
    return ViolationKind(code)  # type: ignore[call-arg]  # looks the code up
