"""Who and what takes part: the values that one module of the demonstration hands to the next."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from uuid import UUID
from zoneinfo import ZoneInfo

from backend.demo.geography import Site
from backend.demo.presets import Preset
from backend.demo.truth import Truth
from backend.network.positions import Point
from backend.platform.actors import Actor

BEIJING = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class Habit:
    """How a class of reps works: what happens how often in 1,000 of their visits.

    `couch` and `copied` are counted in 1,000 of their days.
    """

    name: str
    out_of_fence: float
    mock: float
    frozen: float
    reused: float
    hasty: float
    recaptured: float
    rushed: float
    borrowed: float
    couch: float = 0
    copied: float = 0


DILIGENT = Habit("diligent", 5, 0, 0, 1, 2, 0, 0, 0)
NORMAL = Habit("normal", 20, 0.5, 0.5, 6, 15, 2, 0.3, 0.5)
SLOPPY = Habit("sloppy", 60, 3, 3, 25, 80, 10, 2, 2)
CHEATER = Habit("cheater", 180, 90, 120, 140, 200, 70, 40, 15, couch=60, copied=60)


@dataclass(slots=True)
class Rep:
    """A salesperson, the phone in their hand, and the stores that are theirs."""

    login: str
    actor: Actor
    habit: Habit
    model: str
    client: str
    skew: timedelta
    is_rooted: bool = False
    shops: list[Shop] = field(default_factory=list)


@dataclass(slots=True)
class Trader:
    """A dealer that sells to stores, and how its stores differ from others.

    `signage` shifts every pass probability (logit); `disorder` multiplies price violations.
    """

    id: int
    code: str
    territory: tuple[str, ...]
    region_id: int
    signage: float
    disorder: float


@dataclass(slots=True)
class Shop:
    """A store as it really is; what the server was told may differ."""

    id: int
    code: str
    name: str
    site: Site
    grade: str
    monthly_units: float
    trader: Trader
    opened_on: date
    closed_on: date | None = None
    passes: dict[str, bool] = field(default_factory=dict)
    """What was found last, by checklist line: things rarely change between visits."""
    told: dict[int, date] = field(default_factory=dict)
    """Up to which day its sales were reported, by promotion."""

    @property
    def door(self) -> Point:
        """Where the door is, in WGS-84."""
        return self.site.door

    def is_open(self, day: date) -> bool:
        """Whether it trades on a day."""
        return self.opened_on <= day and (self.closed_on is None or day < self.closed_on)


@dataclass(slots=True)
class World:
    """Everything that was made so far, and the one source of chance."""

    preset: Preset
    today: date
    random: Random
    truth: Truth
    admin: Actor
    logins: list[tuple[str, str, str]] = field(default_factory=list)
    regions: dict[str, int] = field(default_factory=dict)
    actors: dict[str, Actor] = field(default_factory=dict)
    reps: list[Rep] = field(default_factory=list)
    traders: list[Trader] = field(default_factory=list)
    shops: list[Shop] = field(default_factory=list)

    @property
    def days(self) -> list[date]:
        """The days of the window; the last is yesterday."""
        return [self.today - timedelta(days=ago) for ago in range(self.preset.days, 0, -1)]

    @property
    def before(self) -> datetime:
        """When the brand's office set everything up: the eve of the window."""
        return at(self.days[0] - timedelta(days=1), 20)

    @property
    def principled_on(self) -> date:
        """The day from which on checklists ask for the display principles too."""
        return self.day(0.6)

    def supervisor_of(self, rep: Rep) -> Actor:
        """Return the supervisor of the area the rep works in."""
        supervisors = (self.actors[area.supervisor] for area in self.preset.areas)
        return next(s for s in supervisors if rep.actor.region_path.startswith(s.region_path))

    def day(self, share: float) -> date:
        """Return the day at this share (0-1) of the window."""
        return self.days[int(share * (self.preset.days - 1))]


def new_id(world: World) -> UUID:
    """Return an id as a phone mints it, but the same for the same seed."""
    return UUID(int=world.random.getrandbits(128), version=4)


def hash_of(handed_in: UUID) -> str:
    """Return what stands for the content of something handed in under an id."""
    return hashlib.sha256(handed_in.bytes).hexdigest()


def at(day: date, hour: float) -> datetime:
    """Return the instant of a day at an hour of Beijing time, in UTC."""
    midnight = datetime.combine(day, time(), BEIJING)
    return (midnight + timedelta(hours=hour)).astimezone(UTC)
