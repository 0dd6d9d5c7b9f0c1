"""A salesperson's day over HTTP: check-in, report, photos, receipts, batches, quarantine."""

from datetime import UTC, datetime, timedelta
from itertools import permutations
from uuid import uuid4

import pytest
from playhouse.test_utils import assert_query_count

from backend.fieldwork import placing, quarantine, reports, visits
from backend.fieldwork.arrivals import Arrival
from backend.fieldwork.models import (
    Photo,
    PriceObservation,
    ProductLine,
    PromotionResult,
    Report,
    Violation,
    Visit,
)
from backend.platform import blobs, clock, ledger
from backend.platform.actors import Role
from backend.platform.database import take_turns
from backend.platform.models import LedgerEntry
from backend.standards import checklists
from backend.standards.models import ChecklistTemplate
from schemas.visits import ReportSchema
from tests.client import Client
from tests.factories import (
    NOON,
    actor_of,
    make_must_rule,
    make_person,
    make_price,
    make_promotion,
    make_region,
    make_sku,
    make_store,
    make_visit,
)
from tests.phone import Phone, announced, arrival, findings
from tests.pictures import phone_jpeg
from tests.threads import kept_waiting

CITY = [
    {"line": "city_c1_brand_counter", "quantity": 2},
    {"line": "city_c2_back_wall", "present": True, "width_m": 2.0},
    {"line": "city_d_poster_strip", "quantity": 3, "contiguous": True},
    {"line": "city_e_welcome_mat", "present": False},
    {"line": "city_f_blank_handwritten_poster", "present": True},
    {"line": "city_a_fascia_or_lightbox", "parts": {"fascia": True}},
    {"line": "city_b_side_vertical_signs", "quantity": 0},
]
TEMPLATE = {"code": "signage_city", "version": 1}


@pytest.fixture
def rep(app):  # noqa: ARG001  # needs the database
    checklists.install_manual(at=clock.now())
    return make_person()


@pytest.fixture
def phone(client: Client, rep):
    return Phone(client.as_(rep))


@pytest.fixture
def store(rep):
    return make_store(owner=rep)


def verbs() -> list[str]:
    """Return what the ledger says happened in the field, in order."""
    entries = LedgerEntry.select().order_by(LedgerEntry.at, LedgerEntry.id)
    return [entry.verb for entry in entries if entry.object in {"visit", "photo", "violation"}]


