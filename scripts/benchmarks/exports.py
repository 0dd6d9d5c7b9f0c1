"""A CSV export of 200,000 visits against the engine's own bare CSV output.

The ceiling is the same select (columns, joins, scope, window) with stored values instead of cells
made ready for people, and in no order: `COPY … TO STDOUT CSV` through psql, or the `sqlite3 -csv`
shell (Debian `sqlite3`). Both end in a file; ours is also hashed and recorded. Ours runs in a
process of its own, so that its peak memory can be told. Medians of alternating runs.
"""

import json
import re
import statistics
import subprocess
import sys
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

from rich.progress import track

from backend.app import start
from backend.config import Config
from backend.evidence.models import LocationReading
from backend.exchange import exports
from backend.exchange.catalogue import EXPORTS
from backend.exchange.exports import Wanted
from backend.fieldwork.models import Report, Visit
from backend.insight.windows import Window
from backend.network.models import Dealer, Person, Region, Store
from backend.platform.actors import Actor, Role
from backend.platform.database import db, insert_rows, is_sqlite, transaction
from backend.standards.models import ChecklistTemplate
from tests import postgres

TITLE = "CSV export of 200,000 visits"
GOAL = "At least 50 % of the rows/s of the engine's bare CSV output, peak memory under 150 MB"
VISITS, STORES, DEALERS, PEOPLE, DAYS, RUNS = 200_000, 10_000, 200, 400, 28, 3
FIRST_DAY = date(2026, 3, 2)
WINDOW = Wanted(window=Window(FIRST_DAY, FIRST_DAY + timedelta(days=DAYS)))
ADMIN = Actor(id=1, role=Role.ADMIN, region_path="/1/")


def run(database_url: str, folder: Path) -> dict[str, str]:
    """Load the visits, write them both ways in turn, and return the figures."""
    with db.connection_context():
        load()
        bare = bare_sql()
    ours: list[dict[str, float]] = []
    bare_s = []
    for _ in track(range(RUNS), "exporting"):
        bare_s.append(time_bare(database_url, bare, folder / "bare.csv"))
        ours.append(run_ours(database_url, folder / "uploads"))
    took, ceiling = statistics.median(one["s"] for one in ours), statistics.median(bare_s)
    return {
        "ours": f"{VISITS / took:,.0f} rows/s ({took:.2f} s, {ours[0]['mb']:.0f} MB of CSV)",
        "ceiling": f"{VISITS / ceiling:,.0f} rows/s ({ceiling:.2f} s)",
        "ratio": f"{ceiling / took:.0%}",
        "peak memory of the whole process": f"{max(one['peak_mb'] for one in ours):.0f} MB",
    }


def run_ours(database_url: str, uploads: Path) -> dict[str, float]:
    """Export in a fresh process and return its rows, seconds, megabytes and peak memory."""
    command = [sys.executable, __file__, database_url, str(uploads)]
    done = subprocess.run(command, check=True, capture_output=True, env={"PYTHONPATH": "."})
    figures: dict[str, float] = json.loads(done.stdout)
    if figures["rows"] != VISITS:
        raise RuntimeError(f"{figures['rows']} of {VISITS} rows came out.")
    return figures


def time_bare(database_url: str, sql: str, place: Path) -> float:
    """Write the bare select with the engine's own program and return the seconds."""
    if is_sqlite():
        command = ["sqlite3", "-readonly", "-csv", database_url.removeprefix("sqlite:///"), sql]
    else:
        copy = f"COPY ({sql}) TO STDOUT WITH (FORMAT csv)"
        command = [str(postgres.binaries() / "psql"), "-qX", "-c", copy, database_url]
    with place.open("wb") as file:
        begun = time.perf_counter()
        subprocess.run(command, check=True, stdout=file)
        return time.perf_counter() - begun


def bare_sql() -> str:
    """Return the same select with stored values, in no order, as one text."""
    export = EXPORTS["visits"]
    query = exports.rows_of(ADMIN, export, WINDOW)
    query = query.select(*[column.value for column in export.columns])
    sql, parameters = query.sql()
    for parameter in parameters:
        sql = sql.replace("?" if is_sqlite() else "%s", f"'{parameter}'", 1)
    return sql


def load() -> None:
    """Fill the network and 28 days of visits, each with its report and judged place."""
    chance = Random(5)  # noqa: S311  # the same visits every time
    common = {"opened_on": FIRST_DAY, "version": 1}
    with transaction():
        insert_rows(
            Region, [{"id": 1, "code": "CN", "name": "全国", "parent": None, "path": "/1/"}]
        )
        insert_rows(Region, [region(number) for number in range(2, 33)])
        insert_rows(Person, [person(number) for number in range(1, PEOPLE + 1)])
        dealers = [
            {"id": n, "code": f"43-01-{n:03}", "name": f"长沙{n}号通讯", "region": 2 + n % 31}
            | common
            for n in range(1, DEALERS + 1)
        ]
        insert_rows(Dealer, dealers)
        insert_rows(Store, [store(number) | common for number in range(1, STORES + 1)])
        template = {"code": "city", "version": 1, "name_zh": "", "name_en": ""}
        template |= {"scope_kind": "tier", "scope_value": "city", "any_of_letters": []}
        template |= {"id": 1, "lines": [], "valid_from": FIRST_DAY, "retired_on": None}
        insert_rows(ChecklistTemplate, [template])
    for begin in track(range(0, VISITS, 5_000), "loading"):
        visits = [visit(chance, number) for number in range(begin, begin + 5_000)]
        with transaction():
            insert_rows(Visit, visits)
            insert_rows(Report, [report(chance, one) for one in visits])
            insert_rows(LocationReading, [reading(chance, one) for one in visits])
    if not is_sqlite():
        db.connection().autocommit = True
        db.execute_sql("VACUUM ANALYZE")


