"""Briefs: what to know before a visit, for one store or for the stores of a day, read together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from peewee import JOIN, ModelSelect

from backend.fieldwork.case_models import ENDED, Task
from backend.fieldwork.journey_models import PlanEntry
from backend.fieldwork.models import ProductLine, Report, Visit
from backend.fieldwork.plans import GONE
from backend.fieldwork.receipts import SCORED, score_of
from backend.fieldwork.violation_models import Violation
from backend.insight import covers
from backend.network import contacts, stores
from backend.network.archive_models import Contact
from backend.network.models import Store
from backend.network.words import BuyingRole
from backend.platform.actors import Actor, Permission
from backend.standards import effective
from backend.standards.codes import VisitStatus
from backend.standards.effective import Template
from backend.standards.models import PromotionStore, Sku
from backend.standards.scopes import StoreTraits
from backend.standards.trade_codes import StockFlag

DECIDE = (str(BuyingRole.DECIDER), str(BuyingRole.APPROVER))
ByStore = dict[int, list[Any]]


@dataclass(frozen=True, slots=True)
class Brief:
    """What to know of a store on a day; `plan` is the planned visit, where there is one.

    `last_visit` is the last that counted, whoever made it; `missing` are its must-list products
    that were not listed or not in stock. `deciders` is null for those who may not read contacts.
    """

    store: Store
    on: date
    plan: PlanEntry | None
    last_visit: dict[str, Any] | None
    violations: list[Violation]
    tasks: list[Task]
    promotions: list[Any]
    missing: list[dict[str, Any]]
    stock_flags: list[dict[str, Any]]
    checklist: Template | None
    photos: list[dict[str, Any]]
    deciders: list[dict[str, Any]] | None


def of_store(actor: Actor, store_id: int, *, on: date) -> Brief:
    """Return the brief of one store. Raises NotFoundError."""
    store = stores.get(actor, store_id)
    return _briefs(actor, [(store, None)], on)[0]


def stops(actor: Actor, *, on: date, person_id: int | None = None) -> ModelSelect[PlanEntry]:
    """Return the planned visits of a day with their stores, one's own unless said, by code."""
    return (
        PlanEntry.select(PlanEntry, Store)
        .join(Store, attr="place")
        .where(
            PlanEntry.visible_to(actor),
            Store.visible_to(actor),
            PlanEntry.person == (actor.id if person_id is None else person_id),
            PlanEntry.planned_on == on,
            PlanEntry.status.not_in(GONE),
        )
        .order_by(Store.code, PlanEntry.id)
    )


def of_stops(actor: Actor, entries: Sequence[Any], *, on: date) -> list[Brief]:
    """Return the briefs of planned visits, in their order."""
    return _briefs(actor, [(entry.place, entry) for entry in entries], on)


def _briefs(
    actor: Actor, places: Sequence[tuple[Store, PlanEntry | None]], on: date
) -> list[Brief]:
    if not places:
        return []
    ids = sorted({store.id for store, _ in places})
    standards = effective.on(on)
    last = _last_visits(ids, on)
    missing = _missing([visit.id for visit in last.values()])
    violations = _by_store(
        Violation.select()
        .where(
            Violation.visible_to(actor),
            Violation.store.in_(ids),
            Violation.resolved_at.is_null(),
        )
        .order_by(Violation.severity.desc(), Violation.opened_at, Violation.id)
    )
    tasks = _by_store(
        Task.select()
        .where(Task.visible_to(actor), Task.store.in_(ids), Task.state.not_in(ENDED))
        .order_by(Task.due_on, Task.id)
    )
    enrolled = _by_store(
        PromotionStore.select()
        .where(PromotionStore.store.in_(ids))
        .order_by(PromotionStore.promotion)
    )
    flags = _stock_flags(actor, ids, on)
    deciders = _deciders(actor, ids, on)
    briefs = []
    for store, plan in places:
        traits = _traits(store)
        checklist = next((each for each in standards.templates if each.fits(traits)), None)
        visit = last.get(store.id)
        running = [
            standards.promotions[row.promotion_id]
            for row in enrolled[store.id]
            if row.promotion_id in standards.promotions
        ]
        brief = Brief(
            store=store,
            on=on,
            plan=plan,
            last_visit=_shown(visit) if visit else None,
            violations=violations[store.id],
            tasks=tasks[store.id],
            promotions=running,
            missing=missing[visit.id] if visit else [],
            stock_flags=flags[store.id],
            checklist=checklist,
            photos=_photos(checklist),
            deciders=None if deciders is None else deciders[store.id],
        )
        briefs.append(brief)
    return briefs


