"""Doubts: what the system found on visits, in words, for whoever may see them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from peewee import JOIN, ModelSelect

from backend.evidence import appeals, signal_configs
from backend.evidence.signal_models import VisitReview, VisitScore, VisitSignal
from backend.evidence.signals import Signal
from backend.fieldwork import visits
from backend.fieldwork.models import Visit
from backend.network.models import Person, Region, Store
from backend.platform.actors import Actor

OPEN = "open"
"""The decision of a visit that nobody has decided about."""


def show(actor: Actor, visit_id: UUID) -> dict[str, Any]:
    """Return the score of a visit with its signals, its appeals and what people decided.

    The score is None until the visit is complete and was weighed. Ids of other visits are told
    only of those the actor may see; `hidden` counts the rest. Raises NotFoundError.
    """
    visit = visits.get(actor, visit_id)
    score = VisitScore.get_or_none(VisitScore.visit_id == visit_id)
    signals = list(VisitSignal.select().where(VisitSignal.visit_id == visit_id))
    review = (
        VisitReview.select(VisitReview, Person)
        .join(Person)
        .where(VisitReview.visit_id == visit_id)
        .first()
    )
    return {
        "visit_id": visit.id,
        "quarantine_reason": visit.quarantine_reason,
        "score": score and score.score,
        "band": score and score.band,
        "config_version": score and score.config_version,
        "scored_at": score and score.scored_at,
        "signals": _worded(actor, visit, signals),
        "appeals": appeals.of_visit(visit_id),
        "review": review,
        "version": review.version if review else 0,
    }


def list_scores(
    actor: Actor,
    *,
    band: str | None = None,
    signal: str | None = None,
    decision: str | None = None,
    region_id: int | None = None,
    person_id: int | None = None,
    dealer_id: int | None = None,
    store_id: int | None = None,
    from_on: date | None = None,
    to_on: date | None = None,
) -> ModelSelect[VisitScore]:
    """Return the scores of visits the actor may see, as dicts: the latest day and the worst first.

    `decision` is `rejected`, `believed`, or `open` where nobody decided.
    """
    found = _shown().where(Visit.visible_to(actor))
    exact = {
        VisitScore.band: band,
        VisitScore.person_id: person_id,
        VisitScore.dealer_id: dealer_id,
        VisitScore.store_id: store_id,
    }
    for column, value in exact.items():
        if value is not None:
            found = found.where(column == value)
    if signal is not None:
        having = VisitSignal.select(VisitSignal.visit_id).where(VisitSignal.code == signal)
        found = found.where(VisitScore.visit_id.in_(having))
    if region_id is not None:
        top = Region.get_or_none(Region.id == region_id)
        below = Region.select(Region.id).where(Region.path.startswith(top.path if top else "-"))
        found = found.where(VisitScore.region_id.in_(below))
    if from_on is not None:
        found = found.where(VisitScore.business_on >= from_on)
    if to_on is not None:
        found = found.where(VisitScore.business_on < to_on)
    if decision == OPEN:
        found = found.where(VisitReview.verdict.is_null())
    elif decision is not None:
        found = found.where(VisitReview.verdict == decision)
    return found


def _shown() -> ModelSelect[VisitScore]:
    return (
        VisitScore.select(
            VisitScore.visit_id,
            VisitScore.score,
            VisitScore.band,
            VisitScore.codes,
            VisitScore.config_version,
            VisitScore.business_on,
            VisitScore.person_id,
            Person.name.alias("person_name"),
            VisitScore.store_id,
            Store.code.alias("store_code"),
            Store.name.alias("store_name"),
            VisitScore.dealer_id,
            VisitScore.region_id,
            VisitReview.verdict.alias("decision"),
        )
        .join(Visit, on=Visit.id == VisitScore.visit_id)
        .join(Person)
        .join_from(Visit, Store, JOIN.LEFT_OUTER)
        .join_from(
            VisitScore, VisitReview, JOIN.LEFT_OUTER, on=VisitReview.visit_id == VisitScore.visit_id
        )
        .order_by(
            VisitScore.business_on.desc(), VisitScore.score.desc(), VisitScore.visit_id.desc()
        )
        .dicts()
    )


def _worded(actor: Actor, visit: Visit, rows: Sequence[VisitSignal]) -> list[dict[str, Any]]:
    weights = signal_configs.in_force(signal_configs.every(), visit.checked_in_at)
    named = {UUID(visit_id) for row in rows for visit_id in row.evidence.get("visits", ())}
    seen: set[str] = set()
    if named:
        in_sight = Visit.select(Visit.id).where(Visit.visible_to(actor), Visit.id.in_(list(named)))
        seen = {str(visit.id) for visit in in_sight}
    of_code = {row.code: row for row in rows}
    return [
        row.__data__
        | {
            "signal": signal,
            "limits": weights.limits[signal],
            "evidence": _evidence(row.evidence, seen),
        }
        for signal in Signal
        if (row := of_code.get(str(signal))) is not None
    ]


def _evidence(evidence: dict[str, Any], seen: set[str]) -> dict[str, Any]:
    if "visits" not in evidence:
        return evidence
    shown = [visit_id for visit_id in evidence["visits"] if visit_id in seen]
    return evidence | {"visits": shown, "hidden": len(evidence["visits"]) - len(shown)}
