"""Which gaps, at which speeds, make the fund pay, exhaust it, or start ADL: a grid, because ADL against gap size is not monotone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from shortfall.sim.feedbacks import case_name
from shortfall.sim.liquidity import OFF, Feedback
from shortfall.sim.market import Laboratory, MarketInput, build, gather
from shortfall.sim.measures import Measures, measure
from shortfall.sim.paths import SECOND_US, After
from shortfall.sim.run import Scenario, run_all
from shortfall.sim.stress import Request, fund_of, paths_for

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

GAPS_PPM: Final = (
    *range(20_000, 200_001, 20_000),
    250_000,
    300_000,
    350_000,
    400_000,
    450_000,
    500_000,
    550_000,
    600_000,
)
SPEEDS_US: Final = (SECOND_US, 10 * SECOND_US, 60 * SECOND_US, 600 * SECOND_US)
QUESTIONS: Final = ("fund pays", "fund exhausted", "ADL starts")
REFINEMENTS: Final = 4


@dataclass(frozen=True, slots=True)
class Cell:
    """One gap at one speed: for every case (a member under one feedback), the answers to the questions that were asked."""

    gap_ppm: int
    over_us: int
    answers: dict[str, tuple[bool, ...]]

    def any_member(self, question: int) -> bool:
        """Say whether the answer is yes for at least one case."""
        return any(answer[question] for answer in self.answers.values())

    def all_members(self, question: int) -> bool:
        """Say whether the answer is yes for every case."""
        return all(answer[question] for answer in self.answers.values())


@dataclass(frozen=True, slots=True)
class GapAnswer:
    """The grid and what it says.

    Parameters
    ----------
    cells : tuple of Cell
        Every grid point run.
    first : dict
        (direction, speed, question) to (gap at which it is certainly not yet, gap at which it is) for any member, refined in its
        grid cell; None where it happens nowhere up to the largest gap.
    """

    cells: tuple[Cell, ...]
    first: dict[tuple[int, int, int], tuple[int, int] | None]
    fund_note: str
    request: Request
    inputs: tuple[MarketInput, ...]


@dataclass(frozen=True, slots=True)
class Search:
    """What every cell is run with."""

    labs: dict[str, Laboratory]
    request: Request
    fund_cash: int
    feedbacks: tuple[Feedback, ...] = (OFF,)


def answers_of(found: Measures) -> tuple[bool, bool, bool]:
    """Return the answers to the three questions for one run."""
    return found.fund_pays, found.exhausted, found.deleverages


def intervals(
    cells: Sequence[Cell], over_us: int, sign: int, question: int, *, every: bool = False
) -> list[tuple[int, int]]:
    """Return all runs of neighbouring gaps (magnitudes, ppm) in which the answer is yes for at least one (or every) member."""
    mine = sorted((abs(c.gap_ppm), c) for c in cells if c.over_us == over_us and c.gap_ppm * sign > 0)
    found: list[tuple[int, int]] = []
    open_from: int | None = None
    last = 0
    for gap, cell in mine:
        if cell.all_members(question) if every else cell.any_member(question):
            open_from = gap if open_from is None else open_from
            last = gap
        elif open_from is not None:
            found.append((open_from, last))
            open_from = None
    if open_from is not None:
        found.append((open_from, last))
    return found


def find_gap(request: Request, progress: Callable[[int, int], None] = lambda _done, _all: None) -> GapAnswer:
    """Run the grid over gap and speed in both directions for every member, and refine the first crossing in its cell."""
    inputs = gather(
        request.venue,
        request.symbol,
        alone=request.alone,
        changes=request.changes,
        interest=request.interest,
        day=request.day,
        ladders=request.ladders,
    )
    known, note = fund_of(inputs[0].snapshot)
    known = request.fund if request.fund is not None else known
    exponent = inputs[0].contract.scale.settlement.exponent
    cash = 0 if known is None else int(known.scaleb(exponent))
    total = len(request.members) * (1 + len(SPEEDS_US)) + 2 * len(SPEEDS_US)
    done = 0

    def step() -> None:
        nonlocal done
        done += 1
        progress(done, total)

    labs = {}
    for member in request.members:
        labs[member.name] = build(inputs, member, request.accounts, request.seed)
        step()
    gaps = [sign * gap for sign in (-1, 1) for gap in GAPS_PPM]
    search = Search(labs, request, cash)
    cells: list[Cell] = []
    for over in SPEEDS_US:
        cells += cells_of(search, gaps, over, step)
    first = {}
    for over in SPEEDS_US:
        for sign in (-1, 1):
            for question in range(len(QUESTIONS)):
                first[sign, over, question] = _refine(search, cells, over, sign, question)
            step()
    note = note if known is not None else f"{note}; run with a fund of 0"
    return GapAnswer(tuple(cells), first, note, request, inputs)


def cells_of(
    search: Search,
    gaps: Sequence[int],
    over: int,
    step: Callable[[], None] = lambda: None,
    asked: Callable[[Measures], tuple[bool, ...]] = answers_of,
) -> list[Cell]:
    """Return the answers for several gaps at one speed: one batch of runs for each member, under every feedback of the search."""
    request = search.request
    length = min(request.shock.step_us, over) if over <= 60 * SECOND_US else 4 * request.shock.step_us
    answers: list[dict[str, tuple[bool, ...]]] = [{} for _ in gaps]
    for name, lab in search.labs.items():
        shocks = [replace(request.shock, gap_ppm=gap, over_us=over, step_us=length) for gap in gaps]
        paths = [paths_for(lab, shock, After("hold")) for shock in shocks]
        asks = [(k, feedback) for k in range(len(paths)) for feedback in search.feedbacks]
        scenarios = [Scenario(paths[k], request.shock.mode, search.fund_cash, feedback) for k, feedback in asks]
        for (k, feedback), outcome in zip(asks, run_all(lab, scenarios, threads=request.threads), strict=True):
            answers[k][case_name(name, feedback)] = asked(measure(lab, outcome))
        step()
    return [Cell(gap, over, found) for gap, found in zip(gaps, answers, strict=True)]


def _refine(search: Search, cells: Sequence[Cell], over: int, sign: int, question: int) -> tuple[int, int] | None:
    """Halve the cell of the first crossing a few times. Only that cell: nothing is assumed about larger gaps."""
    found = intervals(cells, over, sign, question)
    if not found:
        return None
    high = found[0][0]
    below = [abs(c.gap_ppm) for c in cells if c.over_us == over and c.gap_ppm * sign > 0 and abs(c.gap_ppm) < high]
    low = max(below, default=0)
    for _ in range(REFINEMENTS):
        middle = (low + high) // 2
        if cells_of(search, [sign * middle], over)[0].any_member(question):
            high = middle
        else:
            low = middle
    return sign * low, sign * high
