"""Contacts: the people at dealers and stores, what they agreed to, and when they were met.

Their names and numbers never enter the ledger, and can be erased.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from peewee import ModelSelect, fn

from backend.network import customers, phones
from backend.network.archive_models import Contact, ContactConsent, ContactEntry
from backend.network.words import MET, BuyingRole, JobRole
from backend.platform import clock, ledger
from backend.platform.actors import Actor
from backend.platform.database import take_turns, transaction
from backend.platform.errors import IdTakenError, NotFoundError, RuleError, StaleError
from backend.platform.settings import settings

PERSONAL = ("phone_e164", "phone_text", "wechat", "birthday", "interests", "promoter")


class PersonalNotesOffError(RuleError):
    """Birthdays and interests are not kept unless the operator says so."""

    code = "personal-notes-off"
    title = "Birthdays and interests are not kept here"
    title_zh = "未启用生日和爱好记录"
    detail = "This installation keeps neither birthdays nor interests of contacts."
    detail_zh = "本系统未启用联系人的生日和爱好记录。"


class NoPromoterError(RuleError):
    """Only one who sells our goods has a promoter's profile."""

    code = "no-promoter"
    title = "Not a promoter"
    title_zh = "不是促销人员"
    detail = (
        "A promoter's profile is for promoters and clerks, not for a contact who is {job_role}."
    )
    detail_zh = "促销员档案仅适用于促销员和营业员，不适用于 {job_role}。"


class ErasedError(RuleError):
    """Who was erased is not written about again."""

    code = "contact-erased"
    title = "The contact was erased"
    title_zh = "联系人信息已删除"
    detail = "The personal part of this contact was removed; nothing is added to it."
    detail_zh = "该联系人的个人信息已删除，不能再补充内容。"


def list_contacts(
    actor: Actor,
    *,
    day: date,
    dealer_id: int | None = None,
    store_id: int | None = None,
    job_role: str | None = None,
    buying_role: str | None = None,
    here: bool | None = None,
) -> ModelSelect[Contact]:
    """Return the contacts the actor may see as mappings, by name; `here` leaves out who left.

    A mapping has the columns, `last_met_on` and the `status`: never_met, met or lapsed.
    """
    contacts = _shown(day).where(
        Contact.visible_to(actor),
        Contact.erased_at.is_null(),
        *customers.narrowed(Contact, dealer_id=dealer_id, store_id=store_id),
    )
    if job_role is not None:
        contacts = contacts.where(Contact.job_role == job_role)
    if buying_role is not None:
        contacts = contacts.where(Contact.buying_role == buying_role)
    if here is not None:
        contacts = contacts.where(Contact.left_on.is_null(here))
    return contacts.order_by(Contact.name, Contact.id)


def show(actor: Actor, contact_id: UUID, *, day: date) -> dict[str, Any]:
    """Return one contact as `list_contacts` does, with the `consents` in force.

    Raises NotFoundError.
    """
    found = _shown(day).where(Contact.visible_to(actor), Contact.id == contact_id).first()
    if found is None:
        raise NotFoundError(what="contact")
    latest = {consent.channel: consent for consent in _consents(contact_id)}
    shown: dict[str, Any] = found
    return shown | {"consents": list(latest.values())}


def get(actor: Actor, contact_id: UUID) -> Contact:
    """Return one contact the actor may see. Raises NotFoundError."""
    contact = Contact.get_or_none(Contact.visible_to(actor), Contact.id == contact_id)
    if contact is None:
        raise NotFoundError(what="contact")
    return contact


def put(
    actor: Actor,
    contact_id: UUID,
    *,
    dealer_id: int | None,
    store_id: int | None,
    content_sha256: str,
    at: datetime,
    **said: Any,
) -> bool:
    """Add a contact and return whether it is new.

    Raises NotFoundError, IdTakenError, BadPhoneError, PersonalNotesOffError or NoPromoterError.
    """
    with transaction():
        take_turns(f"contact {contact_id}")
        known = Contact.get_or_none(Contact.id == contact_id)
        if known is not None:
            _check_replay(known, actor, content_sha256)
            return False
        customer = customers.named(actor, dealer_id=dealer_id, store_id=store_id)
        Contact.create(
            id=contact_id,
            dealer=dealer_id,
            store=store_id,
            person_id=actor.id,
            created_at=at,
            content_sha256=content_sha256,
            version=1,
            **_columns(said),
        )
        ledger.append(
            actor,
            "contact.added",
            contact_id,
            at=at,
            region=customer.region_id,
            dealer=dealer_id,
            store=store_id,
        )
    return True


