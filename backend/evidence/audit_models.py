"""How photos are drawn for auditors, and what each auditor said of a photo."""

from __future__ import annotations

from peewee import (
    AutoField,
    CharField,
    Check,
    CompositeKey,
    DoubleField,
    Expression,
    ForeignKeyField,
    IntegerField,
    UUIDField,
)

from backend.evidence.sampling import Terms
from backend.network.models import Person, Region
from backend.platform.actors import Actor
from backend.platform.database import BaseModel, DayField, JSONTextField, UTCDateTimeField


class AuditPlan(BaseModel):
    """Which share of a region's photos is audited, for visits from a day until another.

    Only its end ever changes: what was drawn by it can be drawn again. `seed` is known to those
    who oversee audits only, as phones choose the ids of photos.
    """

    id = AutoField()
    region_id: int
    region = ForeignKeyField(Region, on_delete="RESTRICT", lazy_load=False, index=False)
    valid_from = DayField()
    valid_to = DayField(null=True, constraints=[Check("valid_to > valid_from")])
    share = DoubleField(constraints=[Check("share BETWEEN 0 AND 1")])
    control_share = DoubleField(constraints=[Check("control_share BETWEEN 0 AND 1")])
    second_share = DoubleField(constraints=[Check("second_share BETWEEN 0 AND 1")])
    weights = JSONTextField()
    seed = CharField(max_length=64)
    created_by_id = IntegerField()
    created_at = UTCDateTimeField()
    version = IntegerField(default=1)

    class Meta:
        placement = "reference"
        indexes = ((("region", "valid_from"), True),)

    @classmethod
    def visible_to(cls, actor: Actor) -> Expression:
        """Return the condition for the plans of the actor's regions."""
        return cls.region.in_(Region.select(Region.id).where(Region.visible_to(actor)))

    @property
    def terms(self) -> Terms:
        """What a draw by this plan needs."""
        return Terms(
            seed=self.seed,
            share=self.share,
            control_share=self.control_share,
            second_share=self.second_share,
            weights=self.weights,
        )


class PhotoVerdict(BaseModel):
    """What one person said of a photo, in its `part`: `first`, `second` or `arbiter`.

    `number` counts what was said of the photo, with what was withdrawn. `seconds` is the time
    from claim to verdict. `region_id` is the visit's and `judged_on` the day of `judged_at`,
    so that auditors are measured from one table.
    """

    visit_id = UUIDField()
    photo_id = UUIDField()
    number = IntegerField()
    part = CharField(max_length=7)
    person_id: int
    person = ForeignKeyField(Person, on_delete="RESTRICT", lazy_load=False, index=False)
    region_id = IntegerField()
    verdict = CharField(max_length=8)
    reasons = JSONTextField()
    note = CharField(max_length=1000)
    seconds = IntegerField(null=True)
    judged_at = UTCDateTimeField()
    judged_on = DayField()
    withdrawn_at = UTCDateTimeField(null=True)

    class Meta:
        placement = "by visit_id"
        primary_key = CompositeKey("visit_id", "photo_id", "number")
        indexes = ((("judged_on", "person"), False),)
