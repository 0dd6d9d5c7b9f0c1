"""Tell what promotions brought: sales by product and day, and by product over the whole brand."""

from peewee import AutoField, BigIntegerField, CompositeKey, DateField, ForeignKeyField


def up(migrator, db):
    class Sku(db.Model):
        id = AutoField()

        class Meta:
            table_name = "sku"

    class SkuDay(db.Model):
        sku = ForeignKeyField(Sku, on_delete="RESTRICT", index=False)
        day = DateField()
        units = BigIntegerField()

        class Meta:
            table_name = "sku_day"
            primary_key = CompositeKey("sku", "day")
            indexes = ((("day",), False),)

    db.create_tables([SkuDay])
    db.execute_sql(
        'INSERT INTO "sku_day" ("sku_id", "day", "units")'
        ' SELECT "sku_id", "sold_on", SUM("units") FROM "sell_out" GROUP BY "sku_id", "sold_on"'
    )
    db.execute_sql(
        'CREATE INDEX "sell_out_sku_id_sold_on_store_id_units"'
        ' ON "sell_out" ("sku_id", "sold_on", "store_id", "units")'
    )
