"""Checklists over HTTP: drafted, published, followed by the next version, retired."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playhouse.test_utils import assert_query_count

from backend.network.models import Person
from backend.platform.actors import Role
from backend.platform.models import LedgerEntry
from backend.standards import checklists, effective, revision
from backend.standards.manual import TEMPLATES, WITH_PRINCIPLES
from backend.standards.models import ChecklistTemplate
from tests.client import Client
from tests.factories import NOON, make_checklist, make_person, make_store

URL = "/v1/checklists"
TODAY = datetime.now(ZoneInfo("Asia/Shanghai")).date()
TOMORROW, LATER, LATEST = (TODAY + timedelta(days=n) for n in (1, 10, 20))
POSTERS = {
    "code": "posters_up",
    "letter": "A",
    "kind": "count",
    "required": True,
    "zh": "海报",
    "en": "Posters",
    "min_qty": 3,
}
STATE = {
    "code": "poster_state",
    "letter": "B",
    "kind": "choice",
    "required": True,
    "critical": True,
    "allows_na": False,
    "weight": 3.5,
    "zh": "海报状态",
    "en": "State of the posters",
    "condition": {"line": "posters_up", "operator": "is_not", "value": 0},
    "photos": {"min_count": 2, "subject": "checklist_item"},
    "options": [
        {"code": "whole", "zh": "完好", "en": "whole"},
        {"code": "torn", "zh": "破损", "en": "torn"},
    ],
    "passing": ["whole"],
}
SPRING = {
    "code": "spring",
    "name_zh": "春季检查",
    "name_en": "Spring check",
    "scope_kind": "tier",
    "scope_value": "city",
    "lines": [POSTERS, STATE],
    "valid_from": TOMORROW.isoformat(),
}


@pytest.fixture
def client(client: Client) -> Client:
    """A client of a server that has the manual's checklists."""
    checklists.install_manual(at=NOON)
    return client


@pytest.fixture
def manager(client: Client) -> Client:
    return client.as_(make_person(Role.MANAGER))


@pytest.fixture
def editor(manager: Client):
    return Editor(manager)


class Editor:
    """A manager at work on checklists; every method answers the response."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def draft(self, **changes: Any):
        return self.client.post(URL, json=SPRING | changes)

    def drafted(self, **changes: Any) -> int:
        """Draft a checklist that must be accepted and return its id."""
        answer = self.draft(**changes)
        assert 201 == answer.status_code, answer.json
        return answer.json["id"]

    def amend(self, checklist_id: int, version: int | None = 1, **changes: Any):
        return self.client.patch(
            f"{URL}/{checklist_id}", json=changes, headers=self.if_match(version)
        )

    def discard(self, checklist_id: int, version: int | None = 1):
        return self.client.delete(f"{URL}/{checklist_id}", headers=self.if_match(version))

    def publish(self, checklist_id: int, version: int | None = 1, **body: Any):
        return self.client.post(
            f"{URL}/{checklist_id}/publication", json=body, headers=self.if_match(version)
        )

    def published(self, **changes: Any) -> int:
        """Draft and publish a checklist and return its id."""
        checklist_id = self.drafted(**changes)
        assert 200 == self.publish(checklist_id).status_code
        return checklist_id

    def next_version(self, checklist_id: int):
        return self.client.post(f"{URL}/{checklist_id}/versions")

    def retire(self, checklist_id: int, day: date | str):
        body = {"retired_on": str(day)}
        return self.client.post(f"{URL}/{checklist_id}/retirement", json=body)

    def get(self, checklist_id: int):
        return self.client.get(f"{URL}/{checklist_id}")

    @staticmethod
    def if_match(version: int | None) -> dict[str, str]:
        return {} if version is None else {"If-Match": f'"{version}"'}


def outcome(answer) -> tuple[int, str]:
    """Return the status of a refusal and what kind of problem it is."""
    return answer.status_code, answer.json["type"].removeprefix("urn:xundian:problem:")


def verbs() -> list[str]:
    entries = LedgerEntry.select().order_by(LedgerEntry.at, LedgerEntry.id)
    return [e.verb for e in entries if e.verb.startswith("checklist.")]


def city() -> int:
    """Return the id of the manual's checklist of the city."""
    return ChecklistTemplate.get(code="signage_city", version=1).id


