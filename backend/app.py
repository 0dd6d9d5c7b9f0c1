"""The application factory: wires the parts together, and nothing else does."""

from collections.abc import Callable
from typing import Any

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from backend import api
from backend.config import Config
from backend.platform import blobs, database, settings


class App(Flask):
    """Flask whose views are all plain functions."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function; Flask asks at every step whether it has to be awaited."""
        return func


def create_app(config: Config | None = None) -> Flask:
    """Build one application from one explicit configuration."""
    config = config or Config.from_env()
    start(config)
    app = App(__name__, static_folder=None)
    app.config.from_mapping(config.as_flask())
    api.init_app(app)
    if config.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=config.proxies, x_proto=config.proxies)  # type: ignore[method-assign]
    return app


def start(config: Config) -> None:
    """Bind the settings, the database and the blob store, for a server, a worker or a command."""
    settings.bind(config)
    database.init(config)
    blobs.prepare()
