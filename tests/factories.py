"""Builders with honest defaults: a test names only what it is about.

The stores stand in Changsha and around it (Hunan); the brand is the fictional 曜石 YAOSHI.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from itertools import count
from typing import Any
from uuid import uuid4

from argon2 import PasswordHasher

from backend.evidence import fingerprints, matches, repeats
from backend.evidence.audit_models import AuditPlan
from backend.evidence.models import PhotoMatch, PhotoReading, PointSuggestion
from backend.evidence.signal_models import Appeal, VisitScore, VisitSignal
from backend.evidence.signals import Signal, band_of
from backend.fieldwork import complaints, feedback
from backend.fieldwork.case_models import Complaint, FeedbackCard, Task
from backend.fieldwork.fixture_models import Fixture, FixtureEvent, FixtureInspection
from backend.fieldwork.journey_models import PlanEntry
from backend.fieldwork.models import PriceObservation, ProductLine, PromotionResult, Report, Visit
from backend.fieldwork.photo_models import Photo
from backend.fieldwork.promotion_models import Launch
from backend.fieldwork.push_models import PushAssessment
from backend.fieldwork.task_log import insert_new
from backend.fieldwork.trade_models import SellIn, SellOut, StockCount, StockCountLine
from backend.fieldwork.violation_models import Violation
from backend.insight.scorecard_models import Scorecard, ScorecardContest
from backend.insight.target_models import KpiTarget
from backend.network import sessions
from backend.network.archive_models import (
    Agreement,
    CompetitorNote,
    Contact,
    ContactEntry,
    CustomerCard,
    CustomField,
)
from backend.network.models import Dealer, Person, Region, Store, StoreDealer
from backend.network.positions import CONVERTER
from backend.platform import blobs, clock
from backend.platform.actors import Actor, Role
from backend.platform.database import transaction
from backend.standards import revision
from backend.standards.codes import ViolationKind
from backend.standards.journey_models import CalendarDay
from backend.standards.mix_models import (
    CounterSurvey,
    PriceBandFit,
    RegionSalesIndex,
    SeasonPlan,
)
from backend.standards.models import (
    AssortmentRule,
    ChecklistTemplate,
    Promotion,
    PromotionSku,
    PromotionStore,
    ReferencePrice,
    Sku,
)
from backend.standards.service import ComplaintStep, FeedbackTopic

_numbers = count(1)
NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)  # a Monday, 12:00 in Beijing
TODAY = date(2026, 3, 2)
OPENED = date(2025, 1, 1)
PASSWORD = "correct horse"
# Cheap parameters: a hash says itself how it is to be checked.
PASSWORD_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


def number_anew() -> None:
    """Let codes and names start again, for a database without rows."""
    global _numbers  # noqa: PLW0603  # one numbering, as there is one database
    _numbers = count(1)


def make_region(parent: Region | None = None, **fields: Any) -> Region:
    """Store a region; without a parent it is another root."""
    number = next(_numbers)
    defaults = {"code": f"R{number}", "name": f"Region {number}", "parent": parent, "path": ""}
    region = Region.create(**defaults | {"path": f"?{number}"} | fields)
    region.path = f"{parent.path if parent else '/'}{region.id}/"
    region.save()
    return region


def the_region() -> Region:
    """Return the one region everything is in unless told otherwise."""
    return Region.select().order_by(Region.id).first() or make_region(code="HN", name="湖南")


def make_person(role: Role = Role.REP, **fields: Any) -> Person:
    """Store a person who signs in with PASSWORD."""
    defaults = {
        "login": f"person{next(_numbers)}",
        "name": "李雷",
        "role": str(role),
        "region": fields.get("region") or the_region(),
        "password_hash": PASSWORD_HASH,
    }
    return Person.create(**defaults | fields)


def actor_of(person: Person) -> Actor:
    """Return the actor a signed-in person is."""
    return sessions.as_actor(person, at=clock.now())


def make_dealer(**fields: Any) -> Dealer:
    """Store a dealer."""
    number = next(_numbers)
    defaults = {
        "code": f"43-01-{number % 1000:03}",
        "name": f"Dealer {number}",
        "region": fields.get("region") or the_region(),
        "opened_on": OPENED,
    }
    return Dealer.create(**defaults | fields)


def make_store(dealer: Dealer | None = None, **fields: Any) -> Store:
    """Store an active city store of a dealer since it opened, on Changsha's 五一广场."""
    number = next(_numbers)
    dealer = dealer or make_dealer(region=fields.get("region") or the_region())
    defaults = {
        "code": f"{dealer.code}-{number % 10_000:04}",
        "name": f"Store {number}",
        "region": dealer.region_id,
        "division_code": "430102001",
        "tier": "city",
        "grade": "B",
        "raw_lat": 28.1951,
        "raw_lon": 112.9769,
        "raw_crs": "wgs84",
        "lat": 28.1951,
        "lon": 112.9769,
        "crs_impl": CONVERTER,
        "status": "active",
        "opened_on": OPENED,
    }
    store = Store.create(**defaults | fields)
    StoreDealer.create(store=store, dealer=dealer, from_on=store.opened_on)
    return store


