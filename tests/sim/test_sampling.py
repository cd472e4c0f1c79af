"""Intervals about sampling: worked by hand, and covering what they estimate 93 to 97 times in a hundred."""

from __future__ import annotations

from math import inf, log

import numpy as np
import pytest

from shortfall.errors import InvariantViolationError
from shortfall.sim.sampling import (
    effective_count,
    is_estimable,
    mean_interval,
    quantile_interval,
    quantile_ranks,
    rate_interval,
    student_quantile,
    wilson_interval,
)

Z2 = 3.841_458_820_694  # square of the normal quantile of 97.5 %


def test_wilson_of_none_of_ten_ends_at_z_squared_over_n_plus_z_squared() -> None:
    # (0 + z2/20 + z * sqrt(z2/400)) / (1 + z2/10) = (z2/20 + z2/20) / (1 + z2/10) = z2 / (10 + z2) = 3.8415 / 13.8415
    found = wilson_interval(0, 10)
    assert [found.low, found.high] == pytest.approx([0.0, Z2 / (10 + Z2)])
    assert wilson_interval(10, 10).low == pytest.approx(10 / (10 + Z2))
    assert wilson_interval(10, 10).high == 1.0


def test_wilson_of_half_is_symmetric_about_half() -> None:
    # p = 1/2, n = 100: half-width z * sqrt(1/400 + z2/40000) / (1 + z2/100) = 1.96 * 0.050951 / 1.038415 = 0.096168
    found = wilson_interval(50, 100)
    assert [found.low, found.high] == pytest.approx([0.403_832, 0.596_168], abs=1e-6)


def test_more_hits_than_draws_is_our_bug() -> None:
    with pytest.raises(InvariantViolationError):
        wilson_interval(11, 10)


def test_students_quantiles_are_those_of_the_tables() -> None:
    # one degree of freedom: tan(0.475 pi) = 12.7062; two: t = 0.95 * sqrt(2 / (1 - 0.95**2)) = 4.302653; the rest from printed tables
    assert student_quantile(1) == pytest.approx(12.706_205, rel=1e-6)
    assert student_quantile(2) == pytest.approx(0.95 * (2 / (1 - 0.95**2)) ** 0.5, rel=1e-9)
    found = [round(student_quantile(n), 3) for n in (3, 4, 9, 19, 120, 10_000)]
    assert found == [3.182, 2.776, 2.262, 2.093, 1.98, 1.96]


def test_the_interval_of_a_mean_by_hand() -> None:
    # 1, 2, 3: mean 2, standard deviation 1, t of 2 degrees 4.302653: 2 -+ 4.302653 / sqrt(3) = 2 -+ 2.484138
    found = mean_interval([1.0, 2.0, 3.0])
    assert [found.low, found.high] == pytest.approx([-0.484_138, 4.484_138], abs=1e-6)
    assert mean_interval([7.0]).is_bounded is False


def test_ranks_of_the_median_of_ten_are_two_and_nine() -> None:
    # Bin(10, 1/2): P(at most 0) = 1/1024, P(at most 1) = 11/1024 = 0.0107 <= 0.025, P(at most 2) = 56/1024 = 0.0547 > 0.025
    assert quantile_ranks(10, 0.5) == (2, 9)
    found = quantile_interval([10, 9, 8, 7, 6, 5, 4, 3, 2, 1], 0.5)
    assert (found.low, found.high) == (2.0, 9.0)


def test_few_draws_do_not_bound_a_far_quantile() -> None:
    # P(all 10 below the 95 % quantile) = 0.95**10 = 0.599 > 0.025: no draw bounds it from above
    # P(at most 7 below) = 0.0115 <= 0.025, P(at most 8 below) = 0.0861 > 0.025: the 8th bounds it from below
    found = quantile_interval(range(1, 11), 0.95)
    assert (found.low, found.high) == (8.0, inf)
    assert quantile_ranks(10, 0.05)[0] == 0


