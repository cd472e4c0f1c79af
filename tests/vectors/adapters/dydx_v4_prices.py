"""dYdX v4 prices: what a clip receives at the bankruptcy price, and who is liquidatable.

Bankruptcy price: the account is liquidated with an empty book and a rich fund that may take over no more than the clip
(`takeover.per_event`): the amount of the takeover is what the clip receives at the bankruptcy price. Rounded up to a quantum,
as the chain does; the price it prints is that amount over the size.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from shortfall.errors import ensure

from .dydx_v4_blocks import Block, clip, fillable
from .dydx_v4_venue import open_account, strictness_for, up_to_quantum, venue_of
from .outcome import Unsupported
from .venue import Venue, only, triggered

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MAINTENANCE: Final = Decimal("0.1")


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
    return {"quote_received_at_bankruptcy": received, "implied_price": received / -Fraction(clip)}


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
    return venue.refuses_to_pair(held, clip)


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
    """Return the limit of the closing order: the engine states it with the order."""
    account, market, delta = inputs["account"], inputs["market"], Decimal(inputs["size_delta"])
    held = sum((Decimal(p["size"]) for p in account["positions"] if p["market"] == market), Decimal(0))
    case = {**inputs, "accounts": [account]}
    block = Block(case, ["waterfall=", *fillable(inputs["liquidation_config"])], market, sizes=[str(abs(delta))])
    if block.venue.refuses_to_pair(held, delta):
        return {"error": "the engine refuses to close this size"}
    limits = [e for e in only(block.run(), "CloseLimited", block.venue.ids[account["id"]]) if e.market == 0]
    if not limits:
        raise Unsupported("bankruptcy-price-of-a-rich-account")
    return {"fillable_price": block.venue.price_of(limits[0]["limit_price_ticks"])}


def notional_bounds(inputs: Mapping[str, Any]) -> object:
    """Return the bounds of one clip of a position."""
    position = inputs["position"]
    account = {"id": "holder", "usdc": "0", "positions": [position]}
    case = {**inputs, "accounts": [account], "markets": [_any_market(position["market"])]}
    block = Block(case, ["close.style=fillable", *clip(inputs["liquidation_config"])], position["market"])
    bounds = block.venue.exchange.clip_bounds(block.venue.ids["holder"], 0)
    least, most = (block.venue.money_of(bound) for bound in bounds)
    return {"min_notional": least, "max_notional": most}


def _any_market(name: str) -> dict[str, str]:
    return {"market": name, "initial_margin_fraction": "0.2", "maintenance_margin_fraction": str(MAINTENANCE)}


def order_priority(inputs: Mapping[str, Any]) -> object:
    """Return the order in which closing orders are sent: one account for each, in the distress that has the stated limit.

    The spread is the whole maintenance rate, so distress is the limit's distance from mark over that rate.
    """
    orders, prices = inputs["orders"], inputs["oracle_prices"]
    accounts = [_in_distress(order, Decimal(prices[order["market"]])) for order in orders]
    apart = any(order["limit_price"] != prices[order["market"]] for order in orders)
    market = orders[0]["market"]
    case = {**inputs, "accounts": accounts, "markets": [_any_market(market)]}
    words = ["close.style=fillable", f"close.fillable_spread={100 if apart else 0}%", "waterfall="]
    block = Block(case, words, market)
    limits = {account["id"]: Decimal(order["limit_price"]) for account, order in zip(accounts, orders, strict=True)}
    names = []
    for sent in only(block.run(), "CloseLimited"):
        names.append(block.venue.exchange.names.accounts[sent.account])
        limit = block.venue.price_of(sent["limit_price_ticks"])
        ensure(
            limit == limits[names[-1]],
            "an account in the stated distress has the stated limit",
            limit=limit,
            account=names[-1],
        )
    return {"order": names}


def _in_distress(order: Mapping[str, Any], price: Decimal) -> dict[str, Any]:
    """Return an account whose fillable limit is an order's; where all limits are at mark, one below maintenance."""
    size = Decimal(order["size"]) * (1 if order["side"] == "SELL" else -1)
    away = abs(Decimal(order["limit_price"]) / price - 1)
    distress = away / MAINTENANCE if away else Decimal("0.5")
    equity = abs(size) * price * MAINTENANCE * (1 - distress)
    return {
        "id": order["id"],
        "usdc": str(equity - size * price),
        "positions": [{"market": order["market"], "size": str(size)}],
    }


KINDS: Mapping[str, Callable[[Mapping[str, Any]], object]] = {
    "bankruptcy_price": bankruptcy_price,
    "is_liquidatable": is_liquidatable,
    "fillable_price": fillable_price,
    "partial_liquidation_notional_bounds": notional_bounds,
    "liquidation_order_priority": order_priority,
}
