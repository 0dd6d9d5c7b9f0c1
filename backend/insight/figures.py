"""Figures: the KPIs of every member of a population over a window, each pooled from its stores."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from backend.insight.asked import Asked
from backend.insight.backlogs import NO_BACKLOG, backlogs
from backend.insight.case_sources import first_seen, inspected
from backend.insight.catalogue import SUMMARISED
from backend.insight.kpis import Figure, Kpi
from backend.insight.populations import Population
from backend.insight.sources import SOURCES
from backend.insight.statements import rows_of, sql
from backend.insight.windows import Window
from backend.standards.codes import ViolationGroup

CHECKS: Mapping[str, str] = {
    str(ViolationGroup.SIGNAGE): "mandatory_checked",
    str(ViolationGroup.ASSORTMENT): "must_answered",
    str(ViolationGroup.STOCK): "stock_checks",
    str(ViolationGroup.PRICE): "prices_checked",
    str(ViolationGroup.PROMOTION): "promos_checked",
    str(ViolationGroup.INTEGRITY): "visits",
}
"""Of groups of violations, the measure of visits that counts what could have found them."""
_TOLD = (
    *CHECKS.values(),
    "is_suspect",
    "is_scored",
    "no_checkout",
    "prices_unreferenced",
    "photos",
)
_BESIDE: Mapping[str, tuple[str, ...]] = {
    "avg_time_in_store_min": ("no_checkout",),
    "short_visit_share": ("no_checkout",),
    "mean_time_to_resolve_h": tuple(NO_BACKLOG),
    "mandatory_all_pass_store_rate": ("incomplete_stores",),
    "weighted_distribution": ("unweighted_stores",),
}
_LEFT_OUT: Mapping[str, tuple[str, str]] = {
    "signage": (
        "incomplete_stores",
        "CASE WHEN is_all_mandatory_pass IS NULL THEN 1 ELSE 0 END",
    ),
    "distribution": ("unweighted_stores", "CASE WHEN weight > 0 THEN 0 ELSE 1 END"),
}
"""Of some sources, the stores that a KPI leaves out, and what counts them."""


@dataclass(slots=True)
class Member:
    """What is known of one part of the network over a window."""

    figures: dict[str, Figure] = field(default_factory=dict)
    violations: Counter[str] = field(default_factory=Counter)
    checks: dict[str, int] = field(default_factory=dict)
    n_stores: int = 0


def figures(
    population: Population,
    *,
    window: Window,
    at: datetime,
    kpis: Sequence[Kpi] = SUMMARISED,
    sku_id: int | None = None,
) -> dict[Any, Member]:
    """Return the figures of each member that had a part in any, by its key.

    All those of one member are worked out from the same rows; `sku_id` is for KPIs of a product.
    """
    asked = Asked(population.resolved(), window, sku_id)
    by_source: defaultdict[str, list[Kpi]] = defaultdict(list)
    for kpi in kpis:
        by_source[kpi.source].append(kpi)
    found: defaultdict[Any, Member] = defaultdict(Member)
    parts: defaultdict[Any, dict[str, tuple[Any, Any, int]]] = defaultdict(dict)
    told = _pool_visits(asked, by_source.pop("visits", []), parts)
    rates = by_source.pop("violations", [])
    if rates:
        _count_violations(asked, found)
        _count_inspections(asked, found)
    left_out: defaultdict[Any, dict[str, int]] = defaultdict(dict)
    for source, of_source in by_source.items():
        name, counted = _LEFT_OUT.get(source, ("", ""))
        for row in _pool(asked, source, of_source, parts, [counted] if counted else []):
            if counted:
                left_out[row[0]][name] = int(row[-1] or 0)
    cases = backlogs(asked, at) if "resolved" in by_source else {}
    for key in {*parts, *told, *found, *cases}:
        more = {
            **dict.fromkeys(_TOLD, 0),
            **told.get(key, {}),
            **left_out[key],
            **cases.get(key, NO_BACKLOG),
        }
        _finish(found[key], kpis, parts[key], more, at)
    return dict(found)


def _pool(
    asked: Asked,
    source: str,
    kpis: Iterable[Kpi],
    parts: dict[Any, dict[str, tuple[Any, Any, int]]],
    more: Sequence[str] = (),
) -> list[tuple[Any, ...]]:
    """Add the parts of a source's KPIs, and return its rows."""
    of_source = list(kpis)
    columns = ", ".join(
        [sum_ for kpi in of_source for sum_ in pooled(kpi)] + [f"SUM({name})" for name in more]
    )
    rows = rows_of(
        sql(
            "SELECT k, {columns} FROM ({per_store}) AS t GROUP BY k",
            columns=columns,
            per_store=SOURCES[source](asked),
        )
    )
    for key, *values in rows:
        for number, kpi in enumerate(of_source):
            num, den, count = values[3 * number : 3 * number + 3]
            if count or den is not None:
                parts[key][kpi.code] = as_number(num), as_number(den), int(count or 0)
    return rows


