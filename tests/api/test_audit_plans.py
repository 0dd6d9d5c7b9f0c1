"""Audit plans over HTTP, what they draw, and what their samples say."""

from datetime import date
from uuid import UUID

import pytest
from playhouse.test_utils import assert_query_count

from backend import worker
from backend.evidence import queueing
from backend.evidence.audit_models import AuditPlan
from backend.evidence.models import LocationReading, PhotoAudit, PhotoMatch, PhotoReading
from backend.evidence.sampling import CONTROL, DEFAULT_WEIGHTS, number_of
from backend.fieldwork.models import Visit
from backend.platform import ledger
from backend.platform.actors import Role
from backend.platform.database import transaction
from backend.platform.models import LedgerEntry
from tests.api.desk import audit_of, claim, code_of, listed, read
from tests.client import Client
from tests.evidence.queue import make_queue
from tests.factories import (
    NOON,
    make_audit_plan,
    make_person,
    make_region,
    make_score,
    make_store,
    make_visit,
    the_region,
)

PLAN = {"valid_from": "2026-03-01", "share": 0.1, "control_share": 0.02, "second_share": 0.05}


@pytest.fixture
def manager(client: Client) -> Client:
    return client.as_(make_person(Role.MANAGER))


@pytest.fixture
def auditor(client: Client) -> Client:
    return client.as_(make_person(Role.AUDITOR))


def lay_down(client: Client, **changes):
    return client.post("/v1/audits/plans", json=PLAN | {"region_id": the_region().id} | changes)


def end(client: Client, plan: dict, valid_to: str | None, version: int = 1):
    headers = {"If-Match": f'"{version}"'}
    return client.patch(
        f"/v1/audits/plans/{plan['id']}", json={"valid_to": valid_to}, headers=headers
    )


class TestPlans:
    def test_get_a_seed_and_weights_of_their_own(self, manager):
        answer = lay_down(manager)

        assert (201, '"1"') == (answer.status_code, answer.headers["ETag"])
        plan = answer.json
        assert PLAN | {"valid_to": None, "version": 1} == {
            name: plan[name] for name in (*PLAN, "valid_to", "version")
        }
        assert 32 == len(plan["seed"])
        assert DEFAULT_WEIGHTS == plan["weights"]
        assert plan == manager.get(f"/v1/audits/plans/{plan['id']}").json
        assert [plan] == manager.get("/v1/audits/plans?on=2026-03-02").json
        assert [] == manager.get("/v1/audits/plans?on=2026-02-28").json
        assert LedgerEntry.get(LedgerEntry.verb == "audit_plan.made")

    def test_keep_a_seed_and_weights_they_are_given(self, manager):
        plan = lay_down(manager, seed="0123456789abcdef", weights={"repeat": 4, "score": 0}).json

        assert ("0123456789abcdef", {"repeat": 4.0, "score": 0.0}) == (
            plan["seed"],
            plan["weights"],
        )

    @pytest.mark.parametrize(
        ("changes", "status", "code"),
        [
            ({"share": 1.1}, 422, "invalid-fields"),
            ({"control_share": -0.1}, 422, "invalid-fields"),
            ({"second_share": None}, 422, "invalid-fields"),
            ({"weights": {"moon": 1}}, 422, "invalid-fields"),
            ({"weights": {"repeat": -1}}, 422, "invalid-fields"),
            ({"seed": "short"}, 422, "invalid-fields"),
            ({"valid_to": "2026-03-01"}, 422, "audit-plan-days"),
            ({"region_id": 99999}, 404, "not-found"),
        ],
    )
    def test_refuse_what_makes_no_sense(self, manager, changes, status, code):
        assert (status, code) == code_of(lay_down(manager, **changes))

    def test_follow_each_other_in_a_region_without_overlap(self, manager):
        now = lay_down(manager).json
        overlaps = lay_down(manager, valid_from="2026-06-01")
        ended = end(manager, now, "2026-06-01")
        follows = lay_down(manager, valid_from="2026-06-01")
        before = lay_down(manager, valid_from="2026-01-01", valid_to="2026-03-02")
        reopened = end(manager, now, None, version=2)

        assert [201, 200] == [follows.status_code, ended.status_code]
        assert [(409, "audit-plan-overlaps")] * 3 == [
            code_of(answer) for answer in (overlaps, before, reopened)
        ]
        assert ("2026-06-01", '"2"') == (ended.json["valid_to"], ended.headers["ETag"])
        assert LedgerEntry.get(LedgerEntry.verb == "audit_plan.ended")

    def test_end_after_they_begin_and_on_the_version_that_was_read(self, manager):
        plan = lay_down(manager).json

        early, stale = end(manager, plan, "2026-03-01"), end(manager, plan, "2026-04-01", version=3)

        assert (422, "audit-plan-days") == code_of(early)
        assert 412 == stale.status_code

    def test_are_seen_in_their_region_only(self, client, manager):
        plan = lay_down(manager).json
        elsewhere = client.as_(make_person(Role.MANAGER, region=make_region()))

        assert [] == elsewhere.get("/v1/audits/plans").json
        assert [404] * 4 == [
            elsewhere.get(f"/v1/audits/plans/{plan['id']}").status_code,
            elsewhere.get(f"/v1/audits/samples/{plan['id']}").status_code,
            elsewhere.get(f"/v1/audits/samples/{plan['id']}/photos").status_code,
            end(elsewhere, plan, "2026-06-01").status_code,
        ]

    def test_are_listed_with_a_steady_number_of_queries(self, manager):
        for _ in range(4):
            make_audit_plan(make_region(the_region()))

        with assert_query_count(3):  # who asks, how many, the page
            assert 3 == len(manager.get("/v1/audits/plans?page_size=3").json)
        assert [] == manager.get(f"/v1/audits/plans?region_id={the_region().id}").json


