"""What goes along when stores or dealers are merged, and what comes back, over HTTP."""

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest

from backend import worker
from backend.fieldwork.case_models import Complaint, Task, TaskEvent
from backend.fieldwork.fixture_models import Fixture, FixtureEvent
from backend.fieldwork.journey_models import PlanEntry, VisitRule
from backend.fieldwork.models import Visit
from backend.fieldwork.price_models import PriceCase
from backend.fieldwork.promotion_models import PromotionDay
from backend.fieldwork.violation_models import Violation
from backend.network import stores
from backend.network.archive_models import (
    Agreement,
    Contact,
    CustomerCard,
    CustomValue,
    MergeRecord,
    PipelineMove,
)
from backend.network.models import CodeAlias, Dealer, Store, StoreDealer
from backend.platform import clock
from backend.platform.actors import Role
from backend.platform.models import LedgerEntry
from backend.standards.codes import ViolationKind
from backend.standards.models import PromotionStore
from tests.api.test_duplicates import merge, said
from tests.client import Client
from tests.factories import (
    NOON,
    OPENED,
    TODAY,
    make_agreement,
    make_card,
    make_complaint,
    make_contact,
    make_custom_field,
    make_dealer,
    make_loan,
    make_person,
    make_plan_entry,
    make_promotion,
    make_region,
    make_store,
    make_task,
    make_violation,
    make_visit,
    the_region,
)

PRICE = {"kind": ViolationKind.DIRECT_PRICE_CUT, "subject": "sku:1"}


@pytest.fixture
def manager(client: Client) -> Client:
    return client.as_(make_person(Role.MANAGER))


@pytest.fixture
def today(app) -> date:  # noqa: ARG001  # needs the settings
    return clock.business_date(clock.now())


@pytest.fixture
def pair(app) -> tuple[Store, Store]:  # noqa: ARG001  # needs the database
    """Two stores of one dealer, in regions of their own."""
    dealer = make_dealer()
    return tuple(make_store(dealer, region=make_region(the_region())) for _ in range(2))


def unmerge(client: Client, one, version: int = 2):
    kind = type(one).__name__.lower()
    return client.post(f"/v1/{kind}s/{one.id}/unmerge", headers={"If-Match": f'"{version}"'})


def merged(client: Client, old, new, **choices) -> None:
    answer = merge(client, old, new, **choices)
    assert 200 == answer.status_code, answer.text


def unmerged(client: Client, one) -> list[dict]:
    """Undo a merge, and return what stays as it is told."""
    answer = unmerge(client, one)
    assert 200 == answer.status_code, answer.text
    return answer.json["left"]


def enrolled() -> dict[int, int | None]:
    return {one.store_id: one.target_units for one in PromotionStore.select()}


def verbs() -> list[str]:
    return [entry.verb for entry in LedgerEntry.select()]


