"""The archive card of a dealer or store: what was entered, and what follows from it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from peewee import IntegrityError

from backend.network import completeness, custom_fields, customers, divisions, phones, stages
from backend.network.archive_models import CustomerCard
from backend.network.customers import about
from backend.network.licences import checked
from backend.network.positions import Datum, to_datum
from backend.network.stores import located
from backend.network.words import Subject
from backend.platform import ledger
from backend.platform.actors import Actor, Permission
from backend.platform.database import transaction
from backend.platform.errors import ForbiddenError, StaleError


def show(
    actor: Actor, subject: Subject, customer_id: int, *, day: date, crs: str = Datum.WGS84
) -> dict[str, Any]:
    """Return an archive: the card, custom values, life-cycle stage, completeness, what is missing.

    A card that nobody wrote yet is empty and has version 0. Raises NotFoundError.
    """
    customer = customers.get(actor, subject, customer_id)
    card = _card(subject, customer_id)
    if subject is Subject.DEALER:
        stage = stages.of_dealer(customer, card, day)
    else:
        stage = stages.of_store(customer, card.stage_override, day)
    measured = completeness.of_one(subject, customer_id)
    return card.__data__ | {
        "customer_id": customer_id,
        "lifecycle_stage": str(stage),
        "is_stage_overridden": card.stage_override is not None,
        "point": card.point and to_datum(card.point, Datum(crs)),
        "raw": card.position,
        "custom": custom_fields.values(subject, customer_id),
        "completeness": measured["completeness"],
        "missing": measured["missing"],
    }


def amend(
    actor: Actor,
    subject: Subject,
    customer_id: int,
    *,
    version: int,
    at: datetime,
    custom: dict[str, Any] | None = None,
    **changes: Any,
) -> None:
    """Change what is given of one version of a card, and custom values; None empties a field.

    Raises NotFoundError, ForbiddenError for what only the office enters, StaleError,
    BadPhoneError, BadLicenceError, UnknownDivisionError, OutsideServiceAreaError,
    UnknownFieldError, WrongValueError or RequiredValueError.
    """
    columns = _columns(changes)
    columns |= {"amended_at": at, "amended_by_id": actor.id, "version": version + 1}
    with transaction():
        customer = customers.get(actor, subject, customer_id)
        _refuse_office_fields(actor, subject, changes)
        if version == 0:
            _write_first(subject, customer_id, columns)
        else:
            mine = about(CustomerCard, subject, customer_id) & (CustomerCard.version == version)
            if not CustomerCard.update(**columns).where(mine).execute():
                raise StaleError(version=_card(subject, customer_id).version)
        custom_fields.fill(subject, customer_id, custom or {})
        fields = sorted(changes) + [f"custom:{code}" for code in sorted(custom or {})]
        ledger.append(
            actor,
            f"{subject}.archived",
            customer_id,
            at=at,
            region=customer.region_id,
            fields=fields,
        )


def _refuse_office_fields(actor: Actor, subject: Subject, changes: Mapping[str, Any]) -> None:
    needed = Permission.NETWORK_WRITE
    if completeness.of_office(subject) & changes.keys() and not actor.may(needed):
        raise ForbiddenError(permission=str(needed))


def _write_first(subject: Subject, customer_id: int, columns: dict[str, Any]) -> None:
    try:
        with transaction():
            CustomerCard.create(**{str(subject): customer_id}, **columns)
    except IntegrityError:
        raise StaleError(version=_card(subject, customer_id).version) from None


def _card(subject: Subject, customer_id: int) -> CustomerCard:
    card = CustomerCard.get_or_none(about(CustomerCard, subject, customer_id))
    blank = dict.fromkeys(CustomerCard._meta.sorted_field_names)  # noqa: SLF001  # peewee's own
    return card or CustomerCard(**blank | {"version": 0})


def _columns(changes: dict[str, Any]) -> dict[str, Any]:
    """Return the columns that an amendment sets, checked; what is empty is null."""
    columns = {
        name: value or None if value in ("", []) else value for name, value in changes.items()
    }
    if "phone" in columns:
        columns |= phones.columns(columns.pop("phone"))
    if (licence_no := columns.get("licence_no")) is not None:
        columns["licence_no"] = checked(licence_no)
    if (division_code := columns.get("division_code")) is not None:
        columns["division_code"] = divisions.canonical(division_code)
    if "position" in columns:
        columns |= located(columns.pop("position"))
    if "lifecycle_stage" in columns:
        columns["stage_override"] = columns.pop("lifecycle_stage")
    return columns
