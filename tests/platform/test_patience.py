"""Slow bodies: let go of when told to, without losing what came, and never in every thread."""

import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from time import monotonic

import pytest

from backend.platform.patience import (
    GRACE_S,
    LONG_S,
    SILENT_S,
    Ending,
    NoSeatError,
    Seats,
    attended,
)

PATIENCE_S = 60


@pytest.fixture
def ends():
    """The two ends of a connection."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


@pytest.fixture
def seats() -> Seats:
    """A process with two seats."""
    seats = Seats()
    seats.count = 2
    return seats


def nobody() -> bool:
    """Say that nobody wants what is read."""
    return False


def test_what_comes_is_read_as_it_comes(ends, seats):
    patient = attended(ends[0], silent_s=PATIENCE_S)
    ends[1].sendall(b"before")

    assert b"before" == patient.recv(100)
    with seats.one(nobody) as seat:
        ends[1].sendall(b"more")
        assert b"more" == patient.recv(100)
        ends[1].close()
        assert b"" == patient.recv(100)

    assert seat.ending is None
    assert attended(patient, silent_s=1) is patient
    assert 1 == patient.gettimeout()


def test_what_somebody_else_goes_on_with_ends_and_is_no_request(ends, seats):
    patient = attended(ends[0], silent_s=PATIENCE_S)
    wanted = iter([False, True])

    with seats.one(lambda: next(wanted)) as seat:
        with pytest.raises(TimeoutError):
            patient.recv(100)
        assert b"" == patient.recv(100)
    with pytest.raises(TimeoutError):
        patient.recv(100)

    assert Ending.WANTED == seat.ending


def test_what_is_silent_for_too_long_ends(ends, seats):
    patient = attended(ends[0], silent_s=0.01)

    with seats.one(nobody) as seat, pytest.raises(TimeoutError):
        patient.recv(100)

    assert Ending.SILENT == seat.ending


def test_a_broken_connection_ends_the_body(ends, seats):
    patient = attended(ends[0], silent_s=PATIENCE_S)
    ends[0].sendall(b"what is never read resets the connection")
    ends[1].close()

    with seats.one(nobody) as seat:
        with pytest.raises(ConnectionResetError):
            patient.recv(100)
        assert b"" == patient.recv(100)

    assert seat.ending is None


def test_a_silent_one_gives_its_seat_up(ends, seats):
    def stall():
        patient = attended(ends[0], silent_s=PATIENCE_S)
        with seats.one(nobody) as seat:
            seat.heard_at -= SILENT_S
            with pytest.raises(TimeoutError):
                patient.recv(100)
            return seat.ending

    seats.count = 1
    with ThreadPoolExecutor(1) as pool:
        stalled = pool.submit(stall)
        give_up_at = monotonic() + PATIENCE_S
        while not seats._taken:
            assert monotonic() < give_up_at
        with seats.one(nobody):
            assert Ending.CROWDED == stalled.result(PATIENCE_S)


def test_nobody_else_does_and_who_finds_no_seat_is_hung_up_on(ends, seats):
    patient = attended(ends[0], silent_s=PATIENCE_S)
    with ExitStack() as stack:
        taken = [stack.enter_context(seats.one(nobody)) for _ in range(seats.count)]
        with pytest.raises(NoSeatError) as refusal:
            stack.enter_context(seats.one(nobody))
        assert not any(seat.yields() for seat in taken)
        taken[0].taken_at -= LONG_S
        assert taken[0].yields()

    assert 1 == refusal.value.facts["retry_after_s"]
    with pytest.raises(TimeoutError):  # rather than wait for a body that nobody reads
        patient.recv(100)


def test_only_one_waits_for_a_seat(seats):
    with ExitStack() as stack:
        taken = [stack.enter_context(seats.one(nobody)) for _ in range(seats.count)]
        taken[0].heard_at -= SILENT_S
        stack.enter_context(seats._waiting)

        with pytest.raises(NoSeatError):
            stack.enter_context(seats.one(nobody))
        assert not taken[0]._is_asked_for


def test_what_is_quick_needs_no_seat_and_what_is_slow_takes_one(ends, seats):
    patient = attended(ends[0], silent_s=PATIENCE_S)
    ends[1].sendall(b"quick")

    with seats.if_slow() as seat:
        assert b"quick" == patient.recv(100)
        assert [] == seats._taken
        seat.taken_at -= GRACE_S
        ends[1].sendall(b"slow")
        assert b"slow" == patient.recv(100)
        assert [seat] == seats._taken

    assert [] == seats._taken


def test_what_is_slow_and_finds_no_seat_is_hung_up_on(ends, seats):
    patient = attended(ends[0], silent_s=PATIENCE_S)
    ends[1].sendall(b"slow")
    seats.count = 0

    with seats.if_slow() as seat, pytest.raises(NoSeatError):
        seat.taken_at -= GRACE_S
        patient.recv(100)
    with pytest.raises(TimeoutError):
        patient.recv(100)