class TestCheckIn:
    def test_records_the_visit_once_however_often_the_phone_retries(self, phone, store):
        url, body = f"/v1/visits/{uuid4()}", arrival(store)

        first = phone.client.put(url, json=body)
        again = phone.client.put(url, json=body)

        assert (201, 200) == (first.status_code, again.status_code)
        assert first.json == again.json
        assert 1 == Visit.select().count()
        assert ["visit.checked_in"] == verbs()

    def test_freezes_dealer_tier_and_grade_of_the_day(self, phone, store):
        visit_id = uuid4()
        phone.check_in(store, visit_id)
        store.grade, store.tier = "A", "town"
        store.save()

        seen = phone.client.get(f"/v1/visits/{visit_id}").json

        assert ("B", "city") == (seen["grade"], seen["tier"])
        assert seen["dealer_id"] is not None

    def test_keeps_the_point_as_sent_and_as_wgs84(self, phone, store):
        visit_id = uuid4()
        position = {"lat": 39.991754014757, "lon": 116.487585177952, "crs": "gcj02"}

        phone.check_in(store, visit_id, position=position)
        visit = Visit.get_by_id(visit_id)

        assert (39.991754014757, 116.487585177952, "gcj02") == (
            visit.raw_lat,
            visit.raw_lon,
            visit.raw_crs,
        )
        assert (39.99047, 116.4815) == pytest.approx((visit.lat, visit.lon), abs=2e-5)
        assert visit.crs_impl.startswith("prcoords-bored@")

    def test_refuses_another_visit_under_the_same_id(self, phone, store):
        visit_id = uuid4()
        phone.check_in(store, visit_id)

        answer = phone.check_in(make_store(owner=store.owner_id), visit_id)

        assert 409 == answer.status_code
        assert "urn:xundian:problem:id-taken" == answer.json["type"]

    def test_refuses_the_same_id_from_another_person(self, client, phone, store):
        visit_id, body = uuid4(), arrival(store)
        phone.client.put(f"/v1/visits/{visit_id}", json=body)
        other = make_person()

        answer = client.as_(other).put(f"/v1/visits/{visit_id}", json=body)

        assert 409 == answer.status_code
        assert store.owner_id == Visit.get().person_id

    @pytest.mark.parametrize(
        ("change", "field", "message"),
        [
            ({"position": {"lat": 28.2, "lon": 112.9}}, "position", "Missing data for"),
            ({"position": {"lat": 28.2, "lon": 112.9, "crs": "mars"}}, "position", "one of"),
            ({"clock": {"device_at": "2026-03-02T13:00:00"}}, "clock", "aware datetime"),
            ({"clock": {"device_at": "2026-03-02"}}, "clock", "aware datetime"),
            ({"store_id": "12"}, "store_id", "Not a valid integer"),
            ({"typo": 1}, "typo", "Unknown field."),
        ],
    )
    def test_points_at_the_field_that_is_wrong(self, phone, store, change, field, message):
        answer = phone.check_in(store, **change)

        assert 422 == answer.status_code
        assert "urn:xundian:problem:invalid-fields" == answer.json["type"]
        assert message in str(answer.json["errors"]["json"][field])
        assert 0 == Visit.select().count()

    def test_refuses_a_point_outside_china_and_keeps_nothing(self, phone, store):
        answer = phone.check_in(store, position={"lat": 38.72, "lon": -9.14, "crs": "wgs84"})

        assert 422 == answer.status_code
        assert "urn:xundian:problem:outside-service-area" == answer.json["type"]
        assert [] == verbs()

    def test_takes_a_visit_without_any_fix(self, phone, store):
        answer = phone.check_in(store, position=None)

        assert 201 == answer.status_code
        assert Visit.get().lat is None

    def test_quarantines_a_visit_to_a_store_nobody_knows(self, phone, store):
        visit_id = uuid4()

        answer = phone.check_in(store, visit_id, store_id=999_999)

        assert 202 == answer.status_code
        assert "unknown-store" == answer.json["quarantine_reason"]
        assert answer.json["check_in"]["received"]
        assert 999_999 == Visit.get_by_id(visit_id).claimed_store_id

    def test_treats_a_strangers_store_as_unknown(self, phone):
        answer = phone.check_in(make_store(owner=make_person()))

        assert "unknown-store" == answer.json["quarantine_reason"]


class TestClock:
    def test_flags_a_device_that_lives_in_2035_and_goes_by_the_server(self, phone, store):
        visit_id = uuid4()

        answer = phone.check_in(store, visit_id, clock={"device_at": "2035-01-01T00:00:00Z"})
        visit = Visit.get_by_id(visit_id)

        assert 201 == answer.status_code
        assert visit.is_clock_suspect
        assert 2035 == visit.device_at.year
        assert clock.business_date(visit.received_at) == visit.business_on
        assert visit.received_at == visit.checked_in_at

    def test_measures_the_skew_and_corrects_by_it(self, phone, store):
        visit_id = uuid4()
        ahead = timedelta(days=365)
        now = datetime.now(UTC)
        body = arrival(store, clock={"device_at": (now + ahead - timedelta(hours=1)).isoformat()})

        phone.client.put(
            f"/v1/visits/{visit_id}",
            json=body,
            headers={"Device-Time": (now + ahead).isoformat()},
        )
        visit = Visit.get_by_id(visit_id)

        assert ahead.total_seconds() == pytest.approx(visit.skew_s, abs=30)
        assert visit.is_clock_suspect
        age = visit.received_at - visit.checked_in_at
        assert 3600 == pytest.approx(age.total_seconds(), abs=30)


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

    def test_quarantines_a_retired_checklist(self, phone, store):
        visit_id = uuid4()
        manager = actor_of(make_person(Role.MANAGER))
        template = ChecklistTemplate.get(code="signage_city", version=1)
        today = clock.business_date(clock.now())
        checklists.retire(manager, template.id, retired_on=today, at=clock.now())
        phone.check_in(store, visit_id)

        answer = phone.report(visit_id, template=TEMPLATE, answers=CITY)

        assert "retired-template" == answer.json["quarantine_reason"]


