"""One position in a stated shock: a sentence with the range, then the table."""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING, Any, Final

from rich import box
from rich.table import Table
from rich.text import Text

from shortfall import __version__
from shortfall.kernels._jit import source_digest
from shortfall.report.document import contract_of, evidence, money
from shortfall.report.feedbacks import case_of, feedback_lines, feedbacks_of_request, over_words
from shortfall.report.strategies import ALIASES, AS, closes_part, print_strategy, strategy_lines, strategy_part
from shortfall.report.widths import widths_lines, widths_part
from shortfall.report.words import ONE_LAW, common_note, human, stand_in_words
from shortfall.units import duration_text, percent_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from rich.console import Console

    from shortfall.sim.position import Draw, PositionAnswer
    from shortfall.units import Asset

SCHEMA: Final = "shortfall.position/1"
MILLION: Final = 1_000_000


def position_document(answer: PositionAnswer, strategy: str, profit: Decimal | None) -> dict[str, Any]:
    """Return the answer for a position as one document."""
    asset, request = answer.item.contract.scale.settlement, answer.request
    strategy = ALIASES.get(strategy, strategy)
    unit = answer.item.contract.multiplier
    notional = abs(answer.lots) * answer.entry_ticks * unit
    return {
        "schema": SCHEMA,
        "version": __version__,
        "kernels": source_digest(),
        "contract": contract_of(answer.item),
        "position": {
            "side": "long" if answer.held.side > 0 else "short",
            "size": f"{answer.held.size_base:f} {answer.item.snapshot.base_asset}",
            "notional_at_entry": money(notional, asset),
            "margin": money(answer.margin, asset),
            "leverage": f"{answer.held.leverage:f}",
            "as": strategy,
            "meaning": AS[strategy],
        },
        "request": {
            "gap": percent_text(request.shock.gap_ppm),
            "over": duration_text(request.shock.over_us),
            "depth_left": percent_text(request.shock.depth_left_ppm),
            "accounts": request.accounts,
            "first_seed": request.seed,
            "set": list(request.changes),
        },
        "fund": {"cash": money(answer.fund_cash, asset), "note": answer.fund_note},
        "members": [_member(name, answer, strategy, profit) for name in dict.fromkeys(d.case for d in answer.draws)],
        **feedbacks_of_request(request),
        "own_close": closes_part(answer),
        "widths": None
        if answer.widths is None
        else widths_part(answer.widths, "the share cut", lambda ppm: f"{ppm / 10_000:.1f} %", MILLION),
        "draws": [_draw(draw, asset) for draw in answer.draws],
        "assumed": [
            "the position answers to nothing: no stop, no deposit, no re-hedge before the times stated; feedback is of others"
        ],
        "evidence": evidence((answer.item,)),
    }


def _draw(draw: Draw, asset: Asset) -> dict[str, Any]:
    return {
        "member": draw.member,
        "feedback": draw.feedback,
        "after": draw.after,
        "seed": draw.seed,
        "share_cut_ppm": draw.share_cut_ppm,
        "first_cut_s": draw.cuts[0].since_us / MILLION if draw.cuts else None,
        "liquidated_s": None if draw.liquidated_us is None else draw.liquidated_us / MILLION,
        "worse_than_mark_ppm": _worse_ppm(draw),
        "cost_of_out": {
            duration_text(out) if out else "0s": money(cost, asset) for out, cost in draw.cost_of_out.items()
        },
    }


def _worse_ppm(draw: Draw) -> int | None:
    """Return by how much the ADL price was worse than the mark for the position, on average over its lots; negative is better."""
    lots = sum(abs(cut.lots) for cut in draw.cuts)
    if lots == 0:
        return None
    given = sum((1 if cut.lots > 0 else -1) * (cut.mark_ticks - cut.price_ticks) * abs(cut.lots) for cut in draw.cuts)
    return given * MILLION // sum(abs(cut.lots) * cut.mark_ticks for cut in draw.cuts)


def _member(name: str, answer: PositionAnswer, strategy: str, profit: Decimal | None) -> dict[str, Any]:
    draws = [draw for draw in answer.draws if draw.case == name]
    cut = [draw for draw in draws if draw.cuts]
    worse = [found for found in map(_worse_ppm, draws) if found is not None]
    costs = {out: [draw.cost_of_out[out] for draw in cut] for out in draws[0].cost_of_out}
    asset = answer.item.contract.scale.settlement
    return {
        "case": name,
        "member": draws[0].member,
        "feedback": draws[0].feedback,
        "draws": len(draws),
        "cut": len(cut),
        "probability_cut_given_shock": len(cut) / len(draws),
        "sampling_95": wilson(len(cut), len(draws)),
        "share_cut_ppm": {
            "mean": sum(d.share_cut_ppm for d in draws) // len(draws),
            "highest": max(d.share_cut_ppm for d in draws),
        },
        "worse_than_mark_ppm": None if not worse else [min(worse), max(worse)],
        "own_liquidation": sum(draw.liquidated_us is not None for draw in draws),
        "own_liquidation_first": sum(_liquidated_first(draw) for draw in draws),
        "cost_of_out": {
            (duration_text(out) if out else "0s"): [
                money(bound, asset) for bound in ((min(values), max(values)) if values else (0, 0))
            ]
            for out, values in costs.items()
        },
        **strategy_part(draws, strategy, asset, profit),
    }


