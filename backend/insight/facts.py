"""What the rollups hold, said once as SQL: for a few store-days or for a month alike.

Each statement is a function of the stored rows only, so it gives the same rows whenever it runs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from backend.evidence.signals import SUSPICIOUS_FROM
from backend.insight.dialect import days, greatest, least, seconds
from backend.insight.models import PromotionFact, SalesDay, VisitFact
from backend.platform.database import BaseModel, db, is_sqlite
from backend.platform.settings import settings
from backend.standards.codes import VisitType

Key = tuple[int, date, int]
"""A dealer, a business day and a store; store 0 is the dealer itself."""

SHORT_S = 5 * 60  # kpi short_visit_share, if no setting says otherwise
LONGEST_S = 240 * 60  # kpi avg_time_in_store_min: the cap
USABLE_M = 200  # kpi out_of_fence_rate
_FIRST_DAY, _SEQS_A_DAY = date(1970, 1, 1), 1000


@dataclass(frozen=True, slots=True)
class Batch:
    """Which store-days: those of some stores on some days, or all of a span of days.

    `as_stored` makes SQLite read what belongs to visits as it is stored, all of it.
    """

    stores: dict[date, list[int]] | None = None
    span: tuple[date, date] | None = None
    as_stored: bool = False

    @classmethod
    def of(cls, keys: Iterable[Key]) -> Batch:
        """Return the store-days of some keys."""
        stores: defaultdict[date, set[int]] = defaultdict(set)
        for _, day, store_id in keys:
            stores[day].add(store_id)
        return cls(stores={day: sorted(ids) for day, ids in sorted(stores.items())})

    def where(self, store: str, day: str) -> tuple[str, list[Any]]:
        """Return the condition on two columns, and its values."""
        mark = db.param
        if self.span is not None:
            return f"{day} >= {mark} AND {day} < {mark}", [one.isoformat() for one in self.span]
        conditions, values = [], []
        for on, ids in (self.stores or {}).items():
            marks = ", ".join([mark] * len(ids))
            conditions.append(f"({day} = {mark} AND {store} IN ({marks}))")
            values += [on.isoformat(), *ids]
        return f"({' OR '.join(conditions) or '1 = 0'})", values


def seqs_from(day: date) -> int:
    """Return the number that is below each `seq` of the facts of a day and above all earlier."""
    return (day - _FIRST_DAY).days * _SEQS_A_DAY


def write(batch: Batch) -> None:
    """Insert the facts of a batch; those there were must be gone."""
    for table, select in SELECTS.items():
        sql, values = select(batch)
        name, names = table._meta.table_name, ", ".join(columns_of(table))  # noqa: SLF001
        # As the key orders them: what belongs to a dealer lies together, also in the indexes.
        db.execute_sql(f'INSERT INTO "{name}" ({names}) {sql} ORDER BY 1, 2, 3, 4', values)


def columns_of(table: type[BaseModel]) -> list[str]:
    """Return the columns of a table as its model names them."""
    return [field.column_name for field in table._meta.sorted_fields]  # noqa: SLF001


def _flag(condition: str) -> str:
    return f"CASE WHEN {condition} THEN 1 ELSE 0 END"


def _short() -> str:
    """Return the seconds below which a visit of its kind is short."""
    cases = "".join(
        f" WHEN '{kind}' THEN {60 * getattr(settings(), f'short_minutes_{kind}')}"
        for kind in VisitType
    )
    return f"CASE p.kind{cases} ELSE {SHORT_S} END"


COUNTABLE = (
    "v.status = 'complete' AND v.quarantine_reason IS NULL "
    "AND v.dealer_id IS NOT NULL AND v.store_id IS NOT NULL"
)


def picked(batch: Batch, table: str = "visit v", *, also: str = "") -> tuple[str, list[Any]]:
    """Return the countable visits of a batch, perhaps with more columns."""
    where, values = batch.where("v.store_id", "v.business_on")
    sql = (
        "SELECT v.id, v.id AS visit_id, v.dealer_id, v.business_on AS day, v.store_id, "
        "v.person_id, v.kind, v.checked_in_at AS began_at, v.checked_out_at, v.auto_closed_at, "
        "v.paused_s, v.accuracy_m, CAST(NULL AS BIGINT) AS checks, CAST(NULL AS BIGINT) AS units"
        f"{also} FROM {table} WHERE {COUNTABLE} AND {where}"
    )
    return sql, values


def counted(batch: Batch, *, also: str = "") -> tuple[str, list[Any]]:
    """Return the counts of stock that were made outside visits, for the dealer of their day."""
    where, values = batch.where("c.store_id", "c.counted_on")
    lines = "FROM stock_count_line l WHERE l.store_id = c.store_id AND l.count_id = c.id"
    checks, units, joined = f"(SELECT COUNT(*) {lines})", f"(SELECT SUM(l.stock) {lines})", ""
    if _is_whole(batch):
        checks, units = "COALESCE(l.checks, 0)", "l.units"
        joined = (
            "LEFT JOIN (SELECT store_id, count_id, COUNT(*) AS checks, SUM(stock) AS units "
            "FROM stock_count_line GROUP BY store_id, count_id) AS l "
            "ON l.store_id = c.store_id AND l.count_id = c.id "
        )
    sql = (
        "SELECT c.id, NULL, d.dealer_id, c.counted_on, c.store_id, c.person_id, NULL, "
        f"c.counted_at, NULL, NULL, NULL, NULL, {checks}, {units}{also} FROM stock_count c "
        "JOIN store_dealer d ON d.store_id = c.store_id AND d.from_on <= c.counted_on "
        f"AND (d.to_on IS NULL OR d.to_on > c.counted_on) {joined}WHERE {where}"
    )
    return sql, values


def _is_whole(batch: Batch) -> bool:
    """Return whether PostgreSQL reads whole tables as they are stored: it needs nearly all rows."""
    return batch.span is not None and not is_sqlite()


def _visits(batch: Batch) -> tuple[str, list[Any]]:
    """Return the countable visits, and the counts of stock as visits that have no visit's id."""
    visits, values = picked(batch)
    counts, counted_values = counted(batch)
    kept = "" if _is_whole(batch) else "MATERIALIZED"  # several processes work out what is not
    is_planned = "EXISTS (SELECT 1 FROM plan_entry e WHERE e.visit_id = p.visit_id)"
    sql = (
        f"WITH picked AS {kept} ({visits}), "
        f"moments AS ({numbered('SELECT * FROM picked', counts, PLACE)}), {_carried(batch)} "
        f"SELECT {said_of_visits(is_planned, 'l', 'o', 'f')} FROM moments p "
        "LEFT JOIN report r ON r.visit_id = p.visit_id "
        "LEFT JOIN visit_score w ON w.visit_id = p.visit_id "
        "LEFT JOIN location_reading g ON g.visit_id = p.visit_id "
        "LEFT JOIN products l ON l.visit_id = p.visit_id "
        "LEFT JOIN prices o ON o.visit_id = p.visit_id "
        "LEFT JOIN photographs f ON f.visit_id = p.visit_id"
    )
    return sql, [*values, *counted_values]


