"""Scorecards that were frozen, and what dealers say against their lines."""

from __future__ import annotations

from typing import Any

from peewee import (
    BooleanField,
    CharField,
    CompositeKey,
    DoubleField,
    Expression,
    ForeignKeyField,
    IntegerField,
    UUIDField,
)

from backend.network.models import Dealer, Region, Store
from backend.platform.actors import Actor, Role
from backend.platform.database import BaseModel, DayField, JSONTextField, UTCDateTimeField


def _of_own_dealer(dealer: Any, actor: Actor) -> Expression:
    """Return the condition for a dealer's login's own, or those of dealers in sight."""
    if actor.role is Role.DEALER:
        own: Expression = dealer == actor.dealer_id
        return own
    return Dealer.covers(dealer, actor)


class Scorecard(BaseModel):
    """A version of a dealer's card of a calendar month, as it was when it was frozen.

    `month_on` is the month's first day. `standing` is the score, or -1 without one, so that both
    engines sort alike; `pillars` are their points. One version of a month is the latest.
    """

    dealer_id: int
    dealer = ForeignKeyField(Dealer, on_delete="RESTRICT", lazy_load=False, index=False)
    month_on = DayField()
    version = IntegerField()
    region_id: int
    region = ForeignKeyField(Region, on_delete="RESTRICT", lazy_load=False, index=False)
    is_latest = BooleanField()
    score = DoubleField(null=True)
    standing = DoubleField()
    pillars = JSONTextField()
    document = JSONTextField()
    frozen_at = UTCDateTimeField()

    class Meta:
        placement = "by dealer_id"
        primary_key = CompositeKey("dealer", "month_on", "version")
        indexes = ((("month_on", "is_latest", "standing", "dealer"), False),)

    @classmethod
    def visible_to(cls, actor: Actor) -> Expression:
        """Return the condition for the cards of dealers the actor may see."""
        return _of_own_dealer(cls.dealer, actor)


class ScorecardContest(BaseModel):
    """What a dealer says against a line of its card in a window, and what was decided.

    Without a store it is about the line in every store. `points` is what it cost on the card then.
    """

    id = UUIDField(primary_key=True)
    dealer_id: int
    dealer = ForeignKeyField(Dealer, on_delete="RESTRICT", lazy_load=False, index=False)
    region_id: int
    region = ForeignKeyField(Region, on_delete="RESTRICT", lazy_load=False, index=False)
    from_on = DayField()
    to_on = DayField()
    line = CharField(max_length=120)
    store_id: int | None
    store = ForeignKeyField(Store, null=True, on_delete="RESTRICT", lazy_load=False, index=False)
    text = CharField(max_length=2000)
    points = DoubleField()
    state = CharField(max_length=10)
    made_by_id = IntegerField()
    made_at = UTCDateTimeField()
    due_on = DayField()
    reason = CharField(max_length=2000, null=True)
    decided_by_id = IntegerField(null=True)
    decided_at = UTCDateTimeField(null=True)
    content_sha256 = CharField(max_length=64)
    version = IntegerField()

    class Meta:
        placement = "local"
        indexes = (
            (("made_at", "id"), False),
            (("state", "due_on"), False),
            (("dealer", "from_on"), False),
        )

    @classmethod
    def visible_to(cls, actor: Actor) -> Expression:
        """Return the condition for what is said for dealers the actor may see."""
        return _of_own_dealer(cls.dealer, actor)

    def is_about(self, line: str, store_id: int | None = None) -> bool:
        """Return whether it is about a line of the card in a store."""
        return self.line == line and self.store_id in (None, store_id)


def of_dealer(dealer_id: int, *conditions: Any) -> list[ScorecardContest]:
    """Return the contests of a dealer, the first one first."""
    rows = ScorecardContest.select().where(ScorecardContest.dealer == dealer_id, *conditions)
    return list(rows.order_by(ScorecardContest.made_at, ScorecardContest.id))
