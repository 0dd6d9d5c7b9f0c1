"""The rows behind a figure as a CSV file: stores or records, and what each adds to the figure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from backend.exchange import csvfile
from backend.exchange.made import Made, days_of, put_on_record
from backend.insight import drill
from backend.insight.drill import Cell
from backend.platform.actors import Actor, Permission
from backend.platform.database import snapshot
from backend.platform.errors import ForbiddenError

NAME = "figure_rows"
_HEADER = (
    ("类型", "Kind"),
    ("编号", "ID"),
    ("日期", "Day"),
    ("门店编码", "Store code"),
    ("门店名称", "Store name"),
    ("人员账号", "Login"),
    ("人员", "Person"),
    ("事项", "Subject"),
    ("分子", "Numerator"),
    ("分母", "Denominator"),
)


def make(actor: Actor, cell: Cell, *, lang: str, bom: bool, at: datetime) -> Made:
    """Write the rows behind a cell, on record in the ledger.

    Raises what opening a cell raises, and ForbiddenError.
    """
    if not actor.may(Permission.EXPORT_READ):
        raise ForbiddenError(permission=str(Permission.EXPORT_READ))
    chinese = lang == "zh"
    with snapshot():
        drill.opened(cell, at=at)
        header = [names[0 if chinese else 1] for names in _HEADER]
        csv = csvfile.write_rows(header, _rows(cell, chinese=chinese), bom=bom)
    days = days_of(cell.window)
    title = cell.kpi.zh if chinese else cell.kpi.code
    return put_on_record(
        actor,
        NAME,
        csv,
        filters=_filters(cell) | {"lang": lang, "bom": bom},
        named=(f"{cell.kpi.code}_{days}", f"{title}_{days}"),
        at=at,
    )


def _rows(cell: Cell, *, chinese: bool) -> Iterator[list[Any]]:
    for row in drill.rows(cell):
        yield [
            row.kind.zh if chinese else row.kind.en,
            row.id,
            row.day,
            row.store_code,
            row.store_name,
            row.person_login,
            row.person_name,
            row.subject,
            row.num,
            row.den,
        ]


def _filters(cell: Cell) -> dict[str, Any]:
    """Return what was asked for, as the ledger keeps it."""
    asked = cell.population
    return {
        "kpi": cell.kpi.code,
        "grain": str(asked.grain),
        "members": asked.members,
        "by": str(cell.by),
        "part": cell.part and str(cell.part),
        "from": cell.window.from_on.isoformat(),
        "to": cell.window.to_on.isoformat(),
        "tier": asked.tier,
        "grade": asked.grade,
        "chain": asked.chain,
        "division": asked.division,
        "region_id": asked.region_id,
        "dealer_id": asked.dealer_id,
        "sku_id": cell.sku_id,
    }
