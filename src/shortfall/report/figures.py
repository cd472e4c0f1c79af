"""The pictures of one run over time: prices against the book's empty levels, the fund, what was liquidated and deleveraged."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from shortfall.report.drawing import (
    BLUE,
    GREEN,
    GREY,
    INK,
    NO_ASKS,
    NO_BIDS,
    ORANGE,
    QUIET,
    RED,
    VIOLET,
    WIDTH,
    altair,
    named,
    picture,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shortfall.report.drawing import Colour
    from shortfall.report.markup import Markup
    from shortfall.report.words import Document

LOG_SECONDS: Final = (1, 5, 15, 60, 300, 900, 3600, 14400, 86400)
STEPS_S: Final = (1, 5, 10, 30, 60, 300, 600, 1800, 3600, 7200, 21600, 86400)
SECONDS_LABEL: Final = (
    "datum.value < 60 ? datum.value + ' s' : datum.value < 3600 ? datum.value / 60 + ' min' : datum.value / 3600 + ' h'"
)
EARLY: Final = (
    20  # half of the points in a twentieth of the time: a logarithmic axis shows them, a linear one hides them
)
SCALES: Final = ((1e12, "tn"), (1e9, "bn"), (1e6, "M"), (1e3, "k"))
LINE: Final = 1.6
UNDERNEATH: Final = 4.5  # the index is drawn wider, because the mark often lies on it
LABELLED_SHARE: Final = 0.12  # of the axis that a period must fill to have its name written into it


def scaled(values: Sequence[float | None], unit: str) -> tuple[float, str]:
    """Return what to divide by so that an axis reads in thousands, millions, ..., and the axis's title."""
    largest = max((abs(value) for value in values if value is not None), default=0.0)
    by, suffix = next(((size, name) for size, name in SCALES if largest >= size), (1.0, ""))
    return by, f"{suffix} {unit}".strip()


def empty_periods(series: Document, side: str) -> list[tuple[float, float]]:
    """Return the periods, in seconds from the start, in which nobody quotes a side of the book."""
    times, prices = series["time_s"], series[side]
    found: list[tuple[float, float]] = []
    for (begin, price), (end, _) in pairwise(zip(times, prices, strict=True)):
        if price is not None:
            continue
        if found and found[-1][1] == begin:
            found[-1] = (found[-1][0], end)
        else:
            found.append((begin, end))
    return found


def has_book(series: Document) -> bool:
    """Say whether anybody quoted at any time; a recorded path has no book."""
    return any(price is not None for side in ("bid", "ask") for price in series[side])


def price_picture(series: Document, unit: str, name: str, words: str) -> Markup:
    """Draw index, mark and last; how far last and the best quotes are from mark; the depth shown; empty sides shaded."""
    alt = altair()
    colours = {"index": GREY, "mark": INK, "last": ORANGE, "best bid": GREEN, "best ask": VIOLET}
    rows = {"prices": _lines(series, {"index": series["index"], "mark": series["mark"], "last": series["last"]})}
    if not has_book(series):
        del colours["best bid"], colours["best ask"]
        return picture(_panel(series, "prices", colours, unit, 230, legend=True, last=True), name, words, rows)
    apart = {"last": series["last"], "best bid": series["bid"], "best ask": series["ask"]}
    rows["away"] = _lines(series, {key: _from_mark(values, series["mark"]) for key, values in apart.items()})
    rows["depth"] = _lines(series, {"depth": [100 * share for share in series["depth_shown"]]})
    rows |= _shading_rows(series)
    shade = _shading(series, rows)
    panels = (
        alt.layer(*shade, *_shading_names(series, rows), _panel(series, "prices", colours, unit, 180, legend=True)),
        alt.layer(*shade, _panel(series, "away", colours, "% from mark", 110)),
        alt.layer(*shade, _panel(series, "depth", {"depth": BLUE}, "depth, %", 60, last=True, zero=True)),
    )
    return picture(alt.vconcat(*panels, spacing=8).resolve_scale(color="independent"), name, words, rows)


def fund_picture(series: Document, unit: str, name: str, words: str) -> Markup:
    """Draw the fund's cash, its equity at mark and its inventory at mark."""
    shown = {
        "cash": series["fund_cash"],
        "equity at mark": series["fund_equity"],
        "inventory at mark": series["inventory"],
    }
    colours = {"cash": BLUE, "equity at mark": INK, "inventory at mark": ORANGE}
    return _amounts(series, shown, colours, unit, name=name, words=words)


def notional_picture(series: Document, unit: str, name: str, words: str) -> Markup:
    """Draw liquidated and deleveraged notional, added up from the start."""
    shown = {"liquidated": series["liquidated"], "deleveraged (ADL)": series["deleveraged"]}
    return _amounts(series, shown, {"liquidated": INK, "deleveraged (ADL)": RED}, unit, name=name, words=words)


def _amounts(
    series: Document, shown: dict[str, list[float]], colours: dict[str, Colour], unit: str, *, name: str, words: str
) -> Markup:
    by, title = scaled([value for values in shown.values() for value in values], unit)
    rows = {"amounts": _lines(series, {key: [value / by for value in values] for key, values in shown.items()})}
    return picture(_panel(series, "amounts", colours, title, 180, legend=True, last=True, zero=True), name, words, rows)


