"""Putting together what arrived of a visit, in whatever order it arrived.

Every arrival of a person is handled in turn (`turn_of`), so two halves of a visit that arrive
at the same moment can't miss each other.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import orjson
from peewee import SQL, Model, fn

from backend.fieldwork import retractions, violations
from backend.fieldwork.judgement import Judgement, judge
from backend.fieldwork.models import PriceObservation, ProductLine, PromotionResult, Report, Visit
from backend.fieldwork.photo_models import Photo
from backend.fieldwork.visit_models import ReportRevision, VisitCancellation, VisitPause
from backend.network.models import Store
from backend.platform import clock, ledger
from backend.platform.actors import Actor, Role
from backend.platform.database import Statement, inserts, run_in_one_trip
from backend.platform.errors import IdTakenError
from backend.platform.prepared import Prepared
from backend.standards import effective
from backend.standards.codes import CHECKLIST_VISITS, PhotoSubject, VisitStatus
from backend.standards.models import Promotion
from backend.standards.scopes import StoreTraits

UNKNOWN_STORE = "unknown-store"
UNKNOWN_TEMPLATE = "unknown-template"
RETIRED_TEMPLATE = "retired-template"
WRONG_TEMPLATE = "wrong-template"
UNKNOWN_PRODUCT = "unknown-product"
UNKNOWN_PROMOTION = "unknown-promotion"
SECOND_VISIT_OPEN = "second-visit-open"
DOUBTS_OF_REPORTS = {
    UNKNOWN_TEMPLATE,
    RETIRED_TEMPLATE,
    WRONG_TEMPLATE,
    UNKNOWN_PRODUCT,
    UNKNOWN_PROMOTION,
}
OUTSIDE_SERVICE_AREA = "outside-service-area"
NOT_A_SUPERVISOR = "not-a-supervisor"
OUTSIDE_FENCE = "outside-fence"
REJECTED = "rejected-by-reviewer"
DOUBTS_OF_CHECK_INS = {UNKNOWN_STORE, OUTSIDE_SERVICE_AREA, NOT_A_SUPERVISOR, OUTSIDE_FENCE}
STOREFRONT_PHOTO = "storefront_photo"
"""What a visit owes whose place has to be proved."""

OPEN, REPORTED, COMPLETE = (
    str(VisitStatus.OPEN),
    str(VisitStatus.REPORTED),
    str(VisitStatus.COMPLETE),
)
UNREPORTED, CANCELLED = str(VisitStatus.UNREPORTED), str(VisitStatus.CANCELLED)


def _any_of_visit(model: type[Model]) -> Any:
    of_visit = model.select(SQL("1")).where(model.visit_id == Visit.id)  # type: ignore[attr-defined]
    return fn.EXISTS(of_visit)


# What handling an arrival reads of a visit. The rest is where it stood and what its clocks said.
ARRIVING = (
    Visit.id,
    Visit.person,
    Visit.store,
    Visit.dealer,
    Visit.region,
    Visit.tier,
    Visit.grade,
    Visit.kind,
    Visit.chain,
    Visit.division_code,
    Visit.status,
    Visit.quarantine_reason,
    Visit.demand,
    Visit.released_at,
    Visit.business_on,
    Visit.checked_in_at,
    Visit.checked_out_at,
    Visit.outcome,
    Visit.outcome_reason,
    Visit.auto_closed_at,
    Visit.cancelled_at,
    Visit.completed_at,
    Visit.content_sha256,
    _any_of_visit(Report).alias("has_report"),
    _any_of_visit(Photo).alias("has_photos"),
    (
        _any_of_visit(VisitPause) | _any_of_visit(VisitCancellation) | _any_of_visit(ReportRevision)
    ).alias("has_more"),
)
_BY_ID = Prepared(
    Visit, lambda visit_id: Visit.select(*ARRIVING).where(Visit.id == visit_id), visit_id=Visit.id
)
_SAVE = Prepared(
    Visit,
    lambda visit_id, **columns: Visit.update(**columns).where(Visit.id == visit_id),
    visit_id=Visit.id,
    outcome=Visit.outcome,
    outcome_reason=Visit.outcome_reason,
    auto_closed_at=Visit.auto_closed_at,
    checked_out_at=Visit.checked_out_at,
    status=Visit.status,
    completed_at=Visit.completed_at,
)
_MISSING = Prepared(
    Photo,
    lambda visit_id: (
        Photo.select(Photo.id)
        .where(
            Photo.visit_id == visit_id,
            Photo.is_declared,
            Photo.sha256.is_null() | (Photo.sha256 != Photo.declared_sha256),
        )
        .limit(1)
    ),
    visit_id=Photo.visit_id,
)
_STOREFRONT = Prepared(
    Photo,
    lambda visit_id: (
        Photo.select(Photo.id)
        .where(
            Photo.visit_id == visit_id,
            Photo.is_declared,
            Photo.subject == str(PhotoSubject.STOREFRONT),
            Photo.sha256 == Photo.declared_sha256,
        )
        .limit(1)
    ),
    visit_id=Photo.visit_id,
)
_OF_DAY = Prepared(
    Visit,
    lambda person_id, begins, ends: Visit.select(*ARRIVING).where(
        Visit.person == person_id, Visit.checked_in_at >= begins, Visit.checked_in_at < ends
    ),
    person_id=Visit.person,
    begins=Visit.checked_in_at,
    ends=Visit.checked_in_at,
)


def turn_of(person_id: int) -> str:
    """Return the turn that all arrivals of a person take, one after the other."""
    return f"arrivals of {person_id}"


def facts_of(visit: Visit) -> dict[str, Any]:
    """Return the facts of a ledger entry about a visit; without a store there are none."""
    if visit.store_id is None:
        return {}
    return {
        "store": visit.store_id,
        "dealer": visit.dealer_id,
        "region": visit.region_id,
        "day": visit.business_on.isoformat(),
    }


def weigh(
    visit: Visit,
    document: Mapping[str, Any],
    *,
    forced: bool = False,
    template_id: int | None = None,
) -> tuple[Judgement | None, str | None]:
    """Judge a report for its visit, or say why it must wait for a person.

    `forced` is a manager's release: what is unknown is then left out instead. `template_id` is
    the checklist to judge by whatever the document names.
    """
    if visit.store_id is None:
        return None, UNKNOWN_STORE
    standards, traits = effective.on(visit.business_on), _traits(visit)
    named = document["template"]
    template = standards.versions.get((named["code"], named["version"])) if named else None
    document, doubt = _without_unknown(document, standards.sku_ids)
    if template_id is not None:
        template = next(one for one in standards.versions.values() if one.id == template_id)
    elif named and template is None:
        doubt = UNKNOWN_TEMPLATE
    elif template and template.is_retired(visit.business_on):
        doubt = RETIRED_TEMPLATE
    elif template and not (template.fits(traits) and template.is_valid(visit.business_on)):
        doubt = WRONG_TEMPLATE
    if doubt and not forced:
        return None, doubt
    standard = standards.of(traits)
    if document["answers"] or visit.kind in CHECKLIST_VISITS:
        template = template or standard.template
    return judge(visit.id, document, standard, template), doubt


def settle(visit: Visit, *, at: datetime, forced: bool = False) -> None:
    """Judge a held report of a visit if that is possible now, and complete the visit if it is.

    Runs in the transaction, and the turn, of whatever arrived.
    """
    report = Report.get_or_none(Report.visit_id == visit.id, Report.person == visit.person_id)
    if report is None:
        return
    if report.state == "judged":
        complete(visit, at=at)
        return
    document = orjson.loads(report.document)
    judgement, doubt = weigh(visit, document, forced=forced)
    accept(visit, judgement, doubt, at=at)
    if judgement:
        columns = judgement.columns | {"state": "judged"}
        Report.update(columns).where(Report.visit_id == visit.id).execute()
        ledger.append(None, "visit.judged", visit.id, at=at, **facts_of(visit))
    leave(visit, report.device_at, document, report.received_at)
    is_all_here = visit.status == REPORTED and not is_missing_photos(visit)
    entries = [completed(visit, at=at)] if is_all_here else []
    run_in_one_trip([*lines_of(judgement), saving(visit), *ledger.written(entries)])


def accept(visit: Visit, judgement: Judgement | None, doubt: str | None, *, at: datetime) -> None:
    """Act on what a judged report saw, or keep the visit aside for what is doubtful in it.

    A check-in that is doubted itself stays so: mending the report does not let it in.
    """
    if judgement:
        if retractions.is_believed(visit):
            violations.sight(visit, judgement.sightings, at=at)
    elif visit.quarantine_reason not in {doubt, REJECTED, *DOUBTS_OF_CHECK_INS}:
        quarantine(visit, doubt, at=at)


def lines_of(judgement: Judgement | None) -> list[Statement]:
    """Return what stores the product, price and promotion lines of a judged report."""
    if judgement is None:
        return []
    return [
        *inserts(ProductLine, judgement.products),
        *inserts(PriceObservation, judgement.prices),
        *inserts(PromotionResult, judgement.promotions),
    ]


def leave(
    visit: Visit, left_at: datetime, document: Mapping[str, Any], received_at: datetime
) -> None:
    """Put on the visit what its report says about leaving; nothing is stored yet.

    Nobody leaves before arriving, or after the report came. One that was cancelled ended then.
    """
    end(visit, document)
    if visit.cancelled_at is None:
        visit.checked_out_at = max(min(left_at, received_at), visit.checked_in_at)
    if visit.status in {OPEN, UNREPORTED}:
        visit.status, visit.auto_closed_at = REPORTED, None


def end(visit: Visit, document: Mapping[str, Any]) -> None:
    """Put on the visit how it ended, in its report's words."""
    visit.outcome = document["outcome"]
    visit.outcome_reason = document.get("outcome_reason") or None  # older reports have none


