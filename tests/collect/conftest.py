"""Fake venues for the tests of collecting, and one call that collects from them."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from shortfall.data.collect.client import Refusal, collect
from shortfall.data.collect.venues import venue_of
from shortfall.data.collect.wire import Limits, http_client
from shortfall.testing.fake_venues import FakeVenues

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from shortfall.data.figure_records import ContractFigures

FAST = Limits(per_second=5000, attempts=2, first_wait_s=0.01, longest_wait_s=0.5, timeout_s=1.0, largest_bytes=1 << 20)
SYMBOLS = {"lighter": "BTC"}  # every other venue: the example of its client


@pytest.fixture(scope="session")
def fakes() -> Iterator[FakeVenues]:
    with FakeVenues() as venues:
        yield venues


@pytest.fixture(scope="session")
def ask(fakes: FakeVenues) -> Callable[..., ContractFigures | Refusal]:
    """Return a call that collects one contract of a fake venue, with a fault if wanted."""

    def go(venue: str, symbol: str = "", fault: str = "", limits: Limits = FAST) -> ContractFigures | Refusal:
        known = venue_of(venue)
        url = "/".join(filter(None, (fakes.url, fault, venue)))

        async def run() -> ContractFigures | Refusal:
            async with http_client() as client:
                wanted = symbol or SYMBOLS.get(venue, known.example)
                return (await collect(known, [wanted], datetime.now(UTC), client, base_url=url, limits=limits))[0]

        return asyncio.run(run())

    return go


@pytest.fixture(scope="session")
def figures(ask: Callable[..., ContractFigures | Refusal]) -> Callable[..., ContractFigures]:
    """Return the same call for contracts that are not refused."""

    def go(venue: str, symbol: str = "", fault: str = "", limits: Limits = FAST) -> ContractFigures:
        found = ask(venue, symbol, fault, limits)
        assert not isinstance(found, Refusal), found.sentence
        return found

    return go


@pytest.fixture
def fast_timeout() -> Limits:
    return Limits(per_second=5000, attempts=1, timeout_s=0.1)


@pytest.fixture
def nowhere() -> str:
    return "no-such-place"
