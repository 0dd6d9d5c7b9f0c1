"""A visit put together from what arrives, in whatever order."""

from itertools import permutations
from uuid import uuid4

import pytest

from backend.fieldwork.violation_models import Violation
from backend.platform import ledger
from backend.platform.models import LedgerEntry
from tests.api.field import CITY, verbs
from tests.phone import announced, arrival, findings
from tests.pictures import phone_jpeg


class TestAnyOrder:
    @pytest.mark.parametrize("order", list(permutations(["check_in", "report", "photo"])))
    def test_arrives_at_the_same_visit(self, phone, store, order):
        visit_id, photo_id, picture = uuid4(), uuid4(), phone_jpeg()
        check_in = arrival(store)
        report = findings(answers=CITY, photos=[announced(photo_id, picture)])
        send = {
            "check_in": lambda: phone.client.put(f"/v1/visits/{visit_id}", json=check_in),
            "report": lambda: phone.client.put(f"/v1/visits/{visit_id}/report", json=report),
            "photo": lambda: phone.photo(visit_id, photo_id, picture),
        }

        statuses = [send[what]().status_code for what in order for _ in range(2)]
        receipt = phone.receipt(visit_id)

        assert [201, 200] * 3 == statuses
        assert "complete" == receipt["status"]
        assert 3 == receipt["score"]["mandatory_pass"]
        assert ["letter:E"] == [case.subject for case in Violation.select()]
        assert 1 == verbs().count("visit.completed")

    def test_shows_what_is_held_before_the_check_in(self, phone):
        visit_id = uuid4()

        answer = phone.report(visit_id)
        receipt = phone.receipt(visit_id)

        assert 201 == answer.status_code
        assert ("unknown", True) == (receipt["status"], receipt["report"]["received"])


def test_the_ledger_of_a_day_verifies(phone, store):
    visit_id, photo_id, picture = uuid4(), uuid4(), phone_jpeg()
    phone.check_in(store, visit_id)
    phone.photo(visit_id, photo_id, picture)
    phone.report(visit_id, answers=CITY, photos=[announced(photo_id, picture)])

    sealed = ledger.seal()

    assert sealed == LedgerEntry.select().count()
    assert [ledger.head()] == list(ledger.verify())
