"""A synthetic population that has lived: accounts opened at recorded prices, run forward to now, the liquidated dropped.

Problem: open interest and tiers do not say how leverage, entry and profit go together. Observation: they depend on each other
through the past, because whoever was too near to the price is no longer there. Therefore candidates are opened at a recorded past
price, the engine itself computes at which price each is liquidated, and those whose price was touched since are dropped.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from shortfall.engine.bulk import Holdings, build_index, load_holdings, set_prices, trigger_prices
from shortfall.engine.exchange import Exchange, MarketSpec
from shortfall.errors import ensure
from shortfall.model.capacity import Capacity

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from shortfall.data.records import Bars
    from shortfall.model.contract import Contract
    from shortfall.rules.ruleset import RuleSet
    from shortfall.sim.members import Member

OVERSAMPLE = 3
DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class History:
    """Recorded prices rescaled so that they end at the snapshot's mark, in ticks.

    Parameters
    ----------
    low, high : array of float64
        Of each bar.
    lowest_since, highest_since : array of float64
        From the bar after each one to now.
    bar_days : float
        Length of a bar.
    name : str
        The series, for the report.
    """

    low: NDArray[np.float64]
    high: NDArray[np.float64]
    lowest_since: NDArray[np.float64]
    highest_since: NDArray[np.float64]
    bar_days: float
    name: str


def history_from(bars: Bars, mark_ticks: int) -> History:
    """Return a recorded series as the past of a contract whose mark is known."""
    close = float(bars.close_price[-1])
    low = np.array([float(x) for x in bars.low_price]) / close * mark_ticks
    high = np.array([float(x) for x in bars.high_price]) / close * mark_ticks
    lowest = np.minimum.accumulate(np.append(low, mark_ticks)[::-1])[::-1][1:]
    highest = np.maximum.accumulate(np.append(high, mark_ticks)[::-1])[::-1][1:]
    return History(low, high, lowest, highest, bars.step_s / DAY_S, bars.name)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a population has to be: whose habits, how many accounts, how much open interest, now at which mark, from which seed."""

    member: Member
    accounts: int
    interest_lots: int
    mark_ticks: int
    seed: int


@dataclass(frozen=True, slots=True)
class Candidates:
    """Accounts before anybody was dropped: signed lots, entry in ticks, leverage, bar of entry."""

    lots: NDArray[np.int64]
    entry: NDArray[np.int64]
    leverage: NDArray[np.float64]
    bar: NDArray[np.int64]


def top_leverage(rules: RuleSet, notional: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the largest leverage that the tiers allow for notionals in the settlement asset."""
    tops = np.array([float(tier.top_notional) if tier.top_notional is not None else np.inf for tier in rules.tiers])
    rates = np.array([1_000_000 / tier.initial_ppm for tier in rules.tiers])
    return rates[np.minimum(np.searchsorted(tops, notional), len(rates) - 1)]


def draw(contract: Contract, rules: RuleSet, history: History, wanted: Wanted) -> Candidates:
    """Draw candidates. Sizes are scaled so that the wanted accounts hold the open interest on both sides together."""
    member = wanted.member
    rng = np.random.Generator(np.random.PCG64(wanted.seed))
    many = OVERSAMPLE * wanted.accounts
    weight = rng.lognormal(0.0, member.size_spread, many)
    weight = np.minimum(weight, np.quantile(weight, 0.9999))
    held = np.maximum(1, np.rint(weight * (2 * wanted.interest_lots / (wanted.accounts * weight.mean())))).astype(
        np.int64
    )
    age_bars = np.minimum(rng.exponential(member.holding_days / history.bar_days, many), len(history.low) - 1)
    bar = (len(history.low) - 1 - age_bars).astype(np.int64)
    entry = history.low[bar] + rng.random(many) * (history.high[bar] - history.low[bar])
    ticks = np.clip(np.rint(entry), 1, contract.max_price_ticks - 1).astype(np.int64)
    unit = contract.multiplier / 10**contract.scale.settlement.exponent
    leverage = rng.lognormal(np.log(member.leverage), member.leverage_spread, many)
    leverage = np.clip(leverage, 1.05, 0.98 * top_leverage(rules, held * ticks * unit))
    side = 2 * rng.integers(0, 2, many) - 1
    return Candidates(held * side, ticks, leverage, bar)


def survivors(spec: MarketSpec, history: History, mark_ticks: int, drawn: Candidates) -> NDArray[np.bool_]:
    """Return who was not liquidated between entry and now, by the engine's own trigger prices."""
    count = len(drawn.lots)
    exchange = Exchange(
        [spec], capacity=Capacity(accounts=count + 64, positions=count + 64, orders=64, pages=2, events=1 << 12)
    )
    set_prices(exchange, 0, mark_ticks)
    lots = drawn.lots.copy()
    lots[0] -= int(lots.sum()) if int(lots.sum()) != lots[0] else 0  # one account stands for the rest of the world
    cost = lots * drawn.entry * spec.contract.multiplier
    balance = np.rint(np.abs(cost) / drawn.leverage).astype(np.int64)
    first = load_holdings(exchange, 0, Holdings(lots, cost, balance))
    build_index(exchange)
    trigger = trigger_prices(exchange, first, count)
    alive = np.where(
        drawn.lots > 0, history.lowest_since[drawn.bar] > trigger, history.highest_since[drawn.bar] < trigger
    )
    alive[0] = False
    return alive


def matched(lots: NDArray[np.int64], interest_lots: int) -> NDArray[np.int64]:
    """Return sizes scaled so that longs and shorts each hold the open interest exactly, nobody at zero."""
    out = lots.copy()
    for sign in (1, -1):
        mine = np.flatnonzero(lots * sign > 0)
        sizes = np.abs(lots[mine])
        scaled = np.maximum(1, (sizes * (interest_lots / sizes.sum())).astype(np.int64))
        order = np.argsort(-scaled, kind="stable")
        rest = interest_lots - int(scaled.sum())
        scaled[order[: abs(rest) % len(order)]] += 1 if rest > 0 else -1
        scaled[order[0]] += (abs(rest) // len(order)) * (1 if rest > 0 else -1) * len(order)
        ensure(bool((scaled > 0).all()), "a scaled population has nobody at zero", smallest=int(scaled.min()))
        out[mine] = sign * scaled
    return out


def populate(spec: MarketSpec, history: History, wanted: Wanted) -> Holdings:
    """Return the holdings of a member for one market.

    Ordered by side and distance to liquidation, so that neighbours in risk are neighbours in memory.
    """
    mark = wanted.mark_ticks
    drawn = draw(spec.contract, spec.rules, history, wanted)
    alive = np.flatnonzero(survivors(spec, history, mark, drawn))[: wanted.accounts]
    lots = matched(drawn.lots[alive], wanted.interest_lots)
    entry = drawn.entry[alive]
    cost = lots * entry * spec.contract.multiplier
    unit = spec.contract.multiplier / 10**spec.contract.scale.settlement.exponent
    allowed = top_leverage(spec.rules, np.abs(lots) * entry * unit)
    leverage = np.minimum(drawn.leverage[alive], 0.98 * allowed)
    balance = np.rint(np.abs(cost) / leverage).astype(np.int64)
    equity = balance + lots * (mark - entry) * spec.contract.multiplier
    distance = equity / (np.abs(lots).astype(float) * mark * spec.contract.multiplier)
    order = np.lexsort((distance, lots < 0))
    return Holdings(lots[order], cost[order], balance[order])
