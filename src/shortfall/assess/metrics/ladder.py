"""The margin ladder: leverage at its top, how much may be held with it, and how steeply margin grows with size."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from shortfall.assess.metrics.record import Input, input_of, single, unknown

if TYPE_CHECKING:
    from decimal import Decimal

    from shortfall.assess.metrics.record import Metric
    from shortfall.data.figure_records import ContractFigures, TierRow

TIMES: Final = 10


def maximum_leverage(figures: ContractFigures) -> Metric:
    """Return the highest leverage that the contract offers."""
    key, title, formula = "maximum_leverage", "maximum leverage", "notional / initial margin of the lowest tier"
    figure = figures.get("max_leverage")
    if not figure.known:
        return unknown(key, title, "times", formula, figure.note)
    return single(key, title, figure.number(), "times", formula, inputs=[input_of(figure)])


def notional_at_maximum(figures: ContractFigures) -> Metric:
    """Return how large a position may be that has the highest leverage."""
    key, title, formula = (
        "notional_at_maximum_leverage",
        "largest position with maximum leverage",
        "cap of the lowest tier",
    )
    figure, first = figures.get("tiers"), figures.tiers[0] if figures.tiers else None
    if first is None:
        return unknown(key, title, figures.quote_asset, formula, figure.note)
    if first.cap is None:
        return unknown(
            key, title, first.unit, formula, "the lowest tier has no upper bound: any size", inputs=[input_of(figure)]
        )
    unit = figures.quote_asset if first.unit == "quote" else first.unit
    return single(key, title, first.cap, unit, formula, inputs=[input_of(figure)])


def steepness(figures: ContractFigures) -> Metric:
    """Return how much higher the maintenance rate is for ten times the size: 1 means that size costs nothing."""
    key, title = "tier_steepness", "maintenance rate at ten times the lowest tier / its own"
    formula = "rate of the tier that holds 10 x cap of the lowest / rate of the lowest"
    figure = figures.get("tiers")
    if not figures.tiers or (cap := figures.tiers[0].cap) is None:
        return unknown(key, title, "ratio", formula, figure.note if not figures.tiers else "one rate for every size")
    first = figures.tiers[0]
    at = _tier_at(figures.tiers, TIMES * cap)
    if at is None:
        return unknown(key, title, "ratio", formula, "the recorded ladder ends before that size")
    ratio = at.maintenance_rate / first.maintenance_rate
    rates = Input(
        "maintenance rates",
        f"{first.maintenance_rate:f} and {at.maintenance_rate:f}",
        figure.source,
        input_of(figure).as_of,
    )
    return single(key, title, float(ratio), "ratio", formula, inputs=[rates])


def _tier_at(tiers: tuple[TierRow, ...], size: Decimal) -> TierRow | None:
    return next((tier for tier in tiers if tier.floor < size and (tier.cap is None or size <= tier.cap)), None)
