"""OKX perpetual futures: the rules behind `shortfall stress okx`, from the clawback to absolute thresholds of the security fund."""

from __future__ import annotations

from datetime import date
from typing import Final

from shortfall.rules.cited import Assumed, Cited
from shortfall.rules.venue import Era, Venue

READ: Final = date(2026, 11, 22)
API_READ: Final = date(2026, 3, 6)
CLAWBACK: Final = "OKX help 115001762991: Full-account clawback"
EARLY: Final = "OKX help: What is the meaning and purpose of the early liquidation mechanism?"
ADL: Final = "OKX help: Introduction to Auto-deleveraging (ADL), published 16 December 2020"
ADL_2025: Final = (
    "OKX help: Automatic-Deleveraging: what it is and how it affects your positions, version of 6 March 2025"
)
ADL_LATEST: Final = (
    "OKX help: Automatic-Deleveraging: what it is and how it affects your positions, version of 4 August 2025"
)
LIQUIDATION: Final = "OKX help 360020411711: Forced partial or full liquidation"
TIERS: Final = "OKX help: Tiered maintenance margin ratio rules, May 2025"
INDEX: Final = "OKX help: Spot index prices"
MARK: Final = "OKX Learn: Mark price and index price of margined contracts"
API: Final = "OKX API v5: ADL warning channel (adlBal, adlRecBal)"
FUND_API: Final = "OKX API v5: Get security fund"

