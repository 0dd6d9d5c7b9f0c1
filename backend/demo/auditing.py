"""Who looks at the evidence: auditors by a plan, an arbiter, and people who object to a score."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from backend.demo.cast import World, at, hash_of, new_id
from backend.evidence import appeals, arbitration, audit_plans, audits, verdicts
from backend.evidence.models import PhotoAudit
from backend.evidence.signal_models import VisitScore
from backend.evidence.signals import SUSPICIOUS_FROM
from backend.evidence.standing import Reason, Word
from backend.fieldwork.models import Visit
from backend.network import notices
from backend.platform.actors import Actor

AUDITED, APPROVED, ARBITRATED = 0.35, 0.91, 0.5
REASONS = {
    Reason.BLURRED: 40,
    Reason.WRONG_OBJECT: 25,
    Reason.TOO_FAR: 15,
    Reason.DARK: 12,
    Reason.OTHER: 8,
}
PLANNED_FROM, DRAWN, CONTROL, SECOND = 0.6, 0.9, 0.05, 0.2
APPEALED = 6
RULE_ZH = (
    "公司依据外勤管理制度，仅在工作时间内的拜访签到、签退时收集位置和照片，"
    "用于核实拜访；原始坐标 90 天后取整。"
)
RULE_EN = (
    "By its field work rules the company collects positions and photos at check-in and check-out"
    " within work hours, to verify visits; exact points are rounded after 90 days."
)


def prepare(world: World) -> None:
    """Publish what people are told about their data, and lay down how photos are drawn."""
    notices.publish(
        world.admin, kind="work_rule", text_zh=RULE_ZH, text_en=RULE_EN, at=world.before
    )
    audit_plans.make(
        world.actors["manager"],
        region_id=world.regions["CN"],
        valid_from=world.day(PLANNED_FROM),
        valid_to=None,
        share=DRAWN,
        control_share=CONTROL,
        second_share=SECOND,
        weights=None,
        seed="demo",
        at=world.before,
    )


def audit(world: World) -> None:
    """Let auditors judge the photos of 35 % of the visits, read some twice, and settle disputes."""
    waiting: Any = (
        PhotoAudit.select(PhotoAudit.visit_id, PhotoAudit.business_on, Visit.store, Visit.person)
        .join(Visit, on=PhotoAudit.visit_id == Visit.id)
        .distinct()
        .order_by(PhotoAudit.business_on, PhotoAudit.visit_id)
        .tuples()
    )
    asked = [
        audits.Filters(
            store_id=store_id, person_id=person_id, from_on=day, to_on=day + timedelta(days=1)
        )
        for _, day, store_id, person_id in list(waiting)
        if world.random.random() < AUDITED
    ]
    when = at(world.today, 0) - timedelta(hours=3)
    for login in ("auditor", "auditor2"):  # the second gets what is to be read twice
        when = _read(world, world.actors[login], asked, when)
    manager = world.actors["manager"]
    disputes: Any = arbitration.list_disputes(manager).dicts()
    for dispute in list(disputes):
        if world.random.random() < ARBITRATED:
            when += timedelta(seconds=1)
            arbitration.arbitrate(manager, **_photo_of(dispute), **_opinion(world), at=when)


def appeal(world: World) -> None:
    """Let people object to scores; the first objections are answered, one way and the other."""
    reps = {rep.actor.id: rep for rep in world.reps}
    doubted = VisitScore.select().where(
        VisitScore.score >= SUSPICIOUS_FROM, VisitScore.person_id.in_(list(reps))
    )
    when = at(world.today, 0) - timedelta(hours=1)
    chosen = doubted.order_by(VisitScore.business_on.desc(), VisitScore.visit_id).limit(APPEALED)
    for number, score in enumerate(list(chosen)):
        rep, appeal_id = reps[score.person_id], new_id(world)
        appeals.put(
            rep.actor,
            score.visit_id,
            appeal_id,
            text="手机定位漂移，当时确实在店内",
            codes=[],
            content_sha256=hash_of(appeal_id),
            at=when,
        )
        if number % 3 < 2:
            appeals.answer(
                world.supervisor_of(rep),
                score.visit_id,
                appeal_id,
                is_accepted=number % 3 == 0,
                reason="已与店主核实",
                codes=[],
                version=1,
                at=when + timedelta(minutes=10),
            )


def _read(
    world: World, auditor: Actor, asked: Iterable[audits.Filters], when: datetime
) -> datetime:
    for filters in asked:
        for photo in audits.claim(auditor, limit=audits.MOST_CLAIMED, at=when, **filters):
            when += timedelta(seconds=1)
            verdicts.judge(auditor, **_photo_of(photo), **_opinion(world), at=when)
    return when


def _photo_of(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ("visit_id", "photo_id", "version")}


def _opinion(world: World) -> dict[str, Any]:
    passes = world.random.random() < APPROVED
    reason = world.random.choices(list(REASONS), list(REASONS.values()))[0]
    verdict = Word.APPROVED if passes else Word.REJECTED
    return {"verdict": verdict, "reasons": [] if passes else [reason], "note": ""}
