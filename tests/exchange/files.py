"""Exports as lines of text."""

from datetime import date

from backend.exchange import exports
from backend.exchange.catalogue import EXPORTS
from backend.exchange.exports import Wanted
from backend.insight.windows import Window
from backend.platform.actors import Role
from tests.factories import NOON, actor_of, make_person

MARCH = Window(date(2026, 3, 1), date(2026, 4, 1))


def exported(name: str, lang: str = "zh") -> list[str]:
    """Return the lines of an export of everything in March, without the header."""
    is_register = name in EXPORTS and EXPORTS[name].day is None
    window = None if is_register else MARCH
    actor = actor_of(make_person(Role.ADMIN))
    made = exports.make(actor, name, Wanted(window=window, lang=lang, bom=False), at=NOON)
    with made.csv.file as file:
        lines = file.read().decode().split("\r\n")
    assert "" == lines.pop()
    return lines[1:]
