"""Sales levels: how well a region sells, 100 being the average of all regions."""

from __future__ import annotations

from datetime import date, datetime

from peewee import ModelSelect

from backend.network import regions
from backend.platform import ledger
from backend.platform.actors import Actor
from backend.platform.database import transaction
from backend.platform.prepared import Prepared
from backend.standards import revision
from backend.standards.mix_models import RegionSalesIndex


def list_levels(actor: Actor, region_id: int) -> ModelSelect[RegionSalesIndex]:
    """Return a region's sales indexes, the latest first. Raises NotFoundError."""
    regions.get(actor, region_id)
    return (
        RegionSalesIndex.select()
        .where(RegionSalesIndex.visible_to(actor), RegionSalesIndex.region == region_id)
        .order_by(RegionSalesIndex.from_on.desc())
    )


def record(
    actor: Actor, region_id: int, from_on: date, *, sales_index: int, at: datetime
) -> RegionSalesIndex:
    """Say how well a region sells from a day on; saying it anew replaces what was said.

    The region is that of the stores themselves, not one above it. Raises NotFoundError.
    """
    regions.get(actor, region_id)
    level = RegionSalesIndex(region=region_id, from_on=from_on, sales_index=sales_index)
    same = (RegionSalesIndex.region == region_id) & (RegionSalesIndex.from_on == from_on)
    with transaction():
        revision.bump()  # first, so that two who say it take turns
        known = RegionSalesIndex.get_or_none(same)
        if known is None:
            level.save(force_insert=True)
        elif known.sales_index != sales_index:
            RegionSalesIndex.update(sales_index=sales_index).where(same).execute()
        else:
            return level
        ledger.append(
            actor,
            "region_sales_index.recorded",
            region_id,
            at=at,
            from_on=from_on,
            sales_index=sales_index,
        )
    return level


_BEGUN = Prepared(
    RegionSalesIndex,
    lambda day: (
        RegionSalesIndex.select()
        .where(RegionSalesIndex.from_on <= day)
        .order_by(RegionSalesIndex.from_on)
    ),
    day=RegionSalesIndex.from_on,
)


def on(day: date) -> dict[int, int]:
    """Return the sales index of a day by region, of those that have one."""
    return {level.region_id: level.sales_index for level in _BEGUN.models(day=day)}
