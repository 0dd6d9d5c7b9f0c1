"""The ladder of late tasks: the supervisor is told first, then a manager."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from backend.fieldwork.case_models import ENDED, Task
from backend.fieldwork.task_log import record
from backend.network.models import Person, Region
from backend.platform import clock
from backend.platform.actors import Role
from backend.platform.database import take_turns, transaction
from backend.platform.settings import settings
from backend.standards.service import TaskStep

RUNGS = (Role.SUPERVISOR, Role.MANAGER)
BATCH = 200


def escalate(at: datetime | None = None) -> int:
    """Tell the next rung about each late task whose day has come; return how many, at most 200.

    Told once per rung: the day of the next rung is written in the same transaction.
    """
    at = at or clock.now()
    today = clock.business_date(at)
    due = Task.select(Task.id).where(Task.escalates_on <= today)
    if not due.exists():
        return 0
    with transaction():
        take_turns("escalating tasks")
        ids = sorted(task.id for task in due.order_by(Task.escalates_on, Task.id).limit(BATCH))
        for task_id in ids:
            take_turns(f"task:{task_id}")
        # Again, now that nobody else can change them.
        late = list(
            Task.select().where(
                Task.id.in_(ids), Task.escalates_on <= today, Task.state.not_in(ENDED)
            )
        )
        ladder = Ladder()
        for task in sorted(late, key=lambda task: task.id):
            rung = RUNGS[task.escalation]
            is_last = task.escalation + 1 == len(RUNGS)
            wait = timedelta(days=settings().task_manager_days)
            changes: dict[str, Any] = {
                "escalation": task.escalation + 1,
                "escalates_on": None if is_last else today + wait,
            }
            told = ladder.above(task, rung)
            record(None, task, TaskStep.ESCALATED, changes, at=at, to_person_id=told)
    return len(late)


class Ladder:
    """Who stands above a task: the owner's own superiors, or the nearest of the region's."""

    def __init__(self) -> None:
        regions = Region.select(Region.id, Region.path)
        self.paths: dict[int, str] = {region.id: region.path for region in regions}
        self.people: dict[int, Person] = {
            person.id: person
            for person in Person.select(
                Person.id, Person.role, Person.region, Person.supervisor
            ).where(Person.is_active)
        }

    def above(self, task: Task, rung: Role) -> int | None:
        """Return the id of the supervisor or manager of a task; None where there is nobody."""
        person = self.people.get(task.owner_id) if task.owner_id else None
        while person is not None and person.supervisor_id is not None:
            person = self.people.get(person.supervisor_id)
            if person is not None and person.role == rung:
                return person.id
        return self.nearest(task.region_id, rung, besides=task.owner_id)

    def nearest(self, region_id: int, rung: Role, *, besides: int | None = None) -> int | None:
        """Return the id of the person of a role nearest at or above a region, if there is one."""
        path = self.paths[region_id]
        near = [
            (len(self.paths[other.region_id]), -other.id)
            for other in self.people.values()
            if other.role == rung
            and other.id != besides
            and path.startswith(self.paths[other.region_id])
        ]
        return -max(near)[1] if near else None
