"""The cube over 60,000 stores against a bare GROUP BY of the same rows.

Seven times 28 days of sell-out are stored, 1,650,000 lines of a unit each, spread over stores as
unevenly as real ones; sell-in of every dealer, product and week; and for the last 28 days visits
with their judged report and product lines. The bare query adds up the lines of the window by
dealer and product, from the one table, and sees nobody's scope.
"""

import statistics
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from rich.progress import track

from backend.insight import cube
from backend.insight.cube import Wanted
from backend.insight.windows import Window
from backend.network.models import Dealer, Region, Store, StoreDealer
from backend.platform.actors import Actor, Role
from backend.platform.database import db, insert_rows, is_sqlite, transaction
from backend.standards.models import Sku
from tests.factories import make_person

TITLE = "The cube over 60,000 stores and 28 days"
GOAL = "Asked by a person who waits: seconds, beside a bare GROUP BY of the same rows"
STORES, DEALERS, SKUS, PROVINCES, SPANS, DAYS = 60_000, 2_100, 36, 31, 7, 28
SIZES = [1_650_000]
"""Lines of sell-out in 28 days."""
FIRST_DAY = date(2025, 9, 1)
LAST = Window(
    FIRST_DAY + timedelta(days=DAYS * (SPANS - 1)), FIRST_DAY + timedelta(days=DAYS * SPANS)
)
ADMIN = Actor(id=1, role=Role.ADMIN, region_path="/1/")
RUNS = 3
ASKED: dict[str, dict[str, Any]] = {
    "tier": {"customer": "tier"},
    "tier × category": {"customer": "tier", "product": "category"},
    "dealer × role": {"customer": "dealer", "product": "role"},
    "tier × category, stores and order days": {
        "customer": "tier",
        "product": "category",
        "measures": ["stores", "order_days"],
    },
    "tier × category, stock and compliance": {
        "customer": "tier",
        "product": "category",
        "measures": ["stock", "compliance_score"],
    },
    **{
        f"tier × category × {behaviour}": {
            "customer": "tier",
            "product": "category",
            "behaviour": behaviour,
        }
        for behaviour in (
            "volume",
            "mix",
            "timing",
            "price_direction",
            "brand_or_price",
            "regularity",
        )
    },
    "one dealer: grade × role × volume": {
        "customer": "grade",
        "product": "role",
        "behaviour": "volume",
        "dealer_id": 7,
    },
}


def run(_database_url: str, _folder: Path) -> dict[str, str]:
    """Load the rows, ask each question, and return the seconds of each."""
    with db.connection_context():
        load(SIZES[0])
        bare = timed(bare_group_by)
        figures = {"bare GROUP BY dealer, product": f"{bare:.1f} s"}
        for name, asked in track(ASKED.items(), "asking"):
            took = timed(lambda asked=asked: ask(asked))
            figures[name] = f"{took:.1f} s, {took / bare:.1f} × bare"
    return figures


def timed(do: Callable[[], Any]) -> float:
    """Return the median seconds of some runs, after one that counts for nothing."""
    took = []
    for _ in range(RUNS + 1):
        begun = time.perf_counter()
        do()
        took.append(time.perf_counter() - begun)
    return statistics.median(took[1:])


def ask(asked: dict[str, Any]) -> None:
    """Ask the cube what somebody who sees everything would."""
    found = cube.ask(ADMIN, Wanted(window=LAST, **asked), at=datetime.now(UTC))
    if not found.cells:
        raise RuntimeError("The cube is empty.")


def bare_group_by() -> None:
    """Add up the same lines with the database alone."""
    days = f"'{LAST.from_on}' AND sold_on < '{LAST.to_on}'"
    db.execute_sql(
        "SELECT dealer_id, sku_id, SUM(units), SUM(amount_fen), COUNT(*) FROM sell_out "  # noqa: S608
        f"WHERE sold_on >= {days} GROUP BY dealer_id, sku_id"
    ).fetchall()


