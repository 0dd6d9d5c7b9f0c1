"""Price cases over HTTP: the file of a price violation."""

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from playhouse.test_utils import assert_query_count

from backend.fieldwork import price_cases
from backend.fieldwork.price_models import PriceCase
from backend.fieldwork.trade_models import CrossAreaSale
from backend.fieldwork.violation_models import Violation, ViolationSighting
from backend.platform import clock
from backend.platform.actors import Role
from backend.platform.errors import StaleError
from backend.platform.models import LedgerEntry
from backend.standards.codes import LEGAL_NOTICE, ViolationKind
from tests.client import Client
from tests.factories import (
    NOON,
    TODAY,
    actor_of,
    make_dealer,
    make_person,
    make_photo,
    make_price,
    make_region,
    make_sku,
    make_store,
    make_visit,
    the_region,
)
from tests.fieldwork.price_cases import cut_seen, observed
from tests.phone import Phone, announced
from tests.pictures import phone_jpeg
from tests.threads import at_once

URL = "/v1/price-cases"
DAY = timedelta(days=1)


@pytest.fixture
def boss(app):  # noqa: ARG001  # needs the database
    return make_person(Role.MANAGER)


@pytest.fixture
def manager(client: Client, boss) -> Client:
    return client.as_(boss)


@pytest.fixture
def store(app):  # noqa: ARG001  # needs the database
    return make_store()


@pytest.fixture
def sku(app):  # noqa: ARG001  # needs the database
    return make_sku()


def today() -> date:
    return clock.business_date(clock.now())


def send(client: Client, case_id: UUID, what: str, version: int, **body):
    """Edit a case as the office does."""
    method = "PUT" if what == "reply" else "POST"
    return client.open(
        f"{URL}/{case_id}/{what}",
        method=method,
        json=body,
        headers={"If-Match": f'"{version}"'},
    )


def refusal(answer) -> tuple[int, str]:
    """Return the status and the code of a problem."""
    return answer.status_code, answer.json["type"].removeprefix("urn:xundian:problem:")


class TestList:
    def test_has_every_price_violation_newest_first(self, manager, store, sku):
        first, _ = cut_seen(store, sku)
        second, _ = cut_seen(make_store(), sku, at=NOON + DAY, kind=ViolationKind.EXCESS_GIFT)
        cut_seen(store, sku, kind=ViolationKind.OUT_OF_STOCK)

        with assert_query_count(4):  # who asks, how many, which, what happened before
            listed = manager.get(URL).json

        assert [(str(second.id), "excess_gift"), (str(first.id), "direct_price_cut")] == [
            (case["id"], case["kind"]) for case in listed
        ]
        assert ("open", 0, None, None, None) == tuple(
            listed[0][name] for name in ("state", "version", "reply_request", "reply", "closing")
        )

    def test_asks_no_more_for_many_than_for_one(self, manager, sku):
        for _ in range(4):
            case, _ = cut_seen(make_store(), sku)
        send(manager, case.id, "reply-request", 0)

        with assert_query_count(4):
            assert 4 == len(manager.get(URL).json)

    def test_is_empty_where_nothing_was_seen(self, manager):
        assert [] == manager.get(URL).json

    def test_filters(self, manager, store, sku):
        other = make_store()
        first, _ = cut_seen(store, sku)
        second, _ = cut_seen(other, make_sku(), at=NOON + DAY, kind=ViolationKind.EXCESS_GIFT)
        send(manager, second.id, "closing", 0, outcome="explained", note="促销已报备")

        def ask(**filters):
            return [case["id"] for case in manager.get(URL, query_string=filters).json]

        assert [str(first.id)] == ask(store_id=store.id)
        assert [str(second.id)] == ask(dealer_id=second.dealer_id)
        assert [str(first.id)] == ask(sku_id=sku.id)
        assert [str(second.id)] == ask(kind="excess_gift")
        assert [str(second.id)] == ask(outcome="explained")
        assert [str(second.id)] == ask(**{"from": "2026-03-03"})
        assert [str(first.id)] == ask(to="2026-03-03")
        assert 422 == manager.get(f"{URL}?kind=out_of_stock").status_code

    def test_filters_by_how_far_a_case_has_come(self, manager, sku):
        cases = {}
        for state in ("open", "awaiting_reply", "reply_overdue", "replied", "closed"):
            case, _ = cut_seen(make_store(), sku)
            cases[state] = str(case.id)
            if state != "open":
                send(manager, case.id, "reply-request", 0)
        PriceCase.update(reply_due_on=today() - DAY).where(
            PriceCase.violation_id == UUID(cases["reply_overdue"])
        ).execute()
        reply = {"replied_on": today().isoformat(), "text": "已改"}
        send(manager, cases["replied"], "reply", 1, **reply)
        send(manager, cases["closed"], "closing", 1, outcome="no_action", note="-")

        for state, case_id in cases.items():
            found = manager.get(URL, query_string={"state": state}).json
            assert [(case_id, state)] == [(case["id"], case["state"]) for case in found]

    def test_knows_an_open_case_again_after_it_was_reopened(self, manager, store, sku):
        case, _ = cut_seen(store, sku)
        send(manager, case.id, "closing", 0, outcome="no_action", note="-")
        send(manager, case.id, "reopening", 1, note="又见低价")

        (found,) = manager.get(f"{URL}?state=open").json

        assert ("open", 2) == (found["state"], found["version"])

    def test_hides_what_is_out_of_sight(self, client, store, sku):
        case, _ = cut_seen(store, sku)
        elsewhere = client.as_(make_person(Role.MANAGER, region=make_region(the_region())))

        assert [] == elsewhere.get(URL).json
        assert 404 == elsewhere.get(f"{URL}/{case.id}").status_code
        assert 404 == send(elsewhere, case.id, "reply-request", 0).status_code


