"""Running things at once, each on its own database connection."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Barrier
from time import monotonic
from typing import Any

from backend.platform.database import db, is_sqlite, transaction

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


@contextmanager
def kept_waiting(act: Callable[[], Any], take_turn: Callable[[], None]) -> Iterator[Future[Any]]:
    """Run the block while `act`, in another thread, waits for the turn that was taken before it.

    What the block writes is committed with it; then `act` goes on.
    """

    def run() -> Any:
        with db.connection_context():
            return act()

    with ThreadPoolExecutor(1) as pool:
        with transaction():
            take_turn()
            late = pool.submit(run)
            give_up_at = monotonic() + PATIENCE_S
            while not _somebody_waits() and not late.done():
                assert monotonic() < give_up_at
            yield late
        late.result(PATIENCE_S)


def _somebody_waits() -> bool:
    if is_sqlite():
        gate = f":{Path(f'{db.database}-turn').stat().st_ino} "
        locks = Path("/proc/locks").read_text(encoding="ascii").splitlines()
        return any("->" in lock and gate in lock for lock in locks)
    waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    return bool(db.execute_sql(waiting).fetchone()[0])
