"""Jupiter Perps: the JLP pool is the other side of every trade; a liquidation forfeits all collateral to it. Outline."""

from __future__ import annotations

from datetime import date
from typing import Final

from shortfall.rules.cited import Assumed, Cited
from shortfall.rules.venue import Era, Terms, Venue, margin_tiers

READ: Final = date(2026, 11, 22)
LIQUIDATION: Final = "Jupiter docs: Trade / Perps and JLP / Liquidation"
FEES: Final = "Jupiter docs: Trade / Perps and JLP / Fees"
FAQ: Final = "Jupiter docs: Trade / Perps and JLP / FAQ"
PERPS: Final = "Jupiter docs: jup-ag/docs, perps"
NO_BOOK: Final = "there is no book and no ADL: this decides nothing"

VENUE: Final = Venue(
    code="jupiter",
    name="Jupiter Perps",
    kind="liquidity pool",
    summary=(
        "A position is closed at the oracle price when its collateral less fees has fallen to a 500th of its size. All that is left of "
        "the collateral is forfeited to the pool; what is missing the pool goes without. A position can win no more than what the pool "
        "locked for it when it was opened. There is no fund and no deleveraging."
    ),
    structure=Cited("none; one pool of five tokens stands behind all contracts", PERPS, READ),
    thin=True,
    eras=(
        Era(
            None,
            "as far back as this file goes",
            {
                "waterfall": Cited("liquidity", LIQUIDATION, READ),
                "counterparty.kind": Cited("pool", PERPS, READ),
                "counterparty.settles_in": Cited(
                    "cash", f"{FAQ}: collateral is worth its dollars at deposit for as long as it stays", READ
                ),
                "counterparty.spread": Cited("0%", f"{FEES}: oracle prices", READ),
                "counterparty.adl_start": Cited("0%", f"{PERPS}: no ADL", READ),
                "counterparty.profit_cap": Assumed(
                    "100%",
                    f"{PERPS}: tokens locked for each position cap its profit; the rule space caps a side against the pool",
                ),
                "margin.basis": Cited("entry", f"{LIQUIDATION}: a share of the size, which is dollars at entry", READ),
                "fees.taker": Cited("0.06%", FEES, READ),
                "margin.closing_fee": Cited(
                    "0.06%", f"{LIQUIDATION}: the fee of closing is part of the liquidation price", READ
                ),
                "index.method": Assumed("median", "three oracles; how they are joined was not read"),
                "mark.method": Cited("index", PERPS, READ),
                "amount.method": Cited("whole", LIQUIDATION, READ),
                "close.style": Assumed("bankruptcy", NO_BOOK),
                "close.surplus": Assumed(
                    "fund", f"{FEES}: all remaining collateral goes to the pool; the layer fund stands for it"
                ),
                "takeover.fund": Assumed("no", "there is no fund"),
                "adl.rank": Assumed("profit", NO_BOOK),
                "adl.price": Assumed("mark", NO_BOOK),
                "adl.eligible": Assumed("profitable-only", NO_BOOK),
            },
        ),
    ),
    terms=tuple(
        Terms(
            f"{base}-PERP",
            base,
            Cited(margin_tiers((None, "0.4", "0.2")), f"{PERPS}: 250x; {LIQUIDATION}: size / 500", READ),
        )
        for base in ("SOL", "ETH", "BTC")
    ),
    doubts=(
        "Borrow fees move the liquidation price by the hour and are left out, as is the price-impact fee.",
        "Leverage of 250x is the trading maximum of the newer text; an older one says 100x.",
        "Only three contracts exist, so there is no other to give terms for.",
        "The pool's composition moves with its prices; here its capital is a stated amount of cash.",
    ),
)