class TestPhotos:
    def test_completes_the_visit_when_the_last_announced_photo_is_held(self, phone, store):
        visit_id, ids = uuid4(), [uuid4(), uuid4()]
        pictures = [phone_jpeg(seed=n) for n in range(2)]
        manifest = [announced(i, p) for i, p in zip(ids, pictures, strict=True)]
        phone.check_in(store, visit_id)
        reported = phone.report(visit_id, photos=manifest)

        first = phone.photo(visit_id, ids[0], pictures[0])
        before = phone.receipt(visit_id)
        phone.photo(visit_id, ids[1], pictures[1])
        after = phone.receipt(visit_id)

        assert ["missing", "missing"] == [p["state"] for p in reported.json["photos"]]
        assert 201 == first.status_code
        assert ("reported", False) == (before["status"], before["is_complete"])
        assert ("complete", True) == (after["status"], after["is_complete"])
        assert ["received", "received"] == [p["state"] for p in after["photos"]]
        for picture, entry in zip(pictures, manifest, strict=True):
            assert picture == blobs.path_of(entry["sha256"]).read_bytes()

    def test_answers_a_repeated_upload_as_already_held(self, phone, store):
        visit_id, photo_id, picture = uuid4(), uuid4(), phone_jpeg()
        phone.check_in(store, visit_id)

        statuses = [phone.photo(visit_id, photo_id, picture).status_code for _ in range(3)]

        assert [201, 200, 200] == statuses
        assert 1 == verbs().count("photo.received")

    def test_refuses_other_bytes_under_the_same_id(self, phone):
        visit_id, photo_id = uuid4(), uuid4()
        phone.photo(visit_id, photo_id, phone_jpeg(seed=1))

        answer = phone.photo(visit_id, photo_id, phone_jpeg(seed=2))

        assert 409 == answer.status_code
        assert "urn:xundian:problem:id-taken" == answer.json["type"]

    def test_refuses_the_same_photo_id_under_another_visit(self, phone):
        photo_id, picture = uuid4(), phone_jpeg()
        phone.photo(uuid4(), photo_id, picture)

        uploaded = phone.photo(uuid4(), photo_id, picture)
        announcing = phone.report(uuid4(), photos=[announced(photo_id, picture)])

        assert (409, 409) == (uploaded.status_code, announcing.status_code)
        assert "urn:xundian:problem:id-taken" == announcing.json["type"]
        assert (1, 0) == (Photo.select().count(), Report.select().count())

    def test_refuses_another_persons_visit(self, client, phone, store):
        visit_id = uuid4()
        phone.check_in(store, visit_id)

        answer = Phone(client.as_(make_person())).photo(visit_id, uuid4(), phone_jpeg())

        assert 409 == answer.status_code
        assert 0 == Photo.select().count()

    @pytest.mark.parametrize("declared_by", ["header", "manifest"])
    def test_refuses_bytes_that_are_not_the_declared_ones(self, phone, store, declared_by):
        visit_id, photo_id = uuid4(), uuid4()
        sent, meant = phone_jpeg(seed=1), phone_jpeg(seed=2)
        headers = {"Repr-Digest": "sha-256=:" + "A" * 43 + "=:"}
        phone.check_in(store, visit_id)
        if declared_by == "manifest":
            phone.report(visit_id, photos=[announced(photo_id, meant)])
            headers = {"Want": "nothing"}

        answer = phone.photo(visit_id, photo_id, sent, **headers)

        assert 400 == answer.status_code
        assert "urn:xundian:problem:hash-mismatch" == answer.json["type"]
        assert "now" == answer.json["retry"]
        assert "photo.received" not in verbs()
        assert [] == [path for path in blobs.root().rglob("*") if path.is_file()]

    def test_refuses_a_digest_it_cannot_read_and_ignores_unknown_algorithms(self, phone):
        picture = phone_jpeg()
        bad = phone.photo(uuid4(), uuid4(), picture, **{"Repr-Digest": "sha-256=:zzz:"})
        other = phone.photo(uuid4(), uuid4(), picture, **{"Content-Digest": "md5=:AAAA:"})

        assert (422, 201) == (bad.status_code, other.status_code)

    def test_quarantines_a_photo_no_manifest_names(self, phone, store):
        visit_id, early, late = uuid4(), uuid4(), uuid4()
        phone.check_in(store, visit_id)
        before = phone.photo(visit_id, early, phone_jpeg(seed=1))
        phone.report(visit_id)

        after = phone.photo(visit_id, late, phone_jpeg(seed=2))
        states = {p["id"]: p["reason"] for p in phone.receipt(visit_id)["photos"]}

        assert ("unannounced", 201) == (before.json["state"], before.status_code)
        assert ("quarantined", 202) == (after.json["state"], after.status_code)
        assert {str(early): "not-in-manifest", str(late): "not-in-manifest"} == states
        assert "complete" == phone.receipt(visit_id)["status"]

    def test_lets_the_phone_replace_early_bytes_the_manifest_contradicts(self, phone, store):
        visit_id, photo_id = uuid4(), uuid4()
        wrong, right = phone_jpeg(seed=1), phone_jpeg(seed=2)
        phone.check_in(store, visit_id)
        phone.photo(visit_id, photo_id, wrong)

        reported = phone.report(visit_id, photos=[announced(photo_id, right)])
        replaced = phone.photo(visit_id, photo_id, right)

        assert ("quarantined", "hash-mismatch") == (
            reported.json["photos"][0]["state"],
            reported.json["photos"][0]["reason"],
        )
        assert (201, "received") == (replaced.status_code, replaced.json["state"])
        assert "complete" == phone.receipt(visit_id)["status"]

    def test_refuses_a_media_type_that_is_no_photo(self, phone):
        answer = phone.client.put(
            f"/v1/visits/{uuid4()}/photos/{uuid4()}", data=b"hello", content_type="text/plain"
        )

        assert 415 == answer.status_code


