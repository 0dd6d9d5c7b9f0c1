"""The file of scorecards: the latest version of every dealer's card of a month."""

from __future__ import annotations

from peewee import SQL, ModelSelect, Node, NodeList, fn

from backend.exchange.cells import decimal, instant, plain
from backend.exchange.columns import DEALER, REGION, Column, Export
from backend.insight.scorecard_models import Scorecard
from backend.network.models import Dealer, Region
from backend.platform.actors import Permission
from backend.platform.database import is_sqlite
from backend.standards.scorecard_codes import Pillar


def _latest(query: ModelSelect) -> ModelSelect:
    return (
        query.join_from(Scorecard, Dealer)
        .join_from(Scorecard, Region, on=Scorecard.region == Region.id)
        .where(Scorecard.is_latest)
    )


def _points(pillar: Pillar) -> Column:
    def value() -> Node:
        if is_sqlite():
            return fn.json_extract(Scorecard.pillars, SQL(f"'$.{pillar}'"))
        of_json = SQL(f" AS json) ->> '{pillar}' AS float8)")
        return NodeList((SQL("CAST(CAST("), Scorecard.pillars, of_json), glue="")

    return Column(f"{pillar.zh}得分", f"{pillar.en} points", decimal(1), value)


SCORECARD_EXPORTS: dict[str, Export] = {
    "scorecards": Export(
        zh="经销商评分卡",
        en="Scorecards of dealers",
        columns=(
            *DEALER,
            *REGION,
            Column("月份首日", "Month", plain, Scorecard.month_on),
            Column("版本", "Version", plain, Scorecard.version),
            Column("总分", "Score", decimal(1), Scorecard.score),
            *map(_points, Pillar),
            Column("冻结时间", "Frozen at", instant, Scorecard.frozen_at),
        ),
        source=_latest,
        rows=Scorecard,
        needs=Permission.INSIGHT_READ,
        seen=Scorecard.visible_to,
        day=Scorecard.month_on,
        region=Scorecard.region,
        dealer=Scorecard.dealer,
        tier=None,
        order=(Scorecard.month_on, Dealer.code),
    ),
}
