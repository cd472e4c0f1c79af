"""Fits of makers' depth on samples that are worked by hand, and the law that they make."""

from __future__ import annotations

from math import exp, log
from pathlib import Path

import numpy as np
import pytest

from shortfall.data.l2 import BookSample, load_book_sample
from shortfall.data.liquidity_file import LiquidityFile, load_liquidity, write_liquidity
from shortfall.data.series import load_series
from shortfall.errors import DataError
from shortfall.sim.depth_law import ANCHOR_DRAWDOWN, ANCHOR_SPEED, AT_100BPS, AT_TOP, DepthLaw
from shortfall.sim.fit import file_of, fit_depth, fit_liquidity, fit_thinning, law_of, recoveries

BANDS = np.array([1.0, 2.0, 5.0, 10.0, 20.0])
SHARED = Path(__file__).parents[3] / "shared" / "data"
SECOND = 1_000_000


def sample(mid: np.ndarray, depth: np.ndarray, kind: str = "levels") -> BookSample:
    """Return a sample of a row a second."""
    return BookSample("made", "0" * 64, kind, np.arange(len(mid), dtype=float), mid, BANDS, depth)


def test_a_power_law_is_found_again_and_extrapolates_without_a_miss() -> None:
    """D(x) = 800 (x / 100) ** 1.5 for bids, 400 for asks."""
    shape = (BANDS / 100) ** 1.5
    found = fit_depth(sample(np.full(3, 10.0), np.tile(np.stack([800 * shape, 400 * shape]), (3, 1, 1))))
    assert found is not None
    assert found.exponent == pytest.approx(1.5)
    assert found.at_100bps == pytest.approx((800, 400))
    assert found.rms_log == pytest.approx(0, abs=1e-12)
    assert found.held_out_power == pytest.approx(0, abs=1e-12)
    # constant density: D(5) + (D(10) - D(5)) / 5 * 10, over D(20), with the common factor out: 5**1.5 = 11.1803, 10**1.5 = 31.6228,
    # 20**1.5 = 89.4427; from 10 on with the density of the ring 5 to 10: 31.6228 + 4.08849 * 10 = 72.5077; / 89.4427 - 1 = -0.18934
    assert found.held_out_density == pytest.approx(-0.18934, abs=1e-5)


def test_two_bands_are_not_enough_for_a_law() -> None:
    """With the deeper three unseen on one side there is nothing to fit."""
    depth = np.ones((3, 2, 5)).cumsum(axis=2)
    depth[:, 1, 2:] = np.nan
    assert fit_depth(sample(np.full(3, 10.0), depth)) is None


def moving(seconds: int, speed_fall: float, drawdown_fall: float, noise: float = 0.0) -> BookSample:
    """Return a sample whose depth follows a law exactly (or with noise) along a wave that drifts."""
    t = np.arange(seconds)
    rng = np.random.Generator(np.random.PCG64(3))
    logs = 0.002 * np.sin(t / 17) - 0.000_01 * t + 0.0004 * np.sin(t / 3)
    before = np.interp(t - 10, t, logs)
    high, low = np.maximum.accumulate(logs), np.minimum.accumulate(logs)  # the sample is shorter than fifteen minutes
    away = np.maximum(high - logs, logs - low)
    depth = np.exp(-(speed_fall * np.abs(logs - before) + drawdown_fall * away) + noise * rng.normal(size=seconds))
    return sample(100 * np.exp(logs), depth[:, None, None] * np.ones((seconds, 2, 5)) * BANDS)


def test_thinning_is_found_again_where_the_sample_has_it() -> None:
    """300 for a unit of log speed, 40 for a unit of log drawdown, no noise: found to the digit, all explained."""
    found = fit_thinning(moving(600, 300, 40), 1)
    assert found.speed is not None
    assert found.drawdown is not None
    assert [found.speed.fall, found.drawdown.fall] == pytest.approx([300, 40], rel=1e-6)
    assert found.speed.is_identified
    assert found.drawdown.is_identified
    assert found.explained == pytest.approx(1)


def test_depth_that_does_not_answer_to_the_price_is_not_identified_and_keeps_the_anchor() -> None:
    """Noise only: the interval holds 0, and the law of the file is the anchor's."""
    fit = fit_liquidity(moving(600, 0, 0, 0.2))
    assert fit.thinning.speed is not None
    assert fit.thinning.speed.interval.low < 0 < fit.thinning.speed.interval.high
    law = law_of(file_of(fit))
    assert (law.speed_fall, law.drawdown_fall) == (AT_100BPS.speed_fall, AT_100BPS.drawdown_fall)
    assert law.exponent is not None


def test_a_short_sample_says_nothing_about_thinning() -> None:
    """Two minutes are six blocks of twenty seconds."""
    found = fit_thinning(moving(120, 300, 40), 1)
    assert found.speed is None
    assert "6 blocks" in found.reason


def wave(episodes: int) -> np.ndarray:
    """Return depth of 100 that falls to 20 at second 60, 140, ... and then grows by 10 a second back to 100."""
    depth = np.full(60 + 80 * episodes, 100.0)
    for k in range(episodes):
        depth[60 + 80 * k : 69 + 80 * k] = 20 + 10 * np.arange(9)
    return depth


def test_the_time_constant_of_a_recovery_worked_by_hand() -> None:
    """Of 80 missing, 80 / e = 29.4 may still be missing: depth 70.6, reached at 80, six seconds after the lowest."""
    found, unfinished = recoveries(np.arange(140.0), wave(1))
    assert (found, unfinished) == ([6.0], 0)


