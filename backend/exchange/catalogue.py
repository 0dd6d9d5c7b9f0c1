"""What can be exported by one query each.

What is not here is made row by row: summaries and the uplift of promotions by `insight`, manifests
of photos.
"""

from backend.exchange.archive_exports import ARCHIVE_EXPORTS
from backend.exchange.case_exports import CASE_EXPORTS
from backend.exchange.columns import Export
from backend.exchange.scorecard_exports import SCORECARD_EXPORTS
from backend.exchange.trade_exports import TRADE_EXPORTS
from backend.exchange.visit_exports import VISIT_EXPORTS

EXPORTS: dict[str, Export] = {
    **VISIT_EXPORTS,
    **CASE_EXPORTS,
    **TRADE_EXPORTS,
    **ARCHIVE_EXPORTS,
    **SCORECARD_EXPORTS,
}
