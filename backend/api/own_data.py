"""Routes for a person's own data, and for forgetting who has left."""

from __future__ import annotations

from uuid import UUID

from flask import Response, send_file
from flask.views import MethodView
from peewee import ModelSelect

from backend.api.blueprint import Blueprint, QueryPage
from backend.exchange import erasure, own_data
from backend.exchange.models import DataExport
from backend.network.models import Person
from backend.platform import clock
from backend.platform.actors import Actor, Permission
from schemas.people import PersonSchema
from schemas.privacy import DataExportSchema

blp = Blueprint("own_data", __name__, description="One's own copy, and erasure")
ZIP = {"type": "string", "format": "binary"}


@blp.route("/me/data-exports")
class DataExports(MethodView):
    """One's own copies."""

    @blp.guarded(Permission.OWN_DATA_EXPORT)
    @blp.response(200, DataExportSchema(many=True))
    @blp.paginate(QueryPage, page_size=50)
    def get(self, actor: Actor) -> ModelSelect[DataExport]:
        """List one's own copies, the latest first"""
        return own_data.list_own(actor)

    @blp.guarded(Permission.OWN_DATA_EXPORT)
    @blp.response(202, DataExportSchema)
    def post(self, actor: Actor) -> DataExport:
        """Ask for a copy of everything that is held about oneself

        It is made in the background and kept for some days. Asking again meanwhile answers the
        one that is being made.
        """
        return own_data.ask(actor, at=clock.now())


@blp.route("/me/data-exports/<uuid:export_id>.zip")
class DataExportFile(MethodView):
    """The file of a copy."""

    @blp.guarded(Permission.OWN_DATA_EXPORT)
    @blp.response(200, ZIP, content_type="application/zip")
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(409, "CONFLICT")
    def get(self, actor: Actor, export_id: UUID) -> Response:
        """Download one's own copy

        A ZIP with one file of JSON lines per table and a manifest of one's photos.
        """
        export, file = own_data.open_file(actor, export_id, at=clock.now())
        response = send_file(
            file,
            mimetype="application/zip",
            as_attachment=True,
            download_name=f"my-data-{export.id}.zip",
            conditional=False,
        )
        response.headers["Content-Length"] = str(export.size_bytes)
        response.headers["X-Content-SHA256"] = str(export.sha256)
        response.headers["Cache-Control"] = "no-store"
        return response


@blp.route("/people/<int:person_id>/erasure")
class PersonErasure(MethodView):
    """Forgetting somebody."""

    @blp.guarded(Permission.PERSON_ERASE)
    @blp.response(202, PersonSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(409, "CONFLICT")
    def post(self, actor: Actor, person_id: int) -> Person:
        """Erase the personal data of somebody who has left

        Login and name become a pseudonym at once; positions, texts and devices go in the
        background. Counts, scores and the ledger stay what they are. It cannot be undone.
        """
        return erasure.erase(actor, person_id, at=clock.now())
