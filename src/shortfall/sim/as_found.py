"""Contracts as they were found: each venue's own open interest, depth, fund and tiers under its own rules.

Problem: most venues publish only some of these. An input that is unknown is run at the value that is worst for the user and at the
one that is best, so that what is not published widens the range and can never narrow it. The bounds are those of the contracts beside
it whose figure is known, or stated shares of them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import ROUND_FLOOR, Decimal
from typing import TYPE_CHECKING, Final

from shortfall.data.figures import bundled_contracts, load_bundled
from shortfall.data.records import DepthPoint, DepthProfile, Kind, Sourced
from shortfall.errors import Finding, Findings, InputError
from shortfall.sim.liquidity import OFF, ON
from shortfall.sim.market import CAPITAL, REFERENCE, build, gather, rules_of
from shortfall.sim.measures import Measures, measure
from shortfall.sim.members import FAMILY
from shortfall.sim.paths import After
from shortfall.sim.run import Scenario, run_all
from shortfall.sim.stress import AT_PAR, paths_for
from shortfall.sim.venues import known_venues

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from shortfall.data.figure_records import ContractFigures
    from shortfall.rules.venue import Venue
    from shortfall.sim.liquidity import Feedback
    from shortfall.sim.market import MarketInput
    from shortfall.sim.members import Member
    from shortfall.sim.paths import Shock

AT_DOLLAR: Final = (*AT_PAR, "USD", "USDE")
THIN: Final = Decimal(
    "0.1"
)  # assumed: an unknown book holds a tenth of the common contract's depth for its open interest, at worst
DEPTH_POINTS: Final = 12
BPS: Final = 10_000
APART_DAYS: Final = 30


@dataclass(frozen=True, slots=True)
class Bound:
    """One input of one contract.

    Parameters
    ----------
    name : str
        open interest, fund, or depth.
    low, high : Decimal
        In the common quote asset; depth as a multiple of the recorded or the common profile. Equal where the figure is known and
        nothing is converted.
    known : bool
    source : str
        Address or page, or how an unknown one is bounded.
    as_of : date or None
    """

    name: str
    low: Decimal
    high: Decimal
    known: bool
    source: str
    as_of: date | None


@dataclass(frozen=True, slots=True)
class Found:
    """One contract with its bounds and its book, where one is recorded."""

    figures: ContractFigures
    venue: Venue
    interest: Bound
    fund: Bound
    depth: Bound
    profile: DepthProfile | None
    own_tiers: bool

    @property
    def bounds(self) -> tuple[Bound, ...]:
        """Return all of them."""
        return self.interest, self.fund, self.depth

    @property
    def name(self) -> str:
        """Return venue and symbol as a user writes them."""
        return f"{self.figures.venue}:{self.figures.symbol}"


@dataclass(frozen=True, slots=True)
class FoundCase:
    """One run: a member under the inputs that are worst or best for the user, feedback of forced flow off or on."""

    inputs: str
    member: str
    feedback: str
    interest: int
    fund_cash: int
    measures: Measures


@dataclass(frozen=True, slots=True)
class FoundAnswer:
    """What the shock came to on one contract as found."""

    found: Found
    cases: tuple[FoundCase, ...]

    def spread(self, figure: Callable[[FoundCase], int], member: str | None = None) -> tuple[int, int]:
        """Return the lowest and the highest of a figure, over everything or over one member's runs."""
        values = [figure(case) for case in self.cases if member in (None, case.member)]
        return min(values), max(values)


@dataclass(frozen=True, slots=True)
class AsFound:
    """All contracts, and which of them are apart for every admitted population."""

    item: MarketInput
    answers: tuple[FoundAnswer, ...]
    days_apart: int | None
    lower: tuple[tuple[str, str], ...]


def targets_from(words: Sequence[str]) -> list[tuple[Venue, ContractFigures]]:
    """Read `venue:symbol` words; all findings at once.

    Raises
    ------
    InputError
        If a word has no such form, names no bundled contract, or the base assets differ.
    """
    findings, found = Findings(), []
    for word in words:
        code, _, symbol = word.partition(":")
        venue = known_venues().get(code)
        if venue is None or (code, symbol) not in bundled_contracts():
            held = ", ".join(":".join(pair) for pair in bundled_contracts())
            findings.add(word, f"Expected venue:symbol with recorded figures, one of {held}")
            continue
        found.append((venue, load_bundled(code, symbol)))
    bases = {_base(figures) for _, figures in found}
    if len(bases) > 1:
        findings.add("contracts", f"Expected one base asset, was {', '.join(sorted(bases))}")
    findings.raise_if_any()
    return found


def _base(figures: ContractFigures) -> str:
    return {"XBT": "BTC"}.get(figures.base_asset, figures.base_asset)


def reference_symbol(targets: Sequence[tuple[Venue, ContractFigures]]) -> str:
    """Return the common contract on the targets' base asset."""
    return f"{_base(targets[0][1])}USDT"


