"""Amended reports: numbered revisions, judged as the original was."""

from datetime import timedelta
from itertools import permutations
from uuid import uuid4

import pytest

from backend.fieldwork.models import PriceObservation, ProductLine, Report, Visit
from backend.fieldwork.photo_models import Photo
from backend.fieldwork.violation_models import Violation
from backend.fieldwork.visit_models import ReportRevision
from backend.insight.models import VisitFact
from backend.platform import clock
from backend.platform.actors import Role
from backend.standards import checklists
from backend.standards.models import ChecklistTemplate
from backend.worker import run_until_idle
from tests.api.field import CITY, TEMPLATE, verbs
from tests.client import Client
from tests.factories import (
    actor_of,
    make_must_rule,
    make_person,
    make_price,
    make_region,
    make_sku,
)
from tests.phone import LATELY, Phone, announced, arrival, findings, minutes_ago
from tests.pictures import phone_jpeg


@pytest.fixture
def sku(rep):  # noqa: ARG001  # needs the database
    hero = make_sku(role="hero")
    make_must_rule()
    make_price(hero, amount_fen=200_000)
    return hero


@pytest.fixture
def visit_id(phone, store):
    visit_id = uuid4()
    phone.check_in(store, visit_id)
    return visit_id


def found(sku, **changes):
    """Return a report's findings about one product."""
    product = {"sku_id": sku.id, "listed": True, "stock": 4} | changes
    return {"products": [product], "prices": [{"sku_id": sku.id, "tag_fen": 150_000}]}


def wrong():
    """Return what is wrong in stores, as far as anybody stands for it."""
    cases = Violation.select().where(Violation.resolved_at.is_null())
    return {(case.kind, case.subject) for case in cases}


def revisions(phone, visit_id):
    """Return the revisions as number, in force, outcome."""
    listed = phone.client.get(f"/v1/visits/{visit_id}/revisions").json
    return [(one["number"], one["is_in_force"], one["document"]["outcome"]) for one in listed]


def test_replace_what_was_found_and_keep_what_was_said(phone, visit_id, sku):
    phone.report(visit_id, answers=CITY, **found(sku, listed=False))
    run_until_idle()
    amended, mat = uuid4(), CITY[3] | {"present": True}
    answers = [*CITY[:3], mat, *CITY[4:]]

    answer = phone.amend(visit_id, amended, answers=answers, **found(sku) | {"prices": []})
    run_until_idle()
    first, second = phone.client.get(f"/v1/visits/{visit_id}/revisions").json
    (fact,) = VisitFact.select()

    assert (201, "complete") == (answer.status_code, answer.json["status"])
    assert (1, 1, 4) == (
        answer.json["score"]["must_listed"],
        answer.json["score"]["must_answered"],
        answer.json["score"]["mandatory_pass"],
    )
    assert ([(True, 4)], 0) == (
        [(line.is_listed, line.stock) for line in ProductLine.select()],
        PriceObservation.select().count(),
    )
    assert set() == wrong()
    assert (1, 1, 0) == (fact.must_listed, fact.visits, fact.prices_checked)
    assert (1, False, "", str(visit_id)) == tuple(
        first[name] for name in ("number", "is_in_force", "reason", "id")
    )
    assert (2, True, "漏填", str(amended)) == tuple(
        second[name] for name in ("number", "is_in_force", "reason", "id")
    )
    assert (0, 3) == (first["judgement"]["must_listed"], first["judgement"]["mandatory_pass"])
    assert [150_000] == [line["tag_fen"] for line in first["judgement"]["prices"]]
    assert [False] == [line["is_listed"] for line in first["judgement"]["products"]]
    assert (1, 4) == (second["judgement"]["must_listed"], second["judgement"]["mandatory_pass"])
    assert {
        ("must_list_missing", f"sku:{sku.id}"),
        ("direct_price_cut", f"sku:{sku.id}"),
        ("required_signage_missing", "letter:E"),
    } == {tuple(one) for one in first["judgement"]["sightings"]}
    assert 1 == verbs().count("visit.amended")