class TestRepeats:
    def test_count_earlier_cases_of_the_kind_in_the_store_and_with_the_dealer(self, manager, sku):
        dealer = make_dealer()
        store, sister = make_store(dealer), make_store(dealer)
        cut_seen(store, make_sku(), at=NOON - 91 * DAY)
        cut_seen(store, make_sku(), at=NOON - 90 * DAY)
        cut_seen(sister, sku, at=NOON - 30 * DAY)
        cut_seen(store, make_sku(), at=NOON - DAY, kind=ViolationKind.EXCESS_GIFT)
        cut_seen(make_store(), sku, at=NOON - DAY)
        case, _ = cut_seen(store, sku)
        cut_seen(store, make_sku(), at=NOON + DAY)

        shown = manager.get(f"{URL}/{case.id}").json

        assert {"days": 90, "store": 1, "dealer": 2} == shown["repeats"]

    def test_know_no_dealer_where_the_store_had_none(self, manager, store, sku):
        case, _ = cut_seen(store, sku, visit=make_visit(store, dealer_id=None))

        shown = manager.get(f"{URL}/{case.id}").json

        assert {"days": 90, "store": 0, "dealer": None} == shown["repeats"]


class TestFile:
    def test_shows_what_was_seen_beside_its_reference(self, manager, store, sku):
        case, visit = cut_seen(store, sku)
        observed(visit, make_sku(), number=2)
        _, later = cut_seen(store, sku, at=NOON + DAY)

        shown = manager.get(f"{URL}/{case.id}")

        assert (200, '"0"') == (shown.status_code, shown.headers["ETag"])
        assert 2 == shown.json["sighted"]
        assert [str(visit.id), str(later.id)] == [seen["id"] for seen in shown.json["sightings"]]
        assert {
            "visit_id": str(visit.id),
            "number": 1,
            "person_id": visit.person_id,
            "seen_at": "2026-03-02T04:00:00+00:00",
            "seen_on": "2026-03-02",
            "sku_id": sku.id,
            "tag_fen": 189_900,
            "quoted_fen": None,
            "discount_fen": 0,
            "gift_fen": 0,
            "allowed_gift_fen": 0,
            "net_fen": 189_900,
            "reference_fen": 199_900,
            "findings": ["direct_price_cut"],
        } == shown.json["observations"][0]
        assert 2 == len(shown.json["observations"])
        assert LEGAL_NOTICE == shown.json["legal_notice"]

    def test_has_the_price_tags_of_its_visits_as_proofs(self, manager, store, sku):
        case, visit = cut_seen(store, sku)
        proof = make_photo(visit, b"tag", subject="price_tag", item=f"sku:{sku.id}")
        make_photo(visit, b"door")
        make_photo(visit, b"lost", subject="price_tag", sha256=None)
        make_photo(make_visit(store), b"other visit", subject="price_tag")

        (shown,) = manager.get(f"{URL}/{case.id}").json["proofs"]

        assert (str(visit.id), str(proof.id), proof.sha256, f"sku:{sku.id}", None) == tuple(
            shown[name] for name in ("visit_id", "photo_id", "sha256", "item", "quarantine_reason")
        )

    def test_says_which_visits_do_not_count(self, manager, store, sku):
        visit = make_visit(store, quarantine_reason="second-visit-open")
        case, _ = cut_seen(store, sku, visit=visit)

        (seen,) = manager.get(f"{URL}/{case.id}").json["sightings"]

        assert ("second-visit-open", "visit") == (seen["quarantine_reason"], seen["source"])

    def test_of_what_was_reported_by_hand_has_no_observation(self, manager, boss, store):
        violation_id = uuid4()
        manager.put(
            f"/v1/violations/{violation_id}",
            json={
                "store_id": store.id,
                "kind": "cross_area_sale",
                "note": "外地货",
                "seen_at": NOON.isoformat(),
            },
        )

        shown = manager.get(f"{URL}/{violation_id}").json

        assert ("cross_area_sale", "外地货", True) == (
            shown["kind"],
            shown["note"],
            shown["is_manual"],
        )
        assert [(str(violation_id), "by_hand", boss.id)] == [
            (seen["id"], seen["source"], seen["person_id"]) for seen in shown["sightings"]
        ]
        assert [] == shown["observations"] == shown["proofs"] == shown["diversions"]

    def test_of_a_diversion_names_the_handset_and_both_dealers(self, manager, store, sku):
        case, visit = cut_seen(store, sku, kind=ViolationKind.CROSS_AREA_SALE)
        dealer, seen_id = make_dealer(), uuid4()
        ViolationSighting.update(visit_id=seen_id).execute()
        CrossAreaSale.create(
            imei="490154203237518",
            seen_id=seen_id,
            seen_kind="imei_sighting",
            seen_on=TODAY,
            store=store,
            dealer=visit.dealer_id,
            sell_in_id=uuid4(),
            sold_in_on=TODAY - DAY,
            sold_in_dealer=dealer,
            violation_id=case.id,
            violation_store_id=store.id,
            found_at=NOON,
        )

        assert [
            {
                "imei": "490154203237518",
                "seen_kind": "imei_sighting",
                "seen_on": "2026-03-02",
                "store_id": store.id,
                "dealer_id": visit.dealer_id,
                "sold_in_on": "2026-03-01",
                "sold_in_dealer_id": dealer.id,
            }
        ] == manager.get(f"{URL}/{case.id}").json["diversions"]
        (seen,) = manager.get(f"{URL}/{case.id}").json["sightings"]
        assert (str(seen_id), "feed") == (seen["id"], seen["source"])

    def test_leaves_out_visits_that_its_reader_may_not_see(self, client, store, sku):
        below = make_region(the_region())
        visit = make_visit(store)
        case, _ = cut_seen(store, sku, visit=visit)
        make_photo(visit, b"tag", subject="price_tag")
        Violation.update(region=below).execute()
        reader = client.as_(make_person(Role.MANAGER, region=below))

        shown = reader.get(f"{URL}/{case.id}").json

        assert [] == shown["sightings"] == shown["observations"] == shown["proofs"]

    @pytest.mark.parametrize("kind", [ViolationKind.OUT_OF_STOCK, None])
    def test_is_not_found_of_anything_else(self, manager, store, sku, kind):
        case_id = cut_seen(store, sku, kind=kind)[0].id if kind else uuid4()

        answer = manager.get(f"{URL}/{case_id}")

        assert (404, "price case") == (answer.status_code, answer.json["what"])


