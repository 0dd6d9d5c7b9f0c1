"""Stores that may be one and the same: found by nearness, telephone or licence, told by reasons."""

from __future__ import annotations

import re
import unicodedata
from difflib import SequenceMatcher
from typing import Any

from peewee import JOIN, ModelSelect

from backend.network import regions
from backend.network.archive_models import CustomerCard
from backend.network.models import Region, Store
from backend.network.positions import Point, metres_between
from backend.platform.actors import Actor
from backend.platform.labels import Labelled
from backend.platform.settings import settings

_A, _B = Store.alias("a"), Store.alias("b")
_CARD_A, _CARD_B = CustomerCard.alias("card_a"), CustomerCard.alias("card_b")
METRES_PER_DEGREE = 111_320
# Words that every other shop has in its name tell nothing apart.
_COMMON = re.compile(
    r"(?:有限责任公司|有限公司|专卖店|专营店|旗舰店|体验店|营业厅|手机店|通讯店|通信店|数码店"
    r"|手机|通讯|通信|数码|电器|商行|经营部|门店|分店|店)"
)


class Reason(Labelled):
    """Why two stores may be the same."""

    SAME_LICENCE = "same_licence", "执照号相同", "the same licence"
    SAME_PHONE = "same_phone", "电话相同", "the same telephone"
    NEAR = "near", "距离近", "near each other"
    SIMILAR_NAME = "similar_name", "名称相似", "similar names"


def pairs(
    actor: Actor, *, region_id: int | None = None, store_id: int | None = None
) -> ModelSelect[Any]:
    """Return pairs of visible stores to be compared, by code, as `weigh` wants them.

    A pair is in each other's neighbourhood, or has a telephone or a licence in common. Closed
    stores are left out. `store_id` gives the pairs of one store.
    """
    standing = Store.select(Store.id).where(
        Store.visible_to(actor), Store.status != "closed", Store.merged_into.is_null()
    )
    if region_id is not None:
        within = Region.select(Region.id).where(regions.below(region_id))
        standing = standing.where(Store.region.in_(within))
    reach = settings().duplicate_radius_m / METRES_PER_DEGREE
    # Twice as wide as high, since a degree of longitude is shorter: at 54 N by a factor of 1.7.
    near = _ids().join(
        _B,
        on=_B.lat.between(_A.lat - reach, _A.lat + reach)
        & _B.lon.between(_A.lon - 2 * reach, _A.lon + 2 * reach),
    )
    alike = [
        _ids()
        .join(_CARD_A, on=_CARD_A.store == _A.id)
        .join(_CARD_B, on=left == right)
        .join(_B, on=_CARD_B.store == _B.id)
        for left, right in (
            (_CARD_A.licence_no, _CARD_B.licence_no),
            (_CARD_A.phone_e164, _CARD_B.phone_e164),
        )
    ]
    which = _A.id < _B.id
    if store_id is not None:
        which &= (_A.id == store_id) | (_B.id == store_id)
    near, *alike = [
        query.where(which, _A.id.in_(standing), _B.id.in_(standing)) for query in (near, *alike)
    ]
    found = (near | alike[0] | alike[1]).alias("found")
    return (
        _A.select(
            *(column.alias(f"first_{column.name}") for column in (_A.id, _A.code, _A.name)),
            *(column.alias(f"second_{column.name}") for column in (_B.id, _B.code, _B.name)),
            _A.lat.alias("first_lat"),
            _A.lon.alias("first_lon"),
            _B.lat.alias("second_lat"),
            _B.lon.alias("second_lon"),
            _CARD_A.licence_no.alias("first_licence"),
            _CARD_B.licence_no.alias("second_licence"),
            _CARD_A.phone_e164.alias("first_phone"),
            _CARD_B.phone_e164.alias("second_phone"),
        )
        .join_from(_A, found, on=found.c.first == _A.id)
        .join_from(_A, _B, on=found.c.second == _B.id)
        .join_from(_A, _CARD_A, JOIN.LEFT_OUTER, on=_CARD_A.store == _A.id)
        .join_from(_A, _CARD_B, JOIN.LEFT_OUTER, on=_CARD_B.store == _B.id)
        .order_by(_A.code, _B.code)
        .dicts()
    )


def weigh(pair: dict[str, Any]) -> dict[str, Any] | None:
    """Return what speaks for two stores being the same, or None where nothing much does.

    A licence or a telephone in common is enough; otherwise they must be near and named alike.
    """
    distance = _distance(pair)
    share = similarity(pair["first_name"], pair["second_name"])
    limits = settings()
    holds = {
        Reason.SAME_LICENCE: _same(pair["first_licence"], pair["second_licence"]),
        Reason.SAME_PHONE: _same(pair["first_phone"], pair["second_phone"]),
        Reason.NEAR: distance is not None and distance <= limits.duplicate_radius_m,
        Reason.SIMILAR_NAME: share >= limits.duplicate_name_share,
    }
    reasons = [str(reason) for reason, is_so in holds.items() if is_so]
    if not reasons or reasons in (["near"], ["similar_name"]):
        return None
    sides = {
        side: {name: pair[f"{side}_{name}"] for name in ("id", "code", "name")}
        for side in ("first", "second")
    }
    return sides | {
        "reasons": reasons,
        "distance_m": None if distance is None else round(distance),
        "name_share": round(share, 2),
    }


def similarity(one: str, other: str) -> float:
    """Return the share of two names that agrees, from 0 to 1, common words left out."""
    return SequenceMatcher(None, _bare(one), _bare(other), autojunk=False).ratio()


def _ids() -> ModelSelect[Any]:
    query: ModelSelect[Any] = _A.select(_A.id.alias("first"), _B.id.alias("second"))
    return query


def _bare(name: str) -> str:
    plain = re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", name).lower())
    return _COMMON.sub("", plain) or plain


def _same(one: str | None, other: str | None) -> bool:
    return one is not None and one == other


def _distance(pair: dict[str, Any]) -> float | None:
    if pair["first_lat"] is None or pair["second_lat"] is None:
        return None
    return metres_between(
        Point(pair["first_lat"], pair["first_lon"]), Point(pair["second_lat"], pair["second_lon"])
    )
