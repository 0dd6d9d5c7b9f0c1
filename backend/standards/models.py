"""Checklists, products, assortment rules, reference prices and promotions, each with validity."""

from __future__ import annotations

from datetime import date

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
)

from backend.network.models import Person, Store
from backend.platform.actors import Actor, Permission
from backend.platform.database import BaseModel, DayField, JSONTextField, UTCDateTimeField
from backend.standards.codes import LEGAL_NOTICE, PriceType
from backend.standards.mix_models import SeasonPlan
from backend.standards.promotion_codes import PromotionState, state_on


class ChecklistTemplate(BaseModel):
    """One version of a checklist; `lines` is the document the phone shows.

    A draft has no `published_at` and may change, `revision` counting how often; what is
    published never does, but for the day it ends. `any_of_letters` are the letters of which one
    line that passes is enough.
    """

    id = AutoField()
    code = CharField(max_length=40)
    version = IntegerField()
    name_zh = CharField(max_length=80)
    name_en = CharField(max_length=80)
    scope_kind = CharField(max_length=10)
    scope_value = CharField(max_length=80)
    lines = JSONTextField()
    any_of_letters = JSONTextField()
    valid_from = DayField()
    retired_on = DayField(null=True)
    published_at = UTCDateTimeField(null=True)
    revision = IntegerField(default=1)

    class Meta:
        placement = "reference"
        indexes = ((("code", "version"), True),)

    @classmethod
    def visible_to(cls, actor: Actor) -> Expression:
        """Return the condition for what is published, and drafts for those who write them.

        Whoever reads no standards sees none.
        """
        if not actor.may(Permission.STANDARDS_READ):
            return cls.id.in_(())
        published: Expression = cls.published_at.is_null(False)
        return published | actor.may(Permission.STANDARDS_WRITE)

    @classmethod
    def on(cls, day: date) -> Expression:
        """Return the condition for the versions in force on a day."""
        ongoing = cls.retired_on.is_null() | (cls.retired_on > day)
        return cls.published_at.is_null(False) & (cls.valid_from <= day) & ongoing

    @property
    def tier(self) -> str | None:
        """The tier it is for, if it is for one."""
        return self.scope_value if self.scope_kind == "tier" else None


class Sku(BaseModel):
    """A model the brand sells; its price band is one of the brand's own codes (`1000-1999`)."""

    id = AutoField()
    code = CharField(max_length=40, unique=True)
    name = CharField(max_length=80)
    category = CharField(max_length=20)
    role = CharField(max_length=20)
    tags = JSONTextField()
    launched_on = DayField()
    ended_on = DayField(null=True)
    price_band = CharField(max_length=20, null=True)
    version = IntegerField(default=1)

    class Meta:
        placement = "reference"


class AssortmentRule(BaseModel):
    """Which products stores in a scope must list, since when; the most specific scope wins.

    `min_sales_index` (of the region) and `min_sections` (of the counter) leave out stores below.
    `stock_cover_days` is for how many days of sales the store should hold stock.
    """

    id = AutoField()
    scope_kind = CharField(max_length=10)
    scope_value = CharField(max_length=80)
    select_kind = CharField(max_length=10)
    select_value = CharField(max_length=80)
    must_list = BooleanField()
    min_facings = IntegerField(constraints=[Check("min_facings >= 0")])
    priority = IntegerField()
    valid_from = DayField()
    valid_to = DayField(null=True, constraints=[Check("valid_to > valid_from")])
    season_plan_id: int | None
    season_plan = ForeignKeyField(
        SeasonPlan, null=True, on_delete="RESTRICT", lazy_load=False, index=False
    )
    min_sales_index = IntegerField(null=True)
    min_sections = IntegerField(null=True)
    stock_cover_days = IntegerField(null=True, constraints=[Check("stock_cover_days > 0")])

    class Meta:
        placement = "reference"

    @classmethod
    def on(cls, day: date) -> Expression:
        """Return the condition for the rules in force on a day."""
        return (cls.valid_from <= day) & (cls.valid_to.is_null() | (cls.valid_to > day))


class ReferencePrice(BaseModel):
    """What a product should cost in an area (a division code, empty for the nation)."""

    id = AutoField()
    sku_id: int
    sku = ForeignKeyField(Sku, on_delete="RESTRICT", lazy_load=False)
    price_type = CharField(max_length=30)
    area = CharField(max_length=9)
    amount_fen = IntegerField(constraints=[Check("amount_fen > 0")])
    valid_from = DayField()
    valid_to = DayField(null=True, constraints=[Check("valid_to > valid_from")])

    class Meta:
        placement = "reference"
        indexes = ((("sku", "valid_from"), False),)

    @classmethod
    def on(cls, day: date) -> Expression:
        """Return the condition for the prices in force on a day."""
        return (cls.valid_from <= day) & (cls.valid_to.is_null() | (cls.valid_to > day))

    @property
    def legal_notice(self) -> dict[str, str] | None:
        """What must be said where a minimum retail price is shown, by language."""
        return LEGAL_NOTICE if self.price_type == PriceType.MIN_RETAIL_PRICE else None


