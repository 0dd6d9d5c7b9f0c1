"""Life-cycle stages: where a customer stands in its life with the brand, unless somebody knows."""

from __future__ import annotations

from datetime import date
from typing import Any

from backend.network.words import CustomerKind, LifeStage
from backend.platform.settings import settings


def of_store(store: Any, override: str | None, day: date) -> LifeStage:
    """Return the stage of a store on a day: as overridden, else by pipeline and age."""
    if override:
        return LifeStage(override)
    match store.status:
        case "prospect" | "contacted":
            return LifeStage.POTENTIAL
        case "signed":
            return LifeStage.DEVELOPMENT
        case "closed":
            return LifeStage.TERMINATION
        case _:
            return _by_age(store.opened_on, day)


def of_dealer(dealer: Any, card: Any, day: date) -> LifeStage:
    """Return the stage of a dealer on a day: as overridden, else by its kind and age."""
    if card.stage_override:
        return LifeStage(card.stage_override)
    if dealer.closed_on is not None and dealer.closed_on <= day:
        return LifeStage.TERMINATION
    if card.customer_kind == CustomerKind.POTENTIAL:
        return LifeStage.POTENTIAL
    return _by_age(dealer.opened_on, day)


def _by_age(opened_on: date, day: date) -> LifeStage:
    days, limits = (day - opened_on).days, settings()
    if days < limits.development_days:
        return LifeStage.DEVELOPMENT
    return LifeStage.GROWTH if days < limits.growth_days else LifeStage.MATURITY
