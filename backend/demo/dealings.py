"""What the office does with promotions: enters results, evaluates them, settles claims."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from peewee import fn

from backend.demo.cast import Trader, World, at, hash_of, new_id
from backend.demo.promotions import Campaign
from backend.fieldwork import claims, evaluations, promotion_entries, promotion_results
from backend.fieldwork.models import Visit
from backend.fieldwork.photo_models import Photo
from backend.fieldwork.trade_models import SellIn
from backend.platform.actors import Actor
from backend.standards.promotion_codes import COST_BASIS, CostBasis

ENTERED_STORES, ENTERED_UNITS = 20, 12
ENDS = ("submitted", "under_review", "accepted", "partly_accepted", "rejected", "settled")
INFLATED = 1.5
PLANS = ("赠耳机", "直降")


def follow_up(world: World, campaigns: list[Campaign]) -> None:
    """Do it for the promotion that ended last, or for the one that runs."""
    begun = [each for each in campaigns if each.starts_on < world.days[-1]]
    over = [each for each in begun if each.ends_on < world.today]
    if not begun:
        return
    campaign = (over or begun)[-1]
    _enter_results(world, campaign)
    for method, inputs in _evaluations(world, campaign).items():
        evaluation_id = new_id(world)
        evaluations.record(
            world.actors["manager"],
            campaign.id,
            evaluation_id,
            method=method,
            inputs=inputs,
            evaluated_on=world.days[-1],
            note="",
            content_sha256=hash_of(evaluation_id),
            at=_evening(world, 18),
        )
    for number, end in enumerate(ENDS):
        _claim(world, campaign, world.traders[number % len(world.traders)], end, number)


def _enter_results(world: World, campaign: Campaign) -> None:
    """Enter a day of stores that report to the office themselves."""
    shops = [shop for shop in world.shops if shop.id in campaign.shop_ids][:ENTERED_STORES]
    day = min(campaign.ends_on, world.days[-1])
    for shop in shops:
        units = world.random.randrange(ENTERED_UNITS)
        promotion_entries.enter(
            world.actors["manager"],
            campaign.id,
            shop.id,
            day,
            version=None,
            units=units,
            gifts=units if campaign.season.gift_yuan else 0,
            cost_fen=units * campaign.season.cost_yuan * 100,
            is_executed=units > 0,
            source="office",
            remark="",
            at=_evening(world, 17),
        )


def _evaluations(world: World, campaign: Campaign) -> dict[str, dict[str, Any]]:
    """Return the inputs of every method; the pilots were in two divisions before the start."""
    random = world.random
    first = campaign.starts_on - timedelta(days=40)
    codes = sorted({shop.site.division_code[:6] for shop in world.shops})
    run = min(campaign.ends_on, world.days[-1])
    days = [campaign.starts_on + timedelta(days=n) for n in range((run - campaign.starts_on).days)]
    daily = sum(s.monthly_units for s in world.shops if s.id in campaign.shop_ids) / 30
    during = round(daily * campaign.uplift * max(len(days), 1))
    incremental = max(round(during * (1 - 1 / campaign.uplift)), 1)
    return {
        "opinion_test": {
            "plans": [
                {"plan": plan, "asked": 40, "accepted": random.randint(12, 34)} for plan in PLANS
            ]
        },
        "pilot_test": {
            "plans": [
                {
                    "plan": plan,
                    "division_code": codes[number % len(codes)],
                    "starts_on": first,
                    "ends_on": first + timedelta(days=6),
                    "stores": 6,
                    "units": random.randint(30, 70),
                    "units_before": random.randint(25, 45),
                }
                for number, plan in enumerate(PLANS)
            ]
        },
        "consumer_dynamics": {
            "days": [
                {
                    "day": day,
                    "participants": random.randint(60, 160),
                    "units": random.randint(5, 30),
                }
                for day in (days or [campaign.starts_on])[:14]
            ],
            "daily_units_before": 9.0,
        },
        "consumer_opinion": {
            "answers": [
                {
                    "motive": random.choice(("价格优惠", "赠品", "朋友推荐")),
                    "attitude": random.choice(("满意", "一般")),
                    "demand": random.choice(("拍照", "续航", "游戏")),
                    "advice": random.choice(("多送配件", None)),
                    "rating": random.randint(2, 5),
                }
                for _ in range(30)
            ]
        },
        "before_after_comparison": {
            "before": {"units": round(daily * 28), "days": 28},
            "during": {"units": during, "days": max(len(days), 1)},
            "after": None,
            "control": {
                "units_before": round(daily * 28 / 10),
                "units_during": round(daily * max(len(days), 1) / 10),
            },
            "unit_margin_fen": 18_000,
            "cost_fen": incremental * campaign.season.cost_yuan * 100,
        },
        "participant_survey": {
            "answers": [
                {
                    "opinion": random.randint(2, 5),
                    "influence": random.randint(1, 5),
                    "benefit": random.choice(("客流增加", "销量提升", "清理库存")),
                }
                for _ in range(20)
            ]
        },
    }


def _claim(world: World, campaign: Campaign, trader: Trader, end: str, number: int) -> None:
    """Submit a dealer's claim and take it as far as its end: one is inflated, one unproven."""
    rep = next(each for each in world.reps if any(s.trader is trader for s in each.shops))
    submitter, manager, claim_id = world.supervisor_of(rep), world.actors["manager"], new_id(world)
    line = _line(world, campaign, trader, is_proven=end != "rejected")
    if end == "partly_accepted":
        line["amount_fen"] = round(line["amount_fen"] * INFLATED)
        world.truth.plant("inflated_claim", claim=claim_id, dealer=trader.code)
    if end == "rejected":
        world.truth.plant("claim_without_proof", claim=claim_id, dealer=trader.code)
    came = _evening(world, 18) + timedelta(minutes=number)
    claims.submit(
        submitter,
        claim_id,
        promotion_id=campaign.id,
        dealer_id=trader.id,
        lines=[line],
        note="",
        content_sha256=hash_of(claim_id),
        at=came,
    )
    if end == "submitted":
        return
    claims.review(manager, claim_id, version=1, at=came + timedelta(minutes=30))
    if end != "under_review":
        _decide(manager, claim_id, line["amount_fen"], end, came + timedelta(minutes=60))


