"""Regions: the tree of the sales organisation, which decides what people see."""

from __future__ import annotations

from datetime import datetime

from peewee import Expression, ModelSelect

from backend.network import codes
from backend.network.models import Region
from backend.platform import ledger
from backend.platform.actors import Actor
from backend.platform.errors import NotFoundError


def list_regions(actor: Actor) -> ModelSelect[Region]:
    """Return the actor's region and all below it, each parent before its children."""
    return Region.select().where(Region.visible_to(actor)).order_by(Region.path)


def get(actor: Actor, region_id: int) -> Region:
    """Return one region the actor may see. Raises NotFoundError."""
    region = Region.get_or_none(Region.visible_to(actor), Region.id == region_id)
    if region is None:
        raise NotFoundError(what="region")
    return region


def create(
    actor: Actor | None, *, code: str, name: str, at: datetime, parent_id: int | None = None
) -> Region:
    """Add a region below another. The system (actor None) may also plant a root.

    Raises NotFoundError for a parent out of sight and CodeTakenError.
    """
    parent = None
    if actor is not None:
        parent = get(actor, parent_id or 0)
    elif parent_id is not None:
        parent = Region.get_by_id(parent_id)
    with codes.unique(code):
        region = Region.create(code=code, name=name, parent=parent_id, path=f"?{code}")
        region.path = f"{parent.path if parent else '/'}{region.id}/"
        region.save(only=[Region.path])
        ledger.append(actor, "region.created", region.id, at=at, region=region.id)
    return region


def below(region_id: int) -> Expression:
    """Return the condition, on Region, for a region and everything below it."""
    return Region.path.contains(f"/{region_id}/")
