"""Fields that several shapes of the office share."""

from collections.abc import Iterable
from typing import Any

import marshmallow as ma

from backend.network.positions import Datum
from schemas.base import Day, QuerySchema, whole

LARGEST_ID = 2**31 - 1


def row_id(**kwargs: Any) -> ma.fields.Integer:
    """Return a field for the id of a row, in a body."""
    metadata = {"example": 17} | kwargs.pop("metadata", {})
    return whole(1, LARGEST_ID, metadata=metadata, **kwargs)


def asked_id(what: str) -> ma.fields.Integer:
    """Return a field for an id to filter by, in a query."""
    return ma.fields.Integer(
        validate=ma.validate.Range(1, LARGEST_ID), metadata={"description": what}
    )


def one_of(codes: Iterable[str], **kwargs: Any) -> ma.fields.String:
    """Return a field for one of some codes, the first of them the example."""
    choices = [str(code) for code in codes]
    kwargs["metadata"] = {"example": choices[0]} | kwargs.get("metadata", {})
    return ma.fields.String(validate=ma.validate.OneOf(choices), **kwargs)


def list_of(codes: Iterable[str], most: int = 50, **kwargs: Any) -> ma.fields.List[str]:
    """Return a field for a list, possibly empty, of some codes."""
    limit = ma.validate.Length(max=most)
    return ma.fields.List(one_of(codes), validate=limit, **{"load_default": list} | kwargs)


def each_once(rows: list[dict[str, Any]], key: str, complaint: str) -> None:
    """Refuse a list that names one thing twice; a row in error may lack the key."""
    named = [row[key] for row in rows if key in row]
    if len(set(named)) < len(named):
        raise ma.ValidationError(complaint)


def a_day(example: str = "2026-03-02", **kwargs: Any) -> Day:
    """Return a field for a calendar day."""
    return Day(metadata={"example": example} | kwargs.pop("metadata", {}), **kwargs)


def window_day(which: str, example: str, *, of: str = "window") -> Day:
    """Return a field for the first day of an answered window (`from`), or the one after (`to`)."""
    return Day(
        required=True, data_key=which, attribute=f"{of}.{which}_on", metadata={"example": example}
    )


class FileFields:
    """How a file of comma-separated values is to be."""

    lang = one_of(
        ["zh", "en"],
        load_default="zh",
        metadata={"description": "Language of the headers and labels"},
    )
    bom = ma.fields.Boolean(
        load_default=True,
        metadata={"description": "Begin with a byte order mark, without which Excel garbles UTF-8"},
    )


class DatumQuerySchema(QuerySchema):
    """In which datum points are wanted."""

    crs = one_of(
        Datum, load_default="wgs84", metadata={"description": "Datum of points in the answer"}
    )
