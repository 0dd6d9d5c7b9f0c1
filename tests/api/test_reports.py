"""Handing in a report: judged, held, quarantined, once."""

from uuid import uuid4

import pytest

from backend.fieldwork.models import PriceObservation, ProductLine, PromotionResult, Report, Visit
from backend.fieldwork.violation_models import Violation
from backend.platform import clock
from backend.platform.actors import Role
from backend.standards import checklists
from backend.standards.models import ChecklistTemplate
from tests.api.field import CITY, TEMPLATE
from tests.factories import (
    actor_of,
    make_must_rule,
    make_person,
    make_price,
    make_promotion,
    make_sku,
)
from tests.phone import Phone, announced, findings


class TestReport:
    def test_is_scored_against_the_standard_of_that_store_and_day(self, phone, store):
        visit_id = uuid4()
        hero, core, extra = make_sku(role="hero"), make_sku(role="core"), make_sku()
        make_must_rule(select_kind="role", select_value="hero")
        make_must_rule(select_kind="role", select_value="core")
        make_price(hero, amount_fen=200_000)
        make_price(core, amount_fen=100_000)
        promotion = make_promotion(skus=[hero], stores=[store], allowed_gift_fen=5_000)
        phone.check_in(store, visit_id)

        answer = phone.report(
            visit_id,
            template=TEMPLATE,
            answers=CITY,
            products=[
                {"sku_id": hero.id, "listed": True, "facings": 2, "stock": 0, "demo_stock": 1},
                {"sku_id": core.id, "listed": True, "stock": 4},
                {"sku_id": extra.id, "listed": False},
            ],
            prices=[
                {"sku_id": hero.id, "tag_fen": 190_000},
                {"sku_id": core.id, "tag_fen": 100_000, "discount_fen": 1},
                {"sku_id": core.id, "tag_fen": 110_000},
                {"sku_id": hero.id, "tag_fen": 200_000, "gift_fen": 6_000},
                {"sku_id": extra.id, "tag_fen": 1},
            ],
            promotions=[{"promotion_id": promotion.id, "executed": False, "units": 3}],
        )
        score = answer.json["score"]

        # Letters: C, D, F pass, E fails (2 each), A passes, B has none of its pair (1 each).
        assert 201 == answer.status_code
        assert 7 / 10 == pytest.approx(score["signage_score"])
        assert (3, 4) == (score["mandatory_pass"], score["mandatory_checked"])
        assert (2, 2) == (score["must_listed"], score["must_answered"])
        assert (1, 2) == (score["must_available"], score["must_stock_answered"])
        assert (1, 4) == (score["prices_compliant"], score["prices_checked"])
        assert (0, 1) == (score["promos_executed"], score["promos_checked"])
        assert {
            ("required_signage_missing", "letter:E"),
            ("out_of_stock", f"sku:{hero.id}"),
            ("direct_price_cut", f"sku:{hero.id}"),
            ("disguised_discount", f"sku:{core.id}"),
            ("excess_gift", f"sku:{hero.id}"),
            ("promo_not_executed", f"promotion:{promotion.id}"),
        } == {(case.kind, case.subject) for case in Violation.select()}
        found = [
            row.findings for row in PriceObservation.select().order_by(PriceObservation.number)
        ]
        assert ["overpricing"] in found
        assert "complete" == answer.json["status"]

    def test_names_required_lines_without_an_answer_and_keeps_the_report(self, phone, store):
        visit_id = uuid4()
        phone.check_in(store, visit_id)

        answer = phone.report(visit_id, template=TEMPLATE, answers=CITY[:2])

        assert 201 == answer.status_code
        assert ["D", "E", "F"] == answer.json["score"]["missing_required"]

    def test_uses_the_tiers_checklist_when_it_names_none(self, phone, store):
        visit_id = uuid4()
        phone.check_in(store, visit_id)

        answer = phone.report(visit_id, answers=CITY)

        assert 4 == answer.json["score"]["mandatory_checked"]

    def test_has_no_checklist_when_the_store_was_closed(self, phone, store):
        visit_id = uuid4()
        phone.check_in(store, visit_id)

        answer = phone.report(visit_id, outcome="store_closed")

        assert answer.json["score"]["signage_score"] is None
        assert "store_closed" == Visit.get().outcome

    def test_says_what_happened_when_the_list_has_no_word_for_it(self, phone, store):
        visit_id = uuid4()
        phone.check_in(store, visit_id)

        bare = phone.report(visit_id, outcome="other")
        said = phone.report(visit_id, outcome="other", outcome_reason="店内盘点")
        seen = phone.client.get(f"/v1/visits/{visit_id}").json

        assert (422, 201) == (bare.status_code, said.status_code)
        assert ["Say what happened."] == bare.json["errors"]["json"]["outcome_reason"]
        assert ("other", "店内盘点") == (seen["outcome"], seen["outcome_reason"])

    def test_is_recorded_once_and_refuses_other_content(self, phone, store):
        visit_id = uuid4()
        phone.check_in(store, visit_id)
        sku = make_sku()
        body = findings(answers=CITY, products=[{"sku_id": sku.id, "listed": True}])
        url = f"/v1/visits/{visit_id}/report"

        statuses = [phone.client.put(url, json=body).status_code for _ in range(3)]
        other = phone.client.put(url, json=body | {"outcome": "refused"})

        assert [201, 200, 200] == statuses
        assert 409 == other.status_code
        assert (1, 1) == (Report.select().count(), ProductLine.select().count())

    def test_refuses_another_persons_visit(self, client, phone, store):
        visit_id = uuid4()
        phone.check_in(store, visit_id)

        answer = Phone(client.as_(make_person())).report(visit_id)

        assert 409 == answer.status_code
        assert 0 == Report.select().count()

    @pytest.mark.parametrize(
        ("section", "rows"),
        [
            ("answers", [{"line": "x", "present": True}] * 2),
            ("products", [{"sku_id": 1}] * 2),
            ("promotions", [{"promotion_id": 1}] * 2),
        ],
    )
    def test_refuses_to_hear_two_answers_to_one_question(self, phone, store, section, rows):
        visit_id = uuid4()
        phone.check_in(store, visit_id)

        answer = phone.report(visit_id, **{section: rows})

        assert 422 == answer.status_code
        assert "urn:xundian:problem:contradictory-report" == answer.json["type"]
        assert "open" == phone.receipt(visit_id)["status"]

    def test_refuses_ten_thousand_lines_and_keeps_nothing_of_them(self, phone, store):
        visit_id = uuid4()
        phone.check_in(store, visit_id)
        products = [{"sku_id": n + 1, "listed": True} for n in range(10_000)]

        answer = phone.report(visit_id, products=products)

        assert 422 == answer.status_code
        assert ["Longer than maximum length 500."] == answer.json["errors"]["json"]["products"]
        assert 0 == Report.select().count()

    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            ({"template": {"code": "signage_city", "version": 9}}, "unknown-template"),
            ({"template": {"code": "signage_town", "version": 1}}, "wrong-template"),
            ({"products": [{"sku_id": 999_999, "listed": True}]}, "unknown-product"),
            ({"prices": [{"sku_id": 999_999, "tag_fen": 5}]}, "unknown-product"),
            ({"promotions": [{"promotion_id": 999_999}]}, "unknown-promotion"),
        ],
    )
    def test_quarantines_what_it_cannot_judge(self, phone, store, change, reason):
        visit_id = uuid4()
        phone.check_in(store, visit_id)

        answer = phone.report(visit_id, **change)

        assert 202 == answer.status_code
        assert reason == answer.json["quarantine_reason"]
        assert answer.json["report"]["received"]
        assert answer.json["score"] is None

    @pytest.mark.parametrize("shop", ["unknown", "known"])
    def test_answers_what_the_receipt_says(self, phone, store, shop):
        visit_id, photo_id = uuid4(), uuid4()
        if shop == "known":
            phone.check_in(store, visit_id)

        report = {"answers": CITY[:2], "photos": [announced(photo_id, b"picture")]}
        answer = phone.report(visit_id, template=TEMPLATE, **report).json

        receipt = phone.client.get(f"/v1/visits/{visit_id}/receipt").json
        assert receipt == answer | {
            "pauses": [],
            "amendments": [],
            "cancellation": {"received": False, "content_sha256": None},
        }
        assert list(receipt["score"] or ()) == list(answer["score"] or ())

    def test_takes_a_doubtful_document_as_well(self, phone, store):
        plain, doubtful = uuid4(), uuid4()
        phone.check_in(store, plain, minutes=60)
        phone.check_in(store, doubtful, minutes=20)

        reported = [
            phone.report(plain, minutes=40, outcome="store_closed"),
            phone.report(doubtful, minutes=10, outcome="other", outcome_reason="停电"),
        ]
        refused = phone.report(uuid4(), outcome="other")

        assert [201, 201] == [answer.status_code for answer in reported]
        assert reported[0].json.keys() == reported[1].json.keys()
        assert list(reported[0].headers.keys()) == list(reported[1].headers.keys())
        assert {"json": {"outcome_reason": ["Say what happened."]}} == refused.json["errors"]

    def test_quarantines_a_retired_checklist(self, phone, store):
        visit_id = uuid4()
        manager = actor_of(make_person(Role.MANAGER))
        template = ChecklistTemplate.get(code="signage_city", version=1)
        phone.check_in(store, visit_id)
        that_day = Visit.get().business_on
        checklists.retire(manager, template.id, retired_on=that_day, at=clock.now())

        answer = phone.report(visit_id, template=TEMPLATE, answers=CITY)

        assert "retired-template" == answer.json["quarantine_reason"]


