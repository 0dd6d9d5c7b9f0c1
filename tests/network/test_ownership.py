"""Changes of dealer when several people write at once."""

from datetime import date

import pytest

from backend.network import ownership
from backend.network.models import StoreDealer
from backend.network.ownership import DealerOverlapError
from backend.platform.actors import Role
from tests.factories import NOON, actor_of, make_dealer, make_person, make_store
from tests.threads import at_once


@pytest.mark.usefixtures("app")
def test_a_store_goes_to_one_dealer_on_a_day():
    manager, store = actor_of(make_person(Role.MANAGER)), make_store()
    heirs = [make_dealer().id for _ in range(4)]
    waiting = iter(heirs)

    def give() -> bool:
        try:
            ownership.assign(manager, store.id, date(2026, 2, 1), dealer_id=next(waiting), at=NOON)
        except DealerOverlapError:
            return False
        return True

    assert 1 == sum(at_once(4, give))
    links = StoreDealer.select().where(StoreDealer.to_on.is_null())
    assert 1 == links.count()
    assert links.get().dealer_id in heirs
