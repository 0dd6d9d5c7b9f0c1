"""Figures of past months and quarters as they were when these were closed."""

from __future__ import annotations

from peewee import BooleanField, CompositeKey, Expression, ForeignKeyField, IntegerField

from backend.network.models import Dealer
from backend.platform.actors import Actor
from backend.platform.database import BaseModel, DayField, JSONTextField, UTCDateTimeField


class FrozenFigures(BaseModel):
    """A version of a dealer's figures of a whole month or quarter; one of these is the latest.

    See frozen.py for the document.
    """

    dealer_id: int
    dealer = ForeignKeyField(Dealer, on_delete="RESTRICT", lazy_load=False, index=False)
    from_on = DayField()
    to_on = DayField()
    version = IntegerField()
    is_latest = BooleanField()
    document = JSONTextField()
    as_of = UTCDateTimeField()

    class Meta:
        placement = "by dealer_id"
        primary_key = CompositeKey("dealer", "from_on", "to_on", "version")
        indexes = ((("from_on", "to_on", "is_latest", "dealer"), False),)

    @classmethod
    def visible_to(cls, actor: Actor) -> Expression:
        """Return the condition for the figures of dealers the actor may see."""
        return Dealer.covers(cls.dealer, actor)
