"""Plans, visits and reports of a team as rows, with the counts that reports freeze."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from random import Random
from typing import Any
from uuid import UUID

import numpy as np
from numpy.random import Generator

from backend.demo import findings as fiction
from backend.demo.bulk import shelf_rows
from backend.demo.bulk.findings import LINES, OVER, Findings, Slots
from backend.demo.bulk.network import GRADE_CODES, Team
from backend.demo.bulk.offer import Offer
from backend.demo.bulk.pages import (
    NULL,
    Array,
    Cells,
    Page,
    days,
    hashes,
    ids,
    nulled,
    page,
    picked,
    whole,
    words,
)
from backend.demo.bulk.provinces import TIERS
from backend.demo.bulk.schedule import (
    CALLED_OFF,
    COMPLETE,
    FULL,
    KINDS,
    MISSED,
    ROUTINE,
    STATUSES,
)
from backend.demo.bulk.stages import Stage
from backend.demo.network import CHAINS
from backend.fieldwork import judgement
from backend.fieldwork.journey_models import PlanEntry
from backend.fieldwork.models import Report, Visit
from backend.fieldwork.placing import UNKNOWN_TEMPLATE
from backend.platform.database import canonical
from backend.standards.codes import Achievement
from backend.standards.effective import Standard, Template
from backend.standards.journey_codes import PlanStatus, UnplannedReason
from backend.standards.manual import TEMPLATES

_FATES = (str(PlanStatus.DONE), str(PlanStatus.MISSED), str(PlanStatus.CANCELLED))
_WHY_MISSED = ("store_closed", "contact_away", "no_time", "transport", "weather")
_SIGNAGE = judgement.SIGNAGE_COLUMNS
_JSON = {"lines", "missing_required", "missing", "failed_critical"}
_NOT_LOOKED = (*[NULL] * len(_SIGNAGE), "null", "[]")
_ACHIEVED = tuple(Achievement)


def plan_page(stage: Stage, random: Generator) -> Page:
    """Return the plan, each entry with what became of it."""
    plans, team, count = stage.plans, stage.team, len(stage.plans.store)
    done = plans.visit >= 0
    late = np.where(done, stage.visits.day[plans.visit] - plans.day, 0)
    why = words(
        _WHY_MISSED, random.integers(len(_WHY_MISSED), size=count), null=plans.fate != MISSED
    )
    for place in np.flatnonzero(plans.fate == CALLED_OFF).tolist():
        why[place] = "planning_mistake"
    return page(
        PlanEntry,
        count,
        id=ids(random, count),
        person=whole(team.person_on(team.rep[plans.store], plans.day)),
        store=whole(team.store_id[plans.store]),
        planned_on=days(stage.start, plans.day),
        status=words(_FATES, plans.fate),
        content_sha256=hashes(random, count),
        origin="generated",
        reason=why,
        note="",
        visit_id=nulled(picked(stage.ids, plans.visit), ~done) if count else [],
        days_late=whole(late, null=~done),
    )


def visit_page(stage: Stage, fixes: dict[str, Cells], random: Generator) -> Page:
    """Return the check-ins; `fixes` are the cells of where the phones said they were."""
    team, visits, count = stage.team, stage.visits, len(stage.visits.store)
    store = visits.store
    is_done = visits.status == COMPLETE
    received = np.minimum(visits.came + 5, visits.sent)
    unplanned = (visits.plan < 0) & ~visits.is_patrol
    reasons = [str(reason) for reason in UnplannedReason]
    store_ids = whole(team.store_id[store])
    return page(
        Visit,
        count,
        id=stage.ids,
        person=stage.person,
        claimed_store_id=store_ids,
        store=store_ids,
        dealer=whole(team.dealer_on(store, visits.day)),
        region=str(team.region_id),
        tier=words([str(tier) for tier in TIERS], team.tier[store]),
        grade=words(GRADE_CODES, team.grade[store]),
        chain=words(CHAINS, team.chain[store], null=team.chain[store] < 0),
        division_code=picked(team.division, store),
        kind=words([str(kind) for kind in KINDS], visits.kind),
        unplanned_reason=words(reasons, random.integers(len(reasons), size=count), null=~unplanned),
        status=words([str(status) for status in STATUSES], visits.status),
        quarantine_reason=nulled([UNKNOWN_TEMPLATE] * count, ~visits.is_quarantined),
        business_on=days(stage.start, visits.day),
        checked_in_at=stage.moments(visits.came),
        device_at=stage.moments(visits.came),
        received_at=stage.moments(received),
        skew_s="0",
        is_clock_suspect="0",
        is_off_hours="0",
        outcome=words(("done", "store_closed"), visits.is_shut.astype(int), null=~is_done),
        checked_out_at=stage.moments(visits.left, null=~is_done),
        auto_closed_at=stage.moments((visits.day + 1) * 86_400, null=visits.status != 1),
        cancelled_at=stage.moments(visits.left, null=visits.status != 2),
        completed_at=stage.moments(visits.sent, null=~is_done),
        content_sha256=hashes(random, count),
        **fixes,
    )


def report_pages(stage: Stage, random: Generator) -> Iterator[Page]:
    """Yield the reports of completed visits, and their lines, prices and promotions."""
    products = shelf_rows.products(stage, random)
    promotions, units = shelf_rows.promotions(stage, random)
    yield _reports(stage, units, random)
    yield products
    yield shelf_rows.prices(stage, random)
    yield promotions


def _reports(stage: Stage, units: Array, random: Generator) -> Page:
    visits, found = stage.visits, stage.found
    chosen = np.flatnonzero(visits.status == COMPLETE)
    held = visits.is_quarantined[chosen]
    sheets = _sheets(stage, chosen)
    signage = {name: [sheet[place] for sheet in sheets] for place, name in enumerate(_SIGNAGE)}
    stage.signage = np.full((len(visits.store), 4), np.nan)
    told = ("signage_num", "signage_den", "mandatory_pass", "mandatory_checked")
    for column, name in enumerate(told):
        stage.signage[chosen, column] = [
            np.nan if cell == NULL else float(cell) for cell in signage[name]
        ]
    left = stage.moments(visits.left[chosen])
    achieved = _achieved(stage, chosen, random)
    stage.achieved = np.full(len(visits.store), -1)
    stage.achieved[chosen] = achieved
    documents = [
        f'{{{came_of_it}"answers":{sheet[-1]},"check_out":{{"clock":{{"device_at":"{at[:10]}T{at[11:19]}Z",'
        f'"elapsed_ms":null}},"position":null}},"outcome":"{outcome}","photos":[],"prices":[],'
        f'"products":[],"promotions":[],"template":{sheet[-2]}}}'
        for came_of_it, sheet, at, outcome in zip(
            _told_of(achieved),
            sheets,
            left,
            words(("done", "store_closed"), visits.is_shut[chosen].astype(int)),
            strict=True,
        )
    ]
    listed, stock = found.listed[chosen], found.stock[chosen]
    breach, priced = found.breach[chosen], found.priced[chosen] >= 0
    executed = found.executed[chosen]
    counts = {
        "must_listed": (listed == 1).sum(axis=1),
        "must_answered": (listed >= 0).sum(axis=1),
        "must_available": (stock > 0).sum(axis=1),
        "must_stock_answered": (stock >= 0).sum(axis=1),
        "prices_compliant": (priced & ((breach == 0) | (breach == OVER))).sum(axis=1),
        "prices_checked": priced.sum(axis=1),
        "promos_executed": (executed == 1).sum(axis=1),
        "promos_checked": (executed >= 0).sum(axis=1),
        "promo_units": units[chosen],
    }
    seen = ["[" + ",".join(sorted(stage.seen.get(each, ()))) + "]" for each in chosen.tolist()]
    return page(
        Report,
        len(chosen),
        visit_id=picked(stage.ids, chosen),
        person=picked(stage.person, chosen),
        state=words(("judged", "held"), held.astype(int)),
        received_at=stage.moments(visits.sent[chosen]),
        device_at=left,
        content_sha256=hashes(random, len(chosen)),
        revision="1",
        document=documents,
        sightings=nulled(seen, held),
        is_productive=whole(achieved > 0, null=held | (achieved < 0)),
        **signage,
        **{name: whole(count, null=held) for name, count in counts.items()},
    )


def _achieved(stage: Stage, chosen: Array, random: Generator) -> Array:
    """Return by visit what came of it, a bit for each achievement; -1 where nobody asked."""
    visits = stage.visits
    drawn = random.random((len(chosen), len(_ACHIEVED))) < fiction.ACHIEVED
    is_asked = np.isin(visits.kind[chosen], (FULL, ROUTINE)) & ~visits.is_shut[chosen]
    found: Array = np.where(is_asked, drawn @ (1 << np.arange(len(_ACHIEVED))), -1)
    return found


def _told_of(achieved: Array) -> Cells:
    """Return what reports say of achievements, a section that others do not have."""
    sections = [
        f'"achieved":{canonical([str(e) for n, e in enumerate(_ACHIEVED) if mask >> n & 1])},'
        for mask in range(1 << len(_ACHIEVED))
    ]
    return words([*sections, ""], achieved)


def _sheets(stage: Stage, chosen: Array) -> list[tuple[str, ...]]:
    """Return per visit the judged signage as cells, the template and the answers."""
    team, visits, lines = stage.team, stage.visits, stage.found.lines
    powers = 3 ** np.arange(LINES)
    asked = lines[chosen, 0] >= 0
    pattern = (np.maximum(lines[chosen], 0) * powers).sum(axis=1)
    later = visits.day[chosen] >= stage.offer.principled
    # Whether the brand was seen first, and the two principles that need no photo.
    noticed = np.frombuffer(
        bytes.fromhex("".join(each[:2] for each in picked(stage.ids, chosen))), np.uint8
    )
    said = np.where(stage.has_photos[chosen], 1 + (noticed < 179), 0)
    principled = 4 * said + (noticed % 4)
    tiers = team.tier[visits.store[chosen]]
    unknown = visits.is_quarantined[chosen]
    sheets = []
    for tier, is_later, digits, extra, is_asked, is_unknown in zip(
        tiers.tolist(),
        later.tolist(),
        pattern.tolist(),
        principled.tolist(),
        asked.tolist(),
        unknown.tolist(),
        strict=True,
    ):
        if is_asked:
            template = stage.offer.templates[f"signage_{TIERS[tier]}", 2 if is_later else 1]
            sheets.append(_judged(_Hashed(template), digits, extra if is_later else 0))
        elif is_unknown:
            sheets.append((*[NULL] * len(_SIGNAGE), '{"code":"signage_new","version":1}', "[]"))
        else:
            sheets.append(_NOT_LOOKED)
    return sheets


class _Hashed:
    """A template that is known by its id."""

    def __init__(self, template: Template) -> None:
        self.template = template

    def __hash__(self) -> int:
        return self.template.id

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Hashed) and other.template.id == self.template.id


@cache
def _judged(hashed: _Hashed, pattern: int, principled: int) -> tuple[str, ...]:
    """Let the product judge a pattern of answers; there are few, and many visits that give each."""
    template = hashed.template
    answers: list[dict[str, Any]] = []
    photos: list[dict[str, Any]] = []
    fine = Random(0)  # noqa: S311  # the same every time is the point
    for place, line in enumerate(TEMPLATES[template.code]["lines"]):
        digit = pattern // 3**place % 3
        if digit < 2:
            told = fiction.answer(fine, line, passes=digit == 1)
            answers.append({"line": line["code"], **told})
    if template.version > 1:
        said, others = divmod(principled, 4)
        answers += [
            {"line": "no_waste", "yes": others > 0},
            {"line": "uniform_image", "yes": others != 1},
        ]
        if said:
            answers.append({"line": "first_notice", "yes": said == 2})
            photo = {"subject": "storefront", "capture_source": "in_app_camera"}
            photos.append(photo | {"item": "first_notice"})
    empty: dict[str, Any] = {"products": [], "prices": [], "promotions": []}
    document = empty | {"answers": answers, "photos": photos, "outcome": "done"}
    judged = judgement.judge(UUID(int=0), document, Standard(template, {}, {}, ()), template)
    cells = [_cell(name, judged.columns[name]) for name in _SIGNAGE]
    label = canonical({"code": template.code, "version": template.version})
    return (*cells, label, canonical(answers))


def _cell(name: str, value: Any) -> str:
    if name in _JSON:
        return canonical(value)
    if value is None:
        return NULL
    return str(int(value)) if isinstance(value, bool) else str(value)


def subjects(team: Team, offer: Offer, found: Findings) -> Cells:
    """Return what exactly each violation is about."""
    slots = Slots(len(offer.campaigns))
    letters = [
        list(
            dict.fromkeys(
                line["letter"] for line in TEMPLATES[f"signage_{tier}"]["lines"] if line["required"]
            )
        )
        for tier in TIERS
    ]
    skus = [f"sku:{sku}" for sku in offer.sku_ids.tolist()]
    campaigns = [f"promotion:{campaign.id}" for campaign in offer.campaigns]
    goods = skus[: (slots.width - 4 - 2 * len(campaigns)) // 5]
    later = [*goods * 5, *campaigns * 2]
    tiers = team.tier[found.store].tolist()
    return [
        f"letter:{letters[tier][slot]}" if slot < 4 else later[slot - 4]
        for slot, tier in zip(found.slot.tolist(), tiers, strict=True)
    ]
