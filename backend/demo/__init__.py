"""A fictional brand, 曜石 YAOSHI, in real places: a network, a season of visits, and the truth.

Everything is made through the functions that the API calls, so the ledger, the scores and the
violations are real. The same preset, seed and day give the same rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random

from rich.progress import Progress

from backend import worker
from backend.demo import (
    aftermath,
    auditing,
    catalogue,
    dealings,
    inventory,
    journeys,
    network,
    partners,
    promotions,
    scorecards,
)
from backend.demo.archive import AddressBook
from backend.demo.cast import World, at, hash_of
from backend.demo.catalogue import Catalogue
from backend.demo.days import Diary, Plan
from backend.demo.feeds import Market
from backend.demo.inventory import Depot, Launching
from backend.demo.positions import Receiver
from backend.demo.presets import PRESETS
from backend.demo.promotions import Campaign
from backend.demo.truth import Truth
from backend.demo.visits import Post
from backend.evidence import follow as evidence
from backend.fieldwork import escalation, plans
from backend.fieldwork import follow as fieldwork
from backend.insight import follow as insight
from backend.network import sessions
from backend.network.models import Person
from backend.platform import clock, consumers, jobs, ledger
from backend.platform.actors import Actor, Role
from backend.platform.database import transaction
from backend.platform.models import Job
from backend.standards import checklists, scorecard_weights

Login = tuple[str, str, str]
"""Role, login and password."""
UNKNOWN_STORE_ID = 900_001
SUNDAY = 6
PLANNED_DAYS = 35  # before that, nobody had been asked for anything yet


def is_empty() -> bool:
    """Return whether nobody can sign in yet."""
    return not Person.select().exists()


def logins() -> list[Login]:
    """Return an example of each role whose password is still the demonstration's.

    None in a database that holds no demonstration.
    """
    people = list(Person.select().order_by(Person.id))
    stored = {person.login: person.password_hash for person in people}
    examples = _examples([(row.role, row.login, f"demo-{row.login}") for row in people])
    return [row for row in examples if sessions.matches(stored[row[1]], row[2])]


def load(
    preset: str, seed: int, truth_path: Path, progress: Progress, today: date | None = None
) -> list[Login]:
    """Fill an empty database, write down what was planted, and return an example of each role.

    The window of visits ends the day before `today`. Raises KeyError for an unknown preset.
    """
    today = today or clock.business_date(clock.now())
    world = World(
        preset=PRESETS[preset],
        today=today,
        random=Random(seed),  # noqa: S311  # the same every time is the point
        truth=Truth(preset=preset, seed=seed, today=today),
        admin=Actor(id=0, role=Role.ADMIN, region_path="/"),
    )
    # All or nothing: half a demonstration would not be loaded again. What follows, the worker
    # can do as well.
    with transaction():
        stage = _stage(world, progress)
        _play(world, stage, progress)
        _close_books(world, stage, progress)
        world.truth.write(truth_path)
    _settle(world, progress)
    return _examples(world.logins)


@dataclass(frozen=True, slots=True)
class _Stage:
    """What is ready when the first day begins."""

    articles: Catalogue
    campaigns: list[Campaign]
    post: Post
    book: AddressBook
    depot: Depot
    launching: Launching
    market: Market


def _stage(world: World, progress: Progress) -> _Stage:
    bar = progress.add_task("network", total=4)
    network.plant_root(world)
    network.build(world)
    scorecards.enrol(world)
    auditing.prepare(world)
    progress.advance(bar)
    checklists.install_manual(at=world.before)
    scorecard_weights.install(at=world.before)
    _ask_for_principles(world)
    articles = catalogue.build(world)
    progress.advance(bar)
    campaigns = promotions.build(world, articles)
    progress.advance(bar)
    stage = _Stage(
        articles,
        campaigns,
        Post(world, articles, campaigns, Receiver(world)),
        AddressBook(world),
        inventory.lend(world),
        inventory.launch(world, articles),
        Market(world, articles, campaigns),
    )
    progress.advance(bar)
    return stage


def _ask_for_principles(world: World) -> None:
    """Publish the second version of the manual's checklists, for later in the window."""
    drafts = checklists.list_checklists(
        world.admin, today=world.days[0] - timedelta(days=1), status="draft"
    )
    for draft in list(drafts):
        checklists.publish(
            world.admin,
            draft.id,
            version=draft.revision,
            valid_from=world.principled_on,
            at=world.before,
        )


