"""Exports: complete CSV files of what an actor may see, on record in the ledger."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from peewee import ModelSelect

from backend.exchange import (
    csvfile,
    figures,
    manifests,
    promotion_uplifts,
    satisfactions,
    series,
    summaries,
)
from backend.exchange.catalogue import EXPORTS
from backend.exchange.columns import Export
from backend.exchange.csvfile import CsvFile, Rendered
from backend.exchange.made import Made, days_of, put_on_record
from backend.exchange.series import SeriesKpisError
from backend.insight import periods, tables
from backend.insight.periods import By
from backend.insight.populations import Grain
from backend.insight.windows import LONGEST_DAYS, BadWindowError, Window
from backend.network.models import Dealer, Region
from backend.platform import clock, ledger
from backend.platform.actors import Actor, Permission
from backend.platform.database import UTCDateTimeField, snapshot
from backend.platform.errors import ForbiddenError, NotFoundError, RuleError

COMPOSED = {
    summaries.NAME: Permission.INSIGHT_READ,
    promotion_uplifts.NAME: Permission.SALES_READ,
    satisfactions.NAME: Permission.INSIGHT_READ,
    figures.NAME: Permission.INSIGHT_READ,
    series.NAME: Permission.INSIGHT_READ,
}
"""What `insight` makes row by row, and who may have it; all of a window."""
NAMES = (*EXPORTS, manifests.NAME, *COMPOSED)
_TITLES = {
    one.NAME: one.ZH
    for one in (manifests, summaries, promotion_uplifts, satisfactions, figures, series)
}
_ONLY_OF = {
    "grain": {figures.NAME, series.NAME},
    "kpis": {figures.NAME, series.NAME},
    "sku_id": {figures.NAME, series.NAME},
    "by": {series.NAME},
}
"""Of some filters, the exports that have them."""


class ExportFilterError(RuleError):
    """The rows of an export have nothing that the filter could ask for."""

    code = "export-filter"
    title = "The export has no such filter"
    title_zh = "该导出不支持此筛选条件"
    detail = "{export} cannot be narrowed by {filter}."
    detail_zh = "导出 {export} 不支持筛选条件 {filter}。"


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """What is asked for. `region_id` stands for its subtree, `lang` is `zh` or `en`.

    A register has no `window`; only figures and series have a `grain`, chosen `kpis` and a
    product, and only series go `by` a kind of period, the week if it is not said.
    """

    window: Window | None
    region_id: int | None = None
    dealer_id: int | None = None
    tier: str | None = None
    lang: str = "zh"
    bom: bool = True
    grain: str | None = None
    kpis: Sequence[str] | None = None
    sku_id: int | None = None
    by: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return JSON values, the days as `from` and `to`."""
        return {
            "from": self.window and self.window.from_on.isoformat(),
            "to": self.window and self.window.to_on.isoformat(),
            "region_id": self.region_id,
            "dealer_id": self.dealer_id,
            "tier": self.tier,
            "lang": self.lang,
            "bom": self.bom,
            **{name: getattr(self, name) for name in _ONLY_OF if getattr(self, name) is not None},
        }

    @classmethod
    def of(cls, document: dict[str, Any]) -> Wanted:
        """Return what `as_dict` gave these values for."""
        others = {key: value for key, value in document.items() if key not in {"from", "to"}}
        if document["from"] is None:
            return cls(window=None, **others)
        days = (date.fromisoformat(document[key]) for key in ("from", "to"))
        return cls(window=Window(*days), **others)


def make(actor: Actor, name: str, wanted: Wanted, *, at: datetime) -> Made:
    """Write an export of what the actor may see.

    Raises NotFoundError for an unknown export, region or dealer, and ForbiddenError.
    """
    check(actor, name, wanted)
    ledger.seal_all()
    with snapshot():
        csv = _WRITERS[name](actor, wanted, at) if name in _WRITERS else _write(actor, name, wanted)
    days = days_of(wanted.window) if wanted.window else f"{clock.business_date(at):%Y%m%d}"
    return put_on_record(
        actor,
        name,
        csv,
        filters=wanted.as_dict(),
        named=(f"{name}_{days}", f"{_title(name, wanted.lang)}_{days}"),
        at=at,
    )


