"""Where a phone said it was: kept as it said it, and on WGS-84 where that has a meaning."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from backend.fieldwork.models import Visit
from backend.network import positions
from backend.network.positions import CONVERTER, Datum, OutsideServiceAreaError, Position
from backend.platform.settings import settings

FACTS = ("is_simulated", "is_accessory", "trusted_level", "location_type", "fix_at")
"""What some platforms say of a fix; kept together where they do, and absent where they don't."""
NOT_TRUSTED = 4
"""AMap's level of a fix that is not to be trusted."""
NOT_TAKEN_NOW = {2, 4, 9}
"""AMap's types of a fix that is an older one: previous, cache, last."""


def columns_of(position: dict[str, Any] | None) -> dict[str, Any]:
    """Return the columns of a position; one abroad has its raw point only, none has nothing."""
    if position is None:
        return {}
    raw = {
        "raw_lat": position["lat"],
        "raw_lon": position["lon"],
        "raw_crs": position["crs"],
        "accuracy_m": position.get("accuracy_m"),
        "provider": position.get("provider"),
    }
    try:
        point = positions.wgs84(Position(position["lat"], position["lon"], Datum(position["crs"])))
    except OutsideServiceAreaError:
        return raw
    return raw | {"lat": point.lat, "lon": point.lon, "crs_impl": CONVERTER}


def is_abroad(position: dict[str, Any] | None) -> bool:
    """Return whether a position is somewhere the product does not serve."""
    return position is not None and "lat" not in columns_of(position)


def check_in_columns(position: dict[str, Any] | None, device_at: datetime) -> dict[str, Any]:
    """Return the columns of a check-in's position; `device_at` is the phone's clock then.

    Where the phone tells when the fix was taken and not its age, both readings of its clock do.
    """
    if position is None:
        return {}
    facts = {name: position[name] for name in FACTS if position.get(name) is not None}
    age_s = position.get("fix_age_s")
    if "fix_at" in facts:
        facts["fix_at"] = facts["fix_at"].astimezone(UTC)
        if age_s is None and facts["fix_at"] <= device_at:
            age_s = (device_at - facts["fix_at"]).total_seconds()
    more = {
        "fix_age_s": age_s,
        "is_mock": position.get("is_mock"),
        "fix_facts": facts or None,
        "fix_samples": position.get("samples"),
    }
    return columns_of(position) | more


def warnings(visit: Visit) -> dict[str, bool]:
    """Return what a check-in's fix warns of; what no platform tells warns of nothing."""
    facts = visit.fix_facts or {}
    age_s = visit.fix_age_s or 0
    is_old = facts.get("location_type") in NOT_TAKEN_NOW or age_s > settings().stale_fix_s
    return {
        "mock_location": bool(visit.is_mock or facts.get("is_simulated")),
        "from_accessory": bool(facts.get("is_accessory")),
        "untrusted_fix": facts.get("trusted_level") == NOT_TRUSTED,
        "stale_fix": is_old,
    }
