"""A dYdX v4 block as one instant of the engine: the chain's close, caps and pairs as rules, a case's book as resting orders.

The chain's deleveraging starts at a pseudo-random account; the engine draws nothing and starts at account 0. Ties in the order of
liquidations fall to the order's hash; here they fall to the lower account, and accounts are opened in the order of their names.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from shortfall.kernels import layout as at
from shortfall.model.commands import Order

from .dydx_v4_venue import open_account, rate_word, statement, venue_of
from .outcome import Unsupported
from .venue import MILLION, Venue, only

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from shortfall.model.events import Event

CHAIN: Final = (
    "close.settlement=each-fill", "close.rest=waits", "close.surplus=trader", "close.cross_order=market", "close.cross_price=ratio",
    "engine.order=limit-distance", "amount.once_per_block=yes", "takeover.fund=no", "unwinding.method=hold",
    "adl.batch=direct", "adl.eligible=overlap", "adl.rank=random-start", "waterfall=fund,adl",
)  # fmt: skip
LOSS_REFUSED: Final = {
    at.BOUND_CASH: "LiquidationRequiresDeleveraging",
    at.BOUND_BLOCK_LOSS: "LiquidationExceededSubaccountMaxInsuranceLost",
}


def caps(inputs: Mapping[str, Any]) -> list[str]:
    """Return the block's caps and the fee as rules; a limit that is null, or above eight times what all positions are worth, is no cap."""
    config, prices = inputs["liquidation_config"], inputs["oracle_prices"]
    held = [
        (position["size"], prices[position["market"]])
        for account in inputs["accounts"]
        for position in account["positions"]
    ]
    most = 8 * sum((abs(Decimal(size)) * Decimal(price) for size, price in held), Decimal(0))
    stated = {
        "amount.notional_per_block": config.get("max_notional_liquidated_per_subaccount_block_usd"),
        "amount.loss_per_block": config.get("max_insurance_lost_per_subaccount_block_usd"),
    }
    return [
        *(
            f"{rule}={Decimal(cap) if cap is not None and Decimal(cap) <= most else 0:f}"
            for rule, cap in stated.items()
        ),
        rate_word("close.liquidation_fee", config.get("max_liquidation_fee_rate", "0")),
    ]


def clip(config: Mapping[str, Any]) -> list[str]:
    """Return the bounds of a clip as rules."""
    floor = Decimal(config["min_position_notional_liquidated_usd"])
    share = rate_word("amount.share", config["max_position_portion_liquidated"])
    return ["amount.method=portion", share, f"amount.min_notional={floor:f}"]


def fillable(config: Mapping[str, Any]) -> list[str]:
    """Return the limit of the chain's own closing order as rules."""
    return [
        "close.style=fillable",
        rate_word("close.fillable_spread", config["spread_to_maintenance_margin_ratio"]),
        rate_word("close.bankruptcy_adjustment", config["bankruptcy_adjustment"]),
    ]


def limited(order: Mapping[str, Any], oracle: str) -> list[str]:
    """Return a stated limit of a closing order as rules: a market order inside a band, or no distance from mark at all."""
    away = abs(Fraction(Decimal(order["limit_price"])) / Fraction(Decimal(oracle)) - 1) * MILLION
    if away == 0:
        return ["close.style=fillable", "close.fillable_spread=0"]
    if away.denominator != 1:
        raise Unsupported("rate-finer-than-ppm")
    return ["close.style=market", f"bands.liquidation={Decimal(away.numerator) / 10_000}%"]


