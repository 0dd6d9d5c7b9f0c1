"""Violations: opened by what a visit saw or by hand, joined by repeat sightings, ended by proof.

What a visit no longer stands for is taken back in retractions.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from peewee import ModelSelect

from backend.fieldwork import proofs
from backend.fieldwork.arrivals import Result, within
from backend.fieldwork.judgement import Sighting
from backend.fieldwork.models import Visit
from backend.fieldwork.task_log import refuse_own_case
from backend.fieldwork.violation_models import Violation, ViolationSighting
from backend.network.models import Store
from backend.network.stores import dealer_on
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
from backend.platform.settings import settings
from backend.standards.codes import ViolationKind


class OpenAgainError(ConflictError):
    """The same kind and subject was seen again since, so there is a newer case."""

    code = "open-again"
    title = "There is a newer case"
    title_zh = "已有新的违规记录"
    detail = "The same was seen in the store again, and case {violation_id} is open for it."
    detail_zh = "该门店已再次发现同一问题，请处理新的违规 {violation_id}。"


class AlreadyResolvedError(RuleError):
    """A violation ends once."""

    code = "already-resolved"
    title = "Already resolved"
    title_zh = "已关闭"
    detail = "The violation was resolved before."
    detail_zh = "该违规已关闭。"


class RetractedError(RuleError):
    """Nobody says any more to have seen it."""

    code = "retracted"
    title = "The violation was retracted"
    title_zh = "该违规已撤回"
    detail = "Nobody says any more to have seen it; report it again if it is there."
    detail_zh = "已无人确认该违规，如仍存在请重新登记。"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """Something other than a report that shows a violation; `id` is the fact's own."""

    id: UUID
    kind: ViolationKind
    subject: str
    store_id: int
    dealer_id: int | None
    region_id: int
    person_id: int
    seen_at: datetime
    day: date
    note: str = ""
    visit_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """Who saw it where and when: on a visit, or by hand (then `visit_id` is null)."""

    id: UUID
    visit_id: UUID | None
    person_id: int
    store_id: int
    dealer_id: int | None
    region_id: int
    at: datetime
    day: date
    note: str = ""
    content_sha256: str | None = None
    is_clock_suspect: bool = False


def sight(visit: Visit, sightings: Sequence[Sighting], *, at: datetime) -> None:
    """Record what a judged visit saw, in the caller's transaction.

    A sighting joins the case of its store, kind and subject that was open at the time, whatever
    the order in which visits arrive; otherwise it opens one.
    """
    if not sightings or visit.store_id is None or visit.region_id is None:
        return
    take_turns(f"store:{visit.store_id}")
    seen = _Seen(
        id=visit.id,
        visit_id=visit.id,
        person_id=visit.person_id,
        store_id=visit.store_id,
        dealer_id=visit.dealer_id,
        region_id=visit.region_id,
        at=visit.checked_in_at,
        day=visit.business_on,
    )
    cases = _open_then(seen)
    for sighting in sightings:
        kind, subject = sighting.kind, sighting.subject
        case = cases.get((str(kind), subject))
        if case is None:
            _open(uuid5(visit.id, f"{kind}:{subject}"), kind, subject, seen, actor=None, at=at)
        else:
            _join(case, seen, None, at)


def sight_fact(
    actor: Actor | None, fact: Fact, known: Sequence[tuple[int, UUID]] = (), *, at: datetime
) -> Violation:
    """Record a violation that a fact shows, in the caller's transaction, and return its case.

    `known` are cases by store and id, of any store, that it joins if one was open then;
    otherwise it joins that of its own store, kind and subject, or opens one.
    """
    for store_id in sorted({fact.store_id, *(store_id for store_id, _ in known)}):
        take_turns(f"store:{store_id}")
    seen = _Seen(
        id=fact.id,
        visit_id=fact.visit_id,
        person_id=fact.person_id,
        store_id=fact.store_id,
        dealer_id=fact.dealer_id,
        region_id=fact.region_id,
        at=fact.seen_at,
        day=fact.day,
        note=fact.note,
    )
    cases = [_case(*one) for one in dict.fromkeys(known)]
    cases = [one for one in cases if one.resolved_at is None or one.resolved_at > fact.seen_at]
    case = cases[0] if cases else _open_then(seen).get((str(fact.kind), fact.subject))
    if case is None:
        case_id = uuid5(fact.id, f"{fact.kind}:{fact.subject}")
        _open(case_id, fact.kind, fact.subject, seen, actor=actor, at=at)
        return _case(fact.store_id, case_id)
    if case.store_id != fact.store_id:
        seen = replace(seen, dealer_id=case.dealer_id)
    _join(case, seen, actor, at)
    return case


