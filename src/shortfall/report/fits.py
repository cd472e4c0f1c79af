"""Fits of makers' depth, as one document and as tables with bars."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Any, Final

from rich import box
from rich.table import Table
from rich.text import Text

from shortfall import __version__
from shortfall.sim.depth_law import AT_100BPS, DEPTH_LAW_ASSUMED
from shortfall.sim.fit import NEAR_BPS, NOT_IDENTIFIED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from shortfall.sim.fit import DepthFit, Effect, LiquidityFit
    from shortfall.sim.sampling import Interval

SCHEMA: Final = "shortfall.liquidity-fit/1"
BAR: Final = 24
BPS: Final = 10_000.0
PERCENT: Final = 100.0
SHORT_OF_WHOLE: Final = "a calm sample says nothing about a crash: what it does not identify stays at the stated anchor"
ASSUMED: Final = (
    f"thinning and refill look at depth within {NEAR_BPS:g} bps; deeper depth is taken to thin and come back alike",
    "speed is the move over ten seconds, drawdown the distance from the farthest price of fifteen minutes, in either direction",
    "a depletion is depth below 60 % of the median of the minute before; unfinished ones are left out, so the time constant errs short",
    *DEPTH_LAW_ASSUMED,
)
Document = dict[str, Any]


def fit_document(fits: Sequence[LiquidityFit], seed: int) -> Document:
    """Return fits as one document. Quantities in each file's own unit; intervals are about sampling only."""
    return {
        "schema": SCHEMA,
        "version": __version__,
        "seed": seed,
        "headline": headline(fits),
        "fits": [_fit(fit) for fit in fits],
        "anchor": {
            "law": AT_100BPS.name,
            "meaning": AT_100BPS.meaning,
            "source": AT_100BPS.source,
            "speed_fall": AT_100BPS.speed_fall,
            "drawdown_fall": AT_100BPS.drawdown_fall,
            "anchored_speed_bps": AT_100BPS.measured_speed * BPS,
            "anchored_drawdown_bps": AT_100BPS.measured_drawdown * BPS,
        },
        "assumed": list(ASSUMED),
    }


def headline(fits: Sequence[LiquidityFit]) -> str:
    """Say in one sentence what the samples say together, and what they do not."""
    exponents = [fit.depth.exponent for fit in fits if fit.depth is not None]
    told = "depth against distance is not identified"
    if exponents:
        told = f"cumulative depth grows with distance to the power of {_range(exponents)}"
    thinned = [
        effect
        for fit in fits
        for effect in (fit.thinning.speed, fit.thinning.drawdown)
        if effect is not None and effect.is_identified
    ]
    taus = [fit.refill.tau_s for fit in fits if fit.refill.tau_s is not None]
    thinning = f"{len(thinned)} of {2 * len(fits)} effects of speed and drawdown are identified"
    back = f"refill takes {_range(taus)} s" if taus else "the refill time is not estimable"
    return f"Over {len(fits)} sample{'' if len(fits) == 1 else 's'}: {told}; {thinning}; {back}."


def quantity(seen: float) -> str:
    """Write a quantity with three significant digits, its whole part in groups of three and never as a power of ten."""
    return f"{float(f'{seen:.3g}'):,.0f}" if seen >= 100 else f"{seen:.3g}"  # noqa: PLR2004 - three digits before the point


def _range(values: Sequence[float]) -> str:
    low, high = min(values), max(values)
    return f"{low:.3g}" if f"{low:.3g}" == f"{high:.3g}" else f"{low:.3g} to {high:.3g}"


def _fit(fit: LiquidityFit) -> Document:
    sample = fit.sample
    return {
        "sample": {
            "name": sample.name,
            "sha256": sample.digest,
            "format": sample.format,
            "rows": len(sample.times_s),
            "seconds": round(fit.seconds, 3),
        },
        "depth": None if fit.depth is None else _depth(fit.depth),
        "thinning": _thinning(fit),
        "refill": _refill(fit),
        "extrapolated": extrapolated(fit),
    }


