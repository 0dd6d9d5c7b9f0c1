from uuid import UUID

import pytest
from peewee import fn
from rich.progress import Progress

from backend import demo
from backend.app import start
from backend.evidence.audit_models import PhotoVerdict
from backend.evidence.models import LocationReading, PhotoAudit, PhotoMatch
from backend.evidence.signal_models import Appeal, VisitScore
from backend.fieldwork import imei, price_cases
from backend.fieldwork.case_models import Complaint, FeedbackCard, PointCorrection, Task
from backend.fieldwork.journey_models import PlanEntry
from backend.fieldwork.models import PriceObservation, ProductLine, Report, Visit
from backend.fieldwork.photo_models import Photo
from backend.fieldwork.promotion_models import (
    Claim,
    LaunchEvidence,
    PromotionDay,
    PromotionEvaluation,
)
from backend.fieldwork.push_models import PushAssessment
from backend.fieldwork.trade_models import CrossAreaSale, SellIn, SellOut, StockCount
from backend.fieldwork.violation_models import Violation, ViolationSighting
from backend.insight import rollups
from backend.insight.models import SalesDay, VisitFact
from backend.insight.scorecard_models import ScorecardContest
from backend.network.archive_models import (
    Agreement,
    Contact,
    ContactConsent,
    ContactEntry,
    CustomerCard,
    CustomValue,
)
from backend.network.models import Dealer, Person, Store, StoreDealer, Substitution
from backend.network.sessions import sign_in
from backend.platform import blobs, ledger
from backend.platform.database import db
from backend.platform.models import Job, LedgerEntry
from backend.standards.codes import PriceFinding
from backend.standards.models import ChecklistTemplate, PromotionBudget, Sku
from backend.standards.promotion_codes import ClaimState, EvaluationMethod
from backend.standards.service import ComplaintStep
from tests.demo.conftest import TODAY
from tests.factories import NOON, PASSWORD_HASH, actor_of
from tests.insight.facts import dump

BREACHES = {
    "price_direct": PriceFinding.DIRECT_PRICE_CUT,
    "price_disguised": PriceFinding.DISGUISED_DISCOUNT,
    "price_gift": PriceFinding.EXCESS_GIFT,
}


def ids(planted):
    return {UUID(fact["visit"]) for fact in planted}


@pytest.mark.usefixtures("truth")
class TestTheLoad:
    def test_leaves_a_database_that_is_not_empty(self):
        assert not demo.is_empty()

    def test_leaves_nothing_for_the_worker_to_do(self):
        unsealed = LedgerEntry.select().where(LedgerEntry.seq.is_null())

        assert (0, 0) == (Job.select().count(), unsealed.count())

    def test_leaves_figures_that_making_them_anew_does_not_change(self):
        left = dump()
        rollups.rebuild()

        assert left == dump()
        sold = SellOut.select(fn.SUM(SellOut.units)).scalar()
        assert sold == SalesDay.select(fn.SUM(SalesDay.sell_out_units)).scalar()

    def test_leaves_a_ledger_that_verifies(self):
        assert ledger.head() == list(ledger.verify())[-1]

    def test_ends_the_day_before(self):
        first, last = Visit.select(fn.MIN(Visit.business_on), fn.MAX(Visit.business_on)).scalar(
            as_tuple=True
        )

        assert 5 > (TODAY - first).days - 1 >= (TODAY - last).days - 1 >= 0

    def test_names_a_login_of_every_role(self):
        roles = {role for role, _, _ in demo.logins()}

        assert {"admin", "manager", "auditor", "supervisor", "rep", "dealer"} == roles

    def test_lets_a_dealer_reply_to_its_scorecard(self):
        said = ScorecardContest.select(ScorecardContest.state).order_by(ScorecardContest.state)

        assert ["open", "upheld"] == [contest.state for contest in said]

    def test_is_silent_about_logins_with_another_password(self):
        with db.atomic() as undone:
            Person.update(password_hash=PASSWORD_HASH).where(Person.role == "admin").execute()
            roles = {role for role, _, _ in demo.logins()}
            undone.rollback()

        assert {"manager", "auditor", "supervisor", "rep", "dealer"} == roles

    @pytest.mark.parametrize("login", ["admin", "manager-hn", "rep01", "dealer"])
    def test_lets_them_sign_in(self, login):
        _, person, _ = sign_in(
            login, f"demo-{login}", device_id="d", device_name="", address="::1", at=NOON
        )

        assert login == person.login

    def test_holds_the_bytes_of_every_photo(self):
        photos = list(Photo.select())

        assert photos
        assert [] == [p.id for p in photos if blobs.digest_of(blobs.path_of(p.sha256)) != p.sha256]

    def test_covers_products_prices_plans_audits_and_figures(self):
        for model in (ProductLine, PriceObservation, PlanEntry, PhotoAudit, VisitFact):
            assert model.select().exists()
        assert Violation.select().where(Violation.resolved_at.is_null(False)).exists()
        assert PhotoAudit.select().where(PhotoAudit.status != "pending").exists()


