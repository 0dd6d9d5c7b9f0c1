"""What follows when a check-in is not at its store, by the policy of the store's tier."""

from dataclasses import replace
from itertools import permutations
from uuid import uuid4

import pytest

from backend.config import Config
from backend.fieldwork.models import Visit
from backend.fieldwork.violation_models import Violation
from backend.platform.actors import Role
from backend.platform.models import LedgerEntry
from backend.worker import run_until_idle
from tests.api.field import CITY
from tests.client import Client
from tests.factories import make_person, make_store
from tests.phone import announced, arrival
from tests.pictures import phone_jpeg

AT_THE_DOOR, NORTH_400_M = 28.1951, 28.1987
# What AMap calls the door, sent as if it were WGS-84.
MISTAGGED = {"lat": 28.191688, "lon": 112.982493}


def seen_at(lat: float = NORTH_400_M, **changes) -> dict:
    return {"lat": lat, "lon": 112.9769, "crs": "wgs84", "accuracy_m": 10.0} | changes


@pytest.fixture
def manager(client: Client, rep) -> Client:  # noqa: ARG001  # after the store's people
    return client.as_(make_person(Role.MANAGER))


def move(manager: Client, store, lat: float) -> None:
    """Move a store as the office does, and let the worker follow."""
    answer = manager.patch(
        f"/v1/stores/{store.id}",
        json={"position": {"lat": lat, "lon": 112.9769, "crs": "wgs84"}},
        headers={"If-Match": '"1"'},
    )
    assert 200 == answer.status_code
    run_until_idle()


def verbs_of(visit_id) -> list[str]:
    entries = LedgerEntry.select().where(LedgerEntry.object_id == str(visit_id))
    return [entry.verb for entry in entries.order_by(LedgerEntry.at, LedgerEntry.id)]


class TestAllowing:
    def test_is_what_happens_by_default(self, phone, store):
        visit_id = uuid4()

        answer = phone.check_in(store, visit_id, position=seen_at())
        report = phone.report(visit_id)
        run_until_idle()

        assert (201, []) == (answer.status_code, answer.json["demands"])
        assert "complete" == report.json["status"]
        assert "outside" == phone.client.get(f"/v1/visits/{visit_id}").json["place"]


