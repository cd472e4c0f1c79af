"""Bybit: USDT perpetual futures, with the inverse ones by the same rules. Rules behind `shortfall stress bybit`."""

from __future__ import annotations

from datetime import date
from typing import Final

from shortfall.rules.cited import Assumed, Cited
from shortfall.rules.venue import Era, Terms, Venue, margin_tiers

READ: Final = date(2026, 11, 22)
API_READ: Final = date(2026, 7, 24)
LIQUIDATION: Final = "Bybit help 900000167723 and 000001098: Liquidation process"
ADL: Final = "Bybit help 900000031623: What is auto-deleveraging (ADL)?"
ADL_2025: Final = "Bybit help centre: Auto-Deleveraging (ADL) Mechanism, version of 5 November 2025"
ADL_ALERT: Final = "Bybit API documentation v5: Get ADL Alert"
POOLS: Final = "Bybit API documentation v5: Get Insurance Pool"
FUND: Final = "Bybit help centre: Insurance Fund"
MARK: Final = "Bybit help centre: What is Dual Price mechanism?"
INDEX: Final = "Bybit help 000001055: Index Price Calculation"
UNIFIED: Final = (
    "Bybit help centre: Liquidation Price Calculation under Isolated Mode (Unified Trading Account), 27 May 2026"
)
GLOSSARY: Final = "Bybit help centre: Glossary (Unified Trading Account), 13 March 2026"
MARGIN: Final = "https://www.bybit.com/en/announcement-info/margin-parameters"