def pooled(kpi: Kpi) -> tuple[str, str, str]:
    """Return the SQL of numerator, denominator, and the stores that had a part."""
    if kpi.den is None:
        return f"SUM({kpi.num})", "CAST(NULL AS INTEGER)", f"COUNT({kpi.num})"
    taken = f"SUM(CASE WHEN ({kpi.den}) IS NOT NULL THEN {kpi.num} END)"
    return taken, f"SUM({kpi.den})", f"SUM(CASE WHEN ({kpi.den}) <> 0 THEN 1 ELSE 0 END)"


def as_number(value: Any) -> int | float | None:
    """Return a sum as Python has numbers: PostgreSQL's are decimals."""
    if value is None:
        return None
    number = float(value)
    return int(number) if number.is_integer() else number


def _pool_visits(
    asked: Asked, kpis: list[Kpi], parts: dict[Any, dict[str, tuple[Any, Any, int]]]
) -> dict[Any, dict[str, int]]:
    """Add what visits say, and return what all figures tell beside them."""
    rows = _pool(asked, "visits", kpis, parts, _TOLD)
    told = {}
    for row in rows:
        told[row[0]] = {
            name: int(value or 0) for name, value in zip(_TOLD, row[-len(_TOLD) :], strict=True)
        }
    return told


def _count_violations(asked: Asked, found: dict[Any, Member]) -> None:
    kinds = asked.listed("violation", first_seen(asked), "f.kind")
    counts = "SELECT k, kind, COUNT(*) FROM ({kinds}) AS seen GROUP BY k, kind"
    for key, kind, count in rows_of(sql(counts, kinds=kinds)):
        found[key].violations[kind] += count


def _count_inspections(asked: Asked, found: dict[Any, Member]) -> None:
    looks = asked.listed(inspected(asked), "1 = 1", "f.id", by_person=True)
    for key, checks in rows_of(
        sql("SELECT k, COUNT(*) FROM ({looks}) AS t GROUP BY k", looks=looks)
    ):
        found[key].checks[str(ViolationGroup.FIXTURE)] = checks


def _finish(
    member: Member,
    kpis: Sequence[Kpi],
    parts: Mapping[str, tuple[Any, Any, int]],
    told: Mapping[str, Any],
    at: datetime,
) -> None:
    member.checks |= {group: told[measure] for group, measure in CHECKS.items()}
    visits = parts.get("visits", (0, None, 0))
    member.n_stores = visits[2]
    share = told["is_suspect"] / told["is_scored"] if told["is_scored"] else None
    for kpi in kpis:
        if kpi.source == "violations":
            num, den = member.violations.total(), sum(member.checks.values())
            part: tuple[Any, Any, int] = num, den, member.n_stores
        else:
            part = parts.get(kpi.code, (None, None, 0))
        if kpi.source == "rep_days":
            part = part[0], part[1], member.n_stores
        member.figures[kpi.code] = kpi.figure(
            *part, as_of=at, suspect_share=share, also=_also(kpi, part, told)
        )


def _also(kpi: Kpi, part: tuple[Any, Any, int], told: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return what belongs to a figure beside its parts."""
    if kpi.code in _BESIDE:
        return {name: told.get(name, 0) for name in _BESIDE[kpi.code]}
    if kpi.code in {"price_compliance_rate", "price_index"}:
        return {"unreferenced": told["prices_unreferenced"]}
    if kpi.code == "photo_pass_rate":
        taken = told["photos"]
        return {"audit_coverage": (part[1] or 0) / taken if taken else None}
    if kpi.code == "stock_cover_days":
        return {"no_sales": part[1] is not None and not part[1]}
    if kpi.source == "violations":
        return {"inconsistent": bool(part[0]) and not part[1]}
    return None