class TestDemandingAPhoto:
    @pytest.fixture
    def config(self, config: Config) -> Config:
        return replace(config, fence_policy_city="demand_photo")

    @pytest.mark.parametrize(
        ("position", "demands"),
        [
            pytest.param(seen_at(AT_THE_DOOR), [], id="inside"),
            pytest.param(seen_at(), ["storefront_photo"], id="outside"),
            pytest.param(seen_at(AT_THE_DOOR, accuracy_m=500), ["storefront_photo"], id="unusable"),
            pytest.param(seen_at(**MISTAGGED), ["storefront_photo"], id="wrong datum"),
            pytest.param(None, ["storefront_photo"], id="no fix"),
        ],
    )
    def test_asks_for_the_storefront_unless_the_place_is_sure(
        self, phone, store, position, demands
    ):
        visit_id = uuid4()

        answer = phone.check_in(store, visit_id, position=position)

        assert (201, demands) == (answer.status_code, answer.json["demands"])
        assert demands == phone.receipt(visit_id)["demands"]

    def test_leaves_other_tiers_alone(self, phone, rep):
        store = make_store(owner=rep, tier="county")

        assert [] == phone.check_in(store, position=seen_at(28.3)).json["demands"]

    @pytest.mark.parametrize(
        "order", list(permutations(["check_in", "report", "photo", "tag photo"]))
    )
    def test_is_met_by_a_photo_of_the_manifest_in_any_order(self, phone, store, order):
        visit_id, front, tag = uuid4(), uuid4(), uuid4()
        pictures = {front: phone_jpeg(1), tag: phone_jpeg(2)}
        manifest = [
            announced(front, pictures[front]),
            announced(tag, pictures[tag], subject="price_tag"),
        ]
        send = {
            "check_in": lambda: phone.check_in(store, visit_id, position=seen_at()),
            "report": lambda: phone.report(visit_id, photos=manifest),
            "photo": lambda: phone.photo(visit_id, front, pictures[front]),
            "tag photo": lambda: phone.photo(visit_id, tag, pictures[tag]),
        }

        statuses = [send[what]().status_code for what in order]

        receipt = phone.receipt(visit_id)
        assert [201] * 4 == statuses
        assert ("complete", []) == (receipt["status"], receipt["demands"])
        assert 1 == verbs_of(visit_id).count("visit.completed")

    @pytest.mark.parametrize("order", list(permutations(["check_in", "report", "photo"])))
    def test_is_not_met_by_another_picture_in_whatever_order(self, phone, store, order):
        visit_id, photo_id, picture = uuid4(), uuid4(), phone_jpeg()
        manifest = [announced(photo_id, picture, subject="price_tag")]
        send = {
            "check_in": lambda: phone.check_in(store, visit_id, position=seen_at()),
            "report": lambda: phone.report(visit_id, photos=manifest),
            "photo": lambda: phone.photo(visit_id, photo_id, picture),
        }

        for what in order:
            send[what]()

        receipt = phone.receipt(visit_id)
        assert ("reported", ["storefront_photo"]) == (receipt["status"], receipt["demands"])
        assert "visit.completed" not in verbs_of(visit_id)

    @pytest.mark.parametrize("order", list(permutations(["check_in", "report", "amend", "photo"])))
    def test_is_met_by_an_amendment_where_the_report_had_none(self, phone, store, order):
        visit_id, photo_id, picture = uuid4(), uuid4(), phone_jpeg()
        manifest = [announced(photo_id, picture)]
        send = {
            "check_in": lambda: phone.check_in(store, visit_id, position=seen_at()),
            "report": lambda: phone.report(visit_id),
            "amend": lambda: phone.amend(visit_id, uuid4(), photos=manifest),
            "photo": lambda: phone.photo(visit_id, photo_id, picture),
        }

        for what in order:
            send[what]()

        receipt = phone.receipt(visit_id)
        photo = receipt["photos"][0]["state"]
        assert ("complete", [], "received") == (receipt["status"], receipt["demands"], photo)

    def test_waits_for_a_report_without_any_photo(self, phone, store):
        visit_id = uuid4()
        phone.check_in(store, visit_id, position=seen_at())

        answer = phone.report(visit_id)

        assert ("reported", ["storefront_photo"]) == (answer.json["status"], answer.json["demands"])

    def test_needs_the_declared_bytes(self, phone, store):
        visit_id, photo_id = uuid4(), uuid4()
        phone.check_in(store, visit_id, position=seen_at())
        phone.photo(visit_id, photo_id, phone_jpeg(1))

        answer = phone.report(visit_id, photos=[announced(photo_id, phone_jpeg(2))])

        assert ("reported", ["storefront_photo"]) == (answer.json["status"], answer.json["demands"])

    def test_is_lifted_when_the_store_moves_to_where_the_check_in_was(self, phone, manager, store):
        visit_id = uuid4()
        phone.check_in(store, visit_id, position=seen_at())
        phone.report(visit_id)
        run_until_idle()

        move(manager, store, NORTH_400_M)

        receipt = phone.receipt(visit_id)
        assert ("complete", []) == (receipt["status"], receipt["demands"])
        assert {"visit.demand_lifted", "visit.completed"} <= set(verbs_of(visit_id))

    def test_is_not_made_later_when_the_store_moves_away(self, phone, manager, store):
        visit_id = uuid4()
        phone.check_in(store, visit_id)
        run_until_idle()

        move(manager, store, 28.3)

        assert [] == phone.receipt(visit_id)["demands"]
        assert "outside" == manager.get(f"/v1/visits/{visit_id}").json["place"]