def check(actor: Actor, name: str, wanted: Wanted) -> None:
    """Raise what `make` would raise, without writing anything."""
    if name not in NAMES:
        raise NotFoundError(what="export")
    needed = COMPOSED.get(name) or _declared(name).needs
    if not actor.may(needed):
        raise ForbiddenError(permission=str(needed))
    for filtered, those in _ONLY_OF.items():
        if getattr(wanted, filtered) is not None and name not in those:
            raise ExportFilterError(export=name, filter=filtered)
    tables.chosen(wanted.kpis, sku_id=wanted.sku_id)
    if name in COMPOSED:
        window = _required(wanted.window)
        _refuse_place(name, wanted)
        if name == series.NAME:
            _check_series(wanted, window)
    else:
        _check_filters(name, _declared(name), wanted)
    for model, wanted_id in ((Region, wanted.region_id), (Dealer, wanted.dealer_id)):
        seen = model.select().where(model.visible_to(actor), model.id == wanted_id)
        if wanted_id is not None and not seen.exists():
            raise NotFoundError(what=model.__name__.lower())


def rows_of(actor: Actor, export: Export, wanted: Wanted) -> ModelSelect[Any]:
    """Return the query for the rows an actor wants and may see, its columns not yet chosen."""
    query = export.source(export.rows.select()).where(export.seen(actor))
    if export.day is not None and wanted.window is not None:
        begin, end = _ends(export.day, wanted.window)
        query = query.where(export.day >= begin, export.day < end)
    if wanted.region_id is not None:
        top = Region.get_by_id(wanted.region_id)
        below = Region.select(Region.id).where(Region.path.startswith(top.path))
        query = query.where(export.region.in_(below))
    if wanted.dealer_id is not None:
        query = query.where(export.dealer == wanted.dealer_id)
    if wanted.tier is not None:
        query = query.where(export.tier == wanted.tier)
    return query


def _declared(name: str) -> Export:
    """Return what an export is made of; a manifest is of the photos."""
    return EXPORTS["photos" if name == manifests.NAME else name]


def _check_filters(name: str, export: Export, wanted: Wanted) -> None:
    """Require a window where there are days. Raises BadWindowError or ExportFilterError."""
    if export.day is not None:
        _required(wanted.window)
    asked = (
        ("from", export.day, wanted.window),
        ("dealer_id", export.dealer, wanted.dealer_id),
        ("tier", export.tier, wanted.tier),
    )
    for filtered, column, value in asked:
        if column is None and value is not None:
            raise ExportFilterError(export=name, filter=filtered)


def _refuse_place(name: str, wanted: Wanted) -> None:
    """Require no place that means nothing to an export. Raises ExportFilterError."""
    for filtered, value, without in (
        ("region_id", wanted.region_id, {promotion_uplifts.NAME}),
        ("tier", wanted.tier, {promotion_uplifts.NAME, satisfactions.NAME}),
    ):
        if name in without and value is not None:
            raise ExportFilterError(export=name, filter=filtered)


def _check_series(wanted: Wanted, window: Window) -> None:
    """Require some KPIs and few enough points. Raises SeriesKpisError or TooManyPointsError."""
    if not 0 < len(wanted.kpis or ()) <= series.MOST_KPIS:
        raise SeriesKpisError(most=series.MOST_KPIS)
    periods.periods(window, _by(wanted))


def _ends(day: Any, window: Window) -> tuple[Any, Any]:
    """Return the first and the first excluded value of a column of days or instants."""
    if isinstance(day, UTCDateTimeField):
        return clock.instants_of(window.from_on)[0], clock.instants_of(window.to_on)[0]
    return window.from_on, window.to_on


def _required(window: Window | None) -> Window:
    if window is None:
        raise BadWindowError(longest_days=LONGEST_DAYS)
    return window


