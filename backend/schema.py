"""The database schema: which migrations it still lacks."""

from pathlib import Path

from playhouse.migrations import Runner

from backend.platform.database import db

MIGRATIONS = Path(__file__).parent / "migrations"
OUTDATED = "The database is not up to date; run `python -m backend migrate` first."


def migrate() -> list[str]:
    """Apply every pending migration and return their names."""
    return Runner(db, directory=str(MIGRATIONS)).up()


def is_outdated() -> bool:
    """Return whether the database that is connected to lacks a migration."""
    return any(not one.applied for one in Runner(db, directory=str(MIGRATIONS)).status())
