"""Signal configurations: the points and limits in force, published version by version."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import ModelSelect

from backend.evidence.signal_models import SignalConfig
from backend.evidence.signals import REJECT_FROM, SUSPICIOUS_FROM, Signal
from backend.platform import ledger
from backend.platform.actors import Actor
from backend.platform.database import take_turns, transaction
from backend.platform.errors import ConflictError, IdTakenError, NotFoundError, RuleError

BUILT_IN = 0
"""The version in force before any was published."""


class VersionGapError(ConflictError):
    """Versions are published one after the other."""

    code = "signal-config-gap"
    title = "Not the next version"
    title_zh = "不是下一个版本"
    detail = "The next version is {next}."
    detail_zh = "下一个版本号为 {next}。"


class ConfigTooEarlyError(RuleError):
    """A visit is weighed by what was in force and known when it began."""

    code = "signal-config-too-early"
    title = "It would act on what has happened"
    title_zh = "生效时间早于允许范围"
    detail = "A version may be in force from {earliest} at the earliest."
    detail_zh = "新版本最早可自 {earliest} 起生效。"


class UnknownLimitError(RuleError):
    """A rule has the numbers it has."""

    code = "signal-limit-unknown"
    title = "The rule has no such number"
    title_zh = "规则没有该参数"
    detail = "{signal} has the limits {limits}."
    detail_zh = "{signal} 的参数为 {limits}。"


@dataclass(frozen=True, slots=True)
class Weights:
    """A configuration: per signal its points and limits; and where its bands begin."""

    version: int
    from_at: datetime | None
    suspicious_from: int
    reject_from: int
    points: dict[Signal, int]
    limits: dict[Signal, dict[str, float]]
    note: str = ""
    published_at: datetime | None = None
    published_by_id: int | None = None

    @property
    def signals(self) -> list[dict[str, Any]]:
        """Every signal with its words, points and limits."""
        return [
            {"signal": one, "points": self.points[one], "limits": self.limits[one]}
            for one in Signal
        ]


def list_published(_: Actor) -> ModelSelect[SignalConfig]:
    """Return the published versions, newest first."""
    return SignalConfig.select().order_by(SignalConfig.version.desc())


def get(_: Actor, version: int) -> Weights:
    """Return one version; 0 is the built-in one. Raises NotFoundError."""
    row = SignalConfig.get_or_none(SignalConfig.version == version)
    if row is None and version != BUILT_IN:
        raise NotFoundError(what="signal configuration")
    return weights_of(row) if row else built_in()


def current(_: Actor, *, at: datetime) -> Weights:
    """Return the version in force."""
    return in_force(every(), at)


def publish(
    actor: Actor,
    version: int,
    *,
    from_at: datetime,
    suspicious_from: int,
    reject_from: int,
    signals: Sequence[dict[str, Any]],
    note: str,
    content_sha256: str,
    at: datetime,
) -> bool:
    """Publish the next version and return whether it is new.

    What is not named stays as it was in the version before. Raises VersionGapError,
    ConfigTooEarlyError, UnknownLimitError, or IdTakenError for a version with other content.
    """
    with transaction():
        take_turns("signal configurations")
        known = every()
        last = known[-1]
        if BUILT_IN < version <= last.version:
            if SignalConfig.get_by_id(version).content_sha256 != content_sha256:
                raise IdTakenError(id=version)
            return False
        if version != last.version + 1:
            raise VersionGapError(next=last.version + 1)
        earliest = max(at, last.from_at or at)
        if from_at < earliest:
            raise ConfigTooEarlyError(earliest=earliest.isoformat())
        SignalConfig.create(
            version=version,
            from_at=from_at,
            suspicious_from=suspicious_from,
            reject_from=reject_from,
            signals=_merged(last, signals),
            note=note,
            published_by_id=actor.id,
            published_at=at,
            content_sha256=content_sha256,
        )
        ledger.append(actor, "signal_config.published", version, at=at, from_at=from_at.isoformat())
    return True


def every() -> list[Weights]:
    """Return every version, the built-in one first."""
    return [built_in(), *map(weights_of, SignalConfig.select().order_by(SignalConfig.version))]


def in_force(known: Sequence[Weights], at: datetime) -> Weights:
    """Return which of all versions is in force at an instant."""
    return [one for one in known if one.from_at is None or one.from_at <= at][-1]


def built_in() -> Weights:
    """Return the version that the declarations of the signals are."""
    return Weights(
        version=BUILT_IN,
        from_at=None,
        suspicious_from=SUSPICIOUS_FROM,
        reject_from=REJECT_FROM,
        points={one: one.points for one in Signal},
        limits={one: one.limits for one in Signal},
    )


def weights_of(row: SignalConfig) -> Weights:
    """Return what a row says; a signal younger than it has its defaults."""
    said = row.signals
    return Weights(
        version=row.version,
        from_at=row.from_at,
        suspicious_from=row.suspicious_from,
        reject_from=row.reject_from,
        points={one: said[one]["points"] if one in said else one.points for one in Signal},
        limits={one: one.limits | (said[one]["limits"] if one in said else {}) for one in Signal},
        note=row.note,
        published_at=row.published_at,
        published_by_id=row.published_by_id,
    )


def _merged(last: Weights, named: Sequence[dict[str, Any]]) -> dict[str, Any]:
    changes = {row["code"]: row for row in named}
    for code, row in changes.items():
        limits = Signal(code).limits  # type: ignore[call-arg]  # looks the code up
        if not row["limits"].keys() <= limits.keys():
            raise UnknownLimitError(signal=code, limits=", ".join(limits))
    return {
        str(one): {
            "points": changes.get(one, {}).get("points", last.points[one]),
            "limits": last.limits[one] | changes.get(one, {}).get("limits", {}),
        }
        for one in Signal
    }
