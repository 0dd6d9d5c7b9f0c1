"""What the rollups hold, said once as SQL: for a few store-days or for a month alike.

Each statement is a function of the stored rows only, so it gives the same rows whenever it runs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from backend.insight.dialect import days, greatest, least, seconds
from backend.insight.models import PromotionFact, SalesDay, VisitFact
from backend.platform.database import BaseModel, db

Key = tuple[int, date, int]
"""A dealer, a business day and a store; store 0 is the dealer itself."""

SHORT_S = 5 * 60  # kpi short_visit_share
LONGEST_S = 240 * 60  # kpi avg_time_in_store_min: the cap
USABLE_M = 200  # kpi out_of_fence_rate


@dataclass(frozen=True, slots=True)
class Batch:
    """Which store-days: those of some stores on some days, or all of a span of days."""

    stores: dict[date, list[int]] | None = None
    span: tuple[date, date] | None = None

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


def write(batch: Batch) -> None:
    """Insert the facts of a batch; those there were must be gone."""
    for table, select in (
        (VisitFact, _visits),
        (PromotionFact, _promotions),
        (SalesDay, _sales),
    ):
        sql, values = select(batch)
        names = ", ".join(f'"{name}"' for name in _columns(table))
        db.execute_sql(f'INSERT INTO "{table._meta.table_name}" ({names}) {sql}', values)  # noqa: SLF001


def _columns(table: type[BaseModel]) -> list[str]:
    return [field.column_name for field in table._meta.sorted_fields]  # noqa: SLF001


def _flag(condition: str) -> str:
    return f"CASE WHEN {condition} THEN 1 ELSE 0 END"


def _picked(batch: Batch) -> tuple[str, list[Any]]:
    """Return the countable visits of a batch."""
    where, values = batch.where("v.store_id", "v.business_on")
    sql = (
        "SELECT v.id, v.dealer_id, v.business_on AS day, v.store_id, v.person_id, v.kind, "
        "v.checked_in_at AS began_at, v.checked_out_at, v.auto_closed_at, v.paused_s, "
        "v.accuracy_m FROM visit v WHERE v.status = 'complete' AND v.quarantine_reason IS NULL "
        f"AND v.dealer_id IS NOT NULL AND v.store_id IS NOT NULL AND {where}"
    )
    return sql, values


def _counted(batch: Batch) -> tuple[str, list[Any]]:
    """Return the counts of stock that were made outside visits, for the dealer of their day."""
    where, values = batch.where("c.store_id", "c.counted_on")
    sql = (
        "SELECT c.id, d.dealer_id, c.counted_on AS day, c.store_id, c.person_id, "
        "c.counted_at AS began_at, (SELECT COUNT(*) FROM stock_count_line l "
        "WHERE l.store_id = c.store_id AND l.count_id = c.id) AS checks, "
        "(SELECT SUM(l.stock) FROM stock_count_line l "
        "WHERE l.store_id = c.store_id AND l.count_id = c.id) AS units FROM stock_count c "
        "JOIN store_dealer d ON d.store_id = c.store_id AND d.from_on <= c.counted_on "
        f"AND (d.to_on IS NULL OR d.to_on > c.counted_on) WHERE {where}"
    )
    return sql, values


def _visits(batch: Batch) -> tuple[str, list[Any]]:
    picked, picked_values = _picked(batch)
    counted, counted_values = _counted(batch)
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
    of_visit: dict[str, str] = {
        "dealer_id": "p.dealer_id",
        "day": "p.day",
        "store_id": "p.store_id",
        "visit_id": "p.id",
        "person_id": "p.person_id",
        "seq": "m.seq",
        "visits": "1",
        "is_patrol": _flag("p.kind = 'supervisor_patrol'"),
        "is_unplanned": _flag("NOT EXISTS (SELECT 1 FROM plan_entry e WHERE e.visit_id = p.id)"),
        "is_scored": _flag("w.score IS NOT NULL"),
        "is_suspect": _flag("w.score >= 60"),
        "is_located": _flag(is_located),
        "is_outside": _flag(is_outside),
        "is_timed": _flag(is_timed),
        "is_short": _flag(f"{is_timed} AND {stayed} < {SHORT_S}"),
        "no_checkout": _flag(f"NOT ({is_timed})"),
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
        "stock_units": "l.units",
    }
    joined = {
        "stock_checks": "l.checks",
        "prices_referenced": "o.referenced",
        "prices_unreferenced": "o.unreferenced",
        "price_ratio_ppm": "o.ratio_ppm",
        "photos": "f.taken",
        "photos_hashed": "f.hashed",
        "photos_reused": "f.reused",
        "photos_approved": "f.approved",
        "photos_rejected": "f.rejected",
    }
    of_count = {
        "dealer_id": "c.dealer_id",
        "day": "c.day",
        "store_id": "c.store_id",
        "visit_id": "c.id",
        "person_id": "c.person_id",
        "seq": "m.seq",
        "stock_checks": "c.checks",
        "stock_units": "c.units",
    }
    fields = VisitFact._meta.sorted_fields  # noqa: SLF001
    visit = [
        of_visit.get(name) or f"COALESCE({joined.get(name, f'r.{name}')}, 0)"
        for name in (field.column_name for field in fields)
    ]
    count = [of_count.get(field.column_name, "NULL" if field.null else "0") for field in fields]
    number = f"{days(chr(39) + '1970-01-01' + chr(39), 'day')} * 1000"
    sql = (
        f"WITH picked AS MATERIALIZED ({picked}), counted AS MATERIALIZED ({counted}), "
        f"moments AS MATERIALIZED (SELECT id, {number} + ROW_NUMBER() OVER "
        "(PARTITION BY store_id, day ORDER BY began_at, id) AS seq FROM "
        "(SELECT id, store_id, day, began_at FROM picked UNION ALL "
        "SELECT id, store_id, day, began_at FROM counted) AS both_kinds), "
        f"products AS ({_PRODUCTS}), prices AS ({_PRICES}), photographs AS ({_PHOTOS}) "
        f"SELECT {', '.join(visit)} FROM picked p JOIN moments m ON m.id = p.id "
        "LEFT JOIN report r ON r.visit_id = p.id LEFT JOIN visit_score w ON w.visit_id = p.id "
        "LEFT JOIN location_reading g ON g.visit_id = p.id "
        "LEFT JOIN products l ON l.visit_id = p.id LEFT JOIN prices o ON o.visit_id = p.id "
        "LEFT JOIN photographs f ON f.visit_id = p.id UNION ALL "
        f"SELECT {', '.join(count)} FROM counted c JOIN moments m ON m.id = c.id"
    )
    return sql, [*picked_values, *counted_values]


# SQLite reads a CROSS JOIN in the order it is written: from the few visits to what is theirs.
_PRODUCTS = (
    "SELECT l.visit_id, COUNT(l.stock) AS checks, SUM(l.stock) AS units "
    "FROM picked p CROSS JOIN product_line l "
    "WHERE l.visit_id = p.id AND l.stock IS NOT NULL GROUP BY l.visit_id"
)
_PRICES = (
    "SELECT o.visit_id, COUNT(o.reference_fen) AS referenced, "
    "COUNT(*) - COUNT(o.reference_fen) AS unreferenced, "
    "SUM(CAST(o.net_fen AS BIGINT) * 1000000 / o.reference_fen) AS ratio_ppm "
    "FROM picked p CROSS JOIN price_observation o WHERE o.visit_id = p.id GROUP BY o.visit_id"
)
# Photos that are held and believed; only an analysed one can be known to be reused.
_PHOTOS = (
    "SELECT f.visit_id, COUNT(*) AS taken, COUNT(g.photo_id) AS hashed, "
    "SUM(CASE WHEN g.photo_id IS NOT NULL AND n.photo_id IS NOT NULL THEN 1 ELSE 0 END) AS reused, "
    "SUM(CASE WHEN a.status = 'approved' THEN 1 ELSE 0 END) AS approved, "
    "SUM(CASE WHEN a.status = 'rejected' THEN 1 ELSE 0 END) AS rejected "
    "FROM picked p CROSS JOIN photo f "
    "LEFT JOIN photo_reading g ON g.visit_id = f.visit_id AND g.photo_id = f.id "
    "LEFT JOIN photo_audit a ON a.visit_id = f.visit_id AND a.photo_id = f.id "
    "LEFT JOIN (SELECT DISTINCT x.visit_id, x.photo_id FROM picked q "
    "CROSS JOIN photo_match x WHERE x.visit_id = q.id AND x.status IN ('open', 'confirmed')) n "
    "ON n.visit_id = f.visit_id AND n.photo_id = f.id "
    "WHERE f.visit_id = p.id AND f.sha256 IS NOT NULL AND f.quarantine_reason IS NULL "
    "GROUP BY f.visit_id"
)


def _promotions(batch: Batch) -> tuple[str, list[Any]]:
    """Return what was seen of promotions.

    One whose material, timing or area is wrong is not executed as it should be.
    """
    picked, values = _picked(batch)
    wrong = " OR ".join(f"NOT COALESCE(x.{check}, TRUE)" for check in _CHECKS)
    is_executed = f"CASE WHEN {wrong} THEN FALSE ELSE x.is_executed END"
    sql = (
        f"SELECT p.dealer_id, p.day, p.store_id, p.id, x.promotion_id, p.person_id, {is_executed} "
        f"FROM ({picked}) p CROSS JOIN promotion_result x "
        "WHERE x.visit_id = p.id AND x.is_enrolled AND x.is_executed IS NOT NULL"
    )
    return sql, values


_CHECKS = ("material_ok", "timing_ok", "area_ok")


def _sales(batch: Batch) -> tuple[str, list[Any]]:
    """Return what was sold to dealers, and to and by stores that were a dealer's."""
    bought, bought_values = batch.where("COALESCE(i.store_id, 0)", "i.sold_on")
    sold, sold_values = batch.where("o.store_id", "o.sold_on")
    sums = ", ".join(f"SUM({name})" for name in _columns(SalesDay)[3:])
    sql = (
        f"SELECT dealer_id, day, store_id, {sums} FROM ("
        "SELECT i.dealer_id, i.sold_on AS day, COALESCE(i.store_id, 0) AS store_id, "
        "i.units AS sell_in_units, COALESCE(i.amount_fen, 0) AS sell_in_fen, "
        "0 AS sell_out_units, 0 AS sell_out_fen, 1 AS sell_in_lines, 0 AS sell_out_lines "
        f"FROM sell_in i WHERE {bought} UNION ALL "
        "SELECT o.dealer_id, o.sold_on, o.store_id, 0, 0, o.units, COALESCE(o.amount_fen, 0), "
        f"0, 1 FROM sell_out o WHERE o.dealer_id IS NOT NULL AND {sold}) AS lines "
        "GROUP BY dealer_id, day, store_id"
    )
    return sql, [*bought_values, *sold_values]
