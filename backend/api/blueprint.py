"""The project's blueprint: every operation names its permission, and pages come from queries."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from copy import deepcopy
from functools import wraps
from inspect import unwrap
from typing import Any

import flask_smorest
import orjson
from flask import Request, Response, request
from marshmallow import ValidationError, missing
from peewee import SQL, Model, ModelSelect
from webargs.flaskparser import FlaskParser
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import BadRequest, Unauthorized

from backend.api.paths import LARGEST_ID
from backend.network import sessions
from backend.platform import clock
from backend.platform.actors import Actor, Permission
from backend.platform.database import canonical
from backend.platform.errors import (
    CorruptBodyError,
    ForbiddenError,
    StaleError,
    VersionRequiredError,
)
from schemas.plain import PlainSchema

View = Callable[..., Any]
COOKIE = "xundian_session"
COUNTED = 10_000
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
IF_MATCH = {
    "in": "header",
    "name": "If-Match",
    "required": True,
    "description": "The ETag that was read",
    "schema": {"type": "string", "example": '"3"'},
}


class BodyParser(FlaskParser):
    """Reads a JSON body once, as strictly as its fingerprint is taken."""

    def _raw_load_json(self, req: Request) -> Any:
        body = req.get_data(cache=True)
        if req.content_length is not None and len(body) < req.content_length:
            raise CorruptBodyError  # gunicorn ends a body that broke off like any other
        return req.get_json() if req.is_json and body else missing


class Blueprint(flask_smorest.Blueprint):
    """A blueprint whose operations are guarded, and documented as guarded."""

    ARGUMENTS_PARSER = BodyParser()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._prepare_doc_cbks.append(self._document_guard)

    def guarded(self, permission: Permission) -> Callable[[View], View]:
        """Refuse callers without the permission; hand the actor to the view as first argument."""

        def decorate(view: View) -> View:
            @wraps(view)
            def checked(resource: Any, *args: Any, **kwargs: Any) -> Any:
                return view(resource, permitted(permission), *args, **kwargs)

            checked.__dict__["_apidoc"] = deepcopy(getattr(view, "_apidoc", {}))
            checked.__dict__["_apidoc"]["guard"] = permission
            return checked

        return decorate

    def versioned(self, view: View) -> View:
        """Document that an operation needs the version it acts on; see `expected_version`."""
        for status, name in ((412, "PRECONDITION_FAILED"), (428, "PRECONDITION_REQUIRED")):
            view = self.alt_response(status, name)(view)
        documented: View = self.doc(parameters=[IF_MATCH])(view)
        return documented

    def replacing(self, view: View) -> View:
        """Document that an operation needs the version of what it replaces; see `named_version`."""
        for status, name in ((412, "PRECONDITION_FAILED"), (428, "PRECONDITION_REQUIRED")):
            view = self.alt_response(status, name)(view)
        header = IF_MATCH | {"required": False, "description": "The ETag of what is replaced"}
        documented: View = self.doc(parameters=[header])(view)
        return documented

    @staticmethod
    def _document_guard(doc: dict[str, Any], doc_info: dict[str, Any], **_: Any) -> dict[str, Any]:
        if permission := doc_info.get("guard"):
            doc["security"] = [{"bearer": []}, {"cookie": []}]
            doc["x-permission"] = str(permission)
            doc.setdefault("responses", {}).update({401: "UNAUTHORIZED", 403: "FORBIDDEN"})
        return doc


_handling = threading.Lock()


def one_at_a_time(handle: View) -> View:
    """Let one thread of this process handle an arrival at a time, once the request's body has come.

    Threads that compete for the interpreter make each other hold the database's turn for several
    times as long as they need it.
    """

    @wraps(handle)
    def alone(*args: Any, **kwargs: Any) -> Any:
        request.get_data(cache=True)
        with _handling:
            return handle(*args, **kwargs)

    return alone


def plainly(
    headers: PlainSchema | None = None, body: PlainSchema | None = None
) -> Callable[[View], View]:
    """Hand a view what is plainly right at once, and answer with what it returns as it is.

    What the other decorators do on the way costs as much as judging a report. They document the
    operation all the same, and a request with anything doubtful goes through them. Without
    schemas the view reads the request itself, and nothing can be doubtful. What the view returns
    must be JSON values, UUIDs included, in the shape of the documented answer.
    """

    def decorate(framed: View) -> View:
        view = unwrap(framed)
        permission: Permission = framed.__dict__["_apidoc"]["guard"]

        @wraps(framed)
        def answered(resource: Any, **named: Any) -> Any:
            actor = permitted(permission)
            taken = []
            sent = this_request()
            try:
                if headers is not None:
                    taken.append(headers.take_named(sent.headers.get))
                if body is not None:
                    taken.append(body.take(_whole_json(sent)))
            except (ValidationError, BadRequest):
                return framed(resource, **named)
            answer, status = view(resource, actor, *taken, **named)
            return Response(orjson.dumps(answer), status, mimetype="application/json")

        return answered

    return decorate


def this_request() -> Request:
    """Return the request itself, for who asks it much: each question to Flask's stand-in costs."""
    sent: Request = request._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001
    return sent


