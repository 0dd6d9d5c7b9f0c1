"""The files of archives: how complete what is known of stores and dealers is, and what lacks."""

from __future__ import annotations

from typing import Any

from peewee import ModelSelect

from backend.exchange.cells import codes, decimal, plain, text
from backend.exchange.columns import (
    DEALER,
    LEFT,
    REGION,
    REP,
    STORE,
    TIER,
    Column,
    Export,
    coded,
)
from backend.network.archive_models import (
    CustomerCard,
    DealerCompleteness,
    StoreCompleteness,
)
from backend.network.models import Dealer, Person, Region, Store
from backend.network.words import CustomerType
from backend.platform.actors import Permission


def _of_stores(query: ModelSelect) -> ModelSelect:
    return (
        query.join_from(Store, StoreCompleteness, LEFT, on=StoreCompleteness.store == Store.id)
        .join_from(Store, CustomerCard, LEFT, on=CustomerCard.store == Store.id)
        .join_from(Store, Region)
        .join_from(Store, Person, LEFT)
        .where(Store.closed_on.is_null())
    )


def _of_dealers(query: ModelSelect) -> ModelSelect:
    return (
        query.join_from(Dealer, DealerCompleteness, LEFT, on=DealerCompleteness.dealer == Dealer.id)
        .join_from(Dealer, CustomerCard, LEFT, on=CustomerCard.dealer == Dealer.id)
        .join_from(Dealer, Region)
        .where(Dealer.closed_on.is_null())
    )


def _card(score: Any) -> tuple[Column, ...]:
    return (
        Column("完整度", "Completeness", decimal(4), score.share),
        Column("已填字段数", "Filled fields", plain, score.filled),
        Column("应填字段数", "Required fields", plain, score.required),
        Column("缺失字段", "Missing fields", codes, score.missing),
        Column("简称", "Short name", text, CustomerCard.short_name),
        Column("执照号", "Licence number", text, CustomerCard.licence_no),
        *coded("客户类型", "Customer type", CustomerCard.customer_type, CustomerType),
    )


_COMMON: dict[str, Any] = {"needs": Permission.ARCHIVE_READ, "day": None}

ARCHIVE_EXPORTS: dict[str, Export] = {
    "store_archives": Export(
        zh="门店档案",
        en="Archives of stores",
        columns=(
            *STORE,
            *REGION,
            TIER,
            Column("门店等级", "Store grade", plain, Store.grade),
            Column("门店状态", "Store status", plain, Store.status),
            *REP,
            *_card(StoreCompleteness),
        ),
        source=_of_stores,
        rows=Store,
        seen=Store.visible_to,
        region=Store.region,
        dealer=None,
        tier=Store.tier,
        order=(Store.code,),
        **_COMMON,
    ),
    "dealer_archives": Export(
        zh="经销商档案",
        en="Archives of dealers",
        columns=(*DEALER, *REGION, *_card(DealerCompleteness)),
        source=_of_dealers,
        rows=Dealer,
        seen=Dealer.visible_to,
        region=Dealer.region,
        dealer=Dealer.id,
        tier=None,
        order=(Dealer.code,),
        **_COMMON,
    ),
}
