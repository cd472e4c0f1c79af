"""Strategies in a shock: what counts as damage for each, the pair's two legs, the queue, the size that needs the fund, the provider."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rich import box
from rich.table import Table
from rich.text import Text

from shortfall import __version__
from shortfall.kernels._jit import source_digest
from shortfall.report.document import contract_of, evidence, money
from shortfall.report.feedbacks import case_of, feedback_lines, feedbacks_of_request, over_words
from shortfall.report.words import common_note, human, minor_units
from shortfall.sim.feedbacks import parts_of
from shortfall.units import duration_text, percent_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from rich.console import Console

    from shortfall.sim.position import Draw, PositionAnswer
    from shortfall.sim.strategy import ProviderAnswer
    from shortfall.units import Asset

SCHEMA: Final = "shortfall.provider/1"
MILLION: Final = 1_000_000
SECOND_US: Final = 1_000_000
MINUTE_US: Final = 60 * SECOND_US
NOT_STATED: Final = "not stated"
MARK_OUTS_US: Final = (MINUTE_US, 5 * MINUTE_US, 60 * MINUTE_US)
ALIASES: Final = {"pair": "hedger"}
AS: Final = {
    "trend": "One leg: what is cut leaves at the ADL price; being out costs or saves what the mark then does.",
    "hedger": (
        "Hedged elsewhere: when this leg is cut the other one is naked until it is hedged again; both legs are marked at the cut "
        "and at the re-hedge, and a gain is shown as one."
    ),
    "scalper": "In and out within seconds: the damage is what the cut gave up against mark, and the mark-out of the first minute.",
    "maker": "Quotes both sides: inventory that is cut has to be quoted again; the cost of being out is the mark-out of the cut.",
    "large": "Cannot leave at once: from what size its own close needs the fund is searched on the engine.",
}
HORIZONS_US: Final = {
    "trend": MARK_OUTS_US,
    "hedger": (0, 10 * SECOND_US, MINUTE_US, 5 * MINUTE_US),
    "scalper": (0, 10 * SECOND_US, MINUTE_US),
    "maker": (0, MINUTE_US, 5 * MINUTE_US),
    "large": MARK_OUTS_US,
}


def out_name(out_us: int) -> str:
    """Return a time out of the market for people."""
    return duration_text(out_us) if out_us else "0s"


def damage(draw: Draw, strategy: str) -> int:
    """Return what a draw costs a strategy at the worst of its times, at least 0: a pair by both legs, any other by its mark-outs."""
    costs = (
        [draw.rehedge[out].both for out in HORIZONS_US[strategy]]
        if strategy == "hedger"
        else [draw.cost_of_out[out] for out in HORIZONS_US[strategy]]
    )
    return max(0, *costs)


def strategy_part(draws: Sequence[Draw], strategy: str, asset: Asset, profit: Decimal | None) -> dict[str, Any]:
    """Return what a strategy asks about, over the draws of one member."""
    cut = [draw for draw in draws if draw.cuts]
    worst = max((damage(draw, strategy) for draw in draws), default=0)
    return {
        "mark_outs": {out_name(out): _ends([draw.cost_of_out[out] for draw in cut], asset) for out in MARK_OUTS_US},
        "queue": queue_part(draws),
        "rehedge": _rehedge(cut, asset) if strategy == "hedger" else None,
        "margin": _margin(cut) if strategy == "hedger" else None,
        "damage": money(worst, asset),
        "worst_in_months_of_profit": None if profit is None else round(worst / 10**asset.exponent / float(profit), 3),
    }


def _ends(values: Sequence[int], asset: Asset) -> list[dict[str, str]]:
    return [money(bound, asset) for bound in ((min(values), max(values)) if values else (0, 0))]


def queue_part(draws: Sequence[Draw]) -> dict[str, Any]:
    """Return the position's place in the ADL queue over the path: of each batch on its side who was closed before it."""
    placed = [batch for draw in draws for batch in draw.queue if batch.place is not None]
    passed = [batch for draw in draws for batch in draw.queue if batch.place is None]
    first = draws[0]
    return {
        "batches": sum(len(draw.queue) for draw in draws),
        "reached": len(placed),
        "place": [min(b.place or 0 for b in placed), max(b.place or 0 for b in placed)] if placed else None,
        "behind_at_least": max((batch.closed for batch in passed), default=None),
        "path_of_first_draw": [
            {"since_s": batch.since_us / SECOND_US, "closed": batch.closed, "place": batch.place}
            for batch in first.queue
        ],
    }


def _rehedge(cut: Sequence[Draw], asset: Asset) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for out in HORIZONS_US["hedger"]:
        legs = [draw.rehedge[out] for draw in cut]
        found[out_name(out)] = {
            "own_leg": _ends([leg.own_leg for leg in legs], asset),
            "other_leg": _ends([leg.other_leg for leg in legs], asset),
            "both": _ends([leg.both for leg in legs], asset),
        }
    return found


