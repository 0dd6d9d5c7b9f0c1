"""CSV exports and one-time links over HTTP."""

import base64
import csv
import hashlib
from datetime import timedelta
from io import StringIO
from uuid import UUID

import pytest
from playhouse.test_utils import count_queries

from backend.exchange.catalogue import EXPORTS
from backend.exchange.exports import NAMES
from backend.exchange.models import ExportLink
from backend.network.models import Person
from backend.platform import clock, ledger
from backend.platform.actors import Role
from backend.platform.models import LedgerEntry
from tests.client import Client
from tests.factories import (
    NOON,
    make_dealer,
    make_fixture,
    make_person,
    make_region,
    make_store,
    make_visit,
    the_region,
)
from tests.threads import at_once

MARCH = {"from": "2026-03-01", "to": "2026-04-01"}
REGISTERS = [name for name, export in EXPORTS.items() if export.day is None]
BOM = b"\xef\xbb\xbf"


def export(client: Client, name: str = "visits", **asked):
    """Ask for an export of March, or for a register as it is now."""
    days = {} if name in REGISTERS else MARCH
    days = days | {"kpis": "visits"} if name == "series" else days
    return client.get(f"/v1/exports/{name}.csv", query_string=days | asked, buffered=True)


def rows(answer) -> list[dict[str, str]]:
    """Read the rows of an answer."""
    assert 200 == answer.status_code, answer.text
    return list(csv.DictReader(StringIO(answer.data.decode("utf-8-sig"), newline="")))


@pytest.fixture
def manager(client: Client) -> Client:
    """A manager of everything."""
    return client.as_(make_person(Role.MANAGER))


class TestTheFile:
    @pytest.mark.parametrize("name", NAMES)
    def test_is_whole_and_says_so(self, manager: Client, name):
        visit = make_visit()

        answer = export(manager, name)
        digest = hashlib.sha256(answer.data)
        head = ledger.head()

        assert 200 == answer.status_code
        assert len(answer.data) == answer.content_length
        assert digest.hexdigest() == answer.headers["X-Content-SHA256"]
        assert (
            f"sha-256=:{base64.b64encode(digest.digest()).decode()}:"
            == (answer.headers["Repr-Digest"])
        )
        assert len(rows(answer)) == int(answer.headers["X-Row-Count"])
        assert f"{head.seq}:{head.hash}" == answer.headers["X-Ledger-Head"]
        assert "text/csv; charset=utf-8" == answer.content_type
        assert "no-store" == answer.headers["Cache-Control"]
        assert visit.business_on.isoformat() == "2026-03-02"

    def test_is_for_excel_in_chinese_unless_asked_otherwise(self, manager: Client):
        make_visit()

        chinese = export(manager)
        english = export(manager, lang="en", bom="false")

        assert chinese.data.startswith(BOM + '"拜访编号","业务日期"'.encode())
        assert english.data.startswith(b'"Visit id","Business day"')
        assert "例行拜访" == rows(chinese)[0]["拜访类型"]
        assert "routine visit" == rows(english)[0]["Kind"]

    def test_has_a_name_that_old_clients_can_read_too(self, manager: Client):
        plain = "attachment; filename=visits_20260301-20260331.csv"
        chinese = "filename*=UTF-8''%E6%8B%9C%E8%AE%BF_20260301-20260331.csv"

        assert f"{plain}; {chinese}" == export(manager).headers["Content-Disposition"]
        assert plain == export(manager, lang="en").headers["Content-Disposition"]

    def test_is_on_record(self, manager: Client):
        make_visit()

        answer = export(manager, tier="city")

        entry = LedgerEntry.get(LedgerEntry.verb == "export.made")
        assert "visits" == entry.object_id
        assert answer.headers["X-Content-SHA256"] in entry.facts
        assert '"rows":1' in entry.facts
        assert '"tier":"city"' in entry.facts
        assert answer.headers["X-Ledger-Head"] == f"{entry.seq}:{entry.hash}"

    def test_takes_as_many_queries_for_many_rows_as_for_one(self, manager: Client):
        store = make_store()
        make_visit(store)
        with count_queries() as for_one:
            export(manager)
        for _ in range(20):
            make_visit(store)

        with count_queries() as for_many:
            answer = export(manager)

        assert 21 == len(rows(answer))
        assert for_one.count == for_many.count <= 10

    def test_opens_in_a_browser_with_the_session_cookie(self, client: Client):
        make_visit()
        signed_in = client.as_(make_person(Role.MANAGER))
        token = signed_in.environ_base["HTTP_AUTHORIZATION"].removeprefix("Bearer ")
        client.set_cookie("xundian_session", token)

        assert 1 == len(rows(export(client)))


