"""Drilling down: the stores and the records behind the two parts of one figure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from backend.insight.asked import Asked
from backend.insight.case_records import CASE_RECORDS
from backend.insight.dialect import text
from backend.insight.figures import as_number, figures, pooled
from backend.insight.kpis import Figure, Kpi
from backend.insight.populations import Population
from backend.insight.recorded import RecordKind, Records, labels
from backend.insight.sources import SOURCES
from backend.insight.statements import Sql, rows_of, sql
from backend.insight.tables import has_member, nobody
from backend.insight.trade_records import TRADE_RECORDS
from backend.insight.visit_records import VISIT_RECORDS
from backend.insight.windows import Window
from backend.platform import clock
from backend.platform.database import db
from backend.platform.errors import NotFoundError, RuleError
from backend.platform.labels import Labelled

RECORDS: Mapping[str, Records] = {**VISIT_RECORDS, **CASE_RECORDS, **TRADE_RECORDS}
_KINDS = {str(kind): kind for kind in RecordKind}
_UUID_DIGITS = 32


class Part(Labelled):
    """The two numbers of a figure."""

    NUM = "num", "分子", "numerator"
    DEN = "den", "分母", "denominator"


class Level(Labelled):
    """What a row is."""

    STORE = "store", "门店", "store"
    RECORD = "record", "记录", "record"


class NoDenominatorError(RuleError):
    """The denominator of a count."""

    code = "kpi-without-denominator"
    title = "The KPI has no denominator"
    title_zh = "该指标没有分母"
    detail = "{kpi} is a count: nothing is divided, so there is no denominator to open."
    detail_zh = "指标 {kpi} 是计数，没有分母可以展开。"


@dataclass(frozen=True, kw_only=True, slots=True)
class Cell:
    """One figure: a KPI of one member of a population, over a window, and the rows wanted of it.

    Without a `part` the rows behind either are meant.
    """

    population: Population
    kpi: Kpi
    window: Window
    by: Level = Level.STORE
    part: Part | None = None
    sku_id: int | None = None

    @property
    def is_sum(self) -> bool:
        """Whether the parts of the rows add up to those of the figure."""
        return self.by is Level.STORE or RECORDS[self.kpi.source].is_sum


@dataclass(frozen=True, slots=True)
class Row:
    """A store, person or record, and what it adds to the figure; null where it has no part."""

    kind: RecordKind
    id: str | None
    day: date | None
    store_id: int | None
    store_code: str | None
    store_name: str | None
    person_id: int | None
    person_login: str | None
    person_name: str | None
    subject: str | None
    num: int | float | None
    den: int | float | None


@dataclass(frozen=True, slots=True)
class Opened:
    """A cell with its figure; `total` is how many rows there are in all."""

    cell: Cell
    figure: Figure
    total: int
    as_of: datetime
    is_provisional: bool


def opened(cell: Cell, *, at: datetime) -> Opened:
    """Return what a cell comes to, as the table of figures says it, and how many rows it has.

    Raises NotFoundError for a member that the table does not have, and NoDenominatorError.
    """
    if cell.part is Part.DEN and not cell.kpi.is_rate:
        raise NoDenominatorError(kpi=cell.kpi.code)
    today = clock.business_date(at)
    if not has_member(cell.population, today):
        raise NotFoundError(what=str(cell.population.grain))
    asked = Asked(cell.population.resolved(), cell.window, cell.sku_id)
    behind = _stores if cell.by is Level.STORE else _records
    count = sql(
        "SELECT COUNT({kept}) FROM ({rows}) AS r", kept=_kept(cell), rows=behind(asked, cell.kpi)
    )
    ((total,),) = rows_of(count)
    kpis = [cell.kpi]
    found = figures(
        asked.population, window=cell.window, at=at, kpis=kpis, sku_id=cell.sku_id
    ).values()
    member = next(iter(found), None) or nobody(kpis, at)
    figure = member.figures[cell.kpi.code]
    return Opened(cell, figure, total, at, cell.window.is_provisional(today))


def rows(cell: Cell, *, limit: int | None = None, offset: int = 0) -> Iterator[Row]:
    """Yield the rows behind a cell, by store, day and id."""
    asked = Asked(cell.population.resolved(), cell.window, cell.sku_id)
    behind = _stores if cell.by is Level.STORE else _records
    statement = sql(
        "SELECT r.kind, r.id, r.day, r.store_id, s.code, s.name, r.person_id, p.login, p.name, "
        "r.subject, r.num, r.den FROM ({behind}) AS r "
        "LEFT JOIN store s ON s.id = r.store_id LEFT JOIN person p ON p.id = r.person_id "
        "WHERE {kept} IS NOT NULL "
        "ORDER BY COALESCE(s.code, ''), COALESCE({day}, ''), r.kind, r.id, r.subject{page}",
        behind=behind(asked, cell.kpi),
        kept=_kept(cell),
        day=text("r.day"),
        page="" if limit is None else f" LIMIT {limit:d} OFFSET {offset:d}",
    )
    found = db.execute_sql(statement.text, statement.values)
    return map(_row, found)


def _row(values: Sequence[Any]) -> Row:
    kind, record_id, day, store_id, *named, num, den = values
    if record_id is not None and len(record_id) == _UUID_DIGITS:  # as SQLite has them
        record_id = str(UUID(record_id))
    on = None if day is None else date.fromisoformat(str(day))
    code, name, person_id, login, person_name, subject = named
    return Row(
        kind=_KINDS[kind],
        id=record_id,
        day=on,
        store_id=store_id or None,
        store_code=code,
        store_name=name,
        person_id=person_id,
        person_login=login,
        person_name=person_name,
        subject=subject,
        num=as_number(num),
        den=as_number(den),
    )


def _kept(cell: Cell) -> str:
    """Return an expression that is null for rows that are not wanted."""
    parts = ("num", "den") if cell.part is None else (str(cell.part),)
    wanted = " OR ".join(f"{part} <> 0" for part in parts)
    return f"CASE WHEN {wanted} THEN 1 END"


def _stores(asked: Asked, kpi: Kpi) -> Sql:
    """Return the stores behind a figure with their parts; for days of persons the persons."""
    source = SOURCES.get(kpi.source) or RECORDS[kpi.source].source
    if kpi.source == "rep_days":
        of_whom, store_id = "person_id", "CAST(NULL AS INTEGER)"
        named = labels(RecordKind.PERSON, of_whom, person=of_whom)
    else:
        of_whom = store_id = "store_id"
        is_store = f"WHEN store_id > 0 THEN '{RecordKind.STORE}'"
        kind = f"CASE {is_store} ELSE '{RecordKind.DEALER}' END"
        named = labels(kind, "NULLIF(store_id, 0)")
    num, den, _ = pooled(kpi)
    return sql(
        "SELECT {named}, {store_id} AS store_id, num, den FROM (SELECT {of_whom}, "
        "{num} AS num, {den} AS den FROM ({source}) AS t GROUP BY {of_whom}) AS each_of",
        named=named,
        store_id=store_id,
        of_whom=of_whom,
        num=num,
        den=den,
        source=source(asked),
    )


def _records(asked: Asked, kpi: Kpi) -> Sql:
    """Return the records behind a figure with their parts."""
    records = RECORDS[kpi.source]
    num, den = records.num.format(num=kpi.num), "CAST(NULL AS INTEGER)"
    if kpi.den is not None:
        num = f"CASE WHEN ({kpi.den}) IS NOT NULL THEN {num} END"
        den = records.den.format(den=kpi.den)
    return sql(
        "SELECT kind, id, day, store_id, person_id, subject, {num} AS num, {den} AS den "
        "FROM ({records}) AS t",
        num=num,
        den=den,
        records=records.source(asked),
    )
