"""Codes that people read out: labels, never keys.

Dealers and stores have hierarchical ones, `43-01-001-0001`: sales area, city agent, dealer,
store. A code that was issued once resolves to its owner for ever, so it is never issued again.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from peewee import IntegrityError

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
        raise BadCodeError(given=code, what="dealer", example=_example(widths[:-1]))


def check_store(code: str) -> None:
    """Require every level. Raises BadCodeError."""
    widths = _widths()
    if not _fits(code, widths):
        raise BadCodeError(given=code, what="store", example=_example(widths))


@contextmanager
def issuing(code: str) -> Iterator[None]:
    """Run the write that gives a dealer or store its code. Raises CodeTakenError."""
    with unique(code):
        yield
        # Asked after the write, which waited for whoever was giving this very code up.
        if CodeAlias.select().where(CodeAlias.code == code).exists():
            raise CodeTakenError(given=code)


@contextmanager
def reissuing(owner: Dealer | Store, code: str) -> Iterator[None]:
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
    CodeAlias.insert({CodeAlias.code: owner.code, link: owner.id}).execute()


@contextmanager
def unique(code: str) -> Iterator[None]:
    """Run a write that only the uniqueness of its code can break. Raises CodeTakenError."""
    try:
        with transaction():
            yield
    except IntegrityError:
        raise CodeTakenError(given=code) from None


def _widths() -> list[int]:
    return [int(width) for width in settings().code_widths.split("-")]


def _fits(code: str, widths: list[int]) -> bool:
    return [len(part) if part.isascii() and part.isdigit() else 0 for part in code.split("-")] == (
        widths
    )


def _example(widths: list[int]) -> str:
    return "-".join("1".zfill(width) for width in widths)
