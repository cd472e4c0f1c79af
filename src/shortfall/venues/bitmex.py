"""BitMEX perpetual swaps: risk limits on the whole position, takeover at the bankruptcy price, the first auto-deleveraging."""

from __future__ import annotations

from datetime import date
from typing import Final

from shortfall.rules.cited import Assumed, Cited
from shortfall.rules.venue import Era, Terms, Venue, margin_tiers

READ: Final = date(2026, 11, 22)
LIQUIDATION: Final = "https://www.bitmex.com/app/liquidation"
STEPS: Final = "https://testnet.bitmex.com/app/liquidationExamples"
ADL: Final = "BitMEX support 18589621443357 and https://www.bitmex.com/app/autoDeleveraging"
RISK: Final = "https://www.bitmex.com/app/riskLimitsExamples"
MARK: Final = "https://www.bitmex.com/app/fairPriceMarking"
INDEX: Final = "https://www.bitmex.com/app/indices"
PROTECTION: Final = "https://blog.bitmex.com/new-protections-bitmex-indices/"
RATES: Final = "BitMEX blog: Change in Base Initial Margin and Maintenance Margin for 14 contracts, 14 March 2024"
RATES_2025: Final = (
    "BitMEX blog: Changes to Base Initial Margin, Maintenance Margin, Risk Limits and Risk Steps, 12 June 2025"
)
BASE_ONLY: Final = (
    f"base rates: {RATES}; base limit and step of this contract were not read, so the base rates have no end"
)

