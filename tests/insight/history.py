"""A history in which every KPI has something to say, the same each time."""

from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID

from backend.evidence.models import LocationReading
from backend.fieldwork.case_models import Complaint, ComplaintEntry
from backend.fieldwork.models import Visit
from backend.fieldwork.task_log import record
from backend.insight import rollups
from backend.network.archive_models import StoreCompleteness
from backend.network.models import Dealer, Store, StoreDealer
from backend.platform.actors import Role
from backend.platform.database import transaction
from backend.standards.models import Sku
from backend.standards.service import TaskStep
from tests.factories import (
    actor_of,
    make_complaint,
    make_count,
    make_dealer,
    make_feedback,
    make_inspection,
    make_person,
    make_plan_entry,
    make_price_observation,
    make_product_line,
    make_push,
    make_report,
    make_score,
    make_sell_in,
    make_sell_out,
    make_sku,
    make_store,
    make_survey,
    make_task,
)
from tests.insight.facts import day, noon, photo, promoted, promotion, violation, visit_on

STORES = 6


@dataclass
class History:
    """What happened to whom."""

    chance: Random
    stores: list[Store]
    people: list[Any]
    skus: list[Sku]


def happen(seed: int = 7) -> History:
    """Let two dealers' stores have four busy weeks, and two before them."""
    dealers = [make_dealer(code="D1"), make_dealer(code="D2")]
    boss = make_person(Role.SUPERVISOR, login="boss")
    people = [boss, *(make_person(login=f"rep{number}", supervisor=boss) for number in range(2))]
    stores = [
        make_store(
            dealers[number % 2],
            code=f"S{number}",
            owner=people[1 + number % 2],
            tier=("city", "county", "town")[number % 3],
            grade="ABC"[number % 3],
            chain="苏宁" if number < 3 else None,
        )
        for number in range(STORES)
    ]
    moved = StoreDealer.store == stores[0]
    StoreDealer.update(to_on=day(12)).where(moved).execute()
    StoreDealer.create(store=stores[0], dealer=dealers[1], from_on=day(12))
    history = History(Random(seed), stores, people, [make_sku(), make_sku(), make_sku()])
    _visits(history)
    _cases(history)
    _trade(history)
    rollups.rebuild()
    return history


def _visits(history: History) -> None:
    chance = history.chance
    made = promotion(*history.stores[:4])
    for number, store in enumerate(history.stores):
        StoreCompleteness.create(
            store=store, share=0, missing=[], filled=number, required=6 + number
        )
        for on in sorted(chance.choices(range(28), k=5)):
            person = chance.choice(history.people)
            kind = "supervisor_patrol" if person is history.people[0] else "routine"
            at = noon(on) + timedelta(minutes=chance.randrange(300))
            leaves = chance.choice([None, at + timedelta(minutes=chance.randrange(1, 60))])
            visit = visit_on(
                on, store, person=person, kind=kind, at=at, id=_id(chance), checked_out_at=leaves
            )
            _reported(history, visit)
            promoted(visit, made, is_executed=chance.choice([True, False, None]))
        for on in chance.sample(range(28), 4):
            make_plan_entry(store, history.people[1], planned_on=day(on), id=_id(chance))
            make_survey(
                store,
                history.people[2],
                seen_on=day(on),
                competitor_sections=chance.choice([None, 2, 5]),
                id=_id(chance),
            )
            make_push(
                store,
                history.people[2],
                dealer=StoreDealer.get(
                    StoreDealer.store == store, StoreDealer.on(day(on))
                ).dealer_id,
                assessed_on=day(on),
                assessed_at=noon(on),
                clerk_push=chance.randrange(6),
            )


