"""From which day a checklist may be in force."""

from datetime import timedelta

import pytest

from backend.platform.actors import Role
from backend.standards import checklists
from tests.factories import NOON, TODAY, actor_of, make_person

QUESTION = {"code": "x", "letter": "X", "kind": "yes_no", "required": True, "zh": "?", "en": "?"}


@pytest.fixture
def manager(app):  # noqa: ARG001  # needs the database
    return actor_of(make_person(Role.MANAGER))


@pytest.fixture
def draft(manager):
    return checklists.create(
        manager,
        code="spring",
        name_zh="春季",
        name_en="Spring",
        scope_kind="all",
        lines=[QUESTION],
        valid_from=TODAY,
        at=NOON,
    )


def test_a_checklist_may_be_in_force_the_day_it_is_published(manager, draft):
    published = checklists.publish(manager, draft.id, version=1, at=NOON)

    assert (TODAY, "published") == (published.valid_from, published.status)


def test_but_not_the_day_before(manager, draft):
    with pytest.raises(checklists.BeginsInPastError):
        checklists.publish(manager, draft.id, version=1, at=NOON + timedelta(days=1))


def test_the_next_version_of_one_that_is_to_begin_begins_no_sooner(manager, draft):
    later = TODAY + timedelta(days=9)
    checklists.publish(manager, draft.id, version=1, valid_from=later, at=NOON)

    follower = checklists.draft_next(manager, draft.id, at=NOON)

    assert (2, later) == (follower.version, follower.valid_from)
