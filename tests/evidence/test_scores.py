"""Scores: sums, bands, waivers, neighbours, and what weighing costs."""

from datetime import timedelta
from itertools import permutations

import pytest
from playhouse.test_utils import count_queries

from backend.evidence import rescoring, scores
from backend.evidence.models import PhotoMatch
from backend.evidence.signal_models import SignalConfig, VisitScore, VisitSignal
from backend.evidence.signals import Signal
from backend.fieldwork.models import Visit
from backend.platform import clock, consumers, jobs, ledger
from backend.platform.database import canonical, transaction
from backend.platform.models import Job, LedgerEntry
from tests.factories import (
    NOON,
    make_appeal,
    make_person,
    make_photo,
    make_photo_match,
    make_photo_reading,
    make_report,
    make_store,
    make_visit,
)

pytestmark = pytest.mark.usefixtures("storage")
KM = 1 / 111
DOOR = 28.1951


def weighed(visit: Visit) -> VisitScore:
    scores.weigh([visit.id], at=NOON)
    return VisitScore.get_by_id(visit.id)


def make_config(version: int = 1, **fields) -> SignalConfig:
    defaults = {
        "version": version,
        "from_at": NOON,
        "suspicious_from": 60,
        "reject_from": 90,
        "signals": {},
        "note": "",
        "published_by_id": 1,
        "published_at": NOON,
        "content_sha256": "0" * 64,
    }
    return SignalConfig.create(**defaults | fields)


def told(verb: str) -> list[LedgerEntry]:
    return list(LedgerEntry.select().where(LedgerEntry.verb == verb))


class TestScore:
    @pytest.mark.parametrize(
        ("fields", "score", "band"),
        [
            ({}, 0, "clear"),
            ({"is_rooted": True, "skew_s": 999.0}, 30, "clear"),
            ({"is_mock": True}, 60, "suspicious"),
            ({"is_mock": True, "is_rooted": True, "skew_s": 999.0}, 90, "reject_pending_review"),
        ],
    )
    def test_is_the_sum_of_points_in_a_band(self, fields, score, band):
        row = weighed(make_visit(**fields))

        assert (score, band, 0) == (row.score, row.band, row.config_version)

    def test_is_never_more_than_a_hundred(self):
        store = make_store()
        visit = make_visit(store, is_mock=True, is_rooted=True, skew_s=999.0, device_id="a")
        make_visit(store, device_id="a")

        assert 100 == weighed(visit).score

    def test_does_without_a_store(self):
        row = weighed(make_visit(store_id=None, is_mock=True))

        assert (60, None, None) == (row.score, row.store_id, row.region_id)

    @pytest.mark.parametrize("status", ["open", "reported", "cancelled", "unreported"])
    def test_is_not_taken_of_a_visit_that_is_not_complete(self, status):
        visit = make_visit(is_mock=True)
        weighed(visit)

        Visit.update(status=status).execute()
        scores.weigh([visit.id], at=NOON)

        assert (0, 0) == (VisitScore.select().count(), VisitSignal.select().count())
        assert 1 == len(told("visit.unscored"))

    def test_of_nobody_s_visit_is_nothing(self):
        visit = make_visit()
        Visit.delete().execute()

        assert set() == scores.weigh([visit.id], at=NOON)

    def test_leaves_waived_signals_out_but_shows_them(self):
        visit = make_visit(is_mock=True, is_rooted=True)
        make_appeal(visit, state="accepted", waived=["mock_flag"])
        make_appeal(visit, state="declined", waived=[])

        assert 20 == weighed(visit).score
        waived = {row.code: (row.points, row.is_waived) for row in VisitSignal.select()}
        assert {"mock_flag": (60, True), "rooted": (20, False)} == waived

    def test_taken_again_writes_nothing_and_tells_nothing(self):
        visit = make_visit(is_mock=True)
        first = weighed(visit)

        scores.weigh([visit.id], at=NOON + timedelta(days=1))

        assert first.scored_at == VisitScore.get().scored_at
        assert 1 == len(told("visit.scored"))

    def test_of_an_honest_visit_is_told_once(self):
        visit = make_visit()
        weighed(visit)
        scores.weigh([visit.id], at=NOON + timedelta(days=1))

        assert 1 == len(told("visit.scored"))


