"""Each signal, from the rows it is read from: when it shows, and when it must not."""

from datetime import timedelta
from typing import Any

import pytest

from backend.evidence import scores
from backend.evidence.signal_models import VisitSignal
from backend.evidence.signals import Signal
from backend.fieldwork.models import Visit
from backend.platform.database import canonical
from tests.factories import (
    NOON,
    make_person,
    make_photo,
    make_photo_match,
    make_photo_reading,
    make_report,
    make_store,
    make_visit,
)

pytestmark = pytest.mark.usefixtures("storage")
KM = 1 / 111  # degrees of latitude
DOOR = 28.1951


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


def left(visit: Visit, *, after: float = 30, **document: Any) -> None:
    """Hand in the report of a visit, left so many minutes after its check-in."""
    moment = visit.device_at + minutes(after)
    columns = {"missing": [], "lines_checked": 7}
    columns = {name: document.pop(name, value) for name, value in columns.items()}
    clock = {"device_at": moment.isoformat()}
    check_out = {"clock": clock} | document.pop("check_out", {})
    make_report(
        visit,
        device_at=moment,
        received_at=moment + minutes(1),
        document=canonical({"answers": [], "check_out": check_out} | document),
        **columns,
    )
    Visit.update(outcome="done", checked_out_at=visit.checked_in_at + minutes(after)).where(
        Visit.id == visit.id
    ).execute()


def found(visit: Visit) -> dict[str, tuple[float | None, dict]]:
    """Return the signals of a visit, weighed now, but what is said of tokens nobody sent."""
    scores.weigh([visit.id], at=NOON)
    rows = VisitSignal.select().where(VisitSignal.visit_id == visit.id)
    return {row.code: (row.value, row.evidence) for row in rows if row.code != Signal.TOKEN_MISSING}


def samples(*seconds: float, lat: float = DOOR, step: float = 0) -> list[dict]:
    return [
        {
            "lat": lat + number * step,
            "lon": 112.9769,
            "at": (NOON + timedelta(seconds=s)).isoformat(),
        }
        for number, s in enumerate(seconds)
    ]


def test_an_honest_visit_shows_nothing():
    visit = make_visit(skew_s=3.0, is_mock=False, is_rooted=False, device_id="a")
    left(visit)
    make_photo(visit, b"1", capture_source="in_app_camera", captured_at=NOON + minutes(3))

    assert {} == found(visit)


class TestFrozenFix:
    @pytest.mark.parametrize(
        ("given", "expected"),
        [
            (samples(0, 15, 30, 45, 60), (5, {"seconds": 60})),
            (samples(60, 0, 30, 15, 45), (5, {"seconds": 60})),
            (samples(0, 15, 30, 60), None),
            (samples(0, 15, 30, 45, 59), None),
            (samples(0, 15, 30, 45, 60, step=2e-6), None),
            (samples(0, 5, step=1e-4) + samples(10, 30, 40, 50, 70), (5, {"seconds": 60})),
        ],
        ids=["frozen", "in any order", "too few", "too short", "jitters", "freezes later"],
    )
    def test_shows_where_coordinates_stand_still_long_enough(self, given, expected):
        assert expected == found(make_visit(fix_samples=given)).get("frozen_fix")

    def test_reads_the_samples_of_the_check_out_too(self):
        visit = make_visit(fix_samples=samples(0, 30))
        position = {"lat": DOOR, "lon": 112.9769, "crs": "wgs84", "samples": samples(600, 630, 660)}
        left(visit, check_out={"position": position})

        assert (5, {"seconds": 660}) == found(visit)["frozen_fix"]


class TestRepeatedFix:
    def pair(self, *, apart_km: float = 0.6, after: float = 90, **fields: Any) -> list[Visit]:
        """Check in at two stores with the very same fix."""
        person = make_person()
        usual = {"person": person, "raw_lat": DOOR, "at": NOON + minutes(after)}
        there = make_store(lat=DOOR + apart_km * KM) if apart_km else make_store(lat=None)
        return [make_visit(make_store(), person), make_visit(there, **usual | fields)]

    def test_shows_on_the_later_check_in_at_another_store(self):
        first, again = self.pair()

        assert (1, {"visits": [str(first.id)]}) == found(again)["repeated_fix"]
        assert "repeated_fix" not in found(first)

    @pytest.mark.parametrize(
        "changes",
        [
            {"apart_km": 0.4},
            {"apart_km": 0},
            {"after": 25 * 60},
            {"raw_lat": DOOR + 3e-6},
            {"raw_lat": None},
        ],
        ids=["next door", "a store without a point", "another day", "jitter", "no fix"],
    )
    def test_does_not_show(self, changes):
        _, again = self.pair(**changes)

        assert "repeated_fix" not in found(again)

    def test_does_not_show_of_another_person(self):
        _, again = self.pair(person=make_person())

        assert "repeated_fix" not in found(again)


