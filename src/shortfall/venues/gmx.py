"""GMX v2: a liquidity pool per market is the other side of every trade and bears every shortfall; its winners' profit is capped."""

from __future__ import annotations

from datetime import date
from typing import Final

from shortfall.rules.cited import Assumed, Cited
from shortfall.rules.venue import Era, Terms, Venue, margin_tiers

READ: Final = date(2026, 11, 22)
DOCS: Final = "GMX docs: Trading / Liquidations and ADL"
CONFIG: Final = "GMX: gmx-io/gmx-synthetics, config/markets.ts"
CONTRACTS: Final = "GMX: gmx-io/gmx-synthetics, contracts/position and contracts/adl"
VOTE: Final = "GMX governance: Updating liquidation mechanics on GMX V2"
NO_BOOK: Final = "there is no book: every close trades with the pool at the oracle price, so this decides nothing"
CHOSEN: Final = "a keeper picks accounts, so this decides nothing unless counterparty.adl=ranked"

VENUE: Final = Venue(
    code="gmx",
    name="GMX v2",
    kind="liquidity pool",
    summary=(
        "A position whose collateral, with result and fees, is below a share of its size is closed whole at the oracle price against "
        "the pool of its market; what is left is returned. What the collateral does not cover, the pool goes without. Profit of a "
        "side is paid in proportion once it exceeds a share of the pool; from a lower share on keepers close winners at the oracle "
        "price. There is no fund."
    ),
    structure=Cited("none; each market's pool of two tokens stands behind that market alone", CONTRACTS, READ),
    eras=(
        Era(
            None,
            "v2 as it started: no liquidation fee apart from the fee of closing",
            {
                "waterfall": Cited("liquidity", CONTRACTS, READ),
                "counterparty.kind": Cited("pool", CONTRACTS, READ),
                "counterparty.settles_in": Assumed(
                    "cash",
                    f"{CONTRACTS}: profit is paid in the pool's tokens; a contract settled in dollars stands for both",
                    ("kind",),
                ),
                "counterparty.spread": Assumed(
                    "0%", f"{DOCS}: smallest and largest oracle price; how far apart is the oracle's matter"
                ),
                "counterparty.min_collateral": Cited("1", f"{CONFIG}: 1 USD", READ),
                "counterparty.long_backing": Assumed(
                    "50%", f"{CONFIG}: the pool's long token backs longs; half of a balanced pool"
                ),
                "counterparty.short_backing": Assumed(
                    "50%", f"{CONFIG}: the pool's stable token backs shorts; half of a balanced pool"
                ),
                "counterparty.reserve": Cited("90%", f"{CONFIG}: open interest reserve, by default", READ),
                "counterparty.profit_cap": Cited(
                    "90%", f"{CONFIG}: share that traders' profit may take, by default", READ
                ),
                "counterparty.adl": Cited("chosen", f"{CONTRACTS}: a keeper names account and size", READ),
                "counterparty.adl_start": Cited("85%", f"{CONFIG}, by default", READ),
                "counterparty.adl_stop": Cited("77%", f"{CONFIG}, by default", READ),
                "margin.tiers": Cited("marginal", f"{CONFIG}: one factor per market", READ),
                "margin.basis": Cited(
                    "entry", f"{CONTRACTS}: the factor counts on the size in USD, which is the size at entry", READ
                ),
                "profit.liquidation": Cited("counts", DOCS, READ),
                "profit.opening": Assumed(
                    "counts", "positions are isolated; a position's own result counts for adding to it"
                ),
                "profit.withdrawal": Assumed("ignored", "profit is paid when a position is closed"),
                "fees.taker": Cited("0.06%", f"{CONFIG}: where a trade adds to imbalance, 0.04 % where not", READ),
                "index.method": Assumed(
                    "median", "oracle keepers sign reports of a data-stream network; its median is not GMX's own"
                ),
                "mark.method": Cited("index", f"{DOCS}: oracle prices only", READ),
                "engine.delay": Assumed("0ms", "keepers compete; how fast they are is not published", ("1s", "10s")),
                "engine.order": Assumed(
                    "worst-first", "keepers compete; there is no order", ("largest-first", "account")
                ),
                "engine.cancels": Assumed("all", "orders of a closed position cannot execute"),
                "amount.method": Cited("whole", f"{CONTRACTS}: whole positions only", READ),
                "close.style": Assumed("bankruptcy", NO_BOOK),
                "close.liquidation_fee": Assumed("0%", f"{VOTE}: before it only the fee of closing was charged"),
                "close.surplus": Cited("trader", f"{DOCS}: what is left is returned", READ),
                "close.cross_price": Assumed("ratio", NO_BOOK),
                "takeover.fund": Assumed("no", "there is no fund"),
                "adl.rank": Assumed("profit", CHOSEN),
                "adl.price": Assumed("mark", "oracle price; winners are closed by the rules of the counterparty"),
                "adl.eligible": Assumed("profitable-only", CHOSEN),
            },
        ),
        Era(
            date(2025, 1, 1),
            "a liquidation fee on the size, taken from what is left (voted for; the day is assumed)",
            {
                "close.liquidation_fee": Cited(
                    "0.2%", f"{DOCS}: 0.20 % of size, 0.30 % in synthetic and single-token markets", READ
                ),
            },
        ),
    ),
    terms=(
        Terms(
            "BTC/USD [BTC-USDC]",
            "BTC",
            Cited(margin_tiers((None, "0.5", "0.5")), f"{CONFIG}: 0.5 % of size (200x)", READ),
        ),
        Terms(
            "ETH/USD [ETH-USDC]",
            "ETH",
            Cited(margin_tiers((None, "0.5", "0.5")), f"{CONFIG}: 0.5 % of size (200x)", READ),
        ),
        *(
            Terms(
                f"{base}/USD",
                base,
                Assumed(
                    margin_tiers((None, "1", "1")), f"{CONFIG}: 1 % by default; the market's own factor was not read"
                ),
                {"close.liquidation_fee": Cited("0.3%", f"{DOCS}: synthetic markets", READ)},
            )
            for base in ("SOL", "LINK", "ARB", "DOGE")
        ),
    ),
    doubts=(
        "Price impact, funding, borrowing and swap fees are left out; capped negative impact is part of the venue's own test.",
        "The minimum factor rises with open interest in the large markets; the rule space has that for initial margin only.",
        "Factors differ by market: ADL from 85, 70, 65, 55 or 45 %, down to 77, 65, 60, 50 or 40 %; the defaults are used here.",
        "Which winner is closed, and whether anybody is, is a keeper's choice: in a stress run nobody gives that command.",
        "Where the liquidation fee goes (pool, stakers) was not read; here it goes to a fund, which a market against a pool may lack.",
        "Longs are backed by a volatile token, so the pool's capital falls with the price; here it is a stated amount of cash.",
        "Oracle prices are signed as a smallest and a largest price; here there is one.",
    ),
)
