"""Check-ins under a wrong datum told from check-ins somewhere else, on planted ones.

A county store stands at each county of the demonstration's points file. Mis-tagged check-ins are
made at the door with 29 m of noise per axis, and sent in one of the three datums under the name of
another, the six ways in turn. Cheaters are 200-3,000 m away, evenly, in all directions, and name
their datum rightly; so do honest people at the door. All are stored as the intake stores them, and
judged by the product.
"""

import csv
import time
from collections import Counter
from datetime import UTC, datetime
from itertools import cycle, permutations
from math import tau
from pathlib import Path
from random import Random
from typing import Any, NamedTuple
from uuid import UUID

from rich.progress import track

from backend.demo import geography
from backend.evidence.models import LocationReading
from backend.evidence.places import judge_places
from backend.fieldwork import fixes
from backend.fieldwork.models import Visit
from backend.network.models import Store
from backend.network.positions import Datum, Point, to_datum
from backend.platform.database import db, insert_rows, transaction
from backend.standards.service import JudgedFor
from tests.factories import make_dealer, make_person, make_store, make_visit

TITLE = "Wrong datums told from cheating"
GOAL = (
    "At least 85 % of the mis-tagged check-ins out of fence recognised, at most 1 % of the cheaters"
    " excused"
)
EACH = 20_000  # of every kind
NOISE_M, ACCURACY_M, FROM_M, TO_M = 29, 30, 200, 3_000
AT = datetime(2026, 3, 2, 4, tzinfo=UTC)
BATCH = 500


class Found(NamedTuple):
    """How many check-ins of a kind there were, and what was made of them."""

    planted: int
    inside: int
    recognised: int

    @property
    def recall(self) -> float:
        """The share recognised of those out of fence."""
        return self.recognised / (self.planted - self.inside)


def run(database_url: str, folder: Path) -> dict[str, str]:  # noqa: ARG001  # nothing on disk
    """Plant and judge the check-ins, and return the figures."""
    with db.connection_context():
        begun = time.perf_counter()
        found = judged(planted(EACH, Random(7)))  # noqa: S311  # the same ones each time
        took = time.perf_counter() - begun
    mistagged = sum_of(found[kind] for kind in found if "as" in kind)
    cheats = found["cheater"]
    return {
        "mis-tagged": f"{mistagged.planted:,}, of which "
        f"{1 - mistagged.inside / mistagged.planted:.1%} out of fence",
        "recognised of these": f"{mistagged.recall:.1%}",
        "by datum": ", ".join(f"{kind} {found[kind].recall:.1%}" for kind in found if "as" in kind),
        "cheaters excused": f"{cheats.recognised / cheats.planted:.2%} of {cheats.planted:,}",
        "honest at the door": f"{found['honest'].inside / found['honest'].planted:.2%} inside",
        "planting and judging": f"{took / (3 * EACH) * 1000:.2f} ms per check-in",
    }


def sum_of(kinds: Any) -> Found:
    """Return several kinds as one."""
    return Found(*map(sum, zip(*kinds, strict=True)))


def planted(each: int, chance: Random) -> dict[UUID, str]:
    """Store so many check-ins of every kind, spread over the counties; return the kind of each."""
    counties = county_points()
    kinds: dict[UUID, str] = {}
    with transaction():
        stores = stores_at(counties)
        person = make_person()
        like = make_visit(next(iter(stores.values())), person).__data__
        wrong = cycle(permutations(Datum, 2))
        places = cycle(counties)
        for _ in range(-(-each // BATCH)):
            rows = []
            for _ in range(min(BATCH, each - len(kinds) // 3)):
                door = next(places)
                true, claimed = next(wrong)
                for kind, seen, tag in (
                    (f"{true} as {claimed}", sent(noisy(door, chance), true), claimed),
                    ("cheater", sent(elsewhere(door, chance), Datum.WGS84), Datum.WGS84),
                    ("honest", sent(noisy(door, chance), Datum.WGS84), Datum.WGS84),
                ):
                    fix = {"lat": seen[0], "lon": seen[1], "crs": tag, "accuracy_m": ACCURACY_M}
                    visit_id = UUID(int=chance.getrandbits(128), version=4)
                    store = {"store": stores[door].id, "claimed_store_id": stores[door].id}
                    columns = fixes.check_in_columns(fix, AT)
                    rows.append(like | store | {"id": visit_id, "tier": "county"} | columns)
                    kinds[visit_id] = kind
            insert_rows(Visit, rows)
    return kinds


def judged(kinds: dict[UUID, str]) -> dict[str, Found]:
    """Let the product judge the check-ins; return what it made of each kind."""
    ids = list(kinds)
    for start in track(range(0, len(ids), BATCH), "judging"):
        judge_places(ids[start : start + BATCH], at=AT, why=JudgedFor.CHECKED_IN)
    seen, inside, recognised = Counter(kinds.values()), Counter(), Counter()
    for reading in LocationReading.select().iterator():
        kind = kinds[reading.visit_id]
        inside[kind] += reading.outcome == "inside"
        recognised[kind] += "datum_mismatch_suspected" in reading.flags
    return {kind: Found(seen[kind], inside[kind], recognised[kind]) for kind in sorted(seen)}


def county_points() -> list[Point]:
    """Return where the counties of the demonstration lie, in WGS-84."""
    path = Path(geography.__file__).with_name("points.csv")
    with path.open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if len(row["code"]) == 6]
    return [Point(float(row["lat"]), float(row["lon"])) for row in rows]


def stores_at(points: list[Point]) -> dict[Point, Store]:
    """Store a county store at each point."""
    dealer = make_dealer()
    return {
        point: make_store(
            dealer,
            code=f"B{number}",
            tier="county",
            **dict(zip(("lat", "lon", "raw_lat", "raw_lon"), point * 2, strict=True)),
        )
        for number, point in enumerate(points)
    }


def noisy(door: Point, chance: Random) -> Point:
    """Return where a phone at the door says it is."""
    return geography.jittered(door, NOISE_M, chance)


def elsewhere(door: Point, chance: Random) -> Point:
    """Return where a cheater is."""
    return geography.moved(door, chance.uniform(FROM_M, TO_M), chance.uniform(0, tau))


def sent(place: Point, datum: Datum) -> tuple[float, float]:
    """Return the latitude and longitude of a place in a datum."""
    there = to_datum(place, datum)
    return there.lat, there.lon
