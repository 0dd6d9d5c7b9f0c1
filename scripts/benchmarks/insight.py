"""Figures at two sizes: one dealer's summary, the national table, and making the rollups anew.

The smaller and the larger dataset are loaded in bulk; `--sizes 6000,60000` (stores: the presets
std and bench) is what the goals are about, and takes most of an hour. Databases loaded before are
measured as they are if `BENCH_LOADED` names their addresses, with blanks between, each engine's in
the order of the sizes: their rollups and frozen figures are made anew. Asked of each:

- the rollups made anew, against DuckDB making the same three tables of a CSV export of the rows,
  which is written first, so that neither waits for a disk that the other does not;
- what a new report costs the rollups: 200 store-days of the last 28 days worked out again, one by
  one, by what the consumer of the ledger calls; and once more, when what they read is in memory,
  as what a phone has just sent is;
- the summary of a dealer over 28 days, for 200 dealers, each by itself: the 95th percentile;
- all KPIs of all dealers over a closed month, frozen and worked out afresh, against adding up the
  raw rows of that month by hand with one GROUP BY for each kind of row. That by hand has no latest
  visits, no stock of the days before and no repeated violations to find, so it gives fewer KPIs.
"""

import csv
import os
import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from pathlib import Path
from random import Random
from typing import Any

from peewee import (
    BooleanField,
    DoubleField,
    ForeignKeyField,
    IntegerField,
    PostgresqlDatabase,
    TextField,
    fn,
)
from rich.progress import Progress

from backend.app import start
from backend.config import Config
from backend.demo import bulk
from backend.demo.bulk.sizes import SIZES as PRESETS
from backend.insight import facts, follow, rollups, summaries
from backend.insight.catalogue import SUMMARISED
from backend.insight.dialect import seconds
from backend.insight.facts import Batch
from backend.insight.freezing import keep
from backend.insight.frozen_models import FrozenFigures
from backend.insight.models import VisitFact
from backend.insight.populations import Grain, Population
from backend.insight.tables import Table, table
from backend.insight.windows import Window
from backend.models import MODELS
from backend.network.models import Dealer, Person
from backend.platform import clock
from backend.platform.actors import Actor, Role
from backend.platform.database import DayField, UTCDateTimeField, db, is_sqlite
from backend.schema import migrate
from scripts.benchmarks.summaries import fresh
from tests.factories import actor_of

TITLE = "Insight"
GOAL = (
    "A dealer's summary at 60,000 stores at most 1.3 × that at 6,000; the national table of a "
    "month at most 0.15 × a GROUP BY by hand; rollups anew at most 2 × DuckDB; a new report's "
    "rollups as fast at either size"
)
SIZES = [6_000]
TODAY = date(2026, 11, 23)
ASKED = 200
TABLES = (
    "visit",
    "report",
    "visit_score",
    "location_reading",
    "product_line",
    "price_observation",
    "photo",
    "photo_reading",
    "photo_audit",
    "photo_match",
    "plan_entry",
    "promotion_result",
    "stock_count",
    "stock_count_line",
    "store_dealer",
    "sell_in",
    "sell_out",
)


def run(database_url: str, folder: Path) -> dict[str, object]:
    """Load each size into a database of its own, and measure it."""
    found: dict[str, object] = {}
    summaries_ms, updates_ms = [], []
    scheme = database_url.partition(":")[0]
    loaded = [url for url in os.environ.get("BENCH_LOADED", "").split() if url.startswith(scheme)]
    for number, stores in enumerate(SIZES):
        preset = next(name for name, size in PRESETS.items() if size.stores == stores)
        if loaded:
            start(Config(database_url=loaded[number], upload_dir=str(folder / "uploads")))
        else:
            fresh(database_url, folder, f"bench_{preset}")
        with db.connection_context(), Progress(disable=not sys.stderr.isatty()) as bars:
            if loaded:
                migrate()
            else:
                bulk.load(preset, 1, folder / "truth.json", bars, TODAY, with_rollups=False)
            measured, summary_ms, update_ms = measure(folder)
        summaries_ms.append(summary_ms)
        updates_ms.append(update_ms)
        found |= {f"{preset}, {what}": figure for what, figure in measured.items()}
    if len(SIZES) > 1:
        for what, took in (("summary", summaries_ms), ("a new report's rollup", updates_ms)):
            found[f"{what}, largest over smallest"] = f"{took[-1] / took[0]:.2f}"
    return found


