"""Scores over HTTP: what a visit's person sees, what reviewers list, and what they decide."""

from datetime import timedelta
from uuid import uuid4

import orjson
import pytest
from playhouse.test_utils import assert_query_count

from backend.evidence.signal_models import VisitReview, VisitScore, VisitSignal
from backend.fieldwork.models import Visit
from backend.fieldwork.violation_models import Violation
from backend.insight.models import VisitFact
from backend.platform.actors import Role
from backend.platform.models import LedgerEntry
from backend.worker import run_until_idle
from tests.api.field import CITY, reason_of
from tests.client import Client
from tests.factories import (
    NOON,
    make_dealer,
    make_person,
    make_region,
    make_score,
    make_store,
    make_visit,
    the_region,
)

PROBLEM = "urn:xundian:problem:"


@pytest.fixture
def manager(client: Client) -> Client:
    return client.as_(make_person(Role.MANAGER))


def evidence_of(client: Client, visit_id) -> dict:
    answer = client.get(f"/v1/visits/{visit_id}/evidence")
    assert 200 == answer.status_code, answer.json
    return answer.json


def decide(client: Client, visit_id, verdict: str, version: int = 0):
    return client.put(
        f"/v1/visits/{visit_id}/evidence/decision",
        json={"verdict": verdict, "reason": "与店主核实"},
        headers={"If-Match": f'"{version}"'},
    )


def counted() -> int:
    """Return how many visits the figures count."""
    return VisitFact.select().count()


class TestVisit:
    def test_shows_its_person_the_score_with_words(self, phone, store):
        visit_id = uuid4()
        position = {"lat": store.lat, "lon": store.lon, "crs": "wgs84", "is_mock": True}
        samples = [
            {"lat": store.lat, "lon": store.lon, "at": (NOON + timedelta(seconds=s)).isoformat()}
            for s in range(0, 75, 15)
        ]
        phone.check_in(store, visit_id, position=position | {"samples": samples}, is_rooted=True)
        phone.report(visit_id)
        run_until_idle()

        shown = evidence_of(phone.client, visit_id)

        assert (100, "reject_pending_review", 0) == (
            shown["score"],
            shown["band"],
            shown["config_version"],
        )
        frozen, mock, rooted = shown["signals"]
        assert ["frozen_fix", "mock_flag", "rooted"] == [
            one["code"] for one in (frozen, mock, rooted)
        ]
        assert (5, 5, 35, False) == (
            frozen["value"],
            frozen["threshold"],
            frozen["points"],
            frozen["is_waived"],
        )
        assert {"seconds": 60} == frozen["evidence"]
        assert "at least 5 fixes over 60 s" in frozen["meaning_en"]
        assert "至少 5 个定位点在 60 秒以上" in frozen["meaning_zh"]
        assert ("模拟定位标志", "mock flag") == (mock["zh"], mock["en"])
        assert all(one[name] for one in shown["signals"] for name in ("advice_zh", "advice_en"))
        visit = Visit.get_by_id(visit_id)
        assert ("device-1", True, 5) == (visit.device_id, visit.is_rooted, len(visit.fix_samples))

    def test_still_counts_whatever_its_score_is(self, phone, store):
        visit_id = uuid4()
        position = {"lat": store.lat, "lon": store.lon, "crs": "wgs84", "is_mock": True}
        phone.check_in(store, visit_id, position=position, is_rooted=True)
        phone.report(visit_id, answers=CITY)
        run_until_idle()

        assert "suspicious" == VisitScore.get().band
        assert (None, "complete") == (reason_of(visit_id), Visit.get_by_id(visit_id).status)
        assert 1 == counted()

    def test_has_no_score_before_it_is_complete(self, phone, store):
        visit_id = uuid4()
        phone.check_in(store, visit_id)
        run_until_idle()

        shown = evidence_of(phone.client, visit_id)

        assert (None, None, [], 0) == tuple(
            shown[name] for name in ("score", "band", "signals", "version")
        )

    def test_of_another_is_not_found(self, client, manager):
        visit = make_visit(make_store(region=make_region()))
        hidden = client.as_(make_person()).get(f"/v1/visits/{visit.id}/evidence")
        unknown = manager.get(f"/v1/visits/{uuid4()}/evidence")

        assert (404, 404) == (hidden.status_code, unknown.status_code)
        assert hidden.json == unknown.json

    def test_names_other_visits_only_to_those_who_see_them(self, client, manager):
        mine, other = make_visit(), make_visit()
        make_score(mine, "device_shared")
        named = {"visits": [str(other.id)]}
        VisitSignal.update(evidence=named).execute()
        rep = client.as_(mine.person)

        seen = [evidence_of(who, mine.id)["signals"][0]["evidence"] for who in (rep, manager)]

        assert [{"visits": [], "hidden": 1}, named | {"hidden": 0}] == seen

    def test_is_shown_with_a_steady_number_of_queries(self, manager):
        visit = make_visit()
        make_score(visit, "device_shared", "photo_reuse", "mock_flag")
        VisitSignal.update(evidence={"visits": [str(visit.id)]}).execute()

        with assert_query_count(8):  # who, visit, score, signals, review, config, sight, appeals
            evidence_of(manager, visit.id)


