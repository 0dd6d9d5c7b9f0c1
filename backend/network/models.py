"""Regions, people and their sessions, dealers, stores, and who owned which store when."""

from __future__ import annotations

from datetime import date
from typing import Any

from peewee import (
    SQL,
    AutoField,
    BooleanField,
    CharField,
    Check,
    CompositeKey,
    DoubleField,
    Expression,
    ForeignKeyField,
    IntegerField,
    UUIDField,
    fn,
)

from backend.network.positions import Datum, Point, Position
from backend.network.words import PipelineStatus
from backend.platform.actors import Actor, Role
from backend.platform.database import BaseModel, DayField, UTCDateTimeField


def _covers(seen: Any, column: Any, actor: Actor) -> Any:
    """Return the condition that a column names a row of a table that the actor sees.

    Whoever sees a whole tree is asked about row by row, so that a list in the order of an index
    ends with its page; otherwise the rows in sight are gathered first.
    """
    condition: Any = column.in_(seen.select(seen.id).where(seen.visible_to(actor)))
    if actor.sees_a_tree:
        condition = fn.EXISTS(
            seen.select(SQL("1")).where(seen.id == column, seen.visible_to(actor))
        )
    return condition


class Region(BaseModel):
    """A part of the brand's sales organisation; `path` is the ids from the root, `/1/4/`."""

    id = AutoField()
    code = CharField(max_length=20, unique=True)
    name = CharField(max_length=80)
    parent_id: int | None
    parent = ForeignKeyField("self", null=True, on_delete="RESTRICT", lazy_load=False)
    path = CharField(max_length=200, unique=True)

    class Meta:
        placement = "reference"

    @classmethod
    def visible_to(cls, actor: Actor) -> Expression:
        """Return the condition for the actor's region and everything below it.

        A dealer's login sees no region, so whatever is seen by region is not seen by it.
        """
        if actor.role is Role.DEALER:
            return cls.id.in_(())
        return cls.path.startswith(actor.region_path)

    @classmethod
    def covers(cls, column: Any, actor: Actor) -> Expression:
        """Return the condition that a column names a region that the actor sees."""
        condition: Expression = _covers(cls, column, actor)
        return condition


class Dealer(BaseModel):
    """A business that sells the brand's goods to stores. The code is a label, never a key."""

    id = AutoField()
    code = CharField(max_length=40, unique=True)
    name = CharField(max_length=120)
    parent_id: int | None
    parent = ForeignKeyField("self", null=True, on_delete="RESTRICT", lazy_load=False)
    region_id: int
    region = ForeignKeyField(Region, on_delete="RESTRICT", lazy_load=False)
    opened_on = DayField()
    closed_on = DayField(null=True)
    merged_into_id: int | None
    merged_into = ForeignKeyField(
        "self", null=True, on_delete="RESTRICT", lazy_load=False, index=False
    )
    version = IntegerField(default=1)

    class Meta:
        placement = "reference"

    @classmethod
    def covers(cls, column: Any, actor: Actor) -> Expression:
        """Return the condition that a column names a dealer that the actor sees."""
        condition: Expression = _covers(cls, column, actor)
        return condition

    @classmethod
    def visible_to(cls, actor: Actor) -> Expression:
        """Return the condition for the dealers of the subtree, or of a rep's own stores."""
        if actor.role is Role.REP:
            own = (
                StoreDealer.select(StoreDealer.dealer)
                .join(Store, on=StoreDealer.store == Store.id)
                .where(Store.visible_to(actor), StoreDealer.to_on.is_null())
            )
            return cls.id.in_(own)
        return Region.covers(cls.region, actor)


class Person(BaseModel):
    """Someone who signs in. A rep's `supervisor` is who answers for them.

    `dealer` is whose login it is, of a dealer's login and of no other.
    `is_standing_in` says that there is an open Substitution by this person, which is looked for
    only then. Since `erased_at` login and name are a pseudonym.
    """

    id = AutoField()
    login = CharField(max_length=80, unique=True)
    name = CharField(max_length=80)
    role = CharField(max_length=20, constraints=[Check(f"role IN {tuple(str(r) for r in Role)}")])
    region_id: int
    region = ForeignKeyField(Region, on_delete="RESTRICT", lazy_load=False)
    supervisor_id: int | None
    supervisor = ForeignKeyField("self", null=True, on_delete="RESTRICT", lazy_load=False)
    password_hash = CharField(max_length=200)
    is_active = BooleanField(default=True)
    version = IntegerField(default=1)
    is_standing_in = BooleanField(default=False)
    erased_at = UTCDateTimeField(null=True)
    dealer_id: int | None
    dealer = ForeignKeyField(Dealer, null=True, on_delete="RESTRICT", lazy_load=False, index=False)

    class Meta:
        placement = "reference"

    @classmethod
    def visible_to(cls, actor: Actor) -> Expression:
        """Return the condition for oneself, and for office roles the people of the subtree."""
        if actor.role in (Role.REP, Role.DEALER):
            return cls.id == actor.id
        return Region.covers(cls.region, actor)


class Substitution(BaseModel):
    """Somebody who goes to another's stores from a day until (not including) another.

    It acts on these days; `is_open` lasts until visits made on them can no longer arrive.
    """

    id = UUIDField(primary_key=True)
    person_id: int
    person = ForeignKeyField(Person, on_delete="RESTRICT", lazy_load=False)
    substitute_id: int
    substitute = ForeignKeyField(Person, on_delete="RESTRICT", lazy_load=False, backref="+")
    from_on = DayField()
    to_on = DayField()
    note = CharField(max_length=200)
    is_open = BooleanField()
    version = IntegerField()
    content_sha256 = CharField(max_length=64)

    class Meta:
        placement = "reference"
        constraints = [Check("to_on >= from_on")]

    @classmethod
    def visible_to(cls, actor: Actor) -> Expression:
        """Return the condition for a rep's own, or those of the people of the subtree."""
        if actor.role is Role.REP:
            return (cls.person == actor.id) | (cls.substitute == actor.id)
        return cls.person.in_(Person.select(Person.id).where(Person.visible_to(actor)))


