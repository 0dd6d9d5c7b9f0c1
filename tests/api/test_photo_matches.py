"""Auditors over HTTP: photos that repeat earlier ones, confirmed or cleared."""

from datetime import timedelta
from uuid import uuid4

import orjson
import pytest
from playhouse.test_utils import assert_query_count

from backend.evidence.models import PhotoMatch
from backend.network.models import Person
from backend.platform.actors import Role
from backend.platform.models import LedgerEntry
from tests.client import Client
from tests.factories import NOON, make_person, make_reading, make_region, make_store, make_visit

SCENE = 0x0F0F_3C3C_5A5A_6699


@pytest.fixture
def auditor(client: Client) -> Client:
    return client.as_(make_person(Role.AUDITOR))


def handed_in(dhash: int = SCENE, day: int = 0, store=None):
    at = NOON + timedelta(days=day)
    return make_reading(make_visit(store or make_store(), at=at), dhash, received_at=at)


def address(later, earlier) -> str:
    return (
        f"/v1/visits/{later.visit_id}/photos/{later.photo_id}"
        f"/matches/{earlier.visit_id}/{earlier.photo_id}"
    )


def resolve(client: Client, later, earlier, version: int = 1, **body):
    return client.put(
        address(later, earlier),
        json={"resolution": "cleared", "reason": "同一机位"} | body,
        headers={"If-Match": f'"{version}"'},
    )


def listed(client: Client, query: str = "") -> list[str]:
    answer = client.get(f"/v1/photo-matches{query}")
    assert 200 == answer.status_code, answer.json
    return [match["photo_id"] for match in answer.json]


class TestList:
    def test_says_which_photo_matched_how_closely_where_whose_and_when(self, auditor):
        here, there = make_store(), make_store()
        earlier, later = handed_in(store=here), handed_in(SCENE ^ 3, 2, there)

        (match,) = auditor.get("/v1/photo-matches?status=open&kind=near").json

        assert {
            "visit_id": str(later.visit_id),
            "photo_id": str(later.photo_id),
            "kind": "near",
            "distance": 2,
            "status": "open",
            "reason": None,
            "resolved_by": None,
            "resolved_at": None,
            "version": 1,
            "received_at": "2026-03-04T04:00:00+00:00",
            "business_on": "2026-03-04",
            "store_code": there.code,
            "store_name": there.name,
            "person_name": "李雷",
            "earlier_received_at": "2026-03-02T04:00:00+00:00",
            "earlier_visit_id": str(earlier.visit_id),
            "earlier_photo_id": str(earlier.photo_id),
            "earlier_business_on": "2026-03-02",
            "earlier_store_code": here.code,
            "earlier_store_name": here.name,
            "earlier_person_name": "李雷",
        } == match

    def test_is_paged_latest_first_with_a_steady_number_of_queries(self, auditor):
        photos = [handed_in(day=day) for day in range(4)]

        with assert_query_count(3):  # who asks, how many, the page
            first = auditor.get("/v1/photo-matches?page_size=4")
        second = auditor.get("/v1/photo-matches?page_size=4&page=2")

        assert 6 == orjson.loads(first.headers["X-Pagination"])["total"]
        assert [str(photos[n].photo_id) for n in (3, 3, 3, 2, 2, 1)] == [
            match["photo_id"] for match in first.json + second.json
        ]

    def test_filters(self, auditor):
        store = make_store()
        earlier, later = handed_in(store=store), handed_in(day=1, store=store)
        elsewhere = handed_in(day=2)
        resolve(auditor, later, earlier)

        assert [str(later.photo_id)] == listed(auditor, f"?store_id={store.id}")
        assert [str(later.photo_id)] == listed(auditor, "?status=cleared")
        assert [str(elsewhere.photo_id)] * 2 == listed(auditor, "?status=open")
        assert [] == listed(auditor, "?kind=exact")

    def test_tells_of_an_earlier_photo_elsewhere_no_more_than_that_it_exists(self, client):
        home, away = make_region(), make_region()
        handed_in(store=make_store(region=away))
        handed_in(day=1, store=make_store(region=home))
        auditor = client.as_(make_person(Role.AUDITOR, region=home))

        (match,) = auditor.get("/v1/photo-matches").json

        assert {"earlier_received_at"} == {
            name for name, value in match.items() if value and name.startswith("earlier")
        }

    def test_hides_other_regions(self, client):
        home, away = make_region(), make_region()
        handed_in(store=make_store(region=away))
        handed_in(day=1, store=make_store(region=away))

        assert [] == listed(client.as_(make_person(Role.AUDITOR, region=home)))


class TestResolution:
    @pytest.mark.parametrize("resolution", ["confirmed", "cleared"])
    def test_is_kept_with_its_reason_and_told(self, auditor, resolution):
        earlier, later = handed_in(), handed_in(SCENE ^ 1, 1)

        answer = resolve(auditor, later, earlier, resolution=resolution)

        name = Person.get(Person.role == "auditor").name
        assert (200, '"2"') == (answer.status_code, answer.headers["ETag"])
        assert (resolution, "同一机位", name, 2) == tuple(
            answer.json[key] for key in ("status", "reason", "resolved_by", "version")
        )
        entry = LedgerEntry.get(LedgerEntry.verb == f"photo_match.{resolution}")
        facts = orjson.loads(entry.facts)
        assert (str(later.photo_id), str(later.visit_id), 1) == (
            entry.object_id,
            facts["visit"],
            facts["distance"],
        )
        assert {"store", "dealer", "region", "day"} <= set(facts)

    def test_is_shown_beside_the_photo(self, auditor):
        earlier, later = handed_in(), handed_in(day=1)
        resolve(auditor, later, earlier)

        shown = auditor.get(f"/v1/visits/{later.visit_id}/photos/{later.photo_id}/reading").json

        assert [("cleared", "同一机位", 2)] == [
            (match["status"], match["reason"], match["version"]) for match in shown["matches"]
        ]

    def test_may_be_changed_by_who_read_it(self, auditor):
        earlier, later = handed_in(), handed_in(day=1)
        resolve(auditor, later, earlier)

        stale = resolve(auditor, later, earlier, resolution="confirmed")
        changed = resolve(auditor, later, earlier, 2, resolution="confirmed")
        body = {"resolution": "cleared", "reason": "同一机位"}
        without = auditor.put(address(later, earlier), json=body)

        assert [412, 200, 428] == [stale.status_code, changed.status_code, without.status_code]
        assert "confirmed" == PhotoMatch.get().status

    @pytest.mark.parametrize(
        "body", [{"resolution": "fixed_scene"}, {"reason": ""}, {"reason": None}]
    )
    def test_refuses_what_is_no_word_of_an_auditor(self, auditor, body):
        earlier, later = handed_in(), handed_in(day=1)

        assert 422 == resolve(auditor, later, earlier, **body).status_code

    def test_an_unknown_match_is_not_found(self, auditor):
        earlier, later = handed_in(), handed_in(day=1)
        earlier.photo_id = uuid4()

        assert 404 == resolve(auditor, later, earlier).status_code

    @pytest.mark.parametrize("role", [Role.REP, Role.MANAGER])
    def test_is_for_auditors(self, client, role):
        earlier, later = handed_in(), handed_in(day=1)

        assert 403 == resolve(client.as_(make_person(role)), later, earlier).status_code
