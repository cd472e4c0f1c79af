"""What one rule would change: named what-ifs run one at a time on the same shock, population and seed, then the strongest in pairs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING, Final

from shortfall.errors import Finding, InputError
from shortfall.rules.soundness import check_rules
from shortfall.sim.feedbacks import case_name, feedbacks_of
from shortfall.sim.market import build, gather
from shortfall.sim.measures import Measures, measure
from shortfall.sim.paths import After
from shortfall.sim.run import Scenario, run_all
from shortfall.sim.sensitivity import variations_of, widths
from shortfall.sim.stress import capital_of, paths_for
from shortfall.units import percent_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from shortfall.rules.ruleset import MarginTier, RuleSet
    from shortfall.sim.market import MarketInput
    from shortfall.sim.sensitivity import Widths
    from shortfall.sim.stress import Request

MILLION: Final = 1_000_000
PAIRS_OF: Final = 4  # the strongest single what-ifs are tried in pairs
AS_IT_IS: Final = "as it is"


@dataclass(frozen=True, slots=True)
class WhatIf:
    """One change.

    Parameters
    ----------
    topic : str
        Which decision it is about.
    name : str
        What is changed, as people say it.
    words : tuple of str
        Rules, as `--set` takes them.
    margin_ppm : int
        Factor on initial and maintenance rates of every tier.
    fund_ppm : int
        Factor on the fund's cash.
    """

    topic: str
    name: str
    words: tuple[str, ...] = ()
    margin_ppm: int = MILLION
    fund_ppm: int = MILLION


WHAT_IFS: Final = (
    WhatIf("tiers", "margin of every tier x 1.5", margin_ppm=1_500_000),
    WhatIf("tiers", "margin of every tier x 2", margin_ppm=2_000_000),
    WhatIf("partial liquidation", "whole positions at once", ("amount.method=whole",)),
    WhatIf("partial liquidation", "down to the next tier", ("amount.method=tier",)),
    WhatIf(
        "partial liquidation",
        "20 % and a pause of 30 s",
        ("amount.method=share", "amount.share=20%", "engine.pause=30s"),
    ),
    WhatIf("partial liquidation", "as little as heals", ("amount.method=heal",)),
    WhatIf("slicing", "at most 50 accounts a second", ("engine.per_second=50",)),
    WhatIf("bands", "liquidation orders within 2 % of mark", ("bands.liquidation=2%",)),
    WhatIf("mark rule", "mark is the index", ("mark.method=index",)),
    WhatIf("mark rule", "mark is the last price", ("mark.method=last",)),
    WhatIf("close", "market orders instead of limits at bankruptcy", ("close.style=market",)),
    WhatIf("close", "limits at bankruptcy instead of market orders", ("close.style=bankruptcy",)),
    WhatIf("capacity", "fund holds up to 20 % of itself", ("takeover.fund_capacity=20%",)),
    WhatIf("capacity", "fund holds up to five times itself", ("takeover.fund_capacity=500%",)),
    WhatIf("capacity", "no rule on what the fund holds", ("takeover.fund_capacity=0",)),
    WhatIf("fund", "half the fund", fund_ppm=500_000),
    WhatIf("fund", "twice the fund", fund_ppm=2_000_000),
    WhatIf("backstop", "the capital is a backstop without a capacity rule", ("waterfall=backstop,adl",)),
    WhatIf("unwinding", "inventory is held", ("unwinding.method=hold",)),
    WhatIf("unwinding", "inventory is sold at once", ("unwinding.method=at-once",)),
    WhatIf("ADL rule", "ADL pro rata of the winners' positions", ("adl.rank=pro-rata",)),
    WhatIf("ADL rule", "ADL at mark", ("adl.price=mark",)),
    WhatIf("ADL rule", "only winners are cut", ("adl.eligible=profitable-only",)),
    WhatIf("ADL rule", "closed at mark and the loss socialised instead of ADL", ("waterfall=fund,socialise",)),
)


@dataclass(frozen=True, slots=True)
class Effect:
    """What one change came to, by case: a member under one feedback of forced flow.

    Parameters
    ----------
    change : tuple of WhatIf
        None for the rules as they are, two for a pair.
    measures : dict
        Case to figures (see `shortfall.sim.feedbacks`).
    """

    change: tuple[WhatIf, ...]
    measures: dict[str, Measures]

    @property
    def name(self) -> str:
        """Return what people call it."""
        return _name(self.change)

    def range_of(self, figure: Callable[[Measures], int]) -> tuple[int, int]:
        """Return the lowest and highest of a figure over members and feedbacks."""
        found = [figure(one) for one in self.measures.values()]
        return min(found), max(found)


@dataclass(frozen=True, slots=True)
class Ranking:
    """The rules as they are, every single what-if, the strongest in pairs, and those that contradict the rules."""

    request: Request
    item: MarketInput
    fund_cash: int
    fund_note: str
    base: Effect
    singles: tuple[Effect, ...]
    pairs: tuple[Effect, ...]
    refused: tuple[str, ...]
    widths: Widths


def borne_by_others(found: Measures) -> int:
    """Return what did not come from the trader's margin: the fund's largest loss at mark, winners, socialised, nobody."""
    book = found.result.value
    fund_loss = max(0, found.fund_cash_before - found.fund_equity_lowest)
    return fund_loss + max(0, book.adl_transfer) + book.socialised + book.carried


def harm(found: Measures) -> int:
    """Return what what-ifs are ranked by, for one case: deleveraged notional and what others bear."""
    return found.result.adl_notional + borne_by_others(found)


def total(effect: Effect) -> tuple[int, int]:
    """Return the key of the ranking: deleveraged notional and what others bear, summed over members and feedbacks; lower is safer."""
    cut = sum(one.result.adl_notional for one in effect.measures.values())
    return cut + sum(borne_by_others(one) for one in effect.measures.values()), cut


def rank(request: Request, progress: Callable[[int, int], None] = lambda _done, _all: None) -> Ranking:
    """Run every what-if on common random numbers.

    Raises
    ------
    InputError
        If the rules as changed contradict each other.
    """
    item = gather(
        request.venue, request.symbol, alone=True, changes=request.changes, interest=request.interest, day=request.day,
        ladders=request.ladders,
    )[0]  # fmt: skip
    cash, note = capital_of(item, request.fund)
    jobs: list[tuple[WhatIf, ...]] = [(), *((one,) for one in (*WHAT_IFS, *split_of(request)))]
    steps = len(jobs) + PAIRS_OF * (PAIRS_OF - 1) // 2
    tried: list[Effect | None] = []
    for done, change in enumerate(jobs, start=1):
        tried.append(_try(request, item, cash, change))
        progress(done, steps)
    base, singles = tried[0], [one for one in tried[1:] if one is not None]
    if base is None:
        raise InputError([Finding("--set", "Expected rules that do not contradict each other")])
    refused = [_name(change) for change, one in zip(jobs, tried, strict=True) if one is None]
    strongest = [one for one in sorted(singles, key=total) if total(one) < total(base)][:PAIRS_OF]
    pairs: list[Effect] = []
    for done, (first, second) in enumerate(combinations(strongest, 2), start=len(jobs) + 1):
        both = (*first.change, *second.change)
        pair = _try(request, item, cash, both) if first.change[0].topic != second.change[0].topic else None
        pairs += [] if pair is None else [pair]
        progress(done, steps)
    singles = sorted((one for one in singles if total(one) != total(base)), key=total)
    wide = _widths(request, item, cash, base)
    return Ranking(
        request, item, cash, note, base, tuple(singles), tuple(sorted(pairs, key=total)), tuple(refused), wide
    )


def split_of(request: Request) -> tuple[WhatIf, ...]:
    """Return the what-if of a shared fund that is split over the pool's contracts by open interest at mark; none for a fund of one."""
    pool = gather(request.venue, request.symbol, alone=False, interest=request.interest, day=request.day)
    worth = [one.interest_lots * one.mark_ticks * one.contract.multiplier for one in pool]
    share = worth[0] * MILLION // sum(worth)
    if len(pool) == 1:
        return ()
    return (
        WhatIf("fund split", f"own fund: {percent_text(share)} of the shared one, by open interest", fund_ppm=share),
    )