def measure(folder: Path) -> tuple[dict[str, object], float, float]:
    """Return the figures of the database that is open, of these its summary and update in ms."""
    for made in (FrozenFigures, *rollups.TABLES):
        made.truncate_table()
    settle()
    for name in TABLES:
        export(name, folder / f"{name}.csv")
    anew = timed(rollups.rebuild)
    settle()
    beside = duckdb_anew(folder)
    actor = actor_of(Person.get(Person.role == str(Role.ADMIN)))
    month = closed_month()
    p95 = slowest_summary(actor, month.to_on)
    first, update = update_of_a_report()
    by_hand = timed(lambda: grouped_by_hand(month))
    afresh = timed(lambda: national_table(actor, month, fresh=True))
    ids = [dealer for (dealer,) in Dealer.select(Dealer.id).tuples()]
    freezing = timed(lambda: keep(ids, month, at=datetime.now(UTC)))
    frozen = timed(lambda: national_table(actor, month, fresh=False))
    found: dict[str, object] = {
        "visits": f"{VisitFact.select().count():,}",
        "summary of a dealer, p95 of 200": f"{p95:.1f} ms",
        "a new report's rollup update, median of 200": f"{update:.2f} ms",
        "the same, of a day not looked at for long": f"{first:.2f} ms",
        "national table of a closed month, by hand": f"{by_hand:.2f} s",
        "the same, frozen": f"{frozen:.2f} s, {frozen / by_hand:.3f} of it",
        "the same, afresh": f"{afresh:.2f} s, {afresh / by_hand:.2f} of it",
        "freezing it, once": f"{freezing:.2f} s",
        "rollups anew": f"{anew:.1f} s",
        "rollups anew, DuckDB": f"{beside:.1f} s",
        "rollups anew, ratio": f"{anew / beside:.1f}",
    }
    return found, p95, update


def settle() -> None:
    """Let PostgreSQL look at the rows, as it does by itself sooner or later; SQLite never does."""
    if is_sqlite():
        db.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    else:
        db.execute_sql("VACUUM ANALYZE visit_fact, promotion_fact, sales_day, frozen_figures")


def timed(what: Callable[[], object]) -> float:
    """Return the seconds it took."""
    begun = time.perf_counter()
    what()
    return time.perf_counter() - begun


def closed_month() -> Window:
    """Return the last whole month that has visits."""
    last = VisitFact.select(VisitFact.day).order_by(VisitFact.day.desc()).limit(1).scalar()
    to_on = last.replace(day=1)
    return Window((to_on - timedelta(days=1)).replace(day=1), to_on)