def make_card(of: Dealer | Store, **fields: Any) -> CustomerCard:
    """Store the archive card of a dealer or store, with nothing on it unless told."""
    owner = {"dealer": of} if isinstance(of, Dealer) else {"store": of}
    return CustomerCard.create(
        **owner | {"amended_at": NOON, "amended_by_id": 0, "version": 1} | fields
    )


def make_contact(at: Dealer | Store, **fields: Any) -> Contact:
    """Store a clerk of a dealer or store."""
    owner = {"dealer": at} if isinstance(at, Dealer) else {"store": at}
    defaults = {
        "id": uuid4(),
        "name": f"联系人 {next(_numbers)}",
        "job_role": "clerk",
        "person_id": 0,
        "created_at": NOON,
        "content_sha256": "0" * 64,
        "version": 1,
    }
    return Contact.create(**owner | defaults | fields)


def make_contact_entry(contact: Contact, **fields: Any) -> ContactEntry:
    """Store that a contact was visited TODAY."""
    defaults = {
        "id": uuid4(),
        "contact": contact,
        "kind": "visit",
        "happened_at": NOON,
        "happened_on": TODAY,
        "note": "",
        "person_id": 0,
        "content_sha256": "0" * 64,
    }
    return ContactEntry.create(**defaults | fields)


def make_competitor_note(at: Dealer | Store, **fields: Any) -> CompetitorNote:
    """Store that a competing brand was seen TODAY."""
    owner = {"dealer": at} if isinstance(at, Dealer) else {"store": at}
    defaults = {
        "id": uuid4(),
        "seen_on": TODAY,
        "brand": "玄铁",
        "strengths": "",
        "weaknesses": "",
        "person_id": 0,
        "content_sha256": "0" * 64,
    }
    return CompetitorNote.create(**owner | defaults | fields)


def make_custom_field(subject: str = "store", **fields: Any) -> CustomField:
    """Store a custom field of text that nobody has to fill."""
    defaults = {
        "subject": subject,
        "code": f"field{next(_numbers)}",
        "label_zh": "字段",
        "label_en": "field",
        "kind": "text",
        "options": [],
        "is_required": False,
        "version": 1,
    }
    return CustomField.create(**defaults | fields)


def make_agreement(dealer: Dealer, **fields: Any) -> Agreement:
    """Store an agreement about everything everywhere, without an end."""
    defaults = {
        "dealer": dealer,
        "code": f"XY-{next(_numbers)}",
        "products": [],
        "territory": [],
        "targets": [],
        "payment_mode": "prepaid",
        "rebate_terms": "",
        "legal_representative": "陈建国",
        "signed_on": OPENED,
        "valid_from": OPENED,
        "version": 1,
    }
    return Agreement.create(**defaults | fields)


