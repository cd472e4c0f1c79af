"""Run the benchmarks and print one table: `python bench/run.py [names] [--quick] [--json]`.

Every benchmark is one file here with `run(quick) -> list[Row]`. Rivals and limits are measured in the same run, because on a
shared machine only ratios within one run mean much.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from dataclasses import asdict
from pathlib import Path

from rows import Row, machine

NAMES = (
    "start", "book", "engine", "tick", "scale", "adl", "journal", "stress", "cross", "paths", "traders", "state", "store",
)  # fmt: skip


def present() -> list[str]:
    """Return the benchmarks whose file is there."""
    return [name for name in NAMES if (Path(__file__).parent / f"{name}.py").exists()]


def main(arguments: list[str]) -> int:
    """Run what was asked for and print it; a missed target is told in the table and fails nothing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="benchmarks to run; all by default")
    parser.add_argument("--quick", action="store_true", help="smaller sizes and fewer repeats, for a first look")
    parser.add_argument("--json", action="store_true", help="one JSON document instead of the table")
    asked = parser.parse_args(arguments)
    unknown = [name for name in asked.names if name not in present()]
    if unknown:
        parser.error(f"expected names among {', '.join(present())}, was {', '.join(unknown)}")
    where = machine()
    rows: list[Row] = []
    for name in asked.names or present():
        print(f"{name} ...", file=sys.stderr, flush=True)
        rows += importlib.import_module(name).run(asked.quick)
    if asked.json:
        print(
            json.dumps(
                {"machine": where, "quick": asked.quick, "rows": [{**asdict(r), "met": r.met} for r in rows]}, indent=1
            )
        )
    else:
        print(table(rows, where, quick=asked.quick))
    return 0


def table(rows: list[Row], where: dict[str, str], *, quick: bool) -> str:
    """Return the table as text."""
    lines = [", ".join(f"{key}: {text}" for key, text in where.items())]
    if quick:
        lines.append("quick run: sizes are smaller than the targets speak of")
    width = max(len(row.name) for row in rows)
    lines.append(f"{'what':{width}}  {'measured':>22}  {'target':>12}  {'met':>4}  {'ratio':>7}  beside")
    for row in rows:
        sign = "<=" if row.less_is_better else ">="
        target = "" if row.target is None else f"{sign} {figure(row.target)}"
        met = {None: "", True: "yes", False: "NO"}[row.met]
        ratio = "" if row.ratio is None else f"{row.ratio:.2f}x"
        measured = "not measured" if row.measured is None else f"{figure(row.measured)} {row.unit}"
        beside = "; ".join(text for text in (row.rival, row.note) if text)
        lines.append(f"{row.name:{width}}  {measured:>22}  {target:>12}  {met:>4}  {ratio:>7}  {beside}")
    return "\n".join(lines)


def figure(number: float) -> str:
    """Return three digits or so."""
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
