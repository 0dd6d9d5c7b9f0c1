"""Handsets: numbers that check, sightings in stores, and goods that left their dealer's area.

A handset belongs to the dealer it was sold in to last, or else to the dealer of the store it was
sold in to. Seen on a later day in a store of a dealer who is neither that one nor below it, it has
crossed areas.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from peewee import ModelSelect, chunked

from backend.fieldwork import named_visits, violations
from backend.fieldwork.arrivals import Result
from backend.fieldwork.trade_models import CrossAreaSale, ImeiSighting, SellIn, SellOut
from backend.fieldwork.violations import Fact
from backend.network import stores
from backend.network.models import Dealer
from backend.platform import clock, ledger
from backend.platform.actors import Actor
from backend.platform.database import take_turns, transaction
from backend.platform.errors import IdTakenError, RuleError
from backend.platform.settings import settings
from backend.standards.codes import ViolationKind

MOST_AT_ONCE = 500
"""Handsets asked for in one query."""


class BadImeiError(RuleError):
    """The number is no IMEI."""

    code = "bad-imei"
    title = "Not an IMEI"
    title_zh = "串号无效"
    detail = "{imei} is not 15 digits whose last one checks the others."
    detail_zh = "{imei} 不是有效的 15 位串号（校验位不符）。"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A handset in a store: sold in to it, sold out of it, or seen by somebody."""

    kind: str
    id: UUID
    store_id: int
    dealer_id: int | None
    region_id: int
    person_id: int
    on: date
    at: datetime


