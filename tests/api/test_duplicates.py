"""Stores that may be the same, and merging, over HTTP."""

from datetime import date, timedelta

import pytest
from playhouse.test_utils import assert_query_count

from backend import worker
from backend.fieldwork.journey_models import PlanEntry
from backend.fieldwork.models import Visit
from backend.network import duplicate_search, stores
from backend.network.archive_models import (
    Agreement,
    CompetitorNote,
    Contact,
    CustomerCard,
    CustomValue,
    DuplicateVerdict,
    PipelineMove,
)
from backend.network.models import CodeAlias, Dealer, Store, StoreDealer
from backend.platform import clock
from backend.platform.actors import Role
from backend.platform.models import LedgerEntry
from tests.client import Client
from tests.factories import (
    NOON,
    OPENED,
    make_agreement,
    make_card,
    make_competitor_note,
    make_contact,
    make_custom_field,
    make_dealer,
    make_person,
    make_plan_entry,
    make_region,
    make_store,
    make_visit,
    the_region,
)
from tests.phone import Phone

PROBLEM = "urn:xundian:problem:"
LICENCE = "91350100M000100Y43"


@pytest.fixture
def manager(client: Client) -> Client:
    return client.as_(make_person(Role.MANAGER))


@pytest.fixture
def today(app) -> date:  # noqa: ARG001  # needs the settings
    return clock.business_date(clock.now())


def merge(client: Client, old, new, version: int | None = 1, **choices):
    kind = type(old).__name__.lower()
    headers = {} if version is None else {"If-Match": f'"{version}"'}
    body = {"into_id": new.id} | choices
    return client.post(f"/v1/{kind}s/{old.id}/merge", json=body, headers=headers)


def said(answer) -> tuple[int, str]:
    return answer.status_code, answer.json["type"].removeprefix(PROBLEM)


def found(answer) -> list[tuple[int, int, list[str]]]:
    return [(each["first"]["id"], each["second"]["id"], each["reasons"]) for each in answer.json]


class TestList:
    def test_tells_why_two_stores_may_be_one(self, manager: Client):
        here = make_store(name="恒达手机店（五一广场）")
        near = make_store(name="恒达通讯 五一广场店", lat=28.1955)
        far = make_store(name="恒达五一广场店", lat=28.3)
        other = make_store(name="别家数码", lat=28.1952)
        for store in (far, other):
            make_card(store, licence_no=LICENCE, phone_e164="+8613812348000")
        duplicate_search.refresh_all()

        with assert_query_count(3):
            answer = manager.get("/v1/duplicates")

        assert [
            (here.id, near.id, ["near", "similar_name"]),
            (far.id, other.id, ["same_licence", "same_phone"]),
        ] == found(answer)
        assert (44, 1.0) == tuple(answer.json[0][name] for name in ("distance_m", "name_share"))
        assert [None, None] == [each["verdict"] for each in answer.json]

    def test_leaves_out_neighbours_closed_stores_and_other_regions(self, manager: Client):
        region = make_region(the_region())
        make_store(name="甲通讯")
        make_store(name="恒达手机店", status="closed")
        make_store(name="恒达通讯店")
        pair = [
            make_store(make_dealer(region=region), name="大中", region=region) for _ in range(2)
        ]
        ids = (pair[0].id, pair[1].id, ["near", "similar_name"])
        duplicate_search.refresh_all()

        assert [ids] == found(manager.get("/v1/duplicates"))
        assert [ids] == found(manager.get(f"/v1/duplicates?region_id={region.id}"))
        assert [ids] == found(manager.get(f"/v1/duplicates?store_id={pair[1].id}"))
        assert [] == manager.get(f"/v1/duplicates?region_id={make_region(region).id}").json

    def test_needs_no_point_where_a_licence_agrees(self, manager: Client):
        pair = [make_store(lat=None, lon=None) for _ in range(2)]
        for store in pair:
            make_card(store, licence_no=LICENCE)
        duplicate_search.refresh_all()

        answer = manager.get("/v1/duplicates")

        assert pair[0].id == answer.json[0]["first"]["id"]
        assert answer.json[0]["distance_m"] is None

    def test_takes_no_number_of_a_whole_chain_for_a_reason(self, manager: Client):
        stores = [make_store(lat=None, lon=None) for _ in range(duplicate_search.MOST_ALIKE + 1)]
        for store in stores:
            make_card(store, phone_e164="+864008001234", licence_no=LICENCE)
        CustomerCard.update(licence_no=None).where(CustomerCard.store.in_(stores[2:])).execute()

        duplicate_search.refresh_all()

        ids = stores[0].id, stores[1].id
        assert [(*ids, ["same_licence", "similar_name"])] == found(manager.get("/v1/duplicates"))

    def test_follows_every_change_of_a_store(self, manager: Client):
        dealer = make_dealer()
        one, other = make_store(dealer, name="恒达手机店"), make_store(dealer, name="大中通讯店")

        def listed() -> list:
            worker.run_until_idle()
            return [each[2] for each in found(manager.get("/v1/duplicates"))]

        def change(**fields) -> None:
            version = manager.get(f"/v1/stores/{other.id}").headers["ETag"]
            changed = manager.patch(
                f"/v1/stores/{other.id}", json=fields, headers={"If-Match": version}
            )
            assert 200 == changed.status_code, changed.text

        assert [] == listed()
        change(name="恒达通讯店")
        assert [["near", "similar_name"]] == listed()
        change(position={"lat": 28.3, "lon": 112.9, "crs": "wgs84"})
        assert [] == listed()
        for store in (one, other):
            card = {"json": {"licence_no": LICENCE}, "headers": {"If-Match": '"0"'}}
            assert 200 == manager.patch(f"/v1/stores/{store.id}/archive", **card).status_code
        assert [["same_licence", "similar_name"]] == listed()
        change(status="closed")
        assert [] == listed()