class TestAnyOrder:
    @pytest.mark.parametrize("order", list(permutations(["check_in", "report", "photo"])))
    def test_arrives_at_the_same_visit(self, phone, store, order):
        visit_id, photo_id, picture = uuid4(), uuid4(), phone_jpeg()
        check_in = arrival(store)
        report = findings(answers=CITY, photos=[announced(photo_id, picture)])
        send = {
            "check_in": lambda: phone.client.put(f"/v1/visits/{visit_id}", json=check_in),
            "report": lambda: phone.client.put(f"/v1/visits/{visit_id}/report", json=report),
            "photo": lambda: phone.photo(visit_id, photo_id, picture),
        }

        statuses = [send[what]().status_code for what in order for _ in range(2)]
        receipt = phone.receipt(visit_id)

        assert [201, 200] * 3 == statuses
        assert "complete" == receipt["status"]
        assert 3 == receipt["score"]["mandatory_pass"]
        assert ["letter:E"] == [case.subject for case in Violation.select()]
        assert 1 == verbs().count("visit.completed")

    def test_shows_what_is_held_before_the_check_in(self, phone):
        visit_id = uuid4()

        answer = phone.report(visit_id)
        receipt = phone.receipt(visit_id)

        assert 201 == answer.status_code
        assert ("unknown", True) == (receipt["status"], receipt["report"]["received"])


