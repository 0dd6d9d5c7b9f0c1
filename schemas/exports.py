"""Exports on the wire."""

import marshmallow as ma
from webargs.fields import DelimitedList

from backend.exchange.exports import NAMES
from backend.insight.periods import By
from backend.insight.populations import Grain
from schemas.base import Instant, QuerySchema, Schema
from schemas.fields import FileFields, a_day, asked_id, one_of, row_id

_KPIS = {
    "description": "Of `figures`: only these; all if left out. Of `series`: 1 to 10",
    "example": ["visits"],
}
_MOST_KPIS = ma.validate.Length(1, 60)


def _kpi() -> ma.fields.String:
    return ma.fields.String(validate=ma.validate.Length(max=60))


class _WantedFields:
    from_on = a_day(
        data_key="from",
        metadata={"description": "The first business day; a register has none"},
    )
    to_on = a_day(
        "2026-03-30",
        data_key="to",
        metadata={"description": "The business day after the last; a register has none"},
    )
    region_id = asked_id("Only this region and those below")
    dealer_id = asked_id("Only this dealer, by the day of the fact")
    tier = one_of(["city", "county", "town"], metadata={"description": "Only stores of this tier"})
    grain = one_of(
        Grain, metadata={"description": "Of `figures` and `series`: of what; dealers if left out"}
    )
    by = one_of(By, metadata={"description": "Of `series`: by what; weeks if left out"})


class ExportQuerySchema(FileFields, _WantedFields, QuerySchema):
    """What an export is about."""

    sku_id = asked_id("Of `figures` and `series`: the product that the two distributions are about")
    kpis = DelimitedList(_kpi(), validate=_MOST_KPIS, metadata=_KPIS)


class NewExportLinkSchema(FileFields, _WantedFields, Schema):
    """What a one-time link is to download."""

    region_id = row_id()
    dealer_id = row_id()
    sku_id = row_id()
    kpis = ma.fields.List(_kpi(), validate=_MOST_KPIS, metadata=_KPIS)
    export = one_of(NAMES, required=True)


class ExportLinkSchema(Schema):
    """A link that downloads once."""

    url = ma.fields.String(
        required=True,
        metadata={"example": "https://xundian.example/v1/export-links/8sJ3kQ"},
    )
    expires_at = Instant(required=True, metadata={"example": "2026-03-30T02:10:00+00:00"})
