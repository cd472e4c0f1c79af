"""One position in a stated shock, and a deposit in a pool, as sheets: what is cut, and what that costs."""

from __future__ import annotations

from typing import Any

from shortfall.report.feedbacks import case_of
from shortfall.report.positions import notes, sentence
from shortfall.report.sheets.sheet import RangeBars, Sheet, SheetTable, Span, ends, span, titled
from shortfall.report.strategies import provider_notes, provider_sentence

MILLION = 1_000_000
PERCENT = 10_000
CUT = (
    "population", "feedback", "draws", "cut", "sampling_low_percent", "sampling_high_percent", "share_cut_mean_percent",
    "share_cut_highest_percent", "own_liquidation",
)  # fmt: skip


def sheet(document: dict[str, Any]) -> Sheet:
    """Return the sheet of a document of schema ``shortfall.position/1`` or ``shortfall.provider/1``."""
    return _provided(document) if "deposit" in document else _held(document)


def _held(document: dict[str, Any]) -> Sheet:
    rows, held, unit = document["members"], document["position"], document["fund"]["cash"]["unit"]
    shares = [(case_of(row), *(row["share_cut_ppm"][end] / PERCENT for end in ("mean", "highest"))) for row in rows]
    pictures = [
        RangeBars(
            "position-cut", "Share of the position cut by ADL: from the mean to the highest over draws", "cut, % of the position",
            tuple(Span(case, low, high) for case, low, high in shares),
        ),
        *_over_time("position-out", "Cost of being out, by how long; negative: being cut was a gain", f"cost, {unit}", rows, _out),
    ]  # fmt: skip
    tables = [
        SheetTable(
            "cut", "How often and how much of it is cut, by population and feedback", CUT, tuple(map(_cut, rows))
        ),
        _costs("cost_of_out", f"Cost of being out by time, {unit}; negative: being cut was a gain", rows, _out),
    ]
    if held["as"] == "hedger":
        caption = f"Both legs of a pair by the time until it is hedged again, {unit}; negative is a gain"
        tables.append(_costs("rehedge", caption, rows, _both))
        pictures += _over_time("position-rehedge", caption, f"cost, {unit}", rows, _both)
    if document["own_close"]:
        tables.append(_closes(document["own_close"]))
    return Sheet(
        titled(document, f"a {held['side']} of {held['size']} at {held['leverage']}x, as {held['as']}"),
        "One position in a stated shock",
        sentence(document),
        tuple(tables),
        tuple(pictures),
        (held["meaning"], *notes(document)),
    )


def _cut(row: dict[str, Any]) -> tuple[Any, ...]:
    share = row["share_cut_ppm"]
    return (
        row["member"], row.get("feedback"), row["draws"], row["cut"], *(100 * end for end in row["sampling_95"]),
        share["mean"] / PERCENT, share["highest"] / PERCENT, row["own_liquidation"],
    )  # fmt: skip


def _out(row: dict[str, Any]) -> dict[str, Any]:
    """Return costs of being out by time; nothing where nothing was cut."""
    return row["cost_of_out"] if row["cut"] else {}


def _both(row: dict[str, Any]) -> dict[str, Any]:
    return {out: legs["both"] for out, legs in row["rehedge"].items()} if row["cut"] else {}


def _costs(name: str, caption: str, rows: list[dict[str, Any]], costs: Any) -> SheetTable:  # noqa: ANN401 - one of the two above
    found = (
        (row["member"], row.get("feedback"), out, *ends(bounds)) for row in rows for out, bounds in costs(row).items()
    )
    return SheetTable(name, caption, ("population", "feedback", "out_for", "cost_low", "cost_high"), tuple(found))


def _over_time(name: str, caption: str, axis: str, rows: list[dict[str, Any]], costs: Any) -> list[RangeBars]:  # noqa: ANN401 - one of the two above
    """Return the picture of costs by time, a bar for each population and time; none where nothing was cut."""
    spans = tuple(
        span(f"{case_of(row)}, {out}", bounds, case_of(row)) for row in rows for out, bounds in costs(row).items()
    )
    return [RangeBars(name, caption, axis, spans)] if spans else []


def _closes(found: list[dict[str, Any]]) -> SheetTable:
    return SheetTable(
        "own_close",
        "From which size its own close needs the fund; none: at no size tried",
        ("population", "feedback", "largest_without", "smallest_with", "liquidated"),
        tuple(
            (
                one["member"], one.get("feedback"), one["largest_without"], one["smallest_with"],
                "yes" if one["liquidated"] else "no",
            )
            for one in found
        ),
    )  # fmt: skip


def _provided(document: dict[str, Any]) -> Sheet:
    rows, unit = document["members"], document["deposit"]["unit"]
    columns = ("population", "feedback", "runs", "after_an_hour_low", "after_an_hour_high", "lowest_low", "lowest_high")
    table = SheetTable(
        "gains",
        f"What the deposit gains, {unit}; negative is a loss",
        columns,
        tuple(
            (row["member"], row.get("feedback"), row["runs"], *ends(row["gain_after_an_hour"]), *ends(row["gain_at_the_lowest"]))
            for row in rows
        ),
    )  # fmt: skip
    pictures = tuple(
        RangeBars(
            f"provider-{name}",
            f"Gain of the deposit {when}",
            f"gain, {unit}",
            tuple(span(case_of(row), row[key]) for row in rows),
        )
        for name, when, key in (
            ("end", "after an hour", "gain_after_an_hour"),
            ("lowest", "at the lowest", "gain_at_the_lowest"),
        )
    )
    return Sheet(
        titled(document, f"a deposit in the {document['layer']}"),
        "A provider in a stated shock",
        provider_sentence(document),
        (table,),
        pictures,
        tuple(provider_notes(document)),
    )