class TestSecondVisit:
    @pytest.mark.parametrize("order", [("morning", "noon"), ("noon", "morning")])
    def test_waits_in_quarantine_while_an_earlier_one_is_open(self, rep, store, order):
        actor = actor_of(rep)
        started = {"morning": NOON - timedelta(hours=3), "noon": NOON}
        ids = {"morning": uuid4(), "noon": uuid4()}
        for name in order:
            check_in(actor, ids[name], store, started[name])

        waiting = reason_of(ids["noon"])
        leave(actor, ids["morning"], NOON - timedelta(hours=1))

        assert ("second-visit-open", None) == (waiting, reason_of(ids["morning"]))
        assert reason_of(ids["noon"]) is None

    def test_stays_there_when_the_earlier_one_ended_later(self, rep, store):
        actor, first, second = actor_of(rep), uuid4(), uuid4()
        check_in(actor, first, store, NOON - timedelta(hours=3))
        check_in(actor, second, store, NOON)

        leave(actor, first, NOON + timedelta(hours=1))

        assert "second-visit-open" == reason_of(second)

    @pytest.mark.parametrize("ended", [90, 45])
    @pytest.mark.parametrize("order", list(permutations(["in", "out", "second in", "second out"])))
    def test_with_a_report_in_doubt_waits_for_that_whatever_the_order(
        self, phone, store, order, ended
    ):
        first, second = uuid4(), uuid4()
        doubtful = [{"sku_id": 999_999, "listed": True}]
        send = {
            "in": lambda: phone.check_in(store, first, minutes=120),
            "out": lambda: phone.report(first, minutes=ended),
            "second in": lambda: phone.check_in(store, second, minutes=60),
            "second out": lambda: phone.report(second, minutes=30, products=doubtful),
        }

        for what in order:
            send[what]()

        assert (None, "unknown-product") == (reason_of(first), reason_of(second))

    def test_is_let_in_for_good_by_a_manager(self, client, rep, store):
        actor, first, second = actor_of(rep), uuid4(), uuid4()
        check_in(actor, first, store, NOON - timedelta(hours=3))
        check_in(actor, second, store, NOON)

        client.as_(make_person(Role.MANAGER)).post(
            f"/v1/quarantine/{second}/release", json={"note": "两店相邻"}
        )
        check_in(actor, uuid4(), store, NOON - timedelta(hours=1))

        assert reason_of(second) is None


def check_in(actor, visit_id, store, at):
    """Arrive at a store, with the server hearing of it at once."""
    visits.check_in(
        actor,
        visit_id,
        store_id=store.id,
        kind="routine",
        clock={"device_at": at},
        position=None,
        unplanned_reason=None,
        arrival=Arrival(at=at, content_sha256="0" * 64),
    )


def leave(actor, visit_id, at):
    """Hand in an empty report on leaving."""
    document = ReportSchema().load(findings(check_out={"clock": {"device_at": at.isoformat()}}))
    reports.submit(actor, visit_id, document, arrival=Arrival(at=at, content_sha256="0" * 64))


def reason_of(visit_id):
    """Return why a visit is quarantined, if it is."""
    return Visit.get_by_id(visit_id).quarantine_reason


