"""The declarations of the signals, and the page that shows them."""

from pathlib import Path

import pytest

from backend.evidence.detectors import DETECTORS
from backend.evidence.signals import Signal, band_of, worded

PAGE = Path(__file__).parents[2] / "docs" / "domain" / "evidence-score.md"
BY_TOKEN = {Signal.TOKEN_MISSING, Signal.TOKEN_LATE, Signal.TOKEN_MISUSED}


def test_the_page_shows_every_signal_as_it_is_declared():
    rows = [
        f"| `{one}` | {one.zh} | {one.en} | {one.points} | {worded(one.rule_en, one.limits)}"
        f" | {worded(one.rule_zh, one.limits)} |"
        for one in Signal
    ]

    assert "\n".join(rows) in PAGE.read_text("utf-8")


@pytest.mark.parametrize("signal", Signal)
def test_every_signal_says_its_numbers_in_both_languages(signal):
    for rule in (signal.rule_zh, signal.rule_en):
        assert "{" not in worded(rule, signal.limits)
    assert {} != signal.limits
    assert 0 <= signal.points <= 100


def test_every_signal_is_looked_for():
    assert set(Signal) == set(DETECTORS) | BY_TOKEN


@pytest.mark.parametrize(
    ("score", "band"),
    [
        (0, "clear"),
        (59, "clear"),
        (60, "suspicious"),
        (89, "suspicious"),
        (90, "reject_pending_review"),
        (100, "reject_pending_review"),
    ],
)
def test_bands_begin_where_they_should(score, band):
    assert band == band_of(score, suspicious_from=60, reject_from=90)
