"""What partners say and how stores push: complaints, feedback cards, push, corrected points."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from backend.demo.cast import Rep, Shop, World, at, hash_of, new_id
from backend.demo.catalogue import COMPETITORS
from backend.demo.days import Outing
from backend.fieldwork import complaints, feedback, point_corrections, push
from backend.fieldwork.models import Visit
from backend.fieldwork.photo_models import Photo
from backend.fieldwork.violation_models import Violation
from backend.network.positions import Datum, to_datum
from backend.standards import counters
from backend.standards.codes import VisitType
from backend.standards.service import ComplaintCategory, ComplaintStep, Department, FeedbackTopic

A_MONTH_PER_STORE = 0.032
ABOUT = (
    (ComplaintCategory.SERVICE_QUALITY, Department.SALES, "业务员回访不及时", 30),
    (ComplaintCategory.AFTER_SALES_REPAIR, Department.AFTER_SALES, "返修机三周未归还", 15),
    (ComplaintCategory.PRODUCT_QUALITY, Department.PRODUCT, "屏幕偏色，顾客要求换机", 30),
    (ComplaintCategory.DELIVERY, Department.LOGISTICS, "到货晚两天，包装破损", 15),
    (ComplaintCategory.PROMOTION_SUPPORT, Department.MARKETING, "促销物料未到店", 10),
)
"""Category, department, words, and how often among 100."""
SEVERITIES = (35, 38, 20, 7)
UNFINISHED = len(ComplaintStep)
"""As many of the last complaints each stand at another step."""
ANSWERED, CARDS, SCORE, SPREAD = 0.41, 60, 4.1, 0.8
PUSH = (3, 10, 27, 32, 20, 8)
"""How many of 100 push at each level from 0 to 5."""
PUSH_ASKED = 0.2
CORRECTED = 2
SURVEYED, DISPLAY_SHARE = 0.15, (2.2, 5.5)
"""Share of full audits; parameters of the beta distribution of the brand's share of counters."""


def assess_push(world: World, outing: Outing) -> None:
    """Now and then judge after an audit how far the store recommends the brand first."""
    random = world.random
    if (
        outing.kind is not VisitType.FULL_AUDIT
        or random.random() >= PUSH_ASKED * world.preset.rates
    ):
        return
    assessment_id = new_id(world)
    levels = random.choices(range(6), PUSH, k=4)
    names = ("dealer_push", "store_push", "counter_push", "clerk_push")
    push.put(
        outing.person,
        assessment_id,
        store_id=outing.shop.id,
        assessed_at=outing.left_at,
        levels=dict(zip(names, levels, strict=True)),
        evidence={
            "margin_rank": random.randint(1, 4),
            "spiff_rank": random.randint(1, 4),
            "is_clerk_trained": random.random() < 0.6,
            "relation_grade": random.randint(2, 5),
        },
        visit_id=outing.id,
        is_mystery_shop=False,
        note="",
        content_sha256=hash_of(assessment_id),
        at=outing.left_at,
    )


def survey_counter(world: World, outing: Outing) -> None:
    """Now and then count after an audit whose sections the counters of a store are."""
    own = Random(outing.id.int)  # noqa: S311  # so that nothing else depends on it
    if outing.kind is not VisitType.FULL_AUDIT or own.random() >= SURVEYED * world.preset.rates:
        return
    survey_id = UUID(int=own.getrandbits(128), version=4)
    store = Random(outing.shop.id)  # noqa: S311  # its share of the counters stays
    share, sections = store.betavariate(*DISPLAY_SHARE), store.randint(4, 14)
    ours = max(round(share * sections), 1)
    others = max(sections - ours + own.randint(-1, 1), 0)
    counters.record(
        outing.person,
        survey_id,
        store_id=outing.shop.id,
        seen_on=outing.day,
        position_grade=store.randint(1, 5),
        display_area_m2=round(ours * 1.2, 1),
        sections=ours,
        competitors=own.sample(COMPETITORS, own.randint(1, 3)) if others else [],
        competitor_sections=others,
        content_sha256=hash_of(survey_id),
        at=outing.left_at,
    )


def complain(world: World) -> None:
    """Record the season's complaints and handle them; the last ones stand at every step."""
    months = len(world.days) / 30
    count = max(round(A_MONTH_PER_STORE * len(world.shops) * months), UNFINISHED + 2)
    days = sorted(world.random.random() for _ in range(count))
    for number, share in enumerate(days):
        rep = world.random.choice(world.reps)
        left = count - number - 1
        _complain(world, rep, at(world.day(share), 9), min(UNFINISHED, left))