class TestMockFlag:
    @pytest.mark.parametrize(
        ("fields", "flags"),
        [
            ({"is_mock": True}, ["is_mock"]),
            ({"fix_facts": {"is_simulated": True}}, ["is_simulated"]),
            ({"fix_facts": {"trusted_level": 4}, "is_mock": True}, ["is_mock", "trusted_level"]),
        ],
    )
    def test_shows_what_the_platform_says(self, fields, flags):
        assert (len(flags), {"flags": flags}) == found(make_visit(**fields))["mock_flag"]

    @pytest.mark.parametrize(
        "fields", [{"is_mock": None}, {"is_mock": False}, {"fix_facts": {"trusted_level": 3}}]
    )
    def test_does_not_take_the_unknown_for_a_flag(self, fields):
        assert {} == found(make_visit(**fields))

    def test_shows_for_the_position_on_leaving(self):
        visit = make_visit()
        position = {"lat": DOOR, "lon": 112.9769, "crs": "wgs84", "is_mock": True}
        left(visit, check_out={"position": position})

        assert (1, {"flags": ["is_mock"]}) == found(visit)["mock_flag"]

    def test_of_an_accessory_is_only_a_note(self):
        visit = make_visit(fix_facts={"is_accessory": True})

        assert {"accessory_fix": (1, {})} == found(visit)
        assert 0 == VisitSignal.get().points


class TestImpossibleSpeed:
    def pair(self, apart_km: float, apart_minutes: float, **fields: Any) -> tuple[Visit, Visit]:
        person = make_person()
        first = make_visit(None, person, accuracy_m=10)
        there = DOOR + apart_km * KM
        return first, make_visit(
            make_store(lat=there, lon=112.9769),
            person,
            at=NOON + minutes(apart_minutes),
            **{"lat": there, "raw_lat": there, "accuracy_m": 10} | fields,
        )

    def test_shows_on_both_check_ins(self):
        first, second = self.pair(60, 20)

        value, evidence = found(second)["impossible_speed"]

        assert 150 < value < 190
        assert [str(first.id)] == evidence["visits"]
        assert 1200 == evidence["seconds"]
        assert [str(second.id)] == found(first)["impossible_speed"][1]["visits"]

    @pytest.mark.parametrize(
        ("km", "after", "fields"),
        [
            (60, 30, {}),
            (0.9, 0.01, {}),
            (60, 20, {"lat": None, "lon": None}),
            (60, 20, {"is_clock_suspect": True, "received_at": NOON + minutes(20)}),
            (60, 20, {"accuracy_m": 30_000}),
        ],
        ids=["fast train", "jitter", "no position", "no time", "inaccurate"],
    )
    def test_does_not_show(self, km, after, fields):
        _, second = self.pair(km, after, **fields)

        assert "impossible_speed" not in found(second)

    def test_counts_from_where_and_when_the_visit_before_was_left(self):
        first, second = self.pair(60, 60)
        position = {"lat": DOOR, "lon": 112.9769, "crs": "wgs84", "accuracy_m": 10}
        left(first, after=50, check_out={"position": position})

        assert 600 == found(second)["impossible_speed"][1]["seconds"]

    def test_shows_within_one_visit_that_was_left_elsewhere(self):
        visit = make_visit()
        position = {"lat": DOOR + 1, "lon": 112.9769, "crs": "wgs84"}
        left(visit, after=10, check_out={"position": position})

        assert [] == found(visit)["impossible_speed"][1]["visits"]


