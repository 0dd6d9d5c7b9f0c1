"""Routes for checklists."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask.views import MethodView
from peewee import ModelSelect

from backend.api.blueprint import Blueprint, QueryPage, etag, expected_version
from backend.platform import clock
from backend.platform.actors import Actor, Permission
from backend.standards import checklists
from backend.standards.models import ChecklistTemplate
from schemas.checklists import (
    ChecklistDraftSchema,
    ChecklistQuerySchema,
    ChecklistSchema,
    NewChecklistSchema,
    PublicationSchema,
    RetirementSchema,
)

# By name, because `partial=True` would not stop at the lines.
AMENDMENT = ChecklistDraftSchema(partial=tuple(ChecklistDraftSchema().fields))
blp = Blueprint("checklists", __name__, description="What a store must show")


@blp.route("/checklists")
class Checklists(MethodView):
    """The collection."""

    @blp.guarded(Permission.STANDARDS_READ)
    @blp.arguments(ChecklistQuerySchema, location="query")
    @blp.response(200, ChecklistSchema(many=True))
    @blp.paginate(QueryPage, page_size=50)
    def get(self, actor: Actor, filters: dict[str, Any]) -> ModelSelect[ChecklistTemplate]:
        """List the versions of the checklists

        Drafts are seen by those who may change standards.
        """
        return checklists.list_checklists(actor, **filters, today=_today())

    @blp.guarded(Permission.STANDARDS_WRITE)
    @blp.arguments(NewChecklistSchema)
    @blp.response(201, ChecklistSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(409, "CONFLICT")
    def post(self, actor: Actor, body: dict[str, Any]) -> Any:
        """Draft a new checklist

        Nobody is asked by it until it is published.
        """
        draft = checklists.create(actor, **body, at=clock.now())
        return draft, 201, etag(draft.revision)


@blp.route("/checklists/<int:checklist_id>")
class ChecklistById(MethodView):
    """One version."""

    @blp.guarded(Permission.STANDARDS_READ)
    @blp.response(200, ChecklistSchema)
    @blp.alt_response(404, "NOT_FOUND")
    def get(self, actor: Actor, checklist_id: int) -> Any:
        """Get one version of a checklist"""
        checklist = checklists.get(actor, checklist_id, today=_today())
        return checklist, 200, etag(checklist.revision)

    @blp.guarded(Permission.STANDARDS_WRITE)
    @blp.versioned
    @blp.arguments(AMENDMENT)
    @blp.response(200, ChecklistSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(409, "CONFLICT")
    def patch(self, actor: Actor, body: dict[str, Any], checklist_id: int) -> Any:
        """Change a draft

        `lines` are replaced as a whole. What is published never changes.
        """
        draft = checklists.amend(
            actor, checklist_id, version=expected_version(), at=clock.now(), **body
        )
        return draft, 200, etag(draft.revision)

    @blp.guarded(Permission.STANDARDS_WRITE)
    @blp.versioned
    @blp.response(204)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(409, "CONFLICT")
    def delete(self, actor: Actor, checklist_id: int) -> None:
        """Throw a draft away"""
        checklists.discard(actor, checklist_id, version=expected_version(), at=clock.now())


@blp.route("/checklists/<int:checklist_id>/versions")
class ChecklistVersions(MethodView):
    """What follows a version."""

    @blp.guarded(Permission.STANDARDS_WRITE)
    @blp.response(201, ChecklistSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(409, "CONFLICT")
    def post(self, actor: Actor, checklist_id: int) -> Any:
        """Draft the next version of a published checklist

        A copy to begin with; there is one draft of a checklist at a time.
        """
        draft = checklists.draft_next(actor, checklist_id, at=clock.now())
        return draft, 201, etag(draft.revision)


@blp.route("/checklists/<int:checklist_id>/publication")
class ChecklistPublication(MethodView):
    """The beginning of a version."""

    @blp.guarded(Permission.STANDARDS_WRITE)
    @blp.versioned
    @blp.arguments(PublicationSchema)
    @blp.response(200, ChecklistSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(409, "CONFLICT")
    def post(self, actor: Actor, body: dict[str, Any], checklist_id: int) -> Any:
        """Publish a draft

        From its first day on it is in force, today at the earliest. The version before it ends on
        that day; another checklist for the same stores must have ended.
        """
        checklist = checklists.publish(
            actor, checklist_id, **body, version=expected_version(), at=clock.now()
        )
        return checklist, 200, etag(checklist.revision)


@blp.route("/checklists/<int:checklist_id>/retirement")
class ChecklistRetirement(MethodView):
    """The end of a version."""

    @blp.guarded(Permission.STANDARDS_WRITE)
    @blp.arguments(RetirementSchema)
    @blp.response(200, ChecklistSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(409, "CONFLICT")
    def post(self, actor: Actor, body: dict[str, date], checklist_id: int) -> Any:
        """Take a version of a checklist out of use

        Visits that it judged keep their result. Saying the same again is safe.
        """
        checklist = checklists.retire(actor, checklist_id, **body, at=clock.now())
        return checklist, 200, etag(checklist.revision)


def _today() -> date:
    return clock.business_date(clock.now())
