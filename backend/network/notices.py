"""Notices and consents: what people are told about their data, asked, and answer.

Whoever has not answered works on: nothing handed in is refused for want of an answer, but
everybody sees what is outstanding.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any
from uuid import UUID

from peewee import ModelSelect, fn

from backend.network.models import Person
from backend.network.privacy_models import PrivacyAnswer, PrivacyNotice
from backend.network.privacy_words import ANSWERS, LegalBasis, NoticeAnswer, NoticeKind
from backend.platform import ledger
from backend.platform.actors import Actor
from backend.platform.database import take_turns, transaction
from backend.platform.errors import IdTakenError, NotFoundError, RuleError
from backend.platform.settings import settings


class OtherTextError(RuleError):
    """The phone showed another text than the notice has."""

    code = "notice-other-text"
    title = "Another text was shown"
    title_zh = "所示文本不一致"
    detail = "The text that was answered has another SHA-256 than this notice."
    detail_zh = "所回应文本的 SHA-256 与该告知不一致。"


class WrongAnswerError(RuleError):
    """A notice is acknowledged, a consent is granted or withdrawn."""

    code = "notice-wrong-answer"
    title = "Not an answer to this notice"
    title_zh = "回应与告知类型不符"
    detail = "To a {kind} one answers: {answers}."
    detail_zh = "对 {kind} 只能回应：{answers}。"


def publish(actor: Actor, *, kind: str, text_zh: str, text_en: str, at: datetime) -> PrivacyNotice:
    """Put the next version of a notice in force; everybody is to answer anew."""
    digest = hashlib.sha256(f"{text_zh}\n{text_en}".encode()).hexdigest()
    with transaction():
        take_turns("publishing a notice")
        latest = (
            PrivacyNotice.select(fn.MAX(PrivacyNotice.version))
            .where(PrivacyNotice.kind == kind)
            .scalar()
        )
        notice = PrivacyNotice.create(
            kind=kind,
            version=(latest or 0) + 1,
            text_zh=text_zh,
            text_en=text_en,
            text_sha256=digest,
            published_at=at,
            published_by_id=actor.id,
        )
        ledger.append(
            actor,
            "notice.published",
            notice.id,
            at=at,
            kind=kind,
            version=notice.version,
            text_sha256=digest,
        )
    return notice


def get(notice_id: int) -> PrivacyNotice:
    """Return any version of a notice. Raises NotFoundError."""
    notice = PrivacyNotice.get_or_none(PrivacyNotice.id == notice_id)
    if notice is None:
        raise NotFoundError(what="notice")
    return notice


def in_force(actor: Actor) -> list[dict[str, Any]]:
    """Return the latest notice of each kind, with one's own last `answer` to that version.

    `is_required` says that work stands on it, `is_outstanding` that it is to be answered.
    """
    given = _last_answers([actor.id])
    return [
        notice.__data__
        | {
            "is_required": notice.kind in _required(),
            "answer": given.get((actor.id, notice.id)),
            "is_outstanding": notice.kind in _required() and (actor.id, notice.id) not in given,
        }
        for notice in _latest()
    ]


def outstanding(person: Person) -> ModelSelect[PrivacyNotice]:
    """Return the notices in force that a person is to answer; one query."""
    answered = PrivacyAnswer.select(PrivacyAnswer.notice).where(PrivacyAnswer.person == person.id)
    return (
        PrivacyNotice.select()
        .where(
            PrivacyNotice.id.in_(_newest()),
            PrivacyNotice.kind.in_([str(kind) for kind in _required()]),
            PrivacyNotice.id.not_in(answered),
        )
        .order_by(PrivacyNotice.kind)
    )


def answer(
    actor: Actor,
    answer_id: UUID,
    *,
    notice_id: int,
    text_sha256: str,
    said: str,
    answered_at: datetime,
    content_sha256: str,
    at: datetime,
) -> tuple[PrivacyAnswer, bool]:
    """Keep what a person says to a version of a notice; return it and whether it is new.

    Nothing said before is changed. Raises NotFoundError, OtherTextError, WrongAnswerError or
    IdTakenError.
    """
    with transaction():
        take_turns(f"answer {answer_id}")
        known = PrivacyAnswer.get_or_none(PrivacyAnswer.id == answer_id)
        if known is not None:
            if (known.person_id, known.content_sha256) != (actor.id, content_sha256):
                raise IdTakenError(id=str(answer_id))
            return known, False
        notice = get(notice_id)
        if text_sha256 != notice.text_sha256:
            raise OtherTextError(reason="text")
        answers = ANSWERS[notice.kind]
        if said not in answers:
            raise WrongAnswerError(kind=notice.kind, answers=", ".join(answers))
        row = PrivacyAnswer.create(
            id=answer_id,
            notice=notice.id,
            person=actor.id,
            answer=said,
            text_sha256=text_sha256,
            answered_at=min(answered_at, at),
            device_id=actor.device_id or "",
            received_at=at,
            content_sha256=content_sha256,
        )
        ledger.append(
            actor,
            "notice.answered",
            notice.id,
            at=at,
            device_at=answered_at,
            answer=said,
            text_sha256=text_sha256,
        )
    return row, True


def list_answers(actor: Actor, *, person_id: int | None = None) -> ModelSelect[PrivacyAnswer]:
    """Return the answers of the people the actor may see, the latest first."""
    answers = PrivacyAnswer.select().where(PrivacyAnswer.visible_to(actor))
    if person_id is not None:
        answers = answers.where(PrivacyAnswer.person == person_id)
    return answers.order_by(PrivacyAnswer.answered_at.desc(), PrivacyAnswer.id)


def list_outstanding(actor: Actor) -> ModelSelect[Person]:
    """Return the active people in sight who lack an answer to a required notice, by login.

    Who withdrew consent lacks it too.
    """
    wanting: Any = None
    for notice in _latest():
        if notice.kind not in _required():
            continue
        later = PrivacyAnswer.alias()
        superseded = later.select(later.id).where(
            later.person == PrivacyAnswer.person,
            later.notice == PrivacyAnswer.notice,
            (later.answered_at > PrivacyAnswer.answered_at)
            | ((later.answered_at == PrivacyAnswer.answered_at) & (later.id > PrivacyAnswer.id)),
        )
        content = PrivacyAnswer.select(PrivacyAnswer.person).where(
            PrivacyAnswer.notice == notice.id,
            PrivacyAnswer.answer != str(NoticeAnswer.WITHDRAWN),
            ~fn.EXISTS(superseded),
        )
        lacks = Person.id.not_in(content)
        wanting = lacks if wanting is None else wanting | lacks
    people = Person.select().where(Person.visible_to(actor), Person.is_active)
    nobody = Person.id.is_null()
    return people.where(nobody if wanting is None else wanting).order_by(Person.login)


def _required() -> tuple[NoticeKind, ...]:
    if settings().legal_basis == LegalBasis.CONSENT:
        return (NoticeKind.WORK_RULE, NoticeKind.SEPARATE_CONSENT)
    return (NoticeKind.WORK_RULE,)


def _latest() -> list[PrivacyNotice]:
    return list(
        PrivacyNotice.select().where(PrivacyNotice.id.in_(_newest())).order_by(PrivacyNotice.kind)
    )


def _newest() -> ModelSelect[PrivacyNotice]:
    return PrivacyNotice.select(fn.MAX(PrivacyNotice.id)).group_by(PrivacyNotice.kind)


def _last_answers(person_ids: list[int]) -> dict[tuple[int, int], str]:
    """Return the last answers by person and notice."""
    answers = (
        PrivacyAnswer.select(PrivacyAnswer.person, PrivacyAnswer.notice, PrivacyAnswer.answer)
        .where(PrivacyAnswer.person.in_(person_ids))
        .order_by(PrivacyAnswer.answered_at, PrivacyAnswer.id)
    )
    return {(row.person_id, row.notice_id): row.answer for row in answers}
