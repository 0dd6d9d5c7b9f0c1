"""Exports on the wire."""

import marshmallow as ma

from backend.exchange.exports import NAMES
from schemas.base import Instant, QuerySchema, Schema
from schemas.fields import a_day, asked_id, one_of, row_id


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
    lang = one_of(
        ["zh", "en"],
        load_default="zh",
        metadata={"description": "Language of the headers and labels"},
    )
    bom = ma.fields.Boolean(
        load_default=True,
        metadata={"description": "Begin with a byte order mark, without which Excel garbles UTF-8"},
    )


class ExportQuerySchema(_WantedFields, QuerySchema):
    """What an export is about."""


class NewExportLinkSchema(_WantedFields, Schema):
    """What a one-time link is to download."""

    region_id = row_id()
    dealer_id = row_id()
    export = one_of(NAMES, required=True)


class ExportLinkSchema(Schema):
    """A link that downloads once."""

    url = ma.fields.String(
        required=True,
        metadata={"example": "https://xundian.example/v1/export-links/8sJ3kQ"},
    )
    expires_at = Instant(required=True, metadata={"example": "2026-03-30T02:10:00+00:00"})
