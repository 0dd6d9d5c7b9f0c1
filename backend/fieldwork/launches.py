"""Launches: new products brought out, and how far each store has come with them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from functools import reduce
from itertools import pairwise
from operator import or_
from typing import Any
from uuid import UUID

from peewee import JOIN, Case, Expression, ModelSelect, fn

from backend.fieldwork import named_visits
from backend.fieldwork.promotion_models import Launch, LaunchEvidence
from backend.network import divisions, stores
from backend.network.models import Store
from backend.platform import clock, ledger
from backend.platform.actors import Actor
from backend.platform.database import take_turns, transaction
from backend.platform.errors import IdTakenError, NotFoundError, RuleError, StaleError
from backend.standards import skus
from backend.standards.promotion_codes import LaunchStage

STAGES = [str(stage) for stage in LaunchStage]


class OutsideLaunchAreaError(RuleError):
    """A launch reaches stores of its area only."""

    code = "outside-launch-area"
    title = "The store is outside the launch's area"
    title_zh = "门店不在新品上市区域内"
    detail = "The store is in {division_code}; the launch is for {area}."
    detail_zh = "门店所在区划为 {division_code}，上市区域为 {area}。"


def list_launches(*, sku_id: int | None = None) -> ModelSelect[Launch]:
    """Return launches, newest first."""
    found = Launch.select().order_by(Launch.launched_on.desc(), Launch.id.desc())
    return found if sku_id is None else found.where(Launch.sku == sku_id)


def get(launch_id: int) -> Launch:
    """Return one launch. Raises NotFoundError."""
    launch = Launch.get_or_none(Launch.id == launch_id)
    if launch is None:
        raise NotFoundError(what="launch")
    return launch


def create(
    actor: Actor,
    *,
    sku_id: int,
    name: str,
    launched_on: date,
    at: datetime,
    area: Sequence[str] = (),
) -> Launch:
    """Add a launch; no area means the nation.

    Raises UnknownDivisionError, or NotFoundError for the product.
    """
    skus.get(sku_id)
    with transaction():
        launch = Launch.create(
            sku=sku_id, name=name, launched_on=launched_on, area=_canonical(area)
        )
        ledger.append(actor, "launch.created", launch.id, at=at, sku=sku_id)
    return launch


def amend(actor: Actor, launch_id: int, *, version: int, at: datetime, **changes: Any) -> Launch:
    """Change name, day or area of one version of a launch.

    Evidence of stores that are outside now is kept. Raises NotFoundError, UnknownDivisionError
    or StaleError.
    """
    if "area" in changes:
        changes["area"] = _canonical(changes["area"])
    with transaction():
        launch = get(launch_id)
        changed = (
            Launch.update(**changes, version=version + 1)
            .where(Launch.id == launch_id, Launch.version == version)
            .execute()
        )
        if not changed:
            raise StaleError(version=launch.version)
        ledger.append(actor, "launch.amended", launch_id, at=at, fields=sorted(changes))
    return get(launch_id)


def progress(
    actor: Actor, launch_id: int, *, store_id: int | None = None, skipping: bool | None = None
) -> ModelSelect[Store]:
    """Return the stores in sight that a launch is for as mappings, by code.

    A mapping has `stages` (the first day each was seen, by stage), the furthest stage `reached`,
    and `skipped`: the stages before it that nothing shows. Raises NotFoundError.
    """
    launch = get(launch_id)
    firsts = _firsts(launch_id)
    found = (
        Store.select(Store.id, Store.code, Store.name, *(getattr(firsts.c, s) for s in STAGES))
        .join(firsts, JOIN.LEFT_OUTER, on=firsts.c.store_id == Store.id)
        .where(Store.visible_to(actor), Store.status != "closed", *_within(launch))
        .order_by(Store.code)
        .objects(_sheet)
    )
    if store_id is not None:
        found = found.where(Store.id == store_id)
    if skipping is not None:
        found = found.where(_skips(firsts) if skipping else ~_skips(firsts))
    return found


def list_evidence(
    actor: Actor, launch_id: int, *, store_id: int | None = None, stage: str | None = None
) -> ModelSelect[LaunchEvidence]:
    """Return the evidence of a launch in sight, newest first. Raises NotFoundError."""
    get(launch_id)
    found = (
        LaunchEvidence.select()
        .where(LaunchEvidence.launch == launch_id, LaunchEvidence.visible_to(actor))
        .order_by(LaunchEvidence.seen_at.desc(), LaunchEvidence.id)
    )
    if store_id is not None:
        found = found.where(LaunchEvidence.store == store_id)
    return found if stage is None else found.where(LaunchEvidence.stage == stage)


def record(
    actor: Actor,
    launch_id: int,
    evidence_id: UUID,
    *,
    store_id: int,
    stage: str,
    seen_at: datetime,
    content_sha256: str,
    at: datetime,
    visit_id: UUID | None = None,
    photo_id: UUID | None = None,
    note: str = "",
) -> tuple[dict[str, Any], bool]:
    """Record that a store shows a stage; return the evidence and whether it is new.

    The evidence has `skipped`: the stages before it that nothing shows. Its visit and photo may
    arrive later. Raises NotFoundError, OutsideLaunchAreaError, EvidenceElsewhereError, or
    IdTakenError for a known id with other content or from another person.
    """
    seen_at = min(seen_at, at)
    with transaction():
        take_turns(f"evidence:{evidence_id}")
        known = LaunchEvidence.get_or_none(LaunchEvidence.id == evidence_id)
        if known is not None:
            mine = (known.person_id, known.launch_id) == (actor.id, launch_id)
            if not mine or known.content_sha256 != content_sha256:
                raise IdTakenError(id=str(evidence_id))
            return _with_skipped(known), False
        launch, store = get(launch_id), stores.get(actor, store_id)
        _check_place(launch, store)
        named_visits.check(actor, visit_id, store_id=store_id)
        evidence = LaunchEvidence.create(
            id=evidence_id,
            launch=launch_id,
            store=store_id,
            stage=stage,
            seen_at=seen_at,
            seen_on=clock.business_date(seen_at),
            visit_id=visit_id,
            photo_id=photo_id,
            note=note,
            person=actor.id,
            received_at=at,
            content_sha256=content_sha256,
        )
        ledger.append(
            actor,
            "launch.evidence_recorded",
            evidence_id,
            at=at,
            device_at=seen_at,
            launch=launch_id,
            store=store_id,
            region=store.region_id,
            stage=stage,
        )
    return _with_skipped(evidence), True


def _canonical(area: Sequence[str]) -> list[str]:
    return sorted({divisions.canonical(each) for each in area})


def _check_place(launch: Launch, store: Store) -> None:
    if launch.area and not any(divisions.is_within(store.division_code, a) for a in launch.area):
        raise OutsideLaunchAreaError(division_code=store.division_code, area=", ".join(launch.area))


def _within(launch: Launch) -> list[Expression]:
    """Return the condition for stores of the area, if it is not the nation."""
    stems = [Store.division_code.startswith(divisions.stem(each)) for each in launch.area]
    return [reduce(or_, stems)] if stems else []


def _firsts(launch_id: int) -> Any:
    """Return the first day of each stage, store by store."""
    shown = [
        fn.MIN(Case(None, [(LaunchEvidence.stage == stage, LaunchEvidence.seen_on)])).alias(stage)
        for stage in STAGES
    ]
    return (
        LaunchEvidence.select(LaunchEvidence.store.alias("store_id"), *shown)
        .where(LaunchEvidence.launch == launch_id)
        .group_by(LaunchEvidence.store)
        .alias("firsts")
    )


def _skips(firsts: Any) -> Expression:
    """Return the condition for stores that show a stage but not the one before."""
    gaps = [
        getattr(firsts.c, later).is_null(False) & getattr(firsts.c, earlier).is_null()
        for earlier, later in pairwise(STAGES)
    ]
    return reduce(or_, gaps)


def _sheet(**row: Any) -> dict[str, Any]:
    stages = {stage: _as_day(row.pop(stage)) for stage in STAGES}
    shown = [stage for stage in STAGES if stages[stage] is not None]
    return row | {
        "stages": stages,
        "reached": shown[-1] if shown else None,
        "skipped": _missing_before(shown[-1], set(shown)) if shown else [],
    }


def _with_skipped(evidence: LaunchEvidence) -> dict[str, Any]:
    shown = {
        each.stage
        for each in LaunchEvidence.select(LaunchEvidence.stage).where(
            LaunchEvidence.launch == evidence.launch_id, LaunchEvidence.store == evidence.store_id
        )
    }
    return evidence.__data__ | {"skipped": _missing_before(evidence.stage, shown)}


def _missing_before(stage: str, shown: set[str]) -> list[str]:
    return [each for each in STAGES[: STAGES.index(stage)] if each not in shown]


def _as_day(value: date | str | None) -> date | None:
    # SQLite forgets what a column was once it went through a subquery.
    return date.fromisoformat(value) if isinstance(value, str) else value
