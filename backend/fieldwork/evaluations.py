"""Evaluations of promotions: each is a record of one method, made once and kept."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from peewee import ModelSelect

from backend.fieldwork.evaluation_methods import evaluate
from backend.fieldwork.promotion_models import PromotionEvaluation
from backend.platform import ledger
from backend.platform.actors import Actor
from backend.platform.database import take_turns, transaction
from backend.platform.errors import IdTakenError, NotFoundError
from backend.standards import promotions
from backend.standards.promotion_codes import EvaluationMethod, EvaluationPhase


def list_evaluations(
    actor: Actor,
    promotion_id: int,
    *,
    phase: str | None = None,
    method: str | None = None,
) -> ModelSelect[PromotionEvaluation]:
    """Return the evaluations in sight, newest first. Raises NotFoundError."""
    promotions.get(promotion_id)
    found = (
        PromotionEvaluation.select()
        .where(PromotionEvaluation.promotion == promotion_id, PromotionEvaluation.visible_to(actor))
        .order_by(PromotionEvaluation.evaluated_on.desc(), PromotionEvaluation.id)
    )
    if phase is not None:
        methods = [str(each) for each in EvaluationMethod if each.phase == EvaluationPhase(phase)]
        found = found.where(PromotionEvaluation.method.in_(methods))
    return found if method is None else found.where(PromotionEvaluation.method == method)


def get(actor: Actor, promotion_id: int, evaluation_id: UUID) -> PromotionEvaluation:
    """Return one evaluation in sight. Raises NotFoundError."""
    found = PromotionEvaluation.get_or_none(
        PromotionEvaluation.visible_to(actor),
        PromotionEvaluation.promotion == promotion_id,
        PromotionEvaluation.id == evaluation_id,
    )
    if found is None:
        raise NotFoundError(what="evaluation")
    return found


def record(
    actor: Actor,
    promotion_id: int,
    evaluation_id: UUID,
    *,
    method: str,
    inputs: Mapping[str, Any],
    evaluated_on: date,
    note: str,
    content_sha256: str,
    at: datetime,
) -> tuple[PromotionEvaluation, bool]:
    """Record an evaluation with what its method makes of it; return it and whether it is new.

    Raises NotFoundError, ContradictoryEvaluationError, or IdTakenError for a known id with other
    content or from another person.
    """
    promotions.get(promotion_id)
    output = evaluate(EvaluationMethod(method), inputs)  # type: ignore[call-arg]
    with transaction():
        take_turns(f"evaluation:{evaluation_id}")
        known = PromotionEvaluation.get_or_none(PromotionEvaluation.id == evaluation_id)
        if known is not None:
            mine = (known.person_id, known.promotion_id) == (actor.id, promotion_id)
            if not mine or known.content_sha256 != content_sha256:
                raise IdTakenError(id=str(evaluation_id))
            return known, False
        PromotionEvaluation.create(
            id=evaluation_id,
            promotion=promotion_id,
            method=method,
            evaluated_on=evaluated_on,
            inputs=inputs,
            output=output,
            note=note,
            person=actor.id,
            recorded_at=at,
            content_sha256=content_sha256,
        )
        ledger.append(
            actor,
            "evaluation.recorded",
            evaluation_id,
            at=at,
            promotion=promotion_id,
            method=method,
        )
    return get(actor, promotion_id, evaluation_id), True
