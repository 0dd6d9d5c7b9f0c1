"""The worker: seals the ledger, lets its consumers read on, and does the jobs they owe.

Any number of workers may run; each holds nothing that a row does not hold too.
"""

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial

from backend.evidence import follow as evidence
from backend.evidence import rescoring, retention
from backend.exchange import erasure, own_data, upload_expiry
from backend.fieldwork import closing, escalation, fulfilment, substitutions
from backend.fieldwork import follow as fieldwork
from backend.insight import follow as insight
from backend.insight import freezing, overstock, scorecard_versions, seasons, stock, turns
from backend.network import archive_scores, duplicate_search
from backend.platform import blobs, clock, consumers, database, jobs, ledger
from backend.platform.consumers import Consumer
from backend.platform.database import db
from backend.platform.settings import settings

log = logging.getLogger(__name__)

CONSUMERS: tuple[Consumer, ...] = (
    fulfilment.CONSUMER,
    closing.CONSUMER,
    fieldwork.CONSUMER,
    evidence.CONSUMER,
    rescoring.CONSUMER,
    insight.CONSUMER,
    stock.CONSUMER,
    seasons.CONSUMER,
    turns.CONSUMER,
    archive_scores.CONSUMER,
    duplicate_search.CONSUMER,
    scorecard_versions.CONSUMER,
    freezing.CONSUMER,
    upload_expiry.CONSUMER,
)
JOBS: dict[str, Callable[[str], None]] = {
    **fulfilment.JOBS,
    **insight.JOBS,
    **substitutions.JOBS,
    **closing.JOBS,
    **evidence.JOBS,
    **retention.JOBS,
    **own_data.JOBS,
    **erasure.JOBS,
    **upload_expiry.JOBS,
    **turns.JOBS,
}
BATCHES: dict[str, Callable[[list[str]], None]] = {
    **evidence.BATCHES,
    **rescoring.BATCHES,
    **insight.BATCHES,
    **overstock.BATCHES,
    **stock.BATCHES,
    **seasons.BATCHES,
    **archive_scores.BATCHES,
    **duplicate_search.BATCHES,
    **scorecard_versions.BATCHES,
    **freezing.BATCHES,
}
LONGEST_REST_S = 30
UNFINISHED = timedelta(days=1)  # no upload takes longer


def run(
    stop: threading.Event,
    *,
    readers: Sequence[Consumer] = CONSUMERS,
    handlers: Mapping[str, Callable[[str], None]] = JOBS,
) -> None:
    """Work until told to stop, then finish the job in hand and return.

    A step that fails is logged and tried again later, on a new connection, while the other
    steps go on: neither a bad entry nor an absent database ends the worker.
    """
    blobs.sweep(before=clock.now() - UNFINISHED)
    steps = _steps(stop, readers, handlers)
    steps.append(("daily retention", partial(_begin_retention, stop)))
    steps.append(("scorecards of the month", scorecard_versions.freeze_due))
    steps.append(("figures of the month", freezing.freeze_due))
    failures = 0
    while not stop.is_set():
        done, failed = 0, False
        for name, step in steps:
            try:
                db.connect(reuse_if_open=True)
                done += step()
            except Exception:
                log.exception("The step %r failed", name)
                database.discard()
                failed = True
        failures = failures + 1 if failed else 0
        if failed:
            stop.wait(min(settings().poll_s * 2**failures, LONGEST_REST_S))
        elif not done:
            stop.wait(settings().poll_s)
    database.discard()


def run_until_idle(
    *,
    readers: Sequence[Consumer] = CONSUMERS,
    handlers: Mapping[str, Callable[[str], None]] = JOBS,
) -> Counter[str]:
    """Work until nothing is due, without resting; return how much each step did."""
    total: Counter[str] = Counter()
    steps = _steps(threading.Event(), readers, handlers)
    while (done := Counter({name: step() for name, step in steps})).total():
        total += done
    return total


def _steps(
    stop: threading.Event,
    readers: Sequence[Consumer],
    handlers: Mapping[str, Callable[[str], None]],
) -> list[tuple[str, Callable[[], int]]]:
    return [
        ("seal", ledger.seal),
        *((reader.name, partial(consumers.advance, reader)) for reader in readers),
        ("escalations", escalation.escalate),
        ("stock days", stock.judge_due),
        ("jobs", partial(_do_jobs, stop, handlers)),
        *((kind, partial(_do_together, kind, handler)) for kind, handler in BATCHES.items()),
    ]


def _do_jobs(stop: threading.Event, handlers: Mapping[str, Callable[[str], None]]) -> int:
    started = time.monotonic()

    def go_on() -> bool:
        # Half the lease is left for the job that is begun last.
        return not stop.is_set() and time.monotonic() - started < settings().job_lease_s / 2

    return jobs.run_due(handlers, at=clock.now(), go_on=go_on)


def _begin_retention(stop: threading.Event) -> int:
    return 0 if stop.is_set() else retention.daily()


def _do_together(kind: str, handler: Callable[[list[str]], None]) -> int:
    return jobs.run_together(kind, handler, at=clock.now())
