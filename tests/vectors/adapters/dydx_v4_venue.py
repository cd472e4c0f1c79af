"""A dYdX v4 case as a venue: quote balances, cross accounts, flat margin rates, the oracle price as mark.

Units: human amounts as decimal strings; the chain counts in quote quantums of 0.000001 USDC. The engine's smallest unit is at
least as fine, so its amounts are rounded the way the chain rounds them where an adapter says so, and compared exactly.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from .outcome import Unsupported
from .scales import Wanted
from .venue import FULL_RATE_PPM, Listing, Venue, ppm, rules_with, tier

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from shortfall.rules.ruleset import MarginTier, RuleSet

QUANTUM: Final = Fraction(1, 1_000_000)


def up_to_quantum(amount: Fraction) -> Fraction:
    """Round a signed amount up to the chain's quantum (towards plus infinity)."""
    return math.ceil(amount / QUANTUM) * QUANTUM


def market_order(inputs: Mapping[str, Any], first: str) -> list[Mapping[str, Any]]:
    """Return the markets of a case, the one in question first: it is closed first under `close.cross_order=market`."""
    return sorted(inputs["markets"], key=lambda market: market["market"] != first)


def tier_of(market: Mapping[str, Any]) -> MarginTier:
    """Return the margin rates of a market."""
    initial = Decimal(market["initial_margin_fraction"])
    return tier(Decimal(market["maintenance_margin_fraction"]), initial=initial)


def venue_of(
    inputs: Mapping[str, Any],
    first: str,
    accounts: Iterable[Mapping[str, Any]],
    words: Sequence[str] | Mapping[str, Sequence[str]],
    *,
    prices: Iterable[str] = (),
    sizes: Iterable[str] = (),
    orders: Iterable[Mapping[str, Any]] = (),
    strictness: int = 1,
    money: str = "0",
) -> Venue:
    """Build the venue of a case and give every market its oracle price.

    Parameters
    ----------
    first : str
        The market in question; it becomes market 0.
    words : sequence of str
        The rules of every market, or of each by its name.
    prices, sizes : iterable of str
        Further figures that the first market must be able to say.
    orders : iterable of mapping
        Resting orders, whose prices and sizes their markets must be able to say.
    strictness : int
        Maintenance rates times this: see `strictness_for`.
    money : str
        An amount that one account must be able to hold.
    """
    listings = []
    for market in market_order(inputs, first):
        name = market["market"]
        held = [Decimal(p["size"]) for account in accounts for p in account["positions"] if p["market"] == name]
        more_prices = [Decimal(x) for x in prices] if name == first else []
        more_sizes = [Decimal(x) for x in sizes] if name == first else []
        there = [order for order in orders if order.get("market", first) == name]
        more_prices += [Decimal(order["price"]) for order in there]
        more_sizes += [Decimal(order["size"]) for order in there]
        all_prices = (Decimal(inputs["oracle_prices"][name]), *more_prices)
        wanted = Wanted(name, all_prices, (*held, *more_sizes) or (Decimal(1),))
        listings.append(
            Listing(wanted, _rules(market, words[name] if isinstance(words, Mapping) else words, strictness))
        )
    venue = Venue(listings, Decimal(money))
    for k, listing in enumerate(listings):
        venue.tick(Decimal(inputs["oracle_prices"][listing.wanted.symbol]), k)
    return venue


def _rules(market: Mapping[str, Any], words: Sequence[str], strictness: int) -> RuleSet:
    plain = tier_of(market)
    rate = min(plain.maintenance_ppm * strictness, FULL_RATE_PPM)
    return rules_with([replace(plain, maintenance_ppm=rate, initial_ppm=max(rate, plain.initial_ppm))], *words)


def strictness_for(inputs: Mapping[str, Any], account: Mapping[str, Any]) -> int:
    """Return the whole factor on all maintenance rates at which an account is below maintenance.

    The chain states a bankruptcy price for an account in any health, the engine states one when it liquidates. Raising all
    rates by one factor brings the liquidation about and keeps every share of the ratio rule. (All rates stop at 99.9999 %, which
    keeps the shares where the rates are equal, as in every such case; a factor that would not is refused.)
    """
    rates = {m["market"]: Fraction(Decimal(m["maintenance_margin_fraction"])) for m in inputs["markets"]}
    prices = {name: Fraction(Decimal(price)) for name, price in inputs["oracle_prices"].items()}
    equity, need = Fraction(Decimal(account["usdc"])), Fraction(0)
    for position in account["positions"]:
        worth = Fraction(Decimal(position["size"])) * prices[position["market"]]
        equity += worth
        need += abs(worth) * rates[position["market"]]
    factor = 1 if equity < need or need == 0 else int(equity / need) + 1
    if factor * max(rates.values()) >= 1 and len(set(rates.values())) > 1:
        raise Unsupported("bankruptcy-price-of-a-rich-account")
    return factor


def open_account(venue: Venue, account: Mapping[str, Any]) -> str:
    """Open an account of a case. Returns its name."""
    numbers = {listing.symbol: k for k, listing in enumerate(venue.contracts)}
    sizes = {numbers[p["market"]]: Decimal(p["size"]) for p in account["positions"]}
    venue.enter_all(account["id"], dict(sorted(sizes.items())), Decimal(account["usdc"]))
    return str(account["id"])


def statement(venue: Venue, name: str) -> dict[str, object]:
    """Return an account as the chain states it: quote balance and open positions."""
    positions = [
        {"market": contract.symbol, "size": venue.size(name, k)}
        for k, contract in enumerate(venue.contracts)
        if venue.size(name, k) != 0
    ]
    return {"id": name, "usdc": venue.quote(name), "positions": positions}


def rate_word(rule: str, rate: str) -> str:
    """Return a change of a rule to a rate, or say that the rule has no such bound."""
    parts = ppm(Decimal(rate))
    return f"{rule}={Decimal(parts) / 10_000}%"
