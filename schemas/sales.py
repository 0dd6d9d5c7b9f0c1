"""Sales, handsets and imported files on the wire."""

import marshmallow as ma

from backend.fieldwork.sales_lines import Feed, Wrong
from schemas.base import Day, Instant, QuerySchema, Schema, Text, whole
from schemas.examples import SOME_VISIT
from schemas.fields import a_day, asked_id, one_of, row_id

SOME_LINE = "6a1f0c52-1d5b-4a57-8f0c-93b1f7a0de21"
SOME_IMEI = "356938035643809"
MOST_LINES = 1_000


class LineSchema(Schema):
    """A sale of one product on one day; a return has negative units."""

    id = ma.fields.UUID(required=True, metadata={"example": SOME_LINE})
    sold_on = a_day(required=True)
    store_code = Text(
        shortest=1,
        longest=40,
        load_default=None,
        allow_none=True,
        metadata={"example": "43-01-001-0001", "description": "Present or former code"},
    )
    dealer_code = Text(
        shortest=1,
        longest=40,
        load_default=None,
        allow_none=True,
        metadata={"example": None, "description": "Who bought, when it was no store (sell-in)"},
    )
    sku_code = Text(required=True, shortest=1, longest=40, metadata={"example": "X9-PRO"})
    units = whole(-100_000, 100_000, required=True, metadata={"example": 1})
    amount_fen = whole(
        -1_000_000_000, load_default=None, allow_none=True, metadata={"example": 199900}
    )
    imei = Text(
        shortest=1,
        longest=15,
        load_default=None,
        allow_none=True,
        metadata={"example": SOME_IMEI},
    )


class LinesSchema(Schema):
    """Lines of a feed, to be taken in together."""

    lines = ma.fields.List(
        ma.fields.Nested(LineSchema), required=True, validate=ma.validate.Length(1, MOST_LINES)
    )


class TakenSchema(Schema):
    """What became of the lines."""

    rows_new = ma.fields.Integer(required=True, metadata={"example": 1})
    rows_replayed = ma.fields.Integer(
        required=True, metadata={"example": 0, "description": "Taken in before"}
    )


class SaleSchema(Schema):
    """A sale as stored."""

    id = ma.fields.UUID(required=True, metadata={"example": SOME_LINE})
    sold_on = Day(required=True, metadata={"example": "2026-03-02"})
    dealer_id = ma.fields.Integer(
        required=True,
        allow_none=True,
        metadata={"example": 7, "description": "Who bought, or whose store it was that day"},
    )
    store_id = ma.fields.Integer(required=True, allow_none=True, metadata={"example": 17})
    region_id = ma.fields.Integer(required=True, metadata={"example": 4})
    sku_id = ma.fields.Integer(required=True, metadata={"example": 3})
    units = ma.fields.Integer(required=True, metadata={"example": 1})
    amount_fen = ma.fields.Integer(required=True, allow_none=True, metadata={"example": 199900})
    imei = ma.fields.String(required=True, allow_none=True, metadata={"example": SOME_IMEI})
    recorded_at = Instant(required=True, metadata={"example": "2026-03-03T01:00:00+00:00"})
    recorded_by_id = ma.fields.Integer(required=True, metadata={"example": 5})


class SaleQuerySchema(QuerySchema):
    """Filters of the sales."""

    from_on = Day(data_key="from", metadata={"example": "2026-03-01"})
    to_on = Day(data_key="to", metadata={"description": "Not included", "example": "2026-04-01"})
    store_id = asked_id("Store")
    dealer_id = asked_id("Dealer of that day")
    region_id = asked_id("This region and those below")
    sku_id = asked_id("Product")
    imei = Text(longest=15, metadata={"example": SOME_IMEI})


class ImportQuerySchema(QuerySchema):
    """How a file is to be taken in."""

    dry_run = ma.fields.Boolean(
        load_default=False, metadata={"description": "Only say what would become of it"}
    )


class RowErrorSchema(Schema):
    """What is wrong with one value of a file."""

    row = ma.fields.Integer(
        required=True,
        metadata={"example": 3, "description": "As a spreadsheet counts; 1 is the header"},
    )
    column = ma.fields.String(required=True, metadata={"example": "sku_code"})
    problem = one_of(Wrong, required=True, metadata={"example": "unknown-sku"})
    detail = ma.fields.String(required=True, metadata={"example": "There is no such product."})
    detail_zh = ma.fields.String(required=True, metadata={"example": "没有该产品。"})


