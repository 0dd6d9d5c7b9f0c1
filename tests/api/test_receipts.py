"""What the server says it holds."""

from uuid import uuid4

import pytest
from playhouse.test_utils import assert_query_count

from tests.factories import (
    make_person,
)
from tests.phone import Phone


class TestReceipts:
    def test_answers_for_many_visits_in_a_fixed_number_of_queries(self, phone, store):
        ids = [uuid4() for _ in range(5)]
        for n, visit_id in enumerate(ids):
            phone.check_in(store, visit_id, minutes=n + 1)
        stranger = uuid4()

        with assert_query_count(7):  # session, visits, reports, photos, and what else there is
            answer = phone.client.post(
                "/v1/receipts", json={"visit_ids": [str(i) for i in [*ids, stranger]]}
            )

        assert [*(str(i) for i in ids), str(stranger)] == [r["visit_id"] for r in answer.json]
        assert ["open"] * 5 + ["unknown"] == [r["status"] for r in answer.json]

    def test_hides_what_is_somebody_elses(self, client, phone, store):
        visit_id = uuid4()
        phone.check_in(store, visit_id)
        other = client.as_(make_person())

        assert 404 == other.get(f"/v1/visits/{visit_id}/receipt").status_code
        answer = other.post("/v1/receipts", json={"visit_ids": [str(visit_id)]})
        assert "unknown" == answer.json[0]["status"]

    @pytest.mark.parametrize("is_checked_in", [True, False])
    def test_name_pauses_amendments_and_the_cancellation(self, client, phone, store, is_checked_in):
        visit_id, pause_id, amendment_id = uuid4(), uuid4(), uuid4()
        other = Phone(client.as_(make_person()))
        if is_checked_in:
            phone.check_in(store, visit_id)
            phone.report(visit_id)

        paused = phone.pause(visit_id, pause_id, 50, 40).json
        phone.amend(visit_id, amendment_id)
        phone.cancel(visit_id)
        receipt = phone.receipt(visit_id)

        assert [str(pause_id)] == [pause["id"] for pause in paused["pauses"]]
        assert [[str(pause_id)], [str(amendment_id)]] == [
            [part["id"] for part in receipt[name]] for name in ("pauses", "amendments")
        ]
        assert 64 == len(receipt["amendments"][0]["content_sha256"])
        assert receipt["cancellation"]["received"]
        assert "unknown" != receipt["status"] or not is_checked_in
        hidden = other.client.post("/v1/receipts", json={"visit_ids": [str(visit_id)]}).json[0]
        assert ([], [], False) == (
            hidden["pauses"],
            hidden["amendments"],
            hidden["cancellation"]["received"],
        )
