"""dYdX v4 scenarios: whole blocks. Orders rest, one price tick is the block, and what it left of each account is compared."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from shortfall.kernels import layout as at
from shortfall.model.commands import FinalSettlement

from .dydx_v4_blocks import Block, caps, clip, fillable, limited, spent_what_came_in
from .dydx_v4_venue import rate_word
from .outcome import Disagreement, Unsupported
from .venue import only

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from shortfall.model.events import Event

NO_PAIRS = "waterfall=fund"
BLOCK = "amount.block=1m"


def answer(kind: str, inputs: Mapping[str, Any]) -> object:
    """Answer a case."""
    return KINDS.get(kind, _unknown)(inputs)


def _unknown(_inputs: Mapping[str, Any]) -> object:
    raise Unsupported("kind-without-an-adapter")


def liquidate_then_deleverage(inputs: Mapping[str, Any]) -> object:
    """Send one order with a stated limit into a book, and say what it did."""
    order, fund, book = inputs["liquidation"], inputs["fund_balance"], inputs["book"]
    market, name = order["market"], order["account"]
    words = [*limited(order, inputs["oracle_prices"][market]), *caps(inputs)]
    block = Block(inputs, words, market, book, fund)
    events = block.run()
    said: dict[str, object] = {
        "filled_size": block.filled(events, name),
        "status": block.status(events, name, market),
        "liquidation_info": block.info(),
        "accounts": block.statements(inputs["accounts"]),
        "events": _fills(block, events, book),
    }
    return Disagreement("fund-balance-is-mocked", said) if spent_what_came_in(block.venue, events, fund) else said


def _fills(block: Block, events: list[Event], book: Sequence[Mapping[str, Any]]) -> list[dict[str, object]]:
    return [
        {
            "type": "liquidation_fill",
            "maker_order": book[event.reference - 1]["id"],
            "size": abs(block.venue.size_of(event["lots"])),
        }
        for event in only(events, "OrderFilled")
    ]


def block_limits_sequence(inputs: Mapping[str, Any]) -> object:
    """Send several orders of one account in one block, and say how the last one ended.

    A position is liquidated in the parts that the orders state; a second order for the same position needs another instant of the
    same block.
    """
    steps, last = inputs["sequence"], inputs["liquidation"]
    name = last["account"]
    closes = [step for step in steps if step["type"] == "liquidation"]
    first = (closes or [last])[0]["market"]
    words = [
        NO_PAIRS, BLOCK, rate_word("fees.maker", inputs["maker_fee_rate"]), *caps(inputs),
        *limited(last, inputs["oracle_prices"][last["market"]]), *_parts(inputs, first, (closes or [last])[0]),
    ]  # fmt: skip
    makers = [step for step in steps if step["type"] == "maker"]
    block = Block(inputs, words, first, makers, inputs["fund_balance"])
    events = block.run()
    if any(step["market"] == last["market"] for step in closes):
        events = block.venue.wait()
        refused = only(events, "FillRefused", block.venue.ids[name])
        again = [e for e in refused if e.market == block.markets[last["market"]] and e["bound"] == at.BOUND_ONCE]
        return {"status": None, "liquidation_info": None, "error": "worked on in this block" if again else None}
    status = block.status(events, name, last["market"])
    return {"status": status, "liquidation_info": block.info(), "error": None}


def _parts(inputs: Mapping[str, Any], market: str, order: Mapping[str, Any]) -> list[str]:
    account = next(account for account in inputs["accounts"] if account["id"] == order["account"])
    held = next(Decimal(p["size"]) for p in account["positions"] if p["market"] == market)
    share = Decimal(order["size"]) / abs(held)
    return ["amount.method=portion", rate_word("amount.share", str(share))]


def e2e_block(inputs: Mapping[str, Any]) -> object:
    """Run one block with the chain's own orders; a market in final settlement is settled."""
    market = inputs["markets"][0]["market"]
    config = inputs["liquidation_config"]
    words = [*fillable(config), *caps(inputs), *clip(config)]
    share = Decimal(config["max_position_portion_liquidated"])
    parts = [str(share * abs(Decimal(p["size"]))) for account in inputs["accounts"] for p in account["positions"]]
    block = Block(inputs, words, market, inputs["book"], inputs["fund_balance"], sizes=parts)
    block.run()
    if inputs["market_status"] == "FINAL_SETTLEMENT":
        block.venue.exchange.must(FinalSettlement(block.markets[market]))
        block.venue.happened()
    return {"accounts": block.statements(inputs["accounts"])}


def replayed_liquidation_fills(inputs: Mapping[str, Any]) -> object:
    """Fill a market order with the stated fills, one resting order each, and say what both sides are left with."""
    market = inputs["liquidation"]["market"]
    side = "SELL" if inputs["liquidation"]["side"] == "BUY" else "BUY"
    orders = [
        {"owner": fill["maker"], "market": market, "side": side, "size": fill["size"], "price": fill["price"]}
        for fill in inputs["fills"]
    ]
    words = [
        "close.style=market", NO_PAIRS, rate_word("fees.maker", inputs["maker_fee_rate"]), *caps(inputs),
    ]  # fmt: skip
    block = Block(inputs, words, market, orders)
    block.run()
    after = {str(row["id"]): row for row in block.statements(inputs["accounts"])}
    return {
        "usdc_balances": {name: row["usdc"] for name, row in after.items()},
        "positions": {name: row["positions"] for name, row in after.items()},
        "liquidation_info": block.info(),
    }


KINDS: Mapping[str, Callable[[Mapping[str, Any]], object]] = {
    "liquidate_then_deleverage": liquidate_then_deleverage,
    "block_limits_sequence": block_limits_sequence,
    "e2e_block": e2e_block,
    "replayed_liquidation_fills": replayed_liquidation_fills,
}
