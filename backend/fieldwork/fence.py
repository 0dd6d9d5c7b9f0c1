"""Was the salesperson at the store? What a phone's position allows to be said."""

from enum import StrEnum
from typing import NamedTuple

from backend.network.models import Store
from backend.network.positions import Point, metres_between, mismatch_suspected
from backend.platform.settings import settings

_MOST_ALLOWANCE_M = 100


class Outcome(StrEnum):
    """What a check-in's position proves."""

    INSIDE = "inside"
    OUTSIDE = "outside"
    UNCERTAIN = "uncertain"


class Verdict(NamedTuple):
    """An outcome and the whole metres it rests on.

    `distance_m` is None unless both points are known, `radius_m` unless the accuracy is usable too.
    """

    outcome: Outcome
    distance_m: int | None
    radius_m: int | None
    datum_mismatch: bool


def judge(
    store: Point | None,
    seen: Point | None,
    accuracy_m: float | None,
    base_radius_m: float,
    usable_accuracy_m: float = 200,
) -> Verdict:
    """Say whether a check-in seen at a point happened at the store; both points in WGS-84.

    With radius = base radius + min(accuracy, 100) metres:

    - a point or the accuracy is missing, or the accuracy is worse than usable: uncertain;
    - distance <= radius: inside;
    - the points differ as two Chinese datums do: uncertain, and `datum_mismatch` says so,
      because a client that sends the wrong datum is a defect and no fraud;
    - distance - accuracy <= base radius, so the true place may still be within the fence (possible
      only where the accuracy exceeds the 100 m that the radius grants): uncertain;
    - else outside: no place within the stated accuracy is within the fence.

    Whole metres are compared, so that a stored verdict explains itself.
    """
    if store is None or seen is None:
        return Verdict(Outcome.UNCERTAIN, None, None, datum_mismatch=False)
    distance_m = round(metres_between(store, seen))
    # Also refuses NaN, and the -1 that some phones send instead of nothing.
    if accuracy_m is None or not 0 <= accuracy_m <= usable_accuracy_m:
        return Verdict(Outcome.UNCERTAIN, distance_m, None, datum_mismatch=False)
    radius_m = round(base_radius_m + min(accuracy_m, _MOST_ALLOWANCE_M))
    if distance_m <= radius_m:
        return Verdict(Outcome.INSIDE, distance_m, radius_m, datum_mismatch=False)
    if mismatch_suspected(store, seen):
        return Verdict(Outcome.UNCERTAIN, distance_m, radius_m, datum_mismatch=True)
    in_doubt = distance_m <= round(base_radius_m + accuracy_m)
    outcome = Outcome.UNCERTAIN if in_doubt else Outcome.OUTSIDE
    return Verdict(outcome, distance_m, radius_m, datum_mismatch=False)


def judge_at(
    store: Store | None, seen: Point | None, accuracy_m: float | None, *, tier: str | None = None
) -> Verdict:
    """Judge by a store's fence as it is set now: its own radius, or that of the tier.

    `tier` is the one frozen on the visit, where there is one.
    """
    return judge(
        store.point if store else None,
        seen,
        accuracy_m,
        base_radius_m(store, tier) if store else 0,
        settings().usable_accuracy_m,
    )


def base_radius_m(store: Store, tier: str | None = None) -> int:
    """Return the radius of a store's fence, in metres, before accuracy is granted."""
    by_tier = {
        "city": settings().fence_city_m,
        "county": settings().fence_county_m,
        "town": settings().fence_town_m,
    }
    return store.fence_radius_m or by_tier[tier or store.tier]
