"""What must hold whatever went wrong: the last line of every fault test."""

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson

from backend.api.blueprint import fingerprint
from backend.evidence import custody
from backend.fieldwork.models import PriceObservation, ProductLine, PromotionResult, Report, Visit
from backend.fieldwork.photo_models import Photo
from backend.platform import blobs, ledger
from backend.platform.models import LedgerEntry

LINES = {"products": ProductLine, "prices": PriceObservation, "promotions": PromotionResult}


@dataclass
class Promises:
    """What the server said yes to: the phones may have deleted their copies."""

    check_ins: dict[UUID, str] = field(default_factory=dict)
    reports: dict[UUID, str] = field(default_factory=dict)
    photos: dict[tuple[UUID, UUID], bytes] = field(default_factory=dict)

    def check_in(self, visit_id: UUID, document: Any) -> None:
        """Remember an acknowledged check-in."""
        self.check_ins[visit_id] = fingerprint(document)

    def report(self, visit_id: UUID, document: Any) -> None:
        """Remember an acknowledged report."""
        self.reports[visit_id] = fingerprint(document)

    def photo(self, visit_id: UUID, photo_id: UUID, content: bytes) -> None:
        """Remember an acknowledged photo."""
        self.photos[visit_id, photo_id] = content


def check(promises: Promises) -> None:
    """Hold the database and the blob store to what was promised, and the rows to each other."""
    _check_acknowledged(promises)
    _check_blobs()
    entries = _sealed()
    _check_entries(entries)
    for visit in Visit.select():
        _check_completeness(visit)
    for report in Report.select():
        _check_judgement(report)


def _check_acknowledged(promises: Promises) -> None:
    visits = {visit.id: visit.content_sha256 for visit in Visit.select()}
    reports = {report.visit_id: report.content_sha256 for report in Report.select()}
    photos = {(photo.visit_id, photo.id): photo.sha256 for photo in Photo.select()}
    assert promises.check_ins == {key: visits.get(key) for key in promises.check_ins}
    assert promises.reports == {key: reports.get(key) for key in promises.reports}
    for key, content in promises.photos.items():
        assert hashlib.sha256(content).hexdigest() == photos[key]
        assert content == blobs.path_of(photos[key]).read_bytes()


def _check_blobs() -> None:
    """No row without its blob, and every blob under the hash of its bytes."""
    promised = custody.promised()
    assert [(sha256, None) for sha256 in promised] == list(custody.verify(promised))
    for place in blobs.root().glob("??/*"):
        assert place.name == blobs.digest_of(place)


def _sealed() -> Counter[tuple[str, str]]:
    """Seal and verify the ledger; return how often each thing is said to have happened."""
    while ledger.seal():
        pass
    head = [*ledger.verify()][-1:] or [ledger.Head(0, ledger.GENESIS)]
    assert [ledger.head()] == head
    assert LedgerEntry.select().count() == head[0].seq
    return Counter((entry.verb, entry.object_id) for entry in LedgerEntry.select())


def _check_entries(entries: Counter[tuple[str, str]]) -> None:
    """Every row was recorded once, and everything recorded has its row."""
    rows = {
        "visit.checked_in": [visit.id for visit in Visit.select()],
        "visit.reported": [report.visit_id for report in Report.select()],
        "visit.completed": [v.id for v in Visit.select().where(Visit.status == "complete")],
        "photo.received": [p.id for p in Photo.select().where(Photo.sha256.is_null(False))],
    }
    for verb, ids in rows.items():
        assert Counter(map(str, ids)) == Counter(
            {object_id: times for (said, object_id), times in entries.items() if said == verb}
        ), verb


def _check_completeness(visit: Visit) -> None:
    """A visit is shown complete exactly when its report and all announced photos are held."""
    report = Report.get_or_none(Report.visit_id == visit.id)
    held = {p.id: p.sha256 for p in Photo.select().where(Photo.visit_id == visit.id)}
    manifest = orjson.loads(report.document)["photos"] if report else []
    missing = [p["id"] for p in manifest if held[UUID(p["id"])] != p["sha256"]]
    assert (visit.status == "complete") == (report is not None and not missing)
    assert (visit.status == "open") == (report is None)
    assert (visit.completed_at is not None) == (visit.status == "complete")


def _check_judgement(report: Report) -> None:
    """A report is judged with all its lines, or held with none."""
    document = orjson.loads(report.document)
    is_judged = report.state == "judged"
    for name, model in LINES.items():
        count = model.select().where(model.visit_id == report.visit_id).count()
        assert (len(document[name]) if is_judged else 0) == count
    visit = Visit.get_or_none(Visit.id == report.visit_id)
    assert is_judged or visit is None or visit.quarantine_reason