def amend(actor: Actor, contact_id: UUID, *, version: int, at: datetime, **changes: Any) -> None:
    """Change one version of a contact. Raises StaleError, ErasedError and what `put` raises."""
    with transaction():
        contact = get(actor, contact_id)
        if contact.erased_at is not None:
            raise ErasedError
        columns = _columns({"job_role": contact.job_role, "promoter": contact.promoter} | changes)
        changed = (
            Contact.update(**columns, version=version + 1)
            .where(Contact.id == contact_id, Contact.version == version)
            .execute()
        )
        if not changed:
            raise StaleError(version=contact.version)
        ledger.append(actor, "contact.amended", contact_id, at=at, fields=sorted(changes))


def erase(actor: Actor, contact_id: UUID, *, at: datetime) -> None:
    """Remove the personal part of a contact for good; saying so twice is fine.

    That somebody was met, and when, stays. Raises NotFoundError.
    """
    with transaction():
        contact = get(actor, contact_id)
        if contact.erased_at is not None:
            return
        forget(actor, contact_id, at=at)


def forget(actor: Actor | None, contact_id: UUID, *, at: datetime) -> None:
    """Remove the personal part of a contact in the caller's transaction."""
    Contact.update(
        name="", erased_at=at, version=Contact.version + 1, **dict.fromkeys(PERSONAL)
    ).where(Contact.id == contact_id).execute()
    ContactEntry.update(note="").where(ContactEntry.contact == contact_id).execute()
    ContactConsent.update(note="").where(ContactConsent.contact == contact_id).execute()
    ledger.append(actor, "contact.erased", contact_id, at=at)


def consents(actor: Actor, contact_id: UUID) -> ModelSelect[ContactConsent]:
    """Return everything a contact said about channels, first to last. Raises NotFoundError."""
    get(actor, contact_id)
    return _consents(contact_id)


def put_consent(
    actor: Actor,
    contact_id: UUID,
    consent_id: UUID,
    *,
    given_at: datetime,
    content_sha256: str,
    at: datetime,
    **said: Any,
) -> tuple[ContactConsent, bool]:
    """Keep what a contact said about one channel; return it and whether it is new.

    Nothing said before is changed: the latest statement counts. Raises NotFoundError,
    ErasedError or IdTakenError.
    """
    with transaction():
        contact = _open_contact(actor, contact_id)
        take_turns(f"consent {consent_id}")
        known = ContactConsent.get_or_none(ContactConsent.id == consent_id)
        if known is not None:
            _check_replay(known, actor, content_sha256, of=contact_id)
            return known, False
        consent = ContactConsent.create(
            id=consent_id,
            contact=contact.id,
            given_at=min(given_at, at),
            person_id=actor.id,
            received_at=at,
            content_sha256=content_sha256,
            **said,
        )
        ledger.append(
            actor,
            "contact.consented",
            contact_id,
            at=at,
            channel=consent.channel,
            granted=consent.is_granted,
        )
    return consent, True


def list_entries(
    actor: Actor,
    *,
    contact_id: UUID | None = None,
    dealer_id: int | None = None,
    store_id: int | None = None,
    from_on: date | None = None,
    to_on: date | None = None,
) -> ModelSelect[ContactEntry]:
    """Return the log of contacts the actor may see, newest first; `to_on` is not included."""
    entries = ContactEntry.select().where(ContactEntry.visible_to(actor))
    if contact_id is not None:
        entries = entries.where(ContactEntry.contact == contact_id)
    if dealer_id is not None or store_id is not None:
        there = customers.narrowed(Contact, dealer_id=dealer_id, store_id=store_id)
        people = Contact.select(Contact.id).where(*there)
        entries = entries.where(ContactEntry.contact.in_(people))
    if from_on is not None:
        entries = entries.where(ContactEntry.happened_on >= from_on)
    if to_on is not None:
        entries = entries.where(ContactEntry.happened_on < to_on)
    return entries.order_by(ContactEntry.happened_at.desc(), ContactEntry.id)