def as_found(
    words: Sequence[str],
    shock: Shock,
    members: Sequence[Member] = FAMILY,
    *,
    accounts: int = 5_000,
    seed: int = 1,
    threads: int = 2,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> AsFound:
    """Run one shock on every contract as it was found.

    Raises
    ------
    InputError
        If a target is unknown.
    """
    targets = targets_from(words)
    item = gather(REFERENCE, reference_symbol(targets), alone=True)[0]
    found = bounded(targets, item, shock)
    answers = []
    for done, one in enumerate(found, start=1):
        cases = [
            _case(item, one, shock, (inputs, member, feedback), (accounts, seed, threads))
            for feedback in (OFF, ON)
            for inputs in (("as found",) if all(b.low == b.high for b in one.bounds) else ("worst", "best"))
            for member in members
        ]
        answers.append(FoundAnswer(one, tuple(cases)))
        progress(done, len(found))
    return AsFound(item, tuple(answers), days_apart(found), lower_for_every(answers, [m.name for m in members]))


def lower_for_every(answers: Sequence[FoundAnswer], members: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Return pairs (a, b) where a's deleveraged share of open interest is below b's for every member, ranges apart."""
    pairs = []
    for one in answers:
        for other in answers:
            apart = [one.spread(cut_ppm, name)[1] < other.spread(cut_ppm, name)[0] for name in members]
            if one is not other and all(apart):
                pairs.append((one.found.name, other.found.name))
    return tuple(pairs)


def cut_ppm(case: FoundCase) -> int:
    """Return deleveraged notional in ppm of open interest."""
    return case.measures.result.adl_notional * 1_000_000 // case.interest


def days_apart(found: Sequence[Found]) -> int | None:
    """Return the days between the oldest and the newest input that has a date; None for fewer than two."""
    days = [bound.as_of for one in found for bound in one.bounds if bound.as_of is not None]
    return (max(days) - min(days)).days if len(days) > 1 else None


def bounded(targets: Sequence[tuple[Venue, ContractFigures]], item: MarketInput, shock: Shock) -> list[Found]:
    """Return the contracts with their bounds; what one lacks is bounded by the others and by the common contract."""
    mark = item.snapshot.mark_price.known()
    common = item.snapshot.open_interest_base.known() * mark
    interests = [known_interest(figures) for _, figures in targets]
    known = [bound.low for bound in interests if bound is not None] or [common]
    out = []
    for (venue, figures), own in zip(targets, interests, strict=True):
        told = "unknown: the smallest and the largest known open interest beside it (or the common contract's)"
        interest = own or Bound("open interest", min(known), max(known), known=False, source=told, as_of=None)
        profile, when, where = own_profile(figures, item)
        depth = Bound("depth", Decimal(1), Decimal(1), known=True, source=where, as_of=when)
        if profile is None:
            share = interest.high / common
            told = "unknown: a tenth of the common contract's depth for its open interest, to all of it (assumed)"
            depth = Bound("depth", THIN * interest.low / common, share, known=False, source=told, as_of=None)
        terms = venue.contract(figures.symbol) or venue.contract(_base(figures))
        tiers = terms is not None or venue.code == item.snapshot.venue
        out.append(Found(figures, venue, interest, fund_bound(figures, interest, item, shock), depth, profile, tiers))
    return out


def known_interest(figures: ContractFigures) -> Bound | None:
    """Return open interest at the venue's own mark, one side counted; None where unknown."""
    own = figures.get("open_interest_notional")
    if not isinstance(own.value, Decimal):
        return None
    return Bound("open interest", own.value, own.value, known=True, source=own.source, as_of=_day(own.as_of))


def fund_bound(figures: ContractFigures, interest: Bound, item: MarketInput, shock: Shock) -> Bound:
    """Return the money behind a contract: dollars at par, coins at mark after the shock (low) and before it (high).

    A pool that is not recorded is bounded by nothing and by the reference pool's share of its contract's open interest.
    """
    pool = figures.pool_of_contract() or (figures.pools[0] if figures.pools else None)
    vaults = [one for one in figures.pools if one.form == "vault"]
    used = vaults or ([pool] if pool is not None else [])
    if used:
        price = figures.get("mark_price").value or figures.get("index_price").value or item.snapshot.mark_price.known()
        mark = price if isinstance(price, Decimal) else item.snapshot.mark_price.known()
        after = mark * (1 + Decimal(min(0, shock.gap_ppm)) / 1_000_000)
        base = (figures.base_asset, _base(figures), "XBT" if _base(figures) == "BTC" else "")
        held = [asset for one in used for asset in one.assets]
        dollars = sum((asset.balance for asset in held if asset.asset in AT_DOLLAR), Decimal(0))
        coins = sum((asset.balance for asset in held if asset.asset in base), Decimal(0))
        if dollars or coins:
            names = ", ".join(one.name for one in used)
            when = next((_day(one.as_of) for one in used if one.as_of is not None), None)
            note = f"{names}; dollars at par, coins at mark after and before the shock"
            return Bound("fund", dollars + coins * after, dollars + coins * mark, known=True, source=note, as_of=when)
    share = _pool_share(item)
    told = "unknown: nothing, to the reference pool's share of open interest"
    return Bound("fund", Decimal(0), interest.high * share, known=False, source=told, as_of=None)


def _pool_share(item: MarketInput) -> Decimal:
    pool = item.snapshot.pool.value
    if pool is None:
        return Decimal("0.01")
    cash = sum((held.balance for held in pool.assets if held.asset in AT_PAR), Decimal(0))
    return cash / (item.snapshot.open_interest_base.known() * item.snapshot.mark_price.known())


def own_profile(figures: ContractFigures, item: MarketInput) -> tuple[DepthProfile | None, date | None, str]:
    """Return (cumulative depth, its day, its source) of a recorded book; None where there is none."""
    own = figures.get("depth")
    if figures.depth is not None:
        return figures.depth, _day(own.as_of), own.source
    bids = [level for level in figures.book if level.side == "bid"]
    asks = [level for level in figures.book if level.side == "ask"]
    if not bids or not asks:
        return None, None, ""
    mid = (max(level.price for level in bids) + min(level.price for level in asks)) / 2
    common = item.snapshot.mark_price.known()
    away = sorted({abs(level.price - mid) / mid * BPS for level in figures.book})
    kept = away[:: max(1, len(away) // DEPTH_POINTS)]
    points = tuple(
        DepthPoint(
            bps,
            *(sum((x.size_base * mid for x in side if abs(x.price - mid) / mid * BPS <= bps), Decimal(0)) for side in (bids, asks)),
        )
        for bps in kept
    )  # fmt: skip
    book = figures.get("book")
    return DepthProfile(points, kept[-1], common, "extrapolated"), _day(book.as_of), f"one book: {book.source}"


def _day(when: datetime | date | None) -> date | None:
    return when.date() if isinstance(when, datetime) else when


def _case(
    item: MarketInput, one: Found, shock: Shock, which: tuple[str, Member, Feedback], size: tuple[int, int, int]
) -> FoundCase:
    """Run one member. Worst: largest open interest, smallest fund, thinnest book; best: the other ends."""
    (inputs, member, feedback), (accounts, seed, threads) = which, size
    worst = inputs == "worst"
    interest = one.interest.high if worst else one.interest.low
    fund, share = (one.fund.low, one.depth.low) if worst else (one.fund.high, one.depth.high)
    mark = item.snapshot.mark_price.known()
    lots = int((interest / mark / item.snapshot.lot_size.known()).to_integral_value(ROUND_FLOOR))
    depth = one.profile or item.snapshot.depth.known()
    snapshot = replace(item.snapshot, depth=_stated(item.snapshot.depth, scaled(depth, share, mark)))
    terms = one.venue if one.own_tiers else replace(one.venue, terms=())
    rules = rules_of(snapshot, (), terms)
    if not one.own_tiers:
        rules = rules.with_tiers(item.spec.rules.tiers)
    spec = replace(item.spec, rules=rules, fund=CAPITAL, pool=CAPITAL, backstop=CAPITAL)
    own = replace(item, snapshot=snapshot, spec=spec, interest_lots=max(1, lots))
    lab = build((own,), member, accounts, seed)
    exponent = item.contract.scale.settlement.exponent
    cash = int(fund.scaleb(exponent))
    paths = paths_for(lab, shock, After("hold"))
    found = measure(lab, run_all(lab, [Scenario(paths, shock.mode, cash, feedback)], threads=threads)[0])
    return FoundCase(
        inputs, member.name, feedback.name, own.interest_lots * own.mark_ticks * own.contract.multiplier, cash, found
    )


def scaled(depth: DepthProfile, share: Decimal, mark: Decimal) -> DepthProfile:
    """Return a profile with every notional times a share, around the common mark."""
    points = tuple(
        DepthPoint(p.distance_bps, p.bid_notional_quote * share, p.ask_notional_quote * share) for p in depth.points
    )
    return DepthProfile(points, depth.observed_to_bps, mark, depth.beyond)


def _stated(field: Sourced[DepthProfile], profile: DepthProfile) -> Sourced[DepthProfile]:
    return replace(field, kind=Kind.OBSERVED, value=profile)


def check_targets(words: Sequence[str]) -> None:
    """Raise `InputError` with all findings unless at least two contracts on one base asset are named."""
    targets_from(words)
    if len(set(words)) < 2:  # noqa: PLR2004 - a comparison needs two
        raise InputError([Finding("contracts", f"Expected two or more different contracts, was {' '.join(words)}")])
