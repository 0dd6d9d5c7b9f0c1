"""The rows behind the KPIs of a scorecard: what fell short, in which store, on which day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from peewee import SQL, ModelSelect, fn

from backend.evidence.models import PhotoAudit
from backend.evidence.standing import Reason, Status
from backend.fieldwork.models import (
    PriceObservation,
    ProductLine,
    PromotionResult,
    Report,
    Visit,
)
from backend.fieldwork.photo_models import Photo
from backend.fieldwork.violation_models import Violation
from backend.insight.pillars import PRICE_VIOLATIONS
from backend.insight.windows import Window
from backend.network.models import StoreDealer
from backend.platform import clock
from backend.standards import checklist_results
from backend.standards.codes import PriceFinding, ViolationGroup, ViolationKind
from backend.standards.models import ChecklistTemplate, Promotion, PromotionStore, Sku

GRAVE = 4  # the severity of a violation that caps the card
Titles = dict[str, tuple[str, str]]
"""What subjects are called, in Chinese and in English."""


class Part(NamedTuple):
    """What a store adds to the numerator and the denominator of a KPI because of a subject.

    Those that add to both alike are left out, but of the signage score, whose stores each have a
    score of their own.
    """

    code: str
    subject: str
    store_id: int
    day: date
    num: float
    den: float


class Critical(NamedTuple):
    """A critical line that failed at a store's latest visit, or a grave violation still open."""

    subject: str
    store_id: int
    day: date


@dataclass(frozen=True, slots=True)
class Evidence:
    """What stands behind the card of a dealer in a window."""

    parts: list[Part]
    failed_lines: list[Critical]
    open_violations: list[Critical]
    titles: Titles


class _Seen(NamedTuple):
    visit_id: UUID
    store_id: int
    day: date


def evidence_of(dealer_id: int, window: Window) -> Evidence:
    """Read what a dealer's stores fell short of; the queries do not grow with the stores."""
    latest = _latest(dealer_id, window)
    titles: Titles = {}
    parts, failed = _signage(latest["signage_den"], titles)
    parts += _listing(latest["must_answered"], titles)
    parts += _availability(latest["must_stock_answered"], titles)
    parts += _prices(dealer_id, window, titles)
    parts += _promotions(dealer_id, window, titles)
    parts += _photos(dealer_id, window, titles)
    parts += _violations(dealer_id, window, titles)
    return Evidence(parts, failed, _grave(dealer_id, window, titles), titles)


def _visits(dealer_id: int, window: Window, *columns: Any) -> ModelSelect[Visit]:
    """Return the countable visits of the days on which the store was the dealer's."""
    stores = StoreDealer.select(StoreDealer.store).where(
        StoreDealer.dealer == dealer_id,
        StoreDealer.from_on < window.to_on,
        StoreDealer.to_on.is_null() | (StoreDealer.to_on > window.from_on),
    )
    return Visit.select(*columns).where(
        Visit.counts(),
        Visit.dealer == dealer_id,
        Visit.store.in_(stores),
        Visit.business_on >= window.from_on,
        Visit.business_on < window.to_on,
    )


def _latest(dealer_id: int, window: Window) -> dict[str, dict[UUID, _Seen]]:
    """Return, by section, the latest visit of each store that carries it, by the visit's id."""
    carriers = ("signage_den", "must_answered", "must_stock_answered")
    columns = [getattr(Report, name) for name in carriers]
    rows: Any = (
        _visits(dealer_id, window, Visit.id, Visit.store, Visit.business_on, *columns)
        .join(Report, on=Report.visit_id == Visit.id)
        .order_by(Visit.business_on, Visit.checked_in_at, Visit.id)
        .tuples()
    )
    last: dict[str, dict[int, _Seen]] = {name: {} for name in carriers}
    for visit_id, store_id, day, *counts in rows:
        for name, count in zip(carriers, counts, strict=True):
            if count:
                last[name][store_id] = _Seen(visit_id, store_id, day)
    return {name: {seen.visit_id: seen for seen in found.values()} for name, found in last.items()}


