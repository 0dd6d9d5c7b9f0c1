"""Dealers over HTTP."""

import pytest
from playhouse.test_utils import assert_query_count

from backend.network.models import CodeAlias, Dealer
from backend.platform.actors import Role
from backend.platform.models import LedgerEntry
from tests.client import Client
from tests.factories import make_dealer, make_person, make_region, make_store, the_region

TAKEN = "urn:xundian:problem:code-taken"


@pytest.fixture
def manager(client: Client) -> Client:
    return client.as_(make_person(Role.MANAGER))


def add(client: Client, **changes):
    body = {
        "code": "43-01-900",
        "name": "长沙恒达通讯",
        "region_id": the_region().id,
        "opened_on": "2024-05-01",
    }
    return client.post("/v1/dealers", json=body | changes)


def amend(client: Client, dealer: Dealer, version: int | None = 1, **changes):
    headers = {} if version is None else {"If-Match": f'"{version}"'}
    return client.patch(f"/v1/dealers/{dealer.id}", json=changes, headers=headers)


def codes(answer) -> list[str]:
    return [dealer["code"] for dealer in answer.json]


class TestList:
    def test_shows_the_dealers_of_the_subtree_by_code(self, client: Client):
        mine = make_region(the_region())
        make_dealer(code="43-01-002", region=mine)
        make_dealer(code="43-01-001", region=make_region(mine))
        make_dealer(code="43-01-003")
        manager = client.as_(make_person(Role.MANAGER, region=mine))

        with assert_query_count(3):  # who asks, how many, which
            answer = manager.get("/v1/dealers")

        assert ["43-01-001", "43-01-002"] == codes(answer)

    def test_shows_a_rep_the_dealers_of_the_own_stores(self, client: Client):
        rep = make_person()
        mine = make_store(owner=rep)
        make_store()

        answer = client.as_(rep).get("/v1/dealers")

        assert [mine.code.rpartition("-")[0]] == codes(answer)

    def test_filters_by_region_with_those_below_parent_and_text(self, manager: Client):
        region = make_region(the_region())
        agent = make_dealer(code="43", name="湖南总代理")
        make_dealer(code="43-01-001", name="恒达", parent=agent, region=make_region(region))
        make_dealer(code="44-01-001", name="100%达", region=region)

        def ask(**filters):
            return codes(manager.get("/v1/dealers", query_string=filters))

        assert ["43-01-001", "44-01-001"] == ask(region_id=region.id)
        assert ["43-01-001"] == ask(parent_id=agent.id)
        assert ["43", "43-01-001"] == ask(q="43")
        assert ["43-01-001", "44-01-001"] == ask(q="达")
        assert ["44-01-001"] == ask(q="%")

    def test_refuses_an_id_that_no_column_holds(self, manager: Client):
        assert 422 == manager.get(f"/v1/dealers?region_id={10**30}").status_code
        assert 404 == manager.get(f"/v1/dealers/{10**30}").status_code


class TestAdding:
    @pytest.mark.parametrize("code", ["44", "44-01", "44-01-001"])
    def test_takes_a_code_of_one_to_three_levels(self, manager: Client, code):
        answer = add(manager, code=code)

        assert (201, '"1"') == (answer.status_code, answer.headers["ETag"])
        assert code == answer.json["code"]
        assert ["dealer.created"] == [entry.verb for entry in LedgerEntry.select()]

    @pytest.mark.parametrize(
        "code", ["", "4", "44-1", "44-01-01", "44-01-001-0001", "AB", "44-01-", "４４", "44\n"]
    )
    def test_refuses_another_grammar(self, manager: Client, code):
        answer = add(manager, code=code)

        assert (422, "urn:xundian:problem:bad-code") == (answer.status_code, answer.json["type"])
        assert "01-01-001" in answer.json["detail"]

    def test_refuses_a_code_that_is_or_was_in_use(self, manager: Client):
        dealer = make_dealer(code="43-01-001")
        amend(manager, dealer, code="43-01-002")

        answers = [add(manager, code=code) for code in ("43-01-001", "43-01-002")]

        assert [(409, TAKEN)] * 2 == [(a.status_code, a.json["type"]) for a in answers]
        assert 1 == Dealer.select().count()

    def test_refuses_references_out_of_sight(self, client: Client):
        here, there = make_region(the_region()), make_region(the_region())
        stranger = make_dealer(region=there)
        manager = client.as_(make_person(Role.MANAGER, region=here))

        region = add(manager, region_id=there.id)
        parent = add(manager, region_id=here.id, parent_id=stranger.id)

        assert [(404, "region"), (404, "dealer")] == [
            (answer.status_code, answer.json["what"]) for answer in (region, parent)
        ]

    def test_is_not_for_reps(self, client: Client):
        assert 403 == add(client.as_(make_person())).status_code


