"""Auditors over HTTP: claims, verdicts and what stands in their way."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import orjson
import pytest
from playhouse.test_utils import assert_query_count

from backend.evidence.models import PhotoAudit
from backend.fieldwork.models import Photo
from backend.platform.actors import Role
from backend.platform.models import LedgerEntry
from tests.client import Client
from tests.evidence.queue import make_queue
from tests.factories import make_dealer, make_person, make_region, make_store, the_region

PROBLEM = "urn:xundian:problem:"


@pytest.fixture
def auditor(client: Client) -> Client:
    return client.as_(make_person(Role.AUDITOR))


@pytest.fixture
def other(client: Client) -> Client:
    return client.as_(make_person(Role.AUDITOR))


def judge(client: Client, photo: Photo, verdict: str = "approved", version: int = 1, **body):
    return client.put(
        f"/v1/visits/{photo.visit_id}/photos/{photo.id}/verdict",
        json={"verdict": verdict} | body,
        headers={"If-Match": f'"{version}"'},
    )


def reject(client: Client, photo: Photo, **changes):
    return judge(client, photo, "rejected", **{"reasons": ["blurred"]} | changes)


def claim(client: Client, **body) -> list[str]:
    answer = client.post("/v1/audits/claims", json=body)
    assert 200 == answer.status_code, answer.json
    return [audit["photo_id"] for audit in answer.json]


def release(client: Client, photo: Photo):
    return client.delete(f"/v1/audits/claims/{photo.visit_id}/{photo.id}")


def ids(photos) -> set[str]:
    return {str(photo.id) for photo in photos}


def audit_of(photo: Photo) -> PhotoAudit:
    return PhotoAudit.get(PhotoAudit.photo_id == photo.id)


class TestQueue:
    def test_lists_what_waits_with_its_store_and_person(self, auditor):
        store = make_store()
        (photo,) = make_queue(1, store)

        (listed,) = auditor.get("/v1/audits?status=pending").json

        assert {
            "visit_id": str(photo.visit_id),
            "photo_id": str(photo.id),
            "status": "pending",
            "business_on": "2026-03-02",
            "region_id": store.region_id,
            "store_id": store.id,
            "store_code": store.code,
            "store_name": store.name,
            "person_name": "李雷",
            "subject": "storefront",
            "item": None,
            "matches": 0,
            "claimed_by": None,
            "claimed_until": None,
            "judged_by": None,
            "judged_at": None,
            "reasons": [],
            "note": "",
            "version": 1,
        } == listed

    def test_pages_in_one_order_with_a_steady_number_of_queries(self, auditor):
        photos = make_queue(7)

        with assert_query_count(3):  # who asks, how many, the page
            first = auditor.get("/v1/audits?page_size=5")
        second = auditor.get("/v1/audits?page_size=5&page=2")

        assert 7 == orjson.loads(first.headers["X-Pagination"])["total"]
        assert sorted(ids(photos)) == [a["photo_id"] for a in first.json + second.json]

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("dealer_id={dealer}", 1),
            ("tier=town", 1),
            ("tier=city", 2),
            ("region_id={region}", 1),
            ("region_id=99999", 0),
            ("status=rejected", 1),
            ("status=pending", 2),
        ],
    )
    def test_filters(self, auditor, query, expected):
        below = make_region(the_region())
        dealer = make_dealer(region=below)
        make_queue(1, make_store(dealer))
        make_queue(1, make_store(tier="town"))
        (rejected,) = make_queue(1)
        reject(auditor, rejected)

        answer = auditor.get(f"/v1/audits?{query.format(dealer=dealer.id, region=below.id)}")

        assert (200, expected) == (answer.status_code, len(answer.json))

    def test_hides_other_regions(self, client):
        home, away = make_region(), make_region()
        here = make_queue(1, make_store(region=home))
        (there,) = make_queue(1, make_store(region=away))
        auditor = client.as_(make_person(Role.AUDITOR, region=home))

        assert ids(here) == {a["photo_id"] for a in auditor.get("/v1/audits").json}
        assert ids(here) == set(claim(auditor))
        assert ids(here) == set(claim(auditor, region_id=away.id))
        assert 404 == judge(auditor, there).status_code == release(auditor, there).status_code

    @pytest.mark.parametrize("role", [Role.REP, Role.SUPERVISOR, Role.MANAGER])
    def test_is_for_auditors(self, client, role):
        (photo,) = make_queue(1)
        person = client.as_(make_person(role))

        assert [403] * 4 == [
            person.get("/v1/audits").status_code,
            person.post("/v1/audits/claims", json={}).status_code,
            release(person, photo).status_code,
            judge(person, photo).status_code,
        ]


class TestClaims:
    def test_holds_photos_off_others(self, auditor, other):
        photos = make_queue(5)

        mine, theirs = claim(auditor, limit=3), claim(other, limit=5)

        assert (3, 2) == (len(mine), len(theirs))
        assert ids(photos) == {*mine, *theirs}

    def test_takes_only_what_the_filters_choose(self, auditor):
        dealer = make_dealer()
        chosen = make_queue(1, make_store(dealer, tier="county"))
        make_queue(1, make_store(dealer))
        make_queue(1, make_store(tier="county"))

        body = {"dealer_id": dealer.id, "tier": "county", "region_id": the_region().id}

        assert ids(chosen) == set(claim(auditor, **body))

    def test_gives_back_what_one_does_not_want(self, auditor, other):
        (photo,) = make_queue(1)
        claim(auditor)

        refused, given, again = (
            release(other, photo),
            release(auditor, photo),
            release(auditor, photo),
        )

        assert [409, 204, 204] == [refused.status_code, given.status_code, again.status_code]
        assert PROBLEM + "claimed-by-another" == refused.json["type"]
        assert ids([photo]) == set(claim(other))

    @pytest.mark.parametrize("limit", [0, 51, "5"])
    def test_refuses_unreasonable_limits(self, auditor, limit):
        assert 422 == auditor.post("/v1/audits/claims", json={"limit": limit}).status_code

    def test_an_unknown_photo_cannot_be_released(self, auditor):
        (photo,) = make_queue(1)
        photo.id = uuid4()

        assert 404 == release(auditor, photo).status_code


class TestVerdicts:
    def test_approves_and_tells_the_ledger(self, auditor):
        (photo,) = make_queue(1)
        claim(auditor)

        answer = judge(auditor, photo)

        assert (200, '"2"') == (answer.status_code, answer.headers["ETag"])
        assert ("approved", [], 2) == tuple(
            answer.json[name] for name in ("status", "reasons", "version")
        )
        assert answer.json["judged_by"]
        assert answer.json["claimed_until"] is None
        entry = LedgerEntry.get(LedgerEntry.verb == "photo.judged")
        facts = orjson.loads(entry.facts)
        assert (str(photo.id), str(photo.visit_id)) == (entry.object_id, facts["visit"])
        assert {"visit", "verdict", "store", "dealer", "region", "day"} == set(facts)
        assert "approved" == facts["verdict"]

    def test_rejects_with_reasons_and_a_note(self, auditor):
        (photo,) = make_queue(1)

        answer = reject(auditor, photo, reasons=["too_far", "dark", "dark"], note="看不清")

        assert ("rejected", ["dark", "too_far"], "看不清") == tuple(
            answer.json[name] for name in ("status", "reasons", "note")
        )

    @pytest.mark.parametrize(
        ("body", "problem"),
        [
            ({"verdict": "rejected"}, "reasons-do-not-fit"),
            ({"verdict": "approved", "reasons": ["dark"]}, "reasons-do-not-fit"),
            ({"verdict": "rejected", "reasons": ["ugly"]}, "invalid-fields"),
            ({"verdict": "pending"}, "invalid-fields"),
        ],
    )
    def test_refuses_what_does_not_fit(self, auditor, body, problem):
        (photo,) = make_queue(1)

        answer = judge(auditor, photo, **body)

        assert (422, PROBLEM + problem) == (answer.status_code, answer.json["type"])
        assert "pending" == audit_of(photo).status

    def test_respects_another_auditors_claim_until_it_lapses(self, auditor, other):
        (photo,) = make_queue(1)
        claim(auditor)

        refused = judge(other, photo)
        PhotoAudit.update(claimed_until=datetime.now(UTC) - timedelta(seconds=1)).execute()
        accepted = judge(other, photo)

        assert (409, PROBLEM + "claimed-by-another") == (refused.status_code, refused.json["type"])
        assert 200 == accepted.status_code

    def test_needs_the_version_that_was_read(self, auditor):
        (photo,) = make_queue(1)
        address = f"/v1/visits/{photo.visit_id}/photos/{photo.id}/verdict"

        without = auditor.put(address, json={"verdict": "approved"})
        stale = judge(auditor, photo, version=7)

        assert [428, 412] == [without.status_code, stale.status_code]
        assert "pending" == audit_of(photo).status

    def test_may_be_changed_by_who_gave_it_and_by_an_admin_only(self, client, auditor, other):
        (photo,) = make_queue(1)
        admin = client.as_(make_person(Role.ADMIN))
        judge(auditor, photo)

        answers = [
            reject(other, photo, version=2),
            reject(auditor, photo, version=2),
            judge(admin, photo, version=3),
        ]

        assert [409, 200, 200] == [answer.status_code for answer in answers]
        assert PROBLEM + "judged-by-another" == answers[0].json["type"]
        assert ("approved", [], 4) == tuple(
            getattr(audit_of(photo), name) for name in ("status", "reasons", "version")
        )

    def test_a_judged_photo_is_not_claimed_again(self, auditor, other):
        (photo,) = make_queue(1)
        claim(auditor)
        judge(auditor, photo)

        assert [] == claim(other) == claim(auditor)

    def test_an_unknown_photo_is_not_found(self, auditor):
        (photo,) = make_queue(1)
        photo.id = uuid4()

        assert 404 == judge(auditor, photo).status_code
