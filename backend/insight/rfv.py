"""RFV: how recently, how often and for how much a customer buys, each as a score from 1 to 5."""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

HORIZON_DAYS = 365
FEWEST = 5
SCORES = 5


class Segment(StrEnum):
    """What the scores of a customer say together; the first that fits."""

    CHAMPIONS = "champions"
    LOYAL = "loyal"
    PROMISING = "promising"
    AT_RISK = "at_risk"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Buyer:
    """What a customer bought in the horizon.

    `days_since` is None when it never bought; `order_days` counts distinct days, `amount_fen` is
    net of returns.
    """

    code: str
    days_since: int | None
    order_days: int
    amount_fen: int


@dataclass(frozen=True, slots=True)
class Score:
    """The three scores of a customer, 0 where there is nothing to rank."""

    r: int
    f: int
    v: int

    @property
    def label(self) -> int:
        """The digits read as one number, as in 543."""
        return 100 * self.r + 10 * self.f + self.v

    @property
    def sum(self) -> int:
        """What to sort by."""
        return self.r + self.f + self.v

    @property
    def segment(self) -> Segment | None:
        """The named group, if it is in one."""
        r, f, v = self.r, self.f, self.v
        rules = (
            (Segment.CHAMPIONS, min(r, f, v) >= 4),
            (Segment.LOYAL, f >= 4),
            (Segment.PROMISING, r >= 4 and f <= 2),
            (Segment.AT_RISK, 1 <= r <= 2 and f >= 3),
            (Segment.LOST, r == 1 and f <= 2),
        )
        return next((segment for segment, fits in rules if fits), None)


@dataclass(frozen=True, slots=True)
class BestRule:
    """What makes a customer one of the best: money, breadth and habit."""

    amount_fen: int
    categories: int = 4
    order_days: int = 6

    def holds(self, *, amount_fen: int, categories: int, order_days: int) -> bool:
        """Return whether a year's purchases are those of one of the best."""
        return (
            amount_fen > self.amount_fen
            and categories >= self.categories
            and order_days >= self.order_days
        )


def scores(buyers: Iterable[Buyer]) -> dict[str, Score | None]:
    """Score every customer against all others.

    Sorted so that better comes last, the customer at position `pos` of n, counted from 0, scores
    floor(5 pos / n) + 1; equal ones share the lowest position. Whoever bought nothing, or for
    nothing, is scored 0 there and not ranked. Where fewer than five can be ranked nothing is
    said of them (None).
    """
    everyone = list(buyers)
    r = _by_rank({b.code: -b.days_since for b in everyone if b.days_since is not None})
    f = _by_rank({b.code: b.order_days for b in everyone if b.order_days > 0})
    v = _by_rank({b.code: b.amount_fen for b in everyone if b.amount_fen > 0})
    found: dict[str, Score | None] = {}
    for buyer in everyone:
        parts = [ranks.get(buyer.code, 0) for ranks in (r, f, v)]
        found[buyer.code] = None if None in parts else Score(*(part or 0 for part in parts))
    return found


def _by_rank(values: dict[str, int]) -> dict[str, int | None]:
    if len(values) < FEWEST:
        return dict.fromkeys(values)
    order = sorted(values.values())
    return {
        code: SCORES * bisect_left(order, value) // len(order) + 1 for code, value in values.items()
    }
