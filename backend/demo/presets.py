"""How much there is: provinces with their dealers, stores and people, and days of visits."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Province:
    """The network in one province: `dealers` sell to stores, one agent stands above them."""

    code: str
    prefectures: tuple[str, ...]
    dealers: int
    stores: int
    reps: int


@dataclass(frozen=True, slots=True)
class Area:
    """A sales area: its provinces and the one supervisor who answers for its reps."""

    code: str
    name: str
    supervisor: str
    provinces: tuple[Province, ...]


@dataclass(frozen=True, slots=True)
class Preset:
    """A size of the demonstration; `photo_share` of the visits carry pictures.

    `rates` multiplies how often the unusual happens, so that a small preset still has some of it.
    """

    areas: tuple[Area, ...]
    days: int
    photo_share: float
    rates: float = 1.0
    photo_size: tuple[int, int] = (160, 120)

    @property
    def provinces(self) -> tuple[Province, ...]:
        """Every province, area by area."""
        return tuple(province for area in self.areas for province in area.provinces)


_HUNAN = Province("430000", ("430100", "430600", "430700", "430400"), 8, 222, 4)
_GUANGDONG = Province("440000", ("440100", "441300", "440700", "440900"), 9, 270, 4)
_YUNNAN = Province("530000", ("530100", "530300"), 4, 108, 2)

PRESETS: dict[str, Preset] = {
    "demo": Preset(
        areas=(
            Area("HZ", "华中大区", "supervisor", (_HUNAN,)),
            Area("HN", "华南大区", "supervisor2", (_GUANGDONG, _YUNNAN)),
        ),
        days=90,
        photo_share=0.12,
        photo_size=(640, 480),
    ),
    "tiny": Preset(
        areas=(Area("HZ", "华中大区", "supervisor", (Province("430000", ("430100",), 2, 12, 2),)),),
        days=5,
        photo_share=0.8,
        rates=6.0,
    ),
}
