"""Sales levels of regions over HTTP."""

import pytest
from playhouse.test_utils import assert_query_count

from backend.platform.actors import Role
from backend.platform.models import LedgerEntry
from backend.standards import revision
from backend.standards.mix_models import RegionSalesIndex
from tests.client import Client
from tests.factories import (
    make_must_rule,
    make_person,
    make_region,
    make_sku,
    make_store,
    the_region,
)


@pytest.fixture
def manager(client: Client) -> Client:
    return client.as_(make_person(Role.MANAGER))


def say(client: Client, sales_index, day="2026-01-01", region_id=None, version=None):
    address = f"/v1/regions/{region_id or the_region().id}/sales-indexes/{day}"
    headers = {} if version is None else {"If-Match": f'"{version}"'}
    return client.put(address, json={"sales_index": sales_index}, headers=headers)


def test_are_recorded_per_region_and_day_and_listed_latest_first(manager: Client):
    say(manager, 90)
    before = revision.current()

    answer = say(manager, 120, "2026-02-01")

    level = {"region_id": the_region().id, "from_on": "2026-02-01", "sales_index": 120}
    assert (200, level | {"version": 1}) == (answer.status_code, answer.json)
    assert before != revision.current()
    address = f"/v1/regions/{the_region().id}/sales-indexes"
    with assert_query_count(4):  # who asks, the region, how many, which
        listed = manager.get(address).json
    assert [120, 90] == [each["sales_index"] for each in listed]


def test_said_anew_replace_what_was_said_and_said_again_write_nothing(manager: Client):
    answers = [say(manager, 90), say(manager, 90), say(manager, 95, version=1)]

    assert [90, 90, 95] == [answer.json["sales_index"] for answer in answers]
    assert ['"1"', '"1"', '"2"'] == [answer.headers["ETag"] for answer in answers]
    assert 2 == LedgerEntry.select().count()
    listed = manager.get(f"/v1/regions/{the_region().id}/sales-indexes").json
    assert [95] == [each["sales_index"] for each in listed]


def test_are_not_replaced_unseen(manager: Client):
    say(manager, 90)
    say(manager, 95, version=1)

    unnamed, stale = say(manager, 80), say(manager, 80, version=1)

    assert (428, 412) == (unnamed.status_code, stale.status_code)
    assert [95] == [row.sales_index for row in RegionSalesIndex.select()]


def test_hold_for_the_regions_below_unless_they_have_their_own(manager: Client):
    root = the_region()
    near = make_region(root)
    far = make_region(near)
    store = make_store(region=far)
    sku = make_sku(role="hero")
    make_must_rule(min_sales_index=100)

    def musts(store_id=store.id):
        standard = manager.get(f"/v1/stores/{store_id}/standard?on=2026-03-02").json
        return [must["sku_id"] for must in standard["musts"]]

    asked = [musts()]
    for region, index in ((root, 120), (near, 90), (far, 100)):
        say(manager, index, region_id=region.id)
        asked.append(musts())
    newer = make_region(near)

    assert [[], [sku.id], [], [sku.id]] == asked
    assert [] == musts(make_store(region=newer).id)


def test_of_a_region_out_of_sight_are_not_found(client: Client):
    below = client.as_(make_person(Role.MANAGER, region=make_region(the_region())))
    region_id = the_region().id

    answers = [
        say(below, 90, region_id=region_id),
        below.get(f"/v1/regions/{region_id}/sales-indexes"),
    ]

    assert [404, 404] == [answer.status_code for answer in answers]


def test_below_nothing_are_refused(manager: Client):
    assert 422 == say(manager, -1).status_code
