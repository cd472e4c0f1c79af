"""The auditor's books of liquidity pools: each mirrors its traders, keeps its cash, and gives up no more than it gained."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from shortfall.kernels import layout as at
from shortfall.testing.audit_books import Books, Fact

if TYPE_CHECKING:
    from shortfall.testing.audit_setup import AuditSetup

CUT: Final = 2
SHARED: Final = 3
MILLION: Final = 1_000_000


class PoolBooks(Books):
    """Books that follow trades with a liquidity pool.

    Parameters
    ----------
    setup : AuditSetup
        Who is who.
    """

    def __init__(self, setup: AuditSetup) -> None:
        super().__init__(setup)
        self.pool_gain: Final[defaultdict[tuple[int, int], int]] = defaultdict(int)
        self.pool_adl: Final[set[tuple[int, int]]] = set()
        self._pools: Final = {market.liquidity for market in setup.markets} - {-1}

    def is_fund(self, a: int) -> bool:
        """Say whether an account's cash may not be negative at any event; a pool's may not at the end of a command."""
        return self.kinds[a] == at.HOLDER and a not in self._pools

    def _layer_answers(self, e: Fact, layer: int, paid: int) -> None:
        """Note what a layer paid: the auditor knows the deficit."""
        raise NotImplementedError

    def _pools_can_pay(self) -> None:
        for pool in self._pools:
            self._hold(
                self.balance[pool] >= 0, f"a pool pays no more than it has, cash of {pool} is {self.balance[pool]}"
            )

    def on_pool_filled(self, e: Fact) -> None:
        """Book a trade with the pool: the trader's, and its mirror."""
        self._hold(e.c == self.value(e.market, e.a, e.b), f"a fill's amount is its value, was {e.c}")
        pool = self.setup.markets[e.market].liquidity
        self._hold(e.reference == pool, f"the pool of the market trades, was {e.reference}")
        size, cost, cash = self.size[e.account, e.market], self.cost[e.account, e.market], self.balance[e.account]
        if e.d == CUT:
            side = 0 if size > 0 else 1
            self._hold(
                (e.market, side) in self.pool_adl, f"a pool's winners are closed only while ADL is on, side {side}"
            )
            self._hold(size * e.a < 0 and abs(e.a) <= abs(size), f"ADL reduces and never flips, was {e.a} of {size}")
            self._hold(e.b == self.mark[e.market], f"ADL of a pool is at mark, was {e.b}")
        self.trade(e.account, e.market, e.a, e.c)
        realised = self.balance[e.account] - cash
        change = self.cost[e.account, e.market] - cost
        self.size[pool, e.market] -= e.a
        self.cost[pool, e.market] -= change
        self.balance[pool] -= realised
        self.settlement[e.market] += realised
        self.size_sum[e.market] -= e.a
        self.cost_sum[e.market] -= change
        self._gained(e.account, e.market, -realised)

    def _gained(self, a: int, market: int, amount: int) -> None:
        if a in self.queued:
            self.pool_gain[a, market] += amount
        else:
            self.pool_gain.pop((a, market), None)

    def on_profit_capped(self, e: Fact) -> None:
        """Book what a pool keeps of a profit."""
        self._hold(0 < e.a <= e.b, f"what is kept back is a part of the profit, was {e.a} of {e.b}")
        self.move(e.account, e.reference, e.a)
        self._gained(e.account, e.market, e.a)

    def on_swapped(self, e: Fact) -> None:
        """Book collateral that moved between an account and its pool."""
        self.collateral_owners.update((e.account, e.reference))
        self.collateral[e.account, e.b] -= e.a
        self.collateral[e.reference, e.b] += e.a
        self._hold(e.a * e.c > 0, f"what moves for money is worth something, was {e.a} for {e.c}")
        for owner in (e.account, e.reference):
            self._hold(self.collateral[owner, e.b] >= 0, "nobody gives collateral that he does not have")
        self.move(e.reference, e.account, e.c)

    def on_pool_adl(self, e: Fact) -> None:
        """Check that ADL is on exactly while the profit of a side is above its share of the capital behind it."""
        won = 0
        side, is_on, stated, backing = e.a, e.b, e.c, e.d
        for (a, market), size in self.size.items():
            if market == e.market and size and (size < 0) == (side == 1) and self.kinds[a] < at.HOLDER:
                won += self.gain(a, market)
        self._hold(won == stated, f"the profit of a side is its traders', was {stated} and {won}")
        above = e.reference > 0 and won * MILLION > backing * e.reference
        self._hold(bool(is_on) == above, f"ADL is on above its factor only, {won} of {backing} at {e.reference} ppm")
        (self.pool_adl.add if is_on else self.pool_adl.discard)((e.market, side))

    def on_absorbed(self, e: Fact) -> None:
        """Book what a pool goes without: never more than it gained from this liquidation."""
        gain = self.pool_gain[e.c, e.market]
        self._hold(
            0 < e.a <= gain, f"a pool gives up no more than it gained from this liquidation, was {e.a} of {gain}"
        )
        self._hold(e.b == gain, f"what a pool gained is counted for each liquidation by itself, was {e.b} and {gain}")
        self._layer_answers(e, at.LAYER_LIQUIDITY, e.a)
        self.move(e.account, e.c, e.a)
        self.pool_gain[e.c, e.market] -= e.a
        self._hold(
            e.d == self.balance[e.account], f"stated pool cash is pool cash, was {e.d} and {self.balance[e.account]}"
        )

    def _claim(self, e: Fact, amount: int) -> None:
        """Open a deficit: the auditor knows how."""
        raise NotImplementedError

    def on_base_taken(self, e: Fact) -> None:
        """Book base that a liquidator took at mark: the venue keeps what the two prices differ by."""
        size = self.size[e.account, e.market]
        self._hold(
            size * e.a < 0 and abs(e.a) <= abs(size), f"what is taken is part of the position, was {e.a} of {size}"
        )
        self._hold(e.b == self.mark[e.market], f"base is taken at mark, was {e.b}")
        kept = e.c + e.d
        self._hold(kept >= 0, f"a venue gains what the prices differ by, was {kept}")
        self.size[e.account, e.market] += e.a
        self.size[e.reference, e.market] -= e.a
        self.cost[e.account, e.market] += e.c
        self.cost[e.reference, e.market] += e.d
        self.cost_sum[e.market] += kept
        self.settlement[e.market] -= kept
        self.balance[self.setup.assets[self.setup.markets[e.market].asset].fees] += kept

    def on_result_moved(self, e: Fact) -> None:
        """Book a result that moved to a liquidator for cash, that the fund paid for, or that is about to be shared."""
        self.cost[e.account, e.market] += e.a
        if e.c == SHARED:
            self._hold(e.a == e.b < 0, "what is shared is a loss that became cash")
            self.cost_sum[e.market] += e.a
            self.settlement[e.market] -= e.a
            self.balance[e.account] += e.b
            self._claim(e, -e.a)
            return
        if e.account == self.setup.markets[e.market].fund:
            self._hold(e.a == 0 and e.b < 0, "a fund pays a liquidator and takes nothing over")
        self.cost[e.reference, e.market] -= e.a
        self.move(e.reference, e.account, e.b)


POOL_HANDLERS: Final = {
    at.E_BASE_TAKEN: PoolBooks.on_base_taken,
    at.E_RESULT_MOVED: PoolBooks.on_result_moved,
    at.E_POOL_FILLED: PoolBooks.on_pool_filled,
    at.E_PROFIT_CAPPED: PoolBooks.on_profit_capped,
    at.E_COLLATERAL_SWAPPED: PoolBooks.on_swapped,
    at.E_POOL_ADL_SWITCHED: PoolBooks.on_pool_adl,
    at.E_LIQUIDITY_ABSORBED: PoolBooks.on_absorbed,
}
