"""Leased background jobs: what is owed is a row, so a killed worker loses nothing.

A job is known by kind and key, and done at least once; its function must be idempotent.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from peewee import EXCLUDED

from backend.platform.database import is_sqlite, transaction
from backend.platform.models import Job
from backend.platform.prepared import Prepared
from backend.platform.settings import settings

_DUE = Prepared(
    Job,
    lambda kind, at: (
        Job.select(Job.key)
        .where(
            Job.kind == kind,
            ~Job.is_dead,
            Job.run_at <= at,
            Job.leased_until.is_null() | (Job.leased_until < at),
        )
        .limit(1)
    ),
    kind=Job.kind,
    at=Job.run_at,
)
RETRY_S = 5  # the first wait after a failure; it doubles with each further one


@dataclass(frozen=True, slots=True)
class Lease:
    """A job in the hands of one worker."""

    kind: str
    key: str
    revision: int
    attempts: int
    token: UUID


def enqueue(kind: str, keys: list[str], *, at: datetime) -> None:
    """Owe one run of a kind of job per key, in the caller's transaction.

    Asking again before the job ran changes nothing; asking while it runs makes it run again.
    """
    rows = [{"kind": kind, "key": key, "run_at": at} for key in sorted(set(keys))]
    for start in range(0, len(rows), 500):
        (
            Job.insert_many(rows[start : start + 500])
            .on_conflict(
                conflict_target=[Job.kind, Job.key],
                update={
                    Job.revision: Job.revision + 1,
                    Job.is_dead: False,
                    Job.run_at: EXCLUDED.run_at,
                },
            )
            .execute()
        )


def claim(kinds: list[str], *, at: datetime, limit: int = 1) -> list[Lease]:
    """Lease up to `limit` jobs that are due and in nobody's hands."""
    if not any(_DUE.rows(kind=kind, at=at) for kind in kinds):  # needs no turn to write
        return []
    token = uuid4()
    with transaction():
        free = Job.leased_until.is_null() | (Job.leased_until < at)
        due = (
            Job.select()
            .where(Job.kind.in_(kinds), ~Job.is_dead, Job.run_at <= at, free)
            .order_by(Job.run_at, Job.key)
            .limit(limit)
        )
        if not is_sqlite():  # SQLite has one writer at a time, and this is it
            due = due.for_update(skip_locked=True)
        leases = [Lease(j.kind, j.key, j.revision, j.attempts + 1, token) for j in due]
        until = at + timedelta(seconds=settings().job_lease_s)
        for kind in {lease.kind for lease in leases}:
            Job.update(lease=token, leased_until=until, attempts=Job.attempts + 1).where(
                Job.kind == kind, Job.key.in_([lease.key for lease in leases if lease.kind == kind])
            ).execute()
    return leases


def are_due(kind: str, *, at: datetime) -> bool:
    """Return whether a job of a kind waits to be done now."""
    return bool(_DUE.rows(kind=kind, at=at))


def waiting(kind: str, keys: list[str]) -> set[str]:
    """Return which of the keys are owed a job of a kind that nobody has begun."""
    free = Job.lease.is_null() & ~Job.is_dead
    owed = Job.select(Job.key).where(Job.kind == kind, Job.key.in_(keys), free)
    return {job.key for job in owed}


def finish(lease: Lease) -> bool:
    """Forget a job that was done; return whether it was still this worker's to finish.

    A job asked for again meanwhile stays, free to be claimed at once.
    """
    mine = _held(lease)
    with transaction():
        done = Job.delete().where(mine, Job.revision == lease.revision).execute()
        if done:
            return True
        freed = Job.update(lease=None, leased_until=None, attempts=0).where(mine).execute()
    return bool(freed)


def fail(lease: Lease, error: str, *, at: datetime) -> None:
    """Give a job back after a failure: later and later, then set aside for a person."""
    wait = timedelta(seconds=RETRY_S * 2 ** (lease.attempts - 1))
    with transaction():
        Job.update(
            lease=None,
            leased_until=None,
            run_at=at + wait,
            last_error=error[:2000],
            is_dead=lease.attempts >= settings().job_attempts,
        ).where(_held(lease)).execute()


def release(leases: list[Lease]) -> None:
    """Give back jobs that were claimed but not begun, as if they had not been claimed."""
    with transaction():
        for lease in leases:
            Job.update(lease=None, leased_until=None, attempts=Job.attempts - 1).where(
                _held(lease)
            ).execute()


def run_due(
    handlers: Mapping[str, Callable[[str], None]],
    *,
    at: datetime,
    limit: int = 20,
    go_on: Callable[[], bool] = lambda: True,
) -> int:
    """Claim due jobs, run each with the handler of its kind, and return how many were tried.

    `go_on` is asked before each; once it says no, the rest are given back.
    """
    leases = claim(list(handlers), at=at, limit=limit)
    for number, lease in enumerate(leases):
        if not go_on():
            release(leases[number:])
            return number
        _try_one(lease, handlers[lease.kind], at=at)
    return len(leases)


def run_together(
    kind: str, handler: Callable[[list[str]], None], *, at: datetime, limit: int = 200
) -> int:
    """Claim due jobs of a kind, hand them over as one list, and return how many were tried.

    When the list fails, each key is tried alone, so that one bad job does not stop the others.
    """
    leases = claim([kind], at=at, limit=limit)
    try:
        if leases:
            handler([lease.key for lease in leases])
    except Exception:  # noqa: BLE001  # each one will say for itself
        for lease in leases:
            _try_one(lease, lambda key: handler([key]), at=at)
    else:
        with transaction():
            for lease in leases:
                finish(lease)
    return len(leases)


def _try_one(lease: Lease, handler: Callable[[str], None], *, at: datetime) -> None:
    try:
        handler(lease.key)
    except Exception as error:  # noqa: BLE001  # one bad job must not stop the others
        fail(lease, f"{type(error).__name__}: {error}", at=at)
    else:
        finish(lease)


def _held(lease: Lease) -> Any:
    return (Job.kind == lease.kind) & (Job.key == lease.key) & (Job.lease == lease.token)
