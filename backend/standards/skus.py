"""Products: the models the brand sells."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime

from peewee import ModelSelect

from backend.network import codes
from backend.platform import ledger
from backend.platform.actors import Actor
from backend.platform.errors import NotFoundError
from backend.standards import revision, validity
from backend.standards.models import Sku


def list_skus(
    *, role: str | None = None, category: str | None = None, code: str | None = None
) -> ModelSelect[Sku]:
    """Return products by code."""
    skus = Sku.select().order_by(Sku.code)
    for column, value in ((Sku.role, role), (Sku.category, category), (Sku.code, code)):
        if value is not None:
            skus = skus.where(column == value)
    return skus


def get(sku_id: int) -> Sku:
    """Return one product. Raises NotFoundError."""
    sku = Sku.get_or_none(Sku.id == sku_id)
    if sku is None:
        raise NotFoundError(what="sku")
    return sku


def require(sku_ids: Collection[int]) -> None:
    """Require that every product exists. Raises NotFoundError that names the unknown ones."""
    known = {sku.id for sku in Sku.select(Sku.id).where(Sku.id.in_(list(sku_ids)))}
    if unknown := sorted(set(sku_ids) - known):
        raise NotFoundError(what="sku", unknown=unknown)


def create(
    actor: Actor,
    *,
    code: str,
    name: str,
    category: str,
    role: str,
    launched_on: date,
    at: datetime,
    tags: Sequence[str] = (),
    ended_on: date | None = None,
) -> Sku:
    """Add a product. Raises CodeTakenError or EndsBeforeStartError."""
    validity.check(launched_on, ended_on)
    with codes.unique(code):
        sku = Sku.create(
            code=code,
            name=name,
            category=category,
            role=str(role),
            tags=sorted(set(tags)),
            launched_on=launched_on,
            ended_on=ended_on,
        )
        revision.bump()
        ledger.append(actor, "sku.created", sku.id, at=at)
    return sku
