"""What one stress run came to, as named figures in settlement units: the numbers that tables, JSON and pictures show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from shortfall.kernels import stress
from shortfall.sim.paths import MILLION, MINUTE_US

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from shortfall.engine.results import MarketResult
    from shortfall.sim.market import Laboratory
    from shortfall.sim.run import Outcome

MARK_OUT_MINUTES: Final = (1, 5, 60)


@dataclass(frozen=True, slots=True)
class Measures:
    """Figures of one market in one run. Money in settlement units, signed where it says so.

    Parameters
    ----------
    paid_by : dict
        Layer to what it paid at mark: positive paid, negative received; with `returned` and `equity_left` it adds up to the unit.
    mark_outs : dict
        Minutes to what winners of ADL gave up against the mark that many minutes later (signed; negative: they gained).
    makers_bought, makers_sold, makers_peak : int
        What the makers took on either side, net within a step, and the most that they held after a trade; at the mark of the moment.
    index_shift_ppb : int
        Farthest that forced flow moved the outside price, signed.
    rehedged_notional : int
        What cut hedgers hold again at the end, at the last mark.
    interest_after_ppm : int
        Open interest in lots at the end, of what it was; rounded down.
    """

    result: MarketResult
    paid_by: dict[str, int]
    mark_outs: dict[int, int | None]
    fund_cash_before: int
    fund_cash_lowest: int
    fund_cash_after: int
    fund_equity_lowest: int
    fund_equity_after: int
    inventory_after_lots: int
    inventory_after_notional: int
    collected: int
    interest_before_notional: int
    mark_end_ticks: int
    drift: int
    touched: int
    events: int
    makers_bought: int
    makers_sold: int
    makers_peak: int
    index_shift_ppb: int
    rehedged_notional: int
    interest_after_ppm: int

    @property
    def fund_pays(self) -> bool:
        """Say whether the fund's equity at mark fell below what it began with plus what it collected in this event."""
        return self.result.cash_paid > 0 or self.fund_equity_lowest < self.fund_cash_before

    @property
    def exhausted(self) -> bool:
        """Say whether its cash or capacity refused a position."""
        return self.result.refused_lots > 0

    @property
    def full(self) -> bool:
        """Say whether a layer refused a position for another reason than cash: it may hold no more, or takes none by rule."""
        return self.result.refused_capacity_lots > 0

    @property
    def out_of_cash(self) -> bool:
        """Say whether a layer refused a position for want of cash, or a fund that had cash was left without."""
        return self.result.refused_cash_lots > 0 or self.fund_cash_lowest <= 0 < self.fund_cash_before

    @property
    def deleverages(self) -> bool:
        """Say whether anybody was deleveraged."""
        return self.result.adl_lots > 0


def paid_by(result: MarketResult) -> dict[str, int]:
    """Return who paid at mark, by layer, signed."""
    book = result.value
    return {
        "fund cash (deficits less surplus and fees)": book.fund_cash,
        "fund inventory at takeover": book.fund_result,
        "pool inventory at takeover": book.pool_result,
        "backstop inventory at takeover": book.backstop_result,
        "winners (ADL)": book.adl_transfer,
        "socialised": book.socialised,
        "liquidity pool": book.liquidity,
        "venue's own money": book.venue_cash,
        "inventory handed on to winners": book.handed_on,
        "clips while they waited": book.clearing_result + book.pending,
        "carried, uncovered": book.carried,
    }


def measure(lab: Laboratory, outcome: Outcome, market: int = 0) -> Measures:
    """Return the figures of a market of a recorded run."""
    result, extra = outcome.results[market], outcome.extra[market]
    contract = lab.inputs[market].contract
    series = outcome.series
    mark = int(series[-1, market, stress.Z_MARK]) if series is not None else lab.inputs[market].mark_ticks
    inventory = int(extra[stress.O_INVENTORY_AFTER])
    before = lab.inputs[market]
    return Measures(
        result=result,
        paid_by=paid_by(result),
        mark_outs=_mark_outs(series, market, contract.multiplier),
        fund_cash_before=int(extra[stress.O_CASH_BEFORE]),
        fund_cash_lowest=result.fund_low,
        fund_cash_after=int(extra[stress.O_CASH_AFTER]),
        fund_equity_lowest=result.equity_low,
        fund_equity_after=int(extra[stress.O_EQUITY_AFTER]),
        inventory_after_lots=inventory,
        inventory_after_notional=abs(inventory) * mark * contract.multiplier,
        collected=sum(r.surplus + r.fees for r in outcome.results),
        interest_before_notional=before.interest_lots * before.mark_ticks * contract.multiplier,
        mark_end_ticks=mark,
        drift=int(extra[stress.O_DRIFT]),
        touched=int(extra[stress.O_TOUCHED]),
        events=int(extra[stress.O_EVENTS]),
        makers_bought=int(extra[stress.O_MAKERS_BOUGHT]),
        makers_sold=int(extra[stress.O_MAKERS_SOLD]),
        makers_peak=int(extra[stress.O_MAKERS_PEAK]),
        index_shift_ppb=int(extra[stress.O_SHIFT]),
        rehedged_notional=abs(int(extra[stress.O_REHEDGED])) * mark * contract.multiplier,
        interest_after_ppm=int(extra[stress.O_OPEN_INTEREST_AFTER])
        * MILLION
        // max(1, int(extra[stress.O_OPEN_INTEREST_BEFORE])),
    )


def _mark_outs(series: NDArray[np.int64] | None, market: int, multiplier: int) -> dict[int, int | None]:
    """Return what winners gave up against later marks: amount of each close less its lots at the mark m minutes later.

    A close after which the run is shorter than m minutes is judged at the run's last mark, so the hour's figure needs an hour.
    """
    if series is None or not series[-1, market, stress.Z_ADL_LOTS]:
        return dict.fromkeys(MARK_OUT_MINUTES)
    rows = series[:, market]
    lots = np.diff(rows[:, stress.Z_ADL_LOTS], prepend=0)
    amounts = np.diff(rows[:, stress.Z_ADL_AMOUNT], prepend=0)
    closed = np.flatnonzero(lots)
    out: dict[int, int | None] = {}
    for minutes in MARK_OUT_MINUTES:
        later = np.searchsorted(rows[:, stress.Z_TIME], rows[closed, stress.Z_TIME] + minutes * MINUTE_US)
        marks = rows[np.minimum(later, len(rows) - 1), stress.Z_MARK]
        out[minutes] = sum(
            int(a) - int(n) * int(x) * multiplier for a, n, x in zip(amounts[closed], lots[closed], marks, strict=True)
        )
    return out
