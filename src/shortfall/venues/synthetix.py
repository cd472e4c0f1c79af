"""Synthetix v3 perps: liquidity providers take liquidated positions at limited speed, collateral is seized at once. Outline."""

from __future__ import annotations

from datetime import date
from typing import Final

from shortfall.rules.cited import Assumed, Cited
from shortfall.rules.venue import Era, Venue

READ: Final = date(2026, 11, 22)
CODE: Final = "Synthetix: Synthetixio/synthetix-v3, markets/perps-market"
NO_BOOK: Final = "there is no book and no ADL: this decides nothing"

VENUE: Final = Venue(
    code="synthetix",
    name="Synthetix v3 Perps",
    kind="liquidity pool",
    summary=(
        "Below maintenance an account is flagged: all its collateral is seized at once and its positions pass to the liquidity providers "
        "at limited speed, so much per window. What the collateral does not cover is debt of the providers. There is no fund and no "
        "deleveraging."
    ),
    structure=Cited("none; a pool of providers stands behind a set of markets", CODE, READ),
    thin=True,
    eras=(
        Era(
            None,
            "as the code says",
            {
                "waterfall": Cited("liquidity", CODE, READ),
                "counterparty.kind": Cited("pool", CODE, READ),
                "counterparty.settles_in": Cited("cash", CODE, READ),
                "counterparty.spread": Assumed("0%", "a premium by skew, which is not in the rule space"),
                "counterparty.adl_start": Cited("0%", f"{CODE}: no ADL", READ),
                "margin.basis": Cited("mark", CODE, READ),
                "index.method": Assumed("median", "one oracle network"),
                "mark.method": Cited("index", CODE, READ),
                "amount.method": Assumed(
                    "whole", f"{CODE}: a window of size over time; positions are closed at once here"
                ),
                "close.style": Assumed("bankruptcy", NO_BOOK),
                "close.surplus": Assumed(
                    "fund", f"{CODE}: all collateral is seized; the layer fund stands for the providers"
                ),
                "takeover.fund": Assumed("no", "there is no fund"),
                "adl.rank": Assumed("profit", NO_BOOK),
                "adl.price": Assumed("mark", NO_BOOK),
                "adl.eligible": Assumed("profitable-only", NO_BOOK),
            },
        ),
    ),
    doubts=(
        "Margin grows with size against the scale of skew and has a minimum; no market's figures were read.",
        "A window holds (maker + taker fee) x scale of skew x multiplier x seconds; the pace of a large liquidation is lost here.",
        "Keepers are paid between a least and a largest reward, which is left out.",
    ),
)