class Block:
    """One block of a case.

    Parameters
    ----------
    inputs : mapping
        The case: accounts, markets, oracle prices, fund.
    words : sequence of str
        Rules, behind those of the chain; or those of each market by its name.
    first : str
        The market that is worked on first.
    orders : sequence of mapping
        Resting orders, in the order in which they rest.
    fund : str or None
        Cash of the fund; None for more than anything can cost.
    sizes : sequence of str
        Further sizes that the first market must be able to say.
    """

    def __init__(
        self,
        inputs: Mapping[str, Any],
        words: Sequence[str] | Mapping[str, Sequence[str]],
        first: str,
        orders: Sequence[Mapping[str, Any]] = (),
        fund: str | None = None,
        *,
        sizes: Sequence[str] = (),
    ) -> None:
        accounts = inputs["accounts"]
        money = "0" if fund is None else str(2 * Decimal(fund))
        self.venue: Final = venue_of(
            inputs, first, accounts, _behind_the_chain(words), sizes=sizes, money=money, orders=orders
        )
        self.names: Final = sorted(account["id"] for account in accounts)
        self.markets: Final = {contract.symbol: k for k, contract in enumerate(self.venue.contracts)}
        for account in sorted(accounts, key=lambda account: str(account["id"])):
            open_account(self.venue, account)
        self.venue.give("fund", self.venue.money / 2 if fund is None else Decimal(fund))
        for owner in {order["owner"]: None for order in orders if order["owner"] not in self.names}:
            self.venue.account(owner, self.venue.money, at.MAKER)
        for number, order in enumerate(orders):
            self._rest(number + 1, order, self.markets[order.get("market", first)])

    def _rest(self, number: int, order: Mapping[str, Any], market: int) -> None:
        size = Decimal(order["size"]) if order["side"] == "BUY" else -Decimal(order["size"])
        lots, price = self.venue.lots(size, market), self.venue.ticks(Decimal(order["price"]), market)
        self.venue.exchange.must(Order(self.venue.ids[order["owner"]], market, lots, price, order=number))

    def run(self) -> list[Event]:
        """Let the block happen: one price tick, at the price that is there."""
        self.venue.happened()
        return self.venue.tick(self.venue.mark())

    def statements(self, accounts: Iterable[Mapping[str, Any]]) -> list[dict[str, object]]:
        """Return accounts as the chain states them."""
        return [statement(self.venue, account["id"]) for account in accounts]

    def filled(self, events: list[Event], name: str) -> Fraction:
        """Return the size that an account closed in the book."""
        fills = only(events, "TakerFilled", self.venue.ids[name])
        return sum((abs(self.venue.size_of(event["lots"], event.market)) for event in fills), Fraction(0))

    def info(self) -> dict[str, object]:
        """Return what the block used up, by account: markets worked on, notional, what the fund paid."""
        return {name: self._info(name) for name in self.names}

    def _info(self, name: str) -> dict[str, object]:
        used = {symbol: self.venue.exchange.block_use(self.venue.ids[name], k) for symbol, k in self.markets.items()}
        return {
            "markets_liquidated": [symbol for symbol, (_, _, tried) in used.items() if tried],
            "notional_liquidated": self.venue.money_of(sum(notional for notional, _, _ in used.values())),
            "insurance_lost": self.venue.money_of(sum(lost for _, lost, _ in used.values())),
        }

    def status(self, events: list[Event], name: str, market: str) -> str:
        """Return how the chain calls the end of an order."""
        refused = [e for e in only(events, "FillRefused", self.venue.ids[name]) if e.market == self.markets[market]]
        bounds = [LOSS_REFUSED[event["bound"]] for event in refused if event["bound"] in LOSS_REFUSED]
        return bounds[-1] if bounds else "Success"


def _behind_the_chain(words: Sequence[str] | Mapping[str, Sequence[str]]) -> list[str] | dict[str, list[str]]:
    if isinstance(words, Mapping):
        return {market: [*CHAIN, *own] for market, own in words.items()}
    return [*CHAIN, *words]


def spent_what_came_in(venue: Venue, events: list[Event], fund: str | None) -> bool:
    """Say whether the fund paid more in a block than it had before: out of what the same block brought it."""
    paid = sum((venue.money_of(event["amount_quote"]) for event in only(events, "FundPaid")), Fraction(0))
    return fund is not None and paid > Fraction(Decimal(fund))
