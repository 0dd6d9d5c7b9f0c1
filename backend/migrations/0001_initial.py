"""Create the first tables."""

from peewee import (
    AutoField,
    BigIntegerField,
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


def up(migrator, db):
    partial = []

    class LedgerEntry(db.Model):
        id = UUIDField(primary_key=True)
        at = DateTimeField()
        device_at = DateTimeField(null=True)
        actor_id = IntegerField(null=True)
        verb = CharField(max_length=40)
        object = CharField(max_length=30)
        object_id = CharField(max_length=80)
        facts = TextField()
        seq = BigIntegerField(null=True, unique=True)
        hash = CharField(max_length=64, null=True)

        class Meta:
            table_name = "ledger_entry"
            indexes = (
                (
                    (
                        "object",
                        "object_id",
                    ),
                    False,
                ),
            )

    partial.append(
        'CREATE INDEX "ledger_entry_unsealed" ON "ledger_entry" ("at") WHERE seq IS NULL'
    )

    class ConsumerCursor(db.Model):
        name = CharField(max_length=40, primary_key=True)
        seq = BigIntegerField()

        class Meta:
            table_name = "consumer_cursor"

    class Job(db.Model):
        kind = CharField(max_length=30)
        key = CharField(max_length=100)
        run_at = DateTimeField()
        attempts = IntegerField()
        revision = IntegerField()
        lease = UUIDField(null=True)
        leased_until = DateTimeField(null=True)
        last_error = TextField(null=True)
        is_dead = BooleanField()

        class Meta:
            table_name = "job"
            primary_key = CompositeKey("kind", "key")
            indexes = (
                (
                    (
                        "is_dead",
                        "run_at",
                    ),
                    False,
                ),
            )

    class Region(db.Model):
        id = AutoField()
        code = CharField(max_length=20, unique=True)
        name = CharField(max_length=80)
        parent = ForeignKeyField("self", null=True, on_delete="RESTRICT")
        path = CharField(max_length=200, unique=True)

        class Meta:
            table_name = "region"

    class Person(db.Model):
        id = AutoField()
        login = CharField(max_length=80, unique=True)
        name = CharField(max_length=80)
        role = CharField(
            max_length=20,
            constraints=[Check("role IN ('rep', 'supervisor', 'manager', 'auditor', 'admin')")],
        )
        region = ForeignKeyField(Region, on_delete="RESTRICT")
        supervisor = ForeignKeyField("self", null=True, on_delete="RESTRICT")
        password_hash = CharField(max_length=200)
        is_active = BooleanField()
        version = IntegerField()

        class Meta:
            table_name = "person"

    class Session(db.Model):
        id = UUIDField(primary_key=True)
        person = ForeignKeyField(Person, on_delete="CASCADE")
        token_sha256 = CharField(max_length=64, unique=True)
        device_id = CharField(max_length=80)
        device_name = CharField(max_length=120)
        created_at = DateTimeField()
        last_seen_at = DateTimeField()
        expires_at = DateTimeField()
        revoked_at = DateTimeField(null=True)

        class Meta:
            table_name = "session"

    class LoginDelay(db.Model):
        key = CharField(max_length=200, primary_key=True)
        failures = IntegerField()
        wait_until = DateTimeField()

        class Meta:
            table_name = "login_delay"

    class Dealer(db.Model):
        id = AutoField()
        code = CharField(max_length=40, unique=True)
        name = CharField(max_length=120)
        parent = ForeignKeyField("self", null=True, on_delete="RESTRICT")
        region = ForeignKeyField(Region, on_delete="RESTRICT")
        opened_on = DateField()
        closed_on = DateField(null=True)
        version = IntegerField()

        class Meta:
            table_name = "dealer"

    class Store(db.Model):
        id = AutoField()
        code = CharField(max_length=40, unique=True)
        name = CharField(max_length=120)
        region = ForeignKeyField(Region, on_delete="RESTRICT")
        division_code = CharField(max_length=9)
        tier = CharField(max_length=10, constraints=[Check("tier IN ('city', 'county', 'town')")])
        is_tier_overridden = BooleanField()
        grade = CharField(max_length=1, constraints=[Check("grade IN ('A', 'B', 'C', 'D')")])
        chain = CharField(max_length=80, null=True)
        address = CharField(max_length=200)
        raw_lat = DoubleField(null=True)
        raw_lon = DoubleField(null=True)
        raw_crs = CharField(max_length=5, null=True)
        lat = DoubleField(null=True)
        lon = DoubleField(null=True)
        crs_impl = CharField(max_length=40, null=True)
        fence_radius_m = IntegerField(null=True, constraints=[Check("fence_radius_m > 0")])
        owner = ForeignKeyField(Person, null=True, on_delete="RESTRICT")
        status = CharField(
            max_length=12,
            constraints=[Check("status IN ('prospect', 'active', 'at_risk', 'closed')")],
        )
        opened_on = DateField()
        closed_on = DateField(null=True)
        version = IntegerField()

        class Meta:
            table_name = "store"

    class StoreDealer(db.Model):
        store = ForeignKeyField(Store, on_delete="RESTRICT")
        dealer = ForeignKeyField(Dealer, on_delete="RESTRICT")
        from_on = DateField()
        to_on = DateField(null=True, constraints=[Check("to_on > from_on")])

        class Meta:
            table_name = "store_dealer"
            primary_key = CompositeKey("store", "from_on")
            indexes = (
                (
                    (
                        "dealer",
                        "from_on",
                    ),
                    False,
                ),
            )

    class CodeAlias(db.Model):
        code = CharField(max_length=40, primary_key=True)
        dealer = ForeignKeyField(Dealer, null=True, on_delete="CASCADE")
        store = ForeignKeyField(Store, null=True, on_delete="CASCADE")

        class Meta:
            table_name = "code_alias"

    class ChecklistTemplate(db.Model):
        id = AutoField()
        code = CharField(max_length=40)
        version = IntegerField()
        tier = CharField(max_length=10)
        name_zh = CharField(max_length=80)
        name_en = CharField(max_length=80)
        lines = TextField()
        valid_from = DateField()
        retired_on = DateField(null=True)

        class Meta:
            table_name = "checklist_template"
            indexes = (
                (
                    (
                        "code",
                        "version",
                    ),
                    True,
                ),
            )

    class Sku(db.Model):
        id = AutoField()
        code = CharField(max_length=40, unique=True)
        name = CharField(max_length=80)
        category = CharField(max_length=20)
        role = CharField(max_length=20)
        tags = TextField()
        launched_on = DateField()
        ended_on = DateField(null=True)

        class Meta:
            table_name = "sku"

    class StandardsRevision(db.Model):
        name = CharField(max_length=20, primary_key=True)
        stamp = CharField(max_length=32)

        class Meta:
            table_name = "standards_revision"

    class AssortmentRule(db.Model):
        id = AutoField()
        scope_kind = CharField(max_length=10)
        scope_value = CharField(max_length=80)
        select_kind = CharField(max_length=10)
        select_value = CharField(max_length=80)
        must_list = BooleanField()
        min_facings = IntegerField(constraints=[Check("min_facings >= 0")])
        priority = IntegerField()
        valid_from = DateField()
        valid_to = DateField(null=True, constraints=[Check("valid_to > valid_from")])

        class Meta:
            table_name = "assortment_rule"

    class ReferencePrice(db.Model):
        id = AutoField()
        sku = ForeignKeyField(Sku, on_delete="RESTRICT")
        price_type = CharField(max_length=30)
        area = CharField(max_length=9)
        amount_fen = IntegerField(constraints=[Check("amount_fen > 0")])
        valid_from = DateField()
        valid_to = DateField(null=True, constraints=[Check("valid_to > valid_from")])

        class Meta:
            table_name = "reference_price"
            indexes = (
                (
                    (
                        "sku",
                        "valid_from",
                    ),
                    False,
                ),
            )

    class Promotion(db.Model):
        id = AutoField()
        code = CharField(max_length=40, unique=True)
        name = CharField(max_length=120)
        objective = CharField(max_length=30)
        dealer_kinds = TextField()
        consumer_kinds = TextField()
        area = TextField()
        starts_on = DateField()
        ends_on = DateField(constraints=[Check("ends_on >= starts_on")])
        allowed_gift_fen = IntegerField(constraints=[Check("allowed_gift_fen >= 0")])
        version = IntegerField()

        class Meta:
            table_name = "promotion"

    class PromotionSku(db.Model):
        promotion = ForeignKeyField(Promotion, on_delete="CASCADE")
        sku = ForeignKeyField(Sku, on_delete="RESTRICT")
        promo_price_fen = IntegerField(null=True, constraints=[Check("promo_price_fen > 0")])

        class Meta:
            table_name = "promotion_sku"
            primary_key = CompositeKey("promotion", "sku")

    class PromotionStore(db.Model):
        promotion = ForeignKeyField(Promotion, on_delete="CASCADE")
        store = ForeignKeyField(Store, on_delete="RESTRICT")

        class Meta:
            table_name = "promotion_store"
            primary_key = CompositeKey("promotion", "store")
            indexes = (
                (
                    (
                        "store",
                        "promotion",
                    ),
                    False,
                ),
            )

    class PlanEntry(db.Model):
        id = UUIDField(primary_key=True)
        person = ForeignKeyField(Person, on_delete="RESTRICT")
        store = ForeignKeyField(Store, on_delete="RESTRICT")
        planned_on = DateField()
        status = CharField(max_length=24)
        content_sha256 = CharField(max_length=64)

        class Meta:
            table_name = "plan_entry"
            indexes = (
                (
                    (
                        "person",
                        "planned_on",
                    ),
                    False,
                ),
                (
                    (
                        "store",
                        "planned_on",
                    ),
                    False,
                ),
            )

    class Visit(db.Model):
        id = UUIDField(primary_key=True)
        person = ForeignKeyField(Person, on_delete="RESTRICT")
        claimed_store_id = IntegerField()
        store = ForeignKeyField(Store, null=True, on_delete="RESTRICT", index=False)
        dealer = ForeignKeyField(Dealer, null=True, on_delete="RESTRICT", index=False)
        region = ForeignKeyField(Region, null=True, on_delete="RESTRICT", index=False)
        tier = CharField(max_length=10, null=True)
        grade = CharField(max_length=1, null=True)
        kind = CharField(max_length=20)
        unplanned_reason = CharField(max_length=200, null=True)
        status = CharField(max_length=10)
        quarantine_reason = CharField(max_length=40, null=True)
        released_by_id = IntegerField(null=True)
        released_at = DateTimeField(null=True)
        business_on = DateField()
        checked_in_at = DateTimeField()
        device_at = DateTimeField()
        elapsed_ms = BigIntegerField(null=True)
        received_at = DateTimeField()
        skew_s = DoubleField(null=True)
        is_clock_suspect = BooleanField()
        raw_lat = DoubleField(null=True)
        raw_lon = DoubleField(null=True)
        raw_crs = CharField(max_length=5, null=True)
        accuracy_m = DoubleField(null=True)
        provider = CharField(max_length=20, null=True)
        fix_age_s = DoubleField(null=True)
        is_mock = BooleanField(null=True)
        lat = DoubleField(null=True)
        lon = DoubleField(null=True)
        crs_impl = CharField(max_length=40, null=True)
        outcome = CharField(max_length=20, null=True)
        checked_out_at = DateTimeField(null=True)
        completed_at = DateTimeField(null=True)
        content_sha256 = CharField(max_length=64)

        class Meta:
            table_name = "visit"
            indexes = (
                (
                    (
                        "person",
                        "checked_in_at",
                    ),
                    False,
                ),
                (
                    (
                        "store",
                        "business_on",
                    ),
                    False,
                ),
                (("business_on",), False),
            )

    class Report(db.Model):
        visit_id = UUIDField(primary_key=True)
        person = ForeignKeyField(Person, on_delete="RESTRICT", index=False)
        state = CharField(max_length=10)
        received_at = DateTimeField()
        device_at = DateTimeField()
        content_sha256 = CharField(max_length=64)
        document = TextField()
        template = ForeignKeyField(ChecklistTemplate, null=True, on_delete="RESTRICT", index=False)
        lines = TextField(null=True)
        missing_required = TextField(null=True)
        signage_num = DoubleField(null=True)
        signage_den = DoubleField(null=True)
        mandatory_pass = IntegerField(null=True)
        mandatory_checked = IntegerField(null=True)
        is_all_mandatory_pass = BooleanField(null=True)
        lines_offered = IntegerField(null=True)
        lines_checked = IntegerField(null=True)
        must_listed = IntegerField(null=True)
        must_answered = IntegerField(null=True)
        must_available = IntegerField(null=True)
        must_stock_answered = IntegerField(null=True)
        prices_compliant = IntegerField(null=True)
        prices_checked = IntegerField(null=True)
        promos_executed = IntegerField(null=True)
        promos_checked = IntegerField(null=True)
        promo_units = IntegerField(null=True)

        class Meta:
            table_name = "report"

    class ProductLine(db.Model):
        visit_id = UUIDField()
        sku = ForeignKeyField(Sku, on_delete="RESTRICT", index=False)
        is_must = BooleanField()
        is_listed = BooleanField(null=True)
        facings = IntegerField(null=True)
        stock = IntegerField(null=True)
        demo_stock = IntegerField(null=True)

        class Meta:
            table_name = "product_line"
            primary_key = CompositeKey("visit_id", "sku")

    class PriceObservation(db.Model):
        visit_id = UUIDField()
        number = IntegerField()
        sku = ForeignKeyField(Sku, on_delete="RESTRICT", index=False)
        tag_fen = IntegerField()
        quoted_fen = IntegerField(null=True)
        discount_fen = IntegerField()
        gift_fen = IntegerField()
        net_fen = IntegerField()
        reference_fen = IntegerField(null=True)
        allowed_gift_fen = IntegerField()
        findings = TextField()

        class Meta:
            table_name = "price_observation"
            primary_key = CompositeKey("visit_id", "number")

    class PromotionResult(db.Model):
        visit_id = UUIDField()
        promotion = ForeignKeyField(Promotion, on_delete="RESTRICT", index=False)
        is_executed = BooleanField(null=True)
        units = IntegerField(null=True)
        gifts = IntegerField(null=True)
        cost_fen = IntegerField(null=True)
        remark = CharField(max_length=500)

        class Meta:
            table_name = "promotion_result"
            primary_key = CompositeKey("visit_id", "promotion")

    class Photo(db.Model):
        visit_id = UUIDField()
        id = UUIDField()
        person = ForeignKeyField(Person, on_delete="RESTRICT", index=False)
        is_declared = BooleanField()
        declared_sha256 = CharField(max_length=64, null=True)
        declared_bytes = IntegerField(null=True)
        subject = CharField(max_length=20, null=True)
        item = CharField(max_length=60, null=True)
        captured_at = DateTimeField(null=True)
        capture_source = CharField(max_length=20, null=True)
        sha256 = CharField(max_length=64, null=True)
        size_bytes = IntegerField(null=True)
        media_type = CharField(max_length=20, null=True)
        received_at = DateTimeField(null=True)
        quarantine_reason = CharField(max_length=40, null=True)

        class Meta:
            table_name = "photo"
            primary_key = CompositeKey("visit_id", "id")
            indexes = (
                (("id",), False),
                (("sha256",), False),
            )

    class Violation(db.Model):
        store = ForeignKeyField(Store, on_delete="RESTRICT", index=False)
        id = UUIDField()
        kind = CharField(max_length=30)
        subject = CharField(max_length=60)
        severity = IntegerField()
        dealer = ForeignKeyField(Dealer, null=True, on_delete="RESTRICT", index=False)
        region = ForeignKeyField(Region, on_delete="RESTRICT", index=False)
        opened_at = DateTimeField()
        opened_on = DateField()
        opened_by_id = IntegerField()
        opened_visit_id = UUIDField(null=True)
        is_manual = BooleanField()
        note = CharField(max_length=1000)
        sightings = IntegerField()
        last_seen_at = DateTimeField()
        resolved_at = DateTimeField(null=True)
        resolved_by_id = IntegerField(null=True)
        resolution = CharField(max_length=1000, null=True)
        proof_visit_id = UUIDField(null=True)
        proof_photo_id = UUIDField(null=True)
        version = IntegerField()

        class Meta:
            table_name = "violation"
            primary_key = CompositeKey("store", "id")
            indexes = (
                (("id",), False),
                (
                    (
                        "region",
                        "opened_on",
                    ),
                    False,
                ),
            )

    partial.append(
        'CREATE UNIQUE INDEX "violation_one_open" ON "violation" ("store_id", "kind", "subject") WHERE resolved_at IS NULL'
    )

    class ViolationSighting(db.Model):
        visit_id = UUIDField()
        violation_id = UUIDField()
        seen_at = DateTimeField()
        person_id = IntegerField()
        note = CharField(max_length=1000)
        content_sha256 = CharField(max_length=64, null=True)

        class Meta:
            table_name = "violation_sighting"
            primary_key = CompositeKey("visit_id", "violation_id")

    class LocationReading(db.Model):
        visit_id = UUIDField(primary_key=True)
        outcome = CharField(max_length=10)
        distance_m = IntegerField(null=True)
        radius_m = IntegerField(null=True)
        store_lat = DoubleField(null=True)
        store_lon = DoubleField(null=True)
        flags = TextField()
        judged_at = DateTimeField()

        class Meta:
            table_name = "location_reading"

    class PhotoReading(db.Model):
        visit_id = UUIDField()
        photo_id = UUIDField()
        sha256 = CharField(max_length=64, index=True)
        received_at = DateTimeField()
        unreadable_reason = CharField(max_length=40, null=True)
        width = IntegerField(null=True)
        height = IntegerField(null=True)
        taken_at = DateTimeField(null=True)
        lat = DoubleField(null=True)
        lon = DoubleField(null=True)
        device_model = CharField(max_length=120, null=True)
        display_sha256 = CharField(max_length=64, null=True)
        thumbnail_sha256 = CharField(max_length=64, null=True)
        dhash = BigIntegerField(null=True)
        band0 = IntegerField(null=True, index=True)
        band1 = IntegerField(null=True, index=True)
        band2 = IntegerField(null=True, index=True)
        band3 = IntegerField(null=True, index=True)

        class Meta:
            table_name = "photo_reading"
            primary_key = CompositeKey("visit_id", "photo_id")

    class PhotoMatch(db.Model):
        visit_id = UUIDField()
        photo_id = UUIDField()
        earlier_visit_id = UUIDField()
        earlier_photo_id = UUIDField()
        kind = CharField(max_length=5)
        distance = IntegerField()

        class Meta:
            table_name = "photo_match"
            primary_key = CompositeKey(
                "visit_id", "photo_id", "earlier_visit_id", "earlier_photo_id"
            )

    class PhotoAudit(db.Model):
        visit_id = UUIDField()
        photo_id = UUIDField()
        region_id = IntegerField()
        business_on = DateField()
        status = CharField(max_length=10)
        claimed_by = ForeignKeyField(Person, null=True, on_delete="RESTRICT", index=False)
        claimed_until = DateTimeField(null=True)
        judged_by = ForeignKeyField(Person, null=True, on_delete="RESTRICT", index=False)
        judged_at = DateTimeField(null=True)
        reasons = TextField()
        note = CharField(max_length=1000)
        version = IntegerField()

        class Meta:
            table_name = "photo_audit"
            primary_key = CompositeKey("visit_id", "photo_id")
            indexes = (
                (
                    (
                        "status",
                        "region_id",
                        "business_on",
                    ),
                    False,
                ),
            )

    class StoreDay(db.Model):
        dealer_id = IntegerField()
        day = DateField()
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
        promos = TextField()
        checks = TextField()
        violations = TextField()
        photos = IntegerField()
        photos_hashed = IntegerField()
        photos_reused = IntegerField()
        photos_approved = IntegerField()
        photos_rejected = IntegerField()

        class Meta:
            table_name = "store_day"
            primary_key = CompositeKey("dealer_id", "day", "store_id")

    class ExportLink(db.Model):
        token_sha256 = CharField(max_length=64, primary_key=True)
        person = ForeignKeyField(Person, on_delete="CASCADE")
        export = CharField(max_length=40)
        filters = TextField()
        expires_at = DateTimeField()
        used_at = DateTimeField(null=True)

        class Meta:
            table_name = "export_link"

    db.create_tables(
        [
            LedgerEntry,
            ConsumerCursor,
            Job,
            Region,
            Person,
            Session,
            LoginDelay,
            Dealer,
            Store,
            StoreDealer,
            CodeAlias,
            ChecklistTemplate,
            Sku,
            StandardsRevision,
            AssortmentRule,
            ReferencePrice,
            Promotion,
            PromotionSku,
            PromotionStore,
            PlanEntry,
            Visit,
            Report,
            ProductLine,
            PriceObservation,
            PromotionResult,
            Photo,
            Violation,
            ViolationSighting,
            LocationReading,
            PhotoReading,
            PhotoMatch,
            PhotoAudit,
            StoreDay,
            ExportLink,
        ]
    )
    for statement in partial:
        db.execute_sql(statement)
