"""How gunicorn serves Xundian: `gunicorn wsgi:app` in this folder reads it by itself.

Threads, so that a client on a weak network holds up one thread and nobody else.
"""

import gc
from typing import Any

bind = "127.0.0.1:8000"
worker_class = "gthread"
workers = 2
threads = 8
timeout = 120  # seconds without a heartbeat after which a process is replaced
graceful_timeout = 30
keepalive = 5
worker_tmp_dir = "/dev/shm"  # noqa: S108  # heartbeats must not wait for a busy disk
control_socket_disable = True  # processes are told by signals
STALL_S = 30


def on_starting(server: Any) -> None:
    """Refuse to serve a database that lacks a migration; one that is away may come back."""
    from peewee import InterfaceError, OperationalError  # noqa: PLC0415

    from backend import schema  # noqa: PLC0415
    from backend.app import start  # noqa: PLC0415
    from backend.config import Config  # noqa: PLC0415
    from backend.platform.database import db  # noqa: PLC0415

    start(Config.from_env())
    try:
        with db.connection_context():
            is_outdated = schema.is_outdated()
    except (InterfaceError, OperationalError) as error:
        server.log.warning("The database does not answer: %s", error)
        return
    if is_outdated:
        raise SystemExit(schema.OUTDATED)


def post_worker_init(worker: Any) -> None:
    """Leave half of the threads to what does not arrive in pieces; search no garbage in what stays.

    Everything is loaded by now, and one search of it holds up all threads for a tenth of a second.
    """
    from backend.platform.patience import seats  # noqa: PLC0415  # not before the worker can

    seats.count = max(worker.cfg.threads // 2, 1)
    gc.collect()
    gc.freeze()


def pre_request(worker: Any, request: Any) -> None:  # noqa: ARG001  # gunicorn's signature
    """Give up on a body of which nothing arrives for STALL_S seconds, or that is let go of."""
    from backend.platform.patience import attended  # noqa: PLC0415

    request.unreader.sock = attended(request.unreader.sock, silent_s=STALL_S)
