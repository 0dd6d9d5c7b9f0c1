"""What makes the day believable, and what the person is told about it."""

from datetime import UTC, datetime

from scripts.phone.day import Day, new_id
from scripts.phone.device import promise

HANDED_IN = {"photo.received", "visit.reported"}


def read_notices(day: Day) -> None:
    """Acknowledge the notices that still wait for an answer."""
    waiting = [
        notice for notice in day.phone.get("/v1/privacy/notices") if notice["is_outstanding"]
    ]
    for notice in waiting:
        answer = {
            "notice_id": notice["id"],
            "text_sha256": notice["text_sha256"],
            "answer": "acknowledged" if notice["kind"] == "work_rule" else "granted",
            "answered_at": datetime.now(UTC).isoformat(),
        }
        day.phone.put(f"/v1/privacy/answers/{new_id()}", answer)
    promise(True, f"{len(waiting)} notices about one's own data were read and acknowledged")


def show_custody(day: Day, visit_id: str) -> None:
    """Find the way of a photo from the phone to the disk."""
    photo_id = next(iter(day.phone.photos[visit_id]))
    custody = day.phone.get(f"/v1/photos/{photo_id}/custody")
    promise(
        (custody["stored"], custody["is_unbroken"]) == ("intact", True)
        and {step["verb"] for step in custody["steps"]} >= HANDED_IN,
        "a photo's custody names who declared and sent it; its bytes are still the same",
    )


def fetch_tokens(day: Day) -> None:
    """Fetch capture tokens for the visits of tomorrow."""
    status, answer = day.phone.send("POST", "/v1/capture-tokens", {"count": 5})
    promise((status, len(answer["tokens"])) == (200, 5), "5 capture tokens are on the phone")
