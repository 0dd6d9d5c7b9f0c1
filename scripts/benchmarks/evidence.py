"""What is made of photos: the search for repeats, the reading of one photo, and its memory.

Each section is a function that returns figures; a section is added by naming it in `SECTIONS`.

Repeats: readings of one year are stored, their fingerprints as skewed as real ones: halves of the
fingerprints of some hundred drawn scenes put together, with 15 % of the bits turned. Half of the
searches are for copies of stored photos within 5 bits, and each must be found; half for photos
that nobody handed in. A search is all that `repeats` asks for one photo: near fingerprints, then
the readings nearest in time; of five runs the fastest counts, by the clock. It is compared with
the processor time of decoding one 12-megapixel JPEG in the same run.

Detectors: the demonstration is loaded and every detector's word held against what was planted.

Reading: `images.analyse` against a bare decode of the same JPEG and two encodings of the sizes
and qualities of its copies. Memory: the peak of a fresh child, per kind of file.
"""

import io
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from uuid import UUID

from PIL import Image
from rich.progress import Progress, track

from backend import demo
from backend.demo import detection
from backend.evidence import images, repeats
from backend.evidence.decoding import Decoder
from backend.evidence.fingerprints import bands, dhash
from backend.evidence.models import PhotoReading
from backend.platform.database import db, is_sqlite
from backend.platform.settings import settings
from tests.pictures import phone_jpeg

TITLE = "Evidence: repeats, reading, memory"
GOAL = (
    "A search over 1,000,000 fingerprints at most 5 % of decoding a 12-megapixel JPEG, growing "
    "slower than linearly; reading it at most 1.6 × a bare decode and two encodings; child ≤ 200 MB"
)
SIZES = [100_000, 1_000_000]  # `--sizes` chooses others
SCENES, SEARCHES, RUNS, CHUNK = 200, 200, 7, 100_000
FIRST = datetime(2025, 6, 1, tzinfo=UTC)
COLUMNS = ("visit_id", "photo_id", "sha256", "received_at", "dhash", "band0", "band1", "band2")
MASK = (1 << 64) - 1


def run(_database_url: str, folder: Path) -> dict[str, str]:
    """Measure every section and return the figures."""
    figures = detectors(folder)
    for section in SECTIONS:
        figures |= section()
    return figures


def detectors(folder: Path) -> dict[str, str]:
    """Load the demonstration, and hold what is said of its visits against what was planted."""
    truth = folder / "truth.json"
    with db.connection_context(), Progress() as bars:
        demo.load("demo", 1, truth, bars)
        detected = detection.compare(json.loads(truth.read_text("utf-8")))
    return {
        name: f"recall {_share(found.recall)} of {found.planted} planted, "
        f"precision {_share(found.precision)}"
        for name, found in detected.items()
    }


def _share(share: float | None) -> str:
    return "-" if share is None else f"{share:.1%}"


def search() -> dict[str, str]:
    """Measure the search among more and more stored readings."""
    chance = Random(11)  # noqa: S311  # the same photos each time
    scenes = drawn_scenes()
    figures, stored = {}, 0
    with db.connection_context():
        for size in sorted(SIZES):
            store(stored, size, scenes, chance)
            stored = size
            decoded = decode_ms()
            took = search_ms(scenes, chance)
            middle, worst = statistics.median(took), statistics.quantiles(took, n=20)[-1]
            figures[f"search over {size:,}"] = (
                f"{middle:.2f} ms, p95 {worst:.2f} ms; {middle / decoded:.1%} of decoding "
                f"({decoded:.0f} ms)"
            )
    return figures


def drawn_scenes() -> list[int]:
    """Return the fingerprints of scenes, unsigned."""
    found = []
    for seed in range(SCENES):
        with Image.open(io.BytesIO(phone_jpeg(seed, (320, 240)))) as scene:
            found.append((dhash(scene) or 0) & MASK)
    return found


def invented(scenes: list[int], chance: Random) -> int:
    """Return a signed fingerprint of a photo nobody took, as alike to others as real ones."""
    upper, lower = chance.choice(scenes), chance.choice(scenes)
    noise = chance.getrandbits(64) & chance.getrandbits(64) & chance.getrandbits(64)
    noise |= chance.getrandbits(64) & chance.getrandbits(64) & chance.getrandbits(64) & noise
    bits = (upper & ~0xFFFF_FFFF | lower & 0xFFFF_FFFF) ^ noise
    return bits - (1 << 64) if bits >> 63 else bits


def store(start: int, end: int, scenes: list[int], chance: Random) -> None:
    """Store readings by the engine's fast path, then index them and let the engine look."""
    found = db.get_indexes("photo_reading")
    indexes = [index.sql for index in found if index.sql and "UNIQUE" not in index.sql]
    for index in found:
        if index.sql and "UNIQUE" not in index.sql:
            db.execute_sql(f'DROP INDEX "{index.name}"')
    for at in track(range(start, end, CHUNK), f"storing {end:,}"):
        write(rows(at, min(end, at + CHUNK), scenes, chance))
    for statement in indexes:
        db.execute_sql(statement)
    db.execute_sql("ANALYZE" if is_sqlite() else "VACUUM ANALYZE photo_reading")


def rows(start: int, end: int, scenes: list[int], chance: Random) -> Iterator[tuple[object, ...]]:
    """Yield readings, one of each visit, spread over a year by their number."""
    for number in range(start, end):
        fingerprint = invented(scenes, chance)
        at = FIRST + timedelta(seconds=number * 7919 % 31_000_000)
        name = UUID(int=number).hex
        yield name, name, f"{number:064x}", stamp(at), fingerprint, *bands(fingerprint)


