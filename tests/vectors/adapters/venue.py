"""A venue in human units: an `Exchange` whose scales fit a case, with accounts by name and the other side of every position."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from shortfall.engine.bulk import trigger_prices
from shortfall.engine.exchange import CollateralSpec, Exchange, MarketSpec
from shortfall.errors import ensure
from shortfall.kernels import layout as at
from shortfall.model.commands import (
    AssetPrice,
    Clock,
    Deposit,
    ImposedFill,
    IndexTick,
    MoveCollateral,
    Order,
    Pair,
    Withdraw,
)
from shortfall.rules.ruleset import MarginTier, RuleSet
from shortfall.units import Asset

from .outcome import Unsupported
from .scales import Wanted, fitted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shortfall.model.contract import Contract
    from shortfall.model.events import Event

TOKEN_EXPONENT: Final = 12
TOKEN_PRICE_STEPS: Final = 10_000
MILLION: Final = 1_000_000
SECOND_US: Final = 1_000_000
FULL_RATE_PPM: Final = 999_999
NEARBY_TICKS: Final = 4


@dataclass(frozen=True, slots=True)
class Listing:
    """A market of a case: what its scale must say, its rules, the names of the holders behind its layers."""

    wanted: Wanted
    rules: RuleSet
    fund: str | None = "fund"
    pool: str | None = None
    backstop: str | None = None
    source_weights_ppm: tuple[int, ...] = (MILLION,)
    liquidity: str | None = None


def ppm(rate: Decimal | Fraction) -> int:
    """Return a rate in parts per million; a finer one cannot be stated."""
    parts = Fraction(rate) * MILLION
    if parts.denominator != 1:
        raise Unsupported("rate-finer-than-ppm")
    return parts.numerator


def tier(
    maintenance: Decimal | Fraction, *, initial: Decimal | None = None, amount: Decimal | None = None
) -> MarginTier:
    """Return one margin tier without end. A requirement of 100 % is stated as 99.9999 %, the highest that a tier may have."""
    rate = min(ppm(maintenance), FULL_RATE_PPM)
    first = MILLION if initial is None else ppm(initial)
    return MarginTier(None, max(first, rate), rate, amount)


def rules_with(tiers: Sequence[MarginTier], *words: str) -> RuleSet:
    """Return rules whose mark is the index, with changes such as `close.style=market`."""
    rules = RuleSet(tiers=tuple(tiers)).changed("mark.method=index")
    for word in words:
        rules = rules.changed(word)
    return rules


class Venue:
    """An exchange for one case.

    Parameters
    ----------
    listings : sequence of Listing
        Its markets; all settle in one asset.
    money : Decimal or Fraction
        An amount that one account must be able to hold; at least eight times what all stated sizes are worth.
    tokens : sequence of str
        Assets that count as collateral, in steps of 10**-12, worth one unit of money each until they get a price.
    scales : tuple of Contract or None
        The markets' contracts, where a case is about a peer's own units; None for the finest that fit.
    """

    def __init__(
        self,
        listings: Sequence[Listing],
        money: Decimal | Fraction = Fraction(0),
        tokens: Sequence[str] = (),
        scales: tuple[Contract, ...] | None = None,
    ) -> None:
        self.money: Final = max(Fraction(money), 8 * sum((_worth(x.wanted) for x in listings), Fraction(0)) + 1)
        contracts = scales or fitted([x.wanted for x in listings], self.money)
        specs = [
            MarketSpec(contract, x.rules, x.fund, x.pool, x.backstop, x.source_weights_ppm, x.liquidity)
            for contract, x in zip(contracts, listings, strict=True)
        ]
        self.contracts: Final = contracts
        scale = TOKEN_PRICE_STEPS * 10**TOKEN_EXPONENT // 10 ** contracts[0].scale.settlement.exponent
        collaterals = [CollateralSpec(Asset(token, TOKEN_EXPONENT), TOKEN_PRICE_STEPS, scale) for token in tokens]
        self.exchange: Final = Exchange(specs, collaterals)
        self.ids: Final[Mapping[str, int]] = self.exchange.names.ids
        self.unit: Final = Fraction(1, 10 ** contracts[0].scale.settlement.exponent)
        self.now_us = 0
        self.exchange.read_event_rows()

    # -- numbers --------------------------------------------------------------------------------------------------------

    def units(self, amount: Decimal | Fraction) -> int:
        """Return money in the smallest unit, rounded down."""
        return int(Fraction(amount) / self.unit // 1)

    def ticks(self, price: Decimal | Fraction, market: int = 0) -> int:
        """Return a price in ticks, to the nearest."""
        return round(Fraction(price) / self.tick_size(market))

    def tick_size(self, market: int = 0) -> Fraction:
        """Return the step of the price."""
        return Fraction(self.contracts[market].scale.tick_size)

    def lots(self, size: Decimal, market: int = 0) -> int:
        """Return a size in lots, exactly."""
        lots = Fraction(size) / Fraction(self.contracts[market].scale.lot_size)
        ensure(lots.denominator == 1, "the scale of a case says its sizes exactly", size=size)
        return lots.numerator

    # -- acting -----------------------------------------------------------------------------------------------------------

    def account(self, name: str, cash: Decimal | Fraction = Fraction(0), kind: int = at.TRADER) -> int:
        """Open an account with cash."""
        a = self.exchange.open_account(name, kind)
        self.give(name, cash)
        return a

    def give(self, name: str, cash: Decimal | Fraction) -> None:
        """Deposit to an account."""
        if self.units(cash) > 0:
            self.exchange.must(Deposit(self.ids[name], self.units(cash)))

    def maker(self) -> str:
        """Open a market maker who can afford every order of a case."""
        self.account("maker", self.money, at.MAKER)
        return "maker"

    def enter(self, name: str, size: Decimal, price: Decimal | Fraction, market: int = 0) -> None:
        """Give an account a position at a price, against an account that is never liquidated nor deleveraged."""
        far = f"other side of {name}"
        other = self.ids[far] if far in self.ids else self.exchange.open_account(far, at.HOUSE)
        lots, ticks = self.lots(size, market), self.ticks(price, market)
        self.exchange.must(ImposedFill(self.ids[name], market, lots, ticks, other))

    def enter_all(self, name: str, sizes: Mapping[int, Decimal], quote: Decimal) -> None:
        """Open an account whose cash less the cost of its positions is `quote`: what a venue with quote balances shows.

        The positions enter at mark and the equity is deposited. Negative equity enters as a loss of the first position.
        """
        self.account(name)
        worth = sum((Fraction(size) * self.mark(market) for market, size in sizes.items()), Fraction(0))
        left = Fraction(quote) + worth
        for market, size in sizes.items():
            price = self.mark(market)
            if left < 0:
                steps = -(left / abs(Fraction(size)) // self.tick_size(market))
                price += (steps if size > 0 else -steps) * self.tick_size(market)
                left += steps * self.tick_size(market) * abs(Fraction(size))
            self.enter(name, size, price, market)
        self.give(name, left)
        ensure(self.quote(name) == quote, "an account enters as it is stated", stated=quote, is_now=self.quote(name))

    def rest(self, name: str, size: Decimal, price: Decimal, market: int = 0) -> int:
        """Rest an order; returns lots filled, or minus the reason for which it was refused."""
        order = Order(self.ids[name], market, self.lots(size, market), self.ticks(price, market))
        return self.exchange.submit(order)

    def refuses_to_pair(self, held: Decimal, size: Decimal, market: int = 0) -> bool:
        """Say whether the engine refuses to close a size of a position against one like it: none is held, it would grow, it is too much."""
        for name, lots in (("closer", held), ("counterparty", -held)):
            self.account(name, self.money)
            if lots != 0:
                self.enter(name, lots, self.mark(market), market)
        asked = Pair(self.ids["closer"], market, self.lots(size, market), self.ids["counterparty"], at_mark=True)
        return self.exchange.submit(asked) < 0

    def tick(self, price: Decimal | Fraction, market: int = 0, source: int = 0) -> list[Event]:
        """Let a second pass and give an index price. Returns what happened since events were last read."""
        return self.tick_to(self.ticks(price, market), market, source)

    def tick_to(self, price_ticks: int, market: int = 0, source: int = 0) -> list[Event]:
        """Give an index price in ticks."""
        self.now_us += SECOND_US
        self.exchange.must(IndexTick(market, price_ticks, self.now_us, source))
        return self.happened()

    def wait(self, us: int = SECOND_US) -> list[Event]:
        """Let time pass."""
        self.now_us += us
        self.exchange.must(Clock(self.now_us))
        return self.happened()

    def happened(self) -> list[Event]:
        """Return the events since the last reading, with the laws checked."""
        self.exchange.check_laws()
        return self.exchange.read_events()

    def token_price(self, token: str, price: Decimal) -> None:
        """Give a price of a token."""
        self.exchange.must(AssetPrice(self.exchange.names.assets[token], int(price * TOKEN_PRICE_STEPS)))

    def bring(self, name: str, token: str, amount: Decimal) -> None:
        """Bring tokens as collateral."""
        asset = self.exchange.names.assets[token]
        self.exchange.must(MoveCollateral(self.ids[name], asset, int(amount.scaleb(TOKEN_EXPONENT))))

    # -- reading ------------------------------------------------------------------------------------------------------------

    def mark(self, market: int = 0) -> Fraction:
        """Return the mark price."""
        return self.price_of(self.exchange.price(market), market)

    def price_of(self, price_ticks: int, market: int = 0) -> Fraction:
        """Return ticks as a price."""
        return price_ticks * self.tick_size(market)

    def size_of(self, lots: int, market: int = 0) -> Fraction:
        """Return lots as a size."""
        return lots * Fraction(self.contracts[market].scale.lot_size)

    def money_of(self, units: int) -> Fraction:
        """Return smallest units as money."""
        return units * self.unit

    def cash(self, name: str) -> Fraction:
        """Return the cash of an account."""
        return self.money_of(self.exchange.balance(self.ids[name]))

    def tokens(self, name: str, token: str) -> Fraction:
        """Return the tokens that an account holds as collateral."""
        held = self.exchange.collateral(self.ids[name], self.exchange.names.assets[token])
        return Fraction(held, 10**TOKEN_EXPONENT)

    def quote(self, name: str) -> Fraction:
        """Return cash less the cost of all positions: the quote balance."""
        costs = [self.exchange.position(self.ids[name], market)[1] for market in range(len(self.contracts))]
        return self.cash(name) - self.money_of(sum(costs))

    def size(self, name: str, market: int = 0) -> Fraction:
        """Return the signed size that an account holds."""
        return self.size_of(self.exchange.position(self.ids[name], market)[0], market)

    def health(self, name: str) -> tuple[Fraction, Fraction]:
        """Return (equity, maintenance margin) of an account at mark."""
        equity, _, need = self.exchange.health(self.ids[name])
        return self.money_of(equity), self.money_of(need)

    def initial_margin(self, name: str) -> Fraction:
        """Return what is left of an account without profit or loss when nothing more may be withdrawn; it is spent on this."""
        for bit in range(self.exchange.balance(self.ids[name]).bit_length(), -1, -1):
            self.exchange.submit(Withdraw(self.ids[name], 1 << bit))
        return self.cash(name)

    def first_failing_price(self, name: str) -> Fraction:
        """Return the first price at which an account of one position (market 0) is triggered: indexed, then shown by ticks.

        The index says where to look; the price is the one at which the mark really triggers, one tick after one that does not.
        """
        a = self.ids[name]
        step = 1 if self.size(name) < 0 else -1
        near = int(trigger_prices(self.exchange, a, 1)[0])
        self.exchange.read_event_rows()
        for k in range(-NEARBY_TICKS, NEARBY_TICKS + 1):
            events = self.tick_to(max(1, near + k * step))
            if triggered(events, a):
                ensure(k > -NEARBY_TICKS, "nobody is triggered before the indexed price", indexed=near, account=name)
                return self.mark()
        raise Unsupported("price-span")


def triggered(events: list[Event], account: int) -> bool:
    """Say whether an account was found below maintenance."""
    return any(event.name == "LiquidationTriggered" and event.account == account for event in events)


def only(events: list[Event], name: str, account: int | None = None) -> list[Event]:
    """Return the events of a name, of one account if asked."""
    return [event for event in events if event.name == name and account in {None, event.account}]


def _worth(wanted: Wanted) -> Fraction:
    size = Fraction(sum((abs(x) for x in wanted.sizes), Decimal(0))) * Fraction(wanted.contract_value)
    price = Fraction(min(wanted.prices) if wanted.inverse else max(wanted.prices))
    return size / price if wanted.inverse else size * price