def _margin(cut: Sequence[Draw]) -> dict[str, Any] | None:
    known = [draw.margin for draw in cut if draw.margin is not None]
    if not known:
        return None
    after = [one.here_after_ppm for one in known if one.here_after_ppm is not None]
    return {
        "here_before_ppm": [min(one.here_before_ppm for one in known), max(one.here_before_ppm for one in known)],
        "here_after_ppm": [min(after), max(after)] if after else None,
        "elsewhere_left_ppm": [
            min(one.elsewhere_left_ppm for one in known),
            max(one.elsewhere_left_ppm for one in known),
        ],
    }


def closes_part(answer: PositionAnswer) -> list[dict[str, Any]]:
    """Return from which size the own close needs the fund, by member."""
    lot, base = answer.item.contract.scale.lot_size, answer.item.snapshot.base_asset

    def size(lots: int | None) -> str | None:
        return None if lots is None else f"{lots * lot:f} {base}"

    return [
        {
            "case": one.member,
            "member": parts_of(one.member)[0],
            "feedback": parts_of(one.member)[1],
            "largest_without": size(one.enough_lots),
            "smallest_with": size(one.needs_lots),
            "liquidated": one.liquidated,
        }
        for one in answer.own_closes
    ]


def print_strategy(console: Console, document: dict[str, Any]) -> None:
    """Print the table of the strategy under that of the position: a pair's two legs, or the size that needs the fund."""
    if document["position"]["as"] == "hedger" and any(row["cut"] for row in document["members"]):
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        outs = list(document["members"][0]["rehedge"])
        table.add_column("both legs, hedged again after")
        for out in outs:
            table.add_column(out, justify="right")
        for row in document["members"]:
            for leg in ("own_leg", "other_leg", "both") if row["cut"] else ():
                name = f"{case_of(row)}: {leg.replace('_', ' ')}"
                table.add_row(name, *(_amounts(row["rehedge"][out][leg]) for out in outs))
        console.print(table)


def strategy_lines(document: dict[str, Any]) -> list[str]:
    """Return what is said of queue, margin, size and damage, a line each."""
    lines = []
    for row in document["members"]:
        queue, margin = row["queue"], row["margin"]
        if queue["batches"]:
            place = "never reached"
            if queue["place"]:
                low, high = queue["place"]
                place = f"reached in {queue['reached']}, as number {low if low == high else f'{low} to {high}'}"
            behind = (
                ""
                if queue["behind_at_least"] is None
                else f"; behind up to {queue['behind_at_least']} accounts in batches that ended before it"
            )
            lines.append(
                f"ADL queue, {case_of(row)}: {queue['batches']} batches on its side over the draws, {place}{behind}"
            )
        if margin:
            after = (
                "nothing is left" if margin["here_after_ppm"] is None else f"{_percent(margin['here_after_ppm'])} after"
            )
            lines.append(
                f"margins, {case_of(row)}: equity of this leg {_percent(margin['here_before_ppm'])} of notional before the cut, {after}; "
                f"the other leg has {_percent(margin['elsewhere_left_ppm'])} of what was posted for it left (as much as here, assumed)"
            )
    lines += [_close_words(one) for one in document["own_close"]]
    months = [row["worst_in_months_of_profit"] for row in document["members"]]
    worst = max((row["damage"] for row in document["members"]), key=minor_units)
    stated = NOT_STATED if months[0] is None else f"{max(months)}"
    lines.append(f"worst damage over draws: {human(worst)}; in months of normal profit: {stated}")
    return lines


def _close_words(one: dict[str, Any]) -> str:
    if not one["liquidated"]:
        return f"own close, {case_of(one)}: at no size tried is it liquidated in this shock at this leverage"
    if one["smallest_with"] is None:
        return f"own close, {case_of(one)}: needs nobody but the book up to {one['largest_without']}"
    below = "at every size tried" if one["largest_without"] is None else f"not at {one['largest_without']}"
    return f"own close, {case_of(one)}: needs the fund from {one['smallest_with']} on, {below}"


def _percent(bounds: Sequence[int]) -> str:
    low, high = (f"{bound / 10_000:.1f} %" for bound in bounds)
    return low if low == high else f"{low} to {high}"


def _amounts(bounds: Sequence[dict[str, str]]) -> str:
    low, high = (human(bound, unit=False) for bound in bounds)
    return low if low == high else f"{low} to {high}"