def make_visit(
    store: Store | None = None, person: Person | None = None, *, at: datetime = NOON, **fields: Any
) -> Visit:
    """Store a complete visit, checked in at the store's door with 20 m of accuracy.

    For a visit whose store is unknown pass `store_id=None`; dealer and region are then none too.
    """
    store = store or make_store()
    day = clock.business_date(at)
    link = StoreDealer.get_or_none(StoreDealer.store == store, StoreDealer.on(day))
    defaults = {
        "id": uuid4(),
        "person": person or make_person(region=store.region_id),
        "claimed_store_id": store.id,
        "store_id": store.id,
        "dealer_id": link and link.dealer_id,
        "region_id": store.region_id,
        "tier": store.tier,
        "grade": store.grade,
        "chain": store.chain,
        "division_code": store.division_code,
        "kind": "routine",
        "status": "complete",
        "business_on": day,
        "checked_in_at": at,
        "device_at": at,
        "received_at": at,
        "is_clock_suspect": False,
        "raw_lat": store.lat,
        "raw_lon": store.lon,
        "raw_crs": "wgs84",
        "accuracy_m": 20,
        "lat": store.lat,
        "lon": store.lon,
        "crs_impl": CONVERTER,
        "completed_at": at,
        "content_sha256": "0" * 64,
    }
    if "store_id" in fields and fields["store_id"] is None:
        defaults |= dict.fromkeys(
            ("dealer_id", "region_id", "tier", "grade", "chain", "division_code")
        )
    return Visit.create(**defaults | fields)


def make_suggestion(store: Store | None = None, **fields: Any) -> PointSuggestion:
    """Store that five check-ins of two people place a store 111 m further north."""
    store = store or make_store()
    defaults = {
        "store": store,
        "basis": "check_ins",
        "raw_lat": 28.1961,
        "raw_lon": 112.9769,
        "raw_crs": "wgs84",
        "lat": 28.1961,
        "lon": 112.9769,
        "from_lat": store.lat,
        "from_lon": store.lon,
        "moved_m": 111,
        "spread_m": 20,
        "visits": 5,
        "people": 2,
        "suggested_at": NOON,
        "version": 1,
    }
    return PointSuggestion.create(**defaults | fields)


def make_report(visit: Visit, **counts: Any) -> Report:
    """Store the judged report of a visit; counts that are not named stay null."""
    defaults = {
        "visit_id": visit.id,
        "person": visit.person_id,
        "state": "judged",
        "received_at": visit.received_at,
        "device_at": visit.device_at,
        "content_sha256": "0" * 64,
        "document": "{}",
    }
    return Report.create(**defaults | counts)


def make_product_line(visit: Visit, sku: Sku, **fields: Any) -> ProductLine:
    """Store what a visit found of a must-list product: nothing looked at unless told."""
    return ProductLine.create(**{"visit_id": visit.id, "sku": sku, "is_must": True} | fields)


def make_price_observation(visit: Visit, sku: Sku, **fields: Any) -> PriceObservation:
    """Store a price of 1999 yuan as it should be."""
    defaults = {
        "number": next(_numbers),
        "tag_fen": 199_900,
        "discount_fen": 0,
        "gift_fen": 0,
        "net_fen": 199_900,
        "reference_fen": 199_900,
        "allowed_gift_fen": 0,
        "findings": [],
    }
    return PriceObservation.create(visit_id=visit.id, sku=sku, **defaults | fields)


def make_photo(visit: Visit, content: bytes, **fields: Any) -> Photo:
    """Store a photo that was declared and received with the visit, its blob really held."""
    sha256 = blobs.put(content)
    defaults = {
        "visit_id": visit.id,
        "id": uuid4(),
        "person": visit.person_id,
        "is_declared": True,
        "declared_sha256": sha256,
        "declared_bytes": len(content),
        "subject": "storefront",
        "captured_at": visit.checked_in_at,
        "capture_source": "camera",
        "sha256": sha256,
        "size_bytes": len(content),
        "media_type": "image/jpeg",
        "received_at": visit.received_at,
    }
    return Photo.create(**defaults | fields)


