"""Appeals over HTTP: who makes them, who answers, and what an answer does."""

from datetime import timedelta
from uuid import uuid4

import orjson
import pytest
from playhouse.test_utils import assert_query_count

from backend.evidence import scores
from backend.evidence.signal_models import Appeal, VisitScore
from backend.fieldwork.models import Visit
from backend.platform.actors import Role
from backend.platform.models import LedgerEntry
from tests.client import Client
from tests.factories import (
    NOON,
    make_appeal,
    make_dealer,
    make_person,
    make_region,
    make_store,
    make_visit,
    the_region,
)

PROBLEM = "urn:xundian:problem:"


@pytest.fixture
def visit(app) -> Visit:  # noqa: ARG001  # needs the database
    visit = make_visit(is_mock=True, is_rooted=True)
    scores.weigh([visit.id], at=NOON)
    return visit


@pytest.fixture
def rep(client: Client, visit: Visit) -> Client:
    return client.as_(visit.person)


@pytest.fixture
def manager(client: Client) -> Client:
    return client.as_(make_person(Role.MANAGER))


def appeal(client: Client, visit: Visit, appeal_id=None, **body):
    return client.put(
        f"/v1/visits/{visit.id}/appeals/{appeal_id or uuid4()}",
        json={"text": "公司统一发放的测试机"} | body,
    )


def answer(client: Client, made, version: int = 1, **body):
    return client.post(
        f"/v1/visits/{made.json['visit_id']}/appeals/{made.json['id']}/answer",
        json={"accepted": True, "reason": "已核实"} | body,
        headers={"If-Match": f'"{version}"'},
    )


def verbs() -> list[str]:
    entries = LedgerEntry.select().order_by(LedgerEntry.at, LedgerEntry.id)
    return [entry.verb for entry in entries if entry.object == "appeal"]


class TestAppeal:
    def test_is_made_by_who_made_the_visit(self, rep, visit):
        made = appeal(rep, visit, signals=["mock_flag"])

        assert (201, '"1"') == (made.status_code, made.headers["ETag"])
        assert ("open", ["mock_flag"], 80, None, []) == tuple(
            made.json[name] for name in ("state", "codes", "score", "answer", "waived")
        )
        assert ["appeal.made"] == verbs()
        shown = rep.get(f"/v1/visits/{visit.id}/evidence").json
        assert [made.json] == shown["appeals"]
        assert made.json == rep.get(f"/v1/visits/{visit.id}/appeals/{made.json['id']}").json

    def test_sent_again_is_the_same(self, rep, visit):
        appeal_id = uuid4()
        first, again = (appeal(rep, visit, appeal_id) for _ in range(2))
        other = appeal(rep, visit, appeal_id, text="别的理由")

        assert (201, 200, 409) == (first.status_code, again.status_code, other.status_code)
        assert PROBLEM + "id-taken" == other.json["type"]
        assert 1 == Appeal.select().count()

    def test_waits_for_the_answer_to_the_one_before(self, rep, manager, visit):
        first = appeal(rep, visit)
        refused = appeal(rep, visit)
        answer(manager, first, accepted=False)
        later = appeal(rep, visit)

        assert (409, PROBLEM + "appeal-open") == (refused.status_code, refused.json["type"])
        assert 201 == later.status_code

    @pytest.mark.parametrize("codes", [["short_visit"], ["mock_flag", "short_visit"]])
    def test_is_about_signals_the_visit_has(self, rep, visit, codes):
        refused = appeal(rep, visit, signals=codes)

        assert (422, PROBLEM + "signal-not-there") == (refused.status_code, refused.json["type"])
        assert "short_visit" in refused.json["detail"]

    def test_needs_something_to_appeal_against(self, client):
        clear, unscored = make_visit(), make_visit()
        scores.weigh([clear.id], at=NOON)

        for visit in (clear, unscored):
            assert 422 == appeal(client.as_(visit.person), visit).status_code

    def test_by_somebody_else_is_refused(self, client, visit):
        boss = appeal(client.as_(make_person(Role.SUPERVISOR)), visit)
        stranger = appeal(client.as_(make_person()), visit)

        assert (422, PROBLEM + "not-your-visit") == (boss.status_code, boss.json["type"])
        assert 404 == stranger.status_code

    @pytest.mark.parametrize(
        "body", [{"text": ""}, {"signals": ["no_such"]}, {"text": "x" * 2001}, {"why": "x"}]
    )
    def test_that_makes_no_sense_is_refused(self, rep, visit, body):
        assert 422 == appeal(rep, visit, **body).status_code

    def test_unknown_is_not_found(self, rep, visit):
        assert 404 == rep.get(f"/v1/visits/{visit.id}/appeals/{uuid4()}").status_code


