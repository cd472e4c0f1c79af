"""Shock paths: what moves, by how much, when, and in which grid of time."""

from __future__ import annotations

import numpy as np
import pytest

from shortfall.errors import InputError
from shortfall.sim.paths import MINUTE_US, SECOND_US, After, Shock, after_from_text, halved, shock_paths, time_grid

TOP = 1 << 22


def test_a_gap_moves_the_price_by_its_size_and_ends_there() -> None:
    """A fall of 20 % from 100,000 ticks ends at 80,000, straight in between, and holds."""
    paths = shock_paths(Shock(-200_000, 10 * SECOND_US), After("hold"), [100_000], [1.0], [TOP])
    shocked = paths.shocked_ticks[:, 0]
    assert shocked[paths.shock_end] == 80_000
    assert (shocked[paths.shock_end :] == 80_000).all()
    halfway = int(np.searchsorted(paths.times_us, 5 * SECOND_US + 5 * SECOND_US))
    assert shocked[halfway] == 90_000
    assert (paths.calm_ticks == 100_000).all()


def test_a_rebound_gives_half_of_the_shock_back_within_five_minutes() -> None:
    """100,000 falls to 80,000 and comes back to 90,000."""
    paths = shock_paths(Shock(-200_000), After("rebound", 500_000), [100_000], [1.0], [TOP])
    assert paths.shocked_ticks[-1, 0] == 90_000
    assert paths.shocked_ticks[paths.shock_end, 0] == 80_000


def test_a_drift_goes_on_by_its_share_over_an_hour() -> None:
    """80,000 drifts down by another 5 % to 76,000."""
    paths = shock_paths(Shock(-200_000), After("drift", -50_000), [100_000], [1.0], [TOP])
    assert paths.shocked_ticks[-1, 0] == 76_000


def test_a_pool_member_moves_by_its_beta_and_never_below_one_tick() -> None:
    """Beta 1.5 makes 20 % a fall of 30 %; a beta that would go below zero stops above it."""
    paths = shock_paths(Shock(-200_000), After("hold"), [100_000, 100_000, 10], [1.0, 1.5, 9.0], [TOP, TOP, TOP])
    assert list(paths.shocked_ticks[-1]) == [80_000, 70_000, 1]


def test_depth_thins_at_the_shock_and_refills_with_its_time_constant() -> None:
    """A tenth is left during the shock; one time constant later 1 - 0.9 / e is shown."""
    paths = shock_paths(Shock(-200_000, refill_us=MINUTE_US), After("hold"), [100_000], [1.0], [TOP])
    assert paths.depth_ppm[0] == 1_000_000
    assert paths.depth_ppm[paths.shock_end] == 100_000
    later = int(np.searchsorted(paths.times_us, paths.times_us[paths.shock_end] + MINUTE_US))
    assert paths.depth_ppm[later] == pytest.approx(1_000_000 * (1 - 0.9 / np.e), abs=1)


def test_time_never_runs_back_and_reaches_the_hour_after() -> None:
    """The grid is strictly increasing and ends 61 minutes after the shock, so that the hour's mark-out exists."""
    for over in (1, SECOND_US, 600 * SECOND_US):
        times, first, last = time_grid(Shock(-200_000, over))
        assert (np.diff(times) > 0).all()
        assert times[last] - times[first - 1] == over
        assert times[-1] - times[last] == 61 * MINUTE_US


def test_half_a_step_is_the_same_shock() -> None:
    """Only the step changes."""
    shock = Shock(-200_000, step_us=100_000)
    assert halved(shock) == Shock(-200_000, step_us=50_000)


@pytest.mark.parametrize("text", ["sideways", "rebound", "hold:5%", "drift:"])
def test_an_unknown_path_after_the_shock_is_refused_with_the_choices(text: str) -> None:
    """The error names what may be written."""
    with pytest.raises(InputError, match="Expected hold, rebound:SHARE or drift:SHARE"):
        after_from_text(text)


def test_paths_after_the_shock_are_read_with_their_sign() -> None:
    """Drift keeps its sign."""
    assert after_from_text("drift:-5%") == After("drift", -50_000)
    assert after_from_text("rebound:50%") == After("rebound", 500_000)
