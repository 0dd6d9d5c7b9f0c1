"""Jobs: leased, taken over, tried again, set aside; never lost and never done by two at once."""

import signal
import subprocess
import sys
from datetime import timedelta
from itertools import chain

import pytest

from backend.config import Config
from backend.platform import clock, jobs
from backend.platform.models import Job
from tests.factories import NOON
from tests.threads import at_once

pytestmark = pytest.mark.usefixtures("storage")
LEASE = timedelta(seconds=Config.job_lease_s)
# A worker, as the product runs it, with a job that says it began and never ends.
STUCK_WORKER = """
import threading
from backend import worker
from backend.app import start
from backend.config import Config

def never_end(key):
    print("began", key, flush=True)
    threading.Event().wait()

worker.JOBS["stuck"] = never_end
start(Config.from_env())
worker.run(threading.Event())
"""


def keys(leases: list[jobs.Lease]) -> list[str]:
    """Return the keys of claimed jobs."""
    return [lease.key for lease in leases]


class TestOwing:
    def test_remembers_one_job_per_key(self):
        jobs.enqueue("read", ["b", "a", "a"], at=NOON)
        jobs.enqueue("read", ["a"], at=NOON)

        assert ["a", "b"] == keys(jobs.claim(["read"], at=NOON, limit=10))

    def test_takes_many_at_once_and_none(self):
        jobs.enqueue("read", [], at=NOON)
        jobs.enqueue("read", [str(number) for number in range(1_100)], at=NOON)

        assert 1_100 == Job.select().count()

    def test_waits_for_its_time_and_its_kind(self):
        jobs.enqueue("read", ["later"], at=NOON + timedelta(seconds=1))
        jobs.enqueue("write", ["other"], at=NOON)

        assert [] == jobs.claim(["read"], at=NOON)


class TestLeases:
    def test_keep_others_off_until_they_run_out(self):
        jobs.enqueue("read", ["a"], at=NOON)
        (mine,) = jobs.claim(["read"], at=NOON)

        assert [] == jobs.claim(["read"], at=NOON + LEASE)
        (theirs,) = jobs.claim(["read"], at=NOON + LEASE + timedelta(seconds=1))
        assert (1, 2) == (mine.attempts, theirs.attempts)

        assert not jobs.finish(mine)
        assert jobs.finish(theirs)
        assert 0 == Job.select().count()

    def test_that_ran_out_cannot_fail_the_job_of_another(self):
        jobs.enqueue("read", ["a"], at=NOON)
        (mine,) = jobs.claim(["read"], at=NOON)
        (theirs,) = jobs.claim(["read"], at=NOON + 2 * LEASE)

        jobs.fail(mine, "too late", at=NOON + 2 * LEASE)

        assert theirs.token == Job.get().lease
        assert Job.get().last_error is None

    def test_never_give_a_job_to_two(self):
        jobs.enqueue("read", [f"{number:02}" for number in range(40)], at=NOON)

        def take_all():
            return list(chain(*iter(lambda: keys(jobs.claim(["read"], at=NOON, limit=3)), [])))

        shares = at_once(4, take_all)

        assert [f"{number:02}" for number in range(40)] == sorted(chain(*shares))

    def test_given_back_count_as_never_taken(self):
        jobs.enqueue("read", ["a"], at=NOON)
        jobs.release(jobs.claim(["read"], at=NOON))

        (again,) = jobs.claim(["read"], at=NOON)

        assert 1 == again.attempts


