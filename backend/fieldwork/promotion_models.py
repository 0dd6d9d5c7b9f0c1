"""What became of promotions and launches: days, evaluations, claims with proofs, evidence."""

from __future__ import annotations

from peewee import (
    AutoField,
    BigIntegerField,
    BooleanField,
    CharField,
    Check,
    CompositeKey,
    Expression,
    ForeignKeyField,
    IntegerField,
    UUIDField,
)

from backend.network.models import Dealer, Person, Store
from backend.platform.actors import Actor
from backend.platform.database import BaseModel, DayField, JSONTextField, UTCDateTimeField
from backend.standards.models import Promotion, Sku
from backend.standards.promotion_codes import EvaluationMethod


class PromotionDay(BaseModel):
    """What a promotion did in a store on a day, as the office entered or an import brought it.

    It stands before what visits reported of that day: see `promotion_results`.
    """

    store_id: int
    store = ForeignKeyField(Store, on_delete="RESTRICT", lazy_load=False, index=False)
    promotion_id: int
    promotion = ForeignKeyField(Promotion, on_delete="RESTRICT", lazy_load=False, index=False)
    day = DayField()
    units = IntegerField(null=True, constraints=[Check("units >= 0")])
    gifts = IntegerField(null=True, constraints=[Check("gifts >= 0")])
    cost_fen = IntegerField(null=True, constraints=[Check("cost_fen >= 0")])
    is_executed = BooleanField(null=True)
    source = CharField(max_length=10)
    remark = CharField(max_length=500)
    entered_by_id = IntegerField()
    entered_at = UTCDateTimeField()
    version = IntegerField()

    class Meta:
        placement = "by store_id"
        primary_key = CompositeKey("store", "promotion", "day")
        indexes = ((("promotion", "day"), False),)


class PromotionEvaluation(BaseModel):
    """One use of an evaluation method on a promotion: what went in and what came out."""

    id = UUIDField(primary_key=True)
    promotion_id: int
    promotion = ForeignKeyField(Promotion, on_delete="RESTRICT", lazy_load=False)
    method = CharField(max_length=30)
    evaluated_on = DayField()
    inputs = JSONTextField()
    output = JSONTextField()
    note = CharField(max_length=1000)
    person_id: int
    person = ForeignKeyField(Person, on_delete="RESTRICT", lazy_load=False)
    recorded_at = UTCDateTimeField()
    content_sha256 = CharField(max_length=64)

    class Meta:
        placement = "local"

    @property
    def phase(self) -> str:
        """When its method is used."""
        return str(EvaluationMethod(self.method).phase)  # type: ignore[call-arg]

    @classmethod
    def visible_to(cls, actor: Actor) -> Expression:
        """Return the condition for those of people the actor may see; a rep's are one's own."""
        return cls.person.in_(Person.select(Person.id).where(Person.visible_to(actor)))


class Claim(BaseModel):
    """What a dealer asks to be paid back for a promotion. Money is in fen."""

    id = UUIDField(primary_key=True)
    promotion_id: int
    promotion = ForeignKeyField(Promotion, on_delete="RESTRICT", lazy_load=False)
    dealer_id: int
    dealer = ForeignKeyField(Dealer, on_delete="RESTRICT", lazy_load=False)
    state = CharField(max_length=20)
    note = CharField(max_length=1000)
    claimed_fen = BigIntegerField()
    accepted_fen = BigIntegerField(null=True)
    submitted_by_id = IntegerField()
    submitted_at = UTCDateTimeField()
    reviewed_by_id = IntegerField(null=True)
    reviewed_at = UTCDateTimeField(null=True)
    decided_by_id = IntegerField(null=True)
    decided_at = UTCDateTimeField(null=True)
    decision_note = CharField(max_length=1000, null=True)
    settled_by_id = IntegerField(null=True)
    settled_at = UTCDateTimeField(null=True)
    settlement = CharField(max_length=200, null=True)
    version = IntegerField()
    content_sha256 = CharField(max_length=64)

    class Meta:
        placement = "local"
        indexes = ((("submitted_at",), False),)

    @classmethod
    def visible_to(cls, actor: Actor) -> Expression:
        """Return the condition for the claims of dealers the actor may see."""
        return Dealer.covers(cls.dealer, actor)


class ClaimLine(BaseModel):
    """What is claimed for one kind; what it was measured by is frozen with the decision."""

    claim_id: object
    claim = ForeignKeyField(Claim, on_delete="CASCADE", lazy_load=False, index=False)
    number = IntegerField()
    kind = CharField(max_length=30)
    amount_fen = BigIntegerField(constraints=[Check("amount_fen > 0")])
    quantity = IntegerField(constraints=[Check("quantity > 0")])
    sell_in_fen = BigIntegerField(null=True, constraints=[Check("sell_in_fen > 0")])
    accepted_fen = BigIntegerField(null=True, constraints=[Check("accepted_fen >= 0")])
    proven_quantity = IntegerField(null=True)
    maximum_fen = BigIntegerField(null=True)
    flags = JSONTextField(null=True)

    class Meta:
        placement = "local"
        primary_key = CompositeKey("claim", "number")


class ClaimProof(BaseModel):
    """What proves a line: a photo of a visit, or the results of a store on a day."""

    claim_id: object
    claim = ForeignKeyField(Claim, on_delete="CASCADE", lazy_load=False, index=False)
    line = IntegerField()
    number = IntegerField()
    visit_id = UUIDField(null=True)
    photo_id = UUIDField(null=True)
    store_id = IntegerField(null=True)
    day = DayField(null=True)

    class Meta:
        placement = "local"
        primary_key = CompositeKey("claim", "line", "number")
        indexes = ((("visit_id", "photo_id"), False), (("store_id", "day"), False))


class Launch(BaseModel):
    """A new product brought out in an area (division codes, none for the nation) from a day on."""

    id = AutoField()
    sku_id: int
    sku = ForeignKeyField(Sku, on_delete="RESTRICT", lazy_load=False)
    name = CharField(max_length=120)
    launched_on = DayField()
    area = JSONTextField()
    version = IntegerField(default=1)

    class Meta:
        placement = "reference"


class LaunchEvidence(BaseModel):
    """What shows that a store reached a stage of a launch."""

    id = UUIDField(primary_key=True)
    launch_id: int
    launch = ForeignKeyField(Launch, on_delete="RESTRICT", lazy_load=False, index=False)
    store_id: int
    store = ForeignKeyField(Store, on_delete="RESTRICT", lazy_load=False)
    stage = CharField(max_length=20)
    seen_at = UTCDateTimeField()
    seen_on = DayField()
    visit_id = UUIDField(null=True)
    photo_id = UUIDField(null=True)
    note = CharField(max_length=500)
    person_id: int
    person = ForeignKeyField(Person, on_delete="RESTRICT", lazy_load=False, index=False)
    received_at = UTCDateTimeField()
    content_sha256 = CharField(max_length=64)

    class Meta:
        placement = "local"
        indexes = ((("launch", "store", "stage"), False), (("launch", "seen_at"), False))

    @classmethod
    def visible_to(cls, actor: Actor) -> Expression:
        """Return the condition for the evidence of stores the actor may see."""
        return Store.covers(cls.store, actor)
