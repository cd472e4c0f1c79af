"""The auditor's view of settlements of marks: every position at the mark, losers first, winners cut pro rata."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

from shortfall.kernels import layout as at
from shortfall.testing.audit_sharing import SharingBooks

if TYPE_CHECKING:
    from collections.abc import Callable

    from shortfall.testing.audit_books import Fact
    from shortfall.testing.audit_setup import AuditSetup


class SettlementAudit(SharingBooks):
    """Books that follow settlements, imposed transfers and inherited accounts.

    Parameters
    ----------
    setup : AuditSetup
        Who is who.
    """

    def __init__(self, setup: AuditSetup) -> None:
        super().__init__(setup)
        self._winners: Final[dict[int, list[tuple[int, int, int]]]] = {}
        self._unpaid: Final[dict[int, int]] = {}
        self._funding: Final[defaultdict[int, list[int]]] = defaultdict(list)

    def on_settlement_paid(self, e: Fact) -> None:
        """Mark a position: its owner pays a loss as far as it has cash, or receives a gain or a share of it."""
        gain = self.gain(e.account, e.market)
        self._hold(e.a == gain, f"what is due at a settlement is the gain at mark, was {e.a} and {gain}")
        self._hold(e.c == self.mark[e.market], "marks are settled at the mark")
        self.cost[e.account, e.market] += e.a
        self.cost_sum[e.market] += e.a
        self.settlement[e.market] -= e.a
        self.balance[e.account] += e.b
        if self.kinds[e.account] == at.HOLDER:
            self.inventory_realised[e.account] += e.a
        if e.a > 0:
            self._hold(e.b >= 0, "a winner pays nothing")
            self._winners.setdefault(e.market, []).append((e.account, e.a, e.b))
            return
        self._hold(e.a <= e.b <= 0, f"a loser pays no more than it lost, was {e.b} of {e.a}")
        unpaid = e.b - e.a
        if unpaid > 0:
            self._hold(
                self.balance[e.account] <= 0, f"a loser pays all it has, {e.account} keeps {self.balance[e.account]}"
            )
        self._unpaid[e.market] = self._unpaid.get(e.market, 0) + unpaid

    def on_settlement_covered(self, e: Fact) -> None:
        """Book what a layer pays for a loser."""
        self._hold(0 < e.a <= self._unpaid.get(e.market, 0), f"a layer covers what is unpaid, was {e.a}")
        self._hold(self.setup.markets[e.market].holder(e.b) == e.account, "a layer of the market pays")
        self.balance[e.account] -= e.a
        self._unpaid[e.market] = self._unpaid.get(e.market, 0) - e.a
        if self.kinds[e.account] == at.HOLDER:
            self.fund_flows[e.account, at.CAUSE_DEFICIT] -= e.a
        self._hold(self.balance[e.account] == e.d, f"stated fund cash is fund cash, was {e.d}")
        self._hold(e.c == 0 or e.d == 0, "a layer pays all that is owed or all that it has")

    def on_settlement_ended(self, e: Fact) -> None:
        """Check the shares: the pot is the gains less what stayed unpaid, and everybody has his floor of it."""
        winners, unpaid = self._winners.pop(e.market, []), self._unpaid.pop(e.market, 0)
        gains = sum(due for _, due, _ in winners)
        self._hold(e.a == gains, f"gains are the winners' gains, was {e.a} and {gains}")
        self._hold(e.b == max(0, gains - unpaid), f"the pot is gains less what stayed unpaid, was {e.b}")
        self._hold(e.d == max(0, unpaid - gains), f"a hole is what all gains together do not bear, was {e.d}")
        self._hold(sum(paid for _, _, paid in winners) + e.c == e.b, "the pot is paid out to the unit")
        self._hold(0 <= e.c <= len(winners), f"rounding leaves less than a unit a winner, was {e.c}")
        facts = self.rules.get(self.rules_row[e.market])
        extra = -1
        if facts is not None and facts.last_winner and e.b < gains:
            holders = [k for k, (a, _, _) in enumerate(winners) if self.kinds[a] == at.HOLDER]
            extra = (holders or [len(winners) - 1])[-1]
            extra = len(winners) - 1 if holders else extra  # who gets the remainder is paid last
            self._hold(e.c == 0, "the last winner gets what rounding leaves")
        for k, (a, due, paid) in enumerate(winners):
            share = due if e.b == gains else due * e.b // gains
            self._hold(paid == share or (k == extra and paid > share), f"{a} gets its share {share}, was {paid}")
        dust = self.setup.assets[self.setup.markets[e.market].asset].dust
        self.balance[dust] += e.c
        clearing = self.setup.markets[e.market].clearing
        self.balance[clearing] -= e.d
        self.claims[clearing] += e.d

    def on_result_realised(self, e: Fact) -> None:
        """Book what a flat position made, as cash, before its owner is liquidated."""
        self._hold(self.size[e.account, e.market] == 0, "only a flat position is realised without a settlement")
        self._hold(e.a == -self.cost[e.account, e.market], f"all of it is realised, was {e.a}")
        self.cost_sum[e.market] += e.a
        self.cost[e.account, e.market] = 0
        self.balance[e.account] += e.a
        self.settlement[e.market] -= e.a

    def on_quote_moved(self, e: Fact) -> None:
        """Book an imposed fee or a funding payment: out of cash, or into the cost of a position that waits for a settlement."""
        self._hold(e.a > 0, f"a fee moves forward, was {e.a}")
        self._hold(self.defers(e.reference, e.market) == bool(e.b), "a payer pays in cash unless its results wait")
        self._hold(self.defers(e.account, e.market) == bool(e.c), "a payee receives in cash unless its results wait")
        for a, amount, in_cost in ((e.reference, e.a, e.b), (e.account, -e.a, e.c)):
            if in_cost:
                self.cost[a, e.market] += amount
                self.cost_sum[e.market] += amount
                self.settlement[e.market] -= amount
            else:
                self.balance[a] -= amount
        if e.d:
            dust = self.setup.assets[self.setup.markets[e.market].asset].dust
            self._hold(dust in (e.account, e.reference), "funding goes through the dust account")
            self._funding[e.market].append(e.a if e.account == dust else -e.a)

    def on_inherited(self, e: Fact) -> None:
        """Book a position that a holder takes over as it stands: at its own cost, so that its owner realises nothing."""
        held = (self.size[e.account, e.market], self.cost[e.account, e.market])
        self._hold(self.kinds[e.reference] == at.HOLDER, "a holder takes accounts over")
        self._hold((e.a, e.b) == held, f"a position is taken over as it stands, was {(e.a, e.b)} and {held}")
        if e.a:
            self.trade(e.account, e.market, -e.a, -e.b)
            self.trade(e.reference, e.market, e.a, e.b)
        else:
            self.cost[e.account, e.market] -= e.b
            self.cost[e.reference, e.market] += e.b

    def no_open_settlement(self) -> None:
        """Check that every settlement that was begun was ended."""
        self._hold(not self._winners, "a settlement that pays winners is ended")
        self._hold(not any(self._unpaid.values()), "a settlement with unpaid losses is ended")


SETTLEMENT_HANDLERS: Final[dict[int, Callable[[Any, Fact], None]]] = {
    at.E_SETTLEMENT_PAID: SettlementAudit.on_settlement_paid,
    at.E_SETTLEMENT_COVERED: SettlementAudit.on_settlement_covered,
    at.E_SETTLEMENT_ENDED: SettlementAudit.on_settlement_ended,
    at.E_RESULT_REALISED: SettlementAudit.on_result_realised,
    at.E_QUOTE_MOVED: SettlementAudit.on_quote_moved,
    at.E_POSITION_INHERITED: SettlementAudit.on_inherited,
}
