"""The export of figures: a row per member of any grain, on record like every export."""

import hashlib
from datetime import UTC, date, datetime

import pytest

from backend.exchange import figures
from backend.fieldwork.models import Visit
from backend.insight import freezing, rollups
from backend.insight.catalogue import BY_CODE, KPIS
from backend.insight.populations import Grain
from backend.insight.windows import Window
from backend.network.models import Dealer, Store
from backend.platform.actors import Role
from backend.platform.database import insert_rows
from backend.platform.models import LedgerEntry
from tests.api.test_exports import export, follow, link, path_of, rows
from tests.client import Client
from tests.factories import (
    OPENED,
    make_dealer,
    make_person,
    make_product_line,
    make_region,
    make_report,
    make_sku,
    make_store,
    the_region,
)
from tests.insight.facts import visit_on

FROZEN = datetime(2026, 4, 3, 17, tzinfo=UTC)
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
        ("dealer_summaries", {"sku_id": 1}, "export-filter"),
        ("figures", {"by": "week"}, "export-filter"),
        ("figures", {"sku_id": 99}, "kpi-needs-product"),
        ("series", {"kpis": ",".join(kpi.code for kpi in KPIS[:11])}, "series-kpis"),
        ("series", {"by": "day", "to": "2026-07-01"}, "too-many-points"),
        ("series", {"by": "hour"}, "invalid-fields"),
        ("series", {"from": "", "to": ""}, "invalid-fields"),
    ],
)
def test_refuses_what_makes_no_sense(manager, name, asked, problem):
    answer = export(manager, name, **asked)

    assert (422, problem) == (answer.status_code, answer.json["type"].split(":")[-1])


@pytest.mark.usefixtures("network")
def test_distribution_of_a_product_leaves_with_reasons(manager):
    sku, visit = make_sku(), Visit.get()
    make_product_line(visit, sku, is_listed=True)

    (row,) = rows(
        export(
            manager,
            "figures",
            sku_id=sku.id,
            kpis="numeric_distribution,weighted_distribution",
            lang="en",
        )
    )

    names = ("", ": numerator", ": denominator", ": stores", ": few", ": why empty")
    assert [
        ["1.000000", "1", "1", "1", "yes", ""],
        ["", "0", "0", "0", "yes", "no store sold of the category"],
    ] == [
        [row[f"{BY_CODE[code].en}{name}"] for name in names]
        for code in ("numeric_distribution", "weighted_distribution")
    ]


@pytest.mark.usefixtures("network")
def test_figures_of_a_closed_month_are_the_frozen_ones(manager):
    freezing.keep([1], Window(date(2026, 3, 1), date(2026, 4, 1)), at=FROZEN)
    make_report(visit_on(2, Store.get(code="S1")), must_listed=4, must_answered=4)
    rollups.rebuild()

    (row,) = rows(export(manager, "figures", **LISTING))
    (town,) = rows(export(manager, "figures", tier="city", **LISTING))

    title = "assortment / listing rate"
    assert ("1", "2026-04-04 01:00:00", "0.750000") == tuple(
        row[name] for name in ("Version", "As of", title)
    )
    assert ("", "1.000000") == (town["Version"], town[title])


SERIES = {"grain": "store", "kpis": "listing_rate,visits", "by": "month", "lang": "en"}


@pytest.mark.usefixtures("network")
def test_series_have_a_row_per_member_period_and_kpi(manager):
    make_report(visit_on(40, Store.get(code="S1")), must_listed=1, must_answered=4)
    rollups.rebuild()

    answer = export(manager, "series", to="2026-05-01", **SERIES)

    table, fallen = rows(answer), ("0.750000", "-0.500000", "2025-04-01")
    columns = ("Store code", "From (included)", "KPI code", "Value", "Numerator", "Denominator")
    more = ("Previous: value", "Previous: difference", "Last year: from (included)")
    assert [
        ("'=1", "S1", "2026-03-01", "listing_rate", "0.750000", "3", "4", "", "", "2025-03-01"),
        ("'=1", "S1", "2026-03-01", "visits", "1", "1", "", "0", "1", "2025-03-01"),
        ("'=1", "S1", "2026-04-01", "listing_rate", "0.250000", "1", "4", *fallen),
        ("'=1", "S1", "2026-04-01", "visits", "1", "1", "", "1", "0", "2025-04-01"),
    ] == [tuple(row[name] for name in ("Store name", *columns, *more)) for row in table[:4]]
    assert "nobody answered" == table[4]["Why empty"]
    assert len(table) == int(answer.headers["X-Row-Count"]) == 8


@pytest.mark.usefixtures("network")
def test_series_leave_by_link_and_for_a_browser(client: Client, manager):
    asked = {"export": "series", "grain": "all", "by": "month"}
    refused = link(manager, **asked)
    made = follow(manager, path_of(link(manager, **asked, kpis=["visits"])))
    token = manager.environ_base["HTTP_AUTHORIZATION"].removeprefix("Bearer ")
    client.set_cookie("xundian_session", token)
    shown = export(client, "series", grain="all", by="month", kpis="visits")

    assert (422, "urn:xundian:problem:series-kpis") == (refused.status_code, refused.json["type"])
    assert [("合计", "1")] == [(row["合计名称"], row["数值"]) for row in rows(made)]
    assert made.headers["X-Content-SHA256"] == hashlib.sha256(made.data).hexdigest()
    assert [row | {"计算时间": ""} for row in rows(made)] == [
        row | {"计算时间": ""} for row in rows(shown)
    ]
