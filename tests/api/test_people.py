"""People over HTTP."""

import pytest
from playhouse.test_utils import assert_query_count

from backend.network.models import Person
from backend.platform.actors import Role
from backend.platform.models import LedgerEntry
from tests.client import Client
from tests.factories import (
    PASSWORD,
    make_dealer,
    make_dealer_login,
    make_person,
    make_region,
    the_region,
)


@pytest.fixture
def admin(client: Client) -> Client:
    return client.as_(make_person(Role.ADMIN, login="admin"))


def enrol(admin: Client, **changes):
    body = {
        "login": "rep11",
        "name": "韩梅梅",
        "role": "rep",
        "region_id": the_region().id,
        "password": PASSWORD,
    }
    return admin.post("/v1/people", json=body | changes)


class TestList:
    def test_shows_the_people_of_the_subtree_by_login(self, client: Client):
        mine = make_region(the_region())
        manager = make_person(Role.MANAGER, region=mine, login="b")
        make_person(region=mine, login="a")
        make_person(region=the_region(), login="c")
        office = client.as_(manager)

        with assert_query_count(3):  # who asks, how many, which
            answer = office.get("/v1/people")

        assert ["a", "b"] == [person["login"] for person in answer.json]
        assert "password_hash" not in answer.json[0]

    def test_filters_by_role(self, admin: Client):
        make_person(login="rep")

        answer = admin.get("/v1/people?role=rep")

        assert ["rep"] == [person["login"] for person in answer.json]

    def test_is_not_for_reps(self, client: Client):
        assert 403 == client.as_(make_person()).get("/v1/people").status_code


class TestEnrolling:
    def test_lets_the_person_sign_in(self, client: Client, admin: Client):
        boss = make_person(Role.SUPERVISOR)

        answer = enrol(admin, supervisor_id=boss.id)
        signed_in = client.post(
            "/v1/sessions", json={"login": "rep11", "password": PASSWORD, "device_id": "p"}
        )

        assert (201, '"1"') == (answer.status_code, answer.headers["ETag"])
        assert boss.id == answer.json["supervisor_id"]
        assert 201 == signed_in.status_code

    def test_refuses_a_login_twice(self, admin: Client):
        answer = enrol(admin, login="admin")

        assert (409, "urn:xundian:problem:login-taken") == (
            answer.status_code,
            answer.json["type"],
        )

    @pytest.mark.parametrize(
        ("field", "what"), [("region_id", "region"), ("supervisor_id", "person")]
    )
    def test_refuses_references_out_of_sight(self, admin: Client, field, what):
        answer = enrol(admin, **{field: 999})

        assert (404, what) == (answer.status_code, answer.json["what"])

    @pytest.mark.parametrize(
        "wrong", [{"role": "boss"}, {"password": "short"}, {"login": ""}, {"name": "\x00"}]
    )
    def test_refuses_fields_that_are_not_valid(self, admin: Client, wrong):
        answer = enrol(admin, **wrong)

        assert 422 == answer.status_code
        assert set(wrong) == set(answer.json["errors"]["json"])

    @pytest.mark.parametrize("role", [Role.MANAGER, Role.SUPERVISOR, Role.AUDITOR, Role.REP])
    def test_is_for_admins_only(self, client: Client, role):
        assert 403 == enrol(client.as_(make_person(role))).status_code


class TestOnePerson:
    def test_is_shown_with_its_version(self, admin: Client):
        person = make_person(name="李雷")

        answer = admin.get(f"/v1/people/{person.id}")

        assert ("李雷", '"1"') == (answer.json["name"], answer.headers["ETag"])

    def test_out_of_sight_looks_like_unknown(self, client: Client):
        stranger = make_person(region=make_region(the_region()))
        manager = client.as_(make_person(Role.MANAGER, region=make_region(the_region())))

        hidden, unknown = (
            manager.get(f"/v1/people/{stranger.id}"),
            manager.get("/v1/people/999999"),
        )

        assert 404 == hidden.status_code
        assert hidden.data == unknown.data


