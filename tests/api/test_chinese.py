"""What is wrong, in the language of whoever asks."""

import ast
from itertools import chain
from pathlib import Path
from uuid import uuid4

import marshmallow as ma
import pytest

from backend.api import chinese
from backend.platform.actors import Role
from backend.standards import answers
from schemas import base
from tests.client import Client
from tests.factories import make_person, make_store
from tests.phone import arrival, findings

ROOT = Path(__file__).parents[2]
ZH = {"Accept-Language": "zh-CN"}
USED = (ma.fields.Boolean, ma.fields.Dict, ma.fields.Float, ma.fields.Integer, ma.fields.List)
USED += (ma.fields.Nested, ma.fields.String, ma.fields.UUID, base.Day, base.Text)


def sentences_of(path: Path, *names: str) -> set[str]:
    """Return the sentences that a file hands to functions of these names."""
    calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
    named = [
        call for call in calls if getattr(call.func, "attr", getattr(call.func, "id", "")) in names
    ]
    given = chain.from_iterable([*call.args, *(k.value for k in call.keywords)] for call in named)
    values = {node.value for node in given if isinstance(node, ast.Constant)}
    return {value for value in values if isinstance(value, str)}


def is_chinese(sentence: str) -> bool:
    return any("\u4e00" <= letter <= "\u9fff" for letter in chinese.said(sentence))


def test_every_sentence_of_the_schemas_is_known():
    names = ("ValidationError", "each_once", "Regexp")
    said = set(chain.from_iterable(sentences_of(p, *names) for p in ROOT.glob("schemas/*.py")))

    assert 15 < len(said)
    assert [] == [one for one in sorted(said) if one.endswith(".") and not is_chinese(one)]


def test_every_usual_sentence_about_fields_is_known():
    kinds = {kind for field in USED for kind in field.__mro__}
    said = {text for kind in kinds for text in getattr(kind, "default_error_messages", {}).values()}

    whole = [one for one in sorted(said) if "{" not in one]  # the others are about dumping
    assert [] == [one for one in whole if not is_chinese(one)]


def test_everything_a_line_lacks_is_known():
    said = sentences_of(Path(answers.__file__), "unchecked")

    assert 5 < len(said)
    assert [] == [one for one in sorted(said) if not is_chinese(one)]


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("Must be one of: a, b.", "须为以下之一：a, b。"),
        ("Must be greater than or equal to 1 and less than or equal to 9.", "须在 1 至 9 之间。"),
        ("Length must be between 1 and 40.", "长度须在 1 至 40 之间。"),
        ("wall unanswered", "背景墙未填写"),
        ("1 of 3 photos, 2 not of the storefront", "照片 1/3 张，2 张不是 storefront 照片"),
        ("no option x, y", "无此选项：x, y"),
        ("Nobody has said this, ever.", "Nobody has said this, ever."),
    ],
)
def test_sentences_with_values_keep_them(sentence, expected):
    assert expected == chinese.said(sentence)


def test_fields_are_refused_in_the_language_that_is_asked_for(client: Client):
    phone = client.as_(make_person())
    url, body = f"/v1/visits/{uuid4()}", {"store_id": "one", "extra": 1}

    asked = {"": {}, "zh": ZH}
    found = {
        name: phone.put(url, json=body, headers=headers).json["errors"]["json"]
        for name, headers in asked.items()
    }

    assert ["Not a valid integer."] == found[""]["store_id"]
    assert {
        "store_id": ["不是有效的整数。"],
        "extra": ["未知字段。"],
        "clock": ["必填。"],
    } == {name: found["zh"][name] for name in ("store_id", "extra", "clock")}


def test_items_of_a_batch_and_rules_about_fields_are_too(client: Client):
    rep = make_person()
    store, manager = make_store(owner=rep), client.as_(make_person(Role.MANAGER))
    item = {"kind": "check_in", "visit_id": str(uuid4()), "body": {"store_id": store.id}}
    task = {"store_id": store.id, "note": "补贴海报", "owner_id": make_person().id}

    batch = client.as_(rep).post("/v1/batches", json={"items": [item]}, headers=ZH).json
    refused = manager.put(f"/v1/tasks/{uuid4()}", json=task, headers=ZH).json

    assert ["必填。"] == batch["results"][0]["problem"]["errors"]["json"]["clock"]
    assert ["该人员无权查看门店。"] == refused["errors"]["json"]["owner_id"]


def test_a_receipt_says_what_a_report_lacks_in_it(phone, store):
    visit_id = uuid4()
    phone.client.put(f"/v1/visits/{visit_id}", json=arrival(store))

    reported = phone.client.put(f"/v1/visits/{visit_id}/report", json=findings(), headers=ZH).json
    asked = phone.client.get(f"/v1/visits/{visit_id}/receipt").json

    assert {"未填写"} <= {one["reason"] for one in reported["score"]["missing"]}
    assert {"unanswered"} <= {one["reason"] for one in asked["score"]["missing"]}