PLACE = "ROW_NUMBER() OVER (PARTITION BY store_id, day ORDER BY began_at, id)"
"""Which visit or count of its store-day each is."""


def numbered(visits: str, counts: str, place: str) -> str:
    """Return visits and counts of stock with their `seq`, by which their place in the day goes."""
    day_number = days(f"'{_FIRST_DAY}'", "day")
    return (
        f"SELECT b.*, {day_number} * {_SEQS_A_DAY} + {place} AS seq "
        f"FROM ({visits} UNION ALL {counts}) AS b"
    )


def said_of_visits(is_planned: str, lines: str, prices: str, photos: str) -> str:
    """Return the columns of the facts of visits.

    Of moments `p`, reports `r`, scores `w` and places `g`; and, of the tables named, of what
    visits carry.
    """
    is_visit = "p.visit_id IS NOT NULL"
    stayed = f"{seconds('p.began_at', 'p.checked_out_at')} - COALESCE(p.paused_s, 0)"
    is_timed = "p.checked_out_at IS NOT NULL AND p.auto_closed_at IS NULL"
    # Positions are forgotten after a while; that there was one stays known of the judgement.
    is_located = (
        f"p.accuracy_m <= {USABLE_M} AND g.store_lat IS NOT NULL "
        "AND REPLACE(g.flags, 'no_position', '') = g.flags"
    )
    is_outside = (
        f"{is_located} AND g.outcome = 'outside' "
        "AND REPLACE(g.flags, 'datum_mismatch_suspected', '') = g.flags"
    )
    said = {
        **{name: f"p.{name}" for name in ("dealer_id", "day", "store_id", "person_id", "seq")},
        "visit_id": "p.id",
        "visits": _flag(is_visit),
        "is_patrol": _flag("p.kind = 'supervisor_patrol'"),
        "is_unplanned": _flag(f"{is_visit} AND NOT {is_planned}"),
        "is_scored": _flag("w.score IS NOT NULL"),
        "is_suspect": _flag(f"w.score >= {SUSPICIOUS_FROM}"),
        "is_located": _flag(is_located),
        "is_outside": _flag(is_outside),
        "is_timed": _flag(is_timed),
        "is_short": _flag(f"{is_timed} AND {stayed} < {_short()}"),
        "no_checkout": _flag(f"{is_visit} AND NOT ({is_timed})"),
        "stayed_s": f"CASE WHEN {is_timed} THEN "
        f"{least(greatest(stayed, '0'), str(LONGEST_S))} ELSE 0 END",
        "is_asked_outcome": _flag("r.is_productive IS NOT NULL"),
        "is_productive": _flag("r.is_productive"),
        "signage_num": "CASE WHEN r.signage_den > 0 THEN r.signage_num END",
        "signage_den": "NULLIF(r.signage_den, 0)",
        "is_all_mandatory_pass": "CASE WHEN r.is_all_mandatory_pass THEN 1 "
        "WHEN NOT r.is_all_mandatory_pass THEN 0 END",
        "first_notice": "CASE WHEN r.first_notice THEN 1 WHEN NOT r.first_notice THEN 0 END",
        "must_listed": "CASE WHEN r.must_answered > 0 THEN r.must_listed END",
        "must_answered": "NULLIF(r.must_answered, 0)",
        "must_available": "CASE WHEN r.must_stock_answered > 0 THEN r.must_available END",
        "must_stock_answered": "NULLIF(r.must_stock_answered, 0)",
        "stock_checks": f"COALESCE({lines}.checks, p.checks, 0)",
        "stock_units": f"COALESCE({lines}.units, p.units)",
    }
    counts = {
        "prices_referenced": f"{prices}.referenced",
        "prices_unreferenced": f"{prices}.unreferenced",
        "price_ratio_ppb": f"{prices}.ratio_ppb",
        "photos": f"{photos}.taken",
        "photos_hashed": f"{photos}.hashed",
        "photos_reused": f"{photos}.reused",
        "photos_approved": f"{photos}.approved",
        "photos_rejected": f"{photos}.rejected",
    }
    return ", ".join(
        said.get(name) or f"COALESCE({counts.get(name, f'r.{name}')}, 0)"
        for name in columns_of(VisitFact)
    )


