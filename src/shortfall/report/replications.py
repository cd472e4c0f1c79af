"""What replications come to, as one document and as tables: the range over populations first, sampling intervals beside it."""

from __future__ import annotations

from dataclasses import asdict
from math import isfinite
from typing import TYPE_CHECKING, Any, Final

from rich import box
from rich.table import Table
from rich.text import Text

from shortfall import __version__
from shortfall.report import words
from shortfall.report.document import contract_of, evidence, money
from shortfall.sim.liquidity import OFF
from shortfall.sim.replications.draws import LAWS
from shortfall.sim.replications.plan import HALVED_POPULATIONS
from shortfall.units import duration_text, percent_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from shortfall.report.words import Document
    from shortfall.sim.replications.answers import Estimate, Found, Replications
    from shortfall.sim.sampling import Interval
    from shortfall.sim.stress import Request
    from shortfall.units import Asset

SCHEMA: Final = "shortfall.replicate/1"
BAR: Final = 10
DRAW_WORDS: Final = {
    "left_ppm": "depth left",
    "refill_ppm": "refill of depth",
    "scale_ppm": "normal depth",
    "noise_worst_ppm": "price noise",
    "after_move_ppm": "after the shock",
    "population": "population drawn",
}
MOVED_WORDS: Final = {"share_cut": "the share cut", "fund_used": "the fund used", "liquidated": "what is liquidated"}
METHOD: Final = (
    "sampling intervals, 95 %: Wilson for shares, Student over the means of populations, order statistics for quantiles; draws that "
    "share a population count for what they are worth together. They are about sampling only, given one population: more draws "
    "shrink them, and no draw shrinks the range over populations"
)
ASSUMED: Final = (
    "the laws of the draws above; they are stated, not fitted, and drawn apart from one another",
    "all members see the same draws of everything but the accounts (common random numbers)",
)


def request_of(request: Request) -> dict[str, Any]:
    """Return the stated shock and what was asked of it."""
    shock, named = request.shock, request.scenario
    return {
        "gap_ppm": shock.gap_ppm,
        "over": duration_text(shock.over_us),
        "shock": shock.mode,
        "depth_left": percent_text(shock.depth_left_ppm),
        "refill": duration_text(shock.refill_us),
        "step": duration_text(shock.step_us),
        "accounts": request.accounts,
        "seed": request.seed,
        "alone": request.alone,
        "set": list(request.changes),
        "path": None,
        "scenario": None if named is None else {"name": named.name, "meaning": named.meaning, "kind": named.kind},
        "on": None if request.day is None else request.day.isoformat(),
        "members": [asdict(member) | {"holding_days": round(member.holding_days, 2)} for member in request.members],
    }


def replications_document(answer: Replications) -> Document:
    """Return the answer as one document."""
    plan, own = answer.plan, answer.inputs[0]
    asset = own.contract.scale.settlement
    known = len(plan.funds) == 1
    return {
        "schema": SCHEMA,
        "version": __version__,
        "kernels": plan.kernels,
        "contract": contract_of(own),
        "pool": [{"symbol": item.contract.symbol, "beta": round(item.beta, 4)} for item in answer.inputs],
        "request": {
            **request_of(plan.request),
            "count": plan.count,
            "populations": plan.populations,
            "per_population": plan.per_population,
        },
        "fund": {
            "cash": money(plan.funds[0], asset) if known else None,
            "tried": [money(cash, asset) for cash in plan.funds],
            "note": plan.fund_note,
        },
        "headline": _headline(answer, asset),
        "found": [_found(one, asset) for one in answer.found],
        "converged": answer.converged,
        "feedbacks": [asdict(feedback) for feedback in plan.feedbacks],
        "drawn": [{"what": what, "law": law, "kind": "assumed"} for what, law in LAWS],
        "sampling": METHOD,
        "assumed": list(ASSUMED),
        "evidence": evidence(answer.inputs),
    }


