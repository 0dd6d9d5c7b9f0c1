"""The KPIs counted one thing at a time, straight from the rows."""

from collections import defaultdict
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, NamedTuple

from backend.evidence.models import LocationReading
from backend.evidence.signal_models import VisitScore
from backend.fieldwork.journey_models import PlanEntry
from backend.fieldwork.models import PromotionResult, Report, Visit
from backend.fieldwork.trade_models import SellOut, StockCount
from backend.fieldwork.violation_models import Violation
from backend.insight.populations import Grain
from backend.insight.windows import Window
from backend.network.models import Person, Store, StoreDealer
from backend.standards.models import Promotion, PromotionStore

Parts = dict[Any, dict[str, list[Any]]]
"""Numerator and denominator by member and KPI."""


class Fact(NamedTuple):
    """A countable visit with what is known of it."""

    visit: Visit
    report: Report
    score: VisitScore | None
    place: LocationReading
    is_planned: bool

    @property
    def is_timed(self) -> bool:
        return self.visit.checked_out_at is not None

    @property
    def minutes(self) -> float:
        stayed = self.visit.checked_out_at - self.visit.checked_in_at
        return min(max(stayed.total_seconds() - (self.visit.paused_s or 0), 0), 4 * 3600) / 60

    @property
    def is_short(self) -> bool:
        stayed = self.visit.checked_out_at - self.visit.checked_in_at
        return stayed.total_seconds() - (self.visit.paused_s or 0) < 5 * 60

    @property
    def is_located(self) -> bool:
        has_both = "no_position" not in self.place.flags and self.place.store_lat is not None
        return has_both and self.visit.accuracy_m <= 200

    @property
    def is_outside(self) -> bool:
        is_datum = "datum_mismatch_suspected" in self.place.flags
        return self.is_located and self.place.outcome == "outside" and not is_datum


FLOWS: dict[str, Callable[[Fact], tuple[Any, Any]]] = {
    "visits": lambda _: (1, 0),
    "unplanned_visit_share": lambda fact: (not fact.is_planned, 1),
    "avg_time_in_store_min": lambda fact: (fact.minutes, 1) if fact.is_timed else (0, 0),
    "short_visit_share": lambda fact: (fact.is_short, 1) if fact.is_timed else (0, 0),
    "strike_rate": lambda fact: (
        bool(fact.report.is_productive),
        fact.report.is_productive is not None,
    ),
    "check_completion_rate": lambda fact: (fact.report.lines_checked, fact.report.lines_offered),
    "price_compliance_rate": lambda fact: (
        fact.report.prices_compliant,
        fact.report.prices_checked,
    ),
    "promo_units": lambda fact: (fact.report.promo_units, 0),
    "photo_required_rate": lambda fact: (fact.report.photo_slots_filled, fact.report.photo_slots),
    "out_of_fence_rate": lambda fact: (fact.is_outside, fact.is_located),
    "violations_per_100_checks_by_kind": lambda fact: (
        0,
        1
        + (fact.report.mandatory_checked or 0)
        + (fact.report.must_answered or 0)
        + (fact.report.prices_checked or 0)
        + (fact.report.promos_checked or 0),
    ),
}
STATES: dict[str, tuple[str, Callable[[Report], tuple[Any, Any]]]] = {
    "signage_compliance_score": (
        "signage_den",
        lambda report: (report.signage_num / report.signage_den, 1),
    ),
    "mandatory_item_pass_rate": (
        "signage_den",
        lambda report: (report.mandatory_pass, report.mandatory_checked),
    ),
    "listing_rate": ("must_answered", lambda report: (report.must_listed, report.must_answered)),
    "on_shelf_availability": (
        "must_stock_answered",
        lambda report: (report.must_available, report.must_stock_answered),
    ),
    "first_notice_rate": ("first_notice", lambda report: (report.first_notice, 1)),
}
CODES = (
    *FLOWS,
    *STATES,
    "store_coverage_rate",
    "visit_adherence_rate",
    "visits_per_rep_day",
    "promo_execution_rate",
    "sell_out_units",
    "suspicious_visit_rate",
)


