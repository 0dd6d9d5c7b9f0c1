"""Where figures come from: for every source, what each store adds to each member in a window.

A source is one SQL statement that gives `k`, the member, `store_id` and its measures, one row a
store. Each reads what falls into the window and no more, so its cost does not grow with history.
"""

from __future__ import annotations

from collections.abc import Mapping

from backend.insight.asked import Source
from backend.insight.case_sources import CASE_SOURCES
from backend.insight.trade_sources import TRADE_SOURCES
from backend.insight.visit_sources import VISIT_SOURCES

SOURCES: Mapping[str, Source] = {**VISIT_SOURCES, **CASE_SOURCES, **TRADE_SOURCES}
