"""Named scenarios: frozen, composable paths of the outside price, of the index and of the depth that makers show.

A scenario says what kind of path it is. A *driver* is the outside index without this venue's forced flow; an *observed* path
imposes recorded prices and lets forced orders move nothing; a *shock* is stated. Bars of a perp's own trades are never a driver, so
the historical moves give a shock its size and nothing else. What the stress kernel cannot express is listed in `LEFT_OUT` and not
imitated.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from shortfall.data.worst_moves import CLASSES, OTHERS, worst_move
from shortfall.errors import Finding, InputError
from shortfall.sim.depeg import Depeg
from shortfall.sim.paths import CALM_STEPS, MILLION, MINUTE_US, SECOND_US, After, Paths, Shock, hour_after, usual_afters

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

KINDS: Final = ("driver", "observed", "shock")
STEPS_PER_LEG: Final = 600
SHORTEST_STEP_US: Final = 100_000
LOWEST_PPM: Final = -950_000
HIGHEST_PPM: Final = 3_000_000
LEAST_LEFT: Final = 0.03  # a price never falls below this share of where it began
FAST_US: Final = (
    10 * MINUTE_US
)  # assumed: an hourly bar does not say how fast; on 10 October 2025 most of the fall took minutes
HOUR_US: Final = 60 * MINUTE_US
LARGEST: Final = "largest"
LARGEST_FACTOR: Final = 10.0


@dataclass(frozen=True, slots=True)
class Leg:
    """A straight piece of the outside price.

    Parameters
    ----------
    to_ppm : int
        Where the price is at its end, against the price before the scenario (0 is where it began).
    over_us : int
        How long it takes.
    depth_ppm : int
        Share of normal depth that makers show meanwhile.
    at_once : bool
        The venue sees only the end: nothing is quoted, marked or liquidated in between (an outage), or it is a gap.
    """

    to_ppm: int
    over_us: int
    depth_ppm: int = 100_000
    at_once: bool = False


@dataclass(frozen=True, slots=True)
class PriceScenario:
    """A named scenario.

    Parameters
    ----------
    name, meaning : str
        What it is called, and one line about it.
    kind : str
        driver, observed or shock.
    legs : tuple of Leg
        The outside price; empty for an observed path.
    mode : str
        common (everybody sees it), venue (this venue's makers; its index sees `index_delay_us` and `index_frozen_us`), source (one of
        three index sources).
    joint : bool
        Whether the other members of the pool move too, each by its recorded beta.
    index_delay_us : int
        The index follows the outside price so much later (only in mode venue; 0: it does not follow at all).
    index_frozen_us : int
        The index repeats its old value for so long and then follows (only in mode venue).
    largest : bool
        Whether the largest account that each tier allows stands just above its maintenance margin, on both sides.
    depeg : Depeg or None
        What accounts hold as collateral falls at once, before the first leg.
    alike : bool
        Whether every member of the pool moves by the same share, whatever its beta: the currency moves and not the contracts.
    path : str or None
        Name of the recorded path of an observed scenario.
    finer : int
        Steps are so many times shorter than usual.
    """

    name: str
    meaning: str
    kind: str = "shock"
    legs: tuple[Leg, ...] = ()
    mode: str = "common"
    joint: bool = True
    index_delay_us: int = 0
    index_frozen_us: int = 0
    largest: bool = False
    depeg: Depeg | None = None
    alike: bool = False
    path: str | None = None
    finer: int = 1

    @property
    def shock(self) -> Shock:
        """Return the scenario's size, length, mode and least depth as a shock, for words and bounds."""
        deepest = max(self.legs, key=lambda leg: abs(leg.to_ppm)).to_ppm
        over = sum(leg.over_us for leg in self.legs)
        step = min(min(MINUTE_US, leg.over_us // _steps(leg, self.finer)) for leg in self.legs)
        return Shock(deepest, over, self.mode, min(leg.depth_ppm for leg in self.legs), step_us=max(1_000, step))

    @property
    def afters(self) -> tuple[After, ...]:
        """Return what follows by default: nothing more where the price is back, else hold, rebound and drift."""
        return (After("hold"),) if self.legs[-1].to_ppm == 0 else usual_afters(self.legs[-1].to_ppm)

    def times(self, factor: float) -> PriceScenario:
        """Return it with every move multiplied in logarithms, so that 1.5 times a fall of 80 % is one of 91 % and not of 120 %."""
        legs = tuple(replace(leg, to_ppm=_scaled(leg.to_ppm, factor)) for leg in self.legs)
        return replace(self, name=f"{self.name}*{factor:g}", meaning=f"{self.meaning}, times {factor:g}", legs=legs)

    def then(self, other: PriceScenario) -> PriceScenario:
        """Return both after one another; the second starts from where the first ends.

        Raises
        ------
        InputError
            If they do not run in the same mode with the same index, or one of them is a recorded path.
        """
        index = ("mode", "index_delay_us", "index_frozen_us", "joint", "alike")
        if not self.legs or not other.legs or any(getattr(self, name) != getattr(other, name) for name in index):
            message = f"Expected scenarios that the same people see, were {self.name} and {other.name}"
            raise InputError([Finding("--scenario", message)])
        begin = (MILLION + self.legs[-1].to_ppm) / MILLION
        moved = tuple(replace(leg, to_ppm=round(begin * (MILLION + leg.to_ppm)) - MILLION) for leg in other.legs)
        return replace(
            self,
            name=f"{self.name}+{other.name}",
            meaning=f"{self.meaning}; then {other.meaning}",
            legs=self.legs + moved,
            largest=self.largest or other.largest,
            depeg=self.depeg or other.depeg,
        )

    def with_largest(self) -> PriceScenario:
        """Return it with the largest account of each tier standing just above maintenance.

        Raises
        ------
        InputError
            If it is a recorded path.
        """
        if not self.legs:
            raise InputError([Finding("--scenario", f"Expected a stated shock for +{LARGEST}, was {self.name}")])
        return replace(self, name=f"{self.name}+{LARGEST}", largest=True)

    def halved(self) -> PriceScenario:
        """Return it in steps of half the length."""
        return replace(self, finer=2 * self.finer)

    def paths(self, after: After, starts: Sequence[int], betas: Sequence[float], tops: Sequence[int]) -> Paths:
        """Return what the kernel reads, for several markets."""
        times, ends = self._times()
        begin, last = CALM_STEPS * SECOND_US, CALM_STEPS + sum(_steps(leg, self.finer) for leg in self.legs) - 1
        knots = np.array([begin, *ends], float)
        levels = np.array([0.0, *(leg.to_ppm / MILLION for leg in self.legs)])
        shocked, calm = (np.empty((len(times), len(starts)), np.int64) for _ in range(2))
        for k, start in enumerate(starts):
            beta = 1.0 if self.alike or k == 0 else betas[k] if self.joint else 0.0
            shocked[:, k] = _ticks(_moved(times, knots, levels * beta, after, beta), start, tops[k])
            calm[:, k] = start
            if self.mode == "venue" and (self.index_delay_us or self.index_frozen_us):
                index = _moved(times - self.index_delay_us, knots, levels * beta, after, beta)
                index[times < begin + self.index_frozen_us] = 1.0
                calm[:, k] = _ticks(index, start, tops[k])
        return Paths(times, shocked, calm, self._depth(times, begin, ends), last)

    def _times(self) -> tuple[NDArray[np.int64], list[int]]:
        """Return (times of all steps, times at which the legs end)."""
        now, ends = CALM_STEPS * SECOND_US, []
        pieces = [np.arange(1, CALM_STEPS + 1) * SECOND_US]
        for leg in self.legs:
            steps = _steps(leg, self.finer)
            pieces.append(now + np.arange(1, steps + 1) * leg.over_us // steps)
            now += leg.over_us
            ends.append(now)
        pieces.append(now + hour_after(SHORTEST_STEP_US // self.finer))
        return np.concatenate(pieces).astype(np.int64), ends

    def _depth(self, times: NDArray[np.int64], begin: int, ends: Sequence[int]) -> NDArray[np.int64]:
        left = np.array([leg.depth_ppm for leg in self.legs], float)
        leg = np.minimum(np.searchsorted(np.array(ends), times), len(left) - 1)
        since = np.maximum(times - ends[-1], 0) / (5 * MINUTE_US)
        shown = left[leg] + (MILLION - left[leg]) * (1.0 - np.exp(-since))
        return np.rint(np.where(times <= begin, MILLION, shown)).astype(np.int64)


def _steps(leg: Leg, finer: int) -> int:
    return 1 if leg.at_once else finer * max(1, min(STEPS_PER_LEG, leg.over_us // SHORTEST_STEP_US))


def _scaled(move_ppm: int, factor: float) -> int:
    share = float((1 + move_ppm / MILLION) ** factor)
    return max(LOWEST_PPM, min(HIGHEST_PPM, round((share - 1) * MILLION)))


def _moved(
    times: NDArray[np.int64], knots: NDArray[np.float64], levels: NDArray[np.float64], after: After, beta: float
) -> NDArray[np.float64]:
    """Return the price at times as a multiple of where it began: the legs, then what comes after them."""
    since = np.maximum(times - knots[-1], 0.0)
    move = np.maximum(LEAST_LEFT, 1.0 + np.interp(times, knots, levels))
    if after.kind == "rebound":
        move -= (move[-1] - 1.0) * after.share_ppm / MILLION * np.clip(since / (5 * MINUTE_US), 0.0, 1.0)
    if after.kind == "drift":
        move *= 1.0 + after.share_ppm / MILLION * beta * np.clip(since / HOUR_US, 0.0, 1.0)
    return move


def _ticks(move: NDArray[np.float64], start: int, top: int) -> NDArray[np.int64]:
    ticks: NDArray[np.int64] = np.clip(np.rint(start * move), 1, top - 1).astype(np.int64)
    return ticks


def _both(name: str, meaning: str, legs: tuple[Leg, ...], **more: object) -> tuple[PriceScenario, PriceScenario]:
    """Return a crash and the pump that mirrors it. The legs are those of the crash."""
    up = tuple(replace(leg, to_ppm=-leg.to_ppm) for leg in legs)
    return (
        PriceScenario(f"{name}-crash", meaning, legs=legs, **more),  # type: ignore[arg-type]  # fields by name
        PriceScenario(f"{name}-pump", f"{meaning} (upwards)", legs=up, **more),  # type: ignore[arg-type]  # the same
    )


def _outage(minutes: int) -> tuple[PriceScenario, PriceScenario]:
    words = (
        f"20 % while the venue does nothing for {minutes} min: no ticks, quotes or liquidations, then all of it at once"
    )
    return _both(f"outage-{minutes}m", words, (Leg(-200_000, minutes * MINUTE_US, at_once=True),))


def historical(group: str) -> tuple[PriceScenario, ...]:
    """Return the worst recorded moves of a class as stated shocks: within an hour (run in ten minutes), within four (run in four)."""
    found = []
    for hours, over in ((1, FAST_US), (4, 4 * HOUR_US)):
        for direction in ("fall", "rise"):
            worst = worst_move(group, hours, direction)
            words = f"worst {hours} h {direction} of a mark in {group}: {worst.symbol} {worst.move_ppm / 10_000:+.2f} % from {worst.since}"
            name = f"{group}-{hours}h-{direction}"
            found.append(PriceScenario(name, words, legs=(Leg(worst.move_ppm, over),)))
    return tuple(found)


CATALOGUE: Final = (
    *_both("gap", "20 % within a second", (Leg(-200_000, SECOND_US, at_once=True),)),
    *_both("slide", "20 % over an hour, half of depth left", (Leg(-200_000, HOUR_US, 500_000),)),
    *_both("v", "20 % in five minutes and back in ten", (Leg(-200_000, 5 * MINUTE_US), Leg(0, 10 * MINUTE_US))),
    *_both("liquidity-withdrawal", "5 % in a minute with 2 % of depth left", (Leg(-50_000, MINUTE_US, 20_000),)),
    *_both(
        "oracle-delay", "20 % in a minute, the index follows 30 s later", (Leg(-200_000, MINUTE_US),),
        mode="venue", index_delay_us=30 * SECOND_US,
    ),
    *_both(
        "stale-oracle", "20 % in a minute, the index repeats its old value for ten minutes", (Leg(-200_000, MINUTE_US),),
        mode="venue", index_frozen_us=10 * MINUTE_US,
    ),
    *_both(
        "source-wick", "one of three index sources 30 % away for seconds, full depth here",
        (Leg(-300_000, 10 * SECOND_US, MILLION), Leg(0, 10 * SECOND_US, MILLION)), mode="source", joint=False,
    ),
    *_both(
        "venue-wick", "makers of this venue alone 20 % away and back within 35 s; the index does not move",
        (Leg(-200_000, 5 * SECOND_US), Leg(0, 30 * SECOND_US)), mode="venue", joint=False,
    ),
    *_outage(1), *_outage(10), *_outage(60),
    *_both("pool", "30 % in a minute, every member of the pool by its beta", (Leg(-300_000, MINUTE_US),)),
    PriceScenario(
        "manipulation", "large accounts stand, the price is pumped 50 % in ten minutes, then depth is withdrawn and it falls to -10 %",
        legs=(Leg(500_000, FAST_US, 50_000), Leg(500_000, MINUTE_US, 50_000), Leg(-100_000, MINUTE_US, 10_000)),
        joint=False, largest=True,
    ),
    *_both(
        "largest-dumped", "the largest account of each tier, just above maintenance, is liquidated by a move of 1 %",
        (Leg(-10_000, 10 * SECOND_US, MILLION),), joint=False, largest=True,
    ),
    PriceScenario(
        "collateral-depeg", "half of the collateral of half of the accounts falls by 35 % at once, prices by 10 % in a minute",
        legs=(Leg(-100_000, MINUTE_US),), depeg=Depeg(350_000),  # assumed sizes
    ),
    PriceScenario(
        "settlement-fall", "the settlement currency falls by 10 % in ten minutes: every contract of the pool rises by 11.1 % in it",
        legs=(Leg(111_111, FAST_US),), alike=True,
    ),
    *(one for group in (*CLASSES, OTHERS) for one in historical(group)),
    PriceScenario("oct10", "the recorded evening of 10 October 2025", kind="observed", path="oct10"),
)  # fmt: skip

LEFT_OUT: Final = (
    ("driver paths", "no recording of an outside index comes with the package; bars of the perp itself are refused as drivers"),
    ("silent oracle", "a feed that sends nothing, so that a stale rule trips: the stress driver sends a price at every step"),
    ("withdrawal of profits in a manipulation", "the stress driver gives no account commands (the bundled world whale-withdraws does)"),
    ("outage of one part only", "matching without liquidation or the other way round: the stress driver runs both in a step"),
    ("collateral sold by the venue", "the ledger is in the settlement asset: a fall of collateral lowers balances and sells nothing"),
)  # fmt: skip


def scenario_from_text(text: str) -> PriceScenario:
    """Read a scenario: a name, `NAME*1.5`, several one after another with `+`, and `+largest` for the largest accounts.

    Raises
    ------
    InputError
        If a name is unknown, a factor is no number, or the parts do not go together.
    """
    words = text.split("+")
    parts = [_part(word) for word in words if word != LARGEST]
    if not parts:
        raise InputError([Finding("--scenario", f"Expected a scenario before +{LARGEST}, was {text!r}")])
    whole = parts[0]
    for part in parts[1:]:
        whole = whole.then(part)
    return whole.with_largest() if LARGEST in words else whole


def _part(word: str) -> PriceScenario:
    name, star, factor = word.partition("*")
    found = next((one for one in CATALOGUE if one.name == name), None)
    if found is None:
        message = f"Expected one of {', '.join(one.name for one in CATALOGUE)}, was {name!r}"
        raise InputError([Finding("--scenario", message)])
    if not star:
        return found
    try:
        times = float(factor)
    except ValueError:
        times = 0.0
    if not 0.0 < times <= LARGEST_FACTOR or not found.legs:
        raise InputError(
            [
                Finding(
                    "--scenario",
                    f"Expected a stated shock and a factor above 0 and up to {LARGEST_FACTOR:g}, was {word!r}",
                )
            ]
        )
    return found.times(times)


__all__ = ["CATALOGUE", "KINDS", "LEFT_OUT", "Leg", "PriceScenario", "historical", "scenario_from_text"]
