"""Who is acting, and what each role may do. The only place a permission is decided."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID


class Role(StrEnum):
    """The kinds of people who sign in."""

    REP = "rep"
    SUPERVISOR = "supervisor"
    MANAGER = "manager"
    AUDITOR = "auditor"
    ADMIN = "admin"
    DEALER = "dealer"


class Permission(StrEnum):
    """One name per guarded action, as `<noun>:<verb>`."""

    SESSION_MANAGE = "session:manage"
    NETWORK_READ = "network:read"
    NETWORK_WRITE = "network:write"
    ARCHIVE_READ = "archive:read"
    ARCHIVE_WRITE = "archive:write"
    CONTACT_READ = "contact:read"
    CONTACT_WRITE = "contact:write"
    CONTACT_ERASE = "contact:erase"
    AGREEMENT_READ = "agreement:read"
    PUSH_READ = "push:read"
    PUSH_WRITE = "push:write"
    PEOPLE_READ = "people:read"
    PEOPLE_WRITE = "people:write"
    DEALER_LOGIN_WRITE = "dealer-login:write"
    STANDARDS_READ = "standards:read"
    STANDARDS_WRITE = "standards:write"
    COUNTER_WRITE = "counter:write"
    VISIT_READ = "visit:read"
    VISIT_WRITE = "visit:write"
    PLAN_READ = "plan:read"
    PLAN_WRITE = "plan:write"
    PLAN_ANSWER = "plan:answer"
    EVALUATION_READ = "evaluation:read"
    EVALUATION_WRITE = "evaluation:write"
    CLAIM_READ = "claim:read"
    CLAIM_WRITE = "claim:write"
    CLAIM_DECIDE = "claim:decide"
    PROMOTION_RECORD = "promotion:record"
    QUARANTINE_RELEASE = "quarantine:release"
    VIOLATION_READ = "violation:read"
    VIOLATION_WRITE = "violation:write"
    VIOLATION_RESOLVE = "violation:resolve"
    PRICE_CASE_READ = "price-case:read"
    PRICE_CASE_WRITE = "price-case:write"
    STOCK_READ = "stock:read"
    STOCK_WRITE = "stock:write"
    SALES_READ = "sales:read"
    SALES_WRITE = "sales:write"
    HANDSET_READ = "handset:read"
    HANDSET_WRITE = "handset:write"
    FIXTURE_READ = "fixture:read"
    FIXTURE_WRITE = "fixture:write"
    FIXTURE_INSPECT = "fixture:inspect"
    TASK_READ = "task:read"
    TASK_WORK = "task:work"
    TASK_WRITE = "task:write"
    COMPLAINT_READ = "complaint:read"
    COMPLAINT_WRITE = "complaint:write"
    COMPLAINT_HANDLE = "complaint:handle"
    FEEDBACK_READ = "feedback:read"
    FEEDBACK_WRITE = "feedback:write"
    POINT_READ = "point:read"
    POINT_PROPOSE = "point:propose"
    POINT_DECIDE = "point:decide"
    PHOTO_READ = "photo:read"
    PHOTO_ORIGINAL = "photo:original"
    PHOTO_AUDIT = "photo:audit"
    EVIDENCE_READ = "evidence:read"
    EVIDENCE_REVIEW = "evidence:review"
    EVIDENCE_CONFIGURE = "evidence:configure"
    APPEAL_WRITE = "appeal:write"
    AUDIT_ARBITRATE = "audit:arbitrate"
    AUDIT_OVERSEE = "audit:oversee"
    INSIGHT_READ = "insight:read"
    LEAGUE_READ = "league:read"
    SCORECARD_READ = "scorecard:read"
    SCORECARD_CONTEST = "scorecard:contest"
    SCORECARD_DECIDE = "scorecard:decide"
    EXPORT_READ = "export:read"
    NOTICE_READ = "notice:read"
    NOTICE_ANSWER = "notice:answer"
    NOTICE_PUBLISH = "notice:publish"
    CONSENT_READ = "consent:read"
    OWN_DATA_EXPORT = "own-data:export"
    PERSON_ERASE = "person:erase"
    RETENTION_MANAGE = "retention:manage"


_P = Permission
_OF_ANYBODY = {
    _P.SESSION_MANAGE,
    _P.NOTICE_READ,
    _P.NOTICE_ANSWER,
    _P.OWN_DATA_EXPORT,
}
_EVERYONE = {
    *_OF_ANYBODY,
    _P.NETWORK_READ,
    _P.STANDARDS_READ,
    _P.VISIT_READ,
    _P.STOCK_READ,
    _P.FIXTURE_READ,
    _P.PHOTO_READ,
    _P.EVIDENCE_READ,
}
_FOLLOW_UP = {
    _P.TASK_READ,
    _P.COMPLAINT_READ,
    _P.COMPLAINT_WRITE,
    _P.FEEDBACK_READ,
    _P.FEEDBACK_WRITE,
    _P.POINT_READ,
}
_FIELD = {
    *_FOLLOW_UP,
    _P.COUNTER_WRITE,
    _P.VISIT_WRITE,
    _P.APPEAL_WRITE,
    _P.VIOLATION_READ,
    _P.VIOLATION_WRITE,
    _P.PLAN_READ,
    _P.PLAN_ANSWER,
    _P.STOCK_WRITE,
    _P.HANDSET_READ,
    _P.HANDSET_WRITE,
    _P.FIXTURE_INSPECT,
    _P.TASK_WORK,
    _P.POINT_PROPOSE,
    _P.PUSH_WRITE,
    _P.LEAGUE_READ,
}
_ARCHIVE = {
    _P.ARCHIVE_READ,
    _P.ARCHIVE_WRITE,
    _P.CONTACT_READ,
    _P.CONTACT_WRITE,
    _P.AGREEMENT_READ,
    _P.PUSH_READ,
}
_PROMOTING = {
    _P.EVALUATION_READ,
    _P.EVALUATION_WRITE,
    _P.CLAIM_READ,
    _P.CLAIM_WRITE,
}
_OFFICE = {
    *_FOLLOW_UP,
    _P.TASK_WRITE,
    _P.COMPLAINT_HANDLE,
    _P.POINT_DECIDE,
    _P.PEOPLE_READ,
    _P.COUNTER_WRITE,
    _P.PLAN_READ,
    _P.PLAN_WRITE,
    _P.PLAN_ANSWER,
    _P.PROMOTION_RECORD,
    _P.QUARANTINE_RELEASE,
    _P.EVIDENCE_REVIEW,
    _P.VIOLATION_READ,
    _P.VIOLATION_WRITE,
    _P.VIOLATION_RESOLVE,
    _P.PRICE_CASE_READ,
    _P.PRICE_CASE_WRITE,
    _P.STOCK_WRITE,
    _P.SALES_READ,
    _P.SALES_WRITE,
    _P.HANDSET_READ,
    _P.HANDSET_WRITE,
    _P.FIXTURE_WRITE,
    _P.FIXTURE_INSPECT,
    _P.INSIGHT_READ,
    _P.LEAGUE_READ,
    _P.SCORECARD_READ,
    _P.SCORECARD_DECIDE,
    _P.EXPORT_READ,
    _P.CONSENT_READ,
}

GRANTS: dict[Role, frozenset[Permission]] = {
    Role.REP: frozenset(_EVERYONE | _FIELD | _ARCHIVE | _PROMOTING),
    Role.SUPERVISOR: frozenset(_EVERYONE | _FIELD | _OFFICE | _ARCHIVE | _PROMOTING),
    Role.MANAGER: frozenset(
        _EVERYONE
        | _OFFICE
        | _ARCHIVE
        | _PROMOTING
        | {_P.NETWORK_WRITE, _P.STANDARDS_WRITE, _P.CONTACT_ERASE, _P.CLAIM_DECIDE}
        | {_P.AUDIT_ARBITRATE, _P.AUDIT_OVERSEE}
        | {_P.DEALER_LOGIN_WRITE, _P.SCORECARD_CONTEST}
    ),
    Role.AUDITOR: frozenset(
        _EVERYONE
        | {
            _P.PHOTO_AUDIT,
            _P.PHOTO_ORIGINAL,
            _P.EVIDENCE_REVIEW,
            _P.VIOLATION_READ,
            _P.PRICE_CASE_READ,
            _P.CLAIM_READ,
            _P.EXPORT_READ,
        }
    ),
    Role.ADMIN: frozenset(Permission),
    # A guest of the brand: see Region.visible_to, which shows it nothing.
    Role.DEALER: frozenset(_OF_ANYBODY | {_P.SCORECARD_READ, _P.SCORECARD_CONTEST}),
}


@dataclass(frozen=True, slots=True)
class StandIn:
    """For whom somebody goes to stores, from a day until (not including) another."""

    person_id: int
    from_on: date
    to_on: date


@dataclass(frozen=True, kw_only=True)
class Actor:
    """The authenticated caller, passed explicitly to every function that acts for someone.

    `region_path` is the path of the region whose subtree the actor sees (`/1/4/`);
    `stands_in_for` are those whose stores are the actor's too for the time being. `dealer_id` is
    whose a dealer's login is; it sees its scorecard and contests, and no region.
    """

    id: int
    role: Role
    region_path: str
    session_id: UUID | None = None
    device_id: str | None = None
    stands_in_for: tuple[StandIn, ...] = ()
    dealer_id: int | None = None

    @property
    def sees_a_tree(self) -> bool:
        """Whether the actor sees a region without a parent, and all below it."""
        is_office = self.role not in (Role.REP, Role.DEALER)
        return is_office and self.region_path.count("/") == 2  # `/1/`

    def may(self, permission: Permission) -> bool:
        """Return whether the role grants the permission."""
        return permission in GRANTS[self.role]

    def owners(self, on: date | None = None) -> list[int]:
        """Return whose stores a rep sees, oneself first; or those whose to visit on a day."""
        others = self.stands_in_for
        if on is not None:
            others = tuple(one for one in others if one.from_on <= on < one.to_on)
        return [self.id, *(one.person_id for one in others)]


SYSTEM = Actor(id=0, role=Role.ADMIN, region_path="/")
"""Who reads everything when nobody asks; what it writes names no actor."""
