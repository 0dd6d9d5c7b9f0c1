"""The rollup: what one store added to one dealer on one day, numerators and denominators apart."""

from __future__ import annotations

from peewee import CompositeKey, DoubleField, IntegerField

from backend.platform.database import BaseModel, DayField, JSONTextField


class StoreDay(BaseModel):
    """The countable facts of a store on a business day, for the dealer that owned it that day.

    Flow measures add up over days. State measures (signage, listing, availability) are those of
    the day's last visit that carries the section; they are null on days without one, and a
    window takes the latest day that has them.
    """

    dealer_id = IntegerField()
    day = DayField()
    store_id = IntegerField()
    visits = IntegerField()
    planned = IntegerField()
    planned_done = IntegerField()
    signage_num = DoubleField(null=True)
    signage_den = DoubleField(null=True)
    mandatory_pass = IntegerField(null=True)
    mandatory_checked = IntegerField(null=True)
    must_listed = IntegerField(null=True)
    must_answered = IntegerField(null=True)
    must_available = IntegerField(null=True)
    must_stock_answered = IntegerField(null=True)
    prices_compliant = IntegerField()
    prices_checked = IntegerField()
    promo_units = IntegerField()
    promos = JSONTextField()
    checks = JSONTextField()
    violations = JSONTextField()
    photos = IntegerField()
    photos_hashed = IntegerField()
    photos_reused = IntegerField()
    photos_approved = IntegerField()
    photos_rejected = IntegerField()

    class Meta:
        placement = "by dealer_id"
        primary_key = CompositeKey("dealer_id", "day", "store_id")