def _headline(answer: Replications, asset: Asset) -> dict[str, Any]:
    """Return the range over members (and funds, where several are run): the width of the models, not of sampling."""
    found, many, funds = answer.found, len(answer.plan.feedbacks) > 1, len(answer.plan.funds) > 1
    return {
        "probability_contract_adl_given_shock": _span([one.contract_adl.value for one in found]),
        "probability_cut_given_shock": _span([one.position_cut.value for one in found]),
        "median_share_cut": _span([one.share_cut[0.5].value for one in found]),
        "median_fund_used": [money(round(end), asset) for end in _span([one.fund_used[0.5].value for one in found])],
        "range_over": ", ".join(["members", *(["feedback"] if many else []), *(["funds"] if funds else [])]),
    }


def _span(values: Sequence[float]) -> list[float]:
    return [min(values), max(values)]


def _found(one: Found, asset: Asset) -> dict[str, Any]:
    strongest = strongest_of(one.moves)
    return {
        "member": one.member,
        "feedback": one.feedback,
        "label": label_of(one),
        "fund": money(one.fund_cash, asset),
        "draws": one.draws,
        "populations": one.populations,
        "draws_are_worth": round(one.worth, 1),
        "probability_contract_adl_given_shock": _share(one.contract_adl),
        "probability_cut_given_shock": _share(one.position_cut),
        "share_cut": {f"{100 * q:g}%": _share(estimate) for q, estimate in one.share_cut.items()},
        "fund_used": {
            f"{100 * q:g}%": {
                "amount": money(round(estimate.value), asset),
                "sampling_95": [None if end is None else money(round(end), asset) for end in _ends(estimate.interval)],
            }
            for q, estimate in one.fund_used.items()
        },
        "moved": one.moved,
        "rank_correlation": {name: None if by is None else round(by, 3) for name, by in one.moves.items()},
        "moves_most": strongest,
        "halving": [asdict(each) | {"holds": each.holds} for each in one.halvings],
        "converged": one.converged,
        "paths": {"middle": one.middle_path, "worst": one.worst_path},
        "curves": {
            "share_cut": [round(value, 6) for value in one.share_curve],
            "fund_used": [money(round(value), asset)["amount"] for value in one.fund_curve],
        },
    }


def label_of(one: Found) -> str:
    """Return whose figures they are: the member, and the feedback where it is on."""
    return one.member if one.feedback == OFF.name else f"{one.member}, feedback {one.feedback}"


def _share(estimate: Estimate) -> dict[str, Any]:
    return {"value": estimate.value, "sampling_95": _ends(estimate.interval), "method": estimate.interval.method}


def _ends(interval: Interval) -> list[float | None]:
    return [end if isfinite(end) else None for end in (interval.low, interval.high)]


def strongest_of(moves: dict[str, float | None]) -> str | None:
    """Return the draw with the largest correlation, whatever its sign; None where nothing varies."""
    known = {name: abs(by) for name, by in moves.items() if by is not None}
    return max(known, key=lambda name: known[name]) if known else None


def print_replications(console: Console, document: Document) -> None:
    """Print the sentence, how likely, how much, what moves it, and what is known about all that."""
    contract = document["contract"]
    console.print(Text(f"{contract['venue']} {contract['symbol']}: {words.shock_words(document)}", "bold"))
    console.print(Text(sentence(document)))
    for fund in document["fund"]["tried"]:
        rows = [row for row in document["found"] if row["fund"] == fund]
        stand_in = "" if document["fund"]["cash"] else f", with a fund of {words.human(fund)} (the fund is unknown)"
        console.print(_likely(rows, stand_in))
        console.print(_much(rows, stand_in))
    console.print(_moves(document))
    console.print()
    for line in notes(document):
        console.print(Text(line, "dim"))


