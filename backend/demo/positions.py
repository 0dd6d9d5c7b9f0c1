"""What phones say of where they are, true or not."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from math import tau
from typing import Any

from backend.demo import geography
from backend.demo.cast import World
from backend.demo.days import Outing
from backend.network.positions import Datum, Point, to_datum

DATUMS = {Datum.GCJ02: 62, Datum.WGS84: 35, Datum.BD09: 3}
FIXES = {("gps", 5, 25): 70, ("wifi", 15, 60): 24, ("cell", 100, 800): 6}
MISTAGGED = 0.006
OWN_APP = {"android", "ios"}
ELSEWHERE = {"out_of_fence", "frozen", "couch"}


@dataclass(slots=True)
class Receiver:
    """Every rep's receiver, or what stands in for it."""

    world: World
    _last_fix: dict[tuple[str, date], dict[str, Any]] = field(default_factory=dict)

    def came(self, outing: Outing) -> dict[str, Any]:
        """Return the position on arrival."""
        random, login = self.world.random, outing.rep.login
        today = login, outing.day
        provider, low, high = random.choices(list(FIXES), list(FIXES.values()))[0]
        accuracy = random.uniform(low, high)
        place = geography.jittered(outing.shop.door, accuracy / 2, random)
        crs = told = random.choices(list(DATUMS), list(DATUMS.values()))[0]
        is_frozen = "frozen" in outing.cheats and today in self._last_fix
        if "couch" in outing.cheats:
            is_frozen, provider, accuracy = False, "gps", random.uniform(5, 15)
            couch = geography.moved(outing.rep.shops[0].door, 2500, 1)
            place = geography.jittered(couch, 1.5, random)
            metres = round(geography.kilometres(place, outing.shop.door) * 1000)
            self.world.truth.plant(
                "couch", visit=outing.id, login=login, day=outing.day, distance_m=metres
            )
        elif is_frozen:
            self.world.truth.plant("frozen_fix", visit=outing.id)
        elif "out_of_fence" in outing.cheats:
            provider, accuracy = "gps", random.uniform(5, 25)
            distance = random.uniform(1500, 3000)
            place = geography.moved(outing.shop.door, distance, random.uniform(0, tau))
            self.world.truth.plant("out_of_fence", visit=outing.id, distance_m=round(distance))
        elif random.random() < MISTAGGED * self.world.preset.rates:
            told = random.choice([datum for datum in Datum if datum is not crs])
            self.world.truth.plant("mistagged_datum", visit=outing.id, sent=crs, told=told)
        position = to_datum(place, crs)
        fix: dict[str, Any] = {
            "lat": position.lat,
            "lon": position.lon,
            "crs": str(told),
            "accuracy_m": round(accuracy, 1),
            "provider": provider,
            "fix_age_s": round(random.expovariate(0.3), 1),
            "is_mock": False if outing.rep.client in {"android", "ios"} else None,
        }
        if is_frozen:
            fix = dict(self._last_fix[today])
        if outing.rep.client in OWN_APP:
            sd_m = 0 if is_frozen else 2
            fix["samples"] = self._samples(outing, Point(fix["lat"], fix["lon"]), sd_m)
        if "mock" in outing.cheats:
            fix["is_mock"] = True
        if fix["is_mock"]:
            self.world.truth.plant("mock_location", visit=outing.id)
        self._last_fix[today] = fix
        return fix

    def left(self, outing: Outing, came_fix: dict[str, Any]) -> dict[str, Any]:
        """Return the position on leaving; who was not there leaves from where they are."""
        left = {name: came_fix[name] for name in came_fix if name != "samples"}
        if outing.cheats.isdisjoint(ELSEWHERE):
            spot = Point(left["lat"], left["lon"])
            spot = geography.jittered(spot, left["accuracy_m"] / 4, self.world.random)
            left |= {"lat": spot.lat, "lon": spot.lon}
        return left

    def _samples(self, outing: Outing, place: Point, sd_m: float) -> list[dict[str, Any]]:
        """Return a minute of fixes; those of a receiver always jitter."""
        samples = []
        for second in range(0, 75, 15):
            spot = geography.jittered(place, sd_m, self.world.random) if sd_m else place
            when = outing.came_at + outing.rep.skew + timedelta(seconds=second)
            samples.append({"lat": spot.lat, "lon": spot.lon, "at": when.isoformat()})
        return samples
