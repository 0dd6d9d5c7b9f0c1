"""Launches of new products over HTTP, and how far stores have come."""

from datetime import timedelta
from uuid import uuid4

import pytest
from playhouse.test_utils import assert_query_count

from backend.fieldwork.promotion_models import Launch, LaunchEvidence
from backend.platform import clock
from backend.platform.actors import Role
from backend.platform.models import LedgerEntry
from tests.client import Client
from tests.factories import (
    make_launch,
    make_person,
    make_sku,
    make_store,
    make_visit,
)

PROBLEM = "urn:xundian:problem:"
NOW = "2026-09-08T12:10:00+08:00"


@pytest.fixture
def manager(client: Client) -> Client:
    return client.as_(make_person(Role.MANAGER))


@pytest.fixture
def rep(client: Client):  # noqa: ARG001  # needs the database
    return make_person()


@pytest.fixture
def store(rep):
    return make_store(owner=rep)


@pytest.fixture
def phone(client: Client, rep) -> Client:
    return client.as_(rep)


def show(client: Client, launch, store, step: str, evidence_id=None, **changes):
    body = {"store_id": store.id, "stage": f"launch_{step}", "seen_at": NOW}
    return client.put(
        f"/v1/launches/{launch.id}/evidence/{evidence_id or uuid4()}", json=body | changes
    )


class TestLaunches:
    def test_are_added_amended_and_listed_newest_first(self, manager: Client):
        sku = make_sku()
        body = {"sku_id": sku.id, "name": "首销", "launched_on": "2026-09-08", "area": ["43"]}

        added = manager.post("/v1/launches", json=body)
        url = f"/v1/launches/{added.json['id']}"
        amended = manager.patch(
            url, json={"area": ["4401", "430000"]}, headers={"If-Match": added.headers["ETag"]}
        )
        old = make_launch()

        assert (201, ["430000"]) == (added.status_code, added.json["area"])
        assert (2, ["430000", "440100"], "首销") == tuple(
            amended.json[name] for name in ("version", "area", "name")
        )
        assert amended.json == manager.get(url).json
        with assert_query_count(3):  # who asks, how many, which
            listed = manager.get("/v1/launches").json
        assert [added.json["id"], old.id] == [each["id"] for each in listed]
        assert [amended.json] == manager.get(f"/v1/launches?sku_id={sku.id}").json
        assert ["launch.created", "launch.amended"] == [
            entry.verb for entry in LedgerEntry.select().order_by(LedgerEntry.at)
        ]

    @pytest.mark.parametrize(
        ("status", "problem", "wrong"),
        [
            (422, "unknown-division", {"area": ["99"]}),
            (422, "invalid-fields", {"name": ""}),
            (404, "not-found", {"sku_id": 999}),
        ],
    )
    def test_refuse_what_does_not_exist(self, manager: Client, status, problem, wrong):
        body = {"sku_id": make_sku().id, "name": "首销", "launched_on": "2026-09-08"}

        answer = manager.post("/v1/launches", json=body | wrong)

        assert (status, PROBLEM + problem) == (answer.status_code, answer.json["type"])
        assert 0 == Launch.select().count()

    def test_need_the_version_that_was_read(self, manager: Client):
        url = f"/v1/launches/{make_launch().id}"

        blind = manager.patch(url, json={"name": "再次"})
        stale = manager.patch(url, json={"name": "再次"}, headers={"If-Match": '"7"'})

        assert [428, 412] == [blind.status_code, stale.status_code]
        assert 404 == manager.get("/v1/launches/999").status_code


