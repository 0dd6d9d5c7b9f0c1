"""What an auditor's word teaches: fixed scenes of a store, and nothing else."""

from datetime import timedelta

import pytest

from backend.evidence import matches, repeats
from backend.evidence.models import PhotoMatch, PhotoReading
from backend.fieldwork.models import Visit
from backend.platform.actors import Role
from backend.platform.database import db, is_sqlite, transaction
from backend.platform.errors import NotFoundError
from backend.platform.models import LedgerEntry
from tests.factories import (
    NOON,
    actor_of,
    make_person,
    make_reading,
    make_region,
    make_store,
    make_visit,
)

pytestmark = pytest.mark.usefixtures("app")
SCENE = 0x0F0F_3C3C_5A5A_6699


def turned(bits: int, start: int = 0) -> int:
    """Return the scene with so many bits turned, from a place on."""
    return SCENE ^ ((1 << bits) - 1) << start


def taken(store, dhash: int, day: int = 0, **fields) -> PhotoReading:
    """Read a photo of a scene, of another visit, some days after the first."""
    at = NOON + timedelta(days=day)
    return make_reading(make_visit(store, at=at), dhash, received_at=at, **fields)


def match_of(later: PhotoReading, earlier: PhotoReading) -> PhotoMatch:
    return PhotoMatch.get(
        PhotoMatch.photo_id == later.photo_id, PhotoMatch.earlier_photo_id == earlier.photo_id
    )


def resolve(later: PhotoReading, earlier: PhotoReading, resolution: str = "cleared", who=None):
    return matches.resolve(
        who or actor_of(make_person(Role.AUDITOR)),
        visit_id=later.visit_id,
        photo_id=later.photo_id,
        earlier_visit_id=earlier.visit_id,
        earlier_photo_id=earlier.photo_id,
        resolution=resolution,
        reason="同一机位",
        version=match_of(later, earlier).version,
        at=NOON,
    )


def statuses(photo: PhotoReading) -> set[str]:
    return {m.status for m in PhotoMatch.select().where(PhotoMatch.photo_id == photo.photo_id)}


def told(verb: str) -> int:
    return LedgerEntry.select().where(LedgerEntry.verb == verb).count()


@pytest.fixture
def store(app):  # noqa: ARG001  # needs the database
    return make_store()


@pytest.fixture
def pair(store):
    """Two photos of one scene of one store, two bits apart."""
    return taken(store, turned(2), 1), taken(store, SCENE)


def test_a_cleared_scene_never_cries_again(pair, store):
    later, earlier = pair
    resolve(later, earlier)

    third = taken(store, turned(2, 40), 2)

    assert {"fixed_scene"} == statuses(third)
    assert 0 == repeats.count(third.visit_id, third.photo_id)


def test_what_was_open_is_recognised_and_told(pair, store):
    later, earlier = pair
    third = taken(store, turned(1), 2)
    before = statuses(third)

    resolve(later, earlier)

    assert ({"open"}, {"fixed_scene"}) == (before, statuses(third))
    assert (1, 2) == (told("photo_match.cleared"), told("photo_match.recognised"))


def test_a_photo_further_from_the_scene_than_the_pair_still_counts(pair, store):
    resolve(*pair)

    third = taken(store, turned(3, 40), 2)

    assert {"open"} == statuses(third)
    of_third = PhotoMatch.select().where(PhotoMatch.visit_id == third.visit_id)
    assert {3, 5} == {match.distance for match in of_third}


def test_another_store_with_the_same_scene_still_counts(pair):
    resolve(*pair)

    third = taken(make_store(), SCENE, 2)

    assert {"open"} == statuses(third)


def test_a_pair_cleared_across_stores_teaches_only_itself(store):
    earlier, later = taken(store, SCENE), taken(make_store(), turned(2), 1)

    resolve(later, earlier)
    third = taken(store, turned(1), 2)

    assert ({"cleared"}, {"open"}) == (statuses(later), statuses(third))


def test_the_same_bytes_are_no_scene(pair, store):
    later, earlier = pair
    resolve(later, earlier)

    copy = taken(store, SCENE, 2, sha256=earlier.sha256)

    assert "open" == match_of(copy, earlier).status


def test_what_was_learned_teaches_nothing(pair, store):
    resolve(*pair)
    third = taken(store, turned(2, 40), 2)

    fourth = taken(store, turned(4, 38), 3)

    assert {"fixed_scene"} == statuses(third)
    assert {"open"} == statuses(fourth)


def test_confirming_what_was_cleared_forgets_the_scene(pair, store):
    later, earlier = pair
    resolve(later, earlier)
    third = taken(store, turned(1), 2)

    resolve(later, earlier, "confirmed")

    assert ({"confirmed"}, {"open"}) == (statuses(later), statuses(third))
    assert (1, 2) == (told("photo_match.confirmed"), told("photo_match.reopened"))


def test_a_photo_that_came_before_its_check_in_is_recognised_when_its_store_is_known(pair, store):
    resolve(*pair)
    visit = make_visit(store_id=None, status="open", at=NOON + timedelta(days=2))
    photo = make_reading(visit, SCENE)
    before = statuses(photo)

    Visit.update(store=store).where(Visit.id == visit.id).execute()
    matches.place(visit.id, at=NOON)

    assert ({"open"}, {"fixed_scene"}) == (before, statuses(photo))


def test_both_photos_must_be_the_auditors_to_see(store):
    away = make_region()
    earlier, later = taken(store, SCENE), taken(make_store(region=away), SCENE, 1)

    for region in (away, make_region()):
        stranger = actor_of(make_person(Role.AUDITOR, region=region))
        with pytest.raises(NotFoundError):
            resolve(later, earlier, who=stranger)

    assert {"open"} == statuses(later)


def test_the_same_bytes_are_found_behind_more_photos_of_the_scene_than_are_told(store):
    original = taken(store, SCENE)
    for day in range(1, repeats.MOST_MATCHES + 2):
        taken(store, SCENE, day)

    again = taken(store, SCENE, repeats.MOST_MATCHES + 2, sha256=original.sha256)

    assert "exact" == match_of(again, original).kind
    assert repeats.MOST_MATCHES == repeats.count(again.visit_id, again.photo_id)


@pytest.mark.parametrize("status", [None, "open"])
def test_a_list_goes_through_no_table(status):
    auditor = actor_of(make_person(Role.AUDITOR))
    sql, values = matches.list_matches(auditor, status=status).limit(50).sql()

    with transaction():
        if is_sqlite():
            rows = db.execute_sql(f"EXPLAIN QUERY PLAN {sql}", values).fetchall()
        else:
            db.execute_sql("SET LOCAL enable_seqscan = off")  # which small tables are read by
            rows = db.execute_sql(f"EXPLAIN {sql}", values).fetchall()
    plan = [row[-1] for row in rows]

    assert plan
    assert [] == [line for line in plan if "SCAN" in line and "INDEX" not in line]
    whole = [line for line in plan if "Seq Scan" in line and " on region" not in line]
    assert [] == whole
    assert "USE TEMP B-TREE FOR ORDER BY" not in plan
