"""Claims: what dealers ask to be paid back for promotions, from submission to settlement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from peewee import ModelSelect, chunked

from backend.fieldwork import claim_proofs, named_visits
from backend.fieldwork.claim_proofs import Worth
from backend.fieldwork.promotion_models import Claim, ClaimLine, ClaimProof
from backend.network import dealers
from backend.network.models import Store
from backend.platform import clock, ledger
from backend.platform.actors import Actor
from backend.platform.database import insert_rows, take_turns, transaction
from backend.platform.errors import (
    ConflictError,
    IdTakenError,
    NotFoundError,
    RuleError,
    StaleError,
)
from backend.standards import promotions
from backend.standards.models import Promotion
from backend.standards.promotion_codes import COST_BASIS, ClaimState, CostBasis, PromotionState

DECIDABLE = (ClaimState.SUBMITTED, ClaimState.UNDER_REVIEW)
PAYABLE = (ClaimState.ACCEPTED, ClaimState.PARTLY_ACCEPTED)


class ClaimKindError(RuleError):
    """Only what the promotion offers can be claimed."""

    code = "claim-kind"
    title = "The promotion has no such kind"
    title_zh = "促销不含该类型"
    detail = "The promotion offers no {kind}."
    detail_zh = "该促销不包含类型 {kind}。"


class SellInNeededError(RuleError):
    """A share of the sell-in needs the sell-in."""

    code = "sell-in-needed"
    title = "The sell-in is needed"
    title_zh = "缺少进货额"
    detail = "{kind} costs a share of the sell-in; state sell_in_fen on its line."
    detail_zh = "{kind} 按进货额计费，请在该行填写 sell_in_fen。"


class ClaimTooEarlyError(RuleError):
    """Nothing is owed for what has not begun."""

    code = "claim-too-early"
    title = "The promotion has not begun"
    title_zh = "促销尚未开始"
    detail = "The promotion begins on {starts_on}."
    detail_zh = "该促销于 {starts_on} 开始。"


class ClaimStateError(ConflictError):
    """A claim takes one step after another."""

    code = "claim-state"
    title = "Not at this point of the claim"
    title_zh = "报销单状态不符"
    detail = "The claim is {state}; this needs {needed}."
    detail_zh = "报销单当前为 {state}，此操作要求 {needed}。"


class OwnClaimError(RuleError):
    """Who submits a claim does not decide it."""

    code = "own-claim"
    title = "One does not decide one's own claim"
    title_zh = "不能审批自己提交的报销单"
    detail = "You submitted this claim; somebody else decides it."
    detail_zh = "该报销单由您提交，须由他人审批。"


class WrongDecisionError(RuleError):
    """A decision names every line once, and grants no more than was claimed."""

    code = "wrong-decision"
    title = "The decision does not fit the claim"
    title_zh = "审批内容与报销单不符"
    detail = "Decide every line once, each with at most what it claims; wrong: {lines}."
    detail_zh = "每一行须审批一次，且金额不超过申请；有误的行：{lines}。"


class NoteNeededError(RuleError):
    """Granting more than is proven needs a reason."""

    code = "note-needed"
    title = "Say why more is granted than is proven"
    title_zh = "核准超出证据，需说明原因"
    detail = "Lines {lines} are granted more than their maximum; add a note."
    detail_zh = "第 {lines} 行核准金额超过上限，请填写说明。"


def list_claims(
    actor: Actor,
    *,
    promotion_id: int | None = None,
    dealer_id: int | None = None,
    state: str | None = None,
) -> ModelSelect[Claim]:
    """Return the claims of dealers in sight, newest first."""
    found = (
        Claim.select().where(Claim.visible_to(actor)).order_by(Claim.submitted_at.desc(), Claim.id)
    )
    exact = {Claim.promotion: promotion_id, Claim.dealer: dealer_id, Claim.state: state}
    for column, value in exact.items():
        if value is not None:
            found = found.where(column == value)
    return found


def get(actor: Actor, claim_id: UUID) -> Claim:
    """Return one claim in sight. Raises NotFoundError."""
    claim = Claim.get_or_none(Claim.visible_to(actor), Claim.id == claim_id)
    if claim is None:
        raise NotFoundError(what="claim")
    return claim


def show(actor: Actor, claim_id: UUID) -> dict[str, Any]:
    """Return a claim with its lines, their proofs and what they are worth.

    Until it is decided, the worth is that of now; then that of the decision. Raises NotFoundError.
    """
    claim = get(actor, claim_id)
    lines = _lines(claim)
    worth = _frozen(lines) if claim.decided_at else claim_proofs.weigh(claim, lines)
    proofs = list(
        ClaimProof.select()
        .where(ClaimProof.claim == claim_id)
        .order_by(ClaimProof.line, ClaimProof.number)
    )
    maxima = [each.maximum_fen for each in worth.values()]
    return claim.__data__ | {
        "lines": [
            line.__data__
            | {
                "cost_basis": str(COST_BASIS[line.kind]),
                "proven_quantity": worth[line.number].proven_quantity,
                "maximum_fen": worth[line.number].maximum_fen,
                "flags": worth[line.number].flags,
                "photos": [p for p in proofs if p.line == line.number and p.visit_id is not None],
                "results": [p for p in proofs if p.line == line.number and p.store_id is not None],
            }
            for line in lines
        ],
        "maximum_fen": None if None in maxima else sum(each or 0 for each in maxima),
        "is_flagged": any(each.flags for each in worth.values()),
    }


def submit(
    actor: Actor,
    claim_id: UUID,
    *,
    promotion_id: int,
    dealer_id: int,
    lines: Sequence[Mapping[str, Any]],
    note: str,
    content_sha256: str,
    at: datetime,
) -> bool:
    """Hand in a dealer's claim and return whether it is new.

    One proves with stores and visits that one sees; a visit may still come.

    A line has `kind`, `amount_fen`, `quantity`, `sell_in_fen`, `photos` (`visit_id`, `photo_id`)
    and `results` (`store_id`, `day`). Raises NotFoundError, ClaimKindError, SellInNeededError,
    ClaimTooEarlyError, EvidenceElsewhereError, or IdTakenError for a known id with other content.
    """
    with transaction():
        take_turns(f"claim:{claim_id}")
        known = Claim.get_or_none(Claim.id == claim_id)
        if known is not None:
            if (known.submitted_by_id, known.content_sha256) != (actor.id, content_sha256):
                raise IdTakenError(id=str(claim_id))
            return False
        promotion, dealer = promotions.get(promotion_id), dealers.get(actor, dealer_id)
        _check(promotion, lines, at)
        _check_proofs(actor, lines)
        Claim.create(
            id=claim_id,
            promotion=promotion_id,
            dealer=dealer_id,
            state=str(ClaimState.SUBMITTED),
            note=note,
            claimed_fen=sum(line["amount_fen"] for line in lines),
            submitted_by_id=actor.id,
            submitted_at=at,
            version=1,
            content_sha256=content_sha256,
        )
        _keep(claim_id, lines)
        ledger.append(
            actor,
            "claim.submitted",
            claim_id,
            at=at,
            promotion=promotion_id,
            dealer=dealer_id,
            region=dealer.region_id,
        )
    return True


def review(actor: Actor, claim_id: UUID, *, version: int, at: datetime) -> None:
    """Take a submitted claim under review. Raises NotFoundError, ClaimStateError, StaleError."""
    with transaction():
        claim = _turn(actor, claim_id, (ClaimState.SUBMITTED,))
        state = str(ClaimState.UNDER_REVIEW)
        _change(claim, version, state=state, reviewed_by_id=actor.id, reviewed_at=at)
        _tell(actor, "claim.taken_under_review", claim, at)


def decide(
    actor: Actor,
    claim_id: UUID,
    *,
    accepted: Mapping[int, int],
    note: str,
    version: int,
    at: datetime,
) -> None:
    """Grant each line an amount in fen; what the lines were worth is frozen with that.

    Raises NotFoundError, ClaimStateError, StaleError, OwnClaimError, WrongDecisionError, or
    NoteNeededError for more than the maximum without a note.
    """
    with transaction():
        claim = _turn(actor, claim_id, DECIDABLE)
        # Claims on one promotion share its budgets and proofs.
        take_turns(f"claims of {claim.promotion_id}")
        if claim.submitted_by_id == actor.id:
            raise OwnClaimError(reason="own")
        lines = _lines(claim)
        worth = claim_proofs.weigh(claim, lines)
        _check_decision(lines, worth, accepted, note)
        total = sum(accepted.values())
        state = ClaimState.PARTLY_ACCEPTED if total else ClaimState.REJECTED
        if total == claim.claimed_fen:
            state = ClaimState.ACCEPTED
        _change(
            claim,
            version,
            state=str(state),
            accepted_fen=total,
            decided_by_id=actor.id,
            decided_at=at,
            decision_note=note,
        )
        for line in lines:
            mine = (ClaimLine.claim == claim_id) & (ClaimLine.number == line.number)
            found = worth[line.number]
            ClaimLine.update(
                accepted_fen=accepted[line.number],
                proven_quantity=found.proven_quantity,
                maximum_fen=found.maximum_fen,
                flags=found.flags,
            ).where(mine).execute()
        _tell(actor, "claim.decided", claim, at, state=str(state), accepted_fen=total)


def settle(actor: Actor, claim_id: UUID, *, settlement: str, version: int, at: datetime) -> None:
    """Record that what was granted was paid or credited; `settlement` names the document.

    Raises NotFoundError, ClaimStateError, or StaleError.
    """
    with transaction():
        claim = _turn(actor, claim_id, PAYABLE)
        _change(
            claim,
            version,
            state=str(ClaimState.SETTLED),
            settlement=settlement,
            settled_by_id=actor.id,
            settled_at=at,
        )
        _tell(actor, "claim.settled", claim, at, settlement=settlement)


def _check(promotion: Promotion, lines: Sequence[Mapping[str, Any]], at: datetime) -> None:
    if promotion.state_on(clock.business_date(at)) is PromotionState.PLANNED:
        raise ClaimTooEarlyError(starts_on=promotion.starts_on)
    for line in lines:
        kind = line["kind"]
        if kind not in promotion.dealer_kinds and kind not in promotion.consumer_kinds:
            raise ClaimKindError(kind=kind)
        by_sell_in = COST_BASIS[kind] is CostBasis.PERCENT_OF_SELL_IN
        if by_sell_in and line["sell_in_fen"] is None:
            raise SellInNeededError(kind=kind)


def _check_proofs(actor: Actor, lines: Sequence[Mapping[str, Any]]) -> None:
    named = {result["store_id"] for line in lines for result in line["results"]}
    for batch in chunked(sorted(named), named_visits.MOST_AT_ONCE):
        seen = Store.select().where(Store.visible_to(actor), Store.id.in_(batch))
        if seen.count() < len(batch):
            raise NotFoundError(what="store")
    visits = {photo["visit_id"] for line in lines for photo in line["photos"]}
    named_visits.check_own(actor, visits)


def _keep(claim_id: UUID, lines: Sequence[Mapping[str, Any]]) -> None:
    rows, proofs = [], []
    for number, line in enumerate(lines, start=1):
        columns = ("kind", "amount_fen", "quantity", "sell_in_fen")
        rows.append({"claim": claim_id, "number": number} | {n: line[n] for n in columns})
        nothing = dict.fromkeys(("visit_id", "photo_id", "store_id", "day"))
        proofs += [
            {"claim": claim_id, "line": number, "number": place} | nothing | proof
            for place, proof in enumerate([*line["photos"], *line["results"]], start=1)
        ]
    insert_rows(ClaimLine, rows)
    insert_rows(ClaimProof, proofs)


def _check_decision(
    lines: Sequence[ClaimLine], worth: Mapping[int, Worth], accepted: Mapping[int, int], note: str
) -> None:
    claimed = {line.number: line.amount_fen for line in lines}
    wrong = sorted(claimed.keys() ^ accepted.keys()) or [
        number for number, amount in accepted.items() if amount > claimed[number]
    ]
    if wrong:
        raise WrongDecisionError(lines=wrong)
    beyond = [
        number
        for number, amount in accepted.items()
        if (most := worth[number].maximum_fen) is not None and amount > most
    ]
    if beyond and not note:
        raise NoteNeededError(lines=beyond)


def _lines(claim: Claim) -> list[ClaimLine]:
    return list(ClaimLine.select().where(ClaimLine.claim == claim.id).order_by(ClaimLine.number))


def _frozen(lines: Sequence[ClaimLine]) -> dict[int, Worth]:
    return {
        line.number: Worth(
            proven_quantity=line.proven_quantity, maximum_fen=line.maximum_fen, flags=line.flags
        )
        for line in lines
    }


def _turn(actor: Actor, claim_id: UUID, needed: Sequence[ClaimState]) -> Claim:
    """Return the claim once it is our turn, if it is in one of the states."""
    take_turns(f"claim:{claim_id}")
    claim = get(actor, claim_id)
    if claim.state not in needed:
        raise ClaimStateError(state=claim.state, needed=" / ".join(needed))
    return claim


def _change(claim: Claim, version: int, **columns: Any) -> None:
    changed = (
        Claim.update(**columns, version=version + 1)
        .where(Claim.id == claim.id, Claim.version == version)
        .execute()
    )
    if not changed:
        raise StaleError(version=claim.version)


def _tell(actor: Actor, verb: str, claim: Claim, at: datetime, **facts: Any) -> None:
    ledger.append(
        actor,
        verb,
        claim.id,
        at=at,
        promotion=claim.promotion_id,
        dealer=claim.dealer_id,
        **facts,
    )
