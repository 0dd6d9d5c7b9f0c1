"""List photos that repeat earlier ones in their order, whatever is held of them."""


def up(migrator, db):
    db.execute_sql('CREATE INDEX "photo_match_received_at" ON "photo_match" ("received_at")')