def _carried(batch: Batch) -> str:
    """Return the tables of what visits carry, added up by visit."""
    return ", ".join(f"{name} AS ({select(batch)})" for name, select in CARRIED.items())


def _of_visits(batch: Batch, table: str, alias: str) -> str:
    """Return the rows of a table that hang on the visits of a batch; a condition may follow."""
    if _is_whole(batch):
        return f"FROM {table} {alias} WHERE 1 = 1"
    if batch.as_stored:
        return f"FROM {table} {alias} NOT INDEXED WHERE 1 = 1"
    # SQLite reads a CROSS JOIN in the order it is written: from the few visits to what is theirs.
    return f"FROM picked p CROSS JOIN {table} {alias} WHERE {alias}.visit_id = p.id"


def _products(batch: Batch) -> str:
    return (
        "SELECT l.visit_id, COUNT(l.stock) AS checks, SUM(l.stock) AS units "
        f"{_of_visits(batch, 'product_line', 'l')} GROUP BY l.visit_id"
    )


def _prices(batch: Batch) -> str:
    return (
        "SELECT o.visit_id, COUNT(o.reference_fen) AS referenced, "
        "COUNT(*) - COUNT(o.reference_fen) AS unreferenced, "
        "SUM((CAST(o.net_fen AS BIGINT) * 1000000000 + o.reference_fen / 2) / o.reference_fen) "
        "AS ratio_ppb "
        f"{_of_visits(batch, 'price_observation', 'o')} GROUP BY o.visit_id"
    )


