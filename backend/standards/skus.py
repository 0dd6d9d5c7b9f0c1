"""Products: the models the brand sells."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from peewee import ModelSelect

from backend.network import codes, divisions
from backend.platform import ledger
from backend.platform.actors import Actor
from backend.platform.database import transaction
from backend.platform.errors import NotFoundError, RuleError, StaleError
from backend.standards import musts, revision, validity
from backend.standards.models import Sku


class NoCompetitorError(RuleError):
    """A fighter is sent against somebody."""

    code = "no-competitor"
    title = "The competitor is missing"
    title_zh = "缺少竞争对手"
    detail = "Name the competitor that the fighter model is against: `fighter:<competitor>`."
    detail_zh = "战斗机标签须写明竞争对手：`fighter:<竞争对手>`。"


def list_skus(
    *,
    role: str | None = None,
    category: str | None = None,
    price_band: str | None = None,
    code: str | None = None,
) -> ModelSelect[Sku]:
    """Return products by code."""
    skus = Sku.select().order_by(Sku.code)
    exact = {
        Sku.role: role,
        Sku.category: category,
        Sku.price_band: price_band,
        Sku.code: code,
    }
    for column, value in exact.items():
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
    price_band: str | None = None,
    ended_on: date | None = None,
) -> Sku:
    """Add a product.

    Raises CodeTakenError, EndsBeforeStartError, UnknownDivisionError or NoCompetitorError.
    """
    validity.check(launched_on, ended_on)
    tags = _canonical(tags)
    with codes.unique(code):
        sku = Sku.create(
            code=code,
            name=name,
            category=category,
            role=str(role),
            tags=tags,
            price_band=price_band,
            launched_on=launched_on,
            ended_on=ended_on,
        )
        revision.bump()
        ledger.append(actor, "sku.created", sku.id, at=at)
    return sku


def amend(actor: Actor, sku_id: int, *, version: int, at: datetime, **changes: Any) -> Sku:
    """Change name, category, role, tags, price band or end of one version of a product.

    Raises NotFoundError, StaleError, EndsBeforeStartError, UnknownDivisionError or
    NoCompetitorError.
    """
    if "tags" in changes:
        changes["tags"] = _canonical(changes["tags"])
    with transaction():
        sku = get(sku_id)
        validity.check(sku.launched_on, changes.get("ended_on"))
        changed = (
            Sku.update(**changes, version=version + 1)
            .where(Sku.id == sku_id, Sku.version == version)
            .execute()
        )
        if not changed:
            raise StaleError(version=sku.version)
        revision.bump()
        ledger.append(actor, "sku.amended", sku_id, at=at, fields=sorted(changes))
    return get(sku_id)


def canonical_tag(tag: str) -> str:
    """Return a tag as it is compared: the division of a local model by its canonical code.

    Raises UnknownDivisionError or NoCompetitorError.
    """
    if (division := musts.tag_division(tag)) is not None:
        return musts.LOCAL + divisions.canonical(division)
    if musts.tag_competitor(tag) == "":
        raise NoCompetitorError
    return tag


def _canonical(tags: Sequence[str]) -> list[str]:
    return sorted({canonical_tag(tag) for tag in tags})
