"""Stock over HTTP: counts, the last count of a store, and flags."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from playhouse.test_utils import assert_query_count

from backend import worker
from backend.fieldwork.models import ProductLine, Visit
from backend.fieldwork.trade_models import StockCount
from backend.insight import overstock, stock
from backend.insight.models import VisitFact
from backend.insight.stock_models import StoreStock
from backend.platform import clock
from backend.platform.actors import Role
from backend.platform.models import LedgerEntry
from tests.client import Client
from tests.factories import (
    NOON,
    make_count,
    make_dealer,
    make_must_rule,
    make_person,
    make_region,
    make_sell_out,
    make_sku,
    make_store,
    make_visit,
    the_region,
)
from tests.phone import Phone

PROBLEM = "urn:xundian:problem:"


@pytest.fixture
def rep(client: Client):  # noqa: ARG001  # needs the database
    return make_person()


@pytest.fixture
def store(rep):
    return make_store(owner=rep)


@pytest.fixture
def phone(client: Client, rep) -> Client:
    return client.as_(rep)


def count(store, *lines: dict, **changes) -> dict:
    """Return the body of a count at noon."""
    return {"store_id": store.id, "counted_at": NOON.isoformat(), "lines": lines} | changes


class TestOnAVisit:
    def test_a_report_tells_sellable_demo_and_damaged_units_and_the_oldest_receipt(
        self, client: Client, store
    ):
        sku, visit_id = make_sku(), uuid4()
        phone = Phone(client.as_(store.owner))
        line = {
            "sku_id": sku.id,
            "listed": True,
            "stock": 5,
            "demo_stock": 1,
            "damaged_stock": 2,
            "oldest_receipt_on": "2026-01-15",
        }

        phone.check_in(store, visit_id)
        phone.report(visit_id, products=[line])

        told = ["stock", "demo_stock", "damaged_stock", "oldest_receipt_on"]
        shown = phone.client.get(f"/v1/stores/{store.id}/stock").json
        assert [{name: line[name] for name in told}] == [
            {name: row[name] for name in told} for row in shown
        ]
        assert ("visit", str(visit_id)) == (shown[0]["source"], shown[0]["source_id"])

    def test_a_report_that_came_before_its_visit_keeps_the_day(self, client: Client, store):
        sku, visit_id = make_sku(), uuid4()
        phone = Phone(client.as_(store.owner))
        line = {"sku_id": sku.id, "stock": 5, "oldest_receipt_on": "2026-01-15"}

        phone.report(visit_id, products=[line])
        phone.check_in(store, visit_id)

        assert "2026-01-15" == ProductLine.get().oldest_receipt_on.isoformat()

    @pytest.mark.parametrize("day", ["2026-02-30", "20260115", "2026-W10-1", 5])
    def test_what_is_no_day_is_a_wrong_field(self, client: Client, store, day):
        line = {"sku_id": make_sku().id, "oldest_receipt_on": day}

        answer = Phone(client.as_(store.owner)).report(uuid4(), products=[line])

        assert [422, ["oldest_receipt_on"]] == [
            answer.status_code,
            list(answer.json["errors"]["json"]["products"]["0"]),
        ]


class TestCounting:
    def test_records_once_and_answers_a_replay(self, phone, store):
        sku, url = make_sku(), f"/v1/stock-counts/{uuid4()}"
        body = count(store, {"sku_id": sku.id, "stock": 3, "oldest_receipt_on": "2026-01-15"})

        first, again = phone.put(url, json=body), phone.put(url, json=body)

        assert [201, 200] == [first.status_code, again.status_code]
        assert first.json == again.json
        assert {
            "sku_id": sku.id,
            "stock": 3,
            "demo_stock": None,
            "damaged_stock": None,
            "oldest_receipt_on": "2026-01-15",
        } == first.json["lines"][0]
        assert "2026-03-02" == first.json["counted_on"]
        assert ["stock_count.recorded"] == [entry.verb for entry in LedgerEntry.select()]

    def test_reaches_the_figures(self, phone, store):
        line = {"sku_id": make_sku().id, "stock": 3}
        phone.put(f"/v1/stock-counts/{uuid4()}", json=count(store, line))

        worker.run_until_idle()

        assert [(0, 3)] == [(row.visits, row.stock_units) for row in VisitFact.select()]

    def test_refuses_another_use_of_the_id(self, client: Client, phone, store):
        sku, url = make_sku(), f"/v1/stock-counts/{uuid4()}"
        body = count(store, {"sku_id": sku.id, "stock": 3})
        phone.put(url, json=body)

        other = phone.put(url, json=count(store, {"sku_id": sku.id, "stock": 4}))
        stranger = client.as_(make_person(Role.MANAGER)).put(url, json=body)

        assert [PROBLEM + "id-taken"] * 2 == [other.json["type"], stranger.json["type"]]
        assert 1 == StockCount.select().count()

    def test_refuses_what_it_does_not_know_or_hears_twice(self, phone, store):
        sku, hidden = make_sku(), make_store()
        line = {"sku_id": sku.id, "stock": 1}
        bodies = [
            count(hidden, line),
            count(store, {"sku_id": 999, "stock": 1}),
            count(store, line, line),
            count(store),
            count(store, {"sku_id": sku.id}),
        ]

        answers = [phone.put(f"/v1/stock-counts/{uuid4()}", json=body) for body in bodies]

        assert [404, 404, 422, 422, 422] == [answer.status_code for answer in answers]
        assert ["store", "sku"] == [answer.json["what"] for answer in answers[:2]]

    def test_nobody_counts_tomorrow(self, phone, store):
        tomorrow = (clock.now() + timedelta(days=1)).isoformat()
        body = count(store, {"sku_id": make_sku().id, "stock": 1}, counted_at=tomorrow)

        answer = phone.put(f"/v1/stock-counts/{uuid4()}", json=body)

        assert clock.business_date(clock.now()).isoformat() == answer.json["counted_on"]


class TestOfAStore:
    def test_the_last_count_of_each_product_wins(self, phone, store):
        one, two, three = make_sku(), make_sku(), make_sku()
        early, late = NOON - timedelta(days=2), NOON
        visit = make_visit(store, at=NOON - timedelta(days=1))
        for sku, units in ((one, 5), (two, 6), (three, None)):
            ProductLine.create(visit_id=visit.id, sku=sku, is_must=False, stock=units)
        make_count(store, {one: 1, three: 3}, at=early)
        make_count(store, {two: 2}, at=late)
        make_count(make_store(), {one: 9}, at=late)

        with assert_query_count(5):  # who asks, the store, counts, visits, products
            rows = phone.get(f"/v1/stores/{store.id}/stock").json

        assert [(one.id, 5, "visit"), (two.id, 2, "count"), (three.id, 3, "count")] == [
            (row["sku_id"], row["stock"], row["source"]) for row in rows
        ]
        assert "2026-03-01" == rows[0]["counted_on"]

    def test_a_visit_that_does_not_count_is_not_believed(self, phone, store):
        for fields in ({"status": "reported"}, {"quarantine_reason": "unknown-template"}):
            visit = make_visit(store, **fields)
            ProductLine.create(visit_id=visit.id, sku=make_sku(), is_must=False, stock=5)

        assert [] == phone.get(f"/v1/stores/{store.id}/stock").json

    def test_is_not_found_where_the_store_is_out_of_sight(self, phone):
        hidden = phone.get(f"/v1/stores/{make_store().id}/stock")

        assert (404, "store") == (hidden.status_code, hidden.json["what"])


@pytest.fixture
def today(app):  # noqa: ARG001  # needs the settings
    return clock.business_date(clock.now())


def counted(store, stock_of: dict) -> None:
    """Count today, and let the worker see it."""
    make_count(store, stock_of, at=clock.now())
    stock.refresh([store.id])


class TestFlags:
    @pytest.fixture
    def seller(self, store, today):
        """A store that sends its sell-out since long ago, of a product it does not count."""
        other = make_sku()
        for days in (400, 1):
            make_sell_out(store, other, on=today - timedelta(days=days))
        return store

    @pytest.mark.parametrize(
        ("units", "sold", "told"),
        [
            (45, 84, (15.0, "stock_pressure_ok", None)),
            (42, 84, (14.0, "stock_pressure_ok", None)),
            (105, 84, (35.0, "stock_pressure_ok", None)),
            (20, 84, (20 / 3, "understock", None)),
            (21, 84, (7.0, None, "between_bands")),
            (135, 84, (45.0, None, "between_bands")),
            (136, 84, (136 / 3, "overstock", None)),
            (0, 84, (0.0, "understock", None)),
            (0, 0, (None, None, "no_sales")),
            (45, 0, (None, "slow_moving", None)),
        ],
    )
    def test_follow_from_stock_and_sell_out(self, phone, seller, units, sold, told):
        sku, today = make_sku(), clock.business_date(clock.now())
        if sold:
            make_sell_out(seller, sku, on=today - timedelta(days=27), units=sold)
        counted(seller, {sku: units})

        row = phone.get("/v1/stock/flags").json[0]

        assert told == (row["cover_days"], row["flag"], row["reason"])
        assert (units, sold) == (row["stock"], row["sold_units"])

    def test_sales_before_the_window_do_not_count(self, phone, seller, today):
        sku = make_sku()
        make_sell_out(seller, sku, on=today - timedelta(days=28), units=50)
        counted(seller, {sku: 5})

        row = phone.get("/v1/stock/flags").json[0]

        # Sold within the 30 days that make stock slow, but not within the 28 of the cover.
        assert (None, "no_sales", 0) == (row["flag"], row["reason"], row["sold_units"])

    def test_a_return_is_no_sale(self, phone, seller, today):
        sku = make_sku()
        make_sell_out(seller, sku, on=today, units=-1)
        counted(seller, {sku: 5})

        row = phone.get("/v1/stock/flags").json[0]

        assert ("slow_moving", None, -1) == (row["flag"], row["cover_days"], row["sold_units"])

    def test_say_why_there_is_none(self, phone, rep, store, today):
        sku = make_sku()
        silent, young, stale = store, make_store(owner=rep), make_store(owner=rep)
        make_sell_out(silent, sku, on=today - timedelta(days=100))
        make_sell_out(young, sku, on=today - timedelta(days=3))
        for days in (400, 1):
            make_sell_out(stale, sku, on=today - timedelta(days=days))
        counted(silent, {sku: 1})
        counted(young, {sku: 1})
        make_count(stale, {sku: 1}, at=clock.now() - timedelta(days=28))
        stock.refresh([stale.id])

        rows = phone.get("/v1/stock/flags").json

        assert {
            (silent.id, None, "no_sell_out_feed"),
            (young.id, None, "feed_too_young"),
            (stale.id, None, "count_too_old"),
        } == {(row["store_id"], row["flag"], row["reason"]) for row in rows}

    def test_are_filtered_and_paged_in_one_query_each(self, client: Client, seller, today):
        below = make_region(the_region())
        manager = client.as_(make_person(Role.MANAGER))
        dealer = make_dealer()
        away = make_store(dealer, region=below)
        few, many = make_sku(), make_sku()
        for days in (400, 1):
            make_sell_out(away, many, on=today - timedelta(days=days), units=28)
        make_sell_out(seller, few, on=today, units=28)
        counted(seller, {few: 1, many: 100})
        counted(away, {few: 1, many: 20})

        def ask(**asked):
            rows = manager.get("/v1/stock/flags", query_string=asked).json
            return [(row["store_id"], row["sku_id"]) for row in rows]

        with assert_query_count(3):  # who asks, how many, which
            everything = ask()
        assert [
            (seller.id, few.id),
            (seller.id, many.id),
            (away.id, few.id),
            (away.id, many.id),
        ] == everything
        assert everything[1:2] == ask(page=2, page_size=1)
        assert [(seller.id, few.id)] == ask(flag="understock")
        assert [(away.id, many.id)] == ask(flag="stock_pressure_ok")
        assert [] == ask(reason="no_sales")
        assert everything[:2] == ask(store_id=seller.id)
        assert everything[2:] == ask(dealer_id=dealer.id)
        assert everything[2:] == ask(region_id=below.id)
        assert [everything[0], everything[2]] == ask(sku_id=few.id)

    def test_show_only_what_the_caller_may_see(self, client: Client, phone):
        hidden = make_store()
        counted(hidden, {make_sku(): 5})
        here = make_region(the_region())
        elsewhere = client.as_(make_person(Role.MANAGER, region=here))

        assert [] == phone.get("/v1/stock/flags").json
        assert [] == elsewhere.get("/v1/stock/flags").json


class TestFollowing:
    def test_what_is_sold_changes_the_flag(self, client: Client, store, today):
        sku, manager = make_sku(), client.as_(make_person(Role.MANAGER))
        make_sell_out(store, sku, on=today - timedelta(days=400))
        counted(store, {sku: 5})
        sold_on = (today - timedelta(days=1)).isoformat()
        line = {"id": str(uuid4()), "units": 56, "amount_fen": None}
        line |= {"store_code": store.code, "sku_code": sku.code, "sold_on": sold_on}
        before = manager.get("/v1/stock/flags").json[0]

        sent = manager.post("/v1/sales/sell-out", json={"lines": [line]})
        worker.run_until_idle()

        after = manager.get("/v1/stock/flags").json[0]
        assert 200 == sent.status_code, sent.text
        assert ("no_sell_out_feed", None) == (before["reason"], before["flag"])
        assert ("understock", 2.5, 56) == tuple(
            after[name] for name in ("flag", "cover_days", "sold_units")
        )

    def test_time_alone_changes_it(self, phone, store, today):
        sku, other = make_sku(), make_sku()
        now = clock.now()
        for days in (400, 27):
            make_sell_out(store, sku, on=today - timedelta(days=days), units=28)
        make_sell_out(store, other, on=today, units=1)
        make_count(store, {sku: 20}, at=now - timedelta(days=20))
        told = []
        for days in (0, 1, 9):
            at = now + timedelta(days=days)
            if days:
                assert 1 == stock.judge_due(at)
            else:
                stock.refresh([store.id], at=at)
            assert 0 == stock.judge_due(at)
            (row,) = phone.get("/v1/stock/flags").json
            told.append((row["flag"], row["reason"], row["judged_on"]))

        days = [(today + timedelta(days=each)).isoformat() for each in (0, 1, 9)]
        assert [
            ("stock_pressure_ok", None, days[0]),
            (None, "no_sales", days[1]),
            (None, "count_too_old", days[2]),
        ] == told
        assert 0 == stock.judge_due(now + timedelta(days=300))

    def test_a_silent_store_is_left_alone_until_its_count_is_old(self, store, today):
        now, sku = clock.now(), make_sku()
        counted(store, {sku: 5})

        judged = [stock.judge_due(now + timedelta(days=days)) for days in (1, 27, 28, 29)]

        assert [0, 0, 1, 0] == judged
        assert today + timedelta(days=28) == StoreStock.get().judged_on

    def test_what_was_counted_is_flagged_once_the_worker_saw_it(self, client: Client, store):
        one, two = make_sku(role="hero"), make_sku()
        make_must_rule()
        phone, visit_id = Phone(client.as_(store.owner)), uuid4()
        phone.check_in(store, visit_id)
        phone.report(visit_id, products=[{"sku_id": one.id, "listed": True, "stock": 4}])
        line = {"sku_id": two.id, "stock": 6}
        now = clock.now().isoformat()
        body = count(store, line, counted_at=now)
        phone.client.put(f"/v1/stock-counts/{uuid4()}", json=body)

        worker.run_until_idle()

        rows = phone.client.get("/v1/stock/flags").json
        assert [(one.id, 4), (two.id, 6)] == [(row["sku_id"], row["stock"]) for row in rows]

    def test_a_visit_that_is_taken_back_takes_its_counts_along(self, phone, store):
        sku, visit = make_sku(), make_visit(store, at=clock.now())
        ProductLine.create(visit_id=visit.id, sku=sku, is_must=False, stock=5)
        make_count(store, {sku: 2}, at=visit.checked_in_at - timedelta(hours=1))
        stock.refresh([store.id])
        before = phone.get("/v1/stock/flags").json[0]
        Visit.update(quarantine_reason="second-visit-open").execute()

        stock.refresh([store.id])

        after = phone.get("/v1/stock/flags").json[0]
        assert [("visit", 5), ("count", 2)] == [
            (row["source"], row["stock"]) for row in (before, after)
        ]
        assert UUID(before["source_id"]) == visit.id


class TestOverstock:
    @pytest.fixture
    def sku(self, store, today):
        """A product of which the store sells one a day, and says so since long ago."""
        sku = make_sku()
        for days, units in ((400, 1), (1, 28)):
            make_sell_out(store, sku, on=today - timedelta(days=days), units=units)
        return sku

    def visit(self, phone: Phone, store, sku, units: int, *, minutes: float = 60):
        visit_id, line = uuid4(), {"sku_id": sku.id, "stock": units}
        phone.check_in(store, visit_id, minutes=minutes)
        phone.report(visit_id, minutes=minutes - 10, products=[line])
        worker.run_until_idle()
        return visit_id

    def cases(self, client: Client):
        listed = client.get("/v1/violations?kind=overstock_risk&open=true").json
        return [(case["subject"], case["severity"], case["sightings"]) for case in listed]

    def test_found_on_a_visit_opens_one_case_with_a_task(self, phone, store, sku):
        hand = Phone(phone)
        self.visit(hand, store, sku, 45)
        enough = self.cases(phone)

        visit_id = self.visit(hand, store, sku, 46, minutes=40)
        first = self.cases(phone)
        stock.refresh([store.id])
        overstock.tell([store.id], at=clock.now())
        self.visit(hand, store, sku, 60, minutes=20)

        assert ([], [(f"sku:{sku.id}", 1, 1)]) == (enough, first)
        assert [(f"sku:{sku.id}", 1, 2)] == self.cases(phone)
        assert str(visit_id) == phone.get("/v1/violations").json[0]["opened_visit_id"]
        assert ["overstock_risk"] == [task["kind"] for task in phone.get("/v1/tasks").json]

    def test_is_taken_back_with_the_visit_or_what_it_said(self, phone, store, sku):
        hand = Phone(phone)
        visit_id = self.visit(hand, store, sku, 46)
        hand.amend(visit_id, uuid4(), products=[{"sku_id": sku.id, "stock": 10}])
        worker.run_until_idle()
        amended = self.cases(phone)
        hand.amend(visit_id, uuid4(), minutes=1, products=[{"sku_id": sku.id, "stock": 90}])
        worker.run_until_idle()
        again = self.cases(phone)

        hand.cancel(visit_id)
        worker.run_until_idle()

        assert ([], [(f"sku:{sku.id}", 1, 1)], []) == (amended, again, self.cases(phone))

    def test_counted_outside_a_visit_opens_it_too(self, phone, store, sku):
        other = make_sku()
        for units in (1, 27):
            make_sell_out(store, other, on=clock.business_date(clock.now()), units=units)
        now = clock.now().isoformat()
        lines = [{"sku_id": each.id, "stock": 50} for each in (sku, other)]
        body = count(store, *lines, counted_at=now)
        phone.put(f"/v1/stock-counts/{uuid4()}", json=body)

        for _ in range(2):
            worker.run_until_idle()
            overstock.tell([store.id], at=clock.now())

        assert {(f"sku:{each.id}", 1, 1) for each in (sku, other)} == set(self.cases(phone))
