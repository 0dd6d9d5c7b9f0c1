"""Whose store it was on which day, and stores by the hundred."""

from datetime import date

import pytest
from playhouse.test_utils import assert_query_count

from backend.network import ownership, stores
from backend.network.models import Store
from backend.platform.actors import Role
from backend.platform.database import transaction
from tests.factories import NOON, OPENED, actor_of, make_dealer, make_person, make_store

pytestmark = pytest.mark.usefixtures("app")


def test_a_fact_belongs_to_the_dealer_of_its_day():
    old, new = make_dealer(), make_dealer()
    store = make_store(old)
    manager = actor_of(make_person(Role.MANAGER))
    ownership.assign(manager, store.id, date(2026, 2, 1), dealer_id=new.id, at=NOON)

    with assert_query_count(4):
        found = [
            stores.dealer_on(store.id, day)
            for day in (
                date(2024, 12, 31),
                date(2025, 1, 1),
                date(2026, 1, 31),
                date(2026, 2, 1),
            )
        ]

    assert [None, old.id, old.id, new.id] == found


def test_many_stores_fit_in_one_transaction():
    manager, dealer = actor_of(make_person(Role.MANAGER)), make_dealer()

    with transaction():
        for number in range(50):
            stores.create(
                manager,
                code=f"{dealer.code}-{number:04}",
                name="店",
                region_id=dealer.region_id,
                division_code="430102001",
                grade="B",
                opened_on=OPENED,
                dealer_id=dealer.id,
                at=NOON,
            )

    assert 50 == Store.select().count()
