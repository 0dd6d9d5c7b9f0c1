"""Who may call what: the whole table, and proof that the table is whole."""

import pytest
from flask import Flask

from backend.platform.actors import Role
from tests.client import Client
from tests.factories import make_person

REP, SUPERVISOR, MANAGER, AUDITOR, ADMIN, DEALER = Role
ANYBODY = set(Role)  # who may be known to the brand, and has rights of one's own
EVERYONE = ANYBODY - {DEALER}
FIELD = {REP, SUPERVISOR, ADMIN}
OFFICE = {SUPERVISOR, MANAGER, ADMIN}
MANAGERS = {MANAGER, ADMIN}
AUDITORS = {AUDITOR, ADMIN}
NOBODY_ASKED = None  # open to those who are not signed in
ACCESS = {
    "GET /v1/health": NOBODY_ASKED,
    "POST /v1/sessions": NOBODY_ASKED,
    "GET /v1/photo-links/{token}": NOBODY_ASKED,
    "GET /v1/me": ANYBODY,
    "GET /v1/sessions": ANYBODY,
    "DELETE /v1/sessions/{session_id}": ANYBODY,
    # Network
    "GET /v1/regions": EVERYONE,
    "POST /v1/regions": MANAGERS,
    "GET /v1/divisions": EVERYONE,
    "GET /v1/people": OFFICE,
    "POST /v1/people": MANAGERS,
    "GET /v1/people/{person_id}": OFFICE,
    "PATCH /v1/people/{person_id}": MANAGERS,
    "GET /v1/dealers": EVERYONE,
    "POST /v1/dealers": MANAGERS,
    "GET /v1/dealers/{dealer_id}": EVERYONE,
    "PATCH /v1/dealers/{dealer_id}": MANAGERS,
    "GET /v1/stores": EVERYONE,
    "POST /v1/stores": MANAGERS,
    "GET /v1/stores/{store_id}": EVERYONE,
    "PATCH /v1/stores/{store_id}": MANAGERS,
    "GET /v1/stores/{store_id}/dealers": EVERYONE,
    "PUT /v1/stores/{store_id}/dealers/{from_on}": MANAGERS,
    "GET /v1/stores/{store_id}/standard": EVERYONE,
    # Archive
    "GET /v1/stores/{store_id}/pipeline": EVERYONE,
    "POST /v1/stores/{store_id}/pipeline": MANAGERS,
    "GET /v1/stores/{store_id}/former-codes": EVERYONE,
    "GET /v1/dealers/{dealer_id}/former-codes": EVERYONE,
    "GET /v1/duplicates": MANAGERS,
    "PUT /v1/duplicates/{one_id}/{other_id}/verdict": MANAGERS,
    "DELETE /v1/duplicates/{one_id}/{other_id}/verdict": MANAGERS,
    "POST /v1/stores/{store_id}/unmerge": MANAGERS,
    "POST /v1/dealers/{dealer_id}/unmerge": MANAGERS,
    "POST /v1/stores/{store_id}/merge": MANAGERS,
    "POST /v1/dealers/{dealer_id}/merge": MANAGERS,
    "GET /v1/stores/{store_id}/archive": FIELD | OFFICE,
    "PATCH /v1/stores/{store_id}/archive": FIELD | OFFICE,
    "GET /v1/dealers/{dealer_id}/archive": FIELD | OFFICE,
    "PATCH /v1/dealers/{dealer_id}/archive": FIELD | OFFICE,
    "GET /v1/archive/incomplete": FIELD | OFFICE,
    "GET /v1/competitor-notes": FIELD | OFFICE,
    "PUT /v1/competitor-notes/{note_id}": FIELD | OFFICE,
    "GET /v1/custom-fields": FIELD | OFFICE,
    "POST /v1/custom-fields": MANAGERS,
    "PATCH /v1/custom-fields/{field_id}": MANAGERS,
    "GET /v1/contacts": FIELD | OFFICE,
    "GET /v1/contacts/{contact_id}": FIELD | OFFICE,
    "PUT /v1/contacts/{contact_id}": FIELD | OFFICE,
    "PATCH /v1/contacts/{contact_id}": FIELD | OFFICE,
    "DELETE /v1/contacts/{contact_id}": MANAGERS,
    "GET /v1/contacts/{contact_id}/consents": FIELD | OFFICE,
    "PUT /v1/contacts/{contact_id}/consents/{consent_id}": FIELD | OFFICE,
    "GET /v1/contact-entries": FIELD | OFFICE,
    "PUT /v1/contact-entries/{entry_id}": FIELD | OFFICE,
    "GET /v1/agreements": FIELD | OFFICE,
    "POST /v1/agreements": MANAGERS,
    "GET /v1/agreements/{agreement_id}": FIELD | OFFICE,
    "PATCH /v1/agreements/{agreement_id}": MANAGERS,
    # Standards
    "GET /v1/skus": EVERYONE,
    "POST /v1/skus": MANAGERS,
    "GET /v1/skus/{sku_id}": EVERYONE,
    "PATCH /v1/skus/{sku_id}": MANAGERS,
    "GET /v1/season-plans": EVERYONE,
    "POST /v1/season-plans": MANAGERS,
    "GET /v1/season-plans/{plan_id}": EVERYONE,
    "PATCH /v1/season-plans/{plan_id}": MANAGERS,
    "GET /v1/regions/{region_id}/sales-indexes": EVERYONE,
    "PUT /v1/regions/{region_id}/sales-indexes/{from_on}": MANAGERS,
    "GET /v1/price-band-fits": EVERYONE,
    "POST /v1/price-band-fits": MANAGERS,
    "POST /v1/price-band-fits/{fit_id}/end": MANAGERS,
    "GET /v1/counter-surveys": EVERYONE,
    "GET /v1/counter-surveys/{survey_id}": EVERYONE,
    "PUT /v1/counter-surveys/{survey_id}": FIELD | OFFICE,
    "GET /v1/checklists": EVERYONE,
    "POST /v1/checklists": MANAGERS,
    "GET /v1/checklists/{checklist_id}": EVERYONE,
    "PATCH /v1/checklists/{checklist_id}": MANAGERS,
    "DELETE /v1/checklists/{checklist_id}": MANAGERS,
    "POST /v1/checklists/{checklist_id}/versions": MANAGERS,
    "POST /v1/checklists/{checklist_id}/publication": MANAGERS,
    "POST /v1/checklists/{checklist_id}/retirement": MANAGERS,
    "GET /v1/assortment-rules": EVERYONE,
    "POST /v1/assortment-rules": MANAGERS,
    "POST /v1/assortment-rules/{rule_id}/end": MANAGERS,
    "GET /v1/prices": EVERYONE,
    "POST /v1/prices": MANAGERS,
    "POST /v1/prices/{price_id}/end": MANAGERS,
    "GET /v1/promotions": EVERYONE,
    "POST /v1/promotions": MANAGERS,
    "GET /v1/promotions/{promotion_id}": EVERYONE,
    "PATCH /v1/promotions/{promotion_id}": MANAGERS,
    "POST /v1/promotions/{promotion_id}/stop": MANAGERS,
    "GET /v1/promotions/{promotion_id}/stores": EVERYONE,
    "PUT /v1/promotions/{promotion_id}/stores/{store_id}": MANAGERS,
    "DELETE /v1/promotions/{promotion_id}/stores/{store_id}": MANAGERS,
    "GET /v1/calendar": EVERYONE,
    "PUT /v1/calendar/{day}/regions/{region_id}": MANAGERS,
    "DELETE /v1/calendar/{day}/regions/{region_id}": MANAGERS,
    "GET /v1/call-frequencies": EVERYONE,
    "GET /v1/call-frequencies/{tier}/{grade}": EVERYONE,
    "PUT /v1/call-frequencies/{tier}/{grade}": MANAGERS,
    # Fieldwork
    "GET /v1/plans": FIELD | OFFICE,
    "GET /v1/plans/{plan_id}": FIELD | OFFICE,
    "PUT /v1/plans/{plan_id}": OFFICE,
    "POST /v1/plans/{plan_id}/cancellation": OFFICE,
    "PUT /v1/plans/{plan_id}/miss": FIELD | OFFICE,
    "POST /v1/plans/{plan_id}/excuse": OFFICE,
    "PUT /v1/plans/{plan_id}/successors/{successor_id}": FIELD | OFFICE,
    "POST /v1/journeys": OFFICE,
    "GET /v1/journeys/week": FIELD | OFFICE,
    "GET /v1/stores/{store_id}/visit-rule": FIELD | OFFICE,
    "PUT /v1/stores/{store_id}/visit-rule": OFFICE,
    "GET /v1/substitutions": FIELD | OFFICE,
    "GET /v1/substitutions/{substitution_id}": FIELD | OFFICE,
    "PUT /v1/substitutions/{substitution_id}": OFFICE,
    "POST /v1/substitutions/{substitution_id}/end": OFFICE,
    "GET /v1/routes": FIELD | OFFICE,
    "GET /v1/unplanned-visits": EVERYONE,
    "PUT /v1/visits/{visit_id}/unplanned-reason": FIELD,
    "GET /v1/brief": FIELD | OFFICE,
    "GET /v1/stores/{store_id}/brief": FIELD | OFFICE,
    "GET /v1/visits": EVERYONE,
    "GET /v1/visits/{visit_id}": EVERYONE,
    "PUT /v1/visits/{visit_id}": FIELD,
    "PUT /v1/visits/{visit_id}/report": FIELD,
    "PUT /v1/visits/{visit_id}/pauses/{pause_id}": FIELD,
    "PUT /v1/visits/{visit_id}/cancellation": FIELD,
    "PUT /v1/visits/{visit_id}/amendments/{amendment_id}": FIELD,
    "GET /v1/visits/{visit_id}/revisions": EVERYONE,
    "GET /v1/visits/{visit_id}/receipt": EVERYONE,
    "PUT /v1/visits/{visit_id}/photos/{photo_id}": FIELD,
    "OPTIONS /v1/uploads": NOBODY_ASKED,
    "POST /v1/uploads": FIELD,
    "OPTIONS /v1/uploads/{upload_id}": NOBODY_ASKED,
    "HEAD /v1/uploads/{upload_id}": FIELD,
    "PATCH /v1/uploads/{upload_id}": FIELD,
    "DELETE /v1/uploads/{upload_id}": FIELD,
    "POST /v1/receipts": EVERYONE,
    "POST /v1/batches": FIELD,
    "GET /v1/quarantine": OFFICE,
    "POST /v1/quarantine/{visit_id}/release": OFFICE,
    "GET /v1/quarantine/photos": OFFICE,
    "GET /v1/quarantine/reports": OFFICE,
    "POST /v1/visits/{visit_id}/photos/{photo_id}/release": OFFICE,
    "GET /v1/violations": EVERYONE,
    "GET /v1/violations/{violation_id}": EVERYONE,
    "PUT /v1/violations/{violation_id}": FIELD | OFFICE,
    "POST /v1/violations/{violation_id}/resolution": OFFICE,
    # Stock
    "GET /v1/stores/{store_id}/stock": EVERYONE,
    "PUT /v1/stock-counts/{count_id}": FIELD | OFFICE,
    "GET /v1/stock/flags": EVERYONE,
    "GET /v1/tasks": FIELD | OFFICE,
    "GET /v1/tasks/{task_id}": FIELD | OFFICE,
    "PUT /v1/tasks/{task_id}": OFFICE,
    "GET /v1/tasks/{task_id}/events": FIELD | OFFICE,
    "POST /v1/tasks/{task_id}/assignment": OFFICE,
    "POST /v1/tasks/{task_id}/start": FIELD,
    "POST /v1/tasks/{task_id}/submission": FIELD,
    "POST /v1/tasks/{task_id}/rejection": OFFICE,
    "POST /v1/tasks/{task_id}/closure": OFFICE,
    "POST /v1/tasks/{task_id}/write-off": OFFICE,
    "POST /v1/tasks/{task_id}/reopening": OFFICE,
    "GET /v1/sales/{feed}": OFFICE,
    "POST /v1/sales/{feed}": OFFICE,
    "POST /v1/sales/{feed}/imports": OFFICE,
    "GET /v1/imports": OFFICE,
    "GET /v1/imei-sightings": FIELD | OFFICE,
    "PUT /v1/imei-sightings/{sighting_id}": FIELD | OFFICE,
    "GET /v1/cross-area-sales": FIELD | OFFICE,
    "GET /v1/price-cases": OFFICE | AUDITORS,
    "GET /v1/price-cases/{case_id}": OFFICE | AUDITORS,
    "POST /v1/price-cases/{case_id}/reply-request": OFFICE,
    "PUT /v1/price-cases/{case_id}/reply": OFFICE,
    "POST /v1/price-cases/{case_id}/closing": OFFICE,
    "POST /v1/price-cases/{case_id}/reopening": OFFICE,
    "GET /v1/price-cases/{case_id}/evidence.zip": OFFICE | AUDITORS,
    "GET /v1/promotions/{promotion_id}/results": EVERYONE,
    "GET /v1/promotions/{promotion_id}/results/stores": EVERYONE,
    "GET /v1/promotions/{promotion_id}/results/days": EVERYONE,
    "GET /v1/promotions/{promotion_id}/results/{store_id}/{day}": EVERYONE,
    "PUT /v1/promotions/{promotion_id}/results/{store_id}/{day}": OFFICE,
    "GET /v1/promotions/{promotion_id}/evaluations": FIELD | OFFICE,
    "GET /v1/promotions/{promotion_id}/evaluations/{evaluation_id}": FIELD | OFFICE,
    "PUT /v1/promotions/{promotion_id}/evaluations/{evaluation_id}": FIELD | OFFICE,
    "GET /v1/launches": EVERYONE,
    "POST /v1/launches": MANAGERS,
    "GET /v1/launches/{launch_id}": EVERYONE,
    "PATCH /v1/launches/{launch_id}": MANAGERS,
    "GET /v1/launches/{launch_id}/stores": EVERYONE,
    "GET /v1/launches/{launch_id}/evidence": EVERYONE,
    "PUT /v1/launches/{launch_id}/evidence/{evidence_id}": FIELD,
    "GET /v1/claims": FIELD | OFFICE | AUDITORS,
    "GET /v1/claims/{claim_id}": FIELD | OFFICE | AUDITORS,
    "PUT /v1/claims/{claim_id}": FIELD | OFFICE,
    "POST /v1/claims/{claim_id}/review": MANAGERS,
    "POST /v1/claims/{claim_id}/decision": MANAGERS,
    "POST /v1/claims/{claim_id}/settlement": MANAGERS,
    # Fixtures
    "GET /v1/fixtures": EVERYONE,
    "POST /v1/fixtures": OFFICE,
    "GET /v1/fixtures/recalls": EVERYONE,
    "GET /v1/fixtures/{fixture_id}": EVERYONE,
    "PATCH /v1/fixtures/{fixture_id}": OFFICE,
    "GET /v1/fixtures/{fixture_id}/events": EVERYONE,
    "POST /v1/fixtures/{fixture_id}/handover": OFFICE,
    "POST /v1/fixtures/{fixture_id}/move": OFFICE,
    "POST /v1/fixtures/{fixture_id}/recall": OFFICE,
    "POST /v1/fixtures/{fixture_id}/return": OFFICE,
    "POST /v1/fixtures/{fixture_id}/write-off": OFFICE,
    "GET /v1/fixture-inspections": EVERYONE,
    "PUT /v1/fixture-inspections/{inspection_id}": FIELD | OFFICE,
    "GET /v1/complaints": FIELD | OFFICE,
    "GET /v1/complaints/table": FIELD | OFFICE,
    "GET /v1/complaints/{complaint_id}": FIELD | OFFICE,
    "PUT /v1/complaints/{complaint_id}": FIELD | OFFICE,
    "GET /v1/complaints/{complaint_id}/steps": FIELD | OFFICE,
    "PUT /v1/complaints/{complaint_id}/steps/{step}": OFFICE,
    "POST /v1/complaints/{complaint_id}/waiting": OFFICE,
    "POST /v1/complaints/{complaint_id}/resumption": OFFICE,
    "GET /v1/feedback-cards": FIELD | OFFICE,
    "GET /v1/feedback-cards/satisfaction": FIELD | OFFICE,
    "GET /v1/feedback-cards/{card_id}": FIELD | OFFICE,
    "PUT /v1/feedback-cards/{card_id}": FIELD | OFFICE,
    "GET /v1/places/suspected-datums": OFFICE,
    "GET /v1/places/suggested-points": OFFICE,
    "POST /v1/places/suggested-points/{store_id}/adoption": OFFICE,
    "GET /v1/point-corrections": FIELD | OFFICE,
    "GET /v1/point-corrections/{correction_id}": FIELD | OFFICE,
    "PUT /v1/point-corrections/{correction_id}": FIELD,
    "POST /v1/point-corrections/{correction_id}/approval": OFFICE,
    "POST /v1/point-corrections/{correction_id}/rejection": OFFICE,
    "GET /v1/push-assessments": FIELD | OFFICE,
    "GET /v1/push-assessments/{assessment_id}": FIELD | OFFICE,
    "PUT /v1/push-assessments/{assessment_id}": FIELD,
    # Evidence
    "GET /v1/visits/{visit_id}/places": EVERYONE,
    "GET /v1/visits/{visit_id}/photos/{photo_id}/reading": EVERYONE,
    "GET /v1/visits/{visit_id}/photos/{photo_id}/advice": EVERYONE,
    "GET /v1/visits/{visit_id}/photos/{photo_id}/files/{variant}": EVERYONE,
    "PUT /v1/visits/{visit_id}/photos/{photo_id}/verdict": AUDITORS,
    "GET /v1/photos/{photo_id}/custody": EVERYONE,
    "GET /v1/photo-matches": AUDITORS,
    "PUT /v1/visits/{visit_id}/photos/{photo_id}/matches/{earlier_visit_id}/{earlier_photo_id}": (
        AUDITORS
    ),
    "GET /v1/visits/{visit_id}/evidence": EVERYONE,
    "PUT /v1/visits/{visit_id}/evidence/decision": OFFICE | AUDITORS,
    "GET /v1/evidence": OFFICE | AUDITORS,
    "GET /v1/appeals": EVERYONE,
    "PUT /v1/visits/{visit_id}/appeals/{appeal_id}": FIELD,
    "GET /v1/visits/{visit_id}/appeals/{appeal_id}": EVERYONE,
    "POST /v1/visits/{visit_id}/appeals/{appeal_id}/answer": OFFICE | AUDITORS,
    "GET /v1/signal-configs": EVERYONE,
    "GET /v1/signal-configs/current": EVERYONE,
    "GET /v1/signal-configs/{version}": EVERYONE,
    "PUT /v1/signal-configs/{version}": {ADMIN},
    "POST /v1/capture-tokens": FIELD,
    "GET /v1/audits": AUDITORS,
    "POST /v1/audits/claims": AUDITORS,
    "DELETE /v1/audits/claims/{visit_id}/{photo_id}": AUDITORS,
    "DELETE /v1/visits/{visit_id}/photos/{photo_id}/verdict": AUDITORS,
    "POST /v1/audits/verdicts": AUDITORS,
    "GET /v1/audits/disputes": MANAGERS,
    "PUT /v1/visits/{visit_id}/photos/{photo_id}/arbitration": MANAGERS,
    "DELETE /v1/visits/{visit_id}/photos/{photo_id}/arbitration": MANAGERS,
    "GET /v1/audits/plans": MANAGERS,
    "POST /v1/audits/plans": MANAGERS,
    "GET /v1/audits/plans/{plan_id}": MANAGERS,
    "PATCH /v1/audits/plans/{plan_id}": MANAGERS,
    "GET /v1/audits/samples/{plan_id}": MANAGERS,
    "GET /v1/audits/samples/{plan_id}/photos": MANAGERS,
    "GET /v1/audits/agreement": MANAGERS,
    "GET /v1/audits/throughput": MANAGERS,
    # Privacy
    "GET /v1/privacy/notices": ANYBODY,
    "POST /v1/privacy/notices": {ADMIN},
    "GET /v1/privacy/notices/{notice_id}": ANYBODY,
    "GET /v1/privacy/answers": ANYBODY,
    "PUT /v1/privacy/answers/{answer_id}": ANYBODY,
    "GET /v1/privacy/outstanding": OFFICE,
    "GET /v1/me/data-exports": ANYBODY,
    "POST /v1/me/data-exports": ANYBODY,
    "GET /v1/me/data-exports/{export_id}.zip": ANYBODY,
    "POST /v1/people/{person_id}/erasure": {ADMIN},
    "GET /v1/retention/runs": {ADMIN},
    "POST /v1/retention/runs": {ADMIN},
    "GET /v1/retention/runs/{run_id}": {ADMIN},
    # Insight
    "GET /v1/dealers/summaries": OFFICE,
    "GET /v1/promotions/{promotion_id}/uplift": OFFICE,
    "GET /v1/insight/promotions": OFFICE,
    "GET /v1/insight/satisfaction": OFFICE,
    "GET /v1/insight/kpis": OFFICE,
    "GET /v1/insight/figures": OFFICE,
    "GET /v1/insight/league": FIELD | OFFICE,
    "GET /v1/insight/key-stores": OFFICE,
    "GET /v1/insight/store-deciles": OFFICE,
    "GET /v1/insight/store-rfv": OFFICE,
    "GET /v1/insight/series": OFFICE,
    "GET /v1/kpi-targets": OFFICE,
    "GET /v1/kpi-targets/{kpi}/{tier}/{valid_from}": OFFICE,
    "PUT /v1/kpi-targets/{kpi}/{tier}/{valid_from}": MANAGERS,
    "POST /v1/kpi-targets/{kpi}/{tier}/{valid_from}/end": MANAGERS,
    "GET /v1/insight/figures/{kpi}/rows": OFFICE,
    "GET /v1/insight/figures/{kpi}/rows.csv": OFFICE,
    "GET /v1/insight/key-customers": OFFICE,
    "GET /v1/insight/deciles": OFFICE,
    "GET /v1/insight/rfv": OFFICE,
    "GET /v1/insight/cube": OFFICE,
    "GET /v1/insight/cube.csv": OFFICE,
    "GET /v1/dealers/{dealer_id}/summary": OFFICE,
    "GET /v1/dealers/{dealer_id}/summary/versions": OFFICE,
    "GET /v1/dealers/{dealer_id}/summary/versions/{version}": OFFICE,
    "GET /v1/dealers/{dealer_id}/scorecard": OFFICE | {DEALER},
    "GET /v1/dealers/{dealer_id}/scorecards": OFFICE | {DEALER},
    "GET /v1/dealers/{dealer_id}/scorecards/{month_on}": OFFICE | {DEALER},
    "GET /v1/scorecards": OFFICE,
    "GET /v1/scorecard-contests": OFFICE | {DEALER},
    "GET /v1/scorecard-contests/{contest_id}": OFFICE | {DEALER},
    "PUT /v1/scorecard-contests/{contest_id}": MANAGERS | {DEALER},
    "POST /v1/scorecard-contests/{contest_id}/decision": OFFICE,
    "GET /v1/scorecard-weights": OFFICE,
    "GET /v1/scorecard-weights/{tier}/{valid_from}": OFFICE,
    "PUT /v1/scorecard-weights/{tier}/{valid_from}": MANAGERS,
    # Exchange
    "GET /v1/exports/{name}.csv": OFFICE | AUDITORS,
    "POST /v1/export-links": OFFICE | AUDITORS,
    "GET /v1/export-links/{token}": NOBODY_ASKED,
}
SOME_VALUES = {"integer": "0", "uuid": "00000000-0000-4000-8000-000000000000", "date": "2026-03-02"}


