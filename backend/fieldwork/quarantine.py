"""The quarantine: visits that are kept but believed by nobody yet, and letting them in."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from peewee import ModelSelect

from backend.fieldwork import placing, retractions, visits, waiting
from backend.fieldwork.models import Visit
from backend.network.models import Store
from backend.network.stores import dealer_on
from backend.platform import ledger
from backend.platform.actors import Actor
from backend.platform.database import transaction
from backend.platform.errors import NotFoundError, RuleError


class NotQuarantinedError(RuleError):
    """Only what is quarantined can be released."""

    code = "not-quarantined"
    title = "Nothing to release"
    title_zh = "无需放行"
    detail = "The visit is not quarantined."
    detail_zh = "该拜访未被隔离。"


class StoreNeededError(RuleError):
    """A visit to an unknown store needs to be told which store it was."""

    code = "store-needed"
    title = "Say which store it was"
    title_zh = "请指明门店"
    detail = "The visit names a store nobody knows; release it with a store_id."
    detail_zh = "该拜访的门店不存在，放行时请提供 store_id。"


class RejectedByReviewerError(RuleError):
    """What a reviewer rejected is believed again by a reviewer's decision only."""

    code = "rejected-by-reviewer"
    title = "A reviewer rejected the visit"
    title_zh = "该拜访已被审核驳回"
    detail = "A reviewer rejected the visit; decide about its evidence instead."
    detail_zh = "该拜访已被审核驳回，请在证据审核中重新决定。"


def list_quarantined(actor: Actor, *, reason: str | None = None) -> ModelSelect[Visit]:
    """Return quarantined visits the actor may see, oldest first."""
    conditions = [Visit.visible_to(actor), Visit.quarantine_reason.is_null(False)]
    if reason is not None:
        conditions.append(Visit.quarantine_reason == reason)
    return Visit.select().where(*conditions).order_by(Visit.received_at, Visit.id)


def release(
    actor: Actor, visit_id: UUID, *, store_id: int | None, note: str, at: datetime
) -> Visit:
    """Let a visit in: give it a store if it has none, and judge its report as it stands.

    What is still unknown in the report (products, promotions) is left out of the judgement; the
    document keeps it. Raises NotFoundError, NotQuarantinedError,
    RejectedByReviewerError or StoreNeededError.
    """
    person_id = visits.get(actor, visit_id).person_id
    with transaction(turn=placing.turn_of(person_id)):
        visit = visits.get(actor, visit_id)
        if visit.quarantine_reason is None:
            raise NotQuarantinedError(reason="released")
        if visit.quarantine_reason == placing.REJECTED:
            raise RejectedByReviewerError(reason="rejected")
        if visit.store_id is None:
            _give_store(actor, visit, store_id)
        visit.quarantine_reason, visit.released_by_id, visit.released_at = None, actor.id, at
        visit.save()
        facts: dict[str, Any] = placing.facts_of(visit)
        ledger.append(actor, "visit.placed", visit_id, at=at, note=note, **facts)
        of_day = placing.of_day(person_id, visit.business_on)
        placing.settle(of_day[visit_id], at=at, forced=True)
        retractions.stand(of_day[visit_id], at=at)
        placing.keep_one_open(of_day.values(), at=at)
        waiting.place(visit_id, at=at)
    return visits.get(actor, visit_id)


def _give_store(actor: Actor, visit: Visit, store_id: int | None) -> None:
    wanted = visit.claimed_store_id if store_id is None else store_id
    store = Store.get_or_none(Store.visible_to(actor), Store.id == wanted)
    if store is None and store_id is None:
        raise StoreNeededError(reason="store")
    if store is None:
        raise NotFoundError(what="store")
    visit.store_id, visit.region_id = store.id, store.region_id
    visit.dealer_id = dealer_on(store.id, visit.business_on)
    visit.tier, visit.grade = store.tier, store.grade
    visit.chain, visit.division_code = store.chain, store.division_code
