"""Open interest, its growth against depth, and funding: how crowded a contract is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from shortfall.assess.metrics.record import days_note, input_of, single, unknown

if TYPE_CHECKING:
    from decimal import Decimal

    from shortfall.assess.metrics.record import Input, Metric
    from shortfall.data.figure_records import ContractFigures

HOURS_OF_YEAR: Final = 8_760


def open_interest(figures: ContractFigures) -> Metric:
    """Return open interest, one side, in the quote asset."""
    key, title, formula = (
        "open_interest",
        "open interest (one side)",
        "sum of long positions at mark; both sides are never added",
    )
    figure = figures.get("open_interest_notional")
    if not figure.known:
        return unknown(key, title, figures.quote_asset, formula, figure.note)
    return single(
        key, title, figure.number(), figures.quote_asset, formula, inputs=[input_of(figure)], note=figure.note
    )


def funding_a_year(figures: ContractFigures) -> Metric:
    """Return the recorded funding rate as if it stayed for a year; positive is paid by longs."""
    key, title = "funding_a_year", "funding, a year at the recorded rate (positive: longs pay)"
    formula = "rate x 8,760 h / hours of its interval"
    rate, hours = figures.get("funding_rate"), figures.get("funding_interval_hours")
    for figure in (rate, hours):
        if not figure.known:
            return unknown(key, title, "fraction of notional", formula, figure.note)
    value = rate.number() * HOURS_OF_YEAR / hours.number()
    return single(
        key,
        title,
        value,
        "fraction of notional",
        formula,
        inputs=[input_of(rate), input_of(hours)],
        note="one moment, not an average",
    )


def growth_against_depth(
    interest: tuple[Decimal, Decimal] | None, depth: tuple[Decimal, Decimal] | None, inputs: tuple[Input, ...] = ()
) -> Metric:
    """Return growth of open interest over growth of depth between two recordings, each as (earlier, later); above 1: crowding grows."""
    key, title = "crowding", "growth of open interest / growth of depth"
    formula = "(open interest later / earlier) / (depth within 100 bps later / earlier)"
    if interest is None or depth is None:
        reason = "one recording says nothing about growth: collect this contract more than once"
        return unknown(key, title, "ratio", formula, reason)
    if min(*interest, *depth) <= 0:
        return unknown(key, title, "ratio", formula, "a recorded figure is zero")
    return single(
        key, title, float((interest[1] / interest[0]) / (depth[1] / depth[0])), "ratio", formula, inputs=inputs
    )


def interest_over_depth(figures: ContractFigures, depth: Metric) -> Metric:
    """Return open interest over depth within 100 bps: how many times over the book would have to be there for everybody."""
    key, title = "open_interest_over_depth", "open interest / depth within 100 bps (thinner side)"
    formula = "open interest of one side / depth of the thinner side within 100 bps"
    figure = figures.get("open_interest_notional")
    if not figure.known or depth.low is None or depth.low <= 0:
        return unknown(key, title, "times", formula, depth.reason or figure.note)
    ratio = float(figure.number() / depth.low)
    return single(
        key,
        title,
        ratio,
        "times",
        formula,
        inputs=(input_of(figure), *depth.inputs),
        note=days_note(figure, figures.get("depth")),
    )
