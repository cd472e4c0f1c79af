"""`shortfall fit`: laws of the lab fitted to what a user recorded."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from shortfall.errors import Finding, Findings, InputError

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def fit() -> None:
    """Fit a law of the lab to recorded samples, and say what they do not identify."""


@fit.command()
@click.argument("files", nargs=-1, required=True, type=FILE, metavar="FILE...")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the fit of one FILE for `stress --liquidity`."
)
@click.option("--seed", default=1, show_default=True, help="Seed of the draws behind the intervals.")
@click.option("--json", "as_json", is_flag=True, help="One document for programs.")
def liquidity(files: tuple[Path, ...], out: Path | None, seed: int, *, as_json: bool) -> None:
    """Fit makers' depth to samples of order books: by distance, by speed and drawdown, and how fast it comes back."""
    from rich.console import Console  # noqa: PLC0415 - slow to import

    from shortfall.data.l2 import load_book_sample  # noqa: PLC0415 - imports numpy
    from shortfall.data.liquidity_file import write_liquidity  # noqa: PLC0415 - beside its user
    from shortfall.report.fits import fit_document, print_fit  # noqa: PLC0415 - imports rich
    from shortfall.sim.fit import file_of, fit_liquidity  # noqa: PLC0415 - imports numpy

    findings = Findings()
    if out is not None and len(files) != 1:
        findings.add(
            "--out", f"Expected one FILE beside it, was {len(files)}: a fit of several contracts is none of any"
        )
    samples = []
    for file in files:
        try:
            samples.append(load_book_sample(file))
        except InputError as error:
            for found in error.findings:
                findings.add(
                    f"{file.name}: {found.path}" if found.path != file.name else file.name, found.message, found.line
                )
    findings.raise_if_any()
    fits = [fit_liquidity(sample, seed) for sample in samples]
    document = fit_document(fits, seed)
    if out is not None:
        try:
            write_liquidity(out, file_of(fits[0]))
        except OSError as error:
            raise InputError([Finding("--out", f"Expected a file that can be written ({error.strerror})")]) from None
    if as_json:
        print(json.dumps(document, indent=2))
    else:
        print_fit(Console(), document)
    if out is not None:
        print(f"fit written to {out}", file=sys.stderr)