class TestWhatIsInIt:
    def test_is_the_window_with_its_last_day_excluded(self, manager: Client):
        for days in (-2, -1, 0, 29, 30):
            make_visit(at=NOON + timedelta(days=days))

        days = [row["业务日期"] for row in rows(export(manager))]

        assert ["2026-03-01", "2026-03-02", "2026-03-31"] == days

    def test_is_what_the_caller_may_see(self, client: Client):
        here, there = make_region(the_region()), make_region(the_region())
        make_visit(make_store(code="H1", region=here))
        make_visit(make_store(code="T1", region=there))
        caller = client.as_(make_person(Role.SUPERVISOR, region=here))

        assert ["H1"] == [row["门店编码"] for row in rows(export(caller))]

    @pytest.mark.parametrize("filtered", ["region_id", "dealer_id", "tier"])
    def test_can_be_narrowed(self, manager: Client, filtered):
        branch = make_region(make_region(the_region()))
        dealer = make_dealer(region=branch)
        make_visit(make_store(dealer, code="IN", region=branch, tier="town"))
        make_visit(make_store(code="OUT"))
        wanted = {"region_id": branch.parent_id, "dealer_id": dealer.id, "tier": "town"}[filtered]

        answer = export(manager, **{filtered: wanted})

        assert ["IN"] == [row["门店编码"] for row in rows(answer)]

    @pytest.mark.parametrize("what", ["region_id", "dealer_id"])
    def test_cannot_be_narrowed_to_what_one_may_not_see(self, client: Client, what):
        here, there = make_region(the_region()), make_region(the_region())
        hidden = {"region_id": there.id, "dealer_id": make_dealer(region=there).id}[what]
        caller = client.as_(make_person(Role.SUPERVISOR, region=here))

        answers = [export(caller, **{what: one}) for one in (hidden, 999_999)]

        assert [404, 404] == [answer.status_code for answer in answers]
        assert answers[0].data == answers[1].data

    def test_includes_a_visit_to_an_unknown_store(self, manager: Client):
        make_visit(store_id=None, quarantine_reason="unknown-store")

        row = rows(export(manager))[0]

        assert ("", "", "unknown-store") == (row["门店编码"], row["经销商编码"], row["隔离原因"])


class TestRefusals:
    @pytest.mark.parametrize(
        ("asked", "status", "code"),
        [
            ({"to": "2026-03-01"}, 422, "bad-window"),
            ({"from": "2020-01-01"}, 422, "bad-window"),
            ({"to": "soon"}, 422, "invalid-fields"),
            ({"lang": "fr"}, 422, "invalid-fields"),
            ({"region_id": "0"}, 422, "invalid-fields"),
        ],
    )
    def test_name_what_is_wrong(self, manager: Client, asked, status, code):
        answer = export(manager, **asked)

        assert (status, f"urn:xundian:problem:{code}") == (answer.status_code, answer.json["type"])

    @pytest.mark.parametrize("name", ["visits", "tasks", "dealer_summaries"])
    @pytest.mark.parametrize("asked", ["", "?from=2026-03-01", "?to=2026-03-01"])
    def test_need_a_window(self, manager: Client, name, asked):
        answer = manager.get(f"/v1/exports/{name}.csv{asked}")

        assert (422, "bad-window") == (answer.status_code, answer.json["type"].split(":")[-1])

    @pytest.mark.parametrize(
        ("name", "asked"),
        [
            ("fixtures", {"from": "2026-03-01", "to": "2026-04-01"}),
            ("claims", {"tier": "city"}),
            ("promotion_evaluations", {"dealer_id": 1}),
            ("promotion_uplift", {"tier": "city"}),
            ("promotion_uplift", {"region_id": 1}),
            ("satisfaction", {"tier": "city"}),
        ],
    )
    def test_know_no_filter_that_means_nothing(self, manager: Client, name, asked):
        make_dealer(id=1)

        answer = export(manager, name, **asked)

        assert (422, "export-filter") == (answer.status_code, answer.json["type"].split(":")[-1])
        assert next(iter(asked)) == answer.json["filter"]

    def test_know_no_other_export(self, manager: Client):
        assert 404 == export(manager, "passwords").status_code

    def test_keep_reps_out_and_auditors_from_summaries(self, client: Client):
        auditor = client.as_(make_person(Role.AUDITOR))

        assert 403 == export(client.as_(make_person())).status_code
        assert 200 == export(auditor).status_code
        assert 403 == export(auditor, "dealer_summaries").status_code
        assert 403 == export(auditor, "complaints").status_code
        assert 403 == link(auditor, export="sell_in").status_code


