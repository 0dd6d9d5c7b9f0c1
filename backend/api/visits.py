"""Routes for check-ins, reports, receipts, batches and the quarantine."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import request
from flask.views import MethodView
from marshmallow import ValidationError
from peewee import IntegrityError

from backend.api import chinese
from backend.api.blueprint import Blueprint, QueryPage, fingerprint, one_at_a_time, plainly
from backend.api.problems import members_of, refusal, status_of, wants_chinese
from backend.evidence import capture_tokens
from backend.evidence.placed import placed, whole, with_place
from backend.fieldwork import amendments, cancellations, pauses, quarantine, reports, visits
from backend.fieldwork.arrivals import Arrival, Result
from backend.fieldwork.receipts import of_check_in, receipts
from backend.platform import clock, errors
from backend.platform.actors import Actor, Permission
from schemas.arrivals import (
    AmendmentSchema,
    CancellationSchema,
    CheckInSchema,
    PauseSchema,
    SentSchema,
)
from schemas.base import Schema
from schemas.batches import BatchAnswerSchema, BatchItemSchema, BatchSchema
from schemas.fields import DatumQuerySchema
from schemas.receipts import CheckInReceiptSchema, ReceiptSchema, ReceiptsRequestSchema
from schemas.reports import ReportSchema
from schemas.visits import (
    QuarantineQuerySchema,
    ReleaseSchema,
    RevisionSchema,
    VisitQuerySchema,
    VisitSchema,
    WholeVisitSchema,
)

blp = Blueprint("visits", __name__, description="Salespeople in stores")
# Instances, because a schema class would be built anew for every request.
SENT, CHECK_IN, REPORT, BATCH_ITEM = (
    SentSchema(),
    CheckInSchema(),
    ReportSchema(),
    BatchItemSchema(),
)
PAUSE, CANCELLATION, AMENDMENT = PauseSchema(), CancellationSchema(), AmendmentSchema()
DOCUMENTS: dict[str, Schema] = {
    "check_in": CHECK_IN,
    "report": REPORT,
    "pause": PAUSE,
    "cancellation": CANCELLATION,
    "amendment": AMENDMENT,
}
RECEIPT, CHECK_IN_RECEIPT = ReceiptSchema(), CheckInReceiptSchema()
STATUS = {Result.CREATED: 201, Result.REPLAYED: 200, Result.QUARANTINED: 202}


@blp.route("/visits")
class Visits(MethodView):
    """The collection."""

    @blp.guarded(Permission.VISIT_READ)
    @blp.arguments(VisitQuerySchema, location="query")
    @blp.response(200, VisitSchema(many=True))
    @blp.paginate(QueryPage, page_size=50)
    def get(self, actor: Actor, filters: dict[str, Any]) -> Any:
        """List visits, newest first"""
        crs = filters.pop("crs")
        return with_place(visits.list_visits(actor, **filters), crs)


@blp.route("/visits/<uuid:visit_id>")
class VisitById(MethodView):
    """One visit."""

    @blp.guarded(Permission.VISIT_READ)
    @blp.arguments(DatumQuerySchema, location="query")
    @blp.response(200, WholeVisitSchema)
    @blp.alt_response(404, "NOT_FOUND")
    def get(self, actor: Actor, asked: dict[str, Any], visit_id: UUID) -> Any:
        """Get a visit with its pauses, its cancellation and where it ended"""
        return whole(visits.get(actor, visit_id), asked["crs"])

    @one_at_a_time
    @blp.guarded(Permission.VISIT_WRITE)
    @blp.arguments(SENT, location="headers")
    @blp.arguments(CHECK_IN)
    @blp.response(201, CHECK_IN_RECEIPT)
    @blp.alt_response(
        200, schema=CheckInReceiptSchema, description="Already recorded", success=True
    )
    @blp.alt_response(
        202, schema=CheckInReceiptSchema, description="Kept in quarantine", success=True
    )
    @blp.alt_response(409, "CONFLICT")
    def put(
        self, actor: Actor, sent: dict[str, Any], body: dict[str, Any], visit_id: UUID
    ) -> tuple[dict[str, Any], int]:
        """Check in at a store

        The id is the phone's; sending the same check-in again is safe and answers 200. One with
        an unknown store, a point abroad, a patrol by somebody who is no supervisor, or one from
        elsewhere where the policy refuses that, is kept in quarantine (202). Where the policy
        asks for a photo of the storefront, `demands` says so. Point, datum and clocks are kept
        as sent. The answer also names earlier visits that nobody reported on, and brings the
        token for the visit's photos.
        """
        arrival = _arrival(request.get_json(), sent)
        result = visits.check_in(actor, visit_id, **body, arrival=arrival)
        receipt = of_check_in(actor, visit_id, at=arrival.at)
        receipt["capture_token"] = capture_tokens.for_visit(actor, visit_id, at=arrival.at)
        return receipt, STATUS[result]


@blp.route("/visits/<uuid:visit_id>/report")
class VisitReport(MethodView):
    """What was found."""

    @one_at_a_time
    @plainly(SENT, REPORT)
    @blp.guarded(Permission.VISIT_WRITE)
    @blp.arguments(SENT, location="headers")
    @blp.arguments(REPORT)
    @blp.response(201, RECEIPT)
    @blp.alt_response(200, schema=ReceiptSchema, description="Already recorded", success=True)
    @blp.alt_response(202, schema=ReceiptSchema, description="Kept in quarantine", success=True)
    @blp.alt_response(409, "CONFLICT")
    def put(
        self, actor: Actor, sent: dict[str, Any], body: dict[str, Any], visit_id: UUID
    ) -> tuple[dict[str, Any], int]:
        """Hand in the report of a visit

        May arrive before the check-in; it is held then and judged when the visit is known.
        The answer says what the rules made of it and which photos are still missing.
        """
        arrival = _arrival(request.get_json(), sent)
        result, receipt = reports.submit(actor, visit_id, body, arrival=arrival)
        return _in_words(receipt), STATUS[result]


@blp.route("/visits/<uuid:visit_id>/pauses/<uuid:pause_id>")
class VisitPauseById(MethodView):
    """Time that was not worked."""

    @blp.guarded(Permission.VISIT_WRITE)
    @blp.arguments(SENT, location="headers")
    @blp.arguments(PAUSE)
    @blp.response(201, RECEIPT)
    @blp.alt_response(200, schema=ReceiptSchema, description="Already recorded", success=True)
    @blp.alt_response(409, "CONFLICT")
    def put(
        self,
        actor: Actor,
        sent: dict[str, Any],
        body: dict[str, Any],
        visit_id: UUID,
        pause_id: UUID,
    ) -> tuple[dict[str, Any], int]:
        """Hand in a pause of a visit, when it is over

        May arrive before the check-in. Only what lies within the visit counts, and where pauses
        overlap it counts once.
        """
        arrival = _arrival(request.get_json(), sent)
        result = pauses.put(actor, visit_id, pause_id, **body, arrival=arrival)
        return _in_words(receipts(actor, [visit_id])[0]), STATUS[result]


@blp.route("/visits/<uuid:visit_id>/cancellation")
class VisitCancel(MethodView):
    """A visit that was broken off."""

    @blp.guarded(Permission.VISIT_WRITE)
    @blp.arguments(SENT, location="headers")
    @blp.arguments(CANCELLATION)
    @blp.response(201, RECEIPT)
    @blp.alt_response(200, schema=ReceiptSchema, description="Already recorded", success=True)
    @blp.alt_response(409, "CONFLICT")
    def put(
        self, actor: Actor, sent: dict[str, Any], body: dict[str, Any], visit_id: UUID
    ) -> tuple[dict[str, Any], int]:
        """Cancel a visit, with a reason and the position

        May arrive before the check-in. What was handed in of the visit is kept; it never counts.
        """
        arrival = _arrival(request.get_json(), sent)
        result = cancellations.cancel(actor, visit_id, **body, arrival=arrival)
        return _in_words(receipts(actor, [visit_id])[0]), STATUS[result]


@blp.route("/visits/<uuid:visit_id>/amendments/<uuid:amendment_id>")
class VisitAmendment(MethodView):
    """A report handed in anew."""

    @blp.guarded(Permission.VISIT_WRITE)
    @blp.arguments(SENT, location="headers")
    @blp.arguments(AMENDMENT)
    @blp.response(201, RECEIPT)
    @blp.alt_response(200, schema=ReceiptSchema, description="Already recorded", success=True)
    @blp.alt_response(409, "CONFLICT")
    def put(
        self,
        actor: Actor,
        sent: dict[str, Any],
        body: dict[str, Any],
        visit_id: UUID,
        amendment_id: UUID,
    ) -> tuple[dict[str, Any], int]:
        """Amend the report of a visit, whole and with a reason

        May arrive before the report. It is judged by the same checklist, tier and day as the
        original; every text is kept. The times of the visit stay those of the original, and its
        photos must all be named again. Not later than 48 hours after the visit was complete.
        """
        arrival = _arrival(request.get_json(), sent)
        result = amendments.amend(actor, visit_id, amendment_id, **body, arrival=arrival)
        return _in_words(receipts(actor, [visit_id])[0]), STATUS[result]


@blp.route("/visits/<uuid:visit_id>/revisions")
class VisitRevisions(MethodView):
    """What a report said before, and says now."""

    @blp.guarded(Permission.VISIT_READ)
    @blp.response(200, RevisionSchema(many=True))
    @blp.alt_response(404, "NOT_FOUND")
    def get(self, actor: Actor, visit_id: UUID) -> list[amendments.Revision]:
        """List the texts of a visit's report with their judgements"""
        return amendments.revisions(actor, visit_id)


