"""The worker: goes on whatever fails, and stops when told."""

from collections import Counter
from threading import Event

import pytest

from backend import worker
from backend.config import Config
from backend.platform import clock, jobs, ledger
from backend.platform.consumers import Consumer
from backend.platform.database import db, transaction
from backend.platform.models import Job
from tests.factories import NOON

pytestmark = pytest.mark.usefixtures("storage")


@pytest.fixture
def config(config: Config) -> Config:
    """A worker that rests very shortly."""
    return Config(database_url=config.database_url, upload_dir=config.upload_dir, poll_s=0.001)


@pytest.fixture
def stop() -> Event:
    """What ends the worker."""
    return Event()


@pytest.fixture
def own_jobs(stop: Event) -> dict:
    """Kinds of jobs for the test, among them one that stops the worker."""
    return {"stop": lambda _key: stop.set()}


def readers(*handlers):
    """Return consumers of the test."""
    return [Consumer(f"reader-{n}", handler) for n, handler in enumerate(handlers)]


def write():
    """Record one write."""
    with transaction():
        ledger.append(None, "thing.done", 1, at=NOON)


def test_seals_reads_and_works_until_nothing_is_left(own_jobs):
    done = []
    own_jobs["read"] = done.append
    write()

    total = worker.run_until_idle(
        readers=readers(lambda _: jobs.enqueue("read", ["a"], at=NOON)), handlers=own_jobs
    )

    assert Counter({"seal": 1, "reader-0": 1, "jobs": 1}) == total
    assert ["a"] == done


def test_has_nothing_to_do_in_an_empty_product():
    assert 0 == worker.run_until_idle().total()


def test_stops_after_the_job_in_hand_and_gives_the_rest_back(stop, own_jobs):
    jobs.enqueue("stop", ["a", "b"], at=NOON)

    worker.run(stop, handlers=own_jobs)

    db.connect(reuse_if_open=True)
    assert [("b", None, 0)] == list(Job.select(Job.key, Job.lease, Job.attempts).tuples())


class AskedFiveTimes(Event):
    """Owes a job when it is asked for the fifth time whether to stop."""

    asked = 0

    def is_set(self):
        self.asked += 1
        if self.asked == 5:
            jobs.enqueue("stop", ["a"], at=clock.now())
        return super().is_set()


def test_rests_when_idle_and_takes_up_work_that_comes_later():
    stop = AskedFiveTimes()

    worker.run(stop, handlers={"stop": lambda _key: stop.set()})

    assert stop.asked > 5


def test_one_bad_consumer_stops_neither_another_nor_the_jobs(caplog, stop, own_jobs):
    def fail(_entries):
        raise ValueError("no good")

    both = readers(fail, lambda _: jobs.enqueue("stop", ["a"], at=NOON))
    write()

    worker.run(stop, readers=both, handlers=own_jobs)

    assert "'reader-0' failed" in caplog.text


def test_comes_back_when_the_database_does(caplog, stop, own_jobs):
    seen = []

    def lose_connection_once(_entries):
        seen.append(1)
        if len(seen) == 1:
            db.connection().close()
            db.execute_sql("SELECT 1")
        jobs.enqueue("stop", ["a"], at=NOON)

    write()

    worker.run(stop, readers=readers(lose_connection_once), handlers=own_jobs)

    assert [1, 1] == seen
    assert "failed" in caplog.text
