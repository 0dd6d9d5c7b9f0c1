"""What an archive says of the past with a customer: deals from the feed, satisfaction from cards.

What happened in a dealer or store that was merged into another counts for the other.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from peewee import Case, fn

from backend.fieldwork.case_models import FeedbackCard
from backend.fieldwork.trade_models import SellIn
from backend.network import archive
from backend.network.customers import model_of
from backend.network.positions import Datum
from backend.network.words import Subject
from backend.platform.actors import Actor, Permission


def archive_of(
    actor: Actor, subject: Subject, customer_id: int, *, day: date, crs: str = Datum.WGS84
) -> dict[str, Any]:
    """Return the archive as `network.archive` does, with deals and satisfaction.

    `deals` is None for an actor who may not see sales. Raises NotFoundError.
    """
    shown = archive.show(actor, subject, customer_id, day=day, crs=crs)
    return shown | {
        "deals": _deals(subject, customer_id) if actor.may(Permission.SALES_READ) else None,
        "satisfaction": _satisfaction(subject, customer_id),
    }


def _deals(subject: Subject, customer_id: int) -> dict[str, Any]:
    """Return first and last day of a sale, on how many days there was one, and the net amount."""
    sold_on = Case(None, [(SellIn.units > 0, SellIn.sold_on)])
    row: Any = (
        SellIn.select(
            fn.MIN(sold_on),
            fn.MAX(sold_on),
            fn.COUNT(sold_on.distinct()),
            fn.SUM(SellIn.amount_fen),
        )
        .where(_theirs(SellIn, subject, customer_id))
        .tuples()
        .get()
    )
    first, last, count, amount = row
    return {
        "first_deal_on": SellIn.sold_on.python_value(first),
        "last_deal_on": SellIn.sold_on.python_value(last),
        "deal_count": count,
        "deal_amount_fen": int(amount or 0),
    }


def _satisfaction(subject: Subject, customer_id: int) -> float | None:
    theirs = _theirs(FeedbackCard, subject, customer_id)
    mean = FeedbackCard.select(fn.AVG(FeedbackCard.score)).where(theirs).scalar()
    return None if mean is None else round(float(mean), 2)


def _theirs(model: Any, subject: Subject, customer_id: int) -> Any:
    owner = model_of(subject)
    ids = owner.select(owner.id).where(
        (owner.id == customer_id) | (owner.merged_into == customer_id)
    )
    return (model.dealer if subject is Subject.DEALER else model.store).in_(ids)
