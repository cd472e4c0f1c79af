"""Hyperliquid: an on-chain order book whose liquidator vault takes over what the book does not, with ADL behind it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

from shortfall.rules.cited import Assumed, Cited
from shortfall.rules.venue import Era, Terms, Venue, margin_tiers

if TYPE_CHECKING:
    from shortfall.rules.cited import Value

READ: Final = date(2026, 11, 22)
LIQUIDATION: Final = "Hyperliquid docs: Trading / Liquidations"
ADL: Final = "Hyperliquid docs: Trading / Auto-deleveraging"
ADL_OLD: Final = "Hyperliquid docs: Trading / Auto-deleveraging, older text (no ADL had happened by then)"
MARGINING: Final = "Hyperliquid docs: Trading / Margining"
TIERS: Final = "Hyperliquid docs: Trading / Margin tiers"
ORACLE: Final = "Hyperliquid docs: HyperCore / Oracle"
MARK: Final = "Hyperliquid docs: Trading / Robust price indices"
FUNDING: Final = "Hyperliquid docs: Trading / Funding"
SELF_TRADE: Final = "Hyperliquid docs: Trading / Self-trade prevention"
JELLY: Final = "Hyperliquid's own statement on the JELLY incident of 26 March 2025"
FILLS: Final = "Hyperliquid API: POST /info userFills"

# rules that markets of builders share with the venue's own
CORE: Final[dict[str, Value]] = {
    "margin.tiers": Cited("marginal", f"{TIERS}: a deduction keeps the requirement continuous", READ),
    "margin.basis": Cited("mark", LIQUIDATION, READ),
    "trigger.price": Cited("mark", LIQUIDATION, READ),
    "profit.liquidation": Cited("counts", MARGINING, READ),
    "profit.opening": Cited("counts", MARGINING, READ),
    "profit.withdrawal": Cited("counts", MARGINING, READ),
    "profit.floor": Cited(
        "10%", f"{MARGINING}: what stays is at least 10 % of total notional, or initial margin", READ
    ),
    "bands.self_trade": Assumed(
        "cancel-resting", f"{SELF_TRADE}: the page was not read, its rewrites say that the resting order expires"
    ),
    "funding.interval": Assumed(
        "8h", f"{FUNDING}: the rate is stated for 8 hours and paid every hour, an eighth at a time"
    ),
    "funding.clamp": Assumed("0.05%", f"{FUNDING}: read in rewrites of the page only"),
    "funding.interest": Assumed("0.01%", f"{FUNDING}: read in rewrites of the page only"),
    "funding.cap": Assumed("32%", f"{FUNDING}: 4 % an hour, stated here for the 8 hours of the interval"),
    "engine.delay": Assumed("0ms", "liquidations are part of the chain's own blocks; no delay is stated"),
    "engine.order": Assumed(
        "worst-first", "the order of liquidations within a block is not published", ("largest-first", "account")
    ),
    "engine.cancels": Assumed("all", "what happens to open orders at a liquidation is not stated", ("none",)),
    "engine.pause": Assumed(
        "0s",
        f"{LIQUIDATION}: 30 seconds after a partial liquidation, for the book alone; the lower level and ADL are judged at every price, "
        "and the rule space has one pause for all of them",
        ("3s", "30s"),
    ),
    "amount.method": Assumed(
        "portion",
        f"{LIQUIDATION}: above 100,000 USDC 20 % first, after the pause everything; the rule space sells 20 % (at least 100,000 USDC) "
        "at every try",
        ("whole",),
    ),
    "amount.share": Cited("20%", LIQUIDATION, READ),
    "amount.min_notional": Cited("100000", LIQUIDATION, READ),
    "close.style": Cited("market", f"{LIQUIDATION}: market orders to the book, open to everybody", READ),
    "close.rest": Assumed("placed", "below the second level the layers are asked in the same block"),
    "close.taker_fee": Assumed(
        "0.0432%",
        f"{FILLS}: what recorded liquidation fills paid; the docs name no clearance fee, and no fee of such orders",
    ),
    "close.liquidation_fee": Cited("0%", f"{LIQUIDATION}: no clearance fee", READ),
    "close.surplus": Cited("trader", f"{LIQUIDATION}: what is left stays with the trader", READ),
    "close.cross_order": Assumed(
        "requirement", "the order of positions in a cross liquidation is not published", ("notional", "loss")
    ),
    "close.cross_price": Assumed(
        "ratio", "cross positions and margin move together; the price of each is not published", ("all",)
    ),
    "takeover.price": Cited(
        "bankruptcy", f"{LIQUIDATION}: margin goes with the position and maintenance margin is not given back", READ
    ),
    "takeover.fund": Assumed("no", "there is no insurance fund apart from the vault"),
    "adl.rank": Cited("price-leverage", f"{ADL}: (mark / entry) x (notional / account value)", READ),
    "adl.price": Cited("previous-mark", ADL, READ),
    "adl.eligible": Cited("all", f"{ADL}: all users on the other side are ranked", READ),
    "adl.batch": Assumed(
        "instant",
        "public records of 10 October 2025 show all ADL fills of an instant and asset behind all its liquidations",
    ),
}

VENUE: Final = Venue(
    code="hyperliquid",
    name="Hyperliquid",
    kind="on-chain order book",
    summary=(
        "Below maintenance, market orders go to the book: everything at once, of more than 100,000 USDC a fifth first and the rest "
        "after 30 seconds. Below two thirds of maintenance the liquidator vault takes all cross positions with all cross margin. "
        "Where the vault's own loss passes its limit, or an account is worth less than nothing, the other side is deleveraged at the "
        "previous mark. Nobody without a position ever pays."
    ),
    structure=Cited("one liquidator vault, part of the protocol's own liquidity vault", LIQUIDATION, READ),
    eras=(
        Era(
            None,
            "as the older texts say: the liquidator shares the capital of its sister vaults, ADL closes at the previous oracle price",
            {
                **CORE,
                "waterfall": Cited("backstop,adl", f"{LIQUIDATION}; {ADL_OLD}", READ),
                "trigger.takeover_below": Cited("66.6667%", f"{LIQUIDATION}: two thirds of maintenance", READ),
                "takeover.backstop": Cited("yes", LIQUIDATION, READ),
                "takeover.backstop_capacity": Assumed("0%", "no bound on what the vault may hold is published"),
                "index.method": Cited("weighted-median", ORACLE, READ),
                "index.interval": Cited("3s", ORACLE, READ),
                "mark.method": Assumed(
                    "median-venues", f"{MARK}: read in the community's wiki and in builders' docs only"
                ),
                "mark.basis_interval": Assumed(
                    "3s", f"{MARK}: an average over 150 seconds; prices come every 3 seconds"
                ),
                "mark.basis_samples": Assumed("50", f"{MARK}: 150 seconds of samples every 3 seconds"),
                "unwinding.method": Assumed(
                    "share", "how the vault sells what it took over is not published", ("hold", "at-once")
                ),
                "unwinding.share": Assumed("10%", "at most 10 % of visible depth per second", ("1%", "50%")),
                "unwinding.depth_band": Assumed("2%", "visible depth counts up to 2 % from mark"),
                "adl.rank": Assumed(
                    "profit-leverage",
                    f"{ADL_OLD}: by unrealised profit and leverage, without a formula",
                    ("price-leverage",),
                ),
                "adl.price": Assumed(
                    "index", f"{ADL_OLD}: previous oracle price; the rule space has the present one", ("previous-mark",)
                ),
                "adl.trigger": Cited(
                    "exhausted",
                    f"{JELLY}: until then collateral of the sister vaults stood behind the liquidator",
                    READ,
                ),
            },
        ),
        Era(
            date(2025, 3, 27),
            "after JELLY: the liquidator vault has a tight cap of its own, and its loss beyond a threshold triggers ADL",
            {
                "adl.trigger": Cited("floor", f"{JELLY}: ADL when the liquidator loses more than a threshold", READ),
                "adl.watches": Cited("backstop", JELLY, READ),
                "adl.start_amount": Assumed(
                    "0", "the threshold is not published: here all the capital of the vault itself"
                ),
                "adl.stop_amount": Assumed("0", "not published"),
            },
        ),
        Era(
            date(2025, 10, 1),
            "ADL closes at the previous mark, ranked by a stated formula (the day is assumed: in force on 10 October 2025)",
            {"adl.rank": CORE["adl.rank"], "adl.price": CORE["adl.price"]},
        ),
    ),
    terms=tuple(
        Terms(base, base, Cited(margin_tiers((top, initial, maintenance), (None, *above)), TIERS, READ))
        for base, top, initial, maintenance, above in (
            ("BTC", "150000000", "2.5", "1.25", ("5", "2.5")),
            ("ETH", "100000000", "4", "2", ("6.6667", "3.3333")),
            ("SOL", "70000000", "5", "2.5", ("10", "5")),
            ("XRP", "40000000", "5", "2.5", ("10", "5")),
            ("DOGE", "20000000", "10", "5", ("20", "10")),
            ("HYPE", "20000000", "10", "5", ("20", "10")),
            ("LINK", "20000000", "10", "5", ("20", "10")),
            ("ARB", "3000000", "10", "5", ("20", "10")),
        )
    ),
    doubts=(
        "The pause of 30 seconds holds for the book only, and then the whole rest is sold; here a fifth is sold at every price.",
        "ADL closed at the previous oracle price by the older text, at the previous mark by the newer; the day of the change is not known.",
        "The threshold of the liquidator vault's loss was announced without a figure; vault and backstop are one holder here.",
        "ADL of 10 October 2025 took 45 to 52 M USD more from winners than the shortfall needed, by one study of public data.",
        "Two data sets of one author disagree on how many accounts had negative equity on that day (302 and 1,147).",
        "Most of a side was closed within an instant on that day, so the ranking mattered at the margin only.",
        "The oracle is a median over validators, weighted by stake, of weighted medians over venues: here one weighted median.",
        "BTC-like assets leave the venue's own spot out of the oracle, HYPE-like assets use only it until they are liquid elsewhere.",
        "Other venues' perpetuals are part of the mark's median; where a recording has none, an average of the own book stands in.",
        "How the liquidator vault unwinds is not published.",
        "An account that falls below zero at once goes to ADL by the page; here the vault takes it while its capital bears the loss.",
    ),
)