@pytest.fixture
def paths(client: Client) -> dict:
    """The paths of the published document."""
    return client.get("/v1/openapi.json").json["paths"]


def address(path: str, parameters: list[dict]) -> str:
    """Fill a path with values of the right kind that name nothing."""
    for parameter in parameters:
        if parameter["in"] == "path":
            kind = parameter["schema"].get("format", parameter["schema"]["type"])
            path = path.replace(f"{{{parameter['name']}}}", SOME_VALUES.get(kind, "nothing"))
    return path


def operations(paths: dict):
    """Yield the name, the address and the description of every operation."""
    for path, item in paths.items():
        shared = item.get("parameters", [])
        for verb, described in item.items():
            if verb != "parameters":
                place = address(path, [*shared, *described.get("parameters", [])])
                yield f"{verb.upper()} {path}", place, described


def test_the_table_lists_every_operation(paths):
    assert {name for name, _, _ in operations(paths)} == set(ACCESS)


def test_every_route_of_the_api_is_documented(app: Flask, paths):
    routes = {rule.endpoint for rule in app.url_map.iter_rules() if rule.rule.startswith("/v1/")}

    assert len(paths) == len(routes - {"api-docs.openapi_json"})


@pytest.mark.parametrize("role", Role)
def test_each_role_gets_in_exactly_where_it_should(client: Client, paths, role):
    caller = client.as_(make_person(role))

    wrong = {}
    for name, place, _ in operations(paths):
        allowed = ACCESS.get(name, set())
        status = caller.open(place, method=name.split()[0]).status_code
        if allowed is not NOBODY_ASKED and (status == 403) == (role in allowed):
            wrong[name] = status

    assert {} == wrong


def test_strangers_get_in_nowhere_but_where_nobody_is_asked(client: Client, paths):
    statuses = {
        name: client.open(place, method=name.split()[0]).status_code
        for name, place, _ in operations(paths)
    }

    refused = {name for name, status in statuses.items() if status == 401}
    assert {name for name, allowed in ACCESS.items() if allowed is not NOBODY_ASKED} == refused


def test_the_document_says_who_is_asked_to_sign_in(paths):
    guarded = {name for name, _, described in operations(paths) if described.get("security")}

    assert {name for name, allowed in ACCESS.items() if allowed is not NOBODY_ASKED} == guarded
