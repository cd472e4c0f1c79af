"""Tails by episode bootstrap: by hand, against the textbook's library, and what must not be said."""

from __future__ import annotations

import importlib
from itertools import pairwise
from math import exp, log

import numpy as np
import pytest

from shortfall.data.move_episodes import THRESHOLDS_PPM, contract_years, episodes_of, peaks
from shortfall.sim.bootstrap import Tail, fit_excess, interpolated, log_size, rate_of, resampled, worst_of_horizon
from shortfall.sim.sizetail import placed, rates

stats = importlib.import_module("scipy.stats")  # it ships no types
TINY = ((-100_000, -120_000), (-200_000,), (-110_000,), (-150_000,), (-300_000, -110_000))


def test_a_fall_of_half_and_a_doubling_are_of_one_size() -> None:
    assert log_size(-500_000) == pytest.approx(log(2))
    assert log_size(1_000_000) == pytest.approx(log(2))


def test_an_exponential_tail_has_the_worst_of_a_year_by_hand() -> None:
    # 2 peaks a year above 0.1 with mean excess 0.05: P(worst < x) = exp(-2 exp(-(x - 0.1) / 0.05)) = 0.9
    # -> x = 0.1 + 0.05 ln(2 / -ln 0.9) = 0.1 + 0.05 ln(18.9824) = 0.1 + 0.05 x 2.943515 = 0.247176
    tail = Tail(0.1, 0.05, 0.0, 2.0)
    assert tail.worst_of(1.0, 0.9) == pytest.approx(0.247176, abs=1e-6)
    assert tail.rate(0.247176) == pytest.approx(-log(0.9), rel=1e-4)
    # the worst stays below the threshold itself with exp(-2) = 13.5 %: 10 % lies below what was counted
    assert tail.worst_of(1.0, 0.1) is None


def test_a_heavy_tail_has_the_worst_of_a_year_by_hand() -> None:
    # shape 1, scale 0.05: rate(x) = 2 / (1 + (x - 0.1) / 0.05); rate = 0.5 at 1 + (x - 0.1) / 0.05 = 4, x = 0.25
    tail = Tail(0.1, 0.05, 1.0, 2.0)
    assert tail.rate(0.25) == pytest.approx(0.5)
    assert tail.worst_of(1.0, exp(-0.5)) == pytest.approx(0.25)


@pytest.mark.parametrize("shape", [-0.2, 0.3, 0.8])
def test_the_fit_is_the_one_of_scipy(shape: float) -> None:
    drawn = stats.genpareto.rvs(shape, scale=0.02, size=200, random_state=np.random.default_rng(5))
    theirs = stats.genpareto.fit(drawn, floc=0)
    ours = fit_excess(drawn)
    assert ours == pytest.approx((theirs[0], theirs[2]), abs=2e-3)
    likelihood = [float(stats.genpareto.logpdf(drawn, c, 0, s).sum()) for c, s in (ours, (theirs[0], theirs[2]))]
    assert likelihood[0] >= likelihood[1] - 1e-3


def test_a_resample_has_whole_episodes() -> None:
    episodes = [(1.0, 2.0), (3.0,)]
    drawn = resampled(episodes, seed=1, resamples=500)
    assert {episode for one in drawn for episode in one} == set(episodes)
    # a Poisson number of mean 2: standard error of the mean over 500 is sqrt(2 / 500) = 0.063
    assert sum(len(one) for one in drawn) / 500 == pytest.approx(2.0, abs=0.2)
    assert resampled(episodes, seed=1, resamples=500) == drawn


def test_fewer_than_five_episodes_are_not_estimable() -> None:
    assert worst_of_horizon(TINY[:4], 100_000, 10.0, "fall", (0.9,)).quantiles == ()
    found = worst_of_horizon(TINY, 100_000, 10.0, "fall", (0.9,), resamples=50)
    assert (found.episodes, found.peaks, len(found.quantiles)) == (5, 7, 1)


def test_the_interval_holds_the_estimate_and_the_tail_is_fitted_again_in_each_resample() -> None:
    found = worst_of_horizon(episodes_of("majors", "1h", "fall"), 50_000, contract_years("majors"), "fall", (0.5, 0.99))
    sizes = [
        [log_size(move or 0) for move in (one.interval_ppm[0], one.move_ppm, one.interval_ppm[1])]
        for one in found.quantiles
    ]
    assert all(low < point < high for low, point, high in sizes)
    # with the shape fixed a quantile's interval grows only with the scale; refitted it grows faster out in the tail
    assert sizes[1][2] / sizes[1][1] > 1.3 * sizes[0][2] / sizes[0][1]


def test_a_rate_is_counted_in_peaks_with_the_interval_of_its_episodes() -> None:
    # -10 % or more: all 5 episodes, 7 peaks, in 10 contract-years: 0.7 a year
    # Garwood for 5 events: 1.6235 to 11.6683; times 7 / 5 peaks an event over 10 years: 0.22729 to 1.63357
    found = rate_of(TINY, -100_000, 10.0)
    assert (found.events, found.peaks, found.per_year) == (5, 7, 0.7)
    assert found.interval == pytest.approx((0.22729, 1.63357), abs=1e-4)
    rare = rate_of(TINY, -150_000, 10.0)
    assert (rare.events, rare.per_year, rare.interval) == (3, None, None)


def test_a_need_is_straight_between_shocks_that_were_run() -> None:
    points = [(0.1, 100), (0.3, 500), (0.5, None)]
    assert interpolated(points, 0.2) == 300
    assert interpolated(points, 0.05) == 50  # from a move of 0, which needs nothing
    assert interpolated(points, 0.3) == 500
    assert interpolated(points, 0.4) is None
    assert interpolated(points, 0.6) is None


def test_a_move_beyond_the_largest_shock_has_no_need() -> None:
    points: dict[str, list[tuple[float, int | None]]] = {"calm": [(0.1, 10)], "hot": [(0.1, 30)]}
    assert placed(-99_000, points).beyond is True  # ln(1 / 0.901) = 0.1043
    assert placed(-1_000_000, points).beyond is True
    assert placed(None, points).range is None
    found = placed(round((exp(-0.05) - 1) * 1_000_000), points)
    assert found.range == (5, 15)


def test_episodes_are_in_time_order_and_above_their_threshold() -> None:
    for before, after in pairwise(peaks()):
        if (before.group, before.window, before.direction) == (after.group, after.window, after.direction):
            assert after.episode - before.episode in (0, 1)
    assert all(abs(one.move_ppm) >= THRESHOLDS_PPM[one.group, one.window] for one in peaks())


def test_the_worst_hours_of_a_class_are_too_few_to_have_a_rate() -> None:
    found = {(one.window, one.rate.move_ppm): one.rate for one in rates("large-alts")}
    assert found["1h", -811_618].events == 1
    assert found["1h", -811_618].per_year is None
    assert found["1h", -200_000].per_year is not None
