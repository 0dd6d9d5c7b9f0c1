"""A private PostgreSQL cluster for the tests, on a free port, gone when they end."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

# One round trip: ends what an earlier test left open, deletes the rows of every table that has
# any (triggers off, so in any order) and lets ids start again.
EMPTY = """
DO $$ DECLARE name text; used boolean; BEGIN
  PERFORM pg_terminate_backend(pid, 5000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid();
  SET LOCAL session_replication_role = replica;
  FOR name IN SELECT tablename FROM pg_tables
    WHERE schemaname = 'public' AND tablename <> 'schema_migration' LOOP
    EXECUTE format('SELECT EXISTS (SELECT FROM %I)', name) INTO used;
    IF used THEN EXECUTE format('DELETE FROM %I', name); END IF;
  END LOOP;
  PERFORM setval(format('%I', sequencename)::regclass, 1, false) FROM pg_sequences
    WHERE schemaname = 'public' AND last_value IS NOT NULL;
END $$
"""
UNSAFE_BUT_FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


def binaries() -> Path:
    """Return the folder of the newest installed server's programs."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not versions:
        raise RuntimeError("PostgreSQL is not installed; `apt-get install postgresql`.")
    return versions[-1].parent


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def cluster(*settings: str) -> Iterator[str]:
    """Run a cluster and yield the address of its server, to which a database name is added.

    `settings` are `name=value` pairs for the server; durable by default.
    """
    folder = Path(mkdtemp(prefix="xundian-pg-"))
    port = free_port()
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
        run("initdb", "-D", folder / "data", "-U", "postgres", "-A", "trust", "-E", "UTF8")
        start(folder, port, *settings)
        yield f"postgresql://postgres@127.0.0.1:{port}"
    finally:
        run("pg_ctl", "-D", folder / "data", "-m", "immediate", "stop", check=False)
        shutil.rmtree(folder, ignore_errors=True)


def start(folder: Path, port: int, *settings: str) -> None:
    """Start the server of a cluster and wait until it answers."""
    options = [f"-p {port} -h 127.0.0.1 -k {folder}"]
    options += [f"-c {setting}" for setting in ("max_connections=200", *settings)]
    log = folder / "log"
    run("pg_ctl", "-D", folder / "data", "-l", log, "-w", "-o", " ".join(options), "start")


def run(program: str, *arguments: object, check: bool = True) -> None:
    """Run one of PostgreSQL's programs, as the user it insists on when we are root."""
    command = [str(binaries() / program), *map(str, arguments)]
    if os.geteuid() == 0:
        command = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", *command]
    subprocess.run(command, check=check, capture_output=True, cwd="/tmp")
