"""The export of figures: a row per member of any grain, on record like every export."""

import hashlib

import pytest

from backend.exchange import figures
from backend.insight import rollups
from backend.insight.catalogue import KPIS
from backend.insight.populations import Grain
from backend.network.models import Dealer
from backend.platform.actors import Role
from backend.platform.database import insert_rows
from backend.platform.models import LedgerEntry
from tests.api.test_exports import export, follow, link, path_of, rows
from tests.client import Client
from tests.factories import (
    OPENED,
    make_dealer,
    make_person,
    make_region,
    make_report,
    make_store,
    the_region,
)
from tests.insight.facts import visit_on

LISTING = {"kpis": "listing_rate,visits", "lang": "en"}


@pytest.fixture
def manager(client: Client) -> Client:
    return client.as_(make_person(Role.MANAGER))


@pytest.fixture
def network(client):  # noqa: ARG001  # the database is there with it
    """A dealer's two stores, one of them visited by its rep."""
    dealer, rep = make_dealer(code="D1", name="恒信"), make_person(login="rep", name="李娜")
    first = make_store(dealer, code="S1", owner=rep, tier="city", name="=1")
    make_store(dealer, code="S2", owner=rep, tier="town", name="乡镇店")
    make_report(visit_on(1, first, person=rep), must_listed=3, must_answered=4)
    rollups.rebuild()


@pytest.mark.usefixtures("network")
@pytest.mark.parametrize(
    ("grain", "expected"),
    [
        ("dealer", [("D1", "恒信", "0.750000", "3", "4", "1")]),
        ("store", [("S1", "'=1", "0.750000", "3", "4", "1"), ("S2", "乡镇店", "", "0", "0", "0")]),
        ("rep", [("rep", "李娜", "0.750000", "3", "4", "1")]),
        ("tier", [("city", "city", "0.750000", "3", "4", "1")]),
        ("all", [("all", "all in sight", "0.750000", "3", "4", "1")]),
    ],
)
def test_has_value_numerator_and_denominator_of_each_member(manager, grain, expected):
    title = Grain(grain).en.capitalize()

    answer = export(manager, "figures", grain=grain, **LISTING)

    named = [
        f"{title} code",
        f"{title} name",
        *(f"assortment / listing rate{part}" for part in ("", ": numerator", ": denominator")),
        "visits",
    ]
    assert expected == [tuple(row[name] for name in named) for row in rows(answer)]
    assert str(len(expected)) == answer.headers["X-Row-Count"]
    assert hashlib.sha256(answer.data).hexdigest() == answer.headers["X-Content-SHA256"]


@pytest.mark.usefixtures("network")
def test_leaves_by_link_and_is_on_record(manager):
    path = path_of(link(manager, export="figures", grain="store", kpis=["visits"]))

    answer = follow(manager, path)

    assert ["S1", "S2"] == [row["门店编码"] for row in rows(answer)]
    assert ["1", "0"] == [row["拜访次数"] for row in rows(answer)]
    (entry,) = LedgerEntry.select().where(LedgerEntry.verb == "export.made")
    assert '"grain":"store","kpis":["visits"]' in entry.facts


def test_has_every_row_of_more_than_one_chunk(manager):
    region = the_region().id
    codes = [f"D{number:04}" for number in range(figures.CHUNK + 1)]
    insert_rows(
        Dealer,
        [
            {"code": code, "name": code, "region": region, "opened_on": OPENED, "version": 1}
            for code in codes
        ],
    )

    answer = export(manager, "figures", grain="dealer", **LISTING)

    assert codes == [row["Dealer code"] for row in rows(answer)]


@pytest.mark.usefixtures("network")
def test_keeps_to_what_its_reader_may_see(client: Client):
    elsewhere = client.as_(make_person(Role.MANAGER, region=make_region(code="HB")))

    assert [] == rows(export(elsewhere, "figures", grain="store"))
    assert [] == rows(export(elsewhere, "figures", grain="tier"))
    assert 403 == export(client.as_(make_person(Role.AUDITOR)), "figures").status_code


@pytest.mark.parametrize("chinese", [True, False])
@pytest.mark.parametrize("grain", Grain)
def test_headers_tell_the_columns_apart(grain, chinese):
    names = figures.header(grain, KPIS, chinese=chinese)

    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("name", "asked", "problem"),
    [
        ("figures", {"kpis": "sales"}, "unknown-kpi"),
        ("figures", {"kpis": "numeric_distribution"}, "kpi-needs-product"),
        ("figures", {"grain": "planet"}, "invalid-fields"),
        ("figures", {"from": "", "to": ""}, "invalid-fields"),
        ("visits", {"grain": "store"}, "export-filter"),
        ("dealer_summaries", {"kpis": "visits"}, "export-filter"),
    ],
)
def test_refuses_what_makes_no_sense(manager, name, asked, problem):
    answer = export(manager, name, **asked)

    assert (422, problem) == (answer.status_code, answer.json["type"].split(":")[-1])
