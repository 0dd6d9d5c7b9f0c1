"""Handing in: every visit goes through the functions that phones reach, in order of arrival."""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from itertools import count
from math import tau
from typing import Any
from uuid import UUID

from backend.demo import findings, geography, pictures
from backend.demo.cast import BEIJING, Rep, World, at, new_id
from backend.demo.catalogue import Catalogue
from backend.demo.days import Outing
from backend.demo.promotions import Campaign
from backend.evidence import capture_tokens
from backend.fieldwork import amendments, cancellations, pauses, photos, reports, visits
from backend.fieldwork.arrivals import Arrival
from backend.network.positions import Datum, to_datum
from backend.platform.database import canonical
from backend.standards.codes import CancelReason

DATUMS = {Datum.GCJ02: 62, Datum.WGS84: 35, Datum.BD09: 3}
FIXES = {("gps", 5, 25): 70, ("wifi", 15, 60): 24, ("cell", 100, 800): 6}
MISTAGGED = 0.006
NEAR_COPY = 0.3
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
    proofs: list[Proof] = field(default_factory=list)
    _queue: list[tuple[datetime, int, Callable[[], object]]] = field(default_factory=list)
    _numbers: count[int] = field(default_factory=count)
    _album: dict[str, list[Shot]] = field(default_factory=dict)
    _last_fix: dict[str, dict[str, Any]] = field(default_factory=dict)

    def hand_in(self, outing: Outing, day: date) -> None:
        """Send a visit's check-in, photos and report, each when the phone could."""
        came_sent = (
            outing.sent_at
            if outing.sent_at > outing.left_at + timedelta(minutes=1)
            else (outing.came_at + timedelta(seconds=self.world.random.uniform(1, 9)))
        )
        self._send(came_sent, self._check_in(outing, came_sent))
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
        template = document["template"]
        if document["photos"] and template and template["version"] > 1:
            document["photos"][0]["item"] = "first_notice"
            seen = {"line": "first_notice", "yes": self.world.random.random() < NOTICED}
            document["answers"].append(seen)
        document["check_out"] = {"clock": self._clock(outing, outing.left_at), "position": None}
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

    def _check_in(self, outing: Outing, sent_at: datetime) -> Callable[[], object]:
        body: dict[str, Any] = {
            "store_id": outing.shop.id,
            "kind": str(outing.kind),
            "clock": self._clock(outing, outing.came_at),
            "position": self._fix(outing),
            "unplanned_reason": outing.unplanned_reason,
        }
        arrival = self._arrival(outing, sent_at, body)
        return lambda: visits.check_in(outing.person, outing.id, **body, arrival=arrival)

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

    def _fix(self, outing: Outing) -> dict[str, Any]:
        """Return the position the phone sends, true or not."""
        random, login = self.world.random, outing.rep.login
        provider, low, high = random.choices(list(FIXES), list(FIXES.values()))[0]
        accuracy = random.uniform(low, high)
        place = geography.jittered(outing.shop.door, accuracy / 2, random)
        crs = told = random.choices(list(DATUMS), list(DATUMS.values()))[0]
        is_frozen = "frozen" in outing.cheats and login in self._last_fix
        if is_frozen:
            self.world.truth.plant("frozen_fix", visit=outing.id)
        elif "out_of_fence" in outing.cheats:
            provider, accuracy = "gps", random.uniform(5, 25)
            distance = random.uniform(1500, 3000)
            place = geography.moved(outing.shop.door, distance, random.uniform(0, tau))
            self.world.truth.plant("out_of_fence", visit=outing.id, distance_m=round(distance))
        elif random.random() < MISTAGGED * self.world.preset.rates:
            told = random.choice([datum for datum in Datum if datum is not crs])
            self.world.truth.plant("mistagged_datum", visit=outing.id, sent=crs, told=told)
        position = to_datum(place, crs)
        fix = {
            "lat": position.lat,
            "lon": position.lon,
            "crs": str(told),
            "accuracy_m": round(accuracy, 1),
            "provider": provider,
            "fix_age_s": round(random.expovariate(0.3), 1),
            "is_mock": False if outing.rep.client in {"android", "ios"} else None,
        }
        if is_frozen:
            fix = dict(self._last_fix[login])
        if "mock" in outing.cheats:
            fix["is_mock"] = True
        if fix["is_mock"]:
            self.world.truth.plant("mock_location", visit=outing.id)
        self._last_fix[login] = fix
        return fix

    def _photos(self, outing: Outing, sent_at: datetime) -> list[dict[str, Any]]:
        """Take the visit's photos, send them, and return the manifest."""
        random = self.world.random
        reuses = "reused" in outing.cheats
        if not reuses and random.random() >= self.world.preset.photo_share:
            return []
        manifest = []
        for number in range(random.randint(1, 3)):
            photo_id, when = new_id(self.world), sent_at + timedelta(seconds=2 + number)
            jpeg = self._copy(outing, photo_id, when) if reuses and number == 0 else None
            jpeg = jpeg or self._take(outing, photo_id, when)
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

    def _take(self, outing: Outing, photo_id: UUID, sent_at: datetime) -> bytes:
        place = outing.shop.door
        jpeg = pictures.phone_jpeg(
            self.world.random.getrandbits(32),
            taken_at=(outing.came_at + outing.rep.skew).astimezone(BEIJING),
            lat=place.lat,
            lon=place.lon,
            model=outing.rep.model,
        )
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
