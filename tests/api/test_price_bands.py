"""Price bands that suit a place, over HTTP."""

from datetime import date

import pytest
from playhouse.test_utils import assert_query_count

from backend.platform.actors import Role
from backend.platform.models import LedgerEntry
from backend.standards import revision
from backend.standards.mix_models import PriceBandFit
from tests.client import Client
from tests.factories import make_band_fit, make_person

URL = "/v1/price-band-fits"
BODY = {
    "area": "43",
    "tier": "county",
    "bands": ["1000-1999", "0-999", "0-999"],
    "valid_from": "2026-01-01",
    "valid_to": "2026-07-01",
}


@pytest.fixture
def manager(client: Client) -> Client:
    return client.as_(make_person(Role.MANAGER))


def test_are_listed_by_area_and_day(client: Client):
    nation = make_band_fit(valid_to=date(2026, 1, 1)).id
    hunan = make_band_fit(area="430000").id
    rep = client.as_(make_person())

    def ask(**filters):
        return [fit["id"] for fit in rep.get(URL, query_string=filters).json]

    with assert_query_count(3):  # who asks, how many, which
        assert [nation, hunan] == ask()
    assert [hunan] == ask(area="43")
    assert [nation] == ask(area="")
    assert [hunan] == ask(day="2026-01-01")


def test_are_said_of_an_area_and_tier(manager: Client):
    before = revision.current()

    answer = manager.post(URL, json=BODY)

    expected = BODY | {
        "id": answer.json["id"],
        "area": "430000",
        "bands": ["0-999", "1000-1999"],
    }
    assert (201, expected) == (answer.status_code, answer.json)
    assert before != revision.current()
    assert ["price_band_fit.created"] == [entry.verb for entry in LedgerEntry.select()]


@pytest.mark.parametrize(
    ("status", "start", "end"),
    [
        (201, "2025-06-01", "2026-01-01"),
        (201, "2026-07-01", None),
        (409, "2025-06-01", "2026-01-02"),
        (409, "2026-06-30", None),
    ],
)
def test_of_one_area_and_tier_never_overlap(manager: Client, status, start, end):
    first = manager.post(URL, json=BODY).json

    answer = manager.post(URL, json=BODY | {"valid_from": start, "valid_to": end})
    other = manager.post(URL, json=BODY | {"tier": "", "valid_from": start, "valid_to": end})

    assert [status, 201] == [answer.status_code, other.status_code]
    if status == 409:
        assert ("urn:xundian:problem:overlapping-band-fit", first["id"]) == (
            answer.json["type"],
            answer.json["fit_id"],
        )


def test_end_once(manager: Client):
    fit = make_band_fit()

    def end(day, number=fit.id):
        return manager.post(f"{URL}/{number}/end", json={"valid_to": day})

    answers = [end("2026-03-01"), end("2026-03-01"), end("2026-04-01"), end("2026-03-01", 999)]

    assert [200, 200, 409, 404] == [answer.status_code for answer in answers]
    assert "2026-03-01" == answers[0].json["valid_to"]
    assert 1 == LedgerEntry.select().count()


@pytest.mark.parametrize(
    ("problem", "wrong"),
    [
        ("unknown-division", {"area": "99"}),
        ("ends-before-start", {"valid_to": "2026-01-01"}),
        ("invalid-fields", {"bands": []}),
        ("invalid-fields", {"tier": "village"}),
    ],
)
def test_are_refused(manager: Client, problem, wrong):
    answer = manager.post(URL, json=BODY | wrong)

    assert (422, f"urn:xundian:problem:{problem}") == (answer.status_code, answer.json["type"])
    assert 0 == PriceBandFit.select().count()
