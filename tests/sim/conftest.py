"""Laboratories that several tests use: small, built once."""

from __future__ import annotations

import pytest

from shortfall.sim.market import Laboratory, MarketInput, build, gather
from shortfall.sim.members import member

ACCOUNTS = 2_000


@pytest.fixture(scope="session")
def btc_inputs() -> tuple[MarketInput, ...]:
    """Return BTCUSDT alone."""
    return gather("binance", "BTCUSDT", alone=True)


@pytest.fixture(scope="session")
def middle_lab(btc_inputs: tuple[MarketInput, ...]) -> Laboratory:
    """Return BTCUSDT with the middle member's population."""
    return build(btc_inputs, member("middle"), ACCOUNTS, 1)


@pytest.fixture(scope="session")
def pool_lab() -> Laboratory:
    """Return the pool of BTC, ETH and BNB with the hot member's population."""
    return build(gather("binance", "BTCUSDT", alone=False), member("hot"), ACCOUNTS, 1)
