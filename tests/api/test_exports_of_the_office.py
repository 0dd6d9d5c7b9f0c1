"""The exports of what the office follows up: rows in scope, filters, and what the cells say."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from backend.exchange.archive_exports import ARCHIVE_EXPORTS
from backend.exchange.case_exports import CASE_EXPORTS
from backend.exchange.trade_exports import TRADE_EXPORTS
from backend.fieldwork.price_models import PriceCase
from backend.fieldwork.promotion_models import (
    Claim,
    ClaimLine,
    PromotionDay,
    PromotionEvaluation,
)
from backend.network import archive_scores
from backend.network.models import Region, StoreDealer
from backend.network.words import Subject
from backend.platform.actors import Role
from backend.standards.codes import ViolationKind
from tests.api.test_exports import export, rows
from tests.client import Client
from tests.factories import (
    NOON,
    TODAY,
    close_complaint,
    imei,
    make_card,
    make_complaint,
    make_count,
    make_dealer,
    make_fixture,
    make_inspection,
    make_loan,
    make_person,
    make_plan_entry,
    make_promotion,
    make_region,
    make_sell_in,
    make_sell_out,
    make_sku,
    make_store,
    make_task,
    make_violation,
    the_region,
)

CASE = UUID(int=7, version=4)
DECLARED = CASE_EXPORTS | TRADE_EXPORTS | ARCHIVE_EXPORTS
NAMES = list(DECLARED)


def with_everything(region: Region, **fields):
    """Store one row of every export at a store in a region, and return the store."""
    dealer = make_dealer(region=region, name="=恒信通讯")
    rep = make_person(region=region)
    store = make_store(dealer, region=region, **fields)
    case = make_violation(store, kind=ViolationKind.DIRECT_PRICE_CUT, subject="sku:1")
    make_task(store, violation=case)
    make_complaint(store, dealer_id=None)
    make_plan_entry(store, rep, status="missed", reason="weather", note="-大雨")
    promotion, sku = make_promotion(code=f"P-{store.id}", stores=[store]), make_sku()
    PromotionDay.create(
        store=store,
        promotion=promotion,
        day=TODAY,
        units=3,
        source="import",
        remark="",
        entered_by_id=rep.id,
        entered_at=NOON,
        version=1,
    )
    PromotionEvaluation.create(
        id=uuid4(),
        promotion=promotion,
        method="opinion_test",
        evaluated_on=TODAY,
        inputs={"plans": []},
        output={"most_accepted": ["直降"]},
        note="",
        person=rep,
        recorded_at=NOON,
        content_sha256="0" * 64,
    )
    claim = Claim.create(
        id=uuid4(),
        promotion=promotion,
        dealer=dealer,
        state="submitted",
        note="+备注",
        claimed_fen=12_345,
        submitted_by_id=rep.id,
        submitted_at=NOON,
        version=1,
        content_sha256="0" * 64,
    )
    ClaimLine.create(claim=claim, number=1, kind="pos_display", amount_fen=12_345, quantity=2)
    make_loan(store)
    make_count(store, {sku: 4}, person=rep)
    make_sell_in(sku, store=store, recorded_by_id=rep.id)
    make_sell_out(store, sku, imei=imei(store.id), recorded_by_id=rep.id)
    return store


@pytest.fixture
def here(app) -> Region:  # noqa: ARG001  # needs the database
    """A region of two, both with one row of everything."""
    here = make_region(the_region())
    with_everything(here, tier="town")
    with_everything(make_region(the_region()))
    return here


@pytest.mark.parametrize("name", NAMES)
def test_shows_what_the_caller_may_see(client: Client, here, name):
    manager = client.as_(make_person(Role.MANAGER))
    local = client.as_(make_person(Role.SUPERVISOR, region=here))

    assert 2 == len(rows(export(manager, name)))
    assert 1 == len(rows(export(local, name)))


@pytest.mark.parametrize("name", NAMES)
def test_can_be_narrowed(client: Client, here, name):
    manager = client.as_(make_person(Role.MANAGER))
    declared = DECLARED[name]
    dealer = StoreDealer.select().order_by(StoreDealer.dealer).get().dealer_id
    asked = {"region_id": here.id}
    asked |= {"dealer_id": dealer} if declared.dealer else {}
    asked |= {"tier": "town"} if declared.tier else {}

    for filtered, value in asked.items():
        assert 1 == len(rows(export(manager, name, **{filtered: value}))), filtered


@pytest.mark.parametrize("name", [name for name in NAMES if DECLARED[name].day])
def test_leaves_other_days_out(client: Client, here, name):  # noqa: ARG001
    manager = client.as_(make_person(Role.MANAGER))

    # A minor task is due a week after the day it was made on.
    answer = export(manager, name, **{"from": "2026-02-02", "to": "2026-03-02"})

    assert [] == rows(answer)


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("name", NAMES)
def test_is_the_same_in_english(client: Client, name):
    manager = client.as_(make_person(Role.MANAGER))

    chinese, english = (rows(export(manager, name, lang=lang)) for lang in ("zh", "en"))

    assert [len(row) for row in chinese] == [len(row) for row in english]
    assert all(name.isascii() for name in english[0])


@pytest.fixture
def manager(client: Client) -> Client:
    return client.as_(make_person(Role.MANAGER))


def test_a_task_says_who_has_it_and_how_it_ended(manager: Client):
    owner, boss = make_person(login="rep01"), make_person(login="boss")
    task = make_task(make_store(owner=owner), note="=贴海报", severity=3)
    type(task).update(state="closed", ended_at=NOON, ended_by_id=boss.id).execute()

    (row,) = rows(export(manager, "tasks"))

    assert (str(task.id), task.due_on.isoformat()) == (row["任务编号"], row["截止日期"])
    assert ("'=贴海报", "closed", "已关闭") == (row["说明"], row["状态代码"], row["状态"])
    assert ("rep01", "boss", "2026-03-02 12:00:00") == (
        row["负责人账号"],
        row["结束人"],
        row["结束时间"],
    )


def test_a_complaint_says_what_was_agreed_and_promised(manager: Client):
    person = make_person(Role.MANAGER)
    close_complaint(make_complaint(), person)

    (row,) = rows(export(manager, "complaints", lang="en"))

    assert ("closed", "closed", "sales") == (row["State code"], row["State"], row["Department"])
    assert ("商定方案", "2026-03-02") == (row["Agreed action"], row["Promised on"])
    assert "2026-03-02 12:00:00" == row["Received at"] == row["Closed at"]
    assert ("", "0") == (row["Waiting since"], row["Waited (s)"])


def test_a_price_case_says_what_the_dealer_replied_and_what_became_of_it(manager: Client):
    store = make_store()
    case = make_violation(store, kind=ViolationKind.DISGUISED_DISCOUNT, id=CASE)
    make_violation(store)  # no price case
    make_violation(store, kind=ViolationKind.EXCESS_GIFT, resolved_at=NOON, retracted_at=NOON)
    PriceCase.create(
        store=store,
        violation_id=case.id,
        reply_asked_at=NOON,
        reply_due_on=TODAY + timedelta(days=7),
        reply_on=TODAY,
        reply_text="@已调整",
        outcome="corrected",
        closed_at=NOON,
        closed_by_id=make_person(login="boss").id,
        version=4,
        force_insert=True,
    )

    (row,) = rows(export(manager, "price_cases"))

    assert (str(CASE), "隐蔽乱价") == (row["案件编号"], row["违规类型"])
    assert ("2026-03-09", "2026-03-02", "'@已调整") == (
        row["回复期限"],
        row["回复日期"],
        row["经销商回复"],
    )
    assert ("已改正", "boss") == (row["处理结果"], row["结案人"])


def test_a_plan_says_why_it_was_missed_and_whose_store_it_was_that_day(manager: Client):
    first, second = make_dealer(code="43-01-001"), make_dealer(code="43-01-002")
    store = make_store(first)
    tomorrow = TODAY + timedelta(days=1)
    StoreDealer.update(to_on=tomorrow).execute()
    StoreDealer.create(store=store, dealer=second, from_on=tomorrow)
    make_plan_entry(store, status="missed", reason="weather", note="-大雨")
    make_plan_entry(store, planned_on=tomorrow, status="done", days_late=2, visit_id=CASE)

    missed, done = rows(export(manager, "plans"))

    assert ("43-01-001", "missed", "未完成", "weather", "恶劣天气", "'-大雨") == (
        missed["经销商编码"],
        *(missed[name] for name in ("状态代码", "状态", "原因代码", "原因", "说明")),
    )
    assert ("43-01-002", "已完成", "2", str(CASE), "") == (
        done["经销商编码"],
        *(done[name] for name in ("状态", "晚做天数", "完成拜访", "原因")),
    )


def test_a_claim_has_a_row_for_each_line_with_what_it_was_worth(manager: Client):
    region = the_region()
    dealer = make_dealer(region=region, code="43-01-007")
    claim = Claim.create(
        id=CASE,
        promotion=make_promotion(code="P1"),
        dealer=dealer,
        state="partly_accepted",
        note="",
        claimed_fen=30_000,
        accepted_fen=10_050,
        submitted_by_id=make_person(login="rep01").id,
        submitted_at=NOON,
        decided_by_id=make_person(login="boss").id,
        decided_at=NOON,
        decision_note="=少一张照片",
        version=3,
        content_sha256="0" * 64,
    )
    ClaimLine.create(
        claim=claim,
        number=1,
        kind="pos_display",
        amount_fen=20_000,
        quantity=2,
        accepted_fen=10_050,
        proven_quantity=1,
        maximum_fen=10_050,
        flags=["exceeds_proof", "exceeds_rate"],
    )
    ClaimLine.create(claim=claim, number=2, kind="price_off", amount_fen=10_000, quantity=5)

    first, second = rows(export(manager, "claims", lang="en"))

    assert (str(CASE), "P1", "43-01-007", "partly accepted") == tuple(
        first[name] for name in ("Claim id", "Promotion code", "Dealer code", "State")
    )
    assert ("200.00", "1", "100.50", "100.50", "exceeds_proof;exceeds_rate") == tuple(
        first[name]
        for name in ("Claimed (CNY)", "Proven quantity", "Maximum (CNY)", "Accepted (CNY)", "Flags")
    )
    assert ("rep01", "boss", "'=少一张照片") == tuple(
        first[name] for name in ("Submitted by", "Decided by", "Decision note")
    )
    assert ("2", "price_off", "") == tuple(
        second[name] for name in ("Line", "Kind code", "Accepted (CNY)")
    )


def test_claims_go_by_the_day_in_the_business_zone(client: Client, here):  # noqa: ARG001
    manager = client.as_(make_person(Role.MANAGER))
    Claim.update(submitted_at=NOON.replace(hour=16, minute=30)).execute()  # past midnight there

    third = export(manager, "claims", **{"from": "2026-03-03", "to": "2026-03-04"})

    assert 2 == len(rows(third))
    assert [] == rows(export(manager, "claims", **{"from": "2026-03-01", "to": "2026-03-03"}))


def test_a_fixture_shows_its_last_inspection(manager: Client):
    make_fixture(code="A", name="=柜")
    store = make_store()
    lent = make_loan(store, code="B")
    person = make_person()
    for days, is_present, note in ((1, True, "在"), (2, False, "@不在")):
        make_inspection(
            store,
            person,
            fixture=lent,
            inspected_at=NOON + timedelta(days=days),
            is_present=is_present,
            condition="worn",
            note=note,
        )

    free, taken = rows(export(manager, "fixtures"))

    assert ("A", "'=柜", "6800.00", "在库", "", "") == tuple(
        free[name]
        for name in ("物料编码", "名称", "价值（元）", "状态", "门店编码", "最近检查时间")
    )
    assert (store.code, "借出", "2026-03-04 12:00:00", "否", "worn", "'@不在") == tuple(
        taken[name]
        for name in (
            "门店编码",
            "状态",
            "最近检查时间",
            "最近检查在场",
            "最近检查完好程度",
            "最近检查说明",
        )
    )


def test_promotion_results_evaluations_counts_and_sales(client: Client, here):  # noqa: ARG001
    manager = client.as_(make_person(Role.MANAGER))

    day = rows(export(manager, "promotion_days"))[0]
    judged = rows(export(manager, "promotion_evaluations"))[0]
    count = rows(export(manager, "stock_counts"))[0]
    sold_in, sold_out = (rows(export(manager, name))[0] for name in ("sell_in", "sell_out"))

    assert ("2026-03-02", "3", "", "import", "'=恒信通讯") == tuple(
        day[name] for name in ("业务日期", "台数", "已执行", "数据来源", "经销商名称")
    )
    assert ("征求意见法", '{"most_accepted":["直降"]}') == (judged["方法"], judged["结论"])
    assert ("2026-03-02", "4", "") == tuple(
        count[name] for name in ("盘点日期", "可售库存", "样机")
    )
    assert ("1", "") == (sold_in["台数"], sold_in["串号"])
    assert 15 == len(sold_out["串号"])


def test_archives_say_how_complete_they_are_and_what_is_missing(manager: Client):
    store = make_store(owner=make_person(login="rep01"))
    make_card(store, short_name="=五一店", customer_type="chain")
    make_store(status="closed", closed_on=TODAY)
    for subject in Subject:
        archive_scores.measure_all(subject)

    (row,) = rows(export(manager, "store_archives"))
    dealers = rows(export(manager, "dealer_archives", lang="en"))

    (shown,) = manager.get("/v1/archive/incomplete").json
    missing = [field["code"] for field in shown["missing"]]
    assert (store.code, "rep01", "'=五一店") == tuple(
        row[name] for name in ("门店编码", "业务员账号", "简称")
    )
    assert (shown["completeness"], missing) == (float(row["完整度"]), row["缺失字段"].split(";"))
    assert 2 == len(dealers)
    assert "licence_no" in dealers[0]["Missing fields"]
