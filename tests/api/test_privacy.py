"""Notices, consents and work hours over HTTP."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from playhouse.test_utils import assert_query_count

from backend.config import Config
from backend.network.models import Person
from backend.platform import ledger
from backend.platform.actors import Role
from backend.platform.settings import bind, settings
from tests.client import Client
from tests.factories import PASSWORD, make_person, make_region, make_store, the_region
from tests.phone import Phone

NOTICES, ANSWERS = "/v1/privacy/notices", "/v1/privacy/answers"


@pytest.fixture
def admin(client: Client) -> Client:
    return client.as_(make_person(Role.ADMIN))


@pytest.fixture
def rep(client: Client) -> Person:  # noqa: ARG001  # needs the database
    return make_person(login="rep01")


def publish(admin: Client, kind: str = "work_rule", text: str = "仅在拜访时定位") -> dict:
    answer = admin.post(NOTICES, json={"kind": kind, "text_zh": text, "text_en": "At visits only"})
    assert 201 == answer.status_code, answer.json
    return answer.json


def say(client: Client, notice: dict, said: str = "acknowledged", answer_id=None, **changes):
    body = {
        "notice_id": notice["id"],
        "text_sha256": notice["text_sha256"],
        "answer": said,
        "answered_at": "2026-03-02T08:00:00+08:00",
    }
    return client.put(f"{ANSWERS}/{answer_id or uuid4()}", json=body | changes)


def outstanding(client: Client) -> list[str]:
    return [each["kind"] for each in client.get(NOTICES).json if each["is_outstanding"]]


def configure(config: Config, **changes) -> None:
    values = {name: getattr(config, name) for name in ("database_url", "upload_dir")}
    bind(Config(**values | changes))


class TestNotices:
    def test_a_new_version_is_outstanding_for_everybody(self, client, admin, rep):
        phone = client.as_(rep)
        first = publish(admin)
        say(phone, first)
        second = publish(admin, text="仅在拜访时定位，保存90天")

        (shown,) = phone.get(NOTICES).json

        assert (2, True, True, None) == (
            shown["version"],
            shown["is_required"],
            shown["is_outstanding"],
            shown["answer"],
        )
        assert second["text_sha256"] == shown["text_sha256"]
        assert first == phone.get(f"{NOTICES}/{first['id']}").json

    def test_an_answer_is_kept_with_device_time_and_text(self, client, admin, rep):
        notice, phone = publish(admin), client.as_(rep, device_id="phone-7")

        answer = say(phone, notice)

        assert 201 == answer.status_code
        assert ("phone-7", notice["text_sha256"], "2026-03-02T00:00:00+00:00", rep.id) == tuple(
            answer.json[name] for name in ("device_id", "text_sha256", "answered_at", "person_id")
        )
        assert [] == outstanding(phone)

    def test_are_named_when_signing_in_until_they_are_answered(self, client, admin, rep):
        def sign_in():
            body = {"login": rep.login, "password": PASSWORD, "device_id": "phone-1"}
            return client.post("/v1/sessions", json=body).json["outstanding_notices"]

        none = sign_in()
        publish(admin)
        notice = publish(admin, text="仅在拜访时定位，保存90天")
        publish(admin, "separate_consent")
        named = sign_in()
        say(client.as_(rep), notice)

        assert [] == none
        assert [{"id": notice["id"], "kind": "work_rule", "version": 2}] == named
        assert [] == sign_in()

    def test_nobody_answers_in_the_future(self, client, admin, rep):
        tomorrow = datetime.now(UTC) + timedelta(days=1)

        answer = say(client.as_(rep), publish(admin), answered_at=tomorrow.isoformat())

        assert answer.json["answered_at"] == answer.json["received_at"]

    def test_the_same_answer_again_is_a_replay_and_another_a_conflict(self, client, admin, rep):
        notice, phone, answer_id = publish(admin), client.as_(rep), uuid4()

        statuses = [
            say(phone, notice, answer_id=answer_id).status_code,
            say(phone, notice, answer_id=answer_id).status_code,
            say(admin, notice, answer_id=answer_id).status_code,
        ]

        assert [201, 200, 409] == statuses

    @pytest.mark.parametrize(
        ("changes", "status", "problem"),
        [
            ({"text_sha256": "0" * 64}, 422, "notice-other-text"),
            ({"said": "granted"}, 422, "notice-wrong-answer"),
            ({"notice_id": 99}, 404, "not-found"),
            ({"text_sha256": "x"}, 422, "invalid-fields"),
            ({"said": "maybe"}, 422, "invalid-fields"),
        ],
    )
    def test_answers_that_fit_nothing_are_refused(self, admin, changes, status, problem):
        answer = say(admin, publish(admin), **changes)

        assert (status, f"urn:xundian:problem:{problem}") == (
            answer.status_code,
            answer.json["type"],
        )

    def test_an_unknown_version_is_not_found(self, admin):
        assert 404 == admin.get(f"{NOTICES}/99").status_code

    def test_nothing_handed_in_is_refused_for_want_of_an_answer(self, client, admin, rep):
        publish(admin)

        assert 201 == Phone(client.as_(rep)).check_in(make_store(owner=rep)).status_code


class TestConsent:
    def test_is_asked_for_only_where_it_is_the_basis(self, client, admin, rep, config):
        publish(admin)
        publish(admin, "separate_consent")
        by_rule = outstanding(client.as_(rep))
        configure(config, legal_basis="consent")

        assert ["work_rule"] == by_rule
        assert ["separate_consent", "work_rule"] == outstanding(client.as_(rep))

    def test_that_was_withdrawn_is_reported_but_not_asked_for_again(
        self, client, admin, rep, config
    ):
        configure(config, legal_basis="consent")
        consent, phone = publish(admin, "separate_consent"), client.as_(rep)
        say(phone, consent, "granted")
        say(phone, consent, "withdrawn", answered_at="2026-03-03T08:00:00+08:00")
        say(admin, consent, "granted")

        assert [] == outstanding(phone)
        assert ["rep01"] == [
            Person.get_by_id(each["id"]).login for each in admin.get("/v1/privacy/outstanding").json
        ]


class TestReport:
    def test_lists_whose_answer_is_missing(self, client, admin, rep):
        make_person(is_active=False)
        notice = publish(admin)
        say(admin, notice)
        supervisor = client.as_(make_person(Role.SUPERVISOR, login="zz"))

        with assert_query_count(4):  # who asks, the notices, how many, the page
            missing = supervisor.get("/v1/privacy/outstanding").json

        assert [rep.id, Person.get(Person.login == "zz").id] == [each["id"] for each in missing]

    def test_lists_nobody_while_there_is_no_notice(self, admin):
        assert [] == admin.get("/v1/privacy/outstanding").json

    def test_answers_are_shown_in_scope_the_latest_first(self, client, admin, rep):
        notice = publish(admin)
        say(client.as_(rep), notice)
        say(admin, notice, answered_at="2026-03-03T08:00:00+08:00")
        stranger = client.as_(make_person(Role.MANAGER, region=make_region(the_region())))

        with assert_query_count(3):  # who asks, how many, the page
            shown = admin.get(ANSWERS).json
        own = client.as_(rep).get(ANSWERS).json

        assert 2 == len(shown)
        assert rep.id == shown[1]["person_id"]
        assert [rep.id] == [each["person_id"] for each in own]
        assert own == admin.get(f"{ANSWERS}?person_id={rep.id}").json
        assert [] == stranger.get(ANSWERS).json


class TestWorkHours:
    @pytest.fixture
    def off(self, config: Config, client: Client, rep: Person):
        """A check-in while nobody works."""
        configure(config, work_hours="-")
        store, visit_id = make_store(owner=rep), uuid4()
        phone = Phone(client.as_(rep))
        phone.check_in(store, visit_id)
        position = {"lat": store.lat, "lon": store.lon, "crs": "wgs84", "accuracy_m": 9.0}
        phone.report(
            visit_id,
            check_out={
                "clock": {"device_at": datetime.now(UTC).isoformat()},
                "position": position,
            },
        )
        phone.cancel(visit_id, position=position)
        return phone.client.get(f"/v1/visits/{visit_id}").json

    def test_a_check_in_outside_them_is_flagged_and_shown_coarsely(self, off):
        assert off["is_off_hours"]
        assert (28.2, 112.98, 28.2, 112.98) == tuple(
            off[name] for name in ("lat", "lon", "raw_lat", "raw_lon")
        )
        assert (28.2, 112.98) == (off["left"]["lat"], off["left"]["lon"])
        assert 28.2 == off["cancellation"]["raw_lat"]

    def test_leaving_is_weighed_by_the_exact_point(self, off):
        assert ("inside", 0) == (off["left"]["place"], off["left"]["distance_m"])

    def test_a_check_in_within_them_is_exact(self, client, rep):
        visit_id, phone = uuid4(), Phone(client.as_(rep))
        phone.check_in(make_store(owner=rep), visit_id)

        shown = phone.client.get(f"/v1/visits/{visit_id}").json

        assert (False, 28.1951) == (shown["is_off_hours"], shown["lat"])
        assert settings().work_hours == "00:00-24:00"


def test_the_ledger_knows_answers_by_person_and_text_only(client, admin, rep):
    notice = publish(admin)
    say(client.as_(rep, device_id="phone-7"), notice)
    ledger.seal_all()

    entry = ledger.read(0, 100)[-1]

    assert ("notice.answered", str(notice["id"]), rep.id) == (
        entry.verb,
        entry.object_id,
        entry.actor_id,
    )
    assert notice["text_sha256"] in entry.facts
    assert "phone-7" not in entry.facts
