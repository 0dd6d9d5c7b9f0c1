"""The calendar and call frequencies over HTTP."""

import pytest
from playhouse.test_utils import assert_query_count

from backend.platform.actors import Role
from backend.platform.models import LedgerEntry
from backend.standards import revision
from backend.standards.models import StandardsRevision
from tests.client import Client
from tests.factories import make_calendar_day, make_person, make_region, the_region

PROBLEM = "urn:xundian:problem:"


@pytest.fixture
def manager(client: Client) -> Client:
    return client.as_(make_person(Role.MANAGER))


def verbs() -> list[str]:
    return [entry.verb for entry in LedgerEntry.select().order_by(LedgerEntry.at)]


class TestCalendar:
    def test_shows_every_day_with_both_ends(self, client: Client):
        rep = client.as_(make_person())

        with assert_query_count(1):  # who asks
            days = rep.get("/v1/calendar?from=2026-10-07&to=2026-10-10").json

        assert ["holiday", "workday", "workday", "makeup_workday"] == [day["kind"] for day in days]
        assert {
            "day": "2026-10-07",
            "kind": "holiday",
            "kind_zh": "节假日",
            "name": "国庆节",
            "source": "law",
            "confirmed": True,
            "is_working": False,
            "share": 0.5,
        } == days[0]

    def test_shows_what_was_declared_for_a_region(self, client: Client):
        make_calendar_day(the_region(), "2026-03-07", kind="workday", name="大促")
        phone, place = client.as_(make_person()), make_region(the_region()).id

        with assert_query_count(3):  # who asks, the region, what was declared
            (day,) = phone.get(f"/v1/calendar?from=2026-03-07&to=2026-03-07&region_id={place}").json

        assert ("workday", "大促", "brand") == (day["kind"], day["name"], day["source"])

    @pytest.mark.parametrize(
        ("query", "code"),
        [
            ("from=2026-03-02&to=2026-03-01", "ends-before-start"),
            ("from=2026-01-01&to=2027-03-01", "too-many-days"),
        ],
    )
    def test_refuses_days_that_are_none_or_too_many(self, manager: Client, query, code):
        answer = manager.get(f"/v1/calendar?{query}")

        assert (422, PROBLEM + code) == (answer.status_code, answer.json["type"])

    def test_hides_regions_out_of_sight(self, client: Client):
        boss = client.as_(make_person(Role.SUPERVISOR, region=make_region(the_region())))

        answer = boss.get(f"/v1/calendar?from=2026-03-02&to=2026-03-02&region_id={the_region().id}")

        assert 404 == answer.status_code


class TestDeclaring:
    def test_holds_from_now_on_and_is_told_once(self, manager: Client):
        address = f"/v1/calendar/2026-03-07/regions/{the_region().id}"
        before = revision.current()

        answers = [manager.put(address, json={"kind": "workday", "name": "大促"}) for _ in range(2)]

        assert [201, 200] == [answer.status_code for answer in answers]
        assert "brand" == answers[0].json["source"]
        assert ["calendar.declared"] == verbs()
        assert before != revision.current()

    def test_is_not_changed_behind_somebody_s_back(self, manager: Client):
        address = f"/v1/calendar/2026-03-07/regions/{the_region().id}"
        manager.put(address, json={"kind": "workday"})

        refused = manager.put(address, json={"kind": "holiday"})
        statuses = [manager.delete(address).status_code for _ in range(2)]

        assert (409, PROBLEM + "day-declared") == (refused.status_code, refused.json["type"])
        assert [204, 404] == statuses
        assert ["calendar.declared", "calendar.taken_back"] == verbs()
        assert 201 == manager.put(address, json={"kind": "holiday"}).status_code

    def test_is_for_regions_in_sight(self, client: Client):
        boss = client.as_(make_person(Role.MANAGER, region=make_region(the_region())))
        address = f"/v1/calendar/2026-03-07/regions/{the_region().id}"

        answers = [boss.put(address, json={"kind": "holiday"}), boss.delete(address)]

        assert [404, 404] == [answer.status_code for answer in answers]


class TestFrequencies:
    def test_are_by_grade_until_edited(self, client: Client):
        rep = client.as_(make_person())

        with assert_query_count(2):  # who asks, what was edited
            cells = rep.get("/v1/call-frequencies").json

        assert 12 == len(cells)
        assert {"tier": "city", "grade": "A", "visits": 8, "version": 0} == cells[0]
        assert [8, 4, 2, 1] == [cell["visits"] for cell in cells if cell["tier"] == "town"]

    def test_are_edited_cell_by_cell(self, manager: Client):
        address = "/v1/call-frequencies/county/B"
        read = manager.get(address)

        edited = manager.put(
            address, json={"visits": 6}, headers={"If-Match": read.headers["ETag"]}
        )
        again = manager.put(
            address, json={"visits": 5}, headers={"If-Match": edited.headers["ETag"]}
        )

        assert [('"0"', 4), ('"1"', 6), ('"2"', 5)] == [
            (answer.headers["ETag"], answer.json["visits"]) for answer in (read, edited, again)
        ]
        assert again.json == manager.get(address).json
        assert ["frequency.edited"] * 2 == verbs()
        assert 1 == StandardsRevision.select().count()

    @pytest.mark.parametrize("version", ["0", "1", "7"])
    def test_of_another_version_are_left(self, manager: Client, version):
        address = "/v1/call-frequencies/county/B"
        for known in ("0", "1"):
            manager.put(address, json={"visits": 6}, headers={"If-Match": f'"{known}"'})

        answer = manager.put(address, json={"visits": 9}, headers={"If-Match": f'"{version}"'})

        assert (412, 2) == (answer.status_code, answer.json["version"])
        assert 6 == manager.get(address).json["visits"]

    def test_of_an_unknown_grade_are_not_found(self, manager: Client):
        answers = [
            manager.get("/v1/call-frequencies/county/X"),
            manager.put(
                "/v1/call-frequencies/moon/A", json={"visits": 1}, headers={"If-Match": '"0"'}
            ),
        ]

        assert [404, 404] == [answer.status_code for answer in answers]
