"""The published document: valid, complete, and fresh in the repository."""

import subprocess
import sys
from pathlib import Path

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from backend.platform.errors import every_error
from tests.client import Client

ROOT = Path(__file__).parents[2]
PROBLEM = "application/problem+json"


@pytest.fixture
def document(client: Client) -> dict:
    """The document as clients get it."""
    return client.get("/v1/openapi.json").json


def operations(document: dict):
    """Yield the name and description of every operation."""
    for path, item in document["paths"].items():
        for verb, described in item.items():
            if verb != "parameters":
                yield f"{verb.upper()} {path}", described


def resolved(document: dict, part: dict) -> dict:
    """Return what a part refers to, or the part itself."""
    if "$ref" not in part:
        return part
    for name in part["$ref"].removeprefix("#/").split("/"):
        document = document[name]
    return document


def has_example(document: dict, schema: object, seen: frozenset = frozenset()) -> bool:
    """Return whether there is an example anywhere in a schema."""
    if isinstance(schema, list):
        return any(has_example(document, part, seen) for part in schema)
    if not isinstance(schema, dict):
        return False
    if {"example", "examples"} & set(schema):
        return True
    if (name := schema.get("$ref")) is not None:
        return name not in seen and has_example(document, resolved(document, schema), seen | {name})
    return any(has_example(document, part, seen) for part in schema.values())


@pytest.mark.thorough
def test_is_valid_openapi_3_1(document):
    assert document["openapi"].startswith("3.1")
    assert [] == list(OpenAPIV31SpecValidator(document).iter_errors())


def test_every_operation_has_a_summary(document):
    summaries = {name: described.get("summary", "") for name, described in operations(document)}

    assert [] == [name for name, text in summaries.items() if not text or text.endswith(".")]


def test_every_json_body_shows_an_example(document):
    bare = []
    for name, described in operations(document):
        answers = described["responses"].items()
        parts = [resolved(document, answer) for status, answer in answers if status < "3"]
        for part in [described.get("requestBody", {}), *parts]:
            media = part.get("content", {}).get("application/json")
            if media and not has_example(document, media):
                bare.append(name)

    assert [] == bare


def test_every_failure_is_a_documented_problem(document):
    vague = []
    for name, described in operations(document):
        failures = {
            status: resolved(document, answer)
            for status, answer in described["responses"].items()
            if status >= "4"
        }
        if "default" not in failures:
            vague.append(name)
        vague += [
            f"{name} {status}" for status, f in failures.items() if PROBLEM not in f["content"]
        ]

    assert [] == vague


def test_every_edit_under_if_match_documents_its_refusals(document):
    for name, described in operations(document):
        if any(p.get("name") == "If-Match" for p in described.get("parameters", [])):
            assert {"412", "428"} <= set(described["responses"]), name


def test_codes_of_problems_are_unique_and_said_in_two_languages():
    kinds = every_error()

    assert len(kinds) == len({kind.code for kind in kinds})
    for kind in kinds:
        assert all((kind.title, kind.title_zh, kind.detail, kind.detail_zh)), kind


@pytest.mark.process
@pytest.mark.parametrize("script", ["openapi", "docs"])
def test_generated_documents_are_fresh(script):
    command = [sys.executable, f"scripts/{script}", "--check"]

    checked = subprocess.run(
        command, cwd=ROOT, env={"PYTHONPATH": "."}, check=False, capture_output=True
    )

    assert (0, b"") == (checked.returncode, checked.stderr)