class TestReply:
    def test_is_asked_for_by_the_usual_day_unless_told(self, manager, boss, store, sku):
        case, _ = cut_seen(store, sku)

        first = send(manager, case.id, "reply-request", 0)
        later = (today() + 20 * DAY).isoformat()
        second = send(manager, case.id, "reply-request", 1, due_on=later)

        assert (200, '"1"') == (first.status_code, first.headers["ETag"])
        assert ("awaiting_reply", (today() + 7 * DAY).isoformat(), boss.id) == (
            first.json["state"],
            first.json["reply_request"]["due_on"],
            first.json["reply_request"]["asked_by_id"],
        )
        assert later == second.json["reply_request"]["due_on"]
        told = LedgerEntry.select().where(LedgerEntry.object == "price_case")
        assert ["price_case.reply_asked"] * 2 == [entry.verb for entry in told]

    @pytest.mark.parametrize("days", [-1, 366])
    def test_is_not_asked_for_by_a_day_that_cannot_be(self, manager, store, sku, days):
        case, _ = cut_seen(store, sku)

        answer = send(
            manager, case.id, "reply-request", 0, due_on=(today() + days * DAY).isoformat()
        )

        assert (422, "bad-reply-day") == refusal(answer)

    @pytest.mark.parametrize(("days", "is_late"), [(7, False), (8, True)])
    def test_is_taken_after_its_deadline_too_and_marked(self, manager, boss, sku, days, is_late):
        asked_on = today() - 10 * DAY
        case, _ = cut_seen(make_store(), sku)
        send(manager, case.id, "reply-request", 0)
        PriceCase.update(reply_due_on=asked_on + 7 * DAY).execute()

        answer = send(
            manager,
            case.id,
            "reply",
            1,
            replied_on=(asked_on + days * DAY).isoformat(),
            text="店员误贴，已改回。",
        )

        assert {
            "replied_on": (asked_on + days * DAY).isoformat(),
            "text": "店员误贴，已改回。",
            "photo": None,
            "is_late": is_late,
            "recorded_at": answer.json["reply"]["recorded_at"],
            "recorded_by_id": boss.id,
        } == answer.json["reply"]
        assert ("replied", 2) == (answer.json["state"], answer.json["version"])

    def test_that_nobody_asked_for_is_never_late(self, manager, store, sku):
        case, _ = cut_seen(store, sku)

        answer = send(manager, case.id, "reply", 0, replied_on="2026-03-05", text="-")

        assert (False, None) == (answer.json["reply"]["is_late"], answer.json["reply_request"])

    def test_may_be_noted_anew(self, manager, store, sku):
        case, _ = cut_seen(store, sku)
        send(manager, case.id, "reply", 0, replied_on="2026-03-05", text="误贴")

        answer = send(manager, case.id, "reply", 1, replied_on="2026-03-06", text="已改")

        assert "已改" == answer.json["reply"]["text"]
        told = LedgerEntry.select().where(LedgerEntry.verb == "price_case.replied")
        assert 2 == told.count()

    @pytest.mark.parametrize("day", ["2026-03-01", "2099-01-01"])
    def test_was_not_given_before_the_violation_or_in_the_future(self, manager, store, sku, day):
        case, _ = cut_seen(store, sku)

        answer = send(manager, case.id, "reply", 0, replied_on=day, text="-")

        assert (422, "bad-reply-day") == refusal(answer)

    @pytest.mark.parametrize("where", ["same store", "same dealer"])
    def test_may_have_a_photo_of_the_store_or_the_dealer(self, manager, sku, where):
        dealer = make_dealer()
        store = make_store(dealer)
        case, _ = cut_seen(store, sku)
        place = store if where == "same store" else make_store(dealer)
        photo = make_photo(make_visit(place, at=NOON + DAY), b"letter")
        named = {"visit_id": str(photo.visit_id), "photo_id": str(photo.id)}

        answer = send(
            manager, case.id, "reply", 0, replied_on="2026-03-05", text="见函", photo=named
        )

        assert (200, named) == (answer.status_code, answer.json["reply"]["photo"])

    @pytest.mark.parametrize(
        "flaw", ["another dealer", "not received", "quarantined", "unknown", "no dealer"]
    )
    def test_has_no_photo_that_is_not_the_dealers(self, manager, store, sku, flaw):
        dealerless = {"dealer_id": None} if flaw == "no dealer" else {}
        case, _ = cut_seen(store, sku, visit=make_visit(store, **dealerless))
        elsewhere = flaw in {"another dealer", "no dealer"}
        photo = make_photo(
            make_visit(make_store() if elsewhere else store, **dealerless),
            b"letter",
            **{"not received": {"sha256": None}, "quarantined": {"quarantine_reason": "x"}}.get(
                flaw, {}
            ),
        )
        photo_id = uuid4() if flaw == "unknown" else photo.id

        answer = send(
            manager,
            case.id,
            "reply",
            0,
            replied_on="2026-03-05",
            text="-",
            photo={"visit_id": str(photo.visit_id), "photo_id": str(photo_id)},
        )

        assert (422, "bad-reply-photo") == refusal(answer)


