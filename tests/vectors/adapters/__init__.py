"""Adapters: the inputs of a peer's case go through public rule records and an `Exchange`; what the engine says comes back.

An adapter is a function from a case's kind and inputs to an answer. It never sees the case's name, and it never sees what is
expected. What the rule space cannot express is raised as `Unsupported`; what it does otherwise on purpose comes back as a
`Disagreement` that carries the engine's own answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from . import (
    cex_docs,
    drift_v2_liquidation_math,
    drift_v2_perp_bankruptcy,
    drift_v2_perp_liquidation,
    dydx_v4_deleveraging,
    dydx_v4_insurance_fund,
    dydx_v4_prices,
    dydx_v4_scenarios,
    gmx_v2,
    mango_v4,
    orderly,
    percolator,
    vega,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Adapter = "Callable[[str, Mapping[str, Any]], Any]"

ADAPTERS: Final[Mapping[tuple[str, str], Callable[[str, Mapping[str, Any]], Any]]] = {
    ("dydx_v4", "prices"): dydx_v4_prices.answer,
    ("dydx_v4", "insurance_fund"): dydx_v4_insurance_fund.answer,
    ("dydx_v4", "deleveraging"): dydx_v4_deleveraging.answer,
    ("dydx_v4", "scenarios"): dydx_v4_scenarios.answer,
    ("cex_docs", ""): cex_docs.answer,
    ("drift_v2", "perp_bankruptcy"): drift_v2_perp_bankruptcy.answer,
    ("drift_v2", "liquidation_math"): drift_v2_liquidation_math.answer,
    ("drift_v2", "perp_liquidation"): drift_v2_perp_liquidation.answer,
    ("percolator", "waterfall"): percolator.answer,
    ("vega", "settlement"): vega.answer,
    ("gmx_v2", "adl_liquidation"): gmx_v2.answer,
    ("orderly", "liquidation_adl"): orderly.answer,
    ("mango_v4", "base_liquidation"): mango_v4.answer,
    ("mango_v4", "bankruptcy"): mango_v4.answer,
}