def _depth(found: DepthFit) -> Document:
    return {
        "law": "D(x) = c (x / 100 bps) ** exponent",
        "exponent": found.exponent,
        "exponent_of_rows_5_to_95_percent": list(found.spread),
        "c_bid": found.at_100bps[0],
        "c_ask": found.at_100bps[1],
        "observed_to_bps": float(found.bands_bps[-1]),
        "rms_log": found.rms_log,
        "rows": found.rows,
        "bands": [
            {
                "bps": float(bps),
                **{
                    f"{side}_{what}": float(values[k, j])
                    for k, side in enumerate(("bid", "ask"))
                    for what, values in (("observed", found.observed), ("fitted", found.fitted))
                },
            }
            for j, bps in enumerate(found.bands_bps)
        ],
        "farthest_band_held_out": {"power_law": found.held_out_power, "constant_density": found.held_out_density},
    }


def _thinning(fit: LiquidityFit) -> Document:
    found = fit.thinning
    return {
        "band_bps": found.band_bps,
        "rows": found.rows,
        "explained": found.explained,
        "reason": found.reason or None,
        "speed": _effect(found.speed, AT_100BPS.speed_fall),
        "drawdown": _effect(found.drawdown, AT_100BPS.drawdown_fall),
    }


def _effect(found: Effect | None, anchor: float) -> Document:
    used = found.fall if found is not None and found.is_identified else anchor
    row: Document = {
        "identified": found is not None and found.is_identified,
        "used": used,
        "used_of": "sample" if found is not None and found.is_identified else AT_100BPS.name,
    }
    if found is not None:
        row |= {
            "estimate": found.fall,
            "interval": _interval(found.interval),
            "largest_in_sample_bps": found.largest * BPS,
        }
    return row


def _interval(found: Interval) -> Document:
    ends = [end if isfinite(end) else None for end in (found.low, found.high)]
    return {"low": ends[0], "high": ends[1], "level": found.level, "method": found.method}


def _refill(fit: LiquidityFit) -> Document:
    found = fit.refill
    return {
        "band_bps": found.band_bps,
        "episodes": len(found.taus_s),
        "unfinished": found.unfinished,
        "estimable": found.is_estimable,
        "time_constant_s": found.tau_s,
        "interval_s": None if found.interval is None else _interval(found.interval),
        "each_s": list(found.taus_s),
    }


def extrapolated(fit: LiquidityFit) -> list[str]:
    """Say where a run that uses the fit leaves what was seen."""
    told = []
    if fit.depth is not None:
        told.append(f"depth beyond {fit.depth.bands_bps[-1]:g} bps: the power law goes on")
    for name, effect, anchor in (
        ("speed", fit.thinning.speed, AT_100BPS.measured_speed),
        ("drawdown", fit.thinning.drawdown, AT_100BPS.measured_drawdown),
    ):
        if effect is not None and effect.is_identified:
            told.append(
                f"thinning by {name} beyond {effect.largest * BPS:.3g} bps, {anchor / max(effect.largest, 1e-12):.0f} times less "
                "than in the crash of the anchor"
            )
        else:
            told.append(
                f"thinning by {name}: {NOT_IDENTIFIED}, the anchor is used, which was stated up to {anchor * BPS:.3g} bps"
            )
    if not fit.refill.is_estimable:
        told.append("refill: not estimable, the shock's own time constant (--refill) is used")
    else:
        told.append("refill after a crash: the episodes are of this sample's small moves")
    return told


