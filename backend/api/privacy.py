"""Routes for notices, consents and the clocks of retention."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import request
from flask.views import MethodView
from peewee import ModelSelect

from backend.api.blueprint import Blueprint, QueryPage, fingerprint
from backend.evidence import retention
from backend.evidence.retention_models import RetentionRun
from backend.network import notices
from backend.network.models import Person
from backend.network.privacy_models import PrivacyAnswer, PrivacyNotice
from backend.platform import clock
from backend.platform.actors import Actor, Permission
from schemas.privacy import (
    NewNoticeSchema,
    NewPrivacyAnswerSchema,
    NoticeForMeSchema,
    NoticeSchema,
    OutstandingSchema,
    PrivacyAnswerQuerySchema,
    PrivacyAnswerSchema,
    RetentionQuerySchema,
    RetentionRunSchema,
    WholeRetentionRunSchema,
)

blp = Blueprint("privacy", __name__, description="What people are told, and how long data is kept")


@blp.route("/privacy/notices")
class Notices(MethodView):
    """What is in force."""

    @blp.guarded(Permission.NOTICE_READ)
    @blp.response(200, NoticeForMeSchema(many=True))
    def get(self, actor: Actor) -> list[dict[str, Any]]:
        """List the notices in force, and which of them one has still to answer

        Nothing that is handed in is refused for want of an answer.
        """
        return notices.in_force(actor)

    @blp.guarded(Permission.NOTICE_PUBLISH)
    @blp.arguments(NewNoticeSchema)
    @blp.response(201, NoticeSchema)
    def post(self, actor: Actor, body: dict[str, str]) -> PrivacyNotice:
        """Publish the next version of a notice

        Everybody is to answer it anew; earlier versions and the answers to them stay.
        """
        return notices.publish(actor, **body, at=clock.now())


@blp.route("/privacy/notices/<int:notice_id>")
class NoticeById(MethodView):
    """One version."""

    @blp.guarded(Permission.NOTICE_READ)
    @blp.response(200, NoticeSchema)
    @blp.alt_response(404, "NOT_FOUND")
    def get(self, actor: Actor, notice_id: int) -> PrivacyNotice:  # noqa: ARG002  # for everybody
        """Get any version of a notice"""
        return notices.get(notice_id)


@blp.route("/privacy/answers")
class Answers(MethodView):
    """What was answered."""

    @blp.guarded(Permission.NOTICE_READ)
    @blp.arguments(PrivacyAnswerQuerySchema, location="query")
    @blp.response(200, PrivacyAnswerSchema(many=True))
    @blp.paginate(QueryPage, page_size=50)
    def get(self, actor: Actor, query: dict[str, Any]) -> ModelSelect[PrivacyAnswer]:
        """List one's own answers, or those of one's people, the latest first"""
        return notices.list_answers(actor, **query)


@blp.route("/privacy/answers/<uuid:answer_id>")
class AnswerById(MethodView):
    """One answer."""

    @blp.guarded(Permission.NOTICE_ANSWER)
    @blp.arguments(NewPrivacyAnswerSchema)
    @blp.response(201, PrivacyAnswerSchema)
    @blp.alt_response(200, schema=PrivacyAnswerSchema, description="Already kept", success=True)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(409, "CONFLICT")
    def put(self, actor: Actor, body: dict[str, Any], answer_id: UUID) -> tuple[PrivacyAnswer, int]:
        """Acknowledge a notice, or give or withdraw consent

        With the hash of the text that was shown. The latest answer counts; none is changed.
        """
        said = body.pop("answer")
        answer, is_new = notices.answer(
            actor,
            answer_id,
            **body,
            said=said,
            content_sha256=fingerprint(request.get_json()),
            at=clock.now(),
        )
        return answer, 201 if is_new else 200


@blp.route("/privacy/outstanding")
class Outstanding(MethodView):
    """Whose answer is missing."""

    @blp.guarded(Permission.CONSENT_READ)
    @blp.response(200, OutstandingSchema(many=True))
    @blp.paginate(QueryPage, page_size=50)
    def get(self, actor: Actor) -> ModelSelect[Person]:
        """List the active people whose answer to a required notice is missing, or is no

        By login.
        """
        return notices.list_outstanding(actor)


@blp.route("/retention/runs")
class RetentionRuns(MethodView):
    """The runs."""

    @blp.guarded(Permission.RETENTION_MANAGE)
    @blp.response(200, RetentionRunSchema(many=True))
    @blp.paginate(QueryPage, page_size=50)
    def get(self, actor: Actor) -> ModelSelect[RetentionRun]:  # noqa: ARG002  # of all regions
        """List the runs of the retention clocks, the latest first"""
        return retention.list_runs()

    @blp.guarded(Permission.RETENTION_MANAGE)
    @blp.arguments(RetentionQuerySchema, location="query")
    @blp.response(202, WholeRetentionRunSchema)
    def post(self, actor: Actor, query: dict[str, Any]) -> dict[str, Any]:
        """Run the retention clocks now, or only count what they would do

        The worker does it in small pieces; the run's report fills meanwhile.
        """
        return retention.start(actor, is_dry_run=query["dry_run"], at=clock.now())


@blp.route("/retention/runs/<uuid:run_id>")
class RetentionRunById(MethodView):
    """One run."""

    @blp.guarded(Permission.RETENTION_MANAGE)
    @blp.response(200, WholeRetentionRunSchema)
    @blp.alt_response(404, "NOT_FOUND")
    def get(self, actor: Actor, run_id: UUID) -> dict[str, Any]:  # noqa: ARG002  # of all regions
        """Report a run: how much of each class was erased, held back and why, and what is oldest"""
        return retention.get(run_id)
