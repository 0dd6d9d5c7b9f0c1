"""A salesperson's phone: builds the documents an app would send, and sends them."""

import base64
import hashlib
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from backend.network.models import Store
from backend.platform import clock
from tests.client import Client


def _lately() -> datetime:
    """Return an instant before now with some hours of the same business day before it."""
    now = datetime.now(UTC)
    hour = now.astimezone(ZoneInfo("Asia/Shanghai")).hour
    return now if hour >= 6 else now - timedelta(hours=hour + 1)


# Taken once: what phones do in a test is of one day, even when midnight passes meanwhile.
LATELY = _lately()


def minutes_ago(minutes: float) -> str:
    """Return an instant so long before LATELY, as the phone writes it."""
    return (LATELY - timedelta(minutes=minutes)).isoformat()


def arrival(store: Store, *, minutes: float = 60, **changes: Any) -> dict[str, Any]:
    """Return the check-in of a phone at the store's door."""
    position = {"lat": store.lat, "lon": store.lon, "crs": "wgs84", "accuracy_m": 10.0}
    return {
        "store_id": store.id,
        "clock": {"device_at": minutes_ago(minutes)},
        "position": position,
    } | changes


def day_of(document: dict[str, Any]) -> date:
    """Return the business day of a check-in, which may be the day before that of now."""
    return clock.business_date(datetime.fromisoformat(document["clock"]["device_at"]))


def findings(*, minutes: float = 30, **changes: Any) -> dict[str, Any]:
    """Return a report without anything in it, left so many minutes ago."""
    check_out = {"clock": {"device_at": minutes_ago(minutes)}}
    return {"outcome": "done", "check_out": check_out} | changes


def announced(photo_id: UUID, content: bytes, **changes: Any) -> dict[str, Any]:
    """Return a manifest entry for a picture."""
    return {
        "id": str(photo_id),
        "sha256": hashlib.sha256(content).hexdigest(),
        "size_bytes": len(content),
        "subject": "storefront",
        "captured_at": minutes_ago(45),
    } | changes


def digest(content: bytes) -> dict[str, str]:
    """Return the header that declares the hash of a body."""
    value = base64.b64encode(hashlib.sha256(content).digest()).decode()
    return {"Repr-Digest": f"sha-256=:{value}:"}


class Phone:
    """A signed-in phone; every method answers the response."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def check_in(self, store: Store, visit_id: UUID | None = None, **changes: Any):
        """Arrive at a store."""
        return self.client.put(f"/v1/visits/{visit_id or uuid4()}", json=arrival(store, **changes))

    def report(self, visit_id: UUID, **changes: Any):
        """Hand in a report."""
        return self.client.put(f"/v1/visits/{visit_id}/report", json=findings(**changes))

    def photo(self, visit_id: UUID, photo_id: UUID, content: bytes, **headers: str):
        """Hand in the bytes of a picture."""
        return self.client.put(
            f"/v1/visits/{visit_id}/photos/{photo_id}",
            data=content,
            content_type="image/jpeg",
            headers=headers or digest(content),
        )

    def pause(self, visit_id: UUID, pause_id: UUID, began: float, ended: float):
        """Hand in a pause between so many minutes ago."""
        body = {
            "paused": {"device_at": minutes_ago(began)},
            "resumed": {"device_at": minutes_ago(ended)},
        }
        return self.client.put(f"/v1/visits/{visit_id}/pauses/{pause_id}", json=body)

    def cancel(self, visit_id: UUID, *, minutes: float = 50, **changes: Any):
        """Break a visit off."""
        body = {
            "reason": "called_away",
            "clock": {"device_at": minutes_ago(minutes)},
            "position": None,
        }
        return self.client.put(f"/v1/visits/{visit_id}/cancellation", json=body | changes)

    def amend(self, visit_id: UUID, amendment_id: UUID, *, minutes: float = 5, **changes: Any):
        """Hand a report in anew."""
        body = {
            "reason": "漏填",
            "clock": {"device_at": minutes_ago(minutes)},
            "report": findings(**changes),
        }
        return self.client.put(f"/v1/visits/{visit_id}/amendments/{amendment_id}", json=body)

    def receipt(self, visit_id: UUID) -> dict[str, Any]:
        """Return what the server says it holds."""
        return self.client.get(f"/v1/visits/{visit_id}/receipt").json
