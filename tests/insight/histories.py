"""Histories: what may happen to two dealers' stores, in any order, and told to the rollups."""

from datetime import timedelta
from itertools import count
from random import Random
from typing import Any

import orjson

from backend.evidence.models import LocationReading
from backend.evidence.signal_models import VisitScore
from backend.exchange import erasure
from backend.fieldwork.journey_models import PlanEntry
from backend.fieldwork.models import PromotionResult, Report, Visit
from backend.fieldwork.violation_models import Violation
from backend.insight import follow, rollups
from backend.network import ownership
from backend.network.models import Person
from backend.platform import jobs
from backend.platform.actors import Role
from backend.platform.models import LedgerEntry
from tests.factories import (
    NOON,
    make_count,
    make_dealer,
    make_person,
    make_report,
    make_sell_in,
    make_sell_out,
    make_sku,
    make_store,
    make_visit,
)
from tests.insight.facts import LATER, boss, day, noon, plan, promoted, promotion, violation

KINDS = (
    *("visit",) * 6,
    *("report", "amend", "cancel", "quarantine", "release", "score", "place"),
    *("plan", "violation", "retract", "sale", "count", "move", "erase"),
    *("follow", "refresh"),
)
STAYS = (2, 30, 300)  # minutes
DAYS = (1, 2, 4, 4, 4, 9, 10)  # few, so that things meet


