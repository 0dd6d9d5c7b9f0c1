"""Photos handed in before: across people, stores and orders of analysis."""

import threading
from datetime import timedelta
from io import BytesIO
from itertools import permutations

import orjson
import pytest
from PIL import Image

from backend.evidence import photos, repeats
from backend.evidence.models import PhotoMatch
from backend.platform import settings
from backend.platform.actors import Role
from backend.platform.database import db
from backend.platform.models import LedgerEntry
from tests.factories import (
    NOON,
    actor_of,
    make_person,
    make_photo,
    make_reading,
    make_region,
    make_store,
    make_visit,
)
from tests.pictures import phone_jpeg, recompressed

pytestmark = pytest.mark.usefixtures("app")
HOUR = timedelta(hours=1)


def hand_in(content: bytes, hours: float = 0, visit=None, **fields):
    """Receive a photo of another person in another store, some hours after noon."""
    at = NOON + hours * HOUR
    visit = visit or make_visit(make_store(), make_person(), at=at)
    return make_photo(visit, content, received_at=at, **fields)


def flat_jpeg(level: int) -> bytes:
    out = BytesIO()
    Image.new("L", (64, 48), level).save(out, "JPEG")
    return out.getvalue()


def read(*handed_in):
    for photo in handed_in:
        photos.analyse(photo.visit_id, photo.id, at=NOON)


def pairs() -> set:
    return {(m.photo_id, m.earlier_photo_id, m.kind) for m in PhotoMatch.select()}


def test_the_same_bytes_are_an_exact_repeat_in_another_store_by_another_person():
    first, second = hand_in(phone_jpeg(1)), hand_in(phone_jpeg(1), 1)

    read(first, second)

    assert {(second.id, first.id, "exact")} == pairs()


def test_a_copy_sent_through_a_messenger_is_a_near_repeat():
    original = phone_jpeg(1, size=(1280, 960))
    first, second = hand_in(original), hand_in(recompressed(original), 1)

    read(first, second)

    assert {(second.id, first.id, "near")} == pairs()
    assert 0 <= PhotoMatch.get().distance <= settings.settings().near_duplicate_bits


def test_another_scene_is_no_repeat():
    read(*(hand_in(phone_jpeg(seed), seed) for seed in range(8)))

    assert set() == pairs()


def test_a_similar_frame_within_one_visit_is_no_repeat_but_the_same_bytes_are():
    visit = make_visit()
    first = hand_in(phone_jpeg(1), 0, visit)
    again = hand_in(phone_jpeg(1, quality=70), 1, visit)
    same = hand_in(phone_jpeg(1), 2, visit)

    read(first, again, same)

    assert {(same.id, first.id, "exact")} == pairs()


@pytest.mark.parametrize(("days", "found"), [(365, 1), (366, 0)])
def test_compares_within_the_window_only(days, found):
    read(hand_in(phone_jpeg(1)), hand_in(phone_jpeg(1), days * 24))

    assert found == len(pairs())


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_order_of_analysis_does_not_matter(order):
    contents = [phone_jpeg(1), phone_jpeg(1, quality=70), phone_jpeg(1)]
    handed_in = [hand_in(content, hours) for hours, content in enumerate(contents)]

    read(*(handed_in[place] for place in order))

    first, second, third = (photo.id for photo in handed_in)
    assert {
        (second, first, "near"),
        (third, second, "near"),
        (third, first, "exact"),
    } == pairs()


def test_of_two_received_at_once_the_ids_decide():
    one, two = hand_in(phone_jpeg(1)), hand_in(phone_jpeg(1))
    earlier, later = sorted((one, two), key=lambda photo: photo.visit_id)

    read(later, earlier)

    assert {(later.id, earlier.id, "exact")} == pairs()


def test_tells_of_a_later_photo_that_turns_out_to_be_a_repeat():
    first, second = hand_in(phone_jpeg(1)), hand_in(phone_jpeg(1), 1)

    read(second, first)

    entries = LedgerEntry.select().where(LedgerEntry.verb == "photo.analysed")
    told = [(entry.object_id, orjson.loads(entry.facts)) for entry in entries]
    assert [(str(first.id), 0), (str(second.id), 0), (str(second.id), 1)] == sorted(
        ((photo_id, facts["matched"]) for photo_id, facts in told),
        key=lambda pair: (pair[0] != str(first.id), pair[1]),
    )
    assert all(facts["dealer"] for _, facts in told)


def test_stores_only_the_nearest_of_very_many_copies():
    store, person = make_store(), make_person()
    hours = range(repeats.MOST_MATCHES + 2)
    visits = [make_visit(store, person, at=NOON + hour * HOUR) for hour in hours]

    copies = [make_reading(one, 1, received_at=one.received_at) for one in reversed(visits)]

    *later, first = [repeats.count(copy.visit_id, copy.photo_id) for copy in copies]
    assert (0, 1, repeats.MOST_MATCHES) == (first, min(later), max(later))


def test_a_flat_frame_repeats_nothing_but_its_own_bytes():
    wall, darker = flat_jpeg(90), flat_jpeg(80)
    first, second, third = hand_in(wall), hand_in(darker, 1), hand_in(wall, 2)

    read(first, second, third)

    assert {(third.id, first.id, "exact")} == pairs()


def test_tells_whose_the_earlier_photo_was_only_within_the_scope():
    home, away = make_region(), make_region()
    here, there = make_store(region=home), make_store(region=away)
    auditor = actor_of(make_person(Role.AUDITOR, region=home))
    near = hand_in(phone_jpeg(1), 0, make_visit(here))
    far = hand_in(phone_jpeg(1), 1, make_visit(there))
    latest = hand_in(phone_jpeg(1), 2, make_visit(here))
    read(near, far, latest)

    told = repeats.list_earlier(auditor, latest.visit_id, latest.id)

    assert [
        ("exact", 0, NOON + HOUR, None, None, None, None),
        ("exact", 0, NOON, near.visit_id, near.id, here.code, "李雷"),
    ] == [
        (
            row["kind"],
            row["distance"],
            row["received_at"],
            row["visit_id"],
            row["photo_id"],
            row["store_code"],
            row["person_name"],
        )
        for row in told
    ]


def test_two_copies_analysed_at_the_same_moment_do_not_miss_each_other():
    handed_in = [hand_in(phone_jpeg(1), hours) for hours in range(4)]
    failures = []

    def work(photo):
        with db.connection_context():
            try:
                read(photo)
            except Exception as error:  # noqa: BLE001  # told below
                failures.append(error)

    threads = [threading.Thread(target=work, args=(photo,)) for photo in handed_in]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [] == failures
    assert 6 == len(pairs())