class TestAnInterruptedLoad:
    @pytest.mark.usefixtures("storage")
    def test_leaves_the_database_empty(self, tmp_path):
        nowhere = tmp_path / "no such folder" / "truth.json"

        with Progress(disable=True) as bars, pytest.raises(FileNotFoundError):
            demo.load("tiny", 7, nowhere, bars, TODAY)

        assert demo.is_empty()


@pytest.mark.usefixtures("truth")
class TestTheSameSeed:
    def test_gives_the_same_rows_and_the_same_truth(self, truth, loaded):
        once = _rows()
        db.close()

        config, again = loaded("again")
        start(config)
        db.connect()

        assert once == _rows()
        assert truth == again


@pytest.mark.usefixtures("truth")
class TestThePlanted:
    def test_photo_repeats_are_all_found(self, truth):
        found = {(row.photo_id, row.earlier_photo_id, row.kind) for row in PhotoMatch.select()}
        planted = {
            (UUID(fact["photo"]), UUID(fact["earlier_photo"]), fact["kind"])
            for fact in truth["reused_photo"]
        }

        assert planted
        assert set() == planted - found

    @pytest.mark.parametrize("kind", BREACHES)
    def test_price_breaches_are_all_seen_as_violations(self, truth, kind):
        skus = {sku.code: sku.id for sku in Sku.select()}
        seen = {
            (row.visit_id, row.violation.kind, row.violation.subject)
            for row in ViolationSighting.select(ViolationSighting, Violation).join(
                Violation, on=ViolationSighting.violation_id == Violation.id, attr="violation"
            )
        }
        planted = {
            (UUID(fact["visit"]), str(BREACHES[kind]), f"sku:{skus[fact['sku']]}")
            for fact in truth[kind]
        }

        assert planted
        assert set() == planted - seen

    def test_check_ins_far_away_are_never_inside(self, truth):
        misplaced = {fact["store"] for fact in truth.get("misplaced_store", ())}
        inside = (
            LocationReading.select(LocationReading.visit_id, Store.code)
            .join(Visit, on=LocationReading.visit_id == Visit.id)
            .join(Store, on=Visit.store == Store.id)
            .where(LocationReading.outcome == "inside", Store.code.not_in(misplaced))
        )

        assert truth["out_of_fence"]
        assert set() == {row.visit_id for row in inside} & ids(truth["out_of_fence"])

    def test_mock_locations_are_flagged(self, truth):
        flagged = {row.visit_id for row in LocationReading.select() if "mock_location" in row.flags}

        assert flagged == ids(truth["mock_location"])

    def test_photos_are_read_by_two_and_scores_are_appealed_against(self):
        readers = {row.person_id for row in PhotoVerdict.select() if row.part == "second"}

        assert [Person.get(Person.login == "auditor2").id] == sorted(readers)
        assert {"open", "accepted", "declined"} == {row.state for row in Appeal.select()}

    def test_scores_change_no_count(self):
        bands = {row.band for row in VisitScore.select()}
        rejected = Visit.select().where(Visit.quarantine_reason == "rejected-by-reviewer")

        assert "reject_pending_review" in bands
        assert 0 == rejected.count()

    def test_moved_stores_are_another_dealers_from_that_day_on(self, truth):
        for move in truth["dealer_move"]:
            store = Store.get(Store.code == move["store"])
            links = StoreDealer.select().where(StoreDealer.store == store)
            before, after = links.order_by(StoreDealer.from_on)
            codes = [Dealer.get_by_id(link.dealer_id).code for link in (before, after)]

            assert [move["before"], move["after"]] == codes
            assert move["on"] == str(before.to_on) == str(after.from_on)

    def test_agents_have_no_stores(self, truth):
        codes = [fact["dealer"] for fact in truth["dealer_without_stores"]]
        links = StoreDealer.select().join(Dealer).where(Dealer.code.in_(codes))

        assert codes
        assert not links.exists()

    def test_the_unknown_store_is_in_quarantine(self, truth):
        quarantined = Visit.select().where(Visit.quarantine_reason == "unknown-store")

        assert {visit.id for visit in quarantined} == ids(truth["unknown_store"])

    def test_nothing_else_is_in_quarantine_and_what_was_reported_is_complete(self, truth):
        open_ = {visit.id for visit in Visit.select().where(Visit.status != "complete")}
        left_open = ids(truth.get("visit_without_check_out", ()))

        assert open_ == left_open | ids(truth["unknown_store"]) | ids(truth["cancelled_visit"])

    def test_visits_are_paused_broken_off_and_amended(self, truth):
        cancelled = Visit.select().where(Visit.cancelled_at.is_null(False))
        paused = Visit.select().where(Visit.paused_s > 0)
        amended = Report.select().where(Report.revision > 1)

        assert ids(truth["cancelled_visit"]) == {visit.id for visit in cancelled}
        assert ids(truth["paused_visit"]) == {visit.id for visit in paused}
        assert ids(truth["amended_report"]) == {report.visit_id for report in amended}


