"""The table of push: how far a store and the people in it recommend the brand first."""

from __future__ import annotations

from peewee import (
    BooleanField,
    CharField,
    Check,
    CompositeKey,
    Expression,
    ForeignKeyField,
    IntegerField,
    UUIDField,
)

from backend.network.models import Dealer, Region, Store
from backend.platform.actors import Actor, Role
from backend.platform.database import BaseModel, DayField, UTCDateTimeField


def _level(column: str) -> IntegerField:
    return IntegerField(null=True, constraints=[Check(f"{column} BETWEEN 0 AND 5")])


class PushAssessment(BaseModel):
    """How a store pushed the brand on a day: four levels from 0 to 5, and what speaks for them.

    Whether its decider was met is not kept: it follows from the log of contacts. Of a mystery
    shop nobody there knew who asked.
    """

    store_id: int
    store = ForeignKeyField(Store, on_delete="RESTRICT", lazy_load=False, index=False)
    id = UUIDField()
    dealer_id: int | None
    dealer = ForeignKeyField(Dealer, null=True, on_delete="RESTRICT", lazy_load=False, index=False)
    region_id: int
    region = ForeignKeyField(Region, on_delete="RESTRICT", lazy_load=False, index=False)
    visit_id = UUIDField(null=True)
    person_id = IntegerField()
    assessed_at = UTCDateTimeField()
    assessed_on = DayField()
    dealer_push = _level("dealer_push")
    store_push = _level("store_push")
    counter_push = _level("counter_push")
    clerk_push = _level("clerk_push")
    margin_rank = IntegerField(null=True)
    spiff_rank = IntegerField(null=True)
    asked_by_name_percent = IntegerField(null=True)
    after_sales_days = IntegerField(null=True)
    advertising_support = IntegerField(null=True)
    is_clerk_trained = BooleanField(null=True)
    quiz_percent = IntegerField(null=True)
    relation_grade = IntegerField(null=True)
    trust_incidents = IntegerField(null=True)
    note = CharField(max_length=1000)
    is_mystery_shop = BooleanField(default=False)
    content_sha256 = CharField(max_length=64)

    class Meta:
        placement = "by store_id"
        primary_key = CompositeKey("store", "id")
        indexes = (
            (("id",), False),
            (("store", "assessed_at"), False),
            (("assessed_at",), False),
            (("assessed_on",), False),
            (("region", "assessed_on"), False),
            (("dealer", "assessed_on"), False),
        )

    @classmethod
    def visible_to(cls, actor: Actor) -> Expression:
        """Return the condition for the assessments of a rep's own stores, or of the subtree."""
        if actor.role is Role.REP:
            return Store.covers(cls.store, actor)
        return Region.covers(cls.region, actor)
