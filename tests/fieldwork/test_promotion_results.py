"""Results of promotions from before they were frozen."""

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

from backend.fieldwork.models import PromotionResult
from backend.platform.database import db
from tests.factories import TODAY, make_promotion, make_promotion_result, make_store, make_visit

MIGRATION = Path(__file__).parents[2] / "backend/migrations/0004_run_promotions_to_the_end.py"


@pytest.mark.usefixtures("storage")
def test_results_of_before_count_where_the_store_was_enrolled_on_a_day_of_the_promotion():
    store = make_store()
    visit = make_visit(store)
    running, elsewhere = make_promotion(stores=[store]), make_promotion(stores=[make_store()])
    over = make_promotion(stores=[store], ends_on=TODAY.replace(day=1))
    for promotion in (running, elsewhere, over):
        make_promotion_result(visit, promotion, is_enrolled=False)
    spec = spec_from_file_location("migration", MIGRATION)
    migration = module_from_spec(spec)
    spec.loader.exec_module(migration)

    db.execute_sql(migration.FREEZE.format(**migration.words_of(db)))

    enrolled = PromotionResult.select().where(PromotionResult.is_enrolled)
    assert [running.id] == [result.promotion_id for result in enrolled]
