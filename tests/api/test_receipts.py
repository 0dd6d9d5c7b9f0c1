"""What the server says it holds."""

from uuid import uuid4

from playhouse.test_utils import assert_query_count

from tests.factories import (
    make_person,
)


class TestReceipts:
    def test_answers_for_many_visits_in_a_fixed_number_of_queries(self, phone, store):
        ids = [uuid4() for _ in range(5)]
        for n, visit_id in enumerate(ids):
            phone.check_in(store, visit_id, minutes=n + 1)
        stranger = uuid4()

        with assert_query_count(4):  # session, visits, reports, photos
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