def complete(visit: Visit, *, at: datetime) -> None:
    """Complete a reported visit when every announced photo is held with its declared hash."""
    if visit.status == REPORTED and not is_missing_photos(visit):
        entry = completed(visit, at=at)
        run_in_one_trip([saving(visit), *ledger.written([entry])])


def is_missing_photos(visit: Visit) -> bool:
    """Return whether a photo that was announced, or is owed, is not held with its declared hash."""
    if _MISSING.rows(visit_id=visit.id):
        return True
    return visit.demand is not None and not _STOREFRONT.rows(visit_id=visit.id)


def owes_storefront(visit: Visit, photos: Iterable[Photo]) -> bool:
    """Return whether the photo that is demanded of a visit is not among its photos yet."""
    return visit.demand is not None and not any(
        photo.is_declared
        and photo.subject == PhotoSubject.STOREFRONT
        and photo.sha256 is not None
        and photo.sha256 == photo.declared_sha256
        for photo in photos
    )


def completed(visit: Visit, *, at: datetime) -> dict[str, Any]:
    """Put on the visit that nothing of it is missing, and return the ledger entry of that.

    One whose amended report asked for another photo was complete before.
    """
    visit.status, visit.completed_at = COMPLETE, visit.completed_at or at
    return ledger.entry(None, "visit.completed", visit.id, at=at, **facts_of(visit))


