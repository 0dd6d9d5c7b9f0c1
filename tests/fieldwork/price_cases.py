"""Price violations as visits find them, for the tests of price cases and their evidence."""

from datetime import datetime
from typing import Any

from backend.fieldwork import violations
from backend.fieldwork.judgement import Sighting
from backend.fieldwork.models import PriceObservation, Visit
from backend.fieldwork.violation_models import Violation
from backend.network.models import Store
from backend.platform import clock
from backend.platform.database import transaction
from backend.standards.codes import ViolationKind
from backend.standards.models import Sku
from tests.factories import NOON, make_visit

CUT = ViolationKind.DIRECT_PRICE_CUT


def observed(visit: Visit, sku: Sku, *, number: int = 1, **prices: Any) -> PriceObservation:
    """Store a price seen on a visit, 100 yuan below its reference."""
    defaults = {
        "visit_id": visit.id,
        "number": number,
        "sku": sku,
        "tag_fen": 189_900,
        "quoted_fen": None,
        "discount_fen": 0,
        "gift_fen": 0,
        "net_fen": 189_900,
        "reference_fen": 199_900,
        "allowed_gift_fen": 0,
        "findings": [str(CUT)],
    }
    return PriceObservation.create(**defaults | prices)


def cut_seen(
    store: Store,
    sku: Sku,
    *,
    at: datetime = NOON,
    kind: ViolationKind = CUT,
    visit: Visit | None = None,
) -> tuple[Violation, Visit]:
    """Let a visit see a price violation; return its case and the visit."""
    visit = visit or make_visit(store, at=at)
    observed(visit, sku)
    with transaction():
        violations.sight(visit, [Sighting(kind, f"sku:{sku.id}")], at=clock.now())
    case = Violation.get(
        Violation.store == store, Violation.kind == kind, Violation.last_seen_at >= at
    )
    return case, visit