class TestManual:
    def test_is_three_checklists_that_a_rep_reads(self, client: Client):
        rep = client.as_(make_person())

        with assert_query_count(3):  # who asks, how many, which
            answer = rep.get(URL)

        assert ["signage_city", "signage_county", "signage_town"] == [
            each["code"] for each in answer.json
        ]
        assert 18 == sum(len(each["lines"]) for each in answer.json)
        first = rep.get(f"{URL}/{answer.json[0]['id']}").json
        assert TEMPLATES["signage_city"]["lines"] == first["lines"]
        assert ("2020-01-01", None, 1) == (
            first["valid_from"],
            first["retired_on"],
            first["version"],
        )
        assert ("tier", "city", "city", "published") == tuple(
            first[name] for name in ("scope_kind", "scope_value", "tier", "status")
        )

    @pytest.mark.usefixtures("client")
    def test_is_installed_once(self):
        before = revision.current()

        checklists.install_manual(at=NOON)

        assert 6 == ChecklistTemplate.select().count()
        assert before == revision.current()
        assert ["checklist.installed"] == verbs()

    def test_has_next_versions_with_the_display_principles_as_drafts(self, client, manager):
        drafts = manager.get(f"{URL}?status=draft").json

        assert ["signage_city", "signage_county", "signage_town"] == [d["code"] for d in drafts]
        assert WITH_PRINCIPLES["signage_city"]["lines"] == drafts[0]["lines"]
        assert [] == client.as_(make_person()).get(f"{URL}?status=draft").json

    def test_drafts_can_be_published_as_they_are(self, manager, editor):
        draft = manager.get(f"{URL}?status=draft&tier=city").json[0]

        answer = editor.publish(draft["id"], valid_from=TOMORROW.isoformat())

        assert (200, TOMORROW.isoformat()) == (answer.status_code, answer.json["valid_from"])

    def test_lines_can_be_sent_back_as_they_were_read(self, editor):
        lines = editor.get(city()).json["lines"]

        draft = editor.drafted(lines=lines)

        assert lines == editor.get(draft).json["lines"]


class TestList:
    def test_filters_by_tier_day_status_code_and_scope(self, manager: Client, editor: Editor):
        editor.retire(city(), "2026-02-01")
        editor.drafted(scope_kind="grade", scope_value="A")

        def ask(query: str) -> list[str]:
            return [f"{e['code']} {e['version']}" for e in manager.get(f"{URL}?{query}").json]

        assert ["signage_city 1", "signage_city 2"] == ask("tier=city")
        assert ["signage_city 1", "signage_county 1", "signage_town 1"] == ask("day=2026-01-31")
        assert ["signage_county 1", "signage_town 1"] == ask("day=2026-02-01")
        assert [] == ask("day=2019-12-31")
        assert ["signage_city 1"] == ask("status=retired")
        assert ["spring 1"] == ask("code=spring")
        assert ["spring 1"] == ask("scope_kind=grade&scope_value=A")
        assert ["spring 1"] == ask("status=draft&scope_kind=grade")

    def test_hides_drafts_from_those_who_cannot_write_them(self, client, editor):
        draft = editor.drafted()

        assert 404 == client.as_(make_person()).get(f"{URL}/{draft}").status_code
        assert 200 == editor.get(draft).status_code