class TestRunning:
    def test_hands_each_kind_its_keys(self):
        done = []
        jobs.enqueue("read", ["a"], at=NOON)
        jobs.enqueue("write", ["b"], at=NOON)

        tried = jobs.run_due({"read": done.append, "write": done.append}, at=NOON)

        assert (2, ["a", "b"]) == (tried, sorted(done))
        assert 0 == Job.select().count()

    def test_tries_a_failed_job_later_and_later_then_sets_it_aside(self):
        def fail(_key):
            raise ValueError("no good")

        jobs.enqueue("read", ["a"], at=NOON)
        at, waits = NOON, []
        while not Job.get().is_dead:
            jobs.run_due({"read": fail}, at=at)
            waits.append(int((Job.get().run_at - at).total_seconds()))
            at = Job.get().run_at

        assert [5, 10, 20, 40, 80] == waits
        assert "ValueError: no good" == Job.get().last_error
        assert [] == jobs.claim(["read"], at=at + timedelta(days=9))

    def test_goes_on_after_a_bad_job(self):
        done = []

        def handle(key):
            done.append(key)
            if key == "a":
                raise ValueError

        jobs.enqueue("read", ["a", "b"], at=NOON)
        jobs.run_due({"read": handle}, at=NOON)

        assert ["a", "b"] == done
        assert ["a"] == [job.key for job in Job.select()]

    def test_revives_a_dead_job_that_is_asked_for_again(self):
        jobs.enqueue("read", ["a"], at=NOON)
        Job.update(is_dead=True).execute()

        jobs.enqueue("read", ["a"], at=NOON)

        assert ["a"] == keys(jobs.claim(["read"], at=NOON))

    def test_runs_again_when_asked_for_while_it_runs(self):
        done = []

        def handle(key):
            done.append(key)
            if len(done) == 1:
                jobs.enqueue("read", ["a"], at=NOON)

        jobs.enqueue("read", ["a"], at=NOON)
        while jobs.run_due({"read": handle}, at=NOON):
            pass

        assert ["a", "a"] == done

    def test_gives_the_rest_back_when_told_to_stop(self):
        done = []
        jobs.enqueue("read", ["a", "b", "c"], at=NOON)

        tried = jobs.run_due({"read": done.append}, at=NOON, go_on=lambda: not done)

        assert (1, ["a"]) == (tried, done)
        assert ["b", "c"] == keys(jobs.claim(["read"], at=NOON, limit=9))


class TestRunningTogether:
    def test_hands_all_due_keys_of_a_kind_over_at_once(self):
        done = []
        jobs.enqueue("roll", ["a", "b"], at=NOON)
        jobs.enqueue("roll", ["later"], at=NOON + LEASE)
        jobs.enqueue("read", ["other"], at=NOON)

        tried = jobs.run_together("roll", done.append, at=NOON)

        assert (2, [["a", "b"]]) == (tried, done)
        assert ["later", "other"] == sorted(job.key for job in Job.select())

    def test_calls_nobody_when_nothing_is_due(self):
        done = []

        assert (0, []) == (jobs.run_together("roll", done.append, at=NOON), done)

    def test_tries_each_alone_when_the_list_fails(self):
        done = []

        def handle(keys):
            if "bad" in keys:
                raise ValueError("no")
            done.extend(keys)

        jobs.enqueue("roll", ["a", "bad", "c"], at=NOON)

        tried = jobs.run_together("roll", handle, at=NOON)

        assert (3, ["a", "c"]) == (tried, done)
        assert [("bad", "ValueError: no")] == [(j.key, j.last_error) for j in Job.select()]

    def test_runs_again_what_is_asked_for_meanwhile(self):
        done = []

        def handle(keys):
            done.append(keys)
            if len(done) == 1:
                jobs.enqueue("roll", ["a"], at=NOON)

        jobs.enqueue("roll", ["a", "b"], at=NOON)
        while jobs.run_together("roll", handle, at=NOON):
            pass

        assert [["a", "b"], ["a"]] == done


@pytest.mark.process
def test_a_killed_workers_job_is_finished_by_another(operator_environment):
    jobs.enqueue("stuck", ["a"], at=clock.now())
    command = [sys.executable, "-c", STUCK_WORKER]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=operator_environment) as victim:
        began = victim.stdout.readline()
        victim.send_signal(signal.SIGKILL)
    done = []

    too_early = jobs.run_due({"stuck": done.append}, at=clock.now())
    in_time = jobs.run_due({"stuck": done.append}, at=clock.now() + 2 * LEASE)

    assert b"began a\n" == began
    assert (0, 1) == (too_early, in_time)
    assert ["a"] == done
    assert 0 == Job.select().count()
