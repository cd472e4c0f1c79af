"""The slots of a rule set. A venue picks one entry each; a what-if swaps entries; the core reads the compiled columns.

Rates are parts per million of notional unless the line says otherwise; durations are microseconds; 0 switches a bound off.
"""

from __future__ import annotations

from dataclasses import dataclass

from shortfall.kernels import layout as at
from shortfall.rules.record import choice, rule

MILLION = 1_000_000
HOUR_US = 3_600 * MILLION


@dataclass(frozen=True, slots=True)
class ProfitUse:
    """Whether unrealised profit counts."""

    liquidation: str = choice(
        at.R_UPNL_LIQUIDATION, "counts", "unrealised profit in the liquidation test",
        counts=(at.PROFIT_COUNTS, "profit at mark counts as equity"),
        ignored=(at.PROFIT_IGNORED, "only losses count"),
    )  # fmt: skip
    opening: str = choice(
        at.R_UPNL_OPENING, "counts", "unrealised profit as margin for new risk",
        counts=(at.PROFIT_COUNTS, "profit at mark opens new positions"),
        ignored=(at.PROFIT_IGNORED, "only losses count"),
    )  # fmt: skip
    withdrawal: str = choice(
        at.R_UPNL_WITHDRAWAL, "ignored", "unrealised profit that may be withdrawn",
        counts=(at.PROFIT_COUNTS, "profit at mark may leave the venue"),
        ignored=(at.PROFIT_IGNORED, "profit leaves only when it is realised"),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class TradingFees:
    """Fees of ordinary trades; they go to the venue's fee account, never to the fund."""

    taker: int = rule(at.R_TAKER_FEE, "ppm", 0, "fee of the taking side", low=0, high=50_000)
    maker: int = rule(
        at.R_MAKER_FEE, "ppm", 0, "fee of the resting side, negative for a rebate", low=-10_000, high=50_000
    )


@dataclass(frozen=True, slots=True)
class Bands:
    """How far from mark an order of each class may trade on its aggressive side; 0 means no band."""

    user: int = rule(at.R_BAND_USER, "ppm", 0, "band of users' orders", high=MILLION)
    maker: int = rule(at.R_BAND_MAKER, "ppm", 0, "band of market makers' orders", high=MILLION)
    liquidation: int = rule(at.R_BAND_LIQUIDATION, "ppm", 0, "band of liquidation orders", high=MILLION)
    unwinding: int = rule(at.R_BAND_UNWIND, "ppm", 0, "band of orders that sell taken-over inventory", high=MILLION)
    self_trade: str = choice(
        at.R_SELF_TRADE, "cancel-resting", "what happens when an account would trade with itself",
        cancel_resting=(at.SELF_TRADE_CANCEL_RESTING, "the resting order is cancelled"),
        cancel_taker=(at.SELF_TRADE_CANCEL_TAKER, "the incoming order stops"),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class IndexPrice:
    """The index from outside sources."""

    method: str = choice(
        at.R_INDEX, "mean", "how sources become one price",
        mean=(at.INDEX_MEAN, "weighted mean, sources clamped around their median"),
        median=(at.INDEX_MEDIAN, "median of live sources"),
    )  # fmt: skip
    clamp: int = rule(at.R_INDEX_CLAMP, "ppm", 0, "how far from the median a source counts", high=MILLION)
    stale_after: int = rule(at.R_INDEX_STALE_US, "duration", 0, "age at which a source drops out")
    min_sources: int = rule(
        at.R_INDEX_MIN_SOURCES, "count", 1, "live sources needed for a new index", low=1, high=at.SOURCES
    )
    no_liquidation_after: int = rule(
        at.R_LIMIT_STALE_US, "duration", 0, "age of the index at which nobody is liquidated"
    )


@dataclass(frozen=True, slots=True)
class MarkPrice:
    """The price at which positions are judged."""

    method: str = choice(
        at.R_MARK, "median", "how the mark is built",
        median=(at.MARK_MEDIAN, "median of last price, index + mean basis, index x (1 + funding to come)"),
        basis_mean=(at.MARK_BASIS_MEAN, "index + moving average of (mid - index)"),
        basis_ema=(at.MARK_BASIS_EMA, "index + exponential moving average of (mid - index)"),
        index=(at.MARK_INDEX, "the index itself"),
        last=(at.MARK_LAST, "the last trade (for comparison)"),
        imposed=(at.MARK_IMPOSED, "given from outside, as recorded"),
    )  # fmt: skip
    basis_interval: int = rule(at.R_BASIS_INTERVAL_US, "duration", 5 * MILLION, "time between basis samples")
    basis_samples: int = rule(at.R_BASIS_SAMPLES, "count", 30, "samples in the average", low=1, high=at.RING)
    basis_clamp: int = rule(at.R_BASIS_CLAMP, "ppm", 0, "largest basis that counts", high=MILLION)
    impact_notional: object = rule(
        at.R_IMPACT_NOTIONAL, "money", 0, "notional whose average price is bid and ask of the mark", high=1 << 57
    )


@dataclass(frozen=True, slots=True)
class Funding:
    """Funding between longs and shorts: zero-sum, never a source of the fund."""

    interval: int = rule(at.R_FUNDING_INTERVAL_US, "duration", 8 * HOUR_US, "time between settlements", low=1)
    clamp: int = rule(
        at.R_FUNDING_CLAMP, "ppb", 500_000, "how far (interest - premium) moves the rate", high=1_000_000_000
    )
    cap: int = rule(at.R_FUNDING_CAP, "ppb", 0, "largest rate, 0 for none", high=1_000_000_000)
    interest: int = rule(at.R_FUNDING_INTEREST, "ppb", 100_000, "interest per interval", high=1_000_000_000)


@dataclass(frozen=True, slots=True)
class Engine:
    """The liquidation engine's speed and order."""

    delay: int = rule(at.R_DELAY_US, "duration", 0, "time from trigger to order")
    per_second: int = rule(at.R_PER_SECOND, "count", 0, "accounts worked on per second, 0 for no limit", high=1_000_000)
    order: str = choice(
        at.R_QUEUE_ORDER, "worst-first", "order within an instant (ties: lowest account id)",
        worst_first=(at.QUEUE_WORST_FIRST, "lowest (equity - maintenance) / notional first"),
        largest_first=(at.QUEUE_LARGEST_FIRST, "largest notional first"),
        account=(at.QUEUE_ACCOUNT, "lowest account id first"),
    )  # fmt: skip
    cancels: str = choice(
        at.R_CANCEL, "all", "open orders at trigger",
        all=(at.CANCEL_ALL, "all orders of the account are cancelled"),
        market=(at.CANCEL_MARKET, "orders of the triggering market are cancelled"),
        none=(at.CANCEL_NONE, "orders stay"),
    )  # fmt: skip
    pause: int = rule(at.R_PAUSE_US, "duration", 0, "time before an unfinished account is worked on again")
    fresh_prices: int = rule(
        at.R_FRESH_TICKS, "count", 0, "index updates after a halt before anybody is liquidated", high=1_000_000
    )


@dataclass(frozen=True, slots=True)
class Amount:
    """How much of a position is closed at once."""

    method: str = choice(
        at.R_AMOUNT, "whole", "how much is closed",
        whole=(at.AMOUNT_WHOLE, "the whole position"),
        tier=(at.AMOUNT_TIER, "down to the next lower tier, again while below maintenance, then whole"),
        share=(at.AMOUNT_SHARE, "a share, then a pause"),
        heal=(at.AMOUNT_HEAL, "the fewest lots that restore maintenance; whole when no amount does"),
    )  # fmt: skip
    share: int = rule(at.R_SHARE, "ppm", 200_000, "share closed per clip", low=1, high=MILLION)
    min_lots: int = rule(at.R_MIN_LOTS, "count", 0, "a rest smaller than this is closed too")


@dataclass(frozen=True, slots=True)
class Close:
    """How the closing order meets the book, and what it costs."""

    style: str = choice(
        at.R_CLOSE, "bankruptcy", "the closing order",
        market=(at.CLOSE_MARKET, "market order: walks the book, may fill below bankruptcy, as far as fund cash can bear"),
        bankruptcy=(at.CLOSE_BANKRUPTCY, "limited at bankruptcy, immediate or cancel; the rest is taken over"),
        tape=(at.CLOSE_TAPE, "fills at the recorded price and moves nothing"),
    )  # fmt: skip
    taker_fee: int = rule(at.R_LIQUIDATION_TAKER_FEE, "ppm", 0, "taker fee of liquidation orders", high=50_000)
    liquidation_fee: int = rule(
        at.R_LIQUIDATION_FEE, "ppm", 0, "liquidation fee to the fund, junior to everything", high=MILLION
    )
    bankruptcy_fee: int = rule(
        at.R_BANKRUPTCY_FEE, "ppm", 0, "closing fee contained in the bankruptcy price", high=100_000
    )
    surplus: str = choice(
        at.R_SURPLUS, "fund", "what is left after a whole close",
        fund=(at.SURPLUS_FUND, "goes to the fund"),
        trader=(at.SURPLUS_TRADER, "stays with the trader"),
    )  # fmt: skip
    cross_order: str = choice(
        at.R_CROSS_ORDER, "requirement", "which position of a cross account is closed first",
        requirement=(at.CROSS_REQUIREMENT, "largest maintenance requirement"),
        notional=(at.CROSS_NOTIONAL, "largest notional"),
        loss=(at.CROSS_LOSS, "largest loss"),
        market=(at.CROSS_MARKET, "order of markets"),
    )  # fmt: skip
    cross_price: str = choice(
        at.R_CROSS_PRICE, "ratio", "bankruptcy price of one position of a cross account",
        ratio=(at.CROSS_PRICE_RATIO, "equity is allocated by maintenance requirement"),
        all=(at.CROSS_PRICE_ALL, "all equity stands beside this position"),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Takeover:
    """Who inherits what the book does not take, and how much each may hold."""

    backstop: bool = rule(at.R_BACKSTOP_TAKES, "switch", default=True, meaning="the backstop takes positions over")
    backstop_capacity: int = rule(
        at.R_BACKSTOP_CAPACITY, "ppm", 0, "net notional as share of the backstop's cash, 0 for no such rule"
    )
    fund: bool = rule(at.R_FUND_TAKES, "switch", default=True, meaning="the fund takes positions over")
    fund_capacity: int = rule(
        at.R_FUND_CAPACITY, "ppm", MILLION, "net notional as share of the fund's cash, 0 for no such rule"
    )
    pool: bool = rule(at.R_POOL_TAKES, "switch", default=True, meaning="the shared pool takes positions over")
    pool_capacity: int = rule(
        at.R_POOL_CAPACITY, "ppm", 0, "net notional as share of the pool's cash, 0 for no such rule"
    )
    per_event: object = rule(
        at.R_EVENT_CAPACITY, "money", 0, "largest notional of one takeover, 0 for none", high=1 << 57
    )


@dataclass(frozen=True, slots=True)
class Unwinding:
    """How a holder gets out of inventory."""

    method: str = choice(
        at.R_UNWIND, "share", "how inventory is sold",
        hold=(at.UNWIND_HOLD, "kept"),
        at_once=(at.UNWIND_AT_ONCE, "everything, as far as band and cash allow"),
        share=(at.UNWIND_SHARE, "a share of visible depth per second"),
    )  # fmt: skip
    share: int = rule(at.R_UNWIND_SHARE, "ppm", 100_000, "share of visible depth per second", high=MILLION)
    depth_band: int = rule(
        at.R_UNWIND_DEPTH_BAND, "ppm", 10_000, "distance from mark that counts as visible depth", high=MILLION
    )


@dataclass(frozen=True, slots=True)
class Deleveraging:
    """Auto-deleveraging: who is cut, at what price."""

    rank: str = choice(
        at.R_ADL_RANK, "profit-leverage", "order of winners (ties: lowest account id)",
        profit_leverage=(at.RANK_PROFIT_LEVERAGE, "profit share x notional / equity"),
        profit=(at.RANK_PROFIT, "profit share"),
        profit_maintenance=(at.RANK_PROFIT_MAINTENANCE, "profit share x maintenance / equity"),
        largest=(at.RANK_LARGEST, "largest notional"),
    )  # fmt: skip
    price: str = choice(
        at.R_ADL_PRICE, "bankruptcy", "price of the close",
        bankruptcy=(at.ADL_AT_BANKRUPTCY, "bankruptcy price of the liquidated position"),
        mark=(at.ADL_AT_MARK, "mark; the difference is asked of the layers behind"),
    )  # fmt: skip
    eligible: str = choice(
        at.R_ADL_ELIGIBLE, "profitable-first", "who may be cut",
        profitable_first=(at.ELIGIBLE_PROFITABLE_FIRST, "those in profit by rank, then the other holders of that side"),
        profitable_only=(at.ELIGIBLE_PROFITABLE_ONLY, "only those in profit"),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known about the inputs, not a rule of any venue."""

    depth_observed: int = rule(
        at.R_OBSERVED, "ppm", 0, "distance from index beyond which depth is extrapolated", high=MILLION
    )


LAYER_CODES = {
    "backstop": at.LAYER_BACKSTOP,
    "fund": at.LAYER_FUND,
    "pool": at.LAYER_POOL,
    "adl": at.LAYER_ADL,
    "socialise": at.LAYER_SOCIALISE,
}
