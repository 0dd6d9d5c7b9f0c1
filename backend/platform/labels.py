"""Codes that can say their names."""

from enum import StrEnum
from typing import Self


class Labelled(StrEnum):
    """A code that can say its name in Chinese (`zh`) and in English (`en`)."""

    _value_: str
    zh: str
    en: str

    def __new__(cls, code: str, zh: str = "", en: str = "") -> Self:  # to look one up, the code
        if not (zh and en):
            raise TypeError(f"{code} has no names")
        member = str.__new__(cls, code)
        member._value_ = code
        member.zh = zh
        member.en = en
        return member