def load(lines: int) -> None:
    """Fill the network, the sales, and the last 28 days of visits."""
    known_to_fit = ("SET session_replication_role = replica", "PRAGMA foreign_keys = 0")
    db.execute_sql(known_to_fit[is_sqlite()])
    chance = Random(7)  # noqa: S311  # the same rows every time
    with transaction():
        insert_rows(
            Region, [{"id": 1, "code": "CN", "name": "全国", "parent": None, "path": "/1/"}]
        )
        insert_rows(Region, [region(number) for number in range(2, 2 + PROVINCES)])
        make_person(Role.ADMIN, region=1)
        insert_rows(Dealer, [dealer(number) for number in range(1, DEALERS + 1)])
        insert_rows(Sku, [sku(number) for number in range(1, SKUS + 1)])
        numbers = range(1, STORES + 1)
        insert_rows(Store, [store(chance, number) for number in numbers])
        insert_rows(
            StoreDealer,
            [{"store": n, "dealer": dealer_of(n), "from_on": FIRST_DAY} for n in numbers],
        )
        weights = [chance.lognormvariate(0, 1.06) for _ in numbers]
        slots = sorted(chance.choices(numbers, weights, k=lines))
        db.execute_sql("CREATE TEMP TABLE slot (id BIGINT PRIMARY KEY, store_id INTEGER)")
        mark = db.param
        pairs = list(enumerate(slots))
        for begin in range(0, lines, 5_000):
            chunk = pairs[begin : begin + 5_000]
            values = [value for pair in chunk for value in pair]
            rows = ", ".join([f"({mark}, {mark})"] * len(chunk))
            db.execute_sql(f"INSERT INTO slot VALUES {rows}", values)  # noqa: S608
    indexes = [*without_indexes("sell_out"), *without_indexes("sell_in")]
    for span in track(range(SPANS), "loading"):
        with transaction():
            insert(sell_out_of(span))
            insert(sell_in_of(span))
    for index in indexes:
        db.execute_sql(index)
    with transaction():
        for statement in visits():
            insert(statement)
        db.execute_sql("DROP TABLE slot")
    if not is_sqlite():
        db.connection().autocommit = True
    db.execute_sql("ANALYZE" if is_sqlite() else "VACUUM ANALYZE")


def insert(statement: str) -> None:
    """Run an insert that has no values, whose percent signs are its own."""
    db.execute_sql(statement if is_sqlite() else statement.replace("%", "%%"))


def without_indexes(table: str) -> list[str]:
    """Drop the indexes of a table that are not its key, and return what makes them again."""
    question = (
        "SELECT c.relname, pg_get_indexdef(c.oid) FROM pg_index i JOIN pg_class c"  # noqa: S608
        f" ON c.oid = i.indexrelid WHERE i.indrelid = '{table}'::regclass AND NOT i.indisunique"
    )
    if is_sqlite():
        question = f"SELECT name, sql FROM sqlite_master WHERE tbl_name = '{table}' AND sql LIKE 'CREATE INDEX%'"  # noqa: E501, S608
    found = db.execute_sql(question).fetchall()
    for name, _ in found:
        db.execute_sql(f'DROP INDEX "{name}"')
    return [made for _, made in found]


def sell_out_of(span: int) -> str:
    """Return the insert of the lines of 28 days: other days, products and ids each time."""
    day, sku_id = f"((s.id * 7919 + {span} * 31) % {DAYS})", f"(1 + (s.id * 104729 + {span}) % 36)"
    return insert_sales(
        "sell_out",
        span,
        "0a",
        f"FROM slot s JOIN store_dealer sd ON sd.store_id = s.store_id ORDER BY {day}, s.id",
        store="s.store_id",
        dealer="sd.dealer_id",
        day=day,
        sku=sku_id,
        units="1",
        region=f"(2 + sd.dealer_id % {PROVINCES})",
        row="s.id",
    )


def sell_in_of(span: int) -> str:
    """Return the insert of what every dealer bought each week."""
    return insert_sales(
        "sell_in",
        span,
        "0b",
        f"FROM dealer d JOIN sku k ON k.id > 0 JOIN region w ON w.id <= {DAYS // 7}",
        store="NULL",
        dealer="d.id",
        day="((w.id - 1) * 7 + (d.id + k.id) % 7)",
        sku="k.id",
        units="(1 + (d.id * 31 + k.id) % 20)",
        region=f"(2 + d.id % {PROVINCES})",
        row="((d.id * 100 + k.id) * 10 + w.id)",
    )


def insert_sales(table: str, span: int, kind: str, source: str, **of: str) -> str:
    """Return the insert of the sales of one span."""
    first = FIRST_DAY + timedelta(days=DAYS * span)
    if is_sqlite():
        day = f"date('{first}', {of['day']} || ' days')"
        uuid = f"printf('{kind}{span:06x}%024x', {of['row']})"
        nothing = "NULL"
    else:
        day = f"(DATE '{first}' + ({of['day']})::integer)"
        uuid = f"('{kind}{span:06x}' || lpad(to_hex({of['row']}), 24, '0'))::uuid"
        nothing = "NULL::integer"
    shop = nothing if of["store"] == "NULL" else of["store"]
    return (
        f"INSERT INTO {table} (id, sold_on, store_id, dealer_id, region_id, sku_id, units,"
        " amount_fen, imei, recorded_at, recorded_by_id) "
        f"SELECT {uuid}, {day}, {shop}, {of['dealer']}, {of['region']}, {of['sku']}, {of['units']},"
        f" {of['units']} * (60000 + {of['sku']} * 9000), NULL, '{first} 00:00:00.000000', 1 "
        f"{source}"
    )


