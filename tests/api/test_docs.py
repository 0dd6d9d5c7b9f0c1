"""The browsable API works without a network and runs nothing foreign."""

import re

import pytest

from tests.client import Client


@pytest.mark.parametrize("path", ["/", "/docs"])
def test_the_page_is_found_and_everything_it_needs_comes_from_here(client: Client, path):
    page = client.get(path, follow_redirects=True)
    needed = re.findall(r'(?:src|href)="([^"]+)"', page.text)

    assert 200 == page.status_code
    assert "swagger-ui-bundle.js" in needed
    for name in needed:
        with client.get(f"/docs/{name}") as answer:
            assert 200 == answer.status_code
    assert not re.search(r"https?://", page.text)


@pytest.mark.parametrize("path", ["", "start.js", "swagger-ui-bundle.js"])
def test_the_policy_allows_only_this_servers_scripts(client: Client, path):
    with client.get(f"/docs/{path}") as answer:
        assert "script-src 'self';" in answer.headers["Content-Security-Policy"]
        assert "nosniff" == answer.headers["X-Content-Type-Options"]


def test_the_page_reads_the_published_document(client: Client):
    url = re.search(r'url: "([^"]+)"', client.get("/docs/start.js").text).group(1)

    assert "3.1.0" == client.get(url).json["openapi"]
