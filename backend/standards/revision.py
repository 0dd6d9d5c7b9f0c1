"""One stamp that changes with every change of the standards, so that they can be cached."""

from uuid import uuid4

from backend.platform.database import transaction
from backend.standards.models import StandardsRevision

NAME = "standards"


def current() -> str:
    """Return the stamp in force; empty before the first change."""
    row = StandardsRevision.select(StandardsRevision.stamp).tuples().first()
    return row[0] if row else ""


def bump() -> None:
    """Say, in the transaction of a change, that cached standards are old."""
    with transaction():
        StandardsRevision.insert(name=NAME, stamp="").on_conflict_ignore().execute()
        StandardsRevision.update(stamp=uuid4().hex).execute()
