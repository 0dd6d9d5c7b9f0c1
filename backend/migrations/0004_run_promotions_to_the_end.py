"""Give promotions a life, money and people; freeze who took part."""

from peewee import (
    AutoField,
    BigIntegerField,
    CharField,
    Check,
    CompositeKey,
    ForeignKeyField,
    IntegerField,
    SqliteDatabase,
)

COLUMNS = {
    "promotion": (
        "further_objectives TEXT NOT NULL DEFAULT '[]'",
        "sub_kinds TEXT NOT NULL DEFAULT '[]'",
        "product_choice VARCHAR(20) NOT NULL DEFAULT 'new_model'",
        "timing_factors TEXT NOT NULL DEFAULT '[]'",
        "ad_area TEXT",
        "departments TEXT NOT NULL DEFAULT '[]'",
        "organiser_id INTEGER REFERENCES person (id) ON DELETE RESTRICT",
        "target_units INTEGER CHECK (target_units > 0)",
        "stopped_on DATE",
        "stop_reason VARCHAR(500)",
        "stopped_by_id INTEGER",
    ),
    "promotion_store": (
        "target_units INTEGER CHECK (target_units > 0)",
        "enrolled_by_id INTEGER",
        "enrolled_at {instant}",
    ),
    "promotion_result": (
        "is_enrolled {flag} NOT NULL DEFAULT {no}",
        "material_ok {flag}",
        "timing_ok {flag}",
        "area_ok {flag}",
    ),
}
# Until now a result counted whenever its store was enrolled at the time of counting.
FREEZE = """
    UPDATE promotion_result SET is_enrolled = {yes}
    WHERE EXISTS (
        SELECT 1 FROM visit
        JOIN promotion_store ON promotion_store.store_id = visit.store_id
        JOIN promotion ON promotion.id = promotion_store.promotion_id
        WHERE visit.id = promotion_result.visit_id
        AND promotion_store.promotion_id = promotion_result.promotion_id
        AND promotion.starts_on <= visit.business_on
        AND promotion.ends_on >= visit.business_on
    )
"""


def words_of(db):
    if isinstance(db.obj, SqliteDatabase):
        return {"flag": "INTEGER", "no": "0", "yes": "1", "instant": "DATETIME"}
    return {"flag": "BOOLEAN", "no": "false", "yes": "true", "instant": "TIMESTAMP"}


def up(migrator, db):
    words = words_of(db)
    for table, columns in COLUMNS.items():
        for column in columns:
            db.execute_sql(f"ALTER TABLE {table} ADD COLUMN {column.format(**words)}")
    db.execute_sql(FREEZE.format(**words))

    class Person(db.Model):
        id = AutoField()

        class Meta:
            table_name = "person"

    class Promotion(db.Model):
        id = AutoField()

        class Meta:
            table_name = "promotion"

    class PromotionBudget(db.Model):
        promotion = ForeignKeyField(Promotion, on_delete="CASCADE", index=False)
        kind = CharField(max_length=30)
        rate_fen = IntegerField(null=True, constraints=[Check("rate_fen > 0")])
        rate_bp = IntegerField(null=True, constraints=[Check("rate_bp > 0")])
        budget_fen = BigIntegerField(null=True, constraints=[Check("budget_fen >= 0")])

        class Meta:
            table_name = "promotion_budget"
            primary_key = CompositeKey("promotion", "kind")

    class PromotionStaff(db.Model):
        promotion = ForeignKeyField(Promotion, on_delete="CASCADE", index=False)
        person = ForeignKeyField(Person, on_delete="RESTRICT", index=False)
        target_units = IntegerField(null=True, constraints=[Check("target_units > 0")])
        task = CharField(max_length=200)

        class Meta:
            table_name = "promotion_staff"
            primary_key = CompositeKey("promotion", "person")

    db.create_tables([PromotionBudget, PromotionStaff])
