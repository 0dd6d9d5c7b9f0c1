"""Reference prices when several people write at once."""

from datetime import date

import pytest

from backend.platform.actors import Role
from backend.standards import prices
from backend.standards.models import ReferencePrice
from backend.standards.prices import OverlappingValidityError
from tests.factories import NOON, actor_of, make_person, make_sku
from tests.threads import at_once


@pytest.mark.usefixtures("app")
def test_of_prices_that_overlap_one_is_kept():
    manager, sku = actor_of(make_person(Role.MANAGER)), make_sku()

    def add() -> bool:
        try:
            prices.create(
                manager, sku_id=sku.id, amount_fen=100, valid_from=date(2026, 1, 1), at=NOON
            )
        except OverlappingValidityError:
            return False
        return True

    assert 1 == sum(at_once(4, add))
    assert 1 == ReferencePrice.select().count()
