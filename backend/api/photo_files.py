"""Routes that show photos: what is known of one, and its files."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Response, send_file, url_for
from flask.views import MethodView

from backend.api.blueprint import Blueprint
from backend.evidence import custody, links, readings
from backend.evidence.readings import File
from backend.platform import clock
from backend.platform.actors import Actor, Permission
from backend.platform.settings import settings
from schemas.photo_files import PhotoReadingSchema
from schemas.quality import PhotoAdviceSchema

blp = Blueprint("photo_files", __name__, description="What photos show, and their files")
BYTES = {"type": "string", "format": "binary"}
SAFE_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
}


@blp.route("/visits/<uuid:visit_id>/photos/<uuid:photo_id>/reading")
class Reading(MethodView):
    """What is known of a photo."""

    @blp.guarded(Permission.PHOTO_READ)
    @blp.response(200, PhotoReadingSchema)
    @blp.alt_response(404, "NOT_FOUND")
    def get(self, actor: Actor, visit_id: UUID, photo_id: UUID) -> dict[str, Any]:
        """Say what a photo shows, claims and repeats, and what auditors said

        The links open the files without a header, for some minutes and for the caller's session
        only.
        """
        at = clock.now()
        reading = readings.get(actor, visit_id, photo_id)
        for photo in (reading, *reading["matches"]):
            photo["links"] = _links(actor, photo, at)
        return reading


@blp.route("/visits/<uuid:visit_id>/photos/<uuid:photo_id>/advice")
class Advice(MethodView):
    """What may be wrong with a photo."""

    @blp.guarded(Permission.PHOTO_READ)
    @blp.response(200, PhotoAdviceSchema)
    @blp.alt_response(404, "NOT_FOUND")
    def get(self, actor: Actor, visit_id: UUID, photo_id: UUID) -> dict[str, Any]:
        """Say at once what may be wrong with a photo

        For the phone, right after handing it in, while the salesperson still stands before the
        shelf. A photo that was not read yet is looked at now, for at most some seconds. Advice,
        never a refusal.
        """
        return readings.advise(actor, visit_id, photo_id)


@blp.route("/visits/<uuid:visit_id>/photos/<uuid:photo_id>/files/<string:variant>")
class PhotoFile(MethodView):
    """A photo's files."""

    @blp.guarded(Permission.PHOTO_READ)
    @blp.response(200, BYTES, content_type="image/jpeg")
    @blp.alt_response(304, "NOT_MODIFIED")
    @blp.alt_response(404, "NOT_FOUND")
    def get(self, actor: Actor, visit_id: UUID, photo_id: UUID, variant: str) -> Response:
        """Download a photo as `display`, `thumbnail` or `original`

        The first two are JPEGs without metadata, there once the photo was read. The original is
        evidence and needs the permission photo:original.
        """
        return _send(_opened(actor, visit_id, photo_id, variant, by="download"))


@blp.route("/photo-links/<string:token>")
class PhotoLink(MethodView):
    """A link to a file. The token in it stands for the caller, so there is no other guard."""

    @blp.doc(security=[])
    @blp.response(200, BYTES, content_type="image/jpeg")
    @blp.alt_response(304, "NOT_MODIFIED")
    @blp.alt_response(403, "FORBIDDEN")
    @blp.alt_response(404, "NOT_FOUND")
    def get(self, token: str) -> Response:
        """Open a photo's short-lived link

        What the link's owner may see is asked again. A link that is forged, too old, or of a
        session that ended is not found.
        """
        target = links.follow(token, at=clock.now())
        return _send(_opened(*target, by="link"))


def _opened(actor: Actor, visit_id: UUID, photo_id: UUID, variant: str, *, by: str) -> File:
    """Return a file; that somebody opens an original is put on record first."""
    file = readings.file_of(actor, visit_id, photo_id, variant)
    if variant == readings.ORIGINAL:
        custody.opened(actor, photo_id, visit_id, by=by, at=clock.now())
    return file


def _links(actor: Actor, photo: dict[str, Any], at: datetime) -> dict[str, str]:
    return {
        variant: url_for(
            "photo_files.PhotoLink",
            token=links.sign(actor, photo["visit_id"], photo["photo_id"], variant, at=at),
        )
        for variant in photo["variants"]
    }


def _send(file: File) -> Response:
    place = file.path.absolute()  # Flask looks for others in the folder of the package
    response = send_file(place, mimetype=file.media_type, etag=file.sha256)
    response.headers.update(SAFE_HEADERS)
    response.headers["Cache-Control"] = f"private, max-age={settings().link_minutes * 60}"
    return response
