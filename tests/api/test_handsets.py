"""Handsets over HTTP: sightings, and what was found out of its area."""

from datetime import date, timedelta
from itertools import permutations
from uuid import uuid4

import pytest
from playhouse.test_utils import assert_query_count

from backend.fieldwork.trade_models import CrossAreaSale, ImeiSighting, SellIn, SellOut
from backend.fieldwork.violation_models import Violation, ViolationSighting
from backend.network.models import Dealer, StoreDealer
from backend.platform.actors import Role
from tests.client import Client
from tests.factories import (
    NOON,
    TODAY,
    imei,
    make_dealer,
    make_person,
    make_region,
    make_sell_in,
    make_sell_out,
    make_sku,
    make_store,
    the_region,
)

PROBLEM = "urn:xundian:problem:"
TABLES = (CrossAreaSale, ImeiSighting, SellIn, SellOut, Violation, ViolationSighting)
EARLIER = TODAY - timedelta(days=20)


@pytest.fixture
def manager(client: Client) -> Client:
    return client.as_(make_person(Role.MANAGER))


@pytest.fixture
def home(app):  # noqa: ARG001  # needs the database
    """The dealer the handset is sold in to."""
    return make_dealer()


@pytest.fixture
def away(home):  # noqa: ARG001  # is made after the other dealer
    """A store of another dealer."""
    return make_store()


@pytest.fixture
def sku(app):  # noqa: ARG001  # needs the database
    return make_sku()


def see(client: Client, store, number: int = 1, **changes):
    """Tell that a handset was seen in a store at noon."""
    body = {"store_id": store.id, "imei": imei(number), "seen_at": NOON.isoformat()}
    url = f"/v1/imei-sightings/{changes.pop('id', uuid4())}"
    return client.put(url, json=body | changes)


def sell(client: Client, feed: str, sku, **told):
    """Take in one line of a feed about the handset."""
    line = {
        "id": str(uuid4()),
        "sold_on": TODAY.isoformat(),
        "sku_code": sku.code,
        "units": 1,
        "imei": imei(1),
    }
    return client.post(f"/v1/sales/{feed}", json={"lines": [line | told]})


class TestSightings:
    def test_are_recorded_once(self, client: Client):
        rep = make_person()
        phone, store, sighting_id = client.as_(rep), make_store(owner=rep), uuid4()
        visit_id = str(uuid4())

        first = see(phone, store, id=sighting_id, visit_id=visit_id, note="柜台")
        again = see(phone, store, id=sighting_id, visit_id=visit_id, note="柜台")
        other = see(phone, store, 2, id=sighting_id)
        stranger = see(client.as_(make_person(Role.MANAGER)), store, id=sighting_id)

        assert [201, 200, 409, 409] == [
            each.status_code for each in (first, again, other, stranger)
        ]
        assert first.json == again.json
        assert (visit_id, "2026-03-02") == (first.json["visit_id"], first.json["seen_on"])
        assert 1 == ImeiSighting.select().count()

    def test_need_an_imei_and_a_store_in_sight(self, client: Client):
        rep = make_person()
        phone, store = client.as_(rep), make_store(owner=rep)

        answers = [see(phone, store, imei="356938035643808"), see(phone, make_store())]

        assert [(422, PROBLEM + "bad-imei"), (404, PROBLEM + "not-found")] == [
            (each.status_code, each.json["type"]) for each in answers
        ]

    def test_are_listed_newest_first(self, client: Client, manager):
        rep = make_person()
        store, other = make_store(owner=rep), make_store()
        late = see(client.as_(rep), store).json["id"]
        early = see(manager, other, 2, seen_at="2026-02-01T12:00:00+08:00").json["id"]

        def ask(who, query=""):
            return [row["id"] for row in who.get(f"/v1/imei-sightings{query}").json]

        with assert_query_count(3):  # who asks, how many, which
            assert [late, early] == ask(manager)
        assert [late] == ask(client.as_(rep))
        assert [early] == ask(manager, f"?imei={imei(2)}")
        assert [late] == ask(manager, f"?store_id={store.id}")
        assert [late] == ask(manager, "?from=2026-02-02")
        assert [early] == ask(manager, "?to=2026-03-02")


