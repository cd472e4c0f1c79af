"""Paradex: positions go to the insurance fund at mark in shares of a fifth; a deficit is charged on withdrawals. No ADL."""

from __future__ import annotations

from datetime import date
from typing import Final

from shortfall.rules.cited import Assumed, Cited
from shortfall.rules.venue import Era, Terms, Venue, margin_tiers

READ: Final = date(2026, 11, 22)
LIQUIDATION: Final = "Paradex docs: Risk / Liquidations"
LOSSES: Final = "Paradex docs: Risk / Socialized losses and last resort mechanism"
MARK: Final = "Paradex docs: Risk / Mark price calculation"
CROSS: Final = "Paradex docs: Risk / Cross margin requirement"
TERMS: Final = "Paradex docs: Risk / Margin term reference"
CHECKS: Final = "Paradex docs: Risk / Risk checks"
BANDS: Final = "Paradex docs: Risk / Price bands"
MARKETS: Final = "Paradex API: GET /v1/markets (test network)"
NO_ADL: Final = "the venue declares itself for intervention with notice instead of ADL: this decides nothing"

VENUE: Final = Venue(
    code="paradex",
    name="Paradex",
    kind="on-chain order book",
    summary=(
        "An account whose requirement exceeds its value hands the same share of every position, in steps of a fifth, over to the "
        "insurance fund at mark and pays a penalty from its collateral. The fund sells in the market and bears what that costs. While "
        "the fund and bankrupt accounts together lack money, every withdrawal is cut by the missing share. Nobody is deleveraged."
    ),
    structure=Cited("one account for all markets", "Paradex API: GET /v1/insurance", READ),
    eras=(
        Era(
            None,
            "as far back as this file goes",
            {
                "waterfall": Cited("fund", f"{LIQUIDATION}; {LOSSES}", READ),
                "margin.tiers": Cited("marginal", f"{CROSS}: one initial fraction per market", READ),
                "margin.basis": Cited("mark", CROSS, READ),
                "margin.closing_fee": Assumed(
                    "0.03%", f"{CROSS}: taker fee of leaving is part of the requirement; the rate was not read"
                ),
                "profit.liquidation": Cited("counts", f"{TERMS}: account value", READ),
                "profit.opening": Cited("counts", CHECKS, READ),
                "profit.withdrawal": Cited(
                    "ignored", f"{CHECKS}: no more than the balance of deposits and realised profit", READ
                ),
                "bands.user": Cited("5%", f"{BANDS}; {MARKETS}", READ),
                "index.method": Assumed(
                    "mean", f"{MARK}: Pyth and Stork; how they are joined is not stated", ("median",)
                ),
                "mark.method": Assumed(
                    "median-venues",
                    f"{MARK}: spot x (1 + fair basis), a median of own quotes, own mid and other venues, mixed with other venues alone "
                    "where the own book is thin; that mixture is not in the rule space",
                    ("index",),
                ),
                "mark.basis_interval": Assumed("1s", "the lengths of the averages are not stated"),
                "mark.basis_samples": Assumed("30", "the lengths of the averages are not stated"),
                "engine.delay": Assumed(
                    "0s",
                    f"{CHECKS}: a check every 5 seconds; how long an account waits for the next one is chance",
                    ("5s",),
                ),
                "engine.pause": Cited("5s", f"{CHECKS}: a check every 5 seconds", READ),
                "engine.order": Assumed(
                    "worst-first", "the order within a check is not published", ("largest-first", "account")
                ),
                "engine.cancels": Assumed(
                    "all",
                    "orders that add risk are cancelled below initial margin; what happens to the others is not stated",
                    ("none",),
                ),
                "amount.method": Assumed(
                    "equal-share",
                    f"{LIQUIDATION}: the smallest multiple of a fifth that brings the ratio below 90 %; here a fifth of every position at "
                    "a time until below 100 %",
                    ("whole",),
                ),
                "amount.share": Cited("20%", LIQUIDATION, READ),
                "close.style": Cited("handover", f"{LIQUIDATION}: positions go to the fund, no order is sent", READ),
                "close.liquidation_fee": Assumed(
                    "0%",
                    f"{LIQUIDATION}: a penalty of 70 % of the requirement by the text, 50 % by its table; the rule space charges a fee "
                    "on what is sold in the book only, and a handover sells nothing",
                ),
                "close.surplus": Cited("trader", f"{LIQUIDATION}: only penalty and positions leave the account", READ),
                "close.cross_order": Assumed(
                    "requirement", "all positions shrink together, so the order decides nothing"
                ),
                "close.cross_price": Assumed("ratio", f"{LIQUIDATION}: at mark, so no bankruptcy price is needed"),
                "takeover.fund": Cited("yes", LIQUIDATION, READ),
                "takeover.fund_capacity": Assumed("0%", "no bound on what the fund may hold is published", ("100%",)),
                "unwinding.method": Assumed(
                    "share",
                    f"{LIQUIDATION}: the fund closes in the market; how fast is not published",
                    ("hold", "at-once"),
                ),
                "unwinding.share": Assumed("10%", "at most 10 % of visible depth per second", ("1%", "50%")),
                "unwinding.depth_band": Assumed("2%", "visible depth counts up to 2 % from mark"),
                "adl.rank": Assumed("profit", NO_ADL),
                "adl.price": Assumed("mark", NO_ADL),
                "adl.eligible": Assumed("profitable-only", NO_ADL),
                "socialise.withdrawal": Cited("cut", f"{LOSSES}: only those who withdraw while money is missing", READ),
            },
        ),
    ),
    terms=(
        Terms(
            "BTC-USD-PERP",
            "BTC",
            Cited(margin_tiers((None, "2", "1")), f"{MARKETS}; {CROSS}: maintenance is half of it", READ),
        ),
    ),
    doubts=(
        "The penalty is 70 % of the requirement in the text of the page, 50 % in its worked table, 20 % in a reply of the test network.",
        "The worked withdrawal factor is 25 % (1,000 / 4,000); the formula gives 20 % unless the total leaves the fund out, as here.",
        "The penalty cannot be stated for a handover at mark, so the fund is poorer here than on the venue.",
        "The share is chosen at once, for a ratio of 90 %; here a fifth goes at a time until the ratio is 100 %.",
        "Initial margin grows with size by a formula of three parameters (60 BTC limit, 0.02 base); only the base rate is used.",
        "A fund that cannot pay what an account lacks refuses its position here; the venue's fund takes it and may be bankrupt.",
        "The last resort, settlement of counterparties on notice after a time, is not in the rule space.",
        "The lengths of the averages in the mark, and the terms of other contracts, were not read.",
    ),
)
