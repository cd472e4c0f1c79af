"""Lighter: an order book proved by circuits; three margin levels, a zero price, and the LLP as its insurance fund."""

from __future__ import annotations

from datetime import date
from typing import Final

from shortfall.rules.cited import Assumed, Cited
from shortfall.rules.venue import Era, Terms, Venue, margin_tiers

READ: Final = date(2026, 11, 22)
LIQUIDATION: Final = "Lighter docs: Perpetual futures / Liquidations & insurance fund"
MARK: Final = "Lighter docs: Perpetual futures / Fair price marking"
FUNDING: Final = "Lighter docs: Perpetual futures / Funding"
SPECIFICATION: Final = "Lighter docs: Perpetual futures / Contract specifications"
STRATEGIES: Final = "Lighter docs: Liquidations & LLP insurance fund / LLP strategies"
CIRCUIT: Final = "Lighter: elliottech/lighter-prover, circuit/src"
DETAILS: Final = "Lighter API: GET /api/v1/orderBookDetails"

VENUE: Final = Venue(
    code="lighter",
    name="Lighter",
    kind="on-chain order book",
    summary=(
        "Below initial margin an account may only reduce. Below maintenance its orders are cancelled and its positions are offered to "
        "the book one by one, never worse than the zero price, at which the ratio of value to maintenance stays; up to 1 % of a better "
        "fill is a fee to the insurance fund. Below the close-out requirement the insurance fund (the liquidity pool LLP) takes all "
        "positions and the collateral. What it cannot take is deleveraged at the zero price."
    ),
    structure=Cited(
        "one pool in strategies: each has its own collateral, can lose no more than that, and stands behind its own markets",
        STRATEGIES,
        READ,
    ),
    eras=(
        Era(
            None,
            "the whole pool stands behind every market",
            {
                "waterfall": Cited("fund,adl", f"{LIQUIDATION}; the pool is the insurance fund", READ),
                "margin.tiers": Cited("marginal", f"{LIQUIDATION}: one fraction per market", READ),
                "margin.basis": Cited("mark", LIQUIDATION, READ),
                "trigger.price": Cited("mark", LIQUIDATION, READ),
                "trigger.takeover_below": Cited(
                    "66.6667%",
                    f"{SPECIFICATION}: close-out over maintenance fraction is two thirds in every market listed",
                    READ,
                ),
                "profit.liquidation": Cited("counts", LIQUIDATION, READ),
                "profit.opening": Cited("counts", f"{LIQUIDATION}: value at mark against initial margin", READ),
                "profit.withdrawal": Assumed(
                    "counts", "withdrawals are judged by value at mark as orders are", ("ignored",)
                ),
                "fees.taker": Cited("0%", DETAILS, READ),
                "fees.maker": Cited("0%", DETAILS, READ),
                "index.method": Assumed(
                    "mean", f"{MARK}: several oracles, Stork first; how they are joined is not stated", ("median",)
                ),
                "mark.method": Cited(
                    "median-venues", f"{MARK}: index with an average premium, impact price, other venues' marks", READ
                ),
                "mark.basis_clamp": Cited("0.5%", f"{MARK}: the premium is capped", READ),
                "mark.basis_interval": Assumed("5s", "the length of the average is not stated"),
                "mark.basis_samples": Assumed("30", "the length of the average is not stated"),
                "funding.interval": Cited("1h", FUNDING, READ),
                "engine.delay": Assumed("0ms", "not published"),
                "engine.order": Assumed("worst-first", "not published", ("largest-first", "account")),
                "engine.cancels": Cited("all", LIQUIDATION, READ),
                "engine.pause": Assumed(
                    "1s", "how long until the engine tries an unfilled account again is not published"
                ),
                "amount.method": Assumed(
                    "whole",
                    f"{LIQUIDATION}: one position after another until healthy; the size of an order is not stated",
                    ("heal",),
                ),
                "close.style": Cited("bankruptcy", f"{LIQUIDATION}: immediate or cancel at the zero price", READ),
                "close.liquidation_fee": Cited(
                    "1%", f"{LIQUIDATION}: up to 1 %, only of better fills; {DETAILS}", READ
                ),
                "close.taker_fee": Assumed("0%", "only the liquidation fee is named"),
                "close.surplus": Cited(
                    "trader", f"{LIQUIDATION}: in a partial liquidation only the fee is taken", READ
                ),
                "close.cross_order": Assumed("requirement", f"{LIQUIDATION}: by a heuristic", ("notional", "loss")),
                "close.cross_price": Cited(
                    "ratio", f"{CIRCUIT}/liquidation.rs: mark x (1 - sign x M x value / requirement)", READ
                ),
                "takeover.price": Cited(
                    "bankruptcy", f"{LIQUIDATION}: all positions with all collateral, which is the zero price", READ
                ),
                "takeover.fund": Cited("yes", LIQUIDATION, READ),
                "takeover.fund_capacity": Assumed("0%", "no bound on what the pool may hold is published", ("100%",)),
                "unwinding.method": Assumed("share", "how the pool sells is not published", ("hold", "at-once")),
                "unwinding.share": Assumed("10%", "at most 10 % of visible depth per second", ("1%", "50%")),
                "unwinding.depth_band": Assumed("2%", "visible depth counts up to 2 % from mark"),
                "adl.rank": Assumed(
                    "profit-leverage",
                    f"{CIRCUIT}/internal_deleverage.rs: the engine picks, circuits check the pair only",
                    ("profit", "largest"),
                ),
                "adl.price": Cited("bankruptcy", f"{CIRCUIT}/internal_deleverage.rs: zero price", READ),
                "adl.eligible": Assumed(
                    "profitable-first",
                    f"{CIRCUIT}/internal_deleverage.rs: whoever can afford it on the other side",
                    ("profitable-only",),
                ),
                "adl.trigger": Cited("exhausted", LIQUIDATION, READ),
            },
        ),
        Era(
            date(2026, 1, 1),
            "strategies: a bucket of the pool stands behind its own markets and ends when its collateral does (the day is assumed)",
            {
                "adl.trigger": Cited(
                    "floor", f"{STRATEGIES}: ADL when the collateral of the strategy is used up", READ
                ),
                "adl.watches": Cited("fund", STRATEGIES, READ),
                "adl.start_amount": Cited("0", STRATEGIES, READ),
                "adl.stop_amount": Cited("0", STRATEGIES, READ),
            },
        ),
    ),
    terms=(
        Terms(
            "ETH",
            "ETH",
            Cited(margin_tiers((None, "2", "1.2")), f"{SPECIFICATION}; {DETAILS}", READ),
            {"mark.impact_notional": Cited("25000", f"{MARK}: 500 USDC over the initial fraction", READ)},
        ),
        Terms(
            "BTC",
            "BTC",
            Cited(margin_tiers((None, "2", "1.2")), SPECIFICATION, READ),
            {"mark.impact_notional": Cited("25000", f"{MARK}: 500 USDC over the initial fraction", READ)},
        ),
        Terms(
            "SOL",
            "SOL",
            Cited(margin_tiers((None, "6.66", "3.99")), SPECIFICATION, READ),
            {"mark.impact_notional": Cited("7500", f"{MARK}: 500 USDC over the initial fraction", READ)},
        ),
        *(
            Terms(
                base,
                base,
                Cited(margin_tiers((None, "12.5", "7.5")), SPECIFICATION, READ),
                {"mark.impact_notional": Cited("4000", f"{MARK}: 500 USDC over the initial fraction", READ)},
            )
            for base in ("XRP", "LINK", "AVAX", "DOT")
        ),
        Terms(
            "TON",
            "TON",
            Cited(margin_tiers((None, "20", "12")), SPECIFICATION, READ),
            {"mark.impact_notional": Cited("2500", f"{MARK}: 500 USDC over the initial fraction", READ)},
        ),
    ),
    doubts=(
        "The contract specifications read are of the test network; only ETH was confirmed by a recorded reply of the main network.",
        "Two texts of the mark differ: an index with the last funding rate, or with an average premium capped at 0.5 %. The newer is used.",
        "The day on which strategies came is not known; the pool's loss was first cut off by one in a test reported in early 2026.",
        "Which winners the engine deleverages is its own choice; circuits only check that a pair is fair.",
        "Who may be deleveraged has to be able to afford it; the rule space checks that only where pairs are made directly.",
        "The zero price is rounded against the account and by a tick at least; a venue's tick may move the last unit.",
        "How long the engine waits between tries is not published.",
    ),
)