class TestVerdicts:
    @pytest.fixture
    def pair(self, app) -> list[Store]:  # noqa: ARG002  # needs the database
        stores = [make_store(name="恒达手机店") for _ in range(2)]
        duplicate_search.refresh_all()
        return stores

    def put(self, client: Client, one: Store, other: Store, note: str = "两个柜台"):
        return client.put(f"/v1/duplicates/{one.id}/{other.id}/verdict", json={"note": note})

    def test_take_a_pair_off_the_list(self, manager: Client, pair):
        first, second = pair

        made, again = self.put(manager, second, first), self.put(manager, first, second)
        duplicate_search.refresh_all()

        assert [201, 200] == [made.status_code, again.status_code]
        assert (first.id, second.id) == (made.json["first_id"], made.json["second_id"])
        assert made.json == again.json
        assert [] == manager.get("/v1/duplicates").json
        with assert_query_count(3):
            (cleared,) = manager.get("/v1/duplicates?cleared=true").json
        assert ("两个柜台", first.id) == (cleared["verdict"]["note"], cleared["first"]["id"])
        assert 1 == LedgerEntry.select().where(LedgerEntry.verb == "duplicate.cleared").count()

    def test_replace_the_note_of_the_one_before(self, manager: Client, pair):
        self.put(manager, *pair)

        answer = self.put(manager, *pair, note="看过了")

        assert (200, "看过了") == (answer.status_code, answer.json["note"])
        assert 1 == DuplicateVerdict.select().count()

    @pytest.mark.parametrize(
        "change",
        [{"name": "恒达通讯店"}, {"position": {"lat": 28.1952, "lon": 112.9769, "crs": "wgs84"}}],
    )
    def test_hold_until_name_or_point_change(self, manager: Client, pair, change):
        first, second = pair
        self.put(manager, first, second)

        def amend(version: int, **changes) -> list:
            headers = {"If-Match": f'"{version}"'}
            answer = manager.patch(f"/v1/stores/{second.id}", json=changes, headers=headers)
            assert 200 == answer.status_code, answer.text
            worker.run_until_idle()
            return manager.get("/v1/duplicates").json

        assert [] == amend(1, grade="A")
        assert [first.id] == [each["first"]["id"] for each in amend(2, **change)]

    def test_are_taken_back(self, manager: Client, pair):
        first, second = pair
        self.put(manager, first, second)
        url = f"/v1/duplicates/{second.id}/{first.id}/verdict"

        answers = [manager.delete(url) for _ in range(2)]

        assert [204, 204] == [answer.status_code for answer in answers]
        assert 1 == len(manager.get("/v1/duplicates").json)
        assert [] == manager.get("/v1/duplicates?cleared=true").json
        assert 1 == LedgerEntry.select().where(LedgerEntry.verb == "duplicate.suspected").count()

    def test_may_come_before_the_pair_is_found(self, manager: Client):
        pair = [make_store(name="恒达手机店") for _ in range(2)]

        assert 201 == self.put(manager, *pair).status_code
        duplicate_search.refresh_all()

        assert [] == manager.get("/v1/duplicates").json

    def test_are_about_two_stores_in_sight(self, client: Client, manager: Client, pair):
        here = make_region(the_region())
        local = client.as_(make_person(Role.MANAGER, region=here))

        assert (422, "one-store") == said(self.put(manager, pair[0], pair[0]))
        assert 404 == self.put(local, *pair).status_code
        assert 404 == local.delete("/v1/duplicates/1/2/verdict").status_code