@pytest.mark.usefixtures("truth")
class TestWhatTheOfficeDoes:
    def test_diverted_handsets_are_all_found(self, truth):
        planted = {fact["imei"] for fact in truth["diverted_handset"]}

        assert planted
        assert planted == {crossing.imei for crossing in CrossAreaSale.select()}

    def test_handsets_have_true_numbers(self):
        assert all(imei.checks(sale.imei) for sale in SellOut.select() if sale.imei)

    def test_the_misused_and_the_missing_fixture_are_seen_as_violations(self, truth):
        stores = {store.id: store.code for store in Store.select()}
        seen = {(row.kind, stores[row.store_id]) for row in Violation.select()}
        visited = {stores[visit.store_id] for visit in Visit.select() if visit.store_id}
        planted = {
            (kind, fact["store"])
            for name, kind in (
                ("misused_fixture", "fixture_misuse"),
                ("missing_fixture", "fixture_missing"),
            )
            for fact in truth[name]
            if fact["store"] in visited
        }

        assert planted
        assert set() == planted - seen

    def test_claims_stand_in_every_state(self):
        assert {str(state) for state in ClaimState} == {claim.state for claim in Claim.select()}

    def test_every_method_of_evaluation_is_used_once(self):
        used = [row.method for row in PromotionEvaluation.select()]

        assert sorted(map(str, EvaluationMethod)) == sorted(used)

    def test_complaints_stand_at_every_step(self):
        steps = {"received", *map(str, ComplaintStep)}

        assert steps == {complaint.state for complaint in Complaint.select()}

    def test_price_cases_are_heard(self, truth):
        manager = actor_of(Person.get(Person.login == "manager"))
        shown = price_cases.list_cases(manager, today=TODAY)
        states = {
            str(row["id"]): row["closing"]["outcome"] if row["closing"] else row["state"]
            for row in price_cases.describe(manager, shown, today=TODAY)
        }
        planted = {fact["case"]: fact["state"] for fact in truth["price_case"]}

        assert planted
        assert planted == {case: states[case] for case in planted}

    def test_one_point_is_corrected_and_one_waits(self):
        states = sorted(each.state for each in PointCorrection.select())

        assert ["approved", "proposed"] == states

    def test_the_display_principles_are_asked_for_in_a_second_version(self):
        versions = {
            (each.version, each.published_at is not None) for each in ChecklistTemplate.select()
        }

        assert {(1, True), (2, True)} == versions

    def test_tasks_end_with_what_proves_them(self):
        closed = list(Task.select().where(Task.state == "closed"))

        assert closed
        assert all(task.proof_photo_id for task in closed)

    def test_covers_the_archive_stock_push_and_the_plan_ahead(self):
        for model in (
            Agreement,
            Contact,
            ContactConsent,
            ContactEntry,
            CustomerCard,
            CustomValue,
            FeedbackCard,
            LaunchEvidence,
            PromotionBudget,
            PromotionDay,
            PushAssessment,
            SellIn,
            StockCount,
            Substitution,
        ):
            assert model.select().exists(), model
        assert PlanEntry.select().where(PlanEntry.planned_on >= TODAY).exists()


def _rows():
    return (
        sorted(Store.select(Store.id, Store.code, Store.lat, Store.lon).tuples()),
        sorted(Visit.select(Visit.id, Visit.store, Visit.checked_in_at, Visit.lat).tuples()),
        sorted(Photo.select(Photo.id, Photo.sha256).tuples()),
        sorted(Violation.select(Violation.id, Violation.subject, Violation.sightings).tuples()),
    )