class TestList:
    def test_shows_the_latest_day_and_the_worst_first(self, manager):
        store, person = make_store(), make_person(name="韩梅梅")
        old = make_visit(store, person, at=NOON - timedelta(days=1))
        mild, bad = make_visit(store, person), make_visit(store, person)
        make_score(old, "mock_flag", "rooted")
        make_score(mild)
        make_score(bad, "mock_flag")

        listed = manager.get("/v1/evidence").json

        assert [str(bad.id), str(mild.id), str(old.id)] == [row["visit_id"] for row in listed]
        assert {
            "visit_id": str(bad.id),
            "score": 60,
            "band": "suspicious",
            "signals": ["mock_flag"],
            "config_version": 0,
            "business_on": "2026-03-02",
            "person_id": person.id,
            "person_name": "韩梅梅",
            "store_id": store.id,
            "store_code": store.code,
            "store_name": store.name,
            "dealer_id": bad.dealer_id,
            "region_id": store.region_id,
            "decision": None,
        } == listed[0]

    def test_pages_with_a_steady_number_of_queries(self, manager):
        for _ in range(7):
            make_score(make_visit(), "mock_flag")

        with assert_query_count(3):  # who asks, how many, the page
            first = manager.get("/v1/evidence?page_size=5&band=suspicious&decision=open")
        second = manager.get("/v1/evidence?page_size=5&page=2")

        assert 7 == orjson.loads(first.headers["X-Pagination"])["total"]
        assert 7 == len({row["visit_id"] for row in first.json + second.json})

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("band=clear", "other"),
            ("band=suspicious", "one"),
            ("signal=mock_flag", "one"),
            ("signal=rooted", "other"),
            ("decision=rejected", "one"),
            ("decision=open", "other"),
            ("decision=believed", ""),
            ("region_id={below}", "one"),
            ("region_id={top}", "one other"),
            ("region_id=99999", ""),
            ("person_id={person}", "one"),
            ("dealer_id={dealer}", "one"),
            ("store_id={store}", "one"),
            ("from=2026-03-02", "one"),
            ("to=2026-03-02", "other"),
        ],
    )
    def test_filters(self, manager, query, expected):
        below = make_region(the_region())
        one = make_visit(make_store(make_dealer(region=below)))
        other = make_visit(at=NOON - timedelta(days=1))
        make_score(one, "mock_flag")
        make_score(other, "rooted")
        decide(manager, one.id, "rejected")
        names = {str(one.id): "one", str(other.id): "other"}
        wanted = query.format(
            below=below.id,
            top=the_region().id,
            person=one.person_id,
            dealer=one.dealer_id,
            store=one.store_id,
        )

        listed = manager.get(f"/v1/evidence?{wanted}").json

        assert expected == " ".join(names[row["visit_id"]] for row in listed)

    def test_ends_at_the_caller_s_regions(self, client):
        mine = make_visit(store_id=None, person=make_person())
        make_score(make_visit(make_store(region=make_region())), "mock_flag")
        make_score(mine, "mock_flag")

        listed = client.as_(make_person(Role.AUDITOR)).get("/v1/evidence").json

        assert [(str(mine.id), None)] == [(row["visit_id"], row["store_name"]) for row in listed]