def test_results_of_promotions_are_kept_as_reported(phone, store):
    visit_id, promotion = uuid4(), make_promotion()
    phone.check_in(store, visit_id)

    answer = phone.report(
        visit_id,
        promotions=[
            {"promotion_id": promotion.id, "executed": True, "units": 2, "gifts": 1, "cost_fen": 9}
        ],
    )
    row = PromotionResult.get()

    assert (True, 2, 1, 9) == (row.is_executed, row.units, row.gifts, row.cost_fen)
    assert (False, None) == (row.is_enrolled, row.material_ok)
    assert 0 == answer.json["score"]["promos_checked"]  # the store is not enrolled


def test_missing_material_of_a_promotion_is_a_violation(phone, store):
    visit_id, promotion, elsewhere = uuid4(), make_promotion(stores=[store]), make_promotion()
    phone.check_in(store, visit_id)
    checks = {"executed": True, "material_ok": False, "timing_ok": True, "area_ok": False}

    phone.report(
        visit_id,
        promotions=[
            {"promotion_id": promotion.id, **checks},
            {"promotion_id": elsewhere.id, **checks},
        ],
    )
    row = PromotionResult.get(PromotionResult.promotion == promotion)

    assert (True, False, True, False) == (
        row.is_enrolled,
        row.material_ok,
        row.timing_ok,
        row.area_ok,
    )
    assert [("promo_material_missing", f"promotion:{promotion.id}")] == [
        (case.kind, case.subject) for case in Violation.select()
    ]


def test_a_report_held_since_before_the_checks_of_promotions_is_judged(phone, store):
    visit_id, promotion = uuid4(), make_promotion(stores=[store])
    phone.report(visit_id, promotions=[{"promotion_id": promotion.id, "executed": True}])
    held = Report.get_by_id(visit_id)
    held.document = held.document.replace('"material_ok":null,', "")
    held.save()

    phone.check_in(store, visit_id)

    assert (True, None) == (PromotionResult.get().is_enrolled, PromotionResult.get().material_ok)
