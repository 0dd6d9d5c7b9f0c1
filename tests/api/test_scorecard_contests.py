"""The dealers' right of reply over HTTP."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from playhouse.test_utils import assert_query_count

from backend import worker
from backend.insight import rollups, scorecard_versions
from backend.insight.scorecard_models import Scorecard
from backend.network.models import Dealer, Store, StoreDealer
from backend.platform import clock
from backend.platform.actors import Role
from backend.platform.models import LedgerEntry
from tests.client import Client
from tests.factories import (
    make_contest,
    make_dealer,
    make_dealer_login,
    make_person,
    make_region,
    make_store,
    make_violation,
    the_region,
)
from tests.insight.cards import checklist, inspected

LINE = "display/letter:C"
NOW = datetime.now(UTC)


@pytest.fixture
def store(client: Client) -> Store:  # noqa: ARG001
    """A store whose letter C failed yesterday."""
    store = make_store()
    inspected(0, store, checklist(), "C", at=NOW - timedelta(days=1))
    rollups.rebuild()
    return store


@pytest.fixture
def login(client: Client, store: Store) -> Client:
    """The login of the store's dealer."""
    return client.as_(make_dealer_login(dealer_of(store)))


@pytest.fixture
def supervisor(client: Client) -> Client:
    return client.as_(make_person(Role.SUPERVISOR))


def dealer_of(store: Store) -> Dealer:
    return (
        StoreDealer.select(Dealer)
        .join(Dealer)
        .where(StoreDealer.store == store)
        .objects(Dealer)
        .get()
    )


def contest(caller: Client, store: Store, contest_id: object = None, **changes):
    today = clock.business_date(NOW)
    body = {
        "dealer_id": dealer_of(store).id,
        "from": str(today - timedelta(days=27)),
        "to": str(today + timedelta(days=1)),
        "line": LINE,
        "store_id": store.id,
        "text": "专柜已装",
    }
    return caller.put(f"/v1/scorecard-contests/{contest_id or uuid4()}", json=body | changes)


def decide(caller: Client, contest_id: str, *, upheld: bool, version: int = 1):
    return caller.post(
        f"/v1/scorecard-contests/{contest_id}/decision",
        json={"upheld": upheld, "reason": "照片核实"},
        headers={"If-Match": f'"{version}"'},
    )


def verbs() -> list[str]:
    found = LedgerEntry.select(LedgerEntry.verb).where(LedgerEntry.verb.startswith("scorecard"))
    return sorted(entry.verb for entry in found)


class TestMaking:
    def test_is_for_the_dealer_and_happens_once(self, login: Client, store: Store):
        contest_id = uuid4()

        first = contest(login, store, contest_id)
        again = contest(login, store, contest_id)
        other = contest(login, store, contest_id, text="别的")

        assert [201, 200, 409] == [first.status_code, again.status_code, other.status_code]
        assert ("open", str(clock.business_date(NOW) + timedelta(days=7))) == (
            first.json["state"],
            first.json["due_on"],
        )
        assert pytest.approx(50 * 2 / 9 + 50 / 4) == first.json["points"]
        assert ["scorecard_contest.made"] == verbs()

    def test_may_be_about_every_store_or_recorded_by_a_manager(self, client: Client, store: Store):
        manager = client.as_(make_person(Role.MANAGER))

        assert 201 == contest(manager, store, store_id=None).status_code

    def test_of_a_line_is_made_once(self, login: Client, store: Store):
        first = contest(login, store).json

        again = contest(login, store)

        assert (409, "urn:xundian:problem:scorecard-contested", first["id"]) == (
            again.status_code,
            again.json["type"],
            again.json["contest"],
        )

    @pytest.mark.parametrize(
        ("changes", "status", "code"),
        [
            ({"line": "display/letter:Z"}, 422, "scorecard-line"),
            ({"line": "display/letter:D"}, 422, "scorecard-line"),
            ({"store_id": 999}, 422, "scorecard-line"),
            ({"from": "2026-01-01", "to": "2026-01-29"}, 422, "scorecard-contest-late"),
            ({"from": "2026-01-29", "to": "2026-01-01"}, 422, "bad-window"),
            ({"dealer_id": 999}, 404, "not-found"),
            ({"text": ""}, 422, None),
            ({"photo": "x"}, 422, None),
        ],
    )
    def test_of_what_is_not_on_the_card_is_refused(
        self, login: Client, store: Store, changes, status, code
    ):
        answer = contest(login, store, **changes)

        assert status == answer.status_code
        assert code is None or answer.json["type"].endswith(code)

    def test_of_a_cap_costs_what_the_cap_costs(self, login: Client, store: Store):
        case = make_violation(store, severity=4, opened_on=clock.business_date(NOW))

        made = contest(login, store, line=f"critical/{case.kind}").json

        assert made["points"] > 0

    def test_for_another_dealer_is_not_possible(self, client: Client, store: Store):
        stranger = client.as_(make_dealer_login(make_dealer()))

        assert 404 == contest(stranger, store).status_code


