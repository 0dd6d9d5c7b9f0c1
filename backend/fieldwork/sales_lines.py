"""Lines of sales against what is known: what they stand for, and what is wrong with them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from peewee import chunked

from backend.fieldwork import imei
from backend.fieldwork.trade_models import SellIn, SellOut
from backend.network.models import CodeAlias, Dealer, Store, StoreDealer
from backend.platform import clock
from backend.platform.actors import Actor
from backend.standards.codes import Labelled
from backend.standards.models import Sku

MOST_AT_ONCE = 1_000
"""Codes, ids or handsets asked for in one query."""


class Feed(StrEnum):
    """Which way the goods went."""

    SELL_IN = "sell-in"
    SELL_OUT = "sell-out"


TABLES: dict[Feed, type[SellIn | SellOut]] = {Feed.SELL_IN: SellIn, Feed.SELL_OUT: SellOut}


class Wrong(Labelled):
    """What can be wrong with a line, and the words for it."""

    MISSING = "missing", "此处必填。", "A value is needed here."
    NOT_A_DAY = "not-a-day", "日期请写作 2026-03-02。", "Write the day as 2026-03-02."
    NOT_WHOLE = "not-a-whole-number", "请填写整数。", "A whole number is needed here."
    NOT_MONEY = (
        "not-an-amount",
        "金额请以元为单位，最多两位小数。",
        "Write the amount in yuan with at most two decimals.",
    )
    UNREADABLE = (
        "unreadable",
        "文本过长或含控制字符。",
        "The text is too long or has control characters.",
    )
    FUTURE = "in-the-future", "日期晚于今天。", "The day has not come yet."
    NO_UNITS = (
        "no-units",
        "数量应为 1 至 100000，退货为负数。",
        "Units are from 1 to 100000; a return has negative ones.",
    )
    AMOUNT_SIGN = (
        "amount-sign",
        "退货金额应为负数或零，销售金额应为正数或零。",
        "The amount of a return is negative or zero, that of a sale positive or zero.",
    )
    UNKNOWN_STORE = (
        "unknown-store",
        "没有该门店，或您无权查看。",
        "There is no such store, or it is not yours to see.",
    )
    UNKNOWN_DEALER = (
        "unknown-dealer",
        "没有该经销商，或您无权查看。",
        "There is no such dealer, or it is not yours to see.",
    )
    UNKNOWN_SKU = "unknown-sku", "没有该产品。", "There is no such product."
    STORE_OR_DEALER = (
        "store-or-dealer",
        "请填写购入的门店或经销商，二者选一。",
        "Name either the store or the dealer that bought.",
    )
    NO_DEALER = (
        "no-dealer",
        "该门店当日不属于任何经销商。",
        "The store was no dealer's on that day.",
    )
    BAD_IMEI = (
        "bad-imei",
        "串号应为 15 位数字且校验位正确。",
        "An IMEI has 15 digits whose last one checks the others.",
    )
    ONE_HANDSET = (
        "one-handset",
        "带串号的行数量应为 1，退货为 -1。",
        "A line with an IMEI is about one handset: 1 unit, or -1 for a return.",
    )
    DUPLICATE_IMEI = (
        "duplicate-imei",
        "该串号已有销售记录且未退货。",
        "This handset was sold before and did not come back.",
    )
    REPEATED_ID = "repeated-id", "与其他行编号重复。", "Another line has the same id."
    ID_TAKEN = "id-taken", "该编号已用于其他内容。", "The id was already used with other content."


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A sale as told; `row` is its place in what was sent. The amount is in fen."""

    row: int
    id: UUID
    sold_on: date
    sku_code: str
    units: int
    store_code: str | None = None
    dealer_code: str | None = None
    amount_fen: int | None = None
    imei: str | None = None


@dataclass(frozen=True, slots=True)
class RowError:
    """What is wrong with one value."""

    row: int
    column: str
    problem: Wrong

    def as_dict(self) -> dict[str, Any]:
        """Return it in words."""
        return {
            "row": self.row,
            "column": self.column,
            "problem": str(self.problem),
            "detail": self.problem.en,
            "detail_zh": self.problem.zh,
        }


