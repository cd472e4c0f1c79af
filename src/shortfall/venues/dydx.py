"""dYdX v4: an on-chain book; every fill is topped up to the bankruptcy price by the fund, the rest is offset at that price."""

from __future__ import annotations

from datetime import date
from typing import Final

from shortfall.rules.cited import Assumed, Cited
from shortfall.rules.venue import Era, Terms, Venue, margin_tiers

READ: Final = date(2026, 11, 22)
LIQUIDATIONS: Final = "dYdX: dydxprotocol/v4-chain, protocol/x/clob/keeper/liquidations.go"
DELEVERAGING: Final = "dYdX: dydxprotocol/v4-chain, protocol/x/clob/keeper/deleveraging.go"
BLOCK: Final = "dYdX: dydxprotocol/v4-chain, protocol/x/clob/abci.go"
GENESIS: Final = "dYdX community docs: Trading core, figures of the main network's genesis"
ACCOUNTS: Final = "dYdX: dydxprotocol/v4-chain, protocol/x/subaccounts"
TIERS: Final = "dYdX: dydxprotocol/v4-chain, protocol/x/perpetuals/types/liquidity_tier.go"
PRICES: Final = "dYdX: dydxprotocol/v4-chain, protocol/x/prices"
HELP: Final = "dYdX help (help.dydx.trade/en/articles/166973): Contract loss mechanisms on dYdX Chain"
MARKETS: Final = "dYdX indexer: GET /v4/perpetualMarkets, 8 December 2025"

