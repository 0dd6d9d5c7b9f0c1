"""Routes for CSV exports and the one-time links to them."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from flask import Response, request, send_file, url_for
from flask.views import MethodView
from werkzeug.exceptions import MethodNotAllowed

from backend.api.blueprint import Blueprint
from backend.exchange import exports, links
from backend.exchange.exports import NAMES, Wanted
from backend.exchange.made import Made
from backend.insight.windows import resolve
from backend.platform import clock
from backend.platform.actors import Actor, Permission
from schemas.exports import ExportLinkSchema, ExportQuerySchema, NewExportLinkSchema

blp = Blueprint("exports", __name__, description="Records as complete CSV files")
CSV = {"type": "string", "format": "binary"}
NAME = {
    "in": "path",
    "name": "name",
    "required": True,
    "schema": {"type": "string", "enum": list(NAMES), "example": "visits"},
}
HEADERS = {
    "X-Row-Count": {"description": "Rows without the header", "schema": {"type": "integer"}},
    "X-Content-SHA256": {"description": "SHA-256 in hex", "schema": {"type": "string"}},
    "Repr-Digest": {"description": "The same by RFC 9530", "schema": {"type": "string"}},
    "X-Ledger-Head": {
        "description": "Number and hash of the last ledger entry, after this export's own",
        "schema": {"type": "string"},
    },
}


@blp.route("/exports/<string:name>.csv")
class Exports(MethodView):
    """One export."""

    @blp.guarded(Permission.EXPORT_READ)
    @blp.doc(parameters=[NAME])
    @blp.arguments(ExportQuerySchema, location="query")
    @blp.response(200, CSV, content_type="text/csv", headers=HEADERS)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(422, "UNPROCESSABLE_ENTITY")
    @blp.alt_response(507, "INSUFFICIENT_STORAGE")
    def get(self, actor: Actor, query: dict[str, Any], name: str) -> Response:
        """Download an export

        The file was complete before the answer began: Content-Length, row count and SHA-256 are
        those of the whole. Texts are in quotes, and start with `'` where a spreadsheet would
        take them for a formula; times are Beijing time. What happened needs `from` and `to`; a
        register (fixtures, archives) is as it is now, and has neither.
        """
        return send(exports.make(actor, name, _wanted(query), at=clock.now()))


@blp.route("/export-links")
class ExportLinks(MethodView):
    """The links."""

    @blp.guarded(Permission.EXPORT_READ)
    @blp.arguments(NewExportLinkSchema)
    @blp.response(201, ExportLinkSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(422, "UNPROCESSABLE_ENTITY")
    def post(self, actor: Actor, body: dict[str, Any]) -> tuple[dict[str, Any], int, Any]:
        """Make a link that downloads an export once

        It acts as its maker, whose role and region are asked again when it is used.
        """
        name = body.pop("export")
        token, expires_at = links.create(actor, name, _wanted(body), at=clock.now())
        url = url_for("exports.ExportLink", token=token, _external=True)
        link = {"url": url, "expires_at": expires_at}
        return link, 201, {"Cache-Control": "no-store"}


@blp.route("/export-links/<string:token>")
class ExportLink(MethodView):
    """A link. The token in it stands for its maker, so there is no other guard."""

    @blp.doc(security=[])
    @blp.response(200, CSV, content_type="text/csv", headers=HEADERS)
    @blp.alt_response(404, "NOT_FOUND")
    def get(self, token: str) -> Response:
        """Download what a one-time link stands for"""
        if request.method == "HEAD":  # whoever only looks must not use it up
            raise MethodNotAllowed(["GET"])
        return send(links.follow(token, at=clock.now()))


def _wanted(asked: dict[str, Any]) -> Wanted:
    days = asked.pop("from_on", None), asked.pop("to_on", None)
    if days == (None, None):
        return Wanted(window=None, **asked)
    return Wanted(window=resolve(None, *days, today=clock.business_date(clock.now())), **asked)


def send(made: Made) -> Response:
    """Answer with a complete file and what proves that it is whole."""
    response = send_file(
        made.csv.file,
        mimetype="text/csv",
        as_attachment=True,
        download_name=made.filename,
        conditional=False,
    )
    if made.shown_as != made.filename:
        names = {"filename": made.filename, "filename*": f"UTF-8''{quote(made.shown_as)}"}
        response.headers.set("Content-Disposition", "attachment", **names)
    response.content_length = made.csv.size
    response.headers.update(
        {
            "X-Row-Count": str(made.csv.rows),
            "X-Content-SHA256": made.csv.sha256,
            "Repr-Digest": made.csv.digest,
            "X-Ledger-Head": f"{made.head.seq}:{made.head.hash}",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
        }
    )
    return response
