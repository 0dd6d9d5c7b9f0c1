"""What becomes of uploads that nobody finished: removed when they expire, forgotten later."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from backend.exchange.models import Upload
from backend.platform import clock, jobs, ledger, partial
from backend.platform.consumers import Consumer
from backend.platform.database import transaction
from backend.platform.models import LedgerEntry
from backend.platform.settings import settings

EXPIRE_JOB = "expire-uploads"
FORGET_JOB = "forget-uploads"
REMEMBERED = timedelta(days=30)  # for so long is an expired upload known to have been one
HOUR = timedelta(hours=1)


def handle(entries: list[LedgerEntry]) -> None:
    """Owe a look at the uploads begun in each hour, when the last of them expires."""
    wait = timedelta(hours=settings().upload_hours)
    begun = {_hour_of(entry.at) for entry in entries if entry.verb == "upload.created"}
    for hour in sorted(begun):
        jobs.enqueue(EXPIRE_JOB, [hour.isoformat()], at=hour + HOUR + wait)


def expire(*, at: datetime) -> int:
    """Remove what came of uploads that were not finished in time; return how many there were."""
    late = Upload.select(Upload.id).where(
        Upload.expires_at <= at, Upload.completed_at.is_null(), Upload.expired_at.is_null()
    )
    expired = [upload.id for upload in late.order_by(Upload.expires_at, Upload.id)]
    for upload_id in expired:
        with partial.held(upload_id.hex) as file:
            _expire(upload_id, at=at)
            file.drop()
    return len(expired)


def forget(*, at: datetime) -> int:
    """Delete the rows of uploads that are long over; return how many there were."""
    over = Upload.completed_at.is_null(False) | Upload.expired_at.is_null(False)
    with transaction():
        return Upload.delete().where(over, Upload.expires_at <= at - REMEMBERED).execute()


def sweep() -> int:
    """Remove files of uploads that are over, left by a killed process; return how many."""
    names = partial.names()
    going_on = Upload.select(Upload.id).where(
        Upload.completed_at.is_null(), Upload.expired_at.is_null()
    )
    orphans = names - {upload.id.hex for upload in going_on}
    for name in orphans:
        with partial.held(name) as file:
            file.drop()
    return len(orphans)


def _expire(upload_id: UUID, *, at: datetime) -> None:
    with transaction():
        changed = (
            Upload.update(expired_at=at)
            .where(Upload.id == upload_id, Upload.completed_at.is_null())
            .execute()
        )
        if changed:
            ledger.append(None, "upload.expired", upload_id, at=at)


def _hour_of(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)


def _expire_job(key: str) -> None:
    at = clock.now()
    expire(at=at)
    sweep()
    with transaction():
        jobs.enqueue(FORGET_JOB, [key], at=at + REMEMBERED)


def _forget_job(_key: str) -> None:
    forget(at=clock.now())


CONSUMER = Consumer("uploads", handle)
JOBS: dict[str, Callable[[str], None]] = {EXPIRE_JOB: _expire_job, FORGET_JOB: _forget_job}
