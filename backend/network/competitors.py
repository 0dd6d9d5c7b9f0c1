"""Competing brands, as found at dealers and stores."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from peewee import ModelSelect

from backend.network import customers
from backend.network.archive_models import CompetitorNote
from backend.platform import ledger
from backend.platform.actors import Actor
from backend.platform.database import take_turns, transaction
from backend.platform.errors import IdTakenError


def list_notes(
    actor: Actor,
    *,
    dealer_id: int | None = None,
    store_id: int | None = None,
    brand: str | None = None,
) -> ModelSelect[CompetitorNote]:
    """Return the notes the actor may see, newest first."""
    notes = CompetitorNote.select().where(
        CompetitorNote.visible_to(actor),
        *customers.narrowed(CompetitorNote, dealer_id=dealer_id, store_id=store_id),
    )
    if brand is not None:
        notes = notes.where(CompetitorNote.brand == brand)
    return notes.order_by(CompetitorNote.seen_on.desc(), CompetitorNote.id)


def put(
    actor: Actor,
    note_id: UUID,
    *,
    dealer_id: int | None,
    store_id: int | None,
    seen_on: date,
    content_sha256: str,
    at: datetime,
    **said: Any,
) -> tuple[CompetitorNote, bool]:
    """Keep a note; return it and whether it is new. Raises NotFoundError or IdTakenError."""
    with transaction():
        take_turns(f"note {note_id}")
        known = CompetitorNote.get_or_none(CompetitorNote.id == note_id)
        if known is not None:
            if (known.person_id, known.content_sha256) != (actor.id, content_sha256):
                raise IdTakenError(id=str(note_id))
            return known, False
        customer = customers.named(actor, dealer_id=dealer_id, store_id=store_id)
        note = CompetitorNote.create(
            id=note_id,
            dealer=dealer_id,
            store=store_id,
            seen_on=seen_on,
            person_id=actor.id,
            content_sha256=content_sha256,
            **said,
        )
        ledger.append(
            actor,
            "competitor.noted",
            note_id,
            at=at,
            region=customer.region_id,
            dealer=dealer_id,
            store=store_id,
        )
    return note, True