class TestQuarantine:
    def test_is_released_by_a_manager_who_says_which_store_it_was(self, client, phone, store):
        visit_id = uuid4()
        manager = client.as_(make_person(Role.MANAGER))
        phone.check_in(store, visit_id, store_id=999_999)
        phone.report(visit_id, answers=CITY)
        url = f"/v1/quarantine/{visit_id}/release"

        listed = [v["id"] for v in manager.get("/v1/quarantine?reason=unknown-store").json]
        unnamed = manager.post(url, json={"note": "?"})
        missing = manager.post(url, json={"note": "?", "store_id": 888_888})
        released = manager.post(url, json={"note": "新店", "store_id": store.id})
        again = manager.post(url, json={"note": "新店", "store_id": store.id})
        receipt = phone.receipt(visit_id)

        assert [str(visit_id)] == listed
        assert (422, "urn:xundian:problem:store-needed") == (
            unnamed.status_code,
            unnamed.json["type"],
        )
        assert 404 == missing.status_code
        assert (200, store.id) == (released.status_code, released.json["store_id"])
        assert (422, "urn:xundian:problem:not-quarantined") == (
            again.status_code,
            again.json["type"],
        )
        assert ("complete", 3) == (receipt["status"], receipt["score"]["mandatory_pass"])

    def test_is_judged_when_its_report_came_while_it_was_released(self, phone, rep, store):
        visit_id, actor = uuid4(), actor_of(rep)
        phone.check_in(store, visit_id, store_id=999_999)
        document = ReportSchema().load(findings(answers=CITY))
        on_arrival = Arrival(at=clock.now(), content_sha256="0" * 64)
        manager = actor_of(make_person(Role.MANAGER))

        with kept_waiting(
            lambda: reports.submit(actor, visit_id, document, arrival=on_arrival),
            lambda: take_turns(placing.turn_of(actor.id)),
        ):
            quarantine.release(manager, visit_id, store_id=store.id, note="新店", at=clock.now())
        receipt = phone.receipt(visit_id)

        assert ("complete", 3) == (receipt["status"], receipt["score"]["mandatory_pass"])

    def test_judges_what_is_known_of_a_released_report(self, client, phone, store):
        visit_id, sku = uuid4(), make_sku()
        phone.check_in(store, visit_id)
        phone.report(
            visit_id,
            products=[{"sku_id": sku.id, "listed": True}, {"sku_id": 999_999, "listed": True}],
        )

        client.as_(make_person(Role.MANAGER)).post(
            f"/v1/quarantine/{visit_id}/release", json={"note": "ok"}
        )

        assert [sku.id] == [line.sku_id for line in ProductLine.select()]
        assert phone.receipt(visit_id)["quarantine_reason"] is None

    def test_hides_other_regions(self, client, phone, store):
        visit_id = uuid4()
        phone.check_in(store, visit_id, store_id=999_999)
        elsewhere = client.as_(make_person(Role.MANAGER, region=make_region()))

        assert [] == elsewhere.get("/v1/quarantine").json
        answer = elsewhere.post(f"/v1/quarantine/{visit_id}/release", json={"note": "x"})
        assert 404 == answer.status_code


class TestBatch:
    def test_gives_each_item_its_own_result(self, client, phone, store):
        good, taken, abroad, unknown = (uuid4() for _ in range(4))
        Phone(client.as_(make_person())).check_in(store, taken)
        check_in = arrival(store, minutes=30)
        items = [
            {"kind": "report", "visit_id": str(good), "body": findings(minutes=20)},
            {"kind": "check_in", "visit_id": str(good), "body": check_in},
            {"kind": "check_in", "visit_id": str(good), "body": check_in},
            {"kind": "check_in", "visit_id": str(taken), "body": arrival(store, minutes=15)},
            {
                "kind": "check_in",
                "visit_id": str(abroad),
                "body": arrival(store, position={"lat": 0, "lon": 0, "crs": "wgs84"}),
            },
            {"kind": "check_in", "visit_id": str(unknown), "body": arrival(store, store_id=9**9)},
            {"kind": "check_in", "visit_id": str(uuid4()), "body": {"store_id": 1}},
            {"kind": "dance", "visit_id": "x"},
            {},
        ]

        answer = phone.client.post("/v1/batches", json={"items": items})
        results = answer.json["results"]

        assert 200 == answer.status_code
        assert [
            "created",
            "created",
            "replayed",
            "conflict",
            "invalid",
            "quarantined",
            "invalid",
            "invalid",
            "invalid",
        ] == [result["result"] for result in results]
        assert "urn:xundian:problem:outside-service-area" == results[4]["problem"]["type"]
        assert ["Missing data for required field."] == results[6]["problem"]["errors"]["json"][
            "clock"
        ]
        assert "complete" == phone.receipt(good)["status"]

    def test_takes_200_items_and_no_more(self, phone, store):
        item = {"kind": "check_in", "visit_id": str(uuid4()), "body": arrival(store)}

        assert 200 == phone.client.post("/v1/batches", json={"items": [item] * 200}).status_code
        assert 422 == phone.client.post("/v1/batches", json={"items": [item] * 201}).status_code


