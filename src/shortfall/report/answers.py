"""The pictures that answer: who paid, which fund would have been needed, in which gaps anything happens."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING, Any, Final

from shortfall.report import words
from shortfall.report.drawing import BLUE, GREY, INK, ORANGE, RED, SERIES, WIDTH, altair, named, picture
from shortfall.report.figures import scaled

if TYPE_CHECKING:
    from shortfall.report.markup import Markup
    from shortfall.report.words import Document

LABEL_WIDTH: Final = 23
TOGETHER: Final = "paid together"
BESIDE: Final = 3  # zero on a logarithmic axis: this many times below the smallest size
MILLION: Final = 1_000_000
PERCENT: Final = 100


def paid_picture(run: Document, name: str, alternative: str) -> Markup:
    """Draw who paid at mark in one run: a bar for each layer from where the last one ended, up to what all paid together."""
    alt = altair()
    layers = {layer: amount for layer, amount in run["paid_by"].items() if words.minor_units(amount)}
    unit = run["paid_total"]["unit"]
    total = float(run["returned_to_traders"]["amount"]) - float(run["equity_left_behind"]["amount"])
    bars: list[tuple[str, float, float, str]] = []
    reached = 0.0
    for layer, amount in layers.items():
        value = float(amount["amount"])
        bars.append((_label(layer, words.human(amount)), reached, reached + value, "paid" if value > 0 else "received"))
        reached += value
    bars.append((_label(TOGETHER, words.human(run["paid_total"])), 0.0, reached, "together"))
    by, title = scaled([total, *(end for _, _, end, _ in bars)], unit)
    rows = [{"layer": label, "from": begin / by, "to": end / by, "kind": kind} for label, begin, end, kind in bars]
    colours = {"paid": RED, "received": BLUE, "together": INK}
    y = alt.Y(
        "layer:N", sort=None, axis=alt.Axis(title=None, labelExpr="split(datum.label, '|')", labelLimit=0, ticks=False)
    )
    shown = (
        alt.Chart(named("layers"))
        .mark_bar(height=18)
        .encode(
            y=y,
            x=alt.X("from:Q", axis=alt.Axis(title=f"{title}; positive paid, negative received", tickCount=5)),
            x2="to:Q",
            color=alt.Color(
                "kind:N", scale=alt.Scale(domain=list(colours), range=[c.light for c in colours.values()]), legend=None
            ),
        )
    )
    line = alt.Chart(named("total")).mark_rule(color=ORANGE.light, strokeDash=[5, 3], strokeWidth=2)
    zero = alt.Chart(named("zero")).mark_rule(color=GREY.light)
    chart = alt.layer(zero.encode(x="x:Q"), shown, line.encode(x="x:Q")).properties(
        width=WIDTH - 110, height=alt.Step(56)
    )
    return picture(chart, name, alternative, {"layers": rows, "total": [{"x": total / by}], "zero": [{"x": 0}]})


def _label(layer: str, amount: str) -> str:
    """Return the lines of a label, the amount last, divided as the axis expects them."""
    return "|".join([*wrap(layer.replace("|", "/"), LABEL_WIDTH), amount])


def sweep_picture(document: Document, name: str, alternative: str) -> Markup:
    """Draw notional deleveraged against the size of the fund, by member, with the smallest fund that suffices."""
    alt = altair()
    sweep = document["fund"]["sweep"]
    members = list(dict.fromkeys(member for point in sweep for member in point["deleveraged"]))
    sizes = sorted(float(point["fund"]["amount"]) for point in sweep)
    smallest = next((size for size in sizes if size > 0), 1.0)
    unit = sweep[0]["fund"]["unit"]
    fund_by, fund_title = scaled(sizes, unit)
    cut_by, cut_title = scaled([float(m["amount"]) for point in sweep for m in point["deleveraged"].values()], unit)
    nothing = smallest / BESIDE / fund_by
    rows = [
        {
            "fund": max(float(point["fund"]["amount"]) / fund_by, nothing),
            "cut": float(cut["amount"]) / cut_by,
            "member": member,
        }
        for point in sweep
        for member, cut in point["deleveraged"].items()
    ]
    scale = alt.Scale(domain=members, range=[colour.light for colour in SERIES[: len(members)]])
    colour = alt.Color("member:N", scale=scale, legend=alt.Legend())
    label = f"datum.value < {nothing * 1.5} ? '0' : format(datum.value, '~g')"
    ticks = [nothing, *_decades(smallest / fund_by, sizes[-1] / fund_by)]
    x = alt.X(
        "fund:Q",
        scale=alt.Scale(type="log", nice=False),
        axis=alt.Axis(title=f"fund, {fund_title}, logarithmic", values=ticks, labelExpr=label),
    )
    lines = alt.Chart(named("points")).mark_line(point=alt.OverlayMarkDef(size=26), strokeWidth=1.6)
    lines = lines.encode(
        x=x, y=alt.Y("cut:Q", axis=alt.Axis(title=f"deleveraged, {cut_title}", tickCount=5)), color=colour
    )
    needed = [
        {"fund": float(amount["amount"]) / fund_by, "member": member}
        for member, amount in (document["fund"]["needed"] or {}).items()
        if amount is not None and words.minor_units(amount) > 0
    ]
    rules = alt.Chart(named("needed")).mark_rule(strokeDash=[5, 3], strokeWidth=1.6).encode(x=x, color=colour)
    chart = alt.layer(lines, rules).properties(width=WIDTH, height=220)
    return picture(chart, name, alternative, {"points": rows, "needed": needed})


def _decades(low: float, high: float) -> list[float]:
    """Return the powers of ten between two sizes."""
    powers = (10.0**power for power in range(-12, 16))
    return [size for size in powers if low <= size <= high]


def gap_picture(document: Document, name: str, alternative: str) -> Markup:
    """Draw the gaps in which each question is answered yes: a panel for each speed, falls to the left and rises to the right."""
    alt = altair()
    answers = document["answers"]
    questions = list(dict.fromkeys(row["question"] for row in answers))
    speeds = list(dict.fromkeys(row["over"] for row in answers))
    widest = PERCENT * document["largest_gap_ppm"] / MILLION
    rows = _gap_rows(answers)
    panels = [_speed_panel(over, questions, widest, last=over == speeds[-1]) for over in speeds]
    return picture(alt.vconcat(*panels, spacing=10), name, alternative, rows)


def _gap_rows(answers: list[Document]) -> dict[str, list[dict[str, Any]]]:
    """Return the intervals and the first crossings of each speed, falls with a minus sign."""
    rows: dict[str, list[dict[str, Any]]] = {}
    for answer in answers:
        sign = -1 if answer["direction"] == "down" else 1
        spans, firsts = rows.setdefault(answer["over"], []), rows.setdefault(f"{answer['over']} first", [])
        spans += [
            {"q": answer["question"], "from": sign * PERCENT * low / MILLION, "to": sign * PERCENT * high / MILLION}
            for low, high in answer["intervals_ppm"]
        ]
        if answer["first_crossing_ppm"] is not None:
            firsts.append({"q": answer["question"], "at": PERCENT * answer["first_crossing_ppm"][1] / MILLION})
    return rows


def _speed_panel(over: str, questions: list[str], widest: float, *, last: bool) -> Any:  # noqa: ANN401 - a chart of the grammar
    """Return the intervals of one speed."""
    alt = altair()
    colours = alt.Scale(
        domain=questions, range=[colour.light for colour in (BLUE, ORANGE, RED, *SERIES)[: len(questions)]]
    )
    y = alt.Y("q:N", scale=alt.Scale(domain=questions), axis=alt.Axis(title=None, ticks=False, domain=False))
    axis = alt.Axis(
        title="gap, %: falls to the left, rises to the right" if last else None,
        labels=last,
        values=[-60, -40, -20, 0, 20, 40, 60],
        ticks=last,
    )
    x = alt.X("from:Q", scale=alt.Scale(domain=[-widest, widest], nice=False), axis=axis)
    colour = alt.Color("q:N", scale=colours, legend=None)
    base = {"y": y, "color": colour}
    bars = alt.Chart(named(over)).mark_rule(strokeWidth=9).encode(x=x, x2="to:Q", **base)
    ends = alt.Chart(named(over)).mark_point(shape="square", filled=True, size=60, opacity=1).encode(x=x, **base)
    first = alt.Chart(named(f"{over} first")).mark_tick(thickness=2, height=19, color=INK.light)
    crossing = first.encode(x=alt.X("at:Q", scale=alt.Scale(domain=[-widest, widest], nice=False), axis=axis), y=y)
    return alt.layer(bars, ends, crossing, title=f"over {over}").properties(width=WIDTH - 90, height=alt.Step(24))
