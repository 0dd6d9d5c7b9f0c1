"""Closing visits that nobody reported on, and opening them again when the report comes."""

from datetime import timedelta
from uuid import uuid4

import pytest

from backend.fieldwork import closing, reports, visits
from backend.fieldwork.arrivals import Arrival
from backend.fieldwork.models import Visit
from backend.platform import clock, jobs, ledger
from backend.platform.consumers import advance
from backend.platform.models import Job, LedgerEntry
from schemas.reports import ReportSchema
from tests.factories import NOON, TODAY, actor_of, make_person, make_store, make_visit
from tests.phone import findings


@pytest.fixture
def midnight(storage):  # noqa: ARG001  # needs the settings
    return clock.instants_of(TODAY)[1]


def test_waits_for_the_hours_after_the_day(midnight):
    visit = make_visit(status="open", completed_at=None)

    early = closing.close(TODAY, at=midnight + timedelta(hours=3, minutes=59))
    closed = closing.close(TODAY, at=midnight + timedelta(hours=4))
    again = closing.close(TODAY, at=midnight + timedelta(hours=5))
    visit = Visit.get_by_id(visit.id)

    assert (0, 1, 0) == (early, closed, again)
    assert ("unreported", midnight + timedelta(hours=4)) == (visit.status, visit.auto_closed_at)
    assert visit.checked_out_at is None
    assert 1 == LedgerEntry.select().where(LedgerEntry.verb == "visit.auto_closed").count()


def test_leaves_what_was_reported_and_what_only_just_came(midnight):
    at = midnight + timedelta(hours=9)
    make_visit(status="reported")
    make_visit(status="open", received_at=at - timedelta(hours=3))

    assert 0 == closing.close(TODAY, at=at)


def test_is_undone_by_a_report_that_comes_later(midnight):
    rep = make_person()
    store = make_store(owner=rep)
    visit = make_visit(store, rep, status="open", completed_at=None)
    closing.close(TODAY, at=midnight + timedelta(hours=4))
    left = NOON + timedelta(minutes=40)
    check_out = {"clock": {"device_at": left.isoformat()}}
    document = ReportSchema().load(findings(outcome="store_closed", check_out=check_out))

    arrival = Arrival(at=midnight + timedelta(hours=30), content_sha256="0" * 64)
    reports.submit(actor_of(rep), visit.id, document, arrival=arrival)
    visit = Visit.get_by_id(visit.id)

    assert ("complete", None, left) == (visit.status, visit.auto_closed_at, visit.checked_out_at)


def test_is_owed_once_a_day_after_the_last_check_in_came(midnight):
    rep = make_person()
    store = make_store(owner=rep)
    late = midnight + timedelta(hours=10)
    for hours, received in ((3, NOON), (1, late)):
        visits.check_in(
            actor_of(rep),
            uuid4(),
            store_id=store.id,
            kind="routine",
            clock={"device_at": NOON - timedelta(hours=hours)},
            position=None,
            unplanned_reason=None,
            arrival=Arrival(at=received, content_sha256="0" * 64),
        )
    ledger.seal()

    advance(closing.CONSUMER)
    (job,) = Job.select()
    jobs.run_due(closing.JOBS, at=clock.now())

    assert (closing.CLOSE_JOB, "2026-03-02", late + timedelta(hours=4)) == (
        job.kind,
        job.key,
        job.run_at,
    )
    assert ["unreported"] * 2 == [visit.status for visit in Visit.select()]
