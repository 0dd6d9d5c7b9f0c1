"""What the cube counts: lines of sales, stock as last counted, and scores as last given.

Every source has the columns `customer`, `dealer_id`, `store_id` and `sku_id` (see behaviour), keeps
to the regions in sight, and to what was asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from backend.insight.behaviour import Lines
from backend.insight.cube_words import Basis
from backend.insight.statements import Sql, a_day, bound, joined, one_of, sql, within
from backend.insight.windows import Window
from backend.platform.database import is_sqlite

TABLES = {Basis.SELL_IN: "sell_in", Basis.SELL_OUT: "sell_out"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Bounds:
    """The days, the regions in sight and those asked for (None: all), and the other filters."""

    window: Window
    seen: list[int] | None
    regions: list[int] | None = None
    dealer_id: int | None = None
    tier: str | None = None
    sku_id: int | None = None
    category: str | None = None

    @property
    def has_product(self) -> bool:
        """Whether only some products are asked for."""
        return self.sku_id is not None or self.category is not None


def sales(basis: Basis, bounds: Bounds) -> Sql:
    """Return the lines of a feed, with `sold_on`, `units` and `amount_fen`."""
    return sql(
        "SELECT COALESCE(l.store_id, -l.dealer_id) AS customer, l.dealer_id, l.store_id, l.sku_id,"
        " l.sold_on, l.units, l.amount_fen FROM {table} l"
        " WHERE {days} {network} {products}",
        table=TABLES[basis],
        days=within("l.sold_on", bounds.window),
        network=_network("l", bounds),
        products=_products("l.sku_id", bounds),
    )


def known(bounds: Bounds, *, with_behaviour: bool) -> Sql:
    """Return whom which product was sold to or by, each once: in either feed, in the window.

    With behaviour also those of whom it tells, for the dealer whose store it is at the end.
    """
    one = "SELECT DISTINCT customer, dealer_id, store_id, sku_id FROM ({sales}) s"
    parts = [sql(one, sales=sales(basis, bounds)) for basis in (Basis.SELL_IN, Basis.SELL_OUT)]
    if with_behaviour:
        last = sql(
            "SELECT b.customer, sd.dealer_id, b.customer AS store_id, b.sku_id"
            " FROM cube_behaviour b JOIN store t ON t.id = b.customer"
            " LEFT JOIN store_dealer sd ON sd.store_id = t.id AND sd.from_on < {until}"
            " AND (sd.to_on IS NULL OR sd.to_on >= {until})"
            " WHERE 1 = 1 {places} {whose} {products}",
            until=a_day(bounds.window.to_on),
            places=_places("t.region_id", bounds),
            whose=_whose("sd.dealer_id", "t.id", bounds),
            products=_products("b.sku_id", bounds),
        )
        parts.append(last)
    return joined(parts, " UNION ")


def stock(bounds: Bounds) -> Sql:
    """Return the last count in the window of each product in each store, with `stock`.

    Of a visit and another count at the same moment, the visit's counts.
    """
    return sql(
        "SELECT store_id AS customer, dealer_id, store_id, sku_id, stock FROM ("
        "SELECT c.*, ROW_NUMBER() OVER (PARTITION BY store_id, sku_id"
        " ORDER BY counted_at DESC, is_visit DESC, id DESC) AS place FROM ("
        "SELECT v.store_id, v.dealer_id, l.sku_id, l.stock, v.checked_in_at AS counted_at,"
        " 1 AS is_visit, v.id FROM visit v JOIN product_line l ON l.visit_id = v.id"
        " WHERE {counts} AND l.stock IS NOT NULL {of_visit} {visit_products}"
        " UNION ALL "
        "SELECT n.store_id, sd.dealer_id, l.sku_id, l.stock, n.counted_at, 0, n.id"
        " FROM stock_count n JOIN stock_count_line l ON l.store_id = n.store_id"
        " AND l.count_id = n.id JOIN store t ON t.id = n.store_id"
        " LEFT JOIN store_dealer sd ON sd.store_id = n.store_id AND sd.from_on <= n.counted_on"
        " AND (sd.to_on IS NULL OR sd.to_on > n.counted_on)"
        " WHERE {counted} {places} {whose} {count_products}) c) p WHERE place = 1",
        counts=_counts(bounds),
        of_visit=_network("v", bounds),
        visit_products=_products("l.sku_id", bounds),
        counted=within("n.counted_on", bounds.window),
        places=_places("t.region_id", bounds),
        whose=_whose("sd.dealer_id", "n.store_id", bounds),
        count_products=_products("l.sku_id", bounds),
    )


def scores(bounds: Bounds) -> Sql:
    """Return each store's signage score as last given in the window, with `num` and `den`."""
    return sql(
        "SELECT store_id AS customer, dealer_id, store_id, NULL AS sku_id, num, den FROM ("
        "SELECT v.store_id, v.dealer_id, r.signage_num AS num, r.signage_den AS den,"
        " ROW_NUMBER() OVER (PARTITION BY v.store_id"
        " ORDER BY v.checked_in_at DESC, v.id DESC) AS place"
        " FROM visit v JOIN report r ON r.visit_id = v.id"
        " WHERE {counts} AND r.signage_den > 0 {network}) p WHERE place = 1",
        counts=_counts(bounds),
        network=_network("v", bounds),
    )