class TestOutOfArea:
    def test_a_handset_seen_at_another_dealers_store_opens_a_grave_case(
        self, manager, home, away, sku
    ):
        sold_in = make_sell_in(sku, dealer=home, on=EARLIER, imei=imei(1))

        sighting = see(manager, away)

        case = Violation.get()
        assert ("cross_area_sale", f"imei:{imei(1)}", 4) == (
            case.kind,
            case.subject,
            case.severity,
        )
        assert away.id == case.store_id
        other_dealer = StoreDealer.get(StoreDealer.store == away).dealer_id
        shown = manager.get("/v1/cross-area-sales").json[0]
        assert {
            "imei": imei(1),
            "sell_in_id": str(sold_in.id),
            "sold_in_on": EARLIER.isoformat(),
            "sold_in_dealer_id": home.id,
            "seen_kind": "imei_sighting",
            "seen_id": sighting.json["id"],
            "seen_on": "2026-03-02",
            "store_id": away.id,
            "dealer_id": other_dealer,
            "violation_id": str(case.id),
        } == {name: value for name, value in shown.items() if name != "found_at"}
        assert f"dealer {home.id}" in case.note

    def test_every_fact_about_it_joins_one_case_in_whatever_order(self, manager, home, away, sku):
        steps = {
            "in": lambda: sell(
                manager, "sell-in", sku, dealer_code=home.code, sold_on=EARLIER.isoformat()
            ),
            "resold": lambda: sell(manager, "sell-in", sku, store_code=away.code),
            "out": lambda: sell(manager, "sell-out", sku, store_code=away.code),
            "seen": lambda: see(manager, away),
        }
        outcomes = set()
        for order in permutations(steps):
            for table in TABLES:
                table.delete().execute()
            for name in order:
                assert steps[name]().status_code in {200, 201}
            case = Violation.get()
            outcomes.add((Violation.select().count(), case.sightings, case.opened_on))
            outcomes.add(CrossAreaSale.select().count())

        assert {(1, 3, TODAY), 3} == outcomes

    def test_a_second_store_joins_the_case_while_it_is_open(self, manager, home, away, sku):
        make_sell_in(sku, dealer=home, on=EARLIER, imei=imei(1))
        third = make_store()
        see(manager, away)
        see(manager, third, seen_at="2026-02-20T12:00:00+08:00")

        case = Violation.get()
        assert (away.id, 2, date(2026, 2, 20)) == (case.store_id, case.sightings, case.opened_on)
        assert StoreDealer.get(StoreDealer.store == away).dealer_id == case.dealer_id

        Violation.update(resolved_at=NOON).execute()
        see(manager, third, seen_at="2026-03-03T12:00:00+08:00")

        assert {away.id, third.id} == {one.store_id for one in Violation.select()}

    @pytest.mark.parametrize("level", ["the dealer", "the store's dealer"])
    def test_a_handset_at_home_is_fine(self, manager, home, sku, level):
        sold_to = {"dealer": home} if level == "the dealer" else {"store": make_store(home)}
        make_sell_in(sku, on=EARLIER, imei=imei(1), **sold_to)

        see(manager, make_store(home))
        see(manager, make_store(make_dealer(parent=home)))

        assert 0 == Violation.select().count()

    def test_a_sub_dealers_goods_are_not_its_agents(self, manager, home, sku):
        below = make_dealer(parent=home)
        make_sell_in(sku, dealer=home, on=EARLIER, imei=imei(1))
        make_sell_in(sku, dealer=below, on=EARLIER, imei=imei(1))
        agents = make_store(home)

        see(manager, agents)
        before = CrossAreaSale.select().count()
        SellIn.update(sold_on=TODAY).where(SellIn.dealer == below).execute()
        see(manager, agents)

        assert 0 == before  # sold on the same day, nobody knows to whom last
        assert (below.id, 1) == (
            CrossAreaSale.get().sold_in_dealer_id,
            Violation.select().count(),
        )

    def test_what_was_given_back_and_sold_elsewhere_is_at_home_there(
        self, manager, home, away, sku
    ):
        other = Dealer.get_by_id(StoreDealer.get(StoreDealer.store == away).dealer_id)
        make_sell_in(sku, dealer=home, on=EARLIER, imei=imei(1))
        make_sell_in(sku, dealer=other, on=EARLIER + timedelta(days=1), imei=imei(1))

        see(manager, away)
        before = Violation.select().count()
        back = EARLIER + timedelta(days=2)
        make_sell_in(sku, dealer=other, on=back, imei=imei(1), units=-1)
        see(manager, away)

        assert (0, 2) == (before, CrossAreaSale.select().count())

    def test_what_nobody_sold_in_or_only_later_says_nothing(self, manager, home, away, sku):
        see(manager, away)
        make_sell_in(sku, dealer=home, on=TODAY + timedelta(days=1), imei=imei(1))
        nobodys = make_store()
        StoreDealer.delete().where(StoreDealer.store == nobodys).execute()
        make_sell_in(sku, dealer=home, on=EARLIER, imei=imei(2))

        see(manager, away)
        see(manager, nobodys, 2)

        assert 0 == Violation.select().count()

    def test_a_return_is_no_sighting(self, manager, home, away, sku):
        make_sell_in(sku, dealer=home, on=EARLIER, imei=imei(1))
        make_sell_out(away, sku, imei=imei(1), units=-1)

        sell(manager, "sell-out", sku, store_code=make_store(home).code)

        assert 0 == Violation.select().count()

    def test_a_case_resolved_meanwhile_lets_a_later_fact_open_another(
        self, manager, home, away, sku
    ):
        make_sell_in(sku, dealer=home, on=EARLIER, imei=imei(1))
        see(manager, away)
        Violation.update(resolved_at=NOON + timedelta(days=1)).execute()

        see(manager, away, seen_at="2026-03-02T13:00:00+08:00")
        see(manager, away, seen_at="2026-03-05T13:00:00+08:00")

        cases = Violation.select().order_by(Violation.opened_at)
        assert [2, 1] == [case.sightings for case in cases]


