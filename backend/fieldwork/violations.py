"""Violations: opened by what a visit saw or by hand, joined by repeat sightings, ended by proof."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid5

from peewee import ModelSelect

from backend.fieldwork.arrivals import Result
from backend.fieldwork.judgement import Sighting
from backend.fieldwork.models import Photo, Violation, ViolationSighting, Visit
from backend.network.models import Store
from backend.network.stores import dealer_on
from backend.platform import clock, ledger
from backend.platform.actors import Actor
from backend.platform.database import insert_rows, take_turns, transaction
from backend.platform.errors import IdTakenError, NotFoundError, RuleError, StaleError
from backend.standards.codes import ViolationKind


class ProofNeededError(RuleError):
    """A violation ends only with a photo of the same store, taken after it was seen."""

    code = "proof-needed"
    title = "The proof does not prove it"
    title_zh = "证据不足"
    detail = "Name a received photo of a visit to the same store, later than the violation."
    detail_zh = "请提供同一门店、晚于违规发现时间的已收到照片。"


class AlreadyResolvedError(RuleError):
    """A violation ends once."""

    code = "already-resolved"
    title = "Already resolved"
    title_zh = "已关闭"
    detail = "The violation was resolved before."
    detail_zh = "该违规已关闭。"


def sight(visit: Visit, sightings: Sequence[Sighting]) -> None:
    """Record what a judged visit saw, in the caller's transaction.

    A sighting joins the case of its store, kind and subject that was open at the time, whatever
    the order in which visits arrive; otherwise it opens one.
    """
    if not sightings or visit.store_id is None or visit.region_id is None:
        return
    take_turns(f"store:{visit.store_id}")
    cases = list(
        Violation.select().where(
            Violation.store == visit.store_id,
            Violation.resolved_at.is_null() | (Violation.resolved_at > visit.checked_in_at),
        )
    )
    by_subject = {(case.kind, case.subject): case for case in cases}
    for sighting in sightings:
        case = by_subject.get((str(sighting.kind), sighting.subject))
        if case is None:
            _open(visit, sighting)
        else:
            _join(case, visit.id, visit.checked_in_at, visit)


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
    """Record a violation somebody saw, and return its case: a new one or the open one it joins.

    Raises NotFoundError for a store out of sight, and IdTakenError for a known id with other
    content.
    """
    store = Store.get_or_none(Store.visible_to(actor), Store.id == store_id)
    if store is None:
        raise NotFoundError(what="store")
    seen_at = min(seen_at, at)
    with transaction():
        take_turns(f"store:{store_id}")
        mine = Violation.get_or_none(Violation.store == store_id, Violation.id == violation_id)
        if mine is not None:
            if mine.content_sha256 != content_sha256:
                raise IdTakenError(id=str(violation_id))
            return mine, Result.REPLAYED
        open_case = Violation.get_or_none(
            Violation.store == store_id,
            Violation.kind == str(kind),
            Violation.subject == subject,
            Violation.resolved_at.is_null(),
        )
        if open_case is not None:
            is_new = _join(open_case, violation_id, seen_at, None)
            return open_case, Result.CREATED if is_new else Result.REPLAYED
        day = clock.business_date(seen_at)
        _insert(
            store_id=store_id,
            violation_id=violation_id,
            kind=kind,
            subject=subject,
            dealer_id=dealer_on(store_id, day),
            region_id=store.region_id,
            seen_at=seen_at,
            day=day,
            person_id=actor.id,
            visit_id=None,
            note=note,
            content_sha256=content_sha256,
            actor=actor,
            at=at,
        )
    return get(actor, violation_id), Result.CREATED


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
    return Violation.select().where(*conditions).order_by(Violation.opened_at.desc(), Violation.id)


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

    Raises NotFoundError, ProofNeededError, AlreadyResolvedError or StaleError.
    """
    with transaction():
        case = get(actor, violation_id)
        if case.resolved_at is not None:
            raise AlreadyResolvedError
        if not _proves(case, proof_visit_id, proof_photo_id):
            raise ProofNeededError(reason="proof")
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
        ledger.append(actor, "violation.resolved", violation_id, at=at, **_facts(case))
    case.resolved_at, case.resolved_by_id, case.resolution = at, actor.id, resolution
    case.proof_visit_id, case.proof_photo_id = proof_visit_id, proof_photo_id
    case.version = version + 1
    return case