class TestCases:
    def test_go_on_with_their_files_and_tasks(self, manager: Client, pair):
        old, new = pair
        case, ended = make_violation(old, **PRICE), make_violation(old, resolved_at=NOON)
        task, former = (make_task(old, violation=each) for each in (case, ended))
        Task.update(ended_at=NOON, state="closed").where(Task.id == former.id).execute()
        PriceCase.create(store=old, violation_id=case.id, version=3, force_insert=True)

        merged(manager, old, new)

        assert {case.id: new.id, ended.id: old.id} == {
            each.id: each.store_id for each in Violation.select()
        }
        assert {task.id: new.id, former.id: old.id} == {
            each.id: each.store_id for each in Task.select()
        }
        assert {task.id: new.id, former.id: old.id} == {
            each.task_id: each.store_id for each in TaskEvent.select()
        }
        moved = Violation.get(Violation.id == case.id)
        assert (new.region_id, case.dealer_id, 2) == (
            moved.region_id,
            moved.dealer_id,
            moved.version,
        )
        assert new.region_id == Task.get(Task.id == task.id).region_id
        assert new.id == manager.get(f"/v1/price-cases/{case.id}").json["store_id"]
        assert 200 == manager.get(f"/v1/tasks/{task.id}/events").status_code
        assert {"violation.moved", "task.moved"} <= set(verbs())

    def test_are_counted_where_they_are(self, manager: Client, pair):
        old, new = pair
        make_violation(old, **PRICE)
        window = {"from": "2026-03-01", "to": "2026-04-01", "grain": "store"}

        merged(manager, old, new)
        worker.run_until_idle()
        figures = manager.get("/v1/insight/figures", query_string=window).json["members"]

        assert {old.id: 0, new.id: 1} == {
            each["id"]: each["kpis"]["violations_per_100_checks_by_kind"]["num"] for each in figures
        }

    def test_end_where_they_are_open_in_the_other_too(self, manager: Client, pair):
        old, new = pair
        twin, kept = (make_violation(store, **PRICE) for store in pair)
        task = make_task(old, violation=twin)

        merged(manager, old, new)
        worker.run_until_idle()

        ended = Violation.get(Violation.id == twin.id)
        assert (old.id, f"→ {kept.id}") == (ended.store_id, ended.resolution)
        assert ended.retracted_at is not None
        assert "written_off" == Task.get(Task.id == task.id).state

        assert [] == unmerged(manager, old)
        worker.run_until_idle()

        again = Violation.get(Violation.id == twin.id)
        assert (None, None) == (again.resolved_at, again.retracted_at)
        assert "written_off" != Task.get(Task.id == task.id).state

    def test_come_back(self, manager: Client, pair):
        old, new = pair
        case = make_violation(old, **PRICE)
        task, loose = make_task(old, violation=case), make_task(old)
        PriceCase.create(store=old, violation_id=case.id, version=3, force_insert=True)
        merged(manager, old, new)

        assert [] == unmerged(manager, old)

        back = Violation.get(Violation.id == case.id)
        assert (old.id, old.region_id) == (back.store_id, back.region_id)
        assert old.id == PriceCase.get().store_id
        assert {task.id: old.id, loose.id: old.id} == {
            each.id: each.store_id for each in Task.select()
        }
        assert {old.region_id} == {each.region_id for each in Task.select()}
        assert {old.id} == {each.store_id for each in TaskEvent.select()}

    def test_stay_where_somebody_changed_them_since(self, manager: Client, pair):
        old, new = pair
        case, again = make_violation(old, **PRICE), make_violation(old, subject="sku:2")
        task = make_task(old, violation=case)
        merged(manager, old, new)
        Violation.update(version=9, sightings=2).where(Violation.id == case.id).execute()
        make_violation(old, kind=ViolationKind(again.kind), subject="sku:2")

        left = unmerged(manager, old)

        assert {
            ("tasks", str(task.id), "changed"),
            ("violations", str(case.id), "changed"),
            ("violations", str(again.id), "seen_again"),
        } == {(each["what"], each["id"], each["why"]) for each in left}
        assert {new.id} == {
            Violation.get(Violation.id == each.id).store_id for each in (case, again)
        }


