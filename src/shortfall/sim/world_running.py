"""Run a world through the engine, step by step, with the laws checked after every command."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Protocol, cast

from shortfall.engine.exchange import Exchange, decode_rows
from shortfall.engine.results import MarketResult, check_value_book, market_result
from shortfall.errors import Finding, InputError, ensure
from shortfall.kernels import layout as at
from shortfall.model import commands as do
from shortfall.model.capacity import Capacity
from shortfall.model.events import REASONS, Event
from shortfall.sim.world import RuleChange, Step, World
from shortfall.units import exact_money

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from shortfall.sim.world import Where

KIND_CODES: Final = {"trader": at.TRADER, "maker": at.MAKER, "holder": at.HOLDER}
OPENING: Final = Step(0, "opening", ())
MONEY_LAW: Final = "money is conserved, positions are matched, open interest is the sum of positive sizes"
QUEUE_LAW: Final = "nobody below maintenance is without a place in the liquidation queue"
VALUE_LAW: Final = "the layers pay what positions left behind, plus what was returned to traders"
AUDIT_LAW: Final = "the auditor, who reads events only, finds nothing"
CASH_LAW: Final = "in the cash book debits equal credits"


@dataclass(frozen=True, slots=True)
class Holding:
    """What an account has at one moment.

    Parameters
    ----------
    balance, equity, counted, maintenance : int
        Cash, equity at mark, equity that counts in the liquidation test, and requirement, in smallest units.
    positions : tuple of (market, size in lots, entry cost)
        Open positions only.
    """

    balance: int
    equity: int
    counted: int
    maintenance: int
    positions: tuple[tuple[int, int, int], ...]


@dataclass(frozen=True, slots=True)
class Prices:
    """Index, mark and last price of a market after a step, in ticks."""

    index: int
    mark: int
    last: int


@dataclass(frozen=True, slots=True)
class StepRecord:
    """What a step did.

    Parameters
    ----------
    number : int
        From 1; the opening is 0.
    words : tuple of str
        Its commands, for people.
    events : tuple of Event
        What came of them.
    refused : tuple of (str, str)
        Commands that the engine refused, with the reason.
    prices : tuple of Prices
        By market, after the step.
    holdings : tuple of Holding
        By engine account, after the step.
    """

    number: int
    time_us: int
    note: str
    words: tuple[str, ...]
    events: tuple[Event, ...]
    refused: tuple[tuple[str, str], ...]
    prices: tuple[Prices, ...]
    holdings: tuple[Holding, ...]


@dataclass(frozen=True, slots=True)
class WorldRun:
    """A world, what happened in it, and the laws that were checked on the way (with how often)."""

    world: World
    exchange: Exchange
    steps: tuple[StepRecord, ...]
    results: tuple[MarketResult, ...]
    laws: tuple[tuple[str, int], ...]

    @property
    def names(self) -> list[str]:
        """Return the names of all engine accounts, by number."""
        return self.exchange.names.accounts

    @property
    def before(self) -> tuple[Holding, ...]:
        """Return what everybody had when the world opened."""
        return self.steps[0].holdings

    @property
    def after(self) -> tuple[Holding, ...]:
        """Return what everybody had at the end."""
        return self.steps[-1].holdings

    @property
    def events(self) -> tuple[Event, ...]:
        """Return the events after the opening."""
        return tuple(event for step in self.steps[1:] for event in step.events)


class Witness(Protocol):
    """Somebody who reads event rows along the way and says what does not add up."""

    def read(self, rows: NDArray[np.int64]) -> None:
        """Read event rows in order."""

    def compare(self, exchange: Exchange) -> list[str]:
        """Return what the events say that the state does not."""


def run_world(world: World, witness: Callable[[Exchange], Witness] | None = None) -> WorldRun:
    """Run a world.

    Parameters
    ----------
    world : World
        Read from a file.
    witness : callable or None
        Makes an auditor of the exchange before anything moves; it is heard after every step.

    Raises
    ------
    InputError
        If the situation cannot be set up (an order without margin, an account below maintenance at the opening price).
    InvariantViolationError
        If a law does not hold: a bug of ours.
    """
    return _Run(world, witness).finish()


class _Run:
    """One world in progress."""

    def __init__(self, world: World, witness: Callable[[Exchange], Witness] | None) -> None:
        self.world = world
        specs = [market.spec for market in world.markets]
        capacity = Capacity(rule_sets=min(256, 8 + len(specs) + world.rule_changes))
        self.exchange = Exchange(specs, world.collaterals, capacity)
        self.witness = None if witness is None else witness(self.exchange)
        self.ids = [self._open(account.name, account.kind, account.asset) for account in world.accounts]
        self.laws: Counter[str] = Counter()
        self.rules_row = len(specs)
        self.read = 0
        self.rounding: set[int] = set()
        self.beyond_identity: set[int] = set()

    def finish(self) -> WorldRun:
        steps = [self._open_world()]
        for number, step in enumerate(self.world.steps, start=1):
            steps.append(self._step(number, step))
        results = tuple(market_result(self.exchange, market) for market in range(len(self.world.markets)))
        return WorldRun(self.world, self.exchange, tuple(steps), results, tuple(self.laws.items()))

    # -- setup --------------------------------------------------------------------------------------------------------

    def _open(self, name: str, kind: str, asset: int) -> int:
        if kind == "holder":
            return self.exchange.names.ids[name]
        code = self.world.assets[asset].code
        return self.exchange.open_account(name, KIND_CODES[kind], self.exchange.names.assets[code])

    def _open_world(self) -> StepRecord:
        for account, number in zip(self.world.accounts, self.ids, strict=True):
            if account.deposit > 0:
                self._must(do.Deposit(number, account.deposit), account.where)
            for asset, amount in account.collateral:
                if amount > 0:
                    self._must(do.MoveCollateral(number, self._asset(asset), amount), account.where)
        for number, market in enumerate(self.world.markets):
            self._open_prices(number, market.opening_ticks, len(market.sources))
        for row in self.world.positions:
            fill = do.ImposedFill(
                self.ids[row.account], row.market, row.lots, row.entry_ticks, self.ids[row.counterparty]
            )
            self._must(fill, row.where)
            if row.rate_ppm > 0:
                self._must(do.SetLeverage(self.ids[row.account], row.market, row.rate_ppm), row.where)
        for order in self.world.orders:
            self._must(self._with_ids(order.command), order.where)
        self.exchange.must(do.Clock(0))
        self._check(moves_price=True)
        return self._record(0, OPENING, ())

    def _open_prices(self, market: int, price: int, sources: int) -> None:
        if self.exchange.specs[market].rules.mark.method == "imposed":
            self.exchange.must(do.MarkTick(market, price, 0))
        for source in range(sources):
            self.exchange.must(do.IndexTick(market, price, 0, source))

    def _must(self, command: do.Command, where: Where) -> None:
        result = self.exchange.submit(command)
        if result < 0:
            raise InputError(
                [
                    Finding(
                        where.path, f"Expected a command that can be carried out, was: {REASONS[-result]}", where.line
                    )
                ]
            )

    def _refuse_early_liquidation(self, events: list[Event]) -> None:
        triggered = [event for event in events if event.name == "LiquidationTriggered"]
        findings = []
        for event in triggered:
            where = self.world.accounts[self.ids.index(event.account)].where
            asset = self.world.markets[event.market].spec.contract.scale.settlement
            need = exact_money(event["maintenance_margin_quote"], asset)
            equity = exact_money(event["equity_quote"], asset)
            message = f"Expected at least {need} of equity at the opening price, was {equity}"
            findings.append(Finding(where.path, message, where.line))
        if findings:
            raise InputError(findings)

    # -- steps --------------------------------------------------------------------------------------------------------

    def _step(self, number: int, step: Step) -> StepRecord:
        refused = []
        for action in step.actions:
            if isinstance(action, RuleChange):
                self.exchange.change_rules(action.market, action.rules, self.rules_row)
                self.rules_row += 1
            else:
                result = self.exchange.submit(self._with_ids(action.command))
                if result < 0:
                    refused.append((action.words, REASONS[-result]))
            self._check(moves_price=action.moves_price)
        return self._record(number, step, tuple(refused))

    def _with_ids(self, command: do.Command) -> do.Command:
        """Return a command with the engine's numbers of accounts and assets in place of the file's."""
        changes: dict[str, int] = {}
        for name in ("account", "payee", "payer", "counterparty"):
            if hasattr(command, name):
                changes[name] = self.ids[getattr(command, name)]
        if hasattr(command, "asset"):
            changes["asset"] = self._asset(command.asset)
        changed: do.Command = replace(cast("Any", command), **changes)
        return changed

    def _asset(self, number: int) -> int:
        return self.exchange.names.assets[self.world.assets[number].code]

    # -- laws and records ---------------------------------------------------------------------------------------------

    def _check(self, *, moves_price: bool) -> None:
        self.exchange.check_laws()
        self.laws[MONEY_LAW] += 1
        if moves_price and self._all_may_liquidate():
            self.exchange.check_nobody_overlooked()
            self.laws[QUEUE_LAW] += 1

    def _hear(self, rows: NDArray[np.int64]) -> None:
        if self.witness is not None:
            self.witness.read(rows)
            findings = self.witness.compare(self.exchange)
            ensure(not findings, AUDIT_LAW, findings=findings)
            self.laws[AUDIT_LAW] += 1

    def _all_may_liquidate(self) -> bool:
        """Say whether every market has valid, fresh prices and is not halted: only then everybody is looked at."""
        now = int(self.exchange.state.header[at.H_NOW])
        for market, world_market in enumerate(self.world.markets):
            limit = world_market.spec.rules.index.no_liquidation_after
            stale = limit > 0 and now - self.exchange.price(market, at.M_INDEX_TIME) > limit
            halted = (
                self.exchange.price(market, at.M_HALTED) == at.HALT_ALL or self.exchange.price(market, at.M_FRESH) > 0
            )
            if stale or halted:
                return False
        return True

    def _record(self, number: int, step: Step, refused: tuple[tuple[str, str], ...]) -> StepRecord:
        rows = self.exchange.read_event_rows()
        self._hear(rows)
        events = decode_rows(rows, self.read)
        self.read += len(events)
        if number == 0:
            self._refuse_early_liquidation(events)
        self._check_books(events)
        markets = range(len(self.world.markets))
        price = self.exchange.price
        return StepRecord(
            number=number,
            time_us=step.time_us,
            note=step.note,
            words=tuple(action.words for action in step.actions),
            events=tuple(events),
            refused=refused,
            prices=tuple(Prices(price(m, at.M_INDEX), price(m, at.M_MARK), price(m, at.M_LAST)) for m in markets),
            holdings=tuple(self._holding(account) for account in range(len(self.exchange.names.accounts))),
        )

    def _holding(self, account: int) -> Holding:
        equity, counted, need = self.exchange.health(account)
        rows = [(market, *self.exchange.position(account, market)) for market in range(len(self.world.markets))]
        return Holding(self.exchange.balance(account), equity, counted, need, tuple(row for row in rows if row[1] != 0))

    def _check_books(self, events: list[Event]) -> None:
        """Check both books: value over everything since the opening, cash over the events of this step."""
        self._note_limits(events)
        for market in set(range(len(self.world.markets))) - self.beyond_identity:
            rounds = self.world.markets[market].spec.contract.inverse or market in self.rounding
            check_value_book(market_result(self.exchange, market), inverse=rounds)
            self.laws[VALUE_LAW] += 1
        owed = sum(event["deficit_quote"] for event in events if event.name == "DeficitRealised")
        owed += sum(event["amount_quote"] for event in events if event.name == "FillSettled")  # paid fill by fill
        payments = {"FundPaid", "LiquidityAbsorbed", "ClaimUncovered"}
        paid = sum(event["amount_quote"] for event in events if event.name in payments)
        paid += sum(event["socialised_loss_quote"] for event in events if event.name == "LossSocialised")
        ensure(owed == paid, CASH_LAW, deficits=owed, paid_socialised_and_uncovered=paid)
        self.laws[CASH_LAW] += 1

    def _note_limits(self, events: list[Event]) -> None:
        """Note markets whose value book is exact to a few units only, or has a part that no layer carries.

        Collateral is sold at a price that rounds down: the unit goes to its buyer. The identity speaks of what traders left
        behind and layers took; it does not cover a holder's own inventory handed on to ADL, nor lots that nobody could be
        found for, nor money that no fund is there to receive: both wait in the clearing account.
        """
        for event in events:
            if event.name in {"CollateralSold", "CollateralSwapped"}:
                self.rounding.add(event.market)
            if event.name == "PositionTakenOver" and self._is_holder(event.account):
                self.beyond_identity.add(event.market)
        for market in range(len(self.world.markets)):
            clearing = self.exchange.holder(market, at.M_CLEARING)
            if self.exchange.position(clearing, market)[0] != 0 or self.exchange.balance(clearing) != 0:
                self.beyond_identity.add(market)

    def _is_holder(self, account: int) -> bool:
        kind = int(self.exchange.state.accounts[(account << at.ROW) + at.A_KIND])
        return kind & ((1 << at.KIND_ASSET) - 1) == at.HOLDER
