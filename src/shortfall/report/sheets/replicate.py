"""Replications as a sheet: chances by population with their sampling intervals, how much by share of draws, which draw moves it."""

from __future__ import annotations

from typing import Any

from shortfall.report.replications import DRAW_WORDS, notes, sentence
from shortfall.report.sheets.sheet import Fan, RangeBars, Sheet, SheetTable, Span, amount, titled
from shortfall.report.words import human, shock_words

ANYBODY, LOT = "probability_contract_adl_given_shock", "probability_cut_given_shock"


def sheet(document: dict[str, Any]) -> Sheet:
    """Return the sheet of a document of schema ``shortfall.replicate/1``."""
    rows, unit = document["found"], document["fund"]["tried"][0]["unit"]
    moves = SheetTable(
        "moves",
        "Rank correlation of each draw with the figure named; population: root of the share of variance between populations",
        ("population", f"fund_{unit}", "figure", *(name.replace(" ", "_") for name in DRAW_WORDS.values())),
        tuple(
            (one["label"], amount(one["fund"]), one["moved"], *(one["rank_correlation"][name] for name in DRAW_WORDS))
            for one in rows
        ),
    )
    return Sheet(
        titled(document, f"{shock_words(document)}, {document['request']['count']:,} draws"),
        "A stated shock, replicated",
        sentence(document),
        (_chances(rows, unit), moves),
        (
            RangeBars(
                "replicate-chances",
                "In how many draws anybody is deleveraged, and the chance of a lot of the winning side: 95 %, sampling only",
                "% of draws, of lots",
                tuple(_span(one, name, what, document) for one in rows for name, what in ((ANYBODY, "anybody"), (LOT, "a lot"))),
            ),
            _fan(document, "share_cut", "Share of the winning side that is cut", "% of the side", 0.01),
            _fan(document, "fund_used", "Fall of the fund's equity at mark at its lowest", f"fund used, {unit}", 1.0),
        ),
        tuple(notes(document)),
    )  # fmt: skip


def _chances(rows: list[dict[str, Any]], unit: str) -> SheetTable:
    quantiles = list(rows[0]["share_cut"])
    words = [quantile.rstrip("%") for quantile in quantiles]
    return SheetTable(
        "chances",
        f"Given the shock, by population; low and high are the ends of 95 % intervals, sampling only; {unit}",
        (
            "population", f"fund_{unit}", "draws", "populations", "anybody", "anybody_low", "anybody_high", "lot", "lot_low", "lot_high",
            *(f"share_cut_{word}" for word in words), *(f"fund_used_{word}_{unit}" for word in words), "middle_path", "worst_path",
        ),
        tuple(
            (
                one["label"], amount(one["fund"]), one["draws"], one["populations"],
                one[ANYBODY]["value"], *one[ANYBODY]["sampling_95"], one[LOT]["value"], *one[LOT]["sampling_95"],
                *(one["share_cut"][q]["value"] for q in quantiles), *(amount(one["fund_used"][q]["amount"]) for q in quantiles),
                one["paths"]["middle"], one["paths"]["worst"],
            )
            for one in rows
        ),
    )  # fmt: skip


def _group(one: dict[str, Any], document: dict[str, Any]) -> str:
    """Return whose figures they are: the population, and the fund where several are run."""
    return str(one["label"]) if document["fund"]["cash"] else f"{one['label']}, fund {human(one['fund'])}"


def _span(one: dict[str, Any], name: str, what: str, document: dict[str, Any]) -> Span:
    low, high = one[name]["sampling_95"]
    ends = (0.0 if low is None else low, 1.0 if high is None else high)
    return Span(f"{_group(one, document)}: {what}", 100 * ends[0], 100 * ends[1], what)


def _fan(document: dict[str, Any], key: str, caption: str, axis: str, by: float) -> Fan:
    points = []
    for one in document["found"]:
        values = [float(value) / by for value in one["curves"][key]]
        group = _group(one, document)
        points += [(100 * k / (len(values) - 1), value, value, group) for k, value in enumerate(values)]
    return Fan(
        f"replicate-{key.replace('_', '-')}",
        f"{caption}, by share of draws up to it",
        "% of draws",
        axis,
        tuple(points),
    )
