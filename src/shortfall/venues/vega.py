"""Vega (app-chain, closed): marks are settled in cash, the market's pool pays, gains are cut. Outline."""

from __future__ import annotations

from datetime import date
from typing import Final

from shortfall.rules.cited import Assumed, Cited
from shortfall.rules.venue import Era, Venue

READ: Final = date(2026, 11, 22)
POSITION: Final = "Vega: vegaprotocol/specs, protocol/0012-POSR-position_resolution.md"
SETTLEMENT: Final = "Vega: vegaprotocol/specs, protocol/0002-STTL-settlement.md"
INSURANCE: Final = "Vega: vegaprotocol/specs, protocol/0015-INSR-market_insurance_pool_collateral.md"
STRATEGY: Final = "Vega: vegaprotocol/vega, core/integration/features/liquidation/0012-POSR-013.feature"
CODE: Final = "Vega: vegaprotocol/vega, core/collateral"
NO_ADL: Final = "nobody is deleveraged: this decides nothing"

VENUE: Final = Venue(
    code="vega",
    name="Vega Protocol",
    kind="on-chain order book",
    summary=(
        "At every mark losers pay what they have, then the market's insurance pool pays, then the gains of that settlement are cut in "
        "proportion. A distressed account loses its orders, its position goes to the network at mark and its margin to the market's "
        "pool, which is the network's margin; the network sells by a schedule. Nobody is deleveraged."
    ),
    structure=Cited("one pool per market; the pool of all markets is never used for a shortfall", INSURANCE, READ),
    thin=True,
    eras=(
        Era(
            None,
            "as the last specification says",
            {
                "waterfall": Cited("fund", f"{INSURANCE}: the market's own pool, then the cut of gains", READ),
                "realisation.method": Cited("mark-to-market", SETTLEMENT, READ),
                "realisation.interval": Cited("0s", f"{SETTLEMENT}: at every mark", READ),
                "realisation.remainder": Cited("last-winner", f"{CODE}: engine_test.go", READ),
                "funding.remainder": Cited("fund", f"{CODE}: engine_test.go", READ),
                "index.method": Assumed("median", "each market names its own data source", ("mean",)),
                "mark.method": Assumed(
                    "last", f"{SETTLEMENT}: by default the last trade; a market may choose otherwise", ("index",)
                ),
                "engine.delay": Assumed("0ms", "positions are resolved in the block of the mark"),
                "engine.cancels": Cited("all", POSITION, READ),
                "amount.method": Cited("whole", POSITION, READ),
                "close.style": Cited("handover", f"{POSITION}: to the network, at mark", READ),
                "close.surplus": Cited("fund", f"{POSITION}: the margin goes to the market's pool", READ),
                "takeover.fund": Cited("yes", POSITION, READ),
                "takeover.fund_capacity": Cited("0%", f"{POSITION}: the network takes everything", READ),
                "unwinding.method": Cited("schedule", STRATEGY, READ),
                "unwinding.step": Cited("10s", STRATEGY, READ),
                "unwinding.fraction": Cited("50%", STRATEGY, READ),
                "unwinding.full_lots": Cited("50", STRATEGY, READ),
                "unwinding.book_share": Cited("1%", STRATEGY, READ),
                "unwinding.depth_band": Assumed(
                    "10%", f"{STRATEGY}: a slippage range of the market; 10 is what the example uses"
                ),
                "adl.rank": Assumed("profit", NO_ADL),
                "adl.price": Assumed("mark", NO_ADL),
                "adl.eligible": Assumed("profitable-only", NO_ADL),
            },
        ),
    ),
    doubts=(
        "Margins come from a risk model per market; no fixed tiers exist, so the tiers of the common contract are used.",
        "The liquidation strategy is a choice of each market; the figures are those of one example.",
        "Rounding of a cut gives the last winner in settlement order the rest, which can be more than it was due.",
        "One text of the specification contradicts its own figures on what the network's position costs the pool.",
        "The chain was shut down; the rules are those of its last code.",
    ),
)
