"""Sales over HTTP: batches of lines, files, and lists."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from playhouse.test_utils import assert_query_count

from backend.config import Config
from backend.exchange.models import ImportedFile
from backend.fieldwork.trade_models import SellIn, SellOut
from backend.network.models import CodeAlias, StoreDealer
from backend.platform import clock
from backend.platform.actors import Role
from backend.platform.models import LedgerEntry
from tests.client import Client
from tests.factories import (
    TODAY,
    actor_of,
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
HEADER = "day,store_code,sku_code,units,amount,imei\n"


@pytest.fixture
def manager(client: Client) -> Client:
    return client.as_(make_person(Role.MANAGER))


@pytest.fixture
def store(app):  # noqa: ARG001  # needs the database
    return make_store()


@pytest.fixture
def sku(app):  # noqa: ARG001  # needs the database
    return make_sku()


def line(store, sku, **changes) -> dict:
    """Return a line that a store sold, or bought, one unit."""
    told = {
        "id": str(uuid4()),
        "sold_on": TODAY.isoformat(),
        "store_code": store and store.code,
        "sku_code": sku.code,
        "units": 1,
        "amount_fen": 199_900,
    }
    return told | changes


def send(client: Client, *lines: dict, feed: str = "sell-out"):
    return client.post(f"/v1/sales/{feed}", json={"lines": lines})


def wrong(answer) -> list[tuple[int, str, str]]:
    """Return the places and codes of what a feed complains about."""
    assert (422, PROBLEM + "lines-refused") == (answer.status_code, answer.json["type"])
    return [(row["row"], row["column"], row["problem"]) for row in answer.json["rows"]]


class TestBatches:
    def test_take_in_sell_out_for_the_dealer_of_the_day(self, manager, store, sku):
        link = StoreDealer.get(StoreDealer.store == store)
        StoreDealer.update(to_on=TODAY).execute()
        StoreDealer.create(store=store, dealer=make_dealer(), from_on=TODAY)
        yesterday = (TODAY - timedelta(days=1)).isoformat()
        sold = line(store, sku, sold_on=yesterday, units=3, imei=None)

        answer = send(manager, sold, line(store, sku, units=-1, amount_fen=-5))

        assert {"rows_new": 2, "rows_replayed": 0} == answer.json
        row = SellOut.get(SellOut.id == sold["id"])
        assert (link.dealer_id, store.region_id, 3) == (row.dealer_id, row.region_id, row.units)
        told = {(entry.verb, entry.object_id) for entry in LedgerEntry.select()}
        assert {("sell_out.recorded", f"store:{store.id}")} == told

    def test_take_in_sell_in_to_dealers_and_stores(self, manager, store, sku):
        dealer = make_dealer()
        to_store, to_dealer = (
            line(store, sku),
            line(None, sku, dealer_code=dealer.code, amount_fen=None),
        )

        answer = send(manager, to_store, to_dealer, feed="sell-in")

        owner = StoreDealer.get(StoreDealer.store == store).dealer_id
        assert 200 == answer.status_code
        assert {(owner, store.id), (dealer.id, None)} == {
            (sale.dealer_id, sale.store_id) for sale in SellIn.select()
        }

    def test_know_a_line_again_and_refuse_another_with_its_id(self, manager, store, sku):
        known = line(store, sku)
        send(manager, known)

        again = send(manager, known, line(store, sku))
        other = send(manager, known | {"units": 2}, line(store, sku))

        assert {"rows_new": 1, "rows_replayed": 1} == again.json
        assert [(1, "id", "id-taken")] == wrong(other)
        assert 2 == SellOut.select().count()

    def test_take_former_codes(self, manager, store, sku):
        dealer = make_dealer()
        CodeAlias.create(code="43-01-900-0001", store=store)
        CodeAlias.create(code="43-01-901-0001", store=store)
        CodeAlias.create(code="43-01-901", dealer=dealer)
        lines = [
            line(store, sku),
            line(store, sku, store_code="43-01-900-0001"),
            line(store, sku, store_code="43-01-901-0001"),
            line(None, sku, dealer_code="43-01-901"),
        ]

        assert 4 == send(manager, *lines, feed="sell-in").json["rows_new"]

    def test_say_everything_that_is_wrong_and_take_nothing(self, manager, store, sku):
        tomorrow = (clock.business_date(clock.now()) + timedelta(days=1)).isoformat()
        nobodys = make_store()
        StoreDealer.delete().where(StoreDealer.store == nobodys).execute()
        one, two = line(store, sku), line(store, sku)
        lines = [
            one,
            one,
            line(store, sku, sold_on=tomorrow),
            line(store, sku, units=0, amount_fen=0),
            line(store, sku, amount_fen=-1),
            line(store, sku, units=-1),
            line(store, sku, sku_code="none"),
            line(store, sku, store_code="none"),
            line(None, sku),
            line(store, sku, dealer_code="43-01-001"),
            line(None, sku, dealer_code="none"),
            line(nobodys, sku),
            line(store, sku, imei="123456789012345"),
            line(store, sku, imei=imei(1)[:14]),
            line(store, sku, imei=imei(1), units=2),
            two,
        ]

        answer = send(manager, *lines, feed="sell-in")

        assert [
            (2, "id", "repeated-id"),
            (3, "day", "in-the-future"),
            (4, "units", "no-units"),
            (5, "amount", "amount-sign"),
            (6, "amount", "amount-sign"),
            (7, "sku_code", "unknown-sku"),
            (8, "store_code", "unknown-store"),
            (9, "store_code", "store-or-dealer"),
            (10, "store_code", "store-or-dealer"),
            (11, "dealer_code", "unknown-dealer"),
            (12, "store_code", "no-dealer"),
            (13, "imei", "bad-imei"),
            (14, "imei", "bad-imei"),
            (15, "units", "one-handset"),
        ] == wrong(answer)
        assert 14 == answer.json["error_count"]
        assert "没有该产品。" == answer.json["rows"][5]["detail_zh"]
        assert (0, 0) == (SellIn.select().count(), LedgerEntry.select().count())

    def test_sell_out_is_of_a_store(self, manager, sku):
        dealer = make_dealer()

        answer = send(manager, line(None, sku, dealer_code=dealer.code))

        assert [(1, "store_code", "missing")] == wrong(answer)

    def test_a_store_of_no_dealer_may_sell(self, manager, store, sku):
        StoreDealer.delete().execute()

        assert 200 == send(manager, line(store, sku)).status_code
        assert SellOut.get().dealer_id is None

    def test_what_is_out_of_sight_is_as_unknown(self, client: Client, store, sku):
        below = make_region(the_region())
        supervisor = client.as_(make_person(Role.SUPERVISOR, region=below))
        dealer = make_dealer()

        answer = send(
            supervisor, line(store, sku), line(None, sku, dealer_code=dealer.code), feed="sell-in"
        )

        assert [
            (1, "store_code", "unknown-store"),
            (2, "dealer_code", "unknown-dealer"),
        ] == wrong(answer)

    def test_need_a_feed_and_an_office(self, client: Client, manager, store, sku):
        assert 404 == send(manager, line(store, sku), feed="gifts").status_code
        assert 403 == send(client.as_(make_person()), line(store, sku)).status_code
        assert 422 == send(manager).status_code


class TestHandsetsTwice:
    def test_in_one_feed_are_refused_until_they_come_back(self, manager, store, sku):
        sold = line(store, sku, imei=imei(1))
        again = line(store, sku, imei=imei(1), sold_on="2026-02-01")
        back = line(store, sku, imei=imei(1), units=-1, amount_fen=None)
        send(manager, sold)

        assert [(1, "imei", "duplicate-imei")] == wrong(
            send(manager, line(store, sku, imei=imei(1)))
        )
        assert [(1, "imei", "duplicate-imei")] == wrong(send(manager, again))
        assert 200 == send(manager, back, line(store, sku, imei=imei(1))).status_code
        assert 200 == send(manager, sold, feed="sell-in").status_code

    def test_in_one_batch_are_refused(self, manager, store, sku):
        answer = send(manager, *(line(store, sku, imei=imei(number)) for number in (1, 2, 1)))

        assert [(3, "imei", "duplicate-imei")] == wrong(answer)

    def test_pass_from_dealer_to_dealer_to_one_store(self, manager, store, sku):
        agent, sub = make_dealer(), make_dealer()
        steps = [line(None, sku, dealer_code=dealer.code, imei=imei(1)) for dealer in (agent, sub)]

        answer = send(manager, *steps, line(store, sku, imei=imei(1)), feed="sell-in")
        twice = [
            send(manager, line(None, sku, dealer_code=sub.code, imei=imei(1)), feed="sell-in"),
            send(manager, line(make_store(), sku, imei=imei(1)), feed="sell-in"),
        ]

        assert 200 == answer.status_code
        assert [[(1, "imei", "duplicate-imei")]] * 2 == [wrong(each) for each in twice]

    def test_a_return_of_what_was_sold_before_there_was_a_feed_is_fine(self, manager, store, sku):
        back = line(store, sku, imei=imei(1), units=-1, amount_fen=0)

        assert 200 == send(manager, back, line(store, sku, imei=imei(1))).status_code


class TestList:
    def test_is_filtered_and_paged_newest_first(self, manager, sku):
        below = make_region(the_region())
        near, far = make_store(), make_store(region=below)
        old = make_sell_out(near, sku, on=date(2026, 1, 1), imei=imei(1))
        new = make_sell_out(far, make_sku(), on=TODAY)

        def ask(**asked):
            rows = manager.get("/v1/sales/sell-out", query_string=asked).json
            return [row["id"] for row in rows]

        with assert_query_count(3):  # who asks, how many, which
            assert [str(new.id), str(old.id)] == ask()
        assert [str(old.id)] == ask(page=2, page_size=1)
        assert [str(old.id)] == ask(store_id=near.id)
        assert [str(new.id)] == ask(dealer_id=new.dealer_id)
        assert [str(new.id)] == ask(region_id=below.id)
        assert [str(old.id)] == ask(sku_id=sku.id)
        assert [str(old.id)] == ask(imei=imei(1))
        assert [str(new.id)] == ask(**{"from": "2026-01-02"})
        assert [str(old.id)] == ask(to="2026-03-02")

    def test_shows_the_subtree_only(self, client: Client, sku):
        make_sell_in(sku, dealer=make_dealer())
        below = make_region(the_region())
        mine = make_sell_in(sku, store=make_store(region=below))
        supervisor = client.as_(make_person(Role.SUPERVISOR, region=below))

        rows = supervisor.get("/v1/sales/sell-in").json

        assert [(str(mine.id), mine.store_id)] == [(row["id"], row["store_id"]) for row in rows]
        assert 404 == supervisor.get("/v1/sales/gifts").status_code


def upload(client: Client, content: str | bytes, feed: str = "sell-out", **asked):
    """Send a file."""
    return client.post(
        f"/v1/sales/{feed}/imports",
        query_string=asked,
        data=content.encode() if isinstance(content, str) else content,
        content_type="text/csv",
    )


class TestFiles:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
    @pytest.mark.parametrize(
        "header",
        [
            "日期,门店编码,产品编码,数量,金额（元）,串号",
            "Day, STORE_CODE ,sku_code,units,amount,imei",
        ],
    )
    def test_are_read_as_spreadsheets_write_them(self, manager, store, sku, encoding, header):
        table = (
            f"{header}\r\n"
            f'2026/3/2,{store.code},{sku.code},２,"3,998.50",\r\n'
            ",,,,,\r\n"
            f'2026年3月1日,="{store.code}",{sku.code},1.0,¥1999,\'{imei(1)}\r\n'
        )

        answer = upload(manager, table.encode(encoding))

        assert 201 == answer.status_code
        assert (2, 2, 0) == tuple(
            answer.json[name] for name in ("rows", "rows_new", "rows_replayed")
        )
        assert encoding.removesuffix("-sig") == answer.json["encoding"]
        sales = SellOut.select().order_by(SellOut.sold_on)
        assert [
            (date(2026, 3, 1), 1, 199_900, imei(1)),
            (date(2026, 3, 2), 2, 399_850, None),
        ] == [(sale.sold_on, sale.units, sale.amount_fen, sale.imei) for sale in sales]

    def test_bring_sell_in_to_dealers_and_stores(self, manager, store, sku):
        dealer = make_dealer()
        table = (
            "日期,门店编码,经销商编码,产品编码,数量,金额\n"
            f"2026-03-02,{store.code},,{sku.code},1,\n"
            f"2026-03-02,,{dealer.code},{sku.code},10,15000\n"
        )

        assert 2 == upload(manager, table, "sell-in").json["rows_new"]
        assert {None, 1_500_000} == {sale.amount_fen for sale in SellIn.select()}

    def test_come_in_once(self, manager, store, sku):
        table = f"{HEADER}2026-03-02,{store.code},{sku.code},1,1999,\n"

        first, again = upload(manager, table), upload(manager, table)

        assert [201, 200] == [first.status_code, again.status_code]
        assert [False, True] == [each.json["is_replay"] for each in (first, again)]
        assert (first.json["id"], 0, 1) == tuple(
            again.json[name] for name in ("id", "rows_new", "rows_replayed")
        )
        assert (1, 1) == (SellOut.select().count(), ImportedFile.select().count())
        assert ["file.imported", "sell_out.recorded"] == sorted(
            entry.verb for entry in LedgerEntry.select()
        )

    def test_that_overlap_bring_each_row_once(self, manager, store, sku):
        row = f"2026-03-02,{store.code},{sku.code},1,1999,\n"
        later = f"2026-03-03,{store.code},{sku.code},1,1999,\n"

        upload(manager, HEADER + row + row)
        answer = upload(manager, HEADER + row + row + later)

        assert (1, 2) == (answer.json["rows_new"], answer.json["rows_replayed"])
        assert 3 == SellOut.select().count()

    def test_may_number_their_rows(self, manager, store, sku):
        header = HEADER.replace("imei", "line_id")
        row = f"2026-03-02,{store.code},{sku.code},1,1999,"
        upload(manager, f"{header}{row}A-1\n")

        more = upload(manager, f"{header}{row}A-1\n{row}A-2\n")
        other = upload(manager, f"{header}{row.replace(',1,', ',2,')}A-1\n{row}A-3\n{row}A-3\n")

        assert (1, 1) == (more.json["rows_new"], more.json["rows_replayed"])
        assert [(2, "id", "id-taken"), (4, "id", "repeated-id")] == wrong(other)

    def test_say_what_is_wrong_by_row_and_column_and_bring_nothing(self, manager, store, sku):
        good = f"2026-03-02,{store.code},{sku.code},1,1999,\n"
        rows = [
            good,
            f"yesterday,{store.code},{sku.code},1,1999,\n",
            f"2026-02-30,{store.code},{sku.code},1,1999,\n",
            f"2026-03-02,,{sku.code},1.5,19.999,\n",
            f"2026-03-02,{store.code},{sku.code},,¥,3.56938E+14\n",
            f'2026-03-02,{store.code},"a\0b",1,99999999.99,\n',
            f"2026-03-02,{store.code},{'9' * 41},1,1,\n",
            f"2026-03-02,{store.code},none,1,1,\n",
            f"2026-03-02,{store.code},{sku.code},1,1,3.56938E+14\n",
        ]

        tried = upload(manager, HEADER + "".join(rows), dry_run=True)
        answer = upload(manager, HEADER + "".join(rows))

        assert [
            (3, "day", "not-a-day"),
            (4, "day", "not-a-day"),
            (5, "amount", "not-an-amount"),
            (5, "store_code", "missing"),
            (5, "units", "not-a-whole-number"),
            (6, "amount", "not-an-amount"),
            (6, "units", "missing"),
            (7, "amount", "not-an-amount"),
            (7, "sku_code", "unreadable"),
            (8, "sku_code", "unreadable"),
            (9, "sku_code", "unknown-sku"),
            (10, "imei", "bad-imei"),
        ] == wrong(answer)
        assert (200, None, 9, 1, 12) == (
            tried.status_code,
            *(tried.json[name] for name in ("id", "rows", "rows_new", "error_count")),
        )
        assert answer.json["rows"] == tried.json["errors"]
        assert 0 == SellOut.select().count()

    def test_a_dry_run_stores_nothing(self, manager, store, sku):
        table = f"{HEADER}2026-03-02,{store.code},{sku.code},1,1999,\n"

        answer = upload(manager, table, dry_run=True)

        assert (200, 1, True) == (
            answer.status_code,
            answer.json["rows_new"],
            answer.json["is_dry_run"],
        )
        assert (0, 0, 0) == tuple(
            table.select().count() for table in (SellOut, ImportedFile, LedgerEntry)
        )

    @pytest.mark.parametrize(
        ("content", "feed", "problem"),
        [
            (b"", "sell-out", "wrong-header"),
            (b"\xff\xff\xff\xff", "sell-out", "unreadable-file"),
            ('day,"x\n', "sell-out", "unreadable-file"),
            ("day,store_code,sku_code,units\n", "sell-out", "wrong-header"),
            (HEADER.replace("imei", "colour"), "sell-out", "wrong-header"),
            (HEADER.replace("imei", "日期"), "sell-out", "wrong-header"),
            (HEADER.replace("imei", "dealer_code"), "sell-out", None),
            ("day,sku_code,units,amount\n", "sell-in", "wrong-header"),
        ],
    )
    def test_need_to_be_tables_with_these_columns(self, manager, content, feed, problem):
        answer = upload(manager, content, feed)

        assert (problem and PROBLEM + problem) == answer.json.get("type")

    def test_name_what_is_wrong_with_the_header(self, manager):
        answer = upload(manager, "日期,day,colour\n")

        assert ("store_code, sku_code, units, amount", "colour", "day") == tuple(
            answer.json[name] for name in ("missing", "unknown", "twice")
        )

    def test_need_to_be_csv_of_a_feed(self, client: Client, manager):
        as_json = manager.post("/v1/sales/sell-out/imports", json={})

        assert 415 == as_json.status_code
        assert 404 == upload(manager, HEADER, "gifts").status_code
        assert 403 == upload(client.as_(make_person()), HEADER).status_code

    def test_are_listed_newest_first_by_whose_people_they_are(self, client: Client, manager):
        below = make_region(the_region())
        supervisor = make_person(Role.SUPERVISOR, region=below)
        first = upload(manager, HEADER).json["id"]
        second = upload(client.as_(supervisor), "day,store_code,sku_code,units,amount\n", "sell-in")

        with assert_query_count(3):  # who asks, how many, which
            rows = manager.get("/v1/imports").json

        assert [second.json["id"], first] == [row["id"] for row in rows]
        assert [first] == [row["id"] for row in manager.get("/v1/imports?feed=sell-out").json]
        listed = client.as_(supervisor).get("/v1/imports").json
        assert [second.json["id"]] == [row["id"] for row in listed]
        assert actor_of(supervisor).id == listed[0]["person_id"]


class TestSmallLimits:
    @pytest.fixture
    def config(self, database_url, upload_dir) -> Config:
        return Config(
            database_url=database_url,
            upload_dir=upload_dir,
            max_import_rows=1,
            max_import_bytes=200,
        )

    def test_a_long_file_is_to_be_split(self, manager):
        answer = upload(manager, HEADER + "a\nb\n")

        assert (422, PROBLEM + "too-many-rows", 2, 1) == (
            answer.status_code,
            *(answer.json[name] for name in ("type", "rows", "limit")),
        )

    def test_a_large_file_is_refused(self, manager):
        answer = upload(manager, HEADER + "x" * 200)

        assert (413, 200) == (answer.status_code, answer.json["limit_bytes"])