class TestEvidence:
    def test_is_kept_with_its_visit_and_photo(self, phone, rep, store):
        launch, visit, photo_id = make_launch(), make_visit(store, rep), str(uuid4())

        proof = {"visit_id": str(visit.id), "photo_id": photo_id, "note": "门头"}

        answer = show(phone, launch, store, "advertise", **proof)

        kept = {"launch_id": launch.id, "store_id": store.id, "person_id": rep.id, **proof}
        assert (201, "2026-09-08") == (answer.status_code, answer.json["seen_on"])
        assert kept == {name: answer.json[name] for name in kept}
        [listed] = phone.get(f"/v1/launches/{launch.id}/evidence").json
        assert answer.json == listed | {"skipped": []}
        assert ["launch.evidence_recorded"] == [entry.verb for entry in LedgerEntry.select()]

    def test_is_safe_to_repeat_and_refuses_another_use_of_the_id(
        self, client: Client, phone, store
    ):
        launch, other, evidence_id = make_launch(), make_launch(), uuid4()
        boss = client.as_(make_person(Role.SUPERVISOR))

        answers = [
            show(phone, launch, store, "offer", evidence_id),
            show(phone, launch, store, "offer", evidence_id),
            show(phone, launch, store, "inquiry", evidence_id),
            show(phone, other, store, "offer", evidence_id),
            show(boss, launch, store, "offer", evidence_id),
        ]

        assert [201, 200, 409, 409, 409] == [answer.status_code for answer in answers]
        assert answers[0].json == answers[1].json
        assert (1, 1) == (LaunchEvidence.select().count(), LedgerEntry.select().count())

    def test_of_a_later_stage_names_what_was_skipped(self, phone, store):
        launch = make_launch()

        jumped = show(phone, launch, store, "demo_trial").json["skipped"]
        filled = show(phone, launch, store, "inquiry").json["skipped"]
        further = show(phone, launch, store, "offer").json["skipped"]

        assert ["launch_advertise", "launch_inquiry"] == jumped
        assert ["launch_advertise"] == filled == further

    def test_is_never_of_the_future(self, phone, store):
        tomorrow = (clock.now() + timedelta(days=1)).isoformat()

        answer = show(phone, make_launch(), store, "offer", seen_at=tomorrow)

        assert str(clock.business_date(clock.now())) == answer.json["seen_on"]

    def test_may_come_before_its_visit(self, phone, store):
        assert 201 == show(phone, make_launch(), store, "offer", visit_id=str(uuid4())).status_code

    @pytest.mark.parametrize(
        ("problem", "wrong"),
        [
            ("outside-launch-area", {}),
            ("invalid-fields", {"stage": "launch_party"}),
            ("invalid-fields", {"photo_id": str(uuid4())}),
            ("invalid-fields", {"seen_at": "2026-09-08T12:00:00"}),
        ],
    )
    def test_refuses(self, phone, store, problem, wrong):
        answer = show(phone, make_launch(area=["440000", "430200"]), store, "offer", **wrong)

        assert (422, PROBLEM + problem) == (answer.status_code, answer.json["type"])

    def test_refuses_a_visit_to_another_store(self, phone, store):
        visit = make_visit()

        answer = show(phone, make_launch(), store, "offer", visit_id=str(visit.id))

        assert (422, f"{PROBLEM}evidence-elsewhere") == (answer.status_code, answer.json["type"])

    def test_of_stores_out_of_sight_stays_hidden(self, client: Client, phone, store):
        launch = make_launch()
        show(phone, launch, store, "offer")
        other = client.as_(make_person())

        assert [] == other.get(f"/v1/launches/{launch.id}/evidence").json
        assert 404 == show(other, launch, store, "offer").status_code
        assert 404 == show(phone, Launch(id=999), store, "offer").status_code

    def test_is_listed_by_store_and_stage_newest_first(self, client: Client, phone, rep, store):
        launch, second = make_launch(), make_store(owner=rep)
        show(phone, launch, store, "advertise", seen_at="2026-09-08T10:00:00+08:00")
        show(phone, launch, second, "advertise", seen_at="2026-09-09T10:00:00+08:00")
        show(phone, launch, store, "offer", seen_at="2026-09-10T10:00:00+08:00")
        manager = client.as_(make_person(Role.MANAGER))

        def ask(query=""):
            found = manager.get(f"/v1/launches/{launch.id}/evidence{query}").json
            return [(each["store_id"], each["stage"]) for each in found]

        with assert_query_count(4):  # who asks, which launch, how many, which
            assert [
                (store.id, "launch_offer"),
                (second.id, "launch_advertise"),
                (store.id, "launch_advertise"),
            ] == ask()
        assert [(second.id, "launch_advertise")] == ask(f"?store_id={second.id}")
        assert [(store.id, "launch_offer")] == ask("?stage=launch_offer")


class TestProgress:
    def test_tells_of_every_store_of_the_area_how_far_it_is(self, phone, rep, store):
        launch = make_launch(area=["4301"])
        silent = make_store(owner=rep)
        make_store(owner=rep, division_code="440103001")
        make_store(owner=rep, status="closed")
        make_store()
        show(phone, launch, store, "advertise", seen_at="2026-09-09T10:00:00+08:00")
        show(phone, launch, store, "advertise", seen_at="2026-09-08T10:00:00+08:00")
        show(phone, launch, store, "demo_trial", seen_at="2026-09-10T10:00:00+08:00")
        show(phone, make_launch(), store, "offer")

        with assert_query_count(4):  # who asks, which launch, how many, which
            first, second = phone.get(f"/v1/launches/{launch.id}/stores").json

        nothing = dict.fromkeys(first["stages"])
        shown = {"launch_advertise": "2026-09-08", "launch_demo_trial": "2026-09-10"}
        assert (store.id, store.code, "launch_demo_trial", ["launch_inquiry"]) == tuple(
            first[name] for name in ("store_id", "code", "reached", "skipped")
        )
        assert (nothing | shown, nothing) == (first["stages"], second["stages"])
        assert (silent.id, None, []) == tuple(
            second[name] for name in ("store_id", "reached", "skipped")
        )

    def test_can_be_asked_of_one_store_or_of_those_that_skip(self, phone, rep, store):
        launch, orderly, silent = make_launch(), make_store(owner=rep), make_store(owner=rep)
        show(phone, launch, store, "advocacy")
        show(phone, launch, orderly, "advertise")

        def ask(query):
            found = phone.get(f"/v1/launches/{launch.id}/stores?{query}").json
            return [each["store_id"] for each in found]

        assert [store.id] == ask("skipping=true")
        assert [orderly.id, silent.id] == ask("skipping=false")
        assert [silent.id] == ask(f"store_id={silent.id}")
        assert 404 == phone.get("/v1/launches/999/stores").status_code