def _signage(latest: dict[UUID, _Seen], titles: Titles) -> tuple[list[Part], list[Critical]]:
    """Return every letter of every store's latest checklist, and the critical lines that failed."""
    rows: Any = (
        Report.select(
            Report.visit_id,
            Report.lines,
            Report.failed_critical,
            Report.template,
        )
        .where(Report.visit_id.in_(list(latest)), Report.lines.is_null(False))
        .order_by(Report.visit_id)
        .namedtuples()
    )
    reports = list(rows)
    templates = {
        template.id: template
        for template in ChecklistTemplate.select().where(
            ChecklistTemplate.id.in_({report.template for report in reports})
        )
    }
    parts: list[Part] = []
    failed: list[Critical] = []
    for report in reports:
        template, seen = templates[report.template], latest[report.visit_id]
        _name_letters(template, titles)
        for letter in checklist_results.letters_of(report.lines, template.any_of_letters):
            if not letter.weight or letter.ratio is None:
                continue
            where = (f"letter:{letter.letter}", seen.store_id, seen.day)
            num = letter.weight * letter.ratio
            parts.append(Part("signage_compliance_score", *where, num, letter.weight))
            if letter.required and letter.result is checklist_results.FAIL:
                parts.append(Part("mandatory_item_pass_rate", *where, 0, 1))
        letters = {line["code"]: line["letter"] for line in report.lines}
        failed += [
            Critical(f"letter:{letters[code]}", seen.store_id, seen.day)
            for code in report.failed_critical or ()
        ]
    return parts, failed


def _name_letters(template: ChecklistTemplate, titles: Titles) -> None:
    by_letter = defaultdict(list)
    for line in template.lines:
        by_letter[line["letter"]].append(line)
    for letter, lines in by_letter.items():
        zh, en = ("、".join(line["zh"] for line in lines), "; ".join(line["en"] for line in lines))
        titles.setdefault(f"letter:{letter}", (f"{letter} {zh}", f"{letter} {en}"))


def _listing(latest: dict[UUID, _Seen], titles: Titles) -> Iterator[Part]:
    missing = (ProductLine.is_listed == False,)  # noqa: E712  # SQL
    return _shelf("listing_rate", latest, missing, titles)


def _availability(latest: dict[UUID, _Seen], titles: Titles) -> Iterator[Part]:
    empty = (ProductLine.is_listed == True, ProductLine.stock == 0)  # noqa: E712  # SQL
    return _shelf("on_shelf_availability", latest, empty, titles)


def _shelf(
    code: str, latest: dict[UUID, _Seen], failed: tuple[Any, ...], titles: Titles
) -> Iterator[Part]:
    rows: Any = (
        ProductLine.select(ProductLine.visit_id, ProductLine.sku, Sku.code, Sku.name)
        .join(Sku)
        .where(ProductLine.visit_id.in_(list(latest)), ProductLine.is_must, *failed)
        .tuples()
    )
    for visit_id, sku_id, *names in rows:
        seen = latest[visit_id]
        yield Part(code, _sku(sku_id, names, titles), seen.store_id, seen.day, 0, 1)


def _sku(sku_id: int, names: list[str], titles: Titles) -> str:
    subject, name = f"sku:{sku_id}", " ".join(names)
    titles[subject] = (name, name)
    return subject


def _prices(dealer_id: int, window: Window, titles: Titles) -> Iterator[Part]:
    rows: Any = (
        _visits(
            dealer_id,
            window,
            Visit.store,
            Visit.business_on,
            PriceObservation.findings,
            PriceObservation.sku,
            Sku.code,
            Sku.name,
        )
        .join(PriceObservation, on=PriceObservation.visit_id == Visit.id)
        .join(Sku)
        .where(
            PriceObservation.reference_fen.is_null(False), PriceObservation.findings != SQL("'[]'")
        )
        .tuples()
    )
    for store_id, day, findings, sku_id, *names in rows:
        # An observation above the reference is a finding, but breaches nothing.
        if any(PriceFinding(finding).violation for finding in findings):
            subject = _sku(sku_id, names, titles)
            yield Part("price_compliance_rate", subject, store_id, day, 0, 1)


