"""Agreement: how far two people who judged the same photos say the same, beyond chance."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

Words = tuple[str, str]
"""What one reader said of a photo, and what the other did."""


class NoKappa(StrEnum):
    """Why there is no kappa."""

    NOTHING_READ_TWICE = "nothing_read_twice"
    NO_VARIATION = "no_variation"


@dataclass(frozen=True, slots=True)
class Agreement:
    """Photos that both read and that both said the same of; the share of them, and kappa.

    `rate` is None without photos; `kappa` is None where `null_reason` says why.
    """

    photos: int
    agreed: int
    rate: float | None
    kappa: float | None
    null_reason: NoKappa | None


def agreement(said: Mapping[Words, int]) -> Agreement:
    """Return the agreement of two readers from how often each pair of words was said.

    Cohen's kappa (Cohen 1960, A coefficient of agreement for nominal scales): (observed - chance)
    / (1 - chance), chance being the sum over words of the product of both readers' shares. Where
    both always said one and the same word, chance alone explains everything: no kappa.
    """
    photos = sum(said.values())
    if not photos:
        return Agreement(0, 0, None, None, NoKappa.NOTHING_READ_TWICE)
    agreed = sum(count for (one, other), count in said.items() if one == other)
    ones: Counter[str] = Counter()
    others: Counter[str] = Counter()
    for (one, other), count in said.items():
        ones[one] += count
        others[other] += count
    # Over photos squared, so that all is whole numbers until the one division.
    chance = sum(ones[word] * others[word] for word in ones)
    if chance == photos**2:
        return Agreement(photos, agreed, agreed / photos, None, NoKappa.NO_VARIATION)
    kappa = (agreed * photos - chance) / (photos**2 - chance)
    return Agreement(photos, agreed, agreed / photos, kappa, None)


def turned(said: Mapping[Words, int]) -> Counter[Words]:
    """Return the same counts with the readers the other way round."""
    return Counter({(other, one): count for (one, other), count in said.items()})
