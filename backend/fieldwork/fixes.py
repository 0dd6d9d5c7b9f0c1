"""Where a phone said it was: kept as it said it, and on WGS-84 where that has a meaning."""

from __future__ import annotations

from typing import Any

from backend.network import positions
from backend.network.positions import CONVERTER, Datum, OutsideServiceAreaError, Position


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
