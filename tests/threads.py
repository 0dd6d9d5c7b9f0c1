"""Running something several times at once, each on its own database connection."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from backend.platform.database import db

PATIENCE_S = 60


def at_once(times: int, act: Callable[[], Any]) -> list[Any]:
    """Start `act` in that many threads at the same moment and return what each returned."""
    gate = Barrier(times)

    def run() -> Any:
        gate.wait(PATIENCE_S)
        with db.connection_context():
            return act()

    with ThreadPoolExecutor(times) as pool:
        return [future.result(PATIENCE_S) for future in [pool.submit(run) for _ in range(times)]]
