"""Builders with honest defaults: a test names only what it is about.

The stores stand in Changsha and around it (Hunan); the brand is the fictional 曜石 YAOSHI.
"""

from datetime import UTC, date, datetime
from itertools import count
from typing import Any

from argon2 import PasswordHasher

from backend.network.models import Dealer, Person, Region, Store, StoreDealer
from backend.network.positions import CONVERTER
from backend.platform.actors import Actor, Role

_numbers = count(1)
NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)  # a Monday, 12:00 in Beijing
TODAY = date(2026, 3, 2)
OPENED = date(2025, 1, 1)
PASSWORD = "correct horse"
# Cheap parameters: a hash says itself how it is to be checked.
PASSWORD_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


def make_region(parent: Region | None = None, **fields: Any) -> Region:
    """Store a region; without a parent it is another root."""
    number = next(_numbers)
    defaults = {"code": f"R{number}", "name": f"Region {number}", "parent": parent, "path": ""}
    region = Region.create(**defaults | {"path": f"?{number}"} | fields)
    region.path = f"{parent.path if parent else '/'}{region.id}/"
    region.save()
    return region


def the_region() -> Region:
    """Return the one region everything is in unless told otherwise."""
    return Region.select().order_by(Region.id).first() or make_region(code="HN", name="湖南")


def make_person(role: Role = Role.REP, **fields: Any) -> Person:
    """Store a person who signs in with PASSWORD."""
    defaults = {
        "login": f"person{next(_numbers)}",
        "name": "李雷",
        "role": str(role),
        "region": fields.get("region") or the_region(),
        "password_hash": PASSWORD_HASH,
    }
    return Person.create(**defaults | fields)


def actor_of(person: Person) -> Actor:
    """Return the actor a signed-in person is."""
    region = Region.get_by_id(person.region_id)
    return Actor(id=person.id, role=Role(person.role), region_path=region.path)


def make_dealer(**fields: Any) -> Dealer:
    """Store a dealer."""
    number = next(_numbers)
    defaults = {
        "code": f"43-01-{number:03}",
        "name": f"Dealer {number}",
        "region": fields.get("region") or the_region(),
        "opened_on": OPENED,
    }
    return Dealer.create(**defaults | fields)


def make_store(dealer: Dealer | None = None, **fields: Any) -> Store:
    """Store an active city store of a dealer since it opened, on Changsha's 五一广场."""
    number = next(_numbers)
    dealer = dealer or make_dealer(region=fields.get("region") or the_region())
    defaults = {
        "code": f"{dealer.code}-{number:04}",
        "name": f"Store {number}",
        "region": dealer.region_id,
        "division_code": "430102001",
        "tier": "city",
        "grade": "B",
        "raw_lat": 28.1951,
        "raw_lon": 112.9769,
        "raw_crs": "wgs84",
        "lat": 28.1951,
        "lon": 112.9769,
        "crs_impl": CONVERTER,
        "status": "active",
        "opened_on": OPENED,
    }
    store = Store.create(**defaults | fields)
    StoreDealer.create(store=store, dealer=dealer, from_on=store.opened_on)
    return store
