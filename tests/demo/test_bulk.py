"""A small dataset, made the way the large ones are, and what must hold of any of them."""

import json
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from peewee import Case, fn
from rich.progress import Progress

from backend.app import start
from backend.config import Config
from backend.demo import bulk
from backend.demo.bulk import loading, photo_rows
from backend.demo.bulk.pages import chance, ids
from backend.demo.bulk.setting import PASSWORD
from backend.evidence import fingerprints
from backend.evidence.models import LocationReading, PhotoAudit, PhotoMatch
from backend.evidence.signal_models import VisitScore, VisitSignal
from backend.evidence.signals import SUSPICIOUS_FROM
from backend.fieldwork import fence, imei
from backend.fieldwork.journey_models import PlanEntry
from backend.fieldwork.models import PriceObservation, ProductLine, PromotionResult, Report, Visit
from backend.fieldwork.trade_models import CrossAreaSale, SellIn, SellOut
from backend.fieldwork.violation_models import Violation, ViolationSighting
from backend.insight import figures, windows
from backend.insight.catalogue import KPIS
from backend.insight.populations import Grain, Population
from backend.network.archive_models import DuplicatePair
from backend.network.models import Dealer, Person, Store, StoreDealer
from backend.platform import ledger
from backend.platform.database import db
from backend.platform.models import LedgerEntry
from backend.schema import migrate
from backend.standards import effective, pricing
from backend.standards.scopes import StoreTraits
from tests.conftest import execute
from tests.factories import actor_of

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, tzinfo=UTC)
Loaded = tuple[Config, dict[str, Any]]


@pytest.fixture(scope="module")
def load(
    server: str, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., Loaded]:
    """Loads the smallest size into a new database, and gives its settings and the truth."""

    def make(name: str, processes: int) -> Loaded:
        folder = tmp_path_factory.mktemp(name)
        url = f"{server}/{name}" if server else f"sqlite:///{folder / 'bulk.db'}"
        if server:
            execute(server, f"CREATE DATABASE {name}")
        else:
            shutil.copy(template.removeprefix("sqlite:///"), folder / "bulk.db")
        config = Config(database_url=url, upload_dir=str(folder / "uploads"))
        start(config)
        truth = folder / "truth.json"
        with db.connection_context(), Progress(disable=True) as bars:
            migrate()
            bulk.load("nook", 1, truth, bars, TODAY, processes=processes)
        return config, json.loads(Path(truth).read_text("utf-8"))

    return make


@pytest.fixture(scope="module")
def nook(load: Callable[..., Loaded]) -> Loaded:
    """The one that most tests only read."""
    return load("nook", 1)


@pytest.fixture
def truth(nook: Loaded) -> Iterator[dict[str, Any]]:
    """What was planted, with the database open for the test."""
    config, planted = nook
    start(config)
    db.connect()
    yield planted
    db.close()


def traits_of(visit: Visit) -> StoreTraits:
    """Return what the standard of a visit asks about its store."""
    return StoreTraits(
        visit.store_id,
        visit.tier,
        visit.grade,
        visit.chain,
        visit.division_code,
        visit.region_id,
    )


def checksums() -> dict[str, list[str]]:
    """Return the rows of the tables that chance decides, in order."""
    return {
        model.__name__: sorted(map(repr, model.select().tuples()))
        for model in (*bulk.TABLES, Store, StoreDealer)
    }


def test_the_same_seed_makes_the_same_rows_however_many_processes_make_them(nook, load):
    start(nook[0])
    with db.connection_context():
        first = checksums()
    other, planted = load("nook_again", 2)
    start(other)
    with db.connection_context():
        assert first == checksums()
    assert list(nook[1].items()) == list(planted.items())


