"""Count goods by state, take in sales, follow handsets, and lend fixtures."""

from peewee import (
    AutoField,
    BooleanField,
    CharField,
    Check,
    CompositeKey,
    DateField,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
    TextField,
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

    class Fixture(db.Model):
        id = AutoField()
        code = CharField(max_length=40, unique=True)
        kind = CharField(max_length=30)
        name = CharField(max_length=80)
        value_fen = IntegerField(constraints=[Check("value_fen >= 0")])
        owner_company = CharField(max_length=120)
        purchased_on = DateField()
        condition = CharField(max_length=20)
        state = CharField(max_length=20)
        region = ForeignKeyField(Region, on_delete="RESTRICT")
        dealer = ForeignKeyField(Dealer, null=True, on_delete="RESTRICT")
        store = ForeignKeyField(Store, null=True, on_delete="RESTRICT")
        place = CharField(max_length=200)
        lent_on = DateField(null=True)
        due_back_on = DateField(null=True)
        recalled_on = DateField(null=True)
        inspected_at = DateTimeField(null=True)
        is_present = BooleanField(null=True)
        version = IntegerField()

        class Meta:
            table_name = "fixture"

    class FixtureEvent(db.Model):
        fixture = ForeignKeyField(Fixture, on_delete="RESTRICT", index=False)
        number = IntegerField()
        kind = CharField(max_length=20)
        happened_at = DateTimeField()
        giver = CharField(max_length=80, null=True)
        giver_person_id = IntegerField(null=True)
        receiver = CharField(max_length=80, null=True)
        receiver_person_id = IntegerField(null=True)
        condition = CharField(max_length=20, null=True)
        dealer_id = IntegerField(null=True)
        store_id = IntegerField(null=True)
        place = CharField(max_length=200)
        photos = TextField()
        note = CharField(max_length=500)
        recorded_at = DateTimeField()
        recorded_by_id = IntegerField()

        class Meta:
            table_name = "fixture_event"
            primary_key = CompositeKey("fixture", "number")

    class FixtureInspection(db.Model):
        fixture = ForeignKeyField(Fixture, on_delete="RESTRICT", index=False)
        id = UUIDField()
        store = ForeignKeyField(Store, on_delete="RESTRICT", index=False)
        person = ForeignKeyField(Person, on_delete="RESTRICT", index=False)
        visit_id = UUIDField(null=True)
        inspected_at = DateTimeField()
        is_present = BooleanField()
        is_expected = BooleanField()
        is_misused = BooleanField()
        condition = CharField(max_length=20, null=True)
        note = CharField(max_length=500)
        photos = TextField()
        violation_ids = TextField()
        received_at = DateTimeField()
        content_sha256 = CharField(max_length=64)

        class Meta:
            table_name = "fixture_inspection"
            primary_key = CompositeKey("fixture", "id")
            indexes = ((("id",), False), (("store", "inspected_at"), False))

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
            Fixture,
            FixtureEvent,
            FixtureInspection,
            StoreStock,
            ImportedFile,
        ]
    )
