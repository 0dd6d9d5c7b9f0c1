"""Read the sell-out of stores product by product, as the cube does, from an index alone."""


def up(migrator, db):
    columns = '"store_id", "sku_id", "sold_on", "units", "region_id"'
    db.execute_sql(f'CREATE INDEX "sell_out_by_product" ON "sell_out" ({columns})')