def make_reading(visit: Visit, dhash: int, **fields: Any) -> PhotoReading:
    """Store a photo of the visit as read, with a fingerprint, and what it repeats."""
    photo = make_photo(visit, uuid4().bytes)
    defaults = {
        "visit_id": visit.id,
        "photo_id": photo.id,
        "sha256": photo.sha256,
        "received_at": photo.received_at,
        "dhash": dhash,
        **dict(zip(("band0", "band1", "band2"), fingerprints.bands(dhash), strict=True)),
    }
    reading = PhotoReading.create(**defaults | fields)
    repeats.record(reading)
    matches.place(visit.id, at=NOON)
    return reading


def make_violation(store: Store | None = None, **fields: Any) -> Violation:
    """Store an open violation that a visit saw at NOON, for the dealer of its day."""
    store = store or make_store()
    opened_on = fields.get("opened_on", TODAY)
    link = StoreDealer.get(StoreDealer.store == store, StoreDealer.on(opened_on))
    kind = fields.get("kind", ViolationKind.REQUIRED_SIGNAGE_MISSING)
    defaults = {
        "store": store.id,
        "id": uuid4(),
        "kind": str(kind),
        "subject": f"letter:{next(_numbers)}",
        "severity": kind.severity,
        "dealer": link.dealer_id,
        "region": store.region_id,
        "opened_at": NOON,
        "opened_on": TODAY,
        "opened_by_id": 1,
        "is_manual": False,
        "note": "",
        "sightings": 1,
        "last_seen_at": NOON,
        "version": 1,
    }
    return Violation.create(**defaults | fields)


def make_task(store: Store | None = None, *, at: datetime = NOON, **fields: Any) -> Task:
    """Store a task made by hand, or for the `violation` that is passed, with its first event."""
    store = store or make_store()
    case: Violation | None = fields.pop("violation", None)
    row = {
        "store": store.id,
        "id": uuid4(),
        "origin": "violation" if case else "hand",
        "violation_id": case and case.id,
        "kind": case and case.kind,
        "subject": case.subject if case else "",
        "severity": case.severity if case else 2,
        "note": "补贴海报",
        "dealer": StoreDealer.get(StoreDealer.store == store).dealer_id,
        "region": store.region_id,
        "owner": store.owner_id,
        "due_on": None,
        "content_sha256": None,
    }
    with transaction():
        insert_new(None, [row | fields], at=at)
    return Task.get(Task.id == (row | fields)["id"])


def make_checklist(lines: Iterable[dict[str, Any]], **fields: Any) -> ChecklistTemplate:
    """Store the published checklist of city stores; lines are required yes/no ones unless said."""
    usual = {"kind": "yes_no", "required": True, "items": [], "zh": "检查", "en": "Check"}
    usual |= {"rule_zh": "", "rule_en": ""}
    defaults = {
        "code": f"checklist-{next(_numbers)}",
        "version": 1,
        "name_zh": "检查表",
        "name_en": "Checklist",
        "scope_kind": "tier",
        "scope_value": "city",
        "lines": [usual | {"letter": line["code"]} | line for line in lines],
        "any_of_letters": [],
        "valid_from": OPENED,
        "published_at": NOON,
    }
    return _standard(ChecklistTemplate, defaults | fields)


def make_complaint(
    store: Store | None = None, person: Person | None = None, *, at: datetime = NOON, **fields: Any
) -> Complaint:
    """Store a complaint of a store that nobody has acknowledged, recorded when it was made."""
    store = store or make_store()
    defaults = {
        "source": "store",
        "store_id": store.id,
        "category": "service_quality",
        "target_department": "sales",
        "text": "返修机三周未归还",
        "received_at": at,
        "content_sha256": "0" * 64,
    }
    actor = actor_of(person or make_person(Role.MANAGER, region=store.region_id))
    complaint, _ = complaints.record(actor, uuid4(), **defaults | fields, at=at)
    return complaint