class TestMergingStores:
    def test_leads_every_code_to_the_one_that_stays(self, manager: Client):
        dealer = make_dealer()
        old, new = make_store(dealer), make_store(dealer)
        CodeAlias.create(code="43-99-001-0001", store=old)

        answer = merge(manager, old, new)

        assert (200, new.id) == (answer.status_code, answer.json["id"])
        for code in (old.code, "43-99-001-0001", new.code):
            assert [new.id] == [each["id"] for each in manager.get(f"/v1/stores?code={code}").json]
        with assert_query_count(4):
            former = manager.get(f"/v1/stores/{new.id}/former-codes").json
        assert {old.code, "43-99-001-0001"} == {each["code"] for each in former}
        gone = manager.get(f"/v1/stores/{old.id}").json
        assert ("closed", new.id) == (gone["status"], gone["merged_into_id"])
        assert [new.id] == [each["id"] for each in manager.get("/v1/stores").json]

    def test_keeps_what_happened_with_the_dealer_of_its_day(self, manager: Client, today):
        first, second = make_dealer(), make_dealer()
        old, new = make_store(first), make_store(second)
        visit = make_visit(old)

        answer = merge(manager, old, new, dealer_id=first.id)

        assert first.id == answer.json["dealer_id"]
        assert (old.id, first.id) == (Visit.get().store_id, Visit.get().dealer_id)
        assert first.id == stores.dealer_on(old.id, visit.business_on)
        assert [None, first.id, second.id] == [
            stores.dealer_on(store_id, day)
            for store_id, day in (
                (old.id, today),
                (new.id, today),
                (new.id, today - timedelta(days=1)),
            )
        ]

    @pytest.mark.parametrize("field", ["dealer_id", "owner_id"])
    def test_asks_where_the_two_differ(self, manager: Client, field):
        reps = [make_person(), make_person()]
        dealer = make_dealer()
        other = make_dealer() if field == "dealer_id" else dealer
        old = make_store(dealer, owner=reps[0])
        new = make_store(other, owner=reps[field == "owner_id"])
        first = {"dealer_id": dealer.id, "owner_id": reps[0].id}[field]

        asked = merge(manager, old, new)
        neither = merge(manager, old, new, **{field: 999})
        told = merge(manager, old, new, **{field: first})

        assert (409, "merge-choice", field) == (*said(asked), asked.json["field"])
        assert (422, "merge-refused") == said(neither)
        assert first == told.json[field]

    def test_takes_along_people_notes_and_what_the_card_lacks(self, manager: Client):
        dealer = make_dealer()
        old, new = make_store(dealer, owner=make_person()), make_store(dealer)
        make_contact(old)
        make_competitor_note(old)
        for code in ("a", "b"):
            field = make_custom_field(code=code)
            CustomValue.create(field=field, store=old, value="alt")
        CustomValue.create(field=field, store=new, value="neu")
        make_card(old, short_name="旧", licence_no=LICENCE, phone_e164="+861", phone_text="1")
        make_card(new, short_name="新", phone_e164="+862")

        answer = merge(manager, old, new)

        card = CustomerCard.get(CustomerCard.store == new.id)
        assert ("新", LICENCE, "+862", None, 2) == (
            card.short_name,
            card.licence_no,
            card.phone_e164,
            card.phone_text,
            card.version,
        )
        assert {"a": "alt", "b": "neu"} == (
            manager.get(f"/v1/stores/{new.id}/archive").json["custom"]
        )
        assert new.id == Contact.get().store_id == CompetitorNote.get().store_id
        assert old.owner_id == answer.json["owner_id"]

    def test_writes_down_all_that_it_changed(self, manager: Client):
        dealer = make_dealer()
        old, new = make_store(dealer), make_store(dealer)
        make_card(old, short_name="旧")
        contact = make_contact(old)

        merge(manager, old, new)

        facts = {entry.verb: entry.facts for entry in LedgerEntry.select()}
        for fact in (f'"into":{new.id}', str(contact.id), old.code, '"short_name"', '"active"'):
            assert fact in facts["store.merged"]
        assert f'"merged":{old.id}' in facts["store.absorbed"]
        move = PipelineMove.get()
        assert (old.id, "active", "closed") == (move.store_id, move.from_status, move.to_status)

    def test_takes_planned_visits_along(self, manager: Client, today):
        dealer = make_dealer()
        old, new, rep = make_store(dealer), make_store(dealer), make_person()
        past, twin, moved = (
            make_plan_entry(old, rep, planned_on=today + timedelta(days=days))
            for days in (-1, 1, 2)
        )
        make_plan_entry(new, rep, planned_on=twin.planned_on)

        merge(manager, old, new)

        assert [("planned", old.id), ("cancelled_by_manager", old.id), ("planned", new.id)] == [
            (entry.status, entry.store_id)
            for entry in (PlanEntry.get_by_id(each.id) for each in (past, twin, moved))
        ]
        assert {"plan.cancelled", "plan.merged"} <= {entry.verb for entry in LedgerEntry.select()}

    def test_brings_a_check_in_at_the_former_store_to_the_one_that_stays(
        self, client: Client, manager: Client
    ):
        rep, dealer = make_person(), make_dealer()
        old, new = make_store(dealer, owner=rep), make_store(dealer, owner=rep)
        merge(manager, old, new)

        answer = Phone(client.as_(rep)).check_in(old)

        assert 201 == answer.status_code
        assert (old.id, new.id) == (Visit.get().claimed_store_id, Visit.get().store_id)

    def test_follows_a_second_merge(self, manager: Client):
        dealer = make_dealer()
        first, second, third = (make_store(dealer) for _ in range(3))
        merge(manager, first, second)

        merge(manager, second, third, version=2)

        assert {third.id} == {Store.get_by_id(each.id).merged_into_id for each in (first, second)}
        assert [third.id] == [
            each["id"] for each in manager.get(f"/v1/stores?code={first.code}").json
        ]

    def test_ends_a_time_with_a_dealer_that_has_not_begun(self, manager: Client, today):
        dealer = make_dealer()
        old, new = make_store(dealer), make_store(dealer)
        later = today + timedelta(days=9)
        StoreDealer.update(to_on=later).where(StoreDealer.store == old.id).execute()
        StoreDealer.create(store=old, dealer=make_dealer(), from_on=later)

        assert 200 == merge(manager, old, new).status_code

        link = StoreDealer.get(StoreDealer.store == old.id)
        assert (dealer.id, today) == (link.dealer_id, link.to_on)

    def test_refuses_what_makes_no_sense(self, manager: Client):
        dealer = make_dealer()
        old, new, third = (make_store(dealer) for _ in range(3))
        closed = make_store(dealer, status="closed", closed_on=OPENED)
        merge(manager, old, new)

        answers = [
            merge(manager, new, new, version=2),
            merge(manager, third, closed),
            merge(manager, old, third, version=2),
            merge(manager, third, old),
        ]
        changed = manager.patch(
            f"/v1/stores/{old.id}", json={"name": "x"}, headers={"If-Match": '"2"'}
        )
        given = manager.put(
            f"/v1/stores/{old.id}/dealers/2026-03-02", json={"dealer_id": make_dealer().id}
        )

        assert {(422, "merge-refused")} == {said(answer) for answer in answers}
        assert [(422, "merged-away")] * 2 == [said(changed), said(given)]

    def test_refuses_a_stale_version_and_stores_out_of_sight(self, client: Client, manager):
        old, new = make_store(), make_store()
        region = make_region(the_region())
        stranger = client.as_(make_person(Role.MANAGER, region=region))

        stale = merge(manager, old, new, version=3, dealer_id=stores.dealer_on(new.id, NOON.date()))

        assert (412, "stale") == said(stale)
        assert 428 == merge(manager, old, new, version=None).status_code
        assert 404 == merge(stranger, old, new).status_code
        assert 0 == LedgerEntry.select().count() == PipelineMove.select().count()


