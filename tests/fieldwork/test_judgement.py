"""What a store's checklist makes of a report, over HTTP."""

from datetime import timedelta
from uuid import uuid4

import orjson
import pytest

from backend.fieldwork.models import Report
from backend.fieldwork.violation_models import Violation
from backend.platform import clock
from backend.platform.actors import Role
from backend.standards import checklists
from backend.standards.models import ChecklistTemplate
from tests.client import Client
from tests.factories import actor_of, make_checklist, make_person, make_store
from tests.phone import Phone, announced
from tests.pictures import phone_jpeg

DOOR = {"min_count": 1, "album_allowed": False, "subject": "storefront"}
POSTERS = [
    {"code": "up", "kind": "count", "min_qty": 3},
    {
        "code": "state",
        "kind": "choice",
        "critical": True,
        "options": [{"code": "whole", "zh": "", "en": ""}, {"code": "torn", "zh": "", "en": ""}],
        "passing": ["whole"],
        "condition": {"line": "up", "operator": "is_not", "value": 0},
    },
    {"code": "first_notice", "required": False, "weight": 0, "photos": DOOR},
]


@pytest.fixture
def rep(app):  # noqa: ARG001  # needs the database
    return make_person()


@pytest.fixture
def phone(client: Client, rep):
    return Phone(client.as_(rep))


@pytest.fixture
def store(rep):
    return make_store(owner=rep, chain="苏宁")


@pytest.fixture
def report(client, phone, store):
    """Visit the store and return the score of a report."""

    def hand_in(*answers: dict, kind: str = "routine", **changes):
        visit_id, who = uuid4(), phone
        if kind == "supervisor_patrol":
            who = Phone(client.as_(make_person(Role.SUPERVISOR)))
        who.check_in(store, visit_id, kind=kind)
        answer = who.report(visit_id, answers=list(answers), **changes)
        assert 201 == answer.status_code, answer.json
        return answer.json["score"]

    return hand_in


def asked(score):
    """Return what a score says is missing."""
    return [(each["line"], each["what"], each["reason"]) for each in score["missing"]]


class TestAReportThatLacksSomething:
    def test_is_kept_and_told_exactly_what(self, report):
        make_checklist(POSTERS)

        score = report({"line": "up", "quantity": 3}, {"line": "first_notice", "yes": True})

        assert score["is_incomplete"]
        assert ["state"] == score["missing_required"]
        assert [
            ("state", "answer", "unanswered"),
            ("first_notice", "photo", "0 of 1 photos"),
        ] == asked(score)
        assert Report.get().is_incomplete

    def test_lacks_nothing_once_conditions_and_photos_are_met(self, report):
        make_checklist(POSTERS)
        door = announced(
            uuid4(), b"x", item="first_notice", subject="storefront", capture_source="in_app_camera"
        )

        score = report(
            {"line": "up", "quantity": 0}, {"line": "first_notice", "yes": True}, photos=[door]
        )

        assert (False, []) == (score["is_incomplete"], score["missing"])

    def test_completes_its_visit_all_the_same(self, phone, store):
        make_checklist(POSTERS)
        visit_id, photo_id, picture = uuid4(), uuid4(), phone_jpeg()
        phone.check_in(store, visit_id)

        phone.report(visit_id, photos=[announced(photo_id, picture)])
        phone.photo(visit_id, photo_id, picture)
        receipt = phone.receipt(visit_id)

        assert ("complete", True) == (receipt["status"], receipt["is_complete"])
        assert receipt["score"]["is_incomplete"]

    def test_is_judged_alike_when_it_came_before_the_check_in(self, phone, store):
        make_checklist(POSTERS)
        visit_id = uuid4()

        early = phone.report(visit_id, answers=[{"line": "up", "quantity": 1}])
        phone.check_in(store, visit_id)

        assert early.json["score"] is None
        score = phone.receipt(visit_id)["score"]
        assert [("state", "answer", "unanswered")] == asked(score)


class TestNewKindsOfAnswers:
    def test_are_judged(self, report):
        make_checklist(
            [
                {"code": "asked"},
                {"code": "light", "kind": "measure", "min_value": 200, "unit": "lx"},
                {"code": "seen", "kind": "choice", "options": POSTERS[1]["options"]},
                {"code": "word", "kind": "text"},
            ]
        )

        score = report(
            {"line": "asked", "yes": True},
            {"line": "light", "value": 150.5},
            {"line": "seen", "choices": ["torn"]},
            {"line": "word", "text": "王店长\n明天再来"},
        )

        assert (1, 2) == (score["mandatory_pass"], score["mandatory_checked"])
        lines = {line["code"]: (line["result"], line["lacking"]) for line in Report.get().lines}
        assert {
            "asked": ("pass", ""),
            "light": ("fail", "value 150.5, at least 200 lx"),
            "seen": ("pass", ""),
            "word": ("pass", ""),
        } == lines
        assert not score["is_incomplete"]

    def test_that_fail_a_critical_line_are_named_and_open_a_violation(self, report):
        make_checklist(POSTERS)

        score = report({"line": "up", "quantity": 3}, {"line": "state", "choice": "torn"})

        assert ["state"] == score["failed_critical"]
        assert ["letter:state"] == [case.subject for case in Violation.select()]

    @pytest.mark.parametrize(
        "answer",
        [
            {"line": "x", "yes": "maybe"},
            {"line": "x", "value": 2e9},
            {"line": "x", "choice": "x" * 41},
            {"line": "x", "choices": ["x"] * 51},
            {"line": "x", "choices": [None]},
            {"line": "x", "text": "x" * 2001},
        ],
    )
    def test_that_are_no_answers_are_refused(self, phone, answer):
        refused = phone.report(uuid4(), answers=[answer])

        assert 422 == refused.status_code
        assert 0 == Report.select().count()


