"""The files of what is followed up: violations, price cases, tasks, complaints and plans."""

from __future__ import annotations

from typing import Any

from peewee import ModelSelect

from backend.exchange.cells import identifier, instant, label, plain, text, yes_no
from backend.exchange.columns import (
    LEFT,
    NETWORK,
    REP,
    TIER,
    Column,
    Export,
    coded,
    with_network,
    with_store_on,
)
from backend.fieldwork.case_models import Complaint, ComplaintEntry, Task
from backend.fieldwork.journey_models import PlanEntry
from backend.fieldwork.price_cases import KINDS
from backend.fieldwork.price_models import PriceCase
from backend.fieldwork.violation_models import Violation
from backend.network.models import Person, Store, StoreDealer
from backend.platform.actors import Permission
from backend.standards.codes import ViolationKind
from backend.standards.journey_codes import PlanOrigin, PlanReason, PlanStatus
from backend.standards.price_codes import PriceCaseOutcome
from backend.standards.service import (
    ComplaintCategory,
    ComplaintSource,
    ComplaintStep,
    Department,
    TaskOrigin,
    TaskState,
)

Ender, Helped = Person.alias(), Person.alias()
Agreed, Committed = ComplaintEntry.alias(), ComplaintEntry.alias()


def _violation_source(query: ModelSelect) -> ModelSelect:
    return (
        with_network(query, Violation)
        .join_from(Violation, Person, LEFT, on=Violation.opened_by_id == Person.id)
        .join_from(Violation, Ender, LEFT, on=Violation.resolved_by_id == Ender.id)
    )


def _price_case_source(query: ModelSelect) -> ModelSelect:
    same = (PriceCase.store == Violation.store) & (PriceCase.violation_id == Violation.id)
    return (
        with_network(query, Violation)
        .join_from(Violation, PriceCase, LEFT, on=same)
        .join_from(PriceCase, Ender, LEFT, on=PriceCase.closed_by_id == Ender.id)
        .where(
            Violation.kind.in_([str(kind) for kind in KINDS]),
            Violation.retracted_at.is_null() | PriceCase.violation_id.is_null(False),
        )
    )


def _task_source(query: ModelSelect) -> ModelSelect:
    return (
        with_network(query, Task)
        .join_from(Task, Person, LEFT, on=Task.owner == Person.id)
        .join_from(Task, Ender, LEFT, on=Task.ended_by_id == Ender.id)
    )


def _complaint_source(query: ModelSelect) -> ModelSelect:
    query = with_network(query, Complaint).join_from(
        Complaint, Person, LEFT, on=Complaint.recorded_by_id == Person.id
    )
    for entry, step in (
        (Agreed, ComplaintStep.ACTION_AGREED),
        (Committed, ComplaintStep.COMMITTED),
    ):
        taken = (entry.complaint == Complaint.id) & (entry.step == str(step))
        query = query.join_from(Complaint, entry, LEFT, on=taken)
    return query


def _plan_source(query: ModelSelect) -> ModelSelect:
    return (
        with_store_on(query, PlanEntry, PlanEntry.planned_on)
        .join_from(PlanEntry, Person, on=PlanEntry.person == Person.id)
        .join_from(PlanEntry, Helped, LEFT, on=PlanEntry.stands_in_for == Helped.id)
    )


_CASE = (
    *coded("违规类型", "Kind", Violation.kind, ViolationKind, zh_code="违规代码"),
    Column("对象", "Subject", text, Violation.subject),
    Column("严重度", "Severity", plain, Violation.severity),
)
_OF_CASES: dict[str, Any] = {
    "rows": Violation,
    "seen": Violation.visible_to,
    "day": Violation.opened_on,
    "region": Violation.region,
    "dealer": Violation.dealer,
    "tier": Store.tier,
    "order": (Violation.opened_on, Violation.store, Violation.id),
}

