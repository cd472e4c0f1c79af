"""Claims that people repeat, each quoted and answered with this contract's own figures where it applies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from shortfall.assess.laboratory import amount

if TYPE_CHECKING:
    from shortfall.assess.assessment import Assessment
    from shortfall.assess.metrics.record import Metric


@dataclass(frozen=True, slots=True)
class Answered:
    """A claim, the answer, and the metrics that it rests on, by key."""

    claim: str
    answer: str
    metrics: tuple[str, ...]


def answered(found: Assessment) -> tuple[Answered, ...]:
    """Return the claims that apply to this contract, with their answers."""
    told = (_absolute(found), _insurance(found), _last_price(found), _fees(found), _volume(found), _depth(found))
    return tuple(one for one in told if one is not None)


def _absolute(found: Assessment) -> Answered | None:
    fund, ratio, near = (found.metric(k) for k in ("fund", "fund_over_open_interest", "fund_over_near_open_interest"))
    if fund.low is None:
        total = found.subject.figures.get("fund_venue_total")
        told = (
            f"The venue's total, {total.number():,.0f} US dollars ({total.source}), is the sum of all of its funds. "
            if total.known
            else ""
        )
        return Answered('"The fund is large."', f"{told}No figure of this contract's own fund is recorded.", ("fund",))
    parts = [f"{fund.low:,.0f} {fund.unit}"]
    if ratio.low is not None:
        parts.append(f"{ratio.low:.1%} of this contract's open interest")
    if near.low is not None and near.high is not None:
        parts.append(f"{near.low:.1%} to {near.high:.1%} of what is within 10 % of liquidation (synthetic populations)")
    shared = f" It is {fund.note.partition(':')[0]}." if fund.note else ""
    return Answered('"The fund is large."', f"It is {'; '.join(parts)}.{shared}", ("fund", ratio.key, near.key))


def _insurance(found: Assessment) -> Answered:
    item = found.subject.item
    order = (
        ", then ".join(item.spec.rules.waterfall)
        if item is not None and item.spec.rules.waterfall
        else "not known here"
    )
    answer = (
        "No account has a claim on it. It takes over positions or pays for closes below bankruptcy while it may and can, and what it does "
        f"not cover goes on: {order}."
    )
    return Answered('"The insurance fund is a kind of deposit insurance."', answer, ("fund", "share_cut"))


def _last_price(found: Assessment) -> Answered | None:
    method = found.metric("mark_method")
    if not method.known:
        return None
    if method.words == "last":
        return Answered(
            '"Liquidation happens at the last price."', "Under the rules recorded here it does.", (method.key,)
        )
    answer = (
        f"Positions are judged at the mark ({method.words}), which differs from the last trade; the close itself is at whatever the book, "
        "the backstop or ADL gives."
    )
    return Answered('"Liquidation happens at the last price."', answer, (method.key, "false_liquidations_venue"))


def _fees(found: Assessment) -> Answered | None:
    lab = found.lab
    if lab is None:
        return None
    collected = [run.measures.collected for run in lab.stated]
    used = [run.fund_cash - run.measures.fund_equity_lowest for run in lab.stated]
    unit = lab.item.contract.scale.settlement.code
    low, high = amount(lab.item, min(collected)), amount(lab.item, max(collected))
    worst = amount(lab.item, max(used))
    answer = (
        f"In the stated shock surplus and liquidation fees bring {low:,.0f} to {high:,.0f} {unit}; at its lowest the fund is "
        f"{worst:,.0f} {unit} below where it began, in the worst model. Funding never goes to it."
    )
    return Answered('"Fees fill the fund as fast as it is used."', answer, ("fund_share_consumed",))


def _volume(found: Assessment) -> Answered | None:
    ratio = found.metric("volume_over_depth")
    if ratio.low is None:
        return None
    answer = f"{ratio.low:,.0f} times the depth within 100 bps is traded in a day: the same quotes again and again, not room to leave."
    return Answered('"Volume is high, so everybody can get out."', answer, ("volume_24h", ratio.key))


def _depth(found: Assessment) -> Answered | None:
    ratio = found.metric("open_interest_over_depth")
    if ratio.low is None:
        return None
    return Answered(
        '"Fund / open interest is all there is to know."',
        f"Open interest is {ratio.low:,.0f} times the depth within 100 bps. {_slip(found.metric('slippage_5_percent'))}",
        (ratio.key, "slippage_5_percent"),
    )


def _slip(slippage: Metric) -> str:
    if slippage.low is None or slippage.high is None:
        return f"Closing 5 % of it at once: {slippage.reason}."
    return f"Closing 5 % of it at once costs {slippage.low:,.0f} to {slippage.high:,.0f} bps in the recorded book."
