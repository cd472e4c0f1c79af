"""Hyperliquid, markets deployed by builders (HIP-3): the same engine without the liquidator vault."""

from __future__ import annotations

from datetime import date
from typing import Final

from shortfall.rules.cited import Assumed, Cited
from shortfall.rules.venue import Era, Terms, Venue, margin_tiers
from shortfall.venues.hyperliquid import ADL, CORE, LIQUIDATION

READ: Final = date(2026, 11, 22)
DEPLOYER: Final = "Hyperliquid docs: For developers / API / HIP-3 deployer actions"
BUILDER: Final = "trade.xyz docs: Trading / Liquidations and auto-deleveraging"
HIP3: Final = "Hyperliquid docs: Improvement proposals / HIP-3 builder-deployed perpetuals"
NO_VAULT: Final = f"{BUILDER}: the liquidator vault does not stand behind these markets"

VENUE: Final = Venue(
    code="hyperliquid-builder",
    name="Hyperliquid builder-deployed perpetuals (HIP-3)",
    kind="on-chain order book",
    summary=(
        "The builder gives oracle and mark prices, which may move by at most 1 % in an update. Below maintenance market orders go to "
        "the book, as on the venue's own markets. There is no vault and no fund: an account worth less than nothing is closed against "
        "the other side at the previous mark."
    ),
    structure=Cited("none: the liquidator vault does not stand behind these markets", BUILDER, READ),
    eras=(
        Era(
            None,
            "as far back as this file goes",
            {
                **CORE,
                "waterfall": Cited("adl", NO_VAULT, READ),
                "trigger.takeover_below": Assumed(
                    "0.0001%",
                    f"{ADL}: when the account's value is negative, which is stated here as next to no maintenance left",
                ),
                "takeover.backstop": Cited("no", NO_VAULT, READ),
                "index.method": Assumed(
                    "mean", f"{DEPLOYER}: one price, whose making the builder defines", ("median",)
                ),
                "index.interval": Cited("2.5s", f"{DEPLOYER}: at least 2.5 seconds between updates, 3 expected", READ),
                "mark.method": Assumed(
                    "median-venues",
                    f"{DEPLOYER}: median of up to two prices of the builder and of bid, ask and last trade of the own book; the builder's "
                    "prices stand here for the other two members of the median",
                    ("index",),
                ),
                "mark.max_move": Cited("1%", f"{DEPLOYER}: an update changes oracle and mark by at most 1 %", READ),
                "mark.basis_interval": Assumed("3s", "no average is stated for builders' prices"),
                "mark.basis_samples": Assumed("50", "no average is stated for builders' prices"),
                "unwinding.method": Assumed("hold", "nobody takes positions over, so there is nothing to unwind"),
                "adl.trigger": Assumed("exhausted", "there is no holder whose loss could trigger it earlier"),
                "close.style": Cited("market", f"{LIQUIDATION}; {BUILDER}", READ),
            },
        ),
    ),
    terms=(
        Terms(
            "BTC",
            "BTC",
            Assumed(
                margin_tiers((None, "2.5", "1.25")), f"{HIP3}: the builder sets the leverage; here 40x at all sizes"
            ),
        ),
        Terms(
            "ETH",
            "ETH",
            Assumed(margin_tiers((None, "4", "2")), f"{HIP3}: the builder sets the leverage; here 25x at all sizes"),
        ),
        Terms(
            "SOL",
            "SOL",
            Assumed(margin_tiers((None, "5", "2.5")), f"{HIP3}: the builder sets the leverage; here 20x at all sizes"),
        ),
    ),
    doubts=(
        "Each builder decides on prices, leverage and fees; this file is the frame they share, not one of them.",
        "HyENA keeps the level of two thirds of maintenance with a vault of its own; other builders have none.",
        "When no update comes for 10 seconds the mark falls back to the own book; the rule space has no such fallback by age.",
        "A market may be halted and settled at mark by its builder; that is a decision, not a rule.",
        "Open interest is capped by market and by builder; caps on open interest are not in the rule space.",
    ),
)
