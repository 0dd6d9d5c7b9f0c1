"""Routes for checklists."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask.views import MethodView
from peewee import ModelSelect

from backend.api.blueprint import Blueprint, QueryPage
from backend.platform import clock
from backend.platform.actors import Actor, Permission
from backend.standards import checklists
from backend.standards.models import ChecklistTemplate
from schemas.checklists import ChecklistQuerySchema, ChecklistSchema, RetirementSchema

blp = Blueprint("checklists", __name__, description="What a store of each tier must show")


@blp.route("/checklists")
class Checklists(MethodView):
    """The collection."""

    @blp.guarded(Permission.STANDARDS_READ)
    @blp.arguments(ChecklistQuerySchema, location="query")
    @blp.response(200, ChecklistSchema(many=True))
    @blp.paginate(QueryPage, page_size=50)
    def get(self, _actor: Actor, filters: dict[str, Any]) -> ModelSelect[ChecklistTemplate]:
        """List the versions of the checklists"""
        return checklists.list_checklists(**filters)


@blp.route("/checklists/<int:checklist_id>")
class ChecklistById(MethodView):
    """One version."""

    @blp.guarded(Permission.STANDARDS_READ)
    @blp.response(200, ChecklistSchema)
    @blp.alt_response(404, "NOT_FOUND")
    def get(self, _actor: Actor, checklist_id: int) -> ChecklistTemplate:
        """Get one version of a checklist"""
        return checklists.get(checklist_id)


@blp.route("/checklists/<int:checklist_id>/retirement")
class ChecklistRetirement(MethodView):
    """The end of a version."""

    @blp.guarded(Permission.STANDARDS_WRITE)
    @blp.arguments(RetirementSchema)
    @blp.response(200, ChecklistSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(409, "CONFLICT")
    def post(self, actor: Actor, body: dict[str, date], checklist_id: int) -> ChecklistTemplate:
        """Take a version of a checklist out of use

        Visits that it judged keep their result. Saying the same again is safe.
        """
        return checklists.retire(actor, checklist_id, **body, at=clock.now())