class TestWhatFiguresTakeFromAReport:
    @pytest.mark.parametrize(
        ("expected", "answer"),
        [(True, {"yes": True}), (False, {"yes": False}), (None, {})],
    )
    def test_is_whether_our_brand_is_noticed_first_and_the_photos_asked_for(
        self, report, expected, answer
    ):
        make_checklist([{"code": "first_notice", "photos": DOOR}])

        report({"line": "first_notice", **answer})

        found = Report.get()
        assert (expected, 1, 0) == (
            found.first_notice,
            found.photo_slots,
            found.photo_slots_filled,
        )

    @pytest.mark.parametrize(
        ("expected", "said"),
        [
            (None, {}),
            (None, {"achieved": None}),
            (False, {"achieved": []}),
            (True, {"achieved": ["order", "training_given"]}),
        ],
    )
    def test_is_whether_anything_came_of_the_visit(self, report, expected, said):
        report(**said)

        found = Report.get()
        assert (expected, None) == (found.is_productive, found.first_notice)
        assert said.get("achieved") == orjson.loads(found.document).get("achieved")

    def test_is_no_word_that_nobody_knows(self, phone):
        assert 422 == phone.report(uuid4(), achieved=["sale"]).status_code


class TestTheChecklistOfAReport:
    def test_is_the_most_specific_one_for_the_store(self, report):
        make_checklist([{"code": "x"}])
        make_checklist([{"code": "y"}], scope_kind="chain", scope_value="苏宁")

        assert [("y", "answer", "unanswered")] == asked(report())

    def test_may_be_any_that_is_for_the_store_on_that_day(self, report):
        general = make_checklist([{"code": "x"}])
        make_checklist([{"code": "y"}], scope_kind="chain", scope_value="苏宁")

        score = report(template={"code": general.code, "version": 1})

        assert ["x"] == score["missing_required"]

    @pytest.mark.parametrize(
        ("fields", "reason"),
        [
            ({"scope_kind": "chain", "scope_value": "国美"}, "wrong-template"),
            ({"valid_from": clock.now().date() + timedelta(days=9)}, "wrong-template"),
            ({"published_at": None}, "unknown-template"),
        ],
    )
    def test_is_neither_one_for_others_nor_a_draft(self, phone, store, fields, reason):
        template = make_checklist([{"code": "x"}], **fields)
        visit_id = uuid4()
        phone.check_in(store, visit_id)

        answer = phone.report(visit_id, template={"code": template.code, "version": 1})

        assert reason == answer.json["quarantine_reason"]

    @pytest.mark.parametrize(
        ("kind", "is_incomplete"),
        [
            ("full_audit", True),
            ("routine", True),
            ("supervisor_patrol", True),
            ("training", None),
            ("promotion_check", None),
        ],
    )
    def test_is_expected_of_visits_that_look_at_the_store(self, report, kind, is_incomplete):
        make_checklist([{"code": "x"}])

        assert is_incomplete is report(kind=kind)["is_incomplete"]

    def test_counts_on_any_visit_that_answers_it(self, report):
        make_checklist([{"code": "x"}])

        assert 1 == report({"line": "x", "yes": True}, kind="training")["mandatory_pass"]

    def test_stays_what_it_was_when_the_next_version_takes_over(self, phone, store):
        yesterday = clock.now() - timedelta(days=1)
        checklists.install_manual(at=yesterday)
        manager = actor_of(make_person(Role.MANAGER))
        draft = ChecklistTemplate.get(code="signage_city", version=2)
        early, late = uuid4(), uuid4()
        phone.check_in(store, early, minutes=2 * 24 * 60)
        mat = {"line": "city_e_welcome_mat", "present": True}
        before = phone.report(early, answers=[mat], minutes=2 * 24 * 60 - 5).json["score"]

        checklists.publish(manager, draft.id, version=1, at=yesterday)
        phone.check_in(store, late, minutes=5)
        notice = {"line": "first_notice", "yes": True}
        after = phone.report(late, answers=[notice], minutes=1).json["score"]

        assert before["signage_score"] == 1
        assert [1, 2] == sorted(
            ChecklistTemplate.get_by_id(report.template_id).version for report in Report.select()
        )
        assert ("first_notice", "photo", "0 of 1 photos") in asked(after)
