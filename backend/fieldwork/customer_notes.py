"""What is noted about customers on a visit: whom one met, and which competing brands one saw."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from backend.fieldwork import named_visits
from backend.network import competitors, contacts
from backend.network.archive_models import CompetitorNote, Contact, ContactEntry
from backend.platform.actors import Actor
from backend.platform.database import transaction


def log_contact(
    actor: Actor, entry_id: UUID, *, visit_id: UUID | None, **said: Any
) -> tuple[ContactEntry, bool]:
    """Log an entry as contacts.put_entry does, on the visit it was made on.

    Raises what that raises, and EvidenceElsewhereError.
    """
    with transaction():
        entry, is_new = contacts.put_entry(actor, entry_id, visit_id=visit_id, **said)
        if is_new:
            _check(actor, visit_id, Contact.get_by_id(entry.contact_id).store_id)
    return entry, is_new


def note_competitor(
    actor: Actor, note_id: UUID, *, visit_id: UUID | None, **said: Any
) -> tuple[CompetitorNote, bool]:
    """Keep a note as competitors.put does, of the visit it was made on.

    Raises what that raises, and EvidenceElsewhereError.
    """
    with transaction():
        note, is_new = competitors.put(actor, note_id, visit_id=visit_id, **said)
        if is_new:
            _check(actor, visit_id, note.store_id)
    return note, is_new


def _check(actor: Actor, visit_id: UUID | None, store_id: int | None) -> None:
    """Check the visit; what is noted of a dealer may come from any store."""
    if store_id is not None:
        named_visits.check(actor, visit_id, store_id=store_id)
    elif visit_id is not None:
        named_visits.check_own(actor, [visit_id])
