"""Where people who sign in are named: found in the tables themselves, so that none is forgotten."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import Any

from peewee import Expression, Field, ForeignKeyField, Model

from backend.evidence.audit_models import PhotoVerdict
from backend.fieldwork.models import Visit
from backend.network.archive_models import Contact, ContactConsent, ContactEntry
from backend.network.models import Person
from backend.platform.database import BaseModel

SECRETS = {"password_hash", "token_sha256"}
# Whoever reads a photo after another, or before one, is not to know of it.
BLIND = {"first_by_id", "wants_second"}
# These are about somebody else, who has rights of their own.
OF_OTHERS = {Contact, ContactConsent, ContactEntry}
# What auditors said of a photo of mine is told by the verdict that stands.
OF_ITS_WRITER = {PhotoVerdict}


def tables() -> list[type[Model]]:
    """Return the tables with rows about people who sign in, by name."""
    models: list[Any] = [m for m in BaseModel.__subclasses__() if m not in OF_OTHERS]
    about = [m for m in models if m is Person or columns_of(m) or "visit_id" in m._meta.columns]  # noqa: SLF001
    return sorted(about, key=name_of)


def name_of(model: type[Model]) -> str:
    """Return the name of a table."""
    name: str = model._meta.table_name  # noqa: SLF001
    return name


def fields_of(model: type[Model]) -> list[Field[Any]]:
    """Return the columns of a table in their order."""
    fields: list[Field[Any]] = model._meta.sorted_fields  # noqa: SLF001
    return fields


def columns_of(model: type[Model]) -> list[Field[Any]]:
    """Return the columns of a table that name a person."""
    return [field for field in fields_of(model) if _names_person(field)]


def about(model: type[Model], person_id: int) -> Expression:
    """Return the condition for rows that name a person, or hang on one of their visits."""
    conditions: list[Any] = [column == person_id for column in columns_of(model)]
    if model is Person:
        conditions = [Person.id == person_id]
    visit_id = next((f for f in fields_of(model) if f.column_name == "visit_id"), None)
    if visit_id is not None and model not in OF_ITS_WRITER:
        own = Visit.select(Visit.id).where(Visit.person == person_id)
        conditions.append(visit_id.in_(own))
    return reduce(or_, conditions)


def _names_person(field: Field[Any]) -> bool:
    if isinstance(field, ForeignKeyField):
        return bool(field.rel_model is Person)
    name = field.column_name
    return name == "actor_id" or name.endswith(("_by_id", "person_id"))
