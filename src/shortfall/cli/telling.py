"""How an answer is told: as one document for programs, as tables in the terminal, and as a page in a file."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console

PIPED_COLUMNS: Final = 120  # where no terminal says how wide it is


def _checked(_: click.Context, __: click.Parameter, report: Path | None) -> Path | None:
    """Refuse a page before anything is run if the extra that draws it is missing."""
    if report is not None:
        from shortfall.report.drawing import require  # noqa: PLC0415 - charts are an extra

        for name in ("altair", "vl_convert"):
            require(name)
    return report


json_option = click.option("--json", "as_json", is_flag=True, help="One document for programs.")
report_option = click.option(
    "--report",
    type=click.Path(dir_okay=False, path_type=Path),
    callback=_checked,
    help="Write a single-file HTML report.",
)


def tell(
    document: dict[str, Any], printed: Callable[[Console], None], *, as_json: bool, report: Path | None = None
) -> None:
    """Print an answer, and write its page where one is wanted.

    Parameters
    ----------
    document : dict
        With a schema that has a sheet (`shortfall.report.sheets`) where a page is wanted.
    printed : callable
        Prints the answer's tables.
    """
    if as_json:
        print(json.dumps(document, indent=2))
    else:
        from rich.console import Console  # noqa: PLC0415 - slow to import

        wide = None if sys.stdout.isatty() or "COLUMNS" in os.environ else PIPED_COLUMNS
        printed(Console(width=wide))
    if report is not None:
        from shortfall.report.sheets import sheet_of  # noqa: PLC0415 - charts are an extra
        from shortfall.report.sheets.page import sheet_page  # noqa: PLC0415 - the same

        report.write_text(sheet_page(sheet_of(document), document), encoding="utf-8")
        print(f"report written to {report}", file=sys.stderr)
