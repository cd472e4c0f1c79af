"""The buffer table: does maintenance margin cover the exit of the largest position of each tier? No population is needed.

For each tier the largest position that it allows stands at its liquidation trigger, on a book with a stated share of recorded depth,
and the engine closes it with a market order while nobody stands behind it. What is left of its margin, or missing, is the buffer.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Final

import numpy as np

from shortfall.engine.exchange import Exchange, MarketSpec
from shortfall.kernels import layout as at
from shortfall.model.capacity import Capacity
from shortfall.model.commands import Clock, Deposit, ImposedFill, IndexTick, Order
from shortfall.sim.liquidity import ladder_from

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from shortfall.rules.ruleset import MarginTier, RuleSet
    from shortfall.sim.market import MarketInput

MILLION: Final = 1_000_000
SHARES_PPM: Final = (1_000_000, 300_000, 100_000, 30_000)
LAWS: Final = ("extrapolated", "observed only")
SEARCH_STEPS: Final = 14
LEAST_PPM: Final = 1_000  # 0.1 % of depth: below it nothing is told apart
SECOND_US: Final = 1_000_000
# the exit alone: nobody else pays, nothing waits, prices are the index
ALONE: Final = (
    "mark.method=index", "waterfall=", "close.style=market", "close.surplus=trader", "close.liquidation_fee=0", "amount.method=whole",
    "engine.delay=0", "engine.per_second=0", "engine.pause=0", "index.clamp=0", "index.min_sources=1", "bands.user=0", "bands.maker=0",
    "fees.maker=0", "trigger.takeover_below=0",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Exit:
    """One exit: of a side, with a share of depth, under a depth law. Money in settlement units.

    Parameters
    ----------
    margin : int
        Maintenance margin at the trigger, less what the delay costs.
    left : int
        What is left of it after the exit, fees paid; negative: missing.
    sold_ppm : int
        Share of the position that the book took.
    """

    margin: int
    left: int
    sold_ppm: int

    @property
    def covered(self) -> bool:
        """Say whether everything was sold and nothing is missing."""
        return self.sold_ppm == MILLION and self.left >= 0


@dataclass(frozen=True, slots=True)
class TierBuffer:
    """One tier's row.

    Parameters
    ----------
    tier : MarginTier
    notional : int
        Of the largest position, in settlement units.
    exits : dict
        (depth law, share of depth in ppm) to the worse exit of long and short.
    covered_down_to_ppm : dict
        Depth law to the smallest share of depth at which the exit is covered; None if it is not even with all of it.
    """

    tier: MarginTier
    notional: int
    exits: dict[tuple[str, int], Exit]
    covered_down_to_ppm: dict[str, int | None]


@dataclass(frozen=True, slots=True)
class Holding:
    """How much notional a layer can hold, by its capacity rule; None where no rule states a bound or the cash is unknown."""

    layer: str
    capacity_ppm: int
    notional: int | None


@dataclass(frozen=True, slots=True)
class BufferTable:
    """The answer for one contract."""

    item: MarketInput
    speed_ppm_per_s: int
    delay_cost_ppm: int
    rows: tuple[TierBuffer, ...]
    holdings: tuple[Holding, ...]
    fund_cash: int | None
    unlimited: bool


def buffer_table(item: MarketInput, fund_cash: int | None, speed_ppm_per_s: int) -> BufferTable:
    """Return the buffer table of a contract under its rules.

    Parameters
    ----------
    item : MarketInput
        The contract: figures and rules.
    fund_cash : int or None
        Cash of the fund in settlement units; None where it is unknown.
    speed_ppm_per_s : int
        How fast the price runs while the engine waits (its delay), in ppm a second.
    """
    rules = item.spec.rules
    delay_cost = rules.engine.delay * speed_ppm_per_s // SECOND_US
    ladders = {law: _ladder(item, law) for law in LAWS}
    rows = [_row(item, tier, ladders, delay_cost) for tier in rules.tiers if tier.top_notional is not None]
    holdings = tuple(
        _holding(rules, layer, fund_cash) for layer in rules.waterfall if layer in ("backstop", "fund", "pool")
    )
    unlimited = rules.tiers[-1].top_notional is None
    return BufferTable(item, speed_ppm_per_s, delay_cost, tuple(rows), holdings, fund_cash, unlimited)


def largest_covered(item: MarketInput, share_ppm: int, delay_cost: int = 0) -> dict[str, int]:
    """Return, for each depth law, the largest position of a bounded tier whose exit a share of depth covers, in settlement units.

    It is 0 where not even the lowest tier's largest position is covered; smaller ones may be.
    """
    unit = item.mark_ticks * item.contract.multiplier
    tops = [tier.top_notional for tier in item.spec.rules.tiers if tier.top_notional is not None]
    sizes = [int(top.scaleb(item.contract.scale.settlement.exponent)) // unit for top in tops]
    lots = [min(size, item.contract.max_position_lots) for size in sizes]
    return {
        law: max(
            (n * unit for n in lots if n > 0 and _worse(item, n, _ladder(item, law), share_ppm, delay_cost).covered),
            default=0,
        )
        for law in LAWS
    }


def fastest_ppm_per_s(closes: Sequence[Decimal], step_s: int) -> int:
    """Return the largest move between two recorded bars, as ppm a second, rounded up."""
    prices = np.array([float(price) for price in closes])
    moves = np.abs(np.diff(prices) / prices[:-1])
    return int(np.ceil(moves.max() * MILLION / step_s)) if len(moves) else 0


def _ladder(item: MarketInput, law: str) -> NDArray[np.int64]:
    ladder = ladder_from(item.snapshot.depth.known(), item.contract)
    rows = ladder.rows.copy()
    if law == "observed only":
        rows[rows[:, 0] > ladder.observed_ppm, 1:] = 0
    return rows


def _row(item: MarketInput, tier: MarginTier, ladders: dict[str, NDArray[np.int64]], delay_cost: int) -> TierBuffer:
    unit = item.mark_ticks * item.contract.multiplier
    top = int((tier.top_notional or Decimal(0)).scaleb(item.contract.scale.settlement.exponent))
    lots = min(top // unit, item.contract.max_position_lots)
    exits = {
        (law, share): _worse(item, lots, rows, share, delay_cost)
        for law, rows in ladders.items()
        for share in SHARES_PPM
    }
    covered = {law: _least_share(item, lots, rows, delay_cost) for law, rows in ladders.items()}
    return TierBuffer(tier, lots * unit, exits, covered)


def _least_share(item: MarketInput, lots: int, rows: NDArray[np.int64], delay_cost: int) -> int | None:
    """Return the smallest share of depth that covers the exit, by halving on a logarithmic scale (more depth is never worse)."""
    if not _worse(item, lots, rows, MILLION, delay_cost).covered:
        return None
    low, high = LEAST_PPM, MILLION
    for _ in range(SEARCH_STEPS):
        middle = int((low * high) ** 0.5)
        if middle in (low, high):
            break
        if _worse(item, lots, rows, middle, delay_cost).covered:
            high = middle
        else:
            low = middle
    return high


def _worse(item: MarketInput, lots: int, rows: NDArray[np.int64], share_ppm: int, delay_cost: int) -> Exit:
    """Return the exit of the side that comes off worse."""
    exits = (_exit(item, sign * lots, rows, share_ppm, delay_cost) for sign in (1, -1))
    return min(exits, key=lambda found: (found.sold_ppm, found.left))


def _exit(item: MarketInput, lots: int, rows: NDArray[np.int64], share_ppm: int, delay_cost: int) -> Exit:
    """Let the engine close a position that stands at its trigger. `lots` are signed."""
    margin = _run(item, lots, rows, share_ppm, None)[0]
    _, left, sold = _run(item, lots, rows, share_ppm, margin - 1)
    cost = abs(lots) * item.mark_ticks * item.contract.multiplier * delay_cost // MILLION
    return Exit(margin - cost, left + 1 - cost, abs(sold) * MILLION // max(1, abs(lots)))


def _run(
    item: MarketInput, lots: int, rows: NDArray[np.int64], share_ppm: int, cash: int | None
) -> tuple[int, int, int]:
    """Return (maintenance margin, balance afterwards, lots sold); without cash only the requirement is asked for."""
    rules = item.spec.rules
    for word in ALONE:
        rules = rules.changed(word)
    rules = replace(rules, engine=replace(rules.engine, fresh_prices=0))
    room = Capacity(accounts=16, positions=64, orders=1 << 7, pages=128, events=1 << 10, heap=1 << 7)
    exchange = Exchange([MarketSpec(item.contract, rules, "fund", None, None, (MILLION,))], capacity=room)
    maker, other = (exchange.open_account(name, at.MAKER) for name in ("maker", "other"))
    trader = exchange.open_account("trader")
    wealth = 1 << 58
    exchange.must(Deposit(maker, wealth))
    exchange.must(Deposit(other, wealth))
    exchange.must(IndexTick(0, item.mark_ticks, 1))
    if cash is not None:
        side = 1 if lots > 0 else -1
        for size, price in _quotes(rows, item.mark_ticks, share_ppm, side):
            exchange.must(Order(maker, 0, side * size, price))
    exchange.must(Deposit(trader, wealth if cash is None else max(1, cash)))
    exchange.must(ImposedFill(trader, 0, lots, item.mark_ticks, other))
    need = exchange.health(trader)[2]
    if cash is None:
        return need, 0, 0
    exchange.must(Clock(2))
    held = exchange.position(trader, 0)[0]
    return need, exchange.health(trader)[0], lots - held


def _quotes(rows: NDArray[np.int64], mark: int, share_ppm: int, side: int) -> Iterator[tuple[int, int]]:
    """Yield (lots, price) of a share of the ladder on the side that the exit takes: bids for a long, asks for a short."""
    for distance, bids, asks in rows.tolist():
        size = (bids if side > 0 else asks) * share_ppm // MILLION
        price = mark - side * max(1, mark * distance // MILLION)
        if size > 0 and price > 0:
            yield size, price


def _holding(rules: RuleSet, layer: str, cash: int | None) -> Holding:
    share: int = getattr(rules.takeover, f"{layer}_capacity")
    return Holding(layer, share, None if cash is None or share == 0 else cash * share // MILLION)


__all__ = [
    "LAWS",
    "SHARES_PPM",
    "BufferTable",
    "Exit",
    "Holding",
    "TierBuffer",
    "buffer_table",
    "fastest_ppm_per_s",
    "largest_covered",
]
