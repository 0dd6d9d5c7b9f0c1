"""Follow up: tasks, complaints, feedback cards, store points proposed, places judged again."""

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


def up(migrator, db):
    class Dealer(db.Model):
        id = AutoField()

        class Meta:
            table_name = "dealer"

    class Person(db.Model):
        id = AutoField()

        class Meta:
            table_name = "person"

    class Region(db.Model):
        id = AutoField()

        class Meta:
            table_name = "region"

    class Store(db.Model):
        id = AutoField()

        class Meta:
            table_name = "store"

    class Task(db.Model):
        store = ForeignKeyField(Store, on_delete="RESTRICT", index=False)
        id = UUIDField()
        violation_id = UUIDField(null=True)
        kind = CharField(max_length=30, null=True)
        subject = CharField(max_length=60)
        severity = IntegerField(constraints=[Check("severity BETWEEN 1 AND 4")])
        note = CharField(max_length=1000)
        dealer = ForeignKeyField(Dealer, null=True, on_delete="RESTRICT", index=False)
        region = ForeignKeyField(Region, on_delete="RESTRICT", index=False)
        owner = ForeignKeyField(Person, null=True, on_delete="RESTRICT", index=False)
        state = CharField(max_length=12)
        made_at = DateTimeField()
        made_by_id = IntegerField(null=True)
        due_on = DateField()
        escalation = IntegerField()
        escalates_on = DateField(null=True)
        submitted_by_id = IntegerField(null=True)
        proof_visit_id = UUIDField(null=True)
        proof_photo_id = UUIDField(null=True)
        ended_at = DateTimeField(null=True)
        ended_by_id = IntegerField(null=True)
        content_sha256 = CharField(max_length=64, null=True)
        version = IntegerField()

        class Meta:
            table_name = "task"
            primary_key = CompositeKey("store", "id")
            indexes = (
                (("id",), False),
                (("violation_id",), False),
                (("owner", "due_on"), False),
                (("region", "due_on"), False),
                (("escalates_on",), False),
            )

    class TaskEvent(db.Model):
        store = ForeignKeyField(Store, on_delete="RESTRICT", index=False)
        task_id = UUIDField()
        number = IntegerField()
        step = CharField(max_length=12)
        at = DateTimeField()
        person_id = IntegerField(null=True)
        to_person_id = IntegerField(null=True)
        note = CharField(max_length=1000)
        proof_visit_id = UUIDField(null=True)
        proof_photo_id = UUIDField(null=True)

        class Meta:
            table_name = "task_event"
            primary_key = CompositeKey("store", "task_id", "number")

    class Complaint(db.Model):
        id = UUIDField(primary_key=True)
        source = CharField(max_length=10)
        store = ForeignKeyField(Store, null=True, on_delete="RESTRICT")
        dealer = ForeignKeyField(Dealer, null=True, on_delete="RESTRICT")
        region = ForeignKeyField(Region, on_delete="RESTRICT", index=False)
        category = CharField(max_length=20)
        target_department = CharField(max_length=12)
        severity = IntegerField(constraints=[Check("severity BETWEEN 1 AND 4")])
        text = CharField(max_length=2000)
        state = CharField(max_length=20)
        received_at = DateTimeField()
        received_on = DateField()
        due_at = DateTimeField()
        recorded_by_id = IntegerField()
        closed_at = DateTimeField(null=True)
        content_sha256 = CharField(max_length=64)
        version = IntegerField()

        class Meta:
            table_name = "complaint"
            indexes = ((("region", "received_on"), False),)

    class ComplaintEntry(db.Model):
        complaint = ForeignKeyField(Complaint, on_delete="CASCADE", index=False)
        step = CharField(max_length=20)
        text = CharField(max_length=2000)
        promised_on = DateField(null=True)
        person_id = IntegerField()
        at = DateTimeField()

        class Meta:
            table_name = "complaint_entry"
            primary_key = CompositeKey("complaint", "step")

    class FeedbackCard(db.Model):
        id = UUIDField(primary_key=True)
        about = CharField(max_length=10)
        about_id = UUIDField()
        job = CharField(max_length=60, unique=True)
        store = ForeignKeyField(Store, null=True, on_delete="RESTRICT")
        dealer = ForeignKeyField(Dealer, null=True, on_delete="RESTRICT")
        region = ForeignKeyField(Region, on_delete="RESTRICT", index=False)
        given_on = DateField()
        comment = CharField(max_length=2000)
        score = DoubleField()
        recorded_by_id = IntegerField()
        recorded_at = DateTimeField()
        content_sha256 = CharField(max_length=64)

        class Meta:
            table_name = "feedback_card"
            indexes = ((("region", "given_on"), False),)

    class FeedbackScore(db.Model):
        card = ForeignKeyField(FeedbackCard, on_delete="CASCADE", index=False)
        topic = CharField(max_length=20)
        department = CharField(max_length=12)
        score = IntegerField(constraints=[Check("score BETWEEN 1 AND 5")])

        class Meta:
            table_name = "feedback_score"
            primary_key = CompositeKey("card", "topic")

    class PointCorrection(db.Model):
        id = UUIDField(primary_key=True)
        store = ForeignKeyField(Store, on_delete="RESTRICT")
        region = ForeignKeyField(Region, on_delete="RESTRICT", index=False)
        state = CharField(max_length=10)
        raw_lat = DoubleField()
        raw_lon = DoubleField()
        raw_crs = CharField(max_length=5)
        accuracy_m = DoubleField()
        lat = DoubleField()
        lon = DoubleField()
        crs_impl = CharField(max_length=40)
        from_lat = DoubleField(null=True)
        from_lon = DoubleField(null=True)
        moved_m = IntegerField(null=True)
        proof_visit_id = UUIDField()
        proof_photo_id = UUIDField()
        note = CharField(max_length=1000)
        proposed_by_id = IntegerField()
        proposed_at = DateTimeField()
        decided_by_id = IntegerField(null=True)
        decided_at = DateTimeField(null=True)
        decision_note = CharField(max_length=1000, null=True)
        content_sha256 = CharField(max_length=64)
        version = IntegerField()

        class Meta:
            table_name = "point_correction"
            indexes = ((("region", "proposed_at"), False),)

    class FormerLocationReading(db.Model):
        visit_id = UUIDField()
        number = IntegerField()
        why = CharField(max_length=12)
        outcome = CharField(max_length=10)
        distance_m = IntegerField(null=True)
        radius_m = IntegerField(null=True)
        store_version = IntegerField(null=True)
        store_lat = DoubleField(null=True)
        store_lon = DoubleField(null=True)
        flags = TextField()
        judged_at = DateTimeField()

        class Meta:
            table_name = "former_location_reading"
            primary_key = CompositeKey("visit_id", "number")

    db.create_tables(
        [
            Task,
            TaskEvent,
            Complaint,
            ComplaintEntry,
            FeedbackCard,
            FeedbackScore,
            PointCorrection,
            FormerLocationReading,
        ]
    )
    db.execute_sql(
        'CREATE UNIQUE INDEX "task_one_running" ON "task" ("store_id", "violation_id") '
        "WHERE ended_at IS NULL"
    )
    columns = (
        '"number" INTEGER NOT NULL DEFAULT 1',
        "\"why\" VARCHAR(12) NOT NULL DEFAULT 'checked_in'",
        '"store_version" INTEGER',
    )
    for column in columns:
        db.execute_sql(f'ALTER TABLE "location_reading" ADD COLUMN {column}')