class History:
    """A small network to which things happen, each worked out from a number."""

    def __init__(self) -> None:
        self.dealers = [make_dealer(), make_dealer()]
        self.reps = [make_person(), make_person()]
        self.people = [*self.reps, make_person(Role.SUPERVISOR)]
        self.stores = [
            make_store(self.dealers[0], owner=self.reps[number % 2], tier=tier)
            for number, tier in enumerate(("city", "town", "town"))
        ]
        self.sku = make_sku()
        self.promotion = promotion(*self.stores[:2])
        self.boss = boss()
        self.visits: list[Visit] = []
        self.violations: list[Violation] = []
        self.entries: list[LedgerEntry] = []
        self.minutes = count()

    def happen(self, kind: str, number: int) -> None:
        """Let one thing happen; where there is nothing yet that it could happen to, nothing."""
        getattr(self, kind)(Random(number))

    def settle(self) -> None:
        """Follow all that was told, and do all that is owed."""
        self.follow(Random(0), most=len(self.entries))
        while jobs.run_together(follow.KIND, follow.refresh, at=LATER):
            pass

    def visit(self, random: Random) -> None:
        """Check in; two of three visits are complete at once, the others wait for their report."""
        at = noon(random.choice(DAYS)) + timedelta(minutes=next(self.minutes))
        made = make_visit(
            random.choice(self.stores),
            random.choice(self.people),
            at=at,
            kind=random.choice(["routine", "supervisor_patrol"]),
            status="unreported",
            accuracy_m=random.choice([20, 201]),
            checked_out_at=random.choice([None, at + timedelta(minutes=random.choice(STAYS))]),
            paused_s=random.choice([None, 60]),
        )
        self.visits.append(made)
        LocationReading.create(
            visit_id=made.id,
            outcome=random.choice(["inside", "outside"]),
            store_lat=random.choice([None, 28.2]),
            flags=random.choice([[], [], ["datum_mismatch_suspected"], ["no_position"]]),
            judged_at=NOON,
        )
        if random.random() < 2 / 3:
            self._report(made, random)

    def report(self, random: Random) -> None:
        """Hand in the report of a visit that waits for it."""
        waiting = [visit for visit in self.visits if visit.status == "unreported"]
        if waiting:
            self._report(random.choice(waiting), random)

    def amend(self, random: Random) -> None:
        """Replace what a report counted."""
        done = [visit for visit in self.visits if visit.status == "complete"]
        if done:
            visit = random.choice(done)
            Report.update(**_counts(random)).where(Report.visit_id == visit.id).execute()
            PromotionResult.delete().where(PromotionResult.visit_id == visit.id).execute()
            self._promote(visit, random)
            self._tell_of("visit.judged", visit)

    def cancel(self, random: Random) -> None:
        """Break a visit off."""
        self._change(random, "visit.cancelled", status="cancelled")

    def quarantine(self, random: Random) -> None:
        """Keep a visit aside."""
        reason = random.choice(["clock", "rejected-by-reviewer"])
        self._change(random, "visit.quarantined", quarantine_reason=reason)

    def release(self, random: Random) -> None:
        """Let a visit in again."""
        self._change(random, "visit.released", quarantine_reason=None)

    def score(self, random: Random) -> None:
        """Score a visit, or score it anew."""
        if self.visits:
            visit, score = random.choice(self.visits), random.choice([0, 59, 60, 100])
            VisitScore.delete().where(VisitScore.visit_id == visit.id).execute()
            VisitScore.create(
                visit_id=visit.id,
                person_id=visit.person_id,
                business_on=visit.business_on,
                score=score,
                band="suspect",
                codes=[],
                config_version=1,
                scored_at=NOON,
            )
            self._tell("visit.scored", visit.id)

    def place(self, random: Random) -> None:
        """Judge again where a visit was, as the point of its store is corrected."""
        if self.visits:
            visit = random.choice(self.visits)
            LocationReading.update(
                outcome=random.choice(["inside", "outside"]),
                store_lat=random.choice([28.2, 28.3]),
                flags=[],
            ).where(LocationReading.visit_id == visit.id).execute()
            self._tell("visit.located", visit.id)

    def plan(self, random: Random) -> None:
        """Plan a visit of a store's own rep, perhaps one that was made."""
        store, number = random.choice(self.stores), random.choice(DAYS)
        entry = plan(number, store, random.choice(["planned", "planned", "cancelled_by_manager"]))
        done = random.choice([None, *self.visits])
        PlanEntry.update(person=store.owner_id, visit_id=done and done.id).where(
            PlanEntry.id == entry.id
        ).execute()
        if done:
            self._tell("plan.done", entry.id, visit=str(done.id))

    def violation(self, random: Random) -> None:
        """See a violation."""
        kind = random.choice(["direct_price_cut", "out_of_stock"])
        seen = violation(random.choice(DAYS), random.choice(self.stores), kind)
        self.violations.append(seen)

    def retract(self, random: Random) -> None:
        """Take a violation back."""
        if self.violations:
            gone = random.choice(self.violations).id
            Violation.update(retracted_at=NOON).where(Violation.id == gone).execute()

    def sale(self, random: Random) -> None:
        """Sell to a store and by it, or take goods back."""
        store, on = random.choice(self.stores), day(random.choice(DAYS))
        units = random.choice([-2, 1, 5])
        sold = make_sell_out(store, self.sku, on=on, units=units)
        make_sell_in(self.sku, store=store, on=on, units=-units)
        self._tell("sell_out.recorded", store.id, dealer=sold.dealer_id, store=store.id, day=on)

    def count(self, random: Random) -> None:
        """Count a store's goods outside a visit."""
        number, store = random.choice(DAYS), random.choice(self.stores)
        at = noon(number) + timedelta(minutes=next(self.minutes))
        made = make_count(store, {self.sku: 3}, at=at, person=random.choice(self.people))
        dealer = self.dealers[0].id
        self._tell("stock.counted", made.id, dealer=dealer, store=store.id, day=made.counted_on)

    def move(self, random: Random) -> None:
        """Give a store to the other dealer, from a day that may be long past."""
        store, number = random.choice(self.stores), random.choice(DAYS)
        links = list(ownership.history(self.boss, store.id))
        if links[-1].from_on < day(number):
            to = next(each.id for each in self.dealers if each.id != links[-1].dealer_id)
            ownership.assign(self.boss, store.id, day(number), dealer_id=to, at=NOON)
            self._tell("store.moved", store.id, dealer=to, from_on=day(number))

    def erase(self, random: Random) -> None:
        """Forget a person who has left, once what was told is followed: sums stay as they are."""
        person = random.choice(self.reps)
        Person.update(is_active=False).where(Person.id == person.id).execute()
        erasure.erase(self.boss, person.id, at=NOON)
        erasure.finish(str(person.id))

    def follow(self, random: Random, most: int = 3) -> None:
        """Follow some of what was told, and do some of what is owed."""
        read, self.entries = self.entries[:most], self.entries[most:]
        if read:
            follow.handle(read)
        jobs.run_together(follow.KIND, follow.refresh, at=LATER, limit=random.choice([1, 2, 5]))

    def refresh(self, random: Random) -> None:
        """Refresh a store-day too early, or for nothing."""
        rollups.refresh([(0, day(random.choice(DAYS)), random.choice(self.stores).id)])

    def _report(self, visit: Visit, random: Random) -> None:
        make_report(visit, **_counts(random))
        self._promote(visit, random)
        visit.status = "complete"
        visit.save()
        self._tell_of("visit.completed", visit)

    def _promote(self, visit: Visit, random: Random) -> None:
        promoted(visit, self.promotion, is_executed=random.choice([None, True, False]))

    def _change(self, random: Random, verb: str, **fields: Any) -> None:
        if self.visits:
            visit = random.choice(self.visits)
            for name, value in fields.items():
                setattr(visit, name, value)
            Visit.update(**fields).where(Visit.id == visit.id).execute()
            self._tell_of(verb, visit)

    def _tell_of(self, verb: str, visit: Visit) -> None:
        where = {"dealer": visit.dealer_id, "store": visit.store_id, "day": visit.business_on}
        self._tell(verb, visit.id, **where)

    def _tell(self, verb: str, object_id: object, **facts: Any) -> None:
        text = orjson.dumps(facts).decode()
        entry = LedgerEntry(verb=verb, object_id=str(object_id), facts=text, at=NOON)
        self.entries.append(entry)


def _counts(random: Random) -> dict[str, Any]:
    """Return what a judged report counted; some sections are missing."""
    pairs = {
        "must_answered": "must_listed",
        "must_stock_answered": "must_available",
        "signage_den": "signage_num",
        "mandatory_checked": "mandatory_pass",
        "lines_offered": "lines_checked",
        "prices_checked": "prices_compliant",
        "photo_slots": "photo_slots_filled",
        "promos_checked": "promos_executed",
    }
    found: dict[str, Any] = {}
    for whole, part in pairs.items():
        found[whole] = random.choice([None, 0, 2, 5])
        found[part] = found[whole] and random.randint(0, found[whole])
    for name in ("first_notice", "is_productive"):
        found[name] = random.choice([None, True, False])
    return found | {"promo_units": random.choice([None, 0, 3])}
