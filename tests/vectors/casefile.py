"""Read case files: the peers' own (numbers as decimal strings or JSON numbers) and the project's golden format."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@dataclass(frozen=True, slots=True)
class Case:
    """One case: what goes in, what a peer expects. `name` is for people; no adapter sees it.

    Parameters
    ----------
    peer, topic : str
        Which adapter reads it.
    name, kind : str
        The case's name, and what is asked.
    inputs : mapping
        As stated, JSON numbers as `Decimal` or `int`.
    expected : object
        What the peer expects; a case that the source leaves open carries the figure recomputed from its formula.
    """

    peer: str
    topic: str
    name: str
    kind: str
    inputs: Mapping[str, Any]
    expected: object


def read_cases(path: Path) -> list[Case]:
    """Return the cases of a file. A plain list is a file of venues' documents: its peer is the file's name."""
    content = json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    if isinstance(content, list):
        return [_case(path.stem, "", entry, path) for entry in content]
    peer, topic = content["peer"], content.get("topic", "")
    return [_case(peer, topic, entry, path) for entry in content["cases"]]


def read_folder(folder: Path) -> Iterator[Case]:
    """Yield the cases of every JSON file of a folder, in the order of file names."""
    for path in sorted(folder.glob("*.json")):
        yield from read_cases(path)


def _case(peer: str, topic: str, entry: Mapping[str, Any], path: Path) -> Case:
    inputs = dict(entry["inputs"])
    recorded = inputs.get("file")
    if isinstance(recorded, str):
        inputs |= _recording(path.parent.parent / recorded)
    source = entry.get("source")
    if isinstance(source, dict):
        inputs = {**_left_out().get(str(source.get("path", "")), {}), **inputs}
    expected = entry["expected"]
    expected = entry.get("recomputed") if expected is None else expected
    return Case(peer, topic, entry.get("id", entry.get("name", "")), entry["kind"], inputs, without_labels(expected))


def without_labels(expected: object) -> object:
    """Return what is expected without the names of a peer's own test fixtures, which are no figures."""
    if isinstance(expected, dict):
        return {name: without_labels(value) for name, value in expected.items() if name != "fixture"}
    return [without_labels(value) for value in expected] if isinstance(expected, list) else expected


@cache
def _left_out() -> dict[str, dict[str, Any]]:
    """Return what case files leave out of their sources' inputs (deposits, a closing trade), by the path of the source."""
    folder = Path(__file__).resolve().parent / "sources"
    found: dict[str, dict[str, Any]] = {}
    for path in sorted(folder.glob("*.json")):
        found |= json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)["inputs"]
    return found


def _recording(path: Path) -> dict[str, Any]:
    """Return the index components that a case names by file, or nothing where the recording is not at hand."""
    if not path.is_file():
        return {}
    recorded = json.loads(path.read_text(encoding="utf-8"))
    return {"components": recorded["result"]["components"]}
