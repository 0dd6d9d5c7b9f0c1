"""Photos that two auditors read, neither knowing of the other, and arbiters between them."""

from datetime import UTC, datetime, timedelta

import orjson
import pytest
from playhouse.test_utils import assert_query_count

from backend.evidence.models import PhotoAudit
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
)
from tests.client import Client
from tests.evidence.queue import make_queue
from tests.factories import make_audit_plan, make_person, make_region, make_store


@pytest.fixture
def first(client: Client) -> Client:
    return client.as_(make_person(Role.AUDITOR, name="王芳"))


@pytest.fixture
def second(client: Client) -> Client:
    return client.as_(make_person(Role.AUDITOR, name="赵敏"))


@pytest.fixture
def arbiter(client: Client) -> Client:
    return client.as_(make_person(Role.MANAGER))


@pytest.fixture
def photo(client: Client) -> Photo:  # noqa: ARG001  # needs the database
    """A photo that two are to read."""
    make_audit_plan(second_share=1.0)
    (photo,) = make_queue(1)
    return photo


def custody(client: Client, photo: Photo) -> list[str]:
    """Return the verbs of the custody that somebody is told."""
    answer = client.get(f"/v1/photos/{photo.id}/custody")
    return [step["verb"] for step in answer.json["steps"]]


def disputes(client: Client) -> list[dict]:
    answer = client.get("/v1/audits/disputes")
    assert 200 == answer.status_code, answer.json
    return answer.json


class TestSecondReadings:
    def test_are_another_persons(self, first, second, photo):
        read(first, photo)

        assert [] == claim(first)
        assert [str(photo.id)] == claim(second)

    def test_look_to_the_second_like_a_first(self, client, second, photo):
        untouched = listed(second, photo)
        claimed = {name: untouched[name] for name in ("claimed_by", "claimed_until")}

        read(client.as_(make_person(Role.AUDITOR)), photo, "rejected", note="模糊")

        assert untouched == listed(second, photo) == listed(second, photo, "status=pending")
        assert listed(second, photo, "status=rejected") is None
        (held,) = second.post("/v1/audits/claims", json={}).json
        assert untouched == held | claimed
        known = second.get(f"/v1/visits/{photo.visit_id}/photos/{photo.id}/reading").json["audit"]
        assert ("pending", [], "", None, 1) == tuple(
            known[name] for name in ("status", "reasons", "note", "judged_at", "version")
        )

    def test_are_not_told_of_in_the_custody_before_both_have_read(self, first, second, photo):
        read(first, photo, "rejected")
        undo(first, photo)
        release(first, photo)
        claim(first)
        judge(first, photo, version=3)

        before = custody(second, photo)
        read(second, photo)

        assert not {"photo.judged", "photo.verdict_withdrawn"} & set(before)
        assert 3 == custody(second, photo).count("photo.judged")

    @pytest.mark.parametrize(
        ("verdict", "status"),
        [("approved", "approved"), ("rejected", "rejected"), ("unsure", "disputed")],
    )
    def test_are_not_foreseen_by_the_first(self, first, photo, verdict, status):
        answer = read(first, photo, verdict).json

        assert (status, "王芳", 2) == tuple(
            answer[name] for name in ("status", "judged_by", "version")
        )
        assert answer == listed(first, photo) == listed(first, photo, f"status={status}")
        assert listed(first, photo, "status=pending") is None
        assert "pending" == audit_of(photo).status

    def test_that_agree_make_the_verdict_stand(self, first, second, photo):
        read(first, photo, "rejected", reasons=["dark"], note="夜间")

        answer = read(second, photo, "rejected", reasons=["too_far"])

        assert ("rejected", ["dark", "too_far"], "夜间", "赵敏") == tuple(
            answer.json[name] for name in ("status", "reasons", "note", "judged_by")
        )
        assert answer.json == listed(first, photo)
        entries = LedgerEntry.select().where(LedgerEntry.verb == "photo.judged")
        said = [orjson.loads(each.facts) for each in entries.order_by(LedgerEntry.at)]
        assert [("first", "pending"), ("second", "rejected")] == [
            (facts["part"], facts["stands"]) for facts in said
        ]

    @pytest.mark.parametrize(
        "words",
        [("approved", "rejected"), ("unsure", "approved"), ("rejected", "unsure"), ("unsure",) * 2],
    )
    def test_that_differ_wait_for_an_arbiter(self, first, second, arbiter, photo, words):
        one, other = words
        read(first, photo, one)
        read(second, photo, other)

        (dispute,) = disputes(arbiter)

        assert ("王芳", one, "赵敏", other) == tuple(
            dispute[name] for name in ("first_by", "first_verdict", "second_by", "second_verdict")
        )
        assert "disputed" == dispute["status"] == listed(second, photo)["status"]
        assert [] == claim(first) == claim(second)

    def test_are_taken_back_without_a_trace_for_the_other(self, first, second, photo):
        untouched = listed(second, photo)
        read(first, photo, "rejected")

        undone = undo(first, photo).json
        release(first, photo)

        assert ("pending", 3) == (undone["status"], undone["version"])
        assert untouched == listed(second, photo)
        assert 200 == read(second, photo).status_code
        assert 412 == _judged_anew(first, photo, version=1).status_code
        assert 200 == judge(first, photo, version=3).status_code
        assert "approved" == audit_of(photo).status

    def test_of_the_second_can_be_taken_back_and_the_firsts_not_any_more(
        self, first, second, photo
    ):
        read(first, photo)
        read(second, photo, "rejected")

        built_on = undo(first, photo)
        taken_back = undo(second, photo)

        assert (409, "verdict-built-on") == code_of(built_on)
        assert ("pending", 3) == (taken_back.json["status"], taken_back.json["version"])
        assert "approved" == listed(first, photo)["status"]
        assert 200 == judge(second, photo, version=3).status_code
        assert "approved" == audit_of(photo).status


