"""Dealers when several people write at once."""

from itertools import count

import pytest

from backend.network import dealers
from backend.network.codes import CodeTakenError
from backend.network.dealers import DealerCycleError
from backend.network.models import Dealer
from backend.platform.actors import Role
from tests.factories import NOON, OPENED, actor_of, make_dealer, make_person, the_region
from tests.threads import at_once

pytestmark = pytest.mark.usefixtures("app")


def test_a_code_is_issued_once():
    manager, region = actor_of(make_person(Role.MANAGER)), the_region()

    def add() -> bool:
        try:
            dealers.create(
                manager, code="43", name="x", region_id=region.id, opened_on=OPENED, at=NOON
            )
        except CodeTakenError:
            return False
        return True

    assert 1 == sum(at_once(4, add))


@pytest.mark.thorough
def test_two_moves_never_close_a_circle():
    manager = actor_of(make_person(Role.MANAGER))
    pair = [make_dealer(), make_dealer()]
    turns = count()

    def move() -> bool:
        turn = next(turns)
        try:
            dealers.amend(manager, pair[turn].id, version=1, parent_id=pair[1 - turn].id, at=NOON)
        except DealerCycleError:
            return False
        return True

    assert 1 == sum(at_once(2, move))
    assert 1 == Dealer.select().where(Dealer.parent.is_null(False)).count()
