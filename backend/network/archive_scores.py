"""The scores of archives, kept beside them, so that the list of what to fill reads its page only.

They follow the ledger: whatever may fill or empty a field owes a measurement of that dealer or
store, and a custom field that changes owes one of all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any
from uuid import UUID

import orjson
from peewee import ModelSelect, chunked

from backend.network import completeness, regions
from backend.network.archive_models import (
    Contact,
    CustomField,
    DealerCompleteness,
    StoreCompleteness,
)
from backend.network.customers import model_of
from backend.network.models import Region, Store
from backend.network.words import Subject
from backend.platform import jobs
from backend.platform.actors import Actor
from backend.platform.consumers import Consumer
from backend.platform.database import insert_rows, take_turns, transaction
from backend.platform.models import LedgerEntry

KIND = "measure-archive"
EVERY = "*"
BATCH = 500  # dealers or stores per transaction
OF_ITSELF = {"created", "amended", "archived", "merged", "absorbed", "restored", "bereft"}
BY_FACTS = {"contact.added", "competitor.noted", "agreement.signed", "agreement.moved"}
OF_A_CONTACT = {"contact.amended", "contact.erased"}
OF_ALL = {"field.defined", "field.amended"}


def incomplete(
    actor: Actor,
    *,
    subject: Subject,
    owner_id: int | None = None,
    region_id: int | None = None,
) -> ModelSelect[Any]:
    """Return whose archive lacks something as mappings, worst first; a rep's are the own stores.

    A mapping has `subject`, `id`, `code`, `name`, `owner_id`, the `completeness` from 0 to 1 and
    the fields that are `missing`. The closed and the merged are left alone.
    """
    owner, score = model_of(subject), _score_of(subject)
    owner_column = [Store.owner.alias("owner_id")] if owner is Store else []
    known = {field.code: field for field in completeness.fields_of(subject)}
    found: ModelSelect[Any] = (
        score.select(score.share, score.missing, owner.id, owner.code, owner.name, *owner_column)
        .join(owner)
        .where(score.share < 1, owner.visible_to(actor), owner.closed_on.is_null())
        .order_by(score.share, _link_of(subject))
        .objects(partial(_sheet, subject, known))
    )
    if owner_id is not None and owner is Store:
        found = found.where(Store.owner == owner_id)
    if region_id is not None:
        within = Region.select(Region.id).where(regions.below(region_id))
        found = found.where(owner.region.in_(within))
    return found


def measure(subject: Subject, customer_ids: Sequence[int]) -> None:
    """Make the scores of some dealers or stores say what their archives hold now."""
    score, name = _score_of(subject), str(subject)
    for batch in chunked(sorted(set(customer_ids)), BATCH):
        with transaction():
            take_turns("measuring archives")  # so that an older reading cannot win
            rows = [
                {
                    name: one["id"],
                    "share": one["completeness"],
                    "missing": [field.code for field in one["missing"]],
                    "filled": one["filled"],
                    "required": one["required"],
                }
                for one in completeness.of_many(subject, batch)
            ]
            score.delete().where(_link_of(subject).in_(batch)).execute()
            insert_rows(score, rows)


def measure_all(subject: Subject) -> None:
    """Measure every dealer or every store."""
    ids: Any = model_of(subject).select(model_of(subject).id).tuples()
    measure(subject, [customer_id for (customer_id,) in ids])


def handle(entries: list[LedgerEntry]) -> None:
    """Owe a measurement of whatever the entries may have filled or emptied."""
    keys: set[str] = set()
    contacts: list[UUID] = []
    fields: list[int] = []
    for entry in entries:
        noun, _, verb = entry.verb.partition(".")
        if noun in {"store", "dealer"} and verb in OF_ITSELF:
            keys.add(f"{noun}:{entry.object_id}")
        elif entry.verb in BY_FACTS:
            facts = orjson.loads(entry.facts)
            keys |= {f"{name}:{facts[name]}" for name in ("dealer", "store") if facts.get(name)}
        elif entry.verb in OF_A_CONTACT:
            contacts.append(UUID(entry.object_id))
        elif entry.verb in OF_ALL:
            fields.append(int(entry.object_id))
    keys |= _keys_of_contacts(contacts) if contacts else set()
    if fields:
        subjects = CustomField.select(CustomField.subject).where(CustomField.id.in_(fields))
        keys |= {f"{field.subject}:{EVERY}" for field in subjects}
    jobs.enqueue(KIND, sorted(keys), at=entries[-1].at)


def measure_owed(job_keys: list[str]) -> None:
    """Do the measurements that the keys of jobs stand for."""
    owed: dict[str, set[str]] = defaultdict(set)
    for key in job_keys:
        name, _, which = key.partition(":")
        owed[name].add(which)
    for name, wanted in owed.items():
        subject = Subject(name)
        if EVERY in wanted:
            measure_all(subject)
        else:
            measure(subject, [int(one) for one in wanted])


def _keys_of_contacts(contact_ids: list[UUID]) -> set[str]:
    found = Contact.select(Contact.dealer, Contact.store).where(Contact.id.in_(contact_ids))
    return {
        f"dealer:{contact.dealer_id}" if contact.dealer_id else f"store:{contact.store_id}"
        for contact in found
    }


def _score_of(subject: Subject) -> Any:
    return DealerCompleteness if subject is Subject.DEALER else StoreCompleteness


def _link_of(subject: Subject) -> Any:
    dealers = subject is Subject.DEALER
    return DealerCompleteness.dealer if dealers else StoreCompleteness.store


def _sheet(
    subject: Subject, known: dict[str, completeness.ArchiveField], **row: Any
) -> dict[str, Any]:
    # A custom field that is not required any more waits for the next measurement.
    missing = [known[code] for code in row.pop("missing") if code in known]
    said = {"subject": str(subject), "completeness": row.pop("share"), "missing": missing}
    return {"owner_id": None} | row | said


CONSUMER = Consumer("archive", handle)
BATCHES: dict[str, Callable[[list[str]], None]] = {KIND: measure_owed}
