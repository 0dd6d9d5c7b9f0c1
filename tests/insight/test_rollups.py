"""Rollups are what is stored, whenever and however often they are worked out."""

from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from peewee import IntegrityError, OperationalError
from playhouse.test_utils import count_queries

from backend.evidence.models import LocationReading
from backend.evidence.signal_models import VisitScore
from backend.fieldwork.models import PriceObservation, ProductLine, Visit
from backend.fieldwork.trade_models import SellIn, SellOut, StockCount, StockCountLine
from backend.insight import facts, rollups
from backend.insight.models import PromotionFact, SalesDay, VisitFact
from backend.network.models import StoreDealer
from backend.platform.database import db, is_sqlite, snapshot
from backend.platform.replacement import SCHEMA
from tests.factories import NOON, make_dealer, make_report, make_sku, make_store
from tests.insight.facts import day, noon, photo, promoted, promotion, someone, visit_on
from tests.threads import at_once, kept_waiting

pytestmark = pytest.mark.usefixtures("app")


def rows(table=VisitFact) -> list[dict]:
    """Return all rows of a rollup in the order of its key."""
    return sorted(table.select().dicts(), key=str)


def key_of(visit: Visit) -> facts.Key:
    """Return the store-day of a visit."""
    return visit.dealer_id, visit.business_on, visit.store_id


def sold(table, number: int, store, units: int, fen=None, *, is_dealers=False) -> None:
    """Store a line of a feed on a day of the window, to or by a store."""
    link = StoreDealer.get(StoreDealer.store == store)
    table.create(
        id=uuid4(),
        sold_on=day(number),
        store=None if is_dealers else store,
        dealer=link.dealer_id,
        region=store.region_id,
        sku=make_sku(),
        units=units,
        amount_fen=fen,
        recorded_at=NOON,
        recorded_by_id=1,
    )


def test_a_visit_brings_every_count():
    store = make_store()
    visit = visit_on(1, store, checked_out_at=noon(1) + timedelta(minutes=40), paused_s=600)
    make_report(
        visit,
        signage_num=7.5,
        signage_den=10,
        mandatory_pass=3,
        mandatory_checked=4,
        is_all_mandatory_pass=False,
        lines_offered=7,
        lines_checked=6,
        must_listed=6,
        must_answered=8,
        must_available=5,
        must_stock_answered=6,
        prices_compliant=2,
        prices_checked=3,
        promos_checked=1,
        promo_units=4,
        is_productive=True,
        first_notice=True,
        photo_slots=3,
        photo_slots_filled=2,
    )
    made = promotion(store)
    promoted(visit, made, is_executed=True)
    for stock in (5, 0, None):
        sku = make_sku(code=f"S{stock}")
        ProductLine.create(visit_id=visit.id, sku=sku, is_must=False, stock=stock)
    for number, reference in enumerate((100_000, 200_000, None)):
        PriceObservation.create(
            visit_id=visit.id,
            number=number,
            sku=make_sku(code=f"P{number}"),
            tag_fen=100_000,
            discount_fen=0,
            gift_fen=0,
            net_fen=100_000,
            reference_fen=reference,
            allowed_gift_fen=0,
            findings=[],
        )
    photo(visit, verdict="approved", is_reused=True)
    LocationReading.create(
        visit_id=visit.id, outcome="outside", store_lat=1, store_lon=1, flags=[], judged_at=NOON
    )
    VisitScore.create(
        visit_id=visit.id,
        person_id=visit.person_id,
        business_on=day(1),
        score=60,
        band="suspect",
        codes=[],
        config_version=1,
        scored_at=NOON,
    )

    rollups.refresh([key_of(visit)])

    assert [
        {
            "dealer_id": visit.dealer_id,
            "day": day(1),
            "store_id": store.id,
            "visit_id": visit.id,
            "person_id": visit.person_id,
            "seq": (day(1) - day(1).replace(year=1970, month=1, day=1)).days * 1000 + 1,
            "visits": 1,
            "is_patrol": 0,
            "is_unplanned": 1,
            "is_scored": 1,
            "is_suspect": 1,
            "is_located": 1,
            "is_outside": 1,
            "is_timed": 1,
            "is_short": 0,
            "no_checkout": 0,
            "stayed_s": 1800,
            "is_asked_outcome": 1,
            "is_productive": 1,
            "signage_num": 7.5,
            "signage_den": 10.0,
            "mandatory_pass": 3,
            "mandatory_checked": 4,
            "is_all_mandatory_pass": 0,
            "lines_offered": 7,
            "lines_checked": 6,
            "first_notice": 1,
            "must_listed": 6,
            "must_answered": 8,
            "must_available": 5,
            "must_stock_answered": 6,
            "stock_checks": 2,
            "stock_units": 5,
            "prices_compliant": 2,
            "prices_checked": 3,
            "prices_referenced": 2,
            "prices_unreferenced": 1,
            "price_ratio_ppb": 1_500_000_000,
            "promos_checked": 1,
            "promo_units": 4,
            "photo_slots": 3,
            "photo_slots_filled": 2,
            "photos": 1,
            "photos_hashed": 1,
            "photos_reused": 1,
            "photos_approved": 1,
            "photos_rejected": 0,
        }
    ] == rows()
    assert [(made.id, True)] == [
        (row["promotion_id"], row["is_executed"]) for row in rows(PromotionFact)
    ]


