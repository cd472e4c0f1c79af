"""Drift as rules of the engine: an account below maintenance waits for a caller, who takes the fewest lots that heal at the oracle."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from shortfall.errors import ensure
from shortfall.kernels import layout as at
from shortfall.model.commands import Deposit, ImposedFill, Liquidate, Order
from shortfall.model.contract import bounded_contract
from shortfall.units import Asset, Scale

from .scales import Wanted
from .venue import Listing, Venue, rules_with, tier

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shortfall.model.contract import Contract

SLOT_US: Final = 400_000
MICRO: Final = Fraction(1, 10**6)
SMALL: Final = ("healing.small_shortage=50", "healing.small_position=0")


def percent(rate: object) -> str:
    """Return a rate as `--set` takes it."""
    return f"{Decimal(str(rate)) * 100:f}%"


def rules_of(market: Mapping[str, Any], state: Mapping[str, Any], *words: str, is_isolated: bool) -> list[str]:
    """Return the rules of a market: an isolated position is freed at once, a cross account along the ramp."""
    said = [
        "waterfall=", "amount.method=heal", "close.surplus=trader", "close.cross_order=market", "liquidator.who=caller",
        f"liquidator.fee={percent(market.get('liquidator_fee', 0))}", "liquidator.fund_fee=spare",
        f"close.liquidation_fee={percent(market.get('if_liquidation_fee', 0))}",
        f"healing.buffer={percent(state['liquidation_margin_buffer_ratio'])}", "margin.orders=counted", *SMALL,
    ]  # fmt: skip
    if not is_isolated:
        said.append(f"healing.initial_share={percent(state['initial_pct_to_liquidate'])}")
        said.append(f"healing.duration={state['liquidation_duration'] * SLOT_US}us")
    return [*said, *words]


class Drift(Venue):
    """A venue with a caller.

    Parameters
    ----------
    market, state : mapping
        As stated.
    words : list of str
        The rules.
    prices, sizes : tuple of Decimal
        Everything that the scale has to say.
    money : Decimal
        What an account must be able to hold.
    contract : Contract or None
        The scale, where the chain's own unit matters.
    """

    def __init__(
        self,
        market: Mapping[str, Any],
        words: list[str],
        prices: tuple[Decimal, ...],
        sizes: tuple[Decimal, ...],
        money: Decimal,
        *,
        contract: Contract | None = None,
    ) -> None:
        maintenance, initial = Decimal(market["margin_ratio_maintenance"]), Decimal(market["margin_ratio_initial"])
        rules = rules_with([tier(maintenance, initial=initial)], *words)
        scales = None if contract is None else (contract,)
        super().__init__([Listing(Wanted("PERP", prices, sizes), rules)], Fraction(money), scales=scales)
        self.price: Final = prices[0]

    def rest_unaffordable(self, name: str, size: Decimal, side: str) -> None:
        """Rest an order of an account without money: while the mark is one tick, with money that is lost again at once."""
        a, lots = self.ids[name], self.lots(size)
        far = self.exchange.open_account(f"order of {name}", at.HOUSE)
        steps = lots // 5 + 2
        self.exchange.must(Deposit(a, steps * self.contracts[0].multiplier))
        highest = self.ticks(2 * self.price)
        sign, limit = (1, 1) if side == "Long" else (-1, highest)
        self.exchange.must(Order(a, 0, sign * lots, limit))
        self.exchange.must(ImposedFill(a, 0, 1, steps + 1, far))
        self.exchange.must(ImposedFill(a, 0, -1, 1, far))
        ensure(self.exchange.balance(a) == 0, "the money is lost again")

    def hold(self, name: str, size: Decimal, quote: Fraction) -> None:
        """Give an account a position so that cash less cost is `quote`: entered at the oracle, a debt as a worse price."""
        left = quote + Fraction(size) * Fraction(self.price)
        price = self.ticks(self.price)
        if left < 0:
            steps = -(left / abs(Fraction(size)) // self.tick_size())
            price += int(steps) if size > 0 else -int(steps)
            left += steps * self.tick_size() * abs(Fraction(size))
        self.enter(name, size, self.price_of(price))
        self.give(name, left)
        ensure(self.quote(name) == quote, "an account enters as it is stated", stated=quote, is_now=self.quote(name))

    def call(self, victim: str, size: Decimal, limit: Decimal | None) -> int:
        """Let the liquidator call; returns lots or minus the reason."""
        ticks = None if limit is None else self.ticks(limit)
        return self.exchange.submit(Liquidate(self.ids["liquidator"], self.ids[victim], 0, self.lots(size), ticks))


def in_millionths(price: Decimal, lot: Decimal, largest: Decimal) -> Contract:
    """Return a contract whose smallest unit is the chain's, a millionth of a dollar: one tick of one lot."""
    tick = Decimal(1).scaleb(-6) / lot
    scale = Scale(tick.normalize(), lot, Asset("USD", 6))
    return bounded_contract("PERP", scale, int(max(2 * price, largest) / tick) + 2)


def down(amount: Fraction) -> Fraction:
    """Round to a millionth of a dollar towards less, as the chain does."""
    return amount // MICRO * MICRO
