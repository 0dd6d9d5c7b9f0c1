"""Sampling: which photos auditors look at, drawn so that anyone can draw the same again.

Every draw compares a probability with a number that follows from the plan's seed and the photo's
id alone. A photo is in the sample if it is drawn by its risk or for the control share, which
knows no risk; both draws are independent, so the probability of inclusion is known.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from math import fsum
from uuid import UUID

from backend.platform.labels import Labelled


class Risk(Labelled):
    """What makes a photo likelier to be looked at; each is there from 0 (not) to 1 (wholly)."""

    REPEAT = "repeat", "重复照片", "repeats an earlier photo"
    OUTSIDE = "outside", "签到在围栏外", "check-in outside the fence"
    UNCERTAIN = "uncertain", "签到位置不确定", "place of the check-in uncertain"
    QUALITY = "quality", "画质提示", "quality flag"
    NEW_PERSON = "new_person", "新业务员", "new salesperson"
    REJECTIONS = "rejections", "过往不合格率", "share of the person's photos rejected before"
    SCORE = "score", "证据评分", "evidence score of the visit, of 100"


DEFAULT_WEIGHTS: dict[str, float] = {
    str(Risk.REPEAT): 9.0,
    str(Risk.OUTSIDE): 4.0,
    str(Risk.UNCERTAIN): 1.0,
    str(Risk.QUALITY): 2.0,
    str(Risk.NEW_PERSON): 2.0,
    str(Risk.REJECTIONS): 10.0,
    str(Risk.SCORE): 9.0,
}


PURPOSES = CONTROL, BY_RISK, SECOND = "control", "risk", "second"
"""What a photo is drawn for, each with a number of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a plan lays down: its seed, its shares (0 to 1) and the weights of risks."""

    seed: str
    share: float
    control_share: float
    second_share: float
    weights: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Draw:
    """Whether a photo is in the sample, how likely that was, and what follows.

    `is_control` says that the control share drew it, whatever its risk; `wants_second` that
    two auditors read it.
    """

    is_drawn: bool
    is_control: bool
    wants_second: bool
    probability: float


def draw(terms: Terms, photo_id: UUID, risks: Mapping[str, float]) -> Draw:
    """Draw a photo, or not."""
    by_risk = risk_share(terms, risks)
    is_control = number_of(terms.seed, CONTROL, photo_id) < terms.control_share
    is_drawn = is_control or number_of(terms.seed, BY_RISK, photo_id) < by_risk
    return Draw(
        is_drawn=is_drawn,
        is_control=is_control,
        wants_second=is_drawn and number_of(terms.seed, SECOND, photo_id) < terms.second_share,
        probability=1 - (1 - terms.control_share) * (1 - by_risk),
    )


def risk_share(terms: Terms, risks: Mapping[str, float]) -> float:
    """Return the probability by risk: share x (1 + sum of weight x risk), at most 1."""
    # Exact, so that no order of the risks makes a difference.
    weight = fsum(terms.weights.get(risk, 0.0) * there for risk, there in risks.items())
    return min(1.0, terms.share * (1 + weight))


def number_of(seed: str, purpose: str, photo_id: UUID) -> float:
    """Return the number in [0, 1) that decides a draw.

    The first 53 bits of HMAC-SHA-256 with the seed as key over `<purpose>:<photo id>`, as a
    fraction.
    """
    mac = hmac.digest(seed.encode(), f"{purpose}:{photo_id}".encode(), hashlib.sha256)
    return (int.from_bytes(mac[:8], "big") >> 11) / 2**53


def worst(*readings: Mapping[str, float]) -> dict[str, float]:
    """Return each risk as it was when it was greatest.

    A photo whose risk grows is drawn again with the same number: it may come in, and none goes.
    """
    names = {risk for reading in readings for risk in reading}
    return {risk: max(reading.get(risk, 0.0) for reading in readings) for risk in sorted(names)}