def _judged_anew(client: Client, photo: Photo, version: int):
    claim(client)
    return judge(client, photo, version=version)


class TestArbitration:
    def test_decides_what_one_auditor_was_unsure_of(self, first, arbiter):
        (photo,) = make_queue(1)
        read(first, photo, "unsure", note="像翻拍")
        (dispute,) = disputes(arbiter)
        assert (None, None) == (dispute["second_by"], dispute["second_verdict"])

        answer = arbitrate(
            arbiter,
            photo,
            "rejected",
            dispute["version"],
            reasons=["screen_photo"],
            note="有摩尔纹",
        )

        assert 200 == answer.status_code, answer.json
        assert ("rejected", ["screen_photo"], "有摩尔纹") == tuple(
            answer.json[name] for name in ("status", "reasons", "note")
        )
        assert f'"{answer.json["version"]}"' == answer.headers["ETag"]
        assert [] == disputes(arbiter)
        entry = LedgerEntry.get(LedgerEntry.verb == "photo.arbitrated")
        facts = orjson.loads(entry.facts)
        assert ("arbiter", "rejected") == (facts["part"], facts["stands"])

    def test_overrules_a_verdict_that_stands(self, first, arbiter):
        (photo,) = make_queue(1)
        read(first, photo)

        answer = arbitrate(arbiter, photo, "rejected", reasons=["old_photo"])

        assert "rejected" == answer.json["status"] == audit_of(photo).status

    def test_can_be_taken_back(self, first, second, arbiter, photo):
        read(first, photo)
        read(second, photo, "rejected")
        address = f"/v1/visits/{photo.visit_id}/photos/{photo.id}/arbitration"
        arbitrate(arbiter, photo)

        answer = arbiter.delete(address)

        assert (200, "disputed") == (answer.status_code, answer.json["status"])
        assert (409, "nothing-to-undo") == code_of(arbiter.delete(address))
        assert 200 == arbitrate(arbiter, photo).status_code
        assert "approved" == audit_of(photo).status

    def test_is_for_somebody_who_neither_judged_nor_took_the_photo(self, client):
        everybody = client.as_(make_person(Role.ADMIN))
        photographer = make_person(Role.MANAGER)
        judged, taken = *make_queue(1), *make_queue(1, person=photographer)
        for photo in (judged, taken):
            read(everybody, photo, "unsure")

        assert [] == disputes(everybody)
        assert ids([judged]) == {d["photo_id"] for d in disputes(client.as_(photographer))}
        assert (409, "judged-already") == code_of(arbitrate(everybody, judged))
        assert (403, "own-photo") == code_of(arbitrate(client.as_(photographer), taken))

    def test_needs_something_to_decide(self, first, arbiter, photo):
        unread = arbitrate(arbiter, photo)
        read(first, photo)
        half_read = arbitrate(arbiter, photo)

        assert [(409, "nothing-to-arbitrate")] * 2 == [code_of(a) for a in (unread, half_read)]

    @pytest.mark.parametrize(
        ("verdict", "body", "problem"),
        [
            ("unsure", {}, "invalid-fields"),
            ("rejected", {}, "reasons-do-not-fit"),
            ("approved", {"reasons": ["dark"]}, "reasons-do-not-fit"),
        ],
    )
    def test_refuses_what_does_not_fit(self, first, arbiter, verdict, body, problem):
        (photo,) = make_queue(1)
        read(first, photo, "unsure")

        assert (422, problem) == code_of(arbitrate(arbiter, photo, verdict, **body))

    def test_needs_the_version_that_was_read(self, first, arbiter):
        (photo,) = make_queue(1)
        read(first, photo, "unsure")

        assert 412 == arbitrate(arbiter, photo, version=9).status_code

    def test_lists_what_is_in_ones_regions_and_counts(self, client, first, arbiter):
        (photo,) = make_queue(1)
        read(first, photo, "unsure")
        elsewhere = client.as_(make_person(Role.MANAGER, region=make_region()))

        assert [] == disputes(elsewhere)
        assert 404 == arbitrate(elsewhere, photo).status_code
        assert 1 == len(arbiter.get("/v1/audits/disputes?tier=city&to=2026-03-03").json)
        assert 0 == len(arbiter.get("/v1/audits/disputes?tier=town").json)
        Visit.update(status="cancelled").execute()
        assert [] == disputes(arbiter)

    def test_lists_with_a_steady_number_of_queries(self, first, arbiter):
        for photo in make_queue(6):
            read(first, photo, "unsure")

        with assert_query_count(3):  # who asks, how many, the page
            assert 6 == len(disputes(arbiter))


def test_a_lapsed_second_reading_goes_to_a_third_person_who_sees_nothing_of_it(
    client, first, second, photo
):
    read(first, photo)
    claim(second)
    PhotoAudit.update(claimed_until=datetime.now(UTC) - timedelta(seconds=1)).execute()
    third = client.as_(make_person(Role.AUDITOR))

    assert "pending" == listed(third, photo)["status"]
    assert "approved" == read(third, photo).json["status"]


@pytest.mark.usefixtures("client")
def test_who_is_read_twice_is_a_matter_of_the_region():
    here, there = make_region(), make_region()
    make_audit_plan(here, second_share=1.0)
    (twice,), (once,) = (make_queue(1, make_store(region=region)) for region in (here, there))

    assert [True, False] == [audit_of(photo).wants_second for photo in (twice, once)]
