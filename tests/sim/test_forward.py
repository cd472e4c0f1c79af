"""A population run forward: who is liquidated on which day, by hand and by the engine's trigger prices."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from shortfall.sim.forward import BURN_IN_DAYS, CALENDARS, Calendar, calendar_of, live, walked
from shortfall.sim.members import FAMILY, NAMES, Member, member
from shortfall.sim.population import Candidates, Wanted, draw, triggers

if TYPE_CHECKING:
    from shortfall.sim.market import MarketInput

# two bars a day for three days; day 1 falls to 80, day 2 rises to 130
BY_HAND = Calendar(
    "by hand",
    np.array([100.0, 100.0, 90.0]),
    np.array([99.0, 99.0, 95.0, 80.0, 88.0, 90.0]),
    np.array([101.0, 101.0, 101.0, 96.0, 110.0, 130.0]),
    np.array([0, 0, 1, 1, 2, 2]),
    0.5,
)
LATE = 99.0  # closes long after the calendar ends


def test_accounts_are_counted_on_the_day_on_which_their_trigger_is_touched() -> None:
    """One long of 6 and one short of 2 open in the first bar; their triggers are 85 and 120, then small ones far away.

    Day 0: (101 - 99) / 100 = 2 %, nobody. Day 1: range (101 - 80) / 100 = 21 %; the long goes at 80: 6 lots. Open interest at its start
    is half of 6 + 2 and of 1 + 1 (bar 1): 5, so 6 / 5. Day 2: range (130 - 88) / 90; the short goes at 130: 2 lots over half of 2 + 2 + 2
    + 2 = 4 (bars 0 to 3 without the long), so 2 / 4.
    """
    lots = np.array([6, -2, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1])
    trigger = np.array([85, 120, *[1, 999] * 5])
    lived = walked(BY_HAND, lots, trigger, np.full(12, LATE))
    assert lived.range_share == pytest.approx([0.02, 0.21, 42 / 90])
    assert lived.liquidated_share == pytest.approx([0.0, 6 / 5, 2 / 4])


def test_who_closed_before_is_not_liquidated() -> None:
    """The long of before closes at 2.5 bars: it stands at the start of bar 2 (low 95) and is gone when bar 3 touches 80."""
    lots = np.array([6, -2, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1])
    trigger = np.array([85, 120, *[1, 999] * 5])
    closed = np.full(12, LATE)
    closed[0] = 2.5
    assert walked(BY_HAND, lots, trigger, closed).liquidated_share[1] == 0.0
    closed[0] = 3.5
    assert walked(BY_HAND, lots, trigger, closed).liquidated_share[1] == pytest.approx(6 / 5)


def test_nobody_is_liquidated_in_the_bar_in_which_it_opens() -> None:
    """The long opens in bar 3, whose low is 80; its trigger of 85 is above everything of that bar and below the rest (88, 90)."""
    lots = np.array([1, -1, 1, -1, 1, -1, 6, -2, 1, -1, 1, -1])
    trigger = np.array([*[1, 999] * 3, 85, 999, *[1, 999] * 2])
    assert not walked(BY_HAND, lots, trigger, np.full(12, LATE)).liquidated_share.any()


def test_triggers_are_the_engines(btc_inputs: tuple[MarketInput, ...]) -> None:
    """Leverage 10 in the first tier (0.4 %), entry 630,000 ticks.

    Long: 0.1 x 630,000 + p - 630,000 < 0.004 p below p = 567,000 / 0.996 = 569,277.1. Short: 63,000 + 630,000 - p < 0.004 p above p =
    693,000 / 1.004 = 690,239.04. The engine's key is the last tick at which the account still stands: 569,278 and 690,239. A third
    account makes longs and shorts unequal, and does not matter.
    """
    item = btc_inputs[0]
    drawn = Candidates(np.array([1, -1, 3]), np.full(3, 630_000), np.full(3, 10.0), np.zeros(3, np.int64))
    assert list(triggers(item.spec, item.mark_ticks, drawn)[:2]) == [569_278, 690_239]


def test_holding_time_follows_from_turnover() -> None:
    """Volume of 3.55 times open interest a day, a fifth of it held: 2 / (3.55 x 0.2) = 2.817 days. The user's own accounts have none."""
    assert member("fresh").held_share == 0.2
    assert member("fresh").holding_days == pytest.approx(2.8169, abs=1e-4)
    assert Member("own", 0.0, 0.0, 0.0, 0.0, "").holding_days == 0.0
    assert max(one.holding_days for one in FAMILY) < BURN_IN_DAYS / 2


def test_drawing_the_age_is_the_same_as_closing_on_the_way(btc_inputs: tuple[MarketInput, ...]) -> None:
    """Opened in each of 5,000 bars and closed after an exponential time of mean m, those open at the end have age m on average.

    m = 2.8169 days = 16.90 bars of four hours; the error of a mean of n exponential ages is m / sqrt(n). Drawn ages are whole bars,
    rounded down, and on average half a bar more.
    """
    item, bars = btc_inputs[0], 5_000
    held = member("fresh").holding_days / item.history.bar_days
    rng = np.random.Generator(np.random.PCG64(5))
    opened = np.repeat(np.arange(bars), 20) + rng.random(20 * bars)
    still = opened + rng.exponential(held, len(opened)) > bars
    ages = bars - opened[still]
    drawn = draw(item.spec, item.history, Wanted(member("fresh"), 20_000, item.interest_lots, item.mark_ticks, 1))
    drawn_ages = len(item.history.low) - 1 - drawn.bar + 0.5
    assert len(ages) == pytest.approx(20 * held, rel=0.2)
    assert ages.mean() == pytest.approx(held, abs=4 * held / np.sqrt(len(ages)))
    assert drawn_ages.mean() == pytest.approx(held, abs=4 * held / np.sqrt(len(drawn_ages)))


@pytest.mark.parametrize("group", sorted(CALENDARS))
def test_a_calendar_is_2022_in_whole_days(group: str) -> None:
    """365 days of six bars each; the median close is the mark."""
    calendar = calendar_of(group, 1_000)
    assert list(np.bincount(calendar.day)) == [6] * 365
    assert len(calendar.opened) == 365
    assert calendar.bar_days * 6 == 1.0
    assert (calendar.low <= calendar.high).all()
    assert calendar.low.min() < 1_000 < calendar.high.max()


def test_more_leverage_is_liquidated_more_on_the_same_days(btc_inputs: tuple[MarketInput, ...]) -> None:
    """Equal in everything else, five times the leverage loses more on every kind of day together, and the same seed repeats it."""
    item = btc_inputs[0]
    calendar = calendar_of("majors", item.mark_ticks)
    low, high, again = (
        live(
            item.spec,
            calendar,
            Wanted(Member("x", leverage, 0.8, 0.055, 1.2, ""), 20_000, item.interest_lots, item.mark_ticks, 1),
        ).liquidated_share
        for leverage in (2.0, 10.0, 10.0)
    )
    assert len(low) == 365 - BURN_IN_DAYS
    assert high.mean() > 3 * low.mean() > 0
    assert np.array_equal(high, again)


def test_names_are_those_of_the_family_from_calm_to_hot() -> None:
    """Five at least; the three that the documentation, the tests and older commands name are among them."""
    assert tuple(one.name for one in FAMILY) == NAMES
    assert len(set(NAMES)) == len(NAMES) >= 5
    assert (NAMES[0], NAMES[-1]) == ("calm", "hot")
    assert "middle" in NAMES
