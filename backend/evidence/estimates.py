"""Estimates: what a sample in which each photo had its own chance says about all photos."""

from dataclasses import dataclass
from math import sqrt


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """Sums over the judged photos of a sample, p being each one's probability of inclusion.

    `weights` is the sum of 1/p and `spread` that of (1-p)/p²; those of the rejected ones beside.
    """

    photos: int
    rejected: int
    weights: float
    weights_rejected: float
    spread: float
    spread_rejected: float


@dataclass(frozen=True, slots=True)
class Estimate:
    """The share rejected among all photos, and its standard error; None if none was judged."""

    rate: float | None
    standard_error: float | None


def rejection_rate(sums: Sums) -> Estimate:
    """Return the share of all photos that would be rejected, from those that were judged.

    The ratio of two Horvitz-Thompson totals (Hájek's estimator), and the linearised standard
    error of it for independent draws (Särndal, Swensson, Wretman 1992, Model Assisted Survey
    Sampling, 3.6 and 5.7): the root of sum((1-p)/p² (y-rate)²) over the sum of 1/p.
    """
    if not sums.photos:
        return Estimate(None, None)
    rate = sums.weights_rejected / sums.weights
    variance = sums.spread_rejected * (1 - 2 * rate) + sums.spread * rate**2
    # Rounding may leave a variance of nothing below nothing.
    return Estimate(rate, sqrt(max(0.0, variance)) / sums.weights)