def test_see_what_the_original_did_not(phone, visit_id, sku):
    phone.report(visit_id, **found(sku) | {"prices": []})

    phone.amend(visit_id, uuid4(), **found(sku, stock=0) | {"prices": []})

    assert {("out_of_stock", f"sku:{sku.id}")} == wrong()


def test_leave_the_times_of_the_visit_alone(phone, visit_id):
    phone.report(visit_id, minutes=30)
    before = Visit.get_by_id(visit_id)

    phone.amend(visit_id, uuid4(), outcome="refused")
    after = Visit.get_by_id(visit_id)

    assert (before.checked_out_at, before.completed_at) == (
        after.checked_out_at,
        after.completed_at,
    )
    assert ("done", "refused") == (before.outcome, after.outcome)


def test_are_judged_by_the_checklist_of_the_original(phone, visit_id):
    phone.report(visit_id, template=TEMPLATE, answers=CITY)
    manager = actor_of(make_person(Role.MANAGER))
    template = ChecklistTemplate.get(code="signage_city", version=1)
    that_day = Visit.get().business_on
    checklists.retire(manager, template.id, retired_on=that_day, at=clock.now())

    answer = phone.amend(visit_id, uuid4(), template=TEMPLATE, answers=CITY[:2])

    assert (201, None) == (answer.status_code, answer.json["quarantine_reason"])
    assert ["D", "E", "F"] == answer.json["score"]["missing_required"]


@pytest.mark.parametrize("order", list(permutations(["check_in", "report", "second", "third"])))
def test_end_the_same_in_any_order(phone, store, order):
    visit_id, ids = uuid4(), [uuid4(), uuid4()]
    documents = {"check_in": ("", arrival(store)), "report": ("/report", findings(answers=CITY))}
    for name, id_, minutes, outcome in (
        ("second", ids[0], 15, "no_access"),
        ("third", ids[1], 5, "refused"),
    ):
        document = findings(outcome=outcome)
        body = {"reason": name, "clock": {"device_at": minutes_ago(minutes)}, "report": document}
        documents[name] = (f"/amendments/{id_}", body)

    statuses = []
    for what in order:
        path, body = documents[what]
        for _ in range(2):
            answer = phone.client.put(f"/v1/visits/{visit_id}{path}", json=body)
            statuses.append(answer.status_code)
    listed = phone.client.get(f"/v1/visits/{visit_id}/revisions").json

    assert [201, 200] * 4 == statuses
    assert ("refused", "complete") == (Visit.get().outcome, Visit.get().status)
    assert set() == wrong()
    assert [1, 2, 3] == [one["number"] for one in listed]
    assert ["refused"] == [one["document"]["outcome"] for one in listed if one["is_in_force"]]
    assert str(visit_id) == listed[0]["id"]
    assert all(one["judgement"] for one in listed)


def test_wait_visibly_for_their_report(phone, visit_id):
    early = uuid4()

    before_report = phone.amend(visit_id, uuid4(), outcome="refused")
    phone.amend(early, uuid4(), outcome="no_access")

    assert (201, "open") == (before_report.status_code, before_report.json["status"])
    assert [(None, False, "refused")] == revisions(phone, visit_id)
    assert [(None, False, "no_access")] == revisions(phone, early)


def test_of_a_report_without_amendments_are_only_its_text(phone, visit_id):
    phone.report(visit_id)

    assert [(1, True, "done")] == revisions(phone, visit_id)


def test_are_recorded_once_and_refuse_other_content(phone, visit_id):
    phone.report(visit_id)
    body = {"reason": "漏填", "clock": {"device_at": minutes_ago(5)}, "report": findings()}
    url = f"/v1/visits/{visit_id}/amendments/{uuid4()}"

    statuses = [phone.client.put(url, json=body).status_code for _ in range(2)]
    other = phone.client.put(url, json=body | {"reason": "改价"})
    own_id = phone.client.put(f"/v1/visits/{visit_id}/amendments/{visit_id}", json=body)
    report = phone.client.put(f"/v1/visits/{visit_id}/report", json=findings(outcome="refused"))

    assert [201, 200, 409, 409, 409] == [
        *statuses,
        other.status_code,
        own_id.status_code,
        report.status_code,
    ]
    assert 2 == ReportRevision.select().count()


