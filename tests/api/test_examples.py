"""The examples of the published document: whole, and valid by the schemas they stand in."""

from collections.abc import Iterator

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from tests.client import Client

HERE = "urn:document"


@pytest.fixture
def document(client: Client) -> dict:
    """The document as clients get it."""
    return client.get("/v1/openapi.json").json


def judge(document: dict, schema: dict) -> Draft202012Validator:
    """Return what validates by a schema of the document."""
    registry = Registry().with_resource(HERE, DRAFT202012.create_resource(document))
    return Draft202012Validator(
        {"$id": HERE + ":part"} | absolute(schema),
        registry=registry,
        format_checker=Draft202012Validator.FORMAT_CHECKER,
    )


def absolute(part: object) -> object:
    """Return a part of the document whose references can be followed from anywhere."""
    if isinstance(part, list):
        return [absolute(each) for each in part]
    if not isinstance(part, dict):
        return part
    return {key: HERE + value if key == "$ref" else absolute(value) for key, value in part.items()}


def parts(part: object, where: str = "") -> Iterator[tuple[str, dict]]:
    """Yield every object of the document with its place."""
    if isinstance(part, dict):
        yield where, part
        for key, value in part.items():
            yield from parts(value, f"{where}/{key}")
    elif isinstance(part, list):
        for number, value in enumerate(part):
            yield from parts(value, f"{where}/{number}")


def followed(document: dict, part: dict) -> dict:
    """Return what a part refers to, or the part itself."""
    if "$ref" not in part:
        return part
    for name in part["$ref"].removeprefix("#/").split("/"):
        document = document[name]
    return document


def shown(document: dict, schema: dict) -> object:
    """Return the example that readers see, put together from those of the fields.

    A field without one is shown as ... (a boolean and an object of any keys need none).
    """
    schema = followed(document, schema)
    if "example" in schema:
        return schema["example"]
    for choice in ("allOf", "anyOf", "oneOf"):
        if choice in schema:
            return shown(document, schema[choice][0])
    kinds = schema.get("type")
    kind = kinds[0] if isinstance(kinds, list) else kinds
    if kind == "object":
        fields = schema.get("properties", {}).items()
        return {name: shown(document, field) for name, field in fields}
    if kind == "array":
        return [shown(document, schema["items"])]
    return True if kind == "boolean" else ...


def bodies(document: dict) -> Iterator[tuple[str, dict]]:
    """Yield the schema of every JSON body that is sent or answered, with its operation."""
    for path, item in document["paths"].items():
        for verb, operation in item.items():
            if verb == "parameters":
                continue
            answers = operation["responses"].items()
            sides = [followed(document, answer) for status, answer in answers if status < "3"]
            for side in [operation.get("requestBody", {}), *sides]:
                if media := side.get("content", {}).get("application/json"):
                    yield f"{verb.upper()} {path}", media["schema"]


def blanks(value: object, where: str = "") -> Iterator[str]:
    """Yield the places of a body that show nothing."""
    if value is ...:
        yield where
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from blanks(each, f"{where}.{key}")
    elif isinstance(value, list):
        for each in value:
            yield from blanks(each, f"{where}[]")


def test_every_example_is_valid_by_its_own_schema(document):
    examples = [(where, part) for where, part in parts(document) if "example" in part]
    examples = [(where, part) for where, part in examples if not where.endswith("/properties")]

    wrong = {
        where: error.message
        for where, part in examples
        for error in judge(document, part).iter_errors(part["example"])
    }

    assert len(examples) > 400
    assert {} == wrong


def test_every_field_of_a_body_shows_what_it_looks_like(document):
    bare = {
        operation + place
        for operation, schema in bodies(document)
        for place in blanks(shown(document, schema))
    }

    assert set() == bare


def test_every_body_as_shown_is_valid(document):
    wrong = {
        (operation, error.json_path): error.message
        for operation, schema in bodies(document)
        for error in judge(document, schema).iter_errors(shown(document, schema))
    }

    assert {} == wrong
