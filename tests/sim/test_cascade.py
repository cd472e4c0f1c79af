"""A cascade taken apart: by hand on a few events, and on the engine where nobody can be set off by closes."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

from shortfall.kernels import layout as at
from shortfall.notebook import ask
from shortfall.report.cascades import sentence
from shortfall.sim.cascade import AGAIN, BY_CLOSES, BY_PRICE, SOONER, Cascade, Outside, rounds_of

OUTSIDE = Outside(1_000, np.array([0, 1_000, 2_000, 3_000]), np.array([100, 95, 90, 90]))


def marked(now: int, mark: int) -> list[int]:
    return [at.E_MARK_UPDATED << at.MARKET_BITS, -1, 0, mark, 0, mark, mark, now]


def triggered(account: int, mark: int, size: int) -> list[int]:
    return [at.E_LIQUIDATION_TRIGGERED << at.MARKET_BITS, account, 0, 1, mark, 0, 0, size]


def state(*rows: list[int]) -> Any:  # noqa: ANN401 - what is read of a state
    header = np.zeros(64, np.int64)
    header[at.H_EVENTS] = len(rows)
    return SimpleNamespace(header=header, events=np.array(rows, np.int64).reshape(-1))


def test_who_is_beyond_the_outside_price_was_set_off_by_it_and_who_is_not_by_closes() -> None:
    """Longs 1 and 2 with triggers 95 and 85; the mark falls to 94 and then, by closes, to 84 while the outside price is at 90.

    Long 1 of 2 lots at 94: the outside price of 95 had reached 95. Long 2 of 3 lots at 84: 90 never reaches 85, the mark had.
    Long 1 again, 1 lot at 84. With 10 units a tick and lot: 2 x 94 x 10 = 1,880; 3 x 84 x 10 = 2,520; 1 x 84 x 10 = 840.
    """
    ran = state(marked(1_000, 94), triggered(1, 94, 2), marked(2_500, 84), triggered(2, 84, 3), triggered(1, 84, 1))
    first, second = rounds_of(ran, np.array([0, 95, 85]), OUTSIDE, 10)
    assert (first.time_us, first.after_us, first.outside_ticks) == (0, None, 95)
    assert (first.notional[BY_PRICE], first.notional[BY_CLOSES]) == (1_880, 0)
    assert (second.time_us, second.after_us, second.outside_ticks) == (1_500, 0, 90)
    assert (second.notional[BY_CLOSES], second.notional[AGAIN], second.notional[BY_PRICE]) == (2_520, 840, 0)


def test_a_short_is_set_off_from_above() -> None:
    """A trigger of 101 with an outside price that is 100 at most: never reached from below, so the mark of 102 did it."""
    (only,) = rounds_of(state(marked(1_000, 102), triggered(1, 102, -4)), np.array([0, 101]), OUTSIDE, 1)
    assert only.accounts == {BY_PRICE: 0, SOONER: 0, BY_CLOSES: 1, AGAIN: 0}
    assert only.notional[BY_CLOSES] == 4 * 102


def test_what_the_outside_price_reaches_later_was_only_sooner() -> None:
    """A trigger of 92 while the outside price is at 95, which goes on to 90: sooner, and not by closes alone."""
    (only,) = rounds_of(state(marked(1_000, 91), triggered(1, 91, 5)), np.array([0, 92]), OUTSIDE, 1)
    assert only.accounts == {BY_PRICE: 0, SOONER: 1, BY_CLOSES: 0, AGAIN: 0}


def test_the_longest_chain_counts_rounds_in_a_row() -> None:
    """Closes set somebody off in rounds 2, 3 and 5: the longest chain is 2."""
    marks = [triggered(k, 84, 1) for k in range(5)]
    rows = [row for k, row in enumerate(marks) for row in (marked(3_000 + k, 84), row)]
    found = rounds_of(state(*rows), np.array([95, 85, 85, 95, 85]), OUTSIDE, 1)
    assert Cascade("x", "off", found).longest_chain == 2
    assert Cascade("x", "off", found).accounts(BY_CLOSES) == 3


def test_a_mark_that_follows_the_index_sets_nobody_off() -> None:
    """Under a mark that is the index alone, without feedback, every first liquidation is the outside price's."""
    document = ask("cascade binance BTCUSDT --accounts 1000 --set mark.method=index").document
    off = [one for one in document["members"] if one["feedback"] == "off"]
    assert any(one["accounts"][BY_PRICE] for one in off)
    assert not [one for one in off if one["accounts"][BY_CLOSES] + one["accounts"][SOONER]]
    assert "0.0 % with feedback off" in sentence(document)


def test_feedback_into_the_outside_price_sets_some_off() -> None:
    """With forced flow moving the price that everybody sees, closes are a cause of their own."""
    document = ask("cascade binance BTCUSDT --accounts 1000 --gap -40%").document
    on = [one["accounts"][BY_CLOSES] for one in document["members"] if one["feedback"] == "on"]
    assert max(on) > 0