def visits() -> list[str]:
    """Return the inserts of 158,800 complete visits with a report and eight product lines each."""
    hex_of = "printf('%032x', {})" if is_sqlite() else "lpad(to_hex({}), 32, '0')::uuid"
    true, false = ("1", "0") if is_sqlite() else ("TRUE", "FALSE")
    at = f"'{LAST.from_on} 04:00:00.000000'"
    day = (
        f"date('{LAST.from_on}', (s.id % {DAYS}) || ' days')"
        if is_sqlite()
        else f"(DATE '{LAST.from_on}' + (s.id % {DAYS})::integer)"
    )
    some = "s.id < 158800"
    visit_id = hex_of.format("s.id")
    return [
        (
            "INSERT INTO visit (id, person_id, claimed_store_id, store_id, dealer_id,"  # noqa: S608
            " region_id, kind, status, business_on, checked_in_at, device_at, received_at,"
            " is_clock_suspect, is_off_hours, content_sha256)"
            f" SELECT {visit_id}, 1, 1 + (s.id * 7) % {STORES}, 1 + (s.id * 7) % {STORES},"
            f" sd.dealer_id, 2 + sd.dealer_id % {PROVINCES}, 'routine', 'complete', {day},"
            f" {at}, {at}, {at}, {false}, {false}, '{'0' * 64}' FROM slot s"
            f" JOIN store_dealer sd ON sd.store_id = 1 + (s.id * 7) % {STORES} WHERE {some}"
        ),
        (
            "INSERT INTO report (visit_id, person_id, state, received_at, device_at,"  # noqa: S608
            " content_sha256, revision, document, signage_num, signage_den)"
            f" SELECT {visit_id}, 1, 'judged', {at}, {at}, '{'0' * 64}', 1, '{{}}', s.id % 11, 10"
            f" FROM slot s WHERE {some}"
        ),
        (
            "INSERT INTO product_line (visit_id, sku_id, is_must, is_listed, stock)"  # noqa: S608
            f" SELECT {visit_id}, 1 + (s.id + k.id * 4) % {SKUS}, {true}, {true}, (s.id + k.id) % 9"
            f" FROM slot s JOIN sku k ON k.id <= 8 WHERE {some}"
        ),
    ]


def region(number: int) -> dict[str, Any]:
    """Return a province."""
    return {
        "id": number,
        "code": f"P{number}",
        "name": f"省{number}",
        "parent": 1,
        "path": f"/1/{number}/",
    }


def dealer(number: int) -> dict[str, Any]:
    """Return a dealer."""
    return {
        "id": number,
        "code": f"43-01-{number:04}",
        "name": f"{number}号通讯",
        "region": 2 + number % PROVINCES,
        "opened_on": date(2020, 1, 1),
        "version": 1,
    }


def dealer_of(store_id: int) -> int:
    """Return whose store it is."""
    return 1 + store_id % DEALERS


def store(chance: Random, number: int) -> dict[str, Any]:
    """Return a store."""
    return {
        "id": number,
        "code": f"43-01-001-{number:05}",
        "name": "门店",
        "region": 2 + dealer_of(number) % PROVINCES,
        "division_code": "430102001",
        "tier": chance.choices(["city", "county", "town"], [3, 3, 4])[0],
        "is_tier_overridden": False,
        "grade": chance.choices("ABCD", [15, 30, 35, 20])[0],
        "address": "",
        "status": "active",
        "opened_on": date(2020, 1, 1),
        "version": 1,
    }


def sku(number: int) -> dict[str, Any]:
    """Return a product."""
    return {
        "id": number,
        "code": f"X{number}",
        "name": f"曜石 X{number}",
        "category": "handset" if number <= 26 else "accessory",
        "role": ("hero", "core", "regular", "special_price")[number % 4],
        "tags": ["fighter:C1"] if number % 12 == 0 else [],
        "launched_on": FIRST_DAY + timedelta(days=number * 5),
        "price_band": None,
        "version": 1,
    }
