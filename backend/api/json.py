"""JSON by orjson: faster, and strict about what is JSON."""

from typing import Any

import orjson
from flask.json.provider import JSONProvider


class OrjsonProvider(JSONProvider):
    """Flask's JSON, read and written by orjson; UUIDs and instants are written as text."""

    def dumps(self, obj: Any, **_: Any) -> str:
        """Return the JSON text of an object."""
        # Messages about the items of a list are keyed by their numbers.
        return orjson.dumps(obj, option=orjson.OPT_NON_STR_KEYS).decode()

    def loads(self, s: str | bytes, **_: Any) -> Any:
        """Read JSON text; nesting beyond a thousand levels is refused by the parser."""
        return orjson.loads(s)