class TestConfiguration:
    def test_in_force_at_the_check_in_weighs_the_visit(self):
        signals = {"mock_flag": {"points": 10, "limits": {}}}
        make_config(1, from_at=NOON - timedelta(hours=1), signals=signals)
        make_config(2, from_at=NOON + timedelta(hours=1), suspicious_from=5)
        before, during, after = (
            weighed(make_visit(is_mock=True, at=NOON + timedelta(hours=hours)))
            for hours in (-2, 0, 2)
        )

        assert (60, 0) == (before.score, before.config_version)
        assert (10, "clear", 1) == (during.score, during.band, during.config_version)
        assert (60, "suspicious", 2) == (after.score, after.band, after.config_version)

    def test_sets_the_limits_of_rules(self):
        limits = {"seconds": 1000}
        make_config(signals={"clock_drift": {"points": 7, "limits": limits}})

        assert 0 == weighed(make_visit(skew_s=900.0)).score
        visit = make_visit(skew_s=1001.0)
        assert 7 == weighed(visit).score
        assert (1000, 1001) == (VisitSignal.get().threshold, VisitSignal.get().value)


class TestRoundedPoints:
    """What was found while they were exact stays; rounded ones say nothing."""

    def rounded(self, *visits: Visit) -> None:
        Visit.update(
            lat=28.2, lon=112.98, raw_lat=28.2, raw_lon=112.98, points_coarsened_at=NOON
        ).where(Visit.id.in_([visit.id for visit in visits])).execute()

    def test_keep_the_signals_that_were_found(self):
        first, second = TestNeighbours().pair()
        scores.weigh([first.id, second.id], at=NOON)
        before = VisitScore.get_by_id(second.id)
        self.rounded(first, second)

        scores.weigh([first.id, second.id], at=NOON + timedelta(days=100))

        assert (before.score, before.scored_at) == (40, VisitScore.get_by_id(second.id).scored_at)

    def test_still_let_an_appeal_be_accepted(self):
        first, second = TestNeighbours().pair(is_mock=True)
        scores.weigh([first.id, second.id], at=NOON)
        self.rounded(first, second)
        make_appeal(first, state="accepted", waived=["impossible_speed"])

        assert 60 == weighed(first).score

    def test_still_let_a_photo_be_cleared(self):
        visit = make_visit(is_mock=True)
        match = make_photo_match(visit)
        self.rounded(visit)
        before = weighed(visit)
        PhotoMatch.update(status="cleared").where(PhotoMatch.photo_id == match.photo_id).execute()

        assert (100, 60) == (before.score, weighed(visit).score)

    def test_accuse_nobody(self):
        person = make_person()
        visits = [
            make_visit(
                make_store(lat=DOOR + 2 * number * KM),
                person,
                at=NOON + timedelta(minutes=number),
            )
            for number in range(3)
        ]
        self.rounded(*visits[:2])
        scores.weigh([visit.id for visit in visits], at=NOON)

        assert 0 == VisitSignal.select().count()


def test_weighing_many_visits_takes_as_many_queries_as_one():
    person, store = make_person(), make_store()
    visits = []
    for number in range(8):
        visit = make_visit(
            store, person, at=NOON + timedelta(hours=number), device_id="a", is_mock=True
        )
        make_report(visit, document=canonical({"check_out": {"clock": {"device_at": NOON}}}))
        photo = make_photo(visit, bytes([number]))
        make_photo_reading(photo)
        visits.append(visit.id)

    with count_queries() as of_one:
        scores.weigh(visits[:1], at=NOON)
    with count_queries() as of_seven:
        scores.weigh(visits[1:], at=NOON)

    assert of_one.count == of_seven.count
    assert 15 <= of_one.count <= 16  # PostgreSQL also asks for its turn
    assert 8 == VisitScore.select().count()


