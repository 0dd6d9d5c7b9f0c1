"""What was said of photos: writing it down, taking it back, and making the photo be it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Self
from uuid import UUID

from backend.evidence import audits
from backend.evidence.audit_filters import only
from backend.evidence.audit_models import PhotoVerdict
from backend.evidence.models import PhotoAudit
from backend.evidence.standing import Part, Reason, Status, Word, standing
from backend.fieldwork.models import Visit
from backend.fieldwork.placing import facts_of
from backend.platform import clock, ledger
from backend.platform.actors import Actor
from backend.platform.database import transaction
from backend.platform.errors import ConflictError, ForbiddenError, RuleError
from backend.platform.settings import settings


class ReasonsError(RuleError):
    """A rejection says why; an approval has nothing to say."""

    code = "reasons-do-not-fit"
    title = "Reasons and verdict do not fit"
    title_zh = "理由与判定不符"
    detail = "A rejection needs at least one reason, an approval takes none."
    detail_zh = "不合格须至少选择一个理由，合格不得填写理由。"


class OwnPhotoError(ForbiddenError):
    """Nobody judges what they took."""

    code = "own-photo"
    title = "You took this photo"
    title_zh = "照片为本人所拍"
    detail = "Nobody judges a photo that they took themselves."
    detail_zh = "不得审核本人拍摄的照片。"


class JudgedAlreadyError(ConflictError):
    """Everybody judges a photo once."""

    code = "judged-already"
    title = "You judged this photo"
    title_zh = "您已审核该照片"
    detail = "You judged the photo; take your verdict back first, while you may."
    detail_zh = "您已审核该照片，如需更改请在时限内先撤回。"


class NothingToUndoError(ConflictError):
    """The caller's own verdict is not there."""

    code = "nothing-to-undo"
    title = "There is no verdict of yours"
    title_zh = "没有可撤回的判定"
    detail = "Only one's own verdict can be taken back, and only once."
    detail_zh = "只能撤回本人的判定，且只能撤回一次。"


class UndoTooLateError(ConflictError):
    """Verdicts can be taken back for some minutes only."""

    code = "undo-too-late"
    title = "Too late to take it back"
    title_zh = "已超过撤回时限"
    detail = "A verdict can be taken back for {minutes} minutes; ask an arbiter."
    detail_zh = "判定仅可在 {minutes} 分钟内撤回，请联系仲裁人。"


class BuiltOnError(ConflictError):
    """Somebody else has judged the photo since."""

    code = "verdict-built-on"
    title = "Others have judged since"
    title_zh = "他人已在此后判定"
    detail = "Somebody has judged the photo after you; ask an arbiter."
    detail_zh = "已有他人在您之后判定该照片，请联系仲裁人。"


class Opinion(NamedTuple):
    """What somebody says of a photo."""

    verdict: str
    reasons: Sequence[str]
    note: str

    @classmethod
    def checked(cls, verdict: str, reasons: Iterable[str], note: str) -> Self:
        """Return an opinion with each reason once and in order. Raises ReasonsError."""
        why = sorted({str(Reason(reason)) for reason in reasons})
        if (why and verdict == Word.APPROVED) or (not why and verdict == Word.REJECTED):
            raise ReasonsError
        return cls(verdict, why, note)


def visit_of(actor: Actor, audit: PhotoAudit) -> Visit:
    """Return the visit of a photo that the actor may judge. Raises OwnPhotoError."""
    visit: Visit = Visit.get_by_id(audit.visit_id)
    if visit.person_id == actor.id:
        raise OwnPhotoError
    return visit


def said_of(audit: PhotoAudit) -> list[PhotoVerdict]:
    """Return all that was said of a photo, in order, with what was withdrawn."""
    return list(
        PhotoVerdict.select()
        .where(PhotoVerdict.visit_id == audit.visit_id, PhotoVerdict.photo_id == audit.photo_id)
        .order_by(PhotoVerdict.number)
    )


def not_withdrawn(said: Iterable[PhotoVerdict]) -> list[PhotoVerdict]:
    """Return what of it still holds."""
    return [one for one in said if one.withdrawn_at is None]


