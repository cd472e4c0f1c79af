"""Binance USD-M perpetual futures: the rules behind `shortfall stress binance`. Contract figures are in the bundled snapshots."""

from __future__ import annotations

from datetime import date
from typing import Final

from shortfall.rules.cited import Assumed, Cited
from shortfall.rules.venue import Era, Venue

READ: Final = date(2026, 11, 22)
LIQUIDATION: Final = "Binance FAQ 360033525271: Liquidation protocols"
FUND: Final = "Binance FAQ 360033525371: Futures insurance fund"
ADL: Final = "Binance FAQ 360033525471: Auto-deleveraging"
MARK: Final = "Binance FAQ fff6ec1b3f5845d19f1fb924644a0877: Mark price (30 samples, one per 5 seconds)"
INDEX: Final = "Binance FAQ 360033525071: Price index"

VENUE: Final = Venue(
    code="binance",
    name="Binance USD-M Futures",
    kind="order book",
    summary=(
        "All orders of the account are cancelled; one immediate-or-cancel order tries to bring it back above maintenance; the rest "
        "is closed at the bankruptcy price and taken over by the insurance fund; what the fund cannot take is closed against "
        "winners at the bankruptcy price of the liquidated order. No socialised loss is published."
    ),
    structure=Cited(
        "one balance in several assets per group of symbols", "Binance API: GET /fapi/v1/insuranceBalance", READ
    ),
    eras=(
        Era(
            None,
            "as far back as this file goes: the fund may hold net notional up to 20 % of its size",
            {
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
    doubts=(
        "The order within one instant, the speed of the engine and the algorithm that sells the fund's inventory are not published.",
        "A newer text of FAQ 360033525371 speaks of the unrealised loss of positions taken over: that reads like a test at mark.",
        "The default threshold of the index clamp is 3 %; BTC and ETH use 1 %, which is what is set here.",
    ),
)