class TestNeighbours:
    """Late visits complete what nobody could see before."""

    def pair(self, apart_km: float = 60, **fields):
        person = make_person()
        first = make_visit(None, person, accuracy_m=10, **fields)
        there = {"lat": DOOR + apart_km * KM, "raw_lat": DOOR + apart_km * KM, "accuracy_m": 10}
        at = NOON + timedelta(minutes=20)
        return first, make_visit(make_store(lat=there["lat"]), person, at=at, **there)

    def test_of_an_ordinary_day_are_left_alone(self):
        person = make_person()
        visits = [
            make_visit(
                make_store(lat=DOOR + number * KM),
                person,
                at=NOON + timedelta(hours=number),
                lat=DOOR + number * KM,
                raw_lat=DOOR + number * KM,
            )
            for number in range(3)
        ]

        assert [set()] * 3 == [scores.weigh([visit.id], at=NOON) for visit in visits]

    @pytest.mark.parametrize("order", [(0, 1), (1, 0)])
    def test_of_a_speed_are_named_when_they_were_weighed_before(self, order):
        visits = self.pair()
        first, late = (visits[number] for number in order)
        Visit.update(status="open").where(Visit.id == late.id).execute()
        scores.weigh([first.id], at=NOON)

        concerned = scores.weigh([late.id], at=NOON)  # a check-in alone is a place and a time

        assert {first.id} == concerned

    def test_lose_a_signal_by_a_visit_in_between(self):
        first, last = self.pair()
        scores.weigh([first.id, last.id], at=NOON)
        way = DOOR + 30 * KM
        between = make_visit(
            make_store(lat=way),
            first.person,
            at=NOON + timedelta(minutes=10),
            lat=way,
            raw_lat=way,
            accuracy_m=29_900,
        )

        concerned = scores.weigh([between.id], at=NOON)
        scores.weigh(concerned, at=NOON)

        assert {first.id, last.id} == concerned
        assert 0 == VisitSignal.select().count()

    def test_on_one_device_are_named_once(self):
        store = make_store()
        first, second, third = (make_visit(store, device_id="a") for _ in range(3))
        scores.weigh([first.id], at=NOON)
        Visit.update(device_id=None).where(Visit.id == first.id).execute()
        scores.weigh([first.id], at=NOON)
        Visit.update(device_id="a").execute()

        assert {first.id} == scores.weigh([second.id], at=NOON)
        scores.weigh([first.id], at=NOON)
        assert set() == scores.weigh([third.id], at=NOON)

    def test_that_repeat_an_earlier_fix_are_named(self):
        person = make_person()
        early = make_visit(make_store(), person)
        there = make_store(lat=DOOR + KM)
        later = make_visit(there, person, raw_lat=DOOR, at=NOON + timedelta(hours=1))
        Visit.update(raw_lat=1.0).where(Visit.id == early.id).execute()
        scores.weigh([later.id], at=NOON)
        Visit.update(raw_lat=DOOR).where(Visit.id == early.id).execute()

        assert {later.id} == scores.weigh([early.id], at=NOON)


def happened(verb: str, object_id, **facts) -> None:
    with transaction():
        ledger.append(None, verb, object_id, at=NOON, **facts)


def work() -> None:
    while ledger.seal() + consumers.advance(rescoring.CONSUMER):
        pass
    while sum(
        jobs.run_together(kind, handler, at=clock.now())
        for kind, handler in rescoring.BATCHES.items()
    ):
        pass


class TestFollowing:
    @pytest.mark.parametrize("order", list(permutations(["first", "second", "work"])))
    def test_finds_a_pair_whatever_came_first(self, order):
        visits = dict(zip(("first", "second"), TestNeighbours().pair(), strict=True))
        ids = {visit.id for visit in visits.values()}
        Visit.update(status="open").execute()
        for step in (*order, "work"):
            if step == "work":
                work()
                continue
            happened("visit.checked_in", visits[step].id)
            Visit.update(status="complete").where(Visit.id == visits[step].id).execute()
            happened("visit.completed", visits[step].id)

        assert ids == {row.visit_id for row in VisitSignal.select()}
        assert {str(Signal.IMPOSSIBLE_SPEED)} == {row.code for row in VisitSignal.select()}

    @pytest.mark.parametrize(
        ("verb", "kind"),
        [
            ("visit.completed", "score-visit"),
            ("visit.cancelled", "score-visit"),
            ("visit.paused", "score-visit-again"),
            ("visit.located", "score-visit-again"),
        ],
    )
    def test_owes_a_score_of_a_complete_visit(self, verb, kind):
        visit = make_visit()
        happened(verb, visit.id)
        ledger.seal()
        consumers.advance(rescoring.CONSUMER)

        assert [(kind, str(visit.id))] == [(job.kind, job.key) for job in Job.select()]

    @pytest.mark.parametrize("verb", ["photo.analysed", "photo_match.cleared"])
    def test_owes_one_for_what_is_found_of_a_photo(self, verb):
        visit, other = make_visit(), make_visit()
        happened(verb, "photo", visit=str(visit.id))
        happened(verb, "photo", visit=str(other.id))
        happened("visit.completed", visit.id)
        ledger.seal()
        consumers.advance(rescoring.CONSUMER)

        owed = {("score-visit", str(visit.id)), ("score-visit-again", str(other.id))}
        assert owed == {(job.kind, job.key) for job in Job.select()}

    def test_owes_no_second_one_while_the_first_waits(self):
        visit = make_visit()
        happened("visit.completed", visit.id)
        ledger.seal()
        consumers.advance(rescoring.CONSUMER)
        happened("visit.located", visit.id)
        ledger.seal()
        consumers.advance(rescoring.CONSUMER)

        assert ["score-visit"] == [job.kind for job in Job.select()]

    def test_owes_nothing_yet_for_what_touches_an_open_visit(self):
        happened("visit.paused", make_visit(status="open").id)
        ledger.seal()
        consumers.advance(rescoring.CONSUMER)

        assert 0 == Job.select().count()
