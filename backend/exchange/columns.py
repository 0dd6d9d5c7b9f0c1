"""What a CSV file is made of: its columns in both languages, its rows, and who sees them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from peewee import JOIN, Expression, Field, ModelSelect, Node

from backend.exchange.cells import Cell, label, plain, text
from backend.network.models import Dealer, Person, Region, Store, StoreDealer
from backend.platform.actors import Actor, Permission
from backend.platform.labels import Labelled
from backend.standards.models import Promotion, Sku

LEFT = JOIN.LEFT_OUTER


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its headers, how its value becomes a cell, and the value.

    A value that is written differently per engine is a function of no arguments.
    """

    zh: str
    en: str
    cell: Cell
    value: Node | Callable[[], Node]

    def render(self, *, chinese: bool) -> Node:
        """Return the expression of the cell."""
        value = self.value if isinstance(self.value, Node) else self.value()
        return self.cell.render(value, chinese)


@dataclass(frozen=True, kw_only=True, slots=True)
class Export:
    """One file: what its rows are, what they can be filtered by, and their order.

    `source` joins what the columns read to the rows of `rows`; `seen` says which of them an actor
    sees, who must have the permission it `needs`. `day` (a day, or an instant), `region`,
    `dealer` and `tier` are the columns of the filters. A register has no day: it is as it is now.
    """

    zh: str
    en: str
    columns: tuple[Column, ...]
    source: Callable[[ModelSelect], ModelSelect]
    rows: Any
    needs: Permission
    seen: Callable[[Actor], Expression]
    day: Field | None
    region: Field
    dealer: Field | None
    tier: Field | None
    order: tuple[Node, ...]


def with_network(query: ModelSelect, rows: Any) -> ModelSelect:
    """Join the store, dealer and region that rows name."""
    return (
        query.join_from(rows, Store, LEFT)
        .join_from(rows, Dealer, LEFT)
        .join_from(rows, Region, LEFT)
    )


def with_store_on(query: ModelSelect, rows: Any, day: Any) -> ModelSelect:
    """Join the store of rows, its region, and its dealer of a day."""
    of_day = (StoreDealer.store == rows.store) & StoreDealer.on(day)
    return (
        query.join_from(rows, Store)
        .join_from(rows, StoreDealer, LEFT, on=of_day)
        .join_from(StoreDealer, Dealer, LEFT)
        .join_from(Store, Region, on=Store.region == Region.id)
    )


def of_seen_store(rows: Any) -> Callable[[Actor], Expression]:
    """Return the condition for rows about a store that an actor may see."""

    def seen(actor: Actor) -> Expression:
        return Store.covers(rows.store, actor)

    return seen


def coded(
    zh: str,
    en: str,
    value: Node | Callable[[], Node],
    *labels: type[Labelled],
    zh_code: str | None = None,
) -> tuple[Column, Column]:
    """Return the two columns of a code: the code itself, and the words for it."""
    return (
        Column(zh_code or f"{zh}代码", f"{en} code", plain, value),
        Column(zh, en, label(*labels), value),
    )


STORE = (
    Column("门店编码", "Store code", text, Store.code),
    Column("门店名称", "Store name", text, Store.name),
)
DEALER = (
    Column("经销商编码", "Dealer code", text, Dealer.code),
    Column("经销商名称", "Dealer name", text, Dealer.name),
)
REGION = (
    Column("区域编码", "Region code", text, Region.code),
    Column("区域名称", "Region name", text, Region.name),
)
NETWORK = (*STORE, *DEALER, *REGION)
SKU = (
    Column("产品编码", "Product code", text, Sku.code),
    Column("产品名称", "Product name", text, Sku.name),
)
PROMOTION = (
    Column("促销编码", "Promotion code", text, Promotion.code),
    Column("促销名称", "Promotion name", text, Promotion.name),
)
REP = (
    Column("业务员账号", "Rep login", text, Person.login),
    Column("业务员", "Rep", text, Person.name),
)
TIER = Column("门店层级", "Store tier", plain, Store.tier)
