"""A store-day is what is stored, whenever and however often it is worked out."""

from datetime import timedelta

import pytest
from playhouse.test_utils import count_queries

from backend.fieldwork.models import ProductLine, Visit
from backend.insight import rollups
from backend.insight.models import StoreDay
from backend.network.models import StoreDealer
from backend.standards.models import Sku
from tests.factories import make_dealer, make_report, make_store
from tests.insight.facts import day, noon, photo, plan, promoted, promotion, violation, visit_on

pytestmark = pytest.mark.usefixtures("app")


def rows() -> list[dict]:
    """Return all store-days."""
    return list(StoreDay.select().order_by(StoreDay.day, StoreDay.store_id).dicts())


def key_of(visit: Visit) -> rollups.Key:
    """Return the store-day of a visit."""
    return visit.dealer_id, visit.business_on, visit.store_id


def test_a_day_holds_every_count():
    store = make_store()
    visit = visit_on(1, store)
    make_report(
        visit,
        signage_num=7.5,
        signage_den=10,
        mandatory_pass=3,
        mandatory_checked=4,
        must_listed=6,
        must_answered=8,
        must_available=5,
        must_stock_answered=6,
        prices_compliant=2,
        prices_checked=3,
        promos_checked=1,
        promo_units=4,
    )
    make_report(visit_on(1, store, at=noon(1) + timedelta(hours=1)), must_listed=1, must_answered=2)
    made = promotion(store)
    promoted(visit, made, is_executed=True)
    for number, stock in enumerate([5, 0, None]):
        sku = Sku.create(
            code=f"S{number}", name="", category="phone", role="core", tags=[], launched_on=day(0)
        )
        ProductLine.create(visit_id=visit.id, sku=sku, is_must=False, stock=stock)
    photo(visit, verdict="approved", is_reused=True)
    violation(1, store)
    plan(1, store)

    rollups.refresh([key_of(visit)])

    assert [
        {
            "dealer_id": visit.dealer_id,
            "day": day(1),
            "store_id": store.id,
            "visits": 2,
            "planned": 1,
            "planned_done": 1,
            "signage_num": 7.5,
            "signage_den": 10.0,
            "mandatory_pass": 3,
            "mandatory_checked": 4,
            "must_listed": 1,
            "must_answered": 2,
            "must_available": 5,
            "must_stock_answered": 6,
            "prices_compliant": 2,
            "prices_checked": 3,
            "promo_units": 4,
            "promos": {str(made.id): True},
            "checks": {
                "assortment": 10,
                "integrity": 2,
                "price": 3,
                "promotion": 1,
                "signage": 4,
                "stock": 2,
            },
            "violations": {"direct_price_cut": 1},
            "photos": 1,
            "photos_hashed": 1,
            "photos_reused": 1,
            "photos_approved": 1,
            "photos_rejected": 0,
        }
    ] == rows()


def test_refreshing_again_changes_nothing_and_heals_what_is_wrong():
    visit = visit_on(1, make_store())
    rollups.refresh([key_of(visit), key_of(visit)])
    right = rows()

    StoreDay.update(visits=99).execute()
    rollups.refresh([key_of(visit)])
    rollups.refresh([key_of(visit)])

    assert right == rows()


def test_a_day_without_facts_goes():
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


def test_a_visit_without_a_store_belongs_to_no_day():
    visit_on(1, make_store(), store_id=None)

    assert [] == list(rollups.everything())


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
    plan(40, store)
    plan(75, store)
    violation(20, store)
    StoreDealer.update(to_on=day(30)).execute()
    StoreDealer.create(store=store, dealer=after, from_on=day(30))
    rollups.refresh([(before.id, day(0), store.id)])
    StoreDay.update(day=day(90)).execute()
    told = []

    count = rollups.rebuild(told.append)

    assert (5, [5]) == (count, told)
    assert [
        (before.id, day(0)),
        (before.id, day(20)),
        (after.id, day(40)),
        (after.id, day(75)),
    ] == [(row["dealer_id"], row["day"]) for row in rows()]


def test_rebuilding_nothing_is_fine():
    assert 0 == rollups.rebuild()
