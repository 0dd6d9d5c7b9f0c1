"""Photos through gunicorn against the same bytes and rows kept by bare calls.

Ours: 16 phones over keep-alive connections, gunicorn with 2 workers, distinct JPEGs of 250 kB
with their Repr-Digest, announced before by the reports of their visits; the first few are sent
before the clock starts. The ceiling: the same bytes written to a temporary file, synced, renamed
and the folder synced, then the photo's row as ours left it inserted in a durable transaction of
its own, in the same database and on the same disk; by one process, and by two at once.
"""

import base64
import hashlib
import io
import os
import pickle
import sqlite3
import statistics
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID, uuid4

import psycopg
from PIL import Image
from rich.progress import track

from backend.fieldwork.models import Visit
from backend.fieldwork.photo_models import Photo
from backend.platform.database import db, insert_rows, transaction
from backend.platform.models import LedgerEntry
from tests.factories import make_person, make_store, make_visit
from tests.serving import Request, drive, race, served, token_for

TITLE = "Intake of photos"
GOAL = "At least 40 % of the photos/s of bare synced files and rows"
CLIENTS, VISITS, PHOTOS, WARMING, RUNS = 16, 12, 5, 240, 5
COMMENT, COMMENTS = 60_000, 4  # bytes; a JPEG comment holds at most 65,533

Kept = tuple[str, bytes, tuple[Any, ...]]
"""A photo's SHA-256, its bytes and its row."""


def run(database_url: str, folder: Path) -> dict[str, str]:
    """Send the photos, keep the same ones barely, in turn, and return the figures."""
    chance = Random(5)  # noqa: S311  # the same photos each time
    plain = picture()
    bodies = [jpeg(plain, chance) for _ in range(CLIENTS * VISITS * PHOTOS)]
    by_sha256 = {hashlib.sha256(body).hexdigest(): body for body in bodies}
    ours, bare, took_ms = [], [], []
    for turn in track(range(RUNS), "photos"):
        with db.connection_context():
            requests = seed(by_sha256)
        with served(database_url, folder / f"ours-{turn}") as port:
            warm = drive(port, requests[:WARMING], clients=CLIENTS)
            answers = drive(port, requests[WARMING:], clients=CLIENTS)
        if {answer.status for answer in warm.all + answers.all} != {201}:
            raise RuntimeError(f"Not every photo was new: {answers.statuses}")
        ours.append(len(answers.all) / answers.seconds)
        took_ms += [answer.seconds * 1000 for answer in answers.all]
        with db.connection_context():
            statement, kept = rows_left(by_sha256)
        bare.append([ceiling(database_url, folder, statement, kept, n) for n in (1, 2)])
    took, mb = statistics.median(ours), len(bodies[0]) / 1e6
    one, two = (statistics.median(found) for found in zip(*bare, strict=True))
    return {
        "ours": f"{took:,.0f} photos/s of {mb * 1000:.0f} kB ({took * mb:.0f} MB/s), "
        f"p95 {statistics.quantiles(took_ms, n=20)[-1]:.0f} ms",
        "barely, by one process": f"{one:,.0f} photos/s, ratio {took / one:.0%}",
        "barely, by two": f"{two:,.0f} photos/s, ratio {took / two:.0%}",
        "by turn": ", ".join(
            f"{a:,.0f} of {b:,.0f} and {c:,.0f}" for a, (b, c) in zip(ours, bare, strict=True)
        ),
    }


def picture() -> bytes:
    """Return a small JPEG."""
    file = io.BytesIO()
    Image.effect_noise((160, 120), 80).convert("RGB").save(file, "JPEG")
    return file.getvalue()


def jpeg(plain: bytes, chance: Random) -> bytes:
    """Return the JPEG with random comments that make it one of its kind."""
    length = (COMMENT + 2).to_bytes(2, "big")
    comments = [b"\xff\xfe" + length + chance.randbytes(COMMENT) for _ in range(COMMENTS)]
    return plain[:2] + b"".join(comments) + plain[2:]


