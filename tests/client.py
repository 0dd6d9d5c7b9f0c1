"""A test client that speaks for a person."""

import hashlib
import secrets
from datetime import UTC, datetime, timedelta
from typing import Self
from uuid import uuid4

from flask.testing import FlaskClient

from backend.network.models import Person, Session

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


class Client(FlaskClient):
    """Adds `as_`, which signs in without going through the sign-in route."""

    def as_(self, person: Person, device_id: str = "device-1") -> Self:
        """Return a client carrying a fresh token for the person."""
        token = secrets.token_urlsafe()
        now = datetime.now(UTC)
        Session.create(
            id=uuid4(),
            person=person,
            token_sha256=hashlib.sha256(token.encode()).hexdigest(),
            device_id=device_id,
            device_name="",
            created_at=LONG_AGO,
            last_seen_at=now,
            expires_at=now + timedelta(days=1),
        )
        other = self.application.test_client()
        other.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
        return other
