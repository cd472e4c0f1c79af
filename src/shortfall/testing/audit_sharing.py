"""The auditor's part for what is missing: layers that answer a stated deficit, losses that are shared, withdrawals that are cut."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from shortfall.kernels import layout as at
from shortfall.testing.audit_books import Books, Deficit, Fact

if TYPE_CHECKING:
    from shortfall.testing.audit_setup import AuditSetup

SHARING_KINDS: Final = frozenset({at.E_LOSS_SOCIALISED, at.E_SHARE_ROUNDED})
SHARED_IN_THE_ASSET: Final = frozenset({at.SHARED_BY_EQUITY, at.SHARED_BY_DEPOSIT})


@dataclass(slots=True)
class Sharing:
    """A loss that is being shared: what each was charged, and on what base."""

    debtor: int
    code: int = at.SHARED_BY_PROFIT
    layer: int = at.LAYER_SOCIALISE
    pay: int = 0
    delta: int = 0
    total: int = 0
    shares: dict[int, tuple[int, int]] = field(default_factory=dict)


class SharingBooks(Books):
    """Books that know which deficit the layers are being asked for."""

    def __init__(self, setup: AuditSetup) -> None:
        super().__init__(setup)
        self._deficit: dict[int, Deficit] = {}
        self._sharing: Sharing | None = None
        self._capped: Final[set[int]] = set()
        self.fund_shares: Final[defaultdict[int, int]] = defaultdict(int)

    def _layer_answers(self, e: Fact, layer: int, paid: int) -> None:
        deficit = self._deficit.get(e.market)
        if deficit is None:
            self._hold(condition=False, law="a layer pays for a stated deficit")
            return
        facts = self.rules.get(self.rules_row[e.market])
        place = facts.waterfall.index(layer) if facts is not None and layer in facts.waterfall else deficit.at_layer
        self._hold(place >= deficit.at_layer, f"layers answer in order, {layer} came late")
        deficit.at_layer = place
        self._hold(paid <= deficit.owed, f"layers pay no more than is owed, was {paid} of {deficit.owed}")
        deficit.owed -= paid

    def _end_sharing(self) -> None:
        sharing, self._sharing = self._sharing, None
        if sharing is None or not sharing.shares:
            return
        pay = sum(share for share, _ in sharing.shares.values())
        if sharing.code == at.SHARED_BY_POSITION:
            self._hold(pay >= sharing.pay, f"an index collects the whole loss, {pay} of {sharing.pay}")
            return
        self._hold(pay <= sharing.total, "a shared loss is not more than all bases together")
        for share, base in sharing.shares.values():
            self._hold(share <= base, f"nobody pays more than his base, was {share} of {base}")
            off = abs(share * sharing.total - pay * base)
            self._hold(
                off <= sharing.total,
                f"shares are pro rata within one unit, {share} of {pay} on base {base} of {sharing.total}",
            )

    def on_sharing(self, e: Fact) -> None:
        """Learn on what base the next loss is shared."""
        self._end_sharing()
        self._sharing = Sharing(e.account, code=e.b, layer=e.d, pay=e.a, delta=e.c)

    def on_socialised(self, e: Fact) -> None:
        """Book one share: the base is what the rule says, by the auditor's own figures."""
        if self._sharing is None or self._sharing.debtor != e.d:
            self._end_sharing()
            self._sharing = Sharing(e.d)
        self._share(e)
        self._layer_answers(e, self._sharing.layer, e.a)
        self.move(e.account, e.d, e.a)

    def on_share_rounded(self, e: Fact) -> None:
        """Book what an index that rounds up collects beyond the loss: it goes to the dust account."""
        if self._sharing is None:
            self._hold(condition=False, law="only a loss that is being shared is rounded")
            return
        self._share(e)
        self.move(e.account, self.setup.assets[self.setup.markets[e.market].asset].dust, e.a)

    def _share(self, e: Fact) -> None:
        sharing = self._sharing
        if sharing is None:
            return
        if not sharing.shares:
            sharing.total = e.c
        self._hold(e.c == sharing.total, "all shares of a loss have one total")
        self._hold(self.kinds[e.account] < at.HOLDER, "holders share no loss")
        first = e.account not in sharing.shares
        before = 0 if first else sharing.shares[e.account][0]
        sharing.shares[e.account] = (before + e.a, e.b)
        if first:
            self._check_base(e, sharing.code)

    def _check_base(self, e: Fact, code: int) -> None:
        equity = self.equity(e.account)
        flat = not any(self.size[e.account, market] for market in range(len(self.mark)))
        if code == at.SHARED_BY_POSITION:
            size = abs(self.size[e.account, e.market])
            self._hold(e.b == size, f"the base is the position, was {e.b} of {size}")
        elif code == at.SHARED_BY_DEPOSIT or (code == at.SHARED_BY_EQUITY and flat):
            cash = self.balance[e.account]
            self._hold(e.b == cash, f"the base is the cash balance, was {e.b} and not {cash}")
        elif code == at.SHARED_BY_EQUITY:
            self._hold(equity in (None, e.b), f"the base is equity at mark, was {e.b} and not {equity}")
        else:
            gain = self.gain(e.account, e.market)
            if equity is not None:
                self._hold(e.b == min(gain, equity), f"the base is min(profit, equity), was {e.b}, {gain}, {equity}")
            self._hold(0 < e.b <= gain, f"only those in profit share a loss, base {e.b}, profit {gain}")

    def on_withdrawal_cut(self, e: Fact) -> None:
        """Book what a withdrawal leaves to the fund: the share that the gap has in deposits and gap together."""
        self._hold(e.reference == self.setup.markets[e.market].fund, "what is withheld goes to the fund of the market")
        share = -(-e.b * e.c // (e.c + e.d))
        self._hold(e.a == share, f"what is withheld is amount x gap / (deposits + gap), was {e.a} and not {share}")
        self.move(e.account, e.reference, e.a)

    def on_liquidator_took(self, e: Fact) -> None:
        """Book a clip that a liquidator took over: at mark, part of the position, of an account in liquidation."""
        size = self.size[e.account, e.market]
        self._hold(e.b == self.mark[e.market], f"a liquidator takes over at mark, was {e.b}")
        self._hold(e.d == self.value(e.market, e.a, e.b), f"a takeover's amount is its value, was {e.d}")
        self._hold(size * e.a > 0 and abs(e.a) <= abs(size), f"a takeover is part of the position, was {e.a} of {size}")
        self._hold(e.account in self.queued, "a liquidator comes for an account that is being liquidated")
        self.trade(e.account, e.market, -e.a, -e.d)
        self.trade(e.c, e.market, e.a, e.d)

    def on_liquidator_paid(self, e: Fact) -> None:
        """Book the liquidator's fee: its rate on the clip, rounded down."""
        self._hold(e.a == e.d * e.b // 1_000_000, f"a liquidator's fee is rate x notional, was {e.a} of {e.d}")
        self.move(e.account, e.c, e.a)

    def on_staked(self, e: Fact) -> None:
        """Book a stake or what leaves: never worth more than its part of the fund's cash as it stood."""
        fund, shares, cash = e.reference, self.fund_shares[e.reference], self.balance[e.reference]
        if e.a > 0:
            fair = e.a * shares // cash if shares > 0 and cash > 0 else e.a
            self._hold(e.b == fair, f"shares are bought at their worth, was {e.b} and not {fair}")
        else:
            fair = cash * -e.b // shares if shares > 0 else 0
            self._hold(-e.a <= fair, f"nobody takes out more than his shares are worth, was {-e.a} of {fair}")
        self.fund_shares[fund] += e.b
        self._hold(e.c == self.fund_shares[fund], f"a fund's shares add up, was {e.c} and {self.fund_shares[fund]}")
        self.move(e.account, fund, e.a)
        self._hold(e.d == self.balance[fund] >= 0, f"stated fund cash is fund cash, was {e.d} and {self.balance[fund]}")

    def on_unstake_asked(self, e: Fact) -> None:
        """Note shares that somebody lost because he stayed."""
        self._hold(e.c >= 0, "nobody gains shares by staying")
        self.fund_shares[e.reference] -= e.c
        self._hold(e.d == self.fund_shares[e.reference], f"a fund's shares add up, was {e.d}")

    def on_rebased(self, e: Fact) -> None:
        """Count a fund's shares anew."""
        self._hold(e.a == 10**e.b, f"shares are divided by a power of ten, was {e.a}")
        self.fund_shares[e.account] //= e.a
        self._hold(e.c == self.fund_shares[e.account], f"a fund's shares add up, was {e.c}")
