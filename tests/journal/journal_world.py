"""A small exchange and a seeded flow of commands for the tests of the journal."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np

from shortfall.engine.exchange import CollateralSpec, Exchange, MarketSpec
from shortfall.kernels import layout as at
from shortfall.model.capacity import Capacity
from shortfall.model.commands import Deposit, IndexTick, Order
from shortfall.model.contract import bounded_contract
from shortfall.rules.ruleset import MarginTier, RuleSet
from shortfall.units import Asset, Scale

if TYPE_CHECKING:
    from numpy.typing import NDArray

USDT = Asset("USDT", 6)
PRICE = 100_000
SMALL = Capacity(accounts=64, positions=128, orders=256, pages=32, events=1 << 10, collaterals=16, clips=64)
TRADERS = 6


def small_exchange() -> Exchange:
    contract = bounded_contract("BTCUSDT", Scale(Decimal("0.1"), Decimal("0.001"), USDT), 1 << 20)
    tiers = (MarginTier(Decimal(300_000), 100_000, 50_000), MarginTier(None, 200_000, 100_000))
    rules = RuleSet(tiers=tiers).changed("mark.method=index").changed("mark.impact_notional=200.5")
    collateral = CollateralSpec(Asset("BTC", 8), 3, 2, 50_000)
    return Exchange([MarketSpec(contract, rules, pool="shared")], [collateral], SMALL)


def open_traders(exchange: Exchange) -> list[int]:
    traders = [
        exchange.open_account(f"trader {k} with a name that takes more than one row: {k}é") for k in range(TRADERS)
    ]
    for account in traders:
        exchange.must(Deposit(account, 10**9))
    exchange.must(IndexTick(0, PRICE, 0))
    return traders


def flow(traders: list[int], count: int, seed: int = 5) -> NDArray[np.int64]:
    """Return orders, cancels and index prices; some are refused, some liquidate."""
    rng = np.random.default_rng(seed)
    rows = np.zeros((count, 8), np.int64)
    price = PRICE
    for k in range(count):
        if k % 10 == 9:
            price = max(PRICE // 2, price + int(rng.integers(-2_000, 2_000)))
            rows[k] = IndexTick(0, price, (k + 1) * 1_000).row()
        elif k % 7 == 6:
            rows[k] = (at.OP_CANCEL, traders[int(rng.integers(TRADERS))], 0, 0, 0, 0, int(rng.integers(1, k + 2)), 0)
        else:
            lots = int(rng.integers(1, 400)) * (1 if rng.random() < 0.5 else -1)
            account = traders[int(rng.integers(TRADERS))]
            rows[k] = Order(account, 0, lots, price + int(rng.integers(-50, 50)), order=k + 1).row()
    return rows
