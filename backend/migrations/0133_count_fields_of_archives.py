"""Count the fields of archives, so that figures of several stores can be pooled."""


def up(migrator, db):
    for subject in ("store", "dealer"):
        table = f"{subject}_completeness"
        for column in ("filled", "required"):
            db.execute_sql(
                f'ALTER TABLE "{table}" ADD COLUMN "{column}" INTEGER NOT NULL DEFAULT 0'
            )
        if db.execute_sql(f'SELECT 1 FROM "{table}" LIMIT 1').fetchone():  # noqa: S608
            db.execute_sql(
                'INSERT INTO "job" ("kind", "key", "run_at", "revision", "attempts", "is_dead") '  # noqa: S608
                f"VALUES ('measure-archive', '{subject}:*', '2026-01-01 00:00:00', 0, 0, 1 = 0) "
                "ON CONFLICT DO NOTHING"
            )
