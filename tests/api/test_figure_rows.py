"""The rows behind a figure, as pages and as files."""

import csv
from datetime import timedelta
from io import StringIO

import pytest
from playhouse.test_utils import assert_query_count

from backend.exchange import figure_rows
from backend.fieldwork.case_models import Complaint
from backend.fieldwork.violation_models import Violation
from backend.insight import rollups
from backend.insight.catalogue import BY_CODE
from backend.insight.drill import Cell
from backend.insight.populations import Grain, Population
from backend.network.models import Store
from backend.platform.actors import Role
from backend.platform.errors import ForbiddenError
from backend.platform.models import LedgerEntry
from tests.client import Client
from tests.factories import (
    actor_of,
    make_complaint,
    make_dealer,
    make_person,
    make_region,
    make_report,
    make_score,
    make_store,
)
from tests.insight.facts import LATER, WINDOW, noon, promoted, promotion, violation, visit_on

MARCH = {"from": "2026-03-02", "to": "2026-03-30"}


@pytest.fixture
def manager(client: Client) -> Client:
    return client.as_(make_person(Role.MANAGER))


@pytest.fixture
def dealer(client):  # noqa: ARG001  # the database is there with it
    """A dealer with two stores; the first was visited twice, and its name is a formula."""
    dealer, rep = make_dealer(code="D1"), make_person(login="rep")
    first = make_store(dealer, code="S1", name="=1+1", owner=rep, tier="town")
    second = make_store(dealer, code="S2", owner=rep)
    make_report(visit_on(1, first, person=rep), must_listed=0, must_answered=2)
    make_report(visit_on(2, first, person=rep), must_listed=1, must_answered=2)
    make_report(visit_on(2, second, person=rep), must_listed=0, must_answered=3)
    violation(3, first)
    rollups.rebuild()
    return dealer


def ask(client: Client, kpi: str, member: object, ending: str = "", **query):
    address = f"/v1/insight/figures/{kpi}/rows{ending}"
    return client.get(address, query_string=MARCH | {"member": member} | query)


def told(client: Client, kpi: str, dealer) -> tuple:
    """Return a dealer's figure, and what is told beside it."""
    query = MARCH | {"grain": "dealer", "members": dealer.id, "kpis": kpi}
    (member,) = client.get("/v1/insight/figures", query_string=query).json["members"]
    return member["kpis"][kpi]["value"], member["kpis"][kpi]["also"]


def parts(answer) -> list[tuple]:
    return [(row["store_code"], row["day"], row["num"], row["den"]) for row in answer.json["rows"]]


def test_are_the_stores_behind_it(manager: Client, dealer):
    answer = ask(manager, "listing_rate", dealer.id)

    assert [("S1", None, 1, 2), ("S2", None, 0, 3)] == parts(answer)
    assert (0.2, 1, 5, True) == tuple(
        answer.json[name] for name in ("value", "num", "den", "is_sum")
    )


def test_are_the_records_that_count(manager: Client, dealer):
    answer = ask(manager, "listing_rate", dealer.id, by="record")

    assert [("S1", "2026-03-04", 1, 2), ("S2", "2026-03-04", 0, 3)] == parts(answer)
    assert {("visit", "rep")} == {(r["kind"], r["person_login"]) for r in answer.json["rows"]}


def test_of_a_promotion_are_the_visits_that_decide(manager: Client, dealer):
    first, second = Store.select().order_by(Store.code)
    made = promotion(first, second, make_store(dealer))
    promoted(visit_on(4, first), made, is_executed=False)
    seen = visit_on(3, first)
    promoted(seen, made, is_executed=True)
    rollups.rebuild()

    answer = ask(manager, "promo_execution_rate", dealer.id, by="record")

    assert [("S1", "2026-03-05", 1, 1), ("S2", "2026-03-04", 0, 1)] == parts(answer)
    assert {("promotion", str(made.id))} == {(r["kind"], r["subject"]) for r in answer.json["rows"]}
    assert str(seen.id) == answer.json["rows"][0]["id"]
    assert (0.5, {"promo_unchecked_stores": 1}) == told(manager, "promo_execution_rate", dealer)


def test_of_the_time_to_resolve_are_violations_and_complaints(manager: Client, dealer):
    case = Violation.get()
    Violation.update(resolved_at=case.opened_at + timedelta(hours=5)).execute()
    complaint = make_complaint(Store.get(code="S2"), at=noon(1))
    Complaint.update(closed_at=noon(3), waited_s=3600).execute()
    make_complaint(Store.get(code="S2"), at=noon(20))

    answer = ask(manager, "mean_time_to_resolve_h", dealer.id, by="record")

    assert [("S1", "2026-03-05", 5, 1), ("S2", "2026-03-05", 47, 1)] == parts(answer)
    assert [
        ("violation", str(case.id), "direct_price_cut"),
        ("complaint", str(complaint.id), "service_quality"),
    ] == [(row["kind"], row["id"], row["subject"]) for row in answer.json["rows"]]
    backlog = {"median": 26, "p90": 47, "open_backlog": 1, "oldest_open_h": 24 * 8 - 12}
    assert (26, backlog) == told(manager, "mean_time_to_resolve_h", dealer)


