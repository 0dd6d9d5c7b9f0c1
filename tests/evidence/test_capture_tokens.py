"""Capture tokens: what they say, and what they say of photos."""

from datetime import timedelta
from uuid import uuid4

import pytest

from backend.evidence import capture_tokens, scores
from backend.evidence.signal_models import CaptureTokenUse, VisitSignal
from backend.fieldwork.models import Report, Visit
from backend.platform.actors import Actor, Role
from backend.platform.database import canonical
from tests.factories import NOON, make_person, make_photo, make_report, make_visit

pytestmark = pytest.mark.usefixtures("storage")


def actor(person_id: int = 1, device_id: str | None = "a") -> Actor:
    return Actor(id=person_id, role=Role.REP, region_path="/", device_id=device_id)


def with_photo(token: str | None = None, **fields) -> Visit:
    visit = make_visit(device_id="a", **fields)
    make_photo(visit, b"1", captured_at=visit.device_at)
    make_report(visit)
    say(visit, token)
    return visit


def say(visit: Visit, token: str | None) -> None:
    document = {"capture_token": token} if token else {}
    Report.update(document=canonical(document)).where(Report.visit_id == visit.id).execute()


def found(visit: Visit) -> tuple[str, float, dict] | None:
    scores.weigh([visit.id], at=NOON)
    row = VisitSignal.get_or_none(
        VisitSignal.visit_id == visit.id, VisitSignal.code.startswith("token")
    )
    return row and (row.code, row.points, row.evidence)


def test_says_whose_it_is_and_until_when():
    visit_id = uuid4()

    token = capture_tokens.read(capture_tokens.for_visit(actor(7), visit_id, at=NOON))

    assert (visit_id, 7, "a", NOON, NOON + timedelta(hours=72)) == token[1:]


@pytest.mark.parametrize("text", ["", "x", "é.é", "WzFd.WzFd"])
def test_of_somebody_else_s_making_is_none(text):
    assert capture_tokens.read(text) is None


def test_that_was_changed_is_none():
    token = capture_tokens.for_visit(actor(), uuid4(), at=NOON)

    assert capture_tokens.read(f"W{token[2:]}") is None


class TestPhotos:
    def test_need_none_where_there_are_no_photos(self):
        assert found(make_visit()) is None

    def test_without_one_cost_a_little(self):
        assert ("token_missing", 5, {"why": "none"}) == found(with_photo())

    def test_of_a_visit_with_its_own_say_nothing(self):
        visit = with_photo()
        person = actor(visit.person_id)
        say(visit, capture_tokens.for_visit(person, visit.id, at=NOON))

        assert found(visit) is None
        assert 0 == CaptureTokenUse.select().count()

    @pytest.mark.parametrize(
        ("issued", "expected"),
        [
            (timedelta(minutes=4), None),
            (timedelta(minutes=6), ("token_late", 0, {"why": "issued_afterwards"})),
            (timedelta(hours=-72), None),
            (timedelta(hours=-73), ("token_missing", 5, {"why": "expired"})),
        ],
    )
    def test_are_held_against_when_it_was_issued(self, issued, expected):
        visit = with_photo()
        person = actor(visit.person_id)
        say(visit, capture_tokens.for_visit(person, visit.id, at=NOON + issued))

        assert expected == found(visit)

    def test_are_timed_by_the_server_s_clock(self):
        visit = with_photo(skew_s=-3600.0, device_at=NOON - timedelta(hours=1))
        say(visit, capture_tokens.for_visit(actor(visit.person_id), visit.id, at=NOON))

        assert "clock_drift" == scored_codes(visit)

    @pytest.mark.parametrize("who", ["another person", "another device", "nobody"])
    def test_with_another_s_are_doubted(self, who):
        visit = with_photo()
        owner = {
            "another person": actor(visit.person_id + 1),
            "another device": actor(visit.person_id, "b"),
            "nobody": None,
        }[who]
        say(visit, capture_tokens.for_visit(owner, visit.id, at=NOON) if owner else "forged.no")

        why = "another_owner" if owner else "forged"
        assert ("token_misused", 15, {"why": why}) == found(visit)

    def test_with_that_of_another_visit_are_doubted(self):
        visit = with_photo()
        say(visit, capture_tokens.for_visit(actor(visit.person_id), uuid4(), at=NOON))

        expected = {"why": "another_visit", "visits": []}
        assert ("token_misused", 15, expected) == found(visit)


class TestFetchedAhead:
    def test_is_told_and_costs_nothing(self):
        visit = with_photo()
        (token,), _ = capture_tokens.ahead(actor(visit.person_id), 1, at=NOON)
        say(visit, token)

        assert ("token_late", 0, {"why": "fetched_ahead"}) == found(visit)
        assert ("token_late", 0, {"why": "fetched_ahead"}) == found(visit)

    def test_serves_one_visit(self):
        person = make_person()
        (token,), _ = capture_tokens.ahead(actor(person.id), 1, at=NOON)
        first, second = (with_photo(token, person=person) for _ in range(2))
        before = found(first)

        expected = {"why": "another_visit", "visits": [str(first.id)]}
        assert ("token_misused", 15, expected) == found(second)
        assert before == found(first)
        assert "token_late" == before[0]

    def test_serves_the_first_of_two_visits_weighed_together(self):
        person = make_person()
        (token,), _ = capture_tokens.ahead(actor(person.id), 1, at=NOON)
        first, second = sorted(
            (with_photo(token, person=person) for _ in range(2)), key=lambda visit: visit.id
        )
        scores.weigh([second.id, first.id], at=NOON)

        assert ("token_late", "token_misused") == (found(first)[0], found(second)[0])

    def test_covers_the_photos_that_were_announced_with_it(self):
        visit = with_photo()
        (token,), _ = capture_tokens.ahead(actor(visit.person_id), 1, at=NOON)
        say(visit, token)
        found(visit)
        make_photo(visit, b"2", captured_at=NOON)

        assert ("token_missing", 5, {"why": "other_photos"}) == found(visit)

    def test_are_told_apart(self):
        tokens, expires_at = capture_tokens.ahead(actor(), 20, at=NOON)

        assert 20 == len({capture_tokens.read(token).nonce for token in tokens})
        assert NOON + timedelta(hours=72) == expires_at


def scored_codes(visit: Visit) -> str:
    found(visit)
    return " ".join(
        row.code for row in VisitSignal.select().where(VisitSignal.visit_id == visit.id)
    )