def slowest_summary(actor: Actor, to_on: date) -> float:
    """Return the milliseconds that 95 % of the dealers' summaries need at most."""
    window = Window(to_on - timedelta(days=28), to_on)
    ids = [dealer for (dealer,) in Dealer.select(Dealer.id).order_by(Dealer.id).tuples()]
    chosen = [ids[number * len(ids) // ASKED] for number in range(ASKED)]
    took = [
        timed(lambda one=one: summaries.summary(actor, one, window=window, at=datetime.now(UTC)))
        for one in chosen
    ]
    return 1000 * statistics.quantiles(took, n=20)[-1]


def update_of_a_report() -> tuple[float, float]:
    """Return the milliseconds that half of the store-days of the last 28 days need at most.

    The first time, and when it is done once more.
    """
    last = VisitFact.select(fn.MAX(VisitFact.day)).scalar()
    query = VisitFact.select(VisitFact.dealer_id, VisitFact.day, VisitFact.store_id).where(
        VisitFact.day > last - timedelta(days=28)
    )
    keys = sorted(query.tuples())
    chosen = Random(1).sample(keys, ASKED)  # noqa: S311  # the same each time
    names = [f"{dealer}:{day}:{store}" for dealer, day, store in chosen]
    took = [[timed(lambda one=one: follow.refresh([one])) for _ in range(2)] for one in names]
    first, again = (1000 * statistics.median(each) for each in zip(*took, strict=True))
    return first, again


def national_table(actor: Actor, month: Window, *, fresh: bool) -> Table:
    """Return all KPIs of all dealers over a month."""
    everyone = Population(actor=actor, grain=Grain.DEALER)
    return table(everyone, window=month, at=datetime.now(UTC), kpis=SUMMARISED, fresh=fresh)


def grouped_by_hand(month: Window) -> None:
    """Add up the raw rows of a month by dealer, as somebody with nothing but SQL would."""
    batch = Batch(span=(month.from_on, month.to_on))
    for made, select in facts.SELECTS.items():
        rows, values = select(batch)
        names = [field.column_name for field in made._meta.sorted_fields]
        listed = ", ".join(names)
        sums = ", ".join(
            f"SUM(CASE WHEN {name} THEN 1 ELSE 0 END)" if name == "is_executed" else f"SUM({name})"
            for name in names
            if name not in {"dealer_id", "day", "visit_id"}
        )
        sql = f"WITH raw({listed}) AS ({rows}) SELECT dealer_id, {sums} FROM raw GROUP BY dealer_id"  # noqa: S608
        db.execute_sql(sql, values).fetchall()
    for statement in by_dealer(month):
        db.execute_sql(statement).fetchall()


def by_dealer(month: Window) -> list[str]:
    """Return what adds up plans, coverage, cases, cards, surveys and archives of a month."""
    since, until = (str(day) for day in (month.from_on, month.to_on))
    begins, ends = (
        str(clock.instants_of(day)[0].replace(tzinfo=None)) for day in (month.from_on, month.to_on)
    )

    def within(day: str) -> str:
        return f"{day} >= '{since}' AND {day} < '{until}'"

    def owned(day: str) -> str:
        return (
            f"JOIN store_dealer d ON d.store_id = x.store_id AND d.from_on <= x.{day} "
            f"AND (d.to_on IS NULL OR d.to_on > x.{day}) WHERE {within(f'x.{day}')}"
        )

    in_month = f"business_on >= '{since}' AND business_on < '{until}'"
    answered = f"e.at >= '{begins}' AND e.at < '{ends}' AND e.person_id IS NOT NULL"
    took = f"SUM({seconds('opened_at', 'resolved_at')})"
    ended = f"resolved_at >= '{begins}' AND resolved_at < '{ends}' AND retracted_at IS NULL"
    pushes = "AVG(dealer_push), AVG(store_push), AVG(counter_push), AVG(clerk_push)"
    at_all = f"d.from_on < '{until}' AND (d.to_on IS NULL OR d.to_on > '{since}')"
    visited = f"v.store_id = d.store_id AND v.dealer_id = d.dealer_id AND {in_month}"
    person_days = f"SELECT DISTINCT dealer_id, person_id, business_on FROM visit WHERE {in_month}"  # noqa: S608
    asked = [
        (
            "kind, COUNT(*)",
            f"violation WHERE {within('opened_on')} AND retracted_at IS NULL",
            "1, 2",
        ),
        (f"COUNT(*), {took}", f"violation WHERE {ended}", "1"),
        ("COUNT(*), COUNT(x.visit_id)", f"plan_entry x {owned('planned_on')}", "1"),
        (
            "COUNT(DISTINCT d.store_id), COUNT(DISTINCT v.store_id)",
            f"store_dealer d LEFT JOIN visit v ON {visited} WHERE {at_all}",
            "1",
        ),
        ("COUNT(*)", f"({person_days}) AS days", "1"),
        (
            "COUNT(*), MIN(e.at)",
            (
                "task t JOIN task_event e ON e.store_id = t.store_id AND e.task_id = t.id "
                f"WHERE {answered}"
            ),
            "1",
        ),
        ("COUNT(*)", f"complaint WHERE {within('received_on')}", "1"),
        ("AVG(score)", f"feedback_card WHERE {within('given_on')}", "1"),
        (pushes, f"push_assessment WHERE {within('assessed_on')}", "1"),
        ("SUM(sections), SUM(competitor_sections)", f"counter_survey x {owned('seen_on')}", "1"),
        (
            "SUM(filled), SUM(required)",
            f"store_dealer d JOIN store_completeness c ON c.store_id = d.store_id WHERE {at_all}",
            "1",
        ),
    ]
    return [
        f"SELECT {'d.' if ' d ' in rows else ''}dealer_id, {sums} FROM {rows} GROUP BY {key}"  # noqa: S608
        for sums, rows, key in asked
    ]


def duckdb_anew(folder: Path) -> float:
    """Return the seconds in which DuckDB makes the rollups of the exported rows."""
    duckdb = import_module("duckdb")  # needed for nothing else: see requirements-bench.txt
    batch = Batch(span=rollups.span())
    with duckdb.connect() as lake:
        begun = time.perf_counter()
        for name in TABLES:
            path, types = folder / f"{name}.csv", types_of(name)
            lake.execute(
                f"CREATE VIEW {name} AS SELECT * FROM "  # noqa: S608
                f"read_csv('{path}', header = true, columns = {{{types}}})"
            )
        for made, (sql, values) in zip(rollups.TABLES, in_postgresql(batch), strict=True):
            lake.execute(f"CREATE TABLE {made._meta.table_name} AS {sql}", values)
        return time.perf_counter() - begun


def in_postgresql(batch: Batch) -> list[tuple[str, list[Any]]]:
    """Return the statements of the rollups as DuckDB, which speaks like PostgreSQL, takes them."""
    here = db.obj
    db.initialize(PostgresqlDatabase("asked for its words only"))
    try:
        found = [select(batch) for select in facts.SELECTS.values()]
    finally:
        db.initialize(here)
    return [(sql.replace("%s", "?"), values) for sql, values in found]


def export(table: str, path: Path) -> None:
    """Write the columns of a table that the rollups may need to a CSV file."""
    model = next(one for one in MODELS if one._meta.table_name == table)
    names = [
        field.column_name
        for field in model._meta.sorted_fields
        if not isinstance(field, TextField) or field.column_name == "flags"
    ]
    query = f"SELECT {', '.join(names)} FROM {table}"  # noqa: S608
    if is_sqlite():
        with path.open("w", newline="", encoding="utf-8") as file:
            rows = csv.writer(file)
            rows.writerow(names)
            rows.writerows(db.execute_sql(query))
        return
    with path.open("wb") as file, db.cursor().copy(f"COPY ({query}) TO STDOUT CSV HEADER") as rows:
        for piece in rows:
            file.write(piece)


def types_of(table: str) -> str:
    """Return DuckDB's types of the columns of a table, as a CSV file has none."""
    model = next(one for one in MODELS if one._meta.table_name == table)
    kinds = {
        BooleanField: "BOOLEAN",
        IntegerField: "BIGINT",
        ForeignKeyField: "BIGINT",
        DoubleField: "DOUBLE",
        DayField: "DATE",
        UTCDateTimeField: "TIMESTAMP",
    }
    of_column = {
        field.column_name: next((kinds[k] for k in kinds if isinstance(field, k)), "VARCHAR")
        for field in model._meta.sorted_fields
        if not isinstance(field, TextField) or field.column_name == "flags"
    }
    return ", ".join(f"'{name}': '{kind}'" for name, kind in of_column.items())