def close_complaint(complaint: Complaint, person: Person, *, at: datetime = NOON) -> None:
    """Take every step of a complaint."""
    for number, step in enumerate(ComplaintStep, start=1):
        promised_on = TODAY if step is ComplaintStep.COMMITTED else None
        complaints.take_step(
            actor_of(person),
            complaint.id,
            step,
            text=step.zh,
            promised_on=promised_on,
            version=number,
            at=at,
        )


def make_feedback_card(
    about: Violation | Complaint | Visit, person: Person, *marks: int, at: datetime = NOON
) -> FeedbackCard:
    """Store a card about a finished job; the marks are for the topics in their order."""
    names = {Violation: "violation", Complaint: "complaint", Visit: "visit"}
    topics = zip(FeedbackTopic, marks or (5,), strict=False)
    card, _ = feedback.put(
        actor_of(person),
        uuid4(),
        about=names[type(about)],
        about_id=about.id,
        scores=[{"topic": str(t), "score": mark, "department": None} for t, mark in topics],
        comment="",
        content_sha256="0" * 64,
        at=at,
    )
    return card


def make_feedback(store: Store, **fields: Any) -> FeedbackCard:
    """Store what a store thinks of some job, TODAY."""
    number = next(_numbers)
    defaults = {
        "id": uuid4(),
        "about": "store",
        "about_id": uuid4(),
        "job": f"job {number}",
        "store": store,
        "region": store.region_id,
        "given_on": TODAY,
        "comment": "",
        "score": 4.0,
        "recorded_by_id": 0,
        "recorded_at": NOON,
        "content_sha256": "0" * 64,
    }
    return FeedbackCard.create(**defaults | fields)


def make_push(store: Store, person: Person | None = None, **fields: Any) -> PushAssessment:
    """Store that a store's clerks mentioned the brand among others TODAY."""
    defaults = {
        "store": store,
        "id": uuid4(),
        "region": store.region_id,
        "person_id": person.id if person else 0,
        "assessed_at": NOON,
        "assessed_on": TODAY,
        "clerk_push": 2,
        "note": "",
        "content_sha256": "0" * 64,
    }
    return PushAssessment.create(**defaults | fields)


def make_audit_plan(region: Region | None = None, **fields: Any) -> AuditPlan:
    """Store a plan that draws every photo once, for years."""
    defaults = {
        "region": region or the_region(),
        "valid_from": OPENED,
        "share": 1.0,
        "control_share": 0.0,
        "second_share": 0.0,
        "weights": {},
        "seed": "9f86d081884c7d659a2feaa0c55ad015",
        "created_by_id": 0,
        "created_at": NOON,
    }
    return AuditPlan.create(**defaults | fields)


def make_sku(**fields: Any) -> Sku:
    """Store a handset that launched long ago."""
    number = next(_numbers)
    defaults = {
        "code": f"X{number}",
        "name": f"YAOSHI X{number}",
        "category": "handset",
        "role": "regular",
        "tags": [],
        "launched_on": OPENED,
    }
    return _standard(Sku, defaults | fields)


def make_price(sku: Sku, **fields: Any) -> ReferencePrice:
    """Store a recommended retail price for the whole nation."""
    defaults = {
        "sku": sku,
        "price_type": "recommended_retail_price",
        "area": "",
        "amount_fen": 199_900,
        "valid_from": OPENED,
    }
    return _standard(ReferencePrice, defaults | fields)


def make_must_rule(**fields: Any) -> AssortmentRule:
    """Store a rule that every store must list some products."""
    defaults = {
        "scope_kind": "all",
        "scope_value": "",
        "select_kind": "role",
        "select_value": "hero",
        "must_list": True,
        "min_facings": 1,
        "priority": 0,
        "valid_from": OPENED,
    }
    return _standard(AssortmentRule, defaults | fields)


def make_season_plan(**fields: Any) -> SeasonPlan:
    """Store a season that lasts for years."""
    defaults = {
        "code": f"S{next(_numbers)}",
        "name": "春季",
        "strategy": "",
        "starts_on": OPENED,
        "ends_on": date(2030, 1, 1),
    }
    return SeasonPlan.create(**defaults | fields)


