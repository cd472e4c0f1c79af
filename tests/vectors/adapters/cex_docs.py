"""Worked examples of centralised venues' documents and of open-source tests of their formulas, dispatched by what is asked.

Figures are compared in the unit in which the page prints (stated where a figure is made); the engine knows a price to one tick,
and the ticks of a case are as fine as its bounds allow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from . import cex_layers, cex_margin, cex_prices, cex_triggers
from .outcome import Unsupported

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def missing(mechanism: str) -> Callable[[Mapping[str, Any]], object]:
    """Return an answer that says what is missing."""

    def answer_missing(_inputs: Mapping[str, Any]) -> object:
        raise Unsupported(mechanism)

    return answer_missing


# The first row whose words all occur in the question answers it.
QUESTIONS: Final[tuple[tuple[tuple[str, ...], Callable[[Mapping[str, Any]], object]], ...]] = (
    (("liq_price", "isolated", "linear", "classic"), cex_margin.entry_value_liquidation_price),
    (("liq_price", "isolated", "linear"), cex_margin.liquidation_price),
    (("liq", "bankruptcy", "insurance", "linear"), cex_margin.entry_value_liquidation_and_fund),
    (("liq", "bankruptcy", "inverse"), cex_margin.inverse_liquidation_and_bankruptcy),
    (("bankruptcy price", "ADL"), cex_margin.cross_bankruptcy_price),
    (("bankruptcy", "inverse"), cex_margin.inverse_bankruptcy_price),
    (("bankruptcy", "linear"), cex_margin.linear_bankruptcy_price),
    (("tiered maintenance margin",), cex_margin.tiered_maintenance),
    (("risk limit steps",), cex_margin.risk_limit_steps),
    (("IM/MM", "linear perp"), cex_margin.margin_growing_with_size),
    (("mark price median",), cex_prices.mark_median),
    (("index exclusion",), cex_prices.index_exclusion),
    (("index from components",), cex_prices.index_from_components),
    (("insurance fund sign",), cex_layers.fund_sign),
    (("ADL queue", "fills"), cex_layers.adl_queue),
    (("ADL return rate",), cex_layers.adl_return_rate),
    (("ADL trigger", "pool equity"), cex_layers.adl_at_empty_pool),
    (("ADL trigger",), cex_triggers.adl_by_drawdown),
    (("ADL volatility threshold",), cex_triggers.adl_by_threshold),
    (("ADL score",), cex_triggers.adl_score),
    (("clawback",), cex_layers.clawback),
    (("LSP capacity",), cex_layers.provider_capacity),
    (("assignment",), missing("inputs-leave-it-open")),
)


def answer(kind: str, inputs: Mapping[str, Any]) -> object:
    """Answer a case. A side that the question states is an input like any other."""
    stated = [word for word in ("long", "short") if word in kind.split()]
    side = {"side": stated[0]} if stated and ("linear" in kind or "inverse" in kind) else {}
    for words, ask in QUESTIONS:
        if all(word in kind for word in words):
            return ask({**side, **inputs})
    raise Unsupported("kind-without-an-adapter")