def saving(visit: Visit) -> Statement:
    """Return what stores how far a visit has come."""
    return _SAVE.statement(
        visit_id=visit.id,
        outcome=visit.outcome,
        outcome_reason=visit.outcome_reason,
        auto_closed_at=visit.auto_closed_at,
        checked_out_at=visit.checked_out_at,
        status=visit.status,
        completed_at=visit.completed_at,
    )


def quarantine(visit: Visit, reason: str | None, *, at: datetime) -> None:
    """Keep a visit out of every number until a person, or a later arrival, clears it.

    Meanwhile it does not stand for the violations it saw.
    """
    visit.quarantine_reason = reason
    Visit.update(quarantine_reason=reason).where(Visit.id == visit.id).execute()
    verb = "visit.quarantined" if reason else "visit.cleared"
    ledger.append(None, verb, visit.id, at=at, reason=reason, **facts_of(visit))
    retractions.stand(visit, at=at)


def keep_one_open(of_day: Iterable[Visit], *, at: datetime) -> None:
    """Quarantine visits that began while an earlier one of the person's day was still open.

    A function of all visits of the day (`of_day`), so the order of arrival does not matter; a
    visit is cleared when the earlier one turns out to have ended before. A release is final, and
    so is a cancellation.
    """
    busy_until = datetime.min.replace(tzinfo=UTC)
    for visit in sorted(of_day, key=lambda visit: (visit.checked_in_at, visit.id)):
        if visit.quarantine_reason not in {None, SECOND_VISIT_OPEN}:
            continue
        is_settled = visit.released_at is not None or visit.cancelled_at is not None
        is_second = not is_settled and visit.checked_in_at < busy_until
        if is_second != (visit.quarantine_reason is not None):
            quarantine(visit, SECOND_VISIT_OPEN if is_second else None, at=at)
        busy_until = max(busy_until, visit.checked_out_at or datetime.max.replace(tzinfo=UTC))


