"""Routes for the configurations of the signals."""

from __future__ import annotations

from typing import Any

from flask import request
from flask.views import MethodView

from backend.api.blueprint import Blueprint, QueryPage, fingerprint
from backend.evidence import signal_configs
from backend.platform import clock
from backend.platform.actors import Actor, Permission
from schemas.signal_configs import PublishConfigSchema, SignalConfigSchema

blp = Blueprint("signal_configs", __name__, description="What signals are worth")


class WeightsPage(QueryPage):
    """A page of versions, each with every signal."""

    @property
    def items(self) -> list[Any]:
        """Fetch only the page asked for."""
        return [signal_configs.weights_of(row) for row in super().items]  # type: ignore[arg-type]


@blp.route("/signal-configs")
class SignalConfigs(MethodView):
    """The published versions."""

    @blp.guarded(Permission.EVIDENCE_READ)
    @blp.response(200, SignalConfigSchema(many=True))
    @blp.paginate(WeightsPage, page_size=50)
    def get(self, actor: Actor) -> Any:
        """List the published configurations of signals, newest first"""
        return signal_configs.list_published(actor)


@blp.route("/signal-configs/current")
class CurrentSignalConfig(MethodView):
    """The version in force."""

    @blp.guarded(Permission.EVIDENCE_READ)
    @blp.response(200, SignalConfigSchema)
    def get(self, actor: Actor) -> Any:
        """Get the configuration of signals in force"""
        return signal_configs.current(actor, at=clock.now())


@blp.route("/signal-configs/<int:version>")
class SignalConfigByVersion(MethodView):
    """One version."""

    @blp.guarded(Permission.EVIDENCE_READ)
    @blp.response(200, SignalConfigSchema)
    @blp.alt_response(404, "NOT_FOUND")
    def get(self, actor: Actor, version: int) -> Any:
        """Get a configuration of signals"""
        return signal_configs.get(actor, version)

    @blp.guarded(Permission.EVIDENCE_CONFIGURE)
    @blp.arguments(PublishConfigSchema)
    @blp.response(201, SignalConfigSchema)
    @blp.alt_response(200, schema=SignalConfigSchema, description="Already published", success=True)
    @blp.alt_response(409, "CONFLICT")
    @blp.alt_response(422, "UNPROCESSABLE_ENTITY")
    def put(self, actor: Actor, body: dict[str, Any], version: int) -> Any:
        """Publish the next configuration of signals

        It weighs visits that begin when it is in force; scores of earlier visits stay as they
        are. A published version never changes.
        """
        is_new = signal_configs.publish(
            actor, version, **body, content_sha256=fingerprint(request.get_json()), at=clock.now()
        )
        return signal_configs.get(actor, version), 201 if is_new else 200
