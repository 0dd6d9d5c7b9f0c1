"""Add what decides the assortment of a store, and the case files of price violations."""

from peewee import (
    AutoField,
    CharField,
    Check,
    CompositeKey,
    DateField,
    DateTimeField,
    DoubleField,
    ForeignKeyField,
    IntegerField,
    TextField,
    UUIDField,
)

COLUMNS = (
    '"sku" ADD COLUMN "price_band" VARCHAR(20)',
    '"sku" ADD COLUMN "version" INTEGER NOT NULL DEFAULT 1',
    '"assortment_rule" ADD COLUMN "season_plan_id" INTEGER REFERENCES "season_plan" ("id") ON DELETE RESTRICT',
    '"assortment_rule" ADD COLUMN "min_sales_index" INTEGER',
    '"assortment_rule" ADD COLUMN "min_sections" INTEGER',
    '"assortment_rule" ADD COLUMN "stock_cover_days" INTEGER CHECK (stock_cover_days > 0)',
)


def up(migrator, db):
    class Region(db.Model):
        id = AutoField()

        class Meta:
            table_name = "region"

    class Person(db.Model):
        id = AutoField()

        class Meta:
            table_name = "person"

    class Store(db.Model):
        id = AutoField()

        class Meta:
            table_name = "store"

    class SeasonPlan(db.Model):
        id = AutoField()
        code = CharField(max_length=40, unique=True)
        name = CharField(max_length=120)
        strategy = CharField(max_length=2000)
        starts_on = DateField()
        ends_on = DateField(constraints=[Check("ends_on >= starts_on")])

        class Meta:
            table_name = "season_plan"

    class RegionSalesIndex(db.Model):
        region = ForeignKeyField(Region, on_delete="RESTRICT", index=False)
        from_on = DateField()
        sales_index = IntegerField(constraints=[Check("sales_index >= 0")])

        class Meta:
            table_name = "region_sales_index"
            primary_key = CompositeKey("region", "from_on")

    class PriceBandFit(db.Model):
        id = AutoField()
        area = CharField(max_length=9)
        tier = CharField(max_length=10)
        bands = TextField()
        valid_from = DateField()
        valid_to = DateField(null=True, constraints=[Check("valid_to > valid_from")])

        class Meta:
            table_name = "price_band_fit"

    class CounterSurvey(db.Model):
        store = ForeignKeyField(Store, on_delete="RESTRICT", index=False)
        id = UUIDField()
        seen_on = DateField()
        position_grade = IntegerField(constraints=[Check("position_grade BETWEEN 1 AND 5")])
        display_area_m2 = DoubleField(constraints=[Check("display_area_m2 >= 0")])
        sections = IntegerField(constraints=[Check("sections >= 0")])
        competitors = TextField()
        person = ForeignKeyField(Person, on_delete="RESTRICT", index=False)
        received_at = DateTimeField()
        content_sha256 = CharField(max_length=64)

        class Meta:
            table_name = "counter_survey"
            primary_key = CompositeKey("store", "id")
            indexes = (
                (("store", "seen_on", "received_at"), False),
                (("id",), False),
            )

    class PriceCase(db.Model):
        store = ForeignKeyField(Store, on_delete="RESTRICT", index=False)
        violation_id = UUIDField()
        reply_asked_at = DateTimeField(null=True)
        reply_asked_by_id = IntegerField(null=True)
        reply_due_on = DateField(null=True)
        reply_on = DateField(null=True)
        reply_text = CharField(max_length=4000, null=True)
        reply_visit_id = UUIDField(null=True)
        reply_photo_id = UUIDField(null=True)
        reply_recorded_at = DateTimeField(null=True)
        reply_recorded_by_id = IntegerField(null=True)
        outcome = CharField(max_length=20, null=True)
        closing_note = CharField(max_length=2000, null=True)
        closed_at = DateTimeField(null=True)
        closed_by_id = IntegerField(null=True)
        version = IntegerField()

        class Meta:
            table_name = "price_case"
            primary_key = CompositeKey("store", "violation_id")

    db.create_tables([SeasonPlan, RegionSalesIndex, PriceBandFit, CounterSurvey, PriceCase])
    for column in COLUMNS:
        db.execute_sql(f"ALTER TABLE {column}")
