"""Rollups: a store's day recomputed from the rows, so that a wrong one heals by itself."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from peewee import JOIN, SQL, Case, Expression, Field, ModelSelect, chunked, fn

from backend.evidence.models import PhotoAudit, PhotoMatch, PhotoReading
from backend.evidence.repeats import stands
from backend.fieldwork.journey_models import PlanEntry
from backend.fieldwork.models import ProductLine, PromotionResult, Report, Visit
from backend.fieldwork.photo_models import Photo
from backend.fieldwork.violation_models import Violation
from backend.insight.models import StoreDay
from backend.network.models import Store, StoreDealer
from backend.platform.database import db, insert_rows, take_turns, transaction
from backend.standards.codes import ViolationGroup

Key = tuple[int, date, int]
"""A dealer, a business day and a store."""
Row = dict[str, Any]

BATCH = 200  # store-days per transaction: short enough that intake hardly waits for its turn
STRIDE = timedelta(days=31)

SIGNAGE = ("signage_num", "signage_den", "mandatory_pass", "mandatory_checked")
LISTING = ("must_listed", "must_answered")
AVAILABILITY = ("must_available", "must_stock_answered")
CARRIED_BY = {"signage_den": SIGNAGE, "must_answered": LISTING, "must_stock_answered": AVAILABILITY}
"""A visit carries a section when this count of it is above zero; then these columns are its."""
FLOWS = ("prices_compliant", "prices_checked", "promo_units")
COUNTS = (
    "visits",
    "planned",
    "planned_done",
    *FLOWS,
    "photos",
    "photos_hashed",
    "photos_reused",
    "photos_approved",
    "photos_rejected",
)


def refresh(keys: Iterable[Key]) -> None:
    """Make the rows of these store-days say what is stored now; one without facts goes."""
    for batch in chunked(sorted(set(keys), key=_by_day), BATCH):
        with transaction():
            take_turns("refreshing store-days")  # so that an older reading cannot win
            rows = _recomputed(batch)
            _forget(batch)
            insert_rows(StoreDay, rows)


def rebuild(progress: Callable[[int], None] = lambda _: None) -> int:
    """Refresh every store-day there is and return how many; `progress` gets each batch's count."""
    done = 0
    for batch in chunked(everything(), BATCH):
        refresh(batch)
        progress(len(batch))
        done += len(batch)
    return done


def everything() -> Iterator[Key]:
    """Yield the store-days that have facts or a row, by day; a month is held at a time."""
    days = [StoreDay.day, Visit.business_on, Violation.opened_on, PlanEntry.planned_on]
    ends = [_first(day, order) for day in days for order in (day.asc(), day.desc())]
    known = [end for end in ends if end is not None]
    start = min(known, default=date.max)
    while known and start <= max(known):
        yield from _between(start, start + STRIDE)
        start += STRIDE


def _first(day: Any, order: Any) -> date | None:
    found: date | None = day.model.select(day).order_by(order).limit(1).scalar()
    return found


def _between(start: date, until: date) -> list[Key]:
    sources: list[Any] = [
        StoreDay.select(StoreDay.dealer_id, StoreDay.day, StoreDay.store_id).where(
            StoreDay.day >= start, StoreDay.day < until
        ),
        Visit.select(Visit.dealer, Visit.business_on, Visit.store).where(
            Visit.counts(),
            Visit.dealer.is_null(False),
            Visit.business_on >= start,
            Visit.business_on < until,
        ),
        Violation.select(Violation.dealer, Violation.opened_on, Violation.store).where(
            Violation.dealer.is_null(False),
            Violation.retracted_at.is_null(),
            Violation.opened_on >= start,
            Violation.opened_on < until,
        ),
        _plans().where(PlanEntry.planned_on >= start, PlanEntry.planned_on < until),
    ]
    return sorted({key for source in sources for key in source.distinct().tuples()}, key=_by_day)


def _by_day(key: Key) -> tuple[date, int, int]:
    dealer, day, store = key
    return day, dealer, store


def _recomputed(keys: list[Key]) -> list[Row]:
    rows = {key: _nothing(key) for key in keys}
    _add_visits(rows)
    _add_violations(rows)
    _add_plans(rows)
    return [row for row in rows.values() if row["visits"] or row["violations"] or row["planned"]]


