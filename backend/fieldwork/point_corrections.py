"""Point corrections: the field says where a store's door really is, and the office decides."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from peewee import ModelSelect

from backend.fieldwork import proofs
from backend.fieldwork.case_models import PointCorrection
from backend.network import stores
from backend.network.models import Store
from backend.network.positions import (
    CONVERTER,
    Datum,
    Point,
    Position,
    metres_between,
    wgs84,
)
from backend.platform import ledger
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
from backend.standards.service import CorrectionState, PointBasis


class InaccuratePointError(RuleError):
    """A point that may be anywhere corrects nothing."""

    code = "point-inaccurate"
    title = "The point is not accurate enough"
    title_zh = "定位精度不足"
    detail = "The fix may be {accuracy_m} m off; at most {limit_m} m are accepted."
    detail_zh = "定位误差可能达 {accuracy_m} 米，最多接受 {limit_m} 米。"


class AlreadyDecidedError(RuleError):
    """A proposal is decided once."""

    code = "already-decided"
    title = "Already decided"
    title_zh = "已处理"
    detail = "The proposal is {state}."
    detail_zh = "该申请状态为 {state}。"


class OwnProposalError(RuleError):
    """A second pair of eyes decides."""

    code = "own-proposal"
    title = "Your own proposal is not yours to decide"
    title_zh = "不能审批自己的申请"
    detail = "You proposed this point; somebody else decides."
    detail_zh = "该坐标由您提出，请由其他人审批。"


class PointChangedError(ConflictError):
    """The store's point is no longer the one the proposal corrects."""

    code = "point-changed"
    title = "The store has moved meanwhile"
    title_zh = "门店坐标已变更"
    detail = "The store's point was changed after this was proposed; reject it and propose again."
    detail_zh = "提出申请后门店坐标已变更，请驳回并重新申请。"


class UndecidedError(ConflictError):
    """What check-ins suggest of a store is proposed once."""

    code = "suggestion-undecided"
    title = "A suggestion for the store is undecided"
    title_zh = "该门店已有待审批的建议坐标"
    detail = "What check-ins suggest was proposed already; somebody has to approve or reject it."
    detail_zh = "签到建议的坐标已提交，请先审批或驳回。"


def list_corrections(
    actor: Actor, *, mine: bool = False, store_id: int | None = None, state: str | None = None
) -> ModelSelect[PointCorrection]:
    """Return proposals the actor may see, newest first."""
    conditions = [PointCorrection.visible_to(actor)]
    if mine:
        conditions.append(PointCorrection.proposed_by_id == actor.id)
    if store_id is not None:
        conditions.append(PointCorrection.store == store_id)
    if state is not None:
        conditions.append(PointCorrection.state == state)
    proposals = PointCorrection.select().where(*conditions)
    return proposals.order_by(PointCorrection.proposed_at.desc(), PointCorrection.id)


def get(actor: Actor, correction_id: UUID) -> PointCorrection:
    """Return one proposal the actor may see. Raises NotFoundError."""
    correction = PointCorrection.get_or_none(
        PointCorrection.visible_to(actor), PointCorrection.id == correction_id
    )
    if correction is None:
        raise NotFoundError(what="point correction")
    return correction


def propose(
    actor: Actor,
    correction_id: UUID,
    *,
    store_id: int,
    position: Position,
    accuracy_m: float,
    proof_visit_id: UUID,
    proof_photo_id: UUID,
    note: str,
    content_sha256: str,
    at: datetime,
) -> tuple[PointCorrection, bool]:
    """Propose a point for a store with a photo of it; return it and whether it is new.

    Raises IdTakenError, NotFoundError, OutsideServiceAreaError, InaccuratePointError or
    proofs.ProofNeededError.
    """
    with transaction():
        take_turns(f"correction:{correction_id}")
        known = PointCorrection.get_or_none(PointCorrection.id == correction_id)
        if known is not None:
            if (known.proposed_by_id, known.content_sha256) != (actor.id, content_sha256):
                raise IdTakenError(id=str(correction_id))
            return get(actor, correction_id), False
        store = stores.get(actor, store_id)
        limit_m = settings().usable_accuracy_m
        if accuracy_m > limit_m:
            raise InaccuratePointError(accuracy_m=accuracy_m, limit_m=limit_m, reason="accuracy")
        proofs.check(store_id, proof_visit_id, proof_photo_id)
        about = {
            "basis": str(PointBasis.PHOTO),
            "accuracy_m": accuracy_m,
            "proof_visit_id": proof_visit_id,
            "proof_photo_id": proof_photo_id,
            "note": note,
            "content_sha256": content_sha256,
        }
        return _record(actor, correction_id, store, position, about, at=at), True


