"""The pipeline: how far a store was won, from prospect to closed, with every move and its day."""

from __future__ import annotations

from datetime import date, datetime

from peewee import ModelSelect, fn

from backend.network.archive_models import PipelineMove
from backend.network.models import Store
from backend.network.words import PipelineStatus
from backend.platform import clock
from backend.platform.actors import Actor
from backend.platform.database import insert_rows
from backend.platform.errors import RuleError

_ORDER = [str(status) for status in PipelineStatus]


class PipelineBackwardsError(RuleError):
    """What a store has behind it does not come again."""

    code = "pipeline-backwards"
    title = "A store does not go back to this"
    title_zh = "门店状态不能回退"
    detail = "A store that is {status} cannot become {wanted} again."
    detail_zh = "状态为 {status} 的门店不能回到 {wanted}。"


class PipelineDayError(RuleError):
    """A move happens after the one before, and not in the future."""

    code = "pipeline-day"
    title = "Not a day for this move"
    title_zh = "状态变更日期无效"
    detail = "The day must be from {since} to today; {moved_on} is not."
    detail_zh = "日期必须在 {since} 至今天之间，{moved_on} 不在其中。"


def moves(store: Store) -> ModelSelect[PipelineMove]:
    """Return the moves of a store, first to last."""
    return PipelineMove.select().where(PipelineMove.store == store.id).order_by(PipelineMove.id)


def check(store: Store, wanted: str, moved_on: date, *, at: datetime) -> None:
    """Require that a store can become what is wanted, on that day.

    Raises PipelineBackwardsError or PipelineDayError.
    """
    forward = _ORDER.index(wanted) > _ORDER.index(store.status)
    back = (store.status, wanted) == ("at_risk", "active") or store.status == "closed"
    if not (forward or back):
        raise PipelineBackwardsError(status=store.status, wanted=wanted)
    last = (
        PipelineMove.select(fn.MAX(PipelineMove.moved_on))
        .where(PipelineMove.store == store.id)
        .scalar()
    )
    if (last and moved_on < last) or moved_on > clock.business_date(at):
        raise PipelineDayError(since=last or "any day", moved_on=moved_on)


def record(
    actor: Actor,
    store_id: int,
    from_status: str | None,
    to_status: str,
    *,
    moved_on: date,
    at: datetime,
    reason: str = "",
) -> None:
    """Record a move, in the caller's transaction."""
    move = {
        "store": store_id,
        "from_status": from_status,
        "to_status": to_status,
        "moved_on": moved_on,
        "moved_at": at,
        "person_id": actor.id,
        "reason": reason,
    }
    insert_rows(PipelineMove, [move])
