"""A salesperson with a phone and a store; tests that want others define their own."""

import pytest

from backend.platform import clock
from backend.standards import checklists
from tests.client import Client
from tests.factories import (
    make_person,
    make_store,
)
from tests.phone import Phone


@pytest.fixture
def rep(app):  # noqa: ARG001  # needs the database
    checklists.install_manual(at=clock.now())
    return make_person()


@pytest.fixture
def phone(client: Client, rep):
    return Phone(client.as_(rep))


@pytest.fixture
def store(rep):
    return make_store(owner=rep)
