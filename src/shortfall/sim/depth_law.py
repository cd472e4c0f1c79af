"""How much depth makers show while the outside price moves: a stated constant, or a law that thins with speed and drawdown.

A law is a function of the driver path alone, so it is known before a run begins. With v the move of the outside price over the last ten
seconds and d its distance from the farthest price of the last fifteen minutes, both in logarithms and without sign,

    share = max(floor, exp(-(a v + b d)));

what is shown falls to it at once and comes back to it with a time constant. The speed and drawdown up to which a law was measured are part
of it; beyond them it is extrapolated, down to the floor and never below.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from math import log
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

MILLION: Final = 1_000_000
SPEED_WINDOW_US: Final = 10 * MILLION
DRAWDOWN_WINDOW_US: Final = 15 * 60 * MILLION
# the crash that the anchors speak of, 10 October 2025; both figures as stated in this project's specification (no public source recorded)
DEPTH_BEFORE: Final = 1_124  # million within 100 bps of one exchange
DEPTH_LEFT: Final = 284
TOP_LEFT_PPM: Final = 100_000  # top of book: nine tenths gone
# BTCUSDT, bar of 21:15 UTC on that day in the bundled series BTCUSDT_trade_15m_2025-10-10
ANCHOR_HIGH: Final = 112_539.5
ANCHOR_LOW: Final = 101_516.5
ANCHOR_DRAWDOWN: Final = log(ANCHOR_HIGH / ANCHOR_LOW)
ANCHOR_FALL_US: Final = 5 * 60 * MILLION  # assumed: how long that fall took; a bar of 15 minutes does not say
ANCHOR_SPEED: Final = ANCHOR_DRAWDOWN * SPEED_WINDOW_US / ANCHOR_FALL_US
CRASH: Final = "10 October 2025, as stated in this project's specification (no public source recorded)"
CONSTANT: Final = "constant"


@dataclass(frozen=True, slots=True)
class DepthLaw:
    """A law of depth left.

    Parameters
    ----------
    name, meaning, source : str
        For answers.
    speed_fall : float
        Fall of the logarithm of depth for a unit of logarithmic speed over ten seconds; 0 or more.
    drawdown_fall : float
        The same for a unit of logarithmic drawdown.
    floor_ppm : int
        Least share shown.
    measured_speed, measured_drawdown : float
        Up to where it was measured or anchored.
    refill_us : int or None
        Time constant with which depth comes back; None for that of the shock.
    exponent : float or None
        Cumulative depth grows with this power of the distance beyond what was recorded; None for constant density.
    """

    name: str
    meaning: str
    source: str
    speed_fall: float
    drawdown_fall: float
    floor_ppm: int
    measured_speed: float = ANCHOR_SPEED
    measured_drawdown: float = ANCHOR_DRAWDOWN
    refill_us: int | None = None
    exponent: float | None = None

    def share(self, speed: float, drawdown: float) -> float:
        """Return the share of normal depth at a speed and a drawdown, both in logarithms and without sign."""
        return float(max(self.floor_ppm / MILLION, np.exp(-(self.speed_fall * speed + self.drawdown_fall * drawdown))))

    def shown_ppm(self, times_us: NDArray[np.int64], prices: NDArray[np.float64], refill_us: int) -> NDArray[np.int64]:
        """Return the share of normal depth shown at each time of a path, to the nearest ppm.

        Parameters
        ----------
        times_us : array of int64, shape (steps,)
            Increasing.
        prices : array of float, shape (steps,)
            The outside price, above 0, in any unit.
        refill_us : int
            The shock's time constant, used where the law has none of its own.
        """
        speed, drawdown = motion(times_us, prices)
        targets = np.maximum(
            self.floor_ppm / MILLION, np.exp(-(self.speed_fall * speed + self.drawdown_fall * drawdown))
        )
        tau = max(1, refill_us if self.refill_us is None else self.refill_us)
        back = 1.0 - np.exp(-np.diff(times_us, prepend=times_us[0]) / tau)
        shown = np.empty(len(targets))
        now = 1.0
        for k, target in enumerate(targets):
            now = target if target <= now else now + (target - now) * back[k]
            shown[k] = now
        return np.rint(shown * MILLION).astype(np.int64)


def motion(times_us: NDArray[np.int64], prices: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return (speed over ten seconds, distance from the farthest price of fifteen minutes) at each time, logarithmic, without sign."""
    logs = np.log(prices)
    before = np.interp(times_us - SPEED_WINDOW_US, times_us, logs)
    high = _extreme(times_us, logs)
    low = -_extreme(times_us, -logs)
    return np.abs(logs - before), np.maximum(high - logs, logs - low)


def _extreme(times_us: NDArray[np.int64], values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the largest value within the drawdown window before each time, itself included."""
    kept: deque[int] = deque()
    found = np.empty(len(values))
    for k, value in enumerate(values):
        while kept and values[kept[-1]] <= value:
            kept.pop()
        kept.append(k)
        while times_us[kept[0]] < times_us[k] - DRAWDOWN_WINDOW_US:
            kept.popleft()
        found[k] = values[kept[0]]
    return found


def anchored(name: str, meaning: str, left: float) -> DepthLaw:
    """Return the law that leaves a share of depth at the anchor's speed and drawdown, half of the thinning due to each (assumed)."""
    each = -log(left) / 2
    return DepthLaw(name, meaning, CRASH, each / ANCHOR_SPEED, each / ANCHOR_DRAWDOWN, TOP_LEFT_PPM)


AT_100BPS: Final = anchored(
    "oct10-100bps",
    f"depth within 100 bps of one exchange, {DEPTH_BEFORE} M before and {DEPTH_LEFT} M in the crash",
    DEPTH_LEFT / DEPTH_BEFORE,
)
AT_TOP: Final = anchored("oct10-top", "top of book in the crash, nine tenths gone", TOP_LEFT_PPM / MILLION)
# the family that a model range can include; None is the constant that the shock states (--depth-left)
DEPTH_LAWS: Final[Mapping[str, DepthLaw | None]] = {CONSTANT: None, AT_100BPS.name: AT_100BPS, AT_TOP.name: AT_TOP}
DEPTH_LAW_ASSUMED: Final = (
    (
        "depth laws of 10 October 2025: half of the thinning is due to speed and half to drawdown (one figure cannot tell them apart), the "
        "recorded fall of 9.8 % took five minutes (a bar of 15 minutes does not say), and no less than a tenth is ever shown"
    ),
    "the figure within 100 bps is used for every distance; the top of book, where more went, is the other law",
)