class TestOfStores:
    def test_enrolments_of_what_is_not_over_go_along(self, manager: Client, pair, today):
        old, new = pair
        running = make_promotion(stores=[old])
        make_promotion(stores=[old], ends_on=today - timedelta(days=1), code="OVER")
        PromotionStore.update(target_units=30).execute()

        merged(manager, old, new)

        assert [(running.id, new.id, 30)] == [
            (one.promotion_id, one.store_id, one.target_units)
            for one in PromotionStore.select().where(PromotionStore.promotion == running)
        ]
        assert 2 == PromotionStore.select().count()
        assert [] == unmerged(manager, old)
        assert {old.id: 30} == enrolled()

    def test_an_enrolment_with_results_stays_without_its_target(self, manager: Client, pair):
        old, new = pair
        promotion = make_promotion(stores=[old, new])
        PromotionStore.update(target_units=30).where(PromotionStore.store == old).execute()
        PromotionDay.create(
            store=old,
            promotion=promotion,
            day=TODAY,
            units=3,
            source="import",
            remark="",
            entered_by_id=1,
            entered_at=NOON,
            version=1,
        )

        merged(manager, old, new)

        assert {old.id: None, new.id: 30} == enrolled()
        shown = manager.get(f"/v1/promotions/{promotion.id}/results/stores").json
        assert [None, 3] == sorted((row["units"] for row in shown), key=str, reverse=True)[:2]
        assert [] == unmerged(manager, old)
        assert {old.id: 30, new.id: None} == enrolled()

    def test_an_enrolment_of_the_other_that_changed_since_stays(self, manager: Client, pair):
        old, new = pair
        promotion = make_promotion(stores=[old])
        merged(manager, old, new)
        version = PromotionStore.get(PromotionStore.store == new.id).version
        changed = manager.put(
            f"/v1/promotions/{promotion.id}/stores/{new.id}",
            json={"target_units": 9},
            headers={"If-Match": f'"{version}"'},
        )
        assert changed.status_code in {200, 201, 204}, changed.text

        left = unmerged(manager, old)

        assert [("enrolments", promotion.id)] == [(each["what"], each["id"]) for each in left]
        assert {old.id: None, new.id: 9} == enrolled()

    def test_fixtures_complaints_and_the_rule_go_along_and_come_back(self, manager: Client, pair):
        old, new = pair
        fixture = make_loan(old)
        complaint, closed = make_complaint(old), make_complaint(old)
        Complaint.update(closed_at=NOON, state="closed").where(Complaint.id == closed.id).execute()
        VisitRule.create(store=old, weekdays=[1], weeks=[], visits=2, version=4, force_insert=True)

        merged(manager, old, new)

        assert (new.id, new.region_id) == (
            Fixture.get_by_id(fixture.id).store_id,
            Fixture.get_by_id(fixture.id).region_id,
        )
        last = FixtureEvent.select().order_by(FixtureEvent.number.desc()).get()
        assert ("moved", 3, new.id) == (last.kind, last.number, last.store_id)
        assert {complaint.id: new.id, closed.id: old.id} == {
            one.id: one.store_id for one in Complaint.select()
        }
        assert new.id == VisitRule.get().store_id
        assert [] == unmerged(manager, old)
        assert old.id == Fixture.get_by_id(fixture.id).store_id == VisitRule.get().store_id
        assert {old.id} == {one.store_id for one in Complaint.select()}

    def test_the_rule_of_the_one_that_stays_holds(self, manager: Client, pair):
        for number, store in enumerate(pair):
            VisitRule.create(store=store, weekdays=[number], weeks=[], version=1, force_insert=True)

        merged(manager, *pair)

        assert {0: pair[0].id, 1: pair[1].id} == {
            rule.weekdays[0]: rule.store_id for rule in VisitRule.select()
        }