class TestAmending:
    def test_a_former_code_still_resolves(self, manager: Client):
        dealer = make_dealer(code="43-01-001")

        answer = amend(manager, dealer, code="43-01-002", name="新名")

        assert (200, '"2"') == (answer.status_code, answer.headers["ETag"])
        assert ("43-01-002", "新名") == (answer.json["code"], answer.json["name"])
        for code in ("43-01-001", "43-01-002"):
            assert [dealer.id] == [d["id"] for d in manager.get(f"/v1/dealers?code={code}").json]
        assert [] == manager.get("/v1/dealers?code=43-01-003").json

    def test_former_codes_are_listed_with_the_time_they_were_given_up(self, manager: Client):
        dealer = make_dealer(code="43-01-001")
        CodeAlias.create(code="43-01-000", dealer=dealer)
        amend(manager, dealer, code="43-01-002")

        with assert_query_count(4):  # who asks, which dealer, how many, which
            answer = manager.get(f"/v1/dealers/{dealer.id}/former-codes")

        assert [("43-01-000", False), ("43-01-001", True)] == [
            (each["code"], each["retired_at"] is not None) for each in answer.json
        ]
        assert 404 == manager.get("/v1/dealers/999/former-codes").status_code

    def test_may_go_back_to_a_former_code(self, manager: Client):
        dealer = make_dealer(code="43-01-001")
        amend(manager, dealer, code="43-01-002")

        answer = amend(manager, dealer, version=2, code="43-01-001")

        assert "43-01-001" == answer.json["code"]
        assert ["43-01-002"] == [alias.code for alias in CodeAlias.select()]

    @pytest.mark.parametrize("former", [True, False])
    def test_refuses_anothers_code_and_changes_nothing(self, manager: Client, former):
        dealer, other = make_dealer(code="43-01-001"), make_dealer(code="43-01-002")
        if former:
            amend(manager, other, code="43-01-003")

        answer = amend(manager, dealer, code="43-01-002", name="changed")

        assert (409, TAKEN) == (answer.status_code, answer.json["type"])
        assert ("43-01-001", dealer.name) == (
            Dealer.get_by_id(dealer.id).code,
            Dealer.get_by_id(dealer.id).name,
        )

    def test_refuses_a_stale_version_before_it_gives_up_a_code(self, manager: Client):
        dealer = make_dealer(code="43-01-001")
        amend(manager, dealer, name="A")

        answer = amend(manager, dealer, code="43-01-002")

        assert 412 == answer.status_code
        assert 0 == CodeAlias.select().count()

    @pytest.mark.parametrize("depth", [0, 1, 2])
    def test_refuses_to_stand_below_itself(self, manager: Client, depth):
        chain = [make_dealer()]
        for _ in range(2):
            chain.append(make_dealer(parent=chain[-1]))

        answer = amend(manager, chain[0], parent_id=chain[depth].id)

        assert (422, "urn:xundian:problem:dealer-cycle") == (
            answer.status_code,
            answer.json["type"],
        )

    def test_moves_below_another_and_to_the_top(self, manager: Client):
        dealer, agent = make_dealer(), make_dealer(code="43")

        below = amend(manager, dealer, parent_id=agent.id)
        top = amend(manager, dealer, version=2, parent_id=None)

        assert [agent.id, None] == [below.json["parent_id"], top.json["parent_id"]]

    def test_cannot_close_before_it_opened(self, manager: Client):
        answer = amend(manager, make_dealer(), closed_on="2024-12-31")

        assert (422, "urn:xundian:problem:closed-too-early") == (
            answer.status_code,
            answer.json["type"],
        )

    def test_moves_to_a_region_in_sight_only(self, manager: Client):
        dealer, there = make_dealer(), make_region(the_region())

        assert there.id == amend(manager, dealer, region_id=there.id).json["region_id"]
        assert 404 == amend(manager, dealer, version=2, region_id=999).status_code
        assert 422 == amend(manager, dealer, version=2, code="x").status_code

    def test_needs_a_version(self, manager: Client):
        assert 428 == amend(manager, make_dealer(), version=None, name="A").status_code


def test_out_of_sight_looks_like_unknown(client: Client):
    hidden = make_dealer(region=make_region(the_region()))
    manager = client.as_(make_person(Role.MANAGER, region=make_region(the_region())))

    answers = [manager.get(f"/v1/dealers/{number}") for number in (hidden.id, 999)]

    assert 404 == answers[0].status_code
    assert answers[0].data == answers[1].data
    assert 404 == amend(manager, hidden, name="A").status_code


def test_one_dealer_is_shown_with_its_version(client: Client):
    dealer = make_dealer(version=3)

    answer = client.as_(make_person(Role.AUDITOR)).get(f"/v1/dealers/{dealer.id}")

    assert (dealer.code, '"3"') == (answer.json["code"], answer.headers["ETag"])