def sentence(document: Document) -> str:
    """Return the answer in one sentence: the shock, then the range over models; sampling in a half-sentence after it."""
    found, head = document["found"], document["headline"]
    count = len({row["member"] for row in found})
    models = f"{count} synthetic population{'' if count == 1 else 's'}"
    names = [one["name"] for one in document["feedbacks"]]
    models += f", with feedback of forced flow {' and '.join(names)}"
    if document["fund"]["cash"] is None:
        low, high = (words.human(document["fund"]["tried"][end]) for end in (0, -1))
        models += f" and funds of {low} to {high}, because the fund is unknown"
    used = [words.human(end) for end in head["median_fund_used"]]
    widest = max(_width(row["probability_contract_adl_given_shock"]) for row in found)
    return (
        f"Given {words.shock_words(document)}, somebody is deleveraged (ADL) in "
        f"{_percents(head['probability_contract_adl_given_shock'])} of draws and a lot "
        f"of the winning side is cut with a chance of {_percents(head['probability_cut_given_shock'])}; in the middle draw the fund's "
        f"equity falls by {used[0] if used[0] == used[1] else ' to '.join(used)}. The ranges are over {models}. Sampling of "
        f"{document['request']['count']:,} draws each: at most {100 * widest / 2:.0f} points to each side. {_most(found)}"
    )


def _width(share: dict[str, Any]) -> float:
    low, high = share["sampling_95"]
    return (1.0 if high is None else high) - (0.0 if low is None else low)


def _most(found: Sequence[dict[str, Any]]) -> str:
    known = [row for row in found if row["moves_most"] is not None]
    if not known:
        return "No draw moves it."
    row = max(known, key=lambda one: abs(one["rank_correlation"][one["moves_most"]]))
    name, by = DRAW_WORDS[row["moves_most"]], row["rank_correlation"][row["moves_most"]]
    measure = "root of the share of variance" if row["moves_most"] == "population" else "rank correlation"
    return f"Of the draws, {name} moves {MOVED_WORDS[row['moved']]} most ({measure} {by:+.2f}; {row['label']})."


def _percents(ends: Sequence[float]) -> str:
    low, high = (percent(end) for end in ends)
    return low if low == high else f"{low.removesuffix(' %')} to {high}"


def percent(share: float | None) -> str:
    """Write a share: whole percents, finer below one and above ninety-nine; none at all as 0 %."""
    if share is None:
        return "-"
    if 0 < share < 0.00005:  # noqa: PLR2004 - less than the finest that is written
        return "<0.01 %"
    fine = 0 < share < 0.01 or 0.99 < share < 1  # noqa: PLR2004 - one percent
    return f"{100 * share:.2f} %" if fine else f"{100 * share:.0f} %"


def _between(share: dict[str, Any]) -> str:
    low, high = share["sampling_95"]
    return f"{percent(low).removesuffix(' %')} to {percent(high)}"


