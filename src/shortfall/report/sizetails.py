"""The worst move of a year and what it needs, and how often large moves were recorded: as parts of the size document and as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rich import box
from rich.table import Table
from rich.text import Text

from shortfall.data.move_episodes import BTC_DAILY, DAILY_SOURCE, DECLUSTER_HOURS
from shortfall.report.document import money
from shortfall.report.words import human
from shortfall.sim.bootstrap import NOT_ESTIMABLE, RESAMPLES
from shortfall.sim.sizetail import FACTORS, HORIZON_YEARS

if TYPE_CHECKING:
    from rich.console import Console

    from shortfall.sim.size import SizeAnswer
    from shortfall.sim.sizetail import CountedRate, Placed, TailNeed
    from shortfall.units import Asset

PERCENT: Final = 10_000
METHOD: Final = (
    f"worst move of one contract of the class in {HORIZON_YEARS:g} year, by the hour: peaks over the threshold in logarithms, generalised "
    f"Pareto fitted again in each of {RESAMPLES} resamples of whole episodes (hours of the class up to {DECLUSTER_HOURS} h apart)"
)
BETWEEN: Final = (
    "what a move needs is read straight between shocks that were run, "
    f"{', '.join(f'{factor:g}' for factor in FACTORS)} times the worst hour in logarithms; no tail is fitted to what a run put out"
)
RATE_METHOD: Final = (
    "rates: peaks in a contract-year; interval: Gamma (Garwood) of the number of episodes, 95 %, about sampling only; below five "
    f"events {NOT_ESTIMABLE}; as recorded, no forecast"
)


def tail_part(answer: SizeAnswer, asset: Asset) -> dict[str, Any]:
    """Return the parts of the document about tails and rates."""
    return {
        "horizon_years": HORIZON_YEARS,
        "method": METHOD,
        "between": BETWEEN,
        "note": answer.tail_note,
        "directions": [_direction(one, asset) for one in answer.tails],
        "rates": [_rate(one) for one in answer.rates],
        "rate_method": RATE_METHOD,
        "daily_source": DAILY_SOURCE,
    }


def _direction(one: TailNeed, asset: Asset) -> dict[str, Any]:
    worst = one.worst
    return {
        "direction": worst.direction,
        "tail_events": worst.episodes,
        "peaks": worst.peaks,
        "threshold_ppm": worst.threshold_ppm,
        "estimable": bool(one.quantiles),
        "shape": None if worst.shape is None else round(worst.shape, 4),
        "largest_run_ppm": one.largest_run_ppm,
        "quantiles": [
            {
                "share": quantile.share,
                **{name: _placed(getattr(quantile, name), asset) for name in ("point", "low", "high")},
            }
            for quantile in one.quantiles
        ],
    }


def _placed(one: Placed, asset: Asset) -> dict[str, Any]:
    found = one.range
    return {
        "move_ppm": one.move_ppm,
        "beyond_what_was_run": one.beyond,
        "needed": None if found is None else [None if cash is None else money(cash, asset) for cash in found],
    }


def _rate(one: CountedRate) -> dict[str, Any]:
    rate = one.rate
    return {
        "counted_on": one.counted_on,
        "window": one.window,
        "move_ppm": rate.move_ppm,
        "events": rate.events,
        "peaks": rate.peaks,
        "contract_years": round(rate.years, 2),
        "per_year": NOT_ESTIMABLE if rate.per_year is None else round(rate.per_year, 4),
        "gamma_95": None if rate.interval is None else [round(end, 4) for end in rate.interval],
    }


def print_tails(console: Console, document: dict[str, Any]) -> None:
    """Print what the worst move of a year needs, and how often such moves were recorded."""
    part = document["tail"]
    if part["directions"]:
        title = Text("\nThe worst move of a year, and the fund it needs", "bold")
        table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
        unit = document["largest_tried"]["unit"]
        for name in (
            "stays below with",
            "move\n(95 %, sampling)",
            f"fund needed\n{unit}",
            "at both ends\nof the interval",
        ):
            table.add_column(name, justify="left" if name.startswith("stays") else "right")
        for one in part["directions"]:
            for row in _rows(one, document):
                table.add_row(*row)
        console.print(table)
        for one in part["directions"]:
            console.print(Text(_events(one), "dim"))
    if part["rates"]:
        _print_rates(console, part)
    for line in (
        part["note"],
        *((METHOD, BETWEEN) if part["directions"] else ()),
        *((RATE_METHOD,) if part["rates"] else ()),
    ):
        if line:
            console.print(Text(line, "dim"))


def _rows(one: dict[str, Any], document: dict[str, Any]) -> list[tuple[str, ...]]:
    if not one["estimable"]:
        return [(one["direction"], NOT_ESTIMABLE, "-", "-")]
    return [
        (
            f"{one['direction']}, {100 * row['share']:.0f} %",
            f"{_move(row['point'], one)}\n({_move(row['low'], one)} to {_move(row['high'], one)})",
            _needed(row["point"], document),
            f"{_needed(row['low'], document)};\n{_needed(row['high'], document)}",
        )
        for row in one["quantiles"]
    ]


def _move(placed: dict[str, Any], one: dict[str, Any]) -> str:
    if placed["move_ppm"] is None:
        return f"under {one['threshold_ppm'] / PERCENT:.0f}%"
    return f"{placed['move_ppm'] / PERCENT:+.1f}%"


def _needed(placed: dict[str, Any], document: dict[str, Any]) -> str:
    if placed["beyond_what_was_run"]:
        return "beyond what was run"
    if placed["needed"] is None:
        return "-"
    more = f"more than {human(document['largest_tried'], unit=False)}"
    low, high = (more if cash is None else human(cash, unit=False) for cash in placed["needed"])
    return low if low == high else f"{low} to {high}"


def _events(one: dict[str, Any]) -> str:
    shape = "" if one["shape"] is None else f", shape {one['shape']:.2f}"
    return (
        f"{one['direction']}: {one['tail_events']} tail events with {one['peaks']} peaks of {one['threshold_ppm'] / PERCENT:.0f} % or "
        f"more{shape}; largest shock run {one['largest_run_ppm'] / PERCENT:+.1f} %"
    )


def _print_rates(console: Console, part: dict[str, Any]) -> None:
    title = Text("\nHow often a contract moved by so much or more, a year", "bold")
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    columns = list(dict.fromkeys((row["counted_on"], row["window"]) for row in part["rates"]))
    table.add_column("move", justify="right")
    for group, window in columns:
        table.add_column(f"{'spot BTC' if group == BTC_DAILY else group}\n{window}", justify="right")
    cells = {(row["counted_on"], row["window"], row["move_ppm"]): row for row in part["rates"]}
    moves = dict.fromkeys(row["move_ppm"] for row in part["rates"])
    for move in sorted(moves, key=lambda size: (size > 0, abs(size))):
        table.add_row(f"{move / PERCENT:+.1f}%", *(_rate_words(cells.get((*column, move))) for column in columns))
    console.print(table)


def _rate_words(row: dict[str, Any] | None) -> str:
    if row is None:
        return ""
    events = f"{row['events']} event{'' if row['events'] == 1 else 's'}"
    if row["gamma_95"] is None:
        return f"{NOT_ESTIMABLE}, {events}"
    low, high = row["gamma_95"]
    return f"{row['per_year']:.2f} ({low:.2f} to {high:.2f}), {events}"


__all__ = ["print_tails", "tail_part"]