def adopt(
    actor: Actor,
    *,
    store_id: int,
    position: Position,
    from_point: Point | None,
    accuracy_m: float,
    basis: str,
    note: str,
    content_sha256: str,
    at: datetime,
) -> PointCorrection:
    """Propose what check-ins suggest, and approve it at once if the store moves but little.

    `from_point` is the point it was suggested for. Raises NotFoundError, PointChangedError or
    UndecidedError.
    """
    with transaction():
        take_turns(f"suggestion:{store_id}")
        store = stores.get(actor, store_id)
        if store.point != from_point:
            raise PointChangedError
        undecided = PointCorrection.select().where(
            PointCorrection.store == store_id,
            PointCorrection.state == str(CorrectionState.PROPOSED),
            PointCorrection.basis != str(PointBasis.PHOTO),
        )
        if undecided.exists():
            raise UndecidedError
        about = {
            "basis": basis,
            "accuracy_m": accuracy_m,
            "proof_visit_id": None,
            "proof_photo_id": None,
            "note": note,
            "content_sha256": content_sha256,
        }
        correction = _record(actor, uuid4(), store, position, about, at=at)
        if (correction.moved_m or 0) <= settings().point_approval_m:
            _move(actor, correction, note, at)
        return get(actor, correction.id)


def _record(
    actor: Actor,
    correction_id: UUID,
    store: Store,
    position: Position,
    about: dict[str, Any],
    *,
    at: datetime,
) -> PointCorrection:
    point, before = wgs84(position), store.point
    row = about | {
        "id": correction_id,
        "store": store.id,
        "region": store.region_id,
        "state": str(CorrectionState.PROPOSED),
        "raw_lat": position.lat,
        "raw_lon": position.lon,
        "raw_crs": str(position.crs),
        "lat": point.lat,
        "lon": point.lon,
        "crs_impl": CONVERTER,
        "from_lat": before and before.lat,
        "from_lon": before and before.lon,
        "moved_m": round(metres_between(before, point)) if before else None,
        "proposed_by_id": actor.id,
        "proposed_at": at,
        "version": 1,
    }
    insert_rows(PointCorrection, [row])
    correction = get(actor, correction_id)
    _tell(actor, "point_correction.proposed", correction, at)
    return correction


def approve(
    actor: Actor, correction_id: UUID, *, note: str, version: int, at: datetime
) -> PointCorrection:
    """Move the store to the point; what was judged by the former one is judged again.

    Raises NotFoundError, StaleError, AlreadyDecidedError, OwnProposalError or PointChangedError.
    """
    with transaction():
        correction = _to_decide(actor, correction_id, version)
        _move(actor, correction, note, at)
    return get(actor, correction_id)


def reject(
    actor: Actor, correction_id: UUID, *, reason: str, version: int, at: datetime
) -> PointCorrection:
    """Leave the store where it is.

    Raises NotFoundError, StaleError, AlreadyDecidedError or OwnProposalError.
    """
    with transaction():
        correction = _to_decide(actor, correction_id, version)
        _decide(actor, correction, CorrectionState.REJECTED, reason, at)
    return get(actor, correction_id)


def _to_decide(actor: Actor, correction_id: UUID, version: int) -> PointCorrection:
    take_turns(f"correction:{correction_id}")
    correction = get(actor, correction_id)
    if correction.version != version:
        raise StaleError(version=correction.version)
    if correction.state != CorrectionState.PROPOSED:
        raise AlreadyDecidedError(state=correction.state, reason="decided")
    if correction.proposed_by_id == actor.id:
        raise OwnProposalError(reason="own")
    return correction


def _move(actor: Actor, correction: PointCorrection, note: str, at: datetime) -> None:
    store = stores.get(actor, correction.store_id)
    if store.point != correction.from_point:
        raise PointChangedError
    raw = Position(correction.raw_lat, correction.raw_lon, Datum(correction.raw_crs))
    stores.amend(actor, store.id, version=store.version, at=at, position=raw)
    _decide(actor, correction, CorrectionState.APPROVED, note, at)


def _decide(
    actor: Actor, correction: PointCorrection, state: CorrectionState, note: str, at: datetime
) -> None:
    PointCorrection.update(
        state=str(state),
        decided_by_id=actor.id,
        decided_at=at,
        decision_note=note,
        version=correction.version + 1,
    ).where(PointCorrection.id == correction.id).execute()
    _tell(actor, f"point_correction.{state}", correction, at)


def _tell(actor: Actor, verb: str, correction: PointCorrection, at: datetime) -> None:
    facts: dict[str, Any] = {"store": correction.store_id, "region": correction.region_id}
    ledger.append(actor, verb, correction.id, at=at, moved_m=correction.moved_m, **facts)
