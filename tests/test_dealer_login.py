"""A dealer's login is a guest: it sees its own card, and nothing of the brand or of others."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from peewee import (
    BooleanField,
    CharField,
    DateField,
    DateTimeField,
    ForeignKeyField,
    Model,
    TextField,
    UUIDField,
)

from backend.evidence.signal_models import Appeal
from backend.fieldwork.models import Visit
from backend.insight.scorecard_models import Scorecard, ScorecardContest
from backend.models import MODELS
from backend.network.archive_models import CompetitorNote, Contact
from backend.network.models import Dealer, Person, Region, Store
from backend.platform.actors import Role
from tests.client import Client
from tests.factories import (
    NOON,
    TODAY,
    actor_of,
    make_appeal,
    make_competitor_note,
    make_contact,
    make_contest,
    make_dealer,
    make_dealer_login,
    make_person,
    make_scorecard,
    make_store,
    the_region,
)
from tests.test_access import ACCESS, DEALER, NOBODY_ASKED

SCOPED = [model for model in MODELS if hasattr(model, "visible_to")]
PLAIN = {
    BooleanField: True,
    DateTimeField: NOON,
    DateField: TODAY,
    CharField: "1",
    TextField: "1",
}
NAMED = {  # where a check asks for more than the kind of value
    "tier": "city",
    "grade": "B",
    "kind": "work_rule",
    "status": "active",
    "answer": "granted",
    "to_on": TODAY + timedelta(days=30),
    "ends_on": TODAY + timedelta(days=30),
}
OWN = {Person, Scorecard, ScorecardContest}


@pytest.fixture
def dealer(client: Client) -> Dealer:  # noqa: ARG001
    return make_dealer()


def fill(model: type[Model], rows: dict[type[Model], Any]) -> Any:
    """Return a row of a table, stored with whatever values the columns take."""
    if model not in rows:
        values = {
            field.name: worth(field, rows)
            for field in model._meta.sorted_fields
            if not (field.null and not isinstance(field, ForeignKeyField)) and not is_given(field)
        }
        rows[model] = model.create(**values)
    return rows[model]


def is_given(field: Any) -> bool:
    """Return whether the database or the model has a value of its own."""
    return field.default is not None or type(field).__name__ == "AutoField"


def worth(field: Any, rows: dict[type[Model], Any]) -> Any:
    """Return a value that a column takes."""
    if isinstance(field, ForeignKeyField):
        return None if field.rel_model is field.model else fill(field.rel_model, rows)
    for kind, value in PLAIN.items():
        if isinstance(field, kind):
            return NAMED.get(field.name, value)
    return uuid4() if isinstance(field, UUIDField) else 1


def test_what_is_seen_by_scope_is_not_seen_by_a_dealer(dealer: Dealer):
    store = make_store(dealer)
    rows: dict[type[Model], Any] = {Region: the_region(), Dealer: dealer, Store: store}
    rows[Person] = make_person()
    rows |= {Scorecard: make_scorecard(dealer), ScorecardContest: make_contest(dealer)}
    rows |= {CompetitorNote: make_competitor_note(store), Contact: make_contact(dealer)}
    admin, guest = actor_of(make_person(Role.ADMIN)), actor_of(make_dealer_login(dealer))
    rows[Appeal] = make_appeal(fill(Visit, rows))
    for model in SCOPED:
        fill(model, rows)

    def seen(model: Any, actor: Any) -> int:
        return model.select().where(model.visible_to(actor)).count()

    assert {"Upload"} == {model.__name__ for model in SCOPED if not seen(model, admin)}
    assert {model.__name__ for model in OWN} == {
        model.__name__ for model in SCOPED if seen(model, guest)
    }
    assert [1, 1, 1] == [seen(model, guest) for model in (Person, Scorecard, ScorecardContest)]


def test_every_other_operation_refuses_a_dealer(client: Client, dealer: Dealer):
    login = client.as_(make_dealer_login(dealer))
    make_store(dealer)
    allowed = {name for name, roles in ACCESS.items() if roles is NOBODY_ASKED or DEALER in roles}

    answered = {}
    for name in set(ACCESS) - allowed:
        verb, _, path = name.partition(" ")
        for key in ("dealer_id", "store_id", "person_id", "region_id"):
            path = path.replace(f"{{{key}}}", "1")
        if "{" not in path:
            answered[name] = login.open(path, method=verb).status_code

    assert {403} == set(answered.values())
    assert len(answered) > 100


def test_a_dealer_knows_who_it_is(client: Client, dealer: Dealer):
    login = client.as_(make_dealer_login(dealer, name="陈建国"))

    me = login.get("/v1/me").json

    assert ("陈建国", "dealer", dealer.id) == (me["name"], me["role"], me["dealer_id"])
