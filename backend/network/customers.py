"""Dealers and stores alike, for what may be said of both."""

from __future__ import annotations

from typing import Any

from peewee import Expression

from backend.network import dealers, stores
from backend.network.models import Dealer, Store
from backend.network.words import Subject
from backend.platform.actors import Actor


def model_of(subject: Subject) -> type[Dealer | Store]:
    """Return the table of a subject."""
    return Dealer if subject is Subject.DEALER else Store


def get(actor: Actor, subject: Subject, customer_id: int) -> Dealer | Store:
    """Return the dealer or store if the actor may see it. Raises NotFoundError."""
    return (dealers if subject is Subject.DEALER else stores).get(actor, customer_id)


def named(actor: Actor, *, dealer_id: int | None, store_id: int | None) -> Dealer | Store:
    """Return the one that is named, if the actor may see it. Raises NotFoundError."""
    if dealer_id is not None:
        return dealers.get(actor, dealer_id)
    return stores.get(actor, store_id or 0)


def about(model: Any, subject: Subject, customer_id: int) -> Expression:
    """Return the condition for the rows of an archive table about one customer."""
    link = model.dealer if subject is Subject.DEALER else model.store
    return link == customer_id


def narrowed(model: Any, *, dealer_id: int | None, store_id: int | None) -> list[Expression]:
    """Return the conditions that the filters of a list stand for."""
    conditions = []
    if dealer_id is not None:
        conditions.append(model.dealer == dealer_id)
    if store_id is not None:
        conditions.append(model.store == store_id)
    return conditions