@dataclass(slots=True)
class Checked:
    """Lines against what is stored: the rows that are new, how many are not, what is wrong."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    replayed: int = 0
    errors: list[RowError] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Known:
    """What the codes of some lines stand for, as far as the actor may see."""

    stores: dict[str, Store]
    dealers: dict[str, Dealer]
    skus: dict[str, int]
    links: dict[int, list[StoreDealer]]

    def dealer_of(self, store: Store, day: date) -> int | None:
        for link in self.links.get(store.id, ()):
            if link.from_on <= day and (link.to_on is None or link.to_on > day):
                return link.dealer_id
        return None


def check(actor: Actor, feed: Feed, lines: Sequence[Line], *, at: datetime) -> Checked:
    """Say what would become of lines."""
    known, stored = _known(actor, lines), _stored(feed, [line.id for line in lines])
    today, checked = clock.business_date(at), Checked()
    ids: set[UUID] = set()
    fresh = []
    for line in lines:
        row, errors = _row(feed, line, known, today)
        if line.id in ids:
            errors.append(RowError(line.row, "id", Wrong.REPEATED_ID))
        ids.add(line.id)
        if not errors and (before := stored.get(line.id)):
            if all(getattr(before, name) == value for name, value in row.items()):
                checked.replayed += 1
            else:
                errors.append(RowError(line.row, "id", Wrong.ID_TAKEN))
        elif not errors:
            fresh.append((line, row))
        checked.errors += errors
    checked.errors += _sold_twice(feed, fresh)
    checked.rows = [row | {"recorded_at": at, "recorded_by_id": actor.id} for _, row in fresh]
    return checked


def _row(
    feed: Feed, line: Line, known: _Known, today: date
) -> tuple[dict[str, Any], list[RowError]]:
    """Return the columns that a line says, and what is wrong with it."""
    wrong: list[tuple[str, Wrong]] = []
    if line.sold_on > today:
        wrong.append(("day", Wrong.FUTURE))
    if not 1 <= abs(line.units) <= 100_000:
        wrong.append(("units", Wrong.NO_UNITS))
    if line.amount_fen and (line.amount_fen > 0) != (line.units > 0):
        wrong.append(("amount", Wrong.AMOUNT_SIGN))
    if line.sku_code not in known.skus:
        wrong.append(("sku_code", Wrong.UNKNOWN_SKU))
    if line.imei and not imei.checks(line.imei):
        wrong.append(("imei", Wrong.BAD_IMEI))
    if line.imei and abs(line.units) != 1:
        wrong.append(("units", Wrong.ONE_HANDSET))
    buyer, mistakes = _buyer(feed, line, known)
    row = buyer | {
        "id": line.id,
        "sold_on": line.sold_on,
        "sku_id": known.skus.get(line.sku_code),
        "units": line.units,
        "amount_fen": line.amount_fen,
        "imei": line.imei,
    }
    return row, [RowError(line.row, column, what) for column, what in (*wrong, *mistakes)]


def _buyer(feed: Feed, line: Line, known: _Known) -> tuple[dict[str, Any], list[tuple[str, Wrong]]]:
    """Return whose sale it is: the store with the dealer of that day, or the dealer."""
    store = known.stores.get(line.store_code or "")
    dealer = known.dealers.get(line.dealer_code or "")
    dealer_id = known.dealer_of(store, line.sold_on) if store else None
    wrong = None
    if feed is Feed.SELL_OUT and line.store_code is None:
        wrong = "store_code", Wrong.MISSING
    elif (line.store_code is None) == (line.dealer_code is None):
        wrong = "store_code", Wrong.STORE_OR_DEALER
    elif line.store_code is not None and store is None:
        wrong = "store_code", Wrong.UNKNOWN_STORE
    elif line.dealer_code is not None and dealer is None:
        wrong = "dealer_code", Wrong.UNKNOWN_DEALER
    elif feed is Feed.SELL_IN and store is not None and dealer_id is None:
        wrong = "store_code", Wrong.NO_DEALER
    if wrong is not None:
        return {}, [wrong]
    if dealer is not None:
        return {"dealer_id": dealer.id, "store_id": None, "region_id": dealer.region_id}, []
    buyer = {"dealer_id": dealer_id, "store_id": store.id, "region_id": store.region_id}  # type: ignore[union-attr]  # one of the two is there
    return buyer, []


def _known(actor: Actor, lines: Sequence[Line]) -> _Known:
    store_codes = {line.store_code for line in lines if line.store_code}
    dealer_codes = {line.dealer_code for line in lines if line.dealer_code}
    stores = _by_code(actor, Store, CodeAlias.store, store_codes)
    links = defaultdict(list)
    for batch in chunked(sorted({store.id for store in stores.values()}), MOST_AT_ONCE):
        for link in StoreDealer.select().where(StoreDealer.store.in_(batch)):
            links[link.store_id].append(link)
    skus: dict[str, int] = {}
    for batch in chunked(sorted({line.sku_code for line in lines}), MOST_AT_ONCE):
        skus |= {sku.code: sku.id for sku in Sku.select().where(Sku.code.in_(batch))}
    dealers = _by_code(actor, Dealer, CodeAlias.dealer, dealer_codes)
    return _Known(stores, dealers, skus, links)


def _by_code(actor: Actor, owner: Any, link: Any, wanted: Collection[str]) -> dict[str, Any]:
    """Return stores or dealers the actor may see by their codes, present and former."""
    found: dict[str, Any] = {}
    for batch in chunked(sorted(wanted), MOST_AT_ONCE):
        former: dict[int, list[str]] = defaultdict(list)
        aliases = CodeAlias.select(link.alias("owner"), CodeAlias.code).where(
            CodeAlias.code.in_(batch), link.is_null(False)
        )
        alias: Any
        for alias in aliases.objects(dict):
            former[alias["owner"]].append(alias["code"])
        named = owner.code.in_(batch) | owner.id.in_(list(former))
        for one in owner.select().where(owner.visible_to(actor), named):
            found |= dict.fromkeys([one.code, *former[one.id]], one)
    return found


def _stored(feed: Feed, ids: Sequence[UUID]) -> dict[UUID, SellIn | SellOut]:
    table = TABLES[feed]
    stored: dict[UUID, SellIn | SellOut] = {}
    for batch in chunked(ids, MOST_AT_ONCE):
        stored |= {one.id: one for one in table.select().where(table.id.in_(batch))}
    return stored


def _sold_twice(feed: Feed, fresh: Sequence[tuple[Line, dict[str, Any]]]) -> list[RowError]:
    """Return what sells a handset again that did not come back.

    Dealers sell to one another, so a handset is sold in once to each; it is sold in to one store
    and sold out once.
    """
    table: Any = TABLES[feed]
    numbers = sorted({row["imei"] for _, row in fresh if row["imei"]})
    told: dict[tuple[str, int | None], list[tuple[date, int, int, int]]] = defaultdict(list)
    for batch in chunked(numbers, MOST_AT_ONCE):
        before = table.select().where(table.imei.in_(batch)).order_by(table.recorded_at)
        for place, sale in enumerate(before):
            holder = sale.dealer_id if sale.store_id is None else None
            told[sale.imei, holder].append((sale.sold_on, place, sale.units, 0))
    for line, row in fresh:
        if row["imei"]:
            step = (row["sold_on"], 2**31 + line.row, row["units"], line.row)
            holder = row["dealer_id"] if row["store_id"] is None else None
            told[row["imei"], holder].append(step)
    errors = []
    for steps in told.values():
        is_out, last_new = False, 0
        for _, _, units, line_row in sorted(steps):
            last_new = line_row or last_new
            if units > 0 and is_out and last_new:
                errors.append(RowError(last_new, "imei", Wrong.DUPLICATE_IMEI))
            is_out = units > 0
    return errors
