"""Draws: the same for everyone who knows the seed, and as likely as they are said to be."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.evidence.sampling import (
    CONTROL,
    DEFAULT_WEIGHTS,
    Risk,
    Terms,
    draw,
    number_of,
    risk_share,
    worst,
)

SEED = "9f86d081884c7d659a2feaa0c55ad015"
SOME_PHOTO = UUID("0b8fd8c2-95f1-4f5a-8a54-5c1b6f0f2d11")
MANY = [UUID(int=number) for number in range(20_000)]


def terms(**changes) -> Terms:
    defaults = {"share": 0.1, "control_share": 0.0, "second_share": 0.0, "weights": DEFAULT_WEIGHTS}
    return Terms(**{"seed": SEED} | defaults | changes)


def test_the_number_is_what_openssl_says_it_is():
    # printf control:0b8fd8c2-… | openssl dgst -sha256 -hmac <seed>, its first 53 bits / 2^53
    first_53_bits = int("d43806a4e8192290", 16) >> 11

    assert first_53_bits / 2**53 == number_of(SEED, CONTROL, SOME_PHOTO)


def test_another_seed_purpose_or_photo_draws_another_number():
    numbers = {
        number_of(seed, purpose, photo_id)
        for seed in (SEED, SEED[::-1])
        for purpose in ("control", "risk", "second")
        for photo_id in MANY[:2]
    }

    assert 12 == len(numbers)


@pytest.mark.parametrize(
    ("share", "risks", "expected"),
    [
        (0.1, {}, 0.1),
        (0.1, {Risk.REPEAT: 1.0}, 1.0),
        (0.1, {Risk.UNCERTAIN: 1.0}, 0.2),
        (0.1, {Risk.REJECTIONS: 0.05}, 0.15),
        (0.1, {Risk.UNCERTAIN: 1.0, Risk.NEW_PERSON: 1.0}, 0.4),
        (0.5, {Risk.OUTSIDE: 1.0}, 1.0),
        (0.0, {Risk.REPEAT: 1.0}, 0.0),
        (0.1, {"forgotten": 1.0}, 0.1),
    ],
)
def test_risk_multiplies_the_share(share, risks, expected):
    assert pytest.approx(expected) == risk_share(terms(share=share), risks)


@pytest.mark.parametrize(
    ("plan", "risks"),
    [
        (terms(share=0.1), {}),
        (terms(share=0.1), {Risk.NEW_PERSON: 1.0}),
        (terms(share=0.1, control_share=0.05), {Risk.UNCERTAIN: 1.0}),
        (terms(share=0.0, control_share=0.02), {Risk.REPEAT: 1.0}),
    ],
)
def test_as_many_are_drawn_as_the_probability_says(plan, risks):
    draws = [draw(plan, photo_id, risks) for photo_id in MANY]

    (probability,) = {each.probability for each in draws}
    drawn = sum(each.is_drawn for each in draws) / len(draws)
    control = sum(each.is_control for each in draws) / len(draws)
    assert abs(drawn - probability) < 4 * (probability * (1 - probability) / len(MANY)) ** 0.5
    assert abs(control - plan.control_share) < 0.01


@pytest.mark.thorough
def test_the_control_share_knows_no_risk():
    plan = terms(control_share=0.05)

    def control(risks):
        return {photo_id for photo_id in MANY if draw(plan, photo_id, risks).is_control}

    assert control({}) == control({Risk.REPEAT: 1.0})


def test_second_readers_are_drawn_among_the_drawn_only():
    draws = [draw(terms(second_share=0.2), photo_id, {}) for photo_id in MANY]

    twice = [each for each in draws if each.wants_second]
    assert all(each.is_drawn for each in twice)
    assert abs(len(twice) / sum(each.is_drawn for each in draws) - 0.2) < 0.04


risks = st.dictionaries(st.sampled_from([str(risk) for risk in Risk]), st.floats(0, 1))


@given(st.uuids(), risks, risks)
def test_a_photo_at_greater_risk_never_leaves_the_sample(photo_id, before, after):
    plan = terms(control_share=0.03)
    then, now = draw(plan, photo_id, before), draw(plan, photo_id, worst(before, after))

    assert then.is_drawn <= now.is_drawn
    assert then.probability <= now.probability <= 1
