"""Reports through gunicorn against the same rows inserted by bare driver calls.

Ours: 16 clients over keep-alive connections, gunicorn with 2 workers, reports of 30 answers, 10
product lines and 3 prices, each for a visit that checked in before; 400 of them first, so that the
workers have started and read the standards. The ceiling: every row those
reports left in the database, inserted into a second database by bare driver calls, one durable
transaction a report, by one process or by two, whichever is faster.
"""

import json
import pickle
import sqlite3
import statistics
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
from rich.progress import track

from backend.app import start
from backend.config import Config
from backend.fieldwork.models import PriceObservation, ProductLine, Report, Visit
from backend.fieldwork.violation_models import Violation, ViolationSighting
from backend.network.models import Region, Store
from backend.platform import clock
from backend.platform.database import db, insert_rows, transaction
from backend.platform.models import LedgerEntry
from backend.schema import migrate
from backend.standards import revision
from backend.standards.models import AssortmentRule, ReferencePrice, Sku
from tests.factories import make_checklist, make_dealer, make_person, make_sku
from tests.serving import Request, drive, race, served, token_for

TITLE = "Intake of reports"
GOAL = "At least 25 % of the reports/s of bare inserts of the same rows"
REPS, DAYS, CLIENTS, RUNS, WARM_UP = 80, 25, 16, 3, 400
REPORTS = REPS * DAYS
TABLES = [Report, ProductLine, PriceObservation, LedgerEntry, Violation, ViolationSighting]


def run(database_url: str, folder: Path) -> dict[str, str]:
    """Serve the reports, insert the same rows barely, in turn, and return the figures."""
    ours, bare, took_ms = [], [], []
    for turn in track(range(RUNS), "intake"):
        with db.connection_context():
            empty()
            requests = seed()
        with served(database_url, folder / "uploads") as port:
            warm = drive(port, requests[:WARM_UP], clients=CLIENTS)
            answers = drive(port, requests[WARM_UP:], clients=CLIENTS)
        if {answer.status for answer in [*warm.all, *answers.all]} != {201}:
            raise RuntimeError(f"Not every report was new: {answers.statuses}")
        ours.append(len(answers.all) / answers.seconds)
        took_ms += [answer.seconds * 1000 for answer in answers.all]
        with db.connection_context():
            by_report = rows_by_report()
        bare.append(max(ceiling(database_url, folder, by_report, n, turn) for n in (1, 2)))
    took, best = statistics.median(ours), statistics.median(bare)
    return {
        "ours": f"{took:,.0f} reports/s, p95 {statistics.quantiles(took_ms, n=20)[-1]:.0f} ms",
        "ceiling": f"{best:,.0f} reports/s",
        "ratio": f"{took / best:.0%}",
    }


def empty() -> None:
    """Forget the last turn."""
    for table in [*TABLES, Visit]:
        table.delete().execute()


def seed() -> list[Request]:
    """Fill network and standards once, check every visit in, and return the reports to send."""
    if not Region.select().exists():
        standards()
    stores = list(Store.select().order_by(Store.id))
    skus = [sku.id for sku in Sku.select().order_by(Sku.id)]
    tokens = {store.owner_id: token_for(store.owner_id) for store in stores}
    now = datetime.now(UTC).replace(hour=2, minute=0)
    visits, requests = [], []
    for day in range(DAYS):
        for store in stores:
            at = now - timedelta(days=day + 1)
            visits.append(visit(store, at))
            requests.append(
                Request(
                    "PUT",
                    f"/v1/visits/{visits[-1]['id']}/report",
                    json.dumps(report(skus, at)).encode(),
                    {"Authorization": tokens[store.owner_id], "Content-Type": "application/json"},
                )
            )
    with transaction():
        insert_rows(Visit, visits)
    return requests


def standards() -> None:
    """Store a checklist of 30 lines, 36 models with prices and must-list, and the network."""
    with transaction():
        dealer = make_dealer()
        for number in range(REPS):
            owner = make_person()
            fields = {"code": f"S{number}", "name": "门店", "region": dealer.region_id}
            fields |= {"division_code": "430102001", "tier": "city", "grade": "B"}
            fields |= {"owner": owner, "status": "active", "opened_on": dealer.opened_on}
            store = Store.create(**fields)
            store.dealer_id = dealer.id
        line = {"required": True, "items": [], "kind": "present", "min_qty": 1, "best_qty": None}
        line |= {"zh": "", "en": "", "rule_zh": "", "rule_en": ""}
        lines = [line | {"code": f"line_{n}", "letter": f"L{n}"} for n in range(30)]
        make_checklist(lines, code="bench", valid_from=dealer.opened_on)
        fields = {"scope_kind": "all", "scope_value": "", "select_kind": "role", "priority": 0}
        fields |= {"select_value": "hero", "must_list": True, "min_facings": 1}
        AssortmentRule.create(**fields, valid_from=dealer.opened_on)
        for sku in [make_sku(role="hero") for _ in range(36)]:
            fields = {"sku": sku, "price_type": "recommended_retail_price", "area": ""}
            ReferencePrice.create(**fields, amount_fen=199_900, valid_from=dealer.opened_on)
        revision.bump()


