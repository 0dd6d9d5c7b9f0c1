"""How well what was planted is found: recall and precision of every detector."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from backend.evidence.models import LocationReading
from backend.evidence.signal_models import VisitSignal
from backend.evidence.signals import Signal
from backend.fieldwork.fence import Outcome
from backend.fieldwork.models import Report, Visit
from backend.network.models import Person, Store
from backend.standards.codes import VisitStatus

Planted = dict[str, list[dict[str, Any]]]
Selection = Callable[[Planted], set[UUID]]
COUCH_STORES = 3
BEYOND_M = 600  # no fence of any tier reaches so far


@dataclass(frozen=True, slots=True)
class Detection:
    """Visits that were planted, those a detector named, and how many it named rightly.

    A visit that is allowed is no mistake when it is named, and no miss when it is not: the visit
    before an impossible journey, for one.
    """

    planted: int
    found: int
    right: int
    wrong: int

    @property
    def recall(self) -> float | None:
        """Share of the planted that was found."""
        return self.right / self.planted if self.planted else None

    @property
    def precision(self) -> float | None:
        """Share of the found that was planted."""
        named = self.right + self.wrong
        return self.right / named if named else None


def compare(truth: Planted) -> dict[str, Detection]:
    """Hold what the detectors say of the open database's visits against the truth, by detector."""
    complete = Visit.select(Visit.id).where(Visit.status == str(VisitStatus.COMPLETE))
    judged = {visit.id for visit in complete}  # others have no score
    return {
        name: _held_against(planted(truth) & judged, allowed(truth), found())
        for name, (planted, allowed, found) in _DETECTORS.items()
    }


def _held_against(planted: set[UUID], allowed: set[UUID], found: set[UUID]) -> Detection:
    return Detection(
        planted=len(planted),
        found=len(found),
        right=len(found & planted),
        wrong=len(found - planted - allowed),
    )


def _visits(*kinds: str) -> Selection:
    return lambda truth: {_visit(fact) for kind in kinds for fact in truth.get(kind, ())}


def _visit(fact: dict[str, Any]) -> UUID:
    return UUID(str(fact["visit"]))


def _nobody(_truth: Planted) -> set[UUID]:
    return set()


def _away(truth: Planted) -> set[UUID]:
    """Return the visits that were checked in at from beyond every fence."""
    told = (*truth.get("out_of_fence", ()), *truth.get("couch", ()))
    return {_visit(fact) for fact in told if fact["distance_m"] > BEYOND_M}


def _off_by_mistake(truth: Planted) -> set[UUID]:
    """Return the visits to stores entered in a wrong place, and those that repeat another fix."""
    codes = [fact["store"] for fact in truth.get("misplaced_store", ())]
    misplaced = Visit.select(Visit.id).join(Store).where(Store.code.in_(codes))
    return {visit.id for visit in misplaced} | _visits("frozen_fix", "mistagged_datum")(truth)


def _false_places(truth: Planted) -> set[UUID]:
    before = {UUID(str(fact["before"])) for fact in truth.get("impossible_speed", ())}
    return before | _away(truth) | _off_by_mistake(truth)


def _from_a_couch(truth: Planted) -> set[UUID]:
    """Return the visits of days that were spent in one place, where they are enough to be seen."""
    facts = truth.get("couch", ())
    stores = Counter((fact["login"], str(fact["day"])) for fact in facts)
    return {
        _visit(fact) for fact in facts if stores[fact["login"], str(fact["day"])] >= COUCH_STORES
    }


def _days_in_one_place(truth: Planted) -> set[UUID]:
    """Return all visits of people's days on which a point was used for more than one store."""
    told = _visits("couch", "frozen_fix")(truth)
    visits = Visit.select(Visit.person, Visit.business_on).where(Visit.id.in_(list(told)))
    days = {(visit.person_id, visit.business_on) for visit in visits}
    every = Visit.select(Visit.id, Visit.person, Visit.business_on)
    return {visit.id for visit in every if (visit.person_id, visit.business_on) in days}


def _hasty(truth: Planted) -> set[UUID]:
    """Return the short visits with a whole checklist: of others it is no sign."""
    ids = _visits("hasty_visit")(truth)
    whole = Report.select(Report.visit_id).where(
        Report.visit_id.in_(list(ids)), Report.lines_checked > 0, ~Report.is_incomplete
    )
    return {report.visit_id for report in whole}


def _beside_the_borrowed(truth: Planted) -> set[UUID]:
    """Return the visits made with a lent phone, on that day, by whomever."""
    lent = {_visit(fact): fact["device"] for fact in truth.get("borrowed_phone", ())}
    days = Visit.select(Visit.id, Visit.business_on).where(Visit.id.in_(list(lent)))
    keys = {(lent[visit.id], visit.business_on) for visit in days}
    named = Visit.select(Visit.id, Visit.device_id, Visit.business_on)
    return {visit.id for visit in named if (visit.device_id, visit.business_on) in keys}


def _of_phones(kind: str) -> Selection:
    def visits(truth: Planted) -> set[UUID]:
        logins = [fact["login"] for fact in truth.get(kind, ())]
        theirs = Visit.select(Visit.id).join(Person).where(Person.login.in_(logins))
        return {visit.id for visit in theirs}

    return visits


def _said(*signals: Signal) -> Callable[[], set[UUID]]:
    codes = [str(signal) for signal in signals]
    return lambda: {row.visit_id for row in VisitSignal.select().where(VisitSignal.code.in_(codes))}


def _outside() -> set[UUID]:
    readings = LocationReading.select().where(LocationReading.outcome == str(Outcome.OUTSIDE))
    return {reading.visit_id for reading in readings}


def _mistagged() -> set[UUID]:
    flag = "datum_mismatch_suspected"
    return {row.visit_id for row in LocationReading.select() if flag in row.flags}


_DETECTORS: dict[str, tuple[Selection, Selection, Callable[[], set[UUID]]]] = {
    "outside the fence": (_away, _off_by_mistake, _outside),
    "datum mismatch": (_visits("mistagged_datum"), _nobody, _mistagged),
    "frozen or repeated fix": (
        _visits("frozen_fix"),
        _nobody,
        _said(Signal.FROZEN_FIX, Signal.REPEATED_FIX),
    ),
    "mock flag": (_visits("mock_location"), _nobody, _said(Signal.MOCK_FLAG)),
    "impossible speed": (
        _visits("impossible_speed"),
        _false_places,
        _said(Signal.IMPOSSIBLE_SPEED),
    ),
    "one point, many stores": (
        _from_a_couch,
        _days_in_one_place,
        _said(Signal.SAME_POINT_MANY_STORES),
    ),
    "short visit": (_hasty, _visits("hasty_visit"), _said(Signal.SHORT_VISIT)),
    "uniform answers": (_visits("uniform_answers"), _nobody, _said(Signal.UNIFORM_ANSWERS)),
    "reused photo": (_visits("reused_photo"), _nobody, _said(Signal.PHOTO_REUSE)),
    "photo of a screen": (_visits("recaptured_photo"), _nobody, _said(Signal.PHOTO_OF_PHOTO)),
    "shared device": (
        _visits("borrowed_phone"),
        _beside_the_borrowed,
        _said(Signal.DEVICE_SHARED),
    ),
    "clock drift": (_of_phones("wrong_clock"), _nobody, _said(Signal.CLOCK_DRIFT)),
    "rooted phone": (_of_phones("rooted_phone"), _nobody, _said(Signal.ROOTED)),
}
"""By name: which visits should be named, which others may be, and which are."""