def report_by_hand(
    actor: Actor,
    violation_id: UUID,
    *,
    store_id: int,
    kind: ViolationKind,
    subject: str,
    note: str,
    seen_at: datetime,
    content_sha256: str,
    at: datetime,
) -> tuple[Violation, Result]:
    """Record a violation somebody saw, and return its case: a new one or that open then.

    A time to come, or longer ago than a phone is offline, is brought back into these bounds.
    Raises NotFoundError for a store out of sight, and IdTakenError for a known id with other
    content or from another person.
    """
    store = Store.get_or_none(Store.visible_to(actor), Store.id == store_id)
    if store is None:
        raise NotFoundError(what="store")
    longest = timedelta(days=settings().max_offline_days)
    seen_at, is_suspect = within(seen_at, at - longest, at)
    day = clock.business_date(seen_at)
    with transaction():
        take_turns(f"violation:{violation_id}")
        take_turns(f"store:{store_id}")
        known = ViolationSighting.get_or_none(ViolationSighting.visit_id == violation_id)
        if known is not None:
            if (known.person_id, known.content_sha256) != (actor.id, content_sha256):
                raise IdTakenError(id=str(violation_id))
            return _case(store_id, known.violation_id), Result.REPLAYED
        seen = _Seen(
            id=violation_id,
            visit_id=None,
            person_id=actor.id,
            store_id=store_id,
            dealer_id=dealer_on(store_id, day),
            region_id=store.region_id,
            at=seen_at,
            day=day,
            note=note,
            content_sha256=content_sha256,
            is_clock_suspect=is_suspect,
        )
        case = _open_then(seen).get((str(kind), subject))
        if case is None:
            _open(violation_id, kind, subject, seen, actor=actor, at=at)
        else:
            _join(case, seen, actor, at)
    return _case(store_id, case.id if case else violation_id), Result.CREATED


def get(actor: Actor, violation_id: UUID) -> Violation:
    """Return one case the actor may see. Raises NotFoundError."""
    case = Violation.get_or_none(Violation.visible_to(actor), Violation.id == violation_id)
    if case is None:
        raise NotFoundError(what="violation")
    return case


def list_violations(
    actor: Actor,
    *,
    from_on: date | None = None,
    to_on: date | None = None,
    store_id: int | None = None,
    dealer_id: int | None = None,
    kind: str | None = None,
    is_open: bool | None = None,
) -> ModelSelect[Violation]:
    """Return cases the actor may see, newest first."""
    conditions = [Violation.visible_to(actor)]
    if from_on is not None:
        conditions.append(Violation.opened_on >= from_on)
    if to_on is not None:
        conditions.append(Violation.opened_on < to_on)
    if store_id is not None:
        conditions.append(Violation.store == store_id)
    if dealer_id is not None:
        conditions.append(Violation.dealer == dealer_id)
    if kind is not None:
        conditions.append(Violation.kind == kind)
    if is_open is not None:
        conditions.append(Violation.resolved_at.is_null(is_open))
    return (
        Violation.select()
        .where(*conditions)
        .order_by(Violation.opened_on.desc(), Violation.opened_at.desc(), Violation.id)
    )


def resolve(
    actor: Actor,
    violation_id: UUID,
    *,
    resolution: str,
    proof_visit_id: UUID,
    proof_photo_id: UUID,
    version: int,
    at: datetime,
) -> Violation:
    """End a case with a photo that proves it ended.

    Raises NotFoundError, proofs.ProofNeededError, AlreadyResolvedError, StaleError, or
    task_log.OwnTaskError where its task is the actor's own.
    """
    with transaction():
        take_turns(f"store:{get(actor, violation_id).store_id}")
        case = get(actor, violation_id)
        if case.resolved_at is not None:
            raise AlreadyResolvedError
        refuse_own_case(actor, Store.get_by_id(case.store_id), violation_id)
        proofs.check(case.store_id, proof_visit_id, proof_photo_id, after=case.last_seen_at)
        changed = (
            Violation.update(
                resolved_at=at,
                resolved_by_id=actor.id,
                resolution=resolution,
                proof_visit_id=proof_visit_id,
                proof_photo_id=proof_photo_id,
                version=version + 1,
            )
            .where(
                Violation.store == case.store_id,
                Violation.id == violation_id,
                Violation.version == version,
            )
            .execute()
        )
        if not changed:
            raise StaleError(version=case.version)
        ledger.append(actor, "violation.resolved", violation_id, at=at, **facts_of(case))
    case.resolved_at, case.resolved_by_id, case.resolution = at, actor.id, resolution
    case.proof_visit_id, case.proof_photo_id = proof_visit_id, proof_photo_id
    case.version = version + 1
    return case


