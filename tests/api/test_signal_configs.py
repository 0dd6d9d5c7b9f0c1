"""Configurations of signals over HTTP: published once, version by version."""

from datetime import UTC, datetime, timedelta

import pytest
from playhouse.test_utils import assert_query_count

from backend.evidence.signal_models import SignalConfig
from backend.evidence.signals import Signal
from backend.platform.actors import Role
from backend.platform.models import LedgerEntry
from tests.client import Client
from tests.factories import make_person

PROBLEM = "urn:xundian:problem:"
SOON = datetime.now(UTC) + timedelta(days=1)
LATER = SOON + timedelta(days=1)


@pytest.fixture
def admin(client: Client) -> Client:
    return client.as_(make_person(Role.ADMIN))


def publish(client: Client, version: int = 1, *, from_at: datetime = SOON, **body):
    return client.put(
        f"/v1/signal-configs/{version}",
        json={"from_at": from_at.isoformat(), "note": "调整"} | body,
    )


def weight(config: dict, code: str) -> dict:
    return next(one for one in config["signals"] if one["code"] == code)


def test_the_built_in_one_is_in_force_until_another_is(client, admin):
    publish(admin, suspicious_from=50)

    current = client.as_(make_person()).get("/v1/signal-configs/current").json

    assert (0, None, 60, 90) == tuple(
        current[name] for name in ("version", "from_at", "suspicious_from", "reject_from")
    )
    assert [str(signal) for signal in Signal] == [one["code"] for one in current["signals"]]
    assert current == admin.get("/v1/signal-configs/0").json
    assert {
        "code": "short_visit",
        "zh": "超短停留",
        "en": "too short",
        "points": 20,
        "limits": {"seconds": 180},
    } == weight(current, "short_visit")


def test_a_version_changes_what_it_names_and_keeps_the_rest(admin):
    change = {"code": "short_visit", "points": 10, "limits": {"seconds": 120}}
    first = publish(admin, signals=[change])
    second = publish(admin, 2, from_at=LATER, signals=[{"code": "rooted", "points": 0}])

    assert (201, 201) == (first.status_code, second.status_code)
    short, rooted, reuse = (
        weight(second.json, code) for code in ("short_visit", "rooted", "photo_reuse")
    )
    assert (10, {"seconds": 120}) == (short["points"], short["limits"])
    assert (0, 45) == (rooted["points"], reuse["points"])
    listed = admin.get("/v1/signal-configs").json
    assert [second.json, first.json] == listed
    assert 2 == LedgerEntry.select().where(LedgerEntry.object == "signal_config").count()


def test_published_again_is_the_same_and_nothing_else(admin):
    first, again = publish(admin), publish(admin)
    other = publish(admin, note="别的")

    assert (201, 200, 409) == (first.status_code, again.status_code, other.status_code)
    assert PROBLEM + "id-taken" == other.json["type"]
    assert first.json == again.json


@pytest.mark.parametrize("version", [0, 2])
def test_versions_follow_one_another(admin, version):
    refused = publish(admin, version)

    assert (409, PROBLEM + "signal-config-gap", 1) == (
        refused.status_code,
        refused.json["type"],
        refused.json["next"],
    )


def test_one_never_acts_on_the_past_or_before_the_one_before(admin):
    past = publish(admin, from_at=datetime.now(UTC) - timedelta(minutes=1))
    publish(admin, from_at=LATER)
    overtaking = publish(admin, 2, from_at=SOON)

    for refused in (past, overtaking):
        assert (422, PROBLEM + "signal-config-too-early") == (
            refused.status_code,
            refused.json["type"],
        )
    assert 1 == SignalConfig.select().count()


def test_a_limit_the_rule_does_not_have_is_refused(admin):
    change = {"code": "short_visit", "points": 10, "limits": {"minutes": 2}}

    refused = publish(admin, signals=[change])

    assert (422, PROBLEM + "signal-limit-unknown") == (refused.status_code, refused.json["type"])
    assert "seconds" in refused.json["detail"]


@pytest.mark.parametrize(
    "body",
    [
        {"signals": [{"code": "no_such", "points": 1}]},
        {"signals": [{"code": "rooted", "points": 101}]},
        {"signals": [{"code": "rooted", "points": -1}]},
        {"signals": [{"code": "rooted", "points": 1}] * 2},
        {"signals": [{"code": "rooted", "points": 1, "limits": {"flags": -1}}]},
        {"suspicious_from": 90, "reject_from": 60},
        {"note": ""},
    ],
)
def test_what_makes_no_sense_is_refused(admin, body):
    assert 422 == publish(admin, **body).status_code


def test_an_unknown_version_is_not_found(admin):
    assert 404 == admin.get("/v1/signal-configs/7").status_code


def test_the_list_takes_a_steady_number_of_queries(admin):
    for number in range(1, 4):
        publish(admin, number, from_at=SOON + timedelta(days=number))

    with assert_query_count(3):
        assert 3 == len(admin.get("/v1/signal-configs").json)
