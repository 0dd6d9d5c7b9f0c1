"""Enrolling people."""

import pytest

from backend.network import people
from backend.platform.actors import Role
from backend.platform.models import LedgerEntry
from tests.factories import NOON, the_region


@pytest.mark.usefixtures("app")
def test_the_system_enrols_the_first():
    admin = people.create(
        None,
        login="admin",
        name="管理员",
        role=Role.ADMIN,
        region_id=the_region().id,
        password="correct horse",
        at=NOON,
    )

    assert ("admin", 1) == (admin.role, admin.version)
    assert LedgerEntry.get().actor_id is None
