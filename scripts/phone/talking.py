"""In the store beside the report: people, push, fixtures, launches, stock, tasks and prices."""

from datetime import UTC, datetime, timedelta

from backend.demo.feeds import imei_of
from scripts.phone.day import Day, new_id
from scripts.phone.device import CHANCE, promise

STAGES = (
    "launch_advertise",
    "launch_inquiry",
    "launch_demo_trial",
    "launch_offer",
    "launch_advocacy",
)


def meet(day: Day, store: dict, visit_id: str) -> None:
    """Log that the owner was met, whom the phone adds where nobody has."""
    phone = day.phone
    known = phone.get("/v1/contacts", store_id=store["id"], job_role="owner", here="true")
    contact_id = known[0]["id"] if known else new_id()
    if not known:
        person = {"store_id": store["id"], "name": "王芳", "job_role": "owner"}
        phone.put(f"/v1/contacts/{contact_id}", person)
    entry = {
        "contact_id": contact_id,
        "kind": "visit",
        "happened_at": _now(),
        "visit_id": visit_id,
        "objection": "price_objection",
        "note": "谈周末活动备货",
    }
    phone.put(f"/v1/contact-entries/{new_id()}", entry)
    met = phone.get(f"/v1/contacts/{contact_id}")
    promise(
        met["status"] == "met", f"  met {met['name']} ({met['job_role']}), who wants it cheaper"
    )


def judge_push(day: Day, store: dict, visit_id: str) -> None:
    """Assess how far the store recommends the brand first."""
    body = {
        "store_id": store["id"],
        "visit_id": visit_id,
        "assessed_at": _now(),
        "levels": {"store_push": 3, "counter_push": 4, "clerk_push": 4},
    }
    shown = day.phone.put(f"/v1/push-assessments/{new_id()}", body)
    promise(shown["levels"]["clerk_push"] == 4, "  judged how the clerks push: 4 of 5")


def look_at_fixtures(day: Day, store: dict, visit_id: str) -> None:
    """Look for what was lent into the store."""
    for fixture in day.phone.get("/v1/fixtures", store_id=store["id"], state="on_loan"):
        body = {
            "fixture_id": fixture["id"],
            "store_id": store["id"],
            "inspected_at": _now(),
            "is_present": True,
            "condition": "good",
            "visit_id": visit_id,
        }
        day.phone.put(f"/v1/fixture-inspections/{new_id()}", body)
        promise(True, f"  {fixture['name']} {fixture['code']} stands there, in good order")


def follow_launch(day: Day, store: dict, visit_id: str) -> None:
    """Show the next stage of the newest launch, with a photo of the visit."""
    launched = day.phone.get("/v1/launches")
    if not launched:
        return
    path = f"/v1/launches/{launched[0]['id']}"
    (progress,) = day.phone.get(f"{path}/stores", store_id=store["id"])
    seen = progress["stages"]
    stage = next((each for each in STAGES if not seen.get(each)), STAGES[-1])
    body = {
        "store_id": store["id"],
        "stage": stage,
        "seen_at": _now(),
        "visit_id": visit_id,
        "photo_id": next(iter(day.phone.photos[visit_id])),
    }
    day.phone.put(f"{path}/evidence/{new_id()}", body)
    promise(True, f"  {launched[0]['name']}: showed {stage}")


def count_stock(day: Day, store: dict) -> None:
    """Count by telephone what is damaged and how old the oldest is, and tell of one handset."""
    musts = day.standard_of(store)["musts"][:3]
    oldest = (day.today - timedelta(days=75)).isoformat()
    lines = [
        {"sku_id": must["sku_id"], "stock": 6, "damaged_stock": 1, "oldest_receipt_on": oldest}
        for must in musts
    ]
    body = {"store_id": store["id"], "counted_at": _now(), "lines": lines}
    day.phone.put(f"/v1/stock-counts/{new_id()}", body)
    promise(True, f"counted {len(lines)} products of {store['name']}: one of each is damaged")
    handset = {"store_id": store["id"], "imei": imei_of(CHANCE), "seen_at": _now()}
    day.phone.put(f"/v1/imei-sightings/{new_id()}", handset)
    promise(True, f"told of handset {handset['imei']}, which is nobody's out of area")


def finish_task(day: Day, visit_id: str) -> None:
    """Prove a task done with a photo, which the supervisor looks at and closes."""
    if day.task is None:
        return
    task, path = day.task, f"/v1/tasks/{day.task['id']}"
    if task["state"] == "assigned":
        task = day.phone.step(f"{path}/start", None, version=task["version"])
    photo_id = next(iter(day.phone.photos[visit_id]))
    proof = {"proof_visit_id": visit_id, "proof_photo_id": photo_id, "note": "已整改"}
    task = day.phone.step(f"{path}/submission", proof, version=task["version"])
    promise(task["state"] == "submitted", "  the task is submitted, with a photo that proves it")
    task = day.desk.step(f"{path}/closure", {"note": "照片属实"}, version=task["version"])
    steps = [event["step"] for event in day.phone.get(f"{path}/events")]
    promise(task["state"] == "closed", f"  the supervisor closed it: {', '.join(steps)}")


def open_case(day: Day, store: dict) -> None:
    """Let the supervisor find the price that was cut, and ask the dealer."""
    query = {"store_id": store["id"], "kind": "direct_price_cut", "from": day.today.isoformat()}
    cases = day.desk.get("/v1/price-cases", **query)
    waiting = [case for case in cases if case["state"] == "open"]
    promise(
        bool(cases), f"the cut price is a case: {len(cases)} today, {len(waiting)} not yet asked"
    )
    for case in waiting[:1]:
        path = f"/v1/price-cases/{case['id']}/reply-request"
        asked = day.desk.step(path, {}, version=case["version"])
        due_on = asked["reply_request"]["due_on"]
        promise(asked["state"] == "awaiting_reply", f"  the dealer is asked to reply by {due_on}")


def ask_back(day: Day, store: dict, visit_id: str) -> None:
    """Hand the partner a feedback card about this month's visits, once a month."""
    first = day.today.replace(day=1).isoformat()
    query = {"store_id": store["id"], "about": "visit", "from": first}
    if day.phone.get("/v1/feedback-cards", **query):
        promise(True, f"{store['name']} has filled in this month's card already")
        return
    scores = [{"topic": "sales_staff", "score": 5}, {"topic": "supply", "score": 4}]
    body = {"about": "visit", "about_id": visit_id, "scores": scores, "comment": "希望到货更快"}
    card = day.phone.put(f"/v1/feedback-cards/{new_id()}", body)
    promise(card["score"] == 4.5, f"{store['name']} gave {card['score']} of 5 for the visits")


def correct_point(day: Day, store: dict, visit_id: str) -> None:
    """Propose where the door is, with a photo; the supervisor finds it close enough."""
    body = {
        "store_id": store["id"],
        "position": day.position_at(store, "gcj02"),
        "accuracy_m": 12.0,
        "proof_visit_id": visit_id,
        "proof_photo_id": next(iter(day.phone.photos[visit_id])),
        "note": "门在路对面",
    }
    proposed = day.phone.put(f"/v1/point-corrections/{new_id()}", body)
    path = f"/v1/point-corrections/{proposed['id']}/rejection"
    decided = day.desk.step(path, {"reason": "误差以内"}, version=proposed["version"])
    promise(
        decided["state"] == "rejected",
        f"proposed a point {proposed['moved_m']} m away; the supervisor lets the old one stand",
    )


def _now() -> str:
    return datetime.now(UTC).isoformat()
