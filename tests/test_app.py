"""The application: what it believes of those who call."""

import pytest
from flask import Flask, request

from backend.app import create_app
from backend.config import Config

CALL = {"headers": {"X-Forwarded-For": "203.0.113.9"}, "environ_base": {"REMOTE_ADDR": "10.0.0.1"}}


def caller_of(app: Flask) -> str:
    """Return the address the application sees behind a call through a proxy."""
    seen = []
    app.after_request(lambda answer: seen.append(request.remote_addr) or answer)
    app.test_client().get("/v1/openapi.json", **CALL)
    return seen[0]


@pytest.mark.parametrize(("proxies", "address"), [(0, "10.0.0.1"), (1, "203.0.113.9")])
def test_a_forwarded_address_counts_only_behind_a_proxy(config: Config, proxies, address):
    settings = {"database_url": config.database_url, "upload_dir": config.upload_dir}

    assert address == caller_of(create_app(Config(**settings, proxies=proxies)))
