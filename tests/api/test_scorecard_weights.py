"""Weights of the scorecard over HTTP."""

from datetime import timedelta

import pytest
from playhouse.test_utils import assert_query_count

from backend.platform import clock
from backend.platform.actors import Role
from backend.platform.models import LedgerEntry
from backend.standards import scorecard_weights
from backend.standards.scorecard_codes import DEFAULTS, Pillar
from tests.client import Client
from tests.factories import NOON, TODAY, make_person

HALF = {"display": 50, "assortment": 20, "price": 10, "promotion": 10, "service": 10}


@pytest.fixture
def manager(client: Client) -> Client:
    return client.as_(make_person(Role.MANAGER))


def later(days: int = 1) -> str:
    return str(clock.business_date(clock.now()) + timedelta(days=days))


def put(client: Client, day: str, weights=HALF, tier: str = "city", **headers: str):
    return client.put(
        f"/v1/scorecard-weights/{tier}/{day}", json={"weights": weights}, headers=headers
    )


def test_weights_are_laid_down_by_tier_for_later_days(manager: Client):
    first, again = put(manager, later()), put(manager, later())
    read = manager.get(f"/v1/scorecard-weights/city/{later()}")

    assert (200, 200, '"1"') == (first.status_code, again.status_code, again.headers["ETag"])
    assert (HALF, 1) == (read.json["weights"], read.json["version"])
    assert ["scorecard_weights.edited"] == [
        entry.verb for entry in LedgerEntry.select() if "weights" in entry.verb
    ]


def test_other_weights_for_the_day_name_the_version_they_replace(manager: Client):
    put(manager, later())
    other = HALF | {"display": 40, "price": 20}

    blind = put(manager, later(), other)
    stale = put(manager, later(), other, **{"If-Match": '"7"'})
    done = put(manager, later(), other, **{"If-Match": '"1"'})

    assert [428, 412, 200] == [answer.status_code for answer in (blind, stale, done)]
    assert ('"2"', 40) == (done.headers["ETag"], done.json["weights"]["display"])


@pytest.mark.parametrize(
    ("weights", "day", "tier", "refusal"),
    [
        (HALF | {"price": 11}, 1, "city", (422, "scorecard-weights-sum")),
        (HALF, 0, "city", (409, "scorecard-weights-begun")),
        (HALF, 1, "village", (404, "not-found")),
        (HALF | {"price": -10}, 1, "city", (422, "invalid-fields")),
        ({"display": 100}, 1, "city", (422, "invalid-fields")),
    ],
)
def test_what_is_no_weighting_is_refused(manager: Client, weights, day, tier, refusal):
    answer = put(manager, later(day), weights, tier)

    assert refusal == (answer.status_code, answer.json["type"].rpartition("problem:")[2])


def test_the_list_has_the_latest_of_each_tier_first(manager: Client):
    for day, tier in ((1, "town"), (1, "city"), (2, "city")):
        put(manager, later(day), tier=tier)

    with assert_query_count(3):  # who asks, how many, which
        listed = manager.get("/v1/scorecard-weights").json
    towns = manager.get("/v1/scorecard-weights?tier=town").json

    assert [("city", later(2)), ("city", later()), ("town", later())] == [
        (row["tier"], row["valid_from"]) for row in listed
    ]
    assert ["town"] == [row["tier"] for row in towns]
    assert 404 == manager.get(f"/v1/scorecard-weights/county/{later()}").status_code


@pytest.mark.usefixtures("storage")
class TestInForce:
    def test_defaults_hold_until_a_brand_says_otherwise(self):
        assert DEFAULTS == scorecard_weights.on(TODAY)
        assert {100} == {sum(weights.values()) for weights in DEFAULTS.values()}

    def test_are_installed_once(self):
        assert scorecard_weights.install(at=NOON)
        assert not scorecard_weights.install(at=NOON)
        assert DEFAULTS == scorecard_weights.on(TODAY)

    @pytest.mark.parametrize(
        ("stores", "display"),
        [({"city": 3, "town": 1}, 28.75), ({"town": 2}, 25), ({}, 85 / 3)],
    )
    def test_are_mixed_by_the_stores_of_each_tier(self, stores, display):
        assert pytest.approx(display) == (scorecard_weights.blend(TODAY, stores)[Pillar.DISPLAY])