class TestDraft:
    def test_keeps_what_was_said(self, editor):
        answer = editor.draft(any_of_letters=["B"], retired_on=LATER.isoformat())

        assert (201, '"1"') == (answer.status_code, answer.headers["ETag"])
        assert ("spring", 1, "draft", ["B"], LATER.isoformat()) == tuple(
            answer.json[name]
            for name in ("code", "version", "status", "any_of_letters", "retired_on")
        )
        assert {"min_count": 2, "album_allowed": False, "subject": "checklist_item"} == (
            answer.json["lines"][1]["photos"]
        )
        assert answer.json == editor.get(answer.json["id"]).json

    def test_may_wait_for_an_option_of_another_line(self, editor):
        condition = {"line": "poster_state", "operator": "is", "value": "torn"}
        reason = {"code": "why", "letter": "C", "kind": "text", "required": True}
        reason |= {"zh": "原因", "en": "Why", "condition": condition}

        answer = editor.draft(lines=[POSTERS, STATE, reason])

        assert (201, condition) == (answer.status_code, answer.json["lines"][2]["condition"])

    def test_is_asked_of_nobody(self, editor):
        editor.drafted(scope_kind="all", scope_value="", valid_from=TODAY.isoformat())

        assert {"tier"} == {each.scope_kind for each in effective.on(TODAY).templates}

    def test_is_the_only_one_of_its_code(self, editor):
        editor.drafted()

        assert (409, "checklist-exists") == outcome(editor.draft())

    def test_changes_under_the_version_that_was_read(self, editor):
        draft = editor.drafted()

        changed = editor.amend(draft, 1, name_en="Autumn", lines=[POSTERS])
        stale = editor.amend(draft, 1, name_en="Winter")
        blind = editor.amend(draft, None, name_en="Winter")

        assert (200, "Autumn", 1, '"2"') == (
            changed.status_code,
            changed.json["name_en"],
            len(changed.json["lines"]),
            changed.headers["ETag"],
        )
        assert [412, 428] == [stale.status_code, blind.status_code]
        assert "春季检查" == editor.get(draft).json["name_zh"]
        assert ["checklist.installed", "checklist.drafted", "checklist.amended"] == verbs()

    def test_keeps_its_lines_whole_when_they_are_changed(self, editor):
        draft = editor.drafted()

        answer = editor.amend(draft, 1, lines=[{"code": "x", "kind": "text"}])

        assert (422, "invalid-fields") == outcome(answer)
        assert {"letter", "required", "zh", "en"} == set(
            answer.json["errors"]["json"]["lines"]["0"]
        )

    def test_stays_consistent_when_it_changes(self, editor):
        draft = editor.drafted()

        assert (422, "unknown-condition-line") == outcome(editor.amend(draft, lines=[STATE]))
        assert (422, "bad-scope") == outcome(editor.amend(draft, scope_kind="grade"))
        assert (422, "ends-before-start") == outcome(
            editor.amend(draft, retired_on=SPRING["valid_from"])
        )

    def test_can_be_discarded(self, editor):
        draft = editor.drafted()

        assert 412 == editor.discard(draft, 9).status_code
        assert 204 == editor.discard(draft).status_code
        assert 404 == editor.get(draft).status_code
        assert 201 == editor.draft().status_code

    def test_of_a_division_is_kept_under_its_canonical_code(self, editor):
        answer = editor.draft(scope_kind="division", scope_value="4301")

        assert ("430100", None) == (answer.json["scope_value"], answer.json["tier"])

    @pytest.mark.parametrize(
        ("kind", "value", "problem"),
        [
            ("all", "city", (422, "bad-scope")),
            ("tier", "village", (422, "bad-scope")),
            ("division", "999999", (422, "unknown-division")),
            ("store", "999", (404, "not-found")),
        ],
    )
    def test_is_for_stores_there_are(self, editor, kind, value, problem):
        assert problem == outcome(editor.draft(scope_kind=kind, scope_value=value))

    @pytest.mark.parametrize(
        "change",
        [
            {"lines": []},
            {"lines": [POSTERS | {"kind": "guess"}]},
            {"lines": [POSTERS | {"code": "Posters up"}]},
            {"lines": [POSTERS | {"min_qty": 0}]},
            {"lines": [POSTERS | {"weight": -1}]},
            {"lines": [POSTERS | {"typo": 1}]},
            {"lines": [POSTERS, STATE | {"condition": {"line": "posters_up", "operator": "is"}}]},
            {
                "lines": [
                    POSTERS,
                    STATE
                    | {"condition": {"line": "posters_up", "operator": "is", "value": 10**18}},
                ]
            },
            {
                "lines": [
                    POSTERS,
                    STATE | {"condition": {"line": "posters_up", "operator": "is", "value": []}},
                ]
            },
            {
                "lines": [
                    POSTERS,
                    STATE
                    | {"condition": {"line": "posters_up", "operator": "is", "value": "x" * 201}},
                ]
            },
            {"lines": [POSTERS | {"photos": {"min_count": 0}}]},
            {"code": "春季"},
        ],
    )
    def test_says_which_field_is_wrong(self, editor, change):
        answer = editor.draft(**change)

        assert (422, "invalid-fields") == outcome(answer)
        assert {*change} == set(answer.json["errors"]["json"])

    def test_words_a_contradiction_in_both_languages(self, manager):
        body = SPRING | {"lines": [POSTERS | {"best_qty": 2}]}

        english = manager.post(URL, json=body)
        chinese = manager.post(URL, json=body, headers={"Accept-Language": "zh-CN"})

        assert (422, "limits-crossed") == outcome(english)
        assert "Line posters_up: min_qty 3 is above best_qty 2." == english.json["detail"]
        assert "下限高于上限" == chinese.json["title"]


