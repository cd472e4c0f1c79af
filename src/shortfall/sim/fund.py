"""Months of a fund on recorded bars: what fills it on calm days, what a bad day takes, and how many calm days that was.

The path is observed: recorded marks (and trades) are imposed as they were, forced orders fill at the recorded price and move nothing,
because the bars already contain what they moved. So a close by order leaves no inventory; where a rule hands positions over without an
order, what is still held at the end of a day counts as closed at its last mark.

The population is renewed every day. Problem: accounts that were liquidated are gone, and others come. Observation: a member of the family
says how old its positions are. Therefore the population of a day is drawn again from the member, opened at recorded prices of the days
before, with those dropped that were liquidated since; only the fund's cash goes on from one day to the next.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from shortfall.data.series import available_series, load_series, load_series_file
from shortfall.errors import Finding, InputError, ensure
from shortfall.kernels import layout as at
from shortfall.kernels import stress
from shortfall.sim.market import REFERENCE, build, gather
from shortfall.sim.observed import expand, observed_paths, recorded
from shortfall.sim.paths import SECOND_US, Paths
from shortfall.sim.population import history_from
from shortfall.sim.run import Scenario, run_all
from shortfall.sim.stress import capital_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from shortfall.data.records import Bars
    from shortfall.sim.market import Laboratory, MarketInput
    from shortfall.sim.members import Member
    from shortfall.sim.run import Outcome
    from shortfall.sim.stress import Request

DAY_S: Final = 86_400
DAYS_OF_A_MONTH: Final = 30
WARM_UP_DAYS: Final = 10  # the first days only make the population of the next
STEPS_OF_A_BAR: Final = 60
MILLION: Final = 1_000_000
EVENT: Final = "oct10"
RECORDED, WORSE = "recorded fill", "worse fill"
FILLS: Final = (RECORDED, WORSE)
ORDERS_RUN: Final = ("low first", "high first")


@dataclass(frozen=True, slots=True)
class Model:
    """One way to run the months: whose population, which order inside a bar, which fill of forced orders."""

    member: str
    order: str
    fill: str

    @property
    def name(self) -> str:
        """Return how a person writes it."""
        return f"{self.member}, {self.order}, {self.fill}"


@dataclass(frozen=True, slots=True)
class FundDay:
    """One day of a fund in one model; money in settlement units.

    Parameters
    ----------
    start_unix_s : int
        When it begins.
    cash_before, cash_after : int
        Of the fund.
    surplus, fees : int
        Income: surplus of liquidations, and liquidation fees.
    deficits : int
        Spending: what the fund paid for accounts that ended below zero.
    inventory : int
        What positions taken over gained, signed: those still held at the day's end count as closed at its last mark.
    liquidated, deleveraged, uncovered : int
        Notional closed by force and by ADL, and claims that nobody paid.
    """

    start_unix_s: int
    cash_before: int
    cash_after: int
    surplus: int
    fees: int
    deficits: int
    inventory: int
    liquidated: int
    deleveraged: int
    uncovered: int

    @property
    def net(self) -> int:
        """Return income less spending."""
        return self.surplus + self.fees - self.deficits + self.inventory


@dataclass(frozen=True, slots=True)
class Track:
    """All days of one model."""

    model: Model
    days: tuple[FundDay, ...]

    def total(self, name: str) -> int:
        """Return the sum of a field over the days."""
        return sum(int(getattr(day, name)) for day in self.days)

    @property
    def impulse(self) -> FundDay:
        """Return the day that took most from the fund (or brought least)."""
        return min(self.days, key=lambda day: (day.net, day.start_unix_s))

    @property
    def calm_income(self) -> int | None:
        """Return the mean income less spending of the calm days, on which the fund did not lose; None without one, rounded down."""
        calm = [day.net for day in self.days if day.net >= 0]
        return sum(calm) // len(calm) if calm else None

    @property
    def calm_days_of_impulse(self) -> float | None:
        """Return how many calm days' income the impulse cost; 0 where no day cost more than it brought, None without calm income."""
        lost = -self.impulse.net
        if lost <= 0:
            return 0.0
        return lost / self.calm_income if self.calm_income else None


