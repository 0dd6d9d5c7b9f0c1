"""Workers killed while photos keep coming: every photo is read once, and no job is left."""

import signal
import subprocess
import sys
from collections import Counter
from random import Random

from backend import worker
from backend.evidence.models import PhotoReading
from backend.fieldwork import closing
from backend.fieldwork.photo_models import Photo
from backend.insight import freezing, scorecard_versions
from backend.platform.models import Job, LedgerEntry
from tests.faults import checker
from tests.faults.phones import days, hand_in
from tests.serving import PATIENCE_S, ROOT

VISITS, PHOTOS = 4, 3
# A worker as the product runs it, which says what it begins and what it has done.
TALKING_WORKER = """
import signal, threading
from backend import worker
from backend.app import start
from backend.config import Config

read = worker.JOBS["analyse-photo"]

def talk(key):
    print("began", key, flush=True)
    read(key)
    print("done", key, flush=True)

stop = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: stop.set())
worker.JOBS["analyse-photo"] = talk
start(Config.from_env())
worker.run(stop)
"""


def start_worker(environment: dict[str, str]) -> subprocess.Popen[str]:
    """Start a talking worker whose leases are short."""
    return subprocess.Popen(
        [sys.executable, "-c", TALKING_WORKER],
        cwd=ROOT,
        env=environment | {"XUNDIAN_JOB_LEASE_S": "2", "XUNDIAN_POLL_S": "0.05"},
        stdout=subprocess.PIPE,
        text=True,
    )


def test_photos_of_a_killed_worker_are_read_by_another(gunicorn, operator_environment):
    first, second = days(2, VISITS, PHOTOS, Random(6))
    promises = checker.Promises()
    hand_in(gunicorn.port, first, promises)

    with start_worker(operator_environment) as victim:
        said = [victim.stdout.readline() for _ in range(6)]
        victim.send_signal(signal.SIGKILL)
        said += victim.stdout.readlines()
    with start_worker(operator_environment) as heir:
        hand_in(gunicorn.port, second, promises)
        while Counter(line.split()[0] for line in said)["done"] < 2 * VISITS * PHOTOS:
            said.append(heir.stdout.readline())
        heir.terminate()
        heir.communicate(timeout=PATIENCE_S)
    worker.run_until_idle()

    photos = sorted((photo.visit_id, photo.id) for photo in Photo.select())
    readings = sorted((reading.visit_id, reading.photo_id) for reading in PhotoReading.select())
    told = Counter(e.object_id for e in LedgerEntry.select() if e.verb == "photo.analysed")
    assert 2 * VISITS * PHOTOS == len(photos)
    assert photos == readings
    assert {str(key) for _, key in photos} == set(told)
    waiting = {closing.CLOSE_JOB, freezing.KIND, scorecard_versions.KIND}  # for night, for month
    assert {job.kind for job in Job.select()} <= waiting
    checker.check(promises)
