"""A desk under a venue's own rules, for the worked examples of its pages: rules from its file, figures from its page."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from shortfall.kernels import layout as at
from shortfall.model.commands import ImposedFill
from shortfall.model.contract import bounded_contract
from shortfall.rules.ruleset import MarginTier
from shortfall.sim.venues import find_venue
from shortfall.units import Asset, Scale

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from shortfall.model.contract import Contract
    from shortfall.model.events import Event
    from shortfall.rules.ruleset import RuleSet
    from shortfall.testing.desk import Desk

ONE = Decimal(1)


def venue_rules(
    code: str, *changes: str, tiers: Sequence[tuple[str | None, str, str]] = (), on: date | None = None
) -> RuleSet:
    """Return a venue's rules on a day with the tiers of an example (top, initial %, maintenance %), and what the example pins."""
    rules = find_venue(code).rules_on(on)
    ladder = tuple(
        MarginTier(None if top is None else Decimal(top), int(Decimal(first) * 10_000), int(Decimal(kept) * 10_000))
        for top, first, kept in tiers
    )
    rules = replace(rules, tiers=ladder or rules.tiers)
    for word in changes:
        rules = rules.changed(word)
    return rules


def contract_rules(code: str, symbol: str, on: date | None = None) -> RuleSet:
    """Return a venue's rules for one of its contracts, with the contract's own terms."""
    venue = find_venue(code)
    return venue.rules_on(on, venue.contract(symbol))


def dollars(symbol: str = "LIN", max_price: int = 1 << 24) -> Contract:
    """Return a linear contract where one lot at one tick is worth one unit."""
    return bounded_contract(symbol, Scale(ONE, ONE, Asset("USD", 0)), max_price)


def coins(value: Decimal = ONE, exponent: int = 8, max_price: int = 1 << 24) -> Contract:
    """Return an inverse contract: one lot is worth `value` / price coins of 10**exponent units."""
    scale = Scale(ONE, ONE, Asset("COIN", exponent), inverse=True, contract_value=value)
    return bounded_contract("INV", scale, max_price)


def holds(desk: Desk, name: str, lots: int, price: int, cash: int) -> int:
    """Give a new account cash and a position that it has entered at a price, against somebody who is out of the example."""
    account = desk.account(name, cash)
    known = "far side" in desk.exchange.names.ids
    far = desk.id("far side") if known else desk.account("far side", kind=at.HOUSE)
    desk.must(ImposedFill(account, 0, lots, price, far))
    return account


def is_triggered(desk: Desk, name: str) -> bool:
    """Say whether an account has been found below maintenance."""
    return any(event.account == desk.id(name) for event in desk.named("LiquidationTriggered"))


def cuts(desk: Desk) -> list[tuple[str, int, int]]:
    """Return (winner, lots, price in ticks) of every close against a winner, in order."""
    return [(_name(desk, e), abs(e["lots"]), e["adl_price_ticks"]) for e in desk.named("PositionDeleveraged")]


def _name(desk: Desk, event: Event) -> str:
    return desk.exchange.names.accounts[event.account]