class ImportSchema(Schema):
    """What became of a file, or would."""

    id = ma.fields.UUID(
        required=True,
        allow_none=True,
        metadata={"example": SOME_LINE, "description": "null when nothing was stored"},
    )
    rows = ma.fields.Integer(required=True, metadata={"example": 120})
    rows_new = ma.fields.Integer(required=True, metadata={"example": 118})
    rows_replayed = ma.fields.Integer(required=True, metadata={"example": 2})
    encoding = one_of(["utf-8", "gb18030"], required=True)
    is_dry_run = ma.fields.Boolean(required=True, metadata={"example": False})
    is_replay = ma.fields.Boolean(
        required=True, metadata={"example": False, "description": "The same file came in before"}
    )
    error_count = ma.fields.Integer(required=True, metadata={"example": 0})
    errors = ma.fields.List(
        ma.fields.Nested(RowErrorSchema),
        required=True,
        metadata={"description": "The first 200; only a dry run has any"},
    )


class ImportedFileQuerySchema(QuerySchema):
    """Filters of the imported files."""

    feed = one_of(Feed)


class ImportedFileSchema(Schema):
    """A file that was taken in."""

    id = ma.fields.UUID(required=True, metadata={"example": SOME_LINE})
    feed = one_of(Feed, required=True)
    sha256 = ma.fields.String(
        required=True,
        metadata={"example": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"},
    )
    encoding = one_of(["utf-8", "gb18030"], required=True)
    rows = ma.fields.Integer(required=True, metadata={"example": 120})
    rows_new = ma.fields.Integer(required=True, metadata={"example": 118})
    person_id = ma.fields.Integer(required=True, metadata={"example": 5})
    imported_at = Instant(required=True, metadata={"example": "2026-03-03T01:00:00+00:00"})


class NewImeiSightingSchema(Schema):
    """A handset somebody saw in a store."""

    store_id = row_id(required=True)
    imei = Text(required=True, shortest=1, longest=15, metadata={"example": SOME_IMEI})
    seen_at = Instant(required=True, metadata={"example": "2026-03-02T12:10:00+08:00"})
    visit_id = ma.fields.UUID(load_default=None, allow_none=True, metadata={"example": SOME_VISIT})
    note = Text(load_default="", longest=500, metadata={"example": "柜台库存"})


class ImeiSightingSchema(Schema):
    """A sighting as recorded."""

    id = ma.fields.UUID(required=True, metadata={"example": SOME_LINE})
    imei = ma.fields.String(required=True, metadata={"example": SOME_IMEI})
    store_id = ma.fields.Integer(required=True, metadata={"example": 17})
    dealer_id = ma.fields.Integer(required=True, allow_none=True, metadata={"example": 7})
    person_id = ma.fields.Integer(required=True, metadata={"example": 11})
    visit_id = ma.fields.UUID(required=True, allow_none=True, metadata={"example": SOME_VISIT})
    seen_at = Instant(required=True, metadata={"example": "2026-03-02T04:10:00+00:00"})
    seen_on = Day(required=True, metadata={"example": "2026-03-02"})
    note = ma.fields.String(required=True, metadata={"example": "柜台库存"})


class ImeiSightingQuerySchema(QuerySchema):
    """Filters of the sightings."""

    imei = Text(longest=15, metadata={"example": SOME_IMEI})
    store_id = asked_id("Store")
    from_on = Day(data_key="from", metadata={"example": "2026-03-01"})
    to_on = Day(data_key="to", metadata={"description": "Not included", "example": "2026-04-01"})


class CrossAreaSaleQuerySchema(ImeiSightingQuerySchema):
    """Filters of the handsets out of their area."""

    dealer_id = asked_id("In whose store it was seen")
    sold_in_dealer_id = asked_id("To whom it had been sold in")


class CrossAreaSaleSchema(Schema):
    """Two facts about a handset that do not go together, and the violation they opened."""

    imei = ma.fields.String(required=True, metadata={"example": SOME_IMEI})
    sell_in_id = ma.fields.UUID(required=True, metadata={"example": SOME_LINE})
    sold_in_on = Day(required=True, metadata={"example": "2026-02-10"})
    sold_in_dealer_id = ma.fields.Integer(required=True, metadata={"example": 7})
    seen_kind = one_of(["sell_in", "sell_out", "imei_sighting"], required=True)
    seen_id = ma.fields.UUID(required=True, metadata={"example": SOME_VISIT})
    seen_on = Day(required=True, metadata={"example": "2026-03-02"})
    store_id = ma.fields.Integer(required=True, metadata={"example": 31})
    dealer_id = ma.fields.Integer(required=True, metadata={"example": 9})
    violation_id = ma.fields.UUID(required=True, metadata={"example": SOME_VISIT})
    found_at = Instant(required=True, metadata={"example": "2026-03-03T01:00:00+00:00"})
