"""The `counterparty` slot. Who stands on the other side of a trade: another trader in the book, or a liquidity pool."""

from __future__ import annotations

from dataclasses import dataclass

from shortfall.kernels import layout as at
from shortfall.rules.record import choice, entry, rule

MILLION = 1_000_000
GMX = "GMX: gmx-io/gmx-synthetics@a5c0c88"
GMX_DOCS = "GMX: https://gmx-docs.pages.dev/docs/trading/liquidations"
JUPITER = "Jupiter: https://docs.jup.ag/user-docs/trade/perps-and-jlp/liquidation"
POOLS = ("GMX", "Jupiter", "Synthetix v3")


@dataclass(frozen=True, slots=True)
class Counterparty:
    """Who stands on the other side of a trade."""

    kind: str = choice(
        at.R_COUNTERPARTY, "book", "the other side of every trade, liquidations included",
        book=entry(
            at.COUNTERPARTY_BOOK, "another account, through the order book", "price of the resting order",
            sources=("Binance: https://www.binance.com/en/support/faq/360033525271",), venues=("Binance", "Hyperliquid", "dYdX"),
        ),
        pool=entry(
            at.COUNTERPARTY_POOL, "the market's liquidity pool, at the mark price, whole and at once",
            "pool size = -sum of sizes; pool cost = -sum of costs; pool cash moves by minus what traders realise",
            sign="pool profit is the traders' loss", rounding="the spread rounds up, against the trader",
            sources=(GMX, JUPITER), venues=POOLS,
        ),
    )  # fmt: skip
    spread: int = rule(
        at.R_POOL_SPREAD, "ppm", 0, "spread of the pool's price around mark",
        "buys at mark + ceil(mark x spread), sells at mark - ceil(mark x spread)", high=500_000,
        rounding="against the trader", sources=(GMX_DOCS,), venues=("GMX", "Jupiter"),
    )  # fmt: skip
    min_collateral: object = rule(
        at.R_MIN_COLLATERAL, "money", 0, "least equity beside an open position, 0 for none",
        "requirement of a position = max(margin of its tier, min_collateral)", high=1 << 57, sources=(GMX,), venues=("GMX",),
    )  # fmt: skip
    settles_in: str = choice(
        at.R_SETTLES_IN, "cash", "in what a trader and the pool settle a result",
        cash=entry(
            at.SETTLES_IN_CASH, "in the settlement asset; collateral that must be sold goes to the converter",
            "balance += realised", sources=(JUPITER,), venues=("Jupiter", "Synthetix v3"),
        ),
        kind=entry(
            at.SETTLES_IN_KIND, "in the asset that the account holds as collateral, moved between account and pool",
            "profit: floor(profit x scale / price) lots of the pool's; debt of a flat account: ceil(held x debt / worth) lots of his",
            sign="lots positive from the account to the pool",
            rounding="profit paid rounds down, debt collected rounds up: for the pool", sources=(GMX,), venues=("GMX",),
        ),
    )  # fmt: skip
    long_backing: int = rule(
        at.R_LONG_BACKING, "ppm", MILLION, "share of the pool's capital behind the profit of longs",
        "backing = floor((pool cash + its collateral after haircut) x share)", high=MILLION, sources=(GMX,), venues=("GMX",),
    )  # fmt: skip
    short_backing: int = rule(
        at.R_SHORT_BACKING, "ppm", MILLION, "share of the pool's capital behind the profit of shorts",
        "backing = floor((pool cash + its collateral after haircut) x share)", high=MILLION, sources=(GMX,), venues=("GMX",),
    )  # fmt: skip
    reserve: int = rule(
        at.R_POOL_RESERVE, "ppm", 0, "largest notional of a side as share of the capital behind it, 0 for none",
        "refused: notional of the side with the order > backing x reserve", high=1 << 40, sources=(GMX, JUPITER), venues=POOLS,
    )  # fmt: skip
    profit_cap: int = rule(
        at.R_PROFIT_CAP, "ppm", 0, "most of the capital behind a side that its profit may take, 0 for all of it",
        "paid = floor(profit x min(1, backing x cap / profit of the side)); never more than the pool has",
        high=MILLION, rounding="against the trader", sources=(GMX, JUPITER), venues=("GMX", "Jupiter"),
    )  # fmt: skip
    adl: str = choice(
        at.R_POOL_ADL, "chosen", "who picks the winners that are closed while ADL is on",
        chosen=entry(
            at.POOL_ADL_CHOSEN, "somebody, by command: account and size; refused while ADL is off",
            "refused unless profit/backing falls and stays at or above adl_stop", sources=(GMX,), venues=("GMX",),
        ),
        ranked=entry(
            at.POOL_ADL_RANKED, "the engine, in the order of adl.rank, until the factor is where ADL stops",
            "lots = floor(held x (won - stop x backing) / (1 - stop) / profit of the position)",
            rounding="lots round down: the factor never ends below adl_stop",
            sources=("assumed: a keeper who takes the highest rank first",),
        ),
    )  # fmt: skip
    adl_start: int = rule(
        at.R_POOL_ADL_START, "ppm", 0, "profit of a side over the capital behind it above which ADL is on, 0 for never",
        "on: profit of the side > floor(backing x start)", high=MILLION, sign="strictly greater", sources=(GMX,), venues=("GMX",),
    )  # fmt: skip
    adl_stop: int = rule(
        at.R_POOL_ADL_STOP, "ppm", 0, "the same factor, below which no ADL may bring it",
        "after a close: profit of the side >= floor(backing x stop)", high=MILLION, sources=(GMX,), venues=("GMX",),
    )  # fmt: skip
