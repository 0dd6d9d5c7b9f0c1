"""Contacts, consents and the log over HTTP."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from playhouse.test_utils import assert_query_count

from backend.network.archive_models import Contact, ContactConsent, ContactEntry
from backend.platform import clock, settings
from backend.platform.actors import Role
from backend.platform.models import LedgerEntry
from tests.client import Client
from tests.factories import (
    OPENED,
    TODAY,
    make_contact,
    make_contact_entry,
    make_dealer,
    make_person,
    make_store,
)

PROBLEM = "urn:xundian:problem:"
PROMOTER = {
    "mode": "borrowed_promoter",
    "home_brand": "玄铁",
    "brand_conflict": False,
    "standing_position": 4,
    "promotion_skill": 3,
    "team_relation": 5,
}


@pytest.fixture
def rep(app):  # noqa: ARG001  # needs the database
    return make_person()


@pytest.fixture
def store(rep):
    return make_store(owner=rep)


@pytest.fixture
def phone(client: Client, rep) -> Client:
    return client.as_(rep)


@pytest.fixture
def manager(client: Client) -> Client:
    return client.as_(make_person(Role.MANAGER))


def put(client: Client, contact_id, **changes):
    body = {"name": "王芳", "job_role": "promoter", "phone": "138 1234 8000"}
    return client.put(f"/v1/contacts/{contact_id}", json=body | changes)


def amend(client: Client, contact_id, version: int | None = 1, **changes):
    headers = {} if version is None else {"If-Match": f'"{version}"'}
    return client.patch(f"/v1/contacts/{contact_id}", json=changes, headers=headers)


def said(answer) -> tuple[int, str]:
    return answer.status_code, answer.json["type"].removeprefix(PROBLEM)


class TestAdding:
    def test_keeps_a_person_with_role_phone_and_promoter_profile(self, phone, store):
        answer = put(phone, uuid4(), store_id=store.id, buying_role="decider", promoter=PROMOTER)

        assert (201, '"1"') == (answer.status_code, answer.headers["ETag"])
        assert PROMOTER == answer.json["promoter"]
        assert ("138 1234 8000", "+8613812348000", "never_met", []) == tuple(
            answer.json[name] for name in ("phone", "phone_e164", "status", "consents")
        )

    def test_tells_the_ledger_nothing_personal(self, phone, store):
        put(phone, uuid4(), store_id=store.id, wechat="wangfang88")

        entry = LedgerEntry.get()
        assert "contact.added" == entry.verb
        assert not any(word in entry.facts for word in ("王芳", "1234", "wangfang"))

    def test_sent_again_answers_the_same_and_other_content_conflicts(self, phone, manager, store):
        contact_id = uuid4()

        answers = [put(phone, contact_id, store_id=store.id) for _ in range(2)]
        other = put(phone, contact_id, store_id=store.id, name="李娜")
        anothers = put(manager, contact_id, store_id=store.id)

        assert [201, 200] == [answer.status_code for answer in answers]
        assert [(409, "id-taken")] * 2 == [said(other), said(anothers)]
        assert 1 == Contact.select().count() == LedgerEntry.select().count()

    @pytest.mark.parametrize(
        ("problem", "wrong"),
        [
            ("bad-phone", {"phone": "12345"}),
            ("personal-notes-off", {"birthday": "08-15"}),
            ("personal-notes-off", {"interests": "羽毛球"}),
            ("no-promoter", {"job_role": "owner", "promoter": PROMOTER}),
            ("invalid-fields", {"buying_role": "boss"}),
            ("invalid-fields", {"relation_grade": 6}),
            ("invalid-fields", {"birthday": "1990-08-15"}),
            ("invalid-fields", {"dealer_id": 1}),
            ("invalid-fields", {"id_number": "430102199001011234"}),
            ("invalid-fields", {"last_met_on": "2026-03-02"}),
        ],
    )
    def test_refuses(self, phone, store, problem, wrong):
        assert (422, problem) == said(put(phone, uuid4(), store_id=store.id, **wrong))
        assert 0 == Contact.select().count()

    def test_keeps_birthday_and_interests_where_that_is_switched_on(self, phone, store, config):
        settings.bind(replace(config, contact_personal_notes=True))

        answer = put(phone, uuid4(), store_id=store.id, birthday="08-15", interests="羽毛球")

        assert ("08-15", "羽毛球") == (answer.json["birthday"], answer.json["interests"])

    def test_takes_a_dealer_of_ones_own_stores_only(self, phone, rep):
        dealer = make_dealer()
        make_store(dealer, owner=rep)

        assert 201 == put(phone, uuid4(), dealer_id=dealer.id).status_code
        assert 404 == put(phone, uuid4(), dealer_id=make_dealer().id).status_code
        assert 404 == put(phone, uuid4(), store_id=make_store().id).status_code


class TestList:
    def test_masks_numbers_and_shows_scope_by_name(self, phone, store):
        second = make_contact(store, name="乙")
        first = make_contact(store, name="丙", phone_e164="+8613812348000", phone_text="138…")
        make_contact(make_store(), name="甲")
        for day in (OPENED, TODAY):
            make_contact_entry(first, happened_on=day)
        make_contact_entry(first, kind="call", happened_on=TODAY + timedelta(days=9))

        with assert_query_count(3):
            answer = phone.get("/v1/contacts")

        assert [str(first.id), str(second.id)] == [each["id"] for each in answer.json]
        assert ("138****8000", "2026-03-02") == tuple(
            answer.json[0][name] for name in ("phone_masked", "last_met_on")
        )
        assert not {"phone", "phone_e164", "wechat"} & set(answer.json[0])

    def test_filters(self, manager, store):
        decider = make_contact(store, buying_role="decider", job_role="owner")
        gone = make_contact(make_dealer(), left_on=TODAY)

        def ask(**filters):
            answer = manager.get("/v1/contacts", query_string=filters)
            return [each["id"] for each in answer.json]

        for filters in ({"store_id": store.id}, {"buying_role": "decider"}, {"here": True}):
            assert [str(decider.id)] == ask(**filters)
        assert [str(decider.id)] == ask(job_role="owner")
        assert [str(gone.id)] == ask(dealer_id=gone.dealer_id) == ask(here=False)

    def test_is_not_for_those_without_the_permission(self, client: Client, store):
        contact = make_contact(store)
        auditor = client.as_(make_person(Role.AUDITOR))

        for url in ("/v1/contacts", f"/v1/contacts/{contact.id}", "/v1/contact-entries"):
            assert 403 == auditor.get(url).status_code

    def test_says_who_was_met_lately(self, manager, store):
        today = clock.business_date(clock.now())
        for days, name in ((0, "a"), (90, "b"), (91, "c")):
            met_on = today - timedelta(days=days)
            make_contact_entry(make_contact(store, name=name), happened_on=met_on)
        make_contact(store, name="d")

        assert ["met", "met", "lapsed", "never_met"] == [
            each["status"] for each in manager.get("/v1/contacts").json
        ]


class TestAmending:
    def test_changes_what_is_sent(self, phone, store):
        contact = make_contact(store, relation_grade=2)

        answer = amend(phone, contact.id, phone="0731-88881234", promoter=PROMOTER, wechat=None)

        assert (200, '"2"') == (answer.status_code, answer.headers["ETag"])
        assert ("+8673188881234", 2, PROMOTER) == tuple(
            answer.json[name] for name in ("phone_e164", "relation_grade", "promoter")
        )
        assert (412, "stale") == said(amend(phone, contact.id, name="新"))
        assert 428 == amend(phone, contact.id, None, name="新").status_code

    def test_refuses_a_profile_that_does_not_fit_the_new_job(self, phone, store):
        contact = make_contact(store, promoter=PROMOTER)

        assert (422, "no-promoter") == said(amend(phone, contact.id, job_role="owner"))
        assert 200 == amend(phone, contact.id, job_role="owner", promoter=None).status_code

    def test_out_of_sight_looks_like_unknown(self, phone):
        hidden = make_contact(make_store())

        answers = [phone.get(f"/v1/contacts/{each}") for each in (hidden.id, uuid4())]

        assert 404 == answers[0].status_code
        assert answers[0].data == answers[1].data
        assert 404 == amend(phone, hidden.id, name="新").status_code


class TestErasing:
    def test_removes_the_personal_part_for_good(self, phone, manager, store):
        contact_id = uuid4()
        put(phone, contact_id, store_id=store.id, wechat="wangfang88", promoter=PROMOTER)
        entry = make_contact_entry(Contact.get(), note="王芳说涨价")

        answers = [manager.delete(f"/v1/contacts/{contact_id}") for _ in range(2)]
        left = manager.get(f"/v1/contacts/{contact_id}").json

        assert [204, 204] == [answer.status_code for answer in answers]
        assert ["", None, None, None, None] == [
            left[name] for name in ("name", "phone", "phone_e164", "wechat", "promoter")
        ]
        assert ("", "2026-03-02") == (ContactEntry.get_by_id(entry.id).note, left["last_met_on"])
        assert [] == manager.get("/v1/contacts").json
        assert 1 == LedgerEntry.select().where(LedgerEntry.verb == "contact.erased").count()

    def test_is_final(self, phone, manager, store):
        contact_id = uuid4()
        put(phone, contact_id, store_id=store.id)
        manager.delete(f"/v1/contacts/{contact_id}")

        again = put(phone, contact_id, store_id=store.id)

        assert (200, "") == (again.status_code, again.json["name"])
        assert (422, "contact-erased") == said(amend(phone, contact_id, 2, name="王芳"))
        assert (422, "contact-erased") == said(log(phone, uuid4(), contact_id))
        assert (422, "contact-erased") == said(consent(phone, contact_id, uuid4()))

    def test_is_not_for_reps(self, phone, store):
        assert 403 == phone.delete(f"/v1/contacts/{make_contact(store).id}").status_code


def consent(client: Client, contact_id, consent_id, **changes):
    body = {
        "channel": "sms",
        "is_granted": True,
        "given_at": "2026-03-02T12:00:00+08:00",
        "source": "spoken",
    }
    return client.put(f"/v1/contacts/{contact_id}/consents/{consent_id}", json=body | changes)


class TestConsent:
    def test_is_history_of_which_the_latest_counts(self, phone, store):
        contact = make_contact(store)
        later = {"given_at": "2026-04-02T12:00:00+08:00", "is_granted": False}

        consent(phone, contact.id, uuid4(), **later)
        consent(phone, contact.id, uuid4())
        consent(phone, contact.id, uuid4(), channel="wechat")
        shown = phone.get(f"/v1/contacts/{contact.id}").json["consents"]
        with assert_query_count(4):
            history = phone.get(f"/v1/contacts/{contact.id}/consents").json

        assert {("sms", False), ("wechat", True)} == {
            (each["channel"], each["is_granted"]) for each in shown
        }
        assert 3 == len(history)
        assert ("spoken", "2026-03-02T04:00:00+00:00") == (
            history[0]["source"],
            history[0]["given_at"],
        )

    def test_is_kept_once_and_never_changed(self, phone, store):
        contact, other, consent_id = make_contact(store), make_contact(store), uuid4()

        answers = [consent(phone, contact.id, consent_id) for _ in range(2)]
        changed = consent(phone, contact.id, consent_id, is_granted=False)
        elsewhere = consent(phone, other.id, consent_id)

        assert [201, 200, 409, 409] == [
            answer.status_code for answer in (*answers, changed, elsewhere)
        ]
        assert 1 == ContactConsent.select().count()
        assert 404 == consent(phone, uuid4(), uuid4()).status_code
        assert 404 == phone.get(f"/v1/contacts/{uuid4()}/consents").status_code

    def test_is_never_given_in_the_future(self, phone, store):
        at = "2999-01-01T00:00:00Z"

        answer = consent(phone, make_contact(store).id, uuid4(), given_at=at)

        assert answer.json["given_at"] < at


def log(client: Client, entry_id, contact_id, **changes):
    body = {
        "contact_id": str(contact_id),
        "kind": "visit",
        "happened_at": "2026-03-01T23:30:00+08:00",
        "objection": "price_objection",
        "note": "谈春节备货",
    }
    return client.put(f"/v1/contact-entries/{entry_id}", json=body | changes)


class TestLog:
    def test_moves_the_day_last_met(self, phone, store):
        contact, entry_id = make_contact(store), uuid4()

        answers = [log(phone, entry_id, contact.id) for _ in range(2)]
        log(phone, uuid4(), contact.id, kind="call", happened_at="2026-03-05T12:00:00+08:00")

        assert [201, 200] == [answer.status_code for answer in answers]
        assert ("2026-03-01", "price_objection") == tuple(
            answers[0].json[name] for name in ("happened_on", "objection")
        )
        assert "2026-03-01" == phone.get(f"/v1/contacts/{contact.id}").json["last_met_on"]
        assert (409, "id-taken") == said(log(phone, entry_id, contact.id, kind="call"))

    def test_is_listed_in_scope_newest_first(self, phone, manager, store):
        contact, dealer = make_contact(store), make_dealer()
        old, new = (make_contact_entry(contact, happened_on=day) for day in (OPENED, TODAY))
        ContactEntry.update(happened_at=old.happened_at - timedelta(days=9)).where(
            ContactEntry.id == old.id
        ).execute()
        other = make_contact_entry(make_contact(dealer))

        def ask(by: Client, **filters):
            answer = by.get("/v1/contact-entries", query_string=filters)
            return [each["id"] for each in answer.json]

        with assert_query_count(3):
            assert [str(new.id), str(old.id)] == ask(phone)
        assert 3 == len(ask(manager))
        assert [str(other.id)] == ask(manager, dealer_id=dealer.id)
        assert 2 == len(ask(manager, store_id=store.id)) == len(ask(manager, contact_id=contact.id))
        assert [str(old.id)] == ask(phone, to="2026-03-02")
        assert [str(new.id)] == ask(phone, **{"from": "2026-03-02"})
