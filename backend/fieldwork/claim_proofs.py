"""What the proofs of a claim are worth: how much of each line is proven, and the most it may pay.

A line is measured by the cost basis of its kind. Units and gifts are proven by the results of
store-days; fees of stores, equipment and sessions by photos of visits and by store-days on which
the promotion was executed. A proof counts once: one that an earlier claim for the same kind of
the same promotion already used, and was not rejected with, proves nothing more.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from peewee import fn

from backend.fieldwork import promotion_results
from backend.fieldwork.models import Visit
from backend.fieldwork.photo_models import Photo
from backend.fieldwork.promotion_models import Claim, ClaimLine, ClaimProof
from backend.network.models import StoreDealer
from backend.standards import promotions
from backend.standards.models import PromotionBudget
from backend.standards.promotion_codes import COST_BASIS, ClaimState, CostBasis

Place = tuple[int, date]
"""A store and a day."""

UNITS = {CostBasis.PRICE_GAP, CostBasis.PER_UNIT}
GIFTS = {CostBasis.UNIT_COST}
GRANTED = ("accepted", "partly_accepted", "settled")


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """What a line is worth; amounts in fen.

    `proven_quantity` is null where nothing here can prove it (a share of the sell-in), and
    `maximum_fen` where neither a rate nor a budget bounds it. Flags: `no_proof`,
    `exceeds_proof`, `exceeds_rate`, `exceeds_budget`, `proof_used_before`.
    """

    proven_quantity: int | None
    maximum_fen: int | None
    flags: list[str]


@dataclass(frozen=True, slots=True)
class _Proofs:
    """The proofs of one line that hold, and whether some were used before."""

    stores_days: list[dict[str, Any]]
    visits: dict[UUID, Place]
    were_used: bool
    count: int


def weigh(claim: Claim, lines: Collection[ClaimLine]) -> dict[int, Worth]:
    """Return what each line of a claim is worth, by its number."""
    budgets = {budget.kind: budget for budget in promotions.budgets(claim.promotion_id)}
    spent = _spent(claim)
    proofs = _proofs(claim, {line.number: line.kind for line in lines})
    return {
        line.number: _worth(line, proofs[line.number], budgets.get(line.kind), spent)
        for line in lines
    }


def _worth(
    line: ClaimLine, proofs: _Proofs, budget: PromotionBudget | None, spent: dict[str, int]
) -> Worth:
    basis = COST_BASIS[line.kind]
    proven = _proven(basis, proofs)
    counted = line.quantity if proven is None else min(line.quantity, proven)
    by_rate = _by_rate(line, budget, counted)
    left = None
    if budget is not None and budget.budget_fen is not None:
        left = max(budget.budget_fen - spent.get(line.kind, 0), 0)
    unproven = 0 if proven == 0 else None
    bounds = [bound for bound in (unproven, by_rate, left) if bound is not None]
    asked = _by_rate(line, budget, line.quantity)
    flags = {
        "no_proof": proofs.count == 0,
        "exceeds_proof": proven is not None and line.quantity > proven,
        "exceeds_rate": asked is not None and line.amount_fen > asked,
        "exceeds_budget": left is not None and line.amount_fen > left,
        "proof_used_before": proofs.were_used,
    }
    return Worth(
        proven_quantity=proven,
        maximum_fen=min(bounds, default=None),
        flags=[flag for flag, is_raised in flags.items() if is_raised],
    )


def _proven(basis: CostBasis, proofs: _Proofs) -> int | None:
    if basis is CostBasis.PERCENT_OF_SELL_IN:
        return None
    if basis in UNITS:
        return sum(each["units"] or 0 for each in proofs.stores_days)
    if basis in GIFTS:
        return sum(each["gifts"] or 0 for each in proofs.stores_days)
    executed = {(e["store_id"], e["day"]) for e in proofs.stores_days if e["executed"]}
    if basis is CostBasis.SESSION_COST:
        return len(executed | set(proofs.visits.values()))
    return len({store for store, _ in executed} | {store for store, _ in proofs.visits.values()})


def _by_rate(line: ClaimLine, budget: PromotionBudget | None, quantity: int) -> int | None:
    if budget is None:
        return None
    if budget.rate_bp is not None and line.sell_in_fen is not None:
        return line.sell_in_fen * budget.rate_bp // 10_000
    return None if budget.rate_fen is None else budget.rate_fen * quantity


def _spent(claim: Claim) -> dict[str, int]:
    """Return what other claims were granted, by kind."""
    found: Any = (
        ClaimLine.select(ClaimLine.kind, fn.SUM(ClaimLine.accepted_fen).cast("BIGINT"))
        .join(Claim, on=ClaimLine.claim == Claim.id)
        .where(
            Claim.promotion == claim.promotion_id,
            Claim.id != claim.id,
            Claim.state.in_(GRANTED),
        )
        .group_by(ClaimLine.kind)
        .tuples()
    )
    return dict(found)


def _proofs(claim: Claim, kinds: dict[int, str]) -> dict[int, _Proofs]:
    named: defaultdict[int, list[ClaimProof]] = defaultdict(list)
    for proof in ClaimProof.select().where(ClaimProof.claim == claim.id):
        named[proof.line].append(proof)
    used = _used_before(claim)
    every = [proof for proofs in named.values() for proof in proofs]
    places = _places(claim, every)
    photos = _photos(claim, every)
    found = {}
    for number, kind in kinds.items():
        fresh = [proof for proof in named[number] if (kind, _key(proof)) not in used]
        days = {_key(proof) for proof in fresh if proof.store_id is not None}
        shots = {_key(proof) for proof in fresh if proof.visit_id is not None}
        found[number] = _Proofs(
            [places[key] for key in days if key in places],
            {key[0]: photos[key] for key in shots if key in photos},
            len(fresh) < len(named[number]),
            len(named[number]),
        )
    return found


def _key(proof: ClaimProof) -> Any:
    if proof.visit_id is not None:
        return (proof.visit_id, proof.photo_id)
    return (proof.store_id, proof.day)


def _used_before(claim: Claim) -> set[Any]:
    """Return the kinds and proofs of this claim that an earlier one, not rejected, has too."""
    mine = ClaimProof.alias()
    is_earlier = (Claim.submitted_at < claim.submitted_at) | (
        (Claim.submitted_at == claim.submitted_at) & (Claim.id < claim.id)
    )
    line = (ClaimLine.claim == ClaimProof.claim) & (ClaimLine.number == ClaimProof.line)
    used: set[Any] = set()
    for one, other in (("visit_id", "photo_id"), ("store_id", "day")):
        keys = getattr(ClaimProof, one), getattr(ClaimProof, other)
        same = (getattr(mine, one) == keys[0]) & (getattr(mine, other) == keys[1])
        earlier: Any = (
            mine.select(ClaimLine.kind, *keys)
            .join(ClaimProof, on=same)
            .join_from(ClaimProof, ClaimLine, on=line)
            .join_from(ClaimLine, Claim, on=Claim.id == ClaimLine.claim)
            .where(
                mine.claim == claim.id,
                Claim.promotion == claim.promotion_id,
                Claim.state != str(ClaimState.REJECTED),
                Claim.id != claim.id,
                is_earlier,
            )
            .tuples()
        )
        used |= {(kind, tuple(key)) for kind, *key in earlier}
    return used


def _places(claim: Claim, proofs: list[ClaimProof]) -> dict[Any, dict[str, Any]]:
    """Return the figures of the store-days that are the dealer's, by store and day."""
    named = {_key(proof) for proof in proofs if proof.store_id is not None}
    if not named:
        return {}
    owned = _owned(claim, {store for store, _ in named})
    rows = promotion_results.figures_of(claim.promotion_id, sorted(owned))
    return {
        (row["store_id"], row["day"]): row
        for row in rows
        if (row["store_id"], row["day"]) in named and _is_owned(owned, row["store_id"], row["day"])
    }


