"""Auditors over HTTP: claims, verdicts and what stands in their way."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import orjson
import pytest
from playhouse.test_utils import assert_query_count

from backend.evidence.audit_models import PhotoVerdict
from backend.evidence.models import LocationReading, PhotoAudit, PhotoMatch, PhotoReading
from backend.fieldwork.models import Visit
from backend.fieldwork.photo_models import Photo
from backend.platform.actors import Role
from backend.platform.models import LedgerEntry
from tests.api.desk import (
    arbitrate,
    audit_of,
    claim,
    code_of,
    ids,
    judge,
    listed,
    read,
    release,
    undo,
    verdict_of,
)
from tests.client import Client
from tests.evidence.queue import make_queue
from tests.factories import (
    NOON,
    make_dealer,
    make_person,
    make_region,
    make_score,
    make_store,
    the_region,
)


@pytest.fixture
def auditor(client: Client) -> Client:
    return client.as_(make_person(Role.AUDITOR))


@pytest.fixture
def other(client: Client) -> Client:
    return client.as_(make_person(Role.AUDITOR))


class TestQueue:
    def test_lists_what_waits_with_its_store_and_person(self, auditor):
        store = make_store()
        (photo,) = make_queue(1, store)

        (shown,) = auditor.get("/v1/audits?status=pending").json

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
            "advice": [],
            "claimed_by": None,
            "claimed_until": None,
            "judged_by": None,
            "judged_at": None,
            "reasons": [],
            "note": "",
            "version": 1,
        } == shown

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
            ("store_id={store}", 1),
            ("chain=联讯", 1),
            ("tier=town", 1),
            ("tier=city", 2),
            ("grade=A", 1),
            ("person_id={person}", 1),
            ("kind=full_audit", 1),
            ("from=2026-03-02&to=2026-03-03", 2),
            ("from=2026-03-03", 1),
            ("to=2026-03-02", 0),
            ("place=outside", 1),
            ("place=inside", 0),
            ("subject=price_tag", 1),
            ("item=city_e_welcome_mat", 1),
            ("is_repeat=true", 1),
            ("is_repeat=false", 2),
            ("quality_flag=dark", 1),
            ("quality_flag=blurred", 0),
            ("band=suspicious", 1),
            ("band=clear", 0),
            ("plan_id=99999", 0),
            ("region_id={region}", 1),
            ("region_id=99999", 0),
            ("status=rejected", 1),
            ("status=pending", 2),
            ("status=disputed", 0),
            ("tier=city&status=pending", 1),
        ],
    )
    def test_is_filtered_by_anything_of_the_visit(self, auditor, query, expected):
        below = make_region(the_region())
        dealer = make_dealer(region=below)
        store = make_store(dealer, chain="联讯")
        person = make_person()
        (photo,) = make_queue(1, store, person=person, kind="full_audit", grade="A")
        LocationReading.create(visit_id=photo.visit_id, outcome="outside", flags=[], judged_at=NOON)
        make_score(Visit.get_by_id(photo.visit_id), "mock_flag")
        measured = [
            {"code": "blurred", "value": 90.5, "threshold": 60, "is_flagged": False},
            {"code": "dark", "value": 20.1, "threshold": 40, "is_flagged": True},
        ]
        PhotoReading.update(quality=measured).where(PhotoReading.photo_id == photo.id).execute()
        make_queue(1, make_store(tier="town"), at=NOON + timedelta(days=1), grade="B")
        (rejected,) = make_queue(1, grade="B")
        Photo.update(subject="price_tag", item="city_e_welcome_mat").where(
            Photo.id == rejected.id
        ).execute()
        PhotoMatch.create(
            visit_id=rejected.visit_id,
            photo_id=rejected.id,
            earlier_visit_id=photo.visit_id,
            earlier_photo_id=photo.id,
            kind="exact",
            distance=0,
        )
        read(auditor, rejected, "rejected")
        named = {"dealer": dealer.id, "store": store.id, "person": person.id, "region": below.id}

        answer = auditor.get(f"/v1/audits?{query.format(**named)}")

        assert (200, expected) == (answer.status_code, len(answer.json))

    @pytest.mark.parametrize(
        "query",
        ["tier=village", "kind=tea", "band=red", "quality_flag=%25", "from=today", "store_id=x"],
    )
    def test_refuses_filters_that_make_no_sense(self, auditor, query):
        assert 422 == auditor.get(f"/v1/audits?{query}").status_code

    @pytest.mark.parametrize(
        "changes",
        [
            {"status": "cancelled"},
            {"quarantine_reason": "unknown-store"},
        ],
    )
    def test_leaves_out_what_no_longer_counts_until_it_does_again(self, auditor, changes):
        (photo,) = make_queue(1)
        claim(auditor)
        before = {name: getattr(Visit.get(), name) for name in changes}

        Visit.update(**changes).execute()
        gone = [listed(auditor, photo), claim(auditor), code_of(judge(auditor, photo))]
        Visit.update(**before).execute()
        back = [listed(auditor, photo)["status"], claim(auditor)]

        assert [None, [], (409, "not-in-queue")] == gone
        assert ["pending", [str(photo.id)]] == back

    def test_leaves_out_photos_that_are_not_believed(self, auditor):
        (photo,) = make_queue(1)
        Photo.update(quarantine_reason="hash-mismatch").execute()

        assert listed(auditor, photo) is None
        assert [] == claim(auditor)

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
        assert (409, "claimed-by-another") == code_of(refused)
        assert ids([photo]) == set(claim(other))

    def test_leaves_out_what_one_took_oneself(self, client, auditor):
        turned_auditor = make_person(Role.AUDITOR)
        own = make_queue(1, person=turned_auditor)
        others = make_queue(1)

        assert ids(others) == set(claim(client.as_(turned_auditor)))
        assert ids(own) == set(claim(auditor))

    def test_takes_what_a_filter_of_photos_chooses(self, auditor):
        chosen, _ = make_queue(2)
        Photo.update(subject="shelf").where(Photo.id == chosen.id).execute()

        assert ids([chosen]) == set(claim(auditor, subject="shelf"))

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

        answer = read(auditor, photo)

        assert (200, '"2"') == (answer.status_code, answer.headers["ETag"])
        assert ("approved", [], 2) == tuple(
            answer.json[name] for name in ("status", "reasons", "version")
        )
        assert answer.json["judged_by"]
        assert answer.json["claimed_until"] is None
        entry = LedgerEntry.get(LedgerEntry.verb == "photo.judged")
        facts = orjson.loads(entry.facts)
        assert str(photo.id) == entry.object_id
        assert {
            "visit": str(photo.visit_id),
            "verdict": "approved",
            "reasons": [],
            "part": "first",
            "stands": "approved",
        } == {
            name: facts[name] for name in facts if name not in {"store", "dealer", "region", "day"}
        }
        assert "2026-03-02" == facts["day"]

    def test_rejects_with_reasons_and_a_note(self, auditor):
        (photo,) = make_queue(1)

        answer = read(
            auditor, photo, "rejected", reasons=["too_far", "dark", "dark"], note="看不清"
        )

        assert ("rejected", ["dark", "too_far"], "看不清") == tuple(
            answer.json[name] for name in ("status", "reasons", "note")
        )

    def test_what_one_is_unsure_of_waits_for_an_arbiter(self, auditor, other):
        (photo,) = make_queue(1)

        answer = read(auditor, photo, "unsure", note="像翻拍", reasons=["screen_photo"])

        assert ("disputed", []) == (answer.json["status"], answer.json["reasons"])
        assert [] == claim(other)
        assert listed(other, photo, "status=disputed")

    @pytest.mark.parametrize(
        ("body", "problem"),
        [
            ({"verdict": "rejected"}, "reasons-do-not-fit"),
            ({"verdict": "approved", "reasons": ["dark"]}, "reasons-do-not-fit"),
            ({"verdict": "rejected", "reasons": ["ugly"]}, "invalid-fields"),
            ({"verdict": "pending"}, "invalid-fields"),
            ({"verdict": "approved", "note": "x" * 1001}, "invalid-fields"),
        ],
    )
    def test_refuses_what_does_not_fit(self, auditor, body, problem):
        (photo,) = make_queue(1)
        claim(auditor)

        assert (422, problem) == code_of(judge(auditor, photo, **body))
        assert "pending" == audit_of(photo).status

    def test_needs_a_claim_of_ones_own(self, auditor, other):
        (photo,) = make_queue(1)

        without = judge(auditor, photo)
        claim(other)
        anothers = judge(auditor, photo)
        PhotoAudit.update(claimed_until=datetime.now(UTC) - timedelta(seconds=1)).execute()
        lapsed = judge(other, photo)

        assert [(409, "claim-needed"), (409, "claimed-by-another"), (409, "claim-lapsed")] == [
            code_of(answer) for answer in (without, anothers, lapsed)
        ]
        assert [str(photo.id)] == claim(auditor)
        assert 200 == judge(auditor, photo).status_code

    def test_a_released_photo_is_not_ones_to_judge(self, auditor):
        (photo,) = make_queue(1)
        claim(auditor)
        release(auditor, photo)

        assert (409, "claim-needed") == code_of(judge(auditor, photo))

    def test_needs_the_version_that_was_read(self, auditor):
        (photo,) = make_queue(1)
        claim(auditor)

        without = auditor.put(verdict_of(photo), json={"verdict": "approved"})
        stale = judge(auditor, photo, version=7)

        assert [428, 412] == [without.status_code, stale.status_code]
        assert "pending" == audit_of(photo).status

    def test_nobody_judges_twice_or_after_another(self, auditor, other):
        (photo,) = make_queue(1)
        read(auditor, photo)

        again, after = judge(auditor, photo, version=2), judge(other, photo, version=2)

        assert (409, "judged-already") == code_of(again)
        assert (409, "judged-by-another") == code_of(after)

    def test_nobody_judges_what_they_took(self, client):
        turned_auditor = make_person(Role.AUDITOR)
        (photo,) = make_queue(1, person=turned_auditor)

        assert (403, "own-photo") == code_of(judge(client.as_(turned_auditor), photo))

    def test_a_judged_photo_is_not_claimed_again(self, auditor, other):
        (photo,) = make_queue(1)
        read(auditor, photo)

        assert [] == claim(other) == claim(auditor)

    def test_an_unknown_photo_is_not_found(self, auditor):
        (photo,) = make_queue(1)
        photo.id = uuid4()

        assert [404, 404] == [judge(auditor, photo).status_code, undo(auditor, photo).status_code]


class TestUndo:
    def test_gives_the_photo_back_to_who_judged_it(self, auditor, other):
        (photo,) = make_queue(1)
        read(auditor, photo, "rejected")

        answer = undo(auditor, photo)

        assert ("pending", [], None) == tuple(
            answer.json[name] for name in ("status", "reasons", "judged_by")
        )
        assert answer.json["claimed_until"]
        assert [] == claim(other)
        assert 200 == judge(auditor, photo, version=answer.json["version"]).status_code
        verbs = ["photo.judged", "photo.verdict_withdrawn", "photo.judged"]
        entries = LedgerEntry.select().where(LedgerEntry.object_id == str(photo.id))
        assert verbs == [entry.verb for entry in entries.order_by(LedgerEntry.at)]

    def test_is_for_some_minutes_only(self, auditor):
        (photo,) = make_queue(1)
        read(auditor, photo)
        PhotoVerdict.update(
            judged_at=datetime.now(UTC) - timedelta(minutes=10, seconds=1)
        ).execute()

        assert (409, "undo-too-late") == code_of(undo(auditor, photo))

    def test_is_for_who_judged_and_once(self, auditor, other):
        (photo,) = make_queue(1)
        unjudged = undo(auditor, photo)
        read(auditor, photo)

        anothers, first, second = undo(other, photo), undo(auditor, photo), undo(auditor, photo)

        assert 200 == first.status_code
        assert [(409, "nothing-to-undo")] * 3 == [
            code_of(answer) for answer in (unjudged, anothers, second)
        ]

    def test_is_refused_once_an_arbiter_decided(self, client, auditor):
        (photo,) = make_queue(1)
        read(auditor, photo)
        arbiter = client.as_(make_person(Role.MANAGER))
        arbitrate(arbiter, photo, "rejected", reasons=["old_photo"])

        refused = undo(auditor, photo)
        arbiter.delete(f"/v1/visits/{photo.visit_id}/photos/{photo.id}/arbitration")

        assert (409, "verdict-built-on") == code_of(refused)
        assert 200 == undo(auditor, photo).status_code


class TestBulk:
    def test_takes_each_for_itself(self, auditor):
        photos = make_queue(4)
        claim(auditor)
        fine, wrong, stale, fresh = photos
        items = [
            item(fine),
            item(wrong, "rejected"),
            item(stale, version=9),
            item(fresh, "rejected", reasons=["dark"], note="夜间"),
            item(fine),
            {"photo_id": 7, "verdict": "maybe"},
            item(fine, visit_id=str(uuid4())),
        ]

        answer = auditor.post("/v1/audits/verdicts", json={"verdicts": items})

        results = answer.json["results"]
        problems = [each["problem"] and each["problem"]["type"] for each in results]
        assert 200 == answer.status_code
        assert [
            None,
            "urn:xundian:problem:reasons-do-not-fit",
            "urn:xundian:problem:stale",
            None,
            "urn:xundian:problem:judged-already",
            "urn:xundian:problem:invalid-fields",
            "urn:xundian:problem:not-found",
        ] == problems
        assert [str(fine.id), None] == [results[n]["photo_id"] for n in (0, 5)]
        assert ["approved", "rejected"] == [results[n]["audit"]["status"] for n in (0, 3)]
        statuses = [audit_of(photo).status for photo in photos]
        assert ["approved", "pending", "pending", "rejected"] == statuses

    def test_judges_two_hundred_and_no_more(self, auditor):
        (photo,) = make_queue(1)
        claim(auditor)

        many = auditor.post("/v1/audits/verdicts", json={"verdicts": [item(photo)] * 201})
        none = auditor.post("/v1/audits/verdicts", json={"verdicts": []})
        most = auditor.post("/v1/audits/verdicts", json={"verdicts": [item(photo)] * 200})

        assert [422, 422, 200] == [each.status_code for each in (many, none, most)]
        assert 1 == sum(result["audit"] is not None for result in most.json["results"])


def item(photo: Photo, verdict: str = "approved", **changes) -> dict:
    """Return one of many verdicts, as an auditor sends it."""
    named = {"visit_id": str(photo.visit_id), "photo_id": str(photo.id), "version": 1}
    return named | {"verdict": verdict} | changes
