"""Run every case file of a folder through the adapters and count: `python tests/vectors/tally.py [DIR]`.

Prints each failure with what was said, what is unsupported and what disagrees with how often, and last one line of JSON:
`{peer: {cases, passed, disagreed, unsupported}}`. Exit code 0 unless a supported case fails (a failure is in none of the three
counts), 5 when the folder is missing.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Final

from casefile import Case, read_folder  # type: ignore[import-not-found]  # lies beside this file
from unsupported import DISAGREEMENTS, MISSING  # type: ignore[import-not-found]  # the same
from verdict import DISAGREED, FAILED, PASSED, UNSUPPORTED, Verdict, judge  # type: ignore[import-not-found]  # the same

DEFAULT: Final = Path(__file__).resolve().parents[3] / "shared" / "vectors"
OUTCOMES: Final = (PASSED, DISAGREED, UNSUPPORTED)


def tally(judged: list[tuple[Case, Verdict]]) -> dict[str, dict[str, int]]:
    """Count outcomes by peer."""
    rows: dict[str, dict[str, int]] = {}
    for case, verdict in judged:
        row = rows.setdefault(case.peer, {"cases": 0, **dict.fromkeys(OUTCOMES, 0)})
        row["cases"] += 1
        if verdict.outcome in row:
            row[verdict.outcome] += 1
    return rows


def lines_of(judged: list[tuple[Case, Verdict]]) -> list[str]:
    """Return what a person wants to read: failures one by one, reasons with how often."""
    lines = [f"FAILED {case.peer} {case.name}: {v.reason}" for case, v in judged if v.outcome == FAILED]
    for outcome, meanings in ((DISAGREED, DISAGREEMENTS), (UNSUPPORTED, MISSING)):
        reasons = Counter((case.peer, v.reason) for case, v in judged if v.outcome == outcome)
        for (peer, reason), count in sorted(reasons.items()):
            row = meanings[reason]
            lines.append(f"{outcome} {peer} {count} x {reason}: {row if isinstance(row, str) else row.what}")
    return lines


def main(arguments: list[str]) -> int:
    """Run the tally of a folder."""
    folder = Path(arguments[0]) if arguments else DEFAULT
    if not folder.is_dir():
        sys.stderr.write(f"{folder}: Expected a folder of case files, was none\n")
        return 5
    judged = [(case, judge(case)) for case in read_folder(folder)]
    for line in lines_of(judged):
        sys.stdout.write(f"{line}\n")
    sys.stdout.write(json.dumps(tally(judged)) + "\n")
    return 1 if any(verdict.outcome == FAILED for _, verdict in judged) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