def test_large_counts_agree_with_exact_ones() -> None:
    # P(at most k) of Bin(60, 1/2) in whole numbers, over 2**60: k = 21 gives 0.01367, k = 22 gives 0.02595 > 0.025
    assert quantile_ranks(60, 0.5) == (22, 39)


def test_draws_worth_half_as_many_have_ranks_twice_as_far_apart() -> None:
    # twenty values worth ten: ranks 2 and 9 of ten stand for values 3 (index (2 - 1) * 2) and 18 (9 * 2)
    found = quantile_interval(range(1, 21), 0.5, count=10)
    assert (found.low, found.high) == (3.0, 18.0)


def test_the_rate_of_no_event_ends_at_minus_the_logarithm_of_the_tail() -> None:
    # exp(-x) = 0.025 at x = 3.688879; over 4 years 0.92222 a year
    found = rate_interval(0, 4.0)
    assert [found.low, found.high] == pytest.approx([0.0, -log(0.025) / 4])


def test_the_rate_of_five_events_is_garwoods() -> None:
    # printed limits of 5 events (Garwood 1936): 1.6235 and 11.6683
    found = rate_interval(5, 1.0)
    assert [found.low, found.high] == pytest.approx([1.6235, 11.6683], abs=1e-4)
    assert (is_estimable(4), is_estimable(5)) == (False, True)


def test_draws_that_are_all_the_same_in_a_group_are_worth_one_each() -> None:
    # variance of the 8 draws 2/7, of their mean 1/28; of the row means 1/3, of their mean 1/12; 8 * (1/28) / (1/12) = 24/7
    assert effective_count([[0, 0], [1, 1], [0, 0], [1, 1]]) == pytest.approx(24 / 7)
    assert effective_count([[0, 1], [1, 0], [0, 1]]) == 6.0
    assert effective_count([[0, 1, 1]]) == 1.0


def coverage(estimates: list[bool]) -> float:
    return sum(estimates) / len(estimates)


def test_the_intervals_cover_93_to_97_of_a_hundred() -> None:
    rng = np.random.Generator(np.random.PCG64(20_251_010))
    tries, count = 4_000, 200
    shares = [wilson_interval(int(hits), count).covers(0.3) for hits in rng.binomial(count, 0.3, tries)]
    rare = [wilson_interval(int(hits), 1_000).covers(0.02) for hits in rng.binomial(1_000, 0.02, tries)]
    means = [mean_interval(draws).covers(1.0) for draws in rng.exponential(1.0, (tries, count))]
    middles = [quantile_interval(draws, 0.5).covers(log(2)) for draws in rng.exponential(1.0, (tries, count))]
    far = [quantile_interval(draws, 0.9).covers(log(10)) for draws in rng.exponential(1.0, (tries, count))]
    # 100 events expected: the exact interval covers at least 95 % and little more
    rates = [rate_interval(int(events), 50.0).covers(2.0) for events in rng.poisson(100.0, 1_000)]
    for found in (shares, rare, means, middles, far, rates):
        assert 0.93 <= coverage(found) <= 0.97


def test_grouped_draws_are_covered_when_their_worth_counts_and_not_when_it_does_not() -> None:
    rng = np.random.Generator(np.random.PCG64(7))
    tries, groups, draws = 2_000, 20, 10
    chance = rng.beta(6, 4, (tries, groups))  # mean 0.6, differs by population
    hits = rng.binomial(1, chance[:, :, None], (tries, groups, draws))
    naive, worth = [], []
    for table in hits:
        share, effective = float(table.mean()), effective_count(table)
        naive.append(wilson_interval(int(table.sum()), table.size).covers(0.6))
        critical = student_quantile(groups - 1)
        worth.append(wilson_interval(share * effective, effective, critical=critical).covers(0.6))
    assert coverage(naive) < 0.93
    assert 0.93 <= coverage(worth) <= 0.97