class TestSamePoint:
    def stores(self, count: int, apart_km: float) -> list[Visit]:
        person = make_person()
        return [
            make_visit(
                make_store(lat=DOOR + number * apart_km * KM, lon=112.9769),
                person,
                at=NOON + minutes(40 * number),
                lat=DOOR + number * 2e-5,
                lon=112.9769,
                raw_lat=DOOR + number * 2e-5,
            )
            for number in range(count)
        ]

    def test_shows_for_stores_far_apart_visited_from_one_point(self):
        first, *others = self.stores(3, 1.2)

        assert (3, {"visits": [str(v.id) for v in others]}) == found(first)[
            "same_point_many_stores"
        ]

    @pytest.mark.parametrize(("count", "apart_km"), [(2, 1.2), (4, 0.4)], ids=["two", "a mall"])
    def test_does_not_show(self, count, apart_km):
        assert "same_point_many_stores" not in found(self.stores(count, apart_km)[0])

    def test_needs_a_store_with_a_point(self):
        first, *_ = self.stores(3, 1.2)
        visit = make_visit(make_store(lat=None, lon=None), first.person, lat=DOOR, lon=112.9769)

        assert "same_point_many_stores" not in found(visit)


class TestShortVisit:
    @pytest.mark.parametrize(
        ("after", "paused_s", "columns", "expected"),
        [
            (2.9, None, {}, 174),
            (3, None, {}, None),
            (5, 200, {}, 100),
            (2, None, {"missing": [{"what": "photo"}]}, 120),
            (2, None, {"missing": [{"what": "answer"}]}, None),
            (2, None, {"missing": None, "lines_checked": None}, None),
            (2, None, {"lines_checked": 0}, None),
        ],
    )
    def test_shows_where_all_is_answered_in_no_time(self, after, paused_s, columns, expected):
        visit = make_visit(paused_s=paused_s)
        left(visit, after=after, **columns)

        assert expected == found(visit).get("short_visit", (None,))[0]


class TestUniformAnswers:
    SAME = [{"line": f"l{number}", "yes": True} for number in range(4)]

    def days_work(self, count: int, *odd: int, store=None, answers=None) -> list[Visit]:
        person, visits = make_person(), []
        for number in range(count):
            visit = make_visit(store or make_store(), person, at=NOON + minutes(40 * number))
            given = answers or self.SAME
            left(visit, answers=[*given[:-1], {"line": "l3", "yes": number not in odd}])
            visits.append(visit)
        scores.weigh([visit.id for visit in visits], at=NOON)
        return visits

    def flagged(self, visits: list[Visit]) -> list[int]:
        codes = {row.visit_id for row in VisitSignal.select() if row.code == "uniform_answers"}
        return [number for number, visit in enumerate(visits) if visit.id in codes]

    def test_shows_on_every_visit_of_the_row(self):
        visits = self.days_work(7, 0)

        assert [1, 2, 3, 4, 5, 6] == self.flagged(visits)

    @pytest.mark.parametrize(
        ("count", "odd"), [(4, ()), (9, (4,))], ids=["too few", "one in between differs"]
    )
    def test_does_not_show(self, count, odd):
        assert [] == self.flagged(self.days_work(count, *odd))

    def test_does_not_show_in_one_store_that_stays_as_it_is(self):
        assert [] == self.flagged(self.days_work(6, store=make_store()))

    def test_does_not_show_before_the_visit_is_complete(self):
        visits = self.days_work(5)
        Visit.update(status="reported").where(Visit.id == visits[2].id).execute()
        scores.weigh([visit.id for visit in visits], at=NOON)

        assert [] == self.flagged(visits)

    def test_does_not_show_for_a_line_or_two(self):
        assert [] == self.flagged(self.days_work(6, answers=self.SAME[-2:]))

    def test_looks_past_words_and_order(self):
        visits = self.days_work(5)
        other = make_visit(person=visits[0].person, at=NOON + minutes(400))
        left(other, answers=[row | {"note": "好"} for row in reversed(self.SAME)])

        assert 5 == found(other)["uniform_answers"][0]