def _play(world: World, stage: _Stage, progress: Progress) -> None:
    post = stage.post
    diary, asked_since = Diary(world), world.today - timedelta(days=PLANNED_DAYS)
    for day in progress.track(world.days, description="visits"):
        made = []
        for rep in world.reps:
            planned = diary.plans_for(rep, day)
            for plan in planned if day >= asked_since else ():
                _ask(world, plan)
            made += list(diary.outings(rep, day, planned))
        made += list(diary.patrols(day))
        for outing in made:
            post.hand_in(outing, day)
        if day == world.days[-1]:
            post.send_from_nowhere(world.reps[1], UNKNOWN_STORE_ID, at(day, 19))
        proofs = post.deliver(at(day + timedelta(days=1), 0))
        for outing in (each for each in made if not each.is_broken_off):
            aftermath.report_by_hand(world, outing)
            stage.book.meet(outing)
            stage.depot.inspect(outing)
            stage.launching.follow(outing)
            partners.assess_push(world, outing)
            partners.survey_counter(world, outing)
        if day.weekday() == SUNDAY:
            for rep in world.reps:
                stage.market.count(rep, day)
        aftermath.resolve(world, proofs)
        _make_tasks(at(day + timedelta(days=1), 0))


def _make_tasks(now: datetime) -> None:
    """Let the day's violations become tasks, and tell those above of late ones."""
    while ledger.seal():
        pass
    while consumers.advance(fieldwork.CONSUMER):
        pass
    while escalation.escalate(now):
        pass


def _close_books(world: World, stage: _Stage, progress: Progress) -> None:
    """Take in the feeds of the season, and do what the office does with it."""
    bar = progress.add_task("feeds and cases", total=5)
    stage.market.trade()
    progress.advance(bar)
    dealings.follow_up(world, stage.campaigns)
    progress.advance(bar)
    aftermath.hear_dealers(world)
    progress.advance(bar)
    partners.complain(world)
    partners.ask_back(world)
    partners.correct_points(world)
    progress.advance(bar)
    journeys.plan_ahead(world)
    progress.advance(bar)


def _ask(world: World, plan: Plan) -> None:
    planner = world.supervisor_of(plan.rep)
    asked_at = at(plan.day - timedelta(days=1), 17)
    plans.put(
        planner,
        plan.id,
        store_id=plan.shop.id,
        person_id=plan.rep.actor.id,
        planned_on=plan.day,
        content_sha256=hash_of(plan.id),
        at=asked_at,
    )
    if plan.fate == "cancelled":
        plans.cancel(planner, plan.id, reason="planning_mistake", at=asked_at + timedelta(hours=2))


def _settle(world: World, progress: Progress) -> None:
    """Do the worker's work, each kind in one go; what is left is little."""
    # Few transactions: every job's own would wait for the disk.
    with transaction():
        _digest()
        bar = progress.add_task("photos and places", total=_owed(*evidence.JOBS))
        while done := jobs.run_due(evidence.JOBS, at=clock.now()):
            progress.advance(bar, done)
    with transaction():
        auditing.audit(world)
        _digest()
    bar = progress.add_task("figures", total=_owed(insight.KIND))
    with transaction():
        while leases := jobs.claim([insight.KIND], at=clock.now(), limit=500):
            insight.refresh([lease.key for lease in leases])
            for lease in leases:
                jobs.finish(lease)
            progress.advance(bar, len(leases))
        worker.run_until_idle()
        auditing.appeal(world)
        scorecards.reply(world)
        worker.run_until_idle()


def _digest() -> None:
    while ledger.seal():
        pass
    for consumer in worker.CONSUMERS:
        while consumers.advance(consumer):
            pass


def _owed(*kinds: str) -> int:
    return Job.select().where(Job.kind.in_(kinds)).count()


def _examples(everyone: list[Login]) -> list[Login]:
    """Return the first of every role, and who is known by name."""
    named = {"manager-hn"}
    first = {role: login for role, login, _ in reversed(everyone)}
    return [row for row in everyone if row[1] in named or first[row[0]] == row[1]]
