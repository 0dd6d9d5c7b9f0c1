"""Retention: what was kept long enough is rounded or erased, class by class, in small chunks.

A run is a row, and each class of data a step with its cursor, so a killed worker goes on where it
was. A dry run walks the same rows and changes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid4, uuid5

from peewee import ModelSelect

from backend.evidence.erasing import KINDS, Chunk, Look, is_named
from backend.evidence.retention_models import RetentionRun, RetentionStep
from backend.fieldwork.photos import ERASE_BLOB as ERASE_BLOB  # noqa: PLC0414  # owed there too
from backend.platform import blobs, clock, jobs, ledger
from backend.platform.actors import Actor
from backend.platform.database import take_turns, transaction
from backend.platform.errors import NotFoundError
from backend.platform.settings import settings

RUN = "retention"
UNNAMED_FOR = timedelta(days=1)  # no upload takes longer from its bytes to its row


def start(actor: Actor, *, is_dry_run: bool, at: datetime) -> dict[str, Any]:
    """Owe a run, and return it as `get` does."""
    run_id = uuid4()
    with transaction():
        _begin(actor, run_id, is_dry_run=is_dry_run, at=at)
    return get(run_id)


def daily(at: datetime | None = None) -> int:
    """Owe today's run unless it was begun, or the operator wants none; return how many."""
    at = at or clock.now()
    run_id = uuid5(NAMESPACE_OID, f"retention {clock.business_date(at)}")
    mine = RetentionRun.select().where(RetentionRun.id == run_id)
    if not settings().retention_daily or mine.exists():
        return 0
    with transaction():
        take_turns("beginning the daily retention")
        if mine.exists():
            return 0
        _begin(None, run_id, is_dry_run=False, at=at)
    return 1


def list_runs() -> ModelSelect[RetentionRun]:
    """Return every run, the latest first."""
    return RetentionRun.select().order_by(RetentionRun.started_at.desc(), RetentionRun.id)


def get(run_id: UUID) -> dict[str, Any]:
    """Return a run with its `steps` by class. Raises NotFoundError."""
    run = RetentionRun.get_or_none(RetentionRun.id == run_id)
    if run is None:
        raise NotFoundError(what="run")
    steps = RetentionStep.select().where(RetentionStep.run == run_id).order_by(RetentionStep.kind)
    return run.__data__ | {"steps": list(steps)}


def go_on(key: str) -> None:
    """Do the next chunk of the step a job names, `<run id>:<class>`, and owe the one after it."""
    run_id, _, kind = key.partition(":")
    at = clock.now()
    with transaction():
        take_turns(f"retention {key}")
        run = RetentionRun.get_by_id(UUID(run_id))
        mine = (RetentionStep.run == run.id) & (RetentionStep.kind == kind)
        step = RetentionStep.get(mine)
        if step.finished_at is not None:
            return
        due_before = run.started_at - timedelta(days=run.days[kind])
        chunk = KINDS[kind].erase(Look(at, due_before, step.cursor, run.is_dry_run))
        _record(step, chunk, due_before, at)
        if chunk.cursor is not None:
            jobs.enqueue(RUN, [key], at=at)
        elif (
            not RetentionStep.select()
            .where(RetentionStep.run == run.id, RetentionStep.finished_at.is_null())
            .exists()
        ):
            _end(run, at)
        jobs.enqueue(ERASE_BLOB, [sha256 for sha256 in chunk.blobs if sha256], at=at)


def erase_blob(sha256: str) -> None:
    """Remove a blob that no row names any more; later, when its bytes just came once more."""
    at = clock.now()
    with transaction():
        if not is_named(sha256) and not blobs.erase(sha256, before=at - UNNAMED_FOR):
            jobs.enqueue(ERASE_BLOB, [sha256], at=at + UNNAMED_FOR)


def _begin(actor: Actor | None, run_id: UUID, *, is_dry_run: bool, at: datetime) -> None:
    days = {name: kind.days for name, kind in KINDS.items()}
    RetentionRun.create(
        id=run_id,
        run_on=clock.business_date(at),
        is_dry_run=is_dry_run,
        asked_by_id=actor.id if actor else None,
        days=days,
        started_at=at,
    )
    for name in KINDS:
        RetentionStep.create(run=run_id, kind=name, held={})
    ledger.append(actor, "retention.started", run_id, at=at, dry_run=is_dry_run, days=days)
    jobs.enqueue(RUN, [f"{run_id}:{name}" for name in KINDS], at=at)


def _record(step: RetentionStep, chunk: Chunk, due_before: datetime, at: datetime) -> None:
    kept = [each for each in (step.oldest_kept_at, chunk.oldest_kept_at) if each is not None]
    oldest = min(kept, default=None)
    if chunk.cursor is None and oldest is None:
        oldest = KINDS[step.kind].oldest(due_before)
    RetentionStep.update(
        cursor=chunk.cursor,
        done=RetentionStep.done + chunk.done,
        held=dict(Counter(step.held) + chunk.held),
        oldest_kept_at=oldest,
        finished_at=at if chunk.cursor is None else None,
    ).where(RetentionStep.run == step.run_id, RetentionStep.kind == step.kind).execute()


def _end(run: RetentionRun, at: datetime) -> None:
    RetentionRun.update(finished_at=at).where(RetentionRun.id == run.id).execute()
    steps = RetentionStep.select().where(RetentionStep.run == run.id)
    ledger.append(
        None,
        "retention.finished",
        run.id,
        at=at,
        dry_run=run.is_dry_run,
        done={step.kind: step.done for step in steps},
    )


JOBS: dict[str, Callable[[str], None]] = {RUN: go_on, ERASE_BLOB: erase_blob}
