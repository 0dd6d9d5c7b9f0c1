"""Counters: where the brand stands in a store, how large, and beside which competitors.

Listing alone does not sell: position and area are settled together with it, so one survey of a
counter says all of them.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from peewee import ModelSelect, fn

from backend.network import stores
from backend.platform import ledger
from backend.platform.actors import Actor
from backend.platform.database import canonical, insert_rows, take_turns, transaction
from backend.platform.errors import IdTakenError, NotFoundError
from backend.platform.prepared import Prepared
from backend.standards.mix_models import CounterSurvey

_LATEST = Prepared(
    CounterSurvey,
    lambda store_id, day: (
        CounterSurvey.select()
        .where(CounterSurvey.store == store_id, CounterSurvey.seen_on <= day)
        .order_by(CounterSurvey.seen_on.desc(), CounterSurvey.received_at.desc(), CounterSurvey.id)
        .limit(1)
    ),
    store_id=CounterSurvey.store,
    day=CounterSurvey.seen_on,
)


def list_surveys(
    actor: Actor,
    *,
    store_id: int | None = None,
    competitor: str | None = None,
    from_on: date | None = None,
    to_on: date | None = None,
) -> ModelSelect[CounterSurvey]:
    """Return surveys of the stores the actor may see, the latest first."""
    conditions = [CounterSurvey.visible_to(actor)]
    if store_id is not None:
        conditions.append(CounterSurvey.store == store_id)
    if competitor is not None:
        # The column is a JSON list of texts, as text: it changes without this one if it has it.
        without = fn.REPLACE(CounterSurvey.competitors, canonical(competitor), "")
        conditions.append(without != CounterSurvey.competitors)
    if from_on is not None:
        conditions.append(CounterSurvey.seen_on >= from_on)
    if to_on is not None:
        conditions.append(CounterSurvey.seen_on < to_on)
    return (
        CounterSurvey.select()
        .where(*conditions)
        .order_by(CounterSurvey.seen_on.desc(), CounterSurvey.received_at.desc(), CounterSurvey.id)
    )


def get(actor: Actor, survey_id: UUID) -> CounterSurvey:
    """Return one survey the actor may see. Raises NotFoundError."""
    survey = CounterSurvey.get_or_none(
        CounterSurvey.visible_to(actor), CounterSurvey.id == survey_id
    )
    if survey is None:
        raise NotFoundError(what="counter survey")
    return survey


def seen_on(store_id: Hashable, day: date) -> CounterSurvey | None:
    """Return what was last known of a store's counter on a day."""
    return _LATEST.first(store_id=store_id, day=day)


def record(
    actor: Actor,
    survey_id: UUID,
    *,
    store_id: int,
    seen_on: date,
    position_grade: int,
    display_area_m2: float,
    sections: int,
    competitors: Sequence[str],
    competitor_sections: int | None = None,
    content_sha256: str,
    at: datetime,
) -> tuple[CounterSurvey, bool]:
    """Keep a survey and return it, and whether it is new.

    Raises NotFoundError for a store out of sight, and IdTakenError for a known id with other
    content or from another person.
    """
    stores.get(actor, store_id)
    row: dict[str, Any] = {
        "store": store_id,
        "id": survey_id,
        "seen_on": seen_on,
        "position_grade": position_grade,
        "display_area_m2": display_area_m2,
        "sections": sections,
        "competitors": sorted(set(competitors)),
        "competitor_sections": competitor_sections,
        "person": actor.id,
        "received_at": at,
        "content_sha256": content_sha256,
    }
    with transaction():
        take_turns(f"counter survey:{survey_id}")
        known = CounterSurvey.get_or_none(CounterSurvey.id == survey_id)
        if known is not None:
            if (known.person_id, known.content_sha256) != (actor.id, content_sha256):
                raise IdTakenError(id=str(survey_id))
            return known, False
        insert_rows(CounterSurvey, [row])
        ledger.append(actor, "counter_survey.recorded", survey_id, at=at, store=store_id)
    return get(actor, survey_id), True