def _widths(request: Request, item: MarketInput, cash: int, base: Effect) -> Widths:
    """Return how wide the figure that what-ifs are ranked by is, under the rules as they are."""
    exponent = item.contract.scale.settlement.exponent

    def figure(asked: Request) -> dict[str, int]:
        interest = item.interest_lots if asked.interest is None else int(asked.interest / item.contract.scale.lot_size)
        here = replace(item, interest_lots=interest)
        fund = cash if asked.fund is None else int(asked.fund.scaleb(exponent))
        return {name: harm(one) for name, one in _runs(asked, here, item.spec.rules, fund).items()}

    known = {name: harm(one) for name, one in base.measures.items()}
    return widths(known, figure, request, variations_of(request, item))


def _name(change: Sequence[WhatIf]) -> str:
    return " + ".join(one.name for one in change) or AS_IT_IS


def _try(request: Request, item: MarketInput, cash: int, change: tuple[WhatIf, ...]) -> Effect | None:
    """Return what a change comes to, or None where it contradicts the rules."""
    rules = changed(item.spec.rules, change)
    if check_rules(rules).as_tuple():
        return None
    for one in change:
        cash = cash * one.fund_ppm // MILLION
    return Effect(change, _runs(request, item, rules, cash))


def changed(rules: RuleSet, change: Sequence[WhatIf]) -> RuleSet:
    """Return a rule set with what-ifs applied."""
    for one in change:
        for word in one.words:
            rules = rules.changed(word)
        if one.margin_ppm != MILLION:
            rules = replace(rules, tiers=tuple(_scaled(tier, one.margin_ppm) for tier in rules.tiers))
    return rules


def _scaled(tier: MarginTier, factor_ppm: int) -> MarginTier:
    """Return a tier with its rates times a factor, at most 100 %; amounts follow from the rates."""
    rates = (min(MILLION, rate * factor_ppm // MILLION) for rate in (tier.initial_ppm, tier.maintenance_ppm))
    return replace(tier, **dict(zip(("initial_ppm", "maintenance_ppm"), rates, strict=True)), maintenance_amount=None)  # type: ignore[arg-type]  # both are rates


def _runs(request: Request, item: MarketInput, rules: RuleSet, cash: int) -> dict[str, Measures]:
    """Return the figures of every case: each member is drawn once, and every feedback is run on that draw."""
    own = replace(item, spec=replace(item.spec, rules=rules))
    after = request.afters[0] if request.afters else After("hold")
    feedbacks = feedbacks_of(request)
    found: dict[str, Measures] = {}
    for member in request.members:
        lab = build((own,), member, request.accounts, request.seed)
        paths = paths_for(lab, request.shock, after)
        scenarios = [Scenario(paths, request.shock.mode, cash, feedback) for feedback in feedbacks]
        for feedback, outcome in zip(feedbacks, run_all(lab, scenarios, threads=1), strict=True):
            found[case_name(member.name, feedback)] = measure(lab, outcome)
    return found
