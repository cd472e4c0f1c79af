"""Deribit inverse perpetuals (BTC, ETH): incremental liquidation in the book, an insurance fund, socialised losses behind it."""

from __future__ import annotations

from datetime import date
from typing import Final

from shortfall.rules.cited import Assumed, Cited
from shortfall.rules.venue import Era, Terms, Venue, margin_tiers

READ: Final = date(2026, 11, 22)
LIQUIDATION: Final = "Deribit support 25944769313309: Liquidations"
FUND: Final = "Deribit support 25944777576477: Insurance Fund"
INDEX: Final = "Deribit support 25944739377309: Index Prices"
PERPETUAL: Final = "Deribit support 25944756807069: Inverse perpetual"
MARGINS_2022: Final = "Deribit support 25944826427293: 11 January 2022 (margin changes)"
OLD_FEES: Final = "https://www.deribit.com/pages/docs: liquidation fees"
NO_ADL: Final = "inverse perpetuals are never deleveraged"
ONE_COIN: Final = "lots of one coin of the common contract (0.001 each)"

VENUE: Final = Venue(
    code="deribit",
    name="Deribit Inverse Perpetuals",
    kind="order book",
    summary=(
        "The account is locked and its position sold into the book in small rounds, one each second, until maintenance margin is covered "
        "again: what is left stays with the user, less a liquidation fee that goes to the insurance fund. The fund brings negative equity "
        "back to zero; were it empty, losses would be shared by the winners of that day."
    ),
    structure=Cited("one fund per currency", f"{FUND}; API: public/get_last_settlements_by_currency", READ),
    eras=(
        Era(
            None,
            "as far back as this file goes: liquidation fee 0.5 % (BTC)",
            {
                "margin.tiers": Assumed(
                    "marginal", "one base rate without brackets; the rate grows with the position instead"
                ),
                "margin.basis": Cited("mark", f"{PERPETUAL}: requirement at today's price", READ),
                "profit.liquidation": Cited("counts", f"{LIQUIDATION}: margin balance", READ),
                "profit.opening": Assumed("counts", "equity holds the session's profit", ("ignored",)),
                "profit.withdrawal": Assumed(
                    "ignored", "profit becomes cash at the daily settlement; it may be withdrawn then"
                ),
                "trigger.price": Cited("mark", PERPETUAL, READ),
                "index.method": Cited("mean", INDEX, READ),
                "index.clamp": Cited("0.5%", f"{INDEX}: each source within 0.5 % of the median", READ),
                "index.stale_after": Cited("3m", INDEX, READ),
                "mark.method": Assumed(
                    "basis-ema", "30-second average of the fair price over the index, in third-party quotes of the page"
                ),
                "mark.basis_interval": Assumed("1s", "a 30-second average is published, its step is not"),
                "mark.basis_samples": Assumed("30", "30 seconds of one-second steps"),
                "mark.basis_clamp": Assumed(
                    "0.5%",
                    "a band around the index is published, its width was not read (from memory)",
                    ("0.1%", "1.5%"),
                ),
                "engine.cancels": Assumed(
                    "all", "the user is locked out until margin suffices; cancelling of orders was not read"
                ),
                "engine.delay": Assumed("0ms", "time from trigger to the first round is not published"),
                "engine.pause": Cited("1s", f"{LIQUIDATION}: one round per second", READ),
                "engine.order": Assumed(
                    "worst-first",
                    "the order of liquidations within an instant is not published",
                    ("largest-first", "account"),
                ),
                "amount.method": Cited("share", f"{LIQUIDATION}: incremental, until maintenance is covered", READ),
                "amount.share": Assumed(
                    "20%", "the size of a round is not published (once 200 contracts)", ("5%", "100%")
                ),
                "close.style": Assumed(
                    "market",
                    "orders go into the book and the fund repays negative equity; a limit is not published",
                    ("bankruptcy",),
                ),
                "close.surplus": Cited("trader", f"{LIQUIDATION}: only as much as needed is closed", READ),
                "close.liquidation_fee": Cited("0.5%", f"{OLD_FEES} (BTC 0.5 %, ETH 0.9 %)", READ),
                "close.cross_price": Assumed("all", "no bankruptcy price of one position is published"),
                "takeover.fund": Cited("no", f"{FUND}: the fund pays negative equity back to zero", READ),
                "adl.rank": Assumed("profit-leverage", NO_ADL),
                "adl.price": Assumed("bankruptcy", NO_ADL),
                "adl.eligible": Assumed("profitable-only", NO_ADL),
                "socialise.base": Cited("profit", f"{FUND}: shared by that day's winners", READ),
                "waterfall": Cited("fund,socialise", FUND, READ),
            },
        ),
        Era(
            date(2022, 1, 11),
            "50x at most; liquidation fee of BTC 0.75 %, initial margin 2 %, maintenance 1 % (before: 1 and 0.525 %)",
            {"close.liquidation_fee": Cited("0.75%", f"{MARGINS_2022} (BTC; ETH stays at 0.9 %)", READ)},
        ),
    ),
    terms=(
        Terms(
            "BTC-PERPETUAL",
            "BTC",
            Cited(margin_tiers((None, "2", "1")), f"{MARGINS_2022}; 50x in API: public/get_instruments", READ),
            {
                "margin.growth": Cited("0.005%", f"{MARGINS_2022}: for each BTC of the position", READ),
                "margin.growth_lots": Assumed("1000", ONE_COIN),
            },
            inverse=True,
        ),
        Terms(
            "ETH-PERPETUAL",
            "ETH",
            Cited(margin_tiers((None, "2", "1")), MARGINS_2022, READ),
            {
                "margin.growth": Cited("0.0004%", f"{MARGINS_2022}: for each ETH of the position", READ),
                "margin.growth_lots": Assumed("1000", ONE_COIN),
                "close.liquidation_fee": Cited("0.9%", MARGINS_2022, READ),
            },
            inverse=True,
        ),
    ),
    doubts=(
        "Losses beyond the fund have never been socialised (Deribit's own statement); the layer is published all the same.",
        (
            "Today's table of liquidation fees and the band of the mark were cut or not visible; the samples of the API still say 0.75 % "
            "for BTC."
        ),
        "The size of a round is not published. An older text had 20 to 25 rounds a second of up to 200 contracts.",
        "Portfolio margin, hedging futures opened by the engine and options are not modelled.",
        "Funding is settled every millisecond; here at the interval of the funding rule.",
        "Daily winners are those of the session; here profit at mark in the contract.",
        "These contracts are inverse: they are run on the common linear contract, with the growth of margin per coin of that contract.",
    ),
)
