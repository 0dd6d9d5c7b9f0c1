"""Operator commands: `python -m backend --help`."""

import logging
import secrets
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

import click
from peewee import InterfaceError, OperationalError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from backend import serve
from backend.app import start
from backend.config import Config, ConfigError
from backend.evidence import custody
from backend.exchange import manifest_check
from backend.insight import rollups
from backend.network import people, regions
from backend.network.models import Region
from backend.platform import clock, ledger
from backend.platform.actors import Role
from backend.platform.database import db
from backend.platform.errors import XundianError
from backend.platform.ledger import BrokenChainError
from backend.schema import OUTDATED, is_outdated, migrate
from backend.standards import checklists, scorecard_weights

screen = Console()


@contextmanager
def migrated_database() -> Iterator[None]:
    """Connect to the database; refuse one that lacks a migration, before anything half works."""
    with db.connection_context():
        if is_outdated():
            raise click.ClickException(OUTDATED)
        yield


def progress() -> Progress:
    """Return a progress bar for counted work, silent about speed."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
    )


@click.group()
@click.pass_context
def cli(context: click.Context) -> None:
    """Xundian: the open backend of field sales."""
    if context.invoked_subcommand == "verify-custody":
        return
    try:
        start(Config.from_env())
    except ConfigError as error:
        raise click.ClickException(str(error)) from None


@cli.command()
@click.option("--bind", default="127.0.0.1:8000", show_default=True, help="Address to listen on.")
@click.option("--workers", default=2, show_default=True, help="Server processes.")
@click.option("--threads", default=8, show_default=True, help="Threads of each.")
def run(bind: str, workers: int, threads: int) -> None:
    """Serve the API and work in the background until Ctrl-C."""
    with migrated_database():
        pass
    click.echo(f"http://{bind}/docs/ shows the API; Ctrl-C stops everything.", err=True)
    sys.exit(serve.together(bind, workers, threads))


@cli.command()
def worker() -> None:
    """Work in the background until told to stop."""
    from backend import worker as background  # noqa: PLC0415  # reads pictures: slow to import

    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s")
    # Of a database that is away the worker says so itself, and waits for it.
    with suppress(InterfaceError, OperationalError), migrated_database():
        pass
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    background.run(stop)


@cli.command("migrate")
def migrate_command() -> None:
    """Bring the database schema up to date."""
    with db.connection_context():
        for name in migrate():
            click.echo(f"applied {name}")


@cli.command()
@click.option("--preset", default="demo", show_default=True, help="How much there is.")
@click.option("--seed", default=1, show_default=True, help="The same seed makes the same rows.")
@click.option(
    "--truth",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("instance/truth.json"),
    show_default=True,
    help="Where to write down what was planted.",
)
@click.option("--if-empty", is_flag=True, help="Do nothing when there are people already.")
@click.option("--no-rollups", is_flag=True, help="Of a bulk preset: leave the figures unmade.")
def demo(preset: str, seed: int, truth: Path, *, if_empty: bool, no_rollups: bool) -> None:
    """Fill an empty database with a fictional brand, and print one login per role.

    The presets std, bench and stress are loaded in bulk.
    """
    from backend import demo as fiction  # noqa: PLC0415  # only this command needs it
    from backend.demo import bulk  # noqa: PLC0415
    from backend.demo.bulk.sizes import SIZES  # noqa: PLC0415
    from backend.demo.presets import PRESETS  # noqa: PLC0415

    if preset not in {*PRESETS, *SIZES}:
        known = ", ".join([*PRESETS, *SIZES])
        raise click.ClickException(f"There is no preset {preset}; try {known}.")
    with migrated_database():
        if fiction.is_empty():
            truth.parent.mkdir(parents=True, exist_ok=True)
            with progress() as bars:
                if preset in SIZES:
                    today = clock.business_date(clock.now())
                    logins = bulk.load(
                        preset, seed, truth, bars, today, with_rollups=not no_rollups
                    )
                else:
                    logins = fiction.load(preset, seed, truth, bars)
        elif if_empty:
            logins = fiction.logins()
        else:
            raise click.ClickException("There is data already; the demo needs an empty database.")
    table = Table("role", "login", "password")
    for login in logins:
        table.add_row(*login)
    screen.print(table)


@cli.command("install-manual")
def install_manual() -> None:
    """Store the manual's checklists, and weights of the scorecard, for the three tiers."""
    with migrated_database():
        new = checklists.install_manual(at=clock.now())
        scorecard_weights.install(at=clock.now())
    click.echo(
        "3 checklists are in force; their next versions, with the display principles, are drafts"
        if new
        else "the manual's checklists are there already"
    )


@cli.command("rebuild-rollups")
def rebuild_rollups() -> None:
    """Work out again, from the rows, what figures are added up from."""
    with migrated_database(), progress() as bars:
        bar = bars.add_task("rebuilding", total=rollups.days_of(rollups.span()))
        days = rollups.rebuild(lambda count: bars.advance(bar, count))
    click.echo(f"{days} days are worked out again")


@cli.command("verify-ledger")
def verify_ledger() -> None:
    """Prove that no accepted write was changed or removed."""
    with migrated_database(), progress() as bars:
        bar = bars.add_task("verifying", total=ledger.head().seq)
        head = ledger.Head(0, ledger.GENESIS)
        try:
            for head in ledger.verify():
                bars.update(bar, completed=head.seq)
        except BrokenChainError as error:
            raise click.ClickException(str(error)) from None
    click.echo(f"{head.seq} entries verify; the head is {head.hash}")


@cli.command("verify-blobs")
def verify_blobs() -> None:
    """Prove that every photo is there, byte for byte."""
    with migrated_database(), progress() as bars:
        promised = custody.promised()
        checks = bars.track(custody.verify(promised), total=len(promised), description="hashing")
        bad = [(sha256, why) for sha256, why in checks if why]
    for sha256, why in bad:
        click.echo(f"{sha256} {why}")
    if bad:
        raise click.ClickException(f"{len(bad)} of {len(promised)} blobs are not as promised.")
    click.echo(f"{len(promised)} blobs are as promised")


@cli.command("verify-custody", context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, metavar="MANIFEST FOLDER [--head SEQ:HASH]")
def verify_custody(arguments: tuple[str, ...]) -> None:
    """Check files against a manifest of photos, without the database."""
    sys.exit(manifest_check.main(arguments))


@cli.command("create-user")
@click.option("--login", prompt=True)
@click.option("--name", prompt=True)
@click.option("--role", prompt=True, type=click.Choice([str(role) for role in Role]))
@click.option("--region", prompt="Region code", help="Code of the region whose subtree they see.")
@click.option("--password", help="Left out: one is made and printed.")
def create_user(login: str, name: str, role: str, region: str, password: str | None) -> None:
    """Enrol a person who can sign in."""
    chosen, at = password or secrets.token_urlsafe(12), clock.now()
    try:
        with migrated_database():
            place = _region(region, at)
            people.create(
                None,
                login=login,
                name=name,
                role=Role(role),
                region_id=place.id,
                password=chosen,
                at=at,
            )
    except XundianError as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{login} can sign in" + ("" if password else f" with the password {chosen}"))


def _region(code: str, at: datetime) -> Region:
    """Return the region with a code; the first person's region is planted as the root."""
    if not Region.select().exists():
        return regions.create(None, code=code, name=code, at=at)
    region = Region.get_or_none(Region.code == code)
    if region is None:
        raise click.ClickException(f"There is no region with the code {code}.")
    return region
