"""dYdX v4 deleveraging: who may be deleveraged at what price, against whom, and what both sides are left with.

A named counterparty is the `Pair` command; a search through counterparties is the engine's ADL in direct pairs, started by a price
tick under which the liquidated account finds no book.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from shortfall.kernels import layout as at
from shortfall.model.commands import FinalSettlement, Pair
from shortfall.model.events import REASONS

from .dydx_v4_blocks import Block, caps, clip, fillable
from .outcome import Unsupported
from .venue import only

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def answer(kind: str, inputs: Mapping[str, Any]) -> object:
    """Answer a case."""
    return KINDS.get(kind, _unknown)(inputs)


def _unknown(_inputs: Mapping[str, Any]) -> object:
    raise Unsupported("kind-without-an-adapter")


def can_deleverage(inputs: Mapping[str, Any]) -> object:
    """Run a block with an empty book and a rich counterparty: say whether and at what price the account was deleveraged."""
    account, config = inputs["account"], inputs["liquidation_config"]
    held = account["positions"][0]
    rich = {
        "id": "rich counterparty",
        "usdc": str(100 * Decimal(inputs["oracle_prices"][held["market"]])),
        "positions": [{"market": held["market"], "size": str(-Decimal(held["size"]))}],
    }
    case = {**inputs, "accounts": [account, rich]}
    block = Block(case, [*fillable(config), *caps(case), *clip(config)], held["market"], (), inputs["fund_balance"])
    events = block.run()
    if inputs["market_status"] == "FINAL_SETTLEMENT":
        block.venue.exchange.must(FinalSettlement(0))
        events += block.venue.happened()
    pairs = only(events, "PairsStarted", block.venue.ids[account["id"]])
    return {
        "at_bankruptcy_price": any(not event["by_command"] for event in pairs),
        "at_oracle_price": any(event["by_command"] for event in pairs),
    }


def offset_position(inputs: Mapping[str, Any]) -> object:
    """Deleverage an account against whoever may be, in the order of accounts."""
    name, market = inputs["liquidated"], inputs["market"]
    block = Block(inputs, ["close.style=fillable", "close.rest=placed", "waterfall=adl"], market)
    interest = block.venue.exchange.price(0, at.M_OPEN_INTEREST)
    asked = abs(Fraction(Decimal(inputs["size_delta"])))
    events = block.run()
    fills = [
        {
            "counterparty": block.venue.exchange.names.accounts[event.account],
            "size": abs(block.venue.size_of(event["lots"])),
        }
        for event in only(events, "PositionDeleveraged")
    ]
    closed = sum(
        (abs(block.venue.size_of(e["lots"])) for e in only(events, "PositionTakenOver", block.venue.ids[name])),
        Fraction(0),
    )
    gone = block.venue.size_of(interest - block.venue.exchange.price(0, at.M_OPEN_INTEREST))
    return {
        "fills": fills,
        "size_remaining": asked - closed,
        "accounts": block.statements(inputs["accounts"]) if fills else [],
        "open_interest": Fraction(Decimal(inputs["initial_open_interest"])) - gone,
    }


def deleverage_pair(inputs: Mapping[str, Any]) -> object:
    """Close a size against a named counterparty."""
    accounts = [inputs["liquidated"], inputs["counterparty"]]
    case = {**inputs, "accounts": accounts}
    block = Block(case, ["waterfall="], inputs["market"], sizes=[inputs["size_delta"]])
    first, second = (block.venue.ids[account["id"]] for account in accounts)
    lots = block.venue.lots(Decimal(inputs["size_delta"]))
    result = block.venue.exchange.submit(Pair(first, 0, lots, second, inputs["price_mode"] == "oracle"))
    block.venue.happened()
    if result < 0:
        return {"error": REASONS[-result]}
    return {"accounts": block.statements(accounts), "accepted": True}


KINDS: Mapping[str, Callable[[Mapping[str, Any]], object]] = {
    "can_deleverage": can_deleverage,
    "offset_position": offset_position,
    "deleverage_pair": deleverage_pair,
    "deleverage_pair_rounding": lambda inputs: deleverage_pair(
        {**inputs, "price_mode": inputs.get("price_mode", "bankruptcy")}
    ),
}
