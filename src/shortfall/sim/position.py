"""What a stated shock does to one position: cut or not, how much, at what price, and what being out of the market then costs.

The position is put into every laboratory as an account of its own, at a stated entry and leverage; the engine does the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING, Final

import numpy as np

from shortfall.engine.exchange import decode_rows
from shortfall.errors import Findings, InputError
from shortfall.kernels import layout as at
from shortfall.model.commands import Deposit, ImposedFill
from shortfall.sim.market import build, gather
from shortfall.sim.paths import MINUTE_US, usual_afters
from shortfall.sim.run import Scenario, replay
from shortfall.sim.stress import fund_of, paths_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from shortfall.kernels.native import State
    from shortfall.sim.market import Laboratory, MarketInput
    from shortfall.sim.paths import After
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
    """One run: a member, an after-shock path, a seed.

    Parameters
    ----------
    cuts : tuple of Cut
        Every ADL of the position.
    liquidated_us : int or None
        When its own liquidation was triggered, since the shock began.
    cost_of_out : dict
        Time out of the market in microseconds to what was given up by having been closed at the ADL price instead of being held
        until the mark at that time: `side x (mark then - ADL price) x size`, settlement units; negative is a gain.
    """

    member: str
    after: str
    seed: int
    cuts: tuple[Cut, ...]
    liquidated_us: int | None
    share_cut_ppm: int
    cost_of_out: dict[int, int]


@dataclass(frozen=True, slots=True)
class Case:
    """A laboratory with the position in it."""

    lab: Laboratory
    account: int
    lots: int
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


def position(
    request: Request, held: Held, seeds: int, progress: Callable[[int, int], None] = lambda _done, _all: None
) -> PositionAnswer:
    """Run the shock with the position in it, for every member, after-shock path and seed.

    Raises
    ------
    InputError
        If the position is none that the contract can hold, or the fund is unknown and not given.
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
        draws += [_draw(Case(lab, mine, lots, member.name, seed), request, after, cash) for after in afters]
        progress(done, len(jobs))
    return PositionAnswer(request, item, held, lots, ticks, margin, cash, note, tuple(draws))


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
    known, note = fund_of(item.snapshot)
    known, note = (request.fund, "given by the user") if request.fund is not None else (known, note)
    if known is None:
        findings.add("--fund", f"Expected a fund, because the recorded one is unknown ({note})")
    findings.raise_if_any(InputError)
    return int((known or Decimal(0)).scaleb(item.contract.scale.settlement.exponent)), note


def _enter(lab: Laboratory, lots: int, ticks: int, margin: int) -> int:
    """Put the position into a laboratory, against the outside world. Returns its account."""
    exchange = lab.exchange
    mine = exchange.open_account("the position")
    exchange.must(Deposit(mine, margin))
    exchange.must(ImposedFill(mine, 0, lots, ticks, exchange.names.ids[f"outside {exchange.assets[0].code}"]))
    exchange.read_event_rows()
    return mine


def _draw(case: Case, request: Request, after: After, cash: int) -> Draw:
    lab, lots = case.lab, case.lots
    paths = paths_for(lab, request.shock, after)
    outcome, state = replay(lab, Scenario(paths, request.shock.mode, cash))
    begin = int(paths.times_us[max(0, paths.shock_end - request.shock.over_us // request.shock.step_us)])
    cuts, liquidated = _story(state, case.account, begin)
    series = outcome.series
    times = np.zeros(0, np.int64) if series is None else series[:, 0, 0]
    marks = np.zeros(0, np.int64) if series is None else series[:, 0, 2]
    unit = lab.inputs[0].contract.multiplier
    cost = {}
    for out in OUT_US:
        later = [_mark_at(times, marks, cut.since_us + begin + out) if out else cut.mark_ticks for cut in cuts]
        cost[out] = sum(cut.lots * (mark - cut.price_ticks) * unit for cut, mark in zip(cuts, later, strict=True))
    share = sum(abs(cut.lots) for cut in cuts) * MILLION // abs(lots)
    return Draw(case.member, after.name, case.seed, cuts, liquidated, share, cost)


def _mark_at(times: np.ndarray, marks: np.ndarray, when_us: int) -> int:
    return int(marks[min(int(np.searchsorted(times, when_us)), len(marks) - 1)])


def _story(state: State, mine: int, begin_us: int) -> tuple[tuple[Cut, ...], int | None]:
    """Return the cuts of an account and when its own liquidation was triggered, out of the events."""
    cuts: list[Cut] = []
    liquidated: int | None = None
    now, mark = 0, 0
    for row in _rows(state):
        kind = row[at.V_KIND] >> at.MARKET_BITS
        if kind == at.E_MARK_UPDATED:
            mark, now = row[at.V_B], row[at.V_D]
        elif row[at.V_ACCOUNT] == mine and kind == at.E_POSITION_DELEVERAGED:  # its lots are the change of the position
            event = decode_rows([row], 0)[0]
            cuts.append(Cut(now - begin_us, -event["lots"], event["adl_price_ticks"], mark))
        elif row[at.V_ACCOUNT] == mine and kind == at.E_LIQUIDATION_TRIGGERED and liquidated is None:
            liquidated = now - begin_us
    return tuple(cuts), liquidated


def _rows(state: State) -> Iterator[list[int]]:
    count = int(state.header[at.H_EVENTS])
    table = np.asarray(state.events).reshape(-1, 8)[:count]
    wanted = (at.E_MARK_UPDATED, at.E_POSITION_DELEVERAGED, at.E_LIQUIDATION_TRIGGERED)
    kinds = table[:, at.V_KIND] >> at.MARKET_BITS
    yield from table[np.isin(kinds, wanted)].tolist()
