"""Runs the server and the worker side by side, and never one without the other."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from types import FrameType

PATIENCE_S = 40  # longer than gunicorn's own graceful_timeout


def together(bind: str, workers: int, threads: int) -> int:
    """Run gunicorn and one worker until a signal comes or one of them ends; return the exit code.

    The code is 0 after a signal and 1 when a child ended by itself. Both are gone on return.
    """
    server = [sys.executable, "-m", "gunicorn", "wsgi:app", "--bind", bind]
    server += ["--workers", str(workers), "--threads", str(threads)]
    return _supervise([server, [sys.executable, "-m", "backend", "worker"]])


def _supervise(commands: Sequence[Sequence[str]], *, patience_s: float = PATIENCE_S) -> int:
    asked = False

    def ask(_signal: int, _frame: FrameType | None) -> None:
        nonlocal asked
        asked = True

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, ask)
    # Each in its own group, so that Ctrl-C reaches them once, through us.
    children = [subprocess.Popen(command, process_group=0) for command in commands]  # noqa: S603
    try:
        while not asked and all(child.poll() is None for child in children):
            time.sleep(0.1)
    finally:
        _stop(children, patience_s)
    return 0 if asked else 1


def _stop(children: Sequence[subprocess.Popen[bytes]], patience_s: float) -> None:
    for child in children:
        if child.poll() is None:
            child.terminate()
        else:  # died alone: whoever it left behind has nobody to stop it
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
    deadline = time.monotonic() + patience_s
    for child in children:
        try:
            child.wait(max(deadline - time.monotonic(), 0.1))
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