@pytest.mark.usefixtures("app")
class TestDraws:
    def test_leave_out_what_the_plan_does_not_draw(self, auditor):
        make_audit_plan(share=0.0)

        (photo,) = make_queue(1)

        assert [] == claim(auditor)
        assert "left_out" == listed(auditor, photo)["status"] == audit_of(photo).status
        assert 0.0 == audit_of(photo).probability

    def test_take_everything_once_where_there_is_no_plan(self):
        store = make_store()
        make_audit_plan(make_region(), share=0.0)
        (photo,) = make_queue(1, store)

        audit = audit_of(photo)

        assert ("pending", None, 1.0, False, None) == (
            audit.status,
            audit.plan_id,
            audit.probability,
            audit.wants_second,
            audit.risks,
        )

    def test_go_by_the_plan_of_the_nearest_region_above(self):
        below = make_region(make_region(the_region()))
        plans = [make_audit_plan(region) for region in (the_region(), _parent(below))]
        make_audit_plan(make_region(the_region()), share=0.0)

        (photo,) = make_queue(1, make_store(region=below))

        assert plans[1].id == audit_of(photo).plan_id

    def test_go_by_the_plan_of_the_visits_day(self):
        make_audit_plan(valid_to=date(2026, 3, 2), share=0.0)
        plan = make_audit_plan(valid_from=date(2026, 3, 2))
        make_audit_plan(make_region(), share=0.0)

        (photo,) = make_queue(1)

        assert plan.id == audit_of(photo).plan_id

    def test_weigh_where_it_was_and_who_took_it(self):
        make_audit_plan(share=0.01, weights=DEFAULT_WEIGHTS)
        newcomer, old_hand = make_person(), make_person()
        make_visit(person=old_hand, at=NOON.replace(year=2025))
        store = make_store()
        (new,) = make_queue(1, store, person=newcomer)
        (outside,) = make_queue(1, store, person=old_hand, outcome=None)
        LocationReading.create(
            visit_id=outside.visit_id, outcome="outside", flags=[], judged_at=NOON
        )
        queueing.queue(outside.visit_id, at=NOON)

        assert {"new_person": 1.0} == audit_of(new).risks
        assert {"outside": 1.0} == audit_of(outside).risks
        assert pytest.approx(0.03) == audit_of(new).probability
        assert pytest.approx(0.05) == audit_of(outside).probability

    @pytest.mark.parametrize(
        ("outcome", "expected"),
        [("inside", {}), ("uncertain", {"uncertain": 1.0}), ("outside", {"outside": 1.0})],
    )
    def test_weigh_the_place_of_the_check_in(self, outcome, expected):
        make_audit_plan()
        (photo,) = make_queue(1, person=_old_hand())
        LocationReading.create(visit_id=photo.visit_id, outcome=outcome, flags=[], judged_at=NOON)

        queueing.queue(photo.visit_id, at=NOON)

        assert expected == audit_of(photo).risks

    def test_weigh_how_much_of_a_persons_was_rejected_on_earlier_days(self, auditor):
        person = _old_hand()
        days = [NOON.replace(day=1, month=1), NOON.replace(day=1), NOON]
        earlier = [make_queue(2, person=person, at=at) for at in days]
        same_day, *_ = make_queue(1, person=person)
        for photo, verdict in zip(
            [*earlier[0], *earlier[1], same_day],
            ["approved", "rejected", "rejected", "approved", "rejected"],
            strict=True,
        ):
            read(auditor, photo, verdict)
        make_audit_plan()

        (photo,) = make_queue(1, person=person)

        assert {"rejections": 0.5} == audit_of(photo).risks

    def test_weigh_what_the_reading_and_the_score_say(self):
        make_audit_plan()
        dark, fine = make_queue(2, person=_old_hand())
        make_score(Visit.get_by_id(fine.visit_id), "mock_flag")
        for photo, is_flagged in ((dark, True), (fine, False)):
            measured = [{"code": "dark", "value": 9, "threshold": 40, "is_flagged": is_flagged}]
            PhotoReading.update(quality=measured).where(PhotoReading.photo_id == photo.id).execute()

        queueing.queue(fine.visit_id, at=NOON)

        assert {"quality": 1.0, "score": 0.6} == audit_of(dark).risks
        assert {"score": 0.6} == audit_of(fine).risks

    def test_are_made_again_when_the_visit_is_scored_or_repeats_are_found(self):
        make_audit_plan(share=1e-9, weights={"score": 1e10, "repeat": 1e10})
        worker.run_until_idle()
        scored, repeated, neither = (make_queue(1, person=_old_hand())[0] for _ in range(3))
        with transaction():
            make_score(Visit.get_by_id(scored.visit_id), "mock_flag")
            ledger.append(None, "visit.scored", scored.visit_id, at=NOON)
            _repeat(repeated, neither)
            ledger.append(
                None, "photo.analysed", repeated.id, at=NOON, visit=str(repeated.visit_id)
            )

        worker.run_until_idle()

        assert ["pending", "pending", "left_out"] == [
            audit_of(photo).status for photo in (scored, repeated, neither)
        ]

    def test_let_in_what_proves_risky_later_and_nothing_out(self):
        make_audit_plan(share=0.5, weights={"repeat": 9.0})
        photos = make_queue(20, person=_old_hand())
        left_out = [photo for photo in photos if audit_of(photo).status == "left_out"]
        assert 0 < len(left_out) < 20

        visit_id, again = photos[0].visit_id, left_out[0]
        _repeat(again, photos[0])
        assert 1 == queueing.queue(visit_id, at=NOON)
        PhotoMatch.delete().execute()
        assert 0 == queueing.queue(visit_id, at=NOON)

        audit = audit_of(again)
        assert ("pending", 1.0, {"repeat": 1.0}) == (audit.status, audit.probability, audit.risks)
        assert (
            len(left_out) - 1 == PhotoAudit.select().where(PhotoAudit.status == "left_out").count()
        )