@blp.route("/visits/<uuid:visit_id>/receipt")
class VisitReceipt(MethodView):
    """What is held of one visit."""

    @blp.guarded(Permission.VISIT_READ)
    @blp.response(200, ReceiptSchema)
    @blp.alt_response(404, "NOT_FOUND")
    def get(self, actor: Actor, visit_id: UUID) -> dict[str, Any]:
        """Say what is received, missing or quarantined of a visit"""
        receipt = receipts(actor, [visit_id])[0]
        documents = [receipt[name]["received"] for name in ("check_in", "report", "cancellation")]
        if not any([*documents, receipt["photos"], receipt["pauses"], receipt["amendments"]]):
            raise errors.NotFoundError(what="visit")
        return _in_words(receipt)


@blp.route("/receipts")
class Receipts(MethodView):
    """What is held of many visits."""

    @blp.guarded(Permission.VISIT_READ)
    @blp.arguments(ReceiptsRequestSchema)
    @blp.response(200, ReceiptSchema(many=True))
    def post(self, actor: Actor, body: dict[str, Any]) -> list[dict[str, Any]]:
        """Say what is received, missing or quarantined of up to 500 visits

        Visits nobody handed in, or that are not the caller's, are `unknown`.
        """
        return [_in_words(receipt) for receipt in receipts(actor, body["visit_ids"])]


