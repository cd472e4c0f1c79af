"""A run of replications before it runs: what is run, in which blocks, under which path numbers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from shortfall.errors import Finding, InputError, ensure
from shortfall.sim.liquidity import OFF
from shortfall.sim.stress import fund_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shortfall.sim.liquidity import Feedback
    from shortfall.sim.market import MarketInput
    from shortfall.sim.members import Member
    from shortfall.sim.stress import Request

PER_POPULATION: Final = 10
LEAST_POPULATIONS: Final = 10
HALVED_POPULATIONS: Final = 4  # populations of each member that are run again at half the step
UNKNOWN_FUND: Final = (
    1_000,
    10_000,
    100_000,
)  # where the fund is unknown: ppm of open interest at mark, all of them run
LARGEST_COUNT: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Block:
    """One population and the replications that run on it: what a worker does at a time, and one part file."""

    number: int
    member: int
    population: int
    first: int
    count: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where a path number leads: the block, the replication, the case."""

    block: Block
    replication: int
    case: int


@dataclass(frozen=True, slots=True)
class Case:
    """What every replication is run with in turn: the fund's cash at the start, and what forced flow does to the world outside."""

    fund_cash: int
    feedback: Feedback


@dataclass(frozen=True, slots=True)
class Plan:
    """What is run.

    Parameters
    ----------
    request : Request
        The question. Its threads do not count: a block runs on one.
    count : int
        Replications of each member.
    funds : tuple of int
        The fund at the start in settlement units: one where it is known, several where it is not.
    fund_note : str
        How it was counted.
    feedbacks : tuple of Feedback
        What forced flow does to the world outside: off and on, unless one was chosen.
    halve : bool
        Whether the first populations are run again at half the step.
    kernels : str
        Digest of the compiled sources: a worker with others refuses.
    """

    request: Request
    count: int
    funds: tuple[int, ...]
    fund_note: str
    kernels: str
    feedbacks: tuple[Feedback, ...] = (OFF,)
    halve: bool = True

    @property
    def members(self) -> tuple[Member, ...]:
        """Return the members of the family that are run."""
        return self.request.members

    @property
    def cases(self) -> tuple[Case, ...]:
        """Return the cases in which every replication is run: funds, and feedbacks within."""
        return tuple(Case(cash, feedback) for cash in self.funds for feedback in self.feedbacks)

    @property
    def per_population(self) -> int:
        """Return how many replications share a population: a divisor of the count, at most ten, with ten populations if it can be."""
        most = max(1, min(PER_POPULATION, self.count // LEAST_POPULATIONS))
        return max(k for k in range(1, most + 1) if self.count % k == 0)

    @property
    def populations(self) -> int:
        """Return how many populations are drawn of each member."""
        return self.count // self.per_population

    def blocks(self) -> tuple[Block, ...]:
        """Return all blocks in order: populations first and members within, so that a run cut short has seen every member."""
        return tuple(self.block(number) for number in range(self.populations * len(self.members)))

    def block(self, number: int) -> Block:
        """Return a block by number."""
        population, member = divmod(number, len(self.members))
        each = self.per_population
        return Block(number, member, population, population * each, each)

    def is_halved(self, block: Block) -> bool:
        """Say whether a block is run again at half the step."""
        return self.halve and block.population < HALVED_POPULATIONS

    def path(self, member: int, replication: int, case: int) -> int:
        """Return the number of a path: by replication, then member, then case."""
        return (replication * len(self.members) + member) * len(self.cases) + case

    def place(self, path: int) -> Place:
        """Return where a path number leads.

        Raises
        ------
        InputError
            If there is no such path.
        """
        most = self.count * len(self.members) * len(self.cases)
        if not 0 <= path < most:
            raise InputError([Finding("--path", f"Expected 0 to {most - 1}, was {path}")])
        rest, case = divmod(path, len(self.cases))
        replication, member = divmod(rest, len(self.members))
        block = self.block(replication // self.per_population * len(self.members) + member)
        ensure(self.path(member, replication, case) == path, "a path number leads back to itself", path=path)
        return Place(block, replication, case)


def plan_of(request: Request, inputs: Sequence[MarketInput], count: int, kernels: str, *, halve: bool = True) -> Plan:
    """Return the plan of a question: with the recorded or given fund, or several where it is unknown.

    Raises
    ------
    InputError
        If a recorded path or the user's own accounts are asked for, or the count is out of bounds.
    """
    findings = []
    if request.path is not None:
        findings.append(Finding("--scenario", "Expected a stated shock: nothing of a recorded path is drawn"))
    if request.state is not None:
        findings.append(Finding("--state", "Expected synthetic members: nothing of your own accounts is drawn"))
    if not 2 <= count <= LARGEST_COUNT:  # noqa: PLR2004 - one draw has no interval
        findings.append(Finding("--count", f"Expected 2 to {LARGEST_COUNT} replications, was {count}"))
    if not request.members:
        findings.append(Finding("--member", "Expected a member of the family, was none"))
    if findings:
        raise InputError(findings)
    item = inputs[0]
    known, note = fund_of(item.snapshot)
    known, note = (request.fund, "given by the user") if request.fund is not None else (known, note)
    scale = item.contract.scale.settlement.exponent
    if known is not None:
        funds: tuple[int, ...] = (int(known.scaleb(scale)),)
    else:
        interest = item.interest_lots * item.mark_ticks * item.contract.multiplier
        funds = tuple(interest * share // 1_000_000 for share in UNKNOWN_FUND)
    feedbacks = tuple(dict.fromkeys(one.feedback for one in request.variants if one.every_path))
    return Plan(replace(request, threads=1), count, funds, note, kernels, feedbacks, halve=halve)