def _complain(world: World, rep: Rep, when: datetime, steps: int) -> None:
    random, supervisor, complaint_id = world.random, world.supervisor_of(rep), new_id(world)
    category, department, text, _ = random.choices(ABOUT, [each[-1] for each in ABOUT])[0]
    complaints.record(
        rep.actor,
        complaint_id,
        source=random.choice(("store", "consumer")),
        store_id=random.choice(rep.shops).id,
        category=str(category),
        target_department=str(department),
        text=text,
        severity=random.choices((1, 2, 3, 4), SEVERITIES)[0],
        received_at=when,
        content_sha256=hash_of(complaint_id),
        at=when,
    )
    for number, step in enumerate(list(ComplaintStep)[:steps], start=1):
        is_promise = step is ComplaintStep.COMMITTED
        complaints.take_step(
            supervisor,
            complaint_id,
            str(step),
            text=step.zh,
            promised_on=when.date() + timedelta(days=2) if is_promise else None,
            version=number,
            at=when + timedelta(hours=1.5 * number),
        )
    if steps == UNFINISHED and random.random() < ANSWERED:
        _card(world, rep, "complaint", complaint_id, when + timedelta(hours=11))


def ask_back(world: World) -> None:
    """Ask the partners of some mended violations and some visits of the last month."""
    mended = _some(Violation, Violation.resolved_at.is_null(False), Violation.opened_at)
    visited = _some(
        Visit, Visit.counts() & (Visit.business_on >= world.day(0.7)), Visit.checked_in_at
    )
    owners = {shop.id: rep for rep in world.reps for shop in rep.shops}
    asked = set()
    for about, rows in (("violation", mended), ("visit", visited)):
        for row in rows:
            # One card a store: a second about the same month would be refused.
            rep = owners.get(row.store_id)
            is_theirs = rep and (about == "violation" or row.person_id == rep.actor.id)
            if rep and is_theirs and (about, row.store_id) not in asked:
                asked.add((about, row.store_id))
                _card(world, rep, about, row.id, at(world.days[-1], 18))


def _some(model: Any, condition: Any, order: Any) -> list[Any]:
    return list(model.select().where(condition).order_by(order, model.id).limit(CARDS))


def _card(world: World, rep: Rep, about: str, about_id: UUID, when: datetime) -> None:
    card_id, random = new_id(world), world.random
    latest = at(world.today, 0) - timedelta(seconds=1)
    topics = random.sample(list(FeedbackTopic), 3)
    feedback.put(
        rep.actor,
        card_id,
        about=about,
        about_id=about_id,
        scores=[
            {"topic": str(topic), "score": _score(random), "department": None} for topic in topics
        ],
        comment=random.choice(("", "", "处理及时", "希望多给物料")),
        content_sha256=hash_of(card_id),
        at=min(when, latest),
    )


def _score(random: Random) -> int:
    return min(max(round(random.gauss(SCORE, SPREAD)), 1), 5)


def correct_points(world: World) -> None:
    """Let two reps propose where a door really is, wrongly placed stores first; approve one."""
    wrong = {fact["store"] for fact in world.truth["misplaced_store"]}
    photos = _photos_by_store()
    found = [
        (rep, shop, photos[shop.id])
        for rep in world.reps
        for shop in rep.shops
        if shop.id in photos and shop.is_open(world.today)
    ]
    found.sort(key=lambda each: each[1].code not in wrong)
    for number, (rep, shop, photo) in enumerate(found[:CORRECTED]):
        _propose(world, rep, shop, photo, is_approved=number == 0)


def _propose(world: World, rep: Rep, shop: Shop, photo: Photo, *, is_approved: bool) -> None:
    correction_id, when = new_id(world), at(world.days[-1], 19)
    point_corrections.propose(
        rep.actor,
        correction_id,
        store_id=shop.id,
        position=to_datum(shop.door, Datum.GCJ02),
        accuracy_m=12.0,
        proof_visit_id=photo.visit_id,
        proof_photo_id=photo.id,
        note="门店实际位置",
        content_sha256=hash_of(correction_id),
        at=when,
    )
    if is_approved:
        point_corrections.approve(
            world.supervisor_of(rep),
            correction_id,
            note="照片属实",
            version=1,
            at=when + timedelta(hours=1),
        )
    world.truth.plant("corrected_point", store=shop.code, approved=is_approved)


def _photos_by_store() -> dict[int, Photo]:
    """Return a photo that can be looked at, of every store that has one."""
    rows: Any = (
        Photo.select(Photo.visit_id, Photo.id, Visit.store.alias("store_id"))
        .join(Visit, on=Visit.id == Photo.visit_id)
        .where(Photo.sha256.is_null(False), Photo.quarantine_reason.is_null(), Visit.counts())
        .order_by(Photo.received_at.desc(), Photo.id)
        .objects()
    )
    return {row.store_id: row for row in rows}
