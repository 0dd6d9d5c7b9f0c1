"""Scores: weighing visits by their signals, and showing what was found.

A score is a function of what was handed in, of the configuration in force at the check-in, and of
what people waived; weighing a visit again changes nothing unless one of these did.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from backend.evidence import handed_in, neighbours, signal_configs, token_signals
from backend.evidence.detectors import DETECTORS, Hit
from backend.evidence.handed_in import HandedIn
from backend.evidence.signal_configs import Weights
from backend.evidence.signal_models import Appeal, VisitScore, VisitSignal
from backend.evidence.signals import MOST_POINTS, AppealState, Signal, band_of
from backend.platform import ledger
from backend.platform.database import insert_rows, run, take_turns, transaction

AT_ONCE = 50
LASTING = {str(Signal.PHOTO_REUSE), str(Signal.PHOTO_OF_PHOTO)}
"""Signals that are read from what is kept when the points of a visit are rounded."""
Found = dict[Signal, Hit]


def weigh(visit_ids: Collection[UUID], *, at: datetime) -> set[UUID]:
    """Score complete visits, forget the scores of others, and return whom that concerns.

    The visits returned are scored already, and what is known now may change their signals. The
    number of queries is the same for one visit as for `AT_ONCE`.
    """
    concerned: set[UUID] = set()
    ids = sorted(set(visit_ids))
    for start in range(0, len(ids), AT_ONCE):
        with transaction():
            take_turns("scoring visits")  # so that of two neighbours one sees the other
            concerned |= _weigh(ids[start : start + AT_ONCE], at)
    return concerned - set(ids)


def _weigh(visit_ids: Sequence[UUID], at: datetime) -> set[UUID]:
    gathered = handed_in.gather(visit_ids)
    complete = [one for one in gathered if one.stop.is_complete]
    known = signal_configs.every()
    tokens = token_signals.of_visits(complete, at=at)
    waived = _waived([one.visit.id for one in complete])
    scores: list[dict[str, Any]] = []
    signals: dict[UUID, list[dict[str, Any]]] = {}
    concerned: set[UUID] = set()
    before, had = _kept(visit_ids)
    for one in gathered:
        weights = signal_configs.in_force(known, one.visit.checked_in_at)
        found = _detect(one, weights) | tokens.get(one.visit.id, {})
        concerned |= neighbours.concerned(one, found, weights)
        if one.stop.is_complete:
            rows = _signals(one, found, weights, waived.get(one.visit.id, set()))
            if one.visit.id in before and not one.stop.is_exact:
                rows = _settled(rows, had.get(one.visit.id, []), waived.get(one.visit.id, set()))
            signals[one.visit.id] = rows
            scores.append(_score(one, rows, weights, at))
    _keep(before, had, scores, signals, at)
    return concerned


def _settled(
    rows: list[dict[str, Any]], had: list[dict[str, Any]], waived: set[str]
) -> list[dict[str, Any]]:
    """Return the signals of a visit whose points are rounded: only photos can say anything new."""
    stay = [row | {"is_waived": row["code"] in waived} for row in had if row["code"] not in LASTING]
    return _in_order([*stay, *(row for row in rows if row["code"] in LASTING)])


def _detect(one: HandedIn, weights: Weights) -> Found:
    hits = ((signal, find(one, weights.limits[signal])) for signal, find in DETECTORS.items())
    return {signal: hit for signal, hit in hits if hit is not None}


def _signals(
    one: HandedIn, found: Found, weights: Weights, waived: set[str]
) -> list[dict[str, Any]]:
    return [
        {
            "visit_id": one.visit.id,
            "code": str(signal),
            "value": found[signal].value,
            "threshold": weights.limits[signal][signal.threshold],
            "points": weights.points[signal],
            "evidence": found[signal].evidence,
            "is_waived": str(signal) in waived,
        }
        for signal in Signal
        if signal in found
    ]


def _score(
    one: HandedIn, rows: list[dict[str, Any]], weights: Weights, at: datetime
) -> dict[str, Any]:
    visit = one.visit
    score = min(MOST_POINTS, sum(row["points"] for row in rows if not row["is_waived"]))
    band = band_of(score, suspicious_from=weights.suspicious_from, reject_from=weights.reject_from)
    return {
        "visit_id": visit.id,
        "person_id": visit.person_id,
        "store_id": visit.store_id,
        "dealer_id": visit.dealer_id,
        "region_id": visit.region_id,
        "business_on": visit.business_on,
        "score": score,
        "band": str(band),
        "codes": [row["code"] for row in rows],
        "config_version": weights.version,
        "answers_sha256": one.stop.answers_sha256,
        "scored_at": at,
    }


def _waived(visit_ids: list[UUID]) -> dict[UUID, set[str]]:
    accepted = Appeal.select(Appeal.visit_id, Appeal.waived).where(
        Appeal.visit_id.in_(visit_ids), Appeal.state == str(AppealState.ACCEPTED)
    )
    waived: dict[UUID, set[str]] = {}
    for appeal in accepted:
        waived.setdefault(appeal.visit_id, set()).update(appeal.waived)
    return waived


def _keep(
    before: dict[UUID, dict[str, Any]],
    had: dict[UUID, list[dict[str, Any]]],
    scores: list[dict[str, Any]],
    signals: dict[UUID, list[dict[str, Any]]],
    at: datetime,
) -> None:
    """Put scores and signals that came out new in place of those before, and tell of them."""
    gone = [visit_id for visit_id in before if visit_id not in signals]
    new = [
        row
        for row in scores
        if not _is_same(before.get(row["visit_id"]), row)
        or had.get(row["visit_id"], []) != signals[row["visit_id"]]
    ]
    ids = [*gone, *(row["visit_id"] for row in new)]
    if not ids:
        return
    VisitScore.delete().where(VisitScore.visit_id.in_(ids)).execute()
    VisitSignal.delete().where(VisitSignal.visit_id.in_(ids)).execute()
    insert_rows(VisitScore, new)
    insert_rows(VisitSignal, [signal for row in new for signal in signals[row["visit_id"]]])
    entries = [ledger.entry(None, "visit.unscored", visit_id, at=at) for visit_id in gone]
    for row in new:
        former = before.get(row["visit_id"])  # a first score is told even if there is no doubt
        if former is None or any(former[name] != row[name] for name in ("score", "codes")):
            facts = {name: row[name] for name in ("score", "band", "codes", "config_version")}
            facts["person"] = row["person_id"]
            entries.append(ledger.entry(None, "visit.scored", row["visit_id"], at=at, **facts))
    run(ledger.written(entries))


def _kept(
    visit_ids: Sequence[UUID],
) -> tuple[dict[UUID, dict[str, Any]], dict[UUID, list[dict[str, Any]]]]:
    ids = list(visit_ids)
    kept: Any = VisitScore.select().where(VisitScore.visit_id.in_(ids)).dicts()
    signals: dict[UUID, list[dict[str, Any]]] = {}
    rows_of_all: Any = VisitSignal.select().where(VisitSignal.visit_id.in_(ids)).dicts()
    for row in rows_of_all:
        signals.setdefault(row["visit_id"], []).append(row)
    in_order = {visit_id: _in_order(rows) for visit_id, rows in signals.items()}
    return {row["visit_id"]: row for row in kept}, in_order


def _in_order(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    order = [str(signal) for signal in Signal]
    return sorted(rows, key=lambda row: order.index(row["code"]))


def _is_same(former: dict[str, Any] | None, row: dict[str, Any]) -> bool:
    """Return whether a score is what it was; when it was last weighed makes no difference."""
    return former is not None and former == row | {"scored_at": former["scored_at"]}
