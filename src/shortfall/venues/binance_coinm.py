"""Binance COIN-M perpetual futures (inverse): the rules behind `shortfall stress binance-coinm`."""

from __future__ import annotations

from datetime import date
from typing import Final

from shortfall.rules.cited import Assumed, Cited
from shortfall.rules.venue import Era, Terms, Venue, margin_tiers

READ: Final = date(2026, 11, 22)
LIQUIDATION: Final = "Binance FAQ 360033525271: Liquidation protocols"
FUND: Final = "Binance FAQ 360033525371: Futures insurance fund"
ADL: Final = "Binance FAQ 360033525471: Auto-deleveraging"
MARK: Final = "Binance FAQ fff6ec1b3f5845d19f1fb924644a0877: Mark price of COIN-M (30 samples, one per 5 seconds)"
INDEX: Final = "Binance FAQ 360033525071: Price index"
LEVERAGE: Final = (
    "Binance FAQ be2c7d9d95b04a7e8044ed02dd7dfe5c: Leverage and margin in coin-margined futures, 11 June 2020"
)
AMOUNTS: Final = (
    "Binance FAQ ceccfcfb4e3a45e3b48b0b1bb1a8ae46: liquidation price of coin-margined contracts (maintenance amounts)"
)

VENUE: Final = Venue(
    code="binance-coinm",
    name="Binance COIN-M Futures",
    kind="order book",
    summary=(
        "As USD-M, in coins: all orders of the account are cancelled, one immediate-or-cancel order tries to bring it back above "
        "maintenance, the rest is closed at the bankruptcy price and taken over by the insurance fund of the coin, and what the fund "
        "cannot take is closed against winners at that price."
    ),
    structure=Assumed(
        "one balance per coin", "balances of the coin-margined funds were not read; margin and profit are in the coin"
    ),
    eras=(
        Era(
            None,
            "as far back as this file goes: the fund may hold net notional up to 20 % of its size",
            {
                "margin.tiers": Cited(
                    "marginal", f"{AMOUNTS}: rate less an amount that keeps the requirement continuous", READ
                ),
                "margin.basis": Cited(
                    "mark", f"{AMOUNTS}: the bracket is that of the value at the liquidation price", READ
                ),
                "profit.liquidation": Cited("counts", f"{LIQUIDATION}: initial, realised and unrealised", READ),
                "profit.opening": Assumed(
                    "counts", "cross margin of one coin holds it; isolated margin does not", ("ignored",)
                ),
                "profit.withdrawal": Cited(
                    "ignored", "Binance FAQ b3c689c1f50a44cabb3a84e663b81d93: wallet balance", READ
                ),
                "trigger.price": Cited("mark", LIQUIDATION, READ),
                "index.method": Cited("mean", INDEX, READ),
                "index.clamp": Cited(
                    "1%", f"{INDEX}: a source beyond 3 % of the median is capped, 1 % for BTC and ETH", READ
                ),
                "index.stale_after": Cited("5m", f"{INDEX}: no data or no trade for 5 minutes gives weight 0", READ),
                "mark.method": Cited("median", MARK, READ),
                "mark.basis_interval": Cited("5s", MARK, READ),
                "mark.basis_samples": Cited("30", MARK, READ),
                "engine.cancels": Cited("all", LIQUIDATION, READ),
                "engine.delay": Assumed("0ms", "time from trigger to order is not published"),
                "engine.order": Assumed(
                    "worst-first",
                    "the order of liquidations within an instant is not published",
                    ("largest-first", "account"),
                ),
                "amount.method": Cited(
                    "tier", f"{LIQUIDATION}: reduce, then close (modelled as drops of one tier)", READ
                ),
                "close.style": Cited("bankruptcy", f"{LIQUIDATION}: the rest is closed at the bankruptcy price", READ),
                "close.surplus": Assumed(
                    "fund", "part of the remaining collateral goes to the fund; how much is not published", ("trader",)
                ),
                "close.cross_price": Assumed(
                    "all", "no bankruptcy price of one position of a cross account is published", ("ratio",)
                ),
                "takeover.price": Cited("bankruptcy", FUND, READ),
                "takeover.fund_capacity": Cited(
                    "20%", f"{FUND}, earliest text: net notional up to 20 % of the fund", READ
                ),
                "unwinding.method": Assumed(
                    "share", "a preset algorithm sells the fund's inventory; it is not published", ("hold",)
                ),
                "unwinding.share": Assumed("10%", "at most 10 % of visible depth per second", ("1%", "50%")),
                "unwinding.depth_band": Assumed(
                    "2%", "visible depth counts up to 2 % from mark, as far as it was recorded"
                ),
                "bands.unwinding": Assumed(
                    "5%", "no band of the fund's own orders is published today (2.5 % in the earliest text)"
                ),
                "adl.trigger": Cited("exhausted", f"{ADL}: when the fund cannot accept the position", READ),
                "adl.rank": Cited("profit-leverage", f"{ADL}: PnL percent x effective leverage", READ),
                "adl.price": Cited("bankruptcy", f"{ADL}: bankruptcy price of the initially liquidated order", READ),
                "adl.eligible": Assumed(
                    "profitable-first",
                    "what happens when profitable positions run out is not published",
                    ("profitable-only",),
                ),
                "waterfall": Cited("fund,adl", f"{ADL}: when the fund cannot accept the position", READ),
            },
        ),
        Era(
            date(2022, 1, 1),
            "the fund may hold net notional up to 100 % of its size (the day is assumed: texts of 2019 to 2022 say so)",
            {
                "takeover.fund_capacity": Assumed(
                    "100%", "rule of 2019-22 (FAQ 360033525371); today's figure is not published", ("20%", "0%")
                ),
            },
        ),
    ),
    terms=(
        Terms(
            "BTCUSD_PERP",
            "BTC",
            Assumed(
                margin_tiers(
                    ("10", "0.8", "0.4"),
                    ("20", "1", "0.5"),
                    ("30", "2", "1"),
                    ("50", "5", "2.5"),
                    ("100", "10", "5"),
                    ("200", "20", "10"),
                    ("400", "25", "12.5"),
                    ("1000", "33.3334", "15"),
                    (None, "50", "25"),
                ),
                f"limits in BTC and initial rates: {LEVERAGE}; maintenance rates up to 100 BTC follow from the amount of level 5 in "
                f"{AMOUNTS}, those above are the ones of USD-M at the same leverage",
            ),
            inverse=True,
        ),
        Terms(
            "ETHUSD_PERP",
            "ETH",
            Assumed(
                margin_tiers(
                    ("100", "1", "0.5"),
                    ("500", "1.3334", "0.65"),
                    ("1000", "2", "1"),
                    ("2000", "5", "2.5"),
                    ("4000", "10", "5"),
                    ("6000", "20", "10"),
                    ("8000", "25", "12.5"),
                    ("10000", "33.3334", "15"),
                    (None, "50", "25"),
                ),
                f"limits in ETH and initial rates: {LEVERAGE}; maintenance rates are the ones of USD-M at the same leverage",
            ),
            inverse=True,
        ),
    ),
    doubts=(
        "COIN-M is being merged into the stack of USD-M (30 June 2026); whether funds are merged too was not read.",
        "Brackets are those of June 2020. A later text has 5, 10, 20, 50 and 100 BTC; today's need a key.",
        "An older text of the mark has a basis of thirty minutes, sampled each minute.",
        "The liquidation price formula of coin-margined contracts is a picture that was not read; the formula used elsewhere is derived.",
        "The order within one instant, the speed of the engine and the algorithm that sells the fund's inventory are not published.",
        "These contracts are inverse: they are run on the common linear contract, with limits in coins turned into dollars at its mark.",
    ),
)