class TestClosing:
    @pytest.mark.parametrize(
        "outcome", ["corrected", "explained", "contested", "unfounded", "no_action"]
    )
    def test_says_what_a_person_decided(self, manager, boss, store, sku, outcome):
        case, _ = cut_seen(store, sku)

        answer = send(manager, case.id, "closing", 0, outcome=outcome, note="复查已恢复")

        assert ("closed", outcome, "复查已恢复", boss.id) == (
            answer.json["state"],
            *(answer.json["closing"][name] for name in ("outcome", "note", "closed_by_id")),
        )
        assert Violation.get().resolved_at is None
        told = LedgerEntry.select().where(LedgerEntry.object == "price_case")
        assert ["price_case.closed"] == [entry.verb for entry in told]

    @pytest.mark.parametrize("body", [{"outcome": "fine", "note": "-"}, {"outcome": "no_action"}])
    def test_takes_no_penalty_and_needs_a_note(self, manager, store, sku, body):
        case, _ = cut_seen(store, sku)

        assert 422 == send(manager, case.id, "closing", 0, **body).status_code

    def test_gives_no_warning_before_the_dealer_was_heard(self, manager, store, sku):
        case, _ = cut_seen(store, sku)
        warning = {"outcome": "warning", "note": "电话提醒"}

        unasked = send(manager, case.id, "closing", 0, **warning)
        send(manager, case.id, "reply-request", 0)
        too_early = send(manager, case.id, "closing", 1, **warning)
        PriceCase.update(reply_due_on=today() - DAY).execute()
        silent = send(manager, case.id, "closing", 1, **warning)

        assert (422, "dealer-not-heard") == refusal(unasked) == refusal(too_early)
        assert (200, "warning") == (silent.status_code, silent.json["closing"]["outcome"])

    def test_may_be_a_warning_once_the_dealer_replied(self, manager, store, sku):
        case, _ = cut_seen(store, sku)
        send(manager, case.id, "reply", 0, replied_on="2026-03-05", text="-")

        answer = send(manager, case.id, "closing", 1, outcome="warning", note="-")

        assert 200 == answer.status_code

    def test_lets_nothing_change_until_the_case_is_open_again(self, manager, store, sku):
        case, _ = cut_seen(store, sku)
        send(manager, case.id, "closing", 0, outcome="no_action", note="-")
        reply = {"replied_on": "2026-03-05", "text": "-"}

        refused = [
            send(manager, case.id, "reply-request", 1),
            send(manager, case.id, "reply", 1, **reply),
            send(manager, case.id, "closing", 1, outcome="explained", note="-"),
        ]
        reopened = send(manager, case.id, "reopening", 1, note="经销商补充证据")
        again = send(manager, case.id, "reopening", 2, note="-")

        assert [(409, "price-case-closed")] * 3 == [refusal(answer) for answer in refused]
        assert ("open", None) == (reopened.json["state"], reopened.json["closing"])
        assert (409, "price-case-not-closed") == refusal(again)
        assert 200 == send(manager, case.id, "reply", 2, **reply).status_code
        entry = LedgerEntry.get(LedgerEntry.verb == "price_case.reopened")
        assert '"note":"经销商补充证据","outcome":"no_action"' in entry.facts

    def test_of_a_case_without_a_file_cannot_be_undone(self, manager, store, sku):
        case, _ = cut_seen(store, sku)

        assert (409, "price-case-not-closed") == refusal(
            send(manager, case.id, "reopening", 0, note="-")
        )


