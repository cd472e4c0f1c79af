"""Binance USD-M perpetual futures: the rules behind `shortfall stress binance`.

Order of a liquidation (FAQ 360033525271 and 360033525371): all orders of the account are cancelled; one immediate-or-cancel order
tries to bring it back above maintenance; the rest is closed at the bankruptcy price and taken over by the insurance fund; if the
fund cannot take it, winners are deleveraged at the bankruptcy price (FAQ 360033525471). There is no published socialised loss.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

from shortfall.rules.cited import Assumed, Cited
from shortfall.rules.ruleset import MarginTier, RuleSet

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

READ: Final = date(2026, 11, 22)

VALUES: Final[dict[str, Cited | Assumed]] = {
    "mark.method": Cited("median", "Binance FAQ: Mark price in USD-M and COIN-M futures", READ),
    "mark.basis_interval": Cited("5s", "Binance FAQ: Mark price (30 samples, one per 5 seconds)", READ),
    "mark.basis_samples": Cited("30", "Binance FAQ: Mark price (30 samples, one per 5 seconds)", READ),
    "index.method": Cited("mean", "Binance FAQ 360033525071: Price index", READ),
    "index.clamp": Cited(
        "1%", "Binance price-index rules: a source beyond 3 % of the median is capped, 1 % for BTC and ETH", READ
    ),
    "engine.cancels": Cited("all", "Binance FAQ 360033525271: Liquidation protocols", READ),
    "amount.method": Cited(
        "tier", "Binance FAQ 360033525271: reduce, then close (modelled as drops of one tier, then whole)", READ
    ),
    "close.style": Cited("bankruptcy", "Binance FAQ 360033525271: the rest is closed at the bankruptcy price", READ),
    "close.surplus": Assumed(
        "fund", "the FAQ sends part of the remaining collateral to the fund; how much is not published"
    ),
    "close.cross_price": Assumed("all", "no bankruptcy price of one position of a cross account is published"),
    "takeover.fund_capacity": Assumed(
        "100%",
        "rule of 2019-22 (FAQ 360033525371): net notional up to 100 % of the fund; today's figure is not published",
    ),
    "unwinding.method": Assumed("share", "a preset algorithm sells the fund's inventory; it is not published"),
    "unwinding.share": Assumed("10%", "at most 10 % of visible depth per second"),
    "unwinding.depth_band": Assumed("2%", "visible depth counts up to 2 % from mark, as far as it was recorded"),
    "bands.unwinding": Assumed("5%", "no band of the fund's own orders is published"),
    "adl.rank": Cited("profit-leverage", "Binance FAQ 360033525471: PnL percent x effective leverage", READ),
    "adl.price": Cited(
        "bankruptcy", "Binance FAQ 360033525471: bankruptcy price of the initially liquidated order", READ
    ),
    "adl.eligible": Assumed("profitable-first", "what happens when profitable positions run out is not published"),
    "engine.delay": Assumed("0ms", "time from trigger to order is not published"),
    "engine.order": Assumed("worst-first", "the order of liquidations within an instant is not published"),
    "waterfall": Cited("fund,adl", "Binance FAQ 360033525471: ADL when the fund cannot accept the position", READ),
}


def rules_for(tiers: Sequence[MarginTier], liquidation_fee: Decimal, taker_fee: Decimal, maker_fee: Decimal) -> RuleSet:
    """Return the rule set of a contract.

    Parameters
    ----------
    tiers : sequence of MarginTier
        The contract's ladder.
    liquidation_fee, taker_fee, maker_fee : Decimal
        Fractions of notional. The liquidation fee is junior: charged only on what was sold, never beyond the equity left.
    """
    rules = RuleSet(tiers=tuple(tiers))
    for name, known in VALUES.items():
        rules = rules.changed(f"{name}={known.value}")
    for name, fee in (("close.liquidation_fee", liquidation_fee), ("fees.taker", taker_fee), ("fees.maker", maker_fee)):
        rules = rules.changed(f"{name}={int(fee * 1_000_000)}ppm")
    return rules


def assumed() -> tuple[tuple[str, str, str], ...]:
    """Return (rule, value, reason) of everything that is assumed."""
    return tuple((name, str(known.value), known.reason) for name, known in VALUES.items() if isinstance(known, Assumed))
