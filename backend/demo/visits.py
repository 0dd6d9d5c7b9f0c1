"""Handing in: every visit goes through the functions that phones reach, in order of arrival."""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import partial
from itertools import count
from typing import Any
from uuid import UUID

from backend.demo import findings, pictures
from backend.demo.cast import BEIJING, Rep, World, at, new_id
from backend.demo.catalogue import Catalogue
from backend.demo.days import Outing
from backend.demo.positions import Receiver
from backend.demo.promotions import Campaign
from backend.evidence import capture_tokens
from backend.fieldwork import amendments, cancellations, pauses, photos, reports, visits
from backend.fieldwork.arrivals import Arrival
from backend.platform.database import canonical
from backend.standards.codes import CancelReason

NEAR_COPY = 0.3
ALIKE = 5  # visits in a row with the same answers
NOTICED = 0.7
SUBJECTS = ("storefront", "shelf", "price_tag", "checklist_item")


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture as it was taken, and the visit it was first handed in with."""

    visit_id: UUID
    photo_id: UUID
    jpeg: bytes
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class Proof:
    """A photo that arrived: it can prove that a violation of its store has ended."""

    outing: Outing
    photo_id: UUID
    received_at: datetime


@dataclass(slots=True)
class Post:
    """What is on its way to the server, by time of arrival."""

    world: World
    catalogue: Catalogue
    campaigns: list[Campaign]
    receiver: Receiver
    proofs: list[Proof] = field(default_factory=list)
    _queue: list[tuple[datetime, int, Callable[[], object]]] = field(default_factory=list)
    _numbers: count[int] = field(default_factory=count)
    _album: dict[str, list[Shot]] = field(default_factory=dict)
    _copies: dict[tuple[str, date], list[Outing]] = field(default_factory=dict)

    def hand_in(self, outing: Outing, day: date) -> None:
        """Send a visit's check-in, photos and report, each when the phone could."""
        came_sent = (
            outing.sent_at
            if outing.sent_at > outing.left_at + timedelta(minutes=1)
            else (outing.came_at + timedelta(seconds=self.world.random.uniform(1, 9)))
        )
        came_fix = self.receiver.came(outing)
        self._send(came_sent, self._check_in(outing, came_sent, came_fix))
        if outing.is_left_open:
            self.world.truth.plant("visit_without_check_out", visit=outing.id)
            return
        sent_at = max(outing.sent_at, came_sent) + timedelta(seconds=1)
        if outing.is_broken_off:
            self._send(sent_at, self._cancellation(outing, sent_at))
            return
        if outing.is_interrupted:
            self._send(sent_at, self._pause(outing, sent_at))
        document = findings.document(self.world, outing, day, self.catalogue, self.campaigns)
        document["photos"] = self._photos(outing, sent_at)
        if document["photos"]:
            token = capture_tokens.for_visit(outing.person, outing.id, at=came_sent)
            document["capture_token"] = token
        if "copied" in outing.cheats:
            self._note_copy(outing, day)
        template = document["template"]
        if document["photos"] and template and template["version"] > 1:
            document["photos"][0]["item"] = "first_notice"
            seen = {"line": "first_notice", "yes": self.world.random.random() < NOTICED}
            document["answers"].append(seen)
        left_fix = self.receiver.left(outing, came_fix)
        document["check_out"] = {"clock": self._clock(outing, outing.left_at), "position": left_fix}
        arrival = self._arrival(outing, sent_at, document)
        self._send(
            sent_at,
            lambda: reports.submit(outing.person, outing.id, document, arrival=arrival),
        )
        if outing.is_amended:
            self._send(*self._amendment(outing, sent_at + timedelta(minutes=20), document))

    def deliver(self, until: datetime) -> list[Proof]:
        """Let everything arrive that was sent before; return the photos among it."""
        while self._queue and self._queue[0][0] < until:
            heapq.heappop(self._queue)[2]()
        arrived = [proof for proof in self.proofs if proof.received_at < until]
        self.proofs = [proof for proof in self.proofs if proof.received_at >= until]
        return arrived

    def send_from_nowhere(self, rep: Rep, store_id: int, when: datetime) -> None:
        """Check in at a store that nobody has entered yet."""
        visit_id = new_id(self.world)
        body: dict[str, Any] = {
            "store_id": store_id,
            "kind": "routine",
            "clock": {"device_at": when, "elapsed_ms": None},
            "position": None,
            "unplanned_reason": "新开门店，系统暂无",
        }
        arrival = Arrival(at=when, content_sha256=_hash(body))
        visits.check_in(rep.actor, visit_id, **body, arrival=arrival)
        self.world.truth.plant("unknown_store", visit=visit_id)

    def _send(self, when: datetime, what: Callable[[], object]) -> None:
        # Nothing arrives in what is still the future.
        latest = at(self.world.today, 0) - timedelta(seconds=1)
        heapq.heappush(self._queue, (min(when, latest), next(self._numbers), what))

    def _note_copy(self, outing: Outing, day: date) -> None:
        """Write down visits whose answers were copied, once they are enough to be seen."""
        row = self._copies.setdefault((outing.rep.login, day), [])
        if row and row[-1].shop.site.tier is not outing.shop.site.tier:
            row.clear()
        row.append(outing)
        for copy in row if len(row) == ALIKE else row[-1:] if len(row) > ALIKE else ():
            self.world.truth.plant("uniform_answers", visit=copy.id)

    def _check_in(
        self, outing: Outing, sent_at: datetime, fix: dict[str, Any]
    ) -> Callable[[], object]:
        body: dict[str, Any] = {
            "store_id": outing.shop.id,
            "kind": str(outing.kind),
            "clock": self._clock(outing, outing.came_at),
            "position": fix,
            "unplanned_reason": outing.unplanned_reason,
            "is_rooted": outing.rep.is_rooted and outing.person is outing.rep.actor,
        }
        arrival, person = self._arrival(outing, sent_at, body), outing.person
        if "borrowed" in outing.cheats:
            others = [rep for rep in self.world.reps if rep is not outing.rep]
            lender = self.world.random.choice(others).actor
            person = replace(person, device_id=lender.device_id)
            self.world.truth.plant("borrowed_phone", visit=outing.id, device=lender.device_id)
        return lambda: visits.check_in(person, outing.id, **body, arrival=arrival)

    def _cancellation(self, outing: Outing, sent_at: datetime) -> Callable[[], object]:
        body: dict[str, Any] = {
            "reason": self.world.random.choice(list(CancelReason)),
            "note": "临时有事，改日再访",
            "clock": self._clock(outing, outing.came_at + (outing.left_at - outing.came_at) / 4),
            "position": None,
        }
        arrival = self._arrival(outing, sent_at, body)
        self.world.truth.plant("cancelled_visit", visit=outing.id)
        return lambda: cancellations.cancel(outing.person, outing.id, **body, arrival=arrival)

    def _pause(self, outing: Outing, sent_at: datetime) -> Callable[[], object]:
        """Let a third of the visit pass without work."""
        third, pause_id = (outing.left_at - outing.came_at) / 3, new_id(self.world)
        body = {
            "paused": self._clock(outing, outing.came_at + third),
            "resumed": self._clock(outing, outing.left_at - third),
        }
        arrival = self._arrival(outing, sent_at, body)
        self.world.truth.plant("paused_visit", visit=outing.id)
        return lambda: pauses.put(outing.person, outing.id, pause_id, **body, arrival=arrival)

    def _amendment(
        self, outing: Outing, sent_at: datetime, document: dict[str, Any]
    ) -> tuple[datetime, Callable[[], object]]:
        """Hand the report in anew, with one display model more of every product on the shelf."""
        shown = [
            line | {"demo_stock": line["demo_stock"] + 1} if line["listed"] else line
            for line in document["products"]
        ]
        body: dict[str, Any] = {
            "reason": "漏数样机",
            "clock": self._clock(outing, sent_at - timedelta(minutes=1)),
            "report": document | {"products": shown},
        }
        arrival, amendment_id = self._arrival(outing, sent_at, body), new_id(self.world)
        self.world.truth.plant("amended_report", visit=outing.id)
        return sent_at, lambda: amendments.amend(
            outing.person, outing.id, amendment_id, **body, arrival=arrival
        )

    def _clock(self, outing: Outing, when: datetime) -> dict[str, Any]:
        return {"device_at": when + outing.rep.skew, "elapsed_ms": _elapsed_ms(when)}

    def _arrival(self, outing: Outing, when: datetime, body: dict[str, Any]) -> Arrival:
        when = min(when, at(self.world.today, 0) - timedelta(seconds=1))
        return Arrival(
            at=when,
            content_sha256=_hash(body),
            sent_device_at=when + outing.rep.skew,
            sent_elapsed_ms=_elapsed_ms(when) if when.date() == outing.came_at.date() else None,
        )

    def _photos(self, outing: Outing, sent_at: datetime) -> list[dict[str, Any]]:
        """Take the visit's photos, send them, and return the manifest."""
        random = self.world.random
        reuses, from_screen = "reused" in outing.cheats, "recaptured" in outing.cheats
        if "copied" in outing.cheats:
            return []
        if not (reuses or from_screen) and random.random() >= self.world.preset.photo_share:
            return []
        manifest = []
        for number in range(random.randint(1, 3)):
            photo_id, when = new_id(self.world), sent_at + timedelta(seconds=2 + number)
            jpeg = self._copy(outing, photo_id, when) if reuses and number == 0 else None
            is_of_screen = from_screen and number == 0 and not reuses
            jpeg = jpeg or self._take(outing, photo_id, when, is_of_screen=is_of_screen)
            manifest.append(
                {
                    "id": photo_id,
                    "sha256": hashlib.sha256(jpeg).hexdigest(),
                    "size_bytes": len(jpeg),
                    "media_type": "image/jpeg",
                    "subject": SUBJECTS[number],
                    "item": None,
                    "captured_at": outing.came_at
                    + outing.rep.skew
                    + timedelta(seconds=40 * (number + 1)),
                    "capture_source": "album" if reuses else "in_app_camera",
                }
            )
            self._send(when, partial(self._upload, outing, photo_id, jpeg, when))
        return manifest

    def _take(
        self, outing: Outing, photo_id: UUID, sent_at: datetime, *, is_of_screen: bool
    ) -> bytes:
        place = outing.shop.door
        jpeg = pictures.phone_jpeg(
            self.world.random.getrandbits(32),
            self.world.preset.photo_size,
            taken_at=(outing.came_at + outing.rep.skew).astimezone(BEIJING),
            lat=place.lat,
            lon=place.lon,
            model=outing.rep.model,
        )
        if is_of_screen:
            jpeg = pictures.of_screen(jpeg)
            self.world.truth.plant("recaptured_photo", visit=outing.id, photo=photo_id)
        album = self._album.setdefault(outing.rep.login, [])
        album.append(Shot(outing.id, photo_id, jpeg, sent_at))
        del album[:-40]
        return jpeg

    def _copy(self, outing: Outing, photo_id: UUID, sent_at: datetime) -> bytes | None:
        """Return an earlier photo of the rep's, sometimes with a caption, if there is one."""
        random = self.world.random
        earlier = [
            shot
            for shot in self._album.get(outing.rep.login, ())
            if shot.sent_at < sent_at and shot.visit_id != outing.id
        ]
        if not earlier:
            return None
        shot, near = random.choice(earlier), random.random() < NEAR_COPY
        self.world.truth.plant(
            "reused_photo",
            kind="near" if near else "exact",
            visit=outing.id,
            photo=photo_id,
            earlier_visit=shot.visit_id,
            earlier_photo=shot.photo_id,
        )
        return pictures.watermarked(shot.jpeg) if near else shot.jpeg

    def _upload(self, outing: Outing, photo_id: UUID, jpeg: bytes, when: datetime) -> None:
        when = min(when, at(self.world.today, 0) - timedelta(seconds=1))
        photos.receive(
            outing.person,
            outing.id,
            photo_id,
            [jpeg],
            length=len(jpeg),
            declared_sha256=hashlib.sha256(jpeg).hexdigest(),
            media_type="image/jpeg",
            at=when,
        )
        self.proofs.append(Proof(outing, photo_id, when))


def _elapsed_ms(when: datetime) -> int:
    """Return how long the phone has been on: it is started at 6 o'clock."""
    started = at(when.astimezone(BEIJING).date(), 6)
    return max(int((when - started).total_seconds() * 1000), 0)


def _hash(body: dict[str, Any]) -> str:
    return hashlib.sha256(canonical(body).encode()).hexdigest()