VENUE: Final = Venue(
    code="bitmex",
    name="BitMEX",
    kind="order book",
    summary=(
        "Orders of the contract are cancelled. Above the base risk limit a fill-or-kill order brings the position down to a lower limit; "
        "else the engine takes it over with what is left of its margin and posts a limit order at the bankruptcy price. The insurance "
        "fund gains from better fills and pays for crossing the book; when it cannot, winners are deleveraged at the bankruptcy price."
    ),
    structure=Cited("one fund per settlement currency", "BitMEX API: GET /insurance (currency, walletBalance)", READ),
    eras=(
        Era(
            None,
            "as far back as this file goes: since auto-deleveraging took the place of socialised losses",
            {
                "margin.tiers": Cited(
                    "whole-position", f"{RISK}: each step raises both rates of the whole position", READ
                ),
                "margin.basis": Assumed(
                    "entry",
                    "a support answer puts liquidation at bankruptcy + entry x maintenance rate; pages do not say it",
                    ("mark",),
                ),
                "profit.liquidation": Cited("counts", f"{LIQUIDATION}: margin at the fair price", READ),
                "profit.opening": Assumed(
                    "counts",
                    "cross margin uses the available balance; whether profit opens positions was not read",
                    ("ignored",),
                ),
                "profit.withdrawal": Assumed("ignored", "what may be withdrawn against unrealised profit was not read"),
                "trigger.price": Cited("mark", MARK, READ),
                "index.method": Cited("mean", f"{INDEX}: last prices, weights by volume, set each quarter", READ),
                "index.interval": Cited("5s", INDEX, READ),
                "index.exclude": Cited(
                    "25%", f"{PROTECTION}: three constituents or more, from the median (50 % for altcoins)", READ
                ),
                "index.jump": Cited(
                    "25%", f"{PROTECTION}: unchanged beyond it with one constituent, beyond half of it with two", READ
                ),
                "index.stale_after": Cited(
                    "15m", f"{PROTECTION}: a feed that stands still is dropped after 15 minutes", READ
                ),
                "mark.method": Cited(
                    "funding-basis", f"{MARK}: index x (1 + funding to come), no term of the book", READ
                ),
                "mark.without_index": Cited("keeps", PROTECTION, READ),
                "funding.interval": Cited("8h", MARK, READ),
                "engine.cancels": Cited("market", f"{STEPS}: open orders of the contract", READ),
                "engine.delay": Assumed("0ms", "time from trigger to order is not published"),
                "engine.order": Assumed(
                    "worst-first",
                    "the order of liquidations within an instant is not published",
                    ("largest-first", "account"),
                ),
                "amount.method": Cited("tier", f"{STEPS}: down to a lower risk limit", READ),
                "amount.tiers": Cited("1", STEPS, READ),
                "close.style": Cited(
                    "bankruptcy", f"{STEPS}: taken over, then a limit order at the bankruptcy price", READ
                ),
                "close.surplus": Cited(
                    "fund", f"{LIQUIDATION}: the engine takes the remaining maintenance margin", READ
                ),
                "close.cross_price": Assumed(
                    "all", "the bankruptcy price of one position of a cross account is not published", ("ratio",)
                ),
                "takeover.price": Cited("bankruptcy", STEPS, READ),
                "takeover.fund_capacity": Assumed(
                    "0%",
                    "how much of the fund stands behind one contract is not published; winners are asked when it is used up",
                    ("100%",),
                ),
                "unwinding.method": Assumed(
                    "share", "how much of the book the engine crosses, and when, is not published", ("at-once", "hold")
                ),
                "unwinding.share": Assumed("10%", "at most 10 % of visible depth per second", ("1%", "50%")),
                "unwinding.depth_band": Assumed(
                    "2%", "visible depth counts up to 2 % from mark, as far as it was recorded"
                ),
                "bands.unwinding": Assumed("5%", "no band of the engine's own orders is published"),
                "adl.trigger": Cited(
                    "exhausted", f"{LIQUIDATION}: if the position is still open when the fund is used up", READ
                ),
                "adl.rank": Cited(
                    "position-leverage", f"{ADL}: profit share x mark value / (mark value - bankrupt value)", READ
                ),
                "adl.price": Cited("bankruptcy", f"{ADL}: of the initial liquidated order", READ),
                "adl.eligible": Cited(
                    "profitable-first", f"{ADL}: positions without profit rank by profit share / leverage", READ
                ),
                "adl.pairing": Cited("in-order", "https://testnet.bitmex.com/app/autoDeleveragingExamples", READ),
                "waterfall": Cited("fund,adl", f"{LIQUIDATION}; {ADL}", READ),
            },
        ),
        Era(
            date(2020, 8, 1),
            "a constituent comes back into the index after 15 minutes within 2 % of the median (the day is assumed: August 2020)",
            {
                "index.readmit": Cited("2%", "BitMEX blog: Index constituent reintroduction", READ),
                "index.readmit_after": Cited("15m", "BitMEX blog: Index constituent reintroduction", READ),
            },
        ),
    ),
    terms=(
        Terms(
            "XBTUSD",
            "BTC",
            Cited(
                margin_tiers(
                    ("200", "1", "0.5"),
                    ("350", "1.5", "1"),
                    ("500", "2", "1.5"),
                    ("650", "2.5", "2"),
                    ("800", "3", "2.5"),
                    ("950", "3.5", "3"),
                    ("1100", "4", "3.5"),
                    ("1250", "4.5", "4"),
                    ("1400", "5", "4.5"),
                    (None, "5.5", "5"),
                ),
                f"{RISK} (in XBT; steps of 150 XBT since 31 August 2021); {RATES}",
                READ,
            ),
            inverse=True,
        ),
        Terms("ETHUSDT", "ETH", Assumed(margin_tiers((None, "1", "0.5")), BASE_ONLY)),
        Terms("SOLUSDT", "SOL", Assumed(margin_tiers((None, "2", "1")), BASE_ONLY)),
        Terms("DOGEUSDT", "DOGE", Assumed(margin_tiers((None, "2", "1")), BASE_ONLY)),
        Terms("XRPUSDT", "XRP", Assumed(margin_tiers((None, "2", "1")), BASE_ONLY)),
        Terms(
            "WIFUSDT",
            "WIF",
            Cited(
                margin_tiers(
                    ("100000", "2", "1"),
                    ("200000", "3", "2"),
                    ("300000", "4", "3"),
                    ("400000", "5", "4"),
                    (None, "6", "5"),
                ),
                f"{RATES_2025}: limit and step 100,000 USDT",
                READ,
            ),
        ),
        Terms(
            "HYPEUSDT",
            "HYPE",
            Cited(
                margin_tiers(
                    ("40000", "2", "1"),
                    ("80000", "3", "2"),
                    ("120000", "4", "3"),
                    ("160000", "5", "4"),
                    (None, "6", "5"),
                ),
                f"{RATES_2025}: limit and step 40,000 USDT",
                READ,
            ),
        ),
    ),
    doubts=(
        (
            "Base maintenance of XBTUSD moved: 0.50 %, 0.45 % from 17 April 2020, 0.40 % from 5 May 2020, 0.50 % again from 14 March "
            "2024; its risk step was 100 XBT until 31 August 2021. The contract's terms in this file are today's."
        ),
        (
            "Ladders end here after a few steps; BitMEX goes on by the same step. Limits of ETHUSDT, SOLUSDT, DOGEUSDT and XRPUSDT were not"
            " read."
        ),
        "Users set their risk limit themselves; here it always fits the position.",
        "A fill-or-kill order fills whole or not at all; here the reduction is immediate or cancel.",
        (
            "A support answer takes two taker fees off the margin that sets the bankruptcy price; rates were not read, so no fee is inside "
            "it here."
        ),
        "How much of the fund of a currency may be spent on one contract is not published. On 12 and 13 March 2020 nobody was deleveraged.",
        "XBTUSD is inverse: it is run on the common linear contract, with its limits in XBT turned into dollars at that contract's mark.",
    ),
)
