"""Surfaces over gap, speed and depth left: where the fund pays, is full, is out of cash, and where ADL starts.

Every cell of the grid is run, and nothing is assumed between cells: a worse shock need not do more, and where it does less than a
milder one, that is said.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from shortfall.errors import Findings
from shortfall.sim.feedbacks import cases_of, feedbacks_of, parts_of
from shortfall.sim.findgap import Search, cells_of
from shortfall.sim.market import build, gather
from shortfall.sim.paths import MINUTE_US, SECOND_US
from shortfall.sim.sensitivity import widths
from shortfall.sim.stress import capital_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from shortfall.sim.findgap import Cell
    from shortfall.sim.market import MarketInput
    from shortfall.sim.measures import Measures
    from shortfall.sim.sensitivity import Widths
    from shortfall.sim.stress import Request

GAPS_PPM: Final = (50_000, 100_000, 150_000, 200_000, 250_000, 300_000, 400_000, 500_000, 600_000)
SPEEDS_US: Final = (SECOND_US, MINUTE_US, 10 * MINUTE_US)
DEPTHS_PPM: Final = (1_000_000, 300_000, 100_000, 30_000)
QUESTIONS: Final = ("fund pays", "fund full", "fund out of cash", "ADL starts")
ADL: Final = QUESTIONS.index("ADL starts")
MILLION: Final = 1_000_000
LONGEST_US: Final = 60 * MINUTE_US
MOST: Final = 12  # speeds or depths of one grid


@dataclass(frozen=True, slots=True)
class Grid:
    """Speeds and shares of depth, in the order in which they are shown: fastest first, deepest first."""

    speeds_us: tuple[int, ...] = SPEEDS_US
    depths_ppm: tuple[int, ...] = DEPTHS_PPM


@dataclass(frozen=True, slots=True)
class Spot:
    """One cell of the surfaces."""

    depth_ppm: int
    cell: Cell

    def share_ppm(self, question: int) -> int:
        """Return the share of cases (members, each under every feedback) that answer yes."""
        yes = sum(answer[question] for answer in self.cell.answers.values())
        return yes * MILLION // len(self.cell.answers)


@dataclass(frozen=True, slots=True)
class Surface:
    """All cells and how they were run."""

    request: Request
    item: MarketInput
    grid: Grid
    fund_cash: int
    fund_note: str
    spots: tuple[Spot, ...]
    widths: Widths | None = None

    def first_gap(self, question: int, sign: int, over_us: int, depth_ppm: int, *, every: bool = False) -> int | None:
        """Return the smallest gap (magnitude) of the grid with a yes for at least one case, or for every one; None for none."""
        found = [
            abs(spot.cell.gap_ppm)
            for spot in self.spots
            if (spot.depth_ppm, spot.cell.over_us) == (depth_ppm, over_us)
            and spot.cell.gap_ppm * sign > 0
            and (spot.cell.all_members(question) if every else spot.cell.any_member(question))
        ]
        return min(found, default=None)

    def moves_most(self) -> str | None:
        """Return the axis along which the gap at which ADL starts moves most, on average over the others; None if it never starts.

        A gap that lies beyond the grid counts as the largest one of the grid and a half.
        """
        beyond = GAPS_PPM[-1] * 3 // 2
        first: dict[tuple[object, ...], int] = {}
        for spot in self.spots:
            for name, answer in spot.cell.answers.items():
                key = (spot.depth_ppm, spot.cell.over_us, *parts_of(name), spot.cell.gap_ppm > 0)
                gap = abs(spot.cell.gap_ppm) if answer[ADL] else beyond
                first[key] = min(first.get(key, beyond), gap)
        if all(gap == beyond for gap in first.values()):
            return None
        return max(AXES, key=lambda name: _spread(first, AXES[name]))


AXES: Final = {"depth left": 0, "speed": 1, "population": 2, "feedback of forced flow": 3}


def _spread(first: dict[tuple[object, ...], int], axis: int) -> float:
    """Return the mean, over the other axes, of highest less lowest along one."""
    groups: dict[tuple[object, ...], list[int]] = {}
    for key, gap in first.items():
        groups.setdefault(key[:axis] + key[axis + 1 :], []).append(gap)
    return sum(max(gaps) - min(gaps) for gaps in groups.values()) / len(groups)


def answers_of(found: Measures) -> tuple[bool, ...]:
    """Return the answers to the questions for one run."""
    return found.fund_pays, found.full, found.out_of_cash, found.deleverages


def breaks(spots: Sequence[Spot], question: int) -> dict[tuple[int, int, int], tuple[str, ...]]:
    """Return the cells that say no for a member though a milder cell of the grid says yes for it, and along which axes.

    Milder along an axis, all else equal: a smaller gap in the same direction, more depth, a slower move. The key is
    (gap, over, depth).
    """
    found: dict[tuple[int, int, int], tuple[str, ...]] = {}
    yes = {(spot.cell.gap_ppm, spot.cell.over_us, spot.depth_ppm): spot for spot in spots}
    for key, spot in yes.items():
        axes = []
        for axis, milder in enumerate(("gap", "speed", "depth")):
            others = [other for place, other in yes.items() if _milder(place, key, axis)]
            if any(_undone(other, spot, question) for other in others):
                axes.append(milder)
        if axes:
            found[key] = tuple(axes)
    return found


def _milder(place: tuple[int, int, int], key: tuple[int, int, int], axis: int) -> bool:
    """Say whether a place differs from another along one axis only, and is milder along it."""
    if any(place[k] != key[k] for k in range(3) if k != axis):
        return False
    if axis == 0:
        return place[0] * key[0] > 0 and abs(place[0]) < abs(key[0])
    return place[axis] > key[axis]


def _undone(milder: Spot, spot: Spot, question: int) -> bool:
    return any(
        answer[question] and not spot.cell.answers[name][question] for name, answer in milder.cell.answers.items()
    )


def gap_surface(
    request: Request, grid: Grid = Grid(), progress: Callable[[int, int], None] = lambda _done, _all: None
) -> Surface:
    """Run every cell of the grid in both directions for every member under every feedback."""
    item = gather(
        request.venue, request.symbol, alone=True, changes=request.changes, interest=request.interest, day=request.day,
        ladders=request.ladders,
    )[0]  # fmt: skip
    cash, note = capital_of(item, request.fund)
    labs = {member.name: build((item,), member, request.accounts, request.seed) for member in request.members}
    total = len(grid.depths_ppm) * len(grid.speeds_us) * len(labs)
    counted = _counter(progress, total)
    gaps = [sign * gap for sign in (-1, 1) for gap in GAPS_PPM]
    spots: list[Spot] = []
    for depth in grid.depths_ppm:
        asked = replace(request, shock=replace(request.shock, depth_left_ppm=depth))
        search = Search(labs, asked, cash, feedbacks_of(request))
        for over in grid.speeds_us:
            cells = cells_of(search, gaps, over, lambda: next(counted), answers_of)
            spots += [Spot(depth, cell) for cell in cells]
    surface = Surface(request, item, grid, cash, note, tuple(spots))
    return replace(surface, widths=_widths(surface))


def middle_of(grid: Grid) -> tuple[int, int]:
    """Return (speed, depth) in the middle of a grid: where the sampling interval is taken."""
    return grid.speeds_us[len(grid.speeds_us) // 2], grid.depths_ppm[len(grid.depths_ppm) // 2]


def _widths(surface: Surface) -> Widths:
    """Return how wide the smallest fall with ADL is, at the middle of the grid: over members and feedbacks, and over population seeds."""
    over, depth = middle_of(surface.grid)

    def figure(asked: Request) -> dict[str, int]:
        labs = {one.name: build((surface.item,), one, asked.accounts, asked.seed) for one in asked.members}
        shock = replace(asked.shock, depth_left_ppm=depth)
        search = Search(labs, replace(asked, shock=shock), surface.fund_cash, feedbacks_of(asked))
        cells = cells_of(search, [-gap for gap in GAPS_PPM], over, lambda: None, answers_of)
        return {name: first_gap(cells, name) for name, _, _ in cases_of(asked)}

    cells = [
        spot.cell
        for spot in surface.spots
        if (spot.depth_ppm, spot.cell.over_us) == (depth, over) and spot.cell.gap_ppm < 0
    ]
    known = {name: first_gap(cells, name) for name, _, _ in cases_of(surface.request)}
    return widths(known, figure, surface.request, ())


def first_gap(cells: Sequence[Cell], member: str) -> int:
    """Return the smallest gap (magnitude) at which ADL starts with a case; the grid's largest and a half where it does not."""
    found = [abs(cell.gap_ppm) for cell in cells if cell.answers[member][ADL]]
    return min(found, default=GAPS_PPM[-1] * 3 // 2)


def _counter(progress: Callable[[int, int], None], total: int) -> Iterator[None]:
    for done in range(1, total + 1):
        progress(done, total)
        yield


def check_grid(grid: Grid) -> Findings:
    """Return what is wrong with a grid: everything at once."""
    findings = Findings()
    for path, values, low, high, unit in (
        ("--over", grid.speeds_us, SECOND_US // 10, LONGEST_US, "microseconds"),
        ("--depth-left", grid.depths_ppm, 0, MILLION, "ppm"),
    ):
        for value in values:
            if not low <= value <= high:
                findings.add(path, f"Expected {low} to {high} {unit}, was {value}")
        if not 1 <= len(values) <= MOST:
            findings.add(path, f"Expected 1 to {MOST} values, was {len(values)}")
    return findings
