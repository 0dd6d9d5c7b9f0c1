"""The configuration in force, bound once when the process starts."""

from backend.config import Config

_bound: list[Config] = []


def bind(config: Config) -> None:
    """Make a configuration the one in force."""
    _bound[:] = [config]


def settings() -> Config:
    """Return the configuration in force."""
    return _bound[0]
