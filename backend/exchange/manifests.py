"""Manifests of photos: rows that prove, without the server, what the files beside them are.

Each row carries the ledger entry of the photo's arrival with the hash before it, so that whoever
wrote down the head of the ledger can check both. `manifest_check.py` does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import orjson
from peewee import JOIN, ModelSelect, chunked

from backend.exchange.manifest_check import COLUMNS
from backend.fieldwork.models import Visit
from backend.fieldwork.photo_models import Photo
from backend.insight.windows import Window
from backend.network.models import Dealer, Store
from backend.platform import ledger
from backend.platform.ledger import GENESIS, Head
from backend.platform.models import LedgerEntry

NAME, ZH = "photo_manifest", "照片清单"
HEADER = COLUMNS
EXTENSIONS = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "image/heic": "heic"}
_BATCH = 500
_LONGEST_PART = 20
_COLUMNS = (
    Photo.id.alias("photo_id"),
    Photo.visit_id,
    Photo.item,
    Photo.subject,
    Photo.sha256,
    Photo.size_bytes,
    Photo.media_type,
    Photo.original_erased_at,
    Visit.business_on,
    Dealer.code.alias("dealer_code"),
    Dealer.name.alias("dealer_name"),
    Store.code.alias("store_code"),
    Store.name.alias("store_name"),
)


def described(photos: ModelSelect[Any]) -> ModelSelect[Any]:
    """Return photos, joined to their visit, store and dealer, as the mappings `rows` takes."""
    shown: ModelSelect[Any] = photos.select(*_COLUMNS).dicts()
    return shown


def of_photos(photo_ids: Iterable[UUID]) -> list[dict[str, Any]]:
    """Return some photos by visit and id as the mappings `rows` takes."""
    photos = (
        Photo.select()
        .join(Visit, on=Photo.visit_id == Visit.id)
        .join(Store, JOIN.LEFT_OUTER)
        .join_from(Visit, Dealer, JOIN.LEFT_OUTER)
        .where(Photo.id.in_(list(photo_ids)))
        .order_by(Photo.visit_id, Photo.id)
    )
    return list(described(photos))


def of_window(photos: ModelSelect[Any], window: Window, head: Head) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of the photos whose bytes came, day by day; the query chooses among them."""
    day = window.from_on
    while day < window.to_on:
        of_day = described(photos.where(Visit.business_on == day, Photo.sha256.is_null(False)))
        yield from in_batches(of_day.order_by(Visit.id, Photo.id), head)
        day += timedelta(days=1)


def in_batches(photos: ModelSelect[Any], head: Head) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a query of `described` photos, however many they are."""
    for batch in chunked(photos.iterator(), _BATCH):
        yield from rows(batch, head)


def rows(photos: Sequence[dict[str, Any]], head: Head) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of photos, in their order, under a head of the ledger.

    A photo may name `file_sha256` and `file_bytes` where the file is not the original.
    """
    entries = _arrivals([photo["photo_id"] for photo in photos])
    for photo in photos:
        entry = entries.get((photo["photo_id"], photo["sha256"]))
        erased_at = photo["original_erased_at"]
        yield (
            str(photo["photo_id"]),
            str(photo["visit_id"]),
            photo["dealer_code"] or "",
            photo["dealer_name"] or "",
            photo["store_code"] or "",
            photo["store_name"] or "",
            photo["business_on"].isoformat(),
            photo["item"] or photo["subject"] or "",
            file_name(photo),
            photo.get("file_sha256", photo["sha256"]),
            photo.get("file_bytes", photo["size_bytes"]),
            photo["sha256"],
            erased_at.isoformat() if erased_at else "",
            entry.seq if entry else None,
            (entry.previous_hash or GENESIS) if entry else "",
            entry.hash if entry else "",
            ledger.text_of(entry) if entry else "",
            head.seq,
            head.hash,
        )


def file_name(photo: dict[str, Any]) -> str:
    """Return what a photo's file is called: dealer, store, date, item, and some of its id."""
    day: date = photo["business_on"]
    parts = (
        _part(photo["dealer_name"]),
        _part(photo["store_name"]),
        f"{day:%Y%m%d}",
        _part(photo["item"] or photo["subject"]),
        photo["photo_id"].hex[:8],
    )
    media_type = "image/jpeg" if "file_sha256" in photo else photo["media_type"]
    return f"{'_'.join(parts)}.{EXTENSIONS.get(media_type, 'bin')}"


def _part(text: str | None) -> str:
    return re.sub(r"[\W_]+", "-", text or "")[:_LONGEST_PART].strip("-") or "unknown"


def _arrivals(photo_ids: list[UUID]) -> dict[tuple[UUID, str], Any]:
    """Return the sealed entries of arrivals, with the hash before each, by photo and hash."""
    earlier = LedgerEntry.alias()
    entries = (
        LedgerEntry.select(LedgerEntry, earlier.hash.alias("previous_hash"))
        .join(earlier, JOIN.LEFT_OUTER, on=earlier.seq == LedgerEntry.seq - 1)
        .where(
            LedgerEntry.object == "photo",
            LedgerEntry.object_id.in_([str(photo_id) for photo_id in photo_ids]),
            LedgerEntry.verb == "photo.received",
            LedgerEntry.seq.is_null(False),
        )
        .order_by(LedgerEntry.seq)
        .objects()
    )
    return {(UUID(e.object_id), orjson.loads(e.facts)["sha256"]): e for e in entries}
