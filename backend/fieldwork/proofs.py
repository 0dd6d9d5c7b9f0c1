"""Proofs: photos of a store that something is as somebody says."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from backend.fieldwork.models import Visit
from backend.fieldwork.photo_models import Photo
from backend.platform.errors import RuleError


class ProofNeededError(RuleError):
    """What ends a case, or moves a store, is a photo of the same store."""

    code = "proof-needed"
    title = "The proof does not prove it"
    title_zh = "证据不足"
    detail = "Name a received photo of a visit to the same store, later than its last sighting."
    detail_zh = "请提供同一门店、晚于最近一次发现时间的已收到照片。"


def check(store_id: int, visit_id: UUID, photo_id: UUID, *, after: datetime | None = None) -> None:
    """Raise ProofNeededError unless photo and visit are believed, and of the store after then."""
    conditions = [
        Photo.visit_id == visit_id,
        Photo.id == photo_id,
        Photo.sha256.is_null(False),
        Photo.quarantine_reason.is_null(),
        Visit.store == store_id,
        Visit.quarantine_reason.is_null(),
        Visit.cancelled_at.is_null(),
    ]
    if after is not None:
        conditions.append(Visit.checked_in_at > after)
    photos = Photo.select().join(Visit, on=Photo.visit_id == Visit.id).where(*conditions)
    if not photos.exists():
        raise ProofNeededError(reason="proof")
