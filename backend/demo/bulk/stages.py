"""What every kind of row of a team's visits is made from."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

import numpy as np

from backend.demo.bulk.findings import Findings
from backend.demo.bulk.network import Team
from backend.demo.bulk.offer import Offer
from backend.demo.bulk.pages import Array, Cells, instants
from backend.demo.bulk.schedule import Plans, Visits


@dataclass(slots=True)
class Stage:
    """What belongs to a team's visits and is needed by every kind of row: ids, people, places."""

    team: Team
    offer: Offer
    plans: Plans
    visits: Visits
    found: Findings
    start: date
    epoch: int
    ids: Cells
    person: Cells
    has_photos: Array
    seen: defaultdict[int, list[str]]
    shelves: dict[str, Array] = field(default_factory=dict)
    """The product lines as they were written, by column."""
    signage: Array = field(default_factory=lambda: np.zeros((0, 4)))
    """Signage and mandatory passes with what they are of, by visit; nan where not judged."""
    achieved: Array = field(default_factory=lambda: np.zeros(0, int))
    """What came of each visit, a bit for each achievement; -1 where nobody asked."""
    scores: Array = field(default_factory=lambda: np.zeros(0, int))
    """How doubtful each visit is; 0 where it was not completed."""

    def moments(self, seconds: Array, *, null: Array | None = None) -> Cells:
        """Return instants given in seconds of the window."""
        return instants(self.epoch + np.asarray(seconds), null=null)
