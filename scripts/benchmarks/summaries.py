"""Summaries of 200 dealers over 28 days, with little and with much history stored.

The smaller database holds 50,000 visits: 28 days of 200 dealers. The larger holds 1,000,000: ten
times as many days, of twice as many dealers; its last 28 days are the same for the same 200
dealers, which is checked. Each visit has its judged report and is its store's only one of the day.

The first 28 days are inserted as rows, and their rollups are made by the product itself. The days
that follow are copies of the three tables, shifted by SQL, in the order of time. Violations,
photos and promotions are left out: they would cost the same either way, and so hide a difference.
"""

import statistics
import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import psycopg
from peewee import Field, Model, UUIDField
from rich.progress import track

from backend.app import start
from backend.config import Config
from backend.fieldwork.models import Report, Visit
from backend.insight import rollups, summaries
from backend.insight.models import VisitFact
from backend.insight.summaries import DealerSummary
from backend.insight.windows import Window
from backend.network.models import Dealer, Store, StoreDealer
from backend.platform.actors import Actor, Role
from backend.platform.database import (
    DayField,
    UTCDateTimeField,
    db,
    insert_rows,
    is_sqlite,
    transaction,
)
from backend.schema import migrate
from tests.factories import actor_of, make_person
from tests.serving import Request, drive, served, token_for

TITLE = "Summaries of 200 dealers over 28 days"
GOAL = "With 1,000,000 visits stored at most 1.3 × the time with 50,000"
DEALERS, STORES_EACH, VISITS_EACH, DAYS, RUNS = 200, 25, 250, 28, 9
FIRST_DAY = date(2025, 6, 2)
SIZES = {"50,000 visits": (1, 1), "1,000,000 visits": (2, 10)}
"""How many times the dealers, and the days, each database holds."""
UNDATED = {"from_on": FIRST_DAY, "to_on": FIRST_DAY, "as_of": datetime(2025, 6, 2, tzinfo=UTC)}


def run(database_url: str, folder: Path) -> dict[str, str]:
    """Load both databases, ask each in turn, and return the figures."""
    databases = {}
    for size, (dealers, spans) in track(SIZES.items(), "loading"):
        config = fresh(database_url, folder, f"bench_{dealers}_{spans}")
        start(config)
        with db.connection_context():
            databases[size] = config, load(DEALERS * dealers, spans)
    asked: dict[str, list[DealerSummary]] = {}
    took_ms: dict[str, list[float]] = {size: [] for size in SIZES}
    for _ in track(range(RUNS), "asking"):
        for size, (config, (actor, window)) in databases.items():
            start(config)
            with db.connection_context():
                asked[size] = ask(actor, window)  # a server's connections are not new either
                begun = time.perf_counter()
                ask(actor, window)
                took_ms[size].append(1000 * (time.perf_counter() - begun))
    few, many = ([undated(one) for one in asked[size]] for size in SIZES)
    if few != many or len(many) != DEALERS:
        raise RuntimeError("The two databases do not give the same numbers.")
    medians = {size: statistics.median(took) for size, took in took_ms.items()}
    over_http = {size: ask_over_http(*database) for size, database in databases.items()}
    small, large = medians.values()
    return {
        **{f"{size} stored": f"{took:,.0f} ms" for size, took in medians.items()},
        "ratio": f"{large / small:.2f}",
        "over HTTP, once each": ", ".join(f"{took:,.0f} ms" for took in over_http.values()),
    }


def undated(one: DealerSummary) -> DealerSummary:
    """Return a summary without its days and instants; engines add fractions up in any order."""
    figures = {
        code: replace(
            figure,
            as_of=None,
            num=round(figure.num, 6),
            value=None if figure.value is None else round(figure.value, 6),
        )
        for code, figure in one.kpis.items()
    }
    return replace(one, **UNDATED, kpis=figures)


def ask(actor: Actor, window: Window) -> list[DealerSummary]:
    """Return the summaries of the 200 dealers."""
    ids = list(range(1, DEALERS + 1))
    return summaries.summaries(actor, window=window, at=datetime.now(UTC), dealer_ids=ids)


def ask_over_http(config: Config, asked: tuple[Actor, Window]) -> float:
    """Ask a server for the same and return the milliseconds of the second answer."""
    actor, window = asked
    start(config)
    with db.connection_context():
        headers = {"Authorization": token_for(actor.id)}
    ids = ",".join(str(number) for number in range(1, DEALERS + 1))
    query = f"from={window.from_on}&to={window.to_on}&dealer_ids={ids}&page_size={DEALERS}"
    request = Request("GET", f"/v1/dealers/summaries?{query}", headers=headers)
    with served(config.database_url, Path(config.upload_dir), workers=1) as port:
        answers = drive(port, [request] * 2, clients=1).all
    if {answer.status for answer in answers} != {200}:
        raise RuntimeError(f"The server answered {answers}.")
    return 1000 * answers[-1].seconds


