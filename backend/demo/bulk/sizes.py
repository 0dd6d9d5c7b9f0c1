"""How large a bulk dataset is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Size:
    """So many of each, over a window of `days`.

    `dealers` sell to stores; agents of provinces and distributors of prefectures stand above them.
    `photo_share` of the visits carry photos: a row of a photo costs as much as all else of a visit.
    `rates` multiplies how often the unusual happens, so that a small one still has some of it.
    """

    provinces: int
    dealers: int
    stores: int
    reps: int
    supervisors: int
    days: int
    photo_share: float
    rates: float = 1.0


SIZES = {
    "std": Size(8, 220, 6_000, 96, 12, 180, photo_share=1.0),
    "bench": Size(31, 2_100, 60_000, 954, 106, 365, photo_share=0.12),
    "stress": Size(31, 8_000, 240_000, 3_800, 420, 28, photo_share=0.12),
    "nook": Size(2, 6, 60, 4, 2, 91, photo_share=0.8, rates=4.0),
}
