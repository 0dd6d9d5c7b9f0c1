"""Facts that scorecards are made of."""

from datetime import UTC, datetime, timedelta
from typing import Any

from backend.fieldwork.models import PriceObservation, Report, Visit
from backend.insight import rollups, scorecards
from backend.insight.scorecards import Card
from backend.insight.windows import Window
from backend.network.models import Dealer, Store
from backend.standards.models import ChecklistTemplate, Sku
from backend.standards.scoring import Checklist
from tests.factories import make_checklist, make_product_line, make_report
from tests.insight.facts import FROM, WINDOW, boss, visit_on

LATER = datetime(2026, 6, 1, tzinfo=UTC)
BEFORE = Window(FROM - timedelta(days=28), FROM)
CRITICAL = "F"


def checklist() -> ChecklistTemplate:
    """Store a checklist of five letters: C to F are required, F is critical, B recommended."""
    return make_checklist(
        [
            {"code": letter.lower(), "letter": letter, "zh": f"{letter} 项", "en": f"{letter} item"}
            | ({"required": False} if letter == "B" else {})
            | ({"critical": True} if letter == CRITICAL else {})
            for letter in "BCDEF"
        ]
    )


def inspected(
    number: int, store: Store, template: ChecklistTemplate, failed: str = "", **fields: Any
) -> Visit:
    """Store a visit on a day of the window that found some letters of a checklist wrong."""
    visit = visit_on(number, store, **fields)
    answers = [
        {"line": line["code"], "yes": line["letter"] not in failed} for line in template.lines
    ]
    checklist = Checklist(
        {"code": template.code, "version": 1, "lines": template.lines, "any_of_letters": []},
        weights=(2, 1),
    )
    result = checklist.judge(answers, [])
    make_report(
        visit,
        template=template,
        lines=[line.as_dict() for line in result.lines],
        failed_critical=list(result.failed_critical),
        signage_num=result.signage_num,
        signage_den=result.signage_den,
        mandatory_pass=result.mandatory_pass,
        mandatory_checked=result.mandatory_checked,
    )
    return visit


def shelf(visit: Visit, *, missing: tuple[Sku, ...] = (), listed: tuple[Sku, ...] = ()) -> None:
    """Store which must-list products a visit found, and put their counts on its report."""
    for sku in missing:
        make_product_line(visit, sku, is_listed=False)
    for sku in listed:
        make_product_line(visit, sku, is_listed=True)
    Report.update(must_listed=len(listed), must_answered=len(missing) + len(listed)).where(
        Report.visit_id == visit.id
    ).execute()


def priced(visit: Visit, sku: Sku, *findings: str) -> None:
    """Store an observed price with its findings, and count it on the visit's report."""
    number = PriceObservation.select().where(PriceObservation.visit_id == visit.id).count() + 1
    PriceObservation.create(
        visit_id=visit.id,
        number=number,
        sku=sku,
        tag_fen=199_900,
        discount_fen=0,
        gift_fen=0,
        net_fen=199_900,
        reference_fen=199_900,
        allowed_gift_fen=0,
        findings=list(findings),
    )
    complies = not set(findings) - {"overpricing"}
    report = Report.get(Report.visit_id == visit.id)
    report.prices_checked = (report.prices_checked or 0) + 1
    report.prices_compliant = (report.prices_compliant or 0) + complies
    report.save()


def card_of(dealer: Dealer, window: Window = WINDOW) -> Card:
    """Refresh the figures and work out a dealer's card as an administrator sees it."""
    rollups.rebuild()
    return scorecards.get(boss(), dealer.id, window=window, at=LATER)


def points_of(card: Card) -> dict[str, float]:
    """Return the points of the card by line, to six digits."""
    return {line.id: round(line.points, 6) for line in card.lines.values()}
