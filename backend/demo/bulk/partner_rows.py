"""What partners say and what is known of them, as rows: complaints, cards, push, counters."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import numpy as np
from numpy.random import Generator

from backend.demo.bulk.pages import (
    NULL,
    Array,
    Cells,
    Page,
    days,
    decimal,
    hashes,
    ids,
    nulled,
    page,
    picked,
    whole,
    words,
)
from backend.demo.bulk.schedule import FULL
from backend.demo.bulk.stages import Stage
from backend.demo.catalogue import COMPETITORS
from backend.demo.partners import (
    A_MONTH_PER_STORE,
    ABOUT,
    ANSWERED,
    DISPLAY_SHARE,
    PUSH,
    PUSH_ASKED,
    SCORE,
    SEVERITIES,
    SPREAD,
    SURVEYED,
)
from backend.fieldwork.case_models import Complaint, ComplaintEntry, FeedbackCard, FeedbackScore
from backend.fieldwork.push_models import PushAssessment
from backend.network.archive_models import CustomerCard
from backend.platform.database import canonical
from backend.standards.mix_models import CounterSurvey
from backend.standards.service import RECEIVED, ComplaintStep, FeedbackTopic

_STEPS = tuple(ComplaintStep)
_TOPICS = tuple(FeedbackTopic)
_UNFINISHED = 0.15
_HOURS_A_STEP, _HOURS_ALLOWED = 1.5, 48
_CARDED = 0.03
_KNOWN = 0.6
_SCORED = 3
_FEWEST_SECTIONS, _MORE_SECTIONS = 4, 6
_SPIFF_HELPS, _RIVAL_HARMS, _OFTEN_BEATEN = 0.4, 0.5, 3


def partner_pages(stage: Stage, total_days: int, random: Generator) -> Iterator[Page]:
    """Yield complaints with their steps, feedback cards, assessments of push, and archives."""
    yield from _complaints(stage, total_days, random)
    yield _push(stage, random)
    yield from _archive(stage, random)


def _complaints(stage: Stage, total_days: int, random: Generator) -> Iterator[Page]:
    team = stage.team
    count = int(random.poisson(A_MONTH_PER_STORE * len(team.store_id) * total_days / 30))
    store = random.integers(len(team.store_id), size=count)
    day = random.integers(0, total_days, count)
    keep = team.is_open(store, day)
    store, day = store[keep], np.sort(day[keep])
    keep = team.is_open(store, day)
    store, day = store[keep], day[keep]
    count = len(store)
    at = day * 86_400 + random.integers(9 * 3600, 17 * 3600, count)
    share = np.array([each[-1] for each in ABOUT], float)
    about = random.choice(len(ABOUT), count, p=share / share.sum())
    done = np.where(
        random.random(count) < _UNFINISHED, random.integers(0, len(_STEPS), count), len(_STEPS)
    )
    steps_s = int(_HOURS_A_STEP * 3600)
    last = min(steps_s * len(_STEPS), 86_400)
    done = np.where(at + last > total_days * 86_400, 0, done)
    is_closed = done == len(_STEPS)
    complaint_ids = ids(random, count)
    states = (RECEIVED, *(str(step) for step in _STEPS))
    severity = random.choice(4, count, p=np.array(SEVERITIES) / sum(SEVERITIES)) + 1
    recorder = whole(team.person_on(team.rep[store], day))
    dealer = whole(team.dealer_on(store, day))
    store_ids = whole(team.store_id[store])
    yield page(
        Complaint,
        count,
        id=complaint_ids,
        source=words(("store", "consumer"), random.integers(2, size=count)),
        store=store_ids,
        dealer=dealer,
        region=str(team.region_id),
        category=words([str(each[0]) for each in ABOUT], about),
        target_department=words([str(each[1]) for each in ABOUT], about),
        severity=whole(severity),
        text=words([each[2] for each in ABOUT], about),
        state=words(states, done),
        received_at=stage.moments(at),
        received_on=days(stage.start, day),
        due_at=stage.moments(at + _HOURS_ALLOWED * 3600),
        recorded_by_id=recorder,
        closed_at=stage.moments(at + steps_s * len(_STEPS), null=~is_closed),
        content_sha256=hashes(random, count),
        version=whole(done + 1),
    )
    for number, step in enumerate(_STEPS, 1):
        which = np.flatnonzero(done >= number)
        promised = day[which] + 2
        yield page(
            ComplaintEntry,
            len(which),
            complaint=picked(complaint_ids, which),
            number=str(number + 1),
            step=str(step),
            text=step.zh,
            promised_on=days(stage.start, promised) if step is ComplaintStep.COMMITTED else NULL,
            person_id=str(team.supervisor_id),
            at=stage.moments(at[which] + number * steps_s),
        )
    answered = np.flatnonzero(is_closed & (random.random(count) < ANSWERED))
    complained = {
        "about": ["complaint"] * len(answered),
        "about_id": picked(complaint_ids, answered),
        "job": [f"complaint:{each}" for each in _dashed(picked(complaint_ids, answered))],
        "store": picked(store_ids, answered),
        "dealer": picked(dealer, answered),
        "recorded_by_id": picked(recorder, answered),
    }
    yield from _cards(stage, complained, at[answered] + 12 * 3600, total_days, random)
    visited, when = _about_visits(stage, random)
    yield from _cards(stage, visited, when, total_days, random)


def _about_visits(stage: Stage, random: Generator) -> tuple[dict[str, Cells], Array]:
    """Draw visits that somebody was asked about: of a store at most one in a month."""
    visits, team = stage.visits, stage.team
    chosen = np.flatnonzero(visits.counts & (random.random(len(visits.store)) < _CARDED))
    months = [
        (stage.start + timedelta(days=day)).strftime("%Y-%m") for day in visits.day[chosen].tolist()
    ]
    jobs = [
        f"visit:{team.store_id[store]}:{month}"
        for store, month in zip(visits.store[chosen].tolist(), months, strict=True)
    ]
    first = np.array(
        sorted({job: place for place, job in reversed(list(enumerate(jobs)))}.values()), int
    )
    chosen = chosen[first]
    store = visits.store[chosen]
    cells = {
        "about": ["visit"] * len(chosen),
        "about_id": picked(stage.ids, chosen),
        "job": picked(jobs, first),
        "store": whole(team.store_id[store]),
        "dealer": whole(team.dealer_on(store, visits.day[chosen])),
        "recorded_by_id": picked(stage.person, chosen),
    }
    return cells, visits.left[chosen] + 3600


def _cards(
    stage: Stage, cells: dict[str, Cells], at: Array, total_days: int, random: Generator
) -> Iterator[Page]:
    count = len(at)
    at = np.minimum(at, total_days * 86_400 - 60)
    card_ids = ids(random, count)
    scores = np.clip(np.rint(random.normal(SCORE, SPREAD, (count, _SCORED))), 1, 5).astype(int)
    first = random.integers(len(_TOPICS), size=count)
    yield page(
        FeedbackCard,
        count,
        id=card_ids,
        region=str(stage.team.region_id),
        given_on=days(stage.start, at // 86_400),
        comment=words(("", "处理及时", "希望多给物料"), random.integers(3, size=count)),
        score=decimal(scores.mean(axis=1), 12) if count else [],
        recorded_at=stage.moments(at),
        content_sha256=hashes(random, count),
        **cells,
    )
    for place in range(_SCORED):
        topic = (first + place) % len(_TOPICS)
        yield page(
            FeedbackScore,
            count,
            card=card_ids,
            topic=words([str(each) for each in _TOPICS], topic),
            department=words([str(each.department) for each in _TOPICS], topic),
            score=whole(scores[:, place]),
        )


def _push(stage: Stage, random: Generator) -> Page:
    visits, team = stage.visits, stage.team
    asked = visits.is_seen & (visits.kind == FULL) & (random.random(len(visits.store)) < PUSH_ASKED)
    chosen = np.flatnonzero(asked)
    count, store = len(chosen), visits.store[chosen]
    names = ("dealer_push", "store_push", "counter_push", "clerk_push")
    levels = random.choice(6, (4, count), p=np.array(PUSH) / sum(PUSH))
    spiff_rank = random.integers(1, 5, count)
    helped = stage.found.runs[chosen].any(axis=1) & (random.random((4, count)) < _SPIFF_HELPS)
    harmed = (spiff_rank > _OFTEN_BEATEN) & (random.random((4, count)) < _RIVAL_HARMS)
    levels = np.clip(levels + helped - harmed, 0, 5)
    return page(
        PushAssessment,
        count,
        store=whole(team.store_id[store]),
        id=ids(random, count),
        dealer=whole(team.dealer_on(store, visits.day[chosen])),
        region=str(team.region_id),
        visit_id=picked(stage.ids, chosen),
        person_id=picked(stage.person, chosen),
        assessed_at=stage.moments(visits.left[chosen]),
        assessed_on=days(stage.start, visits.day[chosen]),
        margin_rank=whole(random.integers(1, 5, count)),
        spiff_rank=whole(spiff_rank),
        is_clerk_trained=whole(random.random(count) < 0.6),
        relation_grade=whole(random.integers(2, 6, count)),
        note="",
        content_sha256=hashes(random, count),
        **{name: whole(level) for name, level in zip(names, levels, strict=True)},
    )


def _counters(stage: Stage, random: Generator) -> tuple[Page, Array]:
    """Return surveys of counters and the brand's sections in each store.

    Every store's was surveyed before the window, and is now and then on a full audit: the brand
    keeps its share of the counters, competitors come and go.
    """
    team, visits, count = stage.team, stage.visits, len(stage.team.store_id)
    share = random.beta(*DISPLAY_SHARE, count)
    own = np.maximum(np.rint(share * (_FEWEST_SECTIONS + random.poisson(_MORE_SECTIONS, count))), 1)
    audited = visits.is_seen & (visits.kind == FULL)
    again = np.flatnonzero(audited & (random.random(len(visits.store)) < SURVEYED))
    store = np.concatenate([np.arange(count), visits.store[again]])
    day = np.concatenate([np.full(count, -1), visits.day[again]])
    others = random.poisson(own[store] * (1 - share[store]) / share[store])
    rivals = 1 + random.integers(2 ** len(COMPETITORS) - 1, size=len(store))
    vocabulary = [
        canonical([code for number, code in enumerate(COMPETITORS) if mask >> number & 1])
        for mask in range(2 ** len(COMPETITORS))
    ]
    surveys = page(
        CounterSurvey,
        len(store),
        store=whole(team.store_id[store]),
        id=ids(random, len(store)),
        seen_on=days(stage.start, day),
        position_grade=whole(random.integers(1, 6, len(store))),
        display_area_m2=decimal(own[store] * 1.2 + random.random(len(store)), 1),
        sections=whole(own[store]),
        competitors=words(vocabulary, np.where(others > 0, rivals, 0)),
        competitor_sections=whole(others),
        person=[*whole(team.rep_ids[team.rep]), *picked(stage.person, again)],
        received_at=stage.moments(np.concatenate([np.full(count, -3_600), visits.sent[again]])),
        content_sha256=hashes(random, len(store)),
    )
    return surveys, own


def _archive(stage: Stage, random: Generator) -> Iterator[Page]:
    """Yield surveys of the stores' counters, and the cards of those whose archive was kept."""
    team, count = stage.team, len(stage.team.store_id)
    surveys, sections = _counters(stage, random)
    yield surveys
    store_ids = whole(team.store_id)
    known = np.flatnonzero(random.random(count) < _KNOWN)
    few = len(known)
    yield page(
        CustomerCard,
        few,
        id=picked(store_ids, known),
        store=picked(store_ids, known),
        short_name=[f"{each}店" for each in picked(team.code_of, known)],
        licence_name=nulled(["曜石授权店"] * few, random.random(few) < 0.3),
        customer_kind="sales",
        customer_type="independent",
        buying_mode=NULL,
        position_grade=whole(random.integers(1, 6, few), null=random.random(few) < 0.5),
        display_sections=whole(sections[known]),
        amended_at=stage.moments(np.full(few, -3_600)),
        amended_by_id="1",
        version="1",
    )


def _dashed(cells: Cells) -> Cells:
    return [f"{c[:8]}-{c[8:12]}-{c[12:16]}-{c[16:20]}-{c[20:]}" for c in cells]
