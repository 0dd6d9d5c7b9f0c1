"""What every route of insight takes as days, refuses as input, and says of each number."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from backend.insight import rollups
from backend.insight.windows import PRESETS
from backend.platform import clock
from backend.platform.actors import Role
from tests.client import Client
from tests.factories import make_dealer, make_person, make_report, make_store
from tests.insight.facts import visit_on

MARCH = {"from": "2026-03-02", "to": "2026-03-30"}
WINDOWED: dict[str, dict[str, str]] = {
    "/v1/insight/figures": {},
    "/v1/insight/figures/visits/rows": {"member": "1"},
    "/v1/insight/figures/visits/rows.csv": {"member": "1"},
    "/v1/insight/series": {"kpis": "listing_rate", "by": "month"},
    "/v1/insight/league": {"kpi": "visits"},
    "/v1/insight/cube": {"customer": "tier"},
    "/v1/insight/cube.csv": {"customer": "tier"},
    "/v1/insight/key-customers": {},
    "/v1/insight/key-stores": {},
    "/v1/insight/deciles": {},
    "/v1/insight/store-deciles": {},
    "/v1/insight/rfv": {},
    "/v1/insight/store-rfv": {},
    "/v1/insight/satisfaction": {},
    "/v1/insight/promotions": {},
    "/v1/dealers/summaries": {},
    "/v1/dealers/1/summary": {},
    "/v1/dealers/1/scorecard": {},
}
"""The routes that take a window of days, each with what else it must be told."""
TIMELESS = {"/v1/insight/kpis"}
BAD_WINDOWS: list[tuple[dict[str, str], str]] = [
    ({"from": "2026-03-30", "to": "2026-03-02"}, "bad-window"),
    ({"from": "2026-03-02", "to": "2026-03-02"}, "bad-window"),
    ({"from": "2020-01-01", "to": "2026-03-02"}, "bad-window"),
    ({"from": "2026-03-02"}, "bad-window"),
    ({"to": "2026-03-02"}, "bad-window"),
    (MARCH | {"window": "d28"}, "bad-window"),
    ({"from": "1999-12-01", "to": "1999-12-31"}, "bad-window"),
    ({"from": "0001-01-01", "to": "0001-01-31"}, "bad-window"),
    ({"from": "9999-12-01", "to": "9999-12-31"}, "bad-window"),
    ({"window": "fortnight"}, "invalid-fields"),
    ({"from": "2026-02-30", "to": "2026-03-30"}, "invalid-fields"),
    ({"from": "yesterday", "to": "2026-03-30"}, "invalid-fields"),
]
FIGURES = "/v1/insight/figures"
ROWS = f"{FIGURES}/visits/rows"
SERIES = "/v1/insight/series"
OTHERS: list[tuple[str, dict[str, Any], int, str]] = [
    (FIGURES, {"kpis": "sales"}, 422, "unknown-kpi"),
    (FIGURES, {"kpis": "visits,"}, 422, "unknown-kpi"),
    (FIGURES, {"kpis": "numeric_distribution"}, 422, "kpi-needs-product"),
    (FIGURES, {"sku_id": 99}, 422, "kpi-needs-product"),
    (FIGURES, {"sku_id": "x"}, 422, "invalid-fields"),
    (FIGURES, {"grain": "planet"}, 422, "invalid-fields"),
    (FIGURES, {"members": "D1"}, 422, "bad-member"),
    (FIGURES, {"members": "99999999999"}, 422, "bad-member"),
    (FIGURES, {"members": ",".join(map(str, range(1, 202)))}, 422, "invalid-fields"),
    (FIGURES, {"region_id": 99}, 404, "not-found"),
    (FIGURES, {"region_id": 2**31}, 422, "invalid-fields"),
    (FIGURES, {"division": "431"}, 422, "invalid-fields"),
    (FIGURES, {"tier": "village"}, 422, "invalid-fields"),
    (FIGURES, {"grade": "E"}, 422, "invalid-fields"),
    (FIGURES, {"compare": "tomorrow"}, 422, "invalid-fields"),
    (FIGURES, {"page": 0}, 422, "invalid-fields"),
    (FIGURES, {"page_size": 100_000}, 422, "invalid-fields"),
    ("/v1/insight/figures/sales/rows", {"member": "1"}, 422, "unknown-kpi"),
    (ROWS, {}, 422, "invalid-fields"),
    (ROWS, {"member": "99"}, 404, "not-found"),
    (ROWS, {"member": "D1"}, 422, "bad-member"),
    (ROWS, {"member": "1", "by": "day"}, 422, "invalid-fields"),
    (ROWS, {"member": "1", "part": "den"}, 422, "kpi-without-denominator"),
    ("/v1/insight/figures/visits/rows.csv", {"member": "99"}, 404, "not-found"),
    (SERIES, {}, 422, "invalid-fields"),
    (SERIES, {"kpis": "sales"}, 422, "unknown-kpi"),
    (SERIES, {"kpis": "visits", "by": "hour"}, 422, "invalid-fields"),
    (SERIES, {"kpis": "visits", "versus": "tomorrow"}, 422, "invalid-fields"),
    (SERIES, {"kpis": "visits", "by": "day", "window": "w65"}, 422, "too-many-points"),
    ("/v1/insight/league", {}, 422, "invalid-fields"),
    ("/v1/insight/league", {"kpi": "sales"}, 422, "unknown-kpi"),
    ("/v1/insight/league", {"kpi": "visits", "region_id": 99}, 404, "not-found"),
    ("/v1/insight/cube", {"customer": ["tier", "grade"]}, 422, "invalid-fields"),
    ("/v1/insight/cube", {"customer": "planet"}, 422, "invalid-fields"),
    ("/v1/insight/cube", {"customer": "tier", "measures": "stores,stores"}, 422, "invalid-fields"),
    ("/v1/insight/cube", {"customer": "tier", "region_id": 99}, 404, "not-found"),
    ("/v1/insight/key-customers", {"top": 0}, 422, "invalid-fields"),
    ("/v1/insight/key-customers", {"month": "0001-01-01"}, 422, "bad-window"),
    ("/v1/insight/key-customers", {"month": "9999-12-31"}, 422, "bad-window"),
    ("/v1/insight/key-customers", {"month": "2099-12-01"}, 422, "future-window"),
    ("/v1/insight/key-customers", {"month": "2026-03-01", "window": "month"}, 422, "bad-window"),
    ("/v1/insight/key-customers", {"region_id": 99}, 404, "not-found"),
    ("/v1/insight/key-stores", {"measure": "weight"}, 422, "invalid-fields"),
    ("/v1/insight/deciles", {"kind": "tenths"}, 422, "invalid-fields"),
    ("/v1/insight/store-deciles", {"region_id": 99}, 404, "not-found"),
    ("/v1/insight/rfv", {"to": "0001-01-01"}, 422, "bad-window"),
    ("/v1/insight/rfv", {"to": "9999-12-31"}, 422, "bad-window"),
    ("/v1/insight/rfv", {"segment": "friends"}, 422, "invalid-fields"),
    ("/v1/insight/rfv", {"region_id": 99}, 404, "not-found"),
    ("/v1/insight/satisfaction", {"region_id": 99}, 404, "not-found"),
    ("/v1/insight/satisfaction", {"dealer_id": 99}, 404, "not-found"),
    ("/v1/insight/promotions", {"dealer_id": 99}, 404, "not-found"),
    ("/v1/insight/promotions", {"unit_margin_fen": -1}, 422, "invalid-fields"),
    ("/v1/dealers/summaries", {"region_id": 99}, 404, "not-found"),
    ("/v1/dealers/summaries", {"dealer_ids": "D1"}, 422, "invalid-fields"),
    ("/v1/dealers/99/summary", {}, 404, "not-found"),
    ("/v1/dealers/99/summary/versions", {}, 404, "not-found"),
    ("/v1/dealers/1/summary/versions/9", MARCH, 404, "not-found"),
    ("/v1/dealers/99/scorecard", {}, 404, "not-found"),
    ("/v1/dealers/1/scorecard", {"against": "tomorrow"}, 422, "invalid-fields"),
    ("/v1/dealers/1/scorecards/0001-01-01", {}, 404, "not-found"),
    ("/v1/scorecards", {"month": "9999-13-01"}, 422, "invalid-fields"),
    ("/v1/scorecards", {"region_id": 99}, 404, "not-found"),
]


@pytest.fixture
def manager(client: Client) -> Client:
    """A manager, and a dealer whose store was visited once, in March."""
    asked = client.as_(make_person(Role.MANAGER))
    dealer, rep = make_dealer(code="D1"), make_person(login="rep")
    make_report(visit_on(1, make_store(dealer, owner=rep), person=rep), must_listed=3)
    rollups.rebuild()
    return asked


def code_of(answer) -> str:
    """Return the code of a problem, which says what is wrong with which field if one is."""
    assert "application/problem+json" == answer.mimetype, answer.text
    code = answer.json["type"].rpartition(":")[-1]
    assert answer.json["title"]
    assert answer.json.get("errors") if code == "invalid-fields" else answer.json["detail"]
    return str(code)


def test_every_route_of_insight_is_looked_at(app):
    ours = {
        rule.rule
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/v1/insight/") and "GET" in (rule.methods or ())
    }
    known = {path.replace("/visits/", "/<string:kpi>/") for path in (*WINDOWED, *TIMELESS)}

    assert ours == {path for path in known if path.startswith("/v1/insight/")}


@pytest.mark.parametrize("path", WINDOWED)
def test_takes_every_named_window_and_any_days(manager: Client, path):
    asked = [{"window": name} for name in PRESETS] + [MARCH, {}]

    answers = [
        manager.get(path, query_string=WINDOWED[path] | days, buffered=True) for days in asked
    ]

    assert [200] * len(asked) == [answer.status_code for answer in answers]


@pytest.mark.parametrize("path", WINDOWED)
def test_refuses_days_that_are_no_window(manager: Client, path):
    tomorrow = clock.business_date(clock.now()) + timedelta(days=1)
    future = {"from": str(tomorrow), "to": str(tomorrow + timedelta(days=28))}
    bad = [*BAD_WINDOWS, (future, "future-window")]
    if path.endswith("rfv"):  # of a year the end says all
        bad.remove(({"to": "2026-03-02"}, "bad-window"))

    answers = [manager.get(path, query_string=WINDOWED[path] | days) for days, _ in bad]

    assert [(422, code) for _, code in bad] == [
        (answer.status_code, code_of(answer)) for answer in answers
    ]


@pytest.mark.parametrize(("path", "asked", "status", "code"), OTHERS)
def test_refuses_what_makes_no_sense(manager: Client, path, asked, status, code):
    answer = manager.get(path, query_string=asked)

    assert (status, code) == (answer.status_code, code_of(answer))


def rates(body: Any) -> Iterator[dict[str, Any]]:
    """Yield everything in an answer that has a numerator and a denominator."""
    if isinstance(body, dict):
        if {"value", "num", "den"} <= body.keys():
            yield body
        for each in body.values():
            yield from rates(each)
    elif isinstance(body, list):
        for each in body:
            yield from rates(each)


@pytest.mark.parametrize(
    "path",
    [
        "/v1/insight/figures?compare=previous",
        "/v1/insight/figures/listing_rate/rows?member=1",
        "/v1/insight/figures/visits/rows?member=1&by=record",
        "/v1/insight/series?kpis=listing_rate&by=month&versus=last_year",
        "/v1/insight/league?kpi=listing_rate",
        "/v1/dealers/summaries",
        "/v1/dealers/1/summary",
        "/v1/dealers/1/scorecard",
    ],
)
def test_every_rate_says_what_it_rests_on(manager: Client, path):
    days = "&".join(f"{name}={day}" for name, day in MARCH.items())
    body = manager.get(f"{path}{'&' if '?' in path else '?'}{days}").json
    found = list(rates(body))

    assert found
    for one in found:
        assert {"n_stores", "low_n", "suspect_share", "reason"} <= one.keys()
        assert (one["value"] is None) == (one["reason"] is not None), one
        assert "as_of" in one or "as_of" in body
