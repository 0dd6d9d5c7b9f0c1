"""Custom fields over HTTP."""

import pytest
from playhouse.test_utils import assert_query_count

from backend.network.archive_models import CustomField
from backend.platform.actors import Role
from backend.platform.models import LedgerEntry
from tests.client import Client
from tests.factories import make_custom_field, make_person, make_store

PROBLEM = "urn:xundian:problem:"


@pytest.fixture
def manager(client: Client) -> Client:
    return client.as_(make_person(Role.MANAGER))


def define(client: Client, **changes):
    body = {
        "subject": "store",
        "code": "place",
        "label_zh": "店址类型",
        "label_en": "kind of place",
        "kind": "choice",
        "options": ["街边", "商场"],
    }
    return client.post("/v1/custom-fields", json=body | changes)


def amend(client: Client, field_id: int, version: int = 1, **changes):
    headers = {"If-Match": f'"{version}"'}
    return client.patch(f"/v1/custom-fields/{field_id}", json=changes, headers=headers)


def said(answer) -> tuple[int, str]:
    return answer.status_code, answer.json["type"].removeprefix(PROBLEM)


def test_a_brand_defines_what_it_asks(manager: Client):
    answer = define(manager, is_required=True)

    assert (201, '"1"') == (answer.status_code, answer.headers["ETag"])
    assert (["街边", "商场"], True, None) == tuple(
        answer.json[name] for name in ("options", "is_required", "retired_at")
    )
    assert ["field.defined"] == [entry.verb for entry in LedgerEntry.select()]


def test_a_code_is_taken_once_per_subject(manager: Client):
    answers = [define(manager), define(manager), define(manager, subject="dealer")]

    assert [201, 409, 201] == [answer.status_code for answer in answers]


@pytest.mark.parametrize(
    ("problem", "wrong"),
    [
        ("field-options", {"options": ["街边"]}),
        ("field-options", {"options": ["街边", "街边"]}),
        ("field-options", {"kind": "text"}),
        ("invalid-fields", {"kind": "colour"}),
        ("invalid-fields", {"code": "Ort"}),
        ("invalid-fields", {"subject": "visit"}),
    ],
)
def test_a_definition_that_contradicts_itself_is_refused(manager: Client, problem, wrong):
    assert (422, problem) == said(define(manager, **wrong))
    assert 0 == CustomField.select().count()


def test_labels_options_and_need_may_change(manager: Client):
    field = make_custom_field(kind="choice", options=["A", "B"])

    answer = amend(manager, field.id, options=["A", "B", "C"], label_zh="新", is_required=True)

    assert (200, '"2"') == (answer.status_code, answer.headers["ETag"])
    assert (["A", "B", "C"], "新", True) == tuple(
        answer.json[name] for name in ("options", "label_zh", "is_required")
    )
    assert (412, "stale") == said(amend(manager, field.id, label_zh="旧"))
    assert (422, "field-options") == said(amend(manager, field.id, 2, options=[]))
    assert (404, "not-found") == said(amend(manager, 999, label_zh="旧"))


def test_a_retired_field_is_neither_asked_nor_taken(manager: Client):
    store, field = make_store(), make_custom_field(code="floor", is_required=True)
    url = f"/v1/stores/{store.id}/archive"

    retired = amend(manager, field.id, is_retired=True)
    again = amend(manager, field.id, 2, is_retired=True)
    filled = manager.patch(url, json={"custom": {"floor": "2"}}, headers={"If-Match": '"0"'})

    assert retired.json["retired_at"] == again.json["retired_at"] is not None
    assert {} == manager.get(url).json["custom"]
    assert (422, "unknown-field") == said(filled)
    assert [] == manager.get("/v1/custom-fields").json
    assert 1 == len(manager.get("/v1/custom-fields?retired=true").json)
    assert 422 == amend(manager, field.id, 3, is_retired=False).status_code


def test_reps_see_them_by_subject(client: Client):
    make_custom_field("dealer", code="a")
    for code in ("c", "b"):
        make_custom_field(code=code)
    rep = client.as_(make_person())

    with assert_query_count(3):
        answer = rep.get("/v1/custom-fields?subject=store")

    assert ["b", "c"] == [field["code"] for field in answer.json]
    assert 403 == define(rep).status_code