@pytest.mark.usefixtures("truth")
class TestTheRows:
    def test_give_every_table_its_share(self):
        assert [] == [model.__name__ for model in bulk.TABLES if not model.select().exists()]

    def test_keep_their_indexes_and_keys(self):
        assert [] == loading.broken_references()
        assert {"visit_person_id_checked_in_at", "visit_store_id_business_on"} <= {
            index.name for index in db.get_indexes("visit")
        }
        assert db.get_primary_keys("photo") == ["visit_id", "id"]

    def test_count_on_a_report_what_its_lines_say(self):
        counted = {row.visit_id: row for row in Report.select().where(Report.state == "judged")}
        wrong = []
        for visit_id, report in counted.items():
            lines = list(ProductLine.select().where(ProductLine.visit_id == visit_id))
            listed = [line for line in lines if line.is_listed]
            seen = PriceObservation.select().where(PriceObservation.visit_id == visit_id)
            prices = [set(each.findings) - {"overpricing"} for each in seen]
            results = list(PromotionResult.select().where(PromotionResult.visit_id == visit_id))
            told = (
                report.must_answered,
                report.must_listed,
                report.must_available,
                report.prices_checked,
                report.prices_compliant,
                report.promos_checked,
                report.promos_executed,
                report.promo_units,
            )
            found = (
                len(lines),
                len(listed),
                sum(line.stock > 0 for line in listed),
                len(prices),
                sum(not each for each in prices),
                len(results),
                sum(each.is_executed for each in results),
                sum(each.units for each in results),
            )
            wrong += [visit_id] if told != found else []
        assert (len(counted) > 100, []) == (True, wrong)

    def test_name_on_a_visit_the_dealer_of_its_day(self):
        links = list(StoreDealer.select())
        owner = {
            visit.id: [
                link.dealer_id
                for link in links
                if link.store_id == visit.store_id and link.is_on(visit.business_on)
            ]
            for visit in Visit.select()
        }
        assert {visit.id: [visit.dealer_id] for visit in Visit.select()} == owner

    def test_let_only_a_visit_that_counts_do_what_was_planned(self):
        visits = {visit.id: visit for visit in Visit.select().where(Visit.counts())}
        wrong = []
        for entry in PlanEntry.select().where(PlanEntry.visit_id.is_null(False)):
            visit = visits[entry.visit_id]
            said = (entry.status, entry.person_id, entry.store_id, entry.days_late)
            late = (visit.business_on - entry.planned_on).days
            wrong += [] if said == ("done", visit.person_id, visit.store_id, late) else [entry.id]
        assert [] == wrong
        assert {"done", "missed", "cancelled_by_manager"} == {
            status for (status,) in PlanEntry.select(PlanEntry.status).distinct().tuples()
        }

    def test_judge_prices_as_the_product_does(self):
        visits = {visit.id: visit for visit in Visit.select()}
        for row in PriceObservation.select().limit(200):
            visit = visits[row.visit_id]
            standard = effective.on(visit.business_on).of(traits_of(visit))
            verdict = pricing.judge(
                row.tag_fen,
                quoted_fen=row.quoted_fen,
                discount_fen=row.discount_fen,
                gift_fen=row.gift_fen,
                reference_fen=standard.reference_fen(row.sku_id),
                allowed_gift_fen=standard.allowed_gift_fen(row.sku_id),
                promo_price_fen=standard.promo_price_fen(row.sku_id),
            )
            assert (verdict.net_fen, verdict.reference_fen, list(verdict.findings)) == (
                row.net_fen,
                row.reference_fen,
                row.findings,
            )

    def test_judge_places_as_the_product_does(self):
        stores = {store.id: store for store in Store.select()}
        readings = {row.visit_id: row for row in LocationReading.select()}
        for visit in Visit.select().limit(80):
            reading = readings[visit.id]
            verdict = fence.judge_at(
                stores[visit.store_id], visit.point, visit.accuracy_m, tier=visit.tier
            )
            assert verdict.outcome == reading.outcome
            assert verdict.distance_m == pytest.approx(reading.distance_m, abs=2)

    def test_tell_of_a_violation_what_its_sightings_do(self):
        seen = {
            case: (count, first, last)
            for case, count, first, last in ViolationSighting.select(
                ViolationSighting.violation_id,
                fn.COUNT(ViolationSighting.visit_id),
                fn.MIN(ViolationSighting.seen_at),
                fn.MAX(ViolationSighting.seen_at),
            )
            .group_by(ViolationSighting.violation_id)
            .tuples()
        }
        cases = list(Violation.select())
        assert [] == [
            case.id
            for case in cases
            if seen[case.id] != (case.sightings, case.opened_at, case.last_seen_at)
            or (case.resolved_at and case.resolved_at <= case.last_seen_at)
        ]
        reported = sum(len(row.sightings or ()) for row in Report.select())
        of_visits = [case for case in cases if case.opened_visit_id]
        assert sum(case.sightings for case in of_visits) == reported

    def test_score_complete_visits_by_their_signals(self):
        points = dict(
            VisitSignal.select(VisitSignal.visit_id, fn.SUM(VisitSignal.points))
            .group_by(VisitSignal.visit_id)
            .tuples()
        )
        assert [] == [
            row.visit_id
            for row in VisitScore.select()
            if row.score != min(100, points.get(row.visit_id, 0))
        ]

    def test_end_before_today(self):
        last = Visit.select(fn.MAX(Visit.business_on)).scalar()

        assert TODAY - timedelta(days=4) < last < TODAY
        assert SellOut.select(fn.MAX(SellOut.sold_on)).scalar() < TODAY
        assert SellIn.select(fn.MAX(SellIn.sold_on)).scalar() < TODAY

    def test_leave_one_entry_that_says_what_was_loaded(self):
        (entry,) = LedgerEntry.select().where(LedgerEntry.verb == "dataset.loaded")

        assert Visit.select().count() == json.loads(entry.facts)["rows"]["visit"]
        assert ledger.head() == list(ledger.verify())[-1]
        assert 0 == LedgerEntry.select().where(LedgerEntry.seq.is_null()).count()