class TestPhotos:
    def photo(self, visit: Visit, **fields: Any):
        usual = {"capture_source": "in_app_camera", "captured_at": NOON + minutes(5)}
        return make_photo(visit, str(fields).encode(), **usual | fields)

    def test_reused_from_another_visit_show_once_each(self):
        visit, others = make_visit(), [make_visit(), make_visit()]
        photo = self.photo(visit)
        for other in (*others, visit):
            make_photo_match(visit, photo_id=photo.id, earlier_visit_id=other.id)

        value, evidence = found(visit)["photo_reuse"]

        assert (1, [str(photo.id)]) == (value, evidence["photos"])
        assert sorted(str(other.id) for other in others) == evidence["visits"]

    @pytest.mark.parametrize("status", ["cleared", "fixed_scene"])
    def test_whose_likeness_was_cleared_do_not_show(self, status):
        visit = make_visit()
        make_photo_match(visit, status=status)

        assert "photo_reuse" not in found(visit)

    @pytest.mark.parametrize(
        ("reading", "evidence"),
        [
            ({}, None),
            ({"taken_at": NOON + minutes(34)}, None),
            ({"taken_at": NOON + minutes(36)}, {"minutes": 31, "metres": 0}),
            ({"lat": DOOR + 0.9 * KM, "lon": 112.9769}, None),
            ({"lat": DOOR + 2 * KM, "lon": 112.9769}, {"minutes": 0, "metres": 1977}),
        ],
    )
    def test_whose_exif_says_otherwise_show(self, reading, evidence):
        visit = make_visit()
        photo = self.photo(visit)
        make_photo_reading(photo, **reading)

        expected = evidence and (1, {"photos": [str(photo.id)]} | evidence)
        hit = found(visit).get("exif_mismatch")
        if hit:
            hit[1]["metres"] = round(hit[1]["metres"] / 10) * 10
            expected[1]["metres"] = round(expected[1]["metres"] / 10) * 10
        assert expected == hit

    @pytest.mark.parametrize(("depth", "shows"), [(0.2, True), (0.19, False), (None, False)])
    def test_of_a_screen_show(self, depth, shows):
        visit = make_visit()
        photo = self.photo(visit)
        make_photo_reading(photo, recapture_score=depth)

        expected = (1, {"photos": [str(photo.id)]}) if shows else None
        assert expected == found(visit).get("photo_of_photo")

    def test_from_an_album_show(self):
        visit = make_visit()
        photo = self.photo(visit, capture_source="album")
        self.photo(visit, capture_source="unknown", captured_at=None)

        assert {"album_upload": (1, {"photos": [str(photo.id)]})} == found(visit)

    @pytest.mark.parametrize(
        ("seconds", "expected"),
        [((0, 4, 9), (9, {"count": 3})), ((0, 4, 10), None), ((0, 4), None)],
    )
    def test_taken_all_at_once_show(self, seconds, expected):
        visit = make_visit()
        for second in seconds:
            self.photo(visit, captured_at=NOON + timedelta(seconds=second))

        assert expected == found(visit).get("times_spread")

    @pytest.mark.parametrize(
        ("taken", "is_outside"), [(-6, True), (-4, False), (34, False), (36, True)]
    )
    def test_taken_outside_the_visit_show(self, taken, is_outside):
        visit = make_visit()
        left(visit, after=30)
        self.photo(visit, captured_at=NOON + minutes(taken))

        assert is_outside == ("captured_outside" in found(visit))


class TestDevice:
    def test_of_two_people_shows_on_a_day(self):
        store = make_store()
        mine, other = make_visit(store, device_id="a"), make_visit(store, device_id="a")
        make_visit(store, device_id="a", at=NOON - timedelta(days=1))

        assert (2, {"visits": [str(other.id)]}) == found(mine)["device_shared"]

    def test_of_one_person_does_not(self):
        person = make_person()
        visits = [make_visit(person=person, device_id="a", at=NOON + minutes(n)) for n in (0, 90)]
        make_visit(device_id=None)

        assert "device_shared" not in found(visits[0])

    @pytest.mark.parametrize(
        ("fields", "value"),
        [
            ({"skew_s": -301.0}, (301, {})),
            ({"skew_s": 300.0, "is_clock_suspect": True}, None),
            ({"skew_s": None, "is_clock_suspect": True}, (None, {})),
            ({"skew_s": None}, None),
        ],
    )
    def test_with_a_wrong_clock_shows(self, fields, value):
        assert value == found(make_visit(**fields)).get("clock_drift")

    @pytest.mark.parametrize(("said", "shows"), [(True, True), (False, False), (None, False)])
    def test_that_is_rooted_shows(self, said, shows):
        assert shows == ("rooted" in found(make_visit(is_rooted=said)))
