"""Targets: what KPIs should come to, by tier and from a day on, and how far a figure gets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from peewee import Expression, ModelSelect

from backend.insight.asked import Asked
from backend.insight.catalogue import BY_CODE
from backend.insight.figures import Member
from backend.insight.kpis import Figure, Kpi
from backend.insight.populations import Population
from backend.insight.statements import rows_of, sql
from backend.insight.target_models import KpiTarget
from backend.insight.visit_sources import active
from backend.insight.windows import Window
from backend.network.divisions import Tier
from backend.platform import clock, ledger
from backend.platform.actors import Actor
from backend.platform.database import take_turns, transaction
from backend.platform.errors import ConflictError, NotFoundError, RuleError, check_version

ALL = "all"
TIERS = (ALL, *map(str, Tier))
_LOOKED_AT = timedelta(days=28)


class NoTargetError(RuleError):
    """A count grows with the number of stores, so that no one number is its target."""

    code = "kpi-without-target"
    title = "The KPI can have no target"
    title_zh = "该指标不能设定目标"
    detail = "{kpi} is a count, which adds up over stores; only rates have targets."
    detail_zh = "{kpi} 是累计数，只有比率类指标可以设定目标。"


class TargetBegunError(ConflictError):
    """Months that are over were measured by what was announced then."""

    code = "kpi-target-begun"
    title = "The target would act on a month that is over"
    title_zh = "目标不能追溯到已结束的月份"
    detail = "Targets begin and end on {earliest} at the earliest."
    detail_zh = "目标的生效和失效日期最早为 {earliest}。"


class TargetEndError(RuleError):
    """A target that ends before it begins."""

    code = "kpi-target-end"
    title = "The target would end before it begins"
    title_zh = "目标的失效日期早于生效日期"
    detail = "It begins on {valid_from}; it cannot end before that day is over."
    detail_zh = "该目标自 {valid_from} 起生效，失效日期必须晚于该日。"


def list_targets(
    _: Actor, *, kpi: str | None = None, tier: str | None = None
) -> ModelSelect[KpiTarget]:
    """Return targets by KPI and tier, the latest first."""
    rows = KpiTarget.select().order_by(KpiTarget.kpi, KpiTarget.tier, KpiTarget.valid_from.desc())
    if kpi is not None:
        rows = rows.where(KpiTarget.kpi == kpi)
    return rows if tier is None else rows.where(KpiTarget.tier == tier)


def get(_: Actor, kpi: str, tier: str, valid_from: date) -> KpiTarget:
    """Return the target of a tier that begins on a day. Raises NotFoundError."""
    found = KpiTarget.get_or_none(_same(kpi, tier, valid_from))
    if found is None:
        raise NotFoundError(what="target")
    return found


def put(
    actor: Actor,
    kpi: str,
    tier: str,
    valid_from: date,
    *,
    value: float,
    version: int | None,
    at: datetime,
) -> KpiTarget:
    """Set what a KPI should come to from a day on; doing so anew replaces the version named.

    Raises NotFoundError for an unknown KPI or tier, NoTargetError, TargetBegunError, and
    VersionRequiredError or StaleError for another value of that day.
    """
    if kpi not in BY_CODE or tier not in TIERS:
        raise NotFoundError(what="kpi" if tier in TIERS else "tier")
    if not BY_CODE[kpi].is_rate:
        raise NoTargetError(kpi=kpi)
    with transaction():
        take_turns("setting targets")
        known = KpiTarget.get_or_none(_same(kpi, tier, valid_from))
        if known is not None and known.value == value and known.valid_to is None:
            return known
        _check_begins(valid_from, at)
        if known is None:
            row = KpiTarget.create(
                kpi=kpi, tier=tier, valid_from=valid_from, value=value, version=1
            )
        else:
            check_version(version, known.version)
            row = _change(known, value=value, valid_to=None)
        ledger.append(actor, "kpi_target.set", _name(row), at=at, value=value, version=row.version)
    return row


def end(
    actor: Actor,
    kpi: str,
    tier: str,
    valid_from: date,
    *,
    valid_to: date,
    version: int,
    at: datetime,
) -> KpiTarget:
    """Let a target hold no longer; `valid_to` is the first day without it.

    Raises NotFoundError, StaleError, TargetBegunError, TargetEndError.
    """
    with transaction():
        take_turns("setting targets")
        known = get(actor, kpi, tier, valid_from)
        if known.valid_to == valid_to:
            return known
        check_version(version, known.version)
        _check_begins(valid_to, at)
        if valid_to <= valid_from:
            raise TargetEndError(valid_from=valid_from.isoformat())
        row = _change(known, valid_to=valid_to)
        ledger.append(
            actor,
            "kpi_target.ended",
            _name(row),
            at=at,
            valid_to=valid_to.isoformat(),
            version=row.version,
        )
    return row


@dataclass(frozen=True, slots=True)
class Book:
    """The targets of some KPIs, on any day."""

    rows: Sequence[KpiTarget]

    @classmethod
    def of(cls, kpis: Iterable[Kpi]) -> Book:
        """Read all that was ever set for some KPIs."""
        wanted = {kpi.code for kpi in kpis}
        rows = KpiTarget.select().order_by(KpiTarget.valid_from)
        return cls([row for row in rows if row.kpi in wanted])

    def on(self, day: date) -> dict[str, dict[str, float]]:
        """Return the targets of a day, by KPI and tier."""
        latest: dict[tuple[str, str], KpiTarget] = {}
        for row in self.rows:
            if row.valid_from <= day:
                latest[row.kpi, row.tier] = row
        found: defaultdict[str, dict[str, float]] = defaultdict(dict)
        for (kpi, tier), row in latest.items():
            if row.valid_to is None or row.valid_to > day:
                found[kpi][tier] = row.value
        return dict(found)

    def attain(self, population: Population, window: Window, found: Mapping[Any, Member]) -> None:
        """Put the targets of the last day of a window beside the figures of members."""
        known = self.on(window.last_on)
        if not known:
            return
        is_mixed = any(set(targets) != {ALL} for targets in known.values())
        tiers = _tiers(population, window) if is_mixed else {}
        for key, member in found.items():
            for code, targets in known.items():
                figure = member.figures[code]
                target = blended(targets, tiers.get(key, {}))
                member.figures[code] = attained(BY_CODE[code], figure, target)


def targeted(kpis: Sequence[Kpi], window: Window) -> list[Kpi]:
    """Return the KPIs that have a target on the last day of a window."""
    known = Book.of(kpis).on(window.last_on)
    return [kpi for kpi in kpis if kpi.code in known]


def blended(targets: Mapping[str, float], tiers: Mapping[str, int]) -> float | None:
    """Return the mean of targets over so many stores of each tier.

    Tiers without a target have no part in it; without any store, it is the target of all tiers.
    """
    weighed = [
        (count, targets.get(tier, targets.get(ALL))) for tier, count in sorted(tiers.items())
    ]
    known = [(count, target) for count, target in weighed if target is not None]
    if not known:
        return None if tiers else targets.get(ALL)
    return sum(count * target for count, target in known) / sum(count for count, _ in known)


def attained(kpi: Kpi, figure: Figure, target: float | None) -> Figure:
    """Return a figure with its target and how far it gets, 1 being all the way.

    There is no attainment without a value or where neither more nor less is better. What cannot
    be divided is reached: a target of 0 where more is better, a value of 0 where less is.
    """
    attainment = None
    if target is not None and figure.value is not None and kpi.is_higher_better is not None:
        parts = (figure.value, target) if kpi.is_higher_better else (target, figure.value)
        attainment = parts[0] / parts[1] if parts[1] > 0 else 1.0
    return replace(figure, target=target, attainment=attainment)


def _tiers(population: Population, window: Window) -> dict[Any, dict[str, int]]:
    """Return of each member how many stores of each tier were active in the last 28 days."""
    asked = Asked(population.resolved(), Window(window.to_on - _LOOKED_AT, window.to_on))
    rows = rows_of(
        sql(
            "SELECT a.k, w.tier, COUNT(*) FROM ({stores}) a "
            "JOIN store w ON w.id = a.store_id GROUP BY a.k, w.tier",
            stores=active(asked),
        )
    )
    found: defaultdict[Any, dict[str, int]] = defaultdict(dict)
    for key, tier, count in rows:
        found[key][tier] = count
    return dict(found)


def _check_begins(day: date, at: datetime) -> None:
    earliest = clock.business_date(at).replace(day=1)
    if day < earliest:
        raise TargetBegunError(earliest=earliest.isoformat())


def _change(row: KpiTarget, **changed: Any) -> KpiTarget:
    row.version += 1
    for name, value in changed.items():
        setattr(row, name, value)
    KpiTarget.update(version=row.version, **changed).where(
        _same(row.kpi, row.tier, row.valid_from)
    ).execute()
    return row


def _name(row: KpiTarget) -> str:
    return f"{row.kpi}:{row.tier}:{row.valid_from}"


def _same(kpi: str, tier: str, valid_from: date) -> Expression:
    same: Expression = (
        (KpiTarget.kpi == kpi) & (KpiTarget.tier == tier) & (KpiTarget.valid_from == valid_from)
    )
    return same
