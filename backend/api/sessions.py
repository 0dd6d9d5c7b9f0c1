"""Routes for signing in and out."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import request
from flask.views import MethodView
from peewee import ModelSelect

from backend.api.blueprint import COOKIE, Blueprint
from backend.network import notices, people, sessions
from backend.network.models import Person, Session
from backend.platform import clock
from backend.platform.actors import Actor, Permission
from backend.platform.settings import settings
from schemas.sessions import NewSessionSchema, PersonRefSchema, SessionSchema, SignInSchema

blp = Blueprint("sessions", __name__, description="Signing in, per device")


@blp.route("/sessions")
class Sessions(MethodView):
    """The collection."""

    @blp.arguments(SignInSchema)
    @blp.response(201, NewSessionSchema)
    @blp.alt_response(401, "UNAUTHORIZED")
    @blp.alt_response(429, "TOO_MANY_REQUESTS")
    def post(self, body: dict[str, Any]) -> Any:
        """Sign in on a device

        The token is opaque, bound to the device and shown once. Wrong passwords earn growing
        waits (429 with Retry-After). Privacy notices that are still to be answered are named.
        """
        wants_cookie = body.pop("cookie")
        session, person, token = sessions.sign_in(
            **body, address=request.remote_addr or "", at=clock.now()
        )
        headers = {"Cache-Control": "no-store"}
        if wants_cookie:
            secure = "; Secure" if settings().is_production else ""
            headers["Set-Cookie"] = f"{COOKIE}={token}; Path=/; HttpOnly; SameSite=Strict{secure}"
        return (
            session.__data__
            | {
                "token": token,
                "person": person,
                "outstanding_notices": list(notices.outstanding(person)),
            },
            201,
            headers,
        )

    @blp.guarded(Permission.SESSION_MANAGE)
    @blp.response(200, SessionSchema(many=True))
    def get(self, actor: Actor) -> ModelSelect[Session]:
        """List one's own signed-in devices"""
        return sessions.list_open(actor, at=clock.now())


@blp.route("/sessions/<uuid:session_id>")
class SessionById(MethodView):
    """One session."""

    @blp.guarded(Permission.SESSION_MANAGE)
    @blp.response(204)
    @blp.alt_response(404, "NOT_FOUND")
    def delete(self, actor: Actor, session_id: UUID) -> None:
        """Revoke a device's session"""
        sessions.revoke(actor, session_id, at=clock.now())


@blp.route("/me")
class Me(MethodView):
    """The caller."""

    @blp.guarded(Permission.SESSION_MANAGE)
    @blp.response(200, PersonRefSchema)
    def get(self, actor: Actor) -> Person:
        """Say who is signed in"""
        return people.get(actor, actor.id)
