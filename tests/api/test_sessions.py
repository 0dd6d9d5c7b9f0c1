"""Signing in and out over HTTP."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from backend.app import create_app
from backend.network import sessions
from backend.network.models import LoginDelay, Person, Session
from backend.network.sessions import WrongLoginError
from backend.platform.actors import Role
from backend.platform.database import db
from backend.platform.errors import TooManyError
from backend.platform.models import LedgerEntry
from tests.client import Client
from tests.factories import NOON, PASSWORD, make_person


def sign_in(client: Client, person: Person, password: str = PASSWORD, **changes):
    """Ask for a session."""
    body = {"login": person.login, "password": password, "device_id": "phone-1"}
    return client.post("/v1/sessions", json=body | changes)


class TestSigningIn:
    def test_gives_a_token_that_works_and_is_not_stored(self, client: Client):
        person = make_person()

        answer = sign_in(client, person)
        token = answer.json["token"]
        me = client.get("/v1/me", headers={"Authorization": f"Bearer {token}"})

        assert (201, 200) == (answer.status_code, me.status_code)
        assert person.login == me.json["login"]
        assert token not in str(list(Session.select().dicts()))
        assert ["session.opened"] == [entry.verb for entry in LedgerEntry.select()]

    @pytest.mark.parametrize("known", [True, False])
    def test_answers_the_same_for_a_wrong_password_and_an_unknown_login(
        self, client: Client, known
    ):
        person = make_person() if known else Person(login="nobody")

        answer = sign_in(client, person, "wrong")

        assert 401 == answer.status_code
        assert {
            "type": "urn:xundian:problem:wrong-login",
            "title": "Login or password is wrong",
            "detail": "Login or password is wrong.",
            "retry": "login",
            "status": 401,
        } == answer.json

    def test_refuses_a_person_who_left(self, client: Client):
        person = make_person(is_active=False)

        assert 401 == sign_in(client, person).status_code

    def test_makes_a_guesser_wait_longer_and_longer(self, client: Client):
        person = make_person()
        statuses = [sign_in(client, person, "wrong").status_code for _ in range(5)]

        refused = sign_in(client, person)

        assert [401, 401, 401, 401, 429] == statuses
        assert 429 == refused.status_code
        assert int(refused.headers["Retry-After"]) >= 1
        assert "after" == refused.json["retry"]

    @pytest.mark.usefixtures("app")
    def test_never_lets_a_stranger_lock_an_enrolled_device_out(self):
        person = make_person()
        how = {"device_name": "", "address": "10.0.0.1", "at": NOON}
        sessions.sign_in(person.login, PASSWORD, device_id="phone-1", **how)
        for _ in range(4):
            with pytest.raises(WrongLoginError):
                sessions.sign_in(person.login, "guess", device_id="stranger", **how)
        with pytest.raises(TooManyError):
            sessions.sign_in(person.login, "guess", device_id="stranger", **how)

        session, _, _ = sessions.sign_in(person.login, PASSWORD, device_id="phone-1", **how)

        assert "phone-1" == session.device_id

    def test_counts_failures_of_an_address_over_many_logins(self, client: Client):
        LoginDelay.create(key="at:127.0.0.1", failures=30, wait_until=NOON)

        statuses = [sign_in(client, Person(login=f"guess{n}"), "x").status_code for n in range(2)]

        assert [401, 429] == statuses

    def test_believes_a_trusted_proxy_about_the_address(self, config):
        app = create_app(replace(config, proxies=1))
        browser = app.test_client()
        browser.environ_base["HTTP_X_FORWARDED_FOR"] = "203.0.113.7"
        with db.connection_context():
            sign_in(browser, Person(login="guess"), "x")
            keys = {delay.key for delay in LoginDelay.select()}

        assert {"login:guess", "at:203.0.113.7"} == keys

    def test_speaks_chinese_to_those_who_ask(self, client: Client):
        answer = client.get("/v1/me", headers={"Accept-Language": "zh-CN,zh;q=0.9"})

        assert "请先登录" == answer.json["title"]


class TestSessions:
    def test_lists_and_revokes_one_device_and_leaves_the_other(self, client: Client):
        person = make_person()
        phone, tablet = client.as_(person, "phone"), client.as_(person, "tablet")
        listed = {s["device_id"]: s["id"] for s in phone.get("/v1/sessions").json}

        gone = tablet.delete(f"/v1/sessions/{listed['phone']}")

        assert {"phone", "tablet"} == set(listed)
        assert 204 == gone.status_code
        assert (401, 200) == (phone.get("/v1/me").status_code, tablet.get("/v1/me").status_code)

    def test_hides_another_persons_session(self, client: Client):
        owner, other = make_person(), make_person()
        session_id = client.as_(owner).get("/v1/sessions").json[0]["id"]

        answer = client.as_(other).delete(f"/v1/sessions/{session_id}")

        assert 404 == answer.status_code
        assert (
            204
            == client.as_(make_person(Role.ADMIN)).delete(f"/v1/sessions/{session_id}").status_code
        )

    def test_ends_by_itself(self, client: Client):
        phone = client.as_(make_person())
        Session.update(expires_at=datetime.now(UTC) - timedelta(seconds=1)).execute()

        answer = phone.get("/v1/me")

        assert 401 == answer.status_code
        assert "Bearer" == answer.headers["WWW-Authenticate"]

    def test_remembers_when_a_device_was_last_seen(self, client: Client):
        phone = client.as_(make_person())
        Session.update(last_seen_at=NOON).execute()

        phone.get("/v1/me")

        assert NOON < Session.get().last_seen_at


class TestCookie:
    def test_reads_for_a_browser_but_never_writes(self, client: Client):
        person = make_person()
        answer = sign_in(client, person, cookie=True)
        cookie = answer.headers["Set-Cookie"]
        session_id = answer.json["id"]

        reading = client.get("/v1/me")
        writing = client.delete(f"/v1/sessions/{session_id}")

        assert "HttpOnly; SameSite=Strict" in cookie
        assert (200, 401) == (reading.status_code, writing.status_code)
