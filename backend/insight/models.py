"""Rollups: the facts of visits and sales, made ready to be added up, by the dealer of their day."""

from __future__ import annotations

from peewee import (
    BigIntegerField,
    BooleanField,
    CompositeKey,
    DoubleField,
    IntegerField,
    UUIDField,
)

from backend.platform.database import BaseModel, DayField


class VisitFact(BaseModel):
    """What a countable visit, or a count of stock outside one (`visits` is 0), adds to figures.

    Flags are 0 or 1, so that they add up; null is what was not asked or is not known. `seq` says
    which of a store's facts is the latest: its day, and its place in that day. A section of the
    report that the visit did not carry is null; figures of states take the latest that has it.
    Times are in seconds, `price_ratio_ppb` is the sum of net over reference price in
    billionths, whole so that it adds up alike in any order.
    """

    dealer_id = IntegerField()
    day = DayField()
    store_id = IntegerField()
    visit_id = UUIDField()
    person_id = IntegerField()
    seq = IntegerField()
    visits = IntegerField()
    is_patrol = IntegerField()
    is_unplanned = IntegerField()
    is_scored = IntegerField()
    is_suspect = IntegerField()
    is_located = IntegerField()
    is_outside = IntegerField()
    is_timed = IntegerField()
    is_short = IntegerField()
    no_checkout = IntegerField()
    stayed_s = IntegerField()
    is_asked_outcome = IntegerField()
    is_productive = IntegerField()
    signage_num = DoubleField(null=True)
    signage_den = DoubleField(null=True)
    mandatory_pass = IntegerField()
    mandatory_checked = IntegerField()
    is_all_mandatory_pass = IntegerField(null=True)
    lines_offered = IntegerField()
    lines_checked = IntegerField()
    first_notice = IntegerField(null=True)
    must_listed = IntegerField(null=True)
    must_answered = IntegerField(null=True)
    must_available = IntegerField(null=True)
    must_stock_answered = IntegerField(null=True)
    stock_checks = IntegerField()
    stock_units = BigIntegerField(null=True)
    prices_compliant = IntegerField()
    prices_checked = IntegerField()
    prices_referenced = IntegerField()
    prices_unreferenced = IntegerField()
    price_ratio_ppb = BigIntegerField()
    promos_checked = IntegerField()
    promo_units = IntegerField()
    photo_slots = IntegerField()
    photo_slots_filled = IntegerField()
    photos = IntegerField()
    photos_hashed = IntegerField()
    photos_reused = IntegerField()
    photos_approved = IntegerField()
    photos_rejected = IntegerField()

    class Meta:
        placement = "by dealer_id"
        is_replaced = True
        primary_key = CompositeKey("dealer_id", "day", "store_id", "visit_id")
        indexes = ((("store_id", "seq"), False), (("day",), False))


class PromotionFact(BaseModel):
    """Whether a visit saw a promotion, that its store takes part in, executed as it should be."""

    dealer_id = IntegerField()
    day = DayField()
    store_id = IntegerField()
    visit_id = UUIDField()
    promotion_id = IntegerField()
    person_id = IntegerField()
    is_executed = BooleanField()

    class Meta:
        placement = "by dealer_id"
        is_replaced = True
        primary_key = CompositeKey("dealer_id", "day", "store_id", "visit_id", "promotion_id")
        indexes = ((("store_id", "day"), False), (("day",), False))


class SalesDay(BaseModel):
    """What was sold to and by a store on a day; store 0 is the dealer itself.

    Returns are taken off. `sell_out_lines` is how many lines its feed had that day.
    """

    dealer_id = IntegerField()
    day = DayField()
    store_id = IntegerField()
    sell_in_units = BigIntegerField()
    sell_in_fen = BigIntegerField()
    sell_out_units = BigIntegerField()
    sell_out_fen = BigIntegerField()
    sell_in_lines = IntegerField()
    sell_out_lines = IntegerField()

    class Meta:
        placement = "by dealer_id"
        is_replaced = True
        primary_key = CompositeKey("dealer_id", "day", "store_id")
        indexes = ((("store_id", "day"), False), (("day",), False))
