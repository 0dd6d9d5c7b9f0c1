"""What a record behind a figure is, and the columns that all of them have."""

from __future__ import annotations

from dataclasses import dataclass

from backend.insight.asked import Asked, Source
from backend.insight.dialect import text
from backend.insight.statements import Sql, sql
from backend.platform.labels import Labelled


class RecordKind(Labelled):
    """What can stand behind a figure."""

    STORE = "store", "门店", "store"
    DEALER = "dealer", "经销商", "dealer itself"
    PERSON = "person", "人员", "person"
    VISIT = "visit", "拜访", "visit"
    PLAN_ENTRY = "plan_entry", "拜访计划", "plan entry"
    PERSON_DAY = "person_day", "人员工作日", "day of a person"
    PROMOTION = "promotion", "促销执行", "visit while a promotion ran"
    SURVEY = "counter_survey", "柜台调查", "counter survey"
    INSPECTION = "fixture_inspection", "专柜巡检", "look at a fixture"
    VIOLATION = "violation", "违规", "violation"
    TASK = "task", "整改任务", "task"
    COMPLAINT = "complaint", "投诉", "complaint"
    CARD = "feedback_card", "评价卡", "feedback card"
    ASSESSMENT = "push_assessment", "推荐力评估", "push assessment"
    SALES_DAY = "sales_day", "销售日", "sales of a day"
    COUNT = "stock_count", "盘点", "stock count"
    PRODUCT = "product_line", "产品行", "product on a visit or count"


@dataclass(frozen=True, slots=True)
class Records:
    """The records of a source: SQL that gives what `labels` names, and measures.

    A KPI's own SQL makes its parts of the measures, put in the places of `num` and `den`.
    `is_sum` says that the parts of the records add up to those of the cell.
    """

    source: Source
    num: str = "{num}"
    den: str = "{den}"
    is_sum: bool = True


SEEN_AT = "CASE WHEN f.visits = 1 THEN 'visit' ELSE 'stock_count' END"
"""The kind of a fact of visits, which may be a count of stock outside one."""


def labels(
    kind: str,
    record_id: str,
    day: str = "CAST(NULL AS DATE)",
    person: str = "CAST(NULL AS INTEGER)",
    subject: str = "CAST(NULL AS INTEGER)",
) -> str:
    """Return the columns of a record: what it is, its id, day, person, and what it is about.

    The kind is one of RecordKind or an expression of one; the subject is a kind of violation or
    complaint, or the id of a promotion or product.
    """
    named = f"'{kind}'" if isinstance(kind, RecordKind) else kind
    return (
        f"{named} AS kind, {text(record_id)} AS id, {day} AS day, {person} AS person_id, "
        f"{text(subject)} AS subject"
    )


def as_they_are(source: Source, columns: str, measures: str) -> Source:
    """Return the records of a source that gives one of them for each store."""

    def records(asked: Asked) -> Sql:
        return sql(
            "SELECT f.k, f.store_id, {columns}, {measures} FROM ({source}) AS f",
            columns=columns,
            measures=measures,
            source=source(asked),
        )

    return records