class TestPublication:
    def test_makes_a_draft_immutable(self, editor):
        checklist = editor.drafted(scope_kind="grade", scope_value="A")

        answer = editor.publish(checklist)

        assert (200, "published", '"2"') == (
            answer.status_code,
            answer.json["status"],
            answer.headers["ETag"],
        )
        for again in (
            editor.amend(checklist, 2, name_en="X"),
            editor.discard(checklist, 2),
            editor.publish(checklist, 2),
        ):
            assert (409, "not-a-draft") == outcome(again)
        assert "checklist.published" == verbs()[-1]

    def test_is_of_the_version_that_was_read(self, editor):
        draft = editor.drafted()
        editor.amend(draft, 1, name_en="Autumn")

        assert 412 == editor.publish(draft, 1).status_code
        assert 428 == editor.publish(draft, None).status_code

    def test_is_never_of_days_gone_by(self, editor):
        yesterday = (TODAY - timedelta(days=1)).isoformat()
        draft = editor.drafted(valid_from=yesterday, scope_kind="grade", scope_value="A")

        assert (422, "begins-in-past") == outcome(editor.publish(draft))
        assert 200 == editor.publish(draft, valid_from=TOMORROW.isoformat()).status_code

    def test_ends_after_it_begins(self, editor):
        draft = editor.drafted(retired_on=LATER.isoformat())

        assert (422, "ends-before-start") == outcome(
            editor.publish(draft, valid_from=LATER.isoformat())
        )

    def test_is_refused_beside_another_checklist_for_the_same_stores(self, editor):
        answer = editor.publish(editor.drafted())

        assert (409, "checklist-overlap") == outcome(answer)
        assert ("signage_city", 1) == (answer.json["given"], answer.json["version"])

    def test_is_accepted_where_the_other_ends_that_day(self, editor):
        editor.retire(city(), TOMORROW)

        assert 200 == editor.publish(editor.drafted()).status_code

    def test_is_accepted_before_one_that_begins_later(self, editor):
        scope = {"scope_kind": "grade", "scope_value": "A"}
        editor.published(**scope, valid_from=LATER.isoformat())

        first = editor.drafted(**scope, code="first", retired_on=LATER.isoformat())
        longer = editor.drafted(**scope, code="longer", retired_on=LATEST.isoformat())

        assert (409, "checklist-overlap") == outcome(editor.publish(longer))
        assert 200 == editor.publish(first).status_code

    def test_is_accepted_beside_one_for_more_or_fewer_stores(self, editor):
        for number, (kind, value) in enumerate([("all", ""), ("grade", "A"), ("chain", "苏宁")]):
            draft = editor.drafted(code=f"c{number}", scope_kind=kind, scope_value=value)
            assert 200 == editor.publish(draft).status_code


class TestNextVersion:
    def test_is_a_draft_that_copies_the_published_one(self, editor):
        grade_a = editor.published(scope_kind="grade", scope_value="A", any_of_letters=["A"])

        answer = editor.next_version(grade_a)
        again = editor.next_version(grade_a)

        model = editor.get(grade_a).json
        assert (201, 2, "draft") == (
            answer.status_code,
            answer.json["version"],
            answer.json["status"],
        )
        same = (
            "code",
            "name_zh",
            "name_en",
            "scope_kind",
            "scope_value",
            "lines",
            "any_of_letters",
        )
        assert {name: model[name] for name in same} == {name: answer.json[name] for name in same}
        assert (409, "draft-exists") == outcome(again)

    def test_takes_over_on_the_day_it_begins(self, editor):
        first = editor.published(scope_kind="grade", scope_value="A")
        second = editor.next_version(first).json["id"]

        answer = editor.publish(second, valid_from=LATER.isoformat())

        assert 200 == answer.status_code
        assert LATER.isoformat() == editor.get(first).json["retired_on"]
        assert ["checklist.published", "checklist.retired"] == sorted(verbs()[-2:])

    def test_does_not_begin_before_the_one_it_follows(self, editor):
        first = editor.published(scope_kind="grade", scope_value="A", valid_from=LATER.isoformat())
        second = editor.next_version(first).json["id"]

        answer = editor.publish(second, valid_from=TOMORROW.isoformat())

        assert (409, "checklist-overlap") == outcome(answer)
        assert editor.get(first).json["retired_on"] is None

    def test_is_made_of_a_published_one(self, editor):
        assert (409, "not-published") == outcome(editor.next_version(editor.drafted()))
        assert 404 == editor.next_version(999).status_code


