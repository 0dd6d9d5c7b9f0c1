"""Violations and who saw them."""

from __future__ import annotations

from peewee import (
    SQL,
    BooleanField,
    CharField,
    CompositeKey,
    Expression,
    ForeignKeyField,
    IntegerField,
    UUIDField,
)

from backend.network.models import Dealer, Region, Store
from backend.platform.actors import Actor, Role
from backend.platform.database import BaseModel, DayField, UTCDateTimeField
from backend.standards.codes import SEVERITY_COLOUR, ViolationKind


class Violation(BaseModel):
    """A breach of the standard in a store, from first sighting to proven end.

    At most one is open per store, kind and subject (`sku:12`, `promotion:3`, a checklist
    letter, or empty): the next sighting joins it. One is `retracted_at` when nobody says any more
    to have seen it; it then counts nowhere. `is_clock_suspect` when somebody who reported it by
    hand gave a time that cannot be.
    """

    store_id: int
    store = ForeignKeyField(Store, on_delete="RESTRICT", lazy_load=False, index=False)
    id = UUIDField()
    kind = CharField(max_length=30)
    subject = CharField(max_length=60)
    severity = IntegerField()
    dealer_id: int | None
    dealer = ForeignKeyField(Dealer, null=True, on_delete="RESTRICT", lazy_load=False, index=False)
    region_id: int
    region = ForeignKeyField(Region, on_delete="RESTRICT", lazy_load=False, index=False)
    opened_at = UTCDateTimeField()
    opened_on = DayField()
    opened_by_id = IntegerField()
    opened_visit_id = UUIDField(null=True)
    is_manual = BooleanField()
    note = CharField(max_length=1000)
    sightings = IntegerField()
    last_seen_at = UTCDateTimeField()
    resolved_at = UTCDateTimeField(null=True)
    resolved_by_id = IntegerField(null=True)
    resolution = CharField(max_length=1000, null=True)
    proof_visit_id = UUIDField(null=True)
    proof_photo_id = UUIDField(null=True)
    retracted_at = UTCDateTimeField(null=True)
    is_clock_suspect = BooleanField(default=False)
    version = IntegerField()

    class Meta:
        placement = "by store_id"
        primary_key = CompositeKey("store", "id")
        indexes = (
            (("id",), False),
            (("opened_on", "opened_at"), False),
            (("region", "opened_on"), False),
            (("dealer", "opened_on", "kind", "retracted_at"), False),
            (("resolved_at",), False),
            (("store", "kind", "opened_at", "retracted_at"), False),
        )

    @classmethod
    def visible_to(cls, actor: Actor) -> Expression:
        """Return the condition for the cases of a rep's own stores, or of the subtree."""
        if actor.role is Role.REP:
            return Store.covers(cls.store, actor)
        return Region.covers(cls.region, actor)

    @property
    def group(self) -> str:
        """The part of the standard that was breached."""
        return str(ViolationKind(self.kind).group)  # type: ignore[call-arg]

    @property
    def colour(self) -> str:
        """The colour of its severity."""
        return SEVERITY_COLOUR[self.severity]


Violation.add_index(
    Violation.index(
        Violation.store,
        Violation.kind,
        Violation.subject,
        unique=True,
        name="violation_one_open",
    ).where(SQL("resolved_at IS NULL"))
)

# Figures of a dealer read what they need of its cases here: the rows lie all over the table.
Violation.add_index(
    Violation.index(
        Violation.dealer,
        Violation.resolved_at,
        Violation.opened_at,
        Violation.kind,
        Violation.store,
        Violation.region,
        Violation.retracted_at,
        name="violation_of_dealer",
    )
)


class ViolationSighting(BaseModel):
    """A visit that saw a violation; or a report by hand, whose own id then is `visit_id`."""

    visit_id = UUIDField()
    violation_id = UUIDField()
    seen_at = UTCDateTimeField()
    person_id = IntegerField()
    note = CharField(max_length=1000)
    content_sha256 = CharField(max_length=64, null=True)

    class Meta:
        placement = "by visit_id"
        primary_key = CompositeKey("visit_id", "violation_id")
        indexes = ((("violation_id",), False),)
