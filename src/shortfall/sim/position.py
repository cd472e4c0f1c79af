"""What a stated shock does to one position: cut or not, how much, at what price, and what being out of the market then costs.

The position is put into every laboratory as an account of its own, at a stated entry and leverage; the engine does the rest.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING, Final

import numpy as np

from shortfall.engine.exchange import decode_rows
from shortfall.errors import Findings, InputError
from shortfall.kernels import layout as at
from shortfall.model.commands import Deposit, ImposedFill
from shortfall.sim.feedbacks import case_name, cases_of, feedbacks_of
from shortfall.sim.liquidity import FEEDBACKS, OFF, Feedback
from shortfall.sim.market import build, gather
from shortfall.sim.paths import MINUTE_US, After, usual_afters
from shortfall.sim.run import Scenario, replay
from shortfall.sim.sensitivity import variations_of, widths
from shortfall.sim.strategy import (
    Batch,
    Margin,
    OwnClose,
    Rehedge,
    alone_with,
    batches,
    margin_of,
    own_close,
    rehedged,
    sizes_around,
    tried_in,
)
from shortfall.sim.stress import capital_of, paths_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from shortfall.kernels.native import State
    from shortfall.sim.market import Laboratory, MarketInput
    from shortfall.sim.sensitivity import Widths
    from shortfall.sim.stress import Request

MILLION: Final = 1_000_000
SECOND_US: Final = 1_000_000
EVENTS: Final = 1 << 18
# how long somebody who was cut stays out before he is back at mark: at once, ten seconds, one, five, sixty minutes
OUT_US: Final = (0, 10 * SECOND_US, MINUTE_US, 5 * MINUTE_US, 60 * MINUTE_US)


@dataclass(frozen=True, slots=True)
class Held:
    """The position that is asked about.

    Parameters
    ----------
    side : int
        1 long, -1 short.
    size_base : Decimal
        In base units.
    leverage : Decimal
        Notional at entry over margin.
    entry_price : Decimal or None
        None for the mark.
    """

    side: int
    size_base: Decimal
    leverage: Decimal
    entry_price: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Cut:
    """One close against the position: signed lots as held, prices in ticks, time since the shock began."""

    since_us: int
    lots: int
    price_ticks: int
    mark_ticks: int


@dataclass(frozen=True, slots=True)
class Draw:
    """One run: a member, an after-shock path, a seed, a feedback of forced flow.

    Parameters
    ----------
    cuts : tuple of Cut
        Every ADL of the position.
    liquidated_us : int or None
        When its own liquidation was triggered, since the shock began.
    cost_of_out : dict
        Time out of the market in microseconds to what was given up by having been closed at the ADL price instead of being held
        until the mark at that time: `side x (mark then - ADL price) x size`, settlement units; negative is a gain.
    queue : tuple of Batch
        Every batch of ADL on the position's side, with its place in it.
    rehedge : dict
        Time until a pair is hedged again, in microseconds, to what both legs cost.
    margin : Margin or None
        What the cuts do to the margins of a pair; None without a cut.
    feedback : str
        Its name.
    """

    member: str
    after: str
    seed: int
    cuts: tuple[Cut, ...]
    liquidated_us: int | None
    share_cut_ppm: int
    cost_of_out: dict[int, int]
    queue: tuple[Batch, ...] = ()
    rehedge: dict[int, Rehedge] = field(default_factory=dict)
    margin: Margin | None = None
    feedback: str = OFF.name

    @property
    def case(self) -> str:
        """Return what the member under this feedback is called."""
        return case_name(self.member, FEEDBACKS[self.feedback])


@dataclass(frozen=True, slots=True)
class Case:
    """A laboratory with the position in it."""

    lab: Laboratory
    account: int
    lots: int
    entry_ticks: int
    margin: int
    member: str
    seed: int


@dataclass(frozen=True, slots=True)
class PositionAnswer:
    """All draws."""

    request: Request
    item: MarketInput
    held: Held
    lots: int
    entry_ticks: int
    margin: int
    fund_cash: int
    fund_note: str
    draws: tuple[Draw, ...]
    own_closes: tuple[OwnClose, ...] = ()
    widths: Widths | None = None


def position(
    request: Request,
    held: Held,
    seeds: int,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
    *,
    large: bool = False,
    wide: bool = False,
) -> PositionAnswer:
    """Run the shock with the position in it, for every member, feedback, after-shock path and seed.

    With `large`, search the size from which the position's own close needs the fund as well; with `wide`, how wide the
    share cut is over seeds and which input moves it most.

    Raises
    ------
    InputError
        If the position is none that the contract can hold.
    """
    item = gather(
        request.venue, request.symbol, alone=True, changes=request.changes, interest=request.interest, day=request.day,
        ladders=request.ladders,
    )[0]  # fmt: skip
    scale = item.contract.scale
    lots = held.side * int((held.size_base / scale.lot_size).to_integral_value(ROUND_FLOOR))
    price = held.entry_price or item.snapshot.mark_price.known()
    ticks = int((price / scale.tick_size).to_integral_value(ROUND_HALF_EVEN))
    cash, note = _checked(request, item, held, lots, ticks)
    worth = abs(lots) * ticks * item.contract.multiplier
    margin = int(Decimal(worth) / held.leverage)
    afters = request.afters or usual_afters(request.shock.gap_ppm)
    jobs = [(m, seed) for m in request.members for seed in range(request.seed, request.seed + seeds)]
    draws: list[Draw] = []
    for done, (member, seed) in enumerate(jobs, start=1):
        lab = build((item,), member, request.accounts, seed, events=EVENTS)
        mine = _enter(lab, lots, ticks, margin)
        case = Case(lab, mine, lots, ticks, margin, member.name, seed)
        draws += [_draw(case, request, after, cash, one) for one in feedbacks_of(request) for after in afters]
        progress(done, len(jobs))
    closes = _own_closes(request, item, held, (lots, ticks), cash) if large else ()
    answer = PositionAnswer(request, item, held, lots, ticks, margin, cash, note, tuple(draws), closes)
    return replace(answer, widths=_widths(answer)) if wide else answer


def _widths(answer: PositionAnswer) -> Widths:
    """Return how wide the share cut is where the price then holds, and which input moves it most."""

    def figure(request: Request) -> dict[str, int]:
        interest = answer.item.interest_lots
        if request.interest is not None:
            interest = int(request.interest / answer.item.contract.scale.lot_size)
        fund = answer.fund_cash
        if request.fund is not None:
            fund = int(request.fund.scaleb(answer.item.contract.scale.settlement.exponent))
        item = replace(answer.item, interest_lots=interest)
        found = {}
        for member in request.members:
            lab = build((item,), member, request.accounts, request.seed, events=EVENTS)
            mine = _enter(lab, answer.lots, answer.entry_ticks, answer.margin)
            case = Case(lab, mine, answer.lots, answer.entry_ticks, answer.margin, member.name, request.seed)
            for one in feedbacks_of(request):
                draw = _draw(case, request, After("hold"), fund, one)
                found[draw.case] = draw.share_cut_ppm
        return found

    asked = answer.request
    return widths(figure(asked), figure, asked, variations_of(asked, answer.item))


def _own_closes(
    request: Request, item: MarketInput, held: Held, position_of: tuple[int, int], cash: int
) -> tuple[OwnClose, ...]:
    """Return from which size the own close needs the fund, by member and feedback, with the first seed and a price that holds."""
    lots, ticks = position_of

    def enter(lab: Laboratory, size: int) -> int:
        margin = int(Decimal(size * ticks * item.contract.multiplier) / held.leverage)
        return _enter(lab, held.side * size, ticks, margin)

    sizes = sizes_around(lots, item.interest_lots, item.contract.max_position_lots)
    return tuple(
        own_close(name, sizes, tried_in(alone_with(request, one.name, feedback), item, enter, cash, EVENTS))
        for name, one, feedback in cases_of(request)
    )


def _checked(request: Request, item: MarketInput, held: Held, lots: int, ticks: int) -> tuple[int, str]:
    """Return the fund and how it was counted, or raise everything that is wrong with the question."""
    findings = Findings()
    if lots == 0 or abs(lots) > item.contract.max_position_lots:
        findings.add(
            "--size",
            f"Expected at least a lot of {item.contract.scale.lot_size} and no more than fits, was {held.size_base}",
        )
    if not 0 < ticks < item.contract.max_price_ticks:
        findings.add("--entry", f"Expected a price within the contract's range, was {held.entry_price}")
    if held.leverage <= 0:
        findings.add("--leverage", f"Expected more than 0, was {held.leverage}")
    findings.raise_if_any(InputError)
    return capital_of(item, request.fund)


def _enter(lab: Laboratory, lots: int, ticks: int, margin: int) -> int:
    """Put the position into a laboratory, against the outside world. Returns its account."""
    exchange = lab.exchange
    mine = exchange.open_account("the position")
    exchange.must(Deposit(mine, margin))
    exchange.must(ImposedFill(mine, 0, lots, ticks, exchange.names.ids[f"outside {exchange.assets[0].code}"]))
    exchange.read_event_rows()
    return mine


def _draw(case: Case, request: Request, after: After, cash: int, feedback: Feedback) -> Draw:
    lab, lots = case.lab, case.lots
    paths = paths_for(lab, request.shock, after)
    outcome, state = replay(lab, Scenario(paths, request.shock.mode, cash, feedback))
    begin = int(paths.times_us[max(0, paths.shock_end - request.shock.over_us // request.shock.step_us)])
    cuts, liquidated, closes = _story(state, case.account, begin)
    series = outcome.series
    times = np.zeros(0, np.int64) if series is None else series[:, 0, 0]
    marks = np.zeros(0, np.int64) if series is None else series[:, 0, 2]
    unit = lab.inputs[0].contract.multiplier
    cost = {}
    for out in OUT_US:
        later = [_mark_at(times, marks, cut.since_us + begin + out) if out else cut.mark_ticks for cut in cuts]
        cost[out] = sum(cut.lots * (mark - cut.price_ticks) * unit for cut, mark in zip(cuts, later, strict=True))
    share = sum(abs(cut.lots) for cut in cuts) * MILLION // abs(lots)
    return Draw(
        case.member, after.name, case.seed, cuts, liquidated, share, cost,
        batches(closes, 1 if lots > 0 else -1, case.account),
        rehedged(cuts, paths, begin, unit),
        margin_of(cuts, lots, case.entry_ticks, case.margin, unit),
        feedback.name,
    )  # fmt: skip


def _mark_at(times: np.ndarray, marks: np.ndarray, when_us: int) -> int:
    return int(marks[min(int(np.searchsorted(times, when_us)), len(marks) - 1)])


def _story(state: State, mine: int, begin_us: int) -> tuple[tuple[Cut, ...], int | None, list[tuple[int, int, int]]]:
    """Return an account's cuts, when its own liquidation was triggered, and everybody's ADL closes, out of the events.

    A close is (time since the shock began, account, change of lots).
    """
    cuts: list[Cut] = []
    closes: list[tuple[int, int, int]] = []
    liquidated: int | None = None
    now, mark = 0, 0
    for row in _rows(state):
        kind = row[at.V_KIND] >> at.MARKET_BITS
        if kind == at.E_MARK_UPDATED:
            mark, now = row[at.V_B], row[at.V_D]
        elif kind == at.E_POSITION_DELEVERAGED:  # its lots are the change of the position
            closes.append((now - begin_us, row[at.V_ACCOUNT], row[at.V_A]))
            if row[at.V_ACCOUNT] != mine:
                continue
            event = decode_rows([row], 0)[0]
            cuts.append(Cut(now - begin_us, -event["lots"], event["adl_price_ticks"], mark))
        elif row[at.V_ACCOUNT] == mine and kind == at.E_LIQUIDATION_TRIGGERED and liquidated is None:
            liquidated = now - begin_us
    return tuple(cuts), liquidated, closes


def _rows(state: State) -> Iterator[list[int]]:
    count = int(state.header[at.H_EVENTS])
    table = np.asarray(state.events).reshape(-1, 8)[:count]
    wanted = (at.E_MARK_UPDATED, at.E_POSITION_DELEVERAGED, at.E_LIQUIDATION_TRIGGERED)
    kinds = table[:, at.V_KIND] >> at.MARKET_BITS
    yield from table[np.isin(kinds, wanted)].tolist()