class TestMergingDealers:
    def test_gives_the_stores_to_the_other_from_today(self, manager: Client, today):
        old, new = make_dealer(), make_dealer()
        store, fresh = make_store(old), make_store(old, opened_on=today)
        leaving = make_store(old)
        later = today + timedelta(days=5)
        StoreDealer.update(to_on=later).where(StoreDealer.store == leaving.id).execute()
        child = make_dealer(parent=old)
        make_contact(old)
        make_card(old, short_name="旧")

        answer = merge(manager, old, new)

        assert (200, new.id) == (answer.status_code, answer.json["id"])
        assert [old.id, new.id, new.id, new.id, None] == [
            stores.dealer_on(store_id, day)
            for store_id, day in (
                (store.id, today - timedelta(days=1)),
                (store.id, today),
                (fresh.id, today),
                (leaving.id, today),
                (leaving.id, later),
            )
        ]
        assert new.id == Dealer.get_by_id(child.id).parent_id == Contact.get().dealer_id
        assert ["旧"] == [
            card.short_name for card in CustomerCard.select().where(CustomerCard.dealer == new.id)
        ]
        assert [new.id] == [each["id"] for each in manager.get(f"/v1/dealers?code={old.code}").json]
        gone = manager.get(f"/v1/dealers/{old.id}").json
        assert (today.isoformat(), new.id) == (gone["closed_on"], gone["merged_into_id"])
        assert 3 == LedgerEntry.select().where(LedgerEntry.verb == "store.moved").count()

    def test_lifts_a_sub_dealer_that_stays(self, manager: Client):
        agent = make_dealer()
        old = make_dealer(parent=agent)
        between = make_dealer(parent=old)
        new = make_dealer(parent=between)

        merge(manager, old, new)

        assert [agent.id, new.id] == [
            Dealer.get_by_id(each.id).parent_id for each in (new, between)
        ]

    def test_refuses_two_agreements_about_the_same(self, manager: Client):
        old, new = make_dealer(), make_dealer()
        agreement = make_agreement(old)
        make_agreement(new)

        assert (409, "agreement-overlap") == said(merge(manager, old, new))
        assert old.id == Agreement.get_by_id(agreement.id).dealer_id
        assert Dealer.get_by_id(old.id).merged_into_id is None

    def test_leaves_nothing_to_change(self, manager: Client):
        old, new = make_dealer(), make_dealer()
        merge(manager, old, new)
        store = make_store()

        again = merge(manager, old, make_dealer(), version=2)
        changed = manager.patch(
            f"/v1/dealers/{old.id}", json={"name": "x"}, headers={"If-Match": '"2"'}
        )
        given = manager.put(f"/v1/stores/{store.id}/dealers/2026-03-02", json={"dealer_id": old.id})

        assert (422, "merge-refused") == said(again)
        assert [(422, "merged-away")] * 2 == [said(changed), said(given)]
        assert (412, "stale") == said(merge(manager, make_dealer(), new, version=5))