def _nothing(key: Key) -> Row:
    dealer, day, store = key
    state = dict.fromkeys(column for section in CARRIED_BY.values() for column in section)
    row: Row = {"dealer_id": dealer, "day": day, "store_id": store}
    row |= dict.fromkeys(COUNTS, 0) | state
    return row | {"promos": {}, "checks": Counter(), "violations": {}}


def _add_visits(rows: dict[Key, Row]) -> None:
    """Add what countable visits found; the day's last visit with a section decides its state."""
    countable = Visit.counts() & _among(Visit.store, Visit.business_on, rows)
    columns = [
        *(column for section in CARRIED_BY.values() for column in section),
        *FLOWS,
        "promos_checked",
    ]
    found: Any = (
        Visit.select(
            Visit.id,
            Visit.dealer,
            Visit.business_on,
            Visit.store,
            *(getattr(Report, column) for column in columns),
        )
        .join(Report, JOIN.LEFT_OUTER, on=Report.visit_id == Visit.id)
        .where(countable)
        .order_by(Visit.checked_in_at, Visit.id)
        .tuples()
    )
    row_of: dict[UUID, Row] = {}
    for visit_id, dealer, day, store, *counts in found:
        if row := rows.get((dealer, day, store)):
            row_of[visit_id] = row
            _add_report(row, dict(zip(columns, counts, strict=True)))
    if row_of:
        visits = Visit.select(Visit.id).where(countable)
        _add_stock_checks(row_of, visits)
        _add_promotions(row_of, visits)
        _add_photos(row_of, visits)


def _add_report(row: Row, report: Row) -> None:
    row["visits"] += 1
    for carrier, section in CARRIED_BY.items():
        if report[carrier]:
            row |= {column: report[column] or 0 for column in section}
    for column in FLOWS:
        row[column] += report[column] or 0
    row["checks"] += Counter(
        {
            str(ViolationGroup.SIGNAGE): report["mandatory_checked"] or 0,
            str(ViolationGroup.ASSORTMENT): report["must_answered"] or 0,
            str(ViolationGroup.PRICE): report["prices_checked"] or 0,
            str(ViolationGroup.PROMOTION): report["promos_checked"] or 0,
            str(ViolationGroup.INTEGRITY): 1,
        }
    )


def _add_stock_checks(row_of: dict[UUID, Row], visits: ModelSelect[Visit]) -> None:
    answered: Any = (
        ProductLine.select(ProductLine.visit_id, fn.COUNT(SQL("*")))
        .where(ProductLine.visit_id.in_(visits), ProductLine.stock.is_null(False))
        .group_by(ProductLine.visit_id)
        .tuples()
    )
    for visit_id, count in answered:
        if row := row_of.get(visit_id):
            row["checks"][str(ViolationGroup.STOCK)] += count


def _add_promotions(row_of: dict[UUID, Row], visits: ModelSelect[Visit]) -> None:
    """Add whether promotions that the store took part in were seen executed as they should be.

    One whose material, timing or area was seen to be wrong is not.
    """
    checks = (PromotionResult.material_ok, PromotionResult.timing_ok, PromotionResult.area_ok)
    checked: Any = (
        PromotionResult.select(
            PromotionResult.visit_id,
            PromotionResult.promotion,
            PromotionResult.is_executed,
            *checks,
        )
        .where(
            PromotionResult.visit_id.in_(visits),
            PromotionResult.is_enrolled,
            PromotionResult.is_executed.is_null(False),
        )
        .tuples()
    )
    for visit_id, promotion, is_executed, *answers in checked:
        if row := row_of.get(visit_id):
            seen = row["promos"].get(str(promotion), False)
            row["promos"][str(promotion)] = seen or (is_executed and False not in answers)


