"""What tests of field documents share."""

from backend.fieldwork import reports, visits
from backend.fieldwork.arrivals import Arrival
from backend.fieldwork.models import (
    Visit,
)
from backend.platform.models import LedgerEntry
from schemas.reports import ReportSchema
from tests.phone import findings

CITY = [
    {"line": "city_c1_brand_counter", "quantity": 2},
    {"line": "city_c2_back_wall", "present": True, "width_m": 2.0},
    {"line": "city_d_poster_strip", "quantity": 3, "contiguous": True},
    {"line": "city_e_welcome_mat", "present": False},
    {"line": "city_f_blank_handwritten_poster", "present": True},
    {"line": "city_a_fascia_or_lightbox", "parts": {"fascia": True}},
    {"line": "city_b_side_vertical_signs", "quantity": 0},
]
TEMPLATE = {"code": "signage_city", "version": 1}


def verbs() -> list[str]:
    """Return what the ledger says happened in the field, in order."""
    entries = LedgerEntry.select().order_by(LedgerEntry.at, LedgerEntry.id)
    return [entry.verb for entry in entries if entry.object in {"visit", "photo", "violation"}]


def check_in(actor, visit_id, store, at):
    """Arrive at a store, with the server hearing of it at once."""
    visits.check_in(
        actor,
        visit_id,
        store_id=store.id,
        kind="routine",
        clock={"device_at": at},
        position=None,
        unplanned_reason=None,
        arrival=Arrival(at=at, content_sha256="0" * 64),
    )


def leave(actor, visit_id, at):
    """Hand in an empty report on leaving."""
    document = ReportSchema().load(findings(check_out={"clock": {"device_at": at.isoformat()}}))
    reports.submit(actor, visit_id, document, arrival=Arrival(at=at, content_sha256="0" * 64))


def reason_of(visit_id):
    """Return why a visit is quarantined, if it is."""
    return Visit.get_by_id(visit_id).quarantine_reason