def test_a_depletion_that_the_sample_does_not_see_healed_is_unfinished() -> None:
    """Down to 20 until the end."""
    depth = np.full(100, 100.0)
    depth[60:] = 20
    assert recoveries(np.arange(100.0), depth) == ([], 1)


@pytest.mark.parametrize(("episodes", "tau"), [(2, None), (3, 6.0)])
def test_below_five_episodes_refill_is_not_estimable(episodes: int, tau: float | None) -> None:
    """Both sides have them: two are four episodes, three are six."""
    depth = wave(episodes)
    fit = fit_liquidity(sample(np.full(len(depth), 10.0), depth[:, None, None] * np.ones((len(depth), 2, 5)) * BANDS))
    assert len(fit.refill.taus_s) == 2 * episodes
    assert fit.refill.tau_s == tau


def test_the_anchors_of_the_crash_are_met() -> None:
    """284 of 1,124 M is 252,669 ppm, and a tenth of the top of book, at the fall of 112,539.5 to 101,516.5 in five minutes."""
    for law, left_ppm in ((AT_100BPS, 252_669), (AT_TOP, 100_000)):
        assert law.share(ANCHOR_SPEED, ANCHOR_DRAWDOWN) * 1e6 == pytest.approx(left_ppm, abs=1)
        times = np.arange(0, 601 * SECOND, SECOND)
        fall = 112_539.5 * (101_516.5 / 112_539.5) ** np.clip((times - 300 * SECOND) / (300 * SECOND), 0, 1)
        assert law.shown_ppm(times, fall, 300 * SECOND).min() == pytest.approx(left_ppm, abs=1)


def test_the_anchor_is_the_recorded_bar_of_that_evening() -> None:
    """The bar of 21:15 UTC in the bundled series."""
    bars = load_series("binance/BTCUSDT_trade_15m_2025-10-10")
    lowest = min(range(len(bars.low_price)), key=lambda k: bars.low_price[k])
    assert (float(bars.high_price[lowest]), float(bars.low_price[lowest])) == (112_539.5, 101_516.5)


def test_depth_falls_at_once_and_comes_back_with_the_time_constant() -> None:
    """A law of 10 a unit of drawdown: a fall by a logarithm of 0.1 leaves exp(-1) until, after fifteen minutes, the high is forgotten."""
    law = DepthLaw("made", "", "", 0.0, 10.0, 1_000)
    quarter, tau = 900 * SECOND, 60 * SECOND
    times = np.array([1, 2 * SECOND, 2 * SECOND + quarter, 2 * SECOND + quarter + tau])
    prices = np.array([1.0, exp(-0.1), exp(-0.1), exp(-0.1)])
    shown = law.shown_ppm(times, prices, tau)
    # at the third step fifteen minutes have passed, and of the way back all but exp(-15) is gone
    assert shown[:2].tolist() == [1_000_000, 367_879]
    assert shown[2] == pytest.approx(1e6 * (1 - (1 - exp(-1)) * exp(-15)), abs=1)
    short = law.shown_ppm(np.array([1, 2, 3 + quarter, 4 + quarter]), prices, 2 * quarter)
    assert short[2] == pytest.approx(1e6 * (1 - (1 - exp(-1)) * exp(-0.5)), abs=2)


def test_a_law_sees_rises_as_it_sees_falls() -> None:
    """Mirror in logarithms: the same depth to the ppm."""
    times = np.arange(0, 1_500 * SECOND, SECOND)
    logs = 0.05 * np.sin(np.arange(len(times)) / 100)
    assert np.array_equal(
        AT_100BPS.shown_ppm(times, np.exp(logs), SECOND), AT_100BPS.shown_ppm(times, np.exp(-logs), SECOND)
    )


def test_a_fit_reads_back_as_it_was_written(tmp_path: Path) -> None:
    """Every digit; what is unknown stays unknown."""
    found = LiquidityFile("a book.csv", "ab" * 32, 1.0 / 3, 25.0, 213.7, None, 0.001, 0.002, None)
    write_liquidity(tmp_path / "f.toml", found)
    assert load_liquidity(tmp_path / "f.toml") == found


def test_everything_wrong_with_a_fit_is_told_at_once(tmp_path: Path) -> None:
    """Schema, a missing number, a negative one, a field that is none."""
    (tmp_path / "f.toml").write_text(
        'schema = "other/1"\nsample = "x"\nsha256 = "y"\nmeasured_speed = 0.1\nspeed_fall = -1\nextra = 2\n',
        encoding="utf-8",
    )
    with pytest.raises(DataError) as raised:
        load_liquidity(tmp_path / "f.toml")
    assert {found.path for found in raised.value.findings} == {"schema", "measured_drawdown", "speed_fall", "extra"}


@pytest.mark.skipif(not SHARED.is_dir(), reason="recorded samples are not on this machine")
def test_the_recorded_samples_can_be_read_and_say_what_they_can() -> None:
    """Eight minutes of BTCUSDT in a calm hour have too few depletions; two minutes of SUIUSDT say nothing about thinning."""
    calm = fit_liquidity(
        load_book_sample(SHARED / "binance_l2_hftbacktest" / "usdm_btcusdt_20240718_19_depth_1s.csv.gz")
    )
    assert calm.depth is not None
    assert 0.5 < calm.depth.exponent < 2.0
    assert not calm.refill.is_estimable
    short = fit_liquidity(load_book_sample(SHARED / "binance_l2_100lv_mpanac_20240921" / "SUIUSDT_2024-09-21.csv.gz"))
    assert short.thinning.speed is None
    assert short.depth is not None
    assert log(short.depth.bands_bps[-1]) == pytest.approx(log(500))
