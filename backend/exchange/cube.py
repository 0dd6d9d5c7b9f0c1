"""The cube as a CSV file: a row per cell, its members by code and name, the total at the end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Any

from backend.exchange import csvfile
from backend.exchange.made import Made, days_of, put_on_record
from backend.insight import cube
from backend.insight.cube import AxisShown, Cube, Wanted
from backend.insight.cube_cells import Figure
from backend.insight.cube_words import Kind, Measure
from backend.platform.actors import Actor, Permission
from backend.platform.errors import ForbiddenError

NAME, ZH = "cube", "立方体"


def make(actor: Actor, wanted: Wanted, *, lang: str, bom: bool, at: datetime) -> Made:
    """Write the cube an actor asks for, on record in the ledger.

    Raises what asking raises, except for the number of cells, and ForbiddenError.
    """
    if not actor.may(Permission.SALES_READ):
        raise ForbiddenError(permission=str(Permission.SALES_READ))
    found = cube.ask(actor, wanted, at=at)
    chinese = lang == "zh"
    csv = csvfile.write_rows(
        _header(found, chinese=chinese), _rows(found, chinese=chinese), bom=bom
    )
    days = days_of(wanted.window)
    return put_on_record(
        actor,
        NAME,
        csv,
        filters=_filters(wanted) | {"lang": lang, "bom": bom},
        named=(f"{NAME}_{days}", f"{ZH if chinese else NAME}_{days}"),
        at=at,
    )


def _filters(wanted: Wanted) -> dict[str, Any]:
    named = asdict(wanted)
    window = named.pop("window")
    named["measures"] = list(wanted.measures)
    return named | {"from": window["from_on"].isoformat(), "to": window["to_on"].isoformat()}


def _header(found: Cube, *, chinese: bool) -> list[str]:
    names = []
    for axis in found.axes:
        title = axis.by.zh if chinese else axis.by.en
        names += [f"{title}代码" if chinese else f"{title} code", title]
    parts = ("分子", "分母") if chinese else ("numerator", "denominator")
    for measure in found.measures:
        title = measure.zh if chinese else measure.en
        names.append(title)
        if measure.kind is Kind.STATE:
            names += [f"{title}: {part}" for part in parts]
    return names


def _rows(found: Cube, *, chinese: bool) -> Iterator[list[Any]]:
    names = [_names(axis, chinese=chinese) for axis in found.axes]
    for cell in found.cells:
        row: list[Any] = []
        for axis, known in zip(found.axes, names, strict=True):
            code = cell.members[axis.axis]
            row += [code, known[code]]
        yield row + _figures(found.measures, cell.values)
    whole = ["total", "合计" if chinese else "total"] * len(found.axes)
    yield whole + _figures(found.measures, found.total)


def _names(axis: AxisShown, *, chinese: bool) -> dict[str, str]:
    return {member.code: member.zh if chinese else member.en for member in axis.members}


def _figures(measures: list[Measure], values: dict[str, Figure]) -> list[Any]:
    row: list[Any] = []
    for measure in measures:
        figure = values[measure]
        row.append(figure.value)
        if measure.kind is Kind.STATE:
            row += [figure.num, figure.den]
    return row
