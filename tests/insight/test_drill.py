"""The rows behind a figure add up to it."""

import pytest

from backend.insight import drill
from backend.insight.catalogue import KPIS
from backend.insight.drill import Cell, Level
from backend.insight.figures import figures
from backend.insight.populations import Grain, Population
from tests.insight.facts import LATER, WINDOW, boss
from tests.insight.history import happen

pytestmark = pytest.mark.usefixtures("app")


def total(rows, part: str) -> float:
    return sum(getattr(row, part) or 0 for row in rows)


@pytest.mark.thorough
@pytest.mark.parametrize("grain", [Grain.DEALER, Grain.STORE, Grain.REP, Grain.TIER, Grain.ALL])
def test_rows_add_up_to_every_figure(grain):
    sku = happen().skus[0].id
    actor = boss()
    table = figures(
        Population(actor=actor, grain=grain), window=WINDOW, at=LATER, kpis=KPIS, sku_id=sku
    )
    told = set()

    for member, found in list(table.items())[:3]:
        for kpi in KPIS:
            figure = found.figures[kpi.code]
            expected = (pytest.approx(figure.num), pytest.approx(figure.den or 0))
            for by in Level:
                cell = Cell(
                    population=Population(actor=actor, grain=grain, members=[member]),
                    kpi=kpi,
                    window=WINDOW,
                    by=by,
                    sku_id=sku,
                )
                rows = list(drill.rows(cell))
                opened = drill.opened(cell, at=LATER)

                assert (len(rows), figure.value) == (
                    opened.total,
                    pytest.approx(opened.figure.value),
                )
                if cell.is_sum:
                    sums = total(rows, "num"), total(rows, "den")
                    assert expected == sums, (kpi.code, member, by)
                if figure.num:
                    told.add((kpi.code, by))
    if grain is Grain.ALL:
        assert {(kpi.code, by) for kpi in KPIS for by in Level} == told