def test_a_day_of_sales_adds_up_what_was_sold_to_and_by_a_store_and_to_its_dealer():
    store = make_store()
    sold(SellIn, 1, store, 10, fen=5_000)
    sold(SellIn, 1, store, 3, fen=900, is_dealers=True)
    sold(SellOut, 1, store, 4)
    sold(SellOut, 1, store, -1)

    rollups.rebuild()

    assert [(0, 3, 900, 0, 0), (store.id, 10, 5_000, 3, 2)] == sorted(
        (
            row["store_id"],
            row["sell_in_units"],
            row["sell_in_fen"],
            row["sell_out_units"],
            row["sell_out_lines"],
        )
        for row in rows(SalesDay)
    )


def test_a_count_of_stock_outside_a_visit_is_no_visit_but_says_what_there_is():
    store = make_store()
    visit = visit_on(1, store)
    count = StockCount.create(
        store=store,
        id=uuid4(),
        person=someone(),
        counted_at=noon(1) + timedelta(hours=1),
        counted_on=day(1),
        received_at=NOON,
        content_sha256="0" * 64,
    )
    for number, stock in enumerate((7, 2)):
        sku = make_sku(code=f"S{number}")
        StockCountLine.create(store=store, count_id=count.id, sku=sku, stock=stock)

    rollups.refresh([key_of(visit)])

    assert [(1, None, visit.id), (0, 9, count.id)] == [
        (row["visits"], row["stock_units"], row["visit_id"])
        for row in sorted(rows(), key=lambda row: row["seq"])
    ]


def test_refreshing_again_changes_nothing_and_heals_what_is_wrong():
    visit = visit_on(1, make_store())
    rollups.refresh([key_of(visit), key_of(visit)])
    right = rows()

    VisitFact.update(visits=99).execute()
    rollups.refresh([key_of(visit)])
    rollups.refresh([key_of(visit)])

    assert right == rows()


def test_a_visit_that_counts_no_more_goes():
    visit = visit_on(1, make_store())
    rollups.refresh([key_of(visit)])

    Visit.update(quarantine_reason="clock").execute()
    rollups.refresh([key_of(visit)])

    assert [] == rows()


def test_only_the_keys_that_were_asked_for_change():
    store = make_store()
    wanted, other = visit_on(1, store), visit_on(2, store)

    rollups.refresh([(wanted.dealer_id, day(2), make_store().id), key_of(wanted)])

    assert [day(1)] == [row["day"] for row in rows()]
    assert other.business_on not in {row["day"] for row in rows()}


def test_a_day_made_again_leaves_the_days_beside_it():
    store = make_store()
    _, visit, _ = visits = [visit_on(number, store) for number in (1, 2, 3)]
    rollups.refresh(map(key_of, visits))
    VisitFact.update(stayed_s=-1).execute()

    rollups.refresh([key_of(visit)])

    kept = VisitFact.select(VisitFact.day).where(VisitFact.stayed_s == -1).order_by(VisitFact.day)
    assert [day(1), day(3)] == [fact.day for fact in kept]
    assert 3 == VisitFact.select().count()


def test_a_visit_without_a_store_brings_nothing():
    visit_on(1, make_store(), store_id=None)

    rollups.rebuild()

    assert [] == rows()


def test_a_batch_takes_as_many_queries_as_one_day():
    visits = [visit_on(number, make_store()) for number in range(12)]

    with count_queries() as one:
        rollups.refresh([key_of(visits[0])])
    with count_queries() as many:
        rollups.refresh([key_of(visit) for visit in visits])

    assert (one.count, 12) == (many.count, len(rows()))


def test_a_batch_may_be_scattered_over_many_days():
    store = make_store()
    visits = [visit_on(number, store) for number in range(rollups.BATCH + 1)]

    rollups.refresh([key_of(visit) for visit in visits])

    assert len(visits) == len(rows())