def put_entry(
    actor: Actor,
    entry_id: UUID,
    *,
    contact_id: UUID,
    happened_at: datetime,
    content_sha256: str,
    at: datetime,
    **said: Any,
) -> tuple[ContactEntry, bool]:
    """Log a visit, call, message or meeting with a contact; return it and whether it is new.

    Raises NotFoundError, ErasedError or IdTakenError.
    """
    with transaction():
        contact = _open_contact(actor, contact_id)
        take_turns(f"entry {entry_id}")
        known = ContactEntry.get_or_none(ContactEntry.id == entry_id)
        if known is not None:
            _check_replay(known, actor, content_sha256)
            return known, False
        happened_at = min(happened_at, at)
        entry = ContactEntry.create(
            id=entry_id,
            contact=contact.id,
            happened_at=happened_at,
            happened_on=clock.business_date(happened_at),
            person_id=actor.id,
            content_sha256=content_sha256,
            **said,
        )
        ledger.append(
            actor,
            "contact.logged",
            contact_id,
            at=at,
            entry=str(entry_id),
            kind=entry.kind,
            dealer=contact.dealer_id,
            store=contact.store_id,
        )
    return entry, True


def decider_met_by(store: Any, day: Any) -> ModelSelect[ContactEntry]:
    """Return a query for the last day, up to a day, on which a decider of a store was met.

    Both arguments may be columns of the query around it. The store's dealer does not count.
    """
    deciders = Contact.alias()
    return (
        ContactEntry.select(fn.MAX(ContactEntry.happened_on))
        .join(deciders, on=ContactEntry.contact == deciders.id)
        .where(
            deciders.store == store,
            deciders.buying_role == str(BuyingRole.DECIDER),
            ContactEntry.kind.in_([str(kind) for kind in MET]),
            ContactEntry.happened_on <= day,
        )
    )


def as_day(value: Any) -> date | None:
    """Return a day that came out of a subquery, which on SQLite is text."""
    return date.fromisoformat(value) if isinstance(value, str) else value


def is_in_touch(last_met_on: date | None, day: date) -> bool:
    """Return whether a meeting is recent enough to count on a day."""
    return last_met_on is not None and day - last_met_on <= timedelta(days=settings().met_days)


def _shown(day: date) -> ModelSelect[Contact]:
    met = ContactEntry.select(fn.MAX(ContactEntry.happened_on)).where(
        ContactEntry.contact == Contact.id, ContactEntry.kind.in_([str(kind) for kind in MET])
    )
    contacts: ModelSelect[Contact] = Contact.select(Contact, met.alias("last_met_on")).objects(
        partial(_sheet, day)
    )
    return contacts


def _sheet(day: date, **row: Any) -> dict[str, Any]:
    last_met_on = as_day(row["last_met_on"])
    status = "met" if is_in_touch(last_met_on, day) else "lapsed"
    return row | {
        "last_met_on": last_met_on,
        "status": "never_met" if last_met_on is None else status,
        "phone_masked": phones.masked(row["phone_e164"]),
    }


def _columns(said: dict[str, Any]) -> dict[str, Any]:
    columns = dict(said)
    if "phone" in columns:
        columns |= phones.columns(columns.pop("phone"))
    notes = (columns.get("birthday"), columns.get("interests"))
    if any(note is not None for note in notes) and not settings().contact_personal_notes:
        raise PersonalNotesOffError
    sells = columns["job_role"] in (JobRole.PROMOTER, JobRole.CLERK)
    if columns.get("promoter") is not None and not sells:
        raise NoPromoterError(job_role=columns["job_role"])
    return columns


def _open_contact(actor: Actor, contact_id: UUID) -> Contact:
    contact = get(actor, contact_id)
    if contact.erased_at is not None:
        raise ErasedError
    return contact


def _consents(contact_id: UUID) -> ModelSelect[ContactConsent]:
    return (
        ContactConsent.select()
        .where(ContactConsent.contact == contact_id)
        .order_by(ContactConsent.given_at, ContactConsent.received_at, ContactConsent.id)
    )


def _check_replay(known: Any, actor: Actor, content_sha256: str, *, of: UUID | None = None) -> None:
    same = (known.person_id, known.content_sha256) == (actor.id, content_sha256)
    if not same or (of is not None and known.contact_id != of):
        raise IdTakenError(id=str(known.id))
