"""Work hours: spans by the day of the week, in the business zone."""

from datetime import UTC, datetime, timedelta

import pytest

from backend.config import Config, ConfigError
from backend.platform import work_hours
from backend.platform.settings import bind

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)  # 08:00 in Beijing
WEEK = "08:00-18:00,08:00-18:00,08:00-18:00,08:00-18:00,08:00-18:00,09:30-12:00,-"


@pytest.mark.parametrize(
    ("text", "day", "hours", "off"),
    [
        ("08:00-18:00", 0, 0, False),
        ("08:00-18:00", 0, -0.01, True),
        ("08:00-18:00", 0, 9.99, False),
        ("08:00-18:00", 0, 10, True),
        ("00:00-24:00", 6, 15.99, False),
        (WEEK, 5, 1, True),
        (WEEK, 5, 1.5, False),
        (WEEK, 6, 3, True),
        ("-", 0, 3, True),
    ],
)
def test_an_instant_is_within_the_span_of_its_day(text, day, hours, off):
    bind(Config(work_hours=text))

    assert off == work_hours.is_off(MONDAY + timedelta(days=day, hours=hours))


@pytest.mark.parametrize(
    "text", ["", "8-18", "08:00-18:00,-", "08:00", "25:00-26:00", "18:00-08:00", "08:00-08:00"]
)
def test_other_spans_are_refused_at_the_start(text):
    with pytest.raises(ConfigError):
        Config(work_hours=text)
