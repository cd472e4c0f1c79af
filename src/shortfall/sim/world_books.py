"""The two books of a run, line by line: who paid at mark, and what left which account in cash."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from shortfall.kernels import layout as at

if TYPE_CHECKING:
    from shortfall.sim.world_running import WorldRun


@dataclass(frozen=True, slots=True)
class ValueLine:
    """One layer of the value book: signed, positive paid, negative received, against mark."""

    key: str
    words: str
    amount: int


@dataclass(slots=True)
class CashBook:
    """Cash that the waterfall of one market moved, in smallest units.

    Parameters
    ----------
    deficit : int
        What flat accounts were short: the debit.
    paid : dict of account to amount
        Holders that paid.
    socialised : dict of account to amount
        Winners that were charged.
    uncovered : int
        What nobody covered. Deficit = paid + socialised + uncovered.
    surplus, fees : int
        What funds received: what was left after whole closes, and liquidation fees.
    """

    deficit: int = 0
    paid: dict[int, int] = field(default_factory=dict)
    socialised: dict[int, int] = field(default_factory=dict)
    uncovered: int = 0
    surplus: int = 0
    fees: int = 0


def value_lines(run: WorldRun, market: int) -> list[ValueLine]:
    """Return the layers of a market's value book; they add up to what was returned less the equity left."""
    value = run.results[market].value
    pool = (
        [ValueLine("liquidity", "liquidity pool, what accounts could not pay", value.liquidity)]
        if value.liquidity
        else []
    )
    return [
        ValueLine("fund_cash", "fund and pool, cash paid less surplus and fees", value.fund_cash),
        ValueLine("backstop_takeover", "backstop, takeover price against mark", value.backstop_result),
        ValueLine("fund_takeover", "fund, takeover price against mark", value.fund_result),
        ValueLine("pool_takeover", "pool, takeover price against mark", value.pool_result),
        ValueLine("adl_transfer", "winners cut by ADL, price against mark", value.adl_transfer),
        ValueLine("socialised_loss", "winners charged a socialised loss", value.socialised),
        *pool,
        ValueLine("uncovered_claim", "nobody: uncovered claim", value.carried),
    ]


def cash_book(run: WorldRun, market: int) -> CashBook:
    """Return the cash book of a market, from its events alone."""
    book = CashBook()
    for event in run.events:
        if event.market != market:
            continue
        if event.name == "DeficitRealised":
            book.deficit += event["deficit_quote"]
        elif event.name in {"FundPaid", "LiquidityAbsorbed"}:
            book.paid[event.account] = book.paid.get(event.account, 0) + event["amount_quote"]
        elif event.name == "LossSocialised":
            book.socialised[event.account] = book.socialised.get(event.account, 0) + event["socialised_loss_quote"]
        elif event.name == "ClaimUncovered":
            book.uncovered += event["amount_quote"]
        elif event.name == "FundReceived" and event["cause"] == at.CAUSE_LIQUIDATION_FEE:
            book.fees += event["amount_quote"]
        elif event.name == "FundReceived":
            book.surplus += event["amount_quote"]
    return book


def settlement_of(run: WorldRun, market: int) -> int:
    """Return what a market's settlement account holds at the end: paid to winners, still owed by open losers."""
    return run.exchange.price(market, at.M_SETTLEMENT)