VENUE: Final = Venue(
    code="dydx",
    name="dYdX Chain (v4)",
    kind="on-chain order book",
    summary=(
        "In every block accounts below maintenance send one order per position to the book, limited at a fillable price that widens "
        "with distress. Each fill below the bankruptcy price is topped up by the insurance fund, each one above it pays a fee of "
        "limited size; a fill that the fund cannot pay for is refused. An account worth less than nothing whose order got nothing is "
        "offset against holders of the other side, from a pseudo-random start, at its bankruptcy price. Losses are not shared."
    ),
    structure=Cited("one fund for cross markets, one for each isolated market", ACCOUNTS, READ),
    eras=(
        Era(
            None,
            "as the chain's code and default parameters say",
            {
                "waterfall": Cited("fund,adl", BLOCK, READ),
                "margin.tiers": Cited("marginal", f"{TIERS}: one fraction per market", READ),
                "margin.basis": Cited("mark", f"{TIERS}: at oracle price", READ),
                "trigger.price": Cited("mark", LIQUIDATIONS, READ),
                "profit.liquidation": Cited("counts", f"{ACCOUNTS}: net collateral", READ),
                "profit.opening": Cited("counts", f"{ACCOUNTS}: net collateral against initial margin", READ),
                "profit.withdrawal": Assumed(
                    "counts",
                    f"{ACCOUNTS}: net collateral decides; that a withdrawal is judged like an order is from memory",
                    ("ignored",),
                ),
                "index.method": Assumed(
                    "median",
                    f"{PRICES}: oracle prices; that they are medians of exchanges and of validators is from memory",
                    ("weighted-median",),
                ),
                "mark.method": Cited("index", f"{PRICES}: oracle price", READ),
                "funding.interval": Assumed("1h", "from memory: funding ticks come every hour"),
                "engine.delay": Assumed("0ms", "liquidations are part of every block; blocks take about a second"),
                "engine.pause": Assumed(
                    "1s", "an account is looked at again in the next block; blocks take about a second"
                ),
                "engine.order": Cited(
                    "limit-distance", f"{LIQUIDATIONS}: distance of the fillable price, then notional, then hash", READ
                ),
                "engine.cancels": Assumed(
                    "all", "open orders of an account below maintenance fail their own check", ("none",)
                ),
                "amount.method": Cited("portion", f"{LIQUIDATIONS}: share of a position, least notional", READ),
                "amount.share": Cited("10%", f"{GENESIS}: max_position_portion_liquidated_ppm", READ),
                "amount.min_notional": Cited("1000", f"{GENESIS}: min_position_notional_liquidated", READ),
                "amount.block": Assumed("1s", "blocks take about a second"),
                "amount.once_per_block": Cited(
                    "yes", f"{LIQUIDATIONS}: a perpetual of an account once in a block", READ
                ),
                "amount.notional_per_block": Cited("100000", f"{GENESIS}: max_notional_liquidated", READ),
                "amount.loss_per_block": Cited("1000000", f"{GENESIS}: max_quantums_insurance_lost", READ),
                "close.style": Cited("fillable", LIQUIDATIONS, READ),
                "close.fillable_spread": Cited(
                    "150%", f"{GENESIS}: spread_to_maintenance_margin_ratio_ppm; {HELP}", READ
                ),
                "close.bankruptcy_adjustment": Cited("100%", GENESIS, READ),
                "close.settlement": Cited("each-fill", LIQUIDATIONS, READ),
                "close.rest": Cited(
                    "waits", f"{BLOCK}: only accounts below zero whose order got nothing are offset", READ
                ),
                "close.taker_fee": Cited("0%", f"{LIQUIDATIONS}: none for a liquidated taker", READ),
                "close.liquidation_fee": Cited("1.5%", f"{GENESIS}: max_liquidation_fee_ppm", READ),
                "close.surplus": Cited("trader", f"{LIQUIDATIONS}: beyond the fee it stays with the account", READ),
                "close.cross_order": Assumed(
                    "requirement",
                    "the position of an account that is worked on is drawn by a hash",
                    ("notional", "market"),
                ),
                "close.cross_price": Cited("ratio", f"{LIQUIDATIONS}: by maintenance margin", READ),
                "takeover.fund": Cited("no", f"{LIQUIDATIONS}: the fund pays and holds nothing", READ),
                "adl.rank": Cited("random-start", f"{DELEVERAGING}; {HELP}", READ),
                "adl.price": Cited("bankruptcy", DELEVERAGING, READ),
                "adl.eligible": Cited(
                    "overlap", f"{DELEVERAGING}: skipped where bankruptcy prices do not overlap", READ
                ),
                "adl.batch": Cited("direct", DELEVERAGING, READ),
            },
        ),
    ),
    terms=(
        Terms("BTC-USD", "BTC", Cited(margin_tiers((None, "2", "1.2")), MARKETS, READ)),
        Terms("ETH-USD", "ETH", Cited(margin_tiers((None, "2", "1.2")), MARKETS, READ)),
        Terms(
            "SOL-USD",
            "SOL",
            Cited(margin_tiers((None, "5", "3")), MARKETS, READ),
            {
                "margin.interest_low": Cited("40000000", MARKETS, READ),
                "margin.interest_high": Cited("100000000", MARKETS, READ),
            },
        ),
        *(
            Terms(
                f"{base}-USD",
                base,
                Assumed(
                    margin_tiers((None, "10", "5")),
                    "liquidity tier 1 of the governance page; the market's own tier was not read",
                ),
            )
            for base in ("DOGE", "LINK", "AVAX")
        ),
    ),
    doubts=(
        "Help and community pages still say that the highest profit and leverage is deleveraged first; code and newer pages say random.",
        "The liquidation fee is 0.5 % at most in the repository's default, 1.5 % at genesis; governance may have changed it.",
        "The spread of the fillable price is 0.1 of maintenance in the repository, 1.5 at genesis and on the operator's page.",
        "Where accounts with negative value remain, withdrawals are stopped for a time; that gate is not in the rule space.",
        "A market in final settlement is offset at the oracle price, which is another command than a liquidation.",
        "The start of deleveraging is drawn anew each time; here it begins at one account, so single winners mean nothing.",
        "The community's page prints the figures of genesis with wrong percentages beside them (15,000 ppm as 0.015 %); the ppm are used.",
        "Deleveraging offsets a whole position there; here the share of a block holds for it too, so it takes several blocks.",
        "A paired holder has to meet its margin afterwards or be no riskier; where nobody qualifies, the deficit stays open.",
    ),
)