class TestTheTruth:
    @pytest.mark.parametrize(
        "kind",
        [
            "cheater",
            "mistagged_datum",
            "duplicated_store",
            "dealer_move",
            "failing_promotion",
            "falling_dealer",
            "reused_photo",
            "dealer_without_stores",
            "store_without_sales",
            "too_few_for_deciles",
            "visit_without_check_out",
            "negative_returns",
            "too_few_for_rfv",
            "diverted_handset",
            "rep_left",
        ],
    )
    def test_names_what_was_planted(self, truth, kind):
        assert truth[kind]

    def test_counts_by_hand_what_the_rows_say(self, truth):
        for expected in truth["expected"]:
            dealer = expected["dealer_id"]
            since, until = (date.fromisoformat(expected[end]) for end in ("from", "to"))
            window = (Visit.business_on >= since) & (Visit.business_on < until)
            mine = Visit.counts() & (Visit.dealer == dealer) & window
            reports = Report.select(
                fn.SUM(Report.prices_compliant), fn.SUM(Report.prices_checked)
            ).join(Visit, on=(Visit.id == Report.visit_id))
            sold = SellOut.select(fn.SUM(SellOut.units)).where(
                SellOut.dealer == dealer, SellOut.sold_on >= since, SellOut.sold_on < until
            )

            assert expected["visits"] == [Visit.select().where(mine).count(), None]
            assert tuple(expected["price_compliance_rate"]) == reports.where(mine).tuples()[0]
            assert expected["sell_out_units"] == [sold.scalar(), None]

    def test_names_repeats_that_are_matched(self, truth):
        matched = {row.visit_id.hex for row in PhotoMatch.select()}

        assert {fact["visit"] for fact in truth["reused_photo"]} == matched
        assert PhotoAudit.select().where(PhotoAudit.status == "rejected").exists()

    def test_names_the_handsets_that_are_sold_elsewhere(self, truth):
        codes = dict(Dealer.select(Dealer.id, Dealer.code).tuples())
        found = {row.imei: codes[row.sold_in_dealer_id] for row in CrossAreaSale.select()}

        assert {fact["imei"]: fact["dealer"] for fact in truth["diverted_handset"]} == found
        assert all(imei.checks(row.imei) for row in SellOut.select().where(SellOut.imei != ""))

    def test_names_the_stores_that_look_alike(self, truth):
        codes = dict(Store.select(Store.id, Store.code).tuples())
        found = {frozenset((codes[row.first], codes[row.second])) for row in DuplicatePair.select()}

        assert {
            frozenset((fact["store"], fact["duplicate"])) for fact in truth["duplicated_store"]
        } <= found

    def test_names_the_visits_that_are_found_to_mistake_the_datum(self, truth):
        planted = {UUID(fact["visit"]) for fact in truth["mistagged_datum"]}
        found = {row.visit_id for row in LocationReading.select() if row.flags}

        assert found
        assert found <= planted  # the fix of a few is too coarse to tell

    def test_names_the_cheaters_whom_their_scores_give_away(self, truth):
        is_suspicious = Case(None, [(VisitScore.score >= SUSPICIOUS_FROM, 1.0)], 0.0)
        shares = dict(
            VisitScore.select(Person.login, fn.AVG(is_suspicious))
            .join(Person, on=Person.id == VisitScore.person_id)
            .group_by(Person.login)
            .tuples()
        )
        (cheater,) = (fact["login"] for fact in truth["cheater"])

        assert cheater == max(shares, key=shares.__getitem__)

    def test_names_who_left_and_who_came(self, truth):
        for fact in truth["rep_left"]:
            old, new = (Person.get(Person.login == fact[who]) for who in ("login", "heir"))
            day = TODAY - timedelta(days=91 - fact["day"])
            visits = {who: Visit.select().where(Visit.person == who) for who in (old, new)}

            assert (False, True) == (old.is_active, new.is_active)
            assert 0 == visits[old].where(Visit.business_on >= day).count()
            assert 0 == visits[new].where(Visit.business_on < day).count()
            assert not Store.select().where(Store.owner == old).exists()