VENUE: Final = Venue(
    code="okx",
    name="OKX Perpetual Futures",
    kind="order book",
    summary=(
        "Orders are cancelled. From the third tier on, a position is brought down by two tiers at a time, checked again after about a "
        "minute; a smaller or worse one is handed to the engine whole at its bankruptcy price. Surplus goes to the security fund of that "
        "contract, deficits come from it. When the fund falls below a threshold, winners are deleveraged at mark; at the bankruptcy "
        "price when the fund is nearly empty."
    ),
    structure=Cited(
        "one fund per underlying and settlement currency",
        ADL,
        READ,
    ),
    eras=(
        Era(
            None,
            "as far back as this file goes: what the fund could not pay was taken from the week's winners (clawback)",
            {
                "margin.tiers": Cited("whole-position", f"{TIERS}: one rate per tier, by contracts", READ),
                "margin.basis": Cited("mark", f"{TIERS}: margin ratio at mark", READ),
                "margin.closing_fee": Assumed(
                    "0.05%",
                    "tier rate and fee rate are added (OKX help 360053909592); base taker rate of perpetuals, from memory",
                ),
                "profit.liquidation": Cited("counts", f"{TIERS}: margin balance and profit over the requirement", READ),
                "profit.opening": Assumed(
                    "counts", "cross margin equity holds it; isolated margin does not", ("ignored",)
                ),
                "profit.withdrawal": Assumed("ignored", "what may be withdrawn against unrealised profit was not read"),
                "trigger.price": Cited("mark", TIERS, READ),
                "index.method": Cited("mean", f"{INDEX}: weighted average of at least three exchanges", READ),
                "index.clamp": Cited(
                    "3%", "OKX notice of 14 October 2023 on components of several indexes: 3 % of the median", READ
                ),
                "index.stale_after": Assumed(
                    "30m", "an older text says 30 minutes; today the time is set per index and not published"
                ),
                "mark.method": Cited("basis-mean", f"{MARK}: index and moving average of the basis", READ),
                "mark.basis_interval": Assumed(
                    "1s", "not published; the premium of price limits is sampled each second"
                ),
                "mark.basis_samples": Assumed(
                    "120", "not published; two minutes, the window of the price limits", ("30", "500")
                ),
                "engine.cancels": Assumed(
                    "all",
                    "orders that use margin are cancelled; whether of the account or the contract depends on the mode",
                ),
                "engine.delay": Assumed("0ms", "time from trigger to order is not published"),
                "engine.pause": Cited("1m", f"{LIQUIDATION}: filled or not, looked at after about a minute", READ),
                "engine.order": Assumed(
                    "worst-first",
                    "the order of liquidations within an instant is not published",
                    ("largest-first", "account"),
                ),
                "amount.method": Cited("tier", LIQUIDATION, READ),
                "amount.tiers": Cited("2", f"{LIQUIDATION}: from tier 3 to tier 1; today two tiers at a time", READ),
                "close.style": Cited(
                    "bankruptcy", f"{LIQUIDATION}: the engine takes over at the bankruptcy price", READ
                ),
                "close.surplus": Cited("fund", f"{FUND_API}: liquidation_balance_deposit", API_READ),
                "close.cross_order": Assumed(
                    "loss", "which contract of a cross account goes first is not published", ("requirement",)
                ),
                "close.cross_price": Assumed(
                    "all", "margin ratio 0 of the whole account; no price of one position is published", ("ratio",)
                ),
                "takeover.price": Cited("bankruptcy", LIQUIDATION, READ),
                "takeover.fund_capacity": Assumed(
                    "0%", "no cap on inventory is published: the ADL trigger stands in its place", ("100%",)
                ),
                "unwinding.method": Assumed("share", "how the fund gets out of positions is not published", ("hold",)),
                "unwinding.share": Assumed("10%", "at most 10 % of visible depth per second", ("1%", "50%")),
                "unwinding.depth_band": Assumed(
                    "2%", "visible depth counts up to 2 % from mark, as far as it was recorded"
                ),
                "bands.unwinding": Assumed("5%", "no band of the engine's own orders is published"),
                "adl.rank": Assumed("profit-maintenance", "no ADL before 2020; see the next era"),
                "adl.price": Assumed("mark", "no ADL before 2020; see the next era"),
                "adl.eligible": Assumed(
                    "profitable-first",
                    "the page ranks losers behind winners in older copies; today it speaks of profitable or highly "
                    "leveraged positions",
                    ("profitable-only",),
                ),
                "socialise.base": Cited(
                    "profit", f"{CLAWBACK}: pro rata of the week's net profit over all contracts", READ
                ),
                "waterfall": Cited("fund,socialise", CLAWBACK, READ),
            },
        ),
        Era(
            date(2020, 12, 16),
            "auto-deleveraging at mark instead of clawback, when the fund is short or has fallen 30 % from its peak of eight hours "
            "(the day is that of the page)",
            {
                "adl.trigger": Cited("peak-drop", f"{EARLY}; {ADL}", READ),
                "adl.start": Cited("30%", EARLY, READ),
                "adl.stop": Assumed("30%", "when it stops is not published"),
                "adl.window": Cited("8h", EARLY, READ),
                "adl.watches": Cited("fund", f"{ADL}: each contract's own fund", READ),
                "adl.price": Cited("mark", EARLY, READ),
                "adl.rank": Assumed(
                    "profit-maintenance",
                    "profit share over margin ratio, in copies of the older text by other venues",
                    ("profit-leverage",),
                ),
                "waterfall": Cited("fund,adl", f"{EARLY}: no socialised loss after ADL", READ),
            },
        ),
        Era(
            date(2024, 8, 1),
            "index: a source more than 2 % from the median counts at 98 or 102 % of it (the day is assumed: a text of August 2024)",
            {"index.clamp": Cited("2%", INDEX, READ)},
        ),
        Era(
            date(2025, 3, 6),
            "ADL by threshold: fund below its mean of eight hours less 30 % or 50,000 USD, whichever is more, or empty",
            {
                "adl.trigger": Cited("threshold", ADL_2025, READ),
                "adl.start": Cited("30%", ADL_2025, READ),
                "adl.start_amount": Cited("50000", ADL_2025, READ),
                "adl.stop": Assumed("30%", "stops at the threshold at which it starts: nothing else is published"),
                "adl.stop_amount": Assumed(
                    "50000", "stops at the threshold at which it starts: nothing else is published"
                ),
            },
        ),
        Era(
            date(2025, 8, 4),
            "ADL when the fund is significantly lower than a preset threshold, which is an absolute balance in the interface; bankruptcy "
            "price when the fund is nearly empty",
            {
                "adl.trigger": Cited("floor", f"{ADL_LATEST}; {API}", READ),
                "adl.start_amount": Assumed(
                    "0", "sample of the interface (BTC-USDT: adlBal 0); the preset threshold is not published"
                ),
                "adl.stop_amount": Assumed("8000", "sample of the interface (BTC-USDT: adlRecBal 8,000)"),
                "adl.rank": Cited("profit-leverage", f"{ADL_LATEST}: profit share x effective leverage", READ),
                "adl.price": Cited("mark-while-funded", ADL_LATEST, READ),
            },
        ),
    ),
    doubts=(
        (
            "The trigger of ADL changed three times in 2024 and 2025. Versions of the page differ by the day on which they were read, "
            "and the reading of the March 2025 text (30 % or 50,000 USD, whichever is higher) rests partly on a rewrite."
        ),
        (
            "Today's preset threshold is not published; adlBal and adlRecBal of the sample (0 and 8,000) say that winners are asked "
            "when the fund is empty. The balance beside them (281 million) makes that a fund without a drawdown rule."
        ),
        (
            "Liquidation of a position of tier 3 or higher is partial only while the margin ratio is above tier 1's requirement; below "
            "it the whole position goes. The rule space drops two tiers wherever there are two."
        ),
        (
            "Opposite legs of a cross account are closed against each other first: not modelled. Nor are reduction orders slightly "
            "better than market."
        ),
        (
            "Clawback merged losses of all contracts and took realised profit of the week at Friday's settlement; here it is profit at "
            "mark in the contract. On 31 July 2018 a long of 4,168,515 contracts needed 2,500 BTC of OKX's money and a clawback "
            "besides."
        ),
        (
            "Window of the mark is not published; one snippet says exponential average. Price limits (X, Y, Z per tier) are dynamic and not"
            " modelled."
        ),
        "Live component weights are rounded and can sum to more than one: they have to be normalised.",
        (
            "Position tiers are published in contracts, and those of BTC, ETH and SOL were not read: contracts run on the ladder of the"
            " common contract, each tier's rate on the whole position. Coin-margined contracts are run on the common linear contract "
            "too."
        ),
    ),
)
