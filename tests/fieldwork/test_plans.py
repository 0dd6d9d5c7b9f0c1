"""Plans when an answer was lost and the request is repeated at once."""

from uuid import uuid4

import pytest

from backend.fieldwork import plans
from backend.fieldwork.journey_models import PlanEntry
from backend.platform.actors import Role
from backend.platform.models import LedgerEntry
from tests.factories import NOON, TODAY, actor_of, make_person, make_store
from tests.threads import at_once


@pytest.mark.usefixtures("app")
def test_the_same_plan_at_once_is_one_plan():
    boss, plan_id = actor_of(make_person(Role.SUPERVISOR)), uuid4()
    store, rep = make_store(), make_person()

    def put() -> bool:
        _, is_new = plans.put(
            boss,
            plan_id,
            store_id=store.id,
            person_id=rep.id,
            planned_on=TODAY,
            content_sha256="0" * 64,
            at=NOON,
        )
        return is_new

    assert 1 == sum(at_once(4, put))
    assert 1 == PlanEntry.select().count() == LedgerEntry.select().count()
