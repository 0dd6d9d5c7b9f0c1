"""What was planted, by kind: the answers that detectors and figures are checked against."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

import orjson


class Truth:
    """A list of planted facts per kind."""

    def __init__(self, **header: Any) -> None:
        self._header = header
        self._planted: dict[str, list[dict[str, Any]]] = defaultdict(list)

    def plant(self, kind: str, /, **facts: Any) -> None:
        """Write down one planted fact."""
        self._planted[kind].append(facts)

    def __getitem__(self, kind: str) -> list[dict[str, Any]]:
        return self._planted[kind]

    def write(self, path: Path) -> None:
        """Write everything to a file as JSON."""
        document = self._header | {kind: self._planted[kind] for kind in sorted(self._planted)}
        path.write_bytes(orjson.dumps(document, option=orjson.OPT_INDENT_2))
