"""What the standard of the day makes of a report: scores, findings and sightings."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Literal, cast
from uuid import UUID

from backend.platform.settings import settings
from backend.standards import checklist_results, pricing
from backend.standards.codes import CheckResult, ViolationKind, VisitOutcome
from backend.standards.effective import Standard, Template

SIGNAGE_COLUMNS = (
    "template",
    "lines",
    "missing_required",
    "is_incomplete",
    "missing",
    "failed_critical",
    "signage_num",
    "signage_den",
    "mandatory_pass",
    "mandatory_checked",
    "is_all_mandatory_pass",
    "lines_offered",
    "lines_checked",
    "first_notice",
    "photo_slots",
    "photo_slots_filled",
)
FIRST_NOTICE = "first_notice"
"""The checklist line that says whether our brand is what one sees first."""
_SAID = {CheckResult.PASS: True, CheckResult.FAIL: False}


@dataclass(frozen=True, slots=True)
class Sighting:
    """A violation seen on a visit; `subject` is what exactly: `letter:C`, `sku:3`."""

    kind: ViolationKind
    subject: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """The columns of the judged report, the rows of its lines, and what was seen to be wrong."""

    columns: dict[str, Any]
    products: list[dict[str, Any]]
    prices: list[dict[str, Any]]
    promotions: list[dict[str, Any]]
    sightings: list[Sighting]


def judge(
    visit_id: UUID, document: Mapping[str, Any], standard: Standard, template: Template | None
) -> Judgement:
    """Judge a report document against a standard.

    A visit without success (store closed, no access, refused) has no checklist to judge.
    """
    signage, letters = _signage(document, template)
    products, shelf = _products(visit_id, document["products"], standard)
    prices, compliance, tags = _prices(visit_id, document["prices"], standard)
    promotions, execution = _promotions(visit_id, document["promotions"], standard)
    sightings = letters + shelf + tags + execution
    columns = signage | _shelf_counts(products) | compliance | _promo_counts(promotions)
    achieved = document.get("achieved")  # no key in reports of phones that do not ask
    columns["is_productive"] = None if achieved is None else bool(achieved)
    columns["sightings"] = sorted((str(one.kind), one.subject) for one in sightings)
    return Judgement(
        columns=columns,
        products=products,
        prices=prices,
        promotions=promotions,
        sightings=sightings,
    )


def _signage(
    document: Mapping[str, Any], template: Template | None
) -> tuple[dict[str, Any], list[Sighting]]:
    if template is None or document["outcome"] != VisitOutcome.DONE:
        return dict.fromkeys(SIGNAGE_COLUMNS), []
    limits = settings()
    result = template.checklist.judge(
        document["answers"],
        document["photos"],
        county_c_mode=cast(Literal["lenient", "strict"], limits.county_c_mode),
        partial_credit=limits.partial_credit,
    )
    noticed = next((line for line in result.lines if line.code == FIRST_NOTICE), None)
    columns = {
        "template": template.id,
        "lines": result.json,
        "missing_required": list(result.missing_required),
        "is_incomplete": bool(result.missing),
        "missing": [asdict(each) for each in result.missing],
        "failed_critical": list(result.failed_critical),
        "signage_num": result.signage_num,
        "signage_den": result.signage_den,
        "mandatory_pass": result.mandatory_pass,
        "mandatory_checked": result.mandatory_checked,
        "is_all_mandatory_pass": result.all_mandatory_pass,
        "lines_offered": result.lines_offered,
        "lines_checked": result.lines_checked,
        "first_notice": _SAID.get(noticed.result) if noticed else None,
        "photo_slots": result.photo_slots,
        "photo_slots_filled": result.photo_slots_filled,
    }
    failed = [
        Sighting(ViolationKind.REQUIRED_SIGNAGE_MISSING, f"letter:{letter.letter}")
        for letter in result.letters
        if letter.required and letter.result is checklist_results.FAIL
    ]
    return columns, failed


def _products(
    visit_id: UUID, answers: list[dict[str, Any]], standard: Standard
) -> tuple[list[dict[str, Any]], list[Sighting]]:
    rows, seen = [], []
    for answer in answers:
        sku_id, listed, stock = answer["sku_id"], answer["listed"], answer["stock"]
        is_must = sku_id in standard.musts
        oldest = answer.get("oldest_receipt_on")  # no key in reports held since before it was asked
        rows.append(
            {
                "visit_id": visit_id,
                "sku": sku_id,
                "is_must": is_must,
                "is_listed": listed,
                "facings": answer["facings"],
                "stock": stock,
                "demo_stock": answer["demo_stock"],
                "damaged_stock": answer.get("damaged_stock"),
                "oldest_receipt_on": date.fromisoformat(oldest) if oldest else None,
            }
        )
        if is_must and listed is False:
            seen.append(Sighting(ViolationKind.MUST_LIST_MISSING, f"sku:{sku_id}"))
        elif is_must and listed and stock == 0:
            seen.append(Sighting(ViolationKind.OUT_OF_STOCK, f"sku:{sku_id}"))
    return rows, seen


def _shelf_counts(rows: list[dict[str, Any]]) -> dict[str, int]:
    """Count listing and availability over must-list products (kpi listing_rate, OSA)."""
    answered = [row for row in rows if row["is_must"] and row["is_listed"] is not None]
    listed = [row for row in answered if row["is_listed"]]
    stocked = [row for row in listed if row["stock"] is not None]
    return {
        "must_listed": len(listed),
        "must_answered": len(answered),
        "must_available": sum(row["stock"] > 0 for row in stocked),
        "must_stock_answered": len(stocked),
    }


def _prices(
    visit_id: UUID, answers: list[dict[str, Any]], standard: Standard
) -> tuple[list[dict[str, Any]], dict[str, int], list[Sighting]]:
    rows, complying, seen = [], [], {}
    tolerance = settings().price_tolerance
    for number, answer in enumerate(answers, start=1):
        sku_id = answer["sku_id"]
        allowed = standard.allowed_gift_fen(sku_id)
        verdict = pricing.judge(
            answer["tag_fen"],
            quoted_fen=answer["quoted_fen"],
            discount_fen=answer["discount_fen"],
            gift_fen=answer["gift_fen"],
            reference_fen=standard.reference_fen(sku_id),
            is_floor=standard.is_floor(sku_id),
            allowed_gift_fen=allowed,
            promo_price_fen=standard.promo_price_fen(sku_id),
            tolerance=tolerance,
        )
        complying.append(verdict.complies)
        rows.append(
            {
                "visit_id": visit_id,
                "number": number,
                "sku": sku_id,
                "tag_fen": answer["tag_fen"],
                "quoted_fen": answer["quoted_fen"],
                "discount_fen": answer["discount_fen"],
                "gift_fen": answer["gift_fen"],
                "net_fen": verdict.net_fen,
                "reference_fen": verdict.reference_fen,
                "allowed_gift_fen": allowed,
                "findings": [str(finding) for finding in verdict.findings],
            }
        )
        for finding in verdict.findings:
            if finding.violation:
                seen[finding.violation, sku_id] = Sighting(finding.violation, f"sku:{sku_id}")
    return rows, _price_counts(complying), list(seen.values())


def _price_counts(complying: list[bool | None]) -> dict[str, int]:
    """Count observations with a reference, and those without a price violation."""
    judged = [complies for complies in complying if complies is not None]
    return {"prices_compliant": sum(judged), "prices_checked": len(judged)}


def _promotions(
    visit_id: UUID, answers: list[dict[str, Any]], standard: Standard
) -> tuple[list[dict[str, Any]], list[Sighting]]:
    enrolled = {promotion.id for promotion in standard.promotions}
    rows, seen = [], []
    for answer in answers:
        promotion_id, executed = answer["promotion_id"], answer["executed"]
        # A report that waited since an earlier release has no answers to these.
        material_ok = answer.get("material_ok")
        rows.append(
            {
                "visit_id": visit_id,
                "promotion": promotion_id,
                "is_executed": executed,
                "units": answer["units"],
                "gifts": answer["gifts"],
                "cost_fen": answer["cost_fen"],
                "remark": answer["remark"],
                "is_enrolled": promotion_id in enrolled,
                "material_ok": material_ok,
                "timing_ok": answer.get("timing_ok"),
                "area_ok": answer.get("area_ok"),
            }
        )
        subject = f"promotion:{promotion_id}"
        if promotion_id in enrolled and executed is False:
            seen.append(Sighting(ViolationKind.PROMO_NOT_EXECUTED, subject))
        if promotion_id in enrolled and material_ok is False:
            seen.append(Sighting(ViolationKind.PROMO_MATERIAL_MISSING, subject))
    return rows, seen


def _promo_counts(rows: list[dict[str, Any]]) -> dict[str, int]:
    checked = [row for row in rows if row["is_enrolled"] and row["is_executed"] is not None]
    return {
        "promos_executed": sum(row["is_executed"] for row in checked),
        "promos_checked": len(checked),
        "promo_units": sum(row["units"] or 0 for row in rows),
    }