def _by_store(rows: Iterable[Any]) -> ByStore:
    found: ByStore = defaultdict(list)
    for row in rows:
        found[row.store_id].append(row)
    return found


def _last_visits(store_ids: list[int], on: date) -> dict[int, Any]:
    """Return the last visit that counts of each store, up to a day, with its report."""
    earlier: Any = Visit.alias()
    last = (
        earlier.select(earlier.id)
        .where(
            earlier.store == Store.id,
            earlier.business_on <= on,
            earlier.status == str(VisitStatus.COMPLETE),
            earlier.quarantine_reason.is_null(),
        )
        .order_by(earlier.business_on.desc(), earlier.checked_in_at.desc(), earlier.id.desc())
        .limit(1)
    )
    visits: Any = (
        Visit.select(
            Visit.id,
            Visit.store,
            Visit.business_on,
            Visit.person,
            Visit.kind,
            Visit.outcome,
            *SCORED,
        )
        .join(Report, JOIN.LEFT_OUTER, on=Report.visit_id == Visit.id, attr="report")
        .where(Visit.id.in_(Store.select(last).where(Store.id.in_(store_ids))))
    )
    return {visit.store_id: visit for visit in visits}


def _shown(visit: Any) -> dict[str, Any]:
    report: Report | None = getattr(visit, "report", None)
    return {
        "visited_on": visit.business_on,
        "person_id": visit.person_id,
        "kind": visit.kind,
        "outcome": visit.outcome,
        "score": score_of(report) if report and report.state == "judged" else None,
    }


def _missing(visit_ids: list[Any]) -> dict[Any, list[dict[str, Any]]]:
    """Return by visit the must-list products that were not listed, or listed and out of stock."""
    lines: Any = (
        ProductLine.select(
            ProductLine.visit_id, ProductLine.sku, ProductLine.is_listed, Sku.code, Sku.name
        )
        .join(Sku)
        .where(
            ProductLine.visit_id.in_(visit_ids),
            ProductLine.is_must,
            ~ProductLine.is_listed | (ProductLine.is_listed & (ProductLine.stock == 0)),
        )
        .order_by(Sku.code)
        .tuples()
    )
    found: dict[Any, list[dict[str, Any]]] = defaultdict(list)
    for visit_id, sku_id, is_listed, code, name in lines:
        row = {"sku_id": sku_id, "sku_code": code, "sku_name": name, "is_listed": is_listed}
        found[visit_id].append(row)
    return found


def _stock_flags(actor: Actor, store_ids: list[int], on: date) -> ByStore:
    """Return by store the products whose stock calls for something."""
    found: ByStore = defaultdict(list)
    rows: Any = covers.flags(actor, day=on, store_ids=store_ids)
    for row in rows:
        if row["flag"] not in {None, StockFlag.STOCK_PRESSURE_OK}:
            found[row["store_id"]].append(row)
    return found


def _deciders(actor: Actor, store_ids: list[int], on: date) -> ByStore | None:
    """Return by store who decides there; None for those who may not read contacts."""
    if not actor.may(Permission.CONTACT_READ):
        return None
    known: Any = contacts.list_contacts(actor, day=on, here=True).where(
        Contact.store.in_(store_ids), Contact.buying_role.in_(DECIDE)
    )
    found: ByStore = defaultdict(list)
    for contact in known:
        found[contact["store"]].append(contact)
    return found


def _photos(checklist: Template | None) -> list[dict[str, Any]]:
    """Return the lines of a checklist that ask for photos, and how many."""
    lines = checklist.lines if checklist else []
    return [
        {name: line[name] for name in ("code", "letter", "zh", "en", "required")}
        | {"min_count": line["photos"]["min_count"]}
        for line in lines
        if line.get("photos") and line["photos"]["min_count"]
    ]


def _traits(store: Store) -> StoreTraits:
    return StoreTraits(
        store.id, store.tier, store.grade, store.chain, store.division_code, store.region_id
    )
