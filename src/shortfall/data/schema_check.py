"""A document against a JSON Schema, all findings at once, with the few keywords that the package's own schemas use.

Problem: validating a filled-in form must work in the core, which has no validator among its dependencies, and a message such as "is not
valid under any of the given schemas" helps nobody. Therefore the keywords of `KEYWORDS` are read here, and of a `oneOf` the branch whose
constants the document names is the one that is reported. Tests compare the verdict with a full validator of draft 2020-12.
"""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from shortfall.errors import Findings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

KEYWORDS: Final = frozenset(
    {
        "$schema", "$id", "$defs", "$ref", "title", "description", "type", "const", "enum", "properties", "required",
        "additionalProperties", "items", "minItems", "minLength", "minimum", "pattern", "format", "oneOf",
    }
)  # fmt: skip
KINDS: Final[Mapping[str, type | tuple[type, ...]]] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "boolean": bool,
    "null": type(None),
}
Schema = dict[str, Any]


def check_against(schema: Schema, document: object) -> Findings:
    """Return everything in a document that its schema does not allow; paths are written as ``fund.pools[0].name``."""
    findings = Findings()
    _check(schema, document, "", findings, schema)
    return findings


def _check(schema: Schema, value: object, path: str, findings: Findings, root: Schema) -> None:
    if "$ref" in schema:
        _check(root["$defs"][schema["$ref"].removeprefix("#/$defs/")], value, path, findings, root)
        return
    if "oneOf" in schema:
        _check_branches(schema["oneOf"], value, path, findings, root)
        return
    if "const" in schema and value != schema["const"]:
        findings.add(path or "document", f"Expected {schema['const']!r}, was {_short(value)}")
        return
    if "enum" in schema and value not in schema["enum"]:
        findings.add(path or "document", f"Expected one of {', '.join(map(repr, schema['enum']))}, was {_short(value)}")
        return
    if "type" in schema and not _is_kind(value, schema["type"]):
        kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        findings.add(path or "document", f"Expected {' or '.join(kinds)}, was {_short(value)}")
        return
    if isinstance(value, dict):
        _check_object(schema, value, path, findings, root)
    elif isinstance(value, list):
        _check_array(schema, value, path, findings, root)
    elif isinstance(value, str):
        _check_text(schema, value, path, findings)
    elif isinstance(value, int) and value < schema.get("minimum", value):
        findings.add(path, f"Expected {schema['minimum']} or more, was {value}")


def _is_kind(value: object, kinds: str | Sequence[str]) -> bool:
    named = [kinds] if isinstance(kinds, str) else kinds
    is_flag = isinstance(value, bool)
    return any(isinstance(value, KINDS[name]) and (name == "boolean" or not is_flag) for name in named)


def _check_object(schema: Schema, value: dict[str, object], path: str, findings: Findings, root: Schema) -> None:
    known: dict[str, Schema] = schema.get("properties", {})
    for name in schema.get("required", ()):
        if name not in value:
            findings.add(_join(path, name), "Expected this field, was nothing")
    for name, held in value.items():
        if name in known:
            _check(known[name], held, _join(path, name), findings, root)
        elif schema.get("additionalProperties") is False:
            findings.add(_join(path, name), f"Expected no such field; known here: {', '.join(known)}")


def _check_array(schema: Schema, value: list[object], path: str, findings: Findings, root: Schema) -> None:
    if len(value) < schema.get("minItems", 0):
        findings.add(path, f"Expected {schema['minItems']} or more, was {len(value)}")
    for k, held in enumerate(value):
        _check(schema.get("items", {}), held, f"{path}[{k}]", findings, root)


def _check_text(schema: Schema, value: str, path: str, findings: Findings) -> None:
    if len(value) < schema.get("minLength", 0):
        findings.add(path, "Expected a text that is not empty, was ''")
    if "pattern" in schema and re.search(schema["pattern"], value, re.ASCII) is None:
        findings.add(path, f"Expected the form {schema['pattern']}, was {_short(value)}")
        return
    if schema.get("format") == "date":
        try:
            date.fromisoformat(value)
        except ValueError:
            findings.add(path, f"Expected a day of the calendar, was {_short(value)}")


def _check_branches(branches: Sequence[Schema], value: object, path: str, findings: Findings, root: Schema) -> None:
    """Check the branch whose constants the value names; with none, say which constants there are."""
    tried = []
    for branch in branches:
        found = Findings()
        _check(branch, value, path, found, root)
        if not found.as_tuple():
            return
        tried.append((branch, found))
    named = [found for branch, found in tried if _names(branch, value)]
    if named:
        for finding in named[0].as_tuple():
            findings.add(finding.path, finding.message)
        return
    tags = [
        f"{name} {held['const']!r}"
        for branch in branches
        for name, held in branch.get("properties", {}).items()
        if "const" in held
    ]
    plain = [repr(branch["const"]) for branch in branches if "const" in branch] + [
        b["format"] for b in branches if "format" in b
    ]
    findings.add(path or "document", f"Expected one of {', '.join(tags or plain)}, was {_short(value)}")


def _names(branch: Schema, value: object) -> bool:
    tags = {name: held["const"] for name, held in branch.get("properties", {}).items() if "const" in held}
    return isinstance(value, dict) and bool(tags) and all(value.get(name) == tag for name, tag in tags.items())


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _short(value: object) -> str:
    said = repr(value)
    return said if len(said) <= 60 else f"{said[:57]}..."  # noqa: PLR2004 - a line of a terminal
