"""What a market's events came to: the value book, the cash book, liquidations, inventory, ADL, as named integers.

The value book holds the identity of `design`: fund cash + takeover result + ADL transfers + socialised + carried, all signed and
positive when paid, equal minus the equity that positions left behind plus what was returned to traders. The two sides come from
different places (money that moved, and equity before and after), so the identity can fail and is checked.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Final

from shortfall.errors import ensure
from shortfall.kernels import layout as at

if TYPE_CHECKING:
    from shortfall.engine.exchange import Exchange
    from shortfall.kernels.native import Rows


@dataclass(frozen=True, slots=True)
class ValueBook:
    """Who paid at mark, signed: positive paid, negative received, in settlement units.

    Parameters
    ----------
    fund_cash : int
        Cash that fund and pool paid for deficits less surplus and liquidation fees they received.
    backstop_result, fund_result, pool_result : int
        Takeover price against mark when positions were taken over.
    adl_transfer : int
        What deleveraged winners gave up against mark.
    socialised : int
        What those in profit were charged.
    liquidity : int
        What liquidity pools went without because an account could not pay.
    carried : int
        Claims nobody covered.
    equity_left : int
        Sum of accounts' equity after their own fills, the rest at mark, as positions left them (signed).
    returned : int
        What the accounts kept.
    handed_on : int
        Inventory of holders that went to winners: mark less the price at which it was handed on (negative: received).
    venue_cash : int
        What the venue paid out of its own money less its share of surplus and liquidation fees.
    clearing_result : int
        What clips gained against mark while they waited for winners or were sold in the book (signed).
    pending : int
        Cost less worth at mark of the clips that still wait.
    """

    fund_cash: int
    backstop_result: int
    fund_result: int
    pool_result: int
    adl_transfer: int
    socialised: int
    liquidity: int
    carried: int
    equity_left: int
    returned: int
    handed_on: int = 0
    venue_cash: int = 0
    clearing_result: int = 0
    pending: int = 0

    @property
    def paid(self) -> int:
        """Return the sum over the layers."""
        return (
            self.fund_cash + self.backstop_result + self.fund_result + self.pool_result + self.adl_transfer + self.socialised
            + self.liquidity + self.carried + self.handed_on + self.venue_cash + self.clearing_result + self.pending
        )  # fmt: skip

    @property
    def difference(self) -> int:
        """Return what the two sides of the identity differ by: 0 for linear contracts."""
        return self.paid - (self.returned - self.equity_left)


@dataclass(frozen=True, slots=True)
class MarketResult:
    """Everything a market counted since it was built or reset; money in settlement units, sizes in lots, times in microseconds."""

    liquidations: int
    accounts: int
    liquidated_lots: int
    liquidated_notional: int
    book_lots: int
    book_notional: int
    above_lots: int
    below_lots: int
    taken_lots: int
    taken_notional: int
    surplus: int
    fees: int
    deficit: int
    cash_paid: int
    adl_lots: int
    adl_notional: int
    adl_price_notional: int
    adl_closes: int
    adl_transfer_mark: int
    adl_transfer_index: int
    adl_by_capacity_lots: int
    adl_by_loss_lots: int
    adl_batches: int
    socialised: int
    carried: int
    inventory_realised: int
    inventory_sold_lots: int
    inventory_peak_notional: int
    inventory_low: int
    fund_low: int
    fund_low_time: int
    equity_low: int
    extrapolated_lots: int
    extrapolated_notional: int
    fills: int
    rejected: int
    partial: int
    withdrawn: int
    refused_lots: int
    refused_cash_lots: int
    refused_capacity_lots: int
    first_paid_time: int
    first_exhausted_time: int
    first_adl_time: int
    value: ValueBook


COLUMNS: Final = {
    "liquidations": at.T_LIQUIDATIONS,
    "accounts": at.T_ACCOUNTS,
    "liquidated_lots": at.T_LIQUIDATED_LOTS,
    "liquidated_notional": at.T_LIQUIDATED_NOTIONAL,
    "book_lots": at.T_BOOK_LOTS,
    "book_notional": at.T_BOOK_NOTIONAL,
    "above_lots": at.T_ABOVE_LOTS,
    "below_lots": at.T_BELOW_LOTS,
    "taken_lots": at.T_TAKEN_LOTS,
    "taken_notional": at.T_TAKEN_NOTIONAL,
    "surplus": at.T_SURPLUS,
    "fees": at.T_FEES,
    "deficit": at.T_DEFICIT,
    "adl_lots": at.T_ADL_LOTS,
    "adl_notional": at.T_ADL_NOTIONAL,
    "adl_price_notional": at.T_ADL_PRICE_NOTIONAL,
    "adl_closes": at.T_ADL_CLOSES,
    "adl_transfer_mark": at.T_ADL_TRANSFER,
    "adl_transfer_index": at.T_ADL_TRANSFER_INDEX,
    "adl_by_capacity_lots": at.T_ADL_BY_CAPACITY,
    "adl_by_loss_lots": at.T_ADL_BY_LOSS,
    "adl_batches": at.T_ADL_BATCHES,
    "socialised": at.T_SOCIALISED,
    "carried": at.T_CARRIED,
    "inventory_realised": at.T_INVENTORY_REALISED,
    "inventory_sold_lots": at.T_INVENTORY_SOLD_LOTS,
    "inventory_peak_notional": at.T_INVENTORY_PEAK_NOTIONAL,
    "inventory_low": at.T_INVENTORY_LOW,
    "fund_low": at.T_FUND_LOW,
    "fund_low_time": at.T_FUND_LOW_TIME,
    "equity_low": at.T_EQUITY_LOW,
    "extrapolated_lots": at.T_EXTRAPOLATED_LOTS,
    "extrapolated_notional": at.T_EXTRAPOLATED_NOTIONAL,
    "fills": at.T_FILLS,
    "rejected": at.T_REJECTED,
    "partial": at.T_PARTIAL,
    "withdrawn": at.T_WITHDRAWN,
    "refused_lots": at.T_REFUSED_LOTS,
    "refused_cash_lots": at.T_REFUSED_CASH,
    "refused_capacity_lots": at.T_REFUSED_CAPACITY,
    "first_paid_time": at.T_FIRST_PAID_TIME,
    "first_exhausted_time": at.T_FIRST_EXHAUSTED_TIME,
    "first_adl_time": at.T_FIRST_ADL_TIME,
}


def result_from_stats(stats: Rows, market: int) -> MarketResult:
    """Return the results of a market from a state's rows of statistics."""
    t = market << at.STATS
    numbers = {name: int(stats[t + column]) for name, column in COLUMNS.items()}
    received = numbers["surplus"] + numbers["fees"]
    fund_cash = sum(int(stats[t + c]) for c in (at.T_CASH_BACKSTOP, at.T_CASH_FUND, at.T_CASH_POOL))
    value = ValueBook(
        fund_cash=fund_cash,
        backstop_result=int(stats[t + at.T_TAKEN_RESULT_BACKSTOP]),
        fund_result=int(stats[t + at.T_TAKEN_RESULT_FUND]),
        pool_result=int(stats[t + at.T_TAKEN_RESULT_POOL]),
        adl_transfer=numbers["adl_transfer_mark"],
        socialised=numbers["socialised"],
        liquidity=int(stats[t + at.T_LIQUIDITY_PAID]),
        carried=numbers["carried"],
        equity_left=int(stats[t + at.T_EQUITY]),
        returned=int(stats[t + at.T_RETAINED]),
        handed_on=int(stats[t + at.T_HANDED_ON]),
        venue_cash=int(stats[t + at.T_CASH_EQUITY]),
        clearing_result=int(stats[t + at.T_WAITED]),
        pending=int(stats[t + at.T_PENDING]),
    )
    return MarketResult(cash_paid=fund_cash + received, value=value, **numbers)


def market_result(exchange: Exchange, market: int) -> MarketResult:
    """Return the results of a market of an exchange."""
    return result_from_stats(exchange.state.stats, market)


def check_value_book(result: MarketResult, *, inverse: bool) -> None:
    """Check the identity of the value book: to the unit for linear contracts, within a unit per clip for inverse ones.

    Raises
    ------
    InvariantViolationError
        If it does not hold.
    """
    room = 4 * (result.liquidations + result.adl_closes + 1) if inverse else 0
    ensure(
        abs(result.value.difference) <= room,
        "the layers pay what positions left behind, plus what was returned to traders",
        paid=result.value.paid,
        equity_left=result.value.equity_left,
        returned=result.value.returned,
        difference=result.value.difference,
    )


RESULT_FIELDS: Final = tuple(item.name for item in fields(MarketResult))
