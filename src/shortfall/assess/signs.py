"""Signs of a real fund, of a display-only figure, of elevated systemic risk, of a model that withstands gaps: each yes, no or unknown.

A sign answers from evidence only. What is assumed, or was not examined by us, answers unknown; it is never turned into yes or no.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from shortfall.assess.evidence import Answer, State
from shortfall.data.records import Kind
from shortfall.rules.cited import Cited
from shortfall.rules.venue import tiers_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from shortfall.assess.evidence import Evidence
    from shortfall.data.snapshot import ContractSnapshot
    from shortfall.rules.cited import Value
    from shortfall.rules.venue import Terms

LISTS: Final = {
    "real": "Signs of a real fund",
    "display": "Signs of a display-only figure",
    "systemic": "Signs of elevated systemic risk",
    "gaps": "Signs of a model that withstands gaps",
}
OTHERS_PAY: Final = ("socialise", "haircut")
PROVIDERS: Final = ("backstop", "liquidity")


@dataclass(frozen=True, slots=True)
class Known:
    """What signs are judged from: rules as cited or assumed, evidence by item, and figures of one contract where there are any."""

    rules: Mapping[str, Value]
    evidence: Mapping[str, Evidence]
    snapshot: ContractSnapshot | None = None
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
        answer = (
            Answer.YES
            if all(answer is Answer.YES for answer in found)
            else Answer.NO
            if Answer.NO in found
            else Answer.UNKNOWN
        )
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
    snapshot = known.snapshot
    if snapshot is None:
        return Verdict(
            Answer.UNKNOWN, "no figures of a contract of this venue were asked for or are bundled", ("burden.interest",)
        )
    missing = [field.name for field in (snapshot.pool, snapshot.open_interest_base) if field.kind is Kind.UNKNOWN]
    if missing:
        why = "; ".join(
            f"{field.name}: {field.reason}" for field in (snapshot.pool, snapshot.open_interest_base) if field.reason
        )
        return Verdict(Answer.UNKNOWN, why, ("fund.balance", "burden.interest"))
    why = f"pool as of {snapshot.pool.as_of}, open interest as of {snapshot.open_interest_base.as_of}"
    return Verdict(Answer.YES, why, ("fund.balance", "burden.interest"))


def foreign_assets(known: Known) -> Verdict:
    """Judge whether the recorded fund holds assets other than the one that the contract settles in."""
    snapshot = known.snapshot
    if snapshot is None or snapshot.pool.value is None or snapshot.settlement_asset.value is None:
        return Verdict(Answer.UNKNOWN, "the assets of the fund of this contract are not recorded", ("fund.balance",))
    settles = snapshot.settlement_asset.value
    others = [held.asset for held in snapshot.pool.value.assets if held.asset != settles and held.balance > 0]
    why = f"holds {', '.join(others) or 'nothing'} beside {settles} (as of {snapshot.pool.as_of})"
    return Verdict(Answer.YES if others else Answer.NO, why, ("fund.balance",))


def steeper_with_size(known: Known) -> Verdict:
    """Judge whether the maintenance rate of the contract grows with the position, by recorded or cited tiers."""
    rates: list[int] = []
    why = "tiers of this contract are not recorded"
    if (
        known.snapshot is not None
        and known.snapshot.tiers.value is not None
        and known.snapshot.tiers.kind is Kind.OBSERVED
    ):
        rates = [int(tier.maintenance_rate * 1_000_000) for tier in known.snapshot.tiers.value]
        why = f"{len(rates)} tiers as of {known.snapshot.tiers.as_of}"
    elif known.terms is not None and isinstance(known.terms.tiers, Cited):
        rates = [tier.maintenance_ppm for tier in tiers_of(known.terms)]
        why = f"{len(rates)} tiers ({known.terms.tiers.source})"
    if not rates:
        return Verdict(Answer.UNKNOWN, why, ("margin.tiers",))
    return Verdict(Answer.YES if rates[-1] > rates[0] else Answer.NO, why, ("margin.tiers",))


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
    Sign("display.total", "Is the balance not found by contract and currency?", told("fund.balance", inverse=True)),
    Sign("display.order", "Is it not found when the fund is spent?", told("fund.order", inverse=True)),
    Sign("display.sources", "Is it not found what fills it?", told("fund.sources", inverse=True)),
    Sign("display.limits", "Are limits on what is taken from it not found?", told("fund.limits", inverse=True)),
    Sign("display.interest", "Is open interest by contract not found?", told("burden.interest", inverse=True)),
    Sign("display.adl", "Is it not found who is deleveraged, when and at which price?",
         told("adl.trigger", "adl.rank", "adl.price", inverse=True)),
    Sign("display.events", "Are stress events without a breakdown?", told("burden.events", inverse=True)),
    Sign("systemic.shared", "Do several contracts draw on one fund or pool?", told("fund.shared")),
    Sign("systemic.providers", "Do liquidity providers or a vault of users bear what the book does not?", layer_among(PROVIDERS)),
    Sign("systemic.others", "Can a loss reach users who held no winning position?", others_pay),
    Sign("systemic.profit", "May unrealised profit leave the account?", rule_is("profit.withdrawal", "counts")),
    Sign("systemic.assets", "Does the fund hold assets other than the settlement asset?", foreign_assets),
    Sign("systemic.whole", "Is a position closed whole at once?", rule_is("amount.method", "whole")),
    Sign("systemic.threshold", "Is the figure at which ADL starts not found?", told("adl.threshold", inverse=True)),
    Sign("systemic.capacity", "Is the capacity of the backstop not found?", told("backstop.capacity", inverse=True)),
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
