"""What the office does with what came in: ends violations with proof, and hears dealers."""

from __future__ import annotations

from datetime import datetime, timedelta

from backend.demo.cast import Shop, World, at, hash_of, new_id
from backend.demo.days import Outing
from backend.demo.visits import Proof
from backend.fieldwork import price_cases, tasks, violations
from backend.fieldwork.case_models import Task
from backend.fieldwork.models import Visit
from backend.fieldwork.violation_models import Violation
from backend.platform import clock
from backend.standards.codes import ViolationKind
from backend.standards.manual import TEMPLATES
from backend.standards.service import TaskState

RESOLVED, MENDED, SEEN_BY_HAND = 0.88, 0.85, 0.008
BY_TASK = 0.3  # the rep submits; else the office resolves, which ends the task as well
RESOLUTIONS = ("已整改，见照片", "物料已补齐", "价签已更换", "已与店主沟通并恢复")
STORIES = (
    "awaiting_reply", "reply_overdue", "replied", "corrected", "warning", "contested",
    "unfounded", "",
)  # fmt: skip
"""How far a price case comes; the empty one is left alone."""
REPLIES = ("门店员工误标，已改正", "系库存样机，非正价", "已对门店提醒", "不认可，请核实")
HEARD = 16
BY_HAND = (
    ViolationKind.FIXTURE_MISUSE,
    ViolationKind.SIGNAGE_DAMAGED,
    ViolationKind.COMPETITOR_PUSH,
)


def resolve(world: World, proofs: list[Proof]) -> None:
    """End open cases of stores that a later visit's photo proves mended."""
    for visit_id in dict.fromkeys(proof.outing.id for proof in proofs):
        proof = next(proof for proof in proofs if proof.outing.id == visit_id)
        came_at = Visit.select(Visit.checked_in_at).where(Visit.id == visit_id)
        cases = Violation.select().where(
            Violation.store == proof.outing.shop.id,
            Violation.resolved_at.is_null(),
            Violation.last_seen_at < came_at,
        )
        for case in cases.order_by(Violation.opened_at, Violation.id):
            if world.random.random() < RESOLVED:
                _end(world, case, proof)


def report_by_hand(world: World, outing: Outing) -> None:
    """Let a rep now and then report what no checklist asks."""
    if world.random.random() >= SEEN_BY_HAND * world.preset.rates:
        return
    kind, violation_id = world.random.choice(BY_HAND), new_id(world)
    violations.report_by_hand(
        outing.person,
        violation_id,
        store_id=outing.shop.id,
        kind=kind,
        subject="",
        note=f"现场发现：{kind.zh}",
        seen_at=outing.came_at,
        content_sha256=hash_of(violation_id),
        at=outing.left_at,
    )
    world.truth.plant("reported_by_hand", store=outing.shop.code, kind=str(kind))


def hear_dealers(world: World) -> None:
    """Take the first price cases up: asked, not answered, answered, and closed in each way."""
    cases = (
        Violation.select()
        .where(Violation.kind.in_([str(kind) for kind in price_cases.KINDS]))
        .order_by(Violation.opened_at, Violation.id)
        .limit(HEARD)
    )
    for number, case in enumerate(list(cases)):
        story = STORIES[number % len(STORIES)]
        if story:
            _hear(world, case, story)
            world.truth.plant("price_case", case=case.id, state=story)


def _hear(world: World, case: Violation, story: str) -> None:
    """Ask the dealer, note the reply and close the case, as far as the story goes."""
    manager, latest = world.actors["manager"], at(world.today, 0) - timedelta(seconds=1)

    def after(hours: float) -> datetime:
        return min(case.opened_at + timedelta(hours=hours), latest)

    asked_at = latest if story == "awaiting_reply" else after(2)
    due_on = clock.business_date(asked_at) if story == "reply_overdue" else None
    price_cases.ask_for_reply(manager, case.id, version=0, due_on=due_on, at=asked_at)
    if story in {"awaiting_reply", "reply_overdue"}:
        return
    price_cases.record_reply(
        manager,
        case.id,
        replied_on=clock.business_date(after(30)),
        text=world.random.choice(REPLIES),
        version=1,
        at=after(30),
    )
    if story != "replied":
        note = "经核实处理"
        price_cases.close(manager, case.id, outcome=story, note=note, version=2, at=after(50))


def _end(world: World, case: Violation, proof: Proof) -> None:
    latest = at(world.today, 0) - timedelta(seconds=1)
    when = min(proof.received_at + timedelta(hours=world.random.uniform(0.5, 4)), latest)
    task = Task.get_or_none(
        Task.store == case.store_id, Task.violation_id == case.id, Task.ended_at.is_null()
    )
    is_submitted = world.random.random() < BY_TASK
    if task and task.owner_id == proof.outing.person.id and is_submitted:
        _finish(world, task, proof, when)
    else:
        _resolve(world, case, proof, when)
    _mend(world, proof.outing.shop, case.subject)


def _finish(world: World, task: Task, proof: Proof, when: datetime) -> None:
    """Let the rep submit the task with the photo, and the supervisor close it."""
    rep, handed_in = proof.outing.person, min(proof.received_at + timedelta(minutes=5), when)
    if task.state == TaskState.ASSIGNED:
        task = tasks.start(rep, task.id, version=task.version, at=handed_in)
    submitted = tasks.submit(
        rep,
        task.id,
        proof_visit_id=proof.outing.id,
        proof_photo_id=proof.photo_id,
        note="",
        version=task.version,
        at=handed_in,
    )
    tasks.close(
        world.supervisor_of(proof.outing.rep),
        task.id,
        note=world.random.choice(RESOLUTIONS),
        version=submitted.version,
        at=when,
    )


def _resolve(world: World, case: Violation, proof: Proof, when: datetime) -> None:
    violations.resolve(
        world.actors["manager"],
        case.id,
        resolution=world.random.choice(RESOLUTIONS),
        proof_visit_id=proof.outing.id,
        proof_photo_id=proof.photo_id,
        version=case.version,
        at=when,
    )


def _mend(world: World, shop: Shop, subject: str) -> None:
    """Let what was wrong mostly be right on the next visit."""
    what, _, which = subject.partition(":")
    if what == "letter":
        lines = TEMPLATES[f"signage_{shop.site.tier}"]["lines"]
        for line in lines:
            if line["letter"] == which:
                shop.passes[line["code"]] = world.random.random() < MENDED
    elif subject in shop.passes:
        shop.passes[subject] = world.random.random() < MENDED
