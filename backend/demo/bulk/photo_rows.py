"""Photos of visits as rows: hashes without files, what they show of themselves, who judged them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.random import Generator

from backend.demo.bulk.pages import (
    NULL,
    Array,
    Page,
    days,
    decimal,
    hashes,
    ids,
    nulled,
    page,
    picked,
    whole,
    words,
)
from backend.demo.bulk.schedule import CHECK, FULL, ROUTINE
from backend.demo.bulk.stages import Stage
from backend.evidence.models import PhotoAudit, PhotoMatch, PhotoReading
from backend.evidence.standing import Reason, Status
from backend.fieldwork.photo_models import Photo
from backend.standards.codes import CaptureSource, PhotoSubject

AUDITED, _APPROVED, _TAIL_DAYS = 0.35, 0.91, 2
_MORE = {FULL: 8, ROUTINE: 3, CHECK: 5}
_REASONS = (Reason.BLURRED, Reason.WRONG_OBJECT, Reason.TOO_FAR, Reason.DARK, Reason.OTHER)
_REASON_MIX = (0.40, 0.25, 0.15, 0.12, 0.08)
_SUBJECTS = tuple(str(subject) for subject in PhotoSubject)
_NEAR_SHARE, _NEAR_BITS = 0.3, 2
_BANDS = 3
_STATUSES = (str(Status.APPROVED), str(Status.REJECTED), str(Status.PENDING))


def carry(stage: Stage, random: Generator, share: float) -> None:
    """Settle which visits carry photos, and give up the cheats that would need some."""
    visits = stage.visits
    stage.has_photos[:] = visits.counts & (random.random(len(visits.store)) < share)
    visits.cheats["photo_of_photo"] &= stage.has_photos
    reused = visits.cheats["photo_reuse"]
    reused &= stage.has_photos
    reused &= _earlier(stage) >= 0


def photo_pages(
    stage: Stage, random: Generator, total_days: int, auditors: list[int]
) -> tuple[list[Page], list[tuple[str, str, str]]]:
    """Return the photos and what is known of them, and (visit, earlier visit, kind) of repeats."""
    visits = stage.visits
    carrying = np.flatnonzero(stage.has_photos)
    more = np.select([visits.kind == kind for kind in _MORE], list(_MORE.values()), 1)
    number = 1 + random.poisson(more[carrying])
    visit = np.repeat(carrying, number)
    first = np.cumsum(number) - number
    count = len(visit)
    place = np.arange(count) - np.repeat(first, number)
    photo_id, sha256 = ids(random, count), hashes(random, count)
    prints = random.integers(-(2**63), 2**63, count, dtype=np.int64)
    first_of = np.full(len(visits.store), -1)
    first_of[carrying] = first
    pairs = _repeat(stage, random, first_of, sha256, prints)
    of_visit, received = picked(stage.ids, visit), stage.moments(visits.sent[visit])
    pages = [
        _photos(stage, random, (visit, place), (of_visit, photo_id, sha256), received),
        page(
            PhotoReading,
            count,
            visit_id=of_visit,
            photo_id=photo_id,
            sha256=sha256,
            received_at=received,
            width="1600",
            height="1200",
            dhash=whole(prints),
            recapture_score=decimal(
                np.where(visits.cheats["photo_of_photo"][visit] & (place == 0), 0.5, 0.03), 2
            ),
            **{f"band{each}": whole(band) for each, band in enumerate(bands(prints))},
        ),
        _matches(stage, pairs, photo_id),
        _audits(stage, random, (visit, of_visit, photo_id), total_days, auditors),
    ]
    told = [(stage.ids[a], stage.ids[b], kind) for a, b, _, _, kind in pairs]
    return pages, told


def bands(prints: Array) -> Iterator[Array]:
    """Yield every third bit of fingerprints, from the top: see `fingerprints.bands`."""
    bits = prints.view(np.uint64)
    for band in range(_BANDS):
        found = np.zeros(len(bits), np.int64)
        for bit in range(band, 64, _BANDS):
            found = found << 1 | (bits >> np.uint64(63 - bit) & np.uint64(1)).astype(np.int64)
        yield found


def _earlier(stage: Stage) -> Array:
    """Return per visit the last one before it, of the same person, whose photos were there; -1."""
    visits = stage.visits
    found = np.full(len(visits.store), -1)
    carrying = np.flatnonzero(stage.has_photos & ~visits.is_patrol)
    before, after = carrying[:-1], carrying[1:]
    fits = (visits.rep[before] == visits.rep[after]) & (visits.sent[before] < visits.sent[after])
    found[after[fits]] = before[fits]
    return found


def _repeat(
    stage: Stage, random: Generator, first_of: Array, sha256: list[str], prints: Array
) -> list[tuple[int, int, int, int, str]]:
    """Let reused photos be those of an earlier visit; return visits, photos and kind of each."""
    earlier, pairs = _earlier(stage), []
    for visit in np.flatnonzero(stage.visits.cheats["photo_reuse"]).tolist():
        other = int(earlier[visit])
        mine, theirs = int(first_of[visit]), int(first_of[other])
        is_near = random.random() < _NEAR_SHARE
        prints[mine] = prints[theirs]
        if is_near:
            flips = random.choice(63, _NEAR_BITS, replace=False)
            for bit in flips.tolist():
                prints[mine] ^= 1 << bit
        else:
            sha256[mine] = sha256[theirs]
        pairs.append((visit, other, mine, theirs, "near" if is_near else "exact"))
    return pairs


def _photos(
    stage: Stage,
    random: Generator,
    where: tuple[Array, Array],
    named: tuple[list[str], list[str], list[str]],
    received: list[str],
) -> Page:
    (visit, place), visits, count = where, stage.visits, len(where[0])
    looks = stage.found.lines[visit, 0] >= 0
    noticing = (place == 0) & looks & (visits.day[visit] >= stage.offer.principled)
    subject = random.integers(len(_SUBJECTS), size=count)
    subject[place == 0] = _SUBJECTS.index(str(PhotoSubject.STOREFRONT))
    size = np.rint(280_000 * np.exp(0.4 * random.normal(0, 1, count))).astype(int)
    taken = visits.came[visit] + ((visits.left - visits.came)[visit] * random.random(count)).astype(
        int
    )
    of_visit, photo_id, sha256 = named
    return page(
        Photo,
        count,
        visit_id=of_visit,
        id=photo_id,
        person=picked(stage.person, visit),
        is_declared="1",
        declared_sha256=sha256,
        declared_bytes=whole(size),
        subject=words(_SUBJECTS, subject),
        item=nulled(["first_notice"] * count, ~noticing),
        captured_at=stage.moments(taken),
        capture_source=str(CaptureSource.IN_APP_CAMERA),
        sha256=sha256,
        size_bytes=whole(size),
        media_type="image/jpeg",
        received_at=received,
    )


def _matches(
    stage: Stage, pairs: list[tuple[int, int, int, int, str]], photo_id: list[str]
) -> Page:
    visits, team = stage.visits, stage.team
    of_store = [
        str(team.store_id[visits.store[a]]) if visits.store[a] == visits.store[b] else NULL
        for a, b, *_ in pairs
    ]
    later = np.array([pair[0] for pair in pairs], int)
    return page(
        PhotoMatch,
        len(pairs),
        visit_id=[stage.ids[pair[0]] for pair in pairs],
        photo_id=[photo_id[pair[2]] for pair in pairs],
        earlier_visit_id=[stage.ids[pair[1]] for pair in pairs],
        earlier_photo_id=[photo_id[pair[3]] for pair in pairs],
        kind=[pair[4] for pair in pairs],
        distance=["0" if pair[4] == "exact" else str(_NEAR_BITS) for pair in pairs],
        received_at=stage.moments(visits.sent[later]),
        store_id=of_store,
        status="open",
        version="1",
    )


def _audits(
    stage: Stage,
    random: Generator,
    of: tuple[Array, list[str], list[str]],
    total_days: int,
    auditors: list[int],
) -> Page:
    visit, of_visit, photo_id = of
    drawn = np.flatnonzero(random.random(len(visit)) < AUDITED)
    count, day = len(drawn), stage.visits.day[visit[drawn]]
    status = (random.random(count) >= _APPROVED).astype(int)
    status[day >= total_days - _TAIL_DAYS] = 2
    reasons = [f'["{reason}"]' for reason in _REASONS]
    why = words(reasons, random.choice(len(reasons), count, p=_REASON_MIX))
    why = [
        each if rejected else "[]"
        for each, rejected in zip(why, (status == 1).tolist(), strict=True)
    ]
    judged = stage.visits.sent[visit[drawn]] + random.integers(3_600, 86_400, count)
    waits = status == 2
    return page(
        PhotoAudit,
        count,
        visit_id=picked(of_visit, drawn),
        photo_id=picked(photo_id, drawn),
        region_id=str(stage.team.region_id),
        business_on=days(stage.start, day),
        status=words(_STATUSES, status),
        plan="1",
        probability=str(AUDITED),
        is_control="0",
        wants_second="0",
        judged_by=nulled(
            [str(auditors[each]) for each in random.integers(len(auditors), size=count)], waits
        ),
        judged_at=stage.moments(judged, null=waits),
        reasons=why,
        note="",
        version=whole(np.where(waits, 1, 2)),
    )