class TestUndoing:
    def test_a_store_stands_as_before(self, manager: Client, today):
        first, second = make_dealer(), make_dealer()
        reps = [make_person(), make_person()]
        old = make_store(first, owner=reps[0], status="at_risk")
        new = make_store(second, owner=reps[1])
        CodeAlias.create(code="43-99-001-0001", store=old)
        field = make_custom_field()
        CustomValue.create(field=field, store=old, value="旧")
        make_card(old, short_name="旧", licence_no="91350100M000100Y43")
        make_card(new, phone_e164="+862")
        contact, rep = make_contact(old), reps[0]
        plan = make_plan_entry(old, rep, planned_on=today + timedelta(days=3))
        merged(manager, old, new, dealer_id=first.id, owner_id=rep.id)

        answer = unmerge(manager, old)

        assert (200, []) == (answer.status_code, answer.json["left"]), answer.text
        assert ("at_risk", None, rep.id, first.id) == tuple(
            answer.json["store"][name]
            for name in ("status", "merged_into_id", "owner_id", "dealer_id")
        )
        kept = manager.get(f"/v1/stores/{new.id}").json
        assert (reps[1].id, second.id) == (kept["owner_id"], kept["dealer_id"])
        for code in (old.code, "43-99-001-0001"):
            assert [old.id] == [each["id"] for each in manager.get(f"/v1/stores?code={code}").json]
        assert old.id == Contact.get_by_id(contact.id).store_id
        assert old.id == PlanEntry.get_by_id(plan.id).store_id
        card = CustomerCard.get(CustomerCard.store == new.id)
        assert (None, None, "+862") == (card.short_name, card.licence_no, card.phone_e164)
        assert [old.id] == [value.store_id for value in CustomValue.select()]
        last = PipelineMove.select().order_by(PipelineMove.id.desc()).get()
        assert ("closed", "at_risk") == (last.from_status, last.to_status)
        assert {"store.restored", "store.bereft"} <= set(verbs())
        assert answer.headers["ETag"] == f'"{Store.get_by_id(old.id).version}"'

    def test_can_be_merged_and_undone_again(self, manager: Client, pair):
        old, new = pair
        make_contact(old)
        merged(manager, old, new)
        unmerged(manager, old)

        merged(manager, old, new, version=3)
        answer = unmerge(manager, old, version=4)

        assert (200, []) == (answer.status_code, answer.json["left"])
        assert [True, True] == [one.undone_at is not None for one in MergeRecord.select()]

    def test_the_time_between_stays_with_the_other(self, manager: Client, pair, today):
        old, new = pair
        merged(manager, old, new)
        # As if the merge had been ten days ago.
        long_ago = today - timedelta(days=10)
        StoreDealer.update(to_on=long_ago).where(StoreDealer.store == old.id).execute()
        visit = make_visit(new, at=clock.now() - timedelta(days=5))

        unmerged(manager, old)

        dealer = StoreDealer.get(StoreDealer.store == new.id).dealer_id
        assert [dealer, None, dealer] == [
            stores.dealer_on(old.id, day) for day in (long_ago - timedelta(days=1), long_ago, today)
        ]
        assert new.id == Visit.get_by_id(visit.id).store_id

    def test_leaves_what_somebody_changed_and_says_so(self, manager: Client, today):
        first, second, third = (make_dealer() for _ in range(3))
        rep, other, later = (make_person() for _ in range(3))
        old, new = make_store(first, owner=rep), make_store(second, owner=other)
        make_card(old, short_name="旧", licence_name="旧照")
        field = make_custom_field()
        CustomValue.create(field=field, store=old, value="旧")
        contact = make_contact(old)
        fixture = make_loan(old)
        plan = make_plan_entry(old, rep, planned_on=today + timedelta(days=3))
        VisitRule.create(store=old, weekdays=[1], weeks=[], version=1, force_insert=True)
        merged(manager, old, new, dealer_id=first.id, owner_id=rep.id)
        Contact.update(version=7).execute()
        Fixture.update(version=7).execute()
        PlanEntry.update(status="done").execute()
        VisitRule.update(version=7).execute()
        CustomValue.update(value="新").where(CustomValue.store == new.id).execute()
        CustomerCard.update(short_name="新").where(CustomerCard.store == new.id).execute()
        Store.update(owner=later).where(Store.id == new.id).execute()
        tomorrow = (today + timedelta(days=1)).isoformat()
        moved = manager.put(f"/v1/stores/{new.id}/dealers/{tomorrow}", json={"dealer_id": third.id})
        assert 201 == moved.status_code, moved.text

        left = unmerged(manager, old)

        told = {(each["what"], each.get("id") or each.get("field")) for each in left}
        assert {
            ("contacts", str(contact.id)),
            ("fixtures", fixture.id),
            ("plans", str(plan.id)),
            ("visit_rule", old.id),
            ("custom_fields", field.id),
            ("card", "short_name"),
            ("owner", new.id),
            ("dealer", new.id),
        } == told
        card = CustomerCard.get(CustomerCard.store == new.id)
        assert ("新", None) == (card.short_name, card.licence_name)
        assert (later.id, third.id) == (
            Store.get_by_id(new.id).owner_id,
            stores.dealer_on(new.id, today + timedelta(days=1)),
        )

    def test_does_not_give_a_store_to_a_dealer_that_closed(self, manager: Client, pair, today):
        old, new = pair
        merged(manager, old, new)
        Dealer.update(closed_on=today).execute()

        left = unmerged(manager, old)

        assert [("dealer", "closed")] == [(each["what"], each["why"]) for each in left]
        assert stores.dealer_on(old.id, today) is None

    def test_gives_a_store_to_what_its_dealer_was_merged_into(self, manager: Client, pair, today):
        old, new = pair
        dealer = Dealer.get_by_id(stores.dealer_on(old.id, today))
        heir = make_dealer()
        merged(manager, old, new)
        merged(manager, dealer, heir)

        assert [] == unmerged(manager, old)
        assert heir.id == stores.dealer_on(old.id, today)

    def test_lets_what_was_merged_before_lead_back(self, manager: Client):
        dealer = make_dealer()
        first, second, third = (make_store(dealer) for _ in range(3))
        merged(manager, first, second)
        merged(manager, second, third, version=2)

        early = unmerge(manager, first)
        answer = unmerge(manager, second, version=3)

        assert (422, "merge-refused") == said(early)
        assert 200 == answer.status_code, answer.text
        assert second.id == Store.get_by_id(first.id).merged_into_id
        assert 200 == unmerge(manager, first).status_code

    def test_refuses_what_makes_no_sense(self, client: Client, manager: Client, pair):
        old, new = pair
        standing = unmerge(manager, new, version=1)
        merged(manager, old, new)
        stranger = client.as_(make_person(Role.MANAGER, region=make_region(the_region())))
        stale = unmerge(manager, old, version=1)
        hidden = unmerge(stranger, old)
        unversioned = manager.post(f"/v1/stores/{old.id}/unmerge")
        MergeRecord.delete().execute()

        unknown = unmerge(manager, old)

        assert [(422, "not-merged")] * 2 == [said(standing), said(unknown)]
        assert [412, 404, 428] == [each.status_code for each in (stale, hidden, unversioned)]
        assert new.id == Store.get_by_id(old.id).merged_into_id