class TestReceipts:
    def test_answers_for_many_visits_in_a_fixed_number_of_queries(self, phone, store):
        ids = [uuid4() for _ in range(5)]
        for n, visit_id in enumerate(ids):
            phone.check_in(store, visit_id, minutes=n + 1)
        stranger = uuid4()

        with assert_query_count(4):  # session, visits, reports, photos
            answer = phone.client.post(
                "/v1/receipts", json={"visit_ids": [str(i) for i in [*ids, stranger]]}
            )

        assert [*(str(i) for i in ids), str(stranger)] == [r["visit_id"] for r in answer.json]
        assert ["open"] * 5 + ["unknown"] == [r["status"] for r in answer.json]

    def test_hides_what_is_somebody_elses(self, client, phone, store):
        visit_id = uuid4()
        phone.check_in(store, visit_id)
        other = client.as_(make_person())

        assert 404 == other.get(f"/v1/visits/{visit_id}/receipt").status_code
        answer = other.post("/v1/receipts", json={"visit_ids": [str(visit_id)]})
        assert "unknown" == answer.json[0]["status"]


class TestList:
    def test_pages_through_own_visits_newest_first(self, client, store):
        rep = make_person()
        make_visit(store)  # somebody else's
        now = datetime(2026, 3, 2, 4, tzinfo=UTC)
        made = [make_visit(store, rep, at=now + timedelta(hours=n)) for n in range(5)]
        phone = client.as_(rep)

        with assert_query_count(3):  # session, count, page: never one per row
            answer = phone.get("/v1/visits?page=2&page_size=2")

        assert [str(v.id) for v in (made[2], made[1])] == [v["id"] for v in answer.json]
        assert '"total": 5' in answer.headers["X-Pagination"]

    def test_filters_by_day_store_dealer_person_and_status(self, client, store):
        visit = make_visit(store)
        make_visit(at=datetime(2026, 4, 2, 4, tzinfo=UTC), status="open")
        manager = client.as_(make_person(Role.MANAGER))

        for query in (
            "from=2026-03-02&to=2026-03-03",
            f"store_id={store.id}",
            f"dealer_id={visit.dealer_id}",
            f"person_id={visit.person_id}",
            "status=complete",
        ):
            listed = manager.get(f"/v1/visits?{query}").json
            assert [str(visit.id)] == [v["id"] for v in listed], query

    def test_answers_unknown_and_hidden_visits_alike(self, client, store):
        visit = make_visit(store)
        other = client.as_(make_person())

        hidden = other.get(f"/v1/visits/{visit.id}")
        unknown = other.get(f"/v1/visits/{uuid4()}")

        assert (404, hidden.data) == (unknown.status_code, unknown.data)


def test_the_ledger_of_a_day_verifies(phone, store):
    visit_id, photo_id, picture = uuid4(), uuid4(), phone_jpeg()
    phone.check_in(store, visit_id)
    phone.photo(visit_id, photo_id, picture)
    phone.report(visit_id, answers=CITY, photos=[announced(photo_id, picture)])

    sealed = ledger.seal()

    assert sealed == LedgerEntry.select().count()
    assert [ledger.head()] == list(ledger.verify())


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