class Promotion(BaseModel):
    """A promotion: kinds, days (the last included), area as division codes, gift limit.

    `ad_area` null is the area itself. `stopped_on` is the last day of one that was stopped.
    """

    id = AutoField()
    code = CharField(max_length=40, unique=True)
    name = CharField(max_length=120)
    objective = CharField(max_length=30)
    dealer_kinds = JSONTextField()
    consumer_kinds = JSONTextField()
    area = JSONTextField()
    starts_on = DayField()
    ends_on = DayField(constraints=[Check("ends_on >= starts_on")])
    allowed_gift_fen = IntegerField(constraints=[Check("allowed_gift_fen >= 0")])
    version = IntegerField(default=1)
    further_objectives = JSONTextField(default=list)
    sub_kinds = JSONTextField(default=list)
    product_choice = CharField(max_length=20, default="new_model")
    timing_factors = JSONTextField(default=list)
    ad_area = JSONTextField(null=True)
    departments = JSONTextField(default=list)
    organiser_id: int | None
    organiser = ForeignKeyField(
        Person, null=True, on_delete="RESTRICT", lazy_load=False, index=False
    )
    target_units = IntegerField(null=True, constraints=[Check("target_units > 0")])
    stopped_on = DayField(null=True)
    stop_reason = CharField(max_length=500, null=True)
    stopped_by_id = IntegerField(null=True)

    class Meta:
        placement = "reference"

    @classmethod
    def on(cls, day: date | DayField, last_on: date | None = None) -> Expression:
        """Return the condition for the promotions that run on a day, or from it to `last_on`."""
        unstopped = cls.stopped_on.is_null() | (cls.stopped_on >= day)
        return (cls.starts_on <= (last_on or day)) & (cls.ends_on >= day) & unstopped

    @property
    def last_on(self) -> date:
        """The last day on which it runs or ran."""
        return self.ends_on if self.stopped_on is None else min(self.ends_on, self.stopped_on)

    def state_on(self, day: date) -> PromotionState:
        """Return where it is in its life on a day."""
        return state_on(
            day, starts_on=self.starts_on, ends_on=self.ends_on, stopped_on=self.stopped_on
        )


class PromotionSku(BaseModel):
    """A product in a promotion, and the price it may have while the promotion runs."""

    promotion_id: int
    promotion = ForeignKeyField(Promotion, on_delete="CASCADE", lazy_load=False)
    sku_id: int
    sku = ForeignKeyField(Sku, on_delete="RESTRICT", lazy_load=False)
    promo_price_fen = IntegerField(null=True, constraints=[Check("promo_price_fen > 0")])

    class Meta:
        placement = "reference"
        primary_key = CompositeKey("promotion", "sku")


class PromotionBudget(BaseModel):
    """What a kind of a promotion may cost: in all, and per piece of its cost basis.

    `rate_fen` is the cost of one unit, gift, store, session or piece of equipment; `rate_bp` is
    the share of the sell-in, in hundredths of a percent.
    """

    promotion_id: int
    promotion = ForeignKeyField(Promotion, on_delete="CASCADE", lazy_load=False, index=False)
    kind = CharField(max_length=30)
    rate_fen = IntegerField(null=True, constraints=[Check("rate_fen > 0")])
    rate_bp = IntegerField(null=True, constraints=[Check("rate_bp > 0")])
    budget_fen = BigIntegerField(null=True, constraints=[Check("budget_fen >= 0")])

    class Meta:
        placement = "reference"
        primary_key = CompositeKey("promotion", "kind")


class PromotionStaff(BaseModel):
    """A person with a part in a promotion, and the units that are their own target."""

    promotion_id: int
    promotion = ForeignKeyField(Promotion, on_delete="CASCADE", lazy_load=False, index=False)
    person_id: int
    person = ForeignKeyField(Person, on_delete="RESTRICT", lazy_load=False, index=False)
    target_units = IntegerField(null=True, constraints=[Check("target_units > 0")])
    task = CharField(max_length=200)

    class Meta:
        placement = "reference"
        primary_key = CompositeKey("promotion", "person")


class PromotionStore(BaseModel):
    """A store enrolled in a promotion: by whom, when, and with which target of its own."""

    promotion_id: int
    promotion = ForeignKeyField(Promotion, on_delete="CASCADE", lazy_load=False)
    store_id: int
    store = ForeignKeyField(Store, on_delete="RESTRICT", lazy_load=False)
    target_units = IntegerField(null=True, constraints=[Check("target_units > 0")])
    enrolled_by_id = IntegerField(null=True)
    enrolled_at = UTCDateTimeField(null=True)
    version = IntegerField(default=1)

    class Meta:
        placement = "reference"
        primary_key = CompositeKey("promotion", "store")
        indexes = ((("store", "promotion"), False),)


class StandardsRevision(BaseModel):
    """A stamp that differs after every change: whoever caches the standards asks for it first."""

    name = CharField(max_length=20, primary_key=True)
    stamp = CharField(max_length=32)

    class Meta:
        placement = "reference"
