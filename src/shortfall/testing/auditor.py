"""An independent auditor: it reads event rows only, keeps its own books in plain integers, and states what does not add up.

It shares nothing with the core but the names of columns. Balances, positions, settlement accounts and the cash of every holder
by cause are rebuilt from events; each event is checked against the books as they stood, and the books against the state.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from shortfall.errors import ensure
from shortfall.kernels import layout as at
from shortfall.testing.audit_books import Deficit, Fact, Sweep
from shortfall.testing.audit_pairs import PairBooks
from shortfall.testing.audit_pools import POOL_HANDLERS, PoolBooks
from shortfall.testing.audit_settlement import SETTLEMENT_HANDLERS, SettlementAudit
from shortfall.testing.audit_setup import AuditSetup, rule_facts
from shortfall.testing.audit_sharing import SHARING_KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from shortfall.engine.exchange import Exchange


MOST_RANKED: Final = 2_000
HOLDING_LAYERS: Final = (at.LAYER_BACKSTOP, at.LAYER_FUND, at.LAYER_POOL, at.LAYER_EQUITY)


class Auditor(SettlementAudit, PairBooks, PoolBooks):
    """Rebuild the books from events and collect what does not add up.

    Parameters
    ----------
    setup : AuditSetup
        Who is who.
    """

    def __init__(self, setup: AuditSetup) -> None:
        super().__init__(setup)
        self._refused: set[tuple[int, int]] = set()
        self._sweeps: dict[int, Sweep] = {}
        self._offers: dict[int, int] = {}

    def read(self, rows: Iterable[Sequence[int]]) -> None:
        """Read event rows in order."""
        for row in rows:
            words = [int(x) for x in row]
            fact = Fact(words[0] >> 8, words[0] & 255, *words[1:])
            if fact.cause != self._cause:
                self._end_command()
                self._cause = fact.cause
            if fact.kind not in SHARING_KINDS:
                self._end_sharing()
            handler = HANDLERS.get(fact.kind)
            if handler is not None:
                handler(self, fact)
            self.rows_read += 1
            self._check_cash(fact)

    def finish(self) -> list[str]:
        """Close the last command and return the findings."""
        self._end_command()
        self._end_sharing()
        self._full_sums()
        return self.findings

    def compare(self, exchange: Exchange) -> list[str]:
        """Compare the books with the state, learn rows of rules written since, and return the findings."""
        self.finish()
        for row in range(exchange.capacity.rule_sets):
            self.rules[row] = rule_facts(exchange, row)
        for a in range(len(self.kinds)):
            self._same("balance", a, self.balance[a], exchange.balance(a))
            for market in range(len(self.setup.markets)):
                books = (self.size[a, market], self.cost[a, market])
                self._same(f"position in market {market}", a, books, exchange.position(a, market))
        for market in range(len(self.setup.markets)):
            kept = exchange.price(market, at.M_SETTLEMENT)
            self._same("settlement", market, self.settlement[market], kept)
        return self.findings

    def _same(self, what: str, who: int, books: object, state: object) -> None:
        self._hold(
            books == state,
            f"the state agrees with the events: {what} of {who} is {books} by events, {state} in the state",
        )

    def _claim(self, e: Fact, amount: int) -> None:
        self._deficit[e.market] = Deficit(e.account, 0, amount)

    def _check_cash(self, fact: Fact) -> None:
        touched = {fact.account, fact.reference, fact.c, fact.d} if fact.kind in CASH_KINDS else {fact.account}
        for a in touched:
            if 0 <= a < len(self.kinds) and self.is_fund(a):
                self._hold(
                    self.balance[a] >= 0 or self._may_owe(a),
                    f"a fund's cash is never negative, that of {a} is {self.balance[a]}",
                )

    def _may_owe(self, a: int) -> bool:
        """Say whether a rule lets a fund go below zero."""
        for market, facts in enumerate(self.setup.markets):
            rules = self.rules.get(self.rules_row[market])
            if facts.fund == a and rules is not None and rules.fund_may_owe:
                return True
        return False

    def _end_command(self) -> None:
        for sweep in self._sweeps.values():
            self._hold(
                sweep.lots == 0, f"makers' fills have a taker, {sweep.lots} lots of taker {sweep.taker} have none"
            )
        for market, deficit in self._deficit.items():
            self._hold(
                deficit.owed == 0, f"a deficit is accounted for to the unit, {deficit.owed} is open in market {market}"
            )
        for market in range(len(self.mark)):
            self._zero_sums(market)
            self._good_claims(market)
        self._pools_can_pay()
        for a in self._traded:
            self._no_silent_debt(a)
        self._traded.clear()
        self.no_open_settlement()
        for asset, total in enumerate(self.drift):
            self._hold(total == 0, f"money is conserved, asset {asset} drifts by {total}")
        self._sweeps.clear()
        self._deficit.clear()
        self._capped.clear()
        self._offers.clear()

    def on_account(self, e: Fact) -> None:
        """Learn of a new account."""
        self._hold(e.account == len(self.kinds), "accounts are numbered in order")
        self.kinds.append(e.a)
        self.asset_of.append(e.b)

    def on_maker_fill(self, e: Fact) -> None:
        """Book a maker's side; prices of one taker only get worse for him."""
        taker, price = e.c, e.b
        self._hold(e.d == self.value(e.market, e.a, price), f"a fill's amount is its value, was {e.d}")
        self._hold(e.account != taker, "nobody trades with himself")
        sweep = self._sweeps.setdefault(e.market, Sweep(taker))
        self._hold(sweep.taker == taker, "one taker at a time")
        if sweep.lots:
            worse = price >= sweep.last_price if e.a < 0 else price <= sweep.last_price
            self._hold(worse, f"a taker gets the best price first, was {price} after {sweep.last_price}")
        sweep.lots += e.a
        sweep.amount += e.d
        sweep.last_price = price
        self.trade(e.account, e.market, e.a, e.d)

    def on_taker_fill(self, e: Fact) -> None:
        """Book the taker's side: the exact opposite of his makers'."""
        sweep = self._sweeps.pop(e.market, Sweep(e.account))
        self._hold(sweep.taker == e.account, "the taker is the one the makers named")
        self._hold(e.a == -sweep.lots, f"a taker's lots are his makers', was {e.a} against {sweep.lots}")
        self._hold(e.c == abs(sweep.amount), f"a taker's amount is his makers', was {e.c} against {sweep.amount}")
        self._hold(
            e.b == sweep.last_price, f"the last price is that of the last fill, was {e.b} and not {sweep.last_price}"
        )
        self.trade(e.account, e.market, e.a, -sweep.amount)
        self._zero_sums(e.market)

    def on_money(self, e: Fact) -> None:
        """Book a deposit, a withdrawal, a transfer, or collateral."""
        if e.reference == 1:
            self.collateral_owners.add(e.account)
            self.collateral[e.account, e.market] += e.a
            self.collateral[self.setup.assets[e.market].outside, e.market] -= e.a
            self._hold(self.collateral[e.account, e.market] >= 0, "nobody takes out collateral that he does not have")
            return
        self._hold(e.a > 0, f"money moves forward, was {e.a}")
        self._hold(self.asset_of[e.account] == self.asset_of[e.c], "money moves within its asset")
        self.move(e.c, e.account, e.a)
        self._note_flow(e.account, e.b, e.a)
        self._note_flow(e.c, e.b, -e.a)

    def _note_flow(self, a: int, cause: int, amount: int) -> None:
        if self.kinds[a] == at.HOLDER:
            self.fund_flows[a, cause] += amount

    def on_fee(self, e: Fact) -> None:
        """Book a trading fee: to the venue's fee account and nowhere else."""
        self.move(e.account, self.setup.assets[self.setup.markets[e.market].asset].fees, e.a)

    def on_mark(self, e: Fact) -> None:
        """Take a mark."""
        self._hold(e.b > 0, f"a mark is a positive price, was {e.b}")
        self.mark[e.market] = e.b

    def on_refused_price(self, e: Fact) -> None:
        """Remember the command and the market: nobody may be liquidated by it there."""
        if e.reference == 0:
            self._refused.add((e.cause, e.market))

    def on_rules(self, e: Fact) -> None:
        """Take another row of rules."""
        self.rules_row[e.market] = e.a

    def on_trigger(self, e: Fact) -> None:
        """Check the trigger: below maintenance by the auditor's own equity, and never by a refused price."""
        self._hold((e.cause, e.market) not in self._refused, "a refused price liquidates nobody")
        self._hold(self.kinds[e.account] < at.HOLDER, "holders and house accounts are not liquidated")
        self._hold(e.account not in self.queued, "an account has one place in the queue")
        self._hold(e.a == self.mark[e.market], "a liquidation is triggered at the mark")
        equity = self.equity(e.account)
        if equity is not None:
            self._hold(equity == e.b, f"equity at trigger is {equity} by events, was {e.b}")
        held = [m for m in range(len(self.mark)) if self.size[e.account, m] or self.cost[e.account, m]] or [e.market]
        facts = [self.rules.get(self.rules_row[m]) for m in held]
        if all(fact is not None and fact.profit_counts for fact in facts):
            self._hold(e.b < e.c, f"nobody above maintenance is liquidated, equity {e.b}, maintenance {e.c}")
        self.open_liquidations[e.reference] = e.account
        for market in range(len(self.mark)):  # what a pool gained from an earlier liquidation is not this one's
            self.pool_gain.pop((e.account, market), None)
        self.queued.add(e.account)

    def on_liquidation_end(self, e: Fact) -> None:
        """Take an account off the queue."""
        owner = self.open_liquidations.pop(e.reference, -1)
        self.queued.discard(e.account)
        self._hold(owner == e.account, f"a liquidation that ends was open, {e.reference} was of {owner}")
        self._offers.pop(e.account, None)

    def on_clip(self, e: Fact) -> None:
        """Check a clip's facts."""
        owner = self.open_liquidations.get(e.reference, -1)
        self._hold(owner == e.account, f"a clip belongs to an open liquidation, {e.reference} was of {owner}")
        self._offers.pop(e.account, None)

    def _asked(self, e: Fact, account: int, layer: int) -> None:
        """Check that layers are asked in the order of the waterfall."""
        facts = self.rules.get(self.rules_row[e.market])
        if facts is None or account not in self.queued:
            return
        place = facts.waterfall.index(layer) if layer in facts.waterfall else -1
        self._hold(place >= 0, f"only layers of the waterfall are asked, was {layer}")
        self._hold(place >= self._offers.get(account, -1), f"layers are asked in order, {layer} came late")
        self._offers[account] = place

    def _layers_behind(self, market: int, holder: int, place: int) -> list[int]:
        """Return the layers that an account may answer for: one account can stand behind several.

        Those at a place of the waterfall or behind it, in order; where there is none, those before it; where the waterfall has none,
        those that the account is named for.
        """
        known = self.rules.get(self.rules_row[market])
        named = [x for x in HOLDING_LAYERS if self.setup.markets[market].holder(x) == holder]
        order = [x for x in (() if known is None else known.waterfall) if x in named]
        later = [x for x in order if known is not None and known.waterfall.index(x) >= place]
        return later or order or named

    def on_takeover(self, e: Fact) -> None:
        """Book a takeover: by the layer's holder, or by clearing for those who are closed against winners."""
        self._hold(e.d == self.value(e.market, e.a, e.b), f"a takeover's amount is its value, was {e.d}")
        size = self.size[e.account, e.market]
        self._hold(size * e.a > 0 and abs(e.a) <= abs(size), f"a takeover is part of the position, was {e.a} of {size}")
        facts = self.setup.markets[e.market]
        known = (facts.clearing, facts.fund, facts.pool, facts.backstop)
        self._hold(e.c in known, f"a position goes to a holder of its market, was {e.c}")
        layers = self._layers_behind(e.market, e.c, self._offers.get(e.account, -1))
        if layers:
            self._asked(e, e.account, layers[0])
        self.trade(e.account, e.market, -e.a, -e.d)
        self.trade(e.c, e.market, e.a, e.d)
        self._passing = e.a

    def on_capacity(self, e: Fact) -> None:
        """Check who refused, in order."""
        self._hold(e.a > 0, "what is refused is something")
        if e.account in self.queued:
            self._asked(e, e.account, e.c)

    def on_deficit(self, e: Fact) -> None:
        """Open a claim on the layers: the debtor is flat and owes exactly this."""
        owed = -self.balance[e.account] - self.claims[e.account]
        self._hold(
            e.a == owed,
            f"a deficit is the negative balance less claims of clearing stated before, was {e.a} and {owed}",
        )
        self._hold(self.size[e.account, e.market] == 0, "a deficit is realised when the position is gone")
        self._deficit[e.market] = Deficit(e.account, e.reference, e.a)

    def on_skip(self, e: Fact) -> None:
        """Check that a skipped layer had nothing it may use."""
        holder = self.setup.markets[e.market].holder(e.a)
        if e.b == at.BOUND_CASH and holder >= 0:
            self._hold(
                self.balance[holder] <= 0, f"a layer with cash is not skipped, {holder} has {self.balance[holder]}"
            )
        if e.b == at.BOUND_EVENT:
            self._capped.add(e.market)
        if e.market in self._deficit:
            self._layer_answers(e, e.a, 0)

    def on_fund_paid(self, e: Fact) -> None:
        """Book a payment of a layer: as much as it has, or all that is owed."""
        deficit = self._deficit.get(e.market)
        layers = self._layers_behind(e.market, e.account, -1 if deficit is None else deficit.at_layer)
        known = self.rules.get(self.rules_row[e.market])
        asked = bool(layers) and (known is None or layers[0] in known.waterfall)
        self._hold(asked, f"a layer of the market pays, was {e.account}")
        if deficit is not None:
            whole = e.a in (deficit.owed, self.balance[e.account])
            self._hold(whole or e.market in self._capped, "a layer pays all that is owed, or has, or may")
        if layers:
            self._layer_answers(e, layers[0], e.a)
        self.move(e.account, e.c, e.a)
        self._note_flow(e.account, e.b, -e.a)
        self._hold(
            e.d == self.balance[e.account], f"stated fund cash is fund cash, was {e.d} and {self.balance[e.account]}"
        )

    def on_fund_received(self, e: Fact) -> None:
        """Book what a fund receives: surplus, a fee, what clearing earned; never funding."""
        self._hold(e.a > 0, f"what is received is something, was {e.a}")
        allowed = (at.CAUSE_SURPLUS, at.CAUSE_LIQUIDATION_FEE, at.CAUSE_CLEARING)
        self._hold(e.b in allowed, f"a fund receives by a known cause, was {e.b}")
        self._hold(e.a <= self.balance[e.c] or e.b == at.CAUSE_LIQUIDATION_FEE, "a surplus is money that is there")
        self.move(e.c, e.account, e.a)
        self._note_flow(e.account, e.b, e.a)
        self._hold(
            e.d == self.balance[e.account], f"stated fund cash is fund cash, was {e.d} and {self.balance[e.account]}"
        )

    def on_adl_start(self, e: Fact) -> None:
        """Open a batch."""
        clearing = self.setup.markets[e.market].clearing
        self._hold(self.size[clearing, e.market] == e.a, "a batch closes what clearing holds")
        self._batch[e.market] = (1 << 62, -1)
        self._batch_lots[e.market] = 0
        self._batch_side[e.market] = e.a
        self._cut.clear()

    def on_deleveraged(self, e: Fact) -> None:
        """Book a close of a winner: the opposite side only, never a flip, in rank order with ties by account."""
        clearing = self.setup.markets[e.market].clearing
        size = self.size[e.account, e.market]
        self._hold(self.kinds[e.account] < at.HOLDER, "only traders and makers are deleveraged")
        self._hold(size * e.a < 0 and abs(e.a) <= abs(size), f"ADL reduces and never flips, was {e.a} of {size}")
        self._check_side(e)
        self._hold(e.d == self.value(e.market, e.a, e.b), f"a close's amount is its value, was {e.d}")
        rank, account = self._batch.get(e.market, (-1, -1))
        in_order = e.c < rank or (e.c == rank and e.account >= account)
        self._hold(in_order, f"ADL goes in rank order, ({e.c}, {e.account}) came after ({rank}, {account})")
        if account != e.account and not self._given:  # the snapshot: nobody's rank changes by the cuts of others
            own = self.rank(e.account, e.market, self._rank_rule(e.market))
            self._hold(
                own in (None, e.c), f"a winner's rank is what his profit and leverage say, was {e.c} and not {own}"
            )
        self._batch[e.market] = (e.c, e.account)
        self._cut.add(e.account)
        self._batch_lots[e.market] = self._batch_lots.get(e.market, 0) + abs(e.a)
        self.trade(e.account, e.market, e.a, e.d)
        self.trade(clearing, e.market, -e.a, -e.d)

    def _rank_rule(self, market: int) -> int:
        facts = self.rules.get(self.rules_row[market])
        return facts.rank if facts is not None else -1

    def _nobody_passed_over(self, market: int, last: int) -> None:
        """Check that nobody who was left alone stands before the last one cut."""
        side = 1 if self._batch_side.get(market, 0) < 0 else -1
        for a, kind in enumerate(self.kinds):
            if kind < at.HOLDER and self.size[a, market] * side > 0 and a not in self._cut:
                own = self.rank(a, market, self._rank_rule(market))
                self._hold(
                    own is None or own <= last, f"nobody is passed over, {a} ranks {own} and the last one cut {last}"
                )

    def on_adl_end(self, e: Fact) -> None:
        """Close a batch: the closed lots are the closes' sum, and what is left is stated."""
        clearing = self.setup.markets[e.market].clearing
        self._hold(e.a == self._batch_lots.get(e.market, 0), "a batch closes what its closes say")
        self._hold(e.b == self.size[clearing, e.market], "what a batch leaves is what clearing holds")
        last = self._batch.pop(e.market, None)
        if last is not None and last[1] >= 0 and len(self.kinds) <= MOST_RANKED:
            self._nobody_passed_over(e.market, last[0])
        self._good_claims(e.market)

    def on_uncovered(self, e: Fact) -> None:
        """Close a claim that nobody covers."""
        deficit = self._deficit.get(e.market)
        self._hold(deficit is not None and deficit.owed == e.a, f"an uncovered claim is what is open, was {e.a}")
        if deficit is not None:
            deficit.owed = 0
        if e.account == self.setup.markets[e.market].clearing:
            self.claims[e.account] += e.a
        self.written_off[e.account] = -self.balance[e.account]

    def on_sold(self, e: Fact) -> None:
        """Check that what was sold out of inventory was a holder's."""
        self._hold(self.kinds[e.account] == at.HOLDER, "inventory is a holder's")

    def on_funding_paid(self, e: Fact) -> None:
        """Book one side of funding: through the dust account, never out of a fund."""
        dust = self.setup.assets[self.setup.markets[e.market].asset].dust
        self._hold(e.d == dust, "funding goes through the dust account")
        self._hold(self.kinds[e.account] != at.HOLDER, "funding is never paid by a fund")
        self._hold((e.a > 0) == (e.c > 0), "who pays is decided by the sign of the rate")
        self.move(e.account, dust, e.a)
        self._funding[e.market].append(e.a)

    def on_funding_settled(self, e: Fact) -> None:
        """Check that funding is zero-sum up to a unit per position, which the dust keeps."""
        payments = self._funding.pop(e.market, [])
        if not self.setup.markets[e.market].inverse:
            holders = sum(1 for (_, market), size in self.size.items() if size and market == e.market)
            left = sum(payments)
            self._hold(0 <= left <= holders, f"funding is zero-sum up to a unit a position, left {left} of {holders}")

    def on_imposed(self, e: Fact) -> None:
        """Book a recorded trade."""
        self._hold(e.c == self.value(e.market, e.a, e.b), f"a fill's amount is its value, was {e.c}")
        self.trade(e.account, e.market, e.a, e.c)
        self.trade(e.reference, e.market, -e.a, -e.c)

    def on_collateral(self, e: Fact) -> None:
        """Book collateral sold to the converter."""
        buyer = self.setup.assets[e.b].converter
        self.collateral[e.account, e.b] -= e.a
        self.collateral[buyer, e.b] += e.a
        self._hold(self.collateral[e.account, e.b] >= 0, "nobody sells collateral that he does not have")
        self.move(buyer, e.account, e.c)