class TestAnswer:
    @pytest.mark.parametrize(
        ("about", "waive", "expected"),
        [
            ([], [], (["mock_flag", "rooted"], 0)),
            (["rooted"], [], (["rooted"], 60)),
            (["rooted"], ["mock_flag"], (["mock_flag"], 20)),
        ],
        ids=["all", "what it is about", "what the answer says"],
    )
    def test_that_accepts_waives_signals_at_once(self, client, visit, about, waive, expected):
        rep, manager = client.as_(visit.person), client.as_(make_person(Role.MANAGER))
        made = appeal(rep, visit, signals=about)

        accepted = answer(manager, made, signals=waive)

        assert (200, "accepted") == (accepted.status_code, accepted.json["state"])
        shown = rep.get(f"/v1/visits/{visit.id}/evidence").json
        waived = [one["code"] for one in shown["signals"] if one["is_waived"]]
        assert expected == (accepted.json["waived"], shown["score"])
        assert expected[0] == waived
        assert ["appeal.answered", "appeal.made"] == sorted(verbs())

    def test_that_declines_changes_no_score(self, rep, manager, visit):
        made = appeal(rep, visit)

        declined = answer(manager, made, accepted=False, reason="证据充分")

        assert ("declined", "证据充分", [], 2) == tuple(
            declined.json[name] for name in ("state", "answer", "waived", "version")
        )
        assert 80 == VisitScore.get().score

    def test_is_final(self, rep, manager, visit):
        made = appeal(rep, visit)
        answer(manager, made)

        again = answer(manager, made, version=2)

        assert (409, PROBLEM + "appeal-answered") == (again.status_code, again.json["type"])

    def test_on_an_old_version_is_refused(self, rep, manager, visit):
        assert 412 == answer(manager, appeal(rep, visit), version=7).status_code

    def test_about_an_own_visit_is_refused(self, client):
        boss = make_person(Role.SUPERVISOR)
        visit = make_visit(person=boss, is_mock=True)
        scores.weigh([visit.id], at=NOON)
        own = client.as_(boss)

        refused = answer(own, appeal(own, visit))

        assert (422, PROBLEM + "own-visit") == (refused.status_code, refused.json["type"])
        assert "open" == Appeal.get().state

    def test_waives_only_what_is_there(self, rep, manager, visit):
        refused = answer(manager, appeal(rep, visit), signals=["short_visit"])

        assert (422, PROBLEM + "signal-not-there") == (refused.status_code, refused.json["type"])

    @pytest.mark.parametrize(
        "body", [{"accepted": False, "signals": ["rooted"]}, {"reason": ""}, {"accepted": None}]
    )
    def test_that_makes_no_sense_is_refused(self, rep, manager, visit, body):
        assert 422 == answer(manager, appeal(rep, visit), **body).status_code

    def test_out_of_sight_is_not_found(self, client, rep, visit):
        far = client.as_(make_person(Role.MANAGER, region=make_region()))

        assert 404 == answer(far, appeal(rep, visit)).status_code


class TestList:
    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("", "old new"),
            ("state=open", "new"),
            ("state=declined", "old"),
            ("person_id={person}", "new"),
            ("region_id={below}", "new"),
            ("region_id=99999", ""),
        ],
    )
    def test_filters(self, manager, query, expected):
        below = make_region(the_region())
        new = make_visit(make_store(make_dealer(region=below)))
        names = {
            str(make_appeal(new).id): "new",
            str(
                make_appeal(make_visit(), state="declined", made_at=NOON - timedelta(hours=1)).id
            ): "old",
        }

        listed = manager.get(
            f"/v1/appeals?{query.format(person=new.person_id, below=below.id)}"
        ).json

        assert expected == " ".join(names[row["id"]] for row in listed)

    def test_shows_a_rep_the_own_ones(self, client):
        mine = make_appeal(make_visit())
        make_appeal(make_visit())

        listed = client.as_(mine.person).get("/v1/appeals").json

        assert [str(mine.id)] == [row["id"] for row in listed]

    def test_pages_with_a_steady_number_of_queries(self, manager):
        for _ in range(7):
            make_appeal(make_visit())

        with assert_query_count(3):
            page = manager.get("/v1/appeals?page_size=5")

        assert 7 == orjson.loads(page.headers["X-Pagination"])["total"]
