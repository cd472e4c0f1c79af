"""How wide an answer is and which input moves it most: one figure, run again with other seeds and with one input changed at a time.

The model range is over members and is the headline. The sampling interval is over population seeds, given one member. An input's swing
is the highest less the lowest figure over its stated values, everything else as asked, on average over members; a swing compares
inputs over the stated values only. Where feedback of forced flow is run at more than one value, a figure is by case (a member under one
of them): all ranges and means are over cases, and feedback is one of the inputs.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from shortfall.sim.feedbacks import parts_of
from shortfall.sim.sampling import Interval, mean_interval
from shortfall.sim.stress import fund_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from shortfall.sim.market import MarketInput
    from shortfall.sim.scenarios import PriceScenario
    from shortfall.sim.stress import Request

SEEDS: Final = 5
MILLION: Final = 1_000_000
POPULATION: Final = "population"
FEEDBACK: Final = "feedback of forced flow"
SEED: Final = "population seed"

Figure = dict[str, int]


@dataclass(frozen=True, slots=True)
class Variation:
    """One input with the requests that have it at other values."""

    name: str
    requests: tuple[Request, ...]


@dataclass(frozen=True, slots=True)
class Swing:
    """How far a figure moves with one input, on average over members."""

    name: str
    by: int


@dataclass(frozen=True, slots=True)
class Widths:
    """The two widths of a figure and what moves it.

    Parameters
    ----------
    model : tuple of int
        Lowest and highest over members, as asked.
    sampling : dict
        Member to the interval of its mean over population seeds.
    seeds : int
        How many seeds.
    swings : tuple of Swing
        Largest first.
    """

    model: tuple[int, int]
    sampling: dict[str, Interval]
    seeds: int
    swings: tuple[Swing, ...]

    @property
    def widest(self) -> tuple[str, Interval]:
        """Return the member with the widest interval, and it."""
        return max(self.sampling.items(), key=lambda one: one[1].high - one[1].low)

    @property
    def moves_most(self) -> str | None:
        """Return the input with the largest swing; None where nothing moves the figure."""
        return self.swings[0].name if self.swings and self.swings[0].by > 0 else None


def widths(
    base: Figure, figure: Callable[[Request], Figure], request: Request, variations: Sequence[Variation], *,
    progress: Callable[[int, int], None] = lambda _done, _all: None, seeds: int = SEEDS,
) -> Widths:  # fmt: skip
    """Run a figure with other seeds and other inputs.

    Parameters
    ----------
    base : dict
        Member to the figure as asked, already known.
    figure : callable
        Request to figure by member; of some of the cases only, where the rest is too long: then the swings are over those.
    seeds : int
        Population seeds in all, the asked one included.
    """
    by_seed = [replace(request, seed=request.seed + k) for k in range(1, seeds)]
    jobs = [Variation(SEED, tuple(by_seed)), *variations]
    total, done = sum(len(job.requests) for job in jobs), 0
    found: dict[str, list[Figure]] = {}
    for job in jobs:
        found[job.name] = [base]
        for one in job.requests:
            found[job.name].append(figure(one))
            done += 1
            progress(done, total)
    names = [name for name in base if all(name in one for one in found[SEED])]
    sampling = {name: mean_interval([float(one[name]) for one in found[SEED]]) for name in names}
    swings = [
        *(Swing(name, swing) for name, swing in ((POPULATION, _across(base, 1)), (FEEDBACK, _across(base, 0)))),
        *(Swing(name, swing_of([{key: run[key] for key in names} for run in runs])) for name, runs in found.items()),
    ]
    if len({parts_of(name)[1] for name in base}) == 1:
        swings = [swing for swing in swings if swing.name != FEEDBACK]
    return Widths(
        (min(base.values()), max(base.values())), sampling, seeds, tuple(sorted(swings, key=lambda one: -one.by))
    )


def _across(base: Figure, fixed: int) -> int:
    """Return highest less lowest over members (feedback fixed, 1) or over feedbacks (member fixed, 0), on average over what is fixed.

    What was run with one of them only has no range and is left out; rounded down.
    """
    groups: dict[str, list[int]] = {}
    for name, value in base.items():
        groups.setdefault(parts_of(name)[fixed], []).append(value)
    most = max(len(group) for group in groups.values())
    spreads = [max(group) - min(group) for group in groups.values() if len(group) == most]
    return sum(spreads) // len(spreads)


def swing_of(runs: Sequence[Mapping[str, int]]) -> int:
    """Return highest less lowest over runs, on average over members, rounded down."""
    spreads = [max(run[name] for run in runs) - min(run[name] for run in runs) for name in runs[0]]
    return sum(spreads) // len(spreads)


def variations_of(request: Request, item: MarketInput, *, fund: bool = True) -> tuple[Variation, ...]:
    """Return the inputs that are varied: half and twice the depth left and the speed, a quarter less and more open interest, the fund.

    Depth left stays within 100 %. The fund is varied where one is known or given: half and twice.
    """
    interest = request.interest or item.interest_lots * item.contract.scale.lot_size
    found = [
        Variation("depth left (half, twice)", tuple(with_depth(request, parts) for parts in (500_000, 2_000_000))),
        Variation("speed (half, twice as long)", tuple(with_speed(request, parts) for parts in (500_000, 2_000_000))),
        Variation(
            "open interest (25 % less, more)",
            tuple(replace(request, interest=interest * parts / 100) for parts in (75, 125)),
        ),
    ]
    cash = request.fund if request.fund is not None else fund_of(item.snapshot)[0]
    if fund and cash is not None:
        found.append(
            Variation("fund (half, twice)", tuple(replace(request, fund=cash * parts / 2) for parts in (1, 4)))
        )
    return tuple(found)


def with_depth(request: Request, factor_ppm: int) -> Request:
    """Return a request whose shock, and named scenario, leaves so many times the depth, at most all of it."""

    def left(depth_ppm: int) -> int:
        return min(MILLION, depth_ppm * factor_ppm // MILLION)

    scenario = request.scenario
    if scenario is not None:
        scenario = replace(scenario, legs=tuple(replace(leg, depth_ppm=left(leg.depth_ppm)) for leg in scenario.legs))
    return replace(
        request, shock=replace(request.shock, depth_left_ppm=left(request.shock.depth_left_ppm)), scenario=scenario
    )


def with_speed(request: Request, factor_ppm: int) -> Request:
    """Return a request whose shock, and named scenario, takes so many times as long."""
    over = max(request.shock.step_us, request.shock.over_us * factor_ppm // MILLION)
    return replace(
        request,
        shock=replace(request.shock, over_us=over),
        scenario=None if request.scenario is None else _slower(request.scenario, factor_ppm),
    )


def _slower(scenario: PriceScenario, factor_ppm: int) -> PriceScenario:
    legs = tuple(replace(leg, over_us=max(1, leg.over_us * factor_ppm // MILLION)) for leg in scenario.legs)
    return replace(scenario, legs=legs)


__all__ = ["Swing", "Variation", "Widths", "swing_of", "variations_of", "widths", "with_depth", "with_speed"]
