"""League tables: how the reps of a region compare by a KPI; a rep sees others without names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from backend.insight import periods, tables
from backend.insight.figures import figures
from backend.insight.kpis import Figure, Kpi, Number
from backend.insight.populations import Grain, Population
from backend.insight.reasons import NullReason
from backend.insight.windows import Against, Window
from backend.network import regions
from backend.network.models import Person, Region
from backend.platform import clock
from backend.platform.actors import Actor, Role
from backend.platform.errors import NotFoundError

FEWEST = 5  # among fewer a rank or a value says whose it is
TOO_FEW = "too_few"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The place of a rep; of somebody else's a rep is told the rank and the value only.

    `rank` is None without a value; `percentile` is how many in a hundred of the others are worse.
    """

    rank: int | None
    value: Number | None
    is_own: bool
    num: Number | None = None
    den: Number | None = None
    n_stores: int | None = None
    low_n: bool | None = None
    suspect_share: float | None = None
    reason: NullReason | None = None
    previous_rank: int | None = None
    percentile: float | None = None
    person_id: int | None = None
    login: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class League:
    """A table, the best first; `n_ranked` of the reps have a value.

    `reason` says why a rep gets the own figure only.
    """

    kpi: Kpi
    window: Window
    before: Window
    as_of: datetime
    is_provisional: bool
    n_reps: int
    n_ranked: int
    reason: str | None
    own: Place | None
    places: list[Place]


def league(
    actor: Actor,
    *,
    kpi: Kpi,
    window: Window,
    at: datetime,
    region_id: int | None = None,
    sku_id: int | None = None,
) -> League:
    """Rank the active reps of a region and below, against the window before.

    For a rep that is the own region. A KPI without a direction puts the largest first. Raises
    NotFoundError for a region out of sight.
    """
    people = _reps(actor, region_id)
    before = periods.before(window, Against.PREVIOUS)
    asked = Population(
        actor=actor, grain=Grain.REP, members=[key for key, _, _ in people], is_open=True
    )
    now, then = (_figures(asked, kpi, days, sku_id, at) for days in (window, before))
    ranks, earlier = _ranks(now, kpi), _ranks(then, kpi)
    is_rep = actor.role is Role.REP
    reason = TOO_FEW if is_rep and len(ranks) < FEWEST else None
    if reason:
        ranks = {}
    if is_rep and len(earlier) < FEWEST:
        earlier = {}
    percentiles = _percentiles(ranks)
    places = []
    for key, login, name in people:
        is_own = key == actor.id
        place = Place(rank=ranks.get(key), value=now[key].value, is_own=is_own)
        if is_own or not is_rep:
            place = replace(
                _with_parts(place, now[key]),
                previous_rank=earlier.get(key),
                percentile=percentiles.get(key),
                person_id=key,
                login=login,
                name=name,
            )
        places.append(place)
    # Who shares a rank with the reader comes after, and nothing tells two others apart.
    places.sort(key=lambda each: (each.rank is None, each.rank or 0, not each.is_own))
    own = next((each for each in places if each.is_own), None)
    return League(
        kpi=kpi,
        window=window,
        before=before,
        as_of=at,
        is_provisional=window.is_provisional(clock.business_date(at)),
        n_reps=len(people),
        n_ranked=sum(figure.value is not None for figure in now.values()),
        reason=reason,
        own=own,
        places=[each for each in places if each.is_own] if reason else places,
    )


def _reps(actor: Actor, region_id: int | None) -> Sequence[tuple[int, str, str]]:
    """Return (id, login, name) of the active reps of a region and below, by login."""
    path = actor.region_path
    if region_id is not None:
        path = regions.get(actor, region_id).path
        if actor.role is Role.REP and path != actor.region_path:
            raise NotFoundError(what="region")  # two tables would tell who is in one of them
    below = Region.select(Region.id).where(Region.path.startswith(path))
    reps: Any = (
        Person.select(Person.id, Person.login, Person.name)
        .where(Person.role == str(Role.REP), Person.is_active, Person.region.in_(below))
        .order_by(Person.login)
        .tuples()
    )
    return list(reps)


def _figures(
    asked: Population, kpi: Kpi, window: Window, sku_id: int | None, at: datetime
) -> dict[int, Figure]:
    """Return the figure of each rep, the same whoever asks."""
    keys = list(asked.members or ())
    found = figures(asked, window=window, at=at, kpis=[kpi], sku_id=sku_id) if keys else {}
    nobody = tables.nobody([kpi], at)
    return {key: found.get(key, nobody).figures[kpi.code] for key in keys}


def _with_parts(place: Place, figure: Figure) -> Place:
    return replace(
        place,
        num=figure.num,
        den=figure.den,
        n_stores=figure.n_stores,
        low_n=figure.low_n,
        suspect_share=figure.suspect_share,
        reason=figure.reason,
    )


def _ranks(found: Mapping[int, Figure], kpi: Kpi) -> dict[int, int]:
    """Return the rank of each rep with a value; those with the same value share the better one."""
    values = {key: each.value for key, each in found.items() if each.value is not None}
    order = sorted(values.values(), reverse=kpi.is_higher_better is not False)
    first: dict[Number, int] = {}
    for place, value in enumerate(order, start=1):
        first.setdefault(value, place)
    return {key: first[value] for key, value in values.items()}


def _percentiles(ranks: Mapping[int, int]) -> dict[int, float]:
    """Return how many in a hundred of the others are worse; nothing of one who is alone."""
    others, sharing = len(ranks) - 1, Counter(ranks.values())
    if others < 1:
        return {}
    return {
        key: 100 * (others + 1 - (rank - 1) - sharing[rank]) / others for key, rank in ranks.items()
    }