def link(client: Client, **asked):
    """Ask for a one-time link."""
    return client.post("/v1/export-links", json={"export": "visits"} | MARCH | asked)


def path_of(answer) -> str:
    """Return the path of a link that was made."""
    assert 201 == answer.status_code, answer.text
    return answer.json["url"].removeprefix("http://localhost")


def follow(client: Client, path: str):
    """Use a link, and close what it opened."""
    return client.get(path, buffered=True)


class TestLinks:
    def test_download_once_what_their_maker_may_see(self, client: Client):
        region = make_region(the_region())
        make_visit(make_store(code="IN", region=region))
        make_visit(make_store(code="OUT"))
        path = path_of(link(client.as_(make_person(Role.MANAGER, region=region)), lang="en"))

        first, second = follow(client, path), follow(client, path)

        assert ["IN"] == [row["Store code"] for row in rows(first)]
        assert 404 == second.status_code
        assert "urn:xundian:problem:link-spent" == second.json["type"]
        assert path.rsplit("/", 1)[1] not in str(list(ExportLink.select().dicts()))

    def test_stand_for_a_register_too(self, client: Client):
        make_fixture(code="ZG-1")
        maker = client.as_(make_person(Role.MANAGER))
        path = path_of(maker.post("/v1/export-links", json={"export": "fixtures"}))

        answer = follow(client, path)

        assert ["ZG-1"] == [row["物料编码"] for row in rows(answer)]
        today = clock.business_date(clock.now())
        assert f"fixtures_{today:%Y%m%d}.csv" in answer.headers["Content-Disposition"]

    def test_are_won_by_one_of_many(self, client: Client):
        make_visit()
        path = path_of(link(client.as_(make_person(Role.MANAGER))))

        answers = at_once(8, lambda: follow(client.application.test_client(), path).status_code)

        assert [200, *[404] * 7] == sorted(answers)

    def test_are_not_used_up_by_looking(self, client: Client):
        path = path_of(link(client.as_(make_person(Role.MANAGER))))

        looked, opened = client.head(path), follow(client, path)

        assert (405, 200) == (looked.status_code, opened.status_code)

    def test_expire(self, client: Client):
        path = path_of(link(client.as_(make_person(Role.MANAGER))))
        ExportLink.update(expires_at=NOON).execute()

        assert 404 == client.get(path).status_code

    @pytest.mark.parametrize("change", [{"is_active": False}, {"role": "rep"}])
    def test_die_with_their_makers_rights(self, client: Client, change):
        maker = make_person(Role.MANAGER)
        path = path_of(link(client.as_(maker)))
        Person.update(**change).where(Person.id == maker.id).execute()

        answer = client.get(path)

        assert (404, "link-spent") == (answer.status_code, answer.json["type"].split(":")[-1])

    def test_follow_their_maker_to_another_region(self, client: Client):
        here, there = make_region(the_region()), make_region(the_region())
        make_visit(make_store(code="T1", region=there))
        maker = make_person(Role.MANAGER, region=here)
        path = path_of(link(client.as_(maker)))
        Person.update(region=there).where(Person.id == maker.id).execute()

        assert ["T1"] == [row["门店编码"] for row in rows(follow(client, path))]

    def test_are_refused_for_what_could_not_be_exported(self, client: Client):
        manager = client.as_(make_person(Role.MANAGER))

        assert 404 == link(manager, dealer_id=999_999).status_code
        assert 422 == link(manager, to="2026-02-01").status_code
        assert 422 == link(manager, export="passwords").status_code
        assert not ExportLink.select().exists()

    def test_are_refused_to_strangers_who_guess(self, client: Client):
        assert 404 == client.get(f"/v1/export-links/{UUID(int=7)}").status_code
