"""Say where tasks come from: a violation, a hand, or a trend."""


def up(migrator, db):
    db.execute_sql('ALTER TABLE "task" ADD COLUMN "origin" VARCHAR(10) NOT NULL DEFAULT \'hand\'')
    db.execute_sql(
        'UPDATE "task" SET "origin" = \'violation\''
        ' WHERE "violation_id" IS NOT NULL AND "made_by_id" IS NULL'
    )
