"""Metrics of mark, ADL and runs worked by hand; planted histories are found, empty ones stay empty, no signal stays unknown."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
import pytest

from shortfall.assess.laboratory import near_lots
from shortfall.assess.metrics import adl, mark, stated
from shortfall.data.figure_records import (
    NAMES,
    AdlSignal,
    Constituent,
    ContractFigures,
    Figure,
    LiquidationPrint,
    State,
)

if TYPE_CHECKING:
    from shortfall.assess.metrics.record import Metric


NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
BARE = ContractFigures("v", "ABC", (), "ABC", "USDT", "USDT", "linear")


def ends(found: Metric) -> tuple[object, object]:
    """Return the lowest and the highest value."""
    return found.low, found.high


def figure(name: str, value: str | int) -> Figure:
    """Return a retyped figure."""
    return Figure(name, Decimal(value), NAMES[name], State.RETYPED, "a page")


def signal(minutes: int, state: str) -> AdlSignal:
    """Return a signal some minutes after noon."""
    return AdlSignal(state, recognised=True, at=NOON + timedelta(minutes=minutes))


def test_sources_and_their_dispersion() -> None:
    held = (Constituent("a", Decimal(1), price=Decimal(100)), Constituent("b", Decimal(1), price=Decimal(101)))
    found = replace(
        BARE,
        constituents=held,
        figures=(figure("constituents", 2), figure("mark_price", 102), figure("index_price", 100)),
    )
    assert mark.sources(found).number() == 2
    assert mark.dispersion(found).number() == 100  # 1 of 100
    assert mark.mark_against_index(found).number() == 200  # 2 of 100
    assert not mark.sources(BARE).known
    assert not mark.dispersion(BARE).known


def test_false_liquidations_are_those_that_the_twin_does_not_have() -> None:
    # (12 - 2) of 100 and (5 - 5) of 50
    found = mark.false_liquidations("k", "a wick", (12, 5), (2, 5), (100, 50), inputs=())
    assert ends(found) == (0, Decimal("0.1"))
    assert not mark.false_liquidations("k", "a wick", (), (), (), inputs=()).known


def test_planted_adl_is_found_as_episodes() -> None:
    states = ["adl_end", "bal_adl_start", "bal_adl_start", "adl_end", "adl_end", "pos_adl_start"]
    history = [signal(k, state) for k, state in enumerate(states)]
    assert adl.episodes(history) == (NOON + timedelta(minutes=1), NOON + timedelta(minutes=5))
    assert adl.episodes([signal(0, "adl_end")]) == ()
    assert adl.episodes([AdlSignal("bal_adl_start", recognised=False, at=NOON)]) == ()


def test_signals_an_hour_apart_are_episodes_of_their_own_and_a_rating_tells_none() -> None:
    assert len(adl.episodes([signal(0, "deleveraged"), signal(60, "deleveraged"), signal(121, "deleveraged")])) == 2
    assert adl.tells([signal(0, "deleveraged"), signal(1, "adl_end")])
    assert not adl.tells([signal(0, "low")])


def test_a_frequency_needs_five_events_and_states_the_exact_interval() -> None:
    # 10 events in half a year: 20 a year; Garwood for 10: 4.795 to 18.39, over 0.5 years 9.59 to 36.8
    times = tuple(NOON + timedelta(days=k) for k in range(10))
    found = adl.adl_frequency(adl.Watched(times, Decimal("182.625"), "a store"))
    assert found.number() == 20
    assert found.note == "95 % interval 9.59 to 36.8 a year"
    few = adl.adl_frequency(adl.Watched(times[:4], Decimal("365.25"), "a store"))
    assert few.low is None
    assert few.words.startswith("4 events in 365.25 days: not estimable")


def test_an_empty_history_stays_empty_and_no_history_stays_unknown() -> None:
    # nothing in a year: up to -log(0.025) = 3.69 a year
    empty = adl.adl_frequency(adl.Watched((), Decimal("365.25"), "a store"))
    assert empty.known
    assert "0 events" in empty.words
    assert "0 to 3.69 a year" in empty.words
    for metric in (adl.adl_frequency(None), adl.negative_liquidations(None), adl.adl_state(BARE)):
        assert not metric.known
        assert metric.low is None


def test_published_liquidations_are_a_lower_bound() -> None:
    prints = tuple(LiquidationPrint(str(k), NOON, "long", Decimal(100), "fill", Decimal(k)) for k in (1, 2))
    found = adl.published_liquidations(replace(BARE, liquidations=prints, figures=(figure("liquidations", 2),)))
    assert found.number() == 300
    assert "lower bound" in found.note
    assert not adl.published_liquidations(BARE).known


def test_what_is_near_liquidation_counts_both_ends_and_each_side_alone() -> None:
    # mark 1,000, 10 %: longs from 900 on, shorts up to 1,100
    lots = np.array([5, 7, 1, -3, -4, -2])
    triggers = np.array([900, 899, 990, 1_100, 1_101, 1_000])
    assert near_lots(lots, triggers, 1_000, 100_000) == (6, 5)


def test_the_fund_over_the_potential_negative_balance() -> None:
    none = stated.negative_balance("a fall", (Decimal(0),), "USDT", (), "n")
    some = stated.negative_balance("a fall", (Decimal(20), Decimal(50)), "USDT", (), "n")
    assert ends(some) == (20, 50)
    found = stated.fund_over_negative(Decimal(100), some, "USDT")
    assert ends(found) == (2, 5)
    assert stated.fund_over_negative(Decimal(100), none, "USDT").words.startswith("no bound")
    assert not stated.fund_over_negative(None, some, "USDT").known


def test_what_is_available_is_not_made_up() -> None:
    assert stated.available_alone(Decimal(9), "USDT", (), "").number() == 9
    assert not stated.available_alone(None, "USDT", (), "nobody knows").known
    assert not stated.available_after_others((), "USDT", (), "nobody knows").known
    left = stated.available_after_others((Decimal(3), Decimal(-1)), "USDT", (), "")
    assert ends(left) == (-1, 3)
    assert stated.share_consumed((Decimal("0.25"),), (), "").number() == Decimal("0.25")


def test_the_smallest_gap_of_each_model_makes_the_range() -> None:
    found = stated.from_gap("g", "smallest fall", (50_000, 150_000, None), 600_000)
    assert ends(found) == (Decimal("0.05"), Decimal("0.15"))
    assert found.note == "in some models in no gap up to 60 %"
    assert stated.from_gap("g", "smallest fall", (None, None), 600_000).words == "in no gap up to 60 %"
    assert not stated.from_gap("g", "smallest fall", (), 600_000, reason="the fund is unknown").known


@pytest.mark.parametrize("make", [stated.share_cut, stated.above_bankruptcy])
def test_shares_over_models(make: object) -> None:
    if make is stated.share_cut:
        found, none = stated.share_cut((0.5, 0.0), "x", "k", ()), stated.share_cut((), "x", "k", (), "why")
    else:
        found, none = stated.above_bankruptcy((0.5, 0.0), ()), stated.above_bankruptcy((), (), "why")
    assert ends(found) == (0, Decimal("0.5"))
    assert (none.known, none.reason) == (False, "why")
