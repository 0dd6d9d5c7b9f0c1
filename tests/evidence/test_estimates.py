"""Estimates from samples in which each photo had its own chance."""

import random

import pytest

from backend.evidence.estimates import Estimate, Sums, rejection_rate


def sums_of(photos: list[tuple[float, bool]]) -> Sums:
    """Return the sums over photos that were judged, as (probability, whether rejected)."""
    rejected = [p for p, is_rejected in photos if is_rejected]
    every = [p for p, _ in photos]
    return Sums(
        photos=len(every),
        rejected=len(rejected),
        weights=sum(1 / p for p in every),
        weights_rejected=sum(1 / p for p in rejected),
        spread=sum((1 - p) / p**2 for p in every),
        spread_rejected=sum((1 - p) / p**2 for p in rejected),
    )


def test_without_verdicts_nothing_is_said():
    assert Estimate(None, None) == rejection_rate(sums_of([]))


@pytest.mark.parametrize(
    ("photos", "rate", "error"),
    [
        # All looked at: the plain share, without error.
        ([(1.0, True), (1.0, False), (1.0, False), (1.0, False)], 0.25, 0.0),
        # One stands for itself, one for ten: 1 of 11, and sqrt(90 * (1/11)²) / 11.
        ([(1.0, True), (0.1, False)], 1 / 11, 90**0.5 / 121),
        # All rejected: no doubt is left to estimate.
        ([(0.5, True), (0.2, True)], 1.0, 0.0),
    ],
)
def test_each_photo_stands_for_as_many_as_its_chance_says(photos, rate, error):
    estimate = rejection_rate(sums_of(photos))

    assert pytest.approx(rate) == estimate.rate
    assert pytest.approx(error, abs=1e-12) == estimate.standard_error


def test_weighing_undoes_that_risky_photos_are_looked_at_more():
    chance = random.Random(4)
    frame = [(0.9, chance.random() < 0.5) for _ in range(2_000)]
    frame += [(0.1, chance.random() < 0.02) for _ in range(18_000)]
    truth = sum(is_rejected for _, is_rejected in frame) / len(frame)
    judged = [photo for photo in frame if chance.random() < photo[0]]

    estimate = rejection_rate(sums_of(judged))

    plain = sum(is_rejected for _, is_rejected in judged) / len(judged)
    assert plain > 3 * truth
    assert abs(estimate.rate - truth) < 2 * estimate.standard_error < 0.01
