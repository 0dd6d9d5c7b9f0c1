"""Phones that keep each document until the server says yes to it."""

import json
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from http.client import HTTPConnection, HTTPException
from random import Random
from uuid import UUID, uuid4

from backend.network.models import Store
from backend.platform import clock
from backend.standards import checklists
from tests.factories import make_must_rule, make_person, make_price, make_sku, make_store
from tests.faults.checker import Promises
from tests.phone import announced, arrival, digest, findings
from tests.pictures import phone_jpeg
from tests.serving import PATIENCE_S, Request, token_for

AGAIN = {429, 503, 507}


@dataclass(frozen=True, slots=True)
class Item:
    """One document or photo to hand in, and how to note that the server has said yes."""

    request: Request
    note: Callable[[Promises], None]


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back for an item."""

    status: int
    retry_after: str | None
    body: bytes

    @property
    def json(self) -> dict:
        """The document in it."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Signed:
    """Builds what the phone of one signed-in person sends."""

    token: str

    def check_in(self, visit_id, document) -> Item:
        """Return a check-in."""
        return Item(
            self._put(f"/v1/visits/{visit_id}", document),
            lambda promises: promises.check_in(visit_id, document),
        )

    def report(self, visit_id, document) -> Item:
        """Return a report."""
        return Item(
            self._put(f"/v1/visits/{visit_id}/report", document),
            lambda promises: promises.report(visit_id, document),
        )

    def photo(self, visit_id, photo_id, content: bytes, **headers: str) -> Item:
        """Return a photo; with no headers named it declares its digest."""
        headers = {"Authorization": self.token, "Content-Type": "image/jpeg"} | (
            headers or digest(content)
        )
        return Item(
            Request("PUT", f"/v1/visits/{visit_id}/photos/{photo_id}", content, headers),
            lambda promises: promises.photo(visit_id, photo_id, content),
        )

    def batch(self, documents: Sequence[tuple[str, UUID, dict]]) -> Item:
        """Return check-ins and reports, each a kind, a visit and a document, to go together."""
        names = ("kind", "visit_id", "body")
        listed = [
            dict(zip(names, (kind, str(key), body), strict=True)) for kind, key, body in documents
        ]

        def note(promises: Promises) -> None:
            for kind, visit_id, body in documents:
                getattr(promises, kind)(visit_id, body)

        put = self._put("/v1/batches", {"items": listed})
        return Item(replace(put, method="POST"), note)

    def day(self, stores: Sequence[Store], sku_ids: Sequence[int], *, photos: int) -> list[Item]:
        """Return a visit to each store, one after another, with so many photos each."""
        items = []
        for number, store in enumerate(stores):
            visit_id, minutes = uuid4(), 20.0 * (number + 1)
            pictures = {uuid4(): phone_jpeg(store.id * 100 + n, (96, 72)) for n in range(photos)}
            document = findings(
                minutes=minutes - 15,
                products=[{"sku_id": sku, "listed": True, "stock": 1} for sku in sku_ids],
                prices=[{"sku_id": sku, "tag_fen": 150_000} for sku in sku_ids],
                photos=[announced(key, content) for key, content in pictures.items()],
            )
            items.append(self.check_in(visit_id, arrival(store, minutes=minutes)))
            items.append(self.report(visit_id, document))
            items += [self.photo(visit_id, *picture) for picture in pictures.items()]
        return items

    def _put(self, path: str, document) -> Request:
        headers = {"Authorization": self.token, "Content-Type": "application/json"}
        return Request("PUT", path, json.dumps(document).encode(), headers)


def sign_in() -> Signed:
    """Return the phone of a new person."""
    return Signed(token_for(make_person().id))


def days(people: int, visits: int, photos: int, random: Random) -> list[list[Item]]:
    """Return the shuffled day of each of some people, in stores with a standard to meet."""
    checklists.install_manual(at=clock.now())
    make_must_rule()
    skus = [make_sku(role="hero") for _ in range(3)]
    for sku in skus:
        make_price(sku)
    shuffled = []
    for _ in range(people):
        person = make_person()
        stores = [make_store(owner=person) for _ in range(visits)]
        items = Signed(token_for(person.id)).day(stores, [sku.id for sku in skus], photos=photos)
        random.shuffle(items)
        shuffled.append(items)
    return shuffled


def send(port: int, request: Request) -> Reply:
    """Send a request once over a connection of its own; return the reply when the server hangs up.

    By then the thread that answered has nothing more to do.
    """
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
    headers = request.headers | {"Connection": "close"}
    try:
        connection.connect()
        with connection.sock.dup() as line:
            line.settimeout(PATIENCE_S)
            connection.request(request.method, request.path, request.body, headers)
            answer = connection.getresponse()
            reply = Reply(answer.status, answer.headers["Retry-After"], answer.read())
            with suppress(OSError):  # it may have been killed since
                line.recv(1)
        return reply
    finally:
        connection.close()


def hand_in(
    port: int,
    items: Iterable[Item],
    promises: Promises,
    *,
    on_try: Callable[[], object] = lambda: None,
    before_retry: Callable[[], object] = lambda: None,
) -> list[Reply]:
    """Hand items in one by one, each as often as it takes; return every reply that came.

    A lost connection and a problem that says to try later are reasons to try again; any other
    refusal fails.
    """
    replies = []
    for item in items:
        while True:
            on_try()
            try:
                reply = send(port, item.request)
            except (OSError, HTTPException):
                before_retry()
                continue
            replies.append(reply)
            if reply.status in AGAIN:
                before_retry()
                continue
            assert reply.status in {200, 201, 202}, reply
            item.note(promises)
            break
    return replies