def region(number: int) -> dict[str, Any]:
    """Return a region below the country."""
    code, name = f"P{number}", f"第{number}区"
    return {"id": number, "code": code, "name": name, "parent": 1, "path": f"/1/{number}/"}


def person(number: int) -> dict[str, Any]:
    """Return a rep."""
    return {
        "id": number,
        "login": f"rep{number:03}",
        "name": "韩梅梅",
        "role": "rep",
        "region": 2 + number % 31,
        "password_hash": "",
        "is_active": True,
        "version": 1,
    }


def store(number: int) -> dict[str, Any]:
    """Return a store."""
    return {
        "id": number,
        "code": f"43-01-001-{number:05}",
        "name": f"五一路通讯 {number} 店, 东侧",
        "region": 2 + number % 31,
        "division_code": "430102001",
        "tier": "city",
        "is_tier_overridden": False,
        "grade": "B",
        "address": "",
        "status": "active",
    }


def visit(chance: Random, number: int) -> dict[str, Any]:
    """Return a complete visit; days fill up one after the other."""
    day = FIRST_DAY + timedelta(days=number * DAYS // VISITS)
    at = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(seconds=number % 36_000)
    where = 1 + chance.randrange(STORES)
    lat, lon = 28 + chance.random(), 112 + chance.random()
    return {
        "id": UUID(int=chance.getrandbits(128), version=4),
        "person": 1 + number % PEOPLE,
        "claimed_store_id": where,
        "store_id": where,
        "dealer_id": 1 + where % DEALERS,
        "region_id": 2 + where % 31,
        "tier": "city",
        "grade": "B",
        "kind": "routine",
        "unplanned_reason": "店主来电，临时补访" if number % 20 == 0 else None,
        "status": "complete",
        "business_on": day,
        "checked_in_at": at,
        "device_at": at,
        "received_at": at + timedelta(seconds=2),
        "is_clock_suspect": False,
        "lat": lat,
        "lon": lon,
        "accuracy_m": 5 + 40 * chance.random(),
        "is_mock": False if number % 3 else None,
        "outcome": "done",
        "checked_out_at": at + timedelta(minutes=25),
        "completed_at": at + timedelta(minutes=30),
        "content_sha256": "0" * 64,
    }


def report(chance: Random, one: dict[str, Any]) -> dict[str, Any]:
    """Return the judged report of a visit."""
    return {
        "visit_id": one["id"],
        "person": one["person"],
        "state": "judged",
        "received_at": one["received_at"],
        "device_at": one["device_at"],
        "content_sha256": "0" * 64,
        "document": "{}",
        "template": 1,
        "lines": [],
        "signage_num": 10 * chance.random(),
        "signage_den": 10.0,
        "mandatory_pass": chance.randrange(5),
        "mandatory_checked": 4,
        "is_all_mandatory_pass": chance.random() < 0.5,
        "must_listed": 6,
        "must_answered": 8,
        "must_available": 5,
        "must_stock_answered": 6,
        "prices_compliant": 2,
        "prices_checked": 3,
        "promos_executed": 1,
        "promos_checked": 1,
        "promo_units": chance.randrange(20),
    }


def reading(chance: Random, one: dict[str, Any]) -> dict[str, Any]:
    """Return where the visit was judged to be."""
    return {
        "visit_id": one["id"],
        "outcome": "inside",
        "distance_m": chance.randrange(150),
        "radius_m": 150,
        "flags": ["mock_flag"] if chance.random() < 0.05 else [],
        "judged_at": one["received_at"],
    }


def export_alone(database_url: str, uploads: str) -> None:
    """Export once and print the figures: what the process of its own does."""
    start(Config(database_url=database_url, upload_dir=uploads))
    with db.connection_context():
        begun = time.perf_counter()
        made = exports.make(ADMIN, "visits", WINDOW, at=datetime.now(UTC))
        took = time.perf_counter() - begun
    # Not ru_maxrss: a child inherits that of its parent.
    status = Path("/proc/self/status").read_text("ascii")
    peak = int(re.search(r"VmHWM:\s+(\d+)", status)[1]) / 1024
    figures = {"rows": made.csv.rows, "s": took, "mb": made.csv.size / 1e6, "peak_mb": peak}
    print(json.dumps(figures))


if __name__ == "__main__":
    export_alone(*sys.argv[1:])
