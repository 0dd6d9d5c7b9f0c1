"""The KPIs of cases, and of what retailers say and what is known of them."""

from __future__ import annotations

from backend.insight.kpis import Kpi
from backend.insight.reasons import NullReason

CASES: tuple[Kpi, ...] = (
    Kpi(
        code="violations_per_100_checks_by_kind",
        zh="每百项违规数",
        en="violations per 100 checks",
        source="violations",
        num="violations",
        den="checks",
        scale=100,
        numerator="violations first seen in the window",
        denominator="checks that could have found them (by group in `violations_per_100_checks`)",
        null_rule="no check, even if there are violations: then told as inconsistent",
        reason=NullReason.NO_CHECK,
        is_higher_better=False,
    ),
    Kpi(
        code="repeat_violation_rate",
        zh="复发率",
        en="repeat-violation rate",
        source="repeats",
        num="repeats",
        den="closed",
        window="d90",
        numerator="of those, the ones seen again in the store within 60 days",
        denominator="violations closed in the 60 days before the end of the window",
        null_rule="none was closed",
        reason=NullReason.NONE_CLOSED,
        is_higher_better=False,
    ),
    Kpi(
        code="mean_time_to_resolve_h",
        zh="平均解决时长（小时）",
        en="mean time to resolve (h)",
        source="resolved",
        num="hours",
        den="cases",
        numerator="hours from the first sighting of a violation to its proven end, and from the "
        "receipt of a complaint to its last step, less what it waited for the customer (unless "
        "`resolve_time_without_waiting` is off)",
        denominator="violations and complaints ended in the window; beside it their median and "
        "90th percentile, what was open as the window ended, and for how long",
        null_rule="none ended",
        reason=NullReason.NONE_CLOSED,
        is_higher_better=False,
    ),
    Kpi(
        code="response_time_h",
        zh="响应时长（小时）",
        en="first-response time (h)",
        source="answered",
        num="hours",
        den="cases",
        numerator="hours from opening to the first action of a person",
        denominator="tasks and complaints with their first action in the window",
        null_rule="none had one",
        reason=NullReason.NO_ACTION,
        is_higher_better=False,
    ),
)
"""Violations, tasks and complaints, and how fast they are dealt with."""

RELATIONS: tuple[Kpi, ...] = (
    Kpi(
        code="complaint_rate",
        zh="投诉率",
        en="complaints per 100 stores",
        source="per_store",
        num="complaints",
        den="stores",
        scale=100,
        numerator="complaints received",
        denominator="stores active for at least 7 days of the window",
        null_rule="no active store",
        reason=NullReason.NO_ACTIVE_STORE,
        window="month",
        is_higher_better=False,
    ),
    Kpi(
        code="feedback_score",
        zh="满意度",
        en="store satisfaction",
        source="cards",
        num="score",
        den="1",
        numerator="the stores' mean scores of cards, 1 to 5",
        denominator="stores with a card (the mean of stores)",
        null_rule="no card",
        reason=NullReason.NO_CARD,
        window="d90",
        is_higher_better=True,
    ),
    Kpi(
        code="archive_completeness",
        zh="资料完整率",
        en="archive completeness",
        source="archive",
        num="filled",
        den="required",
        numerator="filled fields of the stores' archives, of those that are asked for",
        denominator="fields that are asked for, of stores active for at least 7 days of the window",
        null_rule="no store; as it is now, of a closed month or quarter as it was frozen",
        reason=NullReason.NO_ACTIVE_STORE,
        is_state=True,
        is_higher_better=True,
    ),
    Kpi(
        code="first_recommendation_rate",
        zh="首推率",
        en="first-recommendation rate",
        source="push",
        num="pushing",
        den="answered",
        numerator="push answers of 4 or 5; those of a mystery shop count twice",
        denominator="push answers of the latest assessment of each store; those of a mystery shop "
        "count twice",
        null_rule="none was answered",
        reason=NullReason.NOT_ANSWERED,
        is_state=True,
        is_higher_better=True,
    ),
)
"""Complaints, satisfaction, archives and recommendation."""
