"""One number that grows with every change of the standards, so that they can be cached."""

from backend.platform.database import transaction
from backend.standards.models import StandardsRevision

NAME = "standards"


def current() -> int:
    """Return the revision in force; 0 before the first change."""
    row = StandardsRevision.select(StandardsRevision.number).tuples().first()
    return row[0] if row else 0


def bump() -> None:
    """Say, in the transaction of a change, that cached standards are old."""
    with transaction():
        StandardsRevision.insert(name=NAME, number=0).on_conflict_ignore().execute()
        StandardsRevision.update(number=StandardsRevision.number + 1).execute()
