"""An evening's sync."""

from uuid import uuid4

import pytest

from backend.standards.models import Sku
from tests.factories import (
    make_person,
    make_sku,
)
from tests.phone import Phone, arrival, findings, minutes_ago


class TestBatch:
    def test_gives_each_item_its_own_result(self, client, phone, store):
        good, taken, abroad, unknown = (uuid4() for _ in range(4))
        Phone(client.as_(make_person())).check_in(store, taken)
        check_in = arrival(store, minutes=30)
        items = [
            {"kind": "report", "visit_id": str(good), "body": findings(minutes=20)},
            {"kind": "check_in", "visit_id": str(good), "body": check_in},
            {"kind": "check_in", "visit_id": str(good), "body": check_in},
            {"kind": "check_in", "visit_id": str(taken), "body": arrival(store, minutes=15)},
            {
                "kind": "check_in",
                "visit_id": str(abroad),
                "body": arrival(store, position={"lat": 0, "lon": 0, "crs": "wgs84"}),
            },
            {"kind": "check_in", "visit_id": str(unknown), "body": arrival(store, store_id=9**9)},
            {"kind": "check_in", "visit_id": str(uuid4()), "body": {"store_id": 1}},
            {"kind": "dance", "visit_id": "x"},
            {},
        ]

        answer = phone.client.post("/v1/batches", json={"items": items})
        results = answer.json["results"]

        assert 200 == answer.status_code
        assert [
            "created",
            "created",
            "replayed",
            "conflict",
            "quarantined",
            "quarantined",
            "invalid",
            "invalid",
            "invalid",
        ] == [result["result"] for result in results]
        assert ["Missing data for required field."] == results[6]["problem"]["errors"]["json"][
            "clock"
        ]
        assert "complete" == phone.receipt(good)["status"]

    def test_takes_200_items_and_no_more(self, phone, store):
        item = {"kind": "check_in", "visit_id": str(uuid4()), "body": arrival(store)}

        assert 200 == phone.client.post("/v1/batches", json={"items": [item] * 200}).status_code
        assert 422 == phone.client.post("/v1/batches", json={"items": [item] * 201}).status_code

    def test_takes_every_document_of_a_visit_in_any_order(self, phone, store):
        visit_id, gone, pause_id, amendment_id = (str(uuid4()) for _ in range(4))
        cancellation = {
            "reason": "unwell",
            "clock": {"device_at": minutes_ago(30)},
            "position": None,
        }
        amendment = {
            "reason": "漏填",
            "clock": {"device_at": minutes_ago(5)},
            "report": findings(outcome="refused"),
        }
        pause = {
            "paused": {"device_at": minutes_ago(50)},
            "resumed": {"device_at": minutes_ago(45)},
        }
        documents = [
            ("pause", visit_id, pause_id, pause),
            ("amendment", visit_id, amendment_id, amendment),
            ("cancellation", gone, None, cancellation),
            ("report", visit_id, None, findings(minutes=40)),
            ("check_in", gone, None, arrival(store, minutes=35)),
            ("check_in", visit_id, None, arrival(store)),
            ("pause", visit_id, None, pause),
        ]
        items = [
            {"kind": kind, "visit_id": of, "body": body} | ({"id": id_} if id_ else {})
            for kind, of, id_, body in documents
        ]

        results = phone.client.post("/v1/batches", json={"items": items}).json["results"]
        visit = phone.client.get(f"/v1/visits/{visit_id}").json

        assert [*["created"] * 6, "invalid"] == [result["result"] for result in results]
        missing = results[-1]["problem"]["errors"]["json"]["id"]
        assert ["Missing data for required field."] == missing
        assert ("complete", "refused") == (visit["status"], visit["outcome"])
        assert 300 == pytest.approx(visit["paused_s"], abs=2)
        assert "cancelled" == phone.receipt(gone)["status"]

    def test_loses_only_the_item_that_the_database_refuses(self, phone, store):
        visits, sku = [uuid4() for _ in range(3)], make_sku()
        phone.check_in(store, visits[0], minutes=90)
        phone.report(visits[0], minutes=80)  # the standard of the day is known from here on
        phone.check_in(store, visits[1], minutes=70)
        Sku.delete().where(Sku.id == sku.id).execute()
        found = [{"sku_id": sku.id, "listed": True}]
        items = [
            {"kind": "report", "visit_id": str(visits[1]), "body": findings(products=found)},
            {"kind": "check_in", "visit_id": str(visits[2]), "body": arrival(store, minutes=75)},
        ]

        results = phone.client.post("/v1/batches", json={"items": items}).json["results"]

        assert ["conflict", "created"] == [result["result"] for result in results]
        assert "open" == phone.receipt(visits[1])["status"]
