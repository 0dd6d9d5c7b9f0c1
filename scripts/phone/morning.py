"""Before the first store: what is planned, in which order, and what waits to be put right."""

from scripts.phone.day import Day, new_id
from scripts.phone.device import promise

PLANNED_TWICE = 409


def plan(day: Day) -> None:
    """Let the supervisor plan the stores of the day, and ask for the best way through them."""
    today = day.today.isoformat()
    for store in day.online:
        body = {"store_id": store["id"], "person_id": day.person["id"], "planned_on": today}
        status, answer = day.desk.send("PUT", f"/v1/plans/{new_id()}", body)
        if status not in {201, PLANNED_TWICE}:
            promise(False, f"planned: {answer}")
    mine = {"person_id": day.person["id"]}
    route = day.phone.get("/v1/routes", **mine, on=today, starts="09:00")
    ahead = {leg["store_id"] for leg in route["legs"]}
    days = {"from": today, "to": today}
    done = day.phone.get("/v1/plans", **mine, **days, status="done", page_size=50)
    promise(
        ahead | {entry["store_id"] for entry in done} >= {store["id"] for store in day.online},
        f"the day has {len(route['legs'])} planned stores on a way of "
        f"{route['distance_m'] / 1000:.1f} km, {route['planned_m'] / 1000:.1f} km as listed",
    )
    week = day.phone.get("/v1/journeys/week", **mine, on=today)
    promise(len(week["days"]) == 7, "  and the week is there to be seen")
    briefs = day.phone.get("/v1/brief", on=today, page_size=50)
    known = sum(len(brief["violations"]) + len(brief["tasks"]) for brief in briefs)
    promise(
        {brief["store"]["id"] for brief in briefs} >= {store["id"] for store in day.online},
        f"  and a brief of every store names {known} violations and tasks to look after",
    )


def look_around(day: Day) -> None:
    """Find a task that waits and a store with a lent fixture, to go there first."""
    tasks = [
        task
        for state in ("assigned", "in_progress")
        for task in day.phone.get("/v1/tasks", mine="true", state=state, page_size=100)
        if any(store["id"] == task["store_id"] for store in day.stores)
    ]
    fixtures = day.phone.get("/v1/fixtures", state="on_loan", page_size=50)
    task = tasks[0] if tasks else None
    day.take_on(task, [each["store_id"] for each in fixtures if each["store_id"]][:1])
    if task:
        what = task["kind"] or task["note"]
        promise(task["owner_id"] == day.person["id"], f"{len(tasks)} tasks wait; first: {what}")
