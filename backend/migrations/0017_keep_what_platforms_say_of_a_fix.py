"""Keep what platforms say of a check-in's fix."""


def up(migrator, db):
    db.execute_sql('ALTER TABLE "visit" ADD COLUMN "fix_facts" TEXT')
