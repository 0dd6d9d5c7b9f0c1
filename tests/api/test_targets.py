"""Targets of KPIs over HTTP, and how far figures get."""

from datetime import date, timedelta

import pytest
from playhouse.test_utils import assert_query_count

from backend.insight import rollups, targets
from backend.insight.catalogue import BY_CODE
from backend.platform import clock
from backend.platform.actors import Role
from backend.platform.models import LedgerEntry
from tests.client import Client
from tests.factories import make_dealer, make_person, make_report, make_store, make_target
from tests.insight.facts import visit_on

MARCH = {"from": "2026-03-02", "to": "2026-03-30"}


@pytest.fixture
def manager(client: Client) -> Client:
    return client.as_(make_person(Role.MANAGER))


def later(days: int = 1) -> str:
    return str(clock.business_date(clock.now()) + timedelta(days=days))


def put(
    client: Client, value: float = 0.9, *, kpi="listing_rate", tier="city", day=None, **headers
):
    path = f"/v1/kpi-targets/{kpi}/{tier}/{day or later()}"
    return client.put(path, json={"value": value}, headers=headers)


def end(client: Client, valid_to: str, version: int = 1, day: str | None = None):
    path = f"/v1/kpi-targets/listing_rate/city/{day or later()}/end"
    return client.post(path, json={"valid_to": valid_to}, headers={"If-Match": f'"{version}"'})


def code_of(answer) -> tuple[int, str]:
    return answer.status_code, answer.json["type"].rpartition(":")[2]


def test_a_target_is_set_replaced_by_version_and_ended(manager: Client):
    first, again, blind = put(manager), put(manager), put(manager, 0.8)
    stale = put(manager, 0.8, **{"If-Match": '"7"'})
    changed = put(manager, 0.8, **{"If-Match": '"1"'})
    ended, repeated = end(manager, later(9), 2), end(manager, later(9), 2)
    read = manager.get(f"/v1/kpi-targets/listing_rate/city/{later()}")

    assert [200, 200, 428, 412, 200, 200, 200] == [
        answer.status_code for answer in (first, again, blind, stale, changed, ended, repeated)
    ]
    assert (0.8, later(9), 3, '"3"') == (
        read.json["value"],
        read.json["valid_to"],
        read.json["version"],
        read.headers["ETag"],
    )
    assert ["kpi_target.set", "kpi_target.set", "kpi_target.ended"] == [
        entry.verb for entry in LedgerEntry.select() if "target" in entry.verb
    ]


@pytest.mark.parametrize(
    ("asked", "refusal"),
    [
        ({"kpi": "sales"}, (404, "not-found")),
        ({"tier": "village"}, (404, "not-found")),
        ({"kpi": "visits"}, (422, "kpi-without-target")),
        ({"day": "2026-03-01"}, (409, "kpi-target-begun")),
        ({"value": -1}, (422, "invalid-fields")),
    ],
)
def test_what_is_no_target_is_refused(manager: Client, asked, refusal):
    assert refusal == code_of(put(manager, **asked))


def test_it_ends_after_it_began_and_not_in_a_month_that_is_over(manager: Client):
    put(manager)
    make_target("listing_rate", 0.5, tier="city")

    assert (422, "kpi-target-end") == code_of(end(manager, later()))
    assert (409, "kpi-target-begun") == code_of(end(manager, "2026-02-01", 1, "2026-01-01"))
    assert (412, "stale") == code_of(end(manager, later(3), 4))
    assert (404, "not-found") == code_of(end(manager, later(9), 1, later(5)))


def test_the_list_has_the_latest_of_each_first(manager: Client):
    for kpi, tier, day in (("visits_per_rep_day", "all", 1), ("listing_rate", "city", 1)):
        put(manager, kpi=kpi, tier=tier, day=later(day))
    put(manager, day=later(2))

    with assert_query_count(3):
        listed = manager.get("/v1/kpi-targets").json
    some = manager.get("/v1/kpi-targets?kpi=listing_rate&tier=all").json

    assert [("listing_rate", later(2)), ("listing_rate", later(1))] == [
        (row["kpi"], row["valid_from"]) for row in listed[:2]
    ]
    assert (3, []) == (len(listed), some)


@pytest.mark.parametrize(
    ("code", "value", "target", "attainment"),
    [
        ("listing_rate", 0.6, 0.8, 0.75),
        ("listing_rate", None, 0.8, None),
        ("listing_rate", 0.6, None, None),
        ("listing_rate", 0, 0, 1),
        ("short_visit_share", 0.2, 0.1, 0.5),
        ("short_visit_share", 0, 0.1, 1),
        ("short_visit_share", 0.2, 0, 0),
        ("price_index", 0.9, 1, None),
    ],
)
def test_attainment_is_1_all_the_way(code, value, target, attainment):
    kpi = BY_CODE[code]
    figure = kpi.figure(value, None if value is None else 1, 1)

    found = targets.attained(kpi, figure, target)

    assert target == found.target
    assert attainment == (found.attainment and pytest.approx(found.attainment))


@pytest.mark.parametrize(
    ("known", "stores", "expected"),
    [
        ({"city": 0.9, "town": 0.6}, {"city": 1, "town": 2}, 0.7),
        ({"city": 0.9, "all": 0.5}, {"city": 1, "county": 3}, 0.6),
        ({"city": 0.9}, {"city": 1, "county": 3}, 0.9),
        ({"city": 0.9}, {"town": 1}, None),
        ({"city": 0.9, "all": 0.5}, {}, 0.5),
    ],
)
def test_a_target_is_the_mean_over_the_stores_of_each_tier(known, stores, expected):
    assert expected == (None if expected is None else pytest.approx(targets.blended(known, stores)))
    assert (expected is None) == (targets.blended(known, stores) is None)


def test_figures_summaries_and_their_file_show_targets_of_the_last_day(manager: Client):
    dealer = make_dealer(code="D1")
    make_report(visit_on(1, make_store(dealer, tier="city")), must_listed=6, must_answered=10)
    make_store(dealer, tier="town")
    rollups.rebuild()
    make_target("listing_rate", 0.1)
    make_target("listing_rate", 0.9, tier="city")
    make_target("listing_rate", 0.7, tier="town", valid_from=date.fromisoformat("2026-03-29"))
    make_target("listing_rate", 0.2, tier="town", valid_from=date.fromisoformat("2026-03-30"))
    make_target("strike_rate", 0.5, valid_to=date.fromisoformat("2026-03-29"))

    table = manager.get("/v1/insight/figures", query_string=MARCH).json["members"][0]["kpis"]
    summary = manager.get(f"/v1/dealers/{dealer.id}/summary", query_string=MARCH).json["kpis"]
    file = manager.get(
        "/v1/exports/dealer_summaries.csv", query_string=MARCH | {"lang": "en"}, buffered=True
    )
    head, row = file.text.splitlines()

    for kpis in (table, summary):
        found = kpis["listing_rate"]
        assert (0.8, 0.75) == pytest.approx((found["target"], found["attainment"]))
        assert (None, None) == (kpis["strike_rate"]["target"], kpis["strike_rate"]["attainment"])
    assert head.endswith(
        '"assortment / listing rate: target","assortment / listing rate: attainment"'
    )
    assert (0.8, 0.75) == pytest.approx(tuple(float(cell) for cell in row.split(",")[-2:]))