class TestVersions:
    def test_that_are_old_or_missing_are_refused(self, manager, store, sku):
        case, _ = cut_seen(store, sku)
        send(manager, case.id, "reply-request", 0)

        stale = send(manager, case.id, "reply-request", 0)
        future = send(manager, case.id, "reply-request", 7)
        blind = manager.post(f"{URL}/{case.id}/reply-request", json={})

        assert [412, 412, 428] == [a.status_code for a in (stale, future, blind)]
        assert 1 == stale.json["version"]

    def test_that_were_never_there_leave_no_trace(self, manager, store, sku):
        case, _ = cut_seen(store, sku)

        assert (412, 0) == (
            (answer := send(manager, case.id, "reply-request", 5)).status_code,
            answer.json["version"],
        )
        assert 0 == PriceCase.select().count()

    def test_let_one_of_several_win(self, boss, store, sku):
        case, _ = cut_seen(store, sku)
        actor = actor_of(boss)

        def ask() -> bool:
            try:
                price_cases.ask_for_reply(actor, case.id, version=0, at=clock.now())
            except StaleError:
                return False
            return True

        assert 1 == sum(at_once(4, ask))


def test_a_line_of_a_feed_that_its_reader_may_not_see_is_not_shown(manager, store, sku):
    case, _ = cut_seen(store, sku)
    ViolationSighting.update(visit_id=uuid4()).execute()

    assert [] == manager.get(f"{URL}/{case.id}").json["sightings"]


