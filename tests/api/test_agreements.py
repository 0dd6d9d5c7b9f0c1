"""Agreements with dealers over HTTP."""

import pytest
from playhouse.test_utils import assert_query_count

from backend.network.archive_models import Agreement
from backend.platform.actors import Role
from backend.platform.models import LedgerEntry
from tests.client import Client
from tests.factories import (
    TODAY,
    make_agreement,
    make_dealer,
    make_person,
    make_region,
    make_store,
    the_region,
)

PROBLEM = "urn:xundian:problem:"
HANDSETS = [{"product": "handset", "spec": "8+256", "quantity": 500}]
FIRST_QUARTER = {
    "from_on": "2026-01-01",
    "to_on": "2026-04-01",
    "amount_fen": 50_000_000,
    "units": 300,
}


@pytest.fixture
def manager(client: Client) -> Client:
    return client.as_(make_person(Role.MANAGER))


def sign(client: Client, dealer, **changes):
    body = {
        "dealer_id": dealer.id,
        "code": f"XY-{Agreement.select().count()}",
        "channel": "dealer",
        "products": HANDSETS,
        "territory": ["4301", "430100"],
        "targets": [FIRST_QUARTER],
        "payment_mode": "prepaid",
        "rebate_basis_points": 150,
        "legal_representative": "陈建国",
        "signed_on": "2025-12-20",
        "valid_from": "2026-01-01",
        "valid_to": "2027-01-01",
    }
    return client.post("/v1/agreements", json=body | changes)


def amend(client: Client, agreement_id: int, version: int = 1, **changes):
    headers = {"If-Match": f'"{version}"'}
    return client.patch(f"/v1/agreements/{agreement_id}", json=changes, headers=headers)


def said(answer) -> tuple[int, str]:
    return answer.status_code, answer.json["type"].removeprefix(PROBLEM)


def test_what_was_signed_is_recorded(manager: Client):
    answer = sign(manager, make_dealer())

    assert (201, '"1"') == (answer.status_code, answer.headers["ETag"])
    assert (HANDSETS, ["430100"], [FIRST_QUARTER], "2027-01-01") == tuple(
        answer.json[name] for name in ("products", "territory", "targets", "valid_to")
    )
    assert answer.json == manager.get(f"/v1/agreements/{answer.json['id']}").json
    assert ["agreement.signed"] == [entry.verb for entry in LedgerEntry.select()]


@pytest.mark.parametrize(
    ("status", "changes"),
    [
        (409, {}),
        (409, {"products": []}),
        (409, {"territory": []}),
        (409, {"territory": ["430102"]}),
        (409, {"territory": ["430000"]}),
        (409, {"valid_from": "2026-12-31", "valid_to": None, "targets": []}),
        (201, {"valid_from": "2027-01-01", "valid_to": None, "targets": []}),
        (201, {"valid_from": "2025-01-01", "valid_to": "2026-01-01", "targets": []}),
        (201, {"products": [{"product": "tablet"}]}),
        (201, {"territory": ["430200"]}),
    ],
)
def test_one_product_place_and_day_has_one_agreement(manager: Client, status, changes):
    dealer = make_dealer()
    first = sign(manager, dealer).json

    answer = sign(manager, dealer, **changes)

    assert status == answer.status_code
    assert status == 201 or first["code"] == answer.json["other"]
    assert 201 == sign(manager, make_dealer(), code="other").status_code


@pytest.mark.parametrize(
    ("problem", "wrong"),
    [
        ("agreement-terms", {"valid_to": "2025-12-31", "targets": []}),
        ("agreement-terms", {"targets": [FIRST_QUARTER, FIRST_QUARTER]}),
        ("agreement-terms", {"targets": [FIRST_QUARTER | {"to_on": "2027-02-01"}]}),
        ("agreement-terms", {"targets": [FIRST_QUARTER | {"from_on": "2025-12-31"}]}),
        ("agreement-terms", {"targets": [FIRST_QUARTER | {"to_on": "2026-01-01"}]}),
        ("agreement-terms", {"products": HANDSETS * 2}),
        ("agreement-terms", {"payment_mode": "credit"}),
        ("agreement-terms", {"payment_mode": "monthly"}),
        ("agreement-terms", {"credit_days": 30}),
        ("agreement-terms", {"payment_day": 5}),
        ("unknown-division", {"territory": ["99"]}),
        ("invalid-fields", {"payment_mode": "barter"}),
        ("invalid-fields", {"payment_mode": "monthly", "payment_day": 32}),
    ],
)
def test_terms_that_contradict_each_other_are_refused(manager: Client, problem, wrong):
    assert (422, problem) == said(sign(manager, make_dealer(), **wrong))
    assert 0 == Agreement.select().count()