def _whole_json(sent: Request) -> Any:
    """Return the body's JSON, or what no schema takes. Raises BadRequest."""
    is_whole = sent.content_length == len(sent.get_data(cache=True))
    return sent.get_json() if is_whole and sent.is_json else None


class QueryPage(flask_smorest.Page):
    """Pages a peewee query in SQL instead of slicing every row in Python.

    Rows are counted up to 10,000, or to the end of the page; what lies behind is one more, which
    says that there are more.
    """

    collection: ModelSelect[Model]

    @property
    def items(self) -> list[Model]:
        """Fetch only the page asked for."""
        page = self.page_params
        if page.first_item > LARGEST_ID:  # no table is that long, and no database counts further
            return []
        return list(self.collection.limit(page.page_size).offset(page.first_item))

    @property
    def item_count(self) -> int:
        """Count without sorting."""
        end = min(self.page_params.last_item + 1, LARGEST_ID)
        counted: Any = self.collection.order_by().limit(max(COUNTED, end) + 1)
        if counted._count_can_project_one():  # noqa: SLF001  # peewee asks it too, without a limit
            counted = counted.select(SQL("1"))
        count: int = counted.count()
        return count


def permitted(permission: Permission) -> Actor:
    """Return the caller if they have the permission, or answer 401 or 403."""
    actor = current_actor()
    if not actor.may(permission):
        raise ForbiddenError(permission=str(permission))
    return actor


def current_actor() -> Actor:
    """Return the caller behind the bearer token, or answer 401.

    A browser's cookie counts only for reading, so that no other site can write through it.
    """
    sent = this_request()
    is_writing = sent.method not in SAFE_METHODS
    scheme, _, token = sent.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        token = "" if is_writing else sent.cookies.get(COOKIE, "")
    actor = sessions.actor_for(token, at=clock.now(), is_writing=is_writing) if token else None
    if actor is None:
        raise Unauthorized("Send a session token.", www_authenticate=WWWAuthenticate("bearer"))
    return actor


def expected_version() -> int:
    """Return the version in If-Match. Raises VersionRequiredError or StaleError."""
    tag = request.headers.get("If-Match")
    if tag is None:
        raise VersionRequiredError
    version = tag.strip().removeprefix("W/").strip('"')
    if not (version.isascii() and version.isdigit() and int(version) <= LARGEST_ID):
        raise StaleError(version="another")
    return int(version)


def named_version() -> int | None:
    """Return the version in If-Match, or None without it. Raises StaleError."""
    return expected_version() if "If-Match" in request.headers else None


def etag(version: int) -> dict[str, str]:
    """Return the header that names a version."""
    return {"ETag": f'"{version}"'}


def fingerprint(document: Any) -> str:
    """Return the SHA-256 of a JSON document's canonical text: what makes a replay a replay."""
    return hashlib.sha256(canonical(document).encode()).hexdigest()
