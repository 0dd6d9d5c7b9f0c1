"""Visits that other documents name: one's own, and to the same store.

What a phone sends arrives in any order, so a visit that nobody knows yet may still come.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from uuid import UUID

from peewee import Expression, chunked

from backend.fieldwork.models import Visit
from backend.platform.actors import Actor
from backend.platform.errors import RuleError

MOST_AT_ONCE = 1_000


class EvidenceElsewhereError(RuleError):
    """A document names a visit of whoever sends it, to the store it is about."""

    code = "evidence-elsewhere"
    title = "Not a visit of yours to that store"
    title_zh = "不是您对该门店的拜访"
    detail = "Visit {visit_id} is not one of yours to that store."
    detail_zh = "拜访 {visit_id} 不是您对该门店的拜访。"


def check(actor: Actor, visit_id: UUID | None, *, store_id: int) -> None:
    """Raise EvidenceElsewhereError for a known visit that is not the actor's, or to another store.

    Office roles may name the visits they see.
    """
    if visit_id is not None:
        there = (Visit.store == store_id) | (Visit.claimed_store_id == store_id)
        _check(actor, [visit_id], there)


def check_own(actor: Actor, visit_ids: Collection[UUID]) -> None:
    """Raise EvidenceElsewhereError for a known visit that is not the actor's, or unseen."""
    for batch in chunked(sorted(visit_ids), MOST_AT_ONCE):
        _check(actor, batch)


def _check(actor: Actor, visit_ids: Iterable[UUID], *conditions: Expression) -> None:
    known = Visit.select(Visit.id).where(Visit.id.in_(visit_ids))
    mine = (Visit.person == actor.id) | Visit.visible_to(actor)
    strange = {visit.id for visit in known} - {visit.id for visit in known.where(mine, *conditions)}
    if strange:
        raise EvidenceElsewhereError(
            visit_id=str(min(strange)),
            errors={"json": {"visit_id": ["Not a visit of yours to that store."]}},
        )
