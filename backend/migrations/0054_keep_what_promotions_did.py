"""Keep what became of promotions and launches."""

from peewee import (
    AutoField,
    BigIntegerField,
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

    class Promotion(db.Model):
        id = AutoField()

        class Meta:
            table_name = "promotion"

    class PromotionDay(db.Model):
        store = ForeignKeyField(Store, on_delete="RESTRICT", index=False)
        promotion = ForeignKeyField(Promotion, on_delete="RESTRICT", index=False)
        day = DateField()
        units = IntegerField(null=True, constraints=[Check("units >= 0")])
        gifts = IntegerField(null=True, constraints=[Check("gifts >= 0")])
        cost_fen = IntegerField(null=True, constraints=[Check("cost_fen >= 0")])
        is_executed = BooleanField(null=True)
        source = CharField(max_length=10)
        remark = CharField(max_length=500)
        entered_by_id = IntegerField()
        entered_at = DateTimeField()
        version = IntegerField()

        class Meta:
            table_name = "promotion_day"
            primary_key = CompositeKey("store", "promotion", "day")
            indexes = ((("promotion", "day"), False),)

    class PromotionEvaluation(db.Model):
        id = UUIDField(primary_key=True)
        promotion = ForeignKeyField(Promotion, on_delete="RESTRICT")
        method = CharField(max_length=30)
        evaluated_on = DateField()
        inputs = TextField()
        output = TextField()
        note = CharField(max_length=1000)
        person = ForeignKeyField(Person, on_delete="RESTRICT")
        recorded_at = DateTimeField()
        content_sha256 = CharField(max_length=64)

        class Meta:
            table_name = "promotion_evaluation"

    class Claim(db.Model):
        id = UUIDField(primary_key=True)
        promotion = ForeignKeyField(Promotion, on_delete="RESTRICT")
        dealer = ForeignKeyField(Dealer, on_delete="RESTRICT")
        state = CharField(max_length=20)
        note = CharField(max_length=1000)
        claimed_fen = BigIntegerField()
        accepted_fen = BigIntegerField(null=True)
        submitted_by_id = IntegerField()
        submitted_at = DateTimeField()
        reviewed_by_id = IntegerField(null=True)
        reviewed_at = DateTimeField(null=True)
        decided_by_id = IntegerField(null=True)
        decided_at = DateTimeField(null=True)
        decision_note = CharField(max_length=1000, null=True)
        settled_by_id = IntegerField(null=True)
        settled_at = DateTimeField(null=True)
        settlement = CharField(max_length=200, null=True)
        version = IntegerField()
        content_sha256 = CharField(max_length=64)

        class Meta:
            table_name = "claim"

    class ClaimLine(db.Model):
        claim = ForeignKeyField(Claim, on_delete="CASCADE", index=False)
        number = IntegerField()
        kind = CharField(max_length=30)
        amount_fen = BigIntegerField(constraints=[Check("amount_fen > 0")])
        quantity = IntegerField(constraints=[Check("quantity > 0")])
        sell_in_fen = BigIntegerField(null=True, constraints=[Check("sell_in_fen > 0")])
        accepted_fen = BigIntegerField(null=True, constraints=[Check("accepted_fen >= 0")])
        proven_quantity = IntegerField(null=True)
        maximum_fen = BigIntegerField(null=True)
        flags = TextField(null=True)

        class Meta:
            table_name = "claim_line"
            primary_key = CompositeKey("claim", "number")

    class ClaimProof(db.Model):
        claim = ForeignKeyField(Claim, on_delete="CASCADE", index=False)
        line = IntegerField()
        number = IntegerField()
        visit_id = UUIDField(null=True)
        photo_id = UUIDField(null=True)
        store_id = IntegerField(null=True)
        day = DateField(null=True)

        class Meta:
            table_name = "claim_proof"
            primary_key = CompositeKey("claim", "line", "number")
            indexes = ((("visit_id", "photo_id"), False), (("store_id", "day"), False))

    class Launch(db.Model):
        id = AutoField()
        sku = ForeignKeyField(Sku, on_delete="RESTRICT")
        name = CharField(max_length=120)
        launched_on = DateField()
        area = TextField()
        version = IntegerField(default=1)

        class Meta:
            table_name = "launch"

    class LaunchEvidence(db.Model):
        id = UUIDField(primary_key=True)
        launch = ForeignKeyField(Launch, on_delete="RESTRICT", index=False)
        store = ForeignKeyField(Store, on_delete="RESTRICT")
        stage = CharField(max_length=20)
        seen_at = DateTimeField()
        seen_on = DateField()
        visit_id = UUIDField(null=True)
        photo_id = UUIDField(null=True)
        note = CharField(max_length=500)
        person = ForeignKeyField(Person, on_delete="RESTRICT", index=False)
        received_at = DateTimeField()
        content_sha256 = CharField(max_length=64)

        class Meta:
            table_name = "launch_evidence"
            indexes = ((("launch", "store", "stage"), False),)

    db.create_tables(
        [PromotionDay, PromotionEvaluation, Claim, ClaimLine, ClaimProof, Launch, LaunchEvidence]
    )
