"""The files of what visits brought in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from peewee import JOIN, SQL, ModelSelect, Node, NodeList

from backend.evidence.models import LocationReading, PhotoAudit, PhotoMatch, PhotoReading
from backend.evidence.repeats import stands
from backend.exchange.cells import (
    Cell,
    codes,
    decimal,
    identifier,
    instant,
    plain,
    text,
    yes_no,
    yuan,
)
from backend.exchange.columns import (
    LEFT,
    NETWORK,
    PROMOTION,
    REP,
    SKU,
    Column,
    Export,
    coded,
    with_network,
)
from backend.fieldwork.coarse import DECIMALS
from backend.fieldwork.models import PriceObservation, ProductLine, PromotionResult, Report, Visit
from backend.fieldwork.photo_models import Photo
from backend.network.models import Person
from backend.platform.actors import Permission
from backend.platform.database import is_sqlite
from backend.standards.codes import (
    CaptureSource,
    CheckResult,
    PhotoSubject,
    VisitOutcome,
    VisitType,
)
from backend.standards.models import ChecklistTemplate, Promotion, Sku

Judge = Person.alias()


def _visit_source(query: ModelSelect) -> ModelSelect:
    return (
        with_network(query.join_from(Visit, Person), Visit)
        .join_from(Visit, LocationReading, LEFT, on=LocationReading.visit_id == Visit.id)
        .join_from(Visit, Report, LEFT, on=Report.visit_id == Visit.id)
        .join_from(Report, ChecklistTemplate, LEFT)
    )


def _lines_of(model: Any, *others: Any) -> Callable[[ModelSelect], ModelSelect]:
    """Return the source of an export whose rows hang on visits, with what they point to."""

    def source(query: ModelSelect) -> ModelSelect:
        query = with_network(query.join_from(Visit, Person), Visit)
        query = query.join_from(Visit, model, on=model.visit_id == Visit.id)
        for other in others:
            query = query.join_from(model, other)
        return query

    return source


def _checklist_source(query: ModelSelect) -> ModelSelect:
    lines: list[Node] = [SQL("json_each("), Report.lines, SQL(") AS line")]
    if not is_sqlite():
        unnest = "::jsonb) WITH ORDINALITY AS line (value, key)"
        lines = [SQL("jsonb_array_elements("), Report.lines, SQL(unnest)]
    query = with_network(query.join_from(Visit, Person), Visit)
    query = query.join_from(Visit, Report, on=Report.visit_id == Visit.id)
    query = query.join_from(Report, ChecklistTemplate)
    return query.join(NodeList(lines, glue=""), JOIN.CROSS)


def _member(name: str, kind: str = "") -> Callable[[], Node]:
    """Return a member of a judged checklist line; `kind` is its type on PostgreSQL."""

    def value() -> Node:
        if is_sqlite():
            return SQL(f"json_extract(line.value, '$.{name}')")
        return SQL(f"(line.value ->> '{name}'){kind}")

    return value


def _photo_source(query: ModelSelect) -> ModelSelect:
    def same(model: Any) -> Node:
        return (model.visit_id == Photo.visit_id) & (model.photo_id == Photo.id)

    return (
        _lines_of(Photo)(query)
        .join_from(Photo, PhotoReading, LEFT, on=same(PhotoReading))
        .join_from(Photo, PhotoAudit, LEFT, on=same(PhotoAudit))
        .join_from(PhotoAudit, Judge, LEFT, on=PhotoAudit.judged_by == Judge.id)
    )


def _render_position(value: Node, chinese: bool) -> Node:  # noqa: FBT001
    coarse, exact = (decimal(places).render(value, chinese) for places in (DECIMALS, 6))
    parts = (SQL("CASE WHEN"), Visit.is_off_hours, SQL("THEN"), coarse, SQL("ELSE"), exact)
    return NodeList((*parts, SQL("END")))


def _achieved() -> Node:
    """Return what came of a visit as a JSON list; only reports that name anything are read."""
    listed = (
        NodeList((SQL("json_extract("), Report.document, SQL(", '$.achieved')")), glue="")
        if is_sqlite()
        else NodeList((SQL("("), Report.document, SQL("::json ->> 'achieved')")), glue="")
    )
    return NodeList((SQL("CASE WHEN"), Report.is_productive, SQL("THEN"), listed, SQL("END")))


_position = Cell(_render_position)
"""A coordinate of a check-in, coarse when it was outside work hours."""


def _nearest(cell: Cell) -> Cell:
    """Return the cell of a column of the closest earlier photo repeated, if nobody cleared it."""

    def render(value: Node, chinese: bool) -> Node:  # noqa: FBT001
        return (
            PhotoMatch.select(cell.render(value, chinese))
            .where(PhotoMatch.visit_id == Photo.visit_id, PhotoMatch.photo_id == Photo.id, stands())
            .order_by(
                PhotoMatch.distance,
                PhotoMatch.kind,
                PhotoMatch.earlier_visit_id,
                PhotoMatch.earlier_photo_id,
            )
            .limit(1)
        )

    return Cell(render, cell.is_text)


_VISIT = (
    Column("拜访编号", "Visit id", identifier, Visit.id),
    Column("业务日期", "Business day", plain, Visit.business_on),
    *REP,
    *NETWORK,
    Column("门店层级", "Store tier", plain, Visit.tier),
    Column("拜访状态", "Visit status", plain, Visit.status),
    Column("隔离原因", "Quarantine reason", plain, Visit.quarantine_reason),
)
_OF_VISITS: dict[str, Any] = {
    "rows": Visit,
    "needs": Permission.VISIT_READ,
    "seen": Visit.visible_to,
    "day": Visit.business_on,
    "region": Visit.region,
    "dealer": Visit.dealer,
    "tier": Visit.tier,
}
_BY_VISIT = (Visit.business_on, Visit.id)

VISIT_EXPORTS: dict[str, Export] = {
    "visits": Export(
        zh="拜访",
        en="Visits",
        columns=(
            *_VISIT,
            Column("门店等级", "Store grade", plain, Visit.grade),
            Column("签到时间", "Checked in at", instant, Visit.checked_in_at),
            Column("签退时间", "Checked out at", instant, Visit.checked_out_at),
            Column("暂停秒数", "Paused (s)", plain, Visit.paused_s),
            Column("系统关闭时间", "Closed by the system at", instant, Visit.auto_closed_at),
            Column("取消时间", "Cancelled at", instant, Visit.cancelled_at),
            Column("齐全时间", "Complete at", instant, Visit.completed_at),
            Column("接收时间", "Received at", instant, Visit.received_at),
            Column("签到 SHA-256", "Check-in SHA-256", plain, Visit.content_sha256),
            Column("报告 SHA-256", "Report SHA-256", plain, Report.content_sha256),
            Column("时钟可疑", "Clock suspect", yes_no, Visit.is_clock_suspect),
            *coded("拜访类型", "Kind", Visit.kind, VisitType),
            Column("计划外原因", "Unplanned reason", text, Visit.unplanned_reason),
            *coded("结果", "Outcome", Visit.outcome, VisitOutcome),
            Column("结果说明", "Outcome reason", text, Visit.outcome_reason),
            Column("纬度（WGS-84）", "Latitude (WGS-84)", _position, Visit.lat),
            Column("经度（WGS-84）", "Longitude (WGS-84)", _position, Visit.lon),
            Column("定位精度（米）", "Accuracy (m)", decimal(1), Visit.accuracy_m),
            Column("模拟定位", "Mock location", yes_no, Visit.is_mock),
            Column("定位判定", "Place", plain, LocationReading.outcome),
            Column("距门店（米）", "Distance to store (m)", plain, LocationReading.distance_m),
            Column("定位标记", "Place flags", codes, LocationReading.flags),
            Column("检查表", "Checklist", text, ChecklistTemplate.code),
            Column("检查表版本", "Checklist version", plain, ChecklistTemplate.version),
            Column("形象得分", "Signage earned", decimal(4), Report.signage_num),
            Column("形象满分", "Signage possible", decimal(4), Report.signage_den),
            Column("必备项合格", "Required passed", plain, Report.mandatory_pass),
            Column("必备项已查", "Required checked", plain, Report.mandatory_checked),
            Column("必备项全合格", "All required passed", yes_no, Report.is_all_mandatory_pass),
            Column("报告不完整", "Report incomplete", yes_no, Report.is_incomplete),
            Column("不合格关键项", "Critical lines failed", codes, Report.failed_critical),
            Column("应上产品已上", "Must-list listed", plain, Report.must_listed),
            Column("应上产品已查", "Must-list answered", plain, Report.must_answered),
            Column("应上产品有货", "Must-list in stock", plain, Report.must_available),
            Column("应上库存已查", "Must-list stock answered", plain, Report.must_stock_answered),
            Column("价格合规", "Prices compliant", plain, Report.prices_compliant),
            Column("价格已查", "Prices checked", plain, Report.prices_checked),
            Column("促销已执行", "Promotions executed", plain, Report.promos_executed),
            Column("促销已查", "Promotions checked", plain, Report.promos_checked),
            Column("促销台数", "Promotion units", plain, Report.promo_units),
            Column("有效拜访", "Productive", yes_no, Report.is_productive),
            Column("成果", "Achieved", codes, _achieved),
        ),
        source=_visit_source,
        order=_BY_VISIT,
        **_OF_VISITS,
    ),
    "checklist_lines": Export(
        zh="检查明细",
        en="Checklist lines",
        columns=(
            *_VISIT,
            Column("检查表", "Checklist", text, ChecklistTemplate.code),
            Column("检查表版本", "Checklist version", plain, ChecklistTemplate.version),
            Column("检查项", "Line", text, _member("code")),
            Column("字母", "Letter", text, _member("letter")),
            Column("必备", "Required", yes_no, _member("required", "::boolean")),
            *coded("结论", "Result", _member("result"), CheckResult),
            Column("得分率", "Ratio", decimal(4), _member("ratio", "::float8")),
            Column("权重", "Weight", decimal(2), _member("weight", "::float8")),
            Column("欠缺", "Lacking", text, _member("lacking")),
        ),
        source=_checklist_source,
        order=(*_BY_VISIT, SQL("line.key")),
        **_OF_VISITS,
    ),
    "product_lines": Export(
        zh="产品明细",
        en="Product lines",
        columns=(
            *_VISIT,
            *SKU,
            Column("应上", "Must-list", yes_no, ProductLine.is_must),
            Column("已上柜", "Listed", yes_no, ProductLine.is_listed),
            Column("陈列面", "Facings", plain, ProductLine.facings),
            Column("可售库存", "Sellable stock", plain, ProductLine.stock),
            Column("样机", "Demo units", plain, ProductLine.demo_stock),
            Column("损坏", "Damaged units", plain, ProductLine.damaged_stock),
            Column("最早入库日", "Oldest receipt", plain, ProductLine.oldest_receipt_on),
        ),
        source=_lines_of(ProductLine, Sku),
        order=(*_BY_VISIT, ProductLine.sku),
        **_OF_VISITS,
    ),
    "price_observations": Export(
        zh="价格记录",
        en="Price observations",
        columns=(
            *_VISIT,
            Column("序号", "Number", plain, PriceObservation.number),
            *SKU,
            Column("标价（元）", "Tag price (CNY)", yuan, PriceObservation.tag_fen),
            Column("报价（元）", "Quoted price (CNY)", yuan, PriceObservation.quoted_fen),
            Column("优惠（元）", "Discount (CNY)", yuan, PriceObservation.discount_fen),
            Column("赠品价值（元）", "Gift value (CNY)", yuan, PriceObservation.gift_fen),
            Column("净价（元）", "Net price (CNY)", yuan, PriceObservation.net_fen),
            Column("参考价（元）", "Reference price (CNY)", yuan, PriceObservation.reference_fen),
            Column("允许赠品（元）", "Allowed gift (CNY)", yuan, PriceObservation.allowed_gift_fen),
            Column("发现", "Findings", codes, PriceObservation.findings),
        ),
        source=_lines_of(PriceObservation, Sku),
        order=(*_BY_VISIT, PriceObservation.number),
        **_OF_VISITS,
    ),
    "promotion_results": Export(
        zh="促销结果",
        en="Promotion results",
        columns=(
            *_VISIT,
            *PROMOTION,
            Column("已执行", "Executed", yes_no, PromotionResult.is_executed),
            Column("台数", "Units", plain, PromotionResult.units),
            Column("赠品数", "Gifts", plain, PromotionResult.gifts),
            Column("费用（元）", "Cost (CNY)", yuan, PromotionResult.cost_fen),
            Column("备注", "Remark", text, PromotionResult.remark),
        ),
        source=_lines_of(PromotionResult, Promotion),
        order=(*_BY_VISIT, PromotionResult.promotion),
        **_OF_VISITS,
    ),
    "photos": Export(
        zh="照片",
        en="Photos",
        columns=(
            *_VISIT,
            Column("照片编号", "Photo id", identifier, Photo.id),
            *coded("拍摄对象", "Subject", Photo.subject, PhotoSubject),
            Column("对应项", "Item", text, Photo.item),
            *coded("来源", "Source", Photo.capture_source, CaptureSource),
            Column("手机拍摄时间", "Captured at (phone)", instant, Photo.captured_at),
            Column("EXIF 拍摄时间", "Taken at (EXIF)", instant, PhotoReading.taken_at),
            Column("EXIF 机型", "Device model (EXIF)", text, PhotoReading.device_model),
            Column("接收时间", "Received at", instant, Photo.received_at),
            Column("声明 SHA-256", "Declared SHA-256", plain, Photo.declared_sha256),
            Column("SHA-256", "SHA-256", plain, Photo.sha256),
            Column("原图删除时间", "Original erased at", instant, Photo.original_erased_at),
            Column("字节数", "Bytes", plain, Photo.size_bytes),
            Column("宽", "Width", plain, PhotoReading.width),
            Column("高", "Height", plain, PhotoReading.height),
            Column("无法解码", "Unreadable", plain, PhotoReading.unreadable_reason),
            Column("照片隔离原因", "Photo quarantine reason", plain, Photo.quarantine_reason),
            Column("重复类型", "Repeats", _nearest(plain), PhotoMatch.kind),
            Column("差异位数", "Bits apart", _nearest(plain), PhotoMatch.distance),
            Column(
                "所重复照片", "Repeated photo", _nearest(identifier), PhotoMatch.earlier_photo_id
            ),
            Column("审核结论", "Verdict", plain, PhotoAudit.status),
            Column("审核原因", "Verdict reasons", codes, PhotoAudit.reasons),
            Column("审核备注", "Verdict note", text, PhotoAudit.note),
            Column("审核人", "Judged by", text, Judge.login),
            Column("审核时间", "Judged at", instant, PhotoAudit.judged_at),
        ),
        source=_photo_source,
        order=(*_BY_VISIT, Photo.id),
        **_OF_VISITS,
    ),
}
