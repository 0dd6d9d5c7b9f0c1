"""The ledger, its readers' cursors, and the jobs that background work leases."""

from peewee import (
    SQL,
    BigIntegerField,
    BooleanField,
    CharField,
    CompositeKey,
    IntegerField,
    TextField,
    UUIDField,
)

from backend.platform.database import BaseModel, UTCDateTimeField


class LedgerEntry(BaseModel):
    """One accepted write: who, what, to which object, when. Sealed later, changed never.

    `seq` and `hash` are null until the sealer numbers the entry; `facts` is canonical JSON text
    so that the hash can be taken again from what is stored.
    """

    id = UUIDField(primary_key=True)
    at = UTCDateTimeField()
    device_at = UTCDateTimeField(null=True)
    actor_id = IntegerField(null=True)
    verb = CharField(max_length=40)
    object = CharField(max_length=30)
    object_id = CharField(max_length=80)
    facts = TextField()
    seq = BigIntegerField(null=True, unique=True)
    hash = CharField(max_length=64, null=True)

    class Meta:
        placement = "local"
        indexes = ((("object", "object_id"), False),)


LedgerEntry.add_index(
    LedgerEntry.index(LedgerEntry.at, name="ledger_entry_unsealed").where(SQL("seq IS NULL"))
)


class ConsumerCursor(BaseModel):
    """How far a named consumer has read the ledger."""

    name = CharField(primary_key=True, max_length=40)
    seq = BigIntegerField()

    class Meta:
        placement = "local"


class Job(BaseModel):
    """Background work that is owed: at most one row per kind and key.

    A worker leases it (`lease`, `leased_until`); a lease that runs out returns the job.
    `revision` grows when the work is asked for again while it is being done.
    """

    kind = CharField(max_length=30)
    key = CharField(max_length=100)
    run_at = UTCDateTimeField()
    attempts = IntegerField(default=0)
    revision = IntegerField(default=0)
    lease = UUIDField(null=True)
    leased_until = UTCDateTimeField(null=True)
    last_error = TextField(null=True)
    is_dead = BooleanField(default=False)

    class Meta:
        placement = "local"
        primary_key = CompositeKey("kind", "key")
        indexes = ((("is_dead", "run_at"), False),)
