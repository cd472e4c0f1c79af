"""A desk for worlds worked by hand: one unit of money is one lot at one tick, names instead of numbers, every step checked."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from shortfall.engine.exchange import CollateralSpec, Exchange, MarketSpec
from shortfall.engine.results import MarketResult, check_value_book, market_result
from shortfall.errors import ensure
from shortfall.kernels import layout as at
from shortfall.model.commands import Clock, Command, Deposit, IndexTick, Order
from shortfall.model.contract import Contract
from shortfall.rules.ruleset import MarginTier, RuleSet
from shortfall.testing.audit_setup import setup_of
from shortfall.testing.auditor import Auditor
from shortfall.testing.checked_rows import on_checked_rows
from shortfall.units import Asset, Scale

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shortfall.model.capacity import Capacity
    from shortfall.model.events import Event

DOLLAR: Final = Asset("USD", 0)
COIN: Final = Asset("COIN", 0)
ONE: Final = Decimal(1)
TOP_PRICE: Final = 1 << 20
INVERSE_VALUE: Final = 1_000_000


def flat_tier(initial: str = "10%", maintenance: str = "5%") -> tuple[MarginTier, ...]:
    """Return one margin tier without end."""
    rates = [int(Decimal(text.rstrip("%")) * 10_000) for text in (initial, maintenance)]
    return (MarginTier(None, rates[0], rates[1]),)


def rules_with(*changes: str, tiers: tuple[MarginTier, ...] | None = None) -> RuleSet:
    """Return plain rules (mark is the index, 10 % and 5 % margin) with changes such as `close.style=market`."""
    rules = RuleSet(tiers=tiers or flat_tier()).changed("mark.method=index")
    for change in changes:
        rules = rules.changed(change)
    return rules


def linear(symbol: str = "LIN", max_price: int = TOP_PRICE) -> Contract:
    """Return a linear contract where one lot at one tick is worth one unit."""
    return Contract(
        symbol, Scale(ONE, ONE, DOLLAR), max_price, min(1 << 40, (1 << 56) // max_price), (1 << 60) // max_price
    )


def inverse(symbol: str = "INV", value: int = INVERSE_VALUE) -> Contract:
    """Return an inverse contract: one lot is worth `value` / price units."""
    return Contract(
        symbol, Scale(ONE, ONE, COIN, inverse=True, contract_value=Decimal(value)), TOP_PRICE, 1 << 30, 1 << 34
    )


class Desk:
    """An exchange with names, an auditor who reads along, and laws checked after every command.

    Parameters
    ----------
    rules : RuleSet
        Of the first market.
    contract : Contract
        The first market; `more` adds others.
    """

    def __init__(
        self,
        rules: RuleSet | None = None,
        contract: Contract | None = None,
        *,
        more: Sequence[MarketSpec] = (),
        collaterals: Sequence[CollateralSpec] = (),
        pool: str | None = None,
        backstop: str | None = None,
        fund: str | None = "fund",
        sources: tuple[int, ...] = (1_000_000,),
        capacity: Capacity | None = None,
        liquidity: str | None = None,
    ) -> None:
        first = MarketSpec(contract or linear(), rules or rules_with(), fund, pool, backstop, sources, liquidity)
        self.exchange: Final = Exchange([first, *more], collaterals, capacity)
        on_checked_rows(self.exchange)
        self.setup: Final = setup_of(self.exchange)
        self.auditor: Final = Auditor(self.setup)
        self.events: Final[list[Event]] = []
        self.rows: Final[list[list[int]]] = []
        self.now_us = 0
        self.check_value = not self.exchange.specs[0].contract.inverse

    # -- acting -------------------------------------------------------------------------------------------------------

    def do(self, command: Command) -> int:
        """Run a command, read its events, audit them, check the laws. Returns its result."""
        start = int(self.exchange.state.header[at.H_EVENTS_READ])
        result = self.exchange.submit(command)
        rows = self.exchange.read_event_rows()
        self._note(rows.tolist(), start)
        return result

    def _note(self, rows: list[list[int]], start: int) -> None:
        from shortfall.engine.exchange import decode_rows  # noqa: PLC0415  one name, one place

        self.rows.extend(rows)
        self.events.extend(decode_rows(rows, start))
        self.auditor.read(rows)
        findings = self.auditor.compare(self.exchange)
        ensure(not findings, "the auditor, who reads events only, finds nothing", findings=findings)
        self.exchange.check_laws()

    def must(self, command: Command) -> int:
        """Run a command that has to succeed."""
        result = self.do(command)
        ensure(result >= 0, "a command of a worked world succeeds", command=command, reason=-result)
        return result

    def account(self, name: str, cash: int = 0, kind: int = at.TRADER, asset: int = 0) -> int:
        """Open an account with cash."""
        a = self.exchange.open_account(name, kind, asset)
        self._note(self.exchange.read_event_rows().tolist(), 0)
        if cash:
            self.must(Deposit(a, cash))
        return a

    def accounts(self, **cash: int) -> tuple[int, ...]:
        """Open traders with cash, by name."""
        return tuple(self.account(name, amount) for name, amount in cash.items())

    def give(self, name: str, cash: int) -> None:
        """Deposit to a named account."""
        self.must(Deposit(self.id(name), cash))

    def tick(self, price: int, market: int = 0, *, after_us: int = 1_000_000, source: int = 0) -> int:
        """Let time pass and give an index price."""
        self.now_us += after_us
        return self.do(IndexTick(market, price, self.now_us, source))

    def wait(self, us: int = 1_000_000) -> int:
        """Let time pass."""
        self.now_us += us
        return self.do(Clock(self.now_us))

    def trade(self, buyer: int, seller: int, lots: int, price: int, market: int = 0) -> None:
        """Let two accounts trade: the seller rests, the buyer takes exactly that."""
        self.must(Order(seller, market, -lots, price))
        done = self.must(Order(buyer, market, lots, price, kind="ioc"))
        ensure(done == lots, "the trade of a worked world happens whole", lots=lots, done=done)

    def bid(self, account: int, lots: int, price: int, market: int = 0, order: int = 0) -> int:
        """Rest or take a buy."""
        return self.do(Order(account, market, lots, price, order=order))

    def ask(self, account: int, lots: int, price: int, market: int = 0, order: int = 0) -> int:
        """Rest or take a sell."""
        return self.do(Order(account, market, -lots, price, order=order))

    # -- reading ------------------------------------------------------------------------------------------------------

    def id(self, name: str) -> int:
        """Return the account behind a name."""
        return self.exchange.names.ids[name]

    def cash(self, name: str) -> int:
        """Return the balance of a named account."""
        return self.exchange.balance(self.id(name))

    def position(self, name: str, market: int = 0) -> tuple[int, int]:
        """Return (size, cost) of a named account."""
        return self.exchange.position(self.id(name), market)

    def equity(self, name: str) -> int:
        """Return the equity of a named account at mark."""
        return self.exchange.health(self.id(name))[0]

    def stat(self, column: int, market: int = 0) -> int:
        """Return a result of a market."""
        return self.exchange.stat(market, column)

    def result(self, market: int = 0) -> MarketResult:
        """Return the results of a market, its value book checked."""
        found = market_result(self.exchange, market)
        check_value_book(found, inverse=self.exchange.specs[market].contract.inverse)
        return found

    def named(self, name: str) -> list[Event]:
        """Return all events of a name so far."""
        return [event for event in self.events if event.name == name]

    def last(self, name: str) -> Event:
        """Return the latest event of a name."""
        return self.named(name)[-1]

    def interest(self, market: int = 0) -> tuple[int, int]:
        """Return (sum of long lots, sum of short lots), both positive, added up one by one."""
        sizes = [self.exchange.position(a, market)[0] for a in range(len(self.auditor.kinds))]
        return sum(x for x in sizes if x > 0), -sum(x for x in sizes if x < 0)


def with_name(contract: Contract, symbol: str) -> Contract:
    """Return a contract under another name."""
    return replace(contract, symbol=symbol)