class TestOfDealers:
    def test_what_is_current_goes_along_and_comes_back(self, manager: Client, today):
        old, new = make_dealer(), make_dealer()
        store, other = make_store(old), make_store(old)
        agreement = make_agreement(old)
        ended = make_agreement(old, valid_from=OPENED, valid_to=OPENED + timedelta(days=9))
        child = make_dealer(parent=old)
        make_contact(old)
        make_card(old, short_name="旧")
        fixture = make_loan(store)
        task = make_task(store)
        complaint = make_complaint(source="dealer", store_id=None, dealer_id=old.id)

        merged(manager, old, new)

        def owners() -> list[int]:
            return [
                Agreement.get_by_id(agreement.id).dealer_id,
                Dealer.get_by_id(child.id).parent_id,
                Contact.get().dealer_id,
                Fixture.get_by_id(fixture.id).dealer_id,
                Task.get(Task.id == task.id).dealer_id,
                Complaint.get_by_id(complaint.id).dealer_id,
                *(stores.dealer_on(each.id, today) for each in (store, other)),
            ]

        assert {new.id} == set(owners())
        assert old.id == Agreement.get_by_id(ended.id).dealer_id
        assert "agreement.moved" in verbs()

        answer = unmerge(manager, old)

        assert (200, []) == (answer.status_code, answer.json["left"]), answer.text
        assert (None, None) == tuple(
            answer.json["dealer"][name] for name in ("closed_on", "merged_into_id")
        )
        assert {old.id} == set(owners())
        assert not CustomerCard.get(CustomerCard.dealer == new.id).short_name
        assert [old.id] == [each["id"] for each in manager.get(f"/v1/dealers?code={old.code}").json]

    def test_a_sub_dealer_that_stayed_goes_below_again(self, manager: Client):
        agent = make_dealer()
        old = make_dealer(parent=agent)
        new = make_dealer(parent=old)
        merged(manager, old, new)

        assert [] == unmerged(manager, old)
        assert (old.id, agent.id) == tuple(
            Dealer.get_by_id(each.id).parent_id for each in (new, old)
        )

    def test_leaves_what_somebody_changed_and_says_so(self, manager: Client, today):
        agent, elsewhere = make_dealer(), make_dealer()
        old = make_dealer(parent=agent)
        new = make_dealer(parent=old)
        gone, child = make_store(old), make_dealer(parent=old)
        agreement = make_agreement(old)
        task = make_task(gone)
        merged(manager, old, new)
        Dealer.update(parent=elsewhere).where(Dealer.id.in_([new.id, child.id])).execute()
        Agreement.update(version=7).execute()
        Task.update(version=7).execute()
        tomorrow = (today + timedelta(days=1)).isoformat()
        manager.put(f"/v1/stores/{gone.id}/dealers/{tomorrow}", json={"dealer_id": elsewhere.id})

        left = unmerged(manager, old)

        assert {
            ("children", child.id),
            ("parent", new.id),
            ("stores", gone.id),
            ("agreements", agreement.id),
            ("tasks", str(task.id)),
        } == {(each["what"], each["id"]) for each in left}

    def test_claims_stay_with_the_dealer_of_their_day(self, manager: Client):
        old, new = make_dealer(), make_dealer()
        promotion = make_promotion(dealer_kinds=["pos_display"])
        claim = uuid4()
        line = {"kind": "pos_display", "amount_fen": 100, "quantity": 1}
        body = {"promotion_id": promotion.id, "dealer_id": old.id, "lines": [line]}
        made = manager.put(f"/v1/claims/{claim}", json=body)
        assert 201 == made.status_code, made.text

        merged(manager, old, new)

        assert old.id == manager.get(f"/v1/claims/{claim}").json["dealer_id"]
        assert UUID(manager.get(f"/v1/claims?dealer_id={old.id}").json[0]["id"]) == claim
