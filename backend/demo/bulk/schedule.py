"""Who goes where, when: the plan of a team's window, and the visits that came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.random import Generator

from backend.demo.bulk.network import GRADE_CODES, HABITS, Team
from backend.demo.bulk.pages import Array
from backend.demo.cast import CHEATER, DILIGENT, NORMAL, SLOPPY
from backend.demo.days import KM_PER_HOUR, MINUTES, works
from backend.network.divisions import Tier
from backend.standards import calendar
from backend.standards.codes import VisitStatus, VisitType
from backend.standards.frequencies import BY_GRADE
from backend.standards.journey_codes import DayKind

KINDS = (
    VisitType.FULL_AUDIT,
    VisitType.ROUTINE,
    VisitType.PROMOTION_CHECK,
    VisitType.TRAINING,
    VisitType.SUPERVISOR_PATROL,
)
FULL, ROUTINE, CHECK, _, PATROL = range(5)
_KIND_MIX = (0.40, 0.50, 0.07, 0.03)
STATUSES = (VisitStatus.COMPLETE, VisitStatus.UNREPORTED, VisitStatus.CANCELLED)
COMPLETE, UNREPORTED, CANCELLED = range(3)
PLANNED_DONE, MISSED, CALLED_OFF = range(3)
CHEATS = {
    "out_of_fence": "out_of_fence",
    "mock_flag": "mock",
    "frozen_fix": "frozen",
    "photo_reuse": "reused",
    "short_visit": "hasty",
    "photo_of_photo": "recaptured",
    "impossible_speed": "rushed",
}
"""Names of what was planted, and the trait of a habit that says how often."""
_ASKED = 1.07
"""Visits planned over visits due: some are going to be missed."""
_LATE, _MISSED, _CANCELLED = 0.09, 0.10, 0.03
_UNPLANNED, _PATROLLED = 0.08, 0.02
_LEFT_OPEN, _BROKEN_OFF, _QUARANTINED, _CLOSED_DOOR = 0.015, 0.006, 0.004, 0.02
_OFFLINE, _LONG_OFFLINE = 0.12, 0.01
LATE_DAYS = 2
DAY_S = 86_400
_MORNING, _LUNCH, _LUNCH_ENDS, _EVENING = 9.08, 12.17, 13.33, 18.6
_DETOUR = 1.35
_MEETING_ENDS = 9.5
"""On Mondays nobody comes earlier."""


@dataclass(slots=True)
class Visits:
    """Check-ins column by column, in order of person and time. Days and seconds are local.

    `plan` is the place of the entry that the visit did (-1: nobody had planned it).
    """

    store: Array
    rep: Array
    day: Array
    kind: Array
    status: Array
    is_patrol: Array
    is_quarantined: Array
    is_shut: Array
    plan: Array
    came: Array
    left: Array
    sent: Array
    cheats: dict[str, Array]

    @property
    def counts(self) -> Array:
        """Which of them count."""
        found: Array = (self.status == COMPLETE) & ~self.is_quarantined
        return found

    @property
    def is_seen(self) -> Array:
        """Which of them found the store open and said what was in it."""
        found: Array = self.counts & ~self.is_shut
        return found


@dataclass(slots=True)
class Plans:
    """Planned visits column by column: `visit` is the place of the one that did it, or -1."""

    store: Array
    day: Array
    fate: Array
    visit: Array


def shares(start: date, days: int) -> Array:
    """Return how much of an ordinary day's visits is planned on each day of the window."""
    return np.array([_share(start + timedelta(days=each)) for each in range(days)])


def _share(day: date) -> float:
    """Return the calendar's share; nobody has every Saturday off that is no holiday."""
    known = calendar.by_law(day)
    return float(works(day)) if known.kind is DayKind.WEEKEND else known.share


def lay_out(
    team: Team, random: Generator, start: date, days: int, rates: float
) -> tuple[Plans, Visits]:
    """Plan a team's window and let it happen."""
    share = shares(start, days)
    work = np.flatnonzero(share)
    plans = _planned(team, random, work, share)
    store, day, plan, is_patrol = _made(team, random, plans, work, days)
    order = np.lexsort((team.lon[store] + team.lat[store], day, team.rep[store], is_patrol))
    store, day, plan, is_patrol = store[order], day[order], plan[order], is_patrol[order]
    visits = _visits(team, random, (store, day, plan, is_patrol), rates, start.weekday())
    _match(plans, visits)
    return plans, visits