HANDLERS: Final = {
    **POOL_HANDLERS,
    at.E_ACCOUNT_OPENED: Auditor.on_account,
    at.E_ORDER_FILLED: Auditor.on_maker_fill,
    at.E_TAKER_FILLED: Auditor.on_taker_fill,
    at.E_MONEY_MOVED: Auditor.on_money,
    at.E_FEE_CHARGED: Auditor.on_fee,
    at.E_MARK_UPDATED: Auditor.on_mark,
    at.E_PRICE_REFUSED: Auditor.on_refused_price,
    at.E_RULES_CHANGED: Auditor.on_rules,
    at.E_LIQUIDATION_TRIGGERED: Auditor.on_trigger,
    at.E_LIQUIDATION_WITHDRAWN: Auditor.on_liquidation_end,
    at.E_LIQUIDATION_ENDED: Auditor.on_liquidation_end,
    at.E_CLIP_CLOSED: Auditor.on_clip,
    at.E_POSITION_TAKEN_OVER: Auditor.on_takeover,
    at.E_CAPACITY_REFUSED: Auditor.on_capacity,
    at.E_DEFICIT_REALISED: Auditor.on_deficit,
    at.E_FILL_SETTLED: Auditor.on_fill_settled,
    at.E_PAIRS_STARTED: Auditor.on_pairs_start,
    at.E_PAIRS_ENDED: Auditor.on_pairs_end,
    at.E_LAYER_SKIPPED: Auditor.on_skip,
    at.E_FUND_PAID: Auditor.on_fund_paid,
    at.E_FUND_RECEIVED: Auditor.on_fund_received,
    at.E_ADL_STARTED: Auditor.on_adl_start,
    at.E_POSITION_DELEVERAGED: Auditor.on_deleveraged,
    at.E_ADL_ENDED: Auditor.on_adl_end,
    at.E_SHARING_STARTED: Auditor.on_sharing,
    at.E_LOSS_SOCIALISED: Auditor.on_socialised,
    at.E_SHARE_ROUNDED: Auditor.on_share_rounded,
    at.E_WITHDRAWAL_CUT: Auditor.on_withdrawal_cut,
    at.E_FUND_STAKED: Auditor.on_staked,
    at.E_UNSTAKE_ASKED: Auditor.on_unstake_asked,
    at.E_FUND_REBASED: Auditor.on_rebased,
    at.E_LIQUIDATOR_TOOK: Auditor.on_liquidator_took,
    at.E_LIQUIDATOR_PAID: Auditor.on_liquidator_paid,
    at.E_CLAIM_UNCOVERED: Auditor.on_uncovered,
    at.E_INVENTORY_SOLD: Auditor.on_sold,
    at.E_FUNDING_PAID: Auditor.on_funding_paid,
    at.E_FUNDING_SETTLED: Auditor.on_funding_settled,
    at.E_FILL_IMPOSED: Auditor.on_imposed,
    at.E_COLLATERAL_SOLD: Auditor.on_collateral,
    **SETTLEMENT_HANDLERS,
}
CASH_KINDS: Final = frozenset(
    {at.E_POSITION_TAKEN_OVER, at.E_FUND_PAID, at.E_FUND_RECEIVED, at.E_ORDER_FILLED, at.E_FILL_IMPOSED}
)


def audit_events(setup: AuditSetup, rows: Iterable[Sequence[int]], exchange: Exchange | None = None) -> list[str]:
    """Return what an audit of event rows found wrong: nothing, if the laws hold.

    Parameters
    ----------
    setup : AuditSetup
        From `setup_of`, taken before the first event.
    rows : iterable of rows of eight integers
        Every event, in order.
    exchange : Exchange or None
        If given, the books are compared with its state as well.
    """
    auditor = Auditor(setup)
    auditor.read(rows)
    return auditor.compare(exchange) if exchange is not None else auditor.finish()


def ensure_audited(setup: AuditSetup, rows: Iterable[Sequence[int]], exchange: Exchange) -> None:
    """Raise `InvariantViolationError` with everything an audit found."""
    findings = audit_events(setup, rows, exchange)
    ensure(not findings, "the auditor, who reads events only, finds nothing", findings=findings)
