"""What promotions cost and what a unit more brings, as far as anybody recorded it. Money in fen.

What dealers were granted, what stores reported, and gifts at the rate of their budget add up,
except that gifts are not counted where dealers were paid for them. Where none of it is known, the
budgets stand for it, but only for whoever sees the whole promotion: a part of a budget is nobody's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from peewee import fn

from backend.fieldwork.claim_proofs import GRANTED
from backend.fieldwork.promotion_models import Claim, ClaimLine, PromotionEvaluation
from backend.fieldwork.promotion_results import Progress
from backend.platform.actors import Actor
from backend.standards.models import PromotionBudget
from backend.standards.promotion_codes import COST_BASIS, CostBasis, EvaluationMethod

GIFT_KINDS = frozenset(kind for kind, basis in COST_BASIS.items() if basis is CostBasis.UNIT_COST)


class CostSource(StrEnum):
    """Where the cost of a promotion comes from."""

    GIVEN = "given"
    RECORDED = "recorded"
    BUDGET = "budget"


class MarginSource(StrEnum):
    """Where the margin of a unit comes from."""

    GIVEN = "given"
    EVALUATION = "evaluation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a promotion cost, and the parts that are known; None where nothing is."""

    total_fen: int | None
    source: CostSource | None
    claims_fen: int | None
    reported_fen: int | None
    gifts_fen: int | None
    budget_fen: int | None


def costs(
    actor: Actor,
    progress: Mapping[int, Progress],
    *,
    seen_whole: Collection[int],
    dealer_id: int | None,
    given_fen: int | None = None,
) -> dict[int, Cost]:
    """Return what promotions cost, by id; `seen_whole` are those with every store in sight."""
    granted = _granted(actor, list(progress), dealer_id)
    budgets = _budgets(list(progress))
    return {
        promotion_id: _cost(
            one,
            granted[promotion_id],
            budgets[promotion_id],
            may_use_budget=promotion_id in seen_whole,
            given_fen=given_fen,
        )
        for promotion_id, one in progress.items()
    }


def margins(actor: Actor, promotion_ids: Collection[int]) -> dict[int, int]:
    """Return the margin of a unit that the last before-and-after comparison in sight names."""
    found = (
        PromotionEvaluation.select(PromotionEvaluation.promotion, PromotionEvaluation.inputs)
        .where(
            PromotionEvaluation.promotion.in_(promotion_ids),
            PromotionEvaluation.method == str(EvaluationMethod.BEFORE_AFTER_COMPARISON),
            PromotionEvaluation.visible_to(actor),
        )
        .order_by(PromotionEvaluation.recorded_at, PromotionEvaluation.id)
    )
    named = {each.promotion_id: each.inputs["unit_margin_fen"] for each in found}
    return {promotion_id: fen for promotion_id, fen in named.items() if fen is not None}


def _cost(
    progress: Progress,
    granted: Mapping[str, int],
    budgets: Mapping[str, PromotionBudget],
    *,
    may_use_budget: bool,
    given_fen: int | None,
) -> Cost:
    claims = sum(granted.values()) if granted else None
    gifts = None if GIFT_KINDS & granted.keys() else _gifts(progress, budgets)
    planned = [budget.budget_fen for budget in budgets.values() if budget.budget_fen is not None]
    budget = sum(planned) if planned and may_use_budget else None
    recorded = [part for part in (claims, progress.cost_fen, gifts) if part is not None]
    total, source = budget, CostSource.BUDGET
    if given_fen is not None:
        total, source = given_fen, CostSource.GIVEN
    elif recorded:
        total, source = sum(recorded), CostSource.RECORDED
    return Cost(
        total_fen=total,
        source=None if total is None else source,
        claims_fen=claims,
        reported_fen=progress.cost_fen,
        gifts_fen=gifts,
        budget_fen=budget,
    )


def _gifts(progress: Progress, budgets: Mapping[str, PromotionBudget]) -> int | None:
    """Return what the gifts cost; None where nobody counted them or said what one costs.

    Stores count gifts of all kinds together; the dearest kind stands for all.
    """
    rates = [budgets[kind].rate_fen for kind in GIFT_KINDS & budgets.keys()]
    known = [rate for rate in rates if rate is not None]
    return progress.gifts * max(known) if progress.gifts is not None and known else None


def _granted(
    actor: Actor, promotion_ids: Collection[int], dealer_id: int | None
) -> defaultdict[int, dict[str, int]]:
    """Return what dealers in sight were granted, by promotion and kind."""
    lines = (
        ClaimLine.select(
            Claim.promotion, ClaimLine.kind, fn.SUM(ClaimLine.accepted_fen).cast("BIGINT")
        )
        .join(Claim, on=ClaimLine.claim == Claim.id)
        .where(
            Claim.promotion.in_(promotion_ids),
            Claim.state.in_(GRANTED),
            ClaimLine.accepted_fen.is_null(False),
            Claim.visible_to(actor),
        )
        .group_by(Claim.promotion, ClaimLine.kind)
    )
    if dealer_id is not None:
        lines = lines.where(Claim.dealer == dealer_id)
    found: defaultdict[int, dict[str, int]] = defaultdict(dict)
    rows: Any = lines.tuples()
    for promotion_id, kind, fen in rows:
        found[promotion_id][kind] = fen
    return found


def _budgets(promotion_ids: Collection[int]) -> defaultdict[int, dict[str, PromotionBudget]]:
    found: defaultdict[int, dict[str, PromotionBudget]] = defaultdict(dict)
    for budget in PromotionBudget.select().where(PromotionBudget.promotion.in_(promotion_ids)):
        found[budget.promotion_id][budget.kind] = budget
    return found
