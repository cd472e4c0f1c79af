"""Quality of the mark: its sources and how far they are apart, clamp, staleness, and who is liquidated falsely in a wick."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shortfall.assess.metrics.record import Input, input_of, input_of_rule, ranged, single, unknown, worded

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shortfall.assess.metrics.record import Metric
    from shortfall.data.figure_records import ContractFigures
    from shortfall.rules.cited import Value

BPS = 10_000
LEAST_SOURCES = 2


def sources(figures: ContractFigures) -> Metric:
    """Return how many sources the index has."""
    key, title, formula = "index_sources", "sources of the index", "constituents as published"
    figure = figures.get("constituents")
    if not figure.known:
        return unknown(key, title, "count", formula, figure.note)
    weights = ", ".join(
        f"{one.source} {one.weight if one.weight is not None else ''}".strip() for one in figures.constituents
    )
    return single(key, title, len(figures.constituents), "count", formula, inputs=[input_of(figure)], note=weights)


def dispersion(figures: ContractFigures) -> Metric:
    """Return how far the sources' prices were apart."""
    key, title, formula = (
        "index_dispersion",
        "dispersion of the index's sources",
        "(highest - lowest price) / lowest x 10,000",
    )
    prices = [one.price for one in figures.constituents if one.price is not None]
    if len(prices) < LEAST_SOURCES:
        return unknown(key, title, "bps", formula, "prices of the sources are not recorded")
    spread = float((max(prices) - min(prices)) * BPS / min(prices))
    return single(key, title, spread, "bps", formula, inputs=[input_of(figures.get("constituents"))], note="one moment")


def mark_against_index(figures: ContractFigures) -> Metric:
    """Return the recorded distance of mark from index, signed."""
    key, title, formula = "mark_minus_index", "mark against index", "(mark - index) / index x 10,000"
    mark, index = figures.get("mark_price"), figures.get("index_price")
    if not (mark.known and index.known):
        return unknown(key, title, "bps", formula, mark.note if not mark.known else index.note)
    value = float((mark.number() - index.number()) * BPS / index.number())
    return single(key, title, value, "bps", formula, inputs=[input_of(mark), input_of(index)], note="one moment")


def rule_in_words(values: Mapping[str, Value], key: str, title: str, name: str, absent: str) -> Metric:
    """Return a rule of the mark or the index as the venue states it, or as it is assumed."""
    if name not in values:
        return unknown(key, title, "text", f"rule {name}", absent)
    found = input_of_rule(name, values[name])
    return worded(
        key,
        title,
        found.value,
        f"rule {name}",
        inputs=[found],
        note="assumed, no page states it" if found.source.startswith("assumed") else "",
    )


def false_liquidations(
    key: str, what: str, wicked: Sequence[int], calm: Sequence[int], accounts: Sequence[int], *, inputs: Sequence[Input]
) -> Metric:
    """Return the share of accounts that a wick liquidates and that the same run without the wick does not.

    Parameters
    ----------
    wicked, calm, accounts : sequence of int
        Accounts liquidated with the wick and without it, and accounts there are; one entry for each run.
    """
    title = f"false liquidations: {what}"
    formula = "(accounts liquidated with the wick - in the twin run without it) / accounts, through the engine (synthetic populations)"
    if not wicked:
        return unknown(key, title, "fraction of accounts", formula, "no laboratory for this contract")
    rates = [(w - c) / n for w, c, n in zip(wicked, calm, accounts, strict=True)]
    return ranged(key, title, rates, "fraction of accounts", formula, inputs=inputs)
