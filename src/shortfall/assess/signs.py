"""Signs of a real fund, of a display-only figure, of elevated systemic risk, of a model that withstands gaps: each yes, no or unknown.

A sign answers from evidence only. What is assumed, or was not examined by us, answers unknown; it is never turned into yes or no.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from shortfall.assess.evidence import Answer, State
from shortfall.rules.cited import Cited
from shortfall.rules.venue import tiers_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    from shortfall.assess.evidence import Evidence
    from shortfall.data.figure_records import ContractFigures, Figure
    from shortfall.rules.cited import Value
    from shortfall.rules.venue import Terms

LISTS: Final = {
    "real": "Signs of a real fund",
    "display": "Signs of a display-only figure",
    "systemic": "Signs of elevated systemic risk",
    "gaps": "Signs of a model that withstands gaps",
}
OTHERS_PAY: Final = ("socialise", "haircut")
NO_FIGURES: Final = "no contract of this venue was named, or no figures of its own are recorded"
PROVIDERS: Final = ("backstop", "liquidity")


@dataclass(frozen=True, slots=True)
class Known:
    """What signs are judged from: rules as cited or assumed, evidence by item, and figures of one contract where there are any."""

    rules: Mapping[str, Value]
    evidence: Mapping[str, Evidence]
    figures: ContractFigures | None = None
    terms: Terms | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """An answer with why, the items and the rules that it rests on."""

    answer: Answer
    why: str
    items: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sign:
    """One question; its code is `list.name`."""

    code: str
    question: str
    judge: Callable[[Known], Verdict]

    @property
    def list(self) -> str:
        """Return the list that it belongs to."""
        return self.code.partition(".")[0]


def told(*items: str, inverse: bool = False) -> Callable[[Known], Verdict]:
    """Return a judge of whether all items are answered yes by a page; inverse asks whether one was searched for and not found."""

    def judge(known: Known) -> Verdict:
        found = [known.evidence[item].answer for item in items]
        settled = {Answer.NO} & set(found) or set(found)  # one no decides; else only all of one kind do
        answer = settled.pop() if len(settled) == 1 else Answer.UNKNOWN
        why = "; ".join(dict.fromkeys(_why(known.evidence[item]) for item in items))
        return Verdict(_inverse(answer) if inverse else answer, why, items)

    return judge


def _why(evidence: Evidence) -> str:
    if evidence.state is State.NOT_EXAMINED and not evidence.says:
        return State.NOT_EXAMINED.value
    return evidence.says.rstrip(".")


def _inverse(answer: Answer) -> Answer:
    return {Answer.YES: Answer.NO, Answer.NO: Answer.YES}.get(answer, answer)


def rule_is(rule: str, *values: str, inverse: bool = False) -> Callable[[Known], Verdict]:
    """Return a judge of whether a rule that a page states is one of these; what is assumed, or not in the record, answers unknown."""

    def judge(known: Known) -> Verdict:
        value = known.rules.get(rule)
        if not isinstance(value, Cited):
            return _unsettled(rule, value)
        answer = Answer.YES if (str(value.value) in values) is not inverse else Answer.NO
        return Verdict(answer, f"{rule} = {value.value} ({value.source})", (), (rule,))

    return judge


def _unsettled(rule: str, value: Value | None) -> Verdict:
    why = (
        State.NOT_EXAMINED.value
        if value is None
        else f"{rule} = {value.value} is assumed: {getattr(value, 'reason', '')}"
    )
    return Verdict(Answer.UNKNOWN, why, (), () if value is None else (rule,))


def any_rule(*rules: str) -> Callable[[Known], Verdict]:
    """Return a judge of whether a page states one of these rules."""

    def judge(known: Known) -> Verdict:
        cited = [(rule, value) for rule in rules if isinstance(value := known.rules.get(rule), Cited)]
        if not cited:
            return Verdict(Answer.UNKNOWN, State.NOT_EXAMINED.value)
        why = "; ".join(f"{rule} = {value.value} ({value.source})" for rule, value in cited)
        return Verdict(Answer.YES, why, (), tuple(rule for rule, _ in cited))

    return judge


def layer_among(layers: tuple[str, ...]) -> Callable[[Known], Verdict]:
    """Return a judge of whether the waterfall that a page states holds one of these layers."""

    def judge(known: Known) -> Verdict:
        value = known.rules.get("waterfall")
        if not isinstance(value, Cited):
            return _unsettled("waterfall", value)
        found = [layer for layer in str(value.value).split(",") if layer.strip() in layers]
        why = f"waterfall = {value.value} ({value.source})"
        return Verdict(Answer.YES if found else Answer.NO, why, ("fund.order",), ("waterfall",))

    return judge


def others_pay(known: Known) -> Verdict:
    """Judge whether a loss can reach people who held no winning position: by sharing, or by a cut of withdrawals."""
    cut = known.rules.get("socialise.withdrawal")
    if isinstance(cut, Cited) and str(cut.value) == "cut":
        return Verdict(Answer.YES, f"withdrawals are cut ({cut.source})", ("loss.sharing",), ("socialise.withdrawal",))
    found = layer_among(OTHERS_PAY)(known)
    if found.answer is Answer.NO and known.evidence["loss.sharing"].state is not State.PUBLISHED:
        why = f"{found.why} names no such layer; a page that says that there is none was not read"
        return Verdict(Answer.UNKNOWN, why, ("loss.sharing",), found.rules)
    return found


def burden(known: Known) -> Verdict:
    """Judge whether the fund can be set against open interest: both recorded, with their dates."""
    items = ("fund.balance", "burden.interest")
    if known.figures is None:
        return Verdict(Answer.UNKNOWN, NO_FIGURES, items)
    found = [known.figures.get(name) for name in ("fund_balance", "open_interest_notional")]
    missing = [f"{figure.name}: {figure.note}" for figure in found if not figure.known]
    if missing:
        return Verdict(Answer.UNKNOWN, "; ".join(missing), items)
    fund, interest = (day_of(figure) for figure in found)
    apart = "" if fund is None or interest is None else f", {abs((fund - interest).days)} days apart"
    return Verdict(Answer.YES, f"fund as of {fund}, open interest as of {interest}{apart}", items)


def foreign_assets(known: Known) -> Verdict:
    """Judge whether the recorded pool of this contract holds assets other than the one that the contract settles in."""
    pool = None if known.figures is None else known.figures.pool_of_contract()
    if known.figures is None or pool is None or not known.figures.settlement_asset:
        return Verdict(Answer.UNKNOWN, "no recorded pool lists this contract", ("fund.balance",))
    settles = known.figures.settlement_asset
    others = [held.asset for held in pool.assets if held.asset != settles and held.balance > 0]
    why = f"holds {', '.join(others) or 'nothing'} beside {settles} (as of {day_of(known.figures.get('fund_pools'))})"
    return Verdict(Answer.YES if others else Answer.NO, why, ("fund.balance",))


def steeper_with_size(known: Known) -> Verdict:
    """Judge whether the maintenance rate of the contract grows with the position, by recorded or cited tiers."""
    rates: list[Decimal] = []
    why = "tiers of this contract are not recorded"
    if known.figures is not None and known.figures.get("tiers").known:
        rates = [tier.maintenance_rate for tier in known.figures.tiers]
        why = f"{len(rates)} tiers as of {day_of(known.figures.get('tiers'))}"
    elif known.terms is not None and isinstance(known.terms.tiers, Cited):
        rates = [Decimal(tier.maintenance_ppm) for tier in tiers_of(known.terms)]
        why = f"{len(rates)} tiers ({known.terms.tiers.source})"
    if not rates:
        return Verdict(Answer.UNKNOWN, why, ("margin.tiers",))
    return Verdict(Answer.YES if rates[-1] > rates[0] else Answer.NO, why, ("margin.tiers",))


def day_of(figure: Figure) -> date | None:
    """Return the day for which a figure stands, or, where the venue states none, the day on which it was read."""
    if figure.as_of is None:
        return figure.read_on
    return figure.as_of.date() if isinstance(figure.as_of, datetime) else figure.as_of


SIGNS: Final = (
    Sign("real.balance", "Can the balance be set against the contracts that draw on it, in its currencies?", told("fund.balance")),
    Sign("real.order", "Is it stated when the fund is spent and what comes first?", told("fund.order")),
    Sign("real.sources", "Is it stated what fills it?", told("fund.sources")),
    Sign("real.flows", "Is there a history of what went in and out?", told("fund.flows")),
    Sign("real.size", "Is it stated how its size is set?", told("fund.size-rule")),
    Sign("real.seed", "Is it stated who put the first money in, and how much?", told("fund.seed")),
    Sign("real.custody", "Is it stated where it is held, and by whom?", told("fund.custody")),
    Sign("real.access", "Can anyone read the figure without a key?", told("fund.access")),
    Sign("real.limits", "Are there stated limits on what is taken from it?", told("fund.limits")),
    Sign("real.burden", "Can the fund of this contract be set against its open interest?", burden),
    Sign("display.total", "Was the balance by contract and currency searched for and not found?", told("fund.balance", inverse=True)),
    Sign("display.order", "Was it searched for and not found when the fund is spent?", told("fund.order", inverse=True)),
    Sign("display.sources", "Was it searched for and not found what fills it?", told("fund.sources", inverse=True)),
    Sign("display.limits", "Were limits on what is taken from it searched for and not found?", told("fund.limits", inverse=True)),
    Sign("display.interest", "Was open interest by contract searched for and not found?", told("burden.interest", inverse=True)),
    Sign("display.adl", "Was it searched for and not found who is deleveraged, when or at which price?",
         told("adl.trigger", "adl.rank", "adl.price", inverse=True)),
    Sign("display.events", "Are stress events told without a breakdown?", told("burden.events", inverse=True)),
    Sign("systemic.shared", "Do several contracts draw on one fund or pool?", told("fund.shared")),
    Sign("systemic.providers", "Do liquidity providers or a vault of users bear what the book does not?", layer_among(PROVIDERS)),
    Sign("systemic.others", "Can a loss reach users who held no winning position?", others_pay),
    Sign("systemic.profit", "May unrealised profit leave the account?", rule_is("profit.withdrawal", "counts")),
    Sign("systemic.assets", "Does the fund hold assets other than the settlement asset?", foreign_assets),
    Sign("systemic.whole", "Is a position closed whole at once?", rule_is("amount.method", "whole")),
    Sign("systemic.threshold", "Was the figure at which ADL starts searched for and not found?", told("adl.threshold", inverse=True)),
    Sign("systemic.capacity", "Was the capacity of the backstop searched for and not found?", told("backstop.capacity", inverse=True)),
    Sign("systemic.changes", "Does a page reserve changes of margin or of thresholds to the venue?", told("conduct.changes")),
    Sign("gaps.partial", "Is a position closed in parts?", rule_is("amount.method", "whole", inverse=True)),
    Sign("gaps.tiers", "Does the maintenance rate grow with the position?", steeper_with_size),
    Sign("gaps.mark", "Does the mark rest on more than the last trade?", rule_is("mark.method", "last", inverse=True)),
    Sign("gaps.filters", "Is a source that is far off bounded or left out?", any_rule("index.clamp", "index.exclude", "index.jump")),
    Sign("gaps.stale", "Is a source that stands still left out?", any_rule("index.stale_after")),
    Sign("gaps.surplus", "Does what is left of margin go to the fund?", rule_is("close.surplus", "fund")),
    Sign("gaps.capacity", "Is the capacity of the backstop stated?", told("backstop.capacity")),
    Sign("gaps.limits", "Is what one contract may take from the fund limited?", told("fund.limits")),
    Sign("gaps.segments", "Is it stated what one contract's loss cannot reach?", told("backstop.segments")),
    Sign("gaps.adl", "Are trigger, rank and price of ADL stated?", told("adl.trigger", "adl.rank", "adl.price")),
)  # fmt: skip
