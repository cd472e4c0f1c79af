"""Kraken Futures: the Equity Protection Process. The client keeps what is left; liquidity providers stand where others have a fund."""

from __future__ import annotations

from datetime import date
from typing import Final

from shortfall.rules.cited import Assumed, Cited
from shortfall.rules.venue import Era, Terms, Venue, margin_tiers

READ: Final = date(2026, 11, 22)
PROCESS: Final = "Kraken support 360022835671: Equity Protection Process"
ASSIGNMENT: Final = "Kraken support 360022835231: Example: assignment"
MARK: Final = "Kraken support 25499987607837: Linear Contract Specifications"
IMPACT: Final = "Kraken support 360008643453: Inverse Crypto-Collateral Perpetual Contract Specifications"
SCHEDULE: Final = "Kraken support 360022632452: Multi-Collateral Derivatives Margin Schedule & Maximum Leverage"
MULTI: Final = "Kraken support 4844463246100: Margining & Liquidations (Multi-Collateral)"
FIXED: Final = "Kraken support: Linear multi-collateral fixed maturity contract specifications"
CLASS_A: Final = margin_tiers(
    ("1000000", "2", "1"),
    ("2000000", "4", "2"),
    ("5000000", "5", "2.5"),
    ("10000000", "10", "5"),
    ("20000000", "20", "10"),
    ("60000000", "30", "15"),
    (None, "50", "25"),
)
CLASS_B: Final = margin_tiers(
    ("250000", "2", "1"),
    ("750000", "4", "2"),
    ("1000000", "5", "2.5"),
    ("5000000", "10", "5"),
    ("10000000", "20", "10"),
    ("30000000", "30", "15"),
    (None, "50", "25"),
)

