"""One day, permuted and with repetitions: whatever order it arrives in, the same is there."""

from typing import Any
from uuid import UUID, uuid4

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.fieldwork.models import PriceObservation, ProductLine, Report, Visit
from backend.fieldwork.photo_models import Photo
from backend.fieldwork.violation_models import Violation, ViolationSighting
from backend.platform import clock
from backend.standards import checklists
from tests.client import Client
from tests.factories import make_must_rule, make_person, make_price, make_sku, make_store
from tests.faults import checker
from tests.phone import Phone, announced, findings, minutes_ago
from tests.pictures import phone_jpeg

PICTURES = [phone_jpeg(n, (48, 36)) for n in range(5)]
ORDINARY = [("check_in", 0), ("report", 0), ("check_in", 1), ("report", 1)]
ORDINARY += [("photo", number) for number in range(5)]
LINES = (Report, ProductLine, PriceObservation, Photo, ViolationSighting)
# Read once, so that every example is the same day.
AGO = {minutes: minutes_ago(minutes) for minutes in (20, 30, 40, 45, 60)}
BY_THE_SERVER = {"received_at", "completed_at", "document", "content_sha256", "version"}


class Day:
    """One person's two visits: two check-ins, two reports, five photos.

    The second begins while the first is open; the last photo is in no manifest.
    """

    def __init__(self, client: Client, skus: list[int], promises: checker.Promises) -> None:
        person = make_person()
        self.phone, self.promises = Phone(client.as_(person)), promises
        self.store, self.visits = make_store(owner=person), [uuid4(), uuid4()]
        self.photos = [uuid4() for _ in PICTURES]
        self.documents = {
            ("check_in", 0): self._check_in(60),
            ("check_in", 1): self._check_in(40),
            ("report", 0): self._report(30, skus, 0),
            ("report", 1): self._report(20, skus, 2),
        }

    def send(self, event: tuple[str, int]) -> int:
        """Send a document or a photo, note it as acknowledged, and return the status."""
        kind, number = event
        if kind == "photo":
            key = self.visits[number // 2 % 2], self.photos[number], PICTURES[number]
            self.promises.photo(*key)
            return self.phone.photo(*key).status_code
        visit_id, document = self.visits[number], self.documents[event]
        getattr(self.promises, kind)(visit_id, document)
        url = f"/v1/visits/{visit_id}" + ("/report" if kind == "report" else "")
        return self.phone.client.put(url, json=document).status_code

    def rows(self) -> dict[str, list[list[Any]]]:
        """Return what is stored of the day: names for what is new in it, and no server times."""
        mine = (Violation.store == self.store) & Violation.retracted_at.is_null()
        names = {key: f"visit {n}" for n, key in enumerate(self.visits)}
        names |= {key: f"photo {n}" for n, key in enumerate(self.photos)}
        names |= {v.id: f"{v.kind} {v.subject}" for v in Violation.select().where(mine)}
        own = {"store", "person", "person_id", "dealer", "claimed_store_id", "opened_by_id"}
        conditions = {model: model.visit_id.in_(self.visits) for model in LINES}
        conditions |= {Visit: Visit.id.in_(self.visits), Violation: mine}
        return {
            model.__name__: sorted(
                (
                    {
                        column: names[value] if isinstance(value, UUID) else str(value)
                        for column, value in row.items()
                        if column not in own | BY_THE_SERVER
                    }
                    for row in model.select().where(condition).dicts()
                ),
                key=str,
            )
            for model, condition in conditions.items()
        }

    def _check_in(self, minutes: int) -> dict[str, Any]:
        clocks = {"device_at": AGO[minutes]}
        return {"store_id": self.store.id, "clock": clocks, "position": None}

    def _report(self, minutes: int, skus: list[int], first: int) -> dict[str, Any]:
        pictures = zip(self.photos[first : first + 2], PICTURES[first : first + 2], strict=True)
        return findings(
            check_out={"clock": {"device_at": AGO[minutes]}},
            products=[{"sku_id": sku, "listed": False} for sku in skus],
            prices=[{"sku_id": sku, "tag_fen": 100_000} for sku in skus],
            photos=[announced(*picture, captured_at=AGO[45]) for picture in pictures],
        )


def test_a_day_in_any_order_ends_the_same(client):
    checklists.install_manual(at=clock.now())
    make_must_rule()
    skus = [make_sku(role="hero").id for _ in range(2)]
    for sku in skus:
        make_price(sku)
    promises = checker.Promises()
    usual = Day(client, skus, promises)
    for event in ORDINARY:
        usual.send(event)
    expected = usual.rows()

    @settings(
        max_examples=20,
        derandomize=True,
        database=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(
        st.lists(st.sampled_from(ORDINARY), max_size=5).flatmap(
            lambda again: st.permutations(ORDINARY + again)
        )
    )
    def ends_the_same(events):
        day = Day(client, skus, promises)
        statuses = [day.send(event) for event in events]
        assert set(statuses) <= {200, 201, 202}
        assert expected == day.rows()

    ends_the_same()

    checker.check(promises)

    assert [2, 4, 4, 5] == [
        len(expected[name]) for name in ("Visit", "ProductLine", "PriceObservation", "Photo")
    ]
    assert expected["Violation"]
