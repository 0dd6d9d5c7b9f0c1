"""Sales levels: how well a region sells, 100 being the average of all regions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from peewee import ModelSelect

from backend.network import regions
from backend.network.models import Region
from backend.platform import ledger
from backend.platform.actors import Actor
from backend.platform.database import transaction
from backend.platform.errors import check_version
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
    actor: Actor,
    region_id: int,
    from_on: date,
    *,
    sales_index: int,
    version: int | None,
    at: datetime,
) -> RegionSalesIndex:
    """Say how well a region sells from a day on; saying it anew replaces the version named.

    Raises NotFoundError, and VersionRequiredError or StaleError for another index of that day.
    """
    regions.get(actor, region_id)
    level = RegionSalesIndex(region=region_id, from_on=from_on, sales_index=sales_index, version=1)
    same = (RegionSalesIndex.region == region_id) & (RegionSalesIndex.from_on == from_on)
    with transaction():
        revision.bump()  # first, so that two who say it take turns
        known = RegionSalesIndex.get_or_none(same)
        if known is None:
            level.save(force_insert=True)
        elif known.sales_index == sales_index:
            return known
        else:
            check_version(version, known.version)
            level.version = known.version + 1
            RegionSalesIndex.update(sales_index=sales_index, version=level.version).where(
                same
            ).execute()
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


_REGIONS = Prepared(Region, lambda: Region.select(Region.id, Region.path))


class Levels(dict[int, int | None]):
    """The sales index of regions by id: one's own, else that of the nearest above, else None."""

    def __init__(self, own: Mapping[int, int]) -> None:
        super().__init__()
        self.own = own
        if own:
            self.update((region.id, self._nearest(region)) for region in _REGIONS.models())

    def __missing__(self, region_id: int) -> int | None:
        """Find that of a region which is newer than the standards of the day."""
        region = Region.get_or_none(Region.id == region_id) if self.own else None
        self[region_id] = self._nearest(region) if region else None
        return self[region_id]

    def _nearest(self, region: Region) -> int | None:
        upwards = [int(each) for each in reversed(region.path.strip("/").split("/"))]
        return next((self.own[each] for each in upwards if each in self.own), None)


def on(day: date) -> Levels:
    """Return the sales indexes of a day."""
    return Levels({level.region_id: level.sales_index for level in _BEGUN.models(day=day)})
