"""Feedback cards: what partners think of finished jobs, one card for each."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from peewee import SQL, ModelSelect, fn

from backend.fieldwork import complaints, violations, visits
from backend.fieldwork.case_models import FeedbackCard, FeedbackScore
from backend.platform import clock, ledger
from backend.platform.actors import Actor
from backend.platform.database import insert_rows, take_turns, transaction
from backend.platform.errors import ConflictError, IdTakenError, NotFoundError, RuleError
from backend.standards.service import FeedbackTopic, FinishedJob

WINDOW = timedelta(days=90)


class NotFinishedError(RuleError):
    """Only a job that is done can be judged."""

    code = "job-not-finished"
    title = "The job is not finished"
    title_zh = "事项尚未完成"
    detail = "A card is about a resolved violation, a closed complaint or a complete visit."
    detail_zh = "反馈卡只能针对已整改的违规、已结案的投诉或已完成的拜访。"


class CardExistsError(ConflictError):
    """One card per finished job; the visits of a store in a month are one job."""

    code = "card-exists"
    title = "There is a card for it"
    title_zh = "该事项已有反馈卡"
    detail = "Card {card_id} is about the same job."
    detail_zh = "反馈卡 {card_id} 已针对同一事项。"


class ScoredTwiceError(RuleError):
    """A topic has one score."""

    code = "scored-twice"
    title = "A topic is scored twice"
    title_zh = "同一主题重复评分"
    detail = "Scored more than once: {topics}."
    detail_zh = "重复评分：{topics}。"


class Grouping(StrEnum):
    """Whose satisfaction is asked for."""

    STORE = "store"
    DEALER = "dealer"


def put(
    actor: Actor,
    card_id: UUID,
    *,
    about: str,
    about_id: UUID,
    scores: list[dict[str, Any]],
    comment: str,
    content_sha256: str,
    at: datetime,
) -> tuple[FeedbackCard, bool]:
    """Record a card; return it with its `scores` and whether it is new.

    A score without a department goes to that of its topic. Raises IdTakenError, CardExistsError,
    ScoredTwiceError, NotFinishedError or NotFoundError.
    """
    topics = [score["topic"] for score in scores]
    if twice := sorted({topic for topic in topics if topics.count(topic) > 1}):
        raise ScoredTwiceError(topics=", ".join(twice), reason="twice")
    with transaction():
        take_turns(f"card:{card_id}")
        known = FeedbackCard.get_or_none(FeedbackCard.id == card_id)
        if known is not None:
            if (known.recorded_by_id, known.content_sha256) != (actor.id, content_sha256):
                raise IdTakenError(id=str(card_id))
            return get(actor, card_id), False
        job = _finished(actor, FinishedJob(about), about_id, at=at)
        take_turns(f"card of {job['job']}")
        other = FeedbackCard.get_or_none(FeedbackCard.job == job["job"])
        if other is not None:
            raise CardExistsError(card_id=str(other.id))
        row = job | {
            "id": card_id,
            "about": about,
            "about_id": about_id,
            "given_on": clock.business_date(at),
            "comment": comment,
            "score": sum(score["score"] for score in scores) / len(scores),
            "recorded_by_id": actor.id,
            "recorded_at": at,
            "content_sha256": content_sha256,
        }
        insert_rows(FeedbackCard, [row])
        insert_rows(FeedbackScore, [_scored(card_id, **score) for score in scores])
        ledger.append(
            actor,
            "feedback_card.given",
            card_id,
            at=at,
            store=row["store"],
            dealer=row["dealer"],
            region=row["region"],
            about=about,
        )
    return get(actor, card_id), True


def get(actor: Actor, card_id: UUID) -> FeedbackCard:
    """Return one card the actor may see with its `scores`. Raises NotFoundError."""
    cards = FeedbackCard.select().where(FeedbackCard.visible_to(actor), FeedbackCard.id == card_id)
    found = with_scores(list(cards))
    if not found:
        raise NotFoundError(what="feedback card")
    return found[0]


def list_cards(
    actor: Actor,
    *,
    from_on: date | None = None,
    to_on: date | None = None,
    store_id: int | None = None,
    dealer_id: int | None = None,
    about: str | None = None,
    department: str | None = None,
) -> ModelSelect[FeedbackCard]:
    """Return cards the actor may see, newest first; `department` has a score of theirs."""
    conditions = [FeedbackCard.visible_to(actor), *_between(from_on, to_on)]
    if store_id is not None:
        conditions.append(FeedbackCard.store == store_id)
    if dealer_id is not None:
        conditions.append(FeedbackCard.dealer == dealer_id)
    if about is not None:
        conditions.append(FeedbackCard.about == about)
    if department is not None:
        theirs = FeedbackScore.select(FeedbackScore.card).where(
            FeedbackScore.department == department
        )
        conditions.append(FeedbackCard.id.in_(theirs))
    cards = FeedbackCard.select().where(*conditions)
    return cards.order_by(FeedbackCard.recorded_at.desc(), FeedbackCard.id)


def with_scores(cards: list[FeedbackCard]) -> list[FeedbackCard]:
    """Give cards their `scores`, by topic, in one query however many there are."""
    found = FeedbackScore.select().where(FeedbackScore.card.in_([card.id for card in cards]))
    by_topic = sorted(found, key=lambda score: score.topic)
    for card in cards:
        card.scores = [score for score in by_topic if score.card_id == card.id]
    return cards


def satisfaction(
    actor: Actor,
    *,
    by: Grouping,
    today: date,
    from_on: date | None = None,
    to_on: date | None = None,
) -> ModelSelect[FeedbackCard]:
    """Return `partner_id`, `value`, `num` and `den` per store or dealer, as mappings by id.

    A store's value is the mean score of its cards; a dealer's the mean of its stores' values
    (kpi feedback_score). The window is the last 90 days unless told.
    """
    to_on = to_on or today + timedelta(days=1)
    from_on = from_on or to_on - WINDOW
    cards = (FeedbackCard.visible_to(actor), *_between(from_on, to_on))
    if by is Grouping.STORE:
        return (
            FeedbackCard.select(
                FeedbackCard.store.alias("partner_id"),
                fn.AVG(FeedbackCard.score).alias("value"),
                fn.SUM(FeedbackCard.score).alias("num"),
                fn.COUNT(SQL("*")).alias("den"),
            )
            .where(*cards, FeedbackCard.store.is_null(False))
            .group_by(FeedbackCard.store)
            .order_by(FeedbackCard.store)
            .dicts()
        )
    means = (
        FeedbackCard.select(
            FeedbackCard.dealer.alias("dealer"), fn.AVG(FeedbackCard.score).alias("mean")
        )
        .where(*cards, FeedbackCard.dealer.is_null(False))
        .group_by(FeedbackCard.dealer, FeedbackCard.store)
        .alias("store_mean")
    )
    return (
        FeedbackCard.select(
            means.c.dealer.alias("partner_id"),
            fn.AVG(means.c.mean).alias("value"),
            fn.SUM(means.c.mean).alias("num"),
            fn.COUNT(SQL("*")).alias("den"),
        )
        .from_(means)
        .group_by(means.c.dealer)
        .order_by(means.c.dealer)
        .dicts()
    )


def _finished(actor: Actor, about: FinishedJob, about_id: UUID, *, at: datetime) -> dict[str, Any]:
    """Return what a card takes from its job. Raises NotFinishedError or NotFoundError."""
    job: Any
    if about is FinishedJob.VIOLATION:
        job = violations.get(actor, about_id)
        is_done = job.resolved_at is not None and job.retracted_at is None
        name = f"{about}:{about_id}"
    elif about is FinishedJob.COMPLAINT:
        job = complaints.get(actor, about_id, at=at)
        is_done, name = job.closed_at is not None, f"{about}:{about_id}"
    else:
        job = visits.get(actor, about_id)
        is_done = job.status == "complete" and job.quarantine_reason is None
        name = f"{about}:{job.store_id}:{job.business_on:%Y-%m}"
    if not is_done:
        raise NotFinishedError(reason="not finished")
    return {
        "job": name,
        "store": job.store_id,
        "dealer": job.dealer_id,
        "region": job.region_id,
    }


def _scored(card_id: UUID, topic: str, score: int, department: str | None) -> dict[str, Any]:
    known = FeedbackTopic(topic)  # type: ignore[call-arg]  # looks the code up
    return {
        "card": card_id,
        "topic": topic,
        "department": department or str(known.department),
        "score": score,
    }


def _between(from_on: date | None, to_on: date | None) -> list[Any]:
    after = [] if from_on is None else [FeedbackCard.given_on >= from_on]
    return after if to_on is None else [*after, FeedbackCard.given_on < to_on]