VENUE: Final = Venue(
    code="kraken",
    name="Kraken Futures",
    kind="order book",
    summary=(
        "One immediate-or-cancel order, limited at the price at which equity is zero, tries to close; whatever a better fill leaves stays "
        "with the client. What is not filled is assigned to liquidity providers who signed up for it; what they do not take is unwound "
        "against opposite holders. No insurance fund is published. Since 26 March 2026 liquidation can be partial."
    ),
    structure=Cited("none; liquidity providers", f"{PROCESS}; {ASSIGNMENT}", READ),
    eras=(
        Era(
            None,
            "as far back as this file goes: the whole position is liquidated, assigned, unwound",
            {
                "margin.tiers": Assumed(
                    "whole-position",
                    "levels by position size; whether a rate covers all of it was not read",
                    ("marginal",),
                ),
                "margin.basis": Assumed(
                    "mark",
                    "the example of the process needs it (7,481); the margin schedule speaks of the value at entry",
                    ("entry",),
                ),
                "profit.liquidation": Cited("counts", f"{MULTI}: margin equity holds unrealised profit and loss", READ),
                "profit.opening": Cited("counts", f"{MULTI}: profit or loss as margin", READ),
                "profit.withdrawal": Assumed("ignored", "what may be withdrawn against unrealised profit was not read"),
                "trigger.price": Cited("mark", MARK, READ),
                "index.method": Assumed(
                    "median", "a real-time index of an administrator; its method was not read", ("mean",)
                ),
                "mark.method": Cited("basis-ema", f"{MARK}: index and 30-second average of impact mid - index", READ),
                "mark.basis_interval": Assumed("1s", "a 30-second average is published, its step is not"),
                "mark.basis_samples": Cited("30", f"{MARK}: 30 seconds", READ),
                "mark.basis_clamp": Cited("1%", f"{MARK}: premium of perpetuals capped", READ),
                "mark.impact_notional": Cited("1000", f"{IMPACT}: 1,000 USD for inverse contracts", READ),
                "mark.without_index": Cited("impact-mid", f"{MARK}: where the index is unavailable", READ),
                "engine.cancels": Assumed("all", "cancelling of orders was not read"),
                "engine.delay": Assumed("0ms", "time from trigger to order is not published"),
                "engine.order": Assumed(
                    "worst-first",
                    "the order of liquidations within an instant is not published",
                    ("largest-first", "account"),
                ),
                "amount.method": Cited("whole", f"{PROCESS}: full liquidation", READ),
                "close.style": Cited("bankruptcy", f"{PROCESS}: immediate or cancel at the price of zero equity", READ),
                "close.surplus": Cited("trader", f"{PROCESS}: the client keeps what remains", READ),
                "close.cross_price": Assumed(
                    "all", "zero equity of the margin account; no price of one position is published", ("ratio",)
                ),
                "takeover.price": Assumed(
                    "bankruptcy", "assigned at the price of zero equity (from memory)", ("mark",)
                ),
                "takeover.backstop_capacity": Assumed(
                    "0%",
                    "what providers signed up for is not published: they take what their equity bears",
                    ("100%", "1000%"),
                ),
                "unwinding.method": Assumed("share", "providers get out as they like", ("hold", "at-once")),
                "unwinding.share": Assumed("10%", "at most 10 % of visible depth per second"),
                "unwinding.depth_band": Assumed(
                    "2%", "visible depth counts up to 2 % from mark, as far as it was recorded"
                ),
                "bands.unwinding": Assumed("5%", "no band of providers' orders is published"),
                "adl.trigger": Cited("exhausted", f"{PROCESS}: unwind comes after assignment", READ),
                "adl.rank": Assumed(
                    "profit-leverage",
                    "whose opposite position is ended was not read",
                    ("largest", "profit", "pro-rata"),
                ),
                "adl.price": Assumed(
                    "bankruptcy",
                    "price of zero equity, so that nobody's balance falls below zero (from memory)",
                    ("mark",),
                ),
                "adl.eligible": Assumed(
                    "profitable-first", "whose opposite position is ended was not read", ("profitable-only",)
                ),
                "waterfall": Cited("backstop,adl", f"{PROCESS}: assignment, then unwind", READ),
            },
        ),
        Era(
            date(2026, 3, 26),
            "partial liquidation, with a fee, of linear contracts (coin-margined ones are still liquidated whole)",
            {
                "amount.method": Assumed(
                    "heal",
                    "partial since 26 March 2026 (the process page); the steps of the linear branch were below the cut",
                    ("tier", "share"),
                ),
                "close.liquidation_fee": Assumed(
                    "0.5%", "a fee is announced with partial liquidation; its rate was not read", ("0%",)
                ),
            },
        ),
    ),
    terms=(
        Terms(
            "PF_XBTUSD",
            "BTC",
            Assumed(CLASS_A, f"levels: {SCHEDULE}; class A as that of the fixed maturity contract ({FIXED})"),
        ),
        Terms(
            "PF_ETHUSD",
            "ETH",
            Assumed(CLASS_A, f"levels: {SCHEDULE}; class A as that of the fixed maturity contract ({FIXED})"),
        ),
        Terms(
            "PF_SOLUSD",
            "SOL",
            Assumed(CLASS_B, f"levels: {SCHEDULE}; class B as that of the fixed maturity contract ({FIXED})"),
        ),
        Terms("PF_DOGEUSD", "DOGE", Cited(CLASS_A, f"{SCHEDULE}; {MARK}: class A", READ)),
        Terms("PF_ADAUSD", "ADA", Cited(CLASS_B, f"{SCHEDULE}; {MARK}: class B", READ)),
        Terms("PF_AAVEUSD", "AAVE", Cited(CLASS_B, f"{SCHEDULE}; {MARK}: class B", READ)),
    ),
    doubts=(
        (
            "The example of the process prints a maintenance margin of 0.00125 BTC, which is the value at entry, and a liquidation "
            "price of 7,481, which needs the value at mark (at entry it would be 7,477)."
        ),
        "Steps and fee of partial liquidation, price of an assignment and order of an unwind were not visible.",
        "Assignment is an auction-like choice among providers; here one provider takes what its equity bears.",
        "No endpoint of an insurance fund was found. That does not prove that Kraken never pays.",
        (
            "A sample of 2022 has other levels for PF_XBTUSD (500,000, then 2 million); clients in the European Economic Area have 10x and "
            "other classes."
        ),
        "Inverse contracts (PI_XBTUSD: 2 % and 1 % up to 500,000 USD) are run on the common linear contract.",
        "Long and short of the same underlying net: the requirement is that of the larger side. Not modelled.",
    ),
)