class Naive:
    """The parts of every member of a grain over a window."""

    def __init__(self, grain: Grain, window: Window) -> None:
        self.grain, self.window = grain, window
        self.stores = {store.id: store for store in Store.select()}
        self.reps = {person.id for person in Person.select() if person.role == "rep"}
        self.links = list(StoreDealer.select())
        completed = self._completed()
        self.facts = [fact for fact in completed if fact.visit.quarantine_reason is None]
        self.judged = [
            fact
            for fact in completed
            if fact.visit.quarantine_reason in {None, "rejected-by-reviewer"}
        ]
        self.parts: Parts = defaultdict(lambda: defaultdict(lambda: [0, 0]))
        for count in (
            self._flows,
            self._states,
            self._coverage,
            self._adherence,
            self._rep_days,
            self._promotions,
            self._sales,
            self._scored,
            self._violations,
        ):
            count()

    def _completed(self) -> list[Fact]:
        reports = {report.visit_id: report for report in Report.select()}
        scores = {score.visit_id: score for score in VisitScore.select()}
        places = {place.visit_id: place for place in LocationReading.select()}
        planned = {entry.visit_id for entry in PlanEntry.select()}
        return [
            Fact(
                visit,
                reports[visit.id],
                scores.get(visit.id),
                places[visit.id],
                visit.id in planned,
            )
            for visit in Visit.select().order_by(Visit.checked_in_at)
            if visit.status == "complete" and self._is_within(visit.business_on)
        ]

    def _is_within(self, on: date) -> bool:
        return self.window.from_on <= on < self.window.to_on

    def _member(self, dealer_id: int, store_id: int, person_id: int | None = None) -> Any:
        """Return whose a fact is: of reps, that of who made it, if that is known."""
        store = self.stores[store_id]
        if self.grain is Grain.REP and person_id is not None:
            return person_id if person_id in self.reps else None
        return {
            Grain.DEALER: dealer_id,
            Grain.STORE: store_id,
            Grain.TIER: store.tier,
            Grain.REP: store.owner_id,
            Grain.ALL: "all",
        }[self.grain]

    def _of(self, fact: Fact) -> Any:
        visit = fact.visit
        return self._member(visit.dealer_id, visit.store_id, visit.person_id)

    def _add(self, member: Any, code: str, num: Any, den: Any = 0) -> None:
        if member is not None:
            part = self.parts[member][code]
            part[0] += num or 0
            part[1] += den or 0

    def _dealer_on(self, store_id: int, on: date) -> int:
        (link,) = (
            link
            for link in self.links
            if link.store_id == store_id
            and link.from_on <= on
            and (link.to_on is None or link.to_on > on)
        )
        return link.dealer_id

    def _flows(self) -> None:
        for fact in self.facts:
            for code, parts in FLOWS.items():
                self._add(self._of(fact), code, *parts(fact))

    def _states(self) -> None:
        for code, (carrier, parts) in STATES.items():
            latest = {}
            for fact in self.facts:
                carried = getattr(fact.report, carrier)
                if carried or carried is False:
                    latest[self._of(fact), fact.visit.store_id] = fact.report
            for (member, _), report in latest.items():
                self._add(member, code, *parts(report))

    def _made(self) -> list[Fact]:
        """Return the visits that do what was asked: of reps, patrols of supervisors do nothing."""
        is_rep = self.grain is Grain.REP
        return [
            fact for fact in self.facts if not (is_rep and fact.visit.kind == "supervisor_patrol")
        ]

    def _coverage(self) -> None:
        active: dict[tuple[Any, int], int] = defaultdict(int)
        for link in self.links:
            for number in range((self.window.to_on - self.window.from_on).days):
                on = self.window.from_on + timedelta(days=number)
                if link.from_on <= on and (link.to_on is None or on < link.to_on):
                    active[self._member(link.dealer_id, link.store_id), link.store_id] += 1
        visited = {
            (self._member(fact.visit.dealer_id, fact.visit.store_id), fact.visit.store_id)
            for fact in self._made()
        }
        for (member, store_id), days in active.items():
            if days >= 7:
                self._add(member, "store_coverage_rate", (member, store_id) in visited, 1)

    def _adherence(self) -> None:
        planned: dict[tuple[int, date], int] = defaultdict(int)
        for entry in PlanEntry.select():
            if entry.status != "cancelled_by_manager" and self._is_within(entry.planned_on):
                planned[entry.store_id, entry.planned_on] += 1
        for (store_id, on), count in planned.items():
            dealer_id = self._dealer_on(store_id, on)
            made = sum(
                (fact.visit.dealer_id, fact.visit.store_id, fact.visit.business_on)
                == (dealer_id, store_id, on)
                for fact in self._made()
            )
            member = self._member(dealer_id, store_id)
            self._add(member, "visit_adherence_rate", min(count, made), count)

    def _rep_days(self) -> None:
        days = set()
        for fact in self.facts:
            if fact.visit.kind != "supervisor_patrol":
                self._add(self._of(fact), "visits_per_rep_day", 1)
                days.add((self._of(fact), fact.visit.person_id, fact.visit.business_on))
        for member, _, _ in days:
            self._add(member, "visits_per_rep_day", 0, 1)

    def _promotions(self) -> None:
        by_visit = {fact.visit.id: fact for fact in self.facts}
        promotions = {made.id: made for made in Promotion.select()}
        seen: dict[tuple[Any, int, int], bool] = {}
        for enrolment in PromotionStore.select():
            made = promotions[enrolment.promotion_id]
            for fact in self.facts:
                is_there = fact.visit.store_id == enrolment.store_id
                if is_there and made.starts_on <= fact.visit.business_on <= made.last_on:
                    seen[self._of(fact), enrolment.store_id, made.id] = False
        for result in PromotionResult.select():
            fact = by_visit.get(result.visit_id)
            if fact and result.is_enrolled and result.is_executed is not None:
                key = self._of(fact), fact.visit.store_id, result.promotion_id
                seen[key] = seen.get(key, False) or result.is_executed
        for (member, *_), is_executed in seen.items():
            self._add(member, "promo_execution_rate", is_executed, 1)

    def _scored(self) -> None:
        for fact in self.judged:
            if fact.score is not None:
                self._add(self._of(fact), "suspicious_visit_rate", fact.score.score >= 60, 1)

    def _sales(self) -> None:
        for sale in SellOut.select():
            if self._is_within(sale.sold_on):
                member = self._member(sale.dealer_id, sale.store_id)
                self._add(member, "sell_out_units", sale.units)

    def _violations(self) -> None:
        code = "violations_per_100_checks_by_kind"
        for violation in Violation.select():
            if violation.retracted_at is None and self._is_within(violation.opened_on):
                self._add(self._member(violation.dealer_id, violation.store_id), code, 1)
        for count in StockCount.select():
            if self._is_within(count.counted_on):
                dealer_id = self._dealer_on(count.store_id, count.counted_on)
                member = self._member(dealer_id, count.store_id, count.person_id)
                self._add(member, code, 0, 1)
