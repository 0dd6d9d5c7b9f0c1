"""Pages of long lists."""

import orjson
import pytest

from backend.platform.actors import Role
from backend.platform.database import insert_rows
from backend.standards.models import Sku
from tests.client import Client
from tests.factories import OPENED, make_person


def told(answer) -> dict:
    assert 200 == answer.status_code, answer.text
    pages: dict = orjson.loads(answer.headers["X-Pagination"])
    return pages | {"codes": [row["code"] for row in answer.json]}


@pytest.fixture
def reader(client: Client) -> Client:
    """Somebody who sees 10,120 products."""
    row = {"category": "handset", "role": "regular", "tags": [], "launched_on": OPENED}
    codes = [{"code": f"X{number:05}", "name": "X", "version": 1} for number in range(10_120)]
    insert_rows(Sku, [row | code for code in codes])
    return client.as_(make_person(Role.MANAGER))


def test_are_counted_to_ten_thousand_and_say_that_there_are_more(reader: Client):
    first = told(reader.get("/v1/skus?page_size=100"))

    assert (10_001, 2, "X00000") == (first["total"], first["next_page"], first["codes"][0])


def test_lead_to_the_last_row(reader: Client):
    page, seen = 99, []
    while page is not None:
        shown = told(reader.get(f"/v1/skus?page_size=100&page={page}"))
        seen += shown["codes"]
        page = shown.get("next_page")

    assert [f"X{number:05}" for number in range(9_800, 10_120)] == seen
    assert 10_120 == shown["total"]


def test_beyond_the_last_row_are_empty(reader: Client):
    shown = told(reader.get("/v1/skus?page_size=100&page=103"))

    assert ([], 10_120) == (shown["codes"], shown["total"])
