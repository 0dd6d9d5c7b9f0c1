"""A scorecard as plain values, as it is shown and as it is frozen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from backend.insight import periods, pillars, scorecard_movement, scorecards
from backend.insight.scorecard_movement import Movement
from backend.insight.scorecard_parts import Titles
from backend.insight.scorecards import Card
from backend.insight.windows import Against, Window
from backend.platform.actors import Actor

STORES_SHOWN = 20  # of a line: those it cost most
DIGITS = 9  # so that the order in which fractions were added does not show
Stores = Mapping[int, tuple[str, str]]


def get(
    actor: Actor, dealer_id: int, *, window: Window, against: Against, at: datetime
) -> dict[str, Any]:
    """Work out a dealer's card and what moved it. Raises NotFoundError or BadWindowError."""
    before_window = periods.before(window, against)
    card = scorecards.get(actor, dealer_id, window=window, at=at)
    before = scorecards.get(actor, dealer_id, window=before_window, at=at)
    return document(card, scorecard_movement.movement(card, before, against), before)


def document(card: Card, moved: Movement, before: Card) -> dict[str, Any]:
    """Return a card as JSON values, but for days and instants."""
    titles = before.titles | card.titles
    ids = {store_id for line in card.lines.values() for store_id in line.stores}
    ids |= {store_id for cap in card.caps for store_id in cap.stores}
    ids |= {store_id for line in moved.lines for store_id in line.stores}
    stores = scorecards.store_names(ids)
    return {
        "dealer_id": card.dealer.dealer_id,
        "dealer_code": card.dealer.dealer_code,
        "dealer_name": card.dealer.dealer_name,
        "region_id": card.dealer.region_id,
        "from_on": card.window.from_on,
        "to_on": card.window.to_on,
        "as_of": card.dealer.as_of,
        "is_provisional": card.dealer.is_provisional,
        "stores_by_tier": dict(sorted(card.tiers.items())),
        "score": _rounded(card.score),
        "uncapped": _rounded(card.uncapped),
        "reason": None if card.score is not None else "nothing_measured",
        "pillars": [_pillar(card, one) for one in card.pillars],
        "caps": [
            {
                "line": cap.line,
                **_words(titles, cap.line),
                "pillar": cap.pillar and str(cap.pillar),
                "limit": cap.limit,
                "n_stores": len(cap.stores),
                "stores": _shown(dict.fromkeys(cap.stores), stores),
            }
            for cap in card.caps
        ],
        "lines": [
            {
                "line": line.id,
                **_words(titles, line.id),
                "pillar": line.id.partition("/")[0],
                "points": _rounded(line.points),
                "kpis": sorted(line.by_kpi),
                "n_stores": len(line.stores),
                "stores": _shown(line.stores, stores),
            }
            for line in sorted(card.lines.values(), key=lambda one: (-one.points, one.id))
        ],
        "movement": _movement(moved, titles, stores),
        "left_out": {str(contest): count for contest, count in sorted(card.left_out.items())},
    }


def thawed(frozen: Mapping[str, Any]) -> dict[str, Any]:
    """Return a frozen document with its days and instants."""
    moved = dict(frozen["movement"])
    return {
        **frozen,
        **_days(frozen),
        "as_of": datetime.fromisoformat(frozen["as_of"]),
        "movement": {**moved, **_days(moved)},
    }


def _days(document: Mapping[str, Any]) -> dict[str, date]:
    return {name: date.fromisoformat(document[name]) for name in ("from_on", "to_on")}


def _pillar(card: Card, one: pillars.PillarScore) -> dict[str, Any]:
    return {
        "pillar": str(one.pillar),
        "zh": one.pillar.zh,
        "en": one.pillar.en,
        "weight": _rounded(one.weight),
        "share": _rounded(one.share),
        "points": _rounded(card.capped.get(one.pillar)),
        "uncapped": _rounded(one.points),
        "reason": one.reason,
        "kpis": [_kpi(kpi) for kpi in one.kpis],
    }


def _kpi(kpi: pillars.KpiScore) -> dict[str, Any]:
    zh, en = pillars.NAMES[kpi.code]
    numbers = {name: _rounded(getattr(kpi, name)) for name in ("value", "points", "share")}
    return asdict(kpi) | numbers | {"zh": zh, "en": en}


def _movement(moved: Movement, titles: Titles, stores: Stores) -> dict[str, Any]:
    return {
        "against": str(moved.against),
        "from_on": moved.window.from_on,
        "to_on": moved.window.to_on,
        "before": _rounded(moved.before),
        "points": _rounded(moved.points),
        "mix": _rounded(moved.mix),
        "caps": _rounded(moved.caps),
        "pillars": {str(pillar): _rounded(points) for pillar, points in moved.pillars.items()},
        "kpis": [
            {
                "kpi": one.kpi,
                "zh": pillars.NAMES[one.kpi][0],
                "en": pillars.NAMES[one.kpi][1],
                "pillar": str(one.pillar),
                "points": _rounded(one.points),
                "before": _rounded(one.before),
                "after": _rounded(one.after),
            }
            for one in moved.kpis
        ],
        "lines": [
            {
                "line": one.line,
                **_words(titles, one.line),
                "pillar": str(one.pillar),
                "kpi": one.kpi,
                "points": _rounded(one.points),
                "n_stores": len(one.stores),
                "stores": _shown(one.stores, stores),
            }
            for one in moved.lines
        ],
    }


def _words(titles: Titles, line: str) -> dict[str, str]:
    zh, en = scorecards.titled(titles, line.partition("/")[2])
    return {"zh": zh, "en": en}


def _shown(points: Mapping[int, float | None], stores: Stores) -> list[dict[str, Any]]:
    first: Iterable[int] = list(points)[:STORES_SHOWN]
    return [
        {
            "store_id": store_id,
            "code": stores[store_id][0],
            "name": stores[store_id][1],
            "points": _rounded(points[store_id]),
        }
        for store_id in first
    ]


def _rounded(number: float | None) -> float | None:
    return None if number is None else round(number, DIGITS)
