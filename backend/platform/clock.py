"""What time it is, asked once per request and passed on as an argument."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

from backend.platform.settings import settings


def now() -> datetime:
    """Return the current instant, aware, in UTC."""
    return datetime.now(UTC)


def business_date(at: datetime) -> date:
    """Return the day of an instant in the business time zone."""
    return at.astimezone(zone()).date()


def zone() -> ZoneInfo:
    """Return the business time zone."""
    return _zone(settings().business_zone)


def instants_of(day: date) -> tuple[datetime, datetime]:
    """Return when a business day begins, and when the next one does, in UTC."""
    return _instants_of(day, zone())


@lru_cache(maxsize=1_000)
def _instants_of(day: date, where: ZoneInfo) -> tuple[datetime, datetime]:
    begins, ends = (datetime.combine(d, time(), where) for d in (day, day + timedelta(days=1)))
    return begins.astimezone(UTC), ends.astimezone(UTC)


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