def _lines(series: Document, shown: dict[str, list[Any]]) -> list[dict[str, Any]]:
    """Return the rows of a chart: one for each time and line."""
    times = series["time_s"]
    return [{"t": t, "v": v, "s": key} for key, values in shown.items() for t, v in zip(times, values, strict=True)]


def _from_mark(values: Sequence[float | None], marks: Sequence[float]) -> list[float | None]:
    return [None if v is None else 100 * (v - mark) / mark for v, mark in zip(values, marks, strict=True)]


def _panel(
    series: Document,
    data: str,
    colours: dict[str, Colour],
    title: str,
    height: int,
    *,
    legend: bool = False,
    last: bool = False,
    zero: bool = False,
) -> Any:  # noqa: ANN401 - a chart of the grammar
    """Return lines over time; only the last panel of a picture names its times."""
    alt = altair()
    scale = alt.Scale(domain=list(colours), range=[colour.light for colour in colours.values()])
    key = alt.Legend(columns=3 if len(colours) > 3 else 0) if legend else None  # noqa: PLR2004 - what fits in a line
    return (
        alt.Chart(named(data))
        .mark_line(strokeWidth=LINE, interpolate="step-after")
        .encode(
            x=alt.X("t:Q", scale=time_scale(series), axis=time_axis(series, named=last)),
            y=alt.Y("v:Q", scale=alt.Scale(zero=zero), axis=alt.Axis(title=title, tickCount=max(3, height // 40))),
            color=alt.Color("s:N", scale=scale, legend=key),
            strokeWidth=alt.condition("datum.s == 'index'", alt.value(UNDERNEATH), alt.value(LINE)),
            detail="s:N",
        )
        .properties(width=WIDTH, height=height)
    )


def is_early(series: Document) -> bool:
    """Say whether most of what is recorded lies at the beginning, so that the time axis is logarithmic."""
    times = series["time_s"]
    return bool(times[0] > 0 and times[len(times) // 2] * EARLY < times[-1])


def time_scale(series: Document) -> Any:  # noqa: ANN401 - a scale of the grammar
    """Return the scale of time that shows the shock."""
    ends = [series["time_s"][0], series["time_s"][-1]]
    return altair().Scale(type="log" if is_early(series) else "linear", domain=ends, nice=False)


def time_axis(series: Document, *, named: bool) -> Any:  # noqa: ANN401 - an axis of the grammar
    """Return the axis of time, with or without labels."""
    begin, end = series["time_s"][0], series["time_s"][-1]
    if is_early(series):
        ticks: list[float] = [second for second in LOG_SECONDS if begin <= second <= end]
    else:
        step = next((size for size in STEPS_S if size * 5 >= end - begin), STEPS_S[-1])
        ticks = list(range(0, int(end) + 1, step))
    title = "time from the start" + (", logarithmic" if is_early(series) else "")
    return altair().Axis(
        values=ticks, labelExpr=SECONDS_LABEL, labels=named, title=title if named else None, ticks=named
    )


def _shading_rows(series: Document) -> dict[str, list[dict[str, Any]]]:
    """Return the periods in which a side of the book is empty and, where it is long enough to be named, the longest one."""
    found: dict[str, list[dict[str, Any]]] = {}
    for side, words in (("bid", "no bids"), ("ask", "no asks")):
        periods = empty_periods(series, side)
        if periods:
            rows = [{"from": begin, "to": end, "name": words} for begin, end in periods]
            widths = [_width(series, begin, end) for begin, end in periods]
            longest = rows[widths.index(max(widths))]
            found |= {side: rows, f"{side} named": [longest] if max(widths) >= LABELLED_SHARE else []}
    return found


def _shading(series: Document, rows: dict[str, list[dict[str, Any]]]) -> list[Any]:
    """Return those periods shaded over the whole height."""
    alt = altair()
    begin = alt.X("from:Q", scale=time_scale(series))
    return [
        alt.Chart(named(side)).mark_rect(color=colour.light, opacity=1).encode(x=begin, x2="to:Q")
        for side, colour in (("bid", NO_BIDS), ("ask", NO_ASKS))
        if side in rows
    ]


def _shading_names(series: Document, rows: dict[str, list[dict[str, Any]]]) -> list[Any]:
    """Return the names of the longest of those periods, at their top."""
    alt = altair()
    begin = alt.X("from:Q", scale=time_scale(series))
    style = {"align": "left", "baseline": "top", "dx": 4, "dy": 3, "color": QUIET.light, "fontSize": 12}
    return [
        alt.Chart(named(name)).mark_text(**style).encode(x=begin, y=alt.value(0), text="name:N")
        for name in ("bid named", "ask named")
        if name in rows
    ]


def _width(series: Document, begin: float, end: float) -> float:
    """Return the share of the time axis between two times."""
    from math import log  # noqa: PLC0415 - beside its one use

    first, last = series["time_s"][0], series["time_s"][-1]
    if is_early(series):
        begin, end, first, last = log(begin), log(end), log(first), log(last)
    return (end - begin) / (last - first) if last > first else 0.0