@pytest.mark.parametrize(
    "payment",
    [
        {"payment_mode": "credit", "credit_days": 30},
        {"payment_mode": "monthly", "payment_day": 5},
    ],
)
def test_each_way_to_pay_says_when(manager: Client, payment):
    answer = sign(manager, make_dealer(), **payment)

    assert payment == {name: answer.json[name] for name in payment}


def test_a_code_is_used_once_and_for_a_dealer_in_sight(client: Client, manager: Client):
    hidden = make_dealer(region=make_region(the_region()))
    other = client.as_(make_person(Role.MANAGER, region=make_region(the_region())))

    answers = [sign(manager, make_dealer(), code="XY") for _ in range(2)]

    assert [201, 409] == [answer.status_code for answer in answers]
    assert (404, "not-found") == said(sign(other, hidden, code="AB"))


class TestAmending:
    def test_ends_early_with_a_reason(self, manager: Client):
        agreement = sign(manager, make_dealer(), targets=[]).json

        answer = amend(manager, agreement["id"], valid_to="2026-03-01", end_reason="区域调整")

        assert (200, '"2"') == (answer.status_code, answer.headers["ETag"])
        assert ("2026-03-01", "区域调整") == (answer.json["valid_to"], answer.json["end_reason"])
        assert "agreement.ended" in [entry.verb for entry in LedgerEntry.select()]

    def test_changes_terms_that_still_fit(self, manager: Client):
        dealer = make_dealer()
        agreement = sign(manager, dealer).json
        next_one = sign(manager, dealer, valid_from="2027-01-01", valid_to=None, targets=[]).json

        kept = amend(manager, agreement["id"], rebate_terms="季度返利")
        over = amend(manager, next_one["id"], valid_from="2026-12-01")
        shorter = amend(manager, agreement["id"], 2, valid_to="2026-02-01")

        assert ("季度返利", [FIRST_QUARTER]) == (kept.json["rebate_terms"], kept.json["targets"])
        assert (409, "agreement-overlap") == said(over)
        assert (422, "agreement-terms") == said(shorter)
        assert (412, "stale") == said(amend(manager, agreement["id"], rebate_terms="无"))

    def test_needs_a_day_with_a_reason_to_end(self, manager: Client):
        agreement = make_agreement(make_dealer())

        assert (422, "agreement-terms") == said(amend(manager, agreement.id, end_reason="x"))
        assert 404 == amend(manager, 999, rebate_terms="x").status_code


class TestList:
    def test_shows_a_rep_those_of_the_own_dealers_latest_first(self, client: Client):
        rep, dealer = make_person(), make_dealer()
        make_store(dealer, owner=rep)
        old = make_agreement(dealer, valid_to=TODAY)
        new = make_agreement(dealer, valid_from=TODAY)
        hidden = make_agreement(make_dealer())
        phone = client.as_(rep)

        with assert_query_count(3):
            answer = phone.get("/v1/agreements")

        assert [new.id, old.id] == [each["id"] for each in answer.json]
        assert 404 == phone.get(f"/v1/agreements/{hidden.id}").status_code
        assert 403 == sign(phone, dealer).status_code

    def test_filters_by_dealer_and_day(self, manager: Client):
        dealer = make_dealer()
        old = make_agreement(dealer, valid_to=TODAY)
        make_agreement(make_dealer(), valid_from=TODAY)

        def ask(**filters):
            answer = manager.get("/v1/agreements", query_string=filters)
            return [each["id"] for each in answer.json]

        assert [old.id] == ask(dealer_id=dealer.id) == ask(on="2026-03-01")
        assert [] == ask(dealer_id=dealer.id, on="2026-03-02")
