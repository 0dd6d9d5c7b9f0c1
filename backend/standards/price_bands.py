"""Price bands: which of them suit the spending of a place (local-fit models)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from peewee import ModelSelect

from backend.network import divisions
from backend.platform import ledger
from backend.platform.actors import Actor
from backend.platform.database import transaction
from backend.platform.errors import ConflictError, NotFoundError
from backend.platform.prepared import Prepared
from backend.standards import revision, validity
from backend.standards.mix_models import PriceBandFit


class OverlappingBandFitError(ConflictError):
    """Two statements about one area and tier on the same day contradict each other."""

    code = "overlapping-band-fit"
    title = "Other price bands hold on these days"
    title_zh = "价格段有效期重叠"
    detail = "Statement {fit_id} about the same area and tier holds from {since} on."
    detail_zh = "同一区域、同一级别的价格段 {fit_id} 自 {since} 起有效。"


@dataclass(frozen=True, slots=True)
class Fit:
    """The price bands that suit an area (empty: the nation) and tier (empty: any)."""

    area: str
    tier: str
    bands: frozenset[str]


def list_fits(*, area: str | None = None, day: date | None = None) -> ModelSelect[PriceBandFit]:
    """Return what was said of an area or of a day, in order. Raises UnknownDivisionError."""
    fits = PriceBandFit.select().order_by(PriceBandFit.id)
    if area is not None:
        fits = fits.where(PriceBandFit.area == _area(area))
    return fits if day is None else fits.where(PriceBandFit.on(day))


def create(
    actor: Actor,
    *,
    bands: Sequence[str],
    valid_from: date,
    at: datetime,
    area: str = "",
    tier: str = "",
    valid_to: date | None = None,
) -> PriceBandFit:
    """Say which bands suit an area and tier.

    Raises OverlappingBandFitError, EndsBeforeStartError or UnknownDivisionError.
    """
    validity.check(valid_from, valid_to)
    area = _area(area)
    with transaction():
        revision.bump()  # first, so that two overlapping statements take turns
        other = (
            PriceBandFit.select()
            .where(
                PriceBandFit.area == area,
                PriceBandFit.tier == tier,
                validity.overlapping(PriceBandFit, valid_from, valid_to),
            )
            .order_by(PriceBandFit.valid_from)
            .first()
        )
        if other is not None:
            raise OverlappingBandFitError(
                fit_id=other.id, since=other.valid_from, until=other.valid_to
            )
        fit = PriceBandFit.create(
            area=area,
            tier=tier,
            bands=sorted(set(bands)),
            valid_from=valid_from,
            valid_to=valid_to,
        )
        ledger.append(actor, "price_band_fit.created", fit.id, at=at)
    return fit


def end(actor: Actor, fit_id: int, *, valid_to: date, at: datetime) -> PriceBandFit:
    """End a statement: `valid_to` is the first day without it; saying so twice is fine.

    Raises NotFoundError, EndsBeforeStartError or AlreadyEndedError.
    """
    with transaction():
        revision.bump()  # first, so that two who end one take turns
        fit = PriceBandFit.get_or_none(PriceBandFit.id == fit_id)
        if fit is None:
            raise NotFoundError(what="price band fit")
        if validity.is_new_end(fit.valid_from, fit.valid_to, valid_to):
            fit.valid_to = valid_to
            fit.save(only=[PriceBandFit.valid_to])
            ledger.append(actor, "price_band_fit.ended", fit_id, at=at, valid_to=valid_to)
    return fit


_IN_FORCE = Prepared(
    PriceBandFit,
    lambda day: PriceBandFit.select().where(PriceBandFit.on(day)),
    day=PriceBandFit.valid_from,
)


def on(day: date) -> list[Fit]:
    """Return what holds on a day."""
    return [Fit(row.area, row.tier, frozenset(row.bands)) for row in _IN_FORCE.models(day=day)]


def fitting(fits: Iterable[Fit], tier: str | None, division_code: str | None) -> frozenset[str]:
    """Return the bands that suit a place: those of the narrowest area, then of its own tier."""
    best: tuple[tuple[int, bool], frozenset[str]] = ((-1, False), frozenset())
    for fit in fits:
        if fit.tier not in {"", tier}:
            continue
        if fit.area and not (division_code and divisions.is_within(division_code, fit.area)):
            continue
        weight = (len(divisions.stem(fit.area)) if fit.area else 0, fit.tier != "")
        if weight > best[0]:
            best = (weight, fit.bands)
    return best[1]


def _area(code: str) -> str:
    return divisions.canonical(code) if code else ""
