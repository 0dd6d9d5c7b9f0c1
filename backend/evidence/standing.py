"""Standing: what becomes of a photo by what was said of it, and which words there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from backend.evidence.audit_models import PhotoVerdict
from backend.platform.labels import Labelled


class Status(StrEnum):
    """Where a photo is in the queue."""

    PENDING = "pending"
    DISPUTED = "disputed"
    APPROVED = "approved"
    REJECTED = "rejected"
    LEFT_OUT = "left_out"


class Word(Labelled):
    """What an auditor says of a photo."""

    APPROVED = "approved", "合格", "approved"
    REJECTED = "rejected", "不合格", "rejected"
    UNSURE = "unsure", "不确定", "unsure"


class Reason(Labelled):
    """Why a photo proves nothing."""

    BLURRED = "blurred", "模糊", "blurred"
    WRONG_OBJECT = "wrong_object", "拍摄对象不符", "wrong object"
    TOO_FAR = "too_far", "距离过远", "too far"
    DARK = "dark", "过暗", "dark"
    OTHER_STORE = "other_store", "非本店", "other store"
    OLD_PHOTO = "old_photo", "旧照片", "old photo"
    SCREEN_PHOTO = "screen_photo", "翻拍屏幕", "photo of a screen"
    OTHER = "other", "其他", "other"


class Part(StrEnum):
    """In which part somebody read a photo."""

    FIRST = "first"
    SECOND = "second"
    ARBITER = "arbiter"


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands: a status, why, and whose verdict made it stand (None while none does)."""

    status: Status
    reasons: Sequence[str] = ()
    note: str = ""
    by: PhotoVerdict | None = None


STATUS_OF = {
    Word.APPROVED: Status.APPROVED,
    Word.REJECTED: Status.REJECTED,
    Word.UNSURE: Status.DISPUTED,
}


def standing(said: Sequence[PhotoVerdict], *, wants_second: bool) -> Standing:
    """Return what stands by what was said and not withdrawn, in order.

    The last arbiter's word stands. Before that it is the only reader's, or what two agree on with
    the reasons of both; whoever is unsure and two who differ need an arbiter.
    """
    if said and said[-1].part == Part.ARBITER:
        return _as_said(said[-1])
    readers = [one for one in said if one.part != Part.ARBITER]
    if len(readers) < 1 + wants_second:
        return Standing(Status.PENDING)
    if len({one.verdict for one in readers}) > 1:
        return Standing(Status.DISPUTED)
    last = _as_said(readers[-1])
    if last.status is Status.DISPUTED:
        return Standing(Status.DISPUTED)
    reasons = sorted({reason for one in readers for reason in one.reasons})
    note = next((one.note for one in reversed(readers) if one.note), "")
    return Standing(last.status, reasons, note, last.by)


def _as_said(one: PhotoVerdict) -> Standing:
    return Standing(STATUS_OF[Word(one.verdict)], one.reasons, one.note, one)