class TestDeciding:
    def test_upheld_takes_the_line_off_the_card(
        self, login: Client, supervisor: Client, store: Store
    ):
        made = contest(login, store).json
        card = f"/v1/dealers/{made['dealer_id']}/scorecard"
        before = login.get(card).json

        decided = decide(supervisor, made["id"], upheld=True)
        after = login.get(card).json

        assert (200, "upheld", "照片核实", '"2"') == (
            decided.status_code,
            decided.json["state"],
            decided.json["reason"],
            decided.headers["ETag"],
        )
        assert ([LINE], "open", 0) == (
            [line["line"] for line in before["lines"]],
            before["contests"][0]["state"],
            before["contests"][0]["left_out"],
        )
        assert ([], 100, "upheld", 2) == (
            after["lines"],
            after["score"],
            after["contests"][0]["state"],
            after["contests"][0]["left_out"],
        )
        assert ["scorecard_contest.decided", "scorecard_contest.made"] == verbs()

    def test_rejected_changes_nothing_and_is_final(
        self, login: Client, supervisor: Client, store: Store
    ):
        made = contest(login, store).json

        decided = decide(supervisor, made["id"], upheld=False)
        late = decide(supervisor, made["id"], upheld=True, version=2)
        stale = decide(supervisor, made["id"], upheld=True)
        card = login.get(f"/v1/dealers/{made['dealer_id']}/scorecard").json

        assert ["rejected", 409, 412] == [
            decided.json["state"],
            late.status_code,
            stale.status_code,
        ]
        assert [LINE] == [line["line"] for line in card["lines"]]

    def test_is_for_somebody_else_of_the_region(self, client: Client, store: Store):
        manager = client.as_(make_person(Role.MANAGER))
        made = contest(manager, store).json
        away = client.as_(make_person(Role.SUPERVISOR, region=make_region(the_region())))
        login = client.as_(make_dealer_login(dealer_of(store)))

        answers = [decide(each, made["id"], upheld=True) for each in (manager, away, login)]

        assert [422, 404, 403] == [answer.status_code for answer in answers]
        assert "urn:xundian:problem:own-contest" == answers[0].json["type"]

    def test_upheld_makes_a_new_version_of_a_frozen_card(
        self, login: Client, supervisor: Client, store: Store
    ):
        dealer = dealer_of(store)
        yesterday = clock.business_date(NOW) - timedelta(days=1)
        month = yesterday.replace(day=1)
        scorecard_versions.freeze_one(dealer.id, month, at=NOW)

        decide(supervisor, contest(login, store).json["id"], upheld=True)
        worker.run_until_idle()

        assert [(1, False), (2, True)] == [
            (card.version, card.is_latest)
            for card in Scorecard.select().order_by(Scorecard.version)
        ]
        assert 100 == Scorecard.get(Scorecard.is_latest).score


class TestList:
    def test_shows_whom_it_concerns_the_oldest_first(self, client: Client, supervisor: Client):
        here, there = make_region(the_region()), make_region(the_region())
        mine, other = make_dealer(region=here), make_dealer(region=there)
        one = make_contest(mine, made_at=NOW)
        two = make_contest(mine, line="price/sku:1", state="rejected")
        three = make_contest(other)
        login = client.as_(make_dealer_login(mine))

        with assert_query_count(3):  # who asks, how many, which
            everything = supervisor.get("/v1/scorecard-contests?page_size=5").json

        def ids(caller: Client, **query):
            return [
                row["id"] for row in caller.get("/v1/scorecard-contests", query_string=query).json
            ]

        assert {str(each.id) for each in (one, two, three)} == {row["id"] for row in everything}
        assert str(one.id) == everything[-1]["id"]
        assert [str(two.id), str(one.id)] == ids(login)
        assert [str(two.id)] == ids(supervisor, state="rejected")
        assert [str(three.id)] == ids(supervisor, region_id=there.id)
        assert [str(three.id)] == ids(supervisor, dealer_id=other.id)
        assert {str(one.id), str(three.id)} == set(ids(supervisor, overdue="true"))
        assert [] == ids(supervisor, region_id=999)

    def test_hides_what_others_said(self, client: Client):
        theirs = make_contest(make_dealer())
        login = client.as_(make_dealer_login(make_dealer()))

        assert 404 == login.get(f"/v1/scorecard-contests/{theirs.id}").status_code

    def test_shows_one_with_its_version(self, supervisor: Client):
        made = make_contest(make_dealer())

        answer = supervisor.get(f"/v1/scorecard-contests/{made.id}")

        assert ('"1"', LINE) == (answer.headers["ETag"], answer.json["line"])