def print_fit(console: Console, document: Document) -> None:
    """Print fits: the sentence, then for each sample the depth with bars, thinning, refill and what is extrapolated."""
    console.print(Text("Makers' depth, fitted to recorded books", "bold"))
    console.print(Text(document["headline"]))
    for fit in document["fits"]:
        sample = fit["sample"]
        console.print(
            Text(f"\n{sample['name']} ({sample['format']}, {sample['rows']:,} rows, {sample['seconds']:g} s)", "bold")
        )
        if fit["depth"] is None:
            console.print(Text(f"depth against distance: {NOT_IDENTIFIED} (fewer than 3 bands on both sides)"))
        else:
            console.print(_depth_table(fit["depth"]))
            console.print(Text(_depth_words(fit["depth"])))
        for line in (*_thinning_lines(fit["thinning"]), _refill_line(fit["refill"])):
            console.print(Text(line))
        for line in fit["extrapolated"]:
            console.print(Text(f"extrapolated: {line}", "dim"))
    anchor = document["anchor"]
    console.print()
    console.print(Text(f"anchor {anchor['law']}: {anchor['meaning']}; {anchor['source']}", "dim"))
    for line in (SHORT_OF_WHOLE, *document["assumed"]):
        console.print(Text(line, "dim"))


def _depth_table(depth: Document) -> Table:
    """Return observed depth as bars and the residuals of the fit; bars are on the scale of the largest."""
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("within\nbps", justify="right")
    for name in ("bids", "fit\nmisses by", "asks", "fit\nmisses by"):
        table.add_column(name, justify="right" if name.startswith("fit") else "left", no_wrap=True)
    widest = max(max(row["bid_observed"], row["ask_observed"]) for row in depth["bands"])
    for row in depth["bands"]:
        cells = []
        for side in ("bid", "ask"):
            seen, fitted = row[f"{side}_observed"], row[f"{side}_fitted"]
            filled = max(1, round(BAR * (seen / widest) ** 0.5)) if seen > 0 else 0
            cells += [
                f"{'█' * (filled // 2)}{'▌' * (filled % 2)} {quantity(seen)}",
                f"{PERCENT * (fitted / seen - 1):+.0f} %",
            ]
        table.add_row(f"{row['bps']:g}", *cells)
    return table


def _depth_words(depth: Document) -> str:
    low, high = depth["exponent_of_rows_5_to_95_percent"]
    held = depth["farthest_band_held_out"]
    return (
        f"depth grows with distance to the power of {depth['exponent']:.2f} (single rows {low:.2f} to {high:.2f}); typical miss "
        f"{PERCENT * (2.718281828459045 ** depth['rms_log'] - 1):.0f} %; bars are square roots of quantity\n"
        f"farthest band left out: the power law misses it by {PERCENT * held['power_law']:+.0f} %, constant density by "
        f"{PERCENT * held['constant_density']:+.0f} %"
    )


def _thinning_lines(thinning: Document) -> list[str]:
    if thinning["reason"]:
        return [f"thinning by speed and drawdown: {NOT_IDENTIFIED} ({thinning['reason']}); the anchor is kept"]
    lines = []
    for name in ("speed", "drawdown"):
        row = thinning[name]
        low, high = row["interval"]["low"], row["interval"]["high"]
        size = (
            f"{row['estimate']:.3g} (95 % {low:.3g} to {high:.3g}), seen up to {row['largest_in_sample_bps']:.3g} bps"
        )
        if row["identified"]:
            lines.append(f"thinning by {name}: fall of log depth per unit {size}, within {thinning['band_bps']:g} bps")
        else:
            lines.append(f"thinning by {name}: {NOT_IDENTIFIED}: {size}; the anchor {row['used']:.3g} is kept")
    return lines


def _refill_line(refill: Document) -> str:
    count = f"{refill['episodes']} episodes, {refill['unfinished']} unfinished"
    if not refill["estimable"]:
        return f"refill: not estimable ({count}; 5 are needed)"
    ends = [refill["interval_s"][end] for end in ("low", "high")]
    span = " to ".join("unbounded" if end is None else f"{end:.3g}" for end in ends)
    return f"refill: time constant {refill['time_constant_s']:.3g} s (95 % {span}; {count})"
