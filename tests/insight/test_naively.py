"""Rollups and figures equal a plain count over the rows, whatever happened in which order."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from backend.insight import rollups
from backend.insight.catalogue import BY_CODE
from backend.insight.figures import figures
from backend.insight.populations import Grain, Population
from backend.insight.windows import Window
from backend.models import MODELS
from backend.platform.database import db, insert_rows, is_sqlite
from tests.insight.facts import LATER, day, dump
from tests.insight.histories import KINDS, History
from tests.insight.naive import CODES, Naive

WINDOW = Window(day(2), day(10))
GRAINS = (Grain.DEALER, Grain.STORE, Grain.TIER, Grain.REP, Grain.ALL)

happenings = st.tuples(st.sampled_from(KINDS), st.integers(0, 10**6))


@contextmanager
def undone() -> Iterator[None]:
    """Leave nothing of what the block stores, perhaps by several threads."""
    if is_sqlite():
        with closing(sqlite3.connect(":memory:")) as before:
            db.connection().backup(before)
            yield
            before.backup(db.connection())
        return
    kept = {model: list(model.select().dicts()) for model in MODELS}
    yield
    tables = ", ".join(f'"{model._meta.table_name}"' for model in MODELS)
    db.execute_sql(f"TRUNCATE {tables} RESTART IDENTITY")
    for model, rows in kept.items():
        insert_rows(model, rows)


@pytest.mark.thorough
@pytest.mark.usefixtures("app")
@settings(
    max_examples=25,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # to shrink one takes minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(happened=st.lists(happenings, min_size=20, max_size=50))
def test_rollups_and_a_plain_count_agree(happened):
    with undone():
        history = History()
        for kind, number in happened:
            history.happen(kind, number)
        history.settle()

        followed = dump()
        rollups.rebuild()

        assert followed == dump()
        for grain in GRAINS:
            population = Population(actor=history.boss, grain=grain)
            kpis = [BY_CODE[code] for code in CODES]
            found = figures(population, window=WINDOW, at=LATER, kpis=kpis)
            parts = Naive(grain, WINDOW).parts
            shown = {
                member: {
                    code: [figure.num, figure.den or 0] for code, figure in each.figures.items()
                }
                for member, each in found.items()
                if member is not None
            }
            nothing = {code: [0, 0] for code in CODES}
            for member in {*shown, *parts}:
                expected = {code: pytest.approx(parts[member][code]) for code in CODES}
                assert expected == shown.get(member, nothing), (grain, member)
