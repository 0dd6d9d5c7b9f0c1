"""When something happened, by clocks nobody trusts."""

from datetime import timedelta

import pytest

from backend.config import Config
from backend.fieldwork.arrivals import Arrival, Conclusion, conclude
from backend.platform import settings
from tests.factories import NOON

HOUR = timedelta(hours=1)
YEARS = timedelta(days=3650)
MS = 3_600_000


@pytest.fixture(autouse=True)
def _limits():
    settings.bind(Config(max_skew_s=300, max_offline_days=30))


def arrived(**clocks) -> Arrival:
    """Return an arrival at noon."""
    return Arrival(at=NOON, content_sha256="", **clocks)


@pytest.mark.parametrize(
    ("clock", "arrival", "expected"),
    [
        pytest.param(
            {"device_at": NOON - HOUR},
            arrived(),
            Conclusion(NOON - HOUR, None, is_suspect=False, is_proven=False),
            id="a plausible wall clock is believed",
        ),
        pytest.param(
            {"device_at": NOON + timedelta(minutes=4)},
            arrived(),
            Conclusion(NOON, None, is_suspect=False, is_proven=False),
            id="a clock slightly ahead is cut to the arrival",
        ),
        pytest.param(
            {"device_at": NOON + YEARS},
            arrived(),
            Conclusion(NOON, None, is_suspect=True, is_proven=False),
            id="a clock far ahead is not believed",
        ),
        pytest.param(
            {"device_at": NOON - timedelta(days=31)},
            arrived(),
            Conclusion(NOON, None, is_suspect=True, is_proven=False),
            id="nor one before the longest time offline",
        ),
        pytest.param(
            {"device_at": NOON + YEARS - HOUR},
            arrived(sent_device_at=NOON + YEARS),
            Conclusion(NOON - HOUR, YEARS.total_seconds(), is_suspect=True, is_proven=False),
            id="a wrong clock read twice tells the time between",
        ),
        pytest.param(
            {"device_at": NOON - HOUR},
            arrived(sent_device_at=NOON + timedelta(seconds=10)),
            Conclusion(
                NOON - HOUR - timedelta(seconds=10), 10.0, is_suspect=False, is_proven=False
            ),
            id="a small skew is corrected without suspicion",
        ),
        pytest.param(
            {"device_at": NOON, "elapsed_ms": 5 * MS},
            arrived(sent_device_at=NOON - YEARS, sent_elapsed_ms=6 * MS),
            Conclusion(NOON - HOUR, -YEARS.total_seconds(), is_suspect=True, is_proven=True),
            id="the time since the start beats a clock set in between",
        ),
        pytest.param(
            {"device_at": NOON - HOUR, "elapsed_ms": 9 * MS},
            arrived(sent_device_at=NOON, sent_elapsed_ms=MS),
            Conclusion(NOON - HOUR, 0.0, is_suspect=False, is_proven=False),
            id="a restart in between leaves the wall clock",
        ),
        pytest.param(
            {"device_at": NOON + HOUR},
            arrived(sent_device_at=NOON),
            Conclusion(NOON, 0.0, is_suspect=True, is_proven=False),
            id="an event after its sending is not believed",
        ),
    ],
)
def test_concludes(clock, arrival, expected):
    assert expected == conclude(clock, arrival)