@dataclass(frozen=True, slots=True)
class FundAnswer:
    """Every track.

    Parameters
    ----------
    bars, event : str
        The recorded series of the months, and of the evening that follows them ('' for none).
    worse_ppm : dict
        Member to how much worse than recorded a forced fill is in the second model, of notional.
    """

    request: Request
    item: MarketInput
    bars: str
    price: str
    event: str
    fund_cash: int
    fund_note: str
    worse_ppm: dict[str, int]
    tracks: tuple[Track, ...]

    def range_of(self, figure: Callable[[Track], int]) -> tuple[int, int]:
        """Return the lowest and highest of a figure over models."""
        found = [figure(track) for track in self.tracks]
        return min(found), max(found)


@dataclass(frozen=True, slots=True)
class Slice:
    """One day of bars with what came before it."""

    start_unix_s: int
    past: Bars
    bars: Bars | None


def fund_months(
    request: Request, months: int | None = None, bars_file: str | None = None,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> FundAnswer:  # fmt: skip
    """Run the months for every member, order of a bar's prices and fill of forced orders.

    Parameters
    ----------
    months : int or None
        The last so many times thirty days; None for all that is recorded after the warm-up.
    bars_file : str or None
        A series in the package's format instead of the bundled one; no evening follows it.

    Raises
    ------
    InputError
        If the rules have no fund, or no series is long enough.
    """
    item = gather(
        request.venue, request.symbol, alone=True, changes=request.changes, interest=request.interest, day=request.day,
        ladders=request.ladders,
    )[0]  # fmt: skip
    bars = load_series_file(bars_file) if bars_file is not None else bundled_bars(item)
    _check_scale(item, bars)
    event = EVENT if bars_file is None and recorded(item, EVENT) is not None else ""
    slices = slices_of(bars, months, with_event=bool(event))
    cash, note = capital_of(item, request.fund)
    tracks: dict[Model, list[FundDay]] = {}
    worse: dict[str, int] = {}
    for k, (day, member) in enumerate(((day, member) for day in slices for member in request.members), start=1):
        here = _input_of(item, day)
        for fill in FILLS:
            if fill == WORSE and member.name not in worse:
                plain = build((here,), member, request.accounts, request.seed, observed=True)
                worse[member.name] = worse_fill_ppm(plain, request.shock.depth_left_ppm)
            lab = _laboratory(here, member, request, day, worse[member.name] if fill == WORSE else 0)
            models = [Model(member.name, order, fill) for order in ORDERS_RUN]
            before = [tracks[model][-1].cash_after if model in tracks else cash for model in models]
            runs = [
                Scenario(_paths(here, day, model.order), "observed", c) for model, c in zip(models, before, strict=True)
            ]
            for model, outcome in zip(models, run_all(lab, runs, threads=request.threads), strict=True):
                tracks.setdefault(model, []).append(day_of(day.start_unix_s, outcome))
        progress(k, len(slices) * len(request.members))
    found = tuple(Track(model, tuple(days)) for model, days in tracks.items())
    return FundAnswer(request, item, bars.name, bars.price, event, cash, note, worse, found)


def bundled_bars(item: MarketInput) -> Bars:
    """Return the latest bundled series of a contract that is long enough to make a population first.

    Raises
    ------
    InputError
        If there is none.
    """
    start = f"{REFERENCE}/{item.snapshot.symbol}_"
    names = [name for name in available_series() if name.startswith(start) and "_to_" in name]
    if not names:
        message = f"Expected a series of {item.snapshot.symbol}, none is bundled: give one of the package's format with --bars FILE"
        raise InputError([Finding("--bars", message)])
    return load_series(max(names, key=lambda name: name.rsplit("_to_", 1)[1]))


def slices_of(bars: Bars, months: int | None, *, with_event: bool) -> tuple[Slice, ...]:
    """Return the days after the warm-up, each with the bars before it; the evening of the event is a day of its own, without bars.

    Raises
    ------
    InputError
        If a bar is no whole part of a day, or nothing is left after the warm-up.
    """
    each = DAY_S // bars.step_s if bars.step_s <= DAY_S and DAY_S % bars.step_s == 0 else 0
    days = len(bars) // each if each else 0
    if days <= WARM_UP_DAYS:
        message = f"Expected bars that divide a day, and more than {WARM_UP_DAYS} days of them, was {days} days"
        raise InputError([Finding("--bars", message)])
    first = WARM_UP_DAYS if months is None else max(WARM_UP_DAYS, days - DAYS_OF_A_MONTH * months)
    found = [
        Slice(bars.open_time_unix_s[k * each], _part(bars, 0, k * each), _part(bars, k * each, (k + 1) * each))
        for k in range(first, days)
    ]
    if with_event:
        found.append(Slice(bars.open_time_unix_s[-1] + bars.step_s, bars, None))
    return tuple(found)


def _part(bars: Bars, first: int, last: int) -> Bars:
    columns = ("open_time_unix_s", "open_price", "high_price", "low_price", "close_price")
    return replace(bars, **{name: getattr(bars, name)[first:last] for name in columns})


def _check_scale(item: MarketInput, bars: Bars) -> None:
    top = item.contract.max_price_ticks * item.contract.scale.tick_size
    if max(bars.high_price) >= top:
        message = f"Expected prices below {top} (sixteen times the snapshot's mark), was {max(bars.high_price)}"
        raise InputError([Finding("--bars", message)])


def _input_of(item: MarketInput, day: Slice) -> MarketInput:
    """Return the market as it stood when a day began: its mark, and the past that its population lived through."""
    price = day.past.close_price[-1] if day.bars is None else day.bars.open_price[0]
    ticks = max(1, round(price / item.contract.scale.tick_size))
    return replace(item, mark_ticks=ticks, history=history_from(day.past, ticks))


def _laboratory(here: MarketInput, member: Member, request: Request, day: Slice, worse_ppm: int) -> Laboratory:
    """Return a day's laboratory, its population drawn with the seed and the day; a worse fill is a cost of the forced order."""
    if worse_ppm:
        cost = here.spec.rules.close.taker_fee + worse_ppm
        words = [f"close.{name}={cost / 10_000:f}%" for name in ("bankruptcy_fee", "taker_fee")]
        rules = here.spec.rules
        for word in words:
            rules = rules.changed(word)
        here = replace(here, spec=replace(here.spec, rules=rules))
    seed = request.seed * 1_000_003 + day.start_unix_s // DAY_S
    lab = build((here,), member, request.accounts, seed, observed=True)
    if lab.exchange.holder(0, at.M_FUND) < 0:
        raise InputError([Finding("VENUE", f"Expected rules with a fund, {request.venue} has none to follow")])
    return lab


def _paths(here: MarketInput, day: Slice, order: str) -> Paths:
    """Return a day's recorded path, or that of the evening of the event."""
    if day.bars is None:
        return observed_paths((here,), EVENT, order)
    prices = expand(day.bars, order, 1 / float(here.contract.scale.tick_size), STEPS_OF_A_BAR)
    ticks = np.clip(np.rint(prices), 1, here.contract.max_price_ticks - 1).astype(np.int64).reshape(-1, 1)
    times = (np.arange(len(ticks)) + 1) * (day.bars.step_s * SECOND_US // STEPS_OF_A_BAR)
    return Paths(times.astype(np.int64), ticks, ticks.copy(), np.full(len(ticks), MILLION, np.int64), len(ticks) - 1)


def day_of(start_unix_s: int, outcome: Outcome) -> FundDay:
    """Return a day out of what a run left; the fund's cash after it is its equity at the last mark.

    Raises
    ------
    InvariantViolationError
        If nothing was taken over and the fund's cash did not move by its income less its spending.
    """
    result, extra = outcome.results[0], outcome.extra[0]
    before, after = int(extra[stress.O_CASH_BEFORE]), int(extra[stress.O_EQUITY_AFTER])
    inventory = after - before - (result.surplus + result.fees - result.cash_paid)
    ensure(
        inventory == 0 or result.taken_lots > 0, "without inventory the fund's cash moves by its income less its spending",
        before=before, after=after, surplus=result.surplus, fees=result.fees, deficits=result.cash_paid,
    )  # fmt: skip
    return FundDay(
        start_unix_s=start_unix_s,
        cash_before=before,
        cash_after=after,
        surplus=result.surplus,
        fees=result.fees,
        deficits=result.cash_paid,
        inventory=inventory,
        liquidated=result.liquidated_notional,
        deleveraged=result.adl_notional,
        uncovered=result.value.carried,
    )


def worse_fill_ppm(lab: Laboratory, depth_ppm: int) -> int:
    """Return what a lot pays beyond mark if its account's whole position walks a share of the recorded book, of notional, rounded up.

    The position is the mean over lots of the size of the account that holds them; the book is the makers' ladder, the thinner side.
    """
    state = lab.exchange.state
    positions = np.asarray(state.positions).reshape(-1, 8)[: int(state.header[at.H_POSITIONS])]
    kinds = np.asarray(state.accounts).reshape(-1, 8)[positions[:, at.P_KEY] >> at.MARKET_BITS, at.A_KIND]
    lots = np.abs(positions[(kinds & ((1 << at.KIND_ASSET) - 1)) == at.TRADER, at.P_SIZE]).astype(float)
    size = float((lots**2).sum() / max(1.0, lots.sum()))
    return max(walk_ppm(lab.ladder, side, size, depth_ppm) for side in (1, 2))


def walk_ppm(ladder: Sequence[Sequence[int]] | np.ndarray, side: int, lots: float, depth_ppm: int) -> int:
    """Return the mean distance from mark at which lots fill in a ladder of (distance, bid, ask), rounded up; beyond it at its end."""
    rows = np.asarray(ladder, float).reshape(-1, 3)
    shown = rows[:, side] * depth_ppm / MILLION
    before = np.concatenate([[0.0], np.cumsum(shown)[:-1]])
    taken = np.clip(lots - before, 0.0, shown)
    rest = lots - float(taken.sum())
    paid = float((taken * rows[:, 0]).sum()) + rest * float(rows[-1, 0])
    return int(np.ceil(paid / lots)) if lots > 0 else 0


def moves_most(tracks: Sequence[Track]) -> str | None:
    """Return the part of a model along which income less spending moves most, on average over the others; None if it never moves."""
    spreads = {name: _spread(tracks, name) for name in ("member", "order", "fill")}
    name = max(spreads, key=lambda one: spreads[one])
    words = {"member": "population", "order": "order of prices inside a bar", "fill": "fill of forced orders"}
    return words[name] if spreads[name] > 0 else None


def _spread(tracks: Sequence[Track], part: str) -> float:
    """Return the mean, over the other parts, of highest less lowest income less spending along one part of the models."""
    groups: dict[tuple[str, ...], list[int]] = {}
    for track in tracks:
        others = tuple(getattr(track.model, name) for name in ("member", "order", "fill") if name != part)
        groups.setdefault(others, []).append(track.total("net"))
    return sum(max(found) - min(found) for found in groups.values()) / len(groups)


__all__ = [
    "FILLS",
    "FundAnswer",
    "FundDay",
    "Model",
    "Slice",
    "Track",
    "bundled_bars",
    "day_of",
    "fund_months",
    "moves_most",
    "slices_of",
    "walk_ppm",
    "worse_fill_ppm",
]
