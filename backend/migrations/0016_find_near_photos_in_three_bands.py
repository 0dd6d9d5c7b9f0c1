"""Search fingerprints by three interleaved bands; let auditors clear a match; keep advice.

The bands are those of `evidence/fingerprints.py`: of 64 bits, every third, from the top.
"""

COLUMNS = (
    ("photo_reading", "quality", "TEXT"),
    ("photo_reading", "recapture_score", "DOUBLE"),
    ("photo_match", "received_at", "INSTANT"),
    ("photo_match", "store_id", "INTEGER"),
    ("photo_match", "status", "VARCHAR(12) NOT NULL DEFAULT 'open'"),
    ("photo_match", "reason", "VARCHAR(500)"),
    ("photo_match", "resolved_by_id", "INTEGER"),
    ("photo_match", "resolved_at", "INSTANT"),
    ("photo_match", "version", "INTEGER NOT NULL DEFAULT 1"),
)
INDEXES = (
    ("photo_reading", "band0", "dhash"),
    ("photo_reading", "band1", "dhash"),
    ("photo_reading", "band2", "dhash"),
    ("photo_reading", "dhash", "received_at"),
    ("photo_match", "status", "received_at"),
    ("photo_match", "store_id", "status"),
    ("photo_match", "earlier_photo_id"),
)


def up(migrator, db):
    is_sqlite = "sqlite" in type(db.obj).__name__.lower()
    kinds = {
        "DOUBLE": "REAL" if is_sqlite else "DOUBLE PRECISION",
        "INSTANT": "DATETIME" if is_sqlite else "TIMESTAMP",
    }
    for band in range(4):
        db.execute_sql(f'DROP INDEX "photoreading_band{band}"')
    db.execute_sql('ALTER TABLE "photo_reading" DROP COLUMN "band3"')
    for table, name, kind in COLUMNS:
        db.execute_sql(f'ALTER TABLE "{table}" ADD COLUMN "{name}" {kinds.get(kind, kind)}')
    _divide_anew(db)
    db.execute_sql(
        'UPDATE "photo_match" SET "received_at" = (SELECT "received_at" FROM "photo_reading" r'
        ' WHERE r."visit_id" = "photo_match"."visit_id"'
        ' AND r."photo_id" = "photo_match"."photo_id")'
    )
    _name_the_store(db)
    for table, *columns in INDEXES:
        names = ", ".join(f'"{column}"' for column in columns)
        db.execute_sql(f'CREATE INDEX "{table}_{"_".join(columns)}" ON "{table}" ({names})')


def _divide_anew(db):
    """Write down the new bands of every fingerprint, each only once."""
    mark = db.param
    known = 'SELECT DISTINCT "dhash" FROM "photo_reading" WHERE "dhash" IS NOT NULL'
    db.execute_sql('CREATE INDEX "photo_reading_dhash_for_now" ON "photo_reading" ("dhash")')
    for (dhash,) in db.execute_sql(known).fetchall():
        bits = format(dhash % 2**64, "064b")
        bands = [int(bits[start::3], 2) for start in range(3)]
        db.execute_sql(
            f'UPDATE "photo_reading" SET "band0" = {mark}, "band1" = {mark}, "band2" = {mark}'  # noqa: S608
            f' WHERE "dhash" = {mark}',
            (*bands, dhash),
        )
    db.execute_sql('DROP INDEX "photo_reading_dhash_for_now"')


def _name_the_store(db):
    """Say of matches within one store which it is."""
    db.execute_sql(
        'UPDATE "photo_match" SET "store_id" = (SELECT a."store_id" FROM "visit" a'
        ' JOIN "visit" b ON b."store_id" = a."store_id"'
        ' WHERE a."id" = "photo_match"."visit_id" AND b."id" = "photo_match"."earlier_visit_id")'
    )
