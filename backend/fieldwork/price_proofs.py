"""What a price case stands on: sightings, observations, photos, and what happened before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from peewee import JOIN

from backend.fieldwork.models import PriceObservation, Visit
from backend.fieldwork.photo_models import Photo
from backend.fieldwork.trade_models import CrossAreaSale
from backend.fieldwork.violation_models import Violation, ViolationSighting
from backend.platform.actors import Actor
from backend.platform.settings import settings
from backend.standards.codes import PhotoSubject
from backend.standards.price_codes import SightingSource

_SKU = "sku:"


def of(actor: Actor, violation: Violation) -> dict[str, Any]:
    """Return the `sightings`, `observations`, `diversions` and `proofs` the actor may see."""
    sightings = _sightings(actor, violation)
    visits = [seen["id"] for seen in sightings if seen["source"] == SightingSource.VISIT]
    return {
        "sightings": sightings,
        "observations": _observations(violation, visits),
        "diversions": _diversions(actor, violation),
        "proofs": _proofs(visits),
    }


def repeats(actor: Actor, violations: Sequence[Violation]) -> dict[UUID, dict[str, Any]]:
    """Count, for each, the earlier cases of its kind in its store and with its dealer.

    Only those count that opened within the days of the setting before it, and that the actor
    may see; the case itself does not count. `store` and `dealer` are the counts.
    """
    if not violations:
        return {}
    days = settings().price_repeat_days
    first_on = min(violation.opened_on for violation in violations) - timedelta(days=days)
    dealers = {violation.dealer_id for violation in violations} - {None}
    others = list(
        Violation.select(
            Violation.id,
            Violation.kind,
            Violation.store,
            Violation.dealer,
            Violation.opened_on,
            Violation.opened_at,
        ).where(
            Violation.visible_to(actor),
            Violation.retracted_at.is_null(),
            Violation.kind.in_({violation.kind for violation in violations}),
            Violation.opened_on.between(
                first_on, max(violation.opened_on for violation in violations)
            ),
            Violation.store.in_({violation.store_id for violation in violations})
            | Violation.dealer.in_(dealers),
        )
    )
    counts = {}
    for violation in violations:
        since = violation.opened_on - timedelta(days=days)
        before = [
            other
            for other in others
            if other.kind == violation.kind
            and since <= other.opened_on
            and (other.opened_at, other.id) < (violation.opened_at, violation.id)
        ]
        dealer_id = violation.dealer_id
        counts[violation.id] = {
            "days": days,
            "store": sum(other.store_id == violation.store_id for other in before),
            "dealer": None
            if dealer_id is None
            else sum(other.dealer_id == dealer_id for other in before),
        }
    return counts


def _sightings(actor: Actor, violation: Violation) -> list[dict[str, Any]]:
    """Return who saw it when, first to last; the `id` is that of the visit, report or line."""
    diversions = CrossAreaSale.select(CrossAreaSale.seen_id).where(
        CrossAreaSale.visible_to(actor), CrossAreaSale.violation_id == violation.id
    )
    seen = (
        ViolationSighting.select(ViolationSighting, Visit.id, Visit.quarantine_reason)
        .join(Visit, JOIN.LEFT_OUTER, on=ViolationSighting.visit_id == Visit.id, attr="visit")
        .where(
            ViolationSighting.violation_id == violation.id,
            ViolationSighting.content_sha256.is_null(False)
            | Visit.visible_to(actor)
            | ViolationSighting.visit_id.in_(diversions),
        )
        .order_by(ViolationSighting.seen_at, ViolationSighting.visit_id)
    )
    return [
        {
            "id": sighting.visit_id,
            "source": str(_source_of(sighting)),
            "seen_at": sighting.seen_at,
            "person_id": sighting.person_id,
            "note": sighting.note,
            "quarantine_reason": getattr(
                getattr(sighting, "visit", None), "quarantine_reason", None
            ),
        }
        for sighting in seen
    ]


def _source_of(sighting: ViolationSighting) -> SightingSource:
    if sighting.content_sha256 is not None:
        return SightingSource.BY_HAND
    is_visit = getattr(sighting, "visit", None) is not None
    return SightingSource.VISIT if is_visit else SightingSource.FEED


def _observations(violation: Violation, visit_ids: list[UUID]) -> list[dict[str, Any]]:
    """Return the prices of the product as these visits saw them, each with its reference."""
    if not violation.subject.startswith(_SKU):
        return []
    sku_id = int(violation.subject.removeprefix(_SKU))
    seen = (
        PriceObservation.select(
            PriceObservation,
            Visit.person.alias("person_id"),
            Visit.checked_in_at.alias("seen_at"),
            Visit.business_on.alias("seen_on"),
        )
        .join(Visit, on=PriceObservation.visit_id == Visit.id)
        .where(PriceObservation.visit_id.in_(visit_ids), PriceObservation.sku == sku_id)
        .order_by(Visit.checked_in_at, PriceObservation.visit_id, PriceObservation.number)
        .dicts()
    )
    rows: list[Any] = list(seen)
    return [{**row, "sku_id": row["sku"]} for row in rows]


def _diversions(actor: Actor, violation: Violation) -> list[dict[str, Any]]:
    """Return the handsets seen away from the dealer they were sold to."""
    found = (
        CrossAreaSale.select()
        .where(CrossAreaSale.visible_to(actor), CrossAreaSale.violation_id == violation.id)
        .order_by(CrossAreaSale.seen_on, CrossAreaSale.imei, CrossAreaSale.seen_id)
    )
    names = ("imei", "seen_kind", "seen_on", "store_id", "dealer_id", "sold_in_on")
    return [
        {name: getattr(row, name) for name in names} | {"sold_in_dealer_id": row.sold_in_dealer_id}
        for row in found
    ]


def _proofs(visit_ids: list[UUID]) -> list[dict[str, Any]]:
    """Return the photos of price tags that were received with these visits."""
    names = (
        "visit_id",
        "item",
        "captured_at",
        "capture_source",
        "received_at",
        "sha256",
        "size_bytes",
        "media_type",
        "quarantine_reason",
    )
    photos = (
        Photo.select()
        .where(
            Photo.visit_id.in_(visit_ids),
            Photo.subject == PhotoSubject.PRICE_TAG,
            Photo.sha256.is_null(False),
        )
        .order_by(Photo.captured_at, Photo.visit_id, Photo.id)
    )
    return [
        {"photo_id": photo.id} | {name: getattr(photo, name) for name in names} for photo in photos
    ]
