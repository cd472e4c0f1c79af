"""Pictures of a sheet in the chart grammar: ranges as bars, bands over time, cells of colour."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from shortfall.report.drawing import BLUE, GREY, INK, RED, SERIES, WIDTH, altair, named, picture
from shortfall.report.figures import scaled
from shortfall.report.sheets.sheet import Fan, Heat, RangeBars

if TYPE_CHECKING:
    from shortfall.report.markup import Markup
    from shortfall.report.sheets.sheet import Drawn

LONGEST: Final = 40  # letters of a label
UNITS: Final = ("USDT", "USDC", "USD")


def chart(drawn: Drawn) -> tuple[Any, dict[str, list[dict[str, Any]]]]:
    """Return (chart, its rows by name)."""
    if isinstance(drawn, RangeBars):
        return _bars(drawn)
    return _fan(drawn) if isinstance(drawn, Fan) else _heat(drawn)


def drawing(drawn: Drawn) -> Markup:
    """Return a picture that stands inside a page."""
    made, rows = chart(drawn)
    return picture(made, drawn.name, drawn.caption, rows)


def _bars(drawn: RangeBars) -> tuple[Any, dict[str, list[dict[str, Any]]]]:
    alt = altair()
    by, title = _axis([end for one in drawn.spans for end in (one.low, one.high)], drawn.axis)
    rows = [
        {"label": _short(one.label), "low": one.low / by, "high": one.high / by, "group": one.group}
        for one in drawn.spans
    ]
    y = alt.Y("label:N", sort=None, axis=alt.Axis(title=None, labelLimit=0, ticks=False))
    colour = _colour(alt, [one.group for one in drawn.spans])
    bar = alt.Chart(named("spans")).mark_bar(height=10).encode(
        y=y, x=alt.X("low:Q", axis=alt.Axis(title=title, tickCount=5)), x2="high:Q", color=colour
    )  # fmt: skip
    tick = alt.Chart(named("spans")).mark_tick(thickness=2, height=14).encode(y=y, color=colour)
    zero = alt.Chart(named("zero")).mark_rule(color=GREY.light).encode(x="x:Q")
    parts = alt.layer(zero, bar, tick.encode(x="low:Q"), tick.encode(x="high:Q"))
    return parts.properties(width=WIDTH, height=alt.Step(22)), {"spans": rows, "zero": [{"x": 0}]}


def _fan(drawn: Fan) -> tuple[Any, dict[str, list[dict[str, Any]]]]:
    alt = altair()
    by, title = _axis([end for _, low, high, _ in drawn.points for end in (low, high)], drawn.y_axis)
    rows = [{"x": x, "low": low / by, "high": high / by, "group": group} for x, low, high, group in drawn.points]
    base = alt.Chart(named("band")).encode(
        x=alt.X("x:Q", axis=alt.Axis(title=drawn.x_axis)), color=_colour(alt, [group for *_, group in drawn.points])
    )
    y = alt.Y("low:Q", axis=alt.Axis(title=title, tickCount=5), scale=alt.Scale(zero=False))
    area = base.mark_area(opacity=0.3).encode(y=y, y2="high:Q")
    parts = alt.layer(area, base.mark_line().encode(y=y), base.mark_line().encode(y="high:Q"))
    return parts.properties(width=WIDTH, height=200), {"band": rows}


def _heat(drawn: Heat) -> tuple[Any, dict[str, list[dict[str, Any]]]]:
    alt = altair()
    rows = [{"x": x, "y": y, "weight": weight} for x, y, weight in drawn.cells]
    made = (
        alt.Chart(named("cells"))
        .mark_rect()
        .encode(
            x=alt.X("x:O", sort=None, axis=alt.Axis(title=drawn.x_axis, labelAngle=0, labelOverlap="greedy")),
            y=alt.Y("y:O", sort=None, axis=alt.Axis(title=drawn.y_axis)),
            fill=alt.value(RED.light),
            fillOpacity=alt.FillOpacity("weight:Q", legend=None, scale=alt.Scale(range=[0.0, 1.0], zero=True)),
        )
        .properties(width=WIDTH, height=alt.Step(16))
    )
    return made, {"cells": rows}


def _colour(alt: Any, groups: list[str]) -> Any:  # noqa: ANN401 - the grammar has no useful types
    found = [group for group in dict.fromkeys(groups) if group]
    if not found:
        return alt.value(BLUE.light)
    palette = [(*SERIES, INK)[k % (len(SERIES) + 1)].light for k in range(len(found))]
    return alt.Color("group:N", sort=None, scale=alt.Scale(domain=found, range=palette), legend=alt.Legend(title=None))


def _axis(values: list[float], axis: str) -> tuple[float, str]:
    """Return (divisor, title): amounts are scaled to thousands or millions, other figures stay."""
    last = axis.rsplit(" ", maxsplit=1)[-1]
    if last not in UNITS:
        return 1.0, axis
    by, title = scaled(values, last)
    return by, f"{axis.removesuffix(last).rstrip(', ')}, {title}".lstrip(", ")


def _short(label: str) -> str:
    return label if len(label) <= LONGEST else f"{label[: LONGEST - 1]}…"