def test_of_suspicious_visits_are_those_a_reviewer_rejected_too(manager: Client, dealer):
    store = Store.get(code="S1")
    make_score(visit_on(5, store), score=10)
    make_score(visit_on(6, store, quarantine_reason="rejected-by-reviewer"), score=90)
    rollups.rebuild()

    answer = ask(manager, "suspicious_visit_rate", dealer.id, by="record")

    assert [("S1", "2026-03-07", 0, 1), ("S1", "2026-03-08", 1, 1)] == parts(answer)
    assert 0.5 == answer.json["value"]


def test_of_one_part_have_something_in_it(manager: Client, dealer):
    assert ["S1"] == [row[0] for row in parts(ask(manager, "listing_rate", dealer.id, part="num"))]
    found = ask(manager, "violations_per_100_checks_by_kind", dealer.id, by="record", part="num")
    assert [("violation", "direct_price_cut")] == [
        (row["kind"], row["subject"]) for row in found.json["rows"]
    ]


def test_come_by_pages_in_as_many_queries_as_ever(manager: Client, dealer):
    with assert_query_count(8):
        page = ask(manager, "visits", dealer.id, by="record", page=2, page_size=2)

    assert [("S2", "2026-03-04", 1, None)] == parts(page)
    assert '"total": 3' in page.headers["X-Pagination"]


def test_are_narrowed_like_the_figures(manager: Client, dealer):
    assert [("S1", None, 2, None)] == parts(ask(manager, "visits", dealer.id, tier="town"))
    assert [("S2", None, 1, None)] == parts(ask(manager, "visits", "city", grain="tier"))
    assert [] == parts(ask(manager, "visits", "all", grain="all", division="44"))


def test_of_visits_per_day_are_told_by_person(manager: Client, dealer):
    answer = ask(manager, "visits_per_rep_day", dealer.id)

    assert [("person", "rep", 3, 2)] == [
        (row["kind"], row["person_login"], row["num"], row["den"]) for row in answer.json["rows"]
    ]
    assert not ask(manager, "store_coverage_rate", dealer.id, by="record").json["is_sum"]


@pytest.mark.parametrize(
    ("grain", "member"),
    [
        ("dealer", 999),
        ("rep", 999),
        ("tier", "county"),
        ("city", "9999"),
        ("chain", "国美"),
        ("all", "some"),
    ],
)
@pytest.mark.usefixtures("dealer")
def test_of_a_member_that_is_not_there_are_not_found(manager: Client, grain, member):
    assert 404 == ask(manager, "visits", member, grain=grain).status_code


def test_of_others_are_not_found(client: Client, dealer):
    other = client.as_(make_person(Role.MANAGER, region=make_region(code="HB")))

    assert 404 == ask(other, "visits", dealer.id).status_code
    assert 404 == ask(other, "visits", "city", grain="tier").status_code
    assert 404 == ask(other, "visits", dealer.id, ending=".csv").status_code
    assert [] == parts(ask(other, "visits", "all", grain="all"))


@pytest.mark.parametrize(
    ("kpi", "query", "problem"),
    [
        ("sales", {}, "unknown-kpi"),
        ("numeric_distribution", {}, "kpi-needs-product"),
        ("visits", {"part": "den"}, "kpi-without-denominator"),
        ("visits", {"member": "D1"}, "bad-member"),
        ("visits", {"from": "2026-03-30", "to": "2026-03-02"}, "bad-window"),
        ("visits", {"by": "planet"}, "invalid-fields"),
    ],
)
def test_of_what_makes_no_sense_are_refused(manager: Client, dealer, kpi, query, problem):
    for ending in ("", ".csv"):
        answer = ask(manager, kpi, **{"member": dealer.id, "ending": ending} | query)

        assert (422, f"urn:xundian:problem:{problem}") == (answer.status_code, answer.json["type"])


@pytest.mark.parametrize(
    ("lang", "first"),
    [
        ("zh", "类型 编号 日期 门店编码 门店名称 人员账号 人员 事项 分子 分母"),
        ("en", "Kind ID Day Store_code Store_name Login Person Subject Numerator Denominator"),
    ],
)
def test_leave_as_a_whole_file_without_formulas(manager: Client, dealer, lang, first):
    answer = ask(manager, "listing_rate", dealer.id, ".csv", lang=lang, bom="false")
    header, *rows = csv.reader(StringIO(answer.text))
    answer.close()

    assert first == " ".join(name.replace(" ", "_") for name in header)
    assert [("S1", "'=1+1", "1", "2"), ("S2", rows[1][4], "0", "3")] == [
        (row[3], row[4], row[8], row[9]) for row in rows
    ]
    assert "2" == answer.headers["X-Row-Count"]
    assert "export.made" == LedgerEntry.select().order_by(LedgerEntry.id.desc()).first().verb


def test_begin_with_a_byte_order_mark_unless_told(manager: Client, dealer):
    with ask(manager, "visits", dealer.id, ".csv") as answer:
        assert answer.data.startswith(b"\xef\xbb\xbf")


def test_leave_only_for_those_who_may_export(dealer):
    rep = actor_of(make_person())
    population = Population(actor=rep, grain=Grain.DEALER, members=[dealer.id])
    cell = Cell(population=population, kpi=BY_CODE["visits"], window=WINDOW)

    with pytest.raises(ForbiddenError):
        figure_rows.make(rep, cell, lang="zh", bom=True, at=LATER)