def checks(imei: str) -> bool:
    """Return whether a number has 15 digits of which the last is the Luhn check digit."""
    if len(imei) != 15 or not (imei.isascii() and imei.isdigit()):
        return False
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(imei))
    return sum(number // 10 + number % 10 for number in doubled) % 10 == 0


def one_at_a_time() -> None:
    """Wait until no other facts about handsets arrive, so that no two of them miss each other."""
    take_turns("handsets")


def sight(
    actor: Actor,
    sighting_id: UUID,
    *,
    store_id: int,
    imei: str,
    seen_at: datetime,
    content_sha256: str,
    at: datetime,
    visit_id: UUID | None = None,
    note: str = "",
) -> tuple[ImeiSighting, Result]:
    """Record once that somebody saw a handset in a store, and judge where it came from.

    Raises NotFoundError for the store, EvidenceElsewhereError, BadImeiError, and IdTakenError for
    a known id with other content or from another person.
    """
    with transaction():
        one_at_a_time()
        known = ImeiSighting.get_or_none(ImeiSighting.id == sighting_id)
        if known is not None:
            if (known.person_id, known.content_sha256) != (actor.id, content_sha256):
                raise IdTakenError(id=str(sighting_id))
            return known, Result.REPLAYED
        store = stores.get(actor, store_id)
        named_visits.check(actor, visit_id, store_id=store_id)
        if not checks(imei):
            raise BadImeiError(imei=imei, reason="imei")
        seen_at = min(seen_at, at)
        day = clock.business_date(seen_at)
        sighting = ImeiSighting.create(
            imei=imei,
            id=sighting_id,
            store=store_id,
            dealer=stores.dealer_on(store_id, day),
            region=store.region_id,
            person=actor.id,
            visit_id=visit_id,
            seen_at=seen_at,
            seen_on=day,
            note=note,
            received_at=at,
            content_sha256=content_sha256,
        )
        ledger.append(
            actor,
            "imei_sighting.recorded",
            sighting_id,
            at=at,
            device_at=seen_at,
            store=store_id,
            region=store.region_id,
        )
        judge(actor, [imei], at=at)
    return sighting, Result.CREATED


def list_sightings(
    actor: Actor,
    *,
    imei: str | None = None,
    store_id: int | None = None,
    from_on: date | None = None,
    to_on: date | None = None,
) -> ModelSelect[ImeiSighting]:
    """Return what was seen in stores the actor may see, newest first."""
    found = ImeiSighting.select().where(ImeiSighting.visible_to(actor))
    if imei is not None:
        found = found.where(ImeiSighting.imei == imei)
    if store_id is not None:
        found = found.where(ImeiSighting.store == store_id)
    if from_on is not None:
        found = found.where(ImeiSighting.seen_on >= from_on)
    if to_on is not None:
        found = found.where(ImeiSighting.seen_on < to_on)
    return found.order_by(ImeiSighting.seen_at.desc(), ImeiSighting.id)


def list_crossings(
    actor: Actor,
    *,
    imei: str | None = None,
    store_id: int | None = None,
    dealer_id: int | None = None,
    sold_in_dealer_id: int | None = None,
    from_on: date | None = None,
    to_on: date | None = None,
) -> ModelSelect[CrossAreaSale]:
    """Return the handsets found out of their area in stores the actor may see, newest first."""
    found = CrossAreaSale.select().where(CrossAreaSale.visible_to(actor))
    exact = (
        (CrossAreaSale.imei, imei),
        (CrossAreaSale.store, store_id),
        (CrossAreaSale.dealer, dealer_id),
        (CrossAreaSale.sold_in_dealer, sold_in_dealer_id),
    )
    for column, value in exact:
        if value is not None:
            found = found.where(column == value)
    if from_on is not None:
        found = found.where(CrossAreaSale.seen_on >= from_on)
    if to_on is not None:
        found = found.where(CrossAreaSale.seen_on < to_on)
    return found.order_by(CrossAreaSale.seen_on.desc(), CrossAreaSale.imei, CrossAreaSale.seen_id)


def judge(actor: Actor, imeis: Collection[str], *, at: datetime) -> None:
    """Open or join a violation for every fact that puts a handset outside its area.

    Runs in the caller's transaction and turn. What was found before is not found again, so the
    order in which the facts arrive does not matter.
    """
    above = _Above()
    for batch in chunked(sorted(set(imeis)), MOST_AT_ONCE):
        sold_in = _sold_in(batch)
        found = _found(batch)
        for imei, seen in _seen(batch, sold_in):
            homes, known = _homes(sold_in[imei], seen.on), found[imei]
            if not homes or seen.dealer_id is None or seen.id in {one.seen_id for one in known}:
                continue
            if above[seen.dealer_id].isdisjoint(home.dealer_id for home in homes):
                known.append(_cross(actor, imei, homes[-1], seen, known, at=at))


class _Above(dict[int, frozenset[int]]):
    """A dealer and all dealers above it, by its id."""

    def __missing__(self, dealer_id: int) -> frozenset[int]:
        parent_id = Dealer.get_by_id(dealer_id).parent_id
        above = frozenset({dealer_id}) | (self[parent_id] if parent_id else frozenset())
        self[dealer_id] = above
        return above


def _sold_in(imeis: list[str]) -> dict[str, list[SellIn]]:
    by_imei: dict[str, list[SellIn]] = defaultdict(list)
    sales = SellIn.select().where(SellIn.imei.in_(imeis))
    for sale in sales.order_by(SellIn.sold_on, SellIn.recorded_at, SellIn.id):
        by_imei[str(sale.imei)].append(sale)
    return by_imei


def _found(imeis: list[str]) -> dict[str, list[CrossAreaSale]]:
    by_imei: dict[str, list[CrossAreaSale]] = defaultdict(list)
    for one in CrossAreaSale.select().where(CrossAreaSale.imei.in_(imeis)):
        by_imei[one.imei].append(one)
    return by_imei


def _seen(imeis: list[str], sold_in: dict[str, list[SellIn]]) -> Iterable[tuple[str, Seen]]:
    """Return where each handset was seen, by day."""
    found = [
        (number, _sale("sell_in", sale))
        for number, sales in sold_in.items()
        for sale in sales
        if sale.store_id is not None and sale.units > 0
    ]
    sold_out = SellOut.select().where(SellOut.imei.in_(imeis), SellOut.units > 0)
    found += [(str(sale.imei), _sale("sell_out", sale)) for sale in sold_out]
    for one in ImeiSighting.select().where(ImeiSighting.imei.in_(imeis)):
        seen = Seen(
            kind="imei_sighting",
            id=one.id,
            store_id=one.store_id,
            dealer_id=one.dealer_id,
            region_id=one.region_id,
            person_id=one.person_id,
            on=one.seen_on,
            at=one.seen_at,
        )
        found.append((one.imei, seen))
    return sorted(found, key=lambda pair: (pair[1].at, pair[1].id))


def _sale(kind: str, sale: Any) -> Seen:
    """Return a sale as a sighting; a feed knows the day only, so noon stands for it."""
    noon = datetime.combine(sale.sold_on, time(12), ZoneInfo(settings().business_zone))
    return Seen(
        kind=kind,
        id=sale.id,
        store_id=sale.store_id,
        dealer_id=sale.dealer_id,
        region_id=sale.region_id,
        person_id=sale.recorded_by_id,
        on=sale.sold_on,
        at=min(noon, sale.recorded_at),
    )


def _homes(sales: list[SellIn], day: date) -> list[SellIn]:
    """Return the sell-ins that say whose a handset was on a day: to dealers, else to stores.

    What a dealer returned is the former dealer's again. Of several on one day nobody knows which
    was the last, so each counts.
    """
    held: dict[bool, list[SellIn]] = {True: [], False: []}
    for sale in sales:
        if sale.sold_on > day:
            break
        to_dealer = sale.store_id is None
        others = [
            one
            for one in held[to_dealer]
            if (one.dealer_id, one.store_id) != (sale.dealer_id, sale.store_id)
        ]
        held[to_dealer] = [*others, sale] if sale.units > 0 else others
    owners = held[True] or held[False]
    return [one for one in owners if one.sold_on == owners[-1].sold_on]


def _cross(
    actor: Actor,
    imei: str,
    home: SellIn,
    seen: Seen,
    known: list[CrossAreaSale],
    *,
    at: datetime,
) -> CrossAreaSale:
    fact = Fact(
        id=seen.id,
        kind=ViolationKind.CROSS_AREA_SALE,
        subject=f"imei:{imei}",
        store_id=seen.store_id,
        dealer_id=seen.dealer_id,
        region_id=seen.region_id,
        person_id=seen.person_id,
        seen_at=seen.at,
        day=seen.on,
        note=f"{imei}: sell_in {home.sold_on} dealer {home.dealer_id}; "
        f"{seen.kind} {seen.on} store {seen.store_id} dealer {seen.dealer_id}",
    )
    cases = [(one.violation_store_id, one.violation_id) for one in known]
    case = violations.sight_fact(actor, fact, cases, at=at)
    return CrossAreaSale.create(
        imei=imei,
        seen_id=seen.id,
        seen_kind=seen.kind,
        seen_on=seen.on,
        store=seen.store_id,
        dealer=seen.dealer_id,
        sell_in_id=home.id,
        sold_in_on=home.sold_on,
        sold_in_dealer=home.dealer_id,
        violation_id=case.id,
        violation_store_id=case.store_id,
        found_at=at,
    )