class TestRefusing:
    @pytest.fixture
    def config(self, config: Config) -> Config:
        return replace(config, fence_policy_city="refuse")

    def test_keeps_a_check_in_from_elsewhere_in_quarantine(self, phone, manager, store):
        visit_id = uuid4()

        answer = phone.check_in(store, visit_id, position=seen_at())
        again = phone.client.put(f"/v1/visits/{visit_id}", json=arrival(store))

        assert (202, "outside-fence") == (answer.status_code, answer.json["quarantine_reason"])
        assert answer.json["check_in"]["received"]
        assert 409 == again.status_code
        listed = manager.get("/v1/quarantine?reason=outside-fence").json
        assert [str(visit_id)] == [visit["id"] for visit in listed]

    @pytest.mark.parametrize(
        "position",
        [
            pytest.param(seen_at(AT_THE_DOOR), id="inside"),
            pytest.param(seen_at(accuracy_m=500), id="unusable"),
            pytest.param(seen_at(**MISTAGGED), id="wrong datum"),
            pytest.param(None, id="no fix"),
        ],
    )
    def test_lets_in_who_may_have_been_there(self, phone, store, position):
        assert 201 == phone.check_in(store, position=position).status_code

    def test_is_a_result_of_its_own_in_a_batch(self, phone, store):
        body = arrival(store, position=seen_at())
        item = {"kind": "check_in", "visit_id": str(uuid4()), "body": body}

        answer = phone.client.post("/v1/batches", json={"items": [item]})

        assert ["quarantined"] == [result["result"] for result in answer.json["results"]]

    @pytest.mark.parametrize("order", list(permutations(["check_in", "report", "photo"])))
    def test_ends_with_a_managers_release_in_any_order(self, phone, manager, store, order):
        visit_id, photo_id, picture = uuid4(), uuid4(), phone_jpeg()
        manifest = [announced(photo_id, picture)]
        send = {
            "check_in": lambda: phone.check_in(store, visit_id, position=seen_at()),
            "report": lambda: phone.report(visit_id, answers=CITY, photos=manifest),
            "photo": lambda: phone.photo(visit_id, photo_id, picture),
        }
        for what in order:
            send[what]()
        before = phone.receipt(visit_id)
        seen_before = Violation.select().count()

        answer = manager.post(f"/v1/quarantine/{visit_id}/release", json={"note": "坐标有误"})
        run_until_idle()

        assert (200, None) == (answer.status_code, answer.json["quarantine_reason"])
        assert ("complete", "outside-fence", 0) == (
            before["status"],
            before["quarantine_reason"],
            seen_before,
        )
        assert phone.receipt(visit_id)["is_complete"]
        assert 1 == Violation.select().count()
        assert Visit.get_by_id(visit_id).quarantine_reason is None

    @pytest.mark.parametrize("order", list(permutations(["check_in", "report", "amend"])))
    def test_is_not_undone_by_mending_a_doubtful_report(self, phone, store, order):
        visit_id = uuid4()
        doubtful = [{"sku_id": 999_999, "listed": True}]
        send = {
            "check_in": lambda: phone.check_in(store, visit_id, position=seen_at()),
            "report": lambda: phone.report(visit_id, products=doubtful),
            "amend": lambda: phone.amend(visit_id, uuid4()),
        }

        for what in order:
            send[what]()

        assert "outside-fence" == phone.receipt(visit_id)["quarantine_reason"]

    @pytest.mark.parametrize(
        ("products", "reason"), [([], None), ([{"sku_id": 999_999}], "unknown-product")]
    )
    def test_ends_when_the_store_moves_to_where_the_check_in_was(
        self, phone, manager, store, products, reason
    ):
        visit_id = uuid4()
        phone.check_in(store, visit_id, position=seen_at())
        phone.report(visit_id, answers=CITY, products=products)
        run_until_idle()
        before = phone.receipt(visit_id)["quarantine_reason"]

        move(manager, store, NORTH_400_M)

        assert ("outside-fence", reason) == (
            before,
            phone.receipt(visit_id)["quarantine_reason"],
        )
        assert (reason is None) == Violation.select().exists()

    def test_respects_the_stores_own_radius(self, phone, rep):
        wide = make_store(owner=rep, fence_radius_m=500)

        answers = [phone.check_in(wide, position=seen_at(lat)) for lat in (NORTH_400_M, 28.2)]

        assert [201, 202] == [answer.status_code for answer in answers]