def make_sales_index(region: int, from_on: date, sales_index: int) -> RegionSalesIndex:
    """Store how well a region sells since a day."""
    row = {"region": region, "from_on": from_on, "sales_index": sales_index}
    return _standard(RegionSalesIndex, row)


def make_band_fit(**fields: Any) -> PriceBandFit:
    """Store that the cheapest price band suits the whole nation."""
    defaults = {"area": "", "tier": "", "bands": ["0-999"], "valid_from": OPENED}
    return _standard(PriceBandFit, defaults | fields)


def make_survey(store: Store, person: Person | None = None, **fields: Any) -> CounterSurvey:
    """Store what was seen at a store's counter TODAY: three sections, no competitor."""
    defaults = {
        "store": store,
        "id": uuid4(),
        "seen_on": TODAY,
        "position_grade": 2,
        "display_area_m2": 6.0,
        "sections": 3,
        "competitors": [],
        "person": person or make_person(region=store.region_id),
        "received_at": NOON,
        "content_sha256": "0" * 64,
    }
    return CounterSurvey.create(**defaults | fields)


def make_promotion(
    skus: Iterable[Sku] = (), stores: Iterable[Store] = (), **fields: Any
) -> Promotion:
    """Store a promotion that runs for years, with its products and enrolled stores."""
    defaults = {
        "code": f"P{next(_numbers)}",
        "name": "五一",
        "objective": "lift_sales",
        "dealer_kinds": [],
        "consumer_kinds": ["gift_with_purchase"],
        "area": [],
        "starts_on": OPENED,
        "ends_on": date(2030, 1, 1),
        "allowed_gift_fen": 0,
    }
    promotion = _standard(Promotion, defaults | fields)
    for sku in skus:
        PromotionSku.create(promotion=promotion, sku=sku)
    for store in stores:
        PromotionStore.create(promotion=promotion, store=store)
    return promotion


def make_promotion_result(visit: Visit, promotion: Promotion, **fields: Any) -> PromotionResult:
    """Store what a countable visit reported of a promotion its store takes part in."""
    defaults = {
        "visit_id": visit.id,
        "promotion": promotion,
        "is_executed": True,
        "remark": "",
        "is_enrolled": True,
    }
    return PromotionResult.create(**defaults | fields)


def make_launch(sku: Sku | None = None, **fields: Any) -> Launch:
    """Store a launch of a product in the nation."""
    defaults = {"sku": sku or make_sku(), "name": "首销", "launched_on": TODAY, "area": []}
    return Launch.create(**defaults | fields)


def make_plan_entry(store: Store, person: Person | None = None, **fields: Any) -> PlanEntry:
    """Store a planned visit for TODAY."""
    defaults = {
        "id": uuid4(),
        "store": store,
        "person": person or make_person(region=store.region_id),
        "planned_on": TODAY,
        "status": "planned",
        "content_sha256": "0" * 64,
    }
    return PlanEntry.create(**defaults | fields)


def make_count(
    store: Store, stock: dict[Sku, int], *, at: datetime = NOON, **fields: Any
) -> StockCount:
    """Store a count outside a visit: sellable units by product."""
    defaults = {
        "store": store,
        "id": uuid4(),
        "person": fields.get("person") or make_person(region=store.region_id),
        "counted_at": at,
        "counted_on": clock.business_date(at),
        "received_at": at,
        "content_sha256": "0" * 64,
    }
    count = StockCount.create(**defaults | fields)
    for sku, units in stock.items():
        StockCountLine.create(store=store, count_id=count.id, sku=sku, stock=units)
    return count


def imei(number: int) -> str:
    """Return the IMEI of a handset by its number."""
    digits = f"35693803{number:06}"
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(digits))
    return f"{digits}{-sum(each // 10 + each % 10 for each in doubled) % 10}"


