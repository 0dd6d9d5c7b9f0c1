"""Routes for the people who sign in."""

from __future__ import annotations

from typing import Any

from flask.views import MethodView
from peewee import ModelSelect

from backend.api.blueprint import Blueprint, QueryPage, etag, expected_version
from backend.network import people
from backend.network.models import Person
from backend.platform import clock
from backend.platform.actors import Actor, Permission
from schemas.people import AmendPersonSchema, NewPersonSchema, PersonQuerySchema, PersonSchema

blp = Blueprint("people", __name__, description="Who signs in, as what, for which region")


@blp.route("/people")
class People(MethodView):
    """The collection."""

    @blp.guarded(Permission.PEOPLE_READ)
    @blp.arguments(PersonQuerySchema, location="query")
    @blp.response(200, PersonSchema(many=True))
    @blp.paginate(QueryPage, page_size=50)
    def get(self, actor: Actor, filters: dict[str, Any]) -> ModelSelect[Person]:
        """List people by login"""
        return people.list_people(actor, **filters)

    @blp.guarded(Permission.DEALER_LOGIN_WRITE)
    @blp.arguments(NewPersonSchema)
    @blp.response(201, PersonSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(409, "CONFLICT")
    @blp.alt_response(422, "UNPROCESSABLE_ENTITY")
    def post(self, actor: Actor, body: dict[str, Any]) -> tuple[Person, int, dict[str, str]]:
        """Enrol a person

        A manager enrols logins of dealers one sees, an admin anybody.
        """
        person = people.create(actor, **body, at=clock.now())
        return person, 201, etag(person.version)


@blp.route("/people/<int:person_id>")
class PersonById(MethodView):
    """One person."""

    @blp.guarded(Permission.PEOPLE_READ)
    @blp.response(200, PersonSchema)
    @blp.alt_response(404, "NOT_FOUND")
    def get(self, actor: Actor, person_id: int) -> tuple[Person, int, dict[str, str]]:
        """Get a person"""
        person = people.get(actor, person_id)
        return person, 200, etag(person.version)

    @blp.guarded(Permission.DEALER_LOGIN_WRITE)
    @blp.versioned
    @blp.arguments(AmendPersonSchema)
    @blp.response(200, PersonSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(409, "CONFLICT")
    @blp.alt_response(422, "UNPROCESSABLE_ENTITY")
    def patch(
        self, actor: Actor, body: dict[str, Any], person_id: int
    ) -> tuple[Person, int, dict[str, str]]:
        """Amend a person

        Role, region, dealer and activity act on the person's next request. A manager amends
        dealers' logins only.
        """
        person = people.amend(actor, person_id, version=expected_version(), at=clock.now(), **body)
        return person, 200, etag(person.version)