def reopen(actor: Actor, case: Violation, *, at: datetime) -> None:
    """Take back the end of a case that turned out not to have ended.

    Raises OpenAgainError when a newer case is open for the same kind and subject, and
    RetractedError.
    """
    with transaction():
        take_turns(f"store:{case.store_id}")
        if case.retracted_at is not None:
            raise RetractedError
        same = (
            (Violation.store == case.store_id)
            & (Violation.kind == case.kind)
            & (Violation.subject == case.subject)
        )
        newer = Violation.get_or_none(same, Violation.resolved_at.is_null())
        if newer is not None:
            raise OpenAgainError(violation_id=str(newer.id))
        ending = ("resolved_at", "resolved_by_id", "resolution", "proof_visit_id", "proof_photo_id")
        Violation.update(**dict.fromkeys(ending), version=Violation.version + 1).where(
            Violation.store == case.store_id, Violation.id == case.id
        ).execute()
        ledger.append(actor, "violation.reopened", case.id, at=at, **facts_of(case))


def _case(store_id: int, violation_id: UUID) -> Violation:
    case: Violation = Violation.get(Violation.store == store_id, Violation.id == violation_id)
    return case


def _open_then(seen: _Seen) -> dict[tuple[str, str], Violation]:
    """Return the store's cases by kind and subject that had not ended when this was seen."""
    cases = Violation.select().where(
        Violation.store == seen.store_id,
        Violation.retracted_at.is_null(),
        Violation.resolved_at.is_null() | (Violation.resolved_at > seen.at),
    )
    never = datetime.max.replace(tzinfo=UTC)
    # Of several the one that ended first: the others were opened after it.
    first_last = sorted(cases, key=lambda case: case.resolved_at or never, reverse=True)
    return {(case.kind, case.subject): case for case in first_last}


def _open(
    violation_id: UUID,
    kind: ViolationKind,
    subject: str,
    seen: _Seen,
    *,
    actor: Actor | None,
    at: datetime,
) -> None:
    row: dict[str, Any] = {
        "store": seen.store_id,
        "id": violation_id,
        "kind": str(kind),
        "subject": subject,
        "severity": kind.severity,
        "dealer": seen.dealer_id,
        "region": seen.region_id,
        "opened_at": seen.at,
        "opened_on": seen.day,
        "opened_by_id": seen.person_id,
        "opened_visit_id": seen.visit_id,
        "is_manual": seen.visit_id is None,
        "note": seen.note,
        "sightings": 1,
        "last_seen_at": seen.at,
        "is_clock_suspect": seen.is_clock_suspect,
        "version": 1,
    }
    if not insert_rows(Violation, [row], ignore=True):
        _revive(row)
    _remember(violation_id, seen)
    ledger.append(
        actor,
        "violation.opened",
        violation_id,
        at=at,
        kind=str(kind),
        store=seen.store_id,
        dealer=seen.dealer_id,
        region=seen.region_id,
        day=seen.day.isoformat(),
    )


def _revive(row: dict[str, Any]) -> None:
    """Open a retracted case anew; an id that stands for anything else is taken."""
    anew = row | {"resolved_at": None, "retracted_at": None, "version": Violation.version + 1}
    mine = (
        (Violation.store == anew.pop("store"))
        & (Violation.id == anew.pop("id"))
        & Violation.retracted_at.is_null(False)
    )
    if not Violation.update(**anew).where(mine).execute():
        raise IdTakenError(id=str(row["id"]))


def _join(case: Violation, seen: _Seen, actor: Actor | None, at: datetime) -> None:
    """Add a sighting to a case; an earlier one moves the opening back to it."""
    _remember(case.id, seen)
    before = facts_of(case)
    case.sightings += 1
    case.last_seen_at = max(case.last_seen_at, seen.at)
    case.note = case.note or seen.note
    case.is_clock_suspect = case.is_clock_suspect or seen.is_clock_suspect
    if seen.at < case.opened_at:
        case.opened_at, case.opened_on = seen.at, seen.day
        case.opened_by_id, case.opened_visit_id = seen.person_id, seen.visit_id
        case.dealer_id, case.is_manual = seen.dealer_id, seen.visit_id is None
        ledger.append(actor, "violation.reopened_earlier", case.id, at=at, **before)
    case.version += 1
    case.save()
    ledger.append(actor, "violation.sighted", case.id, at=at, **facts_of(case))


def _remember(violation_id: UUID, seen: _Seen) -> None:
    """Note who saw it: the visit, or the report by hand."""
    row = {
        "visit_id": seen.id,
        "violation_id": violation_id,
        "seen_at": seen.at,
        "person_id": seen.person_id,
        "note": seen.note,
        "content_sha256": seen.content_sha256,
    }
    insert_rows(ViolationSighting, [row])


def facts_of(case: Violation) -> dict[str, Any]:
    """Return the facts of a ledger entry about a case."""
    return {
        "store": case.store_id,
        "dealer": case.dealer_id,
        "region": case.region_id,
        "day": case.opened_on.isoformat(),
        "kind": case.kind,
    }
