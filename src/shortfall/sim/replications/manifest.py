"""The manifest of a run of replications: everything that its bytes depend on, and nothing else (no clock, no place, no worker)."""

from __future__ import annotations

from dataclasses import asdict
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any, Final

from shortfall import __version__
from shortfall.data.series import load_series
from shortfall.errors import DataError, Finding
from shortfall.sim.replications.blocks import COLUMNS
from shortfall.sim.replications.draws import LAWS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shortfall.sim.market import MarketInput
    from shortfall.sim.replications.plan import Plan

SCHEMA: Final = "shortfall.replications/1"
PACKAGES: Final = ("numba", "numpy", "pyarrow")


def manifest_of(plan: Plan, inputs: Sequence[MarketInput], options: Mapping[str, object]) -> dict[str, Any]:
    """Return the manifest of a plan.

    Parameters
    ----------
    options : mapping
        The question as it was put, in plain words: from them the plan is made again.
    """
    return {
        "schema": SCHEMA,
        "versions": {
            "shortfall": __version__,
            "kernels": plan.kernels,
            **{name: _version(name) for name in PACKAGES},
        },
        "seed": plan.request.seed,
        "count": plan.count,
        "per_population": plan.per_population,
        "halve": plan.halve,
        "funds": list(plan.funds),
        "feedbacks": [asdict(feedback) for feedback in plan.feedbacks],
        "options": dict(options),
        "members": [asdict(member) for member in plan.members],
        "snapshots": {item.snapshot.symbol: item.snapshot.digest for item in inputs},
        "series": {name: load_series(name).digest for item in inputs for name in item.snapshot.price_series.known()},
        "rules": {item.snapshot.symbol: sha256(repr(item.spec.rules).encode()).hexdigest() for item in inputs},
        "laws": [list(law) for law in LAWS],
        "columns": list(COLUMNS),
    }


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def check_same(kept: Mapping[str, Any], now: Mapping[str, Any], place: str) -> None:
    """Raise `DataError` naming everything in which a kept manifest differs from what would be run now."""
    findings = []
    for name in sorted({*kept, *now}):
        before, after = kept.get(name), now.get(name)
        if before == after:
            continue
        if isinstance(before, dict) and isinstance(after, dict):
            keys = [key for key in sorted({*before, *after}) if before.get(key) != after.get(key)]
            findings += [_differs(f"{place}: {name}.{key}", before.get(key), after.get(key)) for key in keys]
        else:
            findings.append(_differs(f"{place}: {name}", before, after))
    if findings:
        raise DataError(findings)


def _differs(path: str, before: object, after: object) -> Finding:
    told = [text if len(text) <= 80 else f"{text[:77]}..." for text in (str(before), str(after))]  # noqa: PLR2004 - a line
    return Finding(path, f"Expected what the run began with, {told[0]}, is now {told[1]}")
