"""dYdX v4 insurance fund: the signed change of the fund by one liquidation fill, and whether the fund can bear it.

The fill is a market maker's order at the stated price; the liquidation is a market order with the stated fee (junior: never
more than what is left above bankruptcy). Amounts are compared exactly: the engine's unit is a quantum or finer.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from shortfall.errors import ensure
from shortfall.kernels import layout as at

from .dydx_v4_blocks import Block, caps, limited
from .dydx_v4_venue import open_account, rate_word, statement, strictness_for, venue_of
from .outcome import Disagreement, Unsupported
from .scales import Wanted
from .venue import Listing, Venue, only, rules_with, tier

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

NO_TAKEOVER: Final = ("takeover.fund=no", "unwinding.method=hold")


def answer(kind: str, inputs: Mapping[str, Any]) -> object:
    """Answer a case."""
    return KINDS.get(kind, _unknown)(inputs)


def _unknown(_inputs: Mapping[str, Any]) -> object:
    raise Unsupported("kind-without-an-adapter")


def fund_can_cover(inputs: Mapping[str, Any]) -> object:
    """Liquidate an account whose close leaves exactly the stated amount; say whether the fund covers what is missing."""
    delta, cash = Decimal(inputs["fund_delta"]), Decimal(inputs["fund_balance"])
    fall = abs(delta).to_integral_value() + 2
    price = 2 * fall
    rules = rules_with([tier(Fraction(99, 100))], "waterfall=fund", "close.style=market", *NO_TAKEOVER)
    venue = Venue([Listing(Wanted("ONE", (price,), (Decimal(1),)), rules)], 8 * Fraction(price + cash))
    venue.tick(price)
    venue.account("trader", fall + delta)
    venue.enter("trader", Decimal(1), price)
    venue.give("fund", cash)
    venue.rest(venue.maker(), Decimal(1), price - fall)
    events = venue.tick(price - fall)
    return {"valid": not only(events, "ClaimUncovered")}


def liquidation_fund_delta(inputs: Mapping[str, Any]) -> object:
    """Return what the fund gained (positive) or paid (negative) through one fill."""
    account, fill = inputs["account"], inputs["fill"]
    config = inputs["liquidation_config"]
    words = ["waterfall=fund", *_market_order(config["max_liquidation_fee_rate"])]
    venue = venue_of(
        inputs,
        fill["market"],
        [account],
        words,
        prices=[fill["price"]],
        sizes=[fill["size"]],
        strictness=strictness_for(inputs, account),
    )
    name = open_account(venue, account)
    venue.give("fund", venue.money / 2)
    if venue.rest(venue.maker(), _makers_size(fill), Decimal(fill["price"])) < 0:
        return {"error": "the engine refuses an order of this size"}
    before = venue.cash("fund")
    closed = only(venue.tick(venue.mark()), "ClipClosed", venue.ids[name])
    if not closed:
        raise Unsupported("bankruptcy-price-of-a-rich-account")
    said = {"fund_delta": venue.cash("fund") - before}
    shortfall = _worse_than_bankruptcy(venue, Decimal(fill["price"]), closed[0]["bankruptcy_price_ticks"], fill["side"])
    if venue.size(name) != 0 and shortfall:
        return Disagreement("fund-pays-once-the-account-is-flat", said)
    return said


def _market_order(fee_rate: str) -> list[str]:
    """Return a market order with a junior fee and the rest left to the trader: the chain's close without its price limit."""
    fee = rate_word("close.liquidation_fee", fee_rate)
    return ["close.style=market", "close.surplus=trader", "close.cross_order=market", fee, *NO_TAKEOVER]


def _makers_size(fill: Mapping[str, Any]) -> Decimal:
    """Return the maker's signed size: he buys what a liquidated long sells."""
    return Decimal(fill["size"]) if fill["side"] == "SELL" else -Decimal(fill["size"])


def _worse_than_bankruptcy(venue: Venue, price: Decimal, bankruptcy_ticks: int, side: str) -> bool:
    bankruptcy = venue.price_of(bankruptcy_ticks)
    return price < bankruptcy if side == "SELL" else price > bankruptcy


def fund_gate_on_fill(inputs: Mapping[str, Any]) -> object:
    """Say whether a liquidation fill happens, given the fund's cash, and what it would take from the fund.

    The gate is the engine's market order with ADL behind the fund: it goes as far as the fund's cash can bear.
    """
    liquidation = inputs["liquidation"]
    venue = _venue_with_book(inputs, "waterfall=fund,adl", inputs["fund_balance"])
    name = liquidation["account"]
    events = venue.tick(venue.mark())
    filled = sum(event["lots"] for event in only(events, "TakerFilled", venue.ids[name]))
    bankruptcy = venue.price_of(only(events, "ClipClosed", venue.ids[name])[0]["bankruptcy_price_ticks"])
    needed = _needed(inputs, bankruptcy)
    accepted = abs(venue.size_of(filled)) == Decimal(liquidation["size"])
    said: dict[str, object] = {
        "accepted": accepted,
        "fund_delta_needed": needed,
        "fund_delta": needed,
        "accounts": [statement(venue, account["id"]) for account in inputs["accounts"]],
    }
    return said if accepted else said | {"error": "the closing order stopped where the fund's cash would be used up"}


