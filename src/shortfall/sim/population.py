"""A synthetic population that has lived: accounts opened at recorded prices, run forward to now, the liquidated dropped.

Problem: open interest and tiers do not say how leverage, entry and profit go together. Observation: they depend on each other
through the past, because whoever was too near to the price is no longer there. Therefore candidates are opened at a recorded past
price, the engine itself computes at which price each is liquidated, and those whose price was touched since are dropped.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from shortfall.engine.bulk import Holdings, build_index, load_holdings, set_prices, trigger_prices
from shortfall.engine.exchange import Exchange, MarketSpec
from shortfall.errors import ensure
from shortfall.kernels import layout as at
from shortfall.model.capacity import Capacity

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from shortfall.data.records import Bars
    from shortfall.rules.ruleset import RuleSet
    from shortfall.sim.market import Laboratory
    from shortfall.sim.members import Member

OVERSAMPLE: Final = 3
DAY_S: Final = 86_400
KIND_BITS: Final = 7  # of an account's kind word
AT_ONCE: Final = 50_000  # candidates for which the engine computes triggers at a time


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


def drawn_at(
    spec: MarketSpec,
    prices: tuple[NDArray[np.float64], NDArray[np.float64]],
    bar: NDArray[np.int64],
    wanted: Wanted,
    rng: np.random.Generator,
) -> Candidates:
    """Draw one candidate for each bar of entry, at a price between the bar's (lowest, highest).

    Sizes are scaled so that the wanted number of accounts hold the open interest on both sides together.
    """
    member, many = wanted.member, len(bar)
    weight = rng.lognormal(0.0, member.size_spread, many)
    weight = np.minimum(weight, np.quantile(weight, 0.9999))
    scale = 2 * wanted.interest_lots / (wanted.accounts * weight.mean())
    held = np.maximum(1, np.rint(weight * scale)).astype(np.int64)
    entry = prices[0] + rng.random(many) * (prices[1] - prices[0])
    ticks = np.clip(np.rint(entry), 1, spec.contract.max_price_ticks - 1).astype(np.int64)
    unit = spec.contract.multiplier / 10**spec.contract.scale.settlement.exponent
    leverage = rng.lognormal(np.log(member.leverage), member.leverage_spread, many)
    leverage = np.clip(leverage, 1.05, 0.98 * top_leverage(spec.rules, held * ticks * unit))
    side = 2 * rng.integers(0, 2, many) - 1
    return Candidates(held * side, ticks, leverage, bar)


def draw(spec: MarketSpec, history: History, wanted: Wanted) -> Candidates:
    """Draw candidates that have not been closed until now.

    Accounts open at an even pace and are closed after an exponential time, so the age of those still open is exponential with the same
    mean: what was closed on the way is left out by drawing the age and not the time of opening.
    """
    rng = np.random.Generator(np.random.PCG64(wanted.seed))
    many, last = OVERSAMPLE * wanted.accounts, len(history.low) - 1
    age_bars = np.minimum(rng.exponential(wanted.member.holding_days / history.bar_days, many), last)
    bar = last - age_bars.astype(np.int64)
    return drawn_at(spec, (history.low[bar], history.high[bar]), bar, wanted, rng)


def triggers(spec: MarketSpec, mark_ticks: int, drawn: Candidates) -> NDArray[np.int64]:
    """Return the price in ticks at which each candidate alone would be liquidated, computed by the engine."""
    parts = range(0, len(drawn.lots), AT_ONCE)
    return np.concatenate([_triggers(spec, mark_ticks, drawn, slice(start, start + AT_ONCE)) for start in parts])


def _triggers(spec: MarketSpec, mark_ticks: int, drawn: Candidates, part: slice) -> NDArray[np.int64]:
    lots = drawn.lots[part]
    cost = lots * drawn.entry[part] * spec.contract.multiplier
    balance = np.rint(np.abs(cost) / drawn.leverage[part]).astype(np.int64)
    count, rest = len(lots), -int(lots.sum())
    if rest:  # one more account stands for the rest of the world
        lots, balance = np.append(lots, rest), np.append(balance, 0)
        cost = np.append(cost, rest * mark_ticks * spec.contract.multiplier)
    room = Capacity(accounts=count + 64, positions=count + 64, orders=64, pages=2, events=1 << 12)
    exchange = Exchange([spec], capacity=room)
    set_prices(exchange, 0, mark_ticks)
    first = load_holdings(exchange, 0, Holdings(lots, cost, balance))
    build_index(exchange)
    return trigger_prices(exchange, first, count)


def survivors(spec: MarketSpec, history: History, mark_ticks: int, drawn: Candidates) -> NDArray[np.bool_]:
    """Return who was not liquidated between entry and now, by the engine's own trigger prices."""
    trigger = triggers(spec, mark_ticks, drawn)
    alive: NDArray[np.bool_] = np.where(
        drawn.lots > 0, history.lowest_since[drawn.bar] > trigger, history.highest_since[drawn.bar] < trigger
    )
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


