"""Operator commands: `python -m backend --help`."""

from pathlib import Path

import click
from playhouse.migrations import Runner

from backend.app import start
from backend.config import Config
from backend.platform.database import db

MIGRATIONS = Path(__file__).parent / "migrations"


def migrate() -> list[str]:
    """Apply every pending migration and return their names."""
    return Runner(db, directory=str(MIGRATIONS)).up()


@click.group()
def cli() -> None:
    """Xundian: the open backend of field sales."""


@cli.command("migrate")
def migrate_command() -> None:
    """Bring the database schema up to date."""
    start(Config.from_env())
    with db.connection_context():
        for name in migrate():
            click.echo(f"applied {name}")