def test_rebuilding_finds_everything_and_drops_what_is_stale():
    before, after = make_dealer(), make_dealer()
    store = make_store(before)
    visit_on(0, store)
    visit_on(20, store)
    StoreDealer.update(to_on=day(30)).execute()
    StoreDealer.create(store=store, dealer=after, from_on=day(30))
    visit_on(40, store)
    rollups.refresh([(before.id, day(0), store.id)])
    VisitFact.update(day=day(90)).execute()
    told = []

    days = rollups.rebuild(told.append)

    assert (91, 91) == (days, sum(told))
    assert [(before.id, day(0)), (before.id, day(20)), (after.id, day(40))] == [
        (row["dealer_id"], row["day"]) for row in sorted(rows(), key=lambda row: row["day"])
    ]


def test_rebuilding_and_refreshing_give_the_same_rows():
    store = make_store()
    visits = [visit_on(number % 3, store, at=noon(number % 3)) for number in range(9)]
    sold(SellOut, 1, store, 4)
    for visit in visits:
        rollups.refresh([key_of(visit)])
    refreshed = [rows(table) for table in rollups.TABLES]

    rollups.rebuild()

    assert refreshed == [rows(table) for table in rollups.TABLES]


def test_whoever_reads_one_moment_reads_it_whole_during_a_rebuild():
    visit = visit_on(1, make_store())
    rollups.refresh([key_of(visit)])
    Visit.update(quarantine_reason="clock").execute()

    def rebuild() -> None:
        if is_sqlite():
            rollups.rebuild()
            return
        db.execute_sql("SET lock_timeout = '50ms'")
        with pytest.raises(OperationalError, match="lock timeout"):
            rollups.rebuild()

    with snapshot():
        Visit.select().count()
        at_once(1, rebuild)
        during = rows()
    rollups.rebuild()

    assert ([visit.id], []) == ([row["visit_id"] for row in during], rows())


def test_a_rebuild_that_fails_leaves_what_there_was_and_the_next_one_mends_it():
    visit = visit_on(1, make_store())
    rollups.refresh([key_of(visit)])
    old = rows()
    Visit.update(quarantine_reason="clock").execute()
    visit_on(2, make_store())
    forbid, allow = FORBIDDING[is_sqlite()]
    db.execute_sql(forbid)

    with pytest.raises(IntegrityError, match="unreal"):
        rollups.rebuild()

    assert (old, []) == (rows(), half_made())
    db.execute_sql(allow)
    rollups.rebuild()
    assert [day(2)] == [row["day"] for row in rows()]


def half_made() -> list:
    """Return what lies about of a rebuild that did not come to its end."""
    if is_sqlite():
        return list(Path(f"{db.database}-anew").iterdir())
    found = "SELECT tablename FROM pg_tables WHERE schemaname = %s"
    return db.execute_sql(found, [SCHEMA]).fetchall()


FORBIDDING = {
    True: (
        "CREATE TRIGGER unreal INSERT ON visit_fact BEGIN SELECT RAISE(ABORT, 'unreal'); END",
        "DROP TRIGGER unreal",
    ),
    False: (
        f"ALTER TABLE visit_fact ADD CONSTRAINT unreal CHECK (day < '{day(2)}')",
        "ALTER TABLE visit_fact DROP CONSTRAINT unreal",
    ),
}
"""What makes it impossible to write a fact, and what makes it possible again."""


def test_a_refresh_that_waits_for_a_rebuild_refreshes_the_rows_it_made():
    visit = visit_on(1, make_store())
    rollups.rebuild()
    Visit.update(quarantine_reason="clock").execute()

    def refresh() -> None:
        rollups.refresh([key_of(visit)])

    if is_sqlite():  # which is rebuilt in many turns to write
        rollups.rebuild(lambda _: at_once(1, refresh))
    else:
        with kept_waiting(refresh, rollups.rebuild):
            pass

    assert [] == rows()


def test_rebuilding_leaves_the_schema_as_it_was():
    visit_on(1, make_store())
    before = [shape(table) for table in rollups.TABLES]

    rollups.rebuild()

    assert before == [shape(table) for table in rollups.TABLES]


def shape(table) -> tuple:
    """Return columns, indexes and constraints of a table, with their names."""
    name = table._meta.table_name
    constraints = [] if is_sqlite() else db.execute_sql(CONSTRAINTS, [name]).fetchall()
    return db.get_columns(name), sorted(db.get_indexes(name)), constraints


CONSTRAINTS = """
    SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE conrelid = %s::regclass ORDER BY 1
"""


def test_rebuilding_nothing_is_fine():
    assert 0 == rollups.rebuild()
