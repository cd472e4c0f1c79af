"""Write the engine's integers of a world for people and programs, in the words of the market."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from shortfall.kernels import layout as at
from shortfall.units import exact_money, format_money

if TYPE_CHECKING:
    from shortfall.model.events import Event
    from shortfall.sim.world_cases import Clip, Handover
    from shortfall.sim.world_running import WorldRun
    from shortfall.units import Asset, Scale

ACCOUNT_LABELS = frozenset({"holder", "payee", "payer", "taker", "debtor"})
OF_AN_ASSET = 1  # reference of MoneyMoved and PriceRefused when the market column holds an asset


class Wording:
    """Knows the names, scales and assets of a run."""

    def __init__(self, run: WorldRun) -> None:
        self.run = run
        self.names = run.names

    def scale(self, market: int) -> Scale:
        """Return the scales of a market."""
        return self.run.world.markets[market].spec.contract.scale

    def symbol(self, market: int) -> str:
        """Return a market's name."""
        return self.run.world.markets[market].symbol

    def asset(self, market: int) -> Asset:
        """Return the asset in which a market settles."""
        return self.scale(market).settlement

    def asset_of_account(self, account: int) -> Asset:
        """Return the asset of an engine account."""
        exchange = self.run.exchange
        return exchange.assets[int(exchange.state.accounts[(account << at.ROW) + at.A_KIND]) >> at.KIND_ASSET]

    def price(self, market: int, ticks: int) -> str:
        """Return a price."""
        return self.scale(market).price_text(ticks)

    def size(self, market: int, lots: int) -> str:
        """Return a signed size without trailing zeros."""
        text = self.scale(market).size_text(lots)
        return text.rstrip("0").removesuffix(".") if "." in text else text

    def money(self, market: int, amount: int) -> str:
        """Return money with its unit, without trailing zeros."""
        return exact_money(amount, self.asset(market))

    def bare(self, market: int, amount: int) -> str:
        """Return money without its unit, for a sum that names it once."""
        return self.money(market, amount).partition(" ")[0]

    def is_clearing(self, account: int) -> bool:
        """Say whether an account only passes positions on to ADL."""
        return self.names[account].startswith("clearing ")

    def waiting_lots(self, market: int) -> int:
        """Return the signed lots that wait in the clearing account for somebody who may take them."""
        exchange = self.run.exchange
        return exchange.position(exchange.holder(market, at.M_CLEARING), market)[0]

    def average_price(self, market: int, lots: int, amount: int) -> str:
        """Return the average price of an amount: exact in whole ticks, else half even to a hundredth of a tick."""
        scale = self.scale(market)
        if lots == 0 or amount == 0:
            return ""
        each = Fraction(amount, abs(lots) * scale.multiplier)
        ticks = 1 / each if scale.inverse else each
        if ticks.denominator == 1:
            return scale.price_text(ticks.numerator)
        exact = Decimal(ticks.numerator) / Decimal(ticks.denominator) * scale.tick_size
        return f"{exact.quantize(scale.tick_size / 100, ROUND_HALF_EVEN):f}"

    def value(self, market: int, lots: int, ticks: int) -> int:
        """Return the signed value of signed lots at a price, rising in the price for a long (the engine's rounding)."""
        scale = self.scale(market)
        if not scale.inverse:
            return lots * ticks * scale.multiplier
        worth = abs(lots) * scale.multiplier // ticks
        return -worth if lots >= 0 else worth

    def allocated(self, clip: Clip) -> int:
        """Return the equity that stood beside a position: what the way from mark to its bankruptcy price costs."""
        at_mark = self.value(clip.market, clip.held_lots, clip.mark_price_ticks)
        return at_mark - self.value(clip.market, clip.held_lots, clip.bankruptcy_price_ticks)

    def given_up(self, row: Handover) -> int:
        """Return what the receiver of lots gave up against mark: positive paid, negative received."""
        return self.value(row.market, row.lots, row.price_ticks) - self.value(
            row.market, row.lots, row.mark_price_ticks
        )

    def money_record(self, asset: Asset, amount: int) -> dict[str, str]:
        """Return money for programs."""
        return {"amount": format_money(amount, asset), "unit": asset.code}

    def event_record(self, event: Event) -> dict[str, object]:
        """Return an event for programs: every amount in the unit its name says."""
        of_asset = event.name in {"MoneyMoved", "PriceRefused"} and event.reference == OF_AN_ASSET
        amounts = {label: self._amount(event, label, number) for label, number in event.amounts.items()}
        return {
            "sequence": event.sequence,
            "name": event.name,
            "market": None if of_asset else self.symbol(event.market),
            "account": self.names[event.account] if event.account >= 0 else None,
            "command": event.cause,
            "reference": event.reference,
            **(dict(event.amounts) if of_asset else amounts),
        }

    def event_words(self, event: Event) -> str:
        """Return an event's amounts for people."""
        record = self.event_record(event)
        pairs = []
        for label in event.amounts:
            found = record[label]
            text = f"{found['amount']} {found['unit']}" if isinstance(found, dict) else str(found)
            pairs.append(f"{label}={text}")
        return " ".join(pairs)

    def _amount(self, event: Event, label: str, number: int) -> object:
        if label in ACCOUNT_LABELS:
            return self.names[number] if 0 <= number < len(self.names) else None
        if label.endswith("_quote"):
            return self.money_record(self.asset(event.market), number)
        if label == "amount" and event.name == "MoneyMoved":
            return self.money_record(self.asset_of_account(event.account), number)
        if label.endswith("_ticks"):
            return self.price(event.market, number)
        if label == "lots" or label.endswith("_lots"):
            return self.scale(event.market).size_text(number)
        return number