def _photographs(batch: Batch) -> str:
    """Count photos that are held and believed; only an analysed one can be known to be reused.

    Conditions are in the sums: for one on a table alone, SQLite reads all of it once it has
    statistics, to make a filter of what is there.
    """
    conditions = {
        "taken": "",
        "hashed": " AND g.photo_id IS NOT NULL",
        "reused": " AND g.photo_id IS NOT NULL AND n.is_repeat = 1",
        "approved": " AND a.status = 'approved'",
        "rejected": " AND a.status = 'rejected'",
    }
    is_held = "f.sha256 IS NOT NULL AND f.quarantine_reason IS NULL"
    sums = ", ".join(
        f"SUM({_flag(is_held + condition)}) AS {name}" for name, condition in conditions.items()
    )
    is_open = "x.status IN ('open', 'confirmed')"
    repeats = (
        f"SELECT x.visit_id, x.photo_id, MAX({_flag(is_open)}) AS is_repeat "
        f" {_of_visits(batch, 'photo_match', 'x')} GROUP BY x.visit_id, x.photo_id"
    )
    columns = "f.visit_id, f.id, f.sha256, f.quarantine_reason"
    held = f"SELECT {columns} {_of_visits(batch, 'photo', 'f')}"
    return (
        f"SELECT f.visit_id, {sums} FROM ({held}) f "
        "LEFT JOIN photo_reading g ON g.visit_id = f.visit_id AND g.photo_id = f.id "
        "LEFT JOIN photo_audit a ON a.visit_id = f.visit_id AND a.photo_id = f.id "
        f"LEFT JOIN ({repeats}) n ON n.visit_id = f.visit_id AND n.photo_id = f.id "
        "GROUP BY f.visit_id"
    )


def _promotions(batch: Batch) -> tuple[str, list[Any]]:
    """Return what was seen of promotions.

    One whose material, timing or area is wrong is not executed as it should be.
    """
    visits, values = picked(batch)
    wrong = " OR ".join(f"NOT COALESCE(x.{check}, TRUE)" for check in _CHECKS)
    is_executed = f"CASE WHEN {wrong} THEN FALSE ELSE x.is_executed END"
    tables = f"({visits}) p CROSS JOIN promotion_result x"
    if batch.as_stored:
        tables = f"promotion_result x NOT INDEXED CROSS JOIN ({visits}) p"
    sql = (
        f"SELECT p.dealer_id, p.day, p.store_id, p.id, x.promotion_id, p.person_id, {is_executed} "
        f"FROM {tables} WHERE x.visit_id = p.id AND x.is_enrolled AND x.is_executed IS NOT NULL"
    )
    return sql, values


_CHECKS = ("material_ok", "timing_ok", "area_ok")


def _sales(batch: Batch) -> tuple[str, list[Any]]:
    """Return what was sold to dealers, and to and by stores that were a dealer's."""
    bought, bought_values = batch.where("i.store_id", "i.sold_on")
    of_dealers = [day for day, ids in (batch.stores or {}).items() if 0 in ids]
    if of_dealers:
        marks = ", ".join([db.param] * len(of_dealers))
        bought = f"({bought} OR (i.store_id IS NULL AND i.sold_on IN ({marks})))"
        bought_values += [day.isoformat() for day in of_dealers]
    sold, sold_values = batch.where("o.store_id", "o.sold_on")
    sums = ", ".join(f"SUM({name})" for name in columns_of(SalesDay)[3:])
    stored = "NOT INDEXED" if batch.as_stored else ""
    sql = (
        f"SELECT dealer_id, day, store_id, {sums} FROM ("
        "SELECT i.dealer_id, i.sold_on AS day, COALESCE(i.store_id, 0) AS store_id, "
        "i.units AS sell_in_units, COALESCE(i.amount_fen, 0) AS sell_in_fen, "
        "0 AS sell_out_units, 0 AS sell_out_fen, 1 AS sell_in_lines, 0 AS sell_out_lines "
        f"FROM sell_in i {stored} WHERE {bought} UNION ALL "
        "SELECT o.dealer_id, o.sold_on, o.store_id, 0, 0, o.units, COALESCE(o.amount_fen, 0), "
        f"0, 1 FROM sell_out o {stored} WHERE o.dealer_id IS NOT NULL AND {sold}) AS lines "
        "GROUP BY dealer_id, day, store_id"
    )
    return sql, [*bought_values, *sold_values]


CARRIED: Mapping[str, Callable[[Batch], str]] = {
    "products": _products,
    "prices": _prices,
    "photographs": _photographs,
}
"""What a visit carries, a row for each visit that has any."""

SELECTS: Mapping[type[BaseModel], Callable[[Batch], tuple[str, list[Any]]]] = {
    VisitFact: _visits,
    PromotionFact: _promotions,
    SalesDay: _sales,
}
"""Of each rollup the statement that gives the rows of a batch."""