class Session(BaseModel):
    """A signed-in device; only the SHA-256 of its token is kept."""

    id = UUIDField(primary_key=True)
    person_id: int
    person = ForeignKeyField(Person, on_delete="CASCADE", lazy_load=False)
    token_sha256 = CharField(max_length=64, unique=True)
    device_id = CharField(max_length=80)
    device_name = CharField(max_length=120)
    created_at = UTCDateTimeField()
    last_seen_at = UTCDateTimeField()
    expires_at = UTCDateTimeField()
    revoked_at = UTCDateTimeField(null=True)

    class Meta:
        placement = "local"


class LoginDelay(BaseModel):
    """Failed sign-ins of an account, an address or an enrolled device, and the wait they earned."""

    key = CharField(max_length=200, primary_key=True)
    failures = IntegerField()
    wait_until = UTCDateTimeField()

    class Meta:
        placement = "local"


class Store(BaseModel):
    """A point of sale. `tier` comes from the division code unless somebody overrode it.

    The point is kept as sent (`raw_*`) and as WGS-84; `owner` is the one rep who answers for
    the store. The dealer is effective-dated: see StoreDealer.
    """

    id = AutoField()
    code = CharField(max_length=40, unique=True)
    name = CharField(max_length=120)
    region_id: int
    region = ForeignKeyField(Region, on_delete="RESTRICT", lazy_load=False)
    division_code = CharField(max_length=9)
    tier = CharField(max_length=10, constraints=[Check("tier IN ('city', 'county', 'town')")])
    is_tier_overridden = BooleanField(default=False)
    grade = CharField(max_length=1, constraints=[Check("grade IN ('A', 'B', 'C', 'D')")])
    chain = CharField(max_length=80, null=True)
    address = CharField(max_length=200, default="")
    raw_lat = DoubleField(null=True)
    raw_lon = DoubleField(null=True)
    raw_crs = CharField(max_length=5, null=True)
    lat = DoubleField(null=True)
    lon = DoubleField(null=True)
    crs_impl = CharField(max_length=40, null=True)
    fence_radius_m = IntegerField(null=True, constraints=[Check("fence_radius_m > 0")])
    owner_id: int | None
    owner = ForeignKeyField(Person, null=True, on_delete="RESTRICT", lazy_load=False)
    status = CharField(
        max_length=12, constraints=[Check(f"status IN {tuple(str(s) for s in PipelineStatus)}")]
    )
    opened_on = DayField()
    closed_on = DayField(null=True)
    merged_into_id: int | None
    merged_into = ForeignKeyField(
        "self", null=True, on_delete="RESTRICT", lazy_load=False, index=False
    )
    version = IntegerField(default=1)

    class Meta:
        placement = "reference"
        indexes = ((("lat", "lon"), False),)  # what is near is found by a band of latitude

    @classmethod
    def visible_to(cls, actor: Actor) -> Expression:
        """Return the condition for a rep's assigned stores, or those of the subtree.

        Whoever stands in for another sees the other's stores too, on the days of that.
        """
        if actor.role is Role.REP:
            return cls.owner.in_(actor.owners())
        return Region.covers(cls.region, actor)

    @classmethod
    def covers(cls, column: Any, actor: Actor) -> Expression:
        """Return the condition that a column names a store that the actor sees."""
        condition: Expression = _covers(cls, column, actor)
        return condition

    @property
    def point(self) -> Point | None:
        """Where the door is, in WGS-84."""
        return None if self.lat is None or self.lon is None else Point(self.lat, self.lon)

    @property
    def position(self) -> Position | None:
        """Where the door is, as it was given."""
        if self.raw_lat is None or self.raw_lon is None or self.raw_crs is None:
            return None
        return Position(self.raw_lat, self.raw_lon, Datum(self.raw_crs))


class StoreDealer(BaseModel):
    """Whose store it was: from a day, until (not including) another, or still."""

    store_id: int
    store = ForeignKeyField(Store, on_delete="RESTRICT", lazy_load=False)
    dealer_id: int
    dealer = ForeignKeyField(Dealer, on_delete="RESTRICT", lazy_load=False)
    from_on = DayField()
    to_on = DayField(null=True, constraints=[Check("to_on > from_on")])

    class Meta:
        placement = "reference"
        primary_key = CompositeKey("store", "from_on")
        indexes = ((("dealer", "from_on"), False),)

    @classmethod
    def on(cls, day: date) -> Expression:
        """Return the condition for the links in force on a day."""
        return (cls.from_on <= day) & (cls.to_on.is_null() | (cls.to_on > day))

    def is_on(self, day: date) -> bool:
        """Return whether the link is in force on a day."""
        begun: bool = self.from_on <= day
        return begun and (self.to_on is None or self.to_on > day)


class CodeAlias(BaseModel):
    """A code that a dealer or store used to have, or one merged into it; it still resolves."""

    code = CharField(max_length=40, primary_key=True)
    dealer_id: int | None
    dealer = ForeignKeyField(Dealer, null=True, on_delete="CASCADE", lazy_load=False)
    store_id: int | None
    store = ForeignKeyField(Store, null=True, on_delete="CASCADE", lazy_load=False)
    retired_at = UTCDateTimeField(null=True)

    class Meta:
        placement = "reference"