class TestList:
    def test_of_what_is_out_of_area_is_filtered(self, client: Client, manager, home, sku):
        below = make_region(the_region())
        rep = make_person()
        mine, hidden = make_store(owner=rep), make_store(region=below)
        for number, store in ((1, mine), (2, hidden)):
            make_sell_in(sku, dealer=home, on=EARLIER, imei=imei(number))
            see(manager, store, number, seen_at=f"2026-03-0{number}T12:00:00+08:00")
        theirs = StoreDealer.get(StoreDealer.store == mine).dealer_id

        def ask(who=manager, **asked):
            rows = who.get("/v1/cross-area-sales", query_string=asked).json
            return [row["imei"] for row in rows]

        with assert_query_count(3):  # who asks, how many, which
            assert [imei(2), imei(1)] == ask()
        assert [imei(1)] == ask(client.as_(rep))
        assert [imei(2)] == ask(client.as_(make_person(Role.SUPERVISOR, region=below)))
        assert [imei(1)] == ask(imei=imei(1))
        assert [imei(1)] == ask(store_id=mine.id)
        assert [imei(1)] == ask(dealer_id=theirs)
        assert [imei(2), imei(1)] == ask(sold_in_dealer_id=home.id)
        assert [imei(2)] == ask(**{"from": "2026-03-02"})
        assert [imei(1)] == ask(to="2026-03-02")