def _needed(inputs: Mapping[str, Any], bankruptcy: Fraction) -> Fraction:
    """Return what the stated fills lose beyond the engine's bankruptcy price: zero or negative."""
    prices = {order["id"]: Fraction(Decimal(order["price"])) for order in inputs["book"]}
    sign = 1 if inputs["liquidation"]["side"] == "SELL" else -1
    fills = inputs["liquidation"]["fills"]
    losses = [sign * (prices[fill["maker_order"]] - bankruptcy) * Fraction(Decimal(fill["size"])) for fill in fills]
    return min(Fraction(0), sum(losses, Fraction(0)))


def isolated_market_fill(inputs: Mapping[str, Any]) -> object:
    """Return what a fill in a market with a fund of its own takes from that fund, and what both sides are left with."""
    liquidation = inputs["liquidation"]
    if Decimal(inputs.get("fees", "0")) != 0:
        raise Unsupported("inputs-leave-it-open")
    venue = _venue_with_book(inputs, "waterfall=fund", inputs["fund_balance_isolated"])
    before = venue.cash("fund")
    events = venue.tick(venue.mark())
    filled = sum(event["lots"] for event in only(events, "TakerFilled", venue.ids[liquidation["account"]]))
    return {
        "success": abs(venue.size_of(filled)) == Decimal(liquidation["size"]),
        "fund_delta": venue.cash("fund") - before,
        "accounts": [statement(venue, account["id"]) for account in inputs["accounts"]],
    }


def _venue_with_book(inputs: Mapping[str, Any], waterfall: str, fund: str) -> Venue:
    """Build a venue with the accounts, the book and the fund of a case, ready for the tick that liquidates."""
    fee = inputs.get("liquidation_config", {}).get("max_liquidation_fee_rate", "0")
    book: Sequence[Mapping[str, Any]] = inputs["book"]
    order = inputs["liquidation"]
    market = order["market"]
    venue = venue_of(
        inputs,
        market,
        inputs["accounts"],
        [
            waterfall,
            *_market_order(fee),
            *(limited(order, inputs["oracle_prices"][market]) if "limit_price" in order else ()),
        ],
        prices=[order["price"] for order in book],
        sizes=[order["size"] for order in book],
        money=str(2 * Decimal(fund)),
    )
    for account in inputs["accounts"]:
        open_account(venue, account)
    venue.give("fund", Decimal(fund))
    for order in book:
        size = Decimal(order["size"]) if order["side"] == "BUY" else -Decimal(order["size"])
        venue.rest(order["owner"], size, Decimal(order["price"]))
    return venue


def block_limits(inputs: Mapping[str, Any]) -> object:
    """Let one block liquidate the stated notional at the stated cost to the fund, and say what it still allows in another market.

    The market of the first liquidation has no caps of its own. The account is short there with no equity left, so the fund pays
    all that its close costs above mark; what the second market's caps leave is asked before the block ends.
    """
    first, second = inputs["previously_liquidated_market"], inputs["queried_market"]
    notional, lost = Decimal(inputs["previous_notional_liquidated"]), -Decimal(inputs["previous_fund_delta"])
    names = list(dict.fromkeys((second, first)))
    account = {"id": "debtor", "usdc": str(notional), "positions": [{"market": first, "size": str(-notional)}]}
    markets = [
        {"market": name, "initial_margin_fraction": "0.2", "maintenance_margin_fraction": "0.1"} for name in names
    ]
    case = {**inputs, "accounts": [account], "markets": markets, "oracle_prices": dict.fromkeys(names, "1")}
    ask = {"owner": "maker", "market": first, "side": "SELL", "size": str(notional), "price": str(1 + lost / notional)}
    limits = caps(case)
    block = Block(
        case,
        {first: ["close.style=market"], second: ["close.style=market", *limits]},
        second,
        [ask],
        sizes=[str(notional)],
    )
    venue, debtor = block.venue, block.venue.ids["debtor"]
    if first != second:  # the account has been in the other market, and left it
        for size in (notional, -notional):
            venue.enter("debtor", size, Decimal(1), block.markets[second])
    block.run()
    used = venue.exchange.block_use(debtor, block.markets[first])
    ensure(venue.money_of(used[0]) == notional, "the block liquidates what it did before", used=used)
    return _left(venue, venue.exchange.block_room(debtor, block.markets[second]))


def _left(venue: Venue, room: tuple[int, int, bool]) -> dict[str, object]:
    """Return what a block leaves under the chain's names."""
    notional, loss, may = room
    again = None if may else "ErrSubaccountHasLiquidatedPerpetual"
    over_notional = "ErrLiquidationExceedsSubaccountMaxNotionalLiquidated" if notional < 0 else None
    over_loss = "ErrLiquidationExceedsSubaccountMaxInsuranceLost" if loss < 0 else None
    return {
        "max_notional_liquidatable": venue.money_of(notional) if may and 0 <= notional < at.INF else None,
        "max_insurance_lost": venue.money_of(loss) if may and 0 <= loss < at.INF else None,
        "notional_error": again or over_notional,
        "insurance_error": again or over_loss,
        "panics": may and (notional < 0 or loss < 0),
    }


KINDS: Mapping[str, Callable[[Mapping[str, Any]], object]] = {
    "fund_can_cover": fund_can_cover,
    "liquidation_fund_delta": liquidation_fund_delta,
    "fund_gate_on_fill": fund_gate_on_fill,
    "isolated_market_fill": isolated_market_fill,
    "block_limits_remaining": block_limits,
}