def provider_document(answer: ProviderAnswer, profit: Decimal | None) -> dict[str, Any]:
    """Return what the providers of a pool gain or lose as one document."""
    asset, request = answer.item.contract.scale.settlement, answer.request
    deposit = answer.deposit
    return {
        "schema": SCHEMA,
        "version": __version__,
        "kernels": source_digest(),
        "contract": contract_of(answer.item),
        "layer": answer.layer,
        "deposit": money(deposit, asset),
        "capital": {"cash": money(answer.capital, asset), "note": answer.capital_note},
        "request": {
            "gap": percent_text(request.shock.gap_ppm),
            "over": duration_text(request.shock.over_us),
            "depth_left": percent_text(request.shock.depth_left_ppm),
            "accounts": request.accounts,
            "first_seed": request.seed,
            "set": list(request.changes),
        },
        "members": [_provided(answer, name, asset, profit) for name in dict.fromkeys(run.case for run in answer.runs)],
        **feedbacks_of_request(request),
        "assumed": [
            "one stated capital stands behind the layer; nobody deposits or withdraws in the shock; fees of calm days are not counted"
        ],
        "evidence": evidence((answer.item,)),
    }  # fmt: skip


def _provided(answer: ProviderAnswer, name: str, asset: Asset, profit: Decimal | None) -> dict[str, Any]:
    runs = [run for run in answer.runs if run.case == name]
    ends = [run.of_deposit(answer.deposit, run.end) for run in runs]
    lows = [run.of_deposit(answer.deposit, run.lowest) for run in runs]
    worst = max(0, *(-low for low in lows))
    return {
        "case": name,
        "member": runs[0].member,
        "feedback": runs[0].feedback,
        "runs": len(runs),
        "gain_after_an_hour": _ends(ends, asset),
        "gain_at_the_lowest": _ends(lows, asset),
        "share_after_an_hour_ppm": [bound * MILLION // answer.deposit for bound in (min(ends), max(ends))],
        "share_at_the_lowest_ppm": [bound * MILLION // answer.deposit for bound in (min(lows), max(lows))],
        "worst_in_months_of_profit": None if profit is None else round(worst / 10**asset.exponent / float(profit), 3),
    }


def provider_sentence(document: dict[str, Any]) -> str:
    """Return the answer in one sentence: the shock, then the range over members, feedbacks, after-shock paths and seeds."""
    request, rows = document["request"], document["members"]
    ends = [bound for row in rows for bound in row["share_after_an_hour_ppm"]]
    lows = [bound for row in rows for bound in row["share_at_the_lowest_ppm"]]
    return (
        f"If the price moves {request['gap']} over {request['over']} with {request['depth_left']} of depth left, a deposit of "
        f"{human(document['deposit'])} in the {document['layer']} of {document['contract']['venue']} gains "
        f"{_percent([min(ends), max(ends)])} of itself by an hour later (negative: a loss), "
        f"and {_percent([min(lows), max(lows)])} at the lowest; the ranges are over populations{over_words(document)}."
    )


def print_provider(console: Console, document: dict[str, Any]) -> None:
    """Print the sentence and the table by member."""
    contract = document["contract"]
    console.print(
        Text(
            f"{contract['venue']} {contract['symbol']}: a provider of the {document['layer']} in a stated shock", "bold"
        )
    )
    console.print(Text(provider_sentence(document)))
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    unit = document["deposit"]["unit"]
    for name in (
        "population",
        f"after an hour\n{unit}",
        "of deposit",
        f"at the lowest\n{unit}",
        "of deposit",
        "worst in months\nof profit",
    ):
        table.add_column(name, justify="left" if name == "population" else "right")
    for row in document["members"]:
        months = row["worst_in_months_of_profit"]
        table.add_row(
            case_of(row),
            _amounts(row["gain_after_an_hour"]),
            _percent(row["share_after_an_hour_ppm"]),
            _amounts(row["gain_at_the_lowest"]),
            _percent(row["share_at_the_lowest_ppm"]),
            NOT_STATED if months is None else f"{months}",
        )
    console.print(table)
    for line in provider_notes(document):
        console.print(Text(line, "dim"))


def provider_notes(document: dict[str, Any]) -> list[str]:
    """Return what a reader needs beside the table."""
    lines = [
        common_note(document),
        f"capital: {human(document['capital']['cash'])} ({document['capital']['note']}); the deposit is a share of it",
        "a gain is shown as one; ranges within a population: after-shock paths and seeds; between populations: the headline",
        *feedback_lines(document),
        *document["assumed"],
        "synthetic: population, shock, makers. What happens given the shock, no forecast of it",
    ]
    return [line for line in lines if line is not None]


__all__ = [
    "ALIASES",
    "AS",
    "NOT_STATED",
    "closes_part",
    "damage",
    "out_name",
    "print_provider",
    "print_strategy",
    "provider_document",
    "provider_notes",
    "provider_sentence",
    "queue_part",
    "strategy_lines",
    "strategy_part",
]
