"""An assessment of one contract: every metric, the lab's findings, the cause, who pays. Nothing here is weighed into one number."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, Decimal
from typing import TYPE_CHECKING, Final

from shortfall.assess.buffer import largest_covered
from shortfall.assess.collected import depth_rows, growth, watched_adl
from shortfall.assess.laboratory import HARDER, LAWS, QUESTIONS, amount, run_laboratory
from shortfall.assess.metrics import adl, depth, fund, history, interest, ladder, mark, stated, volatility
from shortfall.assess.metrics.record import Input, ranged, unknown
from shortfall.data.figures import bundled_contracts, load_bundled
from shortfall.errors import CapacityError
from shortfall.sim.paths import After
from shortfall.sim.position import Held, position
from shortfall.sim.variants import PLAIN

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from shortfall.assess.laboratory import Findings, Run
    from shortfall.assess.metrics.record import Metric
    from shortfall.assess.subject import Subject
    from shortfall.sim.position import PositionAnswer
    from shortfall.sim.stress import Request

SIZES_PPM: Final = (0, 1_000, 10_000, 50_000)  # of open interest; 0 stands for a small position
SMALL: Final = 10_000  # settlement units of a small position
LEVERAGE: Final = Decimal(5)
POSITION_ACCOUNTS: Final = 1_000
MILLION: Final = 1_000_000
BUFFER_PPM: Final = 100_000
HARDER_KEY: Final = "negative_balance_in_a_second"
LAB: Final = "runs of the lab on synthetic populations"


@dataclass(frozen=True, slots=True)
class Cut:
    """What ADL does to a position of a stated size: the lowest and highest share cut, and its own liquidations, over all draws."""

    side: str
    notional: Decimal
    share_low: float
    share_high: float
    draws: int
    cut: int
    liquidated: int


@dataclass(frozen=True, slots=True)
class Assessment:
    """Everything that was found about one contract in one stated shock."""

    subject: Subject
    request: Request
    metrics: tuple[Metric, ...]
    lab: Findings | None
    cuts: tuple[Cut, ...]

    def metric(self, key: str) -> Metric:
        """Return a metric by its key."""
        return next(one for one in self.metrics if one.key == key)


def assess(subject: Subject, request: Request, progress: Callable[[str], None] = lambda _: None) -> Assessment:
    """Compute every metric of a contract, and run everything of the lab that they need."""
    lab = run_laboratory(subject, request, progress)
    progress("positions")
    cuts = () if lab is None else tuple(_cuts(subject, request, lab))
    metrics = (
        *card(subject),
        *_buffer(subject),
        *_fund(subject, lab),
        *_book(subject),
        *_crowd(subject),
        *_mark(subject, lab),
        *_adl(subject),
        *_stated(lab),
        *_position(cuts),
    )
    return Assessment(subject, request, tuple(metrics), lab, cuts)


def card(subject: Subject) -> tuple[Metric, ...]:
    """Return the four numbers that a fund is read with: the fund, open interest, volatility, maximum leverage."""
    figures, bars = subject.figures, subject.bars
    reason = "no recorded prices of this contract"
    reason += "" if subject.item is None else "; the laboratory lives through another contract's"
    return (
        fund.fund_of_contract(figures),
        interest.open_interest(figures),
        volatility.realised(bars, reason),
        volatility.tail(bars, reason=reason),
        ladder.maximum_leverage(figures),
    )


def _buffer(subject: Subject) -> list[Metric]:
    """Return the largest position that leaves without loss to others through a tenth of recorded depth, and how long that takes."""
    key, title = "buffer", "largest position whose exit its own margin covers, at a tenth of depth"
    formula = (
        "largest position of a tier that leaves by a market order at its trigger without a deficit, through the engine"
    )
    traded = depth.volume(subject.figures, *subject.volume)
    item = subject.item
    if item is None or all(tier.top_notional is None for tier in item.spec.rules.tiers):
        reason = _no_lab(subject) if item is None else "the rules have no tier with a bound"
        return [unknown(key, title, "", formula, reason), depth.time_to_unwind(None, traded)]
    covered = [amount(item, size) for size in largest_covered(item, BUFFER_PPM).values()]
    held = item.snapshot
    source = [Input("depth", f"{held.venue} {held.symbol}, with and without what lies beyond it", held.depth.source)]
    unit = item.contract.scale.settlement.code
    made = ranged(key, title, covered, unit, formula, inputs=source, note="tiers as a whole; see `shortfall buffer`")
    return [made, depth.time_to_unwind(max(covered), traded)]


def _fund(subject: Subject, lab: Findings | None) -> list[Metric]:
    figures = subject.figures
    members = [load_bundled(v, s) for v, s in bundled_contracts() if v == figures.venue]
    found = [
        fund.fund_form(figures),
        fund.fund_over_interest(figures),
        fund.fund_over_pool_interest(figures, members),
        fund.fund_currencies(figures),
    ]
    unit, reason = figures.settlement_asset, _no_lab(subject)
    if lab is None:
        return [*found, stated.available_alone(None, unit, (), reason), stated.available_after_others((), unit, (), reason),
                stated.share_consumed((), (), reason), fund.fund_over_near(None, (), unit, (), reason)]  # fmt: skip
    cash = None if lab.fund_cash is None else amount(lab.item, lab.fund_cash)
    source = [
        Input(
            "fund of the runs", lab.fund_note, "snapshot of " + lab.item.snapshot.venue + " " + lab.item.snapshot.symbol
        )
    ]
    own = "the venue's other contracts are not recorded" if lab.item.is_common else ""
    left = [amount(lab.item, one) for one in lab.fund_left]
    alone = "nobody else of its pool is recorded, or the fund is unknown"
    lots = lab.item.mark_ticks * lab.item.contract.multiplier
    near = [amount(lab.item, max(one.long_lots, one.short_lots) * lots) for one in lab.near]
    nearby = [
        Input(f"near liquidation, {n.member}", f"long {n.long_lots} and short {n.short_lots} lots", LAB)
        for n in lab.near
    ]
    shares = [] if cash is None or cash == 0 else [_consumed(run) for run in lab.stated]
    unknown_fund = f"the fund is {lab.fund_note}" if cash is None else ""
    return [
        *found,
        stated.available_alone(cash, unit, source, unknown_fund),
        stated.available_after_others(left, unit, [*source, _inputs(lab)], unknown_fund or own or alone),
        stated.share_consumed(shares, [*source, _inputs(lab)], unknown_fund or "the fund is given as nothing"),
        fund.fund_over_near(cash, near, unit, [*source, *nearby], unknown_fund),
        _near(lab, nearby),
    ]


def _near(lab: Findings, inputs: Sequence[Input]) -> Metric:
    shares = [max(one.long_lots, one.short_lots) / lab.item.interest_lots for one in lab.near]
    title = "share of open interest within 10 % of its liquidation price, worse side (synthetic)"
    return ranged("near_open_interest", title, shares, "fraction", "lots of a side / open interest", inputs=inputs)


def _consumed(run: Run) -> Decimal:
    return Decimal(run.fund_cash - run.measures.fund_equity_lowest) / Decimal(run.fund_cash)


def _book(subject: Subject) -> list[Metric]:
    figures = subject.figures
    within = [depth.depth_within(figures, bps) for bps in depth.DISTANCES_BPS]
    traded = depth.volume(figures, *subject.volume)
    at_100 = next(one for one in within if one.key == "depth_100_bps")
    bps, rows = depth_rows(subject.history)
    return [
        depth.spread(figures),
        depth.largest_gap(figures),
        *within,
        *history.depth_history(rows, figures.quote_asset, "collected snapshots", f" within {bps} bps" if bps else ""),
        traded,
        depth.volume_over_depth(traded, at_100),
        interest.interest_over_depth(figures, at_100),
        *(depth.slippage(figures, share) for share in depth.SHARES_PERCENT),
        ladder.notional_at_maximum(figures),
        ladder.steepness(figures),
    ]


def _crowd(subject: Subject) -> list[Metric]:
    return [
        interest.funding_a_year(subject.figures),
        _growth(subject),
        volatility.tail_of_class(subject.figures.base_asset),
    ]


def _growth(subject: Subject) -> Metric:
    found = growth(subject.history)
    if found is None:
        return interest.growth_against_depth(None, None)
    return interest.growth_against_depth(found.interest, found.depth, found.inputs)


def _mark(subject: Subject, lab: Findings | None) -> list[Metric]:
    figures = subject.figures
    values = {name: value for name, (value, _) in subject.venue.values_on(None).items()}
    absent = "the venue's file has no value for it"
    found = [
        mark.sources(figures),
        mark.dispersion(figures),
        mark.mark_against_index(figures),
        mark.rule_in_words(values, "mark_method", "how the mark is built", "mark.method", absent),
        mark.rule_in_words(values, "index_clamp", "clamp of the index's sources", "index.clamp", absent),
        mark.rule_in_words(values, "index_stale", "age at which a source drops out", "index.stale_after", absent),
    ]
    for kind, what in (
        ("source", "one of three index sources wicks by 30 %"),
        ("venue", "this venue's book alone wicks by 20 %"),
    ):
        mine = [] if lab is None else [one for one in lab.wicks if one.scenario.startswith(kind)]
        inputs = [] if lab is None else [Input("wick tests", f"{len(mine)} runs with twins", LAB), _inputs(lab)]
        counts = ([w.wicked for w in mine], [w.calm for w in mine], [w.accounts for w in mine])
        found.append(mark.false_liquidations(f"false_liquidations_{kind}", what, *counts, inputs=inputs))
    return found


def _adl(subject: Subject) -> list[Metric]:
    return [
        adl.adl_state(subject.figures),
        adl.adl_frequency(watched_adl(subject.history)),
        adl.negative_liquidations(None),
        adl.published_liquidations(subject.figures),
    ]


def _stated(lab: Findings | None) -> list[Metric]:
    if lab is None:
        reason = "no laboratory for this contract"
        return [
            unknown(
                "negative_balance", "potential negative balance in the stated shock", "", "a run of the lab", reason
            ),
            stated.share_cut((), "open interest of the winning side", "share_cut", (), reason),
            stated.above_bankruptcy((), (), reason),
        ]
    unit = lab.item.contract.scale.settlement.code
    cash = None if lab.fund_cash is None else amount(lab.item, lab.fund_cash)
    found: list[Metric] = []
    shocks = dict.fromkeys(run.shock for run in lab.runs)
    for k, shock in enumerate(shocks):
        mine = [run for run in lab.runs if run.shock == shock]
        key = "negative_balance" if k == 0 else f"negative_balance_{k + 1}"
        key = HARDER_KEY if shock == HARDER.name else key
        deficits = [amount(lab.item, run.measures.result.deficit) for run in mine]
        negative = stated.negative_balance(shock, deficits, unit, [_inputs(lab, len(mine))], key)
        found += [negative, stated.fund_over_negative(cash, negative, unit)]
    cut = [run.measures.result.adl_lots / lab.item.interest_lots for run in lab.stated]
    sold = [
        run.measures.result for run in lab.stated if run.measures.result.above_lots + run.measures.result.below_lots
    ]
    above = [one.above_lots / (one.above_lots + one.below_lots) for one in sold]
    found.append(stated.share_cut(cut, "open interest of the winning side", "share_cut", [_inputs(lab)]))
    found.append(stated.above_bankruptcy(above, [_inputs(lab)], "nothing was sold in the book in any run"))
    return found + _gap_metrics(lab)


def _gap_metrics(lab: Findings) -> list[Metric]:
    found = []
    for question in QUESTIONS:
        for sign, word in ((-1, "fall"), (1, "rise")):
            key = f"gap_{question.replace(' ', '_')}_{word}"
            title = f"smallest {word} from which {question}"
            inputs = [Input("grid of gaps", f"over {lab.request.shock.over_us / MILLION:g} s, members x funds", LAB)]
            about = lab.fund_cash is None and question != "ADL starts"
            values = () if about else lab.gaps[question, sign]
            found.append(
                stated.from_gap(
                    key, title, values, 600_000, inputs=inputs, reason="the fund is unknown, so nobody can say"
                )
            )
    return found


def _inputs(lab: Findings, runs: int | None = None) -> Input:
    members = ", ".join(dict.fromkeys(run.member for run in lab.stated))
    count = len(lab.stated) if runs is None else runs
    what = f"{count} runs: members {members}; depth {', '.join(LAWS)}; {lab.request.accounts} accounts; seed {lab.request.seed}"
    return Input("runs", what, LAB)


def _cuts(subject: Subject, request: Request, lab: Findings) -> list[Cut]:
    """Run a position on the side that wins in the shock, at several sizes; an unknown fund at its worst and at its best."""
    item = subject.item
    if item is None:
        return []
    side = -1 if request.shock.gap_ppm < 0 else 1
    price = item.snapshot.mark_price.known()
    symbol = subject.figures.symbol if item.snapshot.symbol == subject.figures.symbol else item.snapshot.base_asset
    found = []
    for ppm in SIZES_PPM:
        lots = _lots(item.interest_lots * ppm // MILLION, item.contract.scale.lot_size, price)
        size = lots * item.contract.scale.lot_size
        answers = []
        for cash in dict.fromkeys((lab.funds[0], lab.funds[-1])):
            asked = replace(
                request,
                symbol=symbol,
                fund=amount(item, cash),
                interest=item.interest_lots * item.contract.scale.lot_size,
                accounts=POSITION_ACCOUNTS,
                afters=(After("hold"),),
                variants=(PLAIN,),
            )
            try:
                answers.append(position(asked, Held(side, size, LEVERAGE), 1))
            except CapacityError:  # rules that try again at every step tell more events than one run can keep
                return []
        found.append(_cut(answers, "short" if side < 0 else "long", size * price))
    return found


def _lots(lots: int, lot_size: Decimal, price: Decimal) -> int:
    """Return so many lots, at least those that a small position has."""
    small = int((SMALL / (price * lot_size)).to_integral_value(ROUND_CEILING))
    return max(lots, small, 1)


def _cut(answers: Sequence[PositionAnswer], side: str, notional: Decimal) -> Cut:
    draws = [draw for answer in answers for draw in answer.draws]
    shares = [draw.share_cut_ppm / MILLION for draw in draws]
    liquidated = sum(draw.liquidated_us is not None for draw in draws)
    return Cut(side, notional, min(shares), max(shares), len(draws), sum(bool(draw.cuts) for draw in draws), liquidated)


def _position(cuts: Sequence[Cut]) -> list[Metric]:
    if not cuts:
        reason = "no laboratory, or its rules tell more events than a position's story can be read from"
        return [stated.share_cut((), "a small position", "position_cut_1", (), reason)]
    found = []
    for k, one in enumerate(cuts):
        what = f"a {one.side} of {one.notional:,.0f} at leverage {LEVERAGE}"
        inputs = [Input("draws", f"{one.draws} draws, cut in {one.cut}, own liquidation in {one.liquidated}", LAB)]
        found.append(stated.share_cut((one.share_low, one.share_high), what, f"position_cut_{k + 1}", inputs))
    return found


def _no_lab(subject: Subject) -> str:
    return subject.no_lab or "no laboratory"


__all__ = ["Assessment", "Cut", "assess", "card"]
