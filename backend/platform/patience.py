"""Bodies that arrive slowly: the server can let go of them, and they never take every thread.

gunicorn reads a body in the thread that handles the request, so a silent client holds a thread.
`Patient` is the reading end of a connection; a body read in a `seat` is looked after while the
server waits for more of it. What is meant to come in one piece takes a seat only if it is slow.
"""

import select
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from enum import StrEnum
from time import monotonic

from backend.platform.errors import UnavailableError

STEP_S = 0.5  # how often a waiting reader looks whether to let go
SILENT_S = 2  # a seat this long without a byte may go to somebody else
LONG_S = 60  # and so may one that was held this long
HANDOVER_S = 2  # how long somebody waits for a seat that was asked for
GRACE_S = 1  # how long a body may take without a seat


class Ending(StrEnum):
    """Why the server stopped reading a body."""

    WANTED = "wanted"  # somebody else is to go on with it
    CROWDED = "crowded"  # its seat is needed
    SILENT = "silent"  # nothing came for as long as a connection may be silent


class NoSeatError(UnavailableError):
    """As many slow bodies are being read as may be."""

    code = "uploads-busy"
    title = "Too many uploads at once"
    title_zh = "上传过多"
    detail = "Other uploads keep the server busy; go on in {retry_after_s} seconds."
    detail_zh = "当前上传过多，请在 {retry_after_s} 秒后继续。"


class Seat:
    """The right to read one slow body. `ending` says why it was let go of, if it was."""

    def __init__(self, is_wanted: Callable[[], bool]) -> None:
        self.taken_at = self.heard_at = monotonic()
        self.ending: Ending | None = None
        self._is_wanted = is_wanted
        self._is_asked_for = False

    def look_round(self) -> None:
        """Raise TimeoutError when the body is to be let go of."""
        if self._is_asked_for:
            self.ending = Ending.CROWDED
        elif self._is_wanted():
            self.ending = Ending.WANTED
        if self.ending:
            raise TimeoutError

    def yields(self) -> bool:
        """Ask for the seat; return whether it is silent or old enough to be given up."""
        now = monotonic()
        self._is_asked_for |= now - self.heard_at >= SILENT_S or now - self.taken_at >= LONG_S
        return self._is_asked_for


class Standing(Seat):
    """A body without a seat, which takes one as soon as it turns out to be slow."""

    def __init__(self, sit_down: Callable[[Seat], None]) -> None:
        super().__init__(lambda: False)
        self.is_seated = False
        self._sit_down = sit_down

    def look_round(self) -> None:
        """Raise NoSeatError when there is no seat to go on in, and what a seat raises."""
        if not self.is_seated and monotonic() - self.taken_at > GRACE_S:
            self._sit_down(self)
            self.is_seated, self.taken_at = True, monotonic()
        super().look_round()


class Seats:
    """The seats of this process."""

    def __init__(self) -> None:
        self.count = 1_000  # until the server says how many threads there are
        self._taken: list[Seat] = []
        self._changed = threading.Condition()
        self._waiting = threading.Lock()

    @contextmanager
    def one(self, is_wanted: Callable[[], bool]) -> Iterator[Seat]:
        """Read a body in a seat. Raises NoSeatError when none is free or given up.

        `is_wanted` says whether somebody else is to go on with what is read here.
        """
        seat = Seat(is_wanted)
        self._sit_down(seat)
        _here.seat = seat
        try:
            yield seat
        finally:
            _here.seat = None
            self._get_up(seat)

    @contextmanager
    def if_slow(self) -> Iterator[Seat]:
        """Read a body that takes a seat after GRACE_S, and raises NoSeatError if there is none."""
        seat = Standing(self._sit_down)
        _here.seat = seat
        try:
            yield seat
        finally:
            _here.seat = None
            if seat.is_seated:
                self._get_up(seat)

    def _get_up(self, seat: Seat) -> None:
        with self._changed:
            self._taken.remove(seat)
            self._changed.notify()

    def _sit_down(self, seat: Seat) -> None:
        with self._changed:
            if self._is_room() or self._is_given_up():
                self._taken.append(seat)
                return
        if connection := getattr(_here, "connection", None):
            connection.hang_up()
        raise NoSeatError(retry_after_s=1)

    def _is_room(self) -> bool:
        return len(self._taken) < self.count

    def _is_given_up(self) -> bool:
        # Only one may wait, since a waiting request holds a thread as well.
        if not self._waiting.acquire(blocking=False):
            return False
        try:
            in_order = sorted(self._taken, key=lambda seat: seat.heard_at)
            asked = any(seat.yields() for seat in in_order)
            return asked and self._changed.wait_for(self._is_room, HANDOVER_S)
        finally:
            self._waiting.release()


class Patient:
    """The reading end of a connection, which waits in steps for a body that has a seat.

    The read that finds that it is to be let go of, or broken, fails; the next one finds the end
    of the body, so that whoever reads gets what had come by then.
    """

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._is_over = False

    def hang_up(self) -> None:
        """Listen no more, so that nobody waits for the rest of the body before the end."""
        self._is_over = True
        with suppress(OSError):
            self._connection.shutdown(socket.SHUT_RD)

    def gettimeout(self) -> float | None:
        """Return how long the connection may be silent, in seconds."""
        return self._connection.gettimeout()

    def settimeout(self, seconds: float | None) -> None:
        """Say how long the connection may be silent, in seconds."""
        self._connection.settimeout(seconds)

    def recv(self, size: int) -> bytes:
        """Return up to `size` bytes as soon as there are any, and none at the end."""
        seat: Seat | None = getattr(_here, "seat", None)
        if self._is_over and seat:
            return b""
        if self._is_over:
            raise TimeoutError  # what follows is no request
        if seat is None:
            return self._connection.recv(size)
        try:
            self._wait(seat)
            received = self._connection.recv(size)
        except OSError:
            self.hang_up()
            raise
        seat.heard_at = monotonic()
        return received

    def _wait(self, seat: Seat) -> None:
        poll = select.poll()
        poll.register(self._connection, select.POLLIN)
        limit = self._connection.gettimeout()
        give_up_at = monotonic() + limit if limit else None
        seat.look_round()
        while not poll.poll(STEP_S * 1000):
            seat.look_round()
            if give_up_at and monotonic() > give_up_at:
                seat.ending = Ending.SILENT
                raise TimeoutError


def attended(connection: socket.socket | Patient, *, silent_s: float) -> Patient:
    """Return the reading end for a request of this thread, which may be silent for so long."""
    patient = connection if isinstance(connection, Patient) else Patient(connection)
    patient.settimeout(silent_s)
    _here.connection = patient
    return patient


_here = threading.local()
seats = Seats()