def _add_photos(row_of: dict[UUID, Row], visits: ModelSelect[Visit]) -> None:
    """Add photos that are held and believed; only an analysed one can be known to be reused."""
    repeats = PhotoMatch.select(SQL("1")).where(
        PhotoMatch.visit_id == Photo.visit_id, PhotoMatch.photo_id == Photo.id, stands()
    )
    taken: Any = (
        Photo.select(
            Photo.visit_id,
            fn.COUNT(SQL("*")),
            fn.COUNT(PhotoReading.photo_id),
            fn.SUM(Case(None, [(PhotoReading.photo_id.is_null(False) & fn.EXISTS(repeats), 1)], 0)),
            fn.SUM(Case(None, [(PhotoAudit.status == "approved", 1)], 0)),
            fn.SUM(Case(None, [(PhotoAudit.status == "rejected", 1)], 0)),
        )
        .join(
            PhotoReading,
            JOIN.LEFT_OUTER,
            on=(PhotoReading.visit_id == Photo.visit_id) & (PhotoReading.photo_id == Photo.id),
        )
        .switch(Photo)
        .join(
            PhotoAudit,
            JOIN.LEFT_OUTER,
            on=(PhotoAudit.visit_id == Photo.visit_id) & (PhotoAudit.photo_id == Photo.id),
        )
        .where(
            Photo.visit_id.in_(visits),
            Photo.sha256.is_null(False),
            Photo.quarantine_reason.is_null(),
        )
        .group_by(Photo.visit_id)
        .tuples()
    )
    columns = [column for column in COUNTS if column.startswith("photos")]
    for visit_id, *counts in taken:
        if row := row_of.get(visit_id):
            for column, count in zip(columns, counts, strict=True):
                row[column] += count


def _add_violations(rows: dict[Key, Row]) -> None:
    opened: Any = (
        Violation.select(
            Violation.dealer,
            Violation.opened_on,
            Violation.store,
            Violation.kind,
            fn.COUNT(SQL("*")),
        )
        .where(_among(Violation.store, Violation.opened_on, rows), Violation.retracted_at.is_null())
        .group_by(Violation.dealer, Violation.opened_on, Violation.store, Violation.kind)
        .tuples()
    )
    for dealer, day, store, kind, count in opened:
        if row := rows.get((dealer, day, store)):
            row["violations"][kind] = count


def _add_plans(rows: dict[Key, Row]) -> None:
    """Add what was planned, and how much of it was done: a visit does one entry of its day."""
    planned: Counter[Any] = Counter(
        _plans().where(_among(PlanEntry.store, PlanEntry.planned_on, rows)).tuples()
    )
    done: Counter[Any] = Counter(
        Visit.select(Visit.business_on, Visit.store)
        .where(Visit.counts(), _among(Visit.store, Visit.business_on, planned))
        .tuples()
        if planned
        else ()
    )
    for (dealer, day, store), count in planned.items():
        if row := rows.get((dealer, day, store)):
            row["planned"] = count
            row["planned_done"] = min(count, done[day, store])


def _plans() -> ModelSelect[PlanEntry]:
    """Return (dealer of the day, day, store) of the plan entries that stand.

    An entry its manager cancelled is not one that was missed, nor is one for a closed store. A
    rescheduled visit was asked for once: on its first day.
    """
    day = PlanEntry.planned_on
    return (
        PlanEntry.select(StoreDealer.dealer, day, PlanEntry.store)
        .join(
            StoreDealer,
            on=(StoreDealer.store == PlanEntry.store)
            & (StoreDealer.from_on <= day)
            & (StoreDealer.to_on.is_null() | (StoreDealer.to_on > day)),
        )
        .join(Store, on=Store.id == PlanEntry.store)
        .where(
            PlanEntry.status != "cancelled_by_manager",
            PlanEntry.moved_from_id.is_null(),
            Store.closed_on.is_null() | (Store.closed_on > day),
        )
    )


def _among(store: Field, day: Field, keys: Iterable[Key]) -> Expression:
    """Return the condition for the stores and days of the keys, in the shape an index can serve."""
    stores: defaultdict[date, set[int]] = defaultdict(set)
    for _, on, store_id in keys:
        stores[on].add(store_id)
    return _any([(day == on) & store.in_(sorted(ids)) for on, ids in stores.items()])


def _any(conditions: list[Expression]) -> Expression:
    """Join conditions by halves: a chain of many days would nest too deep for SQLite's parser."""
    if len(conditions) == 1:
        return conditions[0]
    half = len(conditions) // 2
    return _any(conditions[:half]) | _any(conditions[half:])


def _forget(keys: list[Key]) -> None:
    mark = db.param
    key = f'"dealer_id" = {mark} AND "day" = {mark} AND "store_id" = {mark}'
    rows = [(dealer, StoreDay.day.db_value(day), store) for dealer, day, store in keys]
    db.connection().cursor().executemany(f'DELETE FROM "store_day" WHERE {key}', rows)  # noqa: S608