def _planned(team: Team, random: Generator, work: Array, share: Array) -> Plans:
    """Spread each store's due visits evenly over the working days, at its own phase."""
    due = _ASKED * np.array([BY_GRADE[each] for each in GRADE_CODES])[team.grade]
    cycle = share.sum() * 28 / len(share)
    phase = random.random(len(due))
    number = np.maximum(np.ceil(len(work) * due / cycle - phase), 0).astype(int)
    store = np.repeat(np.arange(len(due)), number)
    turn = np.arange(len(store)) - np.repeat(np.cumsum(number) - number, number)
    slot = np.floor((turn + phase[store]) * cycle / due[store]).astype(int)
    keep = slot < len(work)
    store, day = store[keep], work[slot[keep]]
    keep = team.is_open(store, day) & (random.random(len(day)) < share[day])
    store, day = store[keep], day[keep]
    return Plans(store, day, np.zeros(len(store), int), np.full(len(store), -1))


def _made(
    team: Team, random: Generator, plans: Plans, work: Array, days: int
) -> tuple[Array, Array, Array, Array]:
    """Return store, day, plan entry (-1: none) and whether it is a patrol, of every visit."""
    draw = random.random(len(plans.store))
    later = _next_workday(work, days)[plans.day]
    is_late = (draw < _LATE) & (later - plans.day <= LATE_DAYS)
    is_late &= team.is_open(plans.store, later) & (later < days)
    is_late &= ~_has_plan(plans, days, len(team.store_id))[plans.store, np.minimum(later, days - 1)]
    plans.fate[(draw >= _LATE) & (draw < _LATE + _MISSED)] = MISSED
    plans.fate[(draw >= _LATE + _MISSED) & (draw < _LATE + _MISSED + _CANCELLED)] = CALLED_OFF
    done = np.flatnonzero(plans.fate == PLANNED_DONE)
    store = plans.store[done]
    day = np.where(is_late, later, plans.day)[done]
    near = _near_plan(plans, days, len(team.store_id))
    extra = _unplanned(team, random, work, near, round(len(done) * _UNPLANNED / (1 - _UNPLANNED)))
    patrols = _unplanned(team, random, work, near, round(len(done) * _PATROLLED))
    both = np.concatenate([extra, patrols])
    both, first = np.unique(both, axis=0, return_index=True)
    return (
        np.concatenate([store, both[:, 0]]),
        np.concatenate([day, both[:, 1]]),
        np.concatenate([done, np.full(len(both), -1)]),
        np.concatenate([np.zeros(len(done), bool), first >= len(extra)]),
    )


def _next_workday(work: Array, days: int) -> Array:
    """Return by day the working day after it; one after the window where there is none."""
    place = np.searchsorted(work, np.arange(days), side="right")
    return np.append(work, days)[place]


def _has_plan(plans: Plans, days: int, stores: int) -> Array:
    planned = np.zeros((stores, days), bool)
    planned[plans.store, plans.day] = True
    return planned


def _near_plan(plans: Plans, days: int, stores: int) -> Array:
    """Return by store and day whether a visit then could have to do with a planned one."""
    planned = _has_plan(plans, days, stores)
    near = planned.copy()
    for shift in range(1, LATE_DAYS + 1):
        near[:, shift:] |= planned[:, :-shift]
    return near


def _unplanned(team: Team, random: Generator, work: Array, near: Array, count: int) -> Array:
    """Draw (store, day) of visits that nobody had planned, away from those somebody had."""
    store = random.integers(len(team.store_id), size=count * 2)
    day = work[random.integers(len(work), size=count * 2)]
    fits = ~near[store, day] & team.is_open(store, day)
    return np.column_stack([store, day])[fits][:count]