class TestRetirement:
    def test_happens_once(self, editor):
        before = revision.current()

        first, again = editor.retire(city(), "2026-02-01"), editor.retire(city(), "2026-02-01")
        other = editor.retire(city(), "2026-03-01")

        assert [200, 200] == [first.status_code, again.status_code]
        assert ("2026-02-01", "retired") == (first.json["retired_on"], first.json["status"])
        assert (409, "already-ended") == outcome(other)
        assert before != revision.current()
        assert 1 == verbs().count("checklist.retired")

    def test_on_a_day_to_come_leaves_it_published(self, editor):
        assert "published" == editor.retire(city(), TOMORROW).json["status"]

    def test_is_not_before_it_was_valid(self, editor):
        assert (422, "ends-before-start") == outcome(editor.retire(city(), "2020-01-01"))

    def test_is_not_of_a_draft(self, editor):
        assert (409, "not-published") == outcome(editor.retire(editor.drafted(), LATER))

    def test_of_an_unknown_checklist_is_not_found(self, editor):
        assert 404 == editor.get(999).status_code
        assert 404 == editor.retire(999, "2026-02-01").status_code

    def test_is_not_for_reps(self, client: Client):
        assert 403 == Editor(client.as_(make_person())).retire(city(), "2026-02-01").status_code


class TestChoice:
    """Which checklist a store is held to."""

    SCOPES = (
        ("all", ""),
        ("tier", "city"),
        ("grade", "B"),
        ("chain", "苏宁"),
        ("division", "430000"),
        ("division", "430102"),
    )

    @pytest.fixture
    def rep(self) -> Person:
        return make_person()

    def standard(self, client: Client, rep: Person, **query: str) -> dict[str, Any]:
        store = make_store(owner=rep, chain="苏宁")
        return (client.as_(rep).get(f"/v1/stores/{store.id}/standard", query_string=query).json)[
            "template"
        ]

    def test_falls_on_the_most_specific_scope(self, client, rep):
        ChecklistTemplate.update(retired_on=date(2020, 1, 2)).execute()
        for kind, value in self.SCOPES:
            make_checklist([{"code": "x"}], code=kind + value, scope_kind=kind, scope_value=value)

            assert kind + value == self.standard(client, rep)["code"]

    def test_falls_on_the_store_itself_before_all_else(self, client, rep):
        store = make_store(owner=rep)
        make_checklist([{"code": "x"}], code="mine", scope_kind="store", scope_value=str(store.id))

        answer = client.as_(rep).get(f"/v1/stores/{store.id}/standard").json["template"]

        assert ("mine", "store", None) == (answer["code"], answer["scope_kind"], answer["tier"])

    def test_ignores_what_is_for_other_stores_and_other_days(self, client, rep):
        for kind, value in (("grade", "A"), ("division", "440000"), ("chain", "国美")):
            make_checklist([{"code": "x"}], code=kind, scope_kind=kind, scope_value=value)
        make_checklist(
            [{"code": "x"}], code="later", scope_kind="chain", scope_value="苏宁", valid_from=LATER
        )

        assert "signage_city" == self.standard(client, rep)["code"]
        assert "later" == self.standard(client, rep, on=LATER.isoformat())["code"]

    def test_says_which_photos_are_to_be_taken(self, client, rep):
        photos = {"min_count": 1, "album_allowed": False, "subject": None}
        make_checklist(
            [{"code": "x"}, {"code": "y", "photos": photos, "required": False}],
            scope_kind="chain",
            scope_value="苏宁",
        )

        shown = self.standard(client, rep)

        assert [photos | {"line": "y", "required": False}] == shown["required_photos"]
        assert [] == shown["any_of_letters"]