class TestDecision:
    def visited(self, phone, store):
        visit_id = uuid4()
        phone.check_in(store, visit_id)
        phone.report(visit_id, answers=CITY)
        run_until_idle()
        return visit_id

    def open_cases(self):
        return Violation.select().where(Violation.resolved_at.is_null()).count()

    def test_to_reject_takes_a_visit_out_and_to_believe_puts_it_back(self, phone, manager, store):
        visit_id = self.visited(phone, store)
        before = (counted(), self.open_cases())

        rejected = decide(manager, visit_id, "rejected")
        run_until_idle()
        out = (counted(), self.open_cases(), reason_of(visit_id))
        believed = decide(manager, visit_id, "believed", version=1)
        run_until_idle()

        assert (200, 200) == (rejected.status_code, believed.status_code)
        assert (0, 0, "rejected-by-reviewer") == out
        assert before == (counted(), self.open_cases())
        assert (1, None) == (before[0], reason_of(visit_id))
        assert '"2"' == believed.headers["ETag"]
        assert ("believed", "与店主核实") == tuple(
            believed.json["review"][name] for name in ("verdict", "reason")
        )
        told = LedgerEntry.select().where(LedgerEntry.verb == "visit.reviewed")
        assert 2 == told.count()

    def test_is_shown_to_the_person_with_its_reason(self, phone, store, manager):
        visit_id = self.visited(phone, store)
        decide(manager, visit_id, "rejected")

        shown = evidence_of(phone.client, visit_id)

        assert ("rejected", "与店主核实", "李雷") == tuple(
            shown["review"][name] for name in ("verdict", "reason", "decided_by")
        )
        assert "rejected-by-reviewer" == shown["quarantine_reason"]

    def test_to_believe_what_nobody_rejected_only_says_so(self, manager):
        visit = make_visit()

        answer = decide(manager, visit.id, "believed")

        assert (200, None) == (answer.status_code, reason_of(visit.id))

    def test_outlives_an_amendment(self, phone, manager, store):
        visit_id = self.visited(phone, store)
        decide(manager, visit_id, "rejected")

        phone.amend(visit_id, uuid4(), products=[{"sku_id": 999_999, "listed": True}])
        run_until_idle()

        assert "rejected-by-reviewer" == reason_of(visit_id)
        assert 0 == counted()

    def test_is_not_undone_by_a_release(self, manager):
        visit = make_visit()
        decide(manager, visit.id, "rejected")

        answer = manager.post(f"/v1/quarantine/{visit.id}/release", json={"note": "放行"})

        assert (422, PROBLEM + "rejected-by-reviewer") == (answer.status_code, answer.json["type"])
        assert "rejected-by-reviewer" == reason_of(visit.id)

    def test_lets_the_next_visit_in_that_waited_for_this_one(self, manager):
        person, store = make_person(), make_store()
        first = make_visit(store, person, checked_out_at=NOON + timedelta(hours=2))
        second = make_visit(
            store, person, at=NOON + timedelta(hours=1), quarantine_reason="second-visit-open"
        )

        decide(manager, first.id, "rejected")
        freed = reason_of(second.id)
        decide(manager, first.id, "believed", version=1)

        assert (None, "second-visit-open") == (freed, reason_of(second.id))

    def test_is_not_taken_about_an_own_visit(self, client):
        boss = make_person(Role.SUPERVISOR)
        visit = make_visit(person=boss)

        answer = decide(client.as_(boss), visit.id, "believed")

        assert (422, PROBLEM + "own-visit") == (answer.status_code, answer.json["type"])
        assert 0 == VisitReview.select().count()

    @pytest.mark.parametrize(
        "fields",
        [{"status": "open"}, {"status": "cancelled"}, {"quarantine_reason": "unknown-product"}],
    )
    def test_waits_until_the_visit_is_there_and_judged(self, manager, fields):
        answer = decide(manager, make_visit(**fields).id, "rejected")

        assert (422, PROBLEM + "visit-set-aside") == (answer.status_code, answer.json["type"])

    @pytest.mark.parametrize("version", [0, 2])
    def test_on_a_version_that_is_not_the_current_one_is_refused(self, manager, version):
        visit = make_visit()
        decide(manager, visit.id, "rejected")

        answer = decide(manager, visit.id, "believed", version=version)

        assert (412, "rejected") == (answer.status_code, VisitReview.get().verdict)

    def test_on_a_version_before_any_was_made_is_refused(self, manager):
        assert 412 == decide(manager, make_visit().id, "believed", version=3).status_code

    def test_says_why(self, manager):
        answer = manager.put(
            f"/v1/visits/{make_visit().id}/evidence/decision",
            json={"verdict": "rejected", "reason": ""},
            headers={"If-Match": '"0"'},
        )

        assert (422, ["reason"]) == (answer.status_code, list(answer.json["errors"]["json"]))

    def test_about_a_visit_out_of_sight_is_not_found(self, manager):
        visit = make_visit(make_store(region=make_region()))

        assert 404 == decide(manager, visit.id, "rejected").status_code
