"""Weigh visits by signals: what phones report for it, scores, appeals and decisions."""

from peewee import (
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
    class Person(db.Model):
        class Meta:
            table_name = "person"

    class SignalConfig(db.Model):
        version = IntegerField(primary_key=True)
        from_at = DateTimeField()
        suspicious_from = IntegerField()
        reject_from = IntegerField()
        signals = TextField()
        note = CharField(max_length=500)
        published_by_id = IntegerField()
        published_at = DateTimeField()
        content_sha256 = CharField(max_length=64)

        class Meta:
            table_name = "signal_config"

    class VisitScore(db.Model):
        visit_id = UUIDField(primary_key=True)
        person_id = IntegerField()
        store_id = IntegerField(null=True)
        dealer_id = IntegerField(null=True)
        region_id = IntegerField(null=True)
        business_on = DateField()
        score = IntegerField(constraints=[Check("score BETWEEN 0 AND 100")])
        band = CharField(max_length=24)
        codes = TextField()
        config_version = IntegerField()
        answers_sha256 = CharField(max_length=64, null=True)
        scored_at = DateTimeField()

        class Meta:
            table_name = "visit_score"
            indexes = (
                (("business_on", "score", "visit_id"), False),
                (("band", "business_on", "score", "visit_id"), False),
                (("person_id", "business_on"), False),
            )

    class VisitSignal(db.Model):
        visit_id = UUIDField()
        code = CharField(max_length=24)
        value = DoubleField(null=True)
        threshold = DoubleField()
        points = IntegerField()
        evidence = TextField()
        is_waived = BooleanField()

        class Meta:
            table_name = "visit_signal"
            primary_key = CompositeKey("visit_id", "code")
            indexes = ((("code", "visit_id"), False),)

    class Appeal(db.Model):
        visit_id = UUIDField()
        id = UUIDField()
        person = ForeignKeyField(Person, on_delete="RESTRICT", index=False)
        state = CharField(max_length=10)
        text = CharField(max_length=2000)
        codes = TextField()
        score = IntegerField()
        made_at = DateTimeField()
        answer = CharField(max_length=2000, null=True)
        waived = TextField()
        answered_by = ForeignKeyField(
            Person, null=True, on_delete="RESTRICT", index=False, backref="+"
        )
        answered_at = DateTimeField(null=True)
        version = IntegerField()
        content_sha256 = CharField(max_length=64)

        class Meta:
            table_name = "appeal"
            primary_key = CompositeKey("visit_id", "id")
            indexes = ((("state", "made_at"), False), (("person", "made_at"), False))

    class VisitReview(db.Model):
        visit_id = UUIDField(primary_key=True)
        verdict = CharField(max_length=10)
        reason = CharField(max_length=1000)
        decided_by = ForeignKeyField(Person, on_delete="RESTRICT", index=False)
        decided_at = DateTimeField()
        version = IntegerField()

        class Meta:
            table_name = "visit_review"

    class CaptureTokenUse(db.Model):
        nonce = UUIDField(primary_key=True)
        visit_id = UUIDField()
        photo_ids = TextField()
        used_at = DateTimeField()

        class Meta:
            table_name = "capture_token_use"

    db.create_tables([SignalConfig, VisitScore, VisitSignal, Appeal, VisitReview, CaptureTokenUse])
    is_sqlite = "sqlite" in type(db.obj).__name__.lower()
    columns = [
        ("fix_samples", "TEXT"),
        ("device_id", "VARCHAR(80)"),
        ("is_rooted", "INTEGER" if is_sqlite else "BOOLEAN"),
    ]
    for name, kind in columns:
        db.execute_sql(f'ALTER TABLE "visit" ADD COLUMN "{name}" {kind}')
    db.execute_sql(
        'CREATE INDEX "visit_device_id_business_on" ON "visit" ("device_id", "business_on")'
    )
