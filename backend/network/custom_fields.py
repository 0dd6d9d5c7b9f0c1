"""Custom fields: what a brand wants to know of its dealers or stores that no one else asks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from peewee import ModelSelect

from backend.network import codes
from backend.network.archive_models import CustomField, CustomValue
from backend.network.customers import about
from backend.network.words import FieldKind, Subject
from backend.platform import ledger
from backend.platform.actors import Actor
from backend.platform.database import insert_rows, transaction
from backend.platform.errors import NotFoundError, RuleError, StaleError

LONGEST_TEXT = 500
LARGEST = 10**12


class NoOptionsError(RuleError):
    """Only a choice has options, and it needs two at least."""

    code = "field-options"
    title = "Options do not fit the kind"
    title_zh = "选项与字段类型不符"
    detail = "A choice needs two different options or more; a field of kind {kind} has none."
    detail_zh = "单选字段至少需要两个不同的选项；{kind} 类型的字段不能有选项。"


class UnknownFieldError(RuleError):
    """The brand defined no such field here, or retired it."""

    code = "unknown-field"
    title = "No such custom field"
    title_zh = "自定义字段不存在"
    detail = "There is no field {field} in the archive of a {subject}."
    detail_zh = "{subject} 档案中没有自定义字段 {field}。"


class WrongValueError(RuleError):
    """The value is not what the field holds."""

    code = "wrong-value"
    title = "Not a value of this field"
    title_zh = "字段值无效"
    detail = "The field {field} holds a {kind}; this is none: {given}."
    detail_zh = "字段 {field} 的类型为 {kind}，值 {given} 无效。"


class RequiredValueError(RuleError):
    """A field that is required may be filled, not emptied."""

    code = "value-required"
    title = "The field must keep a value"
    title_zh = "该字段必填"
    detail = "The field {field} is required and cannot be emptied."
    detail_zh = "字段 {field} 为必填，不能清空。"


def list_fields(subject: str | None = None, *, retired: bool = False) -> ModelSelect[CustomField]:
    """Return the fields of dealers, stores or both, by code; without those that were retired."""
    fields = CustomField.select().order_by(CustomField.subject, CustomField.code)
    if subject is not None:
        fields = fields.where(CustomField.subject == subject)
    return fields if retired else fields.where(CustomField.retired_at.is_null())


def required(subject: Subject) -> list[CustomField]:
    """Return the fields that an archive is incomplete without."""
    return list(list_fields(subject).where(CustomField.is_required))


def define(
    actor: Actor,
    *,
    subject: str,
    code: str,
    label_zh: str,
    label_en: str,
    kind: str,
    options: list[str],
    is_required: bool,
    at: datetime,
) -> CustomField:
    """Add a field. Raises NoOptionsError, or CodeTakenError for a code of this subject."""
    _check_options(kind, options)
    with codes.unique(code):
        field = CustomField.create(
            subject=subject,
            code=code,
            label_zh=label_zh,
            label_en=label_en,
            kind=kind,
            options=options,
            is_required=is_required,
            version=1,
        )
        ledger.append(actor, "field.defined", field.id, at=at, subject=subject, code=code)
    return field


def amend(
    actor: Actor, field_id: int, *, version: int, at: datetime, **changes: Any
) -> CustomField:
    """Change labels, options, or whether it is required, or retire it for good.

    Values that were entered stay. Raises NotFoundError, NoOptionsError or StaleError.
    """
    with transaction():
        field = CustomField.get_or_none(CustomField.id == field_id)
        if field is None:
            raise NotFoundError(what="field")
        _check_options(field.kind, changes.get("options", field.options))
        columns = dict(changes)
        if columns.pop("is_retired", False):
            columns["retired_at"] = field.retired_at or at
        changed = (
            CustomField.update(**columns, version=version + 1)
            .where(CustomField.id == field_id, CustomField.version == version)
            .execute()
        )
        if not changed:
            raise StaleError(version=field.version)
        ledger.append(actor, "field.amended", field_id, at=at, fields=sorted(changes))
    amended: CustomField = CustomField.get_by_id(field_id)
    return amended


def values(subject: Subject, customer_id: int) -> dict[str, Any]:
    """Return what the fields in use hold for one dealer or store, by code; null where empty."""
    held = (
        CustomField.select(CustomField.code, CustomValue.value)
        .left_outer_join(
            CustomValue,
            on=(CustomValue.field == CustomField.id) & about(CustomValue, subject, customer_id),
        )
        .where(CustomField.subject == subject, CustomField.retired_at.is_null())
        .order_by(CustomField.code)
        .tuples()
    )
    return dict(held)  # type: ignore[arg-type]  # tuples


def fill(subject: Subject, customer_id: int, given: Mapping[str, Any]) -> None:
    """Set values by code, in the caller's transaction; None empties one.

    Raises UnknownFieldError, WrongValueError or RequiredValueError.
    """
    fields = {field.code: field for field in list_fields(subject)} if given else {}
    for code, value in given.items():
        field = fields.get(code)
        if field is None:
            raise UnknownFieldError(field=code, subject=str(subject))
        if value is None and field.is_required:
            raise RequiredValueError(field=code)
        if value is not None:
            _check_value(field, value)
        here = (CustomValue.field == field.id) & about(CustomValue, subject, customer_id)
        CustomValue.delete().where(here).execute()
        if value is not None:
            owner = {"dealer": None, "store": None} | {str(subject): customer_id}
            insert_rows(CustomValue, [{"field": field.id, **owner, "value": value}])


def _check_options(kind: str, options: list[str]) -> None:
    least = 2 if kind == FieldKind.CHOICE else 0
    most = 50 if kind == FieldKind.CHOICE else 0
    if not least <= len(set(options)) == len(options) <= most:
        raise NoOptionsError(kind=kind)


def _check_value(field: CustomField, value: Any) -> None:
    fits = {
        FieldKind.TEXT: lambda: isinstance(value, str) and 0 < len(value) <= LONGEST_TEXT,
        FieldKind.NUMBER: lambda: (
            isinstance(value, int | float)
            and not isinstance(value, bool)
            and -LARGEST <= value <= LARGEST
        ),
        FieldKind.CHOICE: lambda: value in field.options,
        FieldKind.DATE: lambda: isinstance(value, str) and _is_day(value),
        FieldKind.YES_NO: lambda: isinstance(value, bool),
    }
    if not fits[FieldKind(field.kind)]():
        raise WrongValueError(field=field.code, kind=field.kind, given=str(value)[:80])


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
