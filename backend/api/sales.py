"""Routes for the sales feeds and the files that bring them."""

from __future__ import annotations

from typing import Any

from flask import request
from flask.views import MethodView
from peewee import ModelSelect
from werkzeug.exceptions import UnsupportedMediaType

from backend.api.blueprint import Blueprint, QueryPage
from backend.exchange import imports
from backend.exchange.imports import Outcome
from backend.exchange.models import ImportedFile
from backend.fieldwork import sales
from backend.fieldwork.sales_lines import Feed, Line
from backend.platform import clock
from backend.platform.actors import Actor, Permission
from backend.platform.errors import CorruptBodyError, NotFoundError
from backend.platform.settings import settings
from schemas.sales import (
    ImportedFileQuerySchema,
    ImportedFileSchema,
    ImportQuerySchema,
    ImportSchema,
    LinesSchema,
    SaleQuerySchema,
    SaleSchema,
    TakenSchema,
)

blp = Blueprint("sales", __name__, description="What was sold in and sold out")
LINES = LinesSchema()
CSV = {
    "required": True,
    "content": {"text/csv": {"schema": {"type": "string", "format": "binary"}}},
}


@blp.route("/sales/<string:feed>")
class Sales(MethodView):
    """The lines of a feed, `sell-in` or `sell-out`."""

    @blp.guarded(Permission.SALES_READ)
    @blp.arguments(SaleQuerySchema, location="query")
    @blp.response(200, SaleSchema(many=True))
    @blp.alt_response(404, "NOT_FOUND")
    @blp.paginate(QueryPage, page_size=50)
    def get(self, actor: Actor, filters: dict[str, Any], feed: str) -> ModelSelect[Any]:
        """List the sales of a feed, `sell-in` or `sell-out`, newest first"""
        return sales.list_sales(actor, _feed(feed), **filters)

    @blp.guarded(Permission.SALES_WRITE)
    @blp.arguments(LINES)
    @blp.response(200, TakenSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(422, "UNPROCESSABLE_ENTITY")
    def post(self, actor: Actor, body: dict[str, Any], feed: str) -> dict[str, int]:
        """Take in up to 1000 sales of a feed, `sell-in` or `sell-out`, all or none

        The ids are the sender's; a line that came in before is a replay. What is wrong is told
        by row, counted from 1, and column.
        """
        lines = [Line(row=row, **line) for row, line in enumerate(body["lines"], start=1)]
        taken = sales.record(actor, _feed(feed), lines, at=clock.now())
        return {"rows_new": len(taken.rows), "rows_replayed": taken.replayed}


@blp.route("/sales/<string:feed>/imports")
class SalesImports(MethodView):
    """Files of a feed."""

    @blp.guarded(Permission.SALES_WRITE)
    @blp.doc(requestBody=CSV)
    @blp.arguments(ImportQuerySchema, location="query")
    @blp.response(201, ImportSchema)
    @blp.alt_response(
        200, schema=ImportSchema, description="A dry run, or taken in before", success=True
    )
    @blp.alt_response(400, "BAD_REQUEST")
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(413, "REQUEST_ENTITY_TOO_LARGE")
    @blp.alt_response(415, "UNSUPPORTED_MEDIA_TYPE")
    @blp.alt_response(422, "UNPROCESSABLE_ENTITY")
    def post(self, actor: Actor, asked: dict[str, bool], feed: str) -> tuple[dict[str, Any], int]:
        """Take in a CSV file of a feed, `sell-in` or `sell-out`, all rows or none

        UTF-8 or GB18030; the header is Chinese or English: day, store_code, dealer_code
        (sell-in), sku_code, units, amount (yuan), imei, line_id. The same file again is a replay.
        """
        chosen = _feed(feed)
        if request.mimetype != "text/csv":
            raise UnsupportedMediaType("Send text/csv.")
        request.max_content_length = settings().max_import_bytes
        content = request.get_data(cache=False)
        if request.content_length is not None and len(content) < request.content_length:
            raise CorruptBodyError
        outcome = imports.take_in(actor, chosen, content, at=clock.now(), **asked)
        return _shown(outcome), 200 if outcome.is_dry_run or outcome.is_replay else 201


@blp.route("/imports")
class Imports(MethodView):
    """Files that were taken in."""

    @blp.guarded(Permission.SALES_READ)
    @blp.arguments(ImportedFileQuerySchema, location="query")
    @blp.response(200, ImportedFileSchema(many=True))
    @blp.paginate(QueryPage, page_size=50)
    def get(self, actor: Actor, filters: dict[str, Any]) -> ModelSelect[ImportedFile]:
        """List the files that one's people took in, newest first"""
        return imports.list_files(actor, **filters)


def _feed(name: str) -> Feed:
    if name not in set(Feed):
        raise NotFoundError(what="feed")
    return Feed(name)


def _shown(outcome: Outcome) -> dict[str, Any]:
    return {
        "id": outcome.file and outcome.file.id,
        "rows": outcome.rows,
        "rows_new": outcome.rows_new,
        "rows_replayed": outcome.rows_replayed,
        "encoding": outcome.encoding,
        "is_dry_run": outcome.is_dry_run,
        "is_replay": outcome.is_replay,
        "error_count": len(outcome.errors),
        "errors": sales.first_of(outcome.errors),
    }