class TestAmending:
    def amend(self, admin: Client, person: Person, version: int | None = 1, **changes):
        headers = {} if version is None else {"If-Match": f'"{version}"'}
        return admin.patch(f"/v1/people/{person.id}", json=changes, headers=headers)

    def test_signs_out_whoever_left(self, client: Client, admin: Client):
        person = make_person()
        phone = client.as_(person)

        answer = self.amend(admin, person, is_active=False)

        assert (200, '"2"') == (answer.status_code, answer.headers["ETag"])
        assert 401 == phone.get("/v1/me").status_code
        assert "person.amended" == LedgerEntry.get().verb

    def test_moves_a_person_whose_scope_changes_at_once(self, client: Client, admin: Client):
        there = make_region(the_region())
        person = make_person(Role.SUPERVISOR)

        self.amend(admin, person, region_id=there.id)

        regions = client.as_(person).get("/v1/regions").json
        assert [there.id] == [region["id"] for region in regions]

    def test_changes_the_password(self, client: Client, admin: Client):
        person = make_person()

        self.amend(admin, person, password="another horse")

        body = {"login": person.login, "password": "another horse", "device_id": "p"}
        assert 201 == client.post("/v1/sessions", json=body).status_code

    def test_ends_the_sessions_of_the_old_password(self, client: Client, admin: Client):
        person = make_person()
        phone = client.as_(person)

        self.amend(admin, person, password="another horse")

        assert 401 == phone.get("/v1/me").status_code
        assert 200 == admin.get("/v1/me").status_code

    def test_keeps_the_session_in_which_one_changes_ones_own(self, client: Client):
        person = make_person(Role.ADMIN)
        here, elsewhere = client.as_(person), client.as_(person, "device-2")

        self.amend(here, person, password="another horse")

        assert [200, 401] == [each.get("/v1/me").status_code for each in (here, elsewhere)]

    def test_refuses_a_stale_version(self, admin: Client):
        person = make_person()
        self.amend(admin, person, name="A")

        answer = self.amend(admin, person, name="B")

        assert (412, 2) == (answer.status_code, answer.json["version"])
        assert "A" == Person.get_by_id(person.id).name

    def test_needs_a_version(self, admin: Client):
        assert 428 == self.amend(admin, make_person(), version=None, name="A").status_code

    def test_refuses_a_region_out_of_sight(self, admin: Client):
        assert 404 == self.amend(admin, make_person(), region_id=999).status_code


class TestDealerLogins:
    @pytest.fixture
    def manager(self, client: Client) -> Client:
        return client.as_(make_person(Role.MANAGER))

    def test_are_enrolled_and_amended_by_managers(self, client: Client, manager: Client):
        dealer = make_dealer()

        made = enrol(manager, role="dealer", dealer_id=dealer.id)
        amended = manager.patch(
            f"/v1/people/{made.json['id']}",
            json={"is_active": False},
            headers={"If-Match": '"1"'},
        )
        signed_in = client.post(
            "/v1/sessions", json={"login": "rep11", "password": PASSWORD, "device_id": "p"}
        )

        assert (201, dealer.id) == (made.status_code, made.json["dealer_id"])
        assert (200, False, 401) == (
            amended.status_code,
            amended.json["is_active"],
            signed_in.status_code,
        )

    @pytest.mark.parametrize(("role", "has_dealer"), [("dealer", False), ("rep", True)])
    def test_have_a_dealer_and_no_other_login_has(self, admin: Client, role, has_dealer):
        dealer_id = make_dealer().id if has_dealer else None

        answer = enrol(admin, role=role, dealer_id=dealer_id)

        assert (422, "urn:xundian:problem:dealer-login") == (
            answer.status_code,
            answer.json["type"],
        )

    def test_are_all_that_a_manager_may_write(self, manager: Client):
        boss = make_person(Role.ADMIN)
        login = make_dealer_login(make_dealer())

        def amend(person: Person, **changes: object):
            return manager.patch(
                f"/v1/people/{person.id}", json=changes, headers={"If-Match": '"1"'}
            ).status_code

        assert 403 == enrol(manager).status_code
        assert 403 == amend(boss, password="correct horse")
        assert 403 == amend(login, role="admin", dealer_id=None)
        assert 422 == amend(login, dealer_id=None)
        assert 404 == enrol(manager, role="dealer", dealer_id=999).status_code