def seed(bodies: dict[str, bytes]) -> list[Request]:
    """Store reported visits that announce the photos, and return the photos to send.

    Every 16th is of the same salesperson: a client is one phone.
    """
    for table in (Photo, LedgerEntry, Visit):  # of the last turn
        table.delete().execute()
    with transaction():
        store = make_store()
        people = [make_person() for _ in range(CLIENTS)]
        tokens = [token_for(person.id) for person in people]
        visits = [
            [make_visit(store, person, status="reported").id for person in people]
            for _ in range(VISITS)
        ]
        announced, requests = [], []
        for number, (sha256, body) in enumerate(bodies.items()):
            turn, phone = divmod(number, CLIENTS)
            photo = photo_of(people[phone].id, visits[turn // PHOTOS][phone], sha256, len(body))
            announced.append(photo)
            requests.append(upload(photo, body, tokens[phone]))
        insert_rows(Photo, announced)
    return requests


def photo_of(person_id: int, visit_id: UUID, sha256: str, size: int) -> dict[str, Any]:
    """Return a photo as a report's manifest announces it."""
    return {
        "visit_id": visit_id,
        "id": uuid4(),
        "person": person_id,
        "is_declared": True,
        "declared_sha256": sha256,
        "declared_bytes": size,
        "subject": "storefront",
        "captured_at": datetime.now(UTC),
        "capture_source": "camera",
    }


def upload(photo: dict[str, Any], body: bytes, token: str) -> Request:
    """Return the request that hands the bytes in."""
    digest = base64.b64encode(bytes.fromhex(photo["declared_sha256"])).decode()
    headers = {"Authorization": token, "Content-Type": "image/jpeg"}
    headers |= {"Repr-Digest": f"sha-256=:{digest}:"}
    return Request("PUT", f"/v1/visits/{photo['visit_id']}/photos/{photo['id']}", body, headers)


def rows_left(bodies: dict[str, bytes]) -> tuple[str, list[Kept]]:
    """Take the photos' rows out of the database; return how to insert one, and all of them."""
    columns = [field.column_name for field in Photo._meta.sorted_fields]
    names = ", ".join(f'"{name}"' for name in columns)
    marks = ", ".join([db.param] * len(columns))
    hash_at = columns.index("sha256")
    found = db.execute_sql(f'SELECT {names} FROM "photo"').fetchall()  # noqa: S608
    Photo.delete().execute()
    kept = [(row[hash_at], bodies[row[hash_at]], row) for row in found]
    return f'INSERT INTO "photo" ({names}) VALUES ({marks})', kept  # noqa: S608


def ceiling(
    database_url: str, folder: Path, statement: str, kept: list[Kept], processes: int
) -> float:
    """Keep the photos by bare calls in so many processes, and return photos/s."""
    with db.connection_context():
        Photo.delete().execute()
    place = Path(tempfile.mkdtemp(dir=folder))
    for name in ("incoming", *(f"{number:02x}" for number in range(256))):
        (place / name).mkdir()
    commands = []
    for number in range(processes):
        share = place / f"share-{number}"
        share.write_bytes(pickle.dumps((statement, kept[number::processes])))
        commands.append([sys.executable, __file__, database_url, str(place), str(share)])
    return len(kept) / race(commands)


def keep(database_url: str, place: Path, statement: str, kept: list[Kept]) -> None:
    """Keep each photo: temporary file, sync, rename, sync of the folder, row."""
    if database_url.startswith("sqlite"):
        path = database_url.removeprefix("sqlite:///")
        connection = sqlite3.connect(path, 60, isolation_level=None)
        for pragma in ("journal_mode=wal", "synchronous=full", "foreign_keys=0"):
            connection.execute(f"PRAGMA {pragma}")
    else:
        connection = psycopg.connect(database_url, autocommit=True)
    cursor = connection.cursor()
    print("ready", flush=True)
    sys.stdin.readline()
    for sha256, body, row in kept:
        arrival, home = place / "incoming" / sha256, place / sha256[:2]
        fd = os.open(arrival, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        os.write(fd, body)
        os.fsync(fd)
        os.close(fd)
        arrival.rename(home / sha256)
        fd = os.open(home, os.O_RDONLY | os.O_DIRECTORY)
        os.fsync(fd)
        os.close(fd)
        cursor.execute(statement, row)  # its own transaction
    print("done", flush=True)


if __name__ == "__main__":
    keep(sys.argv[1], Path(sys.argv[2]), *pickle.loads(Path(sys.argv[3]).read_bytes()))
