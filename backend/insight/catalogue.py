"""The KPIs, each declared once: its names, its two numbers, its window and when it is null.

The declarations render the page of KPIs, the headers of exports and the shape on the wire. Numbers
are pooled: numerators and denominators are added up over the stores and divided once. A state
takes the latest visit of each store that carries its section.
"""

from __future__ import annotations

from backend.insight.case_kpis import CASES, RELATIONS
from backend.insight.check_kpis import CHECKING, PROMOTING
from backend.insight.kpis import Kpi
from backend.insight.trade_kpis import DISTRIBUTING, TRADING
from backend.insight.visit_kpis import PROVING, VISITING

SUMMARISED: tuple[Kpi, ...] = (
    *VISITING,
    *CHECKING,
    *CASES,
    *PROMOTING,
    *PROVING,
    *TRADING,
    *RELATIONS,
)
"""The KPIs that need no product."""
KPIS: tuple[Kpi, ...] = (*SUMMARISED, *DISTRIBUTING)
BY_CODE: dict[str, Kpi] = {kpi.code: kpi for kpi in KPIS}
OF_A_PRODUCT = tuple(kpi.code for kpi in DISTRIBUTING)