def _parent(region):
    return type(region).get_by_id(region.parent_id)


def _repeat(photo, earlier):
    PhotoMatch.create(
        visit_id=photo.visit_id,
        photo_id=photo.id,
        earlier_visit_id=earlier.visit_id,
        earlier_photo_id=earlier.id,
        kind="exact",
        distance=0,
    )


def _old_hand():
    person = make_person()
    make_visit(person=person, at=NOON.replace(year=2025))
    return person


class TestSamples:
    def test_explain_what_was_drawn(self, manager):
        plan = make_audit_plan(share=0.2, control_share=0.1, second_share=0.5)
        photos = make_queue(60)

        sample = manager.get(f"/v1/audits/samples/{plan.id}").json

        audits = list(PhotoAudit.select())
        drawn = [audit for audit in audits if audit.status == "pending"]
        assert (60, len(drawn), plan.seed) == (
            sample["frame"],
            sample["drawn"],
            sample["plan"]["seed"],
        )
        assert pytest.approx(60 * 0.28) == sample["expected"]
        controls = [number_of(plan.seed, CONTROL, photo.id) < 0.1 for photo in photos]
        assert sum(controls) == sample["drawn_for_control"]
        assert sum(audit.wants_second for audit in audits) == sample["drawn_for_second"]
        nothing = {"judged": 0, "rejected": 0, "rejection_rate": None, "standard_error": None}
        assert nothing == sample["weighted"] == sample["control"]

    def test_tell_what_decided_each_draw(self, manager):
        plan = make_audit_plan(share=0.2, control_share=0.1)
        make_queue(30)

        with assert_query_count(4):  # who asks, the plan, the page, how many
            answer = manager.get(f"/v1/audits/samples/{plan.id}/photos?page_size=20")
        rest = manager.get(f"/v1/audits/samples/{plan.id}/photos?page_size=20&page=2").json

        photos = answer.json + rest
        assert 30 == len({photo["photo_id"] for photo in photos})
        for photo in photos:
            numbers = photo["numbers"]
            assert number_of(plan.seed, CONTROL, UUID(photo["photo_id"])) == numbers["control"]
            assert (numbers["control"] < 0.1) == photo["is_control"]
            assert (numbers["control"] < 0.1 or numbers["risk"] < 0.2) == photo["is_drawn"]

    def test_weigh_verdicts_by_how_likely_they_were_drawn(self, manager, auditor):
        plan = make_audit_plan()
        risky, plain, control, unread = make_queue(4)
        for photo, probability in ((risky, 1.0), (plain, 0.1), (control, 0.1)):
            PhotoAudit.update(probability=probability, is_control=photo is control).where(
                PhotoAudit.photo_id == photo.id
            ).execute()
        read(auditor, risky, "rejected")
        for photo in (plain, control):
            read(auditor, photo)

        sample = manager.get(f"/v1/audits/samples/{plan.id}").json

        assert (3, 1) == (sample["weighted"]["judged"], sample["weighted"]["rejected"])
        assert pytest.approx(1 / 21) == sample["weighted"]["rejection_rate"]
        # sqrt(180 * (1/21)²) / 21
        assert pytest.approx(180**0.5 / 441) == sample["weighted"]["standard_error"]
        assert {"judged": 1, "rejected": 0, "rejection_rate": 0.0, "standard_error": 0.0} == sample[
            "control"
        ]
        assert "pending" == audit_of(unread).status

    def test_are_about_some_days_and_what_counts(self, manager):
        plan = make_audit_plan()
        make_queue(2)
        make_queue(3, at=NOON.replace(day=5))

        def frame(query=""):
            return manager.get(f"/v1/audits/samples/{plan.id}?{query}").json["frame"]

        assert [5, 3, 2] == [frame(), frame("from=2026-03-03"), frame("to=2026-03-05")]
        Visit.update(status="cancelled").execute()
        assert 0 == frame()
        assert 1 == AuditPlan.select().count()
