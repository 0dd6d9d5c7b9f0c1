"""What journeys are made of: planned visits, rules of stores, and reasons of visits."""

from __future__ import annotations

from peewee import (
    CharField,
    Expression,
    ForeignKeyField,
    IntegerField,
    UUIDField,
)

from backend.network.models import Person, Store
from backend.platform.actors import Actor, Role
from backend.platform.database import BaseModel, DayField, JSONTextField, UTCDateTimeField


class PlanEntry(BaseModel):
    """A visit somebody is asked to make on a day, and what became of it.

    `stands_in_for` is who answers for the store while `person` goes there instead. A rescheduled
    entry stays as it was and names its successor in `moved_to_id`, which names it in
    `moved_from_id`. `visit_id` is the visit that did it, `days_late` after the planned day.
    """

    id = UUIDField(primary_key=True)
    person_id: int
    person = ForeignKeyField(Person, on_delete="RESTRICT", lazy_load=False)
    store_id: int
    store = ForeignKeyField(Store, on_delete="RESTRICT", lazy_load=False, index=False)
    planned_on = DayField()
    status = CharField(max_length=24)
    content_sha256 = CharField(max_length=64)
    origin = CharField(max_length=10, default="manual")
    stands_in_for_id: int | None
    stands_in_for = ForeignKeyField(
        Person, null=True, on_delete="RESTRICT", lazy_load=False, backref="+"
    )
    reason = CharField(max_length=30, null=True)
    note = CharField(max_length=200, default="")
    moved_from_id = UUIDField(null=True)
    moved_to_id = UUIDField(null=True)
    visit_id = UUIDField(null=True)
    days_late = IntegerField(null=True)

    class Meta:
        placement = "local"
        indexes = (
            (("person", "planned_on"), False),
            (("planned_on", "status"), False),
            (("visit_id",), False),
        )

    @classmethod
    def visible_to(cls, actor: Actor) -> Expression:
        """Return the condition for one's own plan, or the plans for stores of the subtree.

        Whoever is stood in for sees what is done in their place.
        """
        if actor.role is Role.REP:
            return (cls.person == actor.id) | (cls.stands_in_for == actor.id)
        return Store.covers(cls.store, actor)


# Figures of a dealer read the plans of its stores here: the rows lie all over the table.
PlanEntry.add_index(
    PlanEntry.index(
        PlanEntry.store,
        PlanEntry.planned_on,
        PlanEntry.status,
        PlanEntry.moved_from_id,
        PlanEntry.visit_id,
        PlanEntry.id,
        PlanEntry.person,
        name="plan_entry_of_store",
    )
)


class VisitRule(BaseModel):
    """When a store may be visited: weekdays (1 Monday … 7), weeks of the cycle (1 … 4).

    `visits` in 28 days is null where tier and grade decide.
    """

    store_id: int
    store = ForeignKeyField(Store, primary_key=True, on_delete="RESTRICT", lazy_load=False)
    weekdays = JSONTextField()
    weeks = JSONTextField()
    visits = IntegerField(null=True)
    version = IntegerField()

    class Meta:
        placement = "reference"


class UnplannedNote(BaseModel):
    """Why a store was visited without a plan, where the salesperson said so afterwards."""

    visit_id = UUIDField(primary_key=True)
    reason = CharField(max_length=30)
    note = CharField(max_length=200)
    noted_at = UTCDateTimeField()
    content_sha256 = CharField(max_length=64)

    class Meta:
        placement = "by visit_id"