def standing(spec: MarketSpec, history: History, wanted: Wanted) -> Candidates:
    """Return the wanted number of candidates that were neither closed nor liquidated, sized to hold the open interest exactly.

    Leverage is cut again to what the tiers allow for the final sizes.
    """
    drawn = draw(spec, history, wanted)
    alive = np.flatnonzero(survivors(spec, history, wanted.mark_ticks, drawn))[: wanted.accounts]
    lots = matched(drawn.lots[alive], wanted.interest_lots)
    entry = drawn.entry[alive]
    unit = spec.contract.multiplier / 10**spec.contract.scale.settlement.exponent
    allowed = top_leverage(spec.rules, np.abs(lots) * entry * unit)
    return Candidates(lots, entry, np.minimum(drawn.leverage[alive], 0.98 * allowed), drawn.bar[alive])


def populate(spec: MarketSpec, history: History, wanted: Wanted) -> Holdings:
    """Return the holdings of a member for one market.

    Ordered by side and distance to liquidation, so that neighbours in risk are neighbours in memory.
    """
    mark = wanted.mark_ticks
    there = standing(spec, history, wanted)
    lots, cost = there.lots, there.lots * there.entry * spec.contract.multiplier
    balance = np.rint(np.abs(cost) / there.leverage).astype(np.int64)
    equity = balance + lots * (mark - there.entry) * spec.contract.multiplier
    distance = equity / (np.abs(lots).astype(float) * mark * spec.contract.multiplier)
    order = np.lexsort((distance, lots < 0))
    return Holdings(lots[order], cost[order], balance[order])


DISTANCE_EDGES: Final = (0.0, 0.01, 0.02, 0.03, 0.05, 0.08, 0.12, 0.2, 0.3, np.inf)


@dataclass(frozen=True, slots=True)
class LiquidationLevels:
    """Notional by the distance of its trigger price from the mark, as a share of the mark.

    Parameters
    ----------
    edges : tuple of float
        Distances, ascending; the last is infinite.
    longs, shorts : array of int64
        Notional at mark in settlement units, between each edge (included) and the next.
    """

    edges: tuple[float, ...]
    longs: NDArray[np.int64]
    shorts: NDArray[np.int64]


def liquidation_levels(
    lab: Laboratory, market: int = 0, edges: tuple[float, ...] = DISTANCE_EDGES
) -> LiquidationLevels:
    """Return where the liquidation levels of a laboratory's traders lie. An account in several markets has its levels at these marks."""
    state, item = lab.exchange.state, lab.inputs[market]
    positions = np.asarray(state.positions).reshape(-1, 8)[: int(state.header[at.H_POSITIONS])]
    kinds = np.asarray(state.accounts).reshape(-1, 8)[positions[:, at.P_KEY] >> at.MARKET_BITS, at.A_KIND] & KIND_BITS
    mine = (kinds == at.TRADER) & (positions[:, at.P_KEY] & at.MARKET_MASK == market) & (positions[:, at.P_SIZE] != 0)
    lots, keys = positions[mine, at.P_SIZE], positions[mine, at.P_TRIGGER]
    return levels_of(
        lots, np.where(lots > 0, at.NO_PRICE - keys, keys), item.mark_ticks, item.contract.multiplier, edges
    )


def levels_of(
    lots: NDArray[np.int64],
    trigger: NDArray[np.int64],
    mark_ticks: int,
    multiplier: int,
    edges: tuple[float, ...] = DISTANCE_EDGES,
) -> LiquidationLevels:
    """Return where trigger prices lie. What is beyond its trigger already counts at distance zero."""
    away = np.maximum(0.0, np.where(lots > 0, 1 - trigger / mark_ticks, trigger / mark_ticks - 1))
    place = np.searchsorted(np.array(edges), away, side="right") - 1
    sums = [np.zeros(len(edges) - 1, np.int64) for _ in range(2)]
    for side, total in zip((1, -1), sums, strict=True):
        held = lots * side > 0
        np.add.at(total, place[held], np.abs(lots[held]) * mark_ticks * multiplier)
    return LiquidationLevels(edges, *sums)
