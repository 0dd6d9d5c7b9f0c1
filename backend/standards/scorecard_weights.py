"""Weights of the scorecard's pillars, per tier and from a day on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from peewee import Expression, ModelSelect

from backend.network.divisions import Tier
from backend.platform import clock, ledger
from backend.platform.actors import Actor
from backend.platform.database import transaction
from backend.platform.errors import ConflictError, NotFoundError, RuleError, check_version
from backend.standards import revision
from backend.standards.scorecard_codes import DEFAULTS, Pillar
from backend.standards.scorecard_models import ScorecardWeights

WHOLE = 100


class WeightsSumError(RuleError):
    """The pillars share the card among them."""

    code = "scorecard-weights-sum"
    title = "The weights do not add up to 100"
    title_zh = "权重之和不为 100"
    detail = "The weights add up to {sum}, not to 100."
    detail_zh = "权重之和为 {sum}，应为 100。"


class WeightsBegunError(ConflictError):
    """Dealers are measured by what was announced before it began."""

    code = "scorecard-weights-begun"
    title = "These weights would act on what has happened"
    title_zh = "权重不能追溯生效"
    detail = "Weights begin on {earliest} at the earliest; what has begun stays."
    detail_zh = "权重最早自 {earliest} 起生效，已生效的不可更改。"


def list_weights(_: Actor, *, tier: str | None = None) -> ModelSelect[ScorecardWeights]:
    """Return what was laid down, by tier, the latest first."""
    rows = ScorecardWeights.select().order_by(
        ScorecardWeights.tier, ScorecardWeights.valid_from.desc()
    )
    return rows if tier is None else rows.where(ScorecardWeights.tier == tier)


def get(_: Actor, tier: str, valid_from: date) -> ScorecardWeights:
    """Return what was laid down for a tier from a day on. Raises NotFoundError."""
    found = ScorecardWeights.get_or_none(_same(tier, valid_from))
    if found is None:
        raise NotFoundError(what="weights")
    return found


def put(
    actor: Actor,
    tier: str,
    valid_from: date,
    *,
    weights: Mapping[str, int],
    version: int | None,
    at: datetime,
) -> ScorecardWeights:
    """Lay down weights from a later day on; doing so anew replaces the version named.

    Raises NotFoundError for an unknown tier, WeightsSumError, WeightsBegunError, and
    VersionRequiredError or StaleError for other weights of that day.
    """
    if tier not in DEFAULTS:
        raise NotFoundError(what="tier")
    if sum(weights.values()) != WHOLE:
        raise WeightsSumError(sum=sum(weights.values()))
    today = clock.business_date(at)
    with transaction():
        revision.bump()  # first, so that two who say it take turns
        known = ScorecardWeights.get_or_none(_same(tier, valid_from))
        if known is not None and known.weights == dict(weights):
            return known
        if valid_from <= today:
            raise WeightsBegunError(earliest=(today + timedelta(days=1)).isoformat())
        if known is not None:
            check_version(version, known.version)
        row = ScorecardWeights(
            tier=tier,
            valid_from=valid_from,
            weights=dict(weights),
            version=known.version + 1 if known else 1,
        )
        if known is None:
            row.save(force_insert=True)
        else:
            ScorecardWeights.update(weights=row.weights, version=row.version).where(
                _same(tier, valid_from)
            ).execute()
        ledger.append(
            actor,
            "scorecard_weights.edited",
            f"{tier}:{valid_from}",
            at=at,
            weights=dict(weights),
        )
    return row


def install(*, at: datetime) -> bool:
    """Lay down the defaults of every tier from today on; return False if there are any weights."""
    if ScorecardWeights.select().exists():
        return False
    with transaction():
        for tier, weights in DEFAULTS.items():
            ScorecardWeights.create(
                tier=tier, valid_from=clock.business_date(at), weights=weights, version=1
            )
        revision.bump()
        ledger.append(None, "scorecard_weights.installed", "defaults", at=at, tiers=list(DEFAULTS))
    return True


def on(day: date) -> dict[str, dict[str, int]]:
    """Return the weights of every tier on a day, by pillar; the defaults before any began."""
    found = {tier: dict(weights) for tier, weights in DEFAULTS.items()}
    begun = ScorecardWeights.select().where(ScorecardWeights.valid_from <= day)
    for row in begun.order_by(ScorecardWeights.valid_from):
        found[row.tier] = row.weights
    return found


def blend(day: date, stores: Mapping[str, int]) -> dict[Pillar, float]:
    """Return the weights of a day for so many stores of each tier; without any, of each alike."""
    tiers = dict(stores) if sum(stores.values()) else dict.fromkeys(map(str, Tier), 1)
    known, total = on(day), sum(tiers.values())
    return {
        pillar: sum(count * known[tier][pillar] for tier, count in tiers.items()) / total
        for pillar in Pillar
    }


def _same(tier: str, valid_from: date) -> Expression:
    same: Expression = (ScorecardWeights.tier == tier) & (ScorecardWeights.valid_from == valid_from)
    return same