def _decide(manager: Actor, claim_id: Any, amount_fen: int, end: str, when: datetime) -> None:
    share = {"rejected": 0.0, "partly_accepted": 1 / INFLATED}.get(end, 1.0)
    accepted = int(amount_fen * share)
    claims.decide(
        manager,
        claim_id,
        accepted={1: accepted},
        note="按核实数量核准" if accepted else "无证据，驳回",
        version=2,
        at=when,
    )
    if end == "settled":
        claims.settle(
            manager, claim_id, settlement="银行回单", version=3, at=when + timedelta(minutes=30)
        )


def _line(world: World, campaign: Campaign, trader: Trader, *, is_proven: bool) -> dict[str, Any]:
    """Return what the dealer's stores can prove of the promotion's first dealer-side kind."""
    kind = campaign.season.dealer_kinds[0]
    line: dict[str, Any] = {
        "kind": str(kind),
        "quantity": 1,
        "amount_fen": campaign.season.cost_yuan * 100,
        "sell_in_fen": None,
        "photos": [],
        "results": [],
    }
    if COST_BASIS[kind] is CostBasis.PERCENT_OF_SELL_IN:
        bought = _sell_in_fen(trader, campaign.starts_on, campaign.ends_on)
        line |= {"sell_in_fen": bought, "amount_fen": max(bought * 150 // 10_000, 1)}
    if not is_proven:
        return line
    ids = [shop.id for shop in world.shops if shop.trader is trader]
    rows = [row for row in promotion_results.figures_of(campaign.id, ids) if row["executed"]][:30]
    line["results"] = [{"store_id": row["store_id"], "day": row["day"]} for row in rows]
    line["photos"] = _photos(trader, campaign)
    if COST_BASIS[kind] is CostBasis.PER_UNIT:
        line["quantity"] = max(sum(row["units"] or 0 for row in rows), 1)
        line["amount_fen"] *= line["quantity"]
    return line


def _sell_in_fen(trader: Trader, first: date, last: date) -> int:
    bought = SellIn.select(fn.SUM(SellIn.amount_fen)).where(
        SellIn.dealer == trader.id, SellIn.sold_on >= first, SellIn.sold_on <= last
    )
    return max(int(bought.scalar() or 0), 1)


def _photos(trader: Trader, campaign: Campaign) -> list[dict[str, Any]]:
    """Name three photos of visits to the dealer's stores while the promotion ran."""
    found = (
        Photo.select(Photo.visit_id, Photo.id)
        .join(Visit, on=Visit.id == Photo.visit_id)
        .where(
            Visit.dealer == trader.id,
            Visit.counts(),
            Visit.business_on >= campaign.starts_on,
            Visit.business_on <= campaign.ends_on,
        )
        .order_by(Visit.business_on, Photo.id)
        .limit(3)
    )
    return [{"visit_id": photo.visit_id, "photo_id": photo.id} for photo in found]


def _evening(world: World, hour: float) -> datetime:
    return at(world.days[-1], hour)
