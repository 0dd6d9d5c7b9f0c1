"""Bodies made to hurt: each gets a documented problem or the quarantine, and leaves no trace."""

import gzip
import json
from io import BytesIO
from uuid import uuid4

import pytest

from backend import worker
from backend.fieldwork.models import Report, Visit
from backend.fieldwork.photo_models import Photo
from tests.client import Client
from tests.factories import make_person, make_store
from tests.faults import checker
from tests.phone import Phone, announced, arrival, findings
from tests.pictures import bomb_png, phone_jpeg, text_as_jpeg, truncated


@pytest.fixture
def rep(app):  # noqa: ARG001  # needs the database
    return make_person()


@pytest.fixture
def phone(client: Client, rep):
    return Phone(client.as_(rep))


@pytest.fixture
def store(rep):
    return make_store(owner=rep)


def nested(levels: int) -> bytes:
    """Return that many lists in each other."""
    return b"[" * levels + b"]" * levels


def with_note(raw: bytes) -> bytes:
    """Return a report one of whose notes is this piece of JSON, unescaped."""
    document = findings(answers=[{"line": "x", "note": "NOTE"}])
    return json.dumps(document).encode().replace(b'"NOTE"', raw)


def with_stock(raw: bytes) -> bytes:
    """Return a report that counts this piece of JSON of a product."""
    document = findings(products=[{"sku_id": 1, "stock": 4711}])
    return json.dumps(document).encode().replace(b"4711", raw)


BODIES = {
    "two thousand levels": nested(2_000),
    "a hundred thousand levels": nested(100_000),
    "levels inside a report": with_note(nested(2_000)),
    "ten thousand lines": json.dumps(
        findings(products=[{"sku_id": n + 1} for n in range(10_000)])
    ).encode(),
    "a hundred thousand keys": json.dumps(
        findings() | {f"k{n}": n for n in range(100_000)}
    ).encode(),
    "no UTF-8": with_note(b'"\xff\xfe\x80"'),
    "an escaped NUL": with_note(b'"a\\u0000b"'),
    "a raw NUL": with_note(b'"a\x00b"'),
    "a lone surrogate": with_note(b'"\\ud800"'),
    "half a surrogate in bytes": with_note(b'"\xed\xa0\x80"'),
    "a huge whole number": with_stock(b"9" * 5_000),
    "more than 64 bits": with_stock(b"18446744073709551617"),
    "a number with a huge exponent": with_stock(b"1e999"),
    "NaN": with_stock(b"NaN"),
    "Infinity": with_stock(b"-Infinity"),
    "truth as a number": with_stock(b"true"),
    "a number as text": with_stock(b'"4"'),
    "packed": gzip.compress(json.dumps(findings()).encode()),
    "nothing": b"",
    "null": b"null",
    "a list": b"[]",
    "text": b'"report"',
    "UTF-16": json.dumps(findings()).encode("utf-16"),
    "zeros": bytes(1_000_000),
}


@pytest.mark.parametrize("name", BODIES)
def test_documents_are_refused_with_a_reason(phone, store, name):
    visit_id = uuid4()
    phone.check_in(store, visit_id)
    packed = {"Content-Encoding": "gzip"} if name == "packed" else {}

    for method, url in (
        ("PUT", f"/v1/visits/{uuid4()}"),
        ("PUT", f"/v1/visits/{visit_id}/report"),
        ("POST", "/v1/batches"),
    ):
        answer = phone.client.open(
            url,
            method=method,
            data=BODIES[name],
            content_type="application/json",
            headers=packed,
        )
        assert answer.status_code in {400, 413, 422}, (url, answer.data)
        assert "application/problem+json" == answer.mimetype
        assert answer.json["type"].startswith("urn:xundian:problem:")

    assert (1, 0) == (Visit.select().count(), Report.select().count())
    assert "open" == phone.receipt(visit_id)["status"]
    checker.check(checker.Promises())


@pytest.mark.parametrize("name", ["levels inside a report", "an escaped NUL", "NaN", "Infinity"])
def test_a_hostile_item_of_a_batch_costs_only_itself_or_the_batch_is_refused(phone, store, name):
    visit_id = uuid4()
    good = {"kind": "check_in", "visit_id": str(visit_id), "body": arrival(store)}
    bad = {"kind": "report", "visit_id": str(visit_id), "body": "BAD"}
    body = json.dumps({"items": [good, bad]}).encode().replace(b'"BAD"', BODIES[name])

    answer = phone.client.post("/v1/batches", data=body, content_type="application/json")

    results = [result["result"] for result in answer.json.get("results", ())]
    assert (answer.status_code, results) in [(200, ["created", "invalid"]), (400, [])]
    assert (len(results) // 2, 0) == (Visit.select().count(), Report.select().count())
    checker.check(checker.Promises())


@pytest.mark.parametrize("path", ["photos/{id}", "report"])
def test_a_gigabyte_that_is_only_announced_is_refused_unread(phone, path):
    zeros = BytesIO(bytes(10_000))

    answer = phone.client.put(
        f"/v1/visits/{uuid4()}/{path.format(id=uuid4())}",
        input_stream=zeros,
        environ_overrides={"CONTENT_LENGTH": str(10**9)},
        content_type="image/jpeg" if "photos" in path else "application/json",
    )

    assert (413, "urn:xundian:problem:too-large") == (answer.status_code, answer.json["type"])
    assert 0 == zeros.tell()
    assert (0, 0) == (Photo.select().count(), Report.select().count())


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param(bomb_png(10_000, 6_000), "too-many-pixels", id="bomb"),
        pytest.param(bomb_png(2**31 - 1, 2**31 - 1), "too-many-pixels", id="greatest-bomb"),
        pytest.param(text_as_jpeg(), "unreadable-photo", id="text"),
        pytest.param(truncated(phone_jpeg()), "unreadable-photo", id="half"),
        pytest.param(gzip.compress(phone_jpeg()), "unreadable-photo", id="packed"),
        pytest.param(b"\0", "unreadable-photo", id="one-byte"),
        pytest.param(bytes(1_000_000), "unreadable-photo", id="zeros"),
    ],
)
def test_pictures_are_kept_and_quarantined(phone, store, content, reason):
    visit_id, photo_id, promises = uuid4(), uuid4(), checker.Promises()
    phone.check_in(store, visit_id)
    phone.report(visit_id, photos=[announced(photo_id, content)])
    promises.photo(visit_id, photo_id, content)

    answer = phone.photo(visit_id, photo_id, content)
    worker.run_until_idle()

    (photo,) = phone.receipt(visit_id)["photos"]
    assert 201 == answer.status_code
    assert ("quarantined", reason) == (photo["state"], photo["reason"])
    checker.check(promises)
