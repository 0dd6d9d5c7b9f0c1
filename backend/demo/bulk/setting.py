"""Rows of the network and of the office, before the first day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from backend.demo.bulk import loading
from backend.demo.bulk.network import Network
from backend.demo.bulk.pages import FAR, NULL, Cells, page
from backend.demo.bulk.photo_rows import AUDITED
from backend.evidence.audit_models import AuditPlan
from backend.evidence.sampling import DEFAULT_WEIGHTS
from backend.network.models import Dealer, Person, Region, Store, StoreDealer
from backend.network.positions import CONVERTER
from backend.network.sessions import hash_password

PASSWORD = "demo-xundian"  # noqa: S105  # printed for everybody to see
_LONG_AGO_DAYS = 500


def plant(network: Network, start: date) -> list[tuple[str, str, str]]:
    """Write the network, and return a login of every role; all share one password.

    It is hashed once: to hash it for each of thousands of people would take longer than the load.
    """
    long_ago = (start - timedelta(days=_LONG_AGO_DAYS)).isoformat()
    secret = hash_password(PASSWORD)
    regions = [_texts(column) for column in zip(*network.regions, strict=True)]
    people = [_texts(column) for column in zip(*network.people, strict=True)]
    dealers = [_texts(column) for column in zip(*network.dealers, strict=True)]
    loading.write(
        [
            page(
                Region,
                len(network.regions),
                **dict(zip(("id", "code", "name", "parent", "path"), regions, strict=True)),
            ),
            page(
                Person,
                len(network.people),
                password_hash=secret,
                is_active=["0" if row[0] in network.left else "1" for row in network.people],
                version="1",
                is_standing_in="0",
                **dict(
                    zip(
                        ("id", "login", "name", "role", "region", "supervisor"), people, strict=True
                    )
                ),
            ),
            page(
                Dealer,
                len(network.dealers),
                opened_on=long_ago,
                version="1",
                **dict(zip(("id", "code", "name", "parent", "region"), dealers, strict=True)),
            ),
        ]
    )
    _plant_stores(network, start)
    logins: dict[str, str] = {}
    for role, login in network.logins:
        if str(role) not in logins or login == "manager-hn":
            logins[login if login == "manager-hn" else str(role)] = login
    roles = {login: str(role) for role, login in network.logins}
    return [(roles[login], login, PASSWORD) for login in logins.values()]


def _plant_stores(network: Network, start: date) -> None:
    columns = (
        "id", "code", "name", "region", "division_code", "tier", "grade", "chain", "address",
        "raw_lat", "raw_lon", "raw_crs", "lat", "lon", "owner", "status",
    )  # fmt: skip
    *plain, opened, closed = zip(*network.stores, strict=True)
    stores = [_texts(column) for column in plain]
    links = list(zip(*network.links, strict=True))
    loading.write(
        [
            page(
                Store,
                len(network.stores),
                is_tier_overridden="0",
                crs_impl=CONVERTER,
                version="1",
                opened_on=_dates(start, opened),
                closed_on=_dates(start, closed),
                **dict(zip(columns, stores, strict=True)),
            ),
            page(
                StoreDealer,
                len(network.links),
                store=_texts(links[0]),
                dealer=_texts(links[1]),
                from_on=_dates(start, links[2]),
                to_on=_dates(start, links[3]),
            ),
        ]
    )


def plan_audits(before: datetime) -> None:
    """Make the one plan by which photos of the whole nation are drawn for auditors."""
    AuditPlan.create(
        region=1,
        valid_from=before.date() - timedelta(days=1),
        share=AUDITED,
        control_share=0.0,
        second_share=0.0,
        weights=DEFAULT_WEIGHTS,
        seed="dataset",
        created_by_id=2,
        created_at=before,
    )


def counted(network: Network) -> dict[str, int]:
    """Return how many rows of the network there are, by table."""
    return {
        "region": len(network.regions),
        "person": len(network.people),
        "dealer": len(network.dealers),
        "store": len(network.stores),
        "store_dealer": len(network.links),
    }


def _texts(values: Sequence[Any]) -> Cells:
    return [NULL if value is None else str(value) for value in values]


def _dates(start: date, offsets: Sequence[int]) -> Cells:
    return [
        NULL if offset >= FAR else (start + timedelta(days=offset)).isoformat()
        for offset in offsets
    ]