def store_for(actor: Actor, store_id: int, day: date) -> Store | None:
    """Return the store, or that it was merged into, if it is the actor's to visit on a day."""
    store: Store | None = Store.get_or_none(Store.visible_to(actor), Store.id == store_id)
    if store is not None and store.merged_into_id is not None:
        return store_for(actor, store.merged_into_id, day)
    if store is not None and actor.role is Role.REP and store.owner_id not in actor.owners(day):
        return None
    return store


def visit_of(visit_id: UUID) -> Visit | None:
    """Return a visit by its id, whoever's it is, with the columns of ARRIVING."""
    return _BY_ID.first(visit_id=visit_id)


def refuse_strangers(actor: Actor, visit: Visit | None, visit_id: UUID) -> None:
    """Raise IdTakenError when the visit is somebody else's."""
    if visit is not None and visit.person_id != actor.id:
        raise IdTakenError(id=str(visit_id))


def of_day(person_id: int, day: date, seen: Visit | None = None) -> dict[UUID, Visit]:
    """Return a person's visits of a day by id, with the columns of ARRIVING.

    What was `seen` before and is still the same is the same object.
    """
    begins, ends = clock.instants_of(day)
    visits = _OF_DAY.models(seen, person_id=person_id, begins=begins, ends=ends)
    return {visit.id: visit for visit in visits}


def _without_unknown(
    document: Mapping[str, Any], skus: frozenset[int]
) -> tuple[Mapping[str, Any], str | None]:
    """Return the document without products and promotions nobody knows, and the doubt."""
    named = {line["sku_id"] for part in ("products", "prices") for line in document[part]}
    if named <= skus and not document["promotions"]:
        return document, None
    products = [line for line in document["products"] if line["sku_id"] in skus]
    prices = [line for line in document["prices"] if line["sku_id"] in skus]
    promotions = document["promotions"]
    if promotions:
        asked = [line["promotion_id"] for line in promotions]
        known = Promotion.select(Promotion.id).where(Promotion.id.in_(asked)).tuples()
        ids = {row[0] for row in known}  # type: ignore[index]  # tuples
        promotions = [line for line in promotions if line["promotion_id"] in ids]
    doubt = None
    if len(promotions) < len(document["promotions"]):
        doubt = UNKNOWN_PROMOTION
    if len(products) + len(prices) < len(document["products"]) + len(document["prices"]):
        doubt = UNKNOWN_PRODUCT
    kept = {"products": products, "prices": prices, "promotions": promotions}
    return {**document, **kept}, doubt


def _traits(visit: Visit) -> StoreTraits:
    return StoreTraits(
        visit.store_id,
        visit.tier,
        visit.grade,
        visit.chain,
        visit.division_code,
        visit.region_id,
    )
