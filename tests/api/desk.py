"""What auditors and arbiters do at their desks, over HTTP."""

from backend.evidence.models import PhotoAudit
from backend.fieldwork.photo_models import Photo
from tests.client import Client

PROBLEM = "urn:xundian:problem:"


def claim(client: Client, **body) -> list[str]:
    answer = client.post("/v1/audits/claims", json=body)
    assert 200 == answer.status_code, answer.json
    return [audit["photo_id"] for audit in answer.json]


def release(client: Client, photo: Photo):
    return client.delete(f"/v1/audits/claims/{photo.visit_id}/{photo.id}")


def judge(client: Client, photo: Photo, verdict: str = "approved", version: int = 1, **body):
    return client.put(
        verdict_of(photo), json={"verdict": verdict} | body, headers={"If-Match": f'"{version}"'}
    )


def read(client: Client, photo: Photo, verdict: str = "approved", **body):
    """Claim all there is, judge one photo, with a reason if rejected, and put the rest back."""
    claim(client, limit=50)
    why = {"reasons": ["blurred"]} if verdict == "rejected" else {}
    answer = judge(client, photo, verdict, **why | body)
    assert 200 == answer.status_code, answer.json
    PhotoAudit.update(claimed_by=None, claimed_at=None, claimed_until=None).execute()
    return answer


def undo(client: Client, photo: Photo):
    return client.delete(verdict_of(photo))


def arbitrate(client: Client, photo: Photo, verdict: str = "approved", version=None, **body):
    return client.put(
        f"/v1/visits/{photo.visit_id}/photos/{photo.id}/arbitration",
        json={"verdict": verdict} | body,
        headers={"If-Match": f'"{version or audit_of(photo).version}"'},
    )


def verdict_of(photo: Photo) -> str:
    return f"/v1/visits/{photo.visit_id}/photos/{photo.id}/verdict"


def listed(client: Client, photo: Photo, query: str = "") -> dict | None:
    """Return a photo as somebody's list of the queue shows it, or nothing."""
    answer = client.get(f"/v1/audits?page_size=100&{query}")
    assert 200 == answer.status_code, answer.json
    return next((each for each in answer.json if each["photo_id"] == str(photo.id)), None)


def audit_of(photo: Photo) -> PhotoAudit:
    return PhotoAudit.get(PhotoAudit.photo_id == photo.id)


def ids(photos) -> set[str]:
    return {str(photo.id) for photo in photos}


def code_of(answer) -> tuple[int, str]:
    """Return the status and the code of a refusal."""
    return answer.status_code, answer.json["type"].removeprefix(PROBLEM)
