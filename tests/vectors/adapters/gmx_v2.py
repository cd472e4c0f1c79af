"""GMX v2: a liquidity pool as the counterparty, in whose tokens results are settled; liquidation, insolvent close, ADL by factor.

USD is the settlement asset, tokens are collateral in it. Positions open with tokens worth ten times as much and at the stated
entry price; then the index moves, then the token, so that the check happens at the stated prices.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from shortfall.model.commands import DeleverageWithPool, Order, SettleFunding, Withdraw
from shortfall.model.events import REASONS

from .outcome import Disagreement, Unsupported
from .scales import Wanted
from .venue import Listing, Venue, only, ppm, rules_with, tier, triggered

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

COIN: Final = "COIN"
RICH: Final = 10  # how many times its stated price a token is worth while positions open
SIZE_DECIMALS: Final = Decimal("0.00000001")
FACTOR: Final = Decimal("0.01")
POOL_RULES: Final = (
    "counterparty.kind=pool", "counterparty.settles_in=kind", "waterfall=liquidity", "margin.basis=entry",
    "close.surplus=trader", "profit.withdrawal=counts",
)  # fmt: skip


def answer(kind: str, inputs: Mapping[str, Any]) -> object:
    """Answer a case."""
    return KINDS.get(kind, _unknown)(inputs)


def _unknown(_inputs: Mapping[str, Any]) -> object:
    raise Unsupported("kind-without-an-adapter")


@dataclass(frozen=True, slots=True)
class Stated:
    """A position as a case states it."""

    side: str
    size_usd: Decimal
    entry: Decimal

    @property
    def size(self) -> Decimal:
        """Return the signed size in tokens of the index, to the nearest 10**-8."""
        size = (self.size_usd / self.entry).quantize(SIZE_DECIMALS).normalize()
        return size if self.side == "long" else -size


class PoolVenue(Venue):
    """A market against a pool, with one token as collateral.

    Parameters
    ----------
    positions : sequence of Stated
        What will be opened.
    index : Decimal
        A price that the scale has to say.
    money : Decimal
        An amount that one account must be able to hold.
    words : str
        Further rules.
    """

    def __init__(
        self, positions: list[Stated], index: Decimal, money: Decimal, *words: str, factor: Decimal = FACTOR
    ) -> None:
        prices = tuple({position.entry for position in positions} | {index})
        wanted = Wanted("INDEX", prices, tuple(abs(position.size) for position in positions))
        rules = rules_with([tier(factor, initial=factor)], *POOL_RULES, *words)
        super().__init__([Listing(wanted, rules, fund=None, liquidity="lp")], 4 * Fraction(money), [COIN])
        self.tick(positions[0].entry)

    def trade(self, name: str, size: Decimal) -> int:
        """Trade with the pool; returns lots, or minus the reason."""
        return self.exchange.submit(Order(self.ids[name], 0, self.lots(size)))


def stated(position: Mapping[str, Any], side: str = "") -> Stated:
    """Read a position."""
    return Stated(side or position["side"], Decimal(position["size_usd"]), Decimal(position["entry_price"]))


def _opened(inputs: Mapping[str, Any]) -> PoolVenue:
    """Open one position with tokens as collateral and bring it to the stated prices, the index first."""
    position = inputs["position"]
    price, amount = Decimal(inputs["collateral_price"]), Decimal(position["collateral_amount"])
    if Decimal(inputs["fees"]) != 0 or Decimal(inputs["price_impact"]) != 0:
        raise Unsupported("price-impact")
    least = f"counterparty.min_collateral={inputs['min_collateral_usd']}"
    said = stated(position)
    worth = said.size_usd + RICH * RICH * price * amount
    venue = PoolVenue(
        [said], Decimal(inputs["index_price"]), worth, least, factor=Decimal(inputs["min_collateral_factor"])
    )
    venue.token_price(COIN, RICH * price)
    venue.account("trader")
    venue.bring("trader", COIN, amount)
    venue.bring("lp", COIN, RICH * amount)
    venue.trade("trader", said.size)
    venue.happened()
    return venue


def liquidation_check(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Say whether a position is liquidated at the stated prices."""
    return _liquidated(_opened(inputs), inputs)


def _liquidated(venue: PoolVenue, inputs: Mapping[str, Any]) -> dict[str, Any]:
    events = venue.tick(Decimal(inputs["index_price"]))
    venue.token_price(COIN, Decimal(inputs["collateral_price"]))
    return {"liquidatable": triggered([*events, *venue.happened()], venue.ids["trader"])}


def liquidation_settle(inputs: Mapping[str, Any]) -> object:
    """Liquidate; say what trader and pool are left with, in the token."""
    venue = _opened(inputs)
    before = venue.tokens("lp", COIN)
    said = _liquidated(venue, inputs)
    name = f"user_receives_{inputs['position']['collateral_token'].lower()}"
    return said | {name: venue.tokens("trader", COIN), "pool_long_token_delta": venue.tokens("lp", COIN) - before}


