"""Evaluations of promotions over HTTP."""

from uuid import uuid4

import pytest
from playhouse.test_utils import assert_query_count

from backend.fieldwork.promotion_models import PromotionEvaluation
from backend.platform.actors import Role
from backend.platform.models import LedgerEntry
from backend.standards.promotion_codes import EvaluationMethod
from schemas import evaluations as shapes_of
from tests.client import Client
from tests.factories import make_person, make_promotion, make_region, the_region

PROBLEM = "urn:xundian:problem:"
PLAN = {"plan": "a", "asked": 4, "accepted": 3}
PILOT = {
    "plan": "a",
    "division_code": "4301",
    "starts_on": "2026-03-01",
    "ends_on": "2026-03-05",
    "stores": 2,
    "units": 30,
}
ANSWER = {"rating": 5}
SPAN = {"units": 140, "days": 28}
INPUTS = {
    "opinion_test": {"plans": [PLAN, PLAN | {"plan": "b", "accepted": 1}]},
    "pilot_test": {"plans": [PILOT, PILOT | {"plan": "b", "units_before": 20}]},
    "consumer_dynamics": {"days": [{"day": "2026-03-01", "participants": 9, "units": 3}]},
    "consumer_opinion": {"answers": [ANSWER]},
    "before_after_comparison": {"before": SPAN, "during": SPAN, "cost_fen": 0},
    "participant_survey": {"answers": [{"opinion": 3}]},
}


def send(client: Client, promotion_id: int, evaluation_id=None, method="opinion_test", **changes):
    body = {"method": method, "evaluated_on": "2026-03-02", "inputs": INPUTS[method]}
    url = f"/v1/promotions/{promotion_id}/evaluations/{evaluation_id or uuid4()}"
    return client.put(url, json=body | changes)


@pytest.fixture
def phone(client: Client) -> Client:
    return client.as_(make_person())


class TestRecording:
    @pytest.mark.parametrize("method", INPUTS)
    def test_answers_what_each_method_makes_of_its_inputs(self, phone, method):
        answer = send(phone, make_promotion().id, method=method)

        assert (201, method) == (answer.status_code, answer.json["method"])
        assert answer.json["output"]
        assert answer.json == phone.get(answer.request.path).json

    def test_computes_the_output(self, phone):
        answer = send(phone, make_promotion().id)

        assert ("pre", ["a"]) == (answer.json["phase"], answer.json["output"]["most_accepted"])
        assert ["evaluation.recorded"] == [entry.verb for entry in LedgerEntry.select()]

    def test_is_safe_to_repeat_and_refuses_another_use_of_the_id(self, client: Client, phone):
        promotion, other, evaluation_id = make_promotion().id, make_promotion().id, uuid4()

        answers = [
            send(phone, promotion, evaluation_id),
            send(phone, promotion, evaluation_id),
            send(phone, promotion, evaluation_id, note="another"),
            send(phone, other, evaluation_id),
            send(client.as_(make_person()), promotion, evaluation_id),
        ]

        assert [201, 200, 409, 409, 409] == [answer.status_code for answer in answers]
        assert f"{PROBLEM}id-taken" == answers[2].json["type"]
        assert (1, 1) == (PromotionEvaluation.select().count(), LedgerEntry.select().count())

    @pytest.mark.parametrize(
        ("method", "inputs"),
        [
            ("opinion_test", {"plans": [PLAN]}),
            ("opinion_test", {"plans": [PLAN, PLAN | {"plan": "b", "asked": 0}]}),
            ("opinion_test", INPUTS["participant_survey"]),
            ("pilot_test", {"plans": [PILOT, PILOT | {"stores": 0}]}),
            ("consumer_dynamics", {"days": []}),
            ("consumer_opinion", {"answers": [{"rating": 6}]}),
            (
                "before_after_comparison",
                INPUTS["before_after_comparison"] | {"after": SPAN | {"days": 29}},
            ),
            ("participant_survey", {"answers": [{"opinion": 0}]}),
        ],
    )
    def test_refuses_inputs_the_method_cannot_use(self, phone, method, inputs):
        answer = send(phone, make_promotion().id, method=method, inputs=inputs)

        assert (422, f"{PROBLEM}invalid-fields") == (answer.status_code, answer.json["type"])
        assert ["inputs"] == list(answer.json["errors"]["json"])

    def test_refuses_contradictions_and_unknown_promotions(self, phone):
        twice = send(phone, make_promotion().id, inputs={"plans": [PLAN, PLAN]})

        assert (422, f"{PROBLEM}contradictory-evaluation") == (
            twice.status_code,
            twice.json["type"],
        )
        assert 404 == send(phone, 999).status_code

    def test_refuses_a_pilot_in_no_division(self, phone):
        plans = [PILOT, PILOT | {"plan": "b", "division_code": "9901"}]
        answer = send(phone, make_promotion().id, method="pilot_test", inputs={"plans": plans})

        assert (422, f"{PROBLEM}unknown-division") == (answer.status_code, answer.json["type"])


class TestReading:
    def test_lists_by_phase_and_method_newest_first(self, phone):
        promotion = make_promotion().id
        for day, method in enumerate(INPUTS, start=1):
            send(phone, promotion, method=method, evaluated_on=f"2026-03-0{day}")
        url = f"/v1/promotions/{promotion}/evaluations"

        def ask(query=""):
            return [each["method"] for each in phone.get(url + query).json]

        with assert_query_count(4):  # who asks, which promotion, how many, which
            assert list(reversed(INPUTS)) == ask()
        assert ["consumer_opinion", "consumer_dynamics"] == ask("?phase=during")
        assert ["pilot_test"] == ask("?method=pilot_test")
        assert 404 == phone.get("/v1/promotions/999/evaluations").status_code

    def test_shows_each_what_their_people_recorded(self, client: Client, phone):
        promotion = make_promotion().id
        path = send(phone, promotion).request.path
        here = make_region(the_region())
        readers = {
            "boss": client.as_(make_person(Role.MANAGER, region=the_region())),
            "neighbour": client.as_(make_person(Role.MANAGER, region=here)),
            "colleague": client.as_(make_person()),
        }

        seen = {
            name: (len(reader.get(path.rpartition("/")[0]).json), reader.get(path).status_code)
            for name, reader in readers.items()
        }

        assert {"boss": (1, 200), "neighbour": (0, 404), "colleague": (0, 404)} == seen


class TestDocumentation:
    def test_gives_the_inputs_of_each_method_a_shape(self, client: Client):
        shapes = client.get("/v1/openapi.json").json["components"]["schemas"]

        for name in ("RecordEvaluation", "Evaluation"):
            inputs = shapes[name]["properties"]["inputs"]
            named = [one["$ref"].rpartition("/")[2] for one in inputs["anyOf"]]
            by_method = shapes_of.INPUTS.values()
            assert [shape.__name__.removesuffix("Schema") for shape in by_method] == named
            assert all(f"{method}: " in inputs["description"] for method in EvaluationMethod)
        assert {"before", "during", "cost_fen"} == set(shapes["BeforeAfter"]["required"])
        assert "asked" in shapes["Opinion"]["properties"]