def _photos(claim: Claim, proofs: list[ClaimProof]) -> dict[Any, Place]:
    """Return where and when photos were taken that are held, believed and the dealer's."""
    named = [proof.visit_id for proof in proofs if proof.visit_id is not None]
    if not named:
        return {}
    promotion = promotions.get(claim.promotion_id)
    taken: Any = (
        Photo.select(Photo.visit_id, Photo.id, Visit.store, Visit.business_on)
        .join(Visit, on=Visit.id == Photo.visit_id)
        .where(
            Photo.visit_id.in_(named),
            Photo.sha256.is_null(False),
            Photo.quarantine_reason.is_null(),
            Visit.counts(),
            Visit.dealer == claim.dealer_id,
            Visit.business_on >= promotion.starts_on,
            Visit.business_on <= promotion.last_on,
        )
        .tuples()
    )
    return {(visit, photo): (store, day) for visit, photo, store, day in taken}


def _owned(claim: Claim, store_ids: set[int]) -> dict[int, list[StoreDealer]]:
    links: defaultdict[int, list[StoreDealer]] = defaultdict(list)
    for link in StoreDealer.select().where(
        StoreDealer.dealer == claim.dealer_id, StoreDealer.store.in_(sorted(store_ids))
    ):
        links[link.store_id].append(link)
    return links


def _is_owned(owned: dict[int, list[StoreDealer]], store_id: int, day: date) -> bool:
    return any(
        link.from_on <= day and (link.to_on is None or day < link.to_on) for link in owned[store_id]
    )
