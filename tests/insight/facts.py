"""Facts that rollups are made of, and asking for what they come to."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import uuid4

import orjson

from backend.evidence.models import PhotoAudit, PhotoMatch, PhotoReading
from backend.fieldwork.journey_models import PlanEntry
from backend.fieldwork.models import PromotionResult, Visit
from backend.fieldwork.photo_models import Photo
from backend.fieldwork.violation_models import Violation
from backend.insight import rollups, summaries
from backend.insight.summaries import DealerSummary
from backend.insight.windows import Window
from backend.network.models import Dealer, Store
from backend.platform.actors import Actor, Role
from backend.standards.codes import ViolationKind
from backend.standards.models import Promotion, PromotionStore
from tests.factories import TODAY, actor_of, make_person, make_violation, make_visit, the_region

FROM, TO = TODAY, TODAY + timedelta(days=28)
WINDOW = Window(FROM, TO)
LATER = datetime(2026, 6, 1, tzinfo=UTC)


def day(number: int) -> date:
    """Return a day of the window, counted from 0."""
    return FROM + timedelta(days=number)


def noon(number: int) -> datetime:
    """Return noon in Beijing on a day of the window."""
    return datetime.combine(day(number), time(4), UTC)


def visit_on(number: int, store: Store, **fields: Any) -> Visit:
    """Store a complete visit on a day of the window."""
    person = fields.pop("person", None) or someone()
    return make_visit(store, person, **{"at": noon(number)} | fields)


def someone() -> Any:
    """Return a person, the same one each time in a test."""
    return the_region().person_set.first() or make_person()


def plan(number: int, store: Store, status: str = "planned") -> PlanEntry:
    """Store a plan entry on a day of the window."""
    return PlanEntry.create(
        id=uuid4(),
        person=someone(),
        store=store,
        planned_on=day(number),
        status=status,
        content_sha256="0" * 64,
    )


def violation(
    number: int, store: Store, kind: str = "direct_price_cut", **fields: Any
) -> Violation:
    """Store a violation first seen on a day of the window, for the dealer of that day."""
    return make_violation(
        store,
        kind=ViolationKind(kind),
        opened_at=noon(number),
        opened_on=day(number),
        last_seen_at=noon(number),
        **fields,
    )


def photo(
    visit: Visit,
    *,
    verdict: str | None = None,
    is_read: bool = True,
    is_reused: bool = False,
    **fields: Any,
) -> Photo:
    """Store a held photo with what was made of it."""
    taken = Photo.create(
        **{
            "visit_id": visit.id,
            "id": uuid4(),
            "person": visit.person_id,
            "is_declared": True,
            "sha256": "0" * 64,
        }
        | fields
    )
    key = {"visit_id": visit.id, "photo_id": taken.id}
    if is_read:
        PhotoReading.create(**key, sha256="0" * 64, received_at=visit.received_at)
    for _ in range(2 if is_reused else 0):
        PhotoMatch.create(
            **key, earlier_visit_id=uuid4(), earlier_photo_id=uuid4(), kind="exact", distance=0
        )
    if verdict:
        PhotoAudit.create(
            **key,
            region_id=visit.region_id,
            business_on=visit.business_on,
            status=verdict,
            reasons=[],
            note="",
            version=1,
        )
    return taken


def promotion(*stores: Store, **fields: Any) -> Promotion:
    """Store a promotion that runs all through the window in some stores."""
    defaults = {
        "code": f"P{Promotion.select().count()}",
        "name": "春季促销",
        "objective": "lift_sales",
        "dealer_kinds": [],
        "consumer_kinds": [],
        "area": [],
        "starts_on": FROM,
        "ends_on": TO,
        "allowed_gift_fen": 0,
    }
    made = Promotion.create(**defaults | fields)
    for store in stores:
        PromotionStore.create(promotion=made, store=store)
    return made


def promoted(visit: Visit, made: Promotion, *, is_executed: bool | None, **answers: Any) -> None:
    """Store what a visit saw of a promotion, frozen as a judged report would have it."""
    enrolled = PromotionStore.select().where(
        PromotionStore.promotion == made, PromotionStore.store == visit.store_id
    )
    PromotionResult.create(
        visit_id=visit.id,
        promotion=made,
        is_executed=is_executed,
        remark="",
        is_enrolled=enrolled.exists() and made.starts_on <= visit.business_on <= made.ends_on,
        **answers,
    )


def summary(dealer: Dealer, window: Window = WINDOW, **how: Any) -> DealerSummary:
    """Refresh everything and return a dealer's summary as an administrator sees it."""
    rollups.rebuild()
    return summaries.summary(boss(), dealer.id, window=window, at=LATER, **how)


def dump() -> bytes:
    """Return all rows of the rollups in the order of their keys, as bytes."""
    tables = [
        [list(row) for row in table.select().order_by(*table._meta.get_primary_keys()).tuples()]
        for table in rollups.TABLES
    ]
    return orjson.dumps(tables)


def boss() -> Actor:
    """Return an actor who sees the one region."""
    return actor_of(make_person(Role.ADMIN))


def rate(found: DealerSummary, code: str) -> tuple[Any, Any, Any]:
    """Return a KPI as (value, num, den)."""
    figure = found.kpis[code]
    return figure.value, figure.num, figure.den
