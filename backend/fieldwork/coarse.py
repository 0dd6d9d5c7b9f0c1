"""Coarse points: where somebody was, to about a kilometre."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

DECIMALS = 2
NAMES = ("lat", "lon", "raw_lat", "raw_lon")


def point(row: Mapping[str, Any]) -> dict[str, float]:
    """Return the coordinates that a row has, rounded to 0.01 degrees."""
    return {name: round(row[name], DECIMALS) for name in NAMES if row.get(name) is not None}
