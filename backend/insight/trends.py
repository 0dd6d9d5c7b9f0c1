"""Trends: where a customer's months are heading, by a line and by a robust twin of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations
from statistics import median

MONTHS, FEWEST = 6, 4
RISING = 0.03
"""Change a month, relative to the mean, from which a series rises; as much down, it falls."""


class Flag(StrEnum):
    """What a series does; a manager consolidates the rising and asks the falling why."""

    RISING = "rising"
    FALLING = "falling"
    FLAT = "flat"


@dataclass(frozen=True, slots=True)
class Trend:
    """The slopes of a monthly series in units a month, and relative to its mean.

    `slope` is that of least squares, for display; `robust` the Theil-Sen median of the slopes of
    all pairs of months, which decides the flag. The relative ones are None unless the mean is
    above 0, and so is the flag.
    """

    slope: float
    slope_rel: float | None
    robust: float
    robust_rel: float | None
    flag: Flag | None


def trend(months: Sequence[float]) -> Trend | None:
    """Return the trend of closed calendar months, oldest first.

    A month without sales is 0; one before the customer existed is left out by the caller. Only
    the last `MONTHS` count; fewer than `FEWEST` say nothing (None).
    """
    series = list(months[-MONTHS:])
    if len(series) < FEWEST:
        return None
    mean = sum(series) / len(series)
    slope = _least_squares(series, mean)
    robust = median(
        (later - earlier) / (b - a)
        for (a, earlier), (b, later) in combinations(enumerate(series), 2)
    )
    if mean <= 0:
        return Trend(slope, None, robust, None, None)
    return Trend(slope, slope / mean, robust, robust / mean, _flag(robust / mean))


def _least_squares(series: Sequence[float], mean: float) -> float:
    middle = (len(series) - 1) / 2
    over = sum((place - middle) * (value - mean) for place, value in enumerate(series))
    return over / sum((place - middle) ** 2 for place in range(len(series)))


def _flag(relative: float) -> Flag:
    if relative >= RISING:
        return Flag.RISING
    return Flag.FALLING if relative <= -RISING else Flag.FLAT
