"""Auditors: how far they agree on photos that two of them read, and how fast they work."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection
from datetime import date
from typing import Any

from peewee import JOIN, SQL, Case, Expression, ModelSelect, fn

from backend.evidence.agreement import Words, agreement, turned
from backend.evidence.audit_models import PhotoVerdict
from backend.evidence.standing import Part, Reason
from backend.network.models import Person, Region
from backend.platform.actors import Actor


def agree(
    actor: Actor, *, from_on: date, to_on: date, region_id: int | None = None
) -> dict[str, Any]:
    """Return how far two readers of a photo agreed: in all, by pair and by reason.

    Counted are photos whose second reading was given on the days and stands; what an arbiter
    decided changes nothing. A reason is agreed on where both named it, or neither did.
    """
    verdicts: defaultdict[tuple[int, int], Counter[Words]] = defaultdict(Counter)
    reasons: defaultdict[tuple[int, int], Counter[Any]] = defaultdict(Counter)
    for first, second, said, then, why, also, photos in _read_twice(
        actor, from_on, to_on, region_id
    ):
        verdicts[first, second][said, then] += photos
        reasons[first, second][tuple(why), tuple(also)] += photos
    pairs: defaultdict[tuple[int, int], list[Counter[Any]]] = defaultdict(
        lambda: [Counter(), Counter()]
    )
    for (first, second), said in verdicts.items():
        in_order = first < second
        pair = pairs[min(first, second), max(first, second)]
        pair[0] += said if in_order else turned(said)
        pair[1] += reasons[first, second] if in_order else turned(reasons[first, second])
    names = _names({person for pair in pairs for person in pair})
    return {
        "overall": agreement(sum(verdicts.values(), Counter())),
        "reasons": _by_reason(sum(reasons.values(), Counter())),
        "pairs": [
            {
                "auditors": [{"id": person, "name": names[person]} for person in pair],
                "overall": agreement(said),
                "said": [
                    {"one": one, "other": other, "photos": photos}
                    for (one, other), photos in sorted(said.items())
                ],
                "reasons": _by_reason(why),
            }
            for pair, (said, why) in sorted(pairs.items())
        ],
    }


def throughput(
    actor: Actor, *, from_on: date, to_on: date, region_id: int | None = None
) -> ModelSelect[PhotoVerdict]:
    """Return as dicts what each auditor did on each day, the latest first.

    What was taken back counts as `undone` only. `median_s` is from claim to verdict.
    """
    days = from_on, to_on
    stands = PhotoVerdict.withdrawn_at.is_null()
    rejected = _count(stands & (PhotoVerdict.verdict == "rejected"))
    ranks = _ranks(actor, days, region_id)
    middle = (
        ranks.select_from(
            ranks.c.judged_on, ranks.c.person_id, fn.AVG(ranks.c.seconds).alias("median_s")
        )
        .where(
            (ranks.c.rank * 2).between(ranks.c.timed, ranks.c.timed + 2),
        )
        .group_by(ranks.c.judged_on, ranks.c.person_id)
        .alias("middle")
    )
    return (
        PhotoVerdict.select(
            PhotoVerdict.judged_on.alias("day"),
            PhotoVerdict.person.alias("auditor_id"),
            Person.name.alias("auditor_name"),
            _count(stands).alias("judged"),
            rejected.alias("rejected"),
            (rejected * 1.0 / fn.NULLIF(_count(stands), 0)).alias("rejected_share"),
            _count(stands & (PhotoVerdict.verdict == "unsure")).alias("unsure"),
            _count(~stands).alias("undone"),
            fn.MAX(middle.c.median_s).alias("median_s"),
        )
        .join(Person)
        .join_from(
            PhotoVerdict,
            middle,
            JOIN.LEFT_OUTER,
            on=(middle.c.judged_on == PhotoVerdict.judged_on)
            & (middle.c.person_id == PhotoVerdict.person),
        )
        .where(_of(PhotoVerdict, actor, days, region_id), PhotoVerdict.part != Part.ARBITER)
        .group_by(PhotoVerdict.judged_on, PhotoVerdict.person, Person.name)
        .order_by(PhotoVerdict.judged_on.desc(), PhotoVerdict.person)
        .dicts()
    )


def _ranks(actor: Actor, days: tuple[date, date], region_id: int | None) -> Any:
    """Return the times from claim to verdict, ranked within each auditor's day."""
    own_day = [PhotoVerdict.judged_on, PhotoVerdict.person]
    return PhotoVerdict.select(
        PhotoVerdict.judged_on,
        PhotoVerdict.person,
        PhotoVerdict.seconds,
        fn.ROW_NUMBER()
        .over(
            partition_by=own_day,
            order_by=[PhotoVerdict.seconds, PhotoVerdict.visit_id, PhotoVerdict.photo_id],
        )
        .alias("rank"),
        fn.COUNT(PhotoVerdict.seconds).over(partition_by=own_day).alias("timed"),
    ).where(
        _of(PhotoVerdict, actor, days, region_id),
        PhotoVerdict.part != Part.ARBITER,
        PhotoVerdict.withdrawn_at.is_null(),
        PhotoVerdict.seconds.is_null(False),
    )


def _read_twice(actor: Actor, from_on: date, to_on: date, region_id: int | None) -> Any:
    """Return (first, second, their verdicts, their reasons, photos) of photos read by two."""
    first, second = PhotoVerdict.alias(), PhotoVerdict.alias()
    said = (
        first.person,
        second.person,
        first.verdict,
        second.verdict,
        first.reasons,
        second.reasons,
    )
    return (
        first.select(*said, fn.COUNT(SQL("*")))
        .join(
            second,
            on=(second.visit_id == first.visit_id) & (second.photo_id == first.photo_id),
        )
        .where(
            first.part == Part.FIRST,
            first.withdrawn_at.is_null(),
            second.part == Part.SECOND,
            second.withdrawn_at.is_null(),
            _of(second, actor, (from_on, to_on), region_id),
        )
        .group_by(*said)
        .tuples()
    )


def _by_reason(named: Counter[tuple[Any, Any]]) -> list[dict[str, Any]]:
    """Return the agreement on each reason that anybody named."""
    found: list[dict[str, Any]] = []
    for reason in Reason:
        said: Counter[Words] = Counter()
        for (one, other), photos in named.items():
            said[_whether(reason, one), _whether(reason, other)] += photos
        if set(said) - {("no", "no")}:
            found.append({"reason": str(reason), "overall": agreement(said)})
    return found


def _whether(reason: Reason, named: Collection[str]) -> str:
    return "yes" if reason in named else "no"


def _names(people: set[int]) -> dict[int, str]:
    rows = Person.select(Person.id, Person.name).where(Person.id.in_(sorted(people)))
    return {person.id: person.name for person in rows}


def _of(said: Any, actor: Actor, days: tuple[date, date], region_id: int | None) -> Expression:
    regions = Region.select(Region.id).where(Region.visible_to(actor))
    if region_id is not None:
        top = Region.get_or_none(Region.id == region_id)
        regions = regions.where(Region.path.startswith(top.path if top else "-"))
    from_on, to_on = days
    condition: Expression = (
        (said.judged_on >= from_on) & (said.judged_on < to_on) & said.region_id.in_(regions)
    )
    return condition


def _count(condition: Any) -> Any:
    return fn.SUM(Case(None, [(condition, 1)], 0))
