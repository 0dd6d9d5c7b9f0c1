"""How a document arrived, and what its clocks are worth."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from backend.platform.settings import settings


class Result(StrEnum):
    """What became of a document that was handed in."""

    CREATED = "created"
    REPLAYED = "replayed"
    QUARANTINED = "quarantined"


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """When the server got it, what identifies its content, what the clocks said on sending.

    `sent_*` are null when the phone did not say.
    """

    at: datetime
    content_sha256: str
    sent_device_at: datetime | None = None
    sent_elapsed_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Conclusion:
    """When something happened in the server's time, and how far off the phone's clock is.

    `is_proven` when the time since the phone started tells it, which nobody can set.
    """

    at: datetime
    skew_s: float | None
    is_suspect: bool
    is_proven: bool


def conclude(clock: dict[str, Any], arrival: Arrival) -> Conclusion:
    """Return when an event happened, from the phone's clocks at the event and at sending.

    The time since the phone started beats its wall clock, because nobody can set it; a wall
    clock read twice beats one read once, because its error cancels. Never later than arrival.
    """
    limits = settings()
    device_at: datetime = clock["device_at"]
    skew = None
    if arrival.sent_device_at is not None:
        skew = (arrival.sent_device_at - arrival.at).total_seconds()
    age, is_proven = _age(clock, arrival)
    if age is None:
        earliest = arrival.at - timedelta(days=limits.max_offline_days)
        latest = arrival.at + timedelta(seconds=limits.max_skew_s)
        plausible = earliest <= device_at <= latest
        at = min(device_at, arrival.at) if plausible else arrival.at
        return Conclusion(at, skew, not plausible, is_proven=False)
    suspect = skew is not None and abs(skew) > limits.max_skew_s
    return Conclusion(arrival.at - age, skew, suspect, is_proven)


def within(
    said: datetime, earliest: datetime, latest: datetime | None = None
) -> tuple[datetime, bool]:
    """Return a time brought within bounds, and whether it was out by more than a clock may be."""
    bounded = max(said, earliest)
    if latest is not None:
        bounded = min(bounded, latest)
    return bounded, abs(bounded - said) > timedelta(seconds=settings().max_skew_s)


def _age(clock: dict[str, Any], arrival: Arrival) -> tuple[timedelta | None, bool]:
    """Return how long before arrival it happened, and whether the time since the start says so.

    None when the clocks cannot tell.
    """
    longest = timedelta(days=settings().max_offline_days)
    elapsed = clock.get("elapsed_ms")
    if elapsed is not None and arrival.sent_elapsed_ms is not None:
        age = timedelta(milliseconds=arrival.sent_elapsed_ms - elapsed)
        if timedelta(0) <= age <= longest:  # a restart in between turns it negative
            return age, True
    if arrival.sent_device_at is not None:
        age = arrival.sent_device_at - clock["device_at"]
        if timedelta(0) <= age <= longest:
            return age, False
    return None, False