CASE_EXPORTS: dict[str, Export] = {
    "violations": Export(
        zh="违规",
        en="Violations",
        columns=(
            Column("违规编号", "Violation id", identifier, Violation.id),
            Column("发现日期", "Opened on", plain, Violation.opened_on),
            *NETWORK,
            TIER,
            *_CASE,
            Column("人工登记", "By hand", yes_no, Violation.is_manual),
            Column("发现人", "Opened by", text, Person.login),
            Column("发现时间", "Opened at", instant, Violation.opened_at),
            Column("发现拜访", "Opened in visit", identifier, Violation.opened_visit_id),
            Column("次数", "Sightings", plain, Violation.sightings),
            Column("最近一次", "Last seen at", instant, Violation.last_seen_at),
            Column("说明", "Note", text, Violation.note),
            Column("解决时间", "Resolved at", instant, Violation.resolved_at),
            Column("解决人", "Resolved by", text, Ender.login),
            Column("解决说明", "Resolution", text, Violation.resolution),
            Column("证明照片", "Proof photo", identifier, Violation.proof_photo_id),
            Column("撤回时间", "Retracted at", instant, Violation.retracted_at),
        ),
        source=_violation_source,
        needs=Permission.VIOLATION_READ,
        **_OF_CASES,
    ),
    "price_cases": Export(
        zh="价格案件",
        en="Price cases",
        columns=(
            Column("案件编号", "Case id", identifier, Violation.id),
            Column("发现日期", "Opened on", plain, Violation.opened_on),
            *NETWORK,
            TIER,
            *_CASE,
            Column("次数", "Sightings", plain, Violation.sightings),
            Column("最近一次", "Last seen at", instant, Violation.last_seen_at),
            Column("违规解决时间", "Violation resolved at", instant, Violation.resolved_at),
            Column("违规撤回时间", "Violation retracted at", instant, Violation.retracted_at),
            Column("要求回复时间", "Reply asked at", instant, PriceCase.reply_asked_at),
            Column("回复期限", "Reply due on", plain, PriceCase.reply_due_on),
            Column("回复日期", "Replied on", plain, PriceCase.reply_on),
            Column("经销商回复", "Reply", text, PriceCase.reply_text),
            *coded("处理结果", "Outcome", PriceCase.outcome, PriceCaseOutcome),
            Column("结案说明", "Closing note", text, PriceCase.closing_note),
            Column("结案时间", "Closed at", instant, PriceCase.closed_at),
            Column("结案人", "Closed by", text, Ender.login),
        ),
        source=_price_case_source,
        needs=Permission.PRICE_CASE_READ,
        **_OF_CASES,
    ),
    "tasks": Export(
        zh="任务",
        en="Tasks",
        columns=(
            Column("任务编号", "Task id", identifier, Task.id),
            Column("截止日期", "Due on", plain, Task.due_on),
            *NETWORK,
            TIER,
            *coded("来源", "Origin", Task.origin, TaskOrigin),
            Column("违规编号", "Violation id", identifier, Task.violation_id),
            *coded("违规类型", "Kind", Task.kind, ViolationKind, zh_code="违规代码"),
            Column("对象", "Subject", text, Task.subject),
            Column("严重度", "Severity", plain, Task.severity),
            Column("说明", "Note", text, Task.note),
            *coded("状态", "State", Task.state, TaskState),
            Column("负责人账号", "Owner login", text, Person.login),
            Column("负责人", "Owner", text, Person.name),
            Column("建立时间", "Made at", instant, Task.made_at),
            Column("升级次数", "Escalations", plain, Task.escalation),
            Column("证明照片", "Proof photo", identifier, Task.proof_photo_id),
            Column("结束时间", "Ended at", instant, Task.ended_at),
            Column("结束人", "Ended by", text, Ender.login),
        ),
        source=_task_source,
        rows=Task,
        needs=Permission.TASK_READ,
        seen=Task.visible_to,
        day=Task.due_on,
        region=Task.region,
        dealer=Task.dealer,
        tier=Store.tier,
        order=(Task.due_on, Task.store, Task.id),
    ),
    "complaints": Export(
        zh="投诉",
        en="Complaints",
        columns=(
            Column("投诉编号", "Complaint id", identifier, Complaint.id),
            Column("受理日期", "Received on", plain, Complaint.received_on),
            *NETWORK,
            *coded("来源", "Source", Complaint.source, ComplaintSource),
            *coded("类别", "Category", Complaint.category, ComplaintCategory),
            Column("责任部门", "Department", label(Department), Complaint.target_department),
            Column("严重度", "Severity", plain, Complaint.severity),
            Column("内容", "Text", text, Complaint.text),
            *coded("进度", "State", Complaint.state, ComplaintStep),
            Column("受理时间", "Received at", instant, Complaint.received_at),
            Column("处理期限", "Due at", instant, Complaint.due_at),
            Column("等待客户自", "Waiting since", instant, Complaint.waiting_since),
            Column("已等待客户（秒）", "Waited (s)", plain, Complaint.waited_s),
            Column("登记人", "Recorded by", text, Person.login),
            Column("商定方案", "Agreed action", text, Agreed.text),
            Column("承诺日期", "Promised on", plain, Committed.promised_on),
            Column("结案时间", "Closed at", instant, Complaint.closed_at),
        ),
        source=_complaint_source,
        rows=Complaint,
        needs=Permission.COMPLAINT_READ,
        seen=Complaint.visible_to,
        day=Complaint.received_on,
        region=Complaint.region,
        dealer=Complaint.dealer,
        tier=Store.tier,
        order=(Complaint.received_on, Complaint.id),
    ),
    "plans": Export(
        zh="拜访计划",
        en="Planned visits",
        columns=(
            Column("计划编号", "Plan id", identifier, PlanEntry.id),
            Column("计划日期", "Planned on", plain, PlanEntry.planned_on),
            *REP,
            *NETWORK,
            TIER,
            Column("门店等级", "Store grade", plain, Store.grade),
            *coded("来源", "Origin", PlanEntry.origin, PlanOrigin),
            *coded("状态", "State", PlanEntry.status, PlanStatus),
            *coded("原因", "Reason", PlanEntry.reason, PlanReason),
            Column("说明", "Note", text, PlanEntry.note),
            Column("代替人", "In place of", text, Helped.login),
            Column("完成拜访", "Done by visit", identifier, PlanEntry.visit_id),
            Column("晚做天数", "Days late", plain, PlanEntry.days_late),
            Column("改期自", "Moved from", identifier, PlanEntry.moved_from_id),
            Column("改期至", "Moved to", identifier, PlanEntry.moved_to_id),
        ),
        source=_plan_source,
        rows=PlanEntry,
        needs=Permission.PLAN_READ,
        seen=PlanEntry.visible_to,
        day=PlanEntry.planned_on,
        region=Store.region,
        dealer=StoreDealer.dealer,
        tier=Store.tier,
        order=(PlanEntry.planned_on, PlanEntry.id),
    ),
}
