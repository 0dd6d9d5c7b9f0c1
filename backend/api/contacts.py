"""Routes for contacts, their consents, and the log of who was in touch with them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import request
from flask.views import MethodView
from peewee import ModelSelect

from backend.api.blueprint import (
    Blueprint,
    QueryPage,
    etag,
    expected_version,
    fingerprint,
)
from backend.fieldwork import customer_notes
from backend.network import contacts
from backend.network.archive_models import Contact, ContactConsent, ContactEntry
from backend.platform import clock
from backend.platform.actors import Actor, Permission
from schemas.contacts import (
    AmendContactSchema,
    ConsentSchema,
    ContactInListSchema,
    ContactQuerySchema,
    ContactSchema,
    EntryQuerySchema,
    EntrySchema,
    NewConsentSchema,
    NewContactSchema,
    NewEntrySchema,
)

blp = Blueprint("contacts", __name__, description="The people at dealers and stores")
Answer = tuple[dict[str, Any], int, dict[str, str]]


@blp.route("/contacts")
class Contacts(MethodView):
    """The collection."""

    @blp.guarded(Permission.CONTACT_READ)
    @blp.arguments(ContactQuerySchema, location="query")
    @blp.response(200, ContactInListSchema(many=True))
    @blp.paginate(QueryPage, page_size=50)
    def get(self, actor: Actor, filters: dict[str, Any]) -> ModelSelect[Contact]:
        """List contacts by name, their numbers masked"""
        return contacts.list_contacts(actor, day=clock.business_date(clock.now()), **filters)


@blp.route("/contacts/<uuid:contact_id>")
class ContactById(MethodView):
    """One contact."""

    @blp.guarded(Permission.CONTACT_READ)
    @blp.response(200, ContactSchema)
    @blp.alt_response(404, "NOT_FOUND")
    def get(self, actor: Actor, contact_id: UUID) -> Answer:
        """Get a contact with the consents in force"""
        return _answer(actor, contact_id, 200)

    @blp.guarded(Permission.CONTACT_WRITE)
    @blp.arguments(NewContactSchema)
    @blp.response(201, ContactSchema)
    @blp.alt_response(200, schema=ContactSchema, description="Already kept", success=True)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(409, "CONFLICT")
    def put(self, actor: Actor, body: dict[str, Any], contact_id: UUID) -> Answer:
        """Add a contact at a dealer or store

        The id is the client's. Sending the same again is safe and answers 200 with the contact
        as it is now.
        """
        is_new = contacts.put(
            actor,
            contact_id,
            **body,
            content_sha256=fingerprint(request.get_json()),
            at=clock.now(),
        )
        return _answer(actor, contact_id, 201 if is_new else 200)

    @blp.guarded(Permission.CONTACT_WRITE)
    @blp.versioned
    @blp.arguments(AmendContactSchema)
    @blp.response(200, ContactSchema)
    @blp.alt_response(404, "NOT_FOUND")
    def patch(self, actor: Actor, body: dict[str, Any], contact_id: UUID) -> Answer:
        """Amend a contact"""
        contacts.amend(actor, contact_id, version=expected_version(), at=clock.now(), **body)
        return _answer(actor, contact_id, 200)

    @blp.guarded(Permission.CONTACT_ERASE)
    @blp.response(204)
    @blp.alt_response(404, "NOT_FOUND")
    def delete(self, actor: Actor, contact_id: UUID) -> None:
        """Erase the personal part of a contact for good

        That somebody was met, and when, stays. Saying the same again is safe.
        """
        contacts.erase(actor, contact_id, at=clock.now())


@blp.route("/contacts/<uuid:contact_id>/consents")
class ContactConsents(MethodView):
    """What a contact agreed to, and took back."""

    @blp.guarded(Permission.CONTACT_READ)
    @blp.response(200, ConsentSchema(many=True))
    @blp.alt_response(404, "NOT_FOUND")
    @blp.paginate(QueryPage, page_size=50)
    def get(self, actor: Actor, contact_id: UUID) -> ModelSelect[ContactConsent]:
        """List everything a contact said about channels, first to last"""
        return contacts.consents(actor, contact_id)


@blp.route("/contacts/<uuid:contact_id>/consents/<uuid:consent_id>")
class ContactConsentById(MethodView):
    """One statement."""

    @blp.guarded(Permission.CONTACT_WRITE)
    @blp.arguments(NewConsentSchema)
    @blp.response(201, ConsentSchema)
    @blp.alt_response(200, schema=ConsentSchema, description="Already kept", success=True)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(409, "CONFLICT")
    def put(
        self, actor: Actor, body: dict[str, Any], contact_id: UUID, consent_id: UUID
    ) -> tuple[ContactConsent, int]:
        """Keep a contact's yes or no to one channel

        The latest statement about a channel counts; the ones before stay as history.
        """
        consent, is_new = contacts.put_consent(
            actor,
            contact_id,
            consent_id,
            **body,
            content_sha256=fingerprint(request.get_json()),
            at=clock.now(),
        )
        return consent, 201 if is_new else 200


@blp.route("/contact-entries")
class ContactEntries(MethodView):
    """The log."""

    @blp.guarded(Permission.CONTACT_READ)
    @blp.arguments(EntryQuerySchema, location="query")
    @blp.response(200, EntrySchema(many=True))
    @blp.paginate(QueryPage, page_size=50)
    def get(self, actor: Actor, filters: dict[str, Any]) -> ModelSelect[ContactEntry]:
        """List who was in touch with contacts, newest first"""
        return contacts.list_entries(actor, **filters)


@blp.route("/contact-entries/<uuid:entry_id>")
class ContactEntryById(MethodView):
    """One entry."""

    @blp.guarded(Permission.CONTACT_WRITE)
    @blp.arguments(NewEntrySchema)
    @blp.response(201, EntrySchema)
    @blp.alt_response(200, schema=EntrySchema, description="Already kept", success=True)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(409, "CONFLICT")
    @blp.alt_response(422, "UNPROCESSABLE_ENTITY")
    def put(self, actor: Actor, body: dict[str, Any], entry_id: UUID) -> tuple[ContactEntry, int]:
        """Log a visit, call, message or meeting with a contact

        A visit or a meeting moves the day on which the contact was last met. The visit may arrive
        later; it is the caller's own, to the contact's store.
        """
        entry, is_new = customer_notes.log_contact(
            actor,
            entry_id,
            **body,
            content_sha256=fingerprint(request.get_json()),
            at=clock.now(),
        )
        return entry, 201 if is_new else 200


def _answer(actor: Actor, contact_id: UUID, status: int) -> Answer:
    contact = contacts.show(actor, contact_id, day=clock.business_date(clock.now()))
    return contact, status, etag(contact["version"])
