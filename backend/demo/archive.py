"""What the archive holds: cards of dealers and stores, the people in them, agreements."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Any
from uuid import UUID

from backend.demo.cast import Shop, Trader, World, hash_of, new_id
from backend.demo.days import Outing
from backend.demo.network import GIVEN, SURNAMES
from backend.network import agreements, archive, competitors, contacts, custom_fields
from backend.network.models import Dealer
from backend.network.words import Channel, Objection, Subject
from backend.platform.actors import Actor
from backend.standards.codes import VisitType

FIELDS: tuple[tuple[str, str, str, str, str, list[str]], ...] = (
    ("store", "place", "店址类型", "kind of place", "choice", ["街边", "商场", "卖场", "乡镇集市"]),
    ("store", "wifi", "可用无线网", "has wireless", "yes_no", []),
    ("dealer", "delivery_days", "送货天数", "days of delivery", "number", []),
)
KNOWN, WITH_CLERK, WITH_PROMOTER, CONSENTING, MET, RIVALLED = 0.8, 0.4, 0.12, 0.3, 0.08, 0.05
"""Shares of stores with a card, a clerk, a promoter; of contacts; of visits."""


class AddressBook:
    """The owner of each store, by the store's id: whom a visit meets."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._owners: dict[int, UUID] = {}
        for subject, code, zh, en, kind, options in FIELDS:
            custom_fields.define(
                world.admin,
                subject=subject,
                code=code,
                label_zh=zh,
                label_en=en,
                kind=kind,
                options=options,
                is_required=code == "place",
                at=world.before,
            )
        for agent in Dealer.select().where(Dealer.parent.is_null()).order_by(Dealer.id):
            _agree(world, agent.id, agent.code, [f"{agent.code}0000"], units=3000)
        for trader in world.traders:
            _describe_dealer(world, trader)
            units = sum(shop.monthly_units for shop in world.shops if shop.trader is trader)
            _agree(world, trader.id, trader.code, list(trader.territory), units=round(units))
        for rep in world.reps:
            for shop in rep.shops:
                self._enter(rep.actor, shop)

    def meet(self, outing: Outing) -> None:
        """Now and then note whom a visit met, and what competitors do there."""
        random, world = self._world.random, self._world
        rates = world.preset.rates
        owner = self._owners.get(outing.shop.id)
        if owner and random.random() < MET * rates:
            entry_id = new_id(world)
            objection = random.choice((None, None, *Objection))
            contacts.put_entry(
                outing.person,
                entry_id,
                contact_id=owner,
                happened_at=outing.came_at,
                kind="visit",
                visit_id=outing.id,
                objection=objection and str(objection),
                note=random.choice(("谈旺季备货", "了解竞品返利", "确认促销档期", "讲解新品卖点")),
                content_sha256=hash_of(entry_id),
                at=outing.left_at,
            )
        if outing.kind is VisitType.FULL_AUDIT and random.random() < RIVALLED * rates:
            note_id = new_id(world)
            competitors.put(
                outing.person,
                note_id,
                dealer_id=None,
                store_id=outing.shop.id,
                seen_on=outing.day,
                visit_id=outing.id,
                brand=random.choice(("C1", "C2", "C3")),
                strengths="提成高，广告多",
                weaknesses="售后慢",
                spiff_level=random.randint(1, 5),
                share_percent=random.randrange(10, 50, 5),
                content_sha256=hash_of(note_id),
                at=outing.left_at,
            )

    def _enter(self, rep: Actor, shop: Shop) -> None:
        random, world = self._world.random, self._world
        if random.random() >= KNOWN:
            world.truth.plant("archive_without_card", store=shop.code)
            return
        archive.amend(
            rep, Subject.STORE, shop.id, version=0, at=world.before, **_store_card(random, shop)
        )
        self._owners[shop.id] = self._person(rep, shop, "owner", "decider")
        if random.random() < WITH_CLERK:
            self._person(rep, shop, "clerk", "influencer")
        if random.random() < WITH_PROMOTER:
            self._person(rep, shop, "promoter", "user", promoter=_promoter(random))

    def _person(
        self, rep: Actor, shop: Shop, job: str, part: str, *, promoter: dict[str, Any] | None = None
    ) -> UUID:
        random, world, contact_id = self._world.random, self._world, new_id(self._world)
        contacts.put(
            rep,
            contact_id,
            dealer_id=None,
            store_id=shop.id,
            name=random.choice(SURNAMES) + random.choice(GIVEN),
            job_role=job,
            buying_role=part,
            phone=_phone(random),
            preferred_channel="wechat",
            relation_grade=random.randint(1, 5),
            promoter=promoter,
            content_sha256=hash_of(contact_id),
            at=world.before,
        )
        if random.random() < CONSENTING:
            consent_id = new_id(world)
            contacts.put_consent(
                rep,
                contact_id,
                consent_id,
                channel=str(random.choice(list(Channel))),
                is_granted=random.random() < 0.9,
                given_at=world.before - timedelta(days=random.randint(1, 90)),
                source="spoken",
                note="",
                content_sha256=hash_of(consent_id),
                at=world.before,
            )
        return contact_id