def events(said: Iterable[PhotoVerdict]) -> int:
    """Return how often something was said or withdrawn."""
    return sum(1 + (one.withdrawn_at is not None) for one in said)


def record(
    actor: Actor,
    audit: PhotoAudit,
    opinion: Opinion,
    *,
    part: Part,
    said: list[PhotoVerdict],
    visit: Visit,
    at: datetime,
) -> None:
    """Write down what the actor says of a photo after what was `said`, and let it take effect."""
    seconds = None
    if part is not Part.ARBITER and audit.claimed_at is not None:
        seconds = round((at - audit.claimed_at).total_seconds())
    one = PhotoVerdict.create(
        visit_id=audit.visit_id,
        photo_id=audit.photo_id,
        number=len(said) + 1,
        part=part,
        person=actor.id,
        region_id=audit.region_id,
        **opinion._asdict(),
        seconds=seconds,
        judged_at=at,
        judged_on=clock.business_date(at),
    )
    stands = _settle(audit, [*said, one])
    verb = "photo.arbitrated" if part is Part.ARBITER else "photo.judged"
    ledger.append(actor, verb, one.photo_id, at=at, **_facts(one, visit, stands))


def take_back(
    actor: Actor, visit_id: UUID, photo_id: UUID, parts: set[Part], *, at: datetime
) -> dict[str, Any]:
    """Withdraw what the actor said in one of the parts; a photo that is pending by it is held.

    Returns it as the queue shows it. Raises NotFoundError, NothingToUndoError, BuiltOnError or
    UndoTooLateError.
    """
    minutes = settings().audit_undo_minutes
    with transaction():
        audit = audits.locked(actor, visit_id, photo_id)
        said = said_of(audit)
        standing_now = not_withdrawn(said)
        mine = [one for one in standing_now if one.person_id == actor.id and one.part in parts]
        if not mine:
            raise NothingToUndoError
        one = mine[-1]
        if one is not standing_now[-1]:
            raise BuiltOnError
        if at - one.judged_at > timedelta(minutes=minutes):
            raise UndoTooLateError(minutes=minutes)
        one.withdrawn_at = at
        PhotoVerdict.update(withdrawn_at=at).where(
            PhotoVerdict.visit_id == visit_id,
            PhotoVerdict.photo_id == photo_id,
            PhotoVerdict.number == one.number,
        ).execute()
        until = at + timedelta(minutes=settings().claim_minutes)
        held = {"claimed_by": actor.id, "claimed_at": at, "claimed_until": until}
        stands = _settle(audit, said, held)
        facts = _facts(one, Visit.get_by_id(visit_id), stands)
        ledger.append(actor, "photo.verdict_withdrawn", photo_id, at=at, **facts)
    return audits.get(actor, visit_id, photo_id)


def _settle(
    audit: PhotoAudit, said: list[PhotoVerdict], held: dict[str, Any] | None = None
) -> Status:
    """Make the photo be what was said of it, held as told if it is pending; return its status.

    The version of a pending photo is 1, so that it does not tell of a first reading.
    """
    readings = not_withdrawn(said)
    stands = standing(readings, wants_second=audit.wants_second)
    is_pending = stands.status is Status.PENDING
    nobody = {"claimed_by": None, "claimed_at": None, "claimed_until": None}
    first = next((one.person_id for one in readings if one.part == Part.FIRST), None)
    PhotoAudit.update(
        {
            "status": stands.status,
            "first_by_id": first,
            "judged_by": stands.by and stands.by.person_id,
            "judged_at": stands.by and stands.by.judged_at,
            "reasons": list(stands.reasons),
            "note": stands.note,
            "version": 1 if is_pending else max(audit.version, events(said)) + 1,
        }
        | (held if held and is_pending else nobody)
    ).where(only(audit.visit_id, audit.photo_id)).execute()
    return stands.status


def _facts(one: PhotoVerdict, visit: Visit, stands: Status) -> dict[str, Any]:
    """Return the facts of an entry; `stands` is the status that the photo has by it."""
    return {
        "visit": str(one.visit_id),
        "verdict": one.verdict,
        "reasons": list(one.reasons),
        "part": one.part,
        "stands": stands,
    } | facts_of(visit)
