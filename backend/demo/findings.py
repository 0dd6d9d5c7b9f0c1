"""What a visit finds: signage, products, prices and promotions, as a report document says it."""

from __future__ import annotations

from datetime import date, timedelta
from math import exp
from random import Random
from typing import Any

from backend.demo.cast import Shop, World
from backend.demo.catalogue import Article, Catalogue
from backend.demo.days import Outing
from backend.demo.promotions import EXECUTED, Campaign, running
from backend.network.divisions import Tier
from backend.standards.codes import Achievement, LineKind, VisitType
from backend.standards.manual import TEMPLATES

LOGIT = {
    "brand_counter": 1.6,
    "back_wall": 1.2,
    "counter_or_wall": 1.6,
    "poster_strip": 1.0,
    "welcome_mat": 0.3,
    "blank_handwritten_poster": 0.8,
    "fascia_or_lightbox": 1.3,
    "side_vertical_signs": 0.5,
    "x_banner": 0.2,
}
"""Log-odds of passing, by signage item, in a city store of grade C of an average dealer."""
LOGIT_IN_TOWN = {
    "street_banner": 1.1,
    "side_vertical_signs": 0.4,
    "poster_strip": 0.7,
    "blank_handwritten_poster": 0.6,
}
GRADE_LOGIT = {"A": 0.5, "B": 0.2, "C": 0.0, "D": -0.4}
LISTED = {Tier.CITY: 0.78, Tier.COUNTY: 0.71, Tier.TOWN: 0.60}
STOCKED = {Tier.CITY: 0.93, Tier.COUNTY: 0.90, Tier.TOWN: 0.86}
FACINGS = {Tier.CITY: 2.2, Tier.COUNTY: 1.6, Tier.TOWN: 1.2}
UNCHANGED = 0.85  # how often things are as they were on the visit before
BREACHES = {"direct": 0.024, "disguised": 0.016, "gift": 0.019, "over": 0.011}
IN_PROMOTION = 1.8
CLOSED_DOOR = 0.02
ACHIEVED = 0.12
PRINCIPLES, PRINCIPLED = ("no_waste", "uniform_image"), 0.75
MATERIAL, ON_TIME, IN_AREA = 0.92, 0.97, 0.99
DAMAGED = 0.03


def document(
    world: World, outing: Outing, day: date, catalogue: Catalogue, campaigns: list[Campaign]
) -> dict[str, Any]:
    """Return the sections of a report; photos and check-out are the caller's."""
    random, shop = world.random, outing.shop
    sections: dict[str, Any] = {
        "template": None,
        "answers": [],
        "products": [],
        "prices": [],
        "promotions": [],
        "outcome": "done",
    }
    is_copied = "copied" in outing.cheats
    if random.random() < CLOSED_DOOR and not is_copied:
        return sections | {"outcome": "store_closed"}
    looks = outing.kind in {VisitType.FULL_AUDIT, VisitType.ROUTINE}
    if looks or outing.kind is VisitType.SUPERVISOR_PATROL:
        version = 2 if day >= world.principled_on else 1
        sections["template"] = {"code": f"signage_{shop.site.tier}", "version": version}
        sections["answers"] = _copied(shop) if is_copied else _answers(world, shop)
        if version == 2:
            sections["answers"] += [
                {"line": line, "yes": is_copied or _state(random, shop, line, PRINCIPLED)}
                for line in PRINCIPLES
            ]
    if looks:
        sections["achieved"] = _achieved(outing)
        sections["products"] = _products(random, shop, catalogue, day)
    if looks or outing.kind is VisitType.PROMOTION_CHECK:
        offered = running(campaigns, shop, day)
        count = 3 if outing.kind is VisitType.FULL_AUDIT else 2
        observed = random.sample(catalogue.musts_of(shop), count)
        sections["prices"] = _prices(world, outing, day, observed, offered)
        sections["promotions"] = [_result(random, shop, campaign, day) for campaign in offered]
    return sections


def _achieved(outing: Outing) -> list[str]:
    """Return what came of a visit, by its id alone, so that nothing else depends on it."""
    own = Random(outing.id.int)  # noqa: S311  # a demonstration
    return [str(code) for code in Achievement if own.random() < ACHIEVED]


def _answers(world: World, shop: Shop) -> list[dict[str, Any]]:
    template = TEMPLATES[f"signage_{shop.site.tier}"]
    answers = []
    for line in template["lines"]:
        item = line["code"].split("_", 2)[2]
        odds = LOGIT_IN_TOWN[item] if shop.site.tier is Tier.TOWN else LOGIT[item]
        if shop.site.tier is Tier.COUNTY and line["required"]:
            odds -= 0.2
        odds += shop.trader.signage + GRADE_LOGIT[shop.grade]
        passes = _state(world.random, shop, line["code"], 1 / (1 + exp(-odds)))
        if world.random.random() < 0.98:
            answers.append({"line": line["code"], **answer(world.random, line, passes=passes)})
    return answers


def _copied(shop: Shop) -> list[dict[str, Any]]:
    """Answer as somebody does who did not look: everything is fine, everywhere."""
    fine = Random(0)  # noqa: S311  # the same every time is the point
    return [
        {"line": line["code"], **answer(fine, line, passes=True)}
        for line in TEMPLATES[f"signage_{shop.site.tier}"]["lines"]
    ]