def fresh(database_url: str, folder: Path, name: str) -> Config:
    """Make an empty, migrated database beside the given one and return settings bound to it."""
    if is_sqlite():
        url = f"sqlite:///{folder / name}.db"
    else:
        with psycopg.connect(database_url, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        url = f"{database_url.rpartition('/')[0]}/{name}"
    config = Config(database_url=url, upload_dir=str(folder / "uploads"))
    start(config)
    with db.connection_context():
        migrate()
    return config


def load(dealers: int, spans: int) -> tuple[Actor, Window]:
    """Fill the database with so many dealers, and 28 days so many times.

    Return who may see them all, and the last 28 days.
    """
    if not is_sqlite():  # the rows are known to fit
        db.execute_sql("SET session_replication_role = replica")
    with transaction():
        admin = make_person(Role.ADMIN)
        numbers = range(1, dealers + 1)
        insert_rows(Dealer, [dealer(number) for number in numbers])
        stores = [number for one in numbers for number in stores_of(one)]
        insert_rows(Store, [store(number) for number in stores])
        insert_rows(
            StoreDealer, [link(one, number) for one in numbers for number in stores_of(one)]
        )
        visits = [visit for number in numbers for visit in visits_of(number, admin.id)]
        visits.sort(key=lambda visit: visit["checked_in_at"])
        insert_rows(Visit, visits)
        insert_rows(Report, [report(visit) for visit in visits])
    rollups.rebuild()
    with transaction():
        for span in range(1, spans):
            for model, day in ((Visit, "business_on"), (Report, "received_at"), (VisitFact, "day")):
                copy(model, day, span)
    stored = [model.select().count() for model in (Visit, Report, VisitFact)]
    if stored != [dealers * VISITS_EACH * spans] * 3:
        raise RuntimeError(f"Visits, reports and rollups stored: {stored}")
    if not is_sqlite():
        db.execute_sql("ANALYZE")
    last = FIRST_DAY + timedelta(days=DAYS * (spans - 1))
    return actor_of(admin), Window(last, last + timedelta(days=DAYS))


def copy(model: type[Model], day: str, span: int) -> None:
    """Insert the rows of the first 28 days once more, so many spans later."""
    fields = model._meta.sorted_fields
    names = ", ".join(f'"{field.column_name}"' for field in fields)
    values = ", ".join(shifted(field, span) for field in fields)
    table, until = f'"{model._meta.table_name}"', FIRST_DAY + timedelta(days=DAYS)
    first = f"SELECT {values} FROM {table} WHERE {day} < '{until}' ORDER BY {day}"  # noqa: S608
    db.execute_sql(f"INSERT INTO {table} ({names}) {first}")


def shifted(field: Field, span: int) -> str:
    """Return the SQL of a column's value so many spans later: other ids, other days."""
    name, days = f'"{field.column_name}"', span * DAYS
    if isinstance(field, UUIDField):
        other = f"'{span:08x}' || substr({name}, 9)"
        return other if is_sqlite() else other.replace(name, f"{name}::text").join(("(", ")::uuid"))
    if isinstance(field, UTCDateTimeField):
        return (
            f"date(substr({name}, 1, 10), '+{days} days') || substr({name}, 11)"
            if is_sqlite()
            else f"{name} + interval '{days} days'"
        )
    if isinstance(field, DayField):
        return f"date({name}, '+{days} days')" if is_sqlite() else f"{name} + {days}"
    return f"{name} + {days * 1000}" if field.name == "seq" else name


def dealer(number: int) -> dict[str, Any]:
    """Return a dealer."""
    fields = {"id": number, "code": f"43-01-{number:03}", "name": f"长沙{number}号通讯"}
    return fields | {"region": 1, "opened_on": FIRST_DAY, "version": 1}


def stores_of(dealer_id: int) -> range:
    """Return the ids of a dealer's stores."""
    return range(1 + (dealer_id - 1) * STORES_EACH, 1 + dealer_id * STORES_EACH)


def store(number: int) -> dict[str, Any]:
    """Return a store that opened on the first day."""
    return {
        "id": number,
        "code": f"43-01-001-{number:05}",
        "name": "门店",
        "region": 1,
        "division_code": "430102001",
        "tier": "city",
        "is_tier_overridden": False,
        "grade": "B",
        "address": "",
        "status": "active",
        "opened_on": FIRST_DAY,
        "version": 1,
    }


def link(dealer_id: int, store_id: int) -> dict[str, Any]:
    """Return whose store it has always been."""
    return {"store": store_id, "dealer": dealer_id, "from_on": FIRST_DAY}


def visits_of(dealer_id: int, person_id: int) -> list[dict[str, Any]]:
    """Return a dealer's complete visits of the first 28 days."""
    stores = stores_of(dealer_id)
    return [
        visit(UUID(int=dealer_id << 32 | n), stores[n % STORES_EACH], dealer_id, person_id, at)
        for n in range(VISITS_EACH)
        for at in [datetime(2025, 6, 2, 2, n % 60, tzinfo=UTC) + timedelta(n * DAYS // VISITS_EACH)]
    ]


def visit(id_: UUID, store_id: int, dealer_id: int, person_id: int, at: datetime) -> dict[str, Any]:
    """Return a complete visit."""
    return {
        "id": id_,
        "person": person_id,
        "claimed_store_id": store_id,
        "store": store_id,
        "dealer": dealer_id,
        "region": 1,
        "tier": "city",
        "grade": "B",
        "kind": "routine",
        "status": "complete",
        "business_on": at.date(),
        "checked_in_at": at,
        "device_at": at,
        "received_at": at,
        "is_clock_suspect": False,
        "outcome": "done",
        "content_sha256": "0" * 64,
    }


def report(visit: dict[str, Any]) -> dict[str, Any]:
    """Return the judged report of a visit."""
    chance = Random(visit["id"].int)  # noqa: S311  # the same in both databases
    return {
        "visit_id": visit["id"],
        "person": visit["person"],
        "state": "judged",
        "received_at": visit["received_at"],
        "device_at": visit["device_at"],
        "content_sha256": "0" * 64,
        "document": "{}",
        "signage_num": 10 * chance.random(),
        "signage_den": 10.0,
        "mandatory_pass": chance.randrange(5),
        "mandatory_checked": 4,
        "must_listed": chance.randrange(9),
        "must_answered": 8,
        "must_available": chance.randrange(7),
        "must_stock_answered": 6,
        "prices_compliant": chance.randrange(4),
        "prices_checked": 3,
        "promo_units": 0,
    }
