"""The tally of photos: how many of a person were taken in on a day, and how many may be."""

from __future__ import annotations

from datetime import datetime
from math import ceil
from typing import Any

from peewee import ModelSelect

from backend.fieldwork.photo_models import PhotoTally
from backend.platform import clock
from backend.platform.actors import Actor
from backend.platform.database import Statement
from backend.platform.errors import TooManyError
from backend.platform.prepared import Prepared
from backend.platform.settings import settings


def taken(person_id: Any, received_on: Any) -> ModelSelect[PhotoTally]:
    """Return the query for how many of a person were taken in on a day; no row if none was."""
    return PhotoTally.select(PhotoTally.photos).where(
        PhotoTally.person_id == person_id, PhotoTally.received_on == received_on
    )


_OF_DAY = Prepared(
    PhotoTally, taken, person_id=PhotoTally.person_id, received_on=PhotoTally.received_on
)
_ONE_MORE = Prepared(
    PhotoTally,
    lambda person_id, received_on: PhotoTally.insert(
        person_id=person_id, received_on=received_on, photos=1
    ).on_conflict(
        conflict_target=[PhotoTally.person_id, PhotoTally.received_on],
        update={PhotoTally.photos: PhotoTally.photos + 1},
    ),
    person_id=PhotoTally.person_id,
    received_on=PhotoTally.received_on,
)


class QuotaError(TooManyError):
    """As many photos of the person were taken in today as may be in a day."""

    code = "photo-quota"
    title = "No more photos today"
    title_zh = "今日照片数量已达上限"
    detail = "{quota} photos a day are taken in from one person; send the rest tomorrow."
    detail_zh = "每人每天最多接收 {quota} 张照片，其余请明天发送。"


def check(actor: Actor, *, at: datetime) -> None:
    """Raise QuotaError when no more photos of the actor are taken in today."""
    found = _OF_DAY.rows(person_id=actor.id, received_on=clock.business_date(at))
    refuse_more(sum(count for (count,) in found), at=at)


def refuse_more(photos: int, *, at: datetime) -> None:
    """Raise QuotaError when so many of a day are enough."""
    today, quota = clock.business_date(at), settings().max_photos_a_day
    if photos >= quota:
        wait = clock.instants_of(today)[1] - at
        raise QuotaError(quota=quota, retry_after_s=ceil(wait.total_seconds()))


def one_more(actor: Actor, *, at: datetime) -> Statement:
    """Return what counts a photo, to be run in the transaction that takes it in."""
    return _ONE_MORE.statement(person_id=actor.id, received_on=clock.business_date(at))