def test_leave_the_replay_of_the_original_a_replay(phone, visit_id):
    original = findings(answers=CITY)
    url = f"/v1/visits/{visit_id}/report"
    phone.client.put(url, json=original)
    phone.amend(visit_id, uuid4(), outcome="refused")

    again = phone.client.put(url, json=original)

    assert 200 == again.status_code
    assert "refused" == Visit.get().outcome


def test_come_too_late_after_the_window(phone, visit_id):
    phone.report(visit_id)
    Visit.update(completed_at=LATELY - timedelta(hours=49)).execute()

    late = phone.amend(visit_id, uuid4())
    Visit.update(completed_at=LATELY - timedelta(hours=47)).execute()
    in_time = phone.amend(visit_id, uuid4())

    assert (422, "urn:xundian:problem:visit-settled") == (late.status_code, late.json["type"])
    assert 201 == in_time.status_code


def test_sent_late_on_a_wall_clock_are_taken_and_flagged(phone, store):
    visit_id = uuid4()
    phone.check_in(store, visit_id, minutes=300)
    phone.report(visit_id, minutes=240)
    two_hours = timedelta(hours=2)
    written = {"device_at": (clock.now() - two_hours).isoformat(), "elapsed_ms": 1}
    body = {"reason": "漏填", "clock": written, "report": findings(outcome="refused")}
    started = {"Device-Elapsed-Ms": str(two_hours // timedelta(milliseconds=1))}
    Visit.update(completed_at=clock.now() - timedelta(hours=49)).execute()

    for headers in ({}, started):
        url = f"/v1/visits/{visit_id}/amendments/{uuid4()}"
        phone.client.put(url, json=body, headers=headers)

    listed = phone.client.get(f"/v1/visits/{visit_id}/revisions").json
    assert [False, True, False] == [one["is_clock_suspect"] for one in listed]
    assert "refused" == Visit.get().outcome


@pytest.mark.parametrize("first", ["report", "amendment"])
def test_told_to_be_before_the_report_are_in_force_and_flagged(phone, visit_id, first):
    steps = [
        lambda: phone.report(visit_id, minutes=30),
        lambda: phone.amend(visit_id, uuid4(), minutes=600, outcome="refused"),
    ]

    for step in steps if first == "report" else reversed(steps):
        step()

    original, amended = phone.client.get(f"/v1/visits/{visit_id}/revisions").json
    assert (True, True) == (amended["is_in_force"], amended["is_clock_suspect"])
    assert (original["amended_at"], False) == (amended["amended_at"], original["is_clock_suspect"])
    assert "refused" == Visit.get().outcome


def test_may_name_more_photos_but_none_fewer(phone, visit_id):
    ids, pictures = [uuid4() for _ in range(3)], [phone_jpeg(seed=n) for n in range(3)]
    manifest = [announced(*one) for one in zip(ids, pictures, strict=True)]
    phone.report(visit_id, photos=manifest[:1])
    phone.photo(visit_id, ids[0], pictures[0])
    phone.photo(visit_id, ids[1], pictures[1])  # nobody has asked for it yet
    stray = Photo.get(Photo.id == ids[1]).quarantine_reason

    dropped = phone.amend(visit_id, uuid4(), photos=manifest[1:])
    changed = phone.amend(visit_id, uuid4(), photos=[manifest[0] | {"sha256": "0" * 64}])
    amended = phone.amend(visit_id, uuid4(), photos=manifest)
    before = Visit.get().status
    phone.photo(visit_id, ids[2], pictures[2])

    assert "urn:xundian:problem:photos-dropped" == dropped.json["type"]
    assert (422, 422, 201) == (dropped.status_code, changed.status_code, amended.status_code)
    assert "not-in-manifest" == stray
    assert {"received": 2, "missing": 1} == {
        state: [one["state"] for one in amended.json["photos"]].count(state)
        for state in ("received", "missing")
    }
    assert ("reported", "complete") == (before, Visit.get().status)


def test_refuse_photos_of_other_visits_or_with_other_bytes(phone, visit_id):
    photo_id, picture = uuid4(), phone_jpeg()
    phone.photo(uuid4(), photo_id, picture)
    phone.report(visit_id)
    mine = announced(uuid4(), picture)
    phone.amend(visit_id, uuid4(), photos=[mine])

    elsewhere = phone.amend(visit_id, uuid4(), photos=[announced(photo_id, picture)])
    otherwise = phone.amend(visit_id, uuid4(), photos=[mine | {"sha256": "0" * 64}])

    assert (409, 409) == (elsewhere.status_code, otherwise.status_code)


def test_announced_before_the_report_are_waited_for(phone, visit_id):
    photo_id, picture = uuid4(), phone_jpeg()
    phone.amend(visit_id, uuid4(), photos=[announced(photo_id, picture)])

    phone.report(visit_id)
    before = Visit.get().status
    phone.photo(visit_id, photo_id, picture)

    assert ("reported", "complete") == (before, Visit.get().status)


def test_mend_a_report_that_could_not_be_judged(phone, visit_id, sku):
    doubtful = [{"sku_id": 999_999, "listed": True}]
    phone.report(visit_id, products=doubtful)
    still = phone.amend(visit_id, uuid4(), minutes=9, products=doubtful)

    mended = phone.amend(visit_id, uuid4(), **found(sku))

    assert "unknown-product" == still.json["quarantine_reason"]
    assert (None, "complete") == (mended.json["quarantine_reason"], mended.json["status"])
    assert {("direct_price_cut", f"sku:{sku.id}")} == wrong()
    assert "judged" == Report.get().state


def test_are_judged_without_what_nobody_knows(phone, visit_id, sku):
    phone.report(visit_id)
    products = [{"sku_id": 999_999, "listed": True}, {"sku_id": sku.id, "listed": True}]

    answer = phone.amend(visit_id, uuid4(), products=products)
    second = phone.client.get(f"/v1/visits/{visit_id}/revisions").json[1]

    assert (201, None) == (answer.status_code, answer.json["quarantine_reason"])
    assert "unknown-product" == second["doubt"]
    assert [sku.id] == [line.sku_id for line in ProductLine.select()]


def test_wait_for_the_store_of_a_visit_to_an_unknown_one(client: Client, phone, store):
    visit_id = uuid4()
    phone.check_in(store, visit_id, store_id=999_999)
    phone.report(visit_id)
    phone.amend(visit_id, uuid4(), answers=CITY)

    client.as_(make_person(Role.MANAGER)).post(
        f"/v1/quarantine/{visit_id}/release", json={"note": "新店", "store_id": store.id}
    )

    assert [(1, False, "done"), (2, True, "done")] == revisions(phone, visit_id)
    assert 3 == phone.receipt(visit_id)["score"]["mandatory_pass"]


def test_contradicting_themselves_are_refused(phone, visit_id):
    answer = phone.amend(visit_id, uuid4(), answers=CITY[:1] * 2)

    assert "urn:xundian:problem:contradictory-report" == answer.json["type"]


def test_are_made_and_seen_by_those_whose_visit_it_is(client: Client, phone, visit_id):
    early = uuid4()
    phone.report(visit_id)
    phone.report(early)
    stranger = Phone(client.as_(make_person()))
    elsewhere = client.as_(make_person(Role.MANAGER, region=make_region()))
    boss = client.as_(make_person(Role.MANAGER))

    assert 409 == stranger.amend(visit_id, uuid4()).status_code
    assert 409 == stranger.amend(early, uuid4()).status_code
    for client_, status in ((stranger.client, 404), (elsewhere, 404), (boss, 200)):
        assert status == client_.get(f"/v1/visits/{visit_id}/revisions").status_code
    assert 404 == boss.get(f"/v1/visits/{early}/revisions").status_code


def test_say_anew_what_came_of_the_visit(phone, visit_id):
    phone.report(visit_id, achieved=[])
    run_until_idle()
    before = Report.get().is_productive

    phone.amend(visit_id, uuid4(), achieved=["order"])

    assert (False, True) == (before, Report.get().is_productive)