def answer(random: Random, line: dict[str, Any], *, passes: bool) -> dict[str, Any]:
    """Answer a line of signage so that it passes, or not."""
    wanted = line["min_qty"]
    match line["kind"]:
        case LineKind.COUNT:
            quantity = random.randint(wanted, wanted + 1) if passes else random.randrange(wanted)
            joined = {"contiguous": passes} if line.get("contiguous") else {}
            return {"present": quantity > 0, "quantity": quantity, **joined}
        case LineKind.ANY_OF:
            shown = random.choice(line["parts"]) if passes else None
            return {"parts": {part: part == shown for part in line["parts"]}}
        case LineKind.WIDTH_CHOICE:
            return {
                "present": passes,
                **({"width_m": random.choice(line["widths_m"])} if passes else {}),
            }
        case LineKind.COUNTER_OR_WALL:
            wall = {"parts": {"back_wall": passes}}
            return {"quantity": random.randint(2, 3) if passes else random.randrange(2), **wall}
        case _:
            return {"present": passes}


def _products(random: Random, shop: Shop, catalogue: Catalogue, day: date) -> list[dict[str, Any]]:
    musts = catalogue.musts_of(shop)
    others = [article for article in catalogue.articles if article not in musts]
    return [_product(random, shop, article, day) for article in (*musts, *random.sample(others, 2))]


def _product(random: Random, shop: Shop, article: Article, day: date) -> dict[str, Any]:
    tier = shop.site.tier
    if not _state(random, shop, f"sku:{article.id}", LISTED[tier]):
        return {"sku_id": article.id, "listed": False} | dict.fromkeys(
            ("facings", "stock", "demo_stock", "damaged_stock", "oldest_receipt_on")
        )
    stock = 0
    if random.random() < STOCKED[tier]:
        stock = 1 + round(random.expovariate(1) * shop.monthly_units / 20)
    return {
        "sku_id": article.id,
        "listed": True,
        "facings": 1 + round(random.expovariate(1 / (FACINGS[tier] - 0.9))),
        "stock": stock,
        "demo_stock": int(random.random() < 0.7),
        "damaged_stock": int(random.random() < DAMAGED),
        "oldest_receipt_on": (
            (day - timedelta(days=random.randint(3, 90))).isoformat() if stock else None
        ),
    }


def _prices(
    world: World,
    outing: Outing,
    day: date,
    observed: list[Article],
    offered: list[Campaign],
) -> list[dict[str, Any]]:
    random, shop = world.random, outing.shop
    rates = dict(BREACHES)
    factor = shop.trader.disorder * world.preset.rates * (IN_PROMOTION if offered else 1)
    rates = {breach: min(rate * factor, 0.2) for breach, rate in rates.items()}
    found = []
    for article in observed:
        breach = random.choices([*rates, ""], [*rates.values(), 1 - sum(rates.values())])[0]
        mine = [campaign for campaign in offered if article.id in campaign.prices]
        cut = [price for campaign in mine if (price := campaign.prices[article.id])]
        reference = min(cut, default=article.price_fen(day))
        allowed = max((campaign.season.gift_yuan * 100 for campaign in mine), default=0)
        found.append(_price(random, article, breach, reference, allowed))
        if breach:
            world.truth.plant(f"price_{breach}", store=shop.code, sku=article.code, visit=outing.id)
    return found


def _price(
    random: Random, article: Article, breach: str, reference: int, allowed: int
) -> dict[str, Any]:
    step = max(round(reference * random.uniform(0.04, 0.12), -2), 100)
    seen = {
        "sku_id": article.id,
        "tag_fen": reference,
        "quoted_fen": None,
        "discount_fen": 0,
        "gift_fen": random.choice((0, allowed)),
    }
    match breach:
        case "direct":
            return seen | {"tag_fen": reference - step}
        case "disguised":
            return seen | {"discount_fen": step}
        case "gift":
            return seen | {"gift_fen": allowed + random.randint(5, 15) * 1000}
        case "over":
            return seen | {"tag_fen": reference + step}
        case _:
            return seen | {"quoted_fen": random.choice((None, reference))}


def _result(random: Random, shop: Shop, campaign: Campaign, day: date) -> dict[str, Any]:
    executed = _state(random, shop, f"promotion:{campaign.id}", EXECUTED)
    units = campaign.units(shop, day) if executed else 0
    gifts = units if executed and campaign.season.gift_yuan else 0
    cost = round(units * (1 - 1 / campaign.uplift)) * campaign.season.cost_yuan * 100
    return {
        "promotion_id": campaign.id,
        "executed": executed,
        "material_ok": random.random() < MATERIAL if executed else None,
        "timing_ok": random.random() < ON_TIME if executed else None,
        "area_ok": random.random() < IN_AREA if executed else None,
        "units": units,
        "gifts": gifts,
        "cost_fen": cost,
        "remark": "" if executed else random.choice(("物料未到", "店主不配合", "赠品已发完")),
    }


def _state(random: Random, shop: Shop, what: str, chance: float) -> bool:
    """Return how something is: mostly as it was last time."""
    if what not in shop.passes or random.random() > UNCHANGED:
        shop.passes[what] = random.random() < chance
    return shop.passes[what]
