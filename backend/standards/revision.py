"""One stamp that changes with every change of the standards, so that they can be cached."""

from uuid import uuid4

from backend.platform.database import transaction
from backend.platform.prepared import Prepared
from backend.standards.models import StandardsRevision

NAME = "standards"
_STAMP = Prepared(StandardsRevision, lambda: StandardsRevision.select(StandardsRevision.stamp))


def current() -> str:
    """Return the stamp in force; empty before the first change."""
    rows = _STAMP.rows()
    return str(rows[0][0]) if rows else ""


def bump() -> None:
    """Say, in the transaction of a change, that cached standards are old."""
    with transaction():
        StandardsRevision.insert(name=NAME, stamp="").on_conflict_ignore().execute()
        StandardsRevision.update(stamp=uuid4().hex).execute()
