"""What `shortfall fit liquidity` found, as a file that `shortfall stress --liquidity` reads; checked at the border."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any, Final

from shortfall.errors import DataError, Findings

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA: Final = "shortfall.liquidity/1"
# field: (least, most, may be left out). What was not identified is left out, and the stated anchor stands in for it.
NUMBERS: Final = {
    "depth_exponent": (0.0, 10.0, True),
    "observed_to_bps": (0.0, 10_000.0, True),
    "speed_fall": (0.0, 1e6, True),
    "drawdown_fall": (0.0, 1e6, True),
    "measured_speed": (0.0, 10.0, False),
    "measured_drawdown": (0.0, 10.0, False),
    "refill_seconds": (0.001, 1e6, True),
}
TEXTS: Final = ("schema", "sample", "sha256")


@dataclass(frozen=True, slots=True)
class LiquidityFile:
    """A fit, as `sim.depth_law.DepthLaw` words it; None where the sample does not identify it.

    Parameters
    ----------
    sample, sha256 : str
        What it was fitted to.
    depth_exponent : float or None
        Cumulative depth grows with this power of the distance.
    observed_to_bps : float or None
        Distance up to which depth was seen.
    speed_fall, drawdown_fall : float or None
        Fall of the logarithm of depth for a unit of logarithmic speed over ten seconds, and of drawdown.
    measured_speed, measured_drawdown : float
        The largest of the sample.
    refill_seconds : float or None
        Time constant.
    """

    sample: str
    sha256: str
    depth_exponent: float | None
    observed_to_bps: float | None
    speed_fall: float | None
    drawdown_fall: float | None
    measured_speed: float
    measured_drawdown: float
    refill_seconds: float | None


def write_liquidity(path: Path, found: LiquidityFile) -> None:
    """Write a fit. Numbers keep their digits, so reading gives the same ones back."""
    rows = [f'schema = "{SCHEMA}"', f'sample = "{_plain(found.sample)}"', f'sha256 = "{found.sha256}"']
    for name in NUMBERS:
        number = getattr(found, name)
        rows.append(f"# {name}: not identified by this sample" if number is None else f"{name} = {number!r}")
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")


def _plain(name: str) -> str:
    return "".join(letter if letter.isprintable() and letter not in '"\\' else "_" for letter in name)


def load_liquidity(path: Path) -> LiquidityFile:
    """Read a fit.

    Raises
    ------
    DataError
        With everything that is wrong in it.
    """
    findings = Findings()
    raw: dict[str, Any] = {}
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        findings.add(path.name, f"Expected a TOML document ({error})")
    findings.raise_if_any(DataError)
    for name in TEXTS:
        if not isinstance(raw.get(name), str):
            findings.add(name, f"Expected a text, was {raw.get(name)!r}")
    if isinstance(raw.get("schema"), str) and raw["schema"] != SCHEMA:
        findings.add("schema", f"Expected {SCHEMA}, was {raw['schema'][:40]!r}")
    for name in sorted(set(raw) - set(NUMBERS) - set(TEXTS)):
        findings.add(name, "Expected no such field")
    numbers = {name: _number(raw, name, findings) for name in NUMBERS}
    findings.raise_if_any(DataError)
    return LiquidityFile(raw["sample"], raw["sha256"], **numbers)  # type: ignore[arg-type]  # fields by name


def _number(raw: dict[str, Any], name: str, findings: Findings) -> float | None:
    least, most, optional = NUMBERS[name]
    given = raw.get(name)
    if given is None and optional:
        return None
    if (
        isinstance(given, bool)
        or not isinstance(given, int | float)
        or not isfinite(given)
        or not least <= given <= most
    ):
        findings.add(name, f"Expected a number from {least:g} to {most:g}, was {given!r}")
        return None
    return float(given)