def _liquidated_first(draw: Draw) -> bool:
    return draw.liquidated_us is not None and (not draw.cuts or draw.liquidated_us <= draw.cuts[0].since_us)


def wilson(hits: int, count: int) -> list[float]:
    """Return the 95 % interval of a share of draws (Wilson): about sampling only, given one member."""
    z = NormalDist().inv_cdf(0.975)
    share = hits / count
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    width = z * ((share * (1 - share) / count + z * z / (4 * count * count)) ** 0.5) / (1 + z * z / count)
    return [max(0.0, middle - width), min(1.0, middle + width)]


def sentence(document: dict[str, Any]) -> str:
    """Return the answer in one sentence: the shock, then the range over members and feedbacks."""
    held, request, rows = document["position"], document["request"], document["members"]
    shock = f"If the price moves {request['gap']} over {request['over']} with {request['depth_left']} of depth left"
    chance = _span([row["probability_cut_given_shock"] for row in rows])
    what = f"a {held['side']} of {held['size']} at {held['leverage']}x"
    if all(row["cut"] == 0 for row in rows):
        own = f"its own liquidation: {_own(rows)}"
        told = f"{shock}, {what} is not cut by ADL in any draw of any population{over_words(document)}; {own}."
        return told + stand_in_words(document)
    shares = _span([row["share_cut_ppm"]["mean"] / MILLION for row in rows])
    worse = [bound for row in rows if row["worse_than_mark_ppm"] for bound in row["worse_than_mark_ppm"]]
    price = f"{_signed(min(worse))} to {_signed(max(worse))} of mark"
    return (
        f"{shock}, {what} is cut by ADL in {chance} of draws, by {shares} of it on average, at prices {price} "
        f"(negative: worse for it); its own liquidation: {_own(rows)}; the ranges are over populations{over_words(document)}."
        f"{stand_in_words(document)}"
    )


def _signed(worse_ppm: int) -> str:
    return f"{-worse_ppm / 10_000:+.2f} %"


def _own(rows: Sequence[dict[str, Any]]) -> str:
    found = _span([row["own_liquidation"] / row["draws"] for row in rows])
    return "in no draw" if found == "0 %" else f"in {found} of draws"


def _span(shares: Sequence[float]) -> str:
    low, high = (f"{100 * share:.0f}" for share in (min(shares), max(shares)))
    return f"{low} %" if low == high else f"{low} to {high} %"


def print_position(console: Console, document: dict[str, Any]) -> None:
    """Print the sentence and the table by member and feedback."""
    contract = document["contract"]
    console.print(Text(f"{contract['venue']} {contract['symbol']}: one position in a stated shock", "bold"))
    console.print(Text(sentence(document)))
    console.print(Text(document["position"]["meaning"]))
    heading = Text(
        f"\nBy population; cost of being out of the market for so long, {document['fund']['cash']['unit']}", "bold"
    )
    table = Table(title=heading, title_justify="left", box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0))
    outs = list(document["members"][0]["cost_of_out"])
    for title in (
        "popu-\nlation",
        "cut in",
        "95 %",
        "share cut\nmean, max",
        "own\nliq.",
        *(f"out\n{out}" for out in outs),
    ):
        table.add_column(
            title, justify="left" if title.startswith("popu") else "right", no_wrap=title.startswith("popu")
        )
    for row in document["members"]:
        low, high = row["sampling_95"]
        share = row["share_cut_ppm"]
        table.add_row(
            case_of(row),
            f"{row['cut']} of {row['draws']}",
            f"{100 * low:.0f} to {100 * high:.0f} %",
            f"{share['mean'] / 10_000:.1f}, {share['highest'] / 10_000:.1f} %",
            f"{row['own_liquidation']} of {row['draws']}",
            *("-" if row["cut"] == 0 else _amounts(row["cost_of_out"][out]) for out in outs),
        )
    console.print(table)
    print_strategy(console, document)
    for line in notes(document):
        console.print(Text(line, "dim"))


def _amounts(bounds: Sequence[dict[str, str]]) -> str:
    low, high = (human(bound, unit=False) for bound in bounds)
    return low if low == high else f"{low} to {high}"


def notes(document: dict[str, Any]) -> list[str]:
    """Return what a reader needs beside the tables: how to read them, what is assumed, sampled and synthetic."""
    unit = document["fund"]["cash"]["unit"]
    lines = [
        common_note(document),
        ONE_LAW,
        f"out: side x (mark then - ADL price) x size, {unit}, lowest to highest over draws; negative: being cut was a gain",
        "0s out is the transfer against mark at the instant of the cut",
        *strategy_lines(document),
        *feedback_lines(document),
        *widths_lines(document.get("widths")),
        f"fund: {human(document['fund']['cash'])} ({document['fund']['note']})",
        "draws: seeds x after-shock paths (hold, rebound, drift)",
        "95 %: sampling interval of the share of draws, about seeds given one population; the range over populations is wider",
        *document["assumed"],
        "synthetic: population, shock, makers. P(cut | shock), not a forecast of the shock",
    ]
    return [line for line in lines if line is not None]
