"""Routes for the evaluations of promotions."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import request
from flask.views import MethodView
from peewee import ModelSelect

from backend.api.blueprint import Blueprint, QueryPage, fingerprint
from backend.fieldwork import evaluations
from backend.fieldwork.promotion_models import PromotionEvaluation
from backend.platform import clock
from backend.platform.actors import Actor, Permission
from schemas.evaluations import (
    EvaluationQuerySchema,
    EvaluationSchema,
    Inputs,
    RecordEvaluationSchema,
)

blp = Blueprint("evaluations", __name__, description="Whether a promotion is worth it")


def document_inputs(self: Any, field: Any, **_: Any) -> dict[str, Any]:
    """Describe the inputs of an evaluation as one of the shapes of its methods."""
    if not isinstance(field, Inputs):
        return {}
    return {"anyOf": [self.resolve_nested_schema(shape) for shape in field.shapes.values()]}


@blp.route("/promotions/<int:promotion_id>/evaluations")
class Evaluations(MethodView):
    """The evaluations of a promotion."""

    @blp.guarded(Permission.EVALUATION_READ)
    @blp.arguments(EvaluationQuerySchema, location="query")
    @blp.response(200, EvaluationSchema(many=True))
    @blp.alt_response(404, "NOT_FOUND")
    @blp.paginate(QueryPage, page_size=50)
    def get(
        self, actor: Actor, filters: dict[str, Any], promotion_id: int
    ) -> ModelSelect[PromotionEvaluation]:
        """List the evaluations of a promotion, newest first; a rep's are one's own"""
        return evaluations.list_evaluations(actor, promotion_id, **filters)


@blp.route("/promotions/<int:promotion_id>/evaluations/<uuid:evaluation_id>")
class EvaluationById(MethodView):
    """One evaluation."""

    @blp.guarded(Permission.EVALUATION_READ)
    @blp.response(200, EvaluationSchema)
    @blp.alt_response(404, "NOT_FOUND")
    def get(self, actor: Actor, promotion_id: int, evaluation_id: UUID) -> PromotionEvaluation:
        """Get an evaluation"""
        return evaluations.get(actor, promotion_id, evaluation_id)

    @blp.guarded(Permission.EVALUATION_WRITE)
    @blp.arguments(RecordEvaluationSchema)
    @blp.response(201, EvaluationSchema)
    @blp.alt_response(200, schema=EvaluationSchema, description="Already recorded", success=True)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(409, "CONFLICT")
    def put(
        self, actor: Actor, body: dict[str, Any], promotion_id: int, evaluation_id: UUID
    ) -> tuple[PromotionEvaluation, int]:
        """Record an evaluation

        The id is the client's; sending the same again is safe and answers 200. The output is
        what the method makes of the inputs.
        """
        made, is_new = evaluations.record(
            actor,
            promotion_id,
            evaluation_id,
            **body,
            content_sha256=fingerprint(request.get_json()),
            at=clock.now(),
        )
        return made, 201 if is_new else 200
