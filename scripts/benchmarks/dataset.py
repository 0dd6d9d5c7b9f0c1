"""How long datasets take to make and load, how large they are, and whether memory is bounded."""

import resource
import sys
import time
from datetime import date
from pathlib import Path

from rich.progress import Progress

from backend.demo import bulk
from backend.demo.bulk.sizes import SIZES as PRESETS
from backend.evidence.models import PhotoReading
from backend.fieldwork.models import Visit
from backend.platform.database import db, is_sqlite
from scripts.benchmarks.summaries import fresh

TITLE = "Dataset"
GOAL = "Datasets of up to two million visits in reasonable time on 2 cores, memory bounded"
SIZES = [6_000]
"""Stores: 6,000 is the preset std, 60,000 bench, 240,000 stress; smallest first."""
TODAY = date(2026, 11, 23)


def run(database_url: str, folder: Path) -> dict[str, object]:
    """Load the presets of these sizes, each into a database of its own, and say what it took."""
    found: dict[str, object] = {}
    for stores in SIZES:
        preset = next(name for name, size in PRESETS.items() if size.stores == stores)
        fresh(database_url, folder, f"bench_{preset}")
        measured = measure(preset, folder)
        found |= {f"{preset}, {what}": figure for what, figure in measured.items()}
    return found


def measure(preset: str, folder: Path) -> dict[str, object]:
    """Load a preset into the database that was set up, and return the figures."""
    started = time.perf_counter()
    with db.connection_context(), Progress(disable=not sys.stderr.isatty()) as bars:
        bulk.load(preset, 1, folder / "truth.json", bars, TODAY, with_rollups=False)
        took = time.perf_counter() - started
        visits, photos = Visit.select().count(), PhotoReading.select().count()
        size = _bytes()
    workers = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    writer = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "without figures": f"{took:,.0f} s, {visits / took:,.0f} visits/s",
        "visits, photos": f"{visits:,}, {photos:,}",
        "size of the database": f"{size / 2**30:.2f} GB",
        "peak memory": f"{writer:.0f} MB, and {workers:.0f} MB of each process that makes rows",
    }


def _bytes() -> int:
    if is_sqlite():
        pages, size = (
            db.execute_sql(f"PRAGMA {each}").fetchone()[0] for each in ("page_count", "page_size")
        )
        return int(pages * size)
    return int(db.execute_sql("SELECT pg_database_size(current_database())").fetchone()[0])