VENUE: Final = Venue(
    code="bybit",
    name="Bybit Derivatives",
    kind="order book",
    summary=(
        "Orders are cancelled. A position above the lowest risk limit is brought down tier by tier with immediate orders in the book; "
        "what is left, or a position in the lowest tier, is taken over at its bankruptcy price. The contract's own pool, or the pool "
        "that it shares with others, gains or loses the difference between that price and the exit. When a contract has lost too much "
        "of its pool within eight hours, or the pool is empty, winners are deleveraged instead, at the bankruptcy price."
    ),
    structure=Cited(
        "isolated and shared pools",
        f"{POOLS}: own pools, groups, new listings, USDC, main pool",
        API_READ,
    ),
    eras=(
        Era(
            None,
            "as far back as this file goes: winners are asked when the fund cannot pay; margin counts the value at entry",
            {
                "margin.tiers": Cited(
                    "marginal", f"{MARGIN}: rate less a deduction that keeps the requirement continuous", READ
                ),
                "margin.basis": Cited(
                    "entry",
                    "Bybit help centre: Liquidation Price (USDT Contract): entry x (1 -/+ (initial - maintenance rate))",
                    READ,
                ),
                "profit.liquidation": Cited(
                    "counts", f"{GLOSSARY}: margin balance holds unrealised profit and loss", READ
                ),
                "profit.opening": Assumed(
                    "counts", "the margin balance of a unified account holds it; isolated margin does not", ("ignored",)
                ),
                "profit.withdrawal": Assumed("ignored", "what may be withdrawn against unrealised profit was not read"),
                "trigger.price": Cited("mark", MARK, READ),
                "index.method": Cited("mean", f"{INDEX}: weights by volume of the six largest spot pairs", READ),
                "index.stale_after": Cited(
                    "1m",
                    "Bybit help 360039261094 (2020): a source without change for more than a minute is left out",
                    READ,
                ),
                "mark.method": Cited("median", MARK, READ),
                "mark.basis_interval": Cited("1s", f"{MARK}: each second", READ),
                "mark.basis_samples": Cited("300", f"{MARK}: moving average of five minutes", READ),
                "engine.cancels": Assumed(
                    "all",
                    "orders are cancelled first; whether the account's or the contract's depends on the margin mode",
                    ("market",),
                ),
                "engine.delay": Assumed("0ms", "time from trigger to order is not published"),
                "engine.order": Assumed(
                    "worst-first",
                    "the order of liquidations within an instant is not published",
                    ("largest-first", "account"),
                ),
                "amount.method": Cited(
                    "tier", f"{LIQUIDATION}: size less the limit of the lower tier, fill-or-kill or immediate", READ
                ),
                "amount.tiers": Cited("1", f"{LIQUIDATION}: to the next lower risk limit", READ),
                "close.style": Cited(
                    "bankruptcy", f"{LIQUIDATION}: what is not filled is taken over at the bankruptcy price", READ
                ),
                "close.surplus": Cited("fund", f"{FUND}: a better exit pays in", READ),
                "close.cross_price": Assumed(
                    "all",
                    "wallet and position margin stand behind the price in a third-party rewrite of the ADL page",
                    ("ratio",),
                ),
                "close.taker_fee": Cited(
                    "0.055%", f"{UNIFIED}: taker rate of its example; {ADL}: the liquidated side pays it", READ
                ),
                "close.bankruptcy_fee": Cited(
                    "0.055%",
                    "Bybit help 360039261334: the bankruptcy price holds the taker fee; rate of the 2026 example",
                    READ,
                ),
                "takeover.price": Cited("bankruptcy", LIQUIDATION, READ),
                "takeover.fund_capacity": Assumed(
                    "0%", "no cap on inventory is published: the ADL trigger stands in its place", ("100%",)
                ),
                "takeover.pool_capacity": Assumed(
                    "0%", "no cap on inventory is published: the ADL trigger stands in its place", ("100%",)
                ),
                "unwinding.method": Assumed("share", "how the pool gets out of positions is not published", ("hold",)),
                "unwinding.share": Assumed("10%", "at most 10 % of visible depth per second", ("1%", "50%")),
                "unwinding.depth_band": Assumed(
                    "2%", "visible depth counts up to 2 % from mark, as far as it was recorded"
                ),
                "bands.unwinding": Assumed("5%", "no band of the pool's own orders is published"),
                "adl.trigger": Cited("exhausted", f"{ADL}: when the fund cannot cover the loss", READ),
                "adl.rank": Cited("profit-leverage", f"{ADL}: by profit and effective leverage", READ),
                "adl.price": Cited("bankruptcy", ADL, READ),
                "adl.fee": Assumed(
                    "0.02%",
                    "the winner pays the maker fee (help 900000031623); the rate is the base rate of USDT perpetuals",
                ),
                "adl.eligible": Assumed(
                    "profitable-first",
                    "what happens when profitable positions run out is not published",
                    ("profitable-only",),
                ),
                "waterfall": Cited("fund,adl", f"{FUND}; {ADL}", READ),
            },
        ),
        Era(
            date(2025, 11, 5),
            "ADL by drawdown: a contract that has lost the whole of the fund's highest balance of eight hours goes to winners "
            "(the day is that of the page; the rule may be older)",
            {
                "adl.trigger": Cited("drawdown", ADL_2025, READ),
                "adl.start": Cited("100%", f"{ADL_2025}: drawdown of at least 100 % of the fund's peak", READ),
                "adl.stop": Assumed(
                    "95%", "the stop was below the cut of the page; 5 points below the start, as in the interface"
                ),
                "adl.window": Cited("8h", ADL_2025, READ),
                "adl.watches": Assumed(
                    "fund", "isolated and shared pools existed; before December 2025 the contract's fund is taken"
                ),
                "adl.rank": Assumed(
                    "profit-leverage",
                    "the formula of today's page was not visible; leveraged return, as in the older text",
                    ("return-on-margin", "profit"),
                ),
                "adl.price": Assumed(
                    "bankruptcy",
                    "help centre; a third-party rewrite of it takes mark where the two are more than 5 % apart",
                    ("bankruptcy-unless-far",),
                ),
                "adl.far": Assumed("5%", "from a third-party rewrite of the ADL page only"),
            },
        ),
        Era(
            date(2025, 12, 19),
            "enhanced pools: a pool for new listings (at least 8 million USDT), portfolio pools of up to nine contracts (2 to 4 million); "
            "thresholds per contract in the interface",
            {
                "adl.watches": Cited(
                    "pool", f"{ADL_ALERT}: the ratio is taken on the pool that the contract draws on", API_READ
                ),
                "adl.start": Assumed(
                    "30%",
                    "a field of each contract in the interface (insurancePnlRatio -0.3 in samples and worked examples); the help "
                    "centre of November 2025 says 100 %",
                    ("100%",),
                ),
                "adl.stop": Assumed("25%", "a field of each contract in the interface (adlStopRatio -0.25 in samples)"),
                "waterfall": Cited("pool,adl", f"{POOLS}; {ADL_ALERT}", API_READ),
            },
        ),
        Era(
            date(2026, 5, 27),
            "unified account: margin counts the value at mark and sets the fee of the close aside (the day is that of the page)",
            {
                "margin.basis": Cited(
                    "mark", "Bybit API documentation v5: Get Position Info (positionIM equals positionIMByMp)", API_READ
                ),
                "margin.closing_fee": Cited(
                    "0.055%", f"{UNIFIED}: initial and maintenance margin hold the fee to close", READ
                ),
            },
        ),
    ),
    terms=(
        Terms(
            "BTCUSDT",
            "BTC",
            Cited(
                margin_tiers(
                    ("2000000", "1", "0.5"),
                    ("2600000", "1.1112", "0.56"),
                    ("3200000", "1.25", "0.63"),
                    ("3800000", "1.3334", "0.67"),
                    ("4400000", "1.4286", "0.71"),
                    ("5000000", "1.5385", "0.77"),
                    ("5600000", "1.8182", "0.91"),
                    ("8500000", "2", "1"),
                    ("10000000", "2.2223", "1.3"),
                    ("14000000", "2.5", "1.5"),
                    ("20000000", "2.8572", "1.6"),
                    ("28000000", "3.3334", "2"),
                    ("38000000", "4", "2.5"),
                    ("50000000", "5", "2.9"),
                    ("55000000", "5.2632", "3"),
                    ("60000000", "5.5556", "3.5"),
                    ("65000000", "5.8824", "3.6"),
                    ("70000000", "6.25", "3.8"),
                    ("75000000", "6.6667", "4"),
                    (None, "7.1429", "4.5"),
                ),
                f"{MARGIN} (BTCUSDT, 20 levels up to 80 million USDT; initial rate = 1 / leverage, rounded up)",
                READ,
            ),
        ),
    ),
    doubts=(
        (
            "Trigger, stop and threshold of ADL are fields of each contract in the interface and change: this file holds the samples of"
            " the documentation, which come from the test network. The help centre says 100 % of the peak, the interface's examples 30 "
            "%."
        ),
        (
            "The rule says that ADL starts below -0.3; the second worked example of the same page starts at exactly -0.3. It starts "
            "here at equality."
        ),
        (
            "In the first case of the interface's page the loss is held at the threshold by a new bankruptcy price: winners bear the "
            "excess. A balance threshold below which that case does not apply (10,000 in samples, 1 in the text) is not modelled."
        ),
        "A contract can be moved to a temporary pool of its own, and Bybit may change thresholds or add money: discretion, not a rule.",
        "Ranking formula, price of the deleveraged and fallback of the mark where an index source fails: not visible on the pages read.",
        "Contribution of liquidations to the pools and the band of the pools' orders are not published.",
        (
            "Margin levels of ETH, SOL and other contracts were not read: they run on the ladder of the common contract. Inverse contracts "
            "(BTCUSD) are run on the common linear contract too."
        ),
    ),
)
