"""dYdX v4 prices: what a clip receives at the bankruptcy price, and who is liquidatable.

Bankruptcy price: the account is liquidated with an empty book and a rich fund that may take over no more than the clip
(`takeover.per_event`): the amount of the takeover is what the clip receives at the bankruptcy price. Rounded up to a quantum,
as the chain does; the price it prints is that amount over the size.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from .dydx_v4_venue import open_account, strictness_for, up_to_quantum, venue_of
from .outcome import Disagreement, Unsupported
from .venue import Venue, only, triggered

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def answer(kind: str, inputs: Mapping[str, Any]) -> object:
    """Answer a case."""
    return KINDS.get(kind, _unknown)(inputs)


def _unknown(_inputs: Mapping[str, Any]) -> object:
    raise Unsupported("kind-without-an-adapter")


def bankruptcy_price(inputs: Mapping[str, Any]) -> object:
    """Return what closing a clip at the bankruptcy price brings in, and the price that this implies."""
    account, market, clip = inputs["account"], inputs["market"], Decimal(inputs["size_delta"])
    held = sum((Decimal(p["size"]) for p in account["positions"] if p["market"] == market), Decimal(0))
    price = _price_of_liquidation(inputs, account)
    venue = _venue_of_a_clip(inputs, account, abs(clip), price)
    if _refused(venue, held, clip):
        return {"error": "the engine refuses to reduce by this size"}
    name = open_account(venue, account)
    received = up_to_quantum(_received(venue, name, price))
    said = {"quote_received_at_bankruptcy": received, "implied_price": received / -Fraction(clip)}
    return Disagreement("clip-larger-than-the-position", said) if abs(clip) > abs(held) else said


def _price_of_liquidation(inputs: Mapping[str, Any], account: Mapping[str, Any]) -> Fraction:
    """Return the price at which the engine is asked for the bankruptcy price.

    That is the oracle's, or for a healthy account of one position the first price at which it is liquidated: the bankruptcy
    price of one position is the same at any mark.
    """
    oracle = Fraction(Decimal(inputs["oracle_prices"][inputs["market"]]))
    if [position["market"] for position in account["positions"]] != [inputs["market"]]:
        return oracle
    venue = venue_of(inputs, inputs["market"], [account], ["engine.delay=1h"])
    name = open_account(venue, account)
    return oracle if triggered(venue.tick(oracle), venue.ids[name]) else venue.first_failing_price(name)


def _venue_of_a_clip(inputs: Mapping[str, Any], account: Mapping[str, Any], clip: Decimal, price: Fraction) -> Venue:
    cap = clip * Decimal(price.numerator) / Decimal(price.denominator)
    words = [
        "waterfall=fund", "close.style=bankruptcy", "close.cross_order=market", "close.cross_price=ratio",
        "takeover.fund_capacity=0", f"takeover.per_event={cap:f}", "unwinding.method=hold",
    ]  # fmt: skip
    several = len(account["positions"]) > 1
    strictness = strictness_for(inputs, account) if several else 1
    return venue_of(inputs, inputs["market"], [account], words, sizes=[str(clip)], strictness=strictness)


def _refused(venue: Venue, held: Decimal, clip: Decimal) -> bool:
    """Say whether the engine refuses to reduce such a position by the clip."""
    venue.account("reducer", venue.money)
    if held != 0:
        venue.enter("reducer", held, venue.mark())
    return venue.refuses_to_reduce("reducer", clip)


def _received(venue: Venue, name: str, price: Fraction) -> Fraction:
    """Liquidate the account and return the amount at which the fund took the clip over: positive for a long."""
    venue.give("fund", venue.money / 2)
    taken = only(venue.tick(price), "PositionTakenOver", venue.ids[name])
    if not taken:
        raise Unsupported("bankruptcy-price-of-a-rich-account")
    return venue.money_of(taken[0]["amount_quote"])


def is_liquidatable(inputs: Mapping[str, Any]) -> object:
    """Say whether the account is triggered at the oracle prices."""
    account = inputs["account"]
    first = inputs["markets"][0]["market"]
    venue = venue_of(inputs, first, [account], ["engine.delay=1h"])
    name = open_account(venue, account)
    return {"liquidatable": triggered(venue.tick(venue.mark()), venue.ids[name])}


def fillable_price(inputs: Mapping[str, Any]) -> object:
    """Say what is missing. The nearest limit of a closing order that the engine has is the bankruptcy price."""
    try:
        nearest = bankruptcy_price(inputs)
    except Unsupported:
        nearest = None
    price = nearest.get("implied_price") if isinstance(nearest, dict) else None
    raise Unsupported("fillable-price", None if price is None else {"fillable_price": price})


def notional_bounds(_inputs: Mapping[str, Any]) -> object:
    """Say what is missing."""
    raise Unsupported("clip-bounds-in-quote")


def order_priority(_inputs: Mapping[str, Any]) -> object:
    """Say what is missing."""
    raise Unsupported("queue-by-distance-of-the-limit")


KINDS: Mapping[str, Callable[[Mapping[str, Any]], object]] = {
    "bankruptcy_price": bankruptcy_price,
    "is_liquidatable": is_liquidatable,
    "fillable_price": fillable_price,
    "partial_liquidation_notional_bounds": notional_bounds,
    "liquidation_order_priority": order_priority,
}
