"""What phones say of a check-in's position, over HTTP."""

from uuid import uuid4

import pytest

from tests.phone import arrival

FROM_AMAP = {"trusted_level": 3, "location_type": 4, "fix_at": "2026-03-02T11:59:00+08:00"}


def stored(phone, store, clock=None, **said):
    """Check in with a position that says this, and return the visit as stored."""
    visit_id, body = uuid4(), arrival(store)
    body["position"] |= said
    body["clock"] |= clock or {}
    answer = phone.client.put(f"/v1/visits/{visit_id}", json=body)
    assert 201 == answer.status_code, answer.json
    return phone.client.get(f"/v1/visits/{visit_id}").json


def test_a_visit_keeps_what_the_platform_says_of_its_fix(phone, store):
    visit = stored(phone, store, provider="wifi", fix_age_s=61.5, is_mock=False, **FROM_AMAP)

    assert ("wifi", 61.5, False) == (visit["provider"], visit["fix_age_s"], visit["is_mock"])
    assert {
        "trusted_level": 3,
        "location_type": 4,
        "fix_at": "2026-03-02T03:59:00Z",
    } == visit["fix_facts"]


def test_what_a_platform_cannot_tell_stays_unknown(phone, store):
    visit = stored(phone, store, is_simulated=None)

    assert (None, None, None, None) == tuple(
        visit[name] for name in ("provider", "fix_age_s", "is_mock", "fix_facts")
    )


def test_a_no_is_not_taken_for_silence(phone, store):
    visit = stored(phone, store, is_mock=False, is_simulated=False, is_accessory=True)

    assert visit["is_mock"] is False
    assert {"is_simulated": False, "is_accessory": True} == visit["fix_facts"]


@pytest.mark.parametrize(
    ("said", "age_s"),
    [
        pytest.param({"fix_at": "2026-03-02T11:58:00+08:00"}, 120, id="two minutes old"),
        pytest.param({"fix_at": "2026-03-02T11:58:00+08:00", "fix_age_s": 3}, 3, id="told itself"),
        pytest.param({"fix_at": "2026-03-02T12:00:05+08:00"}, None, id="by another clock"),
    ],
)
def test_the_age_of_a_fix_is_told_by_the_phones_own_clock(phone, store, said, age_s):
    visit = stored(phone, store, clock={"device_at": "2026-03-02T12:00:00+08:00"}, **said)

    assert age_s == visit["fix_age_s"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"trusted_level": 0},
        {"trusted_level": 5},
        {"trusted_level": "1"},
        {"location_type": -1},
        {"location_type": 100},
        {"is_simulated": "perhaps"},
        {"is_accessory": 2},
        {"fix_at": "2026-03-02T12:00:00"},
    ],
)
def test_refuses_what_no_platform_says(phone, store, wrong):
    body = arrival(store)
    body["position"] |= wrong

    answer = phone.client.put(f"/v1/visits/{uuid4()}", json=body)

    assert 422 == answer.status_code
    assert list(wrong) == list(answer.json["errors"]["json"]["position"])


def test_a_point_names_what_converted_it(phone, store):
    visit = stored(phone, store)

    assert visit["crs_impl"].startswith("prcoords-bored@")
