"""Codes that people read out: labels, never keys.

Dealers and stores have hierarchical ones, `43-01-001-0001`: sales area, city agent, dealer,
store. A code that was issued once resolves to its owner for ever, so it is never issued again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from peewee import IntegrityError, ModelSelect

from backend.network.models import CodeAlias, Dealer, Store
from backend.platform.database import transaction
from backend.platform.errors import ConflictError, RuleError
from backend.platform.settings import settings


class BadCodeError(RuleError):
    """The code does not have the digits that its level asks for."""

    code = "bad-code"
    title = "Not a code of this level"
    title_zh = "编码格式错误"
    detail = "{given} is not a {what} code, which is written like {example}."
    detail_zh = "{given} 不是有效的编码（{what}），格式如 {example}。"


class CodeTakenError(ConflictError):
    """The code belongs to something else, or once did."""

    code = "code-taken"
    title = "The code is taken"
    title_zh = "编码已被使用"
    detail = "The code {given} was issued before."
    detail_zh = "编码 {given} 已被使用过。"


def check_dealer(code: str) -> None:
    """Require one level or more, but not a store's. Raises BadCodeError."""
    widths = _widths()
    if not any(_fits(code, widths[:depth]) for depth in range(1, len(widths))):
        raise BadCodeError(given=code, what="dealer", example=_example(code, widths[:-1]))


def check_store(code: str) -> None:
    """Require every level. Raises BadCodeError."""
    widths = _widths()
    if not _fits(code, widths):
        raise BadCodeError(given=code, what="store", example=_example(code, widths))


@contextmanager
def issuing(code: str) -> Iterator[None]:
    """Run the write that gives a dealer or store its code. Raises CodeTakenError."""
    with unique(code):
        yield
        # Asked after the write, which waited for whoever was giving this very code up.
        if CodeAlias.select().where(CodeAlias.code == code).exists():
            raise CodeTakenError(given=code)


@contextmanager
def reissuing(owner: Dealer | Store, code: str, *, at: datetime) -> Iterator[None]:
    """Run the write that may change its owner's code; the former one still resolves.

    Going back to a former code of one's own is allowed. Raises CodeTakenError.
    """
    if code == owner.code:
        yield
        return
    link = CodeAlias.dealer if isinstance(owner, Dealer) else CodeAlias.store
    CodeAlias.delete().where(CodeAlias.code == code, link == owner.id).execute()
    with issuing(code):
        yield
    CodeAlias.insert(
        {CodeAlias.code: owner.code, link: owner.id, CodeAlias.retired_at: at}
    ).execute()


@contextmanager
def unique(code: str) -> Iterator[None]:
    """Run a write that only the uniqueness of its code can break. Raises CodeTakenError."""
    try:
        with transaction():
            yield
    except IntegrityError:
        raise CodeTakenError(given=code) from None


def former(owner: Dealer | Store) -> ModelSelect[CodeAlias]:
    """Return the codes that lead to a dealer or store besides its own, by code.

    When a code was given up is known since that is recorded.
    """
    link = CodeAlias.dealer if isinstance(owner, Dealer) else CodeAlias.store
    return CodeAlias.select().where(link == owner.id).order_by(CodeAlias.code)


def hand_over(old: Dealer | Store, new: Dealer | Store, *, at: datetime) -> list[str]:
    """Let every code of one lead to the other, in the caller's transaction; return the codes."""
    link = CodeAlias.dealer if isinstance(old, Dealer) else CodeAlias.store
    codes = [alias.code for alias in former(old)]
    CodeAlias.update({link: new.id}).where(link == old.id).execute()
    CodeAlias.insert({CodeAlias.code: old.code, link: new.id, CodeAlias.retired_at: at}).execute()
    return [old.code, *codes]


def with_check_digit(code: str) -> str:
    """Return a code with the digit that proves it when it is read out: Luhn, ISO/IEC 7812-1."""
    total = 0
    for place, digit in enumerate(reversed(code.replace("-", ""))):
        doubled = int(digit) * (2 - place % 2)
        total += doubled - 9 if doubled > 9 else doubled
    return f"{code}-{-total % 10}"


def _widths() -> list[int]:
    return [int(width) for width in settings().code_widths.split("-")]


def _fits(code: str, widths: list[int]) -> bool:
    if settings().code_check_digit:
        bare = code.rpartition("-")[0]
        return _is_written(bare, widths) and code == with_check_digit(bare)
    return _is_written(code, widths)


def _is_written(code: str, widths: list[int]) -> bool:
    return [len(part) if part.isascii() and part.isdigit() else 0 for part in code.split("-")] == (
        widths
    )


def _example(given: str, widths: list[int]) -> str:
    """Return a code of the widths: the one given, where only its check digit is wrong."""
    example = "-".join("1".zfill(width) for width in widths)
    if not settings().code_check_digit:
        return example
    bare = given.rpartition("-")[0]
    return with_check_digit(bare if _is_written(bare, widths) else example)
