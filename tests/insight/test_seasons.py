"""Seasons: what days sold a year ago, as rollups and as a ratio."""

from datetime import date, timedelta
from uuid import uuid4

import pytest

from backend import worker
from backend.fieldwork import sales
from backend.fieldwork.sales_lines import Feed, Line
from backend.fieldwork.trade_models import SellOut
from backend.insight import seasons
from backend.insight.season_models import SkuDay
from backend.insight.seasons import HISTORY, YEAR, Seasons
from backend.platform.actors import Role
from tests.factories import NOON, TODAY, actor_of, make_person, make_sell_out, make_sku, make_store

BEFORE = [date(2026, 3, 1), date(2026, 3, 2)]
DURING = [date(2026, 4, 1)]
SINCE = DURING[0] - HISTORY


def sold(*units):
    days = [day - YEAR for day in (*BEFORE, *DURING)]
    return {("handset", day): count for day, count in zip(days, units, strict=True)}


@pytest.mark.parametrize(
    ("ratio", "units", "since"),
    [
        (1.5, (10, 30, 30), {"handset": SINCE}),
        (None, (10, 30, 30), {"handset": SINCE + timedelta(days=1)}),
        (None, (10, 30, 30), {}),
        (None, (10, -10, 30), {"handset": SINCE}),
        (None, (10, 30, 0), {"handset": SINCE}),
    ],
)
def test_the_ratio_is_of_daily_units_a_year_ago(ratio, units, since):
    assert ratio == Seasons(sold(*units), since).ratio({"handset"}, BEFORE, DURING)


@pytest.mark.parametrize(
    ("categories", "before", "during"),
    [({"handset", "tablet"}, BEFORE, DURING), (set(), BEFORE, DURING), ({"handset"}, [], DURING)],
)
def test_there_is_none_of_what_is_not_known(categories, before, during):
    found = Seasons(sold(1, 1, 1), {"handset": SINCE}).ratio(categories, before, during)

    assert found is None


@pytest.mark.usefixtures("storage")
class TestDays:
    def test_follow_what_is_sold(self):
        store, sku = make_store(), make_sku()
        make_sell_out(store, sku, units=2)
        lines = [
            Line(
                row=1, id=uuid4(), sold_on=TODAY, sku_code=sku.code, units=3, store_code=store.code
            )
        ]
        sales.record(actor_of(make_person(Role.MANAGER)), Feed.SELL_OUT, lines, at=NOON)

        worker.run_until_idle()

        assert [(sku.id, TODAY, 5)] == list(SkuDay.select().tuples())

    def test_are_the_same_made_anew(self):
        store, skus = make_store(), (make_sku(), make_sku())
        for number in range(50):
            day = TODAY - timedelta(days=number)
            make_sell_out(store, skus[number % 2], on=day, units=number - 3)
        days = [row.sold_on for row in SellOut.select()]

        seasons.refresh(days)
        followed = sorted(SkuDay.select().tuples())
        SkuDay.update(units=0).execute()
        seasons.rebuild()

        assert 50 == len(followed)
        assert followed == sorted(SkuDay.select().tuples())
