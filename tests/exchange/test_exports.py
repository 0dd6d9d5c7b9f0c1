"""What the exports hold: one busy visit, spelled out, the same bytes on both engines."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from backend.evidence.models import LocationReading, PhotoAudit, PhotoMatch, PhotoReading
from backend.exchange import promotion_uplifts, satisfactions
from backend.exchange.catalogue import EXPORTS
from backend.exchange.summaries import CHUNK, header
from backend.fieldwork.models import PriceObservation, ProductLine, PromotionResult
from backend.fieldwork.violation_models import Violation
from backend.insight import rollups
from backend.network.models import Dealer
from backend.platform.actors import Role
from backend.platform.database import insert_rows
from tests.exchange.files import MARCH, exported
from tests.factories import (
    NOON,
    OPENED,
    make_checklist,
    make_complaint,
    make_dealer,
    make_feedback,
    make_person,
    make_photo,
    make_promotion,
    make_region,
    make_report,
    make_sell_out,
    make_sku,
    make_store,
    make_visit,
    the_region,
)
from tests.pictures import phone_jpeg

pytestmark = pytest.mark.usefixtures("app")
VISIT, PHOTO, EARLIER = (UUID(int=number, version=4) for number in (1, 2, 3))
# The columns that begin every export of what belongs to a visit.
BEGIN = (
    '00000000-0000-4000-8000-000000000001,2026-03-02,"rep01","李雷","S-0001","王府井, ""旗舰""店",'
    '"43-01","\'=恒信通讯","HN","湖南",city,complete,,'
)


@pytest.fixture
def visit(app):  # noqa: ARG001  # it needs the database
    """A visit with everything a visit can have."""
    region = make_region(code="HN", name="湖南")
    dealer = make_dealer(code="43-01", name="=恒信通讯", region=region)
    store = make_store(dealer, code="S-0001", name='王府井, "旗舰"店', region=region)
    person = make_person(login="rep01", region=region)
    visit = make_visit(
        store,
        person,
        id=VISIT,
        unplanned_reason="  +补访",
        outcome="done",
        checked_out_at=NOON + timedelta(minutes=25, microseconds=999_999),
    )
    LocationReading.create(
        visit_id=visit.id,
        outcome="outside",
        distance_m=412,
        flags=["crs_mismatch", "is_mock"],
        judged_at=NOON,
        force_insert=True,
    )
    template = make_checklist([], code="city", version=3)
    line = {"code": "c1", "letter": "C", "required": True, "weight": 2, "lacking": ""}
    make_report(
        visit,
        template=template,
        lines=[
            line | {"result": "fail", "ratio": 1 / 3, "lacking": "2 of 6"},
            line | {"code": "g", "required": False, "result": "not_checked", "ratio": None},
        ],
        signage_num=3.5,
        signage_den=10,
        mandatory_pass=3,
        mandatory_checked=4,
        is_all_mandatory_pass=False,
        is_incomplete=True,
        failed_critical=["c1", "c2"],
        is_productive=True,
        document='{"achieved":["order","sku_listed"]}',
    )
    return visit


@pytest.mark.usefixtures("visit")
def test_a_visit():
    assert [
        BEGIN
        + "B,2026-03-02 12:00:00,2026-03-02 12:25:00,,,,2026-03-02 12:00:00,2026-03-02 12:00:00,"
        + f"{'0' * 64},{'0' * 64},否,"
        'routine,"例行拜访","\'  +补访",done,"完成","",28.1951,112.9769,20,,outside,412,'
        '"crs_mismatch;is_mock","city",3,3.5,10,3,4,否,是,"c1;c2",,,,,,,,,,是,"order;sku_listed"'
    ] == exported("visits")


@pytest.mark.usefixtures("visit")
def test_checklist_lines():
    assert [
        BEGIN + '"city",3,"c1","C",是,fail,"不合格",0.3333,2,"2 of 6"',
        BEGIN + '"city",3,"g","C",否,not_checked,"未检查",,2,""',
    ] == exported("checklist_lines")
    assert 'yes,fail,"fail"' in exported("checklist_lines", "en")[0]


def test_product_lines(visit):
    first, second = make_sku(code="X1", name="曜石 X1"), make_sku(code="-X2", name="曜石 X2")
    for sku, listed in ((second, None), (first, True)):
        ProductLine.create(visit_id=visit.id, sku=sku, is_must=True, is_listed=listed, stock=3)

    assert [
        BEGIN + '"X1","曜石 X1",是,是,,3,,,',
        BEGIN + '"\'-X2","曜石 X2",是,,,3,,,',
    ] == exported("product_lines")


def test_price_observations(visit):
    PriceObservation.create(
        visit_id=visit.id,
        number=0,
        sku=make_sku(code="X1", name="曜石 X1"),
        tag_fen=129900,
        discount_fen=5,
        gift_fen=0,
        net_fen=129895,
        reference_fen=139900,
        allowed_gift_fen=0,
        findings=["direct_price_cut", "excess_gift"],
    )

    assert [
        BEGIN + '0,"X1","曜石 X1",1299.00,,0.05,0.00,1298.95,1399.00,0.00,'
        '"direct_price_cut;excess_gift"'
    ] == exported("price_observations")


def test_promotion_results(visit):
    PromotionResult.create(
        visit_id=visit.id,
        promotion=make_promotion(code="P1"),
        is_executed=True,
        units=7,
        cost_fen=100,
        remark="@店主\n说好",
    )

    assert [BEGIN + '"P1","五一",是,7,,1.00,"\'@店主\n说好"'] == exported("promotion_results")


def test_photos(visit):
    photo = make_photo(visit, phone_jpeg(), id=PHOTO, item="C", capture_source="album")
    PhotoReading.create(
        visit_id=visit.id,
        photo_id=photo.id,
        sha256=photo.sha256,
        received_at=NOON,
        width=640,
        height=480,
        taken_at=NOON - timedelta(days=1),
        device_model="=cmd|' /C calc'!A0",
        force_insert=True,
    )
    for distance, kind, earlier in ((4, "near", UUID(int=9, version=4)), (0, "exact", EARLIER)):
        PhotoMatch.create(
            visit_id=visit.id,
            photo_id=photo.id,
            earlier_visit_id=UUID(int=8),
            earlier_photo_id=earlier,
            kind=kind,
            distance=distance,
        )
    PhotoAudit.create(
        visit_id=visit.id,
        photo_id=photo.id,
        region_id=visit.region_id,
        business_on=visit.business_on,
        status="rejected",
        judged_by=make_person(Role.AUDITOR, login="auditor1"),
        judged_at=NOON,
        reasons=["reused", "blurred"],
        note="重复",
        version=2,
    )

    assert [
        BEGIN + f'{PHOTO},storefront,"门店外观","C",album,"相册",2026-03-02 12:00:00,'
        "2026-03-01 12:00:00,\"'=cmd|' /C calc'!A0\",2026-03-02 12:00:00,"
        f"{photo.sha256},{photo.sha256},,{photo.size_bytes},640,480,,,exact,0,{EARLIER},rejected,"
        '"reused;blurred","重复","auditor1",2026-03-02 12:00:00'
    ] == exported("photos")


def test_photos_that_nobody_has_read_yet(visit):
    photo = make_photo(visit, phone_jpeg(), capture_source="unknown")

    assert exported("photos")[0].endswith(f'{photo.sha256},,{photo.size_bytes},,,,,,,,,"","","",')


def test_violations(visit):
    Violation.create(
        store=visit.store_id,
        id=PHOTO,
        kind="direct_price_cut",
        subject="sku:1",
        severity=3,
        dealer=visit.dealer_id,
        region=visit.region_id,
        opened_at=NOON,
        opened_on=visit.business_on,
        opened_by_id=visit.person_id,
        opened_visit_id=visit.id,
        is_manual=False,
        note="=低价",
        sightings=2,
        last_seen_at=NOON + timedelta(hours=1),
        version=1,
    )

    expected = (
        f'{PHOTO},2026-03-02,"S-0001","王府井, ""旗舰""店","43-01","\'=恒信通讯","HN","湖南",'
        'city,direct_price_cut,"直接乱价","sku:1",3,否,"rep01",2026-03-02 12:00:00,'
        f'{VISIT},2,2026-03-02 13:00:00,"\'=低价",,"","",,'
    )
    assert [expected] == exported("violations")


@pytest.mark.usefixtures("visit")
def test_dealer_summaries():
    rollups.rebuild()

    line = exported("dealer_summaries")[0]

    assert line.startswith(
        '"43-01","\'=恒信通讯","HN","湖南",2026-03-01,2026-04-01,"是","2026-03-02 12:00:00",,1,,'
        '1,1,,1.000000,1,1,1,"是",,'
    )


def test_dealer_summaries_beyond_one_chunk():
    region = the_region()
    codes = [f"D{number:03}" for number in range(CHUNK + 1)]
    insert_rows(
        Dealer,
        [
            {"code": x, "name": x, "region": region.id, "opened_on": OPENED, "version": 1}
            for x in codes
        ],
    )

    lines = exported("dealer_summaries")

    assert codes == [line[1:5] for line in lines]


@pytest.mark.parametrize("name", EXPORTS)
def test_headers_tell_the_columns_apart(name):
    columns = EXPORTS[name].columns

    assert len(columns) == len({column.zh for column in columns})
    assert len(columns) == len({column.en for column in columns})


@pytest.mark.parametrize("chinese", [True, False])
def test_headers_of_summaries_tell_the_columns_apart(chinese):
    names = header(window=MARCH, chinese=chinese)

    assert len(names) == len(set(names))


def test_promotion_uplift():
    store, sku = make_store(), make_sku()
    make_promotion([sku], [store], code="51", starts_on=date(2026, 2, 16), ends_on=date(2026, 3, 1))
    sold = ((date(2026, 1, 1), 1), (date(2026, 2, 10), 140), (date(2026, 2, 20), 96))
    for on, units in sold:
        make_sell_out(store, sku, on=on, units=units)

    expected = (
        '"51","五一","ended","已结束",2026-02-16,2026-03-01,"是",1,0,140,28,96,14,0,0,,'
        '70.000000,26.000000,0.371429,,,,,"not_over",,"too_few_controls",,,,,,,,,,"no_margin",,,"否"'
    )
    assert [expected] == exported("promotion_uplift")


@pytest.mark.parametrize("chinese", [True, False])
@pytest.mark.parametrize("export", [promotion_uplifts, satisfactions])
def test_headers_of_what_insight_makes_tell_the_columns_apart(export, chinese):
    names = export.header(chinese=chinese)

    assert len(names) == len(set(names))


def test_satisfaction():
    dealer = make_dealer(code="43", name="恒信")
    store = make_store(dealer)
    make_feedback(store, dealer=dealer, score=4.5)
    for category in ("service_quality", "service_quality", "delivery"):
        make_complaint(store, category=category, severity=3)

    expected = (
        '"43","恒信",4.500000,4.500000,1,1,1,1.000000,3,1,300.000000,3,"#EF6C00",1.000000,'
        "2,1.000000,0,0.000000,0,0.000000,0,0.000000,1,0.500000,"
    )
    (line,) = exported("satisfaction")
    assert line.startswith(expected)
