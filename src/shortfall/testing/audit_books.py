"""The auditor's own books: balances, positions, settlement accounts and collateral, in plain integers."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from shortfall.kernels import layout as at

if TYPE_CHECKING:
    from shortfall.testing.audit_setup import AuditSetup

MAX_FINDINGS: Final = 50


@dataclass(slots=True)
class Fact:
    """One event row under its names."""

    kind: int
    market: int
    account: int
    cause: int
    reference: int
    a: int
    b: int
    c: int
    d: int


@dataclass(slots=True)
class Deficit:
    """A claim that is being asked of the layers."""

    debtor: int
    reference: int
    owed: int
    at_layer: int = -1


@dataclass(slots=True)
class Sweep:
    """Fills of makers that wait for their taker's."""

    taker: int
    lots: int = 0
    amount: int = 0
    last_price: int = 0


class Books:
    """Balances and positions rebuilt from movements, with the sums that have to stay zero.

    Parameters
    ----------
    setup : AuditSetup
        Who is who.
    """

    def __init__(self, setup: AuditSetup) -> None:
        self.setup: Final = setup
        self.rules: Final = dict(setup.rules)
        self.kinds: Final = list(setup.kinds)
        self.asset_of: Final = list(setup.asset_of)
        self.balance: Final[defaultdict[int, int]] = defaultdict(int)
        self.collateral: Final[defaultdict[tuple[int, int], int]] = defaultdict(int)
        self.size: Final[defaultdict[tuple[int, int], int]] = defaultdict(int)
        self.cost: Final[defaultdict[tuple[int, int], int]] = defaultdict(int)
        self.settlement: Final = [0] * len(setup.markets)
        self.fund_flows: Final[defaultdict[tuple[int, int], int]] = defaultdict(int)
        self.inventory_realised: Final[defaultdict[int, int]] = defaultdict(int)
        self.mark: Final = [0] * len(setup.markets)
        self.rules_row: Final = [market.rules_row for market in setup.markets]
        self.claims: Final[defaultdict[int, int]] = defaultdict(int)
        self.written_off: Final[defaultdict[int, int]] = defaultdict(int)
        self.open_liquidations: Final[dict[int, int]] = {}
        self.queued: Final[set[int]] = set()
        self.size_sum: Final = [0] * len(setup.markets)
        self.cost_sum: Final = [0] * len(setup.markets)
        self.drift: Final = [0] * len(setup.assets)
        self.collateral_owners: Final[set[int]] = set()
        self.findings: Final[list[str]] = []
        self.rows_read = 0
        self._cause = -1
        self._traded: set[int] = set()

    def _hold(self, condition: bool, law: str) -> None:  # noqa: FBT001  the condition is the subject
        if not condition and len(self.findings) < MAX_FINDINGS:
            self.findings.append(f"event {self.rows_read}, command {self._cause}: {law}")

    # -- the books ----------------------------------------------------------------------------------------------------

    def value(self, market: int, lots: int, price: int) -> int:
        """Return the signed value of signed lots: lots x price, or minus lots over price with the magnitude rounded down."""
        facts = self.setup.markets[market]
        if not facts.inverse:
            return lots * price * facts.multiplier
        magnitude = abs(lots) * facts.multiplier // price
        return -magnitude if lots > 0 else magnitude

    def gain(self, a: int, market: int) -> int:
        """Return unrealised profit and loss at mark."""
        size, cost = self.size[a, market], self.cost[a, market]
        return (self.value(market, size, self.mark[market]) if size else 0) - cost

    def equity(self, a: int) -> int | None:
        """Return equity at mark; None where collateral in other assets counts, whose prices are no events."""
        if a in self.collateral_owners:
            return None
        return self.balance[a] + sum(self.gain(a, market) for market in range(len(self.mark)))

    def _wallet_floor(self, market: int) -> int:
        facts = self.rules.get(self.rules_row[market])
        return facts.wallet_floor if facts is not None else 0

    def rank(self, a: int, market: int, code: int) -> int | None:
        """Return the rank of a position for ADL, in steps of 2**-20 and one more, 0 without profit; None where it is not known.

        Profit share is profit over entry cost, leverage is value over equity, both rounded down.
        """
        if code == at.RANK_RANDOM_START:  # the start is a rule's number, no event's
            return None
        gain, equity = self.gain(a, market), self.equity(a)
        value = abs(self.value(market, self.size[a, market], self.mark[market]))
        if code == at.RANK_PRICE_LEVERAGE or gain <= 0:  # there those without profit may have a rank too
            return 0 if code != at.RANK_PRICE_LEVERAGE else None
        if code in (at.RANK_PRO_RATA, at.RANK_LARGEST):
            return 1 if code == at.RANK_PRO_RATA else value
        paid = max(1, abs(self.cost[a, market]))
        if code == at.RANK_WALLET:
            paid = max(1, self._wallet_floor(market), self.balance[a])
        share = (gain << 20) // paid
        if code in (at.RANK_PROFIT, at.RANK_WALLET):
            return share + 1 if gain < paid << 38 else None
        if code != at.RANK_PROFIT_LEVERAGE or equity is None or gain * value > (paid * max(1, equity)) << 38:
            return None
        return share * value // max(1, equity) + 1

    def move(self, payer: int, payee: int, amount: int) -> None:
        """Move money."""
        self.balance[payer] -= amount
        self.balance[payee] += amount
        self.drift[self.asset_of[payer]] -= amount
        self.drift[self.asset_of[payee]] += amount

    def realisation(self, market: int) -> int:
        """Return the code of when profit becomes cash in a market."""
        facts = self.rules.get(self.rules_row[market])
        return facts.realisation if facts is not None else at.REALISED_BY_TRADES

    def defers(self, a: int, market: int) -> bool:
        """Say whether trades of an account leave its cash alone: not those of house accounts and of accounts in liquidation."""
        code = self.realisation(market)
        if code == at.REALISED_BY_TRADES or a in self.queued:
            return False
        return self.kinds[a] < at.HOLDER or (self.kinds[a] == at.HOLDER and code == at.REALISED_ON_COMMAND)

    def trade(self, a: int, market: int, lots: int, amount: int) -> None:
        """Book signed lots at a signed amount at average entry, or as a running cost where profit is not realised by trading."""
        size, cost = self.size[a, market], self.cost[a, market]
        total = size + lots
        if size * lots >= 0 or self.defers(a, market):
            kept, realised = cost + amount, 0
        elif abs(lots) <= abs(size):
            closed = cost if total == 0 else cost * abs(lots) // abs(size)
            kept, realised = cost - closed, -amount - closed
        else:
            part = amount * abs(size) // abs(lots)
            kept, realised = amount - part, -part - cost
        self.size[a, market], self.cost[a, market] = total, kept
        self.balance[a] += realised
        self._traded.add(a)
        self.settlement[market] -= realised
        self.size_sum[market] += lots
        self.cost_sum[market] += kept - cost
        if self.kinds[a] == at.HOLDER:
            self.inventory_realised[a] += realised

    def _zero_sums(self, market: int) -> None:
        sizes, costs = self.size_sum[market], self.cost_sum[market] + self.settlement[market]
        self._hold(sizes == 0, f"positions of a market sum to zero, market {market} sums to {sizes}")
        self._hold(costs == 0, f"entry costs plus settlement sum to zero, market {market} sums to {costs}")

    def _good_claims(self, market: int) -> None:
        """Let what clearing gained make good its old claims first."""
        clearing = self.setup.markets[market].clearing
        if self.size[clearing, market] == 0:
            self.claims[clearing] = min(self.claims[clearing], max(0, -self.balance[clearing]))

    def _owed_when_flat(self, market: int) -> bool:
        """Say whether a loss that waits in a market is a debt once its owner is flat: under weights it waits for a liquidator."""
        facts = self.rules.get(self.rules_row[market])
        return facts is not None and facts.realisation == at.REALISED_ON_COMMAND and not facts.weighted

    def _no_silent_debt(self, a: int) -> None:
        """Check that a trader who is flat and in debt waits for the layers, or that his claim was stated."""
        if self.kinds[a] >= at.HOLDER or a in self.queued or a in self.collateral_owners:
            return
        if not any(self.size[a, market] for market in range(len(self.mark))):
            owed, stated = -self.balance[a], self.written_off[a]
            for market in range(len(self.mark)):  # a loss that waits for a settlement of marks is cut from gains there
                if self.cost[a, market] < 0 or self._owed_when_flat(market):
                    owed += self.cost[a, market]
            self._hold(owed <= stated, f"no debt is silent: account {a} owes {owed}, stated {stated}")

    def _full_sums(self) -> None:
        """Add everything up from nothing."""
        per_asset: defaultdict[int, int] = defaultdict(int)
        for a, amount in self.balance.items():
            per_asset[self.asset_of[a]] += amount
        for (_, asset), amount in self.collateral.items():
            per_asset[asset] += amount
        for market, amount in enumerate(self.settlement):
            per_asset[self.setup.markets[market].asset] += amount
            sizes = sum(size for (_, m), size in self.size.items() if m == market)
            self._hold(sizes == 0, f"positions of a market sum to zero, market {market} sums to {sizes}")
        for asset, total in per_asset.items():
            self._hold(total == 0, f"money is conserved, asset {asset} drifts by {total}")
