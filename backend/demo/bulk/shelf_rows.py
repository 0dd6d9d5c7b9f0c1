"""What reports say of products, prices and promotions, a row for each."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from backend.demo import findings as fiction
from backend.demo.bulk.findings import DIRECT, DISGUISED, GIFT, OVER
from backend.demo.bulk.pages import Array, Page, days, page, picked, whole
from backend.demo.bulk.provinces import TIERS
from backend.demo.bulk.stages import Stage
from backend.demo.promotions import ON_OFFER
from backend.fieldwork.models import PriceObservation, ProductLine, PromotionResult
from backend.standards.codes import PriceFinding

_FINDINGS = ("[]", *(f'["{each}"]' for each in PriceFinding))
_STEP = (0.04, 0.12)
_VISITED_DAYS = 9
_HERO_FACINGS = 1.2


def products(stage: Stage, random: Generator) -> Page:
    """Return products as they were found; what is not listed has no more to say."""
    visits, found = stage.visits, stage.found
    row, place = np.nonzero(found.listed >= 0)
    count = len(row)
    listed = found.listed[row, place] == 1
    stock = found.stock[row, place]
    tier = stage.team.tier[visits.store[row]]
    mean = np.array([fiction.FACINGS[each] for each in TIERS])[tier]
    mean = mean * np.where(stage.offer.is_hero[place], _HERO_FACINGS, 1)
    oldest = visits.day[row] - random.integers(3, 91, count)
    demo, damaged = random.random(count) < 0.7, random.random(count) < fiction.DAMAGED
    stage.shelves = {
        "visit": row[listed],
        "place": place[listed],
        "stock": stock[listed],
        "demo": demo[listed],
        "damaged": damaged[listed],
        "oldest": oldest[listed],
    }
    return page(
        ProductLine,
        count,
        visit_id=picked(stage.ids, row),
        sku=whole(stage.offer.sku_ids[place]),
        is_must="1",
        is_listed=whole(listed),
        facings=whole(1 + random.poisson(mean - 1), null=~listed),
        stock=whole(stock, null=~listed),
        demo_stock=whole(demo, null=~listed),
        damaged_stock=whole(damaged, null=~listed),
        oldest_receipt_on=days(stage.start, oldest, null=~listed | (stock <= 0)),
    )


def prices(stage: Stage, random: Generator) -> Page:
    """Return prices as seen; what is wrong with one is just what was drawn for it."""
    found, offer = stage.found, stage.offer
    row, place = np.nonzero(found.priced >= 0)
    article, breach = found.priced[row, place].astype(int), found.breach[row, place]
    reference, allowed = _reference(stage, row, article)
    count = len(row)
    step = np.maximum(np.rint(reference * random.uniform(*_STEP, count) / 100) * 100, 100)
    step = step.astype(np.int64)
    tag = reference - step * (breach == DIRECT) + step * (breach == OVER)
    discount = step * (breach == DISGUISED)
    excess = random.integers(5, 16, count) * 1000 * (breach == GIFT)
    gift = np.where(breach == GIFT, allowed + excess, allowed * (random.random(count) < 0.5))
    quoted = (breach == 0) & (random.random(count) < 0.5)
    findings = np.array(_FINDINGS, dtype=object)[breach]
    return page(
        PriceObservation,
        count,
        visit_id=picked(stage.ids, row),
        number=whole(place + 1),
        sku=whole(offer.sku_ids[article]),
        tag_fen=whole(tag),
        quoted_fen=whole(reference, null=~quoted),
        discount_fen=whole(discount),
        gift_fen=whole(gift),
        net_fen=whole(tag - discount - excess),
        reference_fen=whole(reference),
        allowed_gift_fen=whole(allowed),
        findings=findings.tolist(),
    )


def _reference(stage: Stage, row: Array, article: Array) -> tuple[Array, Array]:
    """Return what articles should have cost where and when they were seen, and gifts allowed."""
    offer, day = stage.offer, stage.visits.day[row]
    reference = offer.price[article, day].astype(np.int64)
    allowed = np.zeros(len(row), np.int64)
    promoted = np.full(len(row), np.iinfo(np.int64).max)
    for number in range(len(offer.campaigns)):
        mine = stage.found.runs[row, number] & offer.is_in[number, article]
        allowed = np.where(mine, np.maximum(allowed, offer.gifts[number]), allowed)
        price = offer.promo_price[number, article]
        promoted = np.where(mine & (price > 0), np.minimum(promoted, price), promoted)
    return np.where(promoted < np.iinfo(np.int64).max, promoted, reference), allowed


def promotions(stage: Stage, random: Generator) -> tuple[Page, Array]:
    """Return what was seen of promotions, and the units of each visit in all."""
    found, offer, team = stage.found, stage.offer, stage.team
    row, number = np.nonzero(found.executed >= 0)
    count = len(row)
    done = found.executed[row, number] == 1
    uplift = np.array([campaign.uplift for campaign in offer.campaigns])[number]
    cost = np.array([campaign.season.cost_yuan for campaign in offer.campaigns])[number]
    monthly = team.units[stage.visits.store[row]]
    units = random.poisson(monthly / 30 * _VISITED_DAYS * ON_OFFER * uplift) * done
    gifts = units * (offer.gifts[number] > 0)
    spent = np.rint(units * (1 - 1 / uplift)).astype(np.int64) * cost * 100
    material = found.material[row, number]
    of_visit = np.bincount(row, weights=units, minlength=len(stage.ids)).astype(np.int64)
    ids_of = np.array([campaign.id for campaign in offer.campaigns])
    return (
        page(
            PromotionResult,
            count,
            visit_id=picked(stage.ids, row),
            promotion=whole(ids_of[number]),
            is_executed=whole(done),
            units=whole(units),
            gifts=whole(gifts),
            cost_fen=whole(np.maximum(spent, 0)),
            remark="",
            is_enrolled="1",
            material_ok=whole(material, null=~done),
            timing_ok=whole(random.random(count) < fiction.ON_TIME, null=~done),
            area_ok=whole(random.random(count) < fiction.IN_AREA, null=~done),
        ),
        of_visit,
    )
