"""Push (主推): how far a store, and the people in it, recommend the brand first.

Whether the decider was met is the one factor nobody types: it follows from the log of contacts.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid5

from peewee import ModelSelect, fn

from backend.fieldwork import named_visits, violations
from backend.fieldwork.push_models import PushAssessment
from backend.network import contacts, stores
from backend.platform import clock, ledger
from backend.platform.actors import Actor
from backend.platform.database import take_turns, transaction
from backend.platform.errors import IdTakenError, NotFoundError
from backend.standards.codes import ViolationKind
from backend.standards.push_codes import HOSTILE, PushFactor, PushLevel

EVIDENCE = {
    PushFactor.BENEFIT: ("margin_rank", "spiff_rank"),
    PushFactor.BRAND: ("asked_by_name_percent",),
    PushFactor.SUPPORT_AND_SERVICE: ("after_sales_days", "advertising_support"),
    PushFactor.PRODUCT_INFORMATION: ("is_clerk_trained", "quiz_percent"),
    PushFactor.RELATIONSHIP: ("relation_grade", "trust_incidents"),
}
"""What speaks for each factor; ranks count from 1, the best of the brands in the store."""


def list_assessments(
    actor: Actor,
    *,
    store_id: int | None = None,
    dealer_id: int | None = None,
    from_on: date | None = None,
    to_on: date | None = None,
    latest: bool = False,
) -> ModelSelect[PushAssessment]:
    """Return assessments the actor may see as mappings, newest first.

    `latest` leaves the last one of each store; `to_on` is not included. A mapping has the
    levels, the factors with their evidence, and who was met.
    """
    conditions = [PushAssessment.visible_to(actor)]
    if store_id is not None:
        conditions.append(PushAssessment.store == store_id)
    if dealer_id is not None:
        conditions.append(PushAssessment.dealer == dealer_id)
    if from_on is not None:
        conditions.append(PushAssessment.assessed_on >= from_on)
    if to_on is not None:
        conditions.append(PushAssessment.assessed_on < to_on)
    if latest:
        conditions.append(~fn.EXISTS(_later()))
    return (
        _shown()
        .where(*conditions)
        .order_by(PushAssessment.assessed_at.desc(), PushAssessment.store, PushAssessment.id)
    )


def get(actor: Actor, assessment_id: UUID) -> dict[str, Any]:
    """Return one assessment as `list_assessments` does. Raises NotFoundError."""
    mine = PushAssessment.visible_to(actor) & (PushAssessment.id == assessment_id)
    found: dict[str, Any] | None = _shown().where(mine).first()
    if found is None:
        raise NotFoundError(what="push assessment")
    return found


def put(
    actor: Actor,
    assessment_id: UUID,
    *,
    store_id: int,
    assessed_at: datetime,
    levels: dict[str, int | None],
    evidence: dict[str, Any],
    visit_id: UUID | None,
    is_mystery_shop: bool,
    note: str,
    content_sha256: str,
    at: datetime,
) -> bool:
    """Keep an assessment and return whether it is new.

    A clerk who speaks against the brand is a violation, `competitor_push`. Raises NotFoundError
    for a store out of sight, EvidenceElsewhereError, and IdTakenError.
    """
    with transaction():
        take_turns(f"push {assessment_id}")
        known = PushAssessment.get_or_none(PushAssessment.id == assessment_id)
        if known is not None:
            if (known.person_id, known.content_sha256) != (actor.id, content_sha256):
                raise IdTakenError(id=str(assessment_id))
            return False
        store = stores.get(actor, store_id)
        named_visits.check(actor, visit_id, store_id=store_id)
        assessed_at = min(assessed_at, at)
        day = clock.business_date(assessed_at)
        dealer_id = stores.dealer_on(store_id, day)
        PushAssessment.create(
            store=store_id,
            id=assessment_id,
            dealer=dealer_id,
            region=store.region_id,
            visit_id=visit_id,
            person_id=actor.id,
            assessed_at=assessed_at,
            assessed_on=day,
            is_mystery_shop=is_mystery_shop,
            note=note,
            content_sha256=content_sha256,
            **levels,
            **evidence,
        )
        ledger.append(
            actor,
            "push.assessed",
            assessment_id,
            at=at,
            dealer=dealer_id,
            store=store_id,
            region=store.region_id,
            day=day,
            visit=visit_id and str(visit_id),
        )
        if levels.get(PushLevel.CLERK_PUSH) == HOSTILE:
            violations.report_by_hand(
                actor,
                uuid5(assessment_id, "competitor_push"),
                store_id=store_id,
                kind=ViolationKind.COMPETITOR_PUSH,
                subject="",
                note=note,
                seen_at=assessed_at,
                content_sha256=content_sha256,
                at=at,
            )
    return True


def _shown() -> ModelSelect[PushAssessment]:
    met = contacts.decider_met_by(PushAssessment.store, PushAssessment.assessed_on)
    assessments: ModelSelect[PushAssessment] = PushAssessment.select(
        PushAssessment, met.alias("decider_met_on")
    ).objects(_sheet)
    return assessments


def _sheet(**row: Any) -> dict[str, Any]:
    met_on = contacts.as_day(row.pop("decider_met_on"))
    factors: dict[str, Any] = {
        str(factor): {name: row.pop(name) for name in names} for factor, names in EVIDENCE.items()
    }
    factors[PushFactor.DECISION_MAKER] = {
        "last_met_on": met_on,
        "is_in_touch": contacts.is_in_touch(met_on, row["assessed_on"]),
    }
    return row | {"levels": {str(level): row.pop(level) for level in PushLevel}, "factors": factors}


def _later() -> Any:
    other = PushAssessment.alias("later")
    same_time = (other.assessed_at == PushAssessment.assessed_at) & (other.id > PushAssessment.id)
    return other.select(other.id).where(
        other.store == PushAssessment.store,
        (other.assessed_at > PushAssessment.assessed_at) | same_time,
    )