def _visits(
    team: Team,
    random: Generator,
    made: tuple[Array, Array, Array, Array],
    rates: float,
    weekday: int,
) -> Visits:
    store, day, plan, is_patrol = made
    count = len(store)
    rep = team.rep[store]
    kind = random.choice(4, count, p=_KIND_MIX)
    kind[is_patrol] = PATROL
    cheats = _cheats(random, team.habits[rep], rates, is_patrol)
    draw = random.random(count)
    status = np.select(
        [draw < _LEFT_OPEN, draw < _LEFT_OPEN + _BROKEN_OFF], [UNREPORTED, CANCELLED], COMPLETE
    )
    for cheated in cheats.values():
        status[cheated] = COMPLETE
    is_quarantined = (random.random(count) < _QUARANTINED) & (status == COMPLETE)
    is_shut = (random.random(count) < _CLOSED_DOOR) & (status == COMPLETE)
    minutes = np.array([MINUTES[each] for each in GRADE_CODES])[team.grade[store]]
    minutes = minutes * np.exp(0.45 * random.normal(0, 1, count))
    minutes[is_shut] = random.uniform(4, 9, int(is_shut.sum()))
    hasty = cheats["short_visit"]
    minutes[hasty] = random.uniform(1.2, 2.8, int(hasty.sum()))
    came, left = _clocked(team, random, (store, rep, day, is_patrol), minutes / 60, weekday)
    delay = np.where(
        random.random(count) < _OFFLINE,
        np.where(
            random.random(count) < _LONG_OFFLINE,
            25 * 3600.0,
            45 * 60 * np.exp(0.8 * random.normal(0, 1, count)),
        ),
        random.uniform(1, 9, count),
    )
    return Visits(
        store=store,
        rep=rep,
        day=day,
        kind=kind,
        status=status,
        is_patrol=is_patrol,
        is_quarantined=is_quarantined,
        is_shut=is_shut,
        plan=plan,
        came=came,
        left=left,
        sent=left + np.maximum(delay, 1).astype(np.int64),
        cheats=cheats,
    )


def _cheats(random: Generator, habits: Array, rates: float, is_patrol: Array) -> dict[str, Array]:
    """Draw what is wrong with visits, by how often it is in 1,000 of a rep's."""
    classes = {"diligent": DILIGENT, "normal": NORMAL, "sloppy": SLOPPY, "cheater": CHEATER}
    found = {}
    for name, trait in CHEATS.items():
        per_mille = np.array([getattr(classes[each], trait) for each in HABITS])
        limit = np.minimum(per_mille[habits] * rates / 1000, 0.3)
        found[name] = (random.random(len(habits)) < limit) & ~is_patrol
    return found


def _clocked(
    team: Team,
    random: Generator,
    who: tuple[Array, Array, Array, Array],
    hours: Array,
    weekday: int,
) -> tuple[Array, Array]:
    """Return the seconds of the window at which each visit began and ended, one after another.

    `weekday` is the weekday of the first day: `weekday + day` is a multiple of 7 on Mondays.
    """
    store, rep, day, is_patrol = who
    count = len(store)
    if not count:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    lat, lon = team.lat[store], team.lon[store]
    begins = np.ones(count, bool)
    begins[1:] = (rep[1:] != rep[:-1]) | (day[1:] != day[:-1]) | (is_patrol[1:] != is_patrol[:-1])
    group = np.cumsum(begins) - 1
    first = np.flatnonzero(begins)
    north = np.diff(lat, prepend=lat[0]) * 111.32
    east = np.diff(lon, prepend=lon[0]) * 111.32 * np.cos(np.radians(lat))
    speed = np.array([KM_PER_HOUR[tier] for tier in Tier])[team.tier[store]]
    travel = np.minimum(np.hypot(north, east) * _DETOUR / speed + 0.05, 2.0)
    travel[begins] = 0
    spent = np.cumsum(travel + hours)
    base = (spent - travel - hours)[first][group]
    ends, starts = spent - base, spent - base - hours
    dawn = np.clip(random.normal(_MORNING, 0.4, len(first)), 8, 10.5)
    is_monday = (weekday + day[first]) % 7 == 0
    dawn = np.where(is_monday, np.maximum(dawn, _MEETING_ENDS), dawn)[group]
    total = np.zeros(len(first))
    np.maximum.at(total, group, ends)
    lunch = np.where(random.random(len(first)) < 0.8, _LUNCH_ENDS - _LUNCH, 0.0)[group]
    shrink = np.minimum(1, (_EVENING - dawn - lunch) / np.maximum(total[group], 0.01))
    came, left = dawn + starts * shrink, dawn + ends * shrink
    after = came >= _LUNCH
    came, left = came + lunch * after, left + lunch * after
    second = day * DAY_S
    return second + (came * 3600).astype(np.int64), second + (left * 3600).astype(np.int64)


def _match(plans: Plans, visits: Visits) -> None:
    """Say which visit did which entry; one whose visit does not count was missed."""
    has_plan = np.flatnonzero((visits.plan >= 0) & visits.counts)
    plans.visit[visits.plan[has_plan]] = has_plan
    plans.fate[(plans.fate == PLANNED_DONE) & (plans.visit < 0)] = MISSED
