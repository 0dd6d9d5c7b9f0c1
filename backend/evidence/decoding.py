"""Decoding in a process of its own, so that a hostile file costs one photo and not the worker.

The child has a limit of memory and of time. It is asked through its standard input and answers
on its standard output: a line of JSON, then the bytes of the two copies. Nothing it says is run.
It ends when its parent does, because its input ends then.
"""

import atexit
import resource
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from threading import Lock, Timer
from time import monotonic
from typing import Any, BinaryIO

import orjson

from backend.evidence import images
from backend.evidence.frames import (
    ImageRefusedError,
    TooManyPixelsError,
    UnreadableImageError,
)
from backend.evidence.images import Analysis
from backend.evidence.quality import Quality

# What the child may hold beside the code it shares with others: with that it stays below 200 MB.
MEMORY_BYTES = 185_000_000
SECONDS = 20.0
ADVICE_SECONDS = 3.0  # a phone waits no longer
_COPIES = ("display", "thumbnail")
_REFUSALS = {kind.reason: kind for kind in (UnreadableImageError, TooManyPixelsError)}


class Decoder:
    """A child process that reads photos one after another, started anew when it was lost."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self.seconds = seconds
        self._lock = Lock()
        self._waiting = Lock()
        self._child: subprocess.Popen[bytes] | None = None

    def analyse(self, path: Path, *, max_pixels: int) -> Analysis:
        """Do `images.analyse` in the child; raise ImageRefusedError.

        A child that is lost sooner than the photo's time is over may have been ended from outside,
        so another one tries again; one that is lost then, too, refuses the photo.
        """
        with self._lock:
            give_up_at, is_again = monotonic() + self.seconds, False
            while True:
                try:
                    return self._ask(path, max_pixels, copies=True)
                except EOFError as error:
                    if is_again or monotonic() >= give_up_at:
                        raise UnreadableImageError("It took too much time or memory.") from error
                    is_again = True

    def look(self, path: Path, *, max_pixels: int) -> Analysis | None:
        """Do `images.analyse` without copies in the child; return None if there is no time now.

        Only one may wait, since whoever does holds a thread of the server. Raises
        ImageRefusedError.
        """
        if not self._wait():
            return None
        try:
            return self._ask(path, max_pixels, copies=False)
        except EOFError:
            return None
        finally:
            self._lock.release()

    def _wait(self) -> bool:
        """Take the child when it is free; return False if that lasts, or somebody else waits."""
        if not self._waiting.acquire(blocking=False):
            return False
        try:
            return self._lock.acquire(timeout=self.seconds)
        finally:
            self._waiting.release()

    def stop(self) -> None:
        """End the child; the next photo starts another."""
        with self._lock:
            self._stop()

    def _ask(self, path: Path, max_pixels: int, *, copies: bool) -> Analysis:
        if not path.is_file():
            raise FileNotFoundError(path)
        child = self._running()
        alarm = Timer(self.seconds, child.kill)
        alarm.start()
        try:
            return _ask(child, [str(path.resolve()), max_pixels, copies])
        except (EOFError, BrokenPipeError) as error:
            self._stop()
            raise EOFError from error
        finally:
            alarm.cancel()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._child is None or self._child.poll() is not None:
            self._stop()
            self._child = subprocess.Popen(
                [sys.executable, "-m", "backend.evidence.decoding"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                cwd=Path(__file__).parents[2],
                start_new_session=True,  # Ctrl-C is for the worker; the child ends after it
            )
        return self._child

    def _stop(self) -> None:
        if self._child is not None:
            self._child.kill()
            self._child.communicate()
            self._child = None


def serve(questions: BinaryIO, answers: BinaryIO) -> None:
    """Answer questions until there are no more: the child's whole life."""
    for line in questions:
        path, max_pixels, copies = orjson.loads(line)
        try:
            found = images.analyse(Path(path), max_pixels=max_pixels, copies=copies)
        except ImageRefusedError as error:
            answers.write(orjson.dumps({"refused": error.reason}) + b"\n")
        else:
            facts = vars(found) | {name: len(getattr(found, name)) for name in _COPIES}
            answers.write(orjson.dumps(facts) + b"\n" + found.display + found.thumbnail)
        answers.flush()


def _ask(child: subprocess.Popen[bytes], question: list[Any]) -> Analysis:
    assert child.stdin is not None  # noqa: S101  # both are pipes
    assert child.stdout is not None  # noqa: S101
    child.stdin.write(orjson.dumps(question) + b"\n")
    child.stdin.flush()
    line = child.stdout.readline()
    if not line.endswith(b"\n"):
        raise EOFError
    facts: dict[str, Any] = orjson.loads(line)
    if reason := facts.get("refused"):
        raise _REFUSALS[reason]
    for name in _COPIES:
        size = facts[name]
        facts[name] = child.stdout.read(size)
        if len(facts[name]) != size:
            raise EOFError
    if facts["taken_at"]:
        facts["taken_at"] = datetime.fromisoformat(facts["taken_at"])
    return Analysis(**facts | {"quality": Quality(**facts["quality"])})


decoder = Decoder()
adviser = Decoder(ADVICE_SECONDS)
atexit.register(decoder.stop)
atexit.register(adviser.stop)

if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_BYTES, MEMORY_BYTES))
    serve(sys.stdin.buffer, sys.stdout.buffer)
