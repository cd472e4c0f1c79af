# ruff: noqa: PLR2004  shares and sizes of a random stream are its data
"""Small worlds and long streams of random commands: everything that may be asked of the engine, sensible and not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, TypeVar

import numpy as np

from shortfall.engine.exchange import CollateralSpec, Exchange, MarketSpec
from shortfall.kernels import layout as at
from shortfall.model.capacity import Capacity
from shortfall.model.commands import Clock, Deposit, IndexTick
from shortfall.testing.audit_setup import AuditSetup, setup_of
from shortfall.testing.desk import COIN, inverse, linear
from shortfall.testing.random_rules import random_rules
from shortfall.units import Asset

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from shortfall.rules.ruleset import RuleSet

T = TypeVar("T")
GEM: Final = Asset("GEM", 0)
RULE_ROWS: Final = 12
TRADERS: Final = 14
START: Final = 1_000
MARKETS: Final = 3
SHARES: Final = {
    at.OP_ORDER: 560, at.OP_CANCEL: 60, at.OP_CANCEL_ALL: 12, at.OP_DEPOSIT: 14, at.OP_WITHDRAW: 20, at.OP_TRANSFER: 12,
    at.OP_INDEX: 150, at.OP_CLOCK: 90, at.OP_FUNDING: 6, at.OP_USE_RULES: 2, at.OP_HALT: 6, at.OP_IMPOSED: 16,
    at.OP_COLLATERAL: 16, at.OP_ASSET_PRICE: 8, at.OP_LEVERAGE: 8, at.OP_MARK: 6, at.OP_TAPE: 4, at.OP_SOURCE: 2, at.OP_OUTSIDE: 5,
    at.OP_POOL_DELEVERAGE: 12, at.OP_LIQUIDATE: 30,
    at.OP_OPEN: 2, at.OP_ACCOUNT: 1, at.OP_RULE: 1, at.OP_NONE: 1, at.OP_SETTLE: 3, at.OP_TAKE_ACCOUNT: 3, at.OP_CLAIM: 8,
    at.OP_IMPOSED_FEE: 6,
    at.OP_TAKE_BASE: 12, at.OP_TAKE_LOSS: 12,
    at.OP_STAKE: 8, at.OP_REQUEST_UNSTAKE: 6, at.OP_CANCEL_UNSTAKE: 2, at.OP_UNSTAKE: 6,
}  # fmt: skip


@dataclass(slots=True)
class RandomWorld:
    """An exchange, who trades in it, and what an auditor knows."""

    exchange: Exchange
    setup: AuditSetup
    dollar: list[int]
    coin: list[int]
    holders: list[int]
    seed: int


def chooser(rng: np.random.Generator) -> object:
    """Return a function that picks one of many with a generator."""

    def choose(options: Sequence[T]) -> T:
        return options[int(rng.integers(len(options)))]

    return choose


def random_world(seed: int, *, markets: int = MARKETS, rules: RuleSet | None = None) -> RandomWorld:
    """Build a world: two linear markets on one fund, an inverse one, gems as collateral, random rules everywhere.

    With `rules`, all markets have these, with random margin tiers of the world's small sizes.
    """
    rng = np.random.default_rng(seed)
    sets = [random_rules(chooser(rng)) for _ in range(RULE_ROWS)]  # type: ignore[arg-type]  # a closure is a chooser
    if rules is not None:
        sets = [replace(rules, tiers=drawn.tiers) for drawn in sets]
    weights = (500_000, 300_000, 200_000)
    contracts = [linear("ONE", 1 << 16), linear("TWO", 1 << 16), inverse("THREE")][:markets]
    specs = [
        MarketSpec(
            contract,
            sets[k],
            f"fund {int(k == 2)}",
            f"pool {k}",
            f"backstop {k}",
            weights[: 1 + seed % 3],
            f"liquidity {k}",
        )
        for k, contract in enumerate(contracts)
    ]
    room = Capacity(
        accounts=128, positions=512, orders=1 << 13, pages=128, events=1 << 14, rule_sets=RULE_ROWS + 1, clips=1 << 10
    )
    exchange = Exchange(specs, [CollateralSpec(GEM, 20, 7, 150_000)], room)
    for row in range(markets, RULE_ROWS):
        for packed in exchange.rule_rows(0, sets[row], row):
            exchange.submit_row(packed)
    exchange.read_event_rows()
    world = RandomWorld(exchange, setup_of(exchange), [], [], [], seed)
    _people(world, rng)
    return world


def _people(world: RandomWorld, rng: np.random.Generator) -> None:
    exchange = world.exchange
    coin_asset = exchange.names.assets.get(COIN.code, -1)
    for k in range(TRADERS):
        coin = coin_asset >= 0 and k % 3 == 2
        a = exchange.open_account(f"trader {k}", at.MAKER if k % 5 == 4 else at.TRADER, coin_asset if coin else 0)
        exchange.submit(Deposit(a, int(rng.integers(200, 50_000))))
        (world.coin if coin else world.dollar).append(a)
    for name in (
        "fund 0",
        "pool 0",
        "backstop 0",
        "pool 1",
        "backstop 1",
        "fund 1",
        "pool 2",
        "backstop 2",
        "liquidity 0",
        "liquidity 1",
        "liquidity 2",
    ):
        if name in exchange.names.ids:
            world.holders.append(exchange.names.ids[name])
            if rng.random() < 0.7:
                exchange.submit(Deposit(exchange.names.ids[name], int(rng.integers(1, 30_000))))
    for market in range(len(exchange.specs)):
        exchange.submit(IndexTick(market, START, 1))
    exchange.submit(Clock(2))


def random_commands(world: RandomWorld, count: int, rng: np.random.Generator, level: float = 1.0) -> NDArray[np.int64]:
    """Return rows of random commands around a wandering price.

    Parameters
    ----------
    count : int
        Rows.
    level : float
        Where the price starts, as a multiple of `START`; the caller keeps it between batches.
    """
    ops = np.array(list(SHARES))
    weights = np.array(list(SHARES.values()), float)
    op = rng.choice(ops, count, p=weights / weights.sum())
    rows = np.zeros((count, 8), np.int64)
    rows[:, at.O_OP] = op
    start = int(world.exchange.state.header[at.H_NOW])
    rows[:, at.O_TIME] = start + np.cumsum(
        rng.choice([0, 1_000, 200_000, 1_000_000, 20_000_000], count, p=[0.3, 0.3, 0.25, 0.1, 0.05])
    )
    market = rng.integers(0, len(world.exchange.specs), count)
    is_coin = market == 2
    dollar, coin = np.array(world.dollar), np.array(world.coin or world.dollar)
    account = np.where(is_coin, rng.choice(coin, count), rng.choice(dollar, count))
    price = np.maximum(1, _prices(rng, count, level)).astype(np.int64)
    rows[:, at.O_ACCOUNT], rows[:, at.O_MARKET], rows[:, at.O_PRICE] = account, market, price
    for code, fill in FILLS.items():
        mask = op == code
        if mask.any():
            rows[mask] = fill(world, rows[mask], rng)
    _spoil(rows, rng)
    return rows


def _prices(rng: np.random.Generator, count: int, level: float) -> NDArray[np.float64]:
    steps = rng.normal(0, 0.004, count) + rng.choice(
        [0, 0.25, -0.25, 0.08, -0.08], count, p=[0.988, 0.001, 0.001, 0.005, 0.005]
    )
    path = np.log(level) + np.cumsum(steps)
    prices: NDArray[np.float64] = START * np.exp(np.clip(path, -2.5, 2.5))
    return prices


def last_level(rows: NDArray[np.int64]) -> float:
    """Return where the price of a batch ended, for the next batch."""
    moved = rows[np.isin(rows[:, at.O_OP], [at.OP_INDEX]), at.O_PRICE]
    good = moved[(moved > 0) & (moved < 1 << 14)]
    return float(good[-1]) / START if len(good) else 1.0


def _orders(_world: RandomWorld, rows: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    n = len(rows)
    offset = rng.choice([0, 1, -1, 3, -3, 12, -12, 60, -60, 400, -400], n)
    rows[:, at.O_PRICE] = np.maximum(1, rows[:, at.O_PRICE] + offset)
    flags = rng.choice([0, at.IOC, at.FOK, at.POST_ONLY, at.REDUCE_ONLY, at.MARKET_ORDER, at.REDUCE_ONLY | at.IOC], n,
                       p=[0.55, 0.1, 0.06, 0.08, 0.08, 0.1, 0.03])  # fmt: skip
    rows[:, at.O_FLAGS] = flags | rng.integers(0, 2, n)
    rows[:, at.O_LOTS] = rng.choice([1, 2, 5, 17, 60, 300], n)
    rows[:, at.O_REFERENCE] = np.where(rng.random(n) < 0.5, rng.integers(1, 400, n), 0)
    return rows


def _cancels(_world: RandomWorld, rows: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    rows[:, at.O_REFERENCE] = rng.integers(1, 400, len(rows))
    return rows


def _cancel_all(_world: RandomWorld, rows: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    rows[:, at.O_MARKET] = np.where(rng.random(len(rows)) < 0.5, -1, rows[:, at.O_MARKET])
    return rows


def _money(_world: RandomWorld, rows: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    rows[:, at.O_LOTS] = rng.choice([1, 500, 3_000, 20_000], len(rows))
    return rows


def _transfers(world: RandomWorld, rows: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    rows[:, at.O_LOTS] = rng.choice([1, 500, 5_000], len(rows))
    rows[:, at.O_REFERENCE] = rows[:, at.O_ACCOUNT]
    rows[:, at.O_ACCOUNT] = rng.choice(np.array(world.holders + world.dollar), len(rows))
    return rows


def _index(_world: RandomWorld, rows: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    n = len(rows)
    rows[:, at.O_FLAGS] = rng.choice([0, 0, 1, 2], n)
    bad = rng.random(n)
    rows[:, at.O_PRICE] = np.where(
        bad < 0.01, 0, np.where(bad < 0.02, -5, np.where(bad < 0.03, 1 << 40, rows[:, at.O_PRICE]))
    )
    rows[:, at.O_TIME] = np.where(bad > 0.98, 0, rows[:, at.O_TIME])
    return rows


def _funding(_world: RandomWorld, rows: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    n = len(rows)
    rows[:, at.O_FLAGS] = rng.integers(0, 3, n)
    rows[:, at.O_LOTS] = rng.choice([0, 100_000, -100_000, 7_500_000, -30_000_000, 1_000_000_000, 1 << 62], n)
    return rows


def _use_rules(_world: RandomWorld, rows: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    rows[:, at.O_FLAGS] = rng.integers(-1, RULE_ROWS + 3, len(rows))
    return rows


def _halts(_world: RandomWorld, rows: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    rows[:, at.O_FLAGS] = rng.choice([0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3], len(rows))
    return rows


def _imposed(world: RandomWorld, rows: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    n = len(rows)
    other = np.where(
        rows[:, at.O_MARKET] == 2,
        rng.choice(np.array(world.coin or world.dollar), n),
        rng.choice(np.array(world.dollar), n),
    )
    rows[:, at.O_REFERENCE] = other
    rows[:, at.O_LOTS] = rng.choice([1, 8, 30], n)
    rows[:, at.O_FLAGS] = rng.integers(0, 2, n)
    return rows


def _collateral(world: RandomWorld, rows: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    n = len(rows)
    rows[:, at.O_MARKET] = world.exchange.names.assets[GEM.code]
    rows[:, at.O_ACCOUNT] = rng.choice(np.array(world.dollar[:4]), n)
    rows[:, at.O_LOTS] = rng.choice([300, 1_000, -100, -1_000, 0], n)
    return rows


def _asset_price(world: RandomWorld, rows: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    rows[:, at.O_MARKET] = world.exchange.names.assets[GEM.code]
    rows[:, at.O_PRICE] = rng.choice([20, 18, 12, 5, 1, 0, -3], len(rows))
    return rows


def _leverage(_world: RandomWorld, rows: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    rows[:, at.O_LOTS] = rng.choice([0, 10_000, 200_000, 1_000_000, 2_000_000, -1], len(rows))
    return rows


def _marks(_world: RandomWorld, rows: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    rows[:, at.O_PRICE] = np.where(rng.random(len(rows)) < 0.1, 0, rows[:, at.O_PRICE])
    return rows


def _sources(_world: RandomWorld, rows: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    rows[:, at.O_FLAGS] = rng.integers(-1, 4, len(rows))
    rows[:, at.O_LOTS] = rng.choice([0, 400_000, 1_000_000, 2_000_000], len(rows))
    return rows


def _liquidations(world: RandomWorld, rows: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    n = len(rows)
    rows[:, at.O_REFERENCE] = rng.choice(np.array(world.dollar), n)
    rows[:, at.O_LOTS] = rng.choice([1, 20, 1_000, 0], n)
    rows[:, at.O_PRICE] = np.where(rng.random(n) < 0.8, 0, rows[:, at.O_PRICE])
    return rows


def _stakes(world: RandomWorld, rows: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    n = len(rows)
    rows[:, at.O_ACCOUNT] = rng.choice(np.array(world.dollar[:6]), n)
    rows[:, at.O_REFERENCE] = rng.choice(np.array(world.holders), n)
    rows[:, at.O_LOTS] = rng.choice([1, 70, 900, 0, -5], n)
    return rows


def _accounts(_world: RandomWorld, rows: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    rows[:, at.O_MARKET] = rng.integers(-1, 4, len(rows))
    rows[:, at.O_FLAGS] = 9  # refused: new accounts are opened by name
    return rows


def _spoil(rows: NDArray[np.int64], rng: np.random.Generator) -> None:
    """Write nonsense into a few words: ids that do not exist, values far out of bounds."""
    for column in (at.O_ACCOUNT, at.O_MARKET, at.O_LOTS, at.O_PRICE):
        hit = rng.random(len(rows)) < 0.002
        hit &= rows[:, at.O_OP] != at.OP_RULE
        rows[hit, column] = rng.choice([-1, 0, 999, 1 << 40, (1 << 62) - 1, -(1 << 62)], int(hit.sum()))


def _claims(world: RandomWorld, rows: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    n = len(rows)
    rows[:, at.O_REFERENCE] = rng.choice(np.array([*world.holders, *world.dollar[:2]]), n)
    rows[:, at.O_LOTS] = rng.choice([1, 5, 40, 700], n)
    rows[:, at.O_FLAGS] = rng.integers(0, 2, n)
    return rows


FILLS: Final = {
    at.OP_ORDER: _orders, at.OP_CANCEL: _cancels, at.OP_CANCEL_ALL: _cancel_all, at.OP_DEPOSIT: _money, at.OP_WITHDRAW: _money,
    at.OP_TRANSFER: _transfers, at.OP_INDEX: _index, at.OP_FUNDING: _funding, at.OP_USE_RULES: _use_rules, at.OP_HALT: _halts,
    at.OP_IMPOSED: _imposed, at.OP_COLLATERAL: _collateral, at.OP_ASSET_PRICE: _asset_price, at.OP_LEVERAGE: _leverage,
    at.OP_POOL_DELEVERAGE: _imposed, at.OP_LIQUIDATE: _liquidations,
    at.OP_MARK: _marks, at.OP_OUTSIDE: _marks, at.OP_SOURCE: _sources, at.OP_ACCOUNT: _accounts, at.OP_TAKE_ACCOUNT: _claims,
    at.OP_CLAIM: _claims, at.OP_IMPOSED_FEE: _claims,
    at.OP_TAKE_BASE: _imposed, at.OP_TAKE_LOSS: _imposed,
    at.OP_STAKE: _stakes, at.OP_REQUEST_UNSTAKE: _stakes, at.OP_CANCEL_UNSTAKE: _stakes, at.OP_UNSTAKE: _stakes,
}  # fmt: skip
