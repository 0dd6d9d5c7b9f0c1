"""Builders for journeys: rules of stores and substitutes, with honest defaults."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from backend.fieldwork.journey_models import VisitRule
from backend.network.models import Person, Store, Substitution
from tests.factories import TODAY


def make_visit_rule(store: Store, **fields: Any) -> VisitRule:
    """Store a rule that allows every day, unless told."""
    defaults = {"weekdays": list(range(1, 8)), "weeks": [1, 2, 3, 4], "version": 1}
    VisitRule.delete().where(VisitRule.store == store).execute()
    return VisitRule.create(**defaults | {"store": store} | fields)


def make_substitution(person: Person, substitute: Person, **fields: Any) -> Substitution:
    """Store that somebody stands in for another in the week of TODAY."""
    defaults = {
        "id": uuid4(),
        "person": person,
        "substitute": substitute,
        "from_on": TODAY,
        "to_on": TODAY + timedelta(days=7),
        "note": "",
        "is_open": True,
        "version": 1,
        "content_sha256": "0" * 64,
    }
    Person.update(is_standing_in=True).where(Person.id == substitute.id).execute()
    return Substitution.create(**defaults | fields)