def visit(store: Store, at: datetime) -> dict[str, Any]:
    """Return an open visit."""
    nothing = dict.fromkeys(name for name, field in Visit._meta.fields.items() if field.null)
    return nothing | {
        "id": uuid4(),
        "person": store.owner_id,
        "claimed_store_id": store.id,
        "store": store.id,
        "dealer": 1,
        "region": store.region_id,
        "tier": "city",
        "grade": "B",
        "division_code": store.division_code,
        "kind": "routine",
        "status": "open",
        "business_on": clock.business_date(at),
        "checked_in_at": at,
        "device_at": at,
        "received_at": at,
        "is_clock_suspect": False,
        "content_sha256": "0" * 64,
    }


def report(skus: list[int], at: datetime) -> dict[str, Any]:
    """Return a report of 30 answers, 10 product lines and 3 prices."""
    return {
        "template": {"code": "bench", "version": 1},
        "answers": [{"line": f"line_{n}", "present": True, "quantity": 1} for n in range(30)],
        "products": [
            {"sku_id": sku, "listed": True, "facings": 2, "stock": 3, "demo_stock": 1}
            for sku in skus[:10]
        ],
        "prices": [{"sku_id": sku, "tag_fen": 199_900, "gift_fen": 0} for sku in skus[:3]],
        "outcome": "done",
        "check_out": {"clock": {"device_at": (at + timedelta(minutes=30)).isoformat()}},
    }


def rows_by_report() -> list[list[tuple[str, list[tuple[Any, ...]]]]]:
    """Return, for each report, the statements and rows that are what it left behind."""
    found: dict[str, list[tuple[str, list[tuple[Any, ...]]]]] = {}
    for table, key in (
        (Report, "visit_id"),
        (ProductLine, "visit_id"),
        (PriceObservation, "visit_id"),
        (ViolationSighting, "visit_id"),
        (Violation, "opened_visit_id"),
        (LedgerEntry, "object_id"),
    ):
        columns = [field.column_name for field in table._meta.sorted_fields]
        names = ", ".join(f'"{name}"' for name in columns)
        marks = ", ".join([db.param] * len(columns))
        statement = f'INSERT INTO "{table._meta.table_name}" ({names}) VALUES ({marks})'  # noqa: S608
        rows: dict[str, list[tuple[Any, ...]]] = {}
        for row in db.execute_sql(f'SELECT {names} FROM "{table._meta.table_name}"').fetchall():  # noqa: S608
            rows.setdefault(UUID(str(row[columns.index(key)])).hex, []).append(row)
        for visit_id, of_visit in rows.items():
            found.setdefault(visit_id, []).append((statement, of_visit))
    return list(found.values())


def ceiling(
    database_url: str, folder: Path, by_report: list[Any], processes: int, turn: int
) -> float:
    """Insert the rows by bare driver calls in so many processes, and return reports/s."""
    target = prepare(database_url, folder, f"bare_{turn}_{processes}")
    commands = []
    for number in range(processes):
        place = folder / f"rows-{number}"
        place.write_bytes(pickle.dumps(by_report[number::processes]))
        commands.append([sys.executable, __file__, target, str(place)])
    return len(by_report) / race(commands)


def prepare(database_url: str, folder: Path, name: str) -> str:
    """Make a second, empty database with the same schema and return its address."""
    ours = Config(database_url=database_url, upload_dir=str(folder / "uploads"))
    if database_url.startswith("sqlite"):
        target = f"sqlite:///{folder / name}.db"
    else:
        with psycopg.connect(database_url, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        target = f"{database_url.rpartition('/')[0]}/{name}"
    start(replace(ours, database_url=target))
    with db.connection_context():
        migrate()
        if not target.startswith("sqlite"):  # the referenced rows stay in the other database
            for table in TABLES:
                for key in db.get_foreign_keys(table._meta.table_name):
                    name = f"{table._meta.table_name}_{key.column}_fkey"
                    db.execute_sql(f'ALTER TABLE "{key.table}" DROP CONSTRAINT "{name}"')
    start(ours)
    return target


def write(target: str, statements: list[list[tuple[str, list[tuple[Any, ...]]]]]) -> None:
    """Insert each report's rows in a transaction of their own."""
    if target.startswith("sqlite"):
        connection = sqlite3.connect(target.removeprefix("sqlite:///"), 60, isolation_level=None)
        for pragma in ("journal_mode=wal", "synchronous=full", "foreign_keys=0"):
            connection.execute(f"PRAGMA {pragma}")
        begin = "BEGIN IMMEDIATE"
    else:
        connection = psycopg.connect(target, autocommit=True)
        begin = "BEGIN"
    cursor = connection.cursor()
    print("ready", flush=True)
    sys.stdin.readline()
    for of_report in statements:
        cursor.execute(begin)
        for statement, rows in of_report:
            cursor.executemany(statement, rows)
        cursor.execute("COMMIT")
    print("done", flush=True)


if __name__ == "__main__":
    write(sys.argv[1], pickle.loads(Path(sys.argv[2]).read_bytes()))