def make_sell_out(store: Store, sku: Sku, *, on: date = TODAY, **fields: Any) -> SellOut:
    """Store the sale of one unit to a shopper."""
    return SellOut.create(**_sale(store, sku, on) | {"store": store} | fields)


def make_sell_in(
    sku: Sku, *, store: Store | None = None, dealer: Dealer | None = None, **fields: Any
) -> SellIn:
    """Store the sale of one unit to a store, or else to a dealer, on TODAY unless told."""
    on = fields.pop("on", TODAY)
    buyer = store or dealer or make_dealer()
    defaults = {"dealer": dealer, "region": buyer.region_id} if store is None else {}
    if dealer is None and store is None:
        defaults["dealer"] = buyer
    return SellIn.create(**_sale(store, sku, on) | {"store": store} | defaults | fields)


def make_fixture(**fields: Any) -> Fixture:
    """Store a counter that nobody has yet."""
    number = next(_numbers)
    region = fields.get("region") or the_region()
    defaults = {
        "code": f"ZG-{number:05}",
        "kind": "brand_counter",
        "name": "专柜 1.2 m",
        "value_fen": 680_000,
        "owner_company": "曜石通信",
        "purchased_on": OPENED,
        "condition": "new",
        "state": "available",
        "region": region,
        "place": "",
    }
    fixture = Fixture.create(**defaults | fields)
    _fixture_event(fixture, 1, "registered", datetime(2025, 6, 1, tzinfo=UTC))
    return fixture


def make_inspection(store: Store, person: Person, **fields: Any) -> FixtureInspection:
    """Store that somebody found a fixture where it should stand."""
    defaults = {
        "fixture": fields.pop("fixture", None) or make_fixture(),
        "id": uuid4(),
        "store": store,
        "person": person,
        "inspected_at": NOON,
        "is_present": True,
        "is_expected": True,
        "is_misused": False,
        "note": "",
        "photos": [],
        "received_at": NOON,
        "content_sha256": "0" * 64,
    }
    return FixtureInspection.create(**defaults | fields, force_insert=True)


def make_loan(
    store: Store, *, at: datetime = datetime(2026, 1, 5, 4, tzinfo=UTC), **fields: Any
) -> Fixture:
    """Store a counter that stands in a store, lent to its dealer."""
    link = StoreDealer.get(StoreDealer.store == store, StoreDealer.on(clock.business_date(at)))
    lent = {
        "state": "on_loan",
        "dealer": link.dealer_id,
        "store": store,
        "region": store.region_id,
        "lent_on": clock.business_date(at),
    }
    fixture = make_fixture(**lent | fields)
    _fixture_event(fixture, 2, "handed_over", at)
    return fixture


def _fixture_event(fixture: Fixture, number: int, kind: str, at: datetime) -> None:
    FixtureEvent.create(
        fixture=fixture,
        number=number,
        kind=kind,
        happened_at=at,
        dealer_id=fixture.dealer_id,
        store_id=fixture.store_id,
        place=fixture.place,
        photos=[],
        note="",
        recorded_at=at,
        recorded_by_id=1,
    )


def _sale(store: Store | None, sku: Sku, on: date) -> dict[str, Any]:
    link = store and StoreDealer.get_or_none(StoreDealer.store == store, StoreDealer.on(on))
    return {
        "id": uuid4(),
        "sold_on": on,
        "dealer": link and link.dealer_id,
        "region": store and store.region_id,
        "sku": sku,
        "units": 1,
        "amount_fen": 199_900,
        "recorded_at": NOON,
        "recorded_by_id": 1,
    }


def make_calendar_day(region: Region, day: date | str, **fields: Any) -> CalendarDay:
    """Store what the brand says of a day: that it is free."""
    defaults = {"region": region, "day": date.fromisoformat(str(day)), "kind": "holiday"}
    return _standard(CalendarDay, defaults | {"name": ""} | fields)


def _standard(model: type[Any], fields: dict[str, Any]) -> Any:
    row = model.create(**fields)
    revision.bump()
    return row