def _table(title: str) -> Table:
    table = Table(title=Text(f"\n{title}", "bold"), title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("population", no_wrap=True)
    return table


def _likely(rows: Sequence[dict[str, Any]], words_of_fund: str) -> Table:
    table = _table(f"How likely, given the shock{words_of_fund}")
    table.add_column("anybody is cut", no_wrap=True)
    table.add_column("95 %, sampling", justify="right")
    table.add_column("a lot is cut", justify="right")
    table.add_column("95 %, sampling", justify="right")
    for row in rows:
        anybody, lot = row["probability_contract_adl_given_shock"], row["probability_cut_given_shock"]
        full = round(BAR * anybody["value"])
        bar = f"{'█' * full}{'░' * (BAR - full)} {percent(anybody['value'])}"
        table.add_row(_label(row, rows), bar, _between(anybody), percent(lot["value"]), _between(lot))
    return table


def _much(rows: Sequence[dict[str, Any]], words_of_fund: str) -> Table:
    unit = rows[0]["fund"]["unit"]
    table = _table(f"How much, at 5 %, 50 % and 95 % of draws{words_of_fund}")
    table.add_column("share of the side cut", justify="right")
    table.add_column(f"fund used, {unit}", justify="right")
    table.add_column("middle\npath", justify="right")
    table.add_column("worst\npath", justify="right")
    for row in rows:
        shares = ", ".join(percent(one["value"]).removesuffix(" %") for one in row["share_cut"].values())
        used = ", ".join(words.human(one["amount"], unit=False) for one in row["fund_used"].values())
        table.add_row(_label(row, rows), f"{shares} %", used, str(row["paths"]["middle"]), str(row["paths"]["worst"]))
    return table


def _label(row: dict[str, Any], rows: Sequence[dict[str, Any]]) -> str:
    """Return the label of a row: below the row of the same member only what differs, because columns are narrow."""
    first = next(one for one in rows if one["member"] == row["member"])
    return str(row["label"]) if first is row else f" + feedback {row['feedback']}".removesuffix(" on")


def _moves(document: Document) -> Table:
    """Return which draw moves it, by member, with the first of the funds and of the feedbacks."""
    rows = first_case(document)
    table = _table("Which draw moves it: rank correlation (population: root of the share of variance between)")
    table.columns[0].header = "draw"
    for row in rows:
        table.add_column(f"{row['member']}\n({MOVED_WORDS[row['moved']].removeprefix('the ')})", justify="right")
    for name, label in DRAW_WORDS.items():
        table.add_row(label, *(_correlation(row["rank_correlation"][name]) for row in rows))
    return table


def first_case(document: Document) -> list[dict[str, Any]]:
    """Return what was found with the first fund and the first feedback."""
    fund, feedback = document["fund"]["tried"][0], document["feedbacks"][0]["name"]
    return [row for row in document["found"] if row["fund"] == fund and row["feedback"] == feedback]


def _correlation(by: float | None) -> str:
    return "-" if by is None else f"{'▪' * round(5 * abs(by))} {by:+.2f}"


def notes(document: Document) -> list[str]:
    """Return what a reader has to know about the numbers, a line each."""
    request, label = document["request"], document["evidence"]["ratios_label"]
    lines = [
        words.common_note(document),
        f"fund: {document['fund']['note']}",
        convergence_note(document),
        document["sampling"],
        f"{request['count']:,} draws of each member on {request['populations']:,} populations, {request['per_population']} on each",
        *(f"drawn (assumed): {one['what']}: {one['law']}" for one in document["drawn"]),
        *(f"feedback {one['name']}: {one['meaning']}" for one in document["feedbacks"]),
        *(f"assumed: {line}" for line in document["assumed"]),
        "a lot is cut: mean share of the winning side's lots that are deleveraged; fund used: fall of its equity at mark at its lowest",
        f"ratios of fund to open interest and depth: {label}; unknown: {', '.join(document['evidence']['unknown']) or 'nothing'}",
        pool_words(document),
        "synthetic: populations, shock, makers. A probability here is one given the shock and these laws; it is no forecast",
        f"seed {request['seed']}; snapshot {document['contract']['snapshot_sha256'][:16]}; kernels {document['kernels']}",
    ]
    return [line for line in lines if line is not None]


def pool_words(document: Document) -> str | None:
    """Say which other contracts draw on the same fund in these runs."""
    others = [f"{item['symbol']} (beta {item['beta']:.2f})" for item in document["pool"][1:]]
    return f"shocked together with the pool's other members: {', '.join(others)}" if others else None


def convergence_note(document: Document) -> str | None:
    """Say whether halving the step changes less than the sampling interval; None where it was not tried."""
    if document["converged"] is None:
        return None
    step, bad = document["request"]["step"], [row for row in document["found"] if row["converged"] is False]
    if not bad:
        tried = min(HALVED_POPULATIONS, document["request"]["populations"]) * document["request"]["per_population"]
        return f"step {step}: halving it on {tried} draws of each member changes every mean by less than its sampling interval"
    names = "; ".join(dict.fromkeys(row["label"] for row in bad))
    figures = ", ".join(
        dict.fromkeys(
            "the " + one["figure"].replace("_", " ") for row in bad for one in row["halving"] if not one["holds"]
        )
    )
    return f"NOT CONVERGED for {names}: halving the step of {step} changes {figures} by more than the sampling interval"
