"""The stores of one salesperson, what is asked of them, and the visits of this run."""

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta

from scripts.phone.device import BEIJING, CHANCE, Phone

NEAR_DEGREES = 0.0001  # about 10 m
OFFLINE_STORES, ONLINE_STORES = 2, 3


class Day:
    """A day of `phone`, whom `desk` supervises."""

    def __init__(self, phone: Phone, desk: Phone, person: dict) -> None:
        self.phone, self.desk, self.person = phone, desk, person
        self.today = datetime.now(BEIJING).date()
        found = phone.get("/v1/stores", page_size=100, status="active", owner_id=person["id"])
        self.stores = [store for store in found if store["point"]]
        self.task: dict | None = None
        self.visits: list[str] = []
        self.reports: dict[str, dict] = {}

    def take_on(self, task: dict | None, store_ids: Iterable[int]) -> None:
        """Go today where a task waits, and to the named stores, before any other."""
        self.task = task
        wanted = [task["store_id"]] if task else []
        first = {store_id: place for place, store_id in enumerate([*wanted, *store_ids][::-1])}
        self.stores.sort(key=lambda store: -first.get(store["id"], -1))

    @property
    def online(self) -> list[dict]:
        """The stores that are visited with a network."""
        return [self.stores[number % len(self.stores)] for number in range(ONLINE_STORES)]

    @property
    def offline(self) -> list[dict]:
        """The stores that are visited without one."""
        return self.stores[-OFFLINE_STORES:]

    def standard_of(self, store: dict) -> dict:
        """Pull what the store must show, stock, charge and promote today."""
        return self.phone.get(f"/v1/stores/{store['id']}/standard", on=self.today.isoformat())

    def last_end(self) -> datetime:
        """Return when the salesperson left a store last today, after closing what is open."""
        get, day = self.phone.get, self.today.isoformat()
        for visit in get("/v1/visits", status="open", **{"from": day}):
            moment = datetime.fromisoformat(visit["checked_in_at"])
            document = {
                "outcome": "other",
                "outcome_reason": "补交：当时未提交报告",
                "check_out": {"clock": self.phone.clock_at(moment)},
            }
            self.phone.send("PUT", f"/v1/visits/{visit['id']}/report", document)
        visits = get("/v1/visits", page_size=50, **{"from": day})
        ends = [v["checked_out_at"] or v["checked_in_at"] for v in visits]
        return max(map(datetime.fromisoformat, ends), default=self._midnight())

    def check_in(self, store: dict, moment: datetime, crs: str, reason: str | None = None) -> dict:
        """Return a check-in near the store's door, in the datum of the phone's map."""
        return {
            "store_id": store["id"],
            "kind": "routine",
            "clock": self.phone.clock_at(moment),
            "position": self.position_at(store, crs)
            | {"accuracy_m": 15.0, "provider": "gps", "fix_age_s": 1.5, "is_mock": False},
            "unplanned_reason": reason,
        }

    def position_at(self, store: dict, crs: str) -> dict:
        """Return a place a few metres from a store's door."""
        shown = self.phone.get(f"/v1/stores/{store['id']}", crs=crs)["point"]
        return {
            "lat": round(shown["lat"] + CHANCE.uniform(-1, 1) * NEAR_DEGREES, 6),
            "lon": round(shown["lon"] + CHANCE.uniform(-1, 1) * NEAR_DEGREES, 6),
            "crs": crs,
        }

    def photos(self, visit_id: str, store: dict, standard: dict, moment: datetime) -> list[dict]:
        """Take the photos that the standard asks for, one of the shelf, and one of the door."""
        take = self.phone.take_photo
        asked = [
            take(visit_id, store, moment, photo["subject"] or "checklist_item", photo["line"])
            for photo in standard["template"]["required_photos"]
            for _ in range(photo["min_count"])
        ]
        return [*asked, *(take(visit_id, store, moment, what) for what in ("storefront", "shelf"))]

    def report(self, standard: dict, photos: list[dict], moment: datetime) -> dict:
        """Return the report of a store that is just as the standard asks, with its manifest."""
        template = standard["template"]
        return {
            "template": {"code": template["code"], "version": template["version"]},
            "answers": [{"line": line["code"], **answer(line)} for line in template["lines"]],
            "products": [
                {
                    "sku_id": must["sku_id"],
                    "listed": True,
                    "facings": max(2, must["min_facings"]),
                    "stock": 5,
                    "demo_stock": 1,
                    "damaged_stock": 0,
                    "oldest_receipt_on": (self.today - timedelta(days=20)).isoformat(),
                }
                for must in standard["musts"]
            ],
            "prices": [
                {
                    "sku_id": price["sku_id"],
                    "tag_fen": price["promo_price_fen"] or price["amount_fen"],
                }
                for price in standard["references"][:3]
            ],
            "promotions": [
                {
                    "promotion_id": promotion["id"],
                    "executed": True,
                    "material_ok": True,
                    "timing_ok": True,
                    "area_ok": True,
                    "units": 3,
                    "gifts": 3,
                }
                for promotion in standard["promotions"]
            ],
            "photos": photos,
            "outcome": "done",
            "check_out": {"clock": self.phone.clock_at(moment)},
        }

    def _midnight(self) -> datetime:
        return datetime.combine(self.today, datetime.min.time(), BEIJING)


def answer(line: dict) -> dict:
    """Answer a checklist line as a well-kept store would."""
    match line["kind"]:
        case "any_of":
            return {"parts": {line["parts"][0]: True}}
        case "width_choice":
            return {"present": True, "width_m": line["widths_m"][0]}
        case "count":
            joined = {"contiguous": True} if line.get("contiguous") else {}
            return {"quantity": line["min_qty"]} | joined
        case "counter_or_wall":
            return {"quantity": line["min_qty"]}
        case "yes_no":
            return {"yes": line.get("passes", True)}
        case _:
            return {"present": True}


def new_id() -> str:
    """Return an id as a phone mints it."""
    return str(uuid.uuid4())