def make_photo_reading(photo: Photo, **fields: Any) -> PhotoReading:
    """Store that a photo was read, and claims nothing of itself unless told."""
    defaults = {
        "visit_id": photo.visit_id,
        "photo_id": photo.id,
        "sha256": photo.sha256,
        "received_at": photo.received_at or NOON,
    }
    return PhotoReading.create(**defaults | fields)


def make_photo_match(visit: Visit, **fields: Any) -> PhotoMatch:
    """Store that a photo of a visit nearly repeats one of an earlier visit."""
    defaults = {
        "visit_id": visit.id,
        "photo_id": uuid4(),
        "earlier_visit_id": uuid4(),
        "earlier_photo_id": uuid4(),
        "kind": "near",
        "distance": 2,
    }
    return PhotoMatch.create(**defaults | fields)


def make_score(visit: Visit, *codes: str, **fields: Any) -> VisitScore:
    """Store the score of a visit that has some signals with their built-in points."""
    found = [Signal(code) for code in codes]
    score = min(100, sum(signal.points for signal in found))
    for signal in found:
        VisitSignal.create(
            visit_id=visit.id,
            code=str(signal),
            value=1,
            threshold=signal.limits[signal.threshold],
            points=signal.points,
            evidence={},
            is_waived=False,
        )
    defaults = {
        "visit_id": visit.id,
        "person_id": visit.person_id,
        "store_id": visit.store_id,
        "dealer_id": visit.dealer_id,
        "region_id": visit.region_id,
        "business_on": visit.business_on,
        "score": score,
        "band": band_of(score, suspicious_from=60, reject_from=90),
        "codes": [str(signal) for signal in found],
        "config_version": 0,
        "scored_at": NOON,
    }
    return VisitScore.create(**defaults | fields)


def make_appeal(visit: Visit, **fields: Any) -> Appeal:
    """Store an open appeal against all signals of a visit."""
    defaults = {
        "visit_id": visit.id,
        "id": uuid4(),
        "person": visit.person_id,
        "state": "open",
        "text": "情况属实",
        "codes": [],
        "score": 0,
        "made_at": NOON,
        "waived": [],
        "version": 1,
        "content_sha256": "0" * 64,
    }
    return Appeal.create(**defaults | fields)


def make_dealer_login(dealer: Dealer, **fields: Any) -> Person:
    """Store the login of a dealer, in the dealer's region."""
    defaults = {"name": "陈建国", "region": dealer.region_id, "dealer": dealer}
    return make_person(Role.DEALER, **defaults | fields)


def make_contest(dealer: Dealer, **fields: Any) -> ScorecardContest:
    """Store an open contest of a line of a dealer's card of March 2026, in all stores."""
    defaults = {
        "id": uuid4(),
        "dealer": dealer,
        "region": dealer.region_id,
        "from_on": TODAY,
        "to_on": date(2026, 3, 30),
        "line": "display/letter:C",
        "text": "专柜已装",
        "points": 1.0,
        "state": "open",
        "made_by_id": 0,
        "made_at": NOON,
        "due_on": date(2026, 4, 8),
        "content_sha256": "0" * 64,
        "version": 1,
    }
    return ScorecardContest.create(**defaults | fields)


def make_scorecard(dealer: Dealer, score: float | None = 70.0, **fields: Any) -> Scorecard:
    """Store the first version of a dealer's card of February 2026, with an empty document."""
    defaults = {
        "dealer": dealer,
        "month_on": date(2026, 2, 1),
        "version": 1,
        "region": dealer.region_id,
        "is_latest": True,
        "score": score,
        "standing": -1 if score is None else score,
        "pillars": {},
        "document": {},
        "frozen_at": NOON,
    }
    return Scorecard.create(**defaults | fields)


def make_target(kpi: str, value: float, **fields: Any) -> KpiTarget:
    """Store what a KPI should come to in all tiers from 2026 on."""
    defaults = {"tier": "all", "valid_from": date(2026, 1, 1), "version": 1}
    return KpiTarget.create(kpi=kpi, value=value, **defaults | fields)