def lines(basis: Basis, bounds: Bounds, *, begun_on: date, categories: list[str]) -> Lines:
    """Return the lines that behaviour is read from, for the customers that are asked for.

    They are not narrowed by product beyond the categories asked for (none named: all), nor by
    whose the store was: what somebody did before is part of it.
    """
    columns = Bounds(window=bounds.window, seen=bounds.seen)
    narrow = [_places("l.region_id", columns)]
    if bounds.dealer_id is not None:
        stores = "l.store_id IN (SELECT store_id FROM store_dealer WHERE dealer_id = {dealer})"
        whose = {
            Basis.SELL_IN: f"AND ({stores} OR (l.store_id IS NULL AND l.dealer_id = {{dealer}}))",
            Basis.SELL_OUT: f"AND {stores}",
        }
        narrow.append(sql(whose[basis], dealer=bounds.dealer_id))
    if bounds.tier is not None:
        narrow.append(_of_tier("l.store_id", bounds.tier))
    if categories:
        of_category = one_of("category", categories)
        narrow.append(
            sql("AND l.sku_id IN (SELECT id FROM sku WHERE {of_category})", of_category=of_category)
        )
    source = f"{TABLES[basis]} l"
    if basis is Basis.SELL_OUT and is_sqlite():  # left alone, it sorts what the index has in order
        source += " INDEXED BY sell_out_by_product"
    return Lines(
        source=source,
        has_direct=basis is Basis.SELL_IN,
        conditions=joined(narrow),
        window=bounds.window,
        begun_on=begun_on,
        products="cube_product",
    )


def _counts(bounds: Bounds) -> Sql:
    """Return the condition for countable visits of the window in a known store."""
    return sql(
        "v.status = 'complete' AND v.quarantine_reason IS NULL AND v.store_id IS NOT NULL"
        " AND {days}",
        days=within("v.business_on", bounds.window),
    )


def _network(alias: str, bounds: Bounds) -> Sql:
    """Return the conditions for rows that name a dealer, a store and a region."""
    return joined(
        [
            _places(f"{alias}.region_id", bounds),
            _whose(f"{alias}.dealer_id", f"{alias}.store_id", bounds),
        ]
    )


def _places(column: str, bounds: Bounds) -> Sql:
    parts = [
        Sql(f"AND {column} IN ({', '.join(map(str, ids)) or '0'})")
        for ids in (bounds.seen, bounds.regions)
        if ids is not None
    ]
    return joined(parts)


def _whose(dealer: str, store: str, bounds: Bounds) -> Sql:
    parts = []
    if bounds.dealer_id is not None:
        parts.append(Sql(f"AND {dealer} = {bounds.dealer_id:d}"))
    if bounds.tier is not None:
        parts.append(_of_tier(store, bounds.tier))
    return joined(parts)


def _of_tier(store: str, tier: str) -> Sql:
    of_tier = "AND {store} IN (SELECT id FROM store WHERE tier = {tier})"
    return sql(of_tier, store=store, tier=bound(tier))


def _products(column: str, bounds: Bounds) -> Sql:
    parts = []
    if bounds.sku_id is not None:
        parts.append(Sql(f"AND {column} = {bounds.sku_id:d}"))
    if bounds.category is not None:
        of_category = "AND {column} IN (SELECT id FROM sku WHERE category = {category})"
        parts.append(sql(of_category, column=column, category=bound(bounds.category)))
    return joined(parts)
