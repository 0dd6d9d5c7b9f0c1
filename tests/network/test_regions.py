"""The region tree."""

import pytest

from backend.network import regions
from backend.network.models import Region
from backend.platform.actors import Role
from backend.platform.errors import NotFoundError
from tests.factories import NOON, actor_of, make_person

pytestmark = pytest.mark.usefixtures("app")


def test_the_system_plants_a_root_and_grows_it():
    root = regions.create(None, code="CN", name="全国", at=NOON)
    child = regions.create(None, code="HN", name="湖南", parent_id=root.id, at=NOON)

    assert f"/{root.id}/" == root.path
    assert f"/{root.id}/{child.id}/" == Region.get_by_id(child.id).path


def test_a_person_plants_no_root():
    admin = actor_of(make_person(Role.ADMIN))

    with pytest.raises(NotFoundError):
        regions.create(admin, code="CN", name="全国", at=NOON)


def test_a_region_is_below_itself_and_its_ancestors_but_not_below_a_longer_number():
    root = regions.create(None, code="CN", name="全国", at=NOON)
    many = [
        regions.create(None, code=f"{n}", name="x", parent_id=root.id, at=NOON) for n in range(11)
    ]
    first, tenth = many[0], many[9]

    found = {region.id for region in Region.select().where(regions.below(first.id))}

    assert {first.id} == found
    assert str(tenth.id).startswith(str(root.id))
    assert 12 == Region.select().where(regions.below(root.id)).count()
