"""Count goods by state, take in sales and follow handsets."""

from peewee import (
    AutoField,
    CharField,
    CompositeKey,
    DateField,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
    UUIDField,
)


def up(migrator, db):
    db.execute_sql('ALTER TABLE "product_line" ADD COLUMN "damaged_stock" INTEGER')
    db.execute_sql('ALTER TABLE "product_line" ADD COLUMN "oldest_receipt_on" DATE')

    class Region(db.Model):
        id = AutoField()

        class Meta:
            table_name = "region"

    class Person(db.Model):
        id = AutoField()

        class Meta:
            table_name = "person"

    class Dealer(db.Model):
        id = AutoField()

        class Meta:
            table_name = "dealer"

    class Store(db.Model):
        id = AutoField()

        class Meta:
            table_name = "store"

    class Sku(db.Model):
        id = AutoField()

        class Meta:
            table_name = "sku"

    class StockCount(db.Model):
        store = ForeignKeyField(Store, on_delete="RESTRICT", index=False)
        id = UUIDField()
        person = ForeignKeyField(Person, on_delete="RESTRICT", index=False)
        counted_at = DateTimeField()
        counted_on = DateField()
        received_at = DateTimeField()
        content_sha256 = CharField(max_length=64)

        class Meta:
            table_name = "stock_count"
            primary_key = CompositeKey("store", "id")
            indexes = ((("id",), False),)

    class StockCountLine(db.Model):
        store = ForeignKeyField(Store, on_delete="RESTRICT", index=False)
        count_id = UUIDField()
        sku = ForeignKeyField(Sku, on_delete="RESTRICT", index=False)
        stock = IntegerField()
        demo_stock = IntegerField(null=True)
        damaged_stock = IntegerField(null=True)
        oldest_receipt_on = DateField(null=True)

        class Meta:
            table_name = "stock_count_line"
            primary_key = CompositeKey("store", "count_id", "sku")

    class SellIn(db.Model):
        dealer = ForeignKeyField(Dealer, on_delete="RESTRICT", index=False)
        id = UUIDField()
        sold_on = DateField()
        store = ForeignKeyField(Store, null=True, on_delete="RESTRICT", index=False)
        region = ForeignKeyField(Region, on_delete="RESTRICT", index=False)
        sku = ForeignKeyField(Sku, on_delete="RESTRICT", index=False)
        units = IntegerField()
        amount_fen = IntegerField(null=True)
        imei = CharField(max_length=15, null=True)
        recorded_at = DateTimeField()
        recorded_by_id = IntegerField()

        class Meta:
            table_name = "sell_in"
            primary_key = CompositeKey("dealer", "id")
            indexes = (
                (("id",), False),
                (("imei",), False),
                (("dealer", "sold_on"), False),
                (("store", "sold_on"), False),
                (("region", "sold_on"), False),
            )

    class SellOut(db.Model):
        store = ForeignKeyField(Store, on_delete="RESTRICT", index=False)
        id = UUIDField()
        sold_on = DateField()
        dealer = ForeignKeyField(Dealer, null=True, on_delete="RESTRICT", index=False)
        region = ForeignKeyField(Region, on_delete="RESTRICT", index=False)
        sku = ForeignKeyField(Sku, on_delete="RESTRICT", index=False)
        units = IntegerField()
        amount_fen = IntegerField(null=True)
        imei = CharField(max_length=15, null=True)
        recorded_at = DateTimeField()
        recorded_by_id = IntegerField()

        class Meta:
            table_name = "sell_out"
            primary_key = CompositeKey("store", "id")
            indexes = (
                (("id",), False),
                (("imei",), False),
                (("store", "sold_on"), False),
                (("dealer", "sold_on"), False),
                (("region", "sold_on"), False),
            )

    class ImeiSighting(db.Model):
        imei = CharField(max_length=15)
        id = UUIDField()
        store = ForeignKeyField(Store, on_delete="RESTRICT")
        dealer = ForeignKeyField(Dealer, null=True, on_delete="RESTRICT", index=False)
        region = ForeignKeyField(Region, on_delete="RESTRICT", index=False)
        person = ForeignKeyField(Person, on_delete="RESTRICT", index=False)
        visit_id = UUIDField(null=True)
        seen_at = DateTimeField()
        seen_on = DateField()
        note = CharField(max_length=500)
        received_at = DateTimeField()
        content_sha256 = CharField(max_length=64)

        class Meta:
            table_name = "imei_sighting"
            primary_key = CompositeKey("imei", "id")
            indexes = ((("id",), False),)

    class CrossAreaSale(db.Model):
        imei = CharField(max_length=15)
        seen_id = UUIDField()
        seen_kind = CharField(max_length=20)
        seen_on = DateField()
        store = ForeignKeyField(Store, on_delete="RESTRICT")
        dealer = ForeignKeyField(Dealer, on_delete="RESTRICT", index=False)
        sell_in_id = UUIDField()
        sold_in_on = DateField()
        sold_in_dealer = ForeignKeyField(Dealer, on_delete="RESTRICT", index=False)
        violation_id = UUIDField()
        violation_store_id = IntegerField()
        found_at = DateTimeField()

        class Meta:
            table_name = "cross_area_sale"
            primary_key = CompositeKey("imei", "seen_id")
            indexes = ((("seen_on",), False),)

    class StoreStock(db.Model):
        store = ForeignKeyField(Store, on_delete="RESTRICT", index=False)
        sku = ForeignKeyField(Sku, on_delete="RESTRICT", index=False)
        stock = IntegerField()
        demo_stock = IntegerField(null=True)
        damaged_stock = IntegerField(null=True)
        oldest_receipt_on = DateField(null=True)
        counted_at = DateTimeField()
        counted_on = DateField()
        source = CharField(max_length=10)
        source_id = UUIDField()

        class Meta:
            table_name = "store_stock"
            primary_key = CompositeKey("store", "sku")

    class ImportedFile(db.Model):
        id = UUIDField(primary_key=True)
        feed = CharField(max_length=20)
        sha256 = CharField(max_length=64)
        encoding = CharField(max_length=20)
        rows = IntegerField()
        rows_new = IntegerField()
        person = ForeignKeyField(Person, on_delete="RESTRICT")
        imported_at = DateTimeField()

        class Meta:
            table_name = "imported_file"
            indexes = ((("feed", "sha256"), True),)

    db.create_tables(
        [
            StockCount,
            StockCountLine,
            SellIn,
            SellOut,
            ImeiSighting,
            CrossAreaSale,
            StoreStock,
            ImportedFile,
        ]
    )
