"""The right of reply: what a dealer says against a line of its card, and what is decided."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from peewee import ModelSelect

from backend.insight import scorecard_versions, scorecards
from backend.insight.scorecard_models import ScorecardContest, of_dealer
from backend.insight.scorecards import Card
from backend.insight.windows import Window
from backend.network.models import Dealer, Region
from backend.platform import clock, ledger
from backend.platform.actors import Actor
from backend.platform.database import take_turns, transaction
from backend.platform.errors import (
    ConflictError,
    IdTakenError,
    NotFoundError,
    RuleError,
    StaleError,
)
from backend.platform.settings import settings
from backend.standards.scorecard_codes import ContestState


class NoSuchLineError(RuleError):
    """Only what cost a card points, or caps it, can be contested."""

    code = "scorecard-line"
    title = "The card has no such line"
    title_zh = "评分卡没有该项"
    detail = "The card of these days has no line {line} in that store."
    detail_zh = "该时段的评分卡在该门店没有 {line} 这一项。"


class ContestLateError(RuleError):
    """Whoever is answered in time must have spoken in time."""

    code = "scorecard-contest-late"
    title = "Too late to contest the card"
    title_zh = "已过申诉期限"
    detail = "A card of these days could be contested until {until}."
    detail_zh = "该时段的评分卡可申诉至 {until}。"


class ContestedError(ConflictError):
    """A line of a card is contested once, and what is decided is final."""

    code = "scorecard-contested"
    title = "The line was contested before"
    title_zh = "该项已申诉"
    detail = "This line of this card was contested before; its contest is {contest}."
    detail_zh = "该评分卡的这一项已申诉，申诉编号 {contest}。"


class OwnContestError(RuleError):
    """Nobody decides about what they said themselves."""

    code = "own-contest"
    title = "One does not decide one's own contest"
    title_zh = "不能裁定本人提交的申诉"
    detail = "You recorded this contest; somebody else decides it."
    detail_zh = "该申诉由您提交，须由他人裁定。"


class ContestDecidedError(ConflictError):
    """A decision is final."""

    code = "scorecard-contest-decided"
    title = "The contest is decided"
    title_zh = "申诉已裁定"
    detail = "The contest was decided at {decided_at}."
    detail_zh = "该申诉已于 {decided_at} 裁定。"


def put(
    actor: Actor,
    contest_id: UUID,
    *,
    dealer_id: int,
    window: Window,
    line: str,
    store_id: int | None,
    text: str,
    content_sha256: str,
    at: datetime,
) -> tuple[ScorecardContest, bool]:
    """Contest a line of a dealer's card, once; return the contest and whether it is new.

    Without a store it is about the line in every store. Raises NotFoundError, ContestLateError,
    NoSuchLineError, ContestedError, or IdTakenError for a known id with other content.
    """
    dealer = scorecards.get_dealer(actor, dealer_id)
    if known := _replayed(contest_id, content_sha256):
        return known, False
    today = clock.business_date(at)
    until = window.to_on + timedelta(days=settings().scorecard_contest_days)
    if today >= until:
        raise ContestLateError(until=(until - timedelta(days=1)).isoformat())
    points = _require(scorecards.get(actor, dealer_id, window=window, at=at), line, store_id)
    with transaction():
        take_turns(f"scorecard contests of {dealer_id}")
        if known := _replayed(contest_id, content_sha256):
            return known, False
        for other in of_dealer(dealer_id, ScorecardContest.line == line):
            same = (other.from_on, other.to_on) == (window.from_on, window.to_on)
            if same and other.store_id == store_id:
                raise ContestedError(contest=str(other.id))
        contest = ScorecardContest.create(
            id=contest_id,
            dealer=dealer_id,
            region=dealer.region_id,
            from_on=window.from_on,
            to_on=window.to_on,
            line=line,
            store=store_id,
            text=text,
            points=points,
            state=str(ContestState.OPEN),
            made_by_id=actor.id,
            made_at=at,
            due_on=today + timedelta(days=settings().scorecard_decision_days),
            content_sha256=content_sha256,
            version=1,
        )
        ledger.append(actor, "scorecard_contest.made", contest_id, at=at, **_facts(contest))
    return contest, True


def decide(
    actor: Actor, contest_id: UUID, *, is_upheld: bool, reason: str, version: int, at: datetime
) -> ScorecardContest:
    """Uphold or reject a contest, for good; frozen cards that it changes get a new version.

    Raises NotFoundError, OwnContestError, StaleError or ContestDecidedError.
    """
    state = ContestState.UPHELD if is_upheld else ContestState.REJECTED
    with transaction():
        contest = get(actor, contest_id)
        if contest.made_by_id == actor.id:
            raise OwnContestError(reason="person")
        if contest.decided_at is not None and contest.version == version:
            raise ContestDecidedError(decided_at=contest.decided_at.isoformat())
        changed = (
            ScorecardContest.update(
                state=str(state),
                reason=reason,
                decided_by_id=actor.id,
                decided_at=at,
                version=version + 1,
            )
            .where(ScorecardContest.id == contest_id, ScorecardContest.version == version)
            .execute()
        )
        if not changed:
            raise StaleError(version=contest.version)
        facts = _facts(contest) | {"state": str(state)}
        ledger.append(actor, "scorecard_contest.decided", contest_id, at=at, **facts)
        if is_upheld:
            scorecard_versions.owe(contest.dealer_id, contest.from_on, contest.to_on, at=at)
    return get(actor, contest_id)


def get(actor: Actor, contest_id: UUID) -> ScorecardContest:
    """Return one contest of a dealer in sight. Raises NotFoundError."""
    contest = ScorecardContest.get_or_none(
        ScorecardContest.visible_to(actor), ScorecardContest.id == contest_id
    )
    if contest is None:
        raise NotFoundError(what="contest")
    return contest


def list_contests(
    actor: Actor,
    *,
    state: str | None = None,
    dealer_id: int | None = None,
    region_id: int | None = None,
    overdue_on: date | None = None,
) -> ModelSelect[ScorecardContest]:
    """Return the contests in sight, oldest first; overdue on a day are open ones due before it."""
    found = (
        ScorecardContest.select()
        .where(ScorecardContest.visible_to(actor))
        .order_by(ScorecardContest.made_at, ScorecardContest.id)
    )
    if state is not None:
        found = found.where(ScorecardContest.state == state)
    if dealer_id is not None:
        found = found.where(ScorecardContest.dealer == dealer_id)
    if overdue_on is not None:
        is_open = ScorecardContest.state == str(ContestState.OPEN)
        found = found.where(is_open, ScorecardContest.due_on < overdue_on)
    if region_id is not None:
        top = Region.get_or_none(Region.id == region_id)
        below = Region.select(Region.id).where(Region.path.startswith(top.path if top else "-"))
        there = Dealer.select(Dealer.id).where(Dealer.region.in_(below))
        found = found.where(ScorecardContest.dealer.in_(there))
    return found


def of_card(dealer_id: int, from_on: date, to_on: date) -> list[ScorecardContest]:
    """Return the contests of cards that have a day in common with these, the first one first."""
    return of_dealer(dealer_id, ScorecardContest.from_on < to_on, ScorecardContest.to_on > from_on)


def _replayed(contest_id: UUID, content_sha256: str) -> ScorecardContest | None:
    known: ScorecardContest | None = ScorecardContest.get_or_none(ScorecardContest.id == contest_id)
    if known is not None and known.content_sha256 != content_sha256:
        raise IdTakenError(id=str(contest_id))
    return known


def _require(card: Card, line: str, store_id: int | None) -> float:
    """Return the points that a line costs a card, in a store or in all; a cap has its own."""
    if (found := card.lines.get(line)) and store_id in (None, *found.stores):
        return found.points if store_id is None else found.stores[store_id]
    for cap in card.caps:
        if cap.line == line and store_id in (None, *cap.stores):
            return (card.uncapped or 0) - (card.score or 0)
    raise NoSuchLineError(line=line, reason="line")


def _facts(contest: ScorecardContest) -> dict[str, Any]:
    """Return whose card and which line; no store-day is named, as no figure changes by it."""
    return {
        "of_dealer": contest.dealer_id,
        "region": contest.region_id,
        "from": contest.from_on.isoformat(),
        "to": contest.to_on.isoformat(),
        "line": contest.line,
    }