@blp.route("/batches")
class Batches(MethodView):
    """An evening's sync."""

    @blp.guarded(Permission.VISIT_WRITE)
    @blp.arguments(SENT, location="headers")
    @blp.arguments(BatchSchema)
    @blp.response(200, BatchAnswerSchema)
    def post(self, actor: Actor, sent: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
        """Hand in up to 200 check-ins, reports, pauses, cancellations and amendments at once

        Each item has its own result, and one bad item never costs the others.
        """
        return {"results": [_item(actor, item, sent) for item in body["items"]]}


@blp.route("/quarantine")
class Quarantine(MethodView):
    """Visits that are kept but not believed."""

    @blp.guarded(Permission.QUARANTINE_RELEASE)
    @blp.arguments(QuarantineQuerySchema, location="query")
    @blp.response(200, VisitSchema(many=True))
    @blp.paginate(QueryPage, page_size=50)
    def get(self, actor: Actor, filters: dict[str, Any]) -> Any:
        """List quarantined visits, oldest first"""
        crs = filters.pop("crs")
        return with_place(quarantine.list_quarantined(actor, **filters), crs)


@blp.route("/quarantine/<uuid:visit_id>/release")
class QuarantineRelease(MethodView):
    """Letting one in."""

    @blp.guarded(Permission.QUARANTINE_RELEASE)
    @blp.arguments(ReleaseSchema)
    @blp.response(200, VisitSchema)
    @blp.alt_response(404, "NOT_FOUND")
    @blp.alt_response(422, "UNPROCESSABLE_ENTITY")
    def post(self, actor: Actor, body: dict[str, Any], visit_id: UUID) -> Any:
        """Release a visit from quarantine"""
        visit = quarantine.release(actor, visit_id, **body, at=clock.now())
        return placed(visit)


def _in_words(receipt: dict[str, Any]) -> dict[str, Any]:
    """Return a receipt that says in the caller's language what a report still lacks."""
    score = receipt["score"]
    if score is None or not score["missing"] or not wants_chinese():
        return receipt
    missing = [one | {"reason": chinese.said(one["reason"])} for one in score["missing"]]
    return receipt | {"score": score | {"missing": missing}}


def _arrival(document: Any, sent: dict[str, Any]) -> Arrival:
    return Arrival(at=clock.now(), content_sha256=fingerprint(document), **sent)


@one_at_a_time
def _item(actor: Actor, item: Any, sent: dict[str, Any]) -> dict[str, Any]:
    """Hand in one document of a batch and say what became of it."""
    named = {name: item.get(name) for name in ("visit_id", "id", "kind")}
    named = {name: value if isinstance(value, str) else None for name, value in named.items()}
    try:
        result = _hand_in(actor, BATCH_ITEM.load(item), sent)
    except ValidationError as error:
        problem = refusal(422, errors={"json": error.messages})
    except errors.XundianError as error:
        problem = _problem(error)
    except IntegrityError:  # a race that the rules' own checks could not see
        problem = _problem(errors.ConflictError())
    else:
        return named | {"result": str(result)}
    verdict = "conflict" if problem["status"] == 409 else "invalid"
    return named | {"result": verdict, "problem": problem}


def _hand_in(actor: Actor, item: dict[str, Any], sent: dict[str, Any]) -> Result:
    kind, visit_id = item["kind"], item["visit_id"]
    if kind in {"pause", "amendment"} and item["id"] is None:
        raise ValidationError({"id": ["Missing data for required field."]})
    document = DOCUMENTS[kind].load(item["body"])
    arrival = _arrival(item["body"], sent)  # only now: taking it goes as deep as what was sent
    match kind:
        case "check_in":
            return visits.check_in(actor, visit_id, **document, arrival=arrival)
        case "pause":
            return pauses.put(actor, visit_id, item["id"], **document, arrival=arrival)
        case "cancellation":
            return cancellations.cancel(actor, visit_id, **document, arrival=arrival)
        case "amendment":
            return amendments.amend(actor, visit_id, item["id"], **document, arrival=arrival)
    return reports.submit(actor, visit_id, document, arrival=arrival)[0]


def _problem(error: errors.XundianError) -> dict[str, Any]:
    return members_of(error) | {"status": status_of(type(error))}
