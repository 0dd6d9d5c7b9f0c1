"""Servers killed at any moment: what was acknowledged is there, and the rest can be sent again."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from random import Random
from threading import Event

import pytest

from backend.fieldwork.models import Report, Visit
from backend.fieldwork.photo_models import Photo
from tests.faults import checker
from tests.faults.phones import days, hand_in
from tests.serving import PATIENCE_S, Server

PEOPLE, VISITS, PHOTOS = 6, 6, 2


@pytest.mark.usefixtures("storage")
def test_a_server_killed_under_load_keeps_what_it_acknowledged(config):
    random = Random(1)
    loads = days(PEOPLE, VISITS, PHOTOS, random)
    promises, tries, is_up = checker.Promises(), SimpleQueue(), Event()
    server = Server(config.database_url, Path(config.upload_dir), "--workers", "2")
    is_up.set()

    def push(items):
        hand_in(
            server.port,
            items,
            promises,
            on_try=lambda: tries.put(1),
            before_retry=lambda: is_up.wait(PATIENCE_S),
        )

    try:
        with ThreadPoolExecutor(PEOPLE) as pool:
            pushing = [pool.submit(push, items) for items in loads]
            for kill in [kill_one_worker, kill_all, kill_workers, kill_all, kill_one_worker]:
                for _ in range(random.randint(5, 30)):
                    tries.get(timeout=PATIENCE_S)
                kill(server, is_up)
            for done in pushing:
                done.result(PATIENCE_S)
    finally:
        server.stop()

    checker.check(promises)
    total = PEOPLE * VISITS
    assert (total, total, total * PHOTOS) == (
        len(promises.check_ins),
        len(promises.reports),
        len(promises.photos),
    )
    assert ["complete"] * total == [visit.status for visit in Visit.select()]
    assert [None] * total == [visit.quarantine_reason for visit in Visit.select()]
    assert (total, total * PHOTOS) == (Report.select().count(), Photo.select().count())


def kill_one_worker(server: Server, _: Event) -> None:
    """Kill a worker, which the master replaces."""
    os.kill(server.workers()[0], signal.SIGKILL)


def kill_workers(server: Server, _: Event) -> None:
    """Kill all workers, which the master replaces."""
    for worker in server.workers():
        os.kill(worker, signal.SIGKILL)


def kill_all(server: Server, is_up: Event) -> None:
    """Kill master and workers, and start anew."""
    is_up.clear()
    server.kill()
    server.start()
    is_up.set()