@pytest.mark.usefixtures("truth")
def test_no_figure_of_the_nation_is_unknown():
    month = windows.PRESETS["month"](TODAY)
    everybody = Population(
        actor=actor_of(Person.get(Person.login == "manager")), grain=Grain.ALL, sees_all=True
    )
    (sku_id,) = ProductLine.select(ProductLine.sku).limit(1).tuples()[0]

    found = figures.figures(everybody, window=month, at=NOW, kpis=KPIS, sku_id=sku_id)

    values = {code: figure.value for code, figure in found["all"].figures.items()}
    assert {kpi.code for kpi in KPIS} == set(values)
    assert [] == [code for code, value in values.items() if value is None]


def test_bands_of_fingerprints_are_the_products():
    random = chance(1)
    prints = random.integers(-(2**63), 2**63, 20)

    found = list(zip(*(band.tolist() for band in photo_rows.bands(prints)), strict=True))
    assert [fingerprints.bands(each) for each in prints.tolist()] == found
    assert 5 == len(set(ids(random, 5)))


class TestTheProduct:
    @pytest.fixture
    def app(self, whole_app, nook):
        start(nook[0])
        whole_app.config.from_mapping(nook[0].as_flask())
        with db.connection_context():
            yield whole_app

    def test_signs_people_in_and_shows_their_visits(self, app):
        body = {"login": "manager", "password": PASSWORD, "device_id": "desk"}
        client = app.test_client()
        token = client.post("/v1/sessions", json=body).json["token"]
        headers = {"Authorization": f"Bearer {token}"}
        visit = Visit.get(Visit.status == "complete")

        shown = client.get(f"/v1/visits/{visit.id}", headers=headers)
        page = client.get("/v1/visits", headers=headers)

        assert (200, 200) == (shown.status_code, page.status_code)
        assert visit.store_id == shown.json["store_id"]

    def test_adds_up_to_what_was_counted_by_hand(self, app, nook):
        manager = app.test_client().as_(Person.get(Person.login == "manager"))
        for expected in nook[1]["expected"]:
            window = f"from={expected['from']}&to={expected['to']}"
            shown = manager.get(f"/v1/dealers/{expected['dealer_id']}/summary?{window}").json
            figures = {code: shown["kpis"][code] for code in expected if code in shown["kpis"]}
            found = {code: [each["num"], each["den"]] for code, each in figures.items()}

            assert len(found) > 5
            assert {code: pytest.approx(expected[code]) for code in found} == found

    def test_exports_them(self, app):
        manager = app.test_client().as_(Person.get(Person.login == "manager"))
        window = f"from={TODAY - timedelta(days=100)}&to={TODAY}"

        with manager.get(f"/v1/exports/visits.csv?{window}") as response:
            lines = response.text.splitlines()

        assert Visit.select().count() == len(lines) - 1
