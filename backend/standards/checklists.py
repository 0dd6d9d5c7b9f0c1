"""Checklists: what a store of each tier must show, in versions that never change."""

from __future__ import annotations

from datetime import date, datetime

from peewee import ModelSelect

from backend.platform import ledger
from backend.platform.actors import Actor
from backend.platform.database import insert_rows, transaction
from backend.platform.errors import NotFoundError
from backend.standards import revision, validity
from backend.standards.manual import TEMPLATES
from backend.standards.models import ChecklistTemplate

MANUAL_VALID_FROM = date(2020, 1, 1)


def list_checklists(
    *, tier: str | None = None, day: date | None = None
) -> ModelSelect[ChecklistTemplate]:
    """Return the versions of the checklists, of a tier or in force on a day if asked."""
    found = ChecklistTemplate.select().order_by(ChecklistTemplate.code, ChecklistTemplate.version)
    if tier is not None:
        found = found.where(ChecklistTemplate.tier == tier)
    return found if day is None else found.where(ChecklistTemplate.on(day))


def get(checklist_id: int) -> ChecklistTemplate:
    """Return one version of a checklist. Raises NotFoundError."""
    checklist = ChecklistTemplate.get_or_none(ChecklistTemplate.id == checklist_id)
    if checklist is None:
        raise NotFoundError(what="checklist")
    return checklist


def retire(actor: Actor, checklist_id: int, *, retired_on: date, at: datetime) -> ChecklistTemplate:
    """Take a version out of use from a day on; saying so twice is fine.

    Raises NotFoundError, EndsBeforeStartError or AlreadyEndedError.
    """
    with transaction():
        revision.bump()  # first, so that two who retire one checklist take turns
        checklist = get(checklist_id)
        if validity.is_new_end(checklist.valid_from, checklist.retired_on, retired_on):
            checklist.retired_on = retired_on
            checklist.save(only=[ChecklistTemplate.retired_on])
            ledger.append(actor, "checklist.retired", checklist_id, at=at, retired_on=retired_on)
    return checklist


def install_manual(*, at: datetime) -> None:
    """Store the three checklists of the manual, unless they are stored."""
    rows = [
        {
            "code": template["code"],
            "version": template["version"],
            "tier": template["tier"],
            "name_zh": template["zh"],
            "name_en": template["en"],
            "lines": template["lines"],
            "valid_from": MANUAL_VALID_FROM,
        }
        for template in TEMPLATES.values()
    ]
    with transaction():
        if insert_rows(ChecklistTemplate, rows, ignore=True):
            revision.bump()
            ledger.append(None, "checklist.installed", "manual", at=at, codes=sorted(TEMPLATES))
