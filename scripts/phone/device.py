"""A phone with a wrong clock that talks HTTP, and the promises that are checked on the way."""

import base64
import hashlib
import http.client
import json
import random
import select
import uuid
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode, urlsplit
from zoneinfo import ZoneInfo

from backend.demo.pictures import phone_jpeg

BEIJING = ZoneInfo("Asia/Shanghai")
CLOCK_ERROR = timedelta(seconds=40)
PATIENCE_S = 30
CHANCE = random.SystemRandom()


class PromiseBrokenError(Exception):
    """The server did not do what it promises."""


class Phone:
    """A phone with a wrong clock: it talks HTTP and remembers what it took."""

    def __init__(self, url: str) -> None:
        self._url = urlsplit(url)
        self._headers = {"Accept": "application/json", "Accept-Language": "en"}
        self._started = datetime.now(UTC) - timedelta(hours=8)
        self.photos: dict[str, dict[str, bytes]] = {}

    def sign_in(self, login: str, password: str) -> dict:
        """Open a session on this device and keep its token."""
        device = {"device_id": f"phone-day-{login}", "device_name": "YAOSHI X1"}
        status, session = self.send(
            "POST", "/v1/sessions", {"login": login, "password": password} | device
        )
        promise(status == 201, f"signed in as {login}")
        self._headers["Authorization"] = f"Bearer {session['token']}"
        return session["person"]

    def get(self, path: str, **query: object) -> list | dict:
        """Return what is at an address."""
        status, answer = self.send("GET", f"{path}?{urlencode(query)}" if query else path)
        if status != 200:
            raise PromiseBrokenError(f"GET {path} answered {status}: {answer}")
        return answer

    def send(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        lose_answer: bool = False,
        **headers: str,
    ) -> tuple[int, dict]:
        """Send a request and return status and JSON; a lost answer is (0, {})."""
        content, kind = (body, "image/jpeg") if isinstance(body, bytes) else (None, None)
        if content is None and body is not None:
            content, kind = json.dumps(body).encode(), "application/json"
        if kind:
            headers["Content-Type"] = kind
        status, _, text = self._exchange(method, path, content, headers, lose_answer=lose_answer)
        return status, json.loads(text) if text else {}

    def _exchange(
        self,
        method: str,
        path: str,
        content: bytes | None,
        headers: dict[str, str],
        *,
        lose_answer: bool = False,
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        kinds = {"https": http.client.HTTPSConnection, "http": http.client.HTTPConnection}
        connection = kinds[self._url.scheme](self._url.netloc, timeout=PATIENCE_S)
        try:
            told = headers | self._headers | self._clock_headers()
            connection.request(method, path, content, told)
            if lose_answer:
                # The answer is on its way: hang up without reading it.
                select.select([connection.sock], [], [], PATIENCE_S)
                return 0, http.client.HTTPMessage(), b""
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def clock_at(self, moment: datetime) -> dict:
        """Return what the phone's clocks read at a moment."""
        return {
            "device_at": (moment + CLOCK_ERROR).astimezone(BEIJING).isoformat(),
            "elapsed_ms": int((moment - self._started).total_seconds() * 1000),
        }

    def _clock_headers(self) -> dict[str, str]:
        clock = self.clock_at(datetime.now(UTC))
        return {"Device-Time": clock["device_at"], "Device-Elapsed-Ms": str(clock["elapsed_ms"])}

    def put(self, path: str, body: object) -> dict:
        """Hand in what is new under an id of the phone's own, and once more: a replay."""
        status, answer = self.send("PUT", path, body)
        again, _ = self.send("PUT", path, body)
        if (status, again) != (201, 200):
            raise PromiseBrokenError(f"PUT {path} answered {status}, then {again}: {answer}")
        return answer

    def step(self, path: str, body: object, *, version: int) -> dict:
        """Take the next step of what was read in a version."""
        status, answer = self.send("POST", path, body, **{"If-Match": f'"{version}"'})
        if status != 200:
            raise PromiseBrokenError(f"POST {path} answered {status}: {answer}")
        return answer

    def take_photo(
        self,
        visit_id: str,
        store: dict,
        moment: datetime,
        subject: str,
        item: str | None = None,
    ) -> dict:
        """Take a picture in a store and return its line of the manifest."""
        point = store["point"]
        jpeg = phone_jpeg(
            CHANCE.getrandbits(32),
            taken_at=moment.astimezone(BEIJING),
            lat=point["lat"],
            lon=point["lon"],
        )
        photo_id = str(uuid.uuid4())
        self.photos.setdefault(visit_id, {})[photo_id] = jpeg
        return {
            "id": photo_id,
            "sha256": hashlib.sha256(jpeg).hexdigest(),
            "size_bytes": len(jpeg),
            "subject": subject,
            "item": item,
            "captured_at": moment.isoformat(),
            "capture_source": "in_app_camera",
        }

    def upload(self, visit_id: str, photo_id: str) -> int:
        """Send a photo's bytes with their digest and return the status."""
        jpeg = self.photos[visit_id][photo_id]
        digest = base64.b64encode(hashlib.sha256(jpeg).digest()).decode()
        path = f"/v1/visits/{visit_id}/photos/{photo_id}"
        status, _ = self.send("PUT", path, jpeg, **{"Repr-Digest": f"sha-256=:{digest}:"})
        return status

    def upload_in_pieces(self, visit_id: str, photo_id: str) -> list[int]:
        """Send a photo by tus, half of it, and the rest after asking how much is held.

        Return what was held after each request.
        """
        jpeg = self.photos[visit_id][photo_id]
        told = {"visit": visit_id, "photo": photo_id, "filetype": "image/jpeg"}
        words = [
            f"{name} {base64.b64encode(text.encode()).decode()}" for name, text in told.items()
        ]
        resumable = {"Tus-Resumable": "1.0.0"}
        whole = resumable | {"Upload-Length": str(len(jpeg)), "Upload-Metadata": ",".join(words)}
        _, begun, _ = self._exchange("POST", "/v1/uploads", None, whole)
        held = [0]
        for end in (len(jpeg) // 2, len(jpeg)):
            piece = resumable | {
                "Content-Type": "application/offset+octet-stream",
                "Upload-Offset": str(held[-1]),
            }
            self._exchange("PATCH", begun["Location"], jpeg[held[-1] : end], piece)
            _, found, _ = self._exchange("HEAD", begun["Location"], None, resumable)
            held.append(int(found["Upload-Offset"]))
        return held


def promise(kept: bool, what: str) -> None:  # noqa: FBT001  # reads as a sentence where it is used
    """Say what was kept, or stop at what was not."""
    if not kept:
        raise PromiseBrokenError(what)
    print(f"✓ {what}")
