"""Add up visits and sales for all figures: what each visit and each day of sales brings to them."""

from peewee import (
    BigIntegerField,
    BooleanField,
    CompositeKey,
    DateField,
    DoubleField,
    IntegerField,
    UUIDField,
)

INDEXES = (
    ("violation", "dealer_id", "resolved_at"),
    ("violation", "resolved_at"),
    ("complaint", "received_on"),
    ("feedback_card", "given_on"),
    ("push_assessment", "assessed_on"),
)


def up(migrator, db):
    class VisitFact(db.Model):
        dealer_id = IntegerField()
        day = DateField()
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
        price_ratio_ppm = BigIntegerField()
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
            table_name = "visit_fact"
            primary_key = CompositeKey("dealer_id", "day", "store_id", "visit_id")
            indexes = ((("store_id", "seq"), False), (("day",), False))

    class PromotionFact(db.Model):
        dealer_id = IntegerField()
        day = DateField()
        store_id = IntegerField()
        visit_id = UUIDField()
        promotion_id = IntegerField()
        person_id = IntegerField()
        is_executed = BooleanField()

        class Meta:
            table_name = "promotion_fact"
            primary_key = CompositeKey("dealer_id", "day", "store_id", "visit_id", "promotion_id")
            indexes = ((("store_id", "day"), False), (("day",), False))

    class SalesDay(db.Model):
        dealer_id = IntegerField()
        day = DateField()
        store_id = IntegerField()
        sell_in_units = BigIntegerField()
        sell_in_fen = BigIntegerField()
        sell_out_units = BigIntegerField()
        sell_out_fen = BigIntegerField()
        sell_in_lines = IntegerField()
        sell_out_lines = IntegerField()

        class Meta:
            table_name = "sales_day"
            primary_key = CompositeKey("dealer_id", "day", "store_id")
            indexes = ((("store_id", "day"), False), (("day",), False))

    db.execute_sql('DROP TABLE "store_day"')
    db.create_tables([VisitFact, PromotionFact, SalesDay])
    boolean = "INTEGER" if "sqlite" in type(db.obj).__name__.lower() else "BOOLEAN"
    columns = (
        ("report", "is_productive", boolean),
        ("report", "first_notice", boolean),
        ("report", "photo_slots", "INTEGER"),
        ("report", "photo_slots_filled", "INTEGER"),
        ("counter_survey", "competitor_sections", "INTEGER"),
    )
    for table, name, kind in columns:
        db.execute_sql(f'ALTER TABLE "{table}" ADD COLUMN "{name}" {kind}')
    for table, *names in INDEXES:
        listed = ", ".join(f'"{name}"' for name in names)
        db.execute_sql(f'CREATE INDEX "{"_".join([table, *names])}" ON "{table}" ({listed})')
    _owe_what_is_there(db)


def _owe_what_is_there(db):
    """Let the worker add up the visits there are."""
    if db.execute_sql('SELECT 1 FROM "visit" LIMIT 1').fetchone():
        db.execute_sql(
            'INSERT INTO "job" ("kind", "key", "run_at", "revision", "attempts", "is_dead") '
            "VALUES ('rebuild-rollups', '*', '2026-01-01 00:00:00', 0, 0, 1 = 0)"
        )
