"""The files of trade: promotions and claims, fixtures, stock counts, sell-in and sell-out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from peewee import ModelSelect, Node

from backend.exchange.cells import (
    Cell,
    codes,
    identifier,
    instant,
    plain,
    text,
    yes_no,
    yuan,
)
from backend.exchange.columns import (
    DEALER,
    LEFT,
    NETWORK,
    PROMOTION,
    REGION,
    SKU,
    Column,
    Export,
    coded,
    of_seen_store,
    with_network,
    with_store_on,
)
from backend.fieldwork.fixture_models import Fixture, FixtureInspection
from backend.fieldwork.promotion_models import Claim, ClaimLine, PromotionDay, PromotionEvaluation
from backend.fieldwork.trade_models import SellIn, SellOut, StockCount, StockCountLine
from backend.network.models import Dealer, Person, Region, Store, StoreDealer
from backend.platform.actors import Permission
from backend.standards.codes import ConsumerPromotionKind, DealerPromotionKind
from backend.standards.models import Promotion, Sku
from backend.standards.promotion_codes import ClaimState, EvaluationMethod
from backend.standards.trade_codes import FixtureCondition, FixtureKind, FixtureState

Decider, Settler = Person.alias(), Person.alias()


def _promotion_day_source(query: ModelSelect) -> ModelSelect:
    query = with_store_on(query, PromotionDay, PromotionDay.day)
    return query.join_from(PromotionDay, Promotion).join_from(
        PromotionDay, Person, LEFT, on=PromotionDay.entered_by_id == Person.id
    )


def _evaluation_source(query: ModelSelect) -> ModelSelect:
    return (
        query.join_from(PromotionEvaluation, Promotion)
        .join_from(PromotionEvaluation, Person)
        .join_from(Person, Region)
    )


def _claim_source(query: ModelSelect) -> ModelSelect:
    return (
        query.join_from(Claim, ClaimLine, on=ClaimLine.claim == Claim.id)
        .join_from(Claim, Promotion)
        .join_from(Claim, Dealer)
        .join_from(Dealer, Region)
        .join_from(Claim, Person, LEFT, on=Claim.submitted_by_id == Person.id)
        .join_from(Claim, Decider, LEFT, on=Claim.decided_by_id == Decider.id)
        .join_from(Claim, Settler, LEFT, on=Claim.settled_by_id == Settler.id)
    )


def _fixture_source(query: ModelSelect) -> ModelSelect:
    return with_network(query, Fixture)


def _last_inspection(cell: Cell) -> Cell:
    """Return the cell of a column of the last inspection of a fixture."""

    def render(value: Node, chinese: bool) -> Node:  # noqa: FBT001
        return (
            FixtureInspection.select(cell.render(value, chinese))
            .where(FixtureInspection.fixture == Fixture.id)
            .order_by(FixtureInspection.inspected_at.desc(), FixtureInspection.id)
            .limit(1)
        )

    return Cell(render, cell.is_text)


def _count_source(query: ModelSelect) -> ModelSelect:
    same = (StockCountLine.store == StockCount.store) & (StockCountLine.count_id == StockCount.id)
    query = with_store_on(query, StockCount, StockCount.counted_on)
    return (
        query.join_from(StockCount, StockCountLine, on=same)
        .join_from(StockCountLine, Sku)
        .join_from(StockCount, Person)
    )


def _sales_source(table: Any) -> Callable[[ModelSelect], ModelSelect]:
    def source(query: ModelSelect) -> ModelSelect:
        return (
            with_network(query, table)
            .join_from(table, Sku)
            .join_from(table, Person, LEFT, on=table.recorded_by_id == Person.id)
        )

    return source


def _sales(zh: str, en: str, table: Any) -> Export:
    return Export(
        zh=zh,
        en=en,
        columns=(
            Column("销售编号", "Sale id", identifier, table.id),
            Column("销售日期", "Sold on", plain, table.sold_on),
            *NETWORK,
            *SKU,
            Column("台数", "Units", plain, table.units),
            Column("金额（元）", "Amount (CNY)", yuan, table.amount_fen),
            Column("串号", "IMEI", text, table.imei),
            Column("登记时间", "Recorded at", instant, table.recorded_at),
            Column("登记人", "Recorded by", text, Person.login),
        ),
        source=_sales_source(table),
        rows=table,
        needs=Permission.SALES_READ,
        seen=table.visible_to,
        day=table.sold_on,
        region=table.region,
        dealer=table.dealer,
        tier=Store.tier,
        order=(table.sold_on, table.id),
    )


TRADE_EXPORTS: dict[str, Export] = {
    "promotion_days": Export(
        zh="促销日结果",
        en="Entered promotion results",
        columns=(
            *PROMOTION,
            Column("业务日期", "Day", plain, PromotionDay.day),
            *NETWORK,
            Column("已执行", "Executed", yes_no, PromotionDay.is_executed),
            Column("台数", "Units", plain, PromotionDay.units),
            Column("赠品数", "Gifts", plain, PromotionDay.gifts),
            Column("费用（元）", "Cost (CNY)", yuan, PromotionDay.cost_fen),
            Column("数据来源", "Source", plain, PromotionDay.source),
            Column("备注", "Remark", text, PromotionDay.remark),
            Column("录入人", "Entered by", text, Person.login),
            Column("录入时间", "Entered at", instant, PromotionDay.entered_at),
        ),
        source=_promotion_day_source,
        rows=PromotionDay,
        needs=Permission.STANDARDS_READ,
        seen=of_seen_store(PromotionDay),
        day=PromotionDay.day,
        region=Store.region,
        dealer=StoreDealer.dealer,
        tier=Store.tier,
        order=(PromotionDay.day, PromotionDay.promotion, PromotionDay.store),
    ),
    "promotion_evaluations": Export(
        zh="促销评估",
        en="Promotion evaluations",
        columns=(
            Column("评估编号", "Evaluation id", identifier, PromotionEvaluation.id),
            Column("评估日期", "Evaluated on", plain, PromotionEvaluation.evaluated_on),
            *PROMOTION,
            *coded("方法", "Method", PromotionEvaluation.method, EvaluationMethod),
            Column("输入", "Inputs", text, PromotionEvaluation.inputs),
            Column("结论", "Output", text, PromotionEvaluation.output),
            Column("备注", "Note", text, PromotionEvaluation.note),
            Column("评估人", "Evaluated by", text, Person.login),
            *REGION,
            Column("登记时间", "Recorded at", instant, PromotionEvaluation.recorded_at),
        ),
        source=_evaluation_source,
        rows=PromotionEvaluation,
        needs=Permission.EVALUATION_READ,
        seen=PromotionEvaluation.visible_to,
        day=PromotionEvaluation.evaluated_on,
        region=Person.region,
        dealer=None,
        tier=None,
        order=(PromotionEvaluation.evaluated_on, PromotionEvaluation.id),
    ),
    "claims": Export(
        zh="报销单",
        en="Claims",
        columns=(
            Column("报销单编号", "Claim id", identifier, Claim.id),
            Column("提交时间", "Submitted at", instant, Claim.submitted_at),
            *PROMOTION,
            *DEALER,
            *REGION,
            *coded("状态", "State", Claim.state, ClaimState),
            Column("行号", "Line", plain, ClaimLine.number),
            *coded("类型", "Kind", ClaimLine.kind, DealerPromotionKind, ConsumerPromotionKind),
            Column("申请金额（元）", "Claimed (CNY)", yuan, ClaimLine.amount_fen),
            Column("数量", "Quantity", plain, ClaimLine.quantity),
            Column("进货额（元）", "Sell-in (CNY)", yuan, ClaimLine.sell_in_fen),
            Column("证实数量", "Proven quantity", plain, ClaimLine.proven_quantity),
            Column("金额上限（元）", "Maximum (CNY)", yuan, ClaimLine.maximum_fen),
            Column("核准金额（元）", "Accepted (CNY)", yuan, ClaimLine.accepted_fen),
            Column("疑点", "Flags", codes, ClaimLine.flags),
            Column("说明", "Note", text, Claim.note),
            Column("提交人", "Submitted by", text, Person.login),
            Column("审批时间", "Decided at", instant, Claim.decided_at),
            Column("审批人", "Decided by", text, Decider.login),
            Column("审批说明", "Decision note", text, Claim.decision_note),
            Column("核销时间", "Settled at", instant, Claim.settled_at),
            Column("核销人", "Settled by", text, Settler.login),
            Column("核销凭证", "Settlement", text, Claim.settlement),
        ),
        source=_claim_source,
        rows=Claim,
        needs=Permission.CLAIM_READ,
        seen=Claim.visible_to,
        day=Claim.submitted_at,
        region=Dealer.region,
        dealer=Claim.dealer,
        tier=None,
        order=(Claim.submitted_at, Claim.id, ClaimLine.number),
    ),
    "fixtures": Export(
        zh="借出物料",
        en="Fixtures",
        columns=(
            Column("物料编码", "Fixture code", text, Fixture.code),
            *coded("类型", "Kind", Fixture.kind, FixtureKind),
            Column("名称", "Name", text, Fixture.name),
            Column("价值（元）", "Value (CNY)", yuan, Fixture.value_fen),
            Column("所有人", "Owner", text, Fixture.owner_company),
            Column("购置日期", "Purchased on", plain, Fixture.purchased_on),
            *coded("状态", "State", Fixture.state, FixtureState),
            *coded("完好程度", "Condition", Fixture.condition, FixtureCondition),
            *NETWORK,
            Column("存放地点", "Place", text, Fixture.place),
            Column("借出日期", "Lent on", plain, Fixture.lent_on),
            Column("应还日期", "Due back on", plain, Fixture.due_back_on),
            Column("召回日期", "Recalled on", plain, Fixture.recalled_on),
            Column(
                "最近检查时间",
                "Last inspected at",
                _last_inspection(instant),
                FixtureInspection.inspected_at,
            ),
            Column(
                "最近检查在场",
                "Present when last inspected",
                _last_inspection(yes_no),
                FixtureInspection.is_present,
            ),
            Column(
                "最近检查挪用",
                "Misused when last inspected",
                _last_inspection(yes_no),
                FixtureInspection.is_misused,
            ),
            Column(
                "最近检查完好程度",
                "Condition when last inspected",
                _last_inspection(plain),
                FixtureInspection.condition,
            ),
            Column(
                "最近检查说明",
                "Note of the last inspection",
                _last_inspection(text),
                FixtureInspection.note,
            ),
        ),
        source=_fixture_source,
        rows=Fixture,
        needs=Permission.FIXTURE_READ,
        seen=Fixture.visible_to,
        day=None,
        region=Fixture.region,
        dealer=Fixture.dealer,
        tier=Store.tier,
        order=(Fixture.code,),
    ),
    "stock_counts": Export(
        zh="库存盘点",
        en="Stock counts",
        columns=(
            Column("盘点编号", "Count id", identifier, StockCount.id),
            Column("盘点日期", "Counted on", plain, StockCount.counted_on),
            Column("盘点时间", "Counted at", instant, StockCount.counted_at),
            *NETWORK,
            *SKU,
            Column("可售库存", "Sellable stock", plain, StockCountLine.stock),
            Column("样机", "Demo units", plain, StockCountLine.demo_stock),
            Column("损坏", "Damaged units", plain, StockCountLine.damaged_stock),
            Column("最早入库日", "Oldest receipt", plain, StockCountLine.oldest_receipt_on),
            Column("盘点人", "Counted by", text, Person.login),
        ),
        source=_count_source,
        rows=StockCount,
        needs=Permission.STOCK_READ,
        seen=of_seen_store(StockCount),
        day=StockCount.counted_on,
        region=Store.region,
        dealer=StoreDealer.dealer,
        tier=Store.tier,
        order=(StockCount.counted_on, StockCount.store, StockCount.id, StockCountLine.sku),
    ),
    "sell_in": _sales("进货", "Sell-in", SellIn),
    "sell_out": _sales("实销", "Sell-out", SellOut),
}
