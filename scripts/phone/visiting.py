"""At the stores: an hour without network, visits online, and a visit that is told anew."""

from datetime import UTC, datetime, timedelta

from scripts.phone.day import Day, new_id
from scripts.phone.device import promise

CUT = 0.9  # of the price that one tag ought to show


def offline_hour(day: Day) -> None:
    """Visit two stores without network, then send both as one batch and the photos after."""
    phone, now = day.phone, datetime.now(UTC)
    begun = max(day.last_end(), now - timedelta(hours=1))
    free = now - begun
    items = []
    for number, store in enumerate(day.offline):
        visit_id, came_at = new_id(), begun + free * (0.1 + 0.45 * number)
        day.visits.append(visit_id)
        left_at = came_at + free * 0.3
        standard = day.standard_of(store)
        photos = day.photos(visit_id, store, standard, came_at)
        check_in = day.check_in(store, came_at, "wgs84", reason="nearby")
        report = day.report(standard, photos, left_at)
        items.append({"kind": "check_in", "visit_id": visit_id, "body": check_in})
        items.append({"kind": "report", "visit_id": visit_id, "body": report})
    status, answer = phone.send("POST", "/v1/batches", {"items": items})
    results = [result["result"] for result in answer.get("results", [])]
    seconds = round(free.total_seconds())
    spell = f"{seconds // 60} minutes" if seconds >= 60 else f"{seconds} seconds"
    promise(
        (status, results) == (200, ["created"] * 4),
        f"{spell} without network arrived as one batch: {', '.join(results)}",
    )
    _, again = phone.send("POST", "/v1/batches", {"items": items})
    results = [result["result"] for result in again["results"]]
    promise(results == ["replayed"] * 4, "the same batch again changed nothing: all replayed")
    taken = [
        (item["visit_id"], photo) for item in items[::2] for photo in phone.photos[item["visit_id"]]
    ]
    statuses = [phone.upload(*photo) for photo in taken]
    promise(set(statuses) == {201}, f"the {len(taken)} photos of that hour followed")


def visit(day: Day, store: dict, crs: str, *, lose_answer: bool = False, cut: bool = False) -> str:
    """Visit one store online and return the visit's id; a photo arrives before the report.

    `cut` finds a price tag below the reference.
    """
    phone, visit_id, standard = day.phone, new_id(), day.standard_of(store)
    day.visits.append(visit_id)
    path, came_at = f"/v1/visits/{visit_id}", datetime.now(UTC)
    status, receipt = phone.send("PUT", path, day.check_in(store, came_at, crs))
    promise(status == 201, f"checked in at {store['name']} ({store['tier']}) by {crs}")
    photos = day.photos(visit_id, store, standard, datetime.now(UTC))
    promise(phone.upload(visit_id, photos[-1]["id"]) == 201, "  a photo arrived before its report")
    _rest(day, path, came_at)
    report = day.reports[visit_id] = day.report(standard, photos, datetime.now(UTC))
    if cut:
        report["prices"][0]["tag_fen"] = round(report["prices"][0]["tag_fen"] * CUT)
    if lose_answer:
        phone.send("PUT", f"{path}/report", report, lose_answer=True)
        status, receipt = phone.send("PUT", f"{path}/report", report)
        promise(status == 200, "  the answer to the report was lost; sent again, it is a replay")
    else:
        status, receipt = phone.send("PUT", f"{path}/report", report)
        promise(status == 201, "  reported")
    promise(not receipt["is_complete"], "  not complete while a photo of the manifest is missing")
    _check_score(receipt["score"], standard, report, cuts=int(cut))
    size, *others = photos[0]["size_bytes"], *photos[1:-1]
    held = phone.upload_in_pieces(visit_id, photos[0]["id"])
    promise(held == [0, size // 2, size], f"  its photo of {photos[0]['subject']}, in two pieces")
    for photo in others:
        promise(phone.upload(visit_id, photo["id"]) == 201, f"  its photo of {photo['subject']}")
    promise(phone.upload(visit_id, photos[0]["id"]) == 200, "  and once more: a replay")
    return visit_id


def break_off(day: Day, store: dict) -> None:
    """Check in at a store, be called away, and break the visit off."""
    phone, path, came_at = day.phone, f"/v1/visits/{new_id()}", datetime.now(UTC)
    phone.put(path, day.check_in(store, came_at, "wgs84", reason="nearby"))
    clock = phone.clock_at(datetime.now(UTC))
    body = {"reason": "called_away", "clock": clock, "position": None}
    receipt = phone.put(f"{path}/cancellation", body)
    promise(
        receipt["status"] == "cancelled", f"a visit to {store['name']} was broken off: called away"
    )


def amend(day: Day, visit_id: str) -> None:
    """Hand a report in anew, with a count that was wrong, and find both texts kept."""
    phone, report = day.phone, day.reports[visit_id]
    first, *others = report["products"]
    corrected = report | {"products": [first | {"stock": 9}, *others]}
    clock = phone.clock_at(datetime.now(UTC))
    body = {"reason": "漏数库存", "clock": clock, "report": corrected}
    phone.put(f"/v1/visits/{visit_id}/amendments/{new_id()}", body)
    kept = phone.get(f"/v1/visits/{visit_id}/revisions")
    in_force = [each["number"] for each in kept if each["is_in_force"]]
    promise(
        (len(kept), in_force) == (2, [2]),
        "the first report was amended: one count was wrong; both texts are kept",
    )


def _rest(day: Day, path: str, came_at: datetime) -> None:
    """Tell of a pause since the check-in."""
    spell = {
        "paused": day.phone.clock_at(came_at),
        "resumed": day.phone.clock_at(datetime.now(UTC)),
    }
    day.phone.put(f"{path}/pauses/{new_id()}", spell)


def _check_score(score: dict, standard: dict, report: dict, *, cuts: int) -> None:
    musts, prices, offers = (len(report[name]) for name in ("products", "prices", "promotions"))
    found = [score[name] for name in ("must_available", "prices_compliant", "prices_checked")]
    promise(
        score["signage_score"] == 1.0 and found == [musts, prices - cuts, prices],
        "  scored at once: signage and shelf are as the standard asks"
        + (", one price is not" if cuts else ", and so are prices"),
    )
    lacking = score["missing"] or []
    asked = len(standard["template"]["required_photos"])
    promise(
        not [each for each in lacking if each["what"] == "answer"],
        f"  nothing the checklist asks was left out ({asked} lines ask for photos)",
    )
    if offers:
        promise(score["promos_executed"] == offers, f"  {offers} promotions seen carried out")