def test_reps_have_no_price_cases(client, store, sku):
    cut_seen(store, sku)

    assert 403 == client.as_(make_person()).get(URL).status_code


def test_a_phone_makes_a_case_by_reporting_a_low_price(client, manager):
    store, sku = make_store(owner=make_person()), make_sku()
    make_price(sku, amount_fen=199_900)
    phone, visit_id, photo_id = Phone(client.as_(store.owner)), uuid4(), uuid4()
    tag = phone_jpeg(1)
    phone.check_in(store, visit_id)
    phone.report(
        visit_id,
        prices=[{"sku_id": sku.id, "tag_fen": 199_900, "discount_fen": 10_000}],
        photos=[announced(photo_id, tag, subject="price_tag", item=f"sku:{sku.id}")],
    )
    phone.photo(visit_id, photo_id, tag)

    (listed,) = manager.get(URL).json
    shown = manager.get(f"{URL}/{listed['id']}").json

    assert ("disguised_discount", f"sku:{sku.id}") == (listed["kind"], listed["subject"])
    assert [(189_900, 199_900, ["disguised_discount"])] == [
        (seen["net_fen"], seen["reference_fen"], seen["findings"]) for seen in shown["observations"]
    ]
    assert [(str(visit_id), str(photo_id))] == [
        (proof["visit_id"], proof["photo_id"]) for proof in shown["proofs"]
    ]