def stamp(at: datetime) -> str:
    """Return an instant as both engines take it."""
    return at.replace(tzinfo=None).isoformat(" ", "microseconds")


def write(readings: Iterator[tuple[object, ...]]) -> None:
    """Insert readings."""
    names = ", ".join(f'"{name}"' for name in COLUMNS)
    connection = db.connection()
    if is_sqlite():
        marks = ", ".join("?" * len(COLUMNS))
        insert = f"INSERT INTO photo_reading ({names}) VALUES ({marks})"  # noqa: S608
        connection.execute("BEGIN")
        connection.executemany(insert, readings)
        connection.execute("COMMIT")
        return
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY photo_reading ({names}) FROM STDIN") as c,
    ):
        for reading in readings:
            c.write_row(reading)


def search_ms(scenes: list[int], chance: Random) -> list[float]:
    """Return how long each search took, once the engine is warm; a planted copy must be found."""
    count = PhotoReading.select().count()
    took = []
    for turn in range(SEARCHES + 20):
        planted = PhotoReading.get(PhotoReading.sha256 == f"{chance.randrange(count):064x}")
        fingerprint = invented(scenes, chance) if turn % 2 else planted.dhash & MASK
        if turn % 2 == 0:
            for bit in chance.sample(range(64), chance.randrange(6)):
                fingerprint ^= 1 << bit
            fingerprint = fingerprint - (1 << 64) if fingerprint >> 63 else fingerprint
        asked = PhotoReading(
            visit_id=UUID(int=1 << 100),
            photo_id=UUID(int=1 << 100),
            sha256="f" * 64,
            received_at=planted.received_at,
            dhash=fingerprint,
        )
        times = []
        for _ in range(5):
            begun = time.perf_counter()
            found = list(repeats._near(asked))
            times.append(1000 * (time.perf_counter() - begun))
        took.append(min(times))
        if turn % 2 == 0 and planted.photo_id not in {reading.photo_id for reading, _ in found}:
            raise RuntimeError(f"The copy of {planted.photo_id} was not found.")
    return took[20:]


def reading() -> dict[str, str]:
    """Measure the reading of one photo against what it cannot do without."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "photo"
        path.write_bytes(twelve_megapixels())
        copies = images.analyse(path, max_pixels=settings().max_pixels)
        ours = least_ms(lambda: images.analyse(path, max_pixels=settings().max_pixels))
    pictures = [opened(copy) for copy in (copies.display, copies.thumbnail)]

    def bare() -> None:
        opened(twelve_megapixels())
        for picture, quality in zip(pictures, (82, 75), strict=True):
            picture.save(io.BytesIO(), "JPEG", quality=quality, progressive=True)

    ceiling = least_ms(bare)
    return {
        "reading a 12-megapixel JPEG": f"{ours:.0f} ms of {ceiling:.0f} ms, {ours / ceiling:.2f} ×",
        "a copy to show": f"{len(copies.display) / 1000:.0f} kB",
    }


def memory() -> dict[str, str]:
    """Measure the peak of a fresh child, for the largest photos of each kind it takes."""
    kinds = {
        "JPEG, 12 MP": ((4000, 3000), "JPEG", {}),
        "JPEG, 50 MP": ((8160, 6120), "JPEG", {}),
        "progressive JPEG, 40 MP": ((7300, 5500), "JPEG", {"progressive": True}),
        "PNG, 33 MP": ((6700, 4950), "PNG", {"compress_level": 1}),
        "HEIC, 12 MP": ((4000, 3000), "HEIF", {"quality": 50}),
        "HEIC, 24 MP": ((5712, 4284), "HEIF", {"quality": 50}),
        "WebP, 9 MP": ((3450, 2600), "WEBP", {"method": 0}),
    }
    figures = {}
    scene = opened(phone_jpeg(1, (1000, 750)))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "photo"
        for name, (size, kind, options) in kinds.items():
            scene.resize(size).save(path, kind, **options)
            figures[name] = f"{peak_mb(path):.0f} MB"
    return {"peak memory of the child": ", ".join(f"{k}: {mb}" for k, mb in figures.items())}


def peak_mb(path: Path) -> float:
    """Return the peak memory of a fresh child that read a photo."""
    decoder = Decoder()
    decoder.analyse(path, max_pixels=settings().max_pixels)
    child = decoder._child
    status = Path(f"/proc/{child.pid}/status").read_text("utf-8")
    decoder.stop()
    (line,) = [each for each in status.splitlines() if each.startswith("VmHWM")]
    return int(line.split()[1]) * 1024 / 1e6


_kept: dict[str, bytes] = {}


def twelve_megapixels() -> bytes:
    """Return a photo of 4000 x 3000 pixels as phones write them."""
    if "jpeg" not in _kept:
        _kept["jpeg"] = phone_jpeg(1, (4000, 3000), quality=88)
    return _kept["jpeg"]


def opened(content: bytes) -> Image.Image:
    """Return a picture, decoded whole."""
    with Image.open(io.BytesIO(content)) as image:
        image.load()
        return image.copy() if image.mode != "RGB" else image


def decode_ms() -> float:
    """Return how long decoding a 12-megapixel JPEG takes."""
    return least_ms(lambda: opened(twelve_megapixels()))


def least_ms(what: Callable[[], object]) -> float:
    """Return the least processor time of some runs: what else the machine does counts little."""
    took = []
    for _ in range(RUNS):
        begun = time.process_time()
        what()
        took.append(time.process_time() - begun)
    return 1000 * min(took)


SECTIONS: list[Callable[[], dict[str, str]]] = [reading, memory, search]
