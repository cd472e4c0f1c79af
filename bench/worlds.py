"""Exchanges that the benchmarks run on."""

from __future__ import annotations

from decimal import Decimal

import numpy as np

from shortfall.engine.bulk import Holdings, build_index, load_holdings, set_prices, settle_books
from shortfall.engine.exchange import Exchange, MarketSpec
from shortfall.model.capacity import Capacity
from shortfall.model.contract import bounded_contract
from shortfall.rules.ruleset import MarginTier, RuleSet
from shortfall.units import Asset, Scale

USDT = Asset("USDT", 6)
PRICE = 500_000


def one_market(capacity: Capacity, *changes: str) -> Exchange:
    """Return an exchange with one linear market and three tiers, marked at its index."""
    contract = bounded_contract("BTCUSDT", Scale(Decimal("0.1"), Decimal("0.001"), USDT), 1 << 21)
    tiers = (
        MarginTier(Decimal(300_000), 8_000, 4_000),
        MarginTier(Decimal(3_000_000), 20_000, 10_000),
        MarginTier(None, 100_000, 50_000),
    )
    rules = RuleSet(tiers=tiers).changed("mark.method=index")
    for change in changes:
        rules = rules.changed(change)
    return Exchange([MarketSpec(contract, rules)], capacity=capacity)


def populated(count: int, lots: int = 100, seed: int = 3) -> Exchange:
    """Return an exchange with `count` positions, stored in the order of their distance to liquidation as the product does."""
    capacity = Capacity(
        accounts=count + 32, positions=count + 32, markets=1, assets=1, rule_sets=2, orders=1 << 12, pages=64, events=1 << 16,
        collaterals=4, heap=1 << 17,
    )  # fmt: skip
    exchange = one_market(capacity)
    rng = np.random.default_rng(seed)
    half = count // 2
    away = np.sort(rng.lognormal(np.log(0.15), 0.7, half).clip(0.011, 0.8))
    size = np.full(count, lots, np.int64)
    size[half:] = -lots
    cost = size * PRICE * exchange.specs[0].contract.multiplier
    worth = np.abs(cost)
    balance = (worth * np.concatenate([away, away])).astype(np.int64)
    set_prices(exchange, 0, PRICE)
    load_holdings(exchange, 0, Holdings(size, cost, balance))
    settle_books(exchange)
    build_index(exchange)
    return exchange