def _store_card(random: Random, shop: Shop) -> dict[str, Any]:
    return {
        "short_name": shop.name[-6:],
        "licence_name": f"{shop.name}（个体工商户）",
        "licence_no": f"{shop.site.division_code[:6]}{random.randrange(10**9):09}",
        "phone": _phone(random),
        "customer_kind": "sales",
        "customer_type": "independent",
        "customer_source": random.choice(("street_sweep", "found_by_rep", "agent")),
        "product_field": ["handset"],
        "buying_mode": random.choice(("regular", "on_demand", "promotion_driven")),
        "share_of_wallet_percent": random.randrange(5, 70, 5),
        "position_grade": random.randint(1, 5),
        "display_sections": random.randint(1, 5),
        "display_area_m2": round(random.uniform(2, 15), 1),
        "custom": {
            "place": random.choice(("街边", "商场", "卖场", "乡镇集市")),
            "wifi": random.random() < 0.6,
        },
    }


def _describe_dealer(world: World, trader: Trader) -> None:
    random = world.random
    archive.amend(
        world.actors["manager"],
        Subject.DEALER,
        trader.id,
        version=0,
        at=world.before,
        licence_name=f"{trader.code} 通讯有限公司",
        phone=_phone(random),
        customer_kind="sales",
        customer_type="dealer",
        customer_source="agent",
        product_field=["handset", "accessory"],
        buying_mode="regular",
        grade=random.choice("AABBBCCD"),
        credit_grade=random.choice("AABBC"),
        division_code=trader.territory[0],
        staff_count=random.randint(3, 40),
        revenue_band=random.choice(("up_to_5m", "up_to_20m")),
        current_method="电话订货，自提",
        custom={"delivery_days": random.randint(1, 5)},
    )


def _agree(world: World, dealer_id: int, code: str, territory: list[str], *, units: int) -> None:
    """Sign an agreement for two years around the window, with a target for each quarter."""
    random, manager = world.random, world.actors["manager"]
    year = world.days[0].year
    quarters = [date(y, month, 1) for y in (year, year + 1) for month in (1, 4, 7, 10)]
    ends = [*quarters[1:], date(year + 2, 1, 1)]
    credit = random.choice((None, 30, 45))
    agreements.sign(
        manager,
        dealer_id=dealer_id,
        code=f"YS-{year}-{code}",
        channel="dealer",
        products=[],
        territory=territory,
        targets=[
            {"from_on": start, "to_on": end, "units": max(units * 3, 1), "amount_fen": None}
            for start, end in zip(quarters, ends, strict=True)
        ],
        payment_mode="credit" if credit else "prepaid",
        credit_days=credit,
        rebate_basis_points=random.choice((100, 150, 200)),
        rebate_terms="季度达标后返利",
        legal_representative=random.choice(SURNAMES) + random.choice(GIVEN),
        signed_on=date(year - 1, 12, 20),
        valid_from=quarters[0],
        valid_to=ends[-1],
        at=world.before,
    )


def _promoter(random: Random) -> dict[str, Any]:
    if random.random() < 0.6:
        return {"mode": "own_promoter"}
    marks = ("standing_position", "promotion_skill", "team_relation")
    return {
        "mode": "borrowed_promoter",
        "home_brand": random.choice(("C1", "C2")),
        "brand_conflict": random.random() < 0.3,
    } | {mark: random.randint(2, 5) for mark in marks}


def _phone(random: Random) -> str:
    return f"139{random.randrange(10**8):08}"