def _write(actor: Actor, name: str, wanted: Wanted) -> CsvFile:
    export, chinese = EXPORTS[name], wanted.lang == "zh"
    columns = [
        Rendered(one.zh if chinese else one.en, one.render(chinese=chinese), one.cell.is_text)
        for one in export.columns
    ]
    query = rows_of(actor, export, wanted).order_by(*export.order)
    return csvfile.write_query(query, columns, bom=wanted.bom)


def _write_summaries(actor: Actor, wanted: Wanted, at: datetime) -> CsvFile:
    rows = summaries.rows(
        actor,
        window=_required(wanted.window),
        region_id=wanted.region_id,
        dealer_id=wanted.dealer_id,
        tier=wanted.tier,
        chinese=wanted.lang == "zh",
        at=at,
    )
    header = summaries.header(window=_required(wanted.window), chinese=wanted.lang == "zh")
    return csvfile.write_rows(header, rows, bom=wanted.bom)


def _write_uplifts(actor: Actor, wanted: Wanted, at: datetime) -> CsvFile:
    chinese = wanted.lang == "zh"
    rows = promotion_uplifts.rows(
        actor,
        window=_required(wanted.window),
        dealer_id=wanted.dealer_id,
        chinese=chinese,
        at=at,
    )
    return csvfile.write_rows(promotion_uplifts.header(chinese=chinese), rows, bom=wanted.bom)


def _write_satisfactions(actor: Actor, wanted: Wanted, _: datetime) -> CsvFile:
    rows = satisfactions.rows(
        actor,
        window=_required(wanted.window),
        region_id=wanted.region_id,
        dealer_id=wanted.dealer_id,
    )
    header = satisfactions.header(chinese=wanted.lang == "zh")
    return csvfile.write_rows(header, rows, bom=wanted.bom)


def _write_figures(actor: Actor, wanted: Wanted, at: datetime) -> CsvFile:
    chinese, grain = wanted.lang == "zh", _grain(wanted)
    kpis = tables.chosen(wanted.kpis, sku_id=wanted.sku_id)
    rows = figures.rows(
        actor,
        grain=grain,
        kpis=kpis,
        window=_required(wanted.window),
        chinese=chinese,
        at=at,
        region_id=wanted.region_id,
        dealer_id=wanted.dealer_id,
        tier=wanted.tier,
        sku_id=wanted.sku_id,
    )
    header = figures.header(grain, kpis, chinese=chinese)
    return csvfile.write_rows(header, rows, bom=wanted.bom)


def _write_series(actor: Actor, wanted: Wanted, at: datetime) -> CsvFile:
    chinese, grain = wanted.lang == "zh", _grain(wanted)
    rows = series.rows(
        actor,
        grain=grain,
        by=_by(wanted),
        kpis=tables.chosen(wanted.kpis, sku_id=wanted.sku_id),
        window=_required(wanted.window),
        chinese=chinese,
        at=at,
        region_id=wanted.region_id,
        dealer_id=wanted.dealer_id,
        tier=wanted.tier,
        sku_id=wanted.sku_id,
    )
    return csvfile.write_rows(series.header(grain, chinese=chinese), rows, bom=wanted.bom)


def _grain(wanted: Wanted) -> Grain:
    return Grain[(wanted.grain or Grain.DEALER).upper()]


def _by(wanted: Wanted) -> By:
    return By[(wanted.by or By.WEEK).upper()]


def _write_manifest(actor: Actor, wanted: Wanted, _: datetime) -> CsvFile:
    photos = rows_of(actor, _declared(manifests.NAME), wanted)
    rows = manifests.of_window(photos, _required(wanted.window), ledger.head())
    return csvfile.write_rows(manifests.HEADER, rows, bom=wanted.bom)


def _title(name: str, lang: str) -> str:
    if lang != "zh":
        return name
    return _TITLES.get(name) or EXPORTS[name].zh


_WRITERS: Mapping[str, Callable[[Actor, Wanted, datetime], CsvFile]] = {
    summaries.NAME: _write_summaries,
    promotion_uplifts.NAME: _write_uplifts,
    satisfactions.NAME: _write_satisfactions,
    figures.NAME: _write_figures,
    series.NAME: _write_series,
    manifests.NAME: _write_manifest,
}
"""What is made row by row; all other exports are queries."""
