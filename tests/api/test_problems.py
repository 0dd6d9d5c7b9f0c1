"""Problems that the frame around the business finds."""

import pytest

from tests.client import Client
from tests.factories import make_person

CHINESE = {"Accept-Language": "zh-CN,zh;q=0.9"}
BROKEN_OFF = [b"", b'{"login": "rep01", "pass', b'{"login": "rep01"}']


@pytest.mark.parametrize("arrived", BROKEN_OFF)
def test_a_json_body_that_broke_off_is_to_be_sent_again(client: Client, arrived: bytes):
    answer = client.post(
        "/v1/sessions",
        data=arrived,
        content_type="application/json",
        # As gunicorn hands it on, which ends a body that broke off like any other.
        environ_overrides={"CONTENT_LENGTH": "1000", "wsgi.input_terminated": True},
    )

    assert 400 == answer.status_code
    assert "urn:xundian:problem:body-corrupt" == answer.json["type"]
    assert "now" == answer.json["retry"]


@pytest.mark.parametrize(
    ("status", "method", "path", "sent"),
    [
        (400, "POST", "/v1/sessions", {"data": "{", "content_type": "application/json"}),
        (401, "GET", "/v1/stores", {}),
        (404, "GET", "/v1/nowhere", {}),
        (405, "DELETE", "/v1/stores", {}),
        (413, "POST", "/v1/sessions", {"json": {"login": "x" * 4_000_001}}),
        (422, "POST", "/v1/sessions", {"json": {}}),
    ],
)
def test_a_refusal_of_the_frame_is_explained_in_the_language_of_the_caller(
    client: Client, status, method, path, sent
):
    english = client.open(path, method=method, **sent)
    chinese = client.open(path, method=method, headers=CHINESE, **sent)

    assert [status, status] == [english.status_code, chinese.status_code]
    assert english.json["detail"].isascii()
    assert not chinese.json["detail"].isascii()
    assert english.json["type"] == chinese.json["type"]


def test_a_body_that_is_too_large_is_answered_with_the_limit(client: Client):
    answer = client.post("/v1/sessions", json={"login": "x" * 4_000_001})

    assert 4_000_000 == answer.json["limit_bytes"]


def test_an_upload_of_the_wrong_type_is_told_the_right_ones(client: Client):
    rep = client.as_(make_person("rep"))
    headers = {"Tus-Resumable": "1.0.0", "Upload-Length": "1"}
    headers["Upload-Metadata"] = "filetype dGV4dC9wbGFpbg=="

    answer = rep.post("/v1/uploads", headers=headers)

    assert 415 == answer.status_code
    assert "image/jpeg" in answer.json["detail"]