def _proves(case: Violation, visit_id: UUID, photo_id: UUID) -> bool:
    return bool(
        Photo.select()
        .join(Visit, on=Photo.visit_id == Visit.id)
        .where(
            Photo.visit_id == visit_id,
            Photo.id == photo_id,
            Photo.sha256.is_null(False),
            Photo.quarantine_reason.is_null(),
            Visit.store == case.store_id,
            Visit.checked_in_at >= case.opened_at,
        )
        .exists()
    )


def _open(visit: Visit, sighting: Sighting) -> None:
    _insert(
        store_id=visit.store_id,
        violation_id=uuid5(visit.id, f"{sighting.kind}:{sighting.subject}"),
        kind=sighting.kind,
        subject=sighting.subject,
        dealer_id=visit.dealer_id,
        region_id=visit.region_id,
        seen_at=visit.checked_in_at,
        day=visit.business_on,
        person_id=visit.person_id,
        visit_id=visit.id,
        note="",
        content_sha256=None,
        actor=None,
        at=visit.received_at,
    )


def _insert(
    *,
    store_id: int | None,
    violation_id: UUID,
    kind: ViolationKind,
    subject: str,
    dealer_id: int | None,
    region_id: int | None,
    seen_at: datetime,
    day: date,
    person_id: int,
    visit_id: UUID | None,
    note: str,
    content_sha256: str | None,
    actor: Actor | None,
    at: datetime,
) -> None:
    row: dict[str, Any] = {
        "store": store_id,
        "id": violation_id,
        "kind": str(kind),
        "subject": subject,
        "severity": kind.severity,
        "dealer": dealer_id,
        "region": region_id,
        "opened_at": seen_at,
        "opened_on": day,
        "opened_by_id": person_id,
        "opened_visit_id": visit_id,
        "is_manual": visit_id is None,
        "note": note,
        "sightings": 1,
        "last_seen_at": seen_at,
        "content_sha256": content_sha256,
        "version": 1,
    }
    insert_rows(Violation, [row])
    _remember(violation_id, visit_id or violation_id, seen_at)
    ledger.append(
        actor,
        "violation.opened",
        violation_id,
        at=at,
        kind=str(kind),
        store=store_id,
        dealer=dealer_id,
        region=region_id,
        day=day.isoformat(),
    )


def _join(case: Violation, seen_by: UUID, seen_at: datetime, visit: Visit | None) -> bool:
    """Add a sighting to a case, once; an earlier one moves the opening back to it."""
    if not _remember(case.id, seen_by, seen_at):
        return False
    before = _facts(case)
    case.sightings += 1
    case.last_seen_at = max(case.last_seen_at, seen_at)
    if visit is not None and seen_at < case.opened_at:
        case.opened_at, case.opened_on = seen_at, visit.business_on
        case.opened_by_id, case.opened_visit_id = visit.person_id, visit.id
        case.dealer_id = visit.dealer_id
        ledger.append(None, "violation.reopened_earlier", case.id, at=visit.received_at, **before)
    case.version += 1
    case.save()
    ledger.append(None, "violation.sighted", case.id, at=seen_at, **_facts(case))
    return True


def _remember(violation_id: UUID, seen_by: UUID, seen_at: datetime) -> bool:
    """Note who saw it, the visit or the hand-made report; return whether that is new."""
    row = {"visit_id": seen_by, "violation_id": violation_id, "seen_at": seen_at}
    return bool(insert_rows(ViolationSighting, [row], ignore=True))


def _facts(case: Violation) -> dict[str, Any]:
    return {
        "store": case.store_id,
        "dealer": case.dealer_id,
        "region": case.region_id,
        "day": case.opened_on.isoformat(),
        "kind": case.kind,
    }
