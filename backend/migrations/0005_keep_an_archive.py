"""Keep an archive of dealers and stores, with their contacts, agreements and push."""

from peewee import (
    AutoField,
    BooleanField,
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
from playhouse.migrate import SqliteMigrator

NARROW = "CHECK (status IN ('prospect', 'active', 'at_risk', 'closed'))"
WIDE = "CHECK (status IN ('prospect', 'contacted', 'signed', 'active', 'at_risk', 'closed'))"


def up(migrator, db):
    on_sqlite = isinstance(migrator, SqliteMigrator)
    widen_status(db, on_sqlite)
    for table in ("dealer", "store"):
        db.execute_sql(
            f'ALTER TABLE "{table}" ADD COLUMN "merged_into_id" INTEGER'
            f' REFERENCES "{table}" ("id") ON DELETE RESTRICT'
        )
    instant = "DATETIME" if on_sqlite else "TIMESTAMP"
    db.execute_sql(f'ALTER TABLE "code_alias" ADD COLUMN "retired_at" {instant}')
    db.execute_sql('CREATE INDEX "store_lat_lon" ON "store" ("lat", "lon")')

    class Region(db.Model):
        class Meta:
            table_name = "region"

    class Dealer(db.Model):
        class Meta:
            table_name = "dealer"

    class Store(db.Model):
        class Meta:
            table_name = "store"

    class PipelineMove(db.Model):
        id = AutoField()
        store = ForeignKeyField(Store, on_delete="RESTRICT")
        from_status = CharField(max_length=12, null=True)
        to_status = CharField(max_length=12)
        moved_on = DateField()
        moved_at = DateTimeField()
        person_id = IntegerField()
        reason = CharField(max_length=200)

        class Meta:
            table_name = "pipeline_move"

    class CustomerCard(db.Model):
        id = AutoField()
        dealer = ForeignKeyField(Dealer, null=True, unique=True, on_delete="CASCADE")
        store = ForeignKeyField(Store, null=True, unique=True, on_delete="CASCADE")
        short_name = CharField(max_length=40, null=True)
        licence_name = CharField(max_length=120, null=True)
        licence_no = CharField(max_length=18, null=True, index=True)
        phone_e164 = CharField(max_length=20, null=True, index=True)
        phone_text = CharField(max_length=40, null=True)
        customer_kind = CharField(max_length=10, null=True)
        customer_type = CharField(max_length=20, null=True)
        customer_source = CharField(max_length=20, null=True)
        product_field = TextField(null=True)
        products_of_interest = TextField(null=True)
        buying_mode = CharField(max_length=20, null=True)
        buying_policy = CharField(max_length=500, null=True)
        share_of_wallet_percent = IntegerField(null=True)
        stage_override = CharField(max_length=12, null=True)
        position_grade = IntegerField(null=True)
        display_sections = IntegerField(null=True)
        display_area_m2 = DoubleField(null=True)
        grade = CharField(max_length=1, null=True)
        credit_grade = CharField(max_length=1, null=True)
        division_code = CharField(max_length=9, null=True)
        address = CharField(max_length=200, null=True)
        raw_lat = DoubleField(null=True)
        raw_lon = DoubleField(null=True)
        raw_crs = CharField(max_length=5, null=True)
        lat = DoubleField(null=True)
        lon = DoubleField(null=True)
        crs_impl = CharField(max_length=40, null=True)
        staff_count = IntegerField(null=True)
        revenue_band = CharField(max_length=12, null=True)
        bottleneck = CharField(max_length=500, null=True)
        current_method = CharField(max_length=500, null=True)
        amended_at = DateTimeField()
        amended_by_id = IntegerField()
        version = IntegerField()

        class Meta:
            table_name = "customer_card"
            constraints = [Check("(dealer_id IS NULL) <> (store_id IS NULL)")]

    class CustomField(db.Model):
        id = AutoField()
        subject = CharField(max_length=6)
        code = CharField(max_length=40)
        label_zh = CharField(max_length=80)
        label_en = CharField(max_length=80)
        kind = CharField(max_length=10)
        options = TextField()
        is_required = BooleanField()
        retired_at = DateTimeField(null=True)
        version = IntegerField()

        class Meta:
            table_name = "custom_field"
            indexes = [(("subject", "code"), True)]

    class CustomValue(db.Model):
        id = AutoField()
        field = ForeignKeyField(CustomField, on_delete="RESTRICT", index=False)
        dealer = ForeignKeyField(Dealer, null=True, on_delete="CASCADE")
        store = ForeignKeyField(Store, null=True, on_delete="CASCADE")
        value = TextField()

        class Meta:
            table_name = "custom_value"
            constraints = [Check("(dealer_id IS NULL) <> (store_id IS NULL)")]
            indexes = [(("field", "dealer"), True), (("field", "store"), True)]

    class CompetitorNote(db.Model):
        id = UUIDField(primary_key=True)
        dealer = ForeignKeyField(Dealer, null=True, on_delete="RESTRICT")
        store = ForeignKeyField(Store, null=True, on_delete="RESTRICT")
        visit_id = UUIDField(null=True)
        seen_on = DateField()
        brand = CharField(max_length=40)
        strengths = CharField(max_length=500)
        weaknesses = CharField(max_length=500)
        spiff_level = IntegerField(null=True)
        share_percent = IntegerField(null=True)
        person_id = IntegerField()
        content_sha256 = CharField(max_length=64)

        class Meta:
            table_name = "competitor_note"
            constraints = [Check("(dealer_id IS NULL) <> (store_id IS NULL)")]

    class Contact(db.Model):
        id = UUIDField(primary_key=True)
        dealer = ForeignKeyField(Dealer, null=True, on_delete="RESTRICT")
        store = ForeignKeyField(Store, null=True, on_delete="RESTRICT")
        name = CharField(max_length=40)
        job_role = CharField(max_length=20)
        buying_role = CharField(max_length=20, null=True)
        phone_e164 = CharField(max_length=20, null=True)
        phone_text = CharField(max_length=40, null=True)
        wechat = CharField(max_length=40, null=True)
        preferred_channel = CharField(max_length=10, null=True)
        relation_grade = IntegerField(null=True)
        birthday = CharField(max_length=5, null=True)
        interests = CharField(max_length=200, null=True)
        promoter = TextField(null=True)
        left_on = DateField(null=True)
        erased_at = DateTimeField(null=True)
        person_id = IntegerField()
        created_at = DateTimeField()
        content_sha256 = CharField(max_length=64)
        version = IntegerField()

        class Meta:
            table_name = "contact"
            constraints = [Check("(dealer_id IS NULL) <> (store_id IS NULL)")]

    class ContactConsent(db.Model):
        id = UUIDField(primary_key=True)
        contact = ForeignKeyField(Contact, on_delete="CASCADE")
        channel = CharField(max_length=10)
        is_granted = BooleanField()
        given_at = DateTimeField()
        source = CharField(max_length=10)
        note = CharField(max_length=200)
        person_id = IntegerField()
        received_at = DateTimeField()
        content_sha256 = CharField(max_length=64)

        class Meta:
            table_name = "contact_consent"

    class ContactEntry(db.Model):
        id = UUIDField(primary_key=True)
        contact = ForeignKeyField(Contact, on_delete="CASCADE", index=False)
        kind = CharField(max_length=10)
        happened_at = DateTimeField()
        happened_on = DateField()
        visit_id = UUIDField(null=True)
        objection = CharField(max_length=20, null=True)
        note = CharField(max_length=500)
        person_id = IntegerField()
        content_sha256 = CharField(max_length=64)

        class Meta:
            table_name = "contact_entry"
            indexes = [(("contact", "happened_on"), False)]

    class Agreement(db.Model):
        id = AutoField()
        dealer = ForeignKeyField(Dealer, on_delete="RESTRICT")
        code = CharField(max_length=40, unique=True)
        channel = CharField(max_length=20, null=True)
        products = TextField()
        territory = TextField()
        targets = TextField()
        payment_mode = CharField(max_length=20)
        payment_day = IntegerField(null=True, constraints=[Check("payment_day BETWEEN 1 AND 31")])
        credit_days = IntegerField(null=True, constraints=[Check("credit_days > 0")])
        rebate_basis_points = IntegerField(null=True)
        rebate_terms = CharField(max_length=1000)
        legal_representative = CharField(max_length=40)
        signed_on = DateField()
        valid_from = DateField()
        valid_to = DateField(null=True, constraints=[Check("valid_to >= valid_from")])
        end_reason = CharField(max_length=500, null=True)
        version = IntegerField()

        class Meta:
            table_name = "agreement"

    class PushAssessment(db.Model):
        store = ForeignKeyField(Store, on_delete="RESTRICT", index=False)
        id = UUIDField()
        dealer = ForeignKeyField(Dealer, null=True, on_delete="RESTRICT", index=False)
        region = ForeignKeyField(Region, on_delete="RESTRICT", index=False)
        visit_id = UUIDField(null=True)
        person_id = IntegerField()
        assessed_at = DateTimeField()
        assessed_on = DateField()
        dealer_push = IntegerField(null=True, constraints=[Check("dealer_push BETWEEN 0 AND 5")])
        store_push = IntegerField(null=True, constraints=[Check("store_push BETWEEN 0 AND 5")])
        counter_push = IntegerField(null=True, constraints=[Check("counter_push BETWEEN 0 AND 5")])
        clerk_push = IntegerField(null=True, constraints=[Check("clerk_push BETWEEN 0 AND 5")])
        margin_rank = IntegerField(null=True)
        spiff_rank = IntegerField(null=True)
        asked_by_name_percent = IntegerField(null=True)
        after_sales_days = IntegerField(null=True)
        advertising_support = IntegerField(null=True)
        is_clerk_trained = BooleanField(null=True)
        quiz_percent = IntegerField(null=True)
        relation_grade = IntegerField(null=True)
        trust_incidents = IntegerField(null=True)
        note = CharField(max_length=1000)
        content_sha256 = CharField(max_length=64)

        class Meta:
            table_name = "push_assessment"
            primary_key = CompositeKey("store", "id")
            indexes = [
                (("id",), False),
                (("store", "assessed_at"), False),
                (("region", "assessed_on"), False),
            ]

    db.create_tables(
        [
            PipelineMove,
            CustomerCard,
            CustomField,
            CustomValue,
            CompetitorNote,
            Contact,
            ContactConsent,
            ContactEntry,
            Agreement,
            PushAssessment,
        ]
    )


def widen_status(db, on_sqlite):
    """Let a store be contacted or signed.

    SQLite cannot change a constraint, so there the table is made anew under its own definition;
    foreign keys are off while a migration runs.
    """
    if not on_sqlite:
        db.execute_sql('ALTER TABLE "store" DROP CONSTRAINT "store_status_check"')
        db.execute_sql(f'ALTER TABLE "store" ADD CONSTRAINT "store_status_check" {WIDE}')
        return
    rows = db.execute_sql(
        "SELECT sql FROM sqlite_master WHERE tbl_name = 'store' AND sql IS NOT NULL ORDER BY type"
        " DESC"
    )
    table, *indexes = [sql for (sql,) in rows]
    if NARROW not in table:
        raise RuntimeError("The table of stores is not the one that the first migration made.")
    wider = table.replace(NARROW, WIDE).replace('"store" (', '"store_wider" (', 1)
    db.execute_sql(wider)
    db.execute_sql('INSERT INTO "store_wider" SELECT * FROM "store"')
    db.execute_sql('DROP TABLE "store"')
    db.execute_sql('ALTER TABLE "store_wider" RENAME TO "store"')
    for index in indexes:
        db.execute_sql(index)