def _with_winners(inputs: Mapping[str, Any]) -> PoolVenue:
    """Open the positions of a side before a pool of tokens, with the stated factors of ADL."""
    price, amount = Decimal(inputs["pool_long_token_price"]), Decimal(inputs["pool_long_token_amount"])
    positions = [stated(position, inputs["side"]) for position in inputs["positions"]]
    factors = (
        f"counterparty.adl_start={ppm(Decimal(inputs['max_pnl_factor_for_adl'])) / Decimal(10_000)}%",
        f"counterparty.adl_stop={ppm(Decimal(inputs['min_pnl_factor_after_adl'])) / Decimal(10_000)}%",
    )
    venue = PoolVenue(positions, Decimal(inputs["index_price"]), 4 * price * amount, *factors)
    venue.token_price(COIN, price)
    venue.bring("lp", COIN, amount)
    for k, (position, said) in enumerate(zip(inputs["positions"], positions, strict=True)):
        venue.account(f"trader {k}")
        venue.bring(f"trader {k}", COIN, Decimal(position["collateral_eth"]))
        venue.trade(f"trader {k}", said.size)
    venue.happened()
    return venue


def adl_state(inputs: Mapping[str, Any]) -> object:
    """Move the index; say whether ADL is on and what the side has won."""
    venue = _with_winners(inputs)
    names = [f"trader {k}" for k in range(len(inputs["positions"]))]
    before = sum(venue.health(name)[0] for name in names)
    switched = only(venue.tick(Decimal(inputs["index_price"])), "PoolAdlSwitched")
    won = sum(venue.health(name)[0] for name in names) - before
    return {"adl_enabled": bool(switched) and switched[-1]["is_on"] == 1, "pnl_usd": won}


def adl_execute(inputs: Mapping[str, Any]) -> object:
    """Ask for a cut of a size; say what was closed, or why it was refused."""
    venue = _with_winners(inputs)
    venue.tick(Decimal(inputs["index_price"]))
    lots = venue.lots(
        (Decimal(inputs["size_delta_usd"]) / Decimal(inputs["positions"][0]["entry_price"])).quantize(SIZE_DECIMALS)
    )
    result = venue.exchange.submit(DeleverageWithPool(venue.ids["trader 0"], 0, lots))
    return {"error": REASONS[-result]} if result < 0 else {"closed": venue.size_of(result)}


def capped_pnl_sequence(inputs: Mapping[str, Any]) -> object:
    """Close one position after another; say what each may take out."""
    positions = [stated(position, "long") for position in inputs["positions"]]
    price, cap = Decimal(inputs["exit_price"]), inputs["max_pnl_factor_for_traders"]
    pool = Decimal(inputs["pool_usd"])
    words = [f"counterparty.long_backing={Decimal(inputs['long_share_of_pool']) * 100}%"]
    words += [f"counterparty.profit_cap={Decimal(cap) * 100}%"] if cap is not None else []
    venue = PoolVenue(positions, price, 4 * pool, *words)
    venue.give("lp", pool)
    for k, (position, said) in enumerate(zip(inputs["positions"], positions, strict=True)):
        venue.account(f"trader {k}", Decimal(position["collateral_usdc"]))
        venue.trade(f"trader {k}", said.size)
    venue.tick(price)
    payouts = []
    for k, said in enumerate(positions):
        venue.trade(f"trader {k}", -said.size)
        payouts.append(venue.cash(f"trader {k}"))
        venue.exchange.must(Withdraw(venue.ids[f"trader {k}"], venue.units(payouts[-1])))
    return {"payouts_usdc": payouts}


def insolvent_close(inputs: Mapping[str, Any]) -> object:
    """Let funding take more than there is, try to close, then be liquidated: the profit of the close is the pool's whole loss."""
    position = inputs["position"]
    said, price = stated(position), Decimal(inputs["index_price"])
    usd, eth = Decimal(inputs["pool"]["usdc"]), Decimal(inputs["pool"]["eth"])
    venue = PoolVenue([said], price, 16 * (usd + eth * said.entry), "engine.delay=1s")
    venue.token_price(COIN, said.entry)
    venue.give("lp", usd)
    venue.bring("lp", COIN, eth)
    venue.account("trader", Decimal(position["collateral_usdc"]))
    venue.trade("trader", said.size)
    venue.tick(price)
    rate = Decimal(inputs["funding_fee_due_usdc"]) / (abs(said.size) * price)
    venue.exchange.must(SettleFunding(0, round(rate.scaleb(9))))
    refused = venue.trade("trader", -said.size)
    events = venue.wait(2_000_000)
    after = {"eth": venue.tokens("lp", COIN), "usdc": venue.cash("lp")}
    answered = {
        "normal_close_error": REASONS.get(-refused, ""),
        "liquidation_allowed": triggered(events, venue.ids["trader"]) or bool(only(events, "ClipClosed")),
        "user_receives": max(Fraction(0), venue.cash("trader")),
        "pool_after": after,
        "pool_value_at_5000": after["usdc"] + after["eth"] * 5_000,
    }
    return Disagreement("a-millionth-for-the-pool", answered)


KINDS: Final[Mapping[str, Callable[[Mapping[str, Any]], object]]] = {
    "adl_state": adl_state,
    "adl_execute": adl_execute,
    "liquidation_check": liquidation_check,
    "liquidation_settle": liquidation_settle,
    "capped_pnl_sequence": capped_pnl_sequence,
    "insolvent_close": insolvent_close,
}