def _promotions(dealer_id: int, window: Window, titles: Titles) -> Iterator[Part]:
    """Yield the promotions of visited stores that no visit saw executed as they should be."""
    last, executed = {}, set()
    for store_id, promotion_id, code, name, since, day in _enrolled(dealer_id, window):
        titles[f"promotion:{promotion_id}"] = (f"{code} {name}",) * 2
        if since is None or clock.business_date(since) <= day:
            last[store_id, promotion_id] = day
    checks = (PromotionResult.material_ok, PromotionResult.timing_ok, PromotionResult.area_ok)
    columns = (Visit.store, Promotion.id, Promotion.code, Promotion.name, Visit.business_on)
    rows: Any = (
        _visits(dealer_id, window, *columns, PromotionResult.is_executed, *checks)
        .join(PromotionResult, on=PromotionResult.visit_id == Visit.id)
        .join(Promotion)
        .where(
            PromotionResult.is_enrolled,
            PromotionResult.is_executed.is_null(False),
            Promotion.on(Visit.business_on),
        )
        .order_by(Visit.business_on)
        .tuples()
    )
    for store_id, promotion_id, code, name, day, is_executed, *answers in rows:
        titles[f"promotion:{promotion_id}"] = (f"{code} {name}",) * 2
        last[store_id, promotion_id] = max(day, last.get((store_id, promotion_id), day))
        if is_executed and False not in answers:
            executed.add((store_id, promotion_id))
    for (store_id, promotion_id), day in last.items():
        if (store_id, promotion_id) not in executed:
            yield Part("promo_execution_rate", f"promotion:{promotion_id}", store_id, day, 0, 1)


def _enrolled(dealer_id: int, window: Window) -> Any:
    """Return store, promotion, when it was enrolled, and the last visit while that ran."""
    columns = (
        Visit.store,
        Promotion.id,
        Promotion.code,
        Promotion.name,
        PromotionStore.enrolled_at,
    )
    return (
        _visits(dealer_id, window, *columns, fn.MAX(Visit.business_on))
        .join(PromotionStore, on=PromotionStore.store == Visit.store)
        .join(Promotion)
        .where(Promotion.on(Visit.business_on))
        .group_by(*columns)
        .order_by(Visit.store, Promotion.id)
        .tuples()
    )


def _photos(dealer_id: int, window: Window, titles: Titles) -> Iterator[Part]:
    """Yield the photos that auditors rejected, by their first reason."""
    rows: Any = (
        _visits(dealer_id, window, Visit.store, Visit.business_on, PhotoAudit.reasons)
        .join(PhotoAudit, on=PhotoAudit.visit_id == Visit.id)
        .join(
            Photo,
            on=(Photo.visit_id == PhotoAudit.visit_id) & (Photo.id == PhotoAudit.photo_id),
        )
        .where(
            PhotoAudit.status == str(Status.REJECTED),
            Photo.sha256.is_null(False),
            Photo.quarantine_reason.is_null(),
        )
        .tuples()
    )
    for store_id, day, reasons in rows:
        why = Reason(reasons[0]) if reasons else Reason.OTHER
        subject = f"photo:{why}"
        titles[subject] = (f"照片不合格：{why.zh}", f"photo rejected: {why.en}")
        yield Part("photo_pass_rate", subject, store_id, day, 0, 1)


def _violations(dealer_id: int, window: Window, titles: Titles) -> Iterator[Part]:
    """Yield the price violations first seen in the window, by what they are about."""
    kinds = [str(kind) for kind in ViolationKind if kind.group is ViolationGroup.PRICE]
    rows: Any = (
        Violation.select(Violation.subject, Violation.store, Violation.opened_on, Violation.kind)
        .where(
            Violation.dealer == dealer_id,
            Violation.opened_on >= window.from_on,
            Violation.opened_on < window.to_on,
            Violation.retracted_at.is_null(),
            Violation.kind.in_(kinds),
        )
        .tuples()
    )
    for subject, store_id, day, kind in rows:
        names = ViolationKind(kind)  # type: ignore[call-arg]
        titles.setdefault(subject or kind, (names.zh, names.en))
        yield Part(PRICE_VIOLATIONS, subject or kind, store_id, day, 1, 0)


def _grave(dealer_id: int, window: Window, titles: Titles) -> list[Critical]:
    """Return the violations of the highest severity that were open when the window ended."""
    end = clock.instants_of(window.to_on)[0]
    rows: Any = (
        Violation.select(Violation.kind, Violation.store, Violation.opened_on)
        .where(
            Violation.dealer == dealer_id,
            Violation.opened_on < window.to_on,
            Violation.severity >= GRAVE,
            Violation.retracted_at.is_null(),
            Violation.resolved_at.is_null() | (Violation.resolved_at >= end),
        )
        .order_by(Violation.opened_on, Violation.store, Violation.id)
        .tuples()
    )
    found = [Critical(*row) for row in rows]
    for kind, *_ in found:
        names = ViolationKind(kind)  # type: ignore[call-arg]
        titles[kind] = (names.zh, names.en)
    return found
