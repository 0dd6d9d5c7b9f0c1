"""Photos that wait for auditors, as the queue itself put them there."""

from typing import Any

from backend.evidence import audits
from backend.evidence.models import PhotoReading
from backend.fieldwork.photo_models import Photo
from backend.network.models import Store
from tests.factories import NOON, make_photo, make_store, make_visit
from tests.pictures import phone_jpeg


def make_queue(count: int, store: Store | None = None, **fields: Any) -> list[Photo]:
    """Queue the photos of one visit, declared readable without being decoded."""
    visit = make_visit(store or make_store(), **fields)
    content = phone_jpeg(1, (64, 48))
    photos = [make_photo(visit, content) for _ in range(count)]
    for photo in photos:
        PhotoReading.create(
            visit_id=visit.id, photo_id=photo.id, sha256=photo.sha256, received_at=NOON
        )
    audits.queue(visit.id, at=NOON)
    return photos
