"""Freeze on a visit the traits of its store that choose its standard."""


def up(migrator, db):
    db.execute_sql('ALTER TABLE "visit" ADD COLUMN "chain" VARCHAR(80)')
    db.execute_sql('ALTER TABLE "visit" ADD COLUMN "division_code" VARCHAR(9)')
    of_store = 'FROM "store" WHERE "store"."id" = "visit"."store_id"'
    db.execute_sql(
        f'UPDATE "visit" SET "chain" = (SELECT "chain" {of_store}),'  # noqa: S608
        f' "division_code" = (SELECT "division_code" {of_store})'
    )
