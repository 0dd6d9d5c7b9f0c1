"""The working days of salespeople: which stores, planned or not, when, and for how long."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from math import log
from uuid import UUID

from backend.demo.cast import BEIJING, Rep, Shop, World, at, new_id
from backend.demo.geography import kilometres
from backend.network.divisions import Tier
from backend.platform.actors import Actor
from backend.standards.codes import VisitType

EVERY_DAYS = {"A": 3.5, "B": 7, "C": 14, "D": 28}
MINUTES = {"A": 60, "B": 38, "C": 25, "D": 18}
A_DAY = {Tier.CITY: 9, Tier.COUNTY: 8, Tier.TOWN: 6}
KM_PER_HOUR = {Tier.CITY: 22, Tier.COUNTY: 38, Tier.TOWN: 34}
KINDS = {
    VisitType.FULL_AUDIT: 40,
    VisitType.ROUTINE: 50,
    VisitType.PROMOTION_CHECK: 7,
    VisitType.TRAINING: 3,
}
LATE, MISSED, CANCELLED = 0.09, 0.10, 0.03
UNPLANNED, OFFLINE, PATROLLED, LEFT_OPEN = 0.08, 0.12, 0.02, 0.015
DISTURBED = {"is_broken_off": 0.012, "is_amended": 0.025, "is_interrupted": 0.04}
A_VISIT = (
    "out_of_fence",
    "mock",
    "frozen",
    "reused",
    "hasty",
    "recaptured",
    "rushed",
    "borrowed",
)
REASONS = ("老板来电要求补货", "顺路拜访", "处理售后投诉", "竞品活动，临时查看")
LAST_HOUR, LUNCH = 18.6, (12.2, 13.3)
RUSH_KM, RUSH_HOURS = 4, 0.01
COPIED = VisitType.ROUTINE


@dataclass(slots=True)
class Outing:
    """One visit as it really happened; `sent_at` is when the phone could say so."""

    id: UUID
    person: Actor
    rep: Rep
    shop: Shop
    kind: VisitType
    came_at: datetime
    left_at: datetime
    sent_at: datetime
    unplanned_reason: str | None = None
    is_left_open: bool = False
    is_interrupted: bool = False
    is_broken_off: bool = False
    is_amended: bool = False
    cheats: set[str] = field(default_factory=set)

    @property
    def day(self) -> date:
        """The day on which it happened."""
        return self.came_at.astimezone(BEIJING).date()


@dataclass(slots=True)
class Plan:
    """One planned visit and what came of it: done, late, missed or cancelled."""

    id: UUID
    rep: Rep
    shop: Shop
    day: date
    fate: str


class Diary:
    """What reps still owe: when each store was visited last, and what is late."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._late: dict[str, list[Shop]] = {rep.login: [] for rep in world.reps}
        self._patrols: list[tuple[date, Outing]] = []
        self._due = dict.fromkeys(DISTURBED, 0.9)  # soon, even where visits are few
        self._last = {
            shop.id: world.days[0] - timedelta(days=world.random.uniform(0, EVERY_DAYS[shop.grade]))
            for rep in world.reps
            for shop in rep.shops
        }

    def plans_for(self, rep: Rep, day: date) -> list[Plan]:
        """Plan a rep's day: the store that is most overdue, and others on the way."""
        random = self._world.random
        waiting = [shop for shop in rep.shops if shop.is_open(day)]
        if not works(day) or not waiting:
            return []
        first = max(waiting, key=lambda shop: self._overdue(shop, day))
        count = max(3, round(random.gauss(A_DAY[first.site.tier], 1.3)))
        near = sorted(
            waiting,
            key=lambda shop: kilometres(shop.door, first.door) / 4 - self._overdue(shop, day),
        )
        chosen = near[:count]
        for shop in chosen:
            self._last[shop.id] = day
        weights = (1 - LATE - MISSED - CANCELLED, LATE, MISSED, CANCELLED)
        return [
            Plan(
                new_id(self._world),
                rep,
                shop,
                day,
                random.choices(("done", "late", "missed", "cancelled"), weights)[0],
            )
            for shop in _route(chosen)
        ]

    def outings(self, rep: Rep, day: date, plans: list[Plan]) -> Iterator[Outing]:
        """Yield the visits the rep made that day, in order."""
        if not works(day):
            return
        random = self._world.random
        todo: list[tuple[Shop, str | None]] = [
            (plan.shop, None) for plan in plans if plan.fate == "done"
        ]
        done = {shop.id for shop, _ in todo}
        late = [shop for shop in self._late[rep.login] if shop.is_open(day)]
        todo += [(shop, "补前日计划") for shop in late[:2] if shop.id not in done]
        self._late[rep.login] = [plan.shop for plan in plans if plan.fate == "late"]
        here = {shop.id for shop, _ in todo}
        others = [shop for shop in rep.shops if shop.is_open(day) and shop.id not in here]
        if others and random.random() < UNPLANNED * len(todo):
            todo.append((random.choice(others), random.choice(REASONS)))
        yield from self._walk(rep, day, todo)

    def patrols(self, day: date) -> Iterator[Outing]:
        """Yield the supervisors' second looks at stores their reps visited days before."""
        due = [outing for on, outing in self._patrols if on == day]
        self._patrols = [(on, outing) for on, outing in self._patrols if on > day]
        busy: dict[int, float] = {}
        for outing in due:
            supervisor = self._world.supervisor_of(outing.rep)
            hour = busy.get(supervisor.id, 9.5)
            busy[supervisor.id] = hour + 1.5
            if hour > LAST_HOUR - 1:
                continue
            came_at = at(day, hour + self._world.random.uniform(0, 0.5))
            left_at = came_at + timedelta(minutes=self._world.random.uniform(12, 30))
            yield Outing(
                new_id(self._world),
                supervisor,
                outing.rep,
                outing.shop,
                VisitType.SUPERVISOR_PATROL,
                came_at,
                left_at,
                left_at,
            )

    def _walk(self, rep: Rep, day: date, todo: list[tuple[Shop, str | None]]) -> Iterator[Outing]:
        """Go from store to store; what no longer fits into the day is late."""
        random = self._world.random
        hour = min(max(random.gauss(9.1, 0.4), 8), 11)
        has_lunch, last = random.random() < 0.8, None
        rates = self._world.preset.rates
        is_offline = random.random() < OFFLINE
        all_day = set(self._drawn(rep, "couch", "copied"))
        for place, (shop, reason) in enumerate(todo):
            cheats = all_day | set(self._drawn(rep, *A_VISIT))
            hours, rushes = _travel(last, shop, cheats)
            hour += hours
            if has_lunch and LUNCH[0] <= hour < LUNCH[1] and not rushes:
                hour = LUNCH[1]
            minutes = random.lognormvariate(log(MINUTES[shop.grade]), 0.45)
            if "hasty" in cheats:
                minutes = random.uniform(1.2, 2.8)
            if hour + minutes / 60 > LAST_HOUR:
                self._late[rep.login] += [left for left, _ in todo[place:]]
                return
            outing = self._outing(rep, shop, day, (hour, minutes), is_offline=is_offline)
            outing.unplanned_reason, outing.cheats = reason, cheats
            if "hasty" in cheats:
                self._world.truth.plant("hasty_visit", visit=outing.id)
            if rushes and last and "couch" not in cheats:
                self._world.truth.plant("impossible_speed", visit=outing.id, before=last.id)
            if "copied" in cheats:
                outing.kind = COPIED
            hour += minutes / 60
            # Only the day's last can stay open: while one is, the next would be quarantined.
            if place == len(todo) - 1 and random.random() < LEFT_OPEN * rates * len(todo):
                outing.is_left_open = True
            elif random.random() < PATROLLED * rates:
                later = day + timedelta(days=random.randint(1, 3))
                self._patrols.append((later, outing))
            self._disturb(outing)
            yield outing
            last = outing

    def _outing(
        self, rep: Rep, shop: Shop, day: date, when: tuple[float, float], *, is_offline: bool
    ) -> Outing:
        random, (hour, minutes) = self._world.random, when
        came_at = at(day, hour)
        left_at = came_at + timedelta(minutes=minutes)
        sent_at = left_at + timedelta(seconds=random.uniform(1, 6))
        if is_offline:
            wait = 25 * 60 if random.random() < 0.01 else random.lognormvariate(log(45), 0.8)
            sent_at = left_at + timedelta(minutes=wait)
        kind = random.choices(list(KINDS), list(KINDS.values()))[0]
        return Outing(new_id(self._world), rep.actor, rep, shop, kind, came_at, left_at, sent_at)

    def _disturb(self, outing: Outing) -> None:
        """Let something come in between of every so many visits: a pause, the end, a correction."""
        if outing.is_left_open or outing.cheats:
            return
        for change, share in DISTURBED.items():
            self._due[change] += share * self._world.preset.rates
            if self._due[change] >= 1:
                self._due[change] -= 1
                setattr(outing, change, True)
                return

    def _drawn(self, rep: Rep, *cheats: str) -> Iterator[str]:
        habit, rates = rep.habit, self._world.preset.rates
        for cheat in cheats:
            if self._world.random.random() < getattr(habit, cheat) * rates / 1000:
                yield cheat

    def _overdue(self, shop: Shop, day: date) -> float:
        return (day - self._last[shop.id]).days / EVERY_DAYS[shop.grade]


def _travel(last: Outing | None, shop: Shop, cheats: set[str]) -> tuple[float, bool]:
    """Return the hours to the next store, and whether nobody can be that fast."""
    if last is None:
        return 0, False
    km = kilometres(last.shop.door, shop.door)
    if "rushed" in cheats and km > RUSH_KM:
        return RUSH_HOURS, True
    return km * 1.35 / KM_PER_HOUR[shop.site.tier] + 0.05, False


def _route(shops: list[Shop]) -> list[Shop]:
    """Return the stores in the order of going to the nearest next."""
    todo, route = shops[1:], shops[:1]
    while todo:
        route.append(min(todo, key=lambda shop: kilometres(route[-1].door, shop.door)))
        todo.remove(route[-1])
    return route


def works(day: date) -> bool:
    """Whether reps work: not on Sundays, and on every other Saturday."""
    return day.weekday() < 5 or (day.weekday() == 5 and day.toordinal() // 7 % 2 == 0)
