"""Deribit linear USDC perpetuals since 2026: a liquidity provider first, then deleveraging, the order book last."""

from __future__ import annotations

from datetime import date
from typing import Final

from shortfall.rules.cited import Assumed, Cited
from shortfall.rules.venue import Era, Terms, Venue, margin_tiers

READ: Final = date(2026, 11, 22)
PROVIDERS: Final = "https://docs.deribit.com/articles/lsp-api-guide.md"
LIQUIDATION: Final = "Deribit support 25944769313309: Liquidations"
FUND: Final = "Deribit support 25944777576477: Insurance Fund"
INDEX: Final = "Deribit support 25944739377309: Index Prices"
LINEAR: Final = "Deribit support 25944738177565: Linear Perpetual"

VENUE: Final = Venue(
    code="deribit-linear",
    name="Deribit Linear Perpetuals",
    kind="order book",
    summary=(
        "A position below maintenance is first transferred to liquidity participants at a reference price with a small spread in their "
        "favour, as far as their capacity goes; then closed against any opposite account at such a price; only what neither takes goes "
        "to the normal engine, which sells it into the book in rounds. The insurance fund pays negative equity, the day's winners what "
        "it cannot."
    ),
    structure=Cited("one fund per currency", FUND, READ),
    eras=(
        Era(
            None,
            "as far back as this file goes: the book first, as in inverse contracts",
            {
                "margin.tiers": Assumed(
                    "marginal", "one base rate without brackets; the rate grows with the position instead"
                ),
                "margin.basis": Assumed(
                    "mark", "the page counts at the index price; the rule space has mark", ("entry",)
                ),
                "profit.liquidation": Cited("counts", f"{LIQUIDATION}: margin balance", READ),
                "profit.opening": Assumed("counts", "equity holds the session's profit", ("ignored",)),
                "profit.withdrawal": Assumed(
                    "ignored", "profit becomes cash at the daily settlement; it may be withdrawn then"
                ),
                "trigger.price": Cited("mark", LINEAR, READ),
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
                "engine.delay": Assumed("0ms", "time from trigger to the first transfer is not published"),
                "engine.pause": Cited("1s", f"{LIQUIDATION}: one round per second", READ),
                "engine.order": Assumed(
                    "worst-first",
                    "the order of liquidations within an instant is not published",
                    ("largest-first", "account"),
                ),
                "amount.method": Cited("share", f"{LIQUIDATION}: incremental, until maintenance is covered", READ),
                "amount.share": Assumed("20%", "the size of a round is not published", ("5%", "100%")),
                "close.style": Assumed(
                    "market",
                    "orders go into the book and the fund repays negative equity; a limit is not published",
                    ("bankruptcy",),
                ),
                "close.surplus": Cited("trader", f"{LIQUIDATION}: only as much as needed is closed", READ),
                "close.liquidation_fee": Assumed(
                    "0.75%", "today's fee table was not read; the fee of inverse BTC contracts since 2022"
                ),
                "close.cross_price": Assumed("all", "no bankruptcy price of one position is published"),
                "takeover.fund": Cited("no", f"{FUND}: the fund pays negative equity back to zero", READ),
                "adl.rank": Assumed("profit-leverage", "no ADL before 2026; see the next era"),
                "adl.price": Assumed("bankruptcy", "no ADL before 2026; see the next era"),
                "adl.eligible": Assumed("profitable-only", "no ADL before 2026; see the next era"),
                "socialise.base": Cited("profit", f"{FUND}: shared by that day's winners", READ),
                "waterfall": Cited("fund,socialise", FUND, READ),
            },
        ),
        Era(
            date(2026, 1, 1),
            "liquidity participants, then ADL, then the book (the day is assumed: pages of 2026 say so)",
            {
                "takeover.price": Assumed(
                    "mark",
                    "a reference price less a small spread in the receiver's favour; the spread of a takeover is not in the rule space",
                ),
                "takeover.backstop_capacity": Assumed(
                    "15%",
                    "each instrument group has its own share of the participant's equity; 15 % is that of the page's sample",
                    ("5%", "50%"),
                ),
                "takeover.leverage": Cited("200%", f"{PROVIDERS}: twice the equity less what is held", READ),
                "adl.trigger": Cited("exhausted", f"{PROVIDERS}: when participants have no capacity", READ),
                "adl.rank": Assumed(
                    "profit-leverage",
                    "any opposite account; no ranking is published",
                    ("profit", "largest", "pro-rata"),
                ),
                "adl.price": Cited("reference-spread", f"{PROVIDERS}: in the receiver's favour", READ),
                "adl.spread": Assumed("0.1%", "a small spread, not published", ("0.01%", "0.5%")),
                "adl.eligible": Cited("all", f"{PROVIDERS}: any opposite account", READ),
                "waterfall": Cited("backstop,adl,book,fund,socialise", f"{PROVIDERS}; {FUND}", READ),
            },
        ),
    ),
    terms=(
        Terms(
            "BTC_USDC-PERPETUAL",
            "BTC",
            Cited(margin_tiers((None, "2", "1")), LINEAR, READ),
            {
                "margin.growth": Cited("0.005%", f"{LINEAR}: for each BTC of the position", READ),
                "margin.growth_lots": Assumed("1000", "lots of one coin of the common contract (0.001 BTC each)"),
            },
        ),
        Terms(
            "SOL_USDC-PERPETUAL",
            "SOL",
            Cited(margin_tiers((None, "4", "2")), LINEAR, READ),
            {
                "margin.growth": Cited("0.0005%", f"{LINEAR}: for each SOL of the position", READ),
                "margin.growth_lots": Assumed("1", "lots of one coin of the common contract (1 SOL each)"),
            },
        ),
    ),
    doubts=(
        (
            "An account that is deleveraged here leaves at its bankruptcy price, and what the reference price would have left to it goes "
            "to the fund; at Deribit it keeps its equity less spread and commission."
        ),
        "No ranking of ADL is published, only that any opposite account can be met; the range over rankings is part of every comparison.",
        (
            "Capacity is a share of equity per instrument group and a fixed window of five minutes that is reset in one step: the rule "
            "space has the share and twice the equity, not the window."
        ),
        "ADL nets against the user's own subaccounts first, at the position's average price: not modelled.",
        "Portfolio margin accounts are eligible only where the pair has no listed options; contracts before a listing go to ADL at once.",
        (
            "Spread and commission of transfers are called small; neither is published. The page on the order of steps is a guide for "
            "participants."
        ),
        "Margins of ETH, XRP and other USDC pairs were not read: they run on the ladder of the common contract.",
        "Losses beyond the fund have never been socialised (Deribit's own statement).",
    ),
)
