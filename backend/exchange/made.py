"""Made files: what an export came to, on record in the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from backend.exchange.csvfile import CsvFile
from backend.insight.windows import Span
from backend.platform import ledger
from backend.platform.actors import Actor
from backend.platform.database import transaction
from backend.platform.ledger import Head


@dataclass(frozen=True, slots=True)
class Made:
    """A complete export and the ledger's head once the export is on record.

    `filename` is ASCII and sorts by export; `shown_as` is in the language of the headers.
    """

    csv: CsvFile
    filename: str
    shown_as: str
    head: Head


def put_on_record(
    actor: Actor,
    export: str,
    csv: CsvFile,
    *,
    filters: Mapping[str, Any],
    named: tuple[str, str],
    at: datetime,
) -> Made:
    """Append a written file to the ledger; `named` are its `filename` and `shown_as`, bare."""
    with transaction():
        facts: dict[str, Any] = {"rows": csv.rows, "sha256": csv.sha256, "filters": filters}
        ledger.append(actor, "export.made", export, at=at, **facts)
    ledger.seal()
    filename, shown_as = (f"{name}.csv" for name in named)
    return Made(csv, filename, shown_as, ledger.head())


def days_of(span: Span) -> str:
    """Return the first and the last day, as the names of files have them."""
    return f"{span.from_on:%Y%m%d}-{span.last_on:%Y%m%d}"