def _reported(history: History, visit: Visit) -> None:
    chance = history.chance
    some = chance.randrange(1, 5)
    counts = {
        "signage_num": some - 1,
        "signage_den": some,
        "mandatory_pass": some - 1,
        "mandatory_checked": some,
        "is_all_mandatory_pass": chance.choice([True, True, False]),
        "lines_offered": 9,
        "lines_checked": some,
        "must_listed": some,
        "must_answered": 5,
        "must_available": 1,
        "must_stock_answered": some,
        "prices_compliant": 1,
        "prices_checked": 2,
        "promos_checked": some,
        "promo_units": some,
        "is_productive": chance.choice([True, False, None]),
        "first_notice": chance.choice([True, False, None]),
        "photo_slots": 3,
        "photo_slots_filled": some % 3,
    }
    make_report(visit, **{name: chance.choice([value, None]) for name, value in counts.items()})
    for number, sku in enumerate(history.skus):
        stock = chance.choice([None, some])
        make_product_line(visit, sku, is_must=True, is_listed=chance.random() < 0.7, stock=stock)
        make_price_observation(
            visit,
            sku,
            number=number,
            net_fen=189_900 + some,
            reference_fen=chance.choice([None, 199_900]),
        )
    make_score(visit, score=chance.choice([10, 70]))
    outcome = chance.choice(["inside", "outside"])
    LocationReading.create(
        visit_id=visit.id,
        outcome=outcome,
        distance_m=9,
        radius_m=200,
        store_lat=28.1,
        store_lon=112.9,
        flags=[],
        judged_at=visit.received_at,
    )
    photo(visit, verdict=chance.choice(["approved", "rejected"]), is_reused=chance.random() < 0.3)


def _cases(history: History) -> None:
    chance = history.chance
    for number, store in enumerate(history.stores):
        for on in chance.choices(range(20), k=3):
            case = violation(on, store, chance.choice(["direct_price_cut", "out_of_stock"]))
            if chance.random() < 0.7:
                case.resolved_at = noon(on + chance.randrange(1, 8))
                case.save()
        task = make_task(store, at=noon(chance.randrange(20)), due_on=day(25))
        begun_at = task.made_at + timedelta(hours=chance.randrange(1, 50))
        with transaction():
            record(actor_of(history.people[1]), task, TaskStep.STARTED, {}, at=begun_at)
        make_inspection(store, history.people[1], inspected_at=noon(chance.randrange(20)))
        complaint = make_complaint(store, history.people[0], at=noon(chance.randrange(1, 20)))
        ComplaintEntry.create(
            complaint=complaint,
            number=2,
            step="acknowledged",
            text="",
            person_id=history.people[0].id,
            at=complaint.received_at + timedelta(hours=3),
        )
        closed_at = complaint.received_at + timedelta(days=number) if number % 2 else None
        Complaint.update(closed_at=closed_at).where(Complaint.id == complaint.id).execute()
        rejected = visit_on(
            number,
            store,
            person=history.people[1],
            quarantine_reason="rejected-by-reviewer",
            id=_id(chance),
        )
        make_score(rejected, score=70)
        for score in (2.0, 4.5):
            make_feedback(store, score=score, given_on=day(chance.randrange(28)))


def _trade(history: History) -> None:
    chance = history.chance
    for number, store in enumerate(history.stores):
        for sku in history.skus[:2]:  # nobody wants the third
            for on in chance.sample(range(-30, 28), 6 if number else 0):
                make_sell_in(sku, store=store, on=day(on), units=chance.randrange(1, 9))
            for on in chance.sample(range(-30, 28), 5 if number < 4 else 0):
                make_sell_out(store, sku, on=day(on), units=chance.randrange(-1, 4))
        for on in chance.sample(range(-25, 28), 3 if number % 4 else 0):
            make_count(
                store, dict.fromkeys(history.skus, number), at=noon(on), person=history.people[1]
            )
    for on in (-20, 5):
        make_sell_in(history.skus[0], dealer=Dealer.get(code="D2"), on=day(on))


def _id(chance: Random) -> UUID:
    return UUID(int=chance.getrandbits(128), version=4)
