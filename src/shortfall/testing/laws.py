"""The laws of a whole world, checked from outside the core: sums, nobody overlooked, latent deficit, the value book."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from shortfall.engine.results import market_result
from shortfall.errors import ensure
from shortfall.kernels import layout as at
from shortfall.kernels.audit import overlooked

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from shortfall.engine.exchange import Exchange


def may_liquidate(exchange: Exchange, market: int) -> bool:
    """Say whether rules, prices and halts allow liquidations in a market now."""
    rules = exchange.price(market, at.M_RULES)
    limit = int(exchange.state.rules[rules + at.R_LIMIT_STALE_US])
    age = int(exchange.state.header[at.H_NOW]) - exchange.price(market, at.M_INDEX_TIME)
    open_now = exchange.price(market, at.M_HALTED) != at.HALT_ALL and exchange.price(market, at.M_FRESH) == 0
    return exchange.price(market) > 0 and open_now and (limit == 0 or age <= limit)


def check_nobody_overlooked(exchange: Exchange) -> None:
    """Check after a price or clock command that everybody below maintenance has a place in the queue, where that is allowed."""
    if all(may_liquidate(exchange, market) for market in range(len(exchange.specs))):
        count = int(overlooked(exchange.handle.argument))
        ensure(count == 0, "nobody below maintenance is without a place in the queue", overlooked=count)


def check_latent(exchange: Exchange) -> None:
    """Check that the latent deficit is the sum of negative equities, added up one by one."""
    total = 0
    for a in range(int(exchange.state.header[at.H_ACCOUNTS])):
        kind = int(exchange.state.accounts[(a << at.ROW) + at.A_KIND]) & ((1 << at.KIND_ASSET) - 1)
        if kind < at.HOLDER:
            total += max(0, -exchange.health(a)[0])
    ensure(total == exchange.latent_deficit(), "the latent deficit is the sum of negative equities", total=total)


class ValueBookCheck:
    """Watch the value book of linear markets: inventory handed on, clips that wait and what clearing holds are lines of it."""

    def __init__(self, exchange: Exchange) -> None:
        self.exchange: Final = exchange
        self.left: Final = {k for k, spec in enumerate(exchange.specs) if not spec.contract.inverse}
        self.sales = 0

    def read(self, rows: NDArray[np.int64]) -> None:
        """Count sales of collateral: each is rounded twice."""
        kinds = rows[:, at.V_KIND] >> 8
        self.sales += int(((kinds == at.E_COLLATERAL_SOLD) | (kinds == at.E_COLLATERAL_SWAPPED)).sum())

    def check(self) -> None:
        """Check the identity, to the unit; two units for every sale of collateral, which is rounded twice."""
        for market in self.left:
            value = market_result(self.exchange, market).value
            ensure(
                abs(value.difference) <= 2 * self.sales,
                "the layers pay what positions left behind, plus what was returned to traders",
                market=market, difference=value.difference, value=value, sales=self.sales,
            )  # fmt: skip
