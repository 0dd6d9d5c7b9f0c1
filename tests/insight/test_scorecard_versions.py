"""Freezing scorecards: when a month is over, and again when something corrects it."""

from datetime import UTC, date, datetime, timedelta

import pytest

from backend.insight import scorecard_versions
from backend.insight.scorecard_models import Scorecard
from backend.insight.windows import last_closed_month
from backend.platform import consumers, jobs, ledger
from backend.platform.database import transaction
from backend.platform.models import Job, LedgerEntry
from tests.factories import make_dealer, make_scorecard

pytestmark = pytest.mark.usefixtures("storage")
MARCH = date(2026, 3, 1)
CLOSED = datetime(2026, 4, 3, 17, tzinfo=UTC)  # past midnight in Shanghai


@pytest.mark.parametrize(
    ("today", "month"),
    [
        (date(2026, 4, 3), date(2026, 2, 1)),
        (date(2026, 4, 4), MARCH),
        (date(2026, 5, 3), MARCH),
        (date(2026, 1, 4), date(2025, 12, 1)),
    ],
)
def test_a_month_is_closed_three_days_after_its_end(today, month):
    assert month == last_closed_month(today).from_on


def test_the_cards_of_a_closed_month_are_owed_once_to_those_who_worked_in_it():
    dealer = make_dealer()
    make_dealer(opened_on=date(2026, 4, 1))
    make_dealer(closed_on=MARCH)
    make_dealer(merged_into=dealer)

    owed = [scorecard_versions.freeze_due(CLOSED) for _ in range(2)]
    jobs.run_together(
        scorecard_versions.KIND, scorecard_versions.BATCHES[scorecard_versions.KIND], at=CLOSED
    )

    assert [1, 0, 0] == [*owed, scorecard_versions.freeze_due(CLOSED)]
    assert [(dealer.id, MARCH, 1, None, -1)] == [
        (card.dealer_id, card.month_on, card.version, card.score, card.standing)
        for card in Scorecard.select()
    ]
    assert ["scorecard.frozen"] == [entry.verb for entry in LedgerEntry.select()]
    assert 0 == Job.select().count()


def test_what_comes_late_owes_another_look_at_the_frozen_months_it_may_change():
    dealer, other = make_dealer(), make_dealer()
    for month in (2, 3, 5):
        make_scorecard(dealer, month_on=date(2026, month, 1))
    make_scorecard(other, month_on=MARCH)
    late = datetime(2026, 6, 20, tzinfo=UTC)
    with transaction():
        for day in ("2026-02-27", "2026-06-19"):
            ledger.append(None, "visit.completed", "7", at=late, dealer=dealer.id, day=day)
        ledger.append(None, "sku.created", "8", at=late)
    ledger.seal_all()

    consumers.advance(scorecard_versions.CONSUMER)

    # March is compared with February.
    assert [
        (f"{dealer.id}:2026-02-01", late + timedelta(hours=1)),
        (f"{dealer.id}:2026-03-01", late + timedelta(hours=1)),
    ] == [(job.key, job.run_at) for job in Job.select().order_by(Job.key)]
