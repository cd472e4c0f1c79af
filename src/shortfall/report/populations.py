"""The synthetic populations of a contract beside what was recorded, as one document and as tables with a heat map."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rich import box
from rich.table import Table
from rich.text import Text

from shortfall import __version__
from shortfall.data.liquidation_bands import (
    ADMITTING,
    CAVEATS,
    LEVELS_SOURCE,
    SOURCE,
    TURNOVER_PER_DAY,
    TURNOVER_SOURCE,
    UNDERCOUNTS,
)
from shortfall.kernels._jit import source_digest
from shortfall.report.document import contract_of
from shortfall.sim.admission import LEAST_DAYS
from shortfall.sim.forward import BURN_IN_DAYS
from shortfall.sim.population import DISTANCE_EDGES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from shortfall.sim.admission import Verdict
    from shortfall.sim.market import MarketInput

SCHEMA: Final = "shortfall.population/1"
SHADES: Final = " ░▒▓█"
SHADE_FROM_PPM: Final = (1, 20_000, 50_000, 100_000)  # of all notional, from which each shade is drawn
CELL: Final = 5
NARROW_CELL: Final = 4
WIDE: Final = 100  # columns of a terminal from which there is room for the wider cell
PPM: Final = 1_000_000
STYLE: Final = {"inside": "green", "below": "red", "above": "red", "too few days": "dim"}


def population_document(item: MarketInput, verdicts: Sequence[Verdict], accounts: int, seed: int) -> dict[str, Any]:
    """Return the verdicts as one document. Shares are in ppm of open interest, distances in ppm of the mark."""
    return {
        "schema": SCHEMA,
        "version": __version__,
        "kernels": source_digest(),
        "contract": contract_of(item),
        "class": verdicts[0].group,
        "request": {"accounts": accounts, "seed": seed},
        "calendar": {"series": verdicts[0].calendar, "burn_in_days": BURN_IN_DAYS, "least_days": LEAST_DAYS},
        "history": item.history.name,
        "band": [
            {
                "from_ppm": one.bucket.from_ppm,
                "to_ppm": one.bucket.to_ppm,
                "symbol_days": one.bucket.days,
                "days_lived": one.days,
                "low_ppm": one.bucket.low_ppm,
                "median_ppm": one.bucket.median_ppm,
                "high_ppm": one.bucket.high_ppm,
                "ceiling_ppm": one.ceiling_ppm(),
            }
            for one in verdicts[0].buckets
        ],
        "members": [_member(verdict) for verdict in verdicts],
        "distance_edges": [f"{edge:g}" for edge in DISTANCE_EDGES],
        "undercount": {
            "admitting": ADMITTING,
            "factors": [{"times": one.times, "source": one.source} for one in UNDERCOUNTS],
        },
        "turnover": {"per_day": TURNOVER_PER_DAY, "source": TURNOVER_SOURCE},
        "source": SOURCE,
        "caveats": list(CAVEATS),
        "levels_source": LEVELS_SOURCE,
    }


def _member(verdict: Verdict) -> dict[str, Any]:
    member, portrait, levels = verdict.member, verdict.portrait, verdict.levels
    return {
        "name": member.name,
        "meaning": member.meaning,
        "assumed": {
            "leverage": member.leverage,
            "leverage_spread": member.leverage_spread,
            "held_share": member.held_share,
            "size_spread": member.size_spread,
        },
        "holding_days": round(member.holding_days, 2),
        "leverage_median": round(portrait.leverage_median, 2),
        "leverage_mean_by_notional": round(portrait.leverage_mean, 2),
        "age_days_mean_by_notional": round(portrait.age_days, 2),
        "distance_ppm": list(portrait.distance_ppm),
        "longs_ppm": list(portrait.longs_ppm),
        "shorts_ppm": list(portrait.shorts_ppm),
        "implied": [{"ppm": one.implied_ppm, "outcome": one.outcome()} for one in verdict.buckets],
        "admitted": verdict.admitted(),
        "reason": verdict.reason(),
        "admitted_if_times": {one.times: verdict.admitted(one.times) for one in UNDERCOUNTS},
        "levels": {
            "outcome": levels.outcome,
            "implied_ppm": levels.implied_ppm,
            "recorded_ppm": None if levels.band is None else [levels.band.low_ppm, levels.band.high_ppm],
            "snapshots": None if levels.band is None else levels.band.snapshots,
        },
    }


def print_population(console: Console, document: dict[str, Any]) -> None:
    """Print the sentence, what the members look like, what they imply beside the band, their levels, and what is assumed."""
    contract = document["contract"]
    console.print(Text(f"{contract['venue']} {contract['symbol']}: which synthetic populations are possible?", "bold"))
    console.print(Text(sentence(document)))
    console.print()
    console.print(_portraits(document))
    console.print(
        Text("\nLiquidated in a day, % of open interest, by the day's range: told, allowed, implied (medians)")
    )
    console.print(_band(document))
    for drawn in _heat(document, CELL if console.width >= WIDE else NARROW_CELL):
        console.print(drawn)
    for line in notes(document):
        console.print(Text(line, "dim"))


def sentence(document: dict[str, Any]) -> str:
    """Return what was found in one sentence."""
    members = document["members"]
    yes = [one for one in members if one["admitted"]]
    refused = ", ".join(one["name"] for one in members if not one["admitted"])
    words = f"{len(yes)} of {len(members)} populations are possible by the record of daily liquidations"
    if yes:
        low, high = (pick(one["leverage_mean_by_notional"] for one in yes) for pick in (min, max))
        near = [sum((*one["longs_ppm"][:NEAR], *one["shorts_ppm"][:NEAR])) / PPM for one in yes]
        words += (
            f"; over them mean leverage is {low:.1f}x to {high:.1f}x and {min(near):.0%} to {max(near):.0%} of notional is liquidated "
            "within 20 % of the mark"
        )
    return words + (f"; refused: {refused}." if refused else ".")


NEAR: Final = DISTANCE_EDGES.index(0.2)


def _portraits(document: dict[str, Any]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0))
    table.add_column("population", no_wrap=True)
    for name in (
        "leverage\nmedian, mean",
        "age\ndays",
        "to liquid., %\n10 % 50 % 90 %",
        "admitted",
        "levels",
    ):
        table.add_column(name, justify="right")
    table.add_column("if told\nx1, x100")
    for one in document["members"]:
        admitted = Text("yes", "green") if one["admitted"] else Text("no", "red")
        table.add_row(
            one["name"],
            f"{one['leverage_median']:.1f}x, {one['leverage_mean_by_notional']:.1f}x",
            f"{one['age_days_mean_by_notional']:.1f}",
            " ".join(f"{ppm / 10_000:4.0f}" for ppm in one["distance_ppm"]),
            admitted,
            one["levels"]["outcome"],
            ", ".join("yes" if yes else "no" for times, yes in one["admitted_if_times"].items() if times != ADMITTING),
        )
    return table


def _band(document: dict[str, Any]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0))
    table.add_column("day's range", no_wrap=True)
    for name in ("days\ntold", "days\nlived", "told\n10 %", "told\n90 %", f"90 %\nx{ADMITTING}"):
        table.add_column(name, justify="right")
    for one in document["members"]:
        table.add_column(one["name"], justify="right")
    for k, row in enumerate(document["band"]):
        high = row["to_ppm"]
        table.add_row(
            f"{row['from_ppm'] // 10_000} % and more"
            if high is None
            else f"{row['from_ppm'] // 10_000} to {high // 10_000} %",
            str(row["symbol_days"]),
            str(row["days_lived"]),
            *(_percent(row[name]) for name in ("low_ppm", "high_ppm", "ceiling_ppm")),
            *(
                Text(_percent(one["implied"][k]["ppm"]), STYLE[one["implied"][k]["outcome"]])
                for one in document["members"]
            ),
        )
    return table


def _percent(ppm: int | None) -> str:
    return "-" if ppm is None else f"{ppm / 10_000:.2f}"


def _heat(document: dict[str, Any], cell: int) -> list[Text]:
    """Draw where the liquidation levels lie: longs below the mark to the left, shorts above it to the right."""
    edges = [f"{float(edge) * 100:g}" for edge in document["distance_edges"][:-1]]
    width = max(len(one["name"]) for one in document["members"]) + 1
    head = "".join(f"-{edge}".rjust(cell) for edge in reversed(edges[1:]))
    tail = "".join(f"+{edge}".ljust(cell) for edge in edges[1:])
    lines = [
        Text("\nLiquidation levels: share of all notional by distance from the mark, %"),
        Text(" " * width + " " * cell + head + " " * (cell // 2) + "|" + " " * (cell // 2) + tail, "dim"),
    ]
    for one in document["members"]:
        cells = [*reversed(one["longs_ppm"]), *one["shorts_ppm"]]
        row = Text(one["name"].ljust(width))
        for k, ppm in enumerate(cells):
            row.append("|" if k == len(one["longs_ppm"]) else "")
            row.append(shade(ppm) * cell, "red" if k < len(one["longs_ppm"]) else "blue")
        lines.append(row)
    steps = ", ".join(
        f"{mark} from {ppm / 10_000:g} %" for mark, ppm in zip(SHADES[2:], SHADE_FROM_PPM[1:], strict=True)
    )
    lines.append(Text(f"{SHADES[1]} less, {steps} of all notional; left longs, right shorts", "dim"))
    return lines


def shade(ppm: int) -> str:
    """Return the character that stands for a share of all notional."""
    return SHADES[sum(1 for least in SHADE_FROM_PPM if ppm >= least)]


def notes(document: dict[str, Any]) -> list[str]:
    """Return what a reader needs beside the tables: why some are refused, sources, caveats, what is assumed and left out."""
    factor = next(one for one in document["undercount"]["factors"] if one["times"] == ADMITTING)
    calendar, turnover = document["calendar"], document["turnover"]
    lived = (
        f"lived: {calendar['series']}, the first {calendar['burn_in_days']} days left out; ranges of fewer than "
        f"{calendar['least_days']} days are not judged; every liquidation takes the whole position"
    )
    reasons = [f"{one['name']}: {one['reason']}" for one in document["members"] if not one["admitted"]]
    return [
        *reasons,
        f"told ({document['class']}): {document['source']}",
        *document["caveats"],
        f"allowed: not below the 10 % quantile of what was told, not above the 90 % quantile times {ADMITTING} ({factor['source']})",
        lived,
        f"age: open interest is replaced at {turnover['per_day']} of it a day ({turnover['source']}), the share that is held is assumed",
        "not in it: accounts that add margin or close themselves before they are liquidated; with them more leverage would be possible",
        "mean leverage: by notional; to liquidation: distance from the mark in % of it, at 10 %, 50 % and 90 % of notional",
        f"levels, a second check that decides nothing: {document['levels_source']}",
        "synthetic: every population; one seed",
    ]
