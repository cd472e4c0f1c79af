"""Venue Quantitative Disclosures as files: the schema that ships with the package, and a filled-in one read and checked.

The format is JSON, ``shortfall.disclosure/1``; its schema (JSON Schema draft 2020-12) is `schema_text`. `shortfall disclosure template`
prints an empty one.
"""

from __future__ import annotations

import json
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

from shortfall.data.schema_check import check_against
from shortfall.errors import DataError, Finding, Findings

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA_ID: Final = "shortfall.disclosure/1"
STATES: Final = ("published", "searched for, not found", "not examined by us")
PLACE: Final = "schemas/disclosure-1.json"


@cache
def schema_text() -> str:
    """Return the schema as it ships."""
    return (resources.files("shortfall.data") / PLACE).read_text(encoding="utf-8")


def schema() -> dict[str, Any]:
    """Return the schema."""
    found: dict[str, Any] = json.loads(schema_text())
    return found


def load_disclosure(path: Path) -> dict[str, Any]:
    """Return a disclosure of a file.

    Raises
    ------
    DataError
        If it cannot be read or is not one: every finding with field, bound and value.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"), parse_constant=_refuse)
    except (OSError, UnicodeDecodeError, ValueError, RecursionError) as error:
        raise DataError([Finding(str(path), f"Expected a readable JSON file, was not: {error}")]) from error
    findings = check_disclosure(document)
    if findings.as_tuple():
        raise DataError([Finding(f"{path.name}: {f.path}", f.message, f.line) for f in findings.as_tuple()])
    found: dict[str, Any] = document
    return found


def _refuse(word: str) -> object:
    message = f"{word} is no number of JSON"
    raise ValueError(message)


def check_disclosure(document: object) -> Findings:
    """Return everything that is wrong with a disclosure: against its schema, and what no schema can say."""
    findings = check_against(schema(), document)
    if findings.as_tuple() or not isinstance(document, dict):
        return findings
    _check_counts(document, findings)
    _check_tiers(document["margin"]["tiers"], findings)
    contract = document["about"]["contract"]
    for k, pool in enumerate(document["fund"]["pools"]):
        if contract is not None and pool["contracts"] and contract not in pool["contracts"]:
            findings.add(
                f"fund.pools[{k}].contracts", f"Expected {contract} among them, was {', '.join(pool['contracts'])}"
            )
    for k, event in enumerate(document["losses"]["events"]):
        if event["to"] < event["from"]:
            findings.add(f"losses.events[{k}].to", f"Expected a day not before {event['from']}, was {event['to']}")
    return findings


def _check_counts(document: dict[str, Any], findings: Findings) -> None:
    seen: set[str] = set()
    for k, answer in enumerate(document["answers"]):
        if answer["item"] in seen:
            findings.add(f"answers[{k}].item", f"Expected each item once, was {answer['item']!r} again")
        seen.add(answer["item"])
    for state in STATES:
        told = sum(answer["statement"]["state"] == state for answer in document["answers"])
        if document["counts"][state] != told:
            findings.add(
                f"counts.{state}",
                f"Expected {told}, as many as there are among the answers, was {document['counts'][state]}",
            )


def _check_tiers(tiers: list[dict[str, Any]], findings: Findings) -> None:
    before = Decimal(0)
    for k, tier in enumerate(tiers):
        last = k == len(tiers) - 1
        if tier["up_to"] is None:
            if not last:
                findings.add(f"margin.tiers[{k}].up_to", "Expected null in the last tier only")
        elif Decimal(tier["up_to"]) <= before:
            findings.add(f"margin.tiers[{k}].up_to", f"Expected more than {before}, was {tier['up_to']}")
        else:
            before = Decimal(tier["up_to"])
        if Decimal(tier["maintenance"]) > Decimal(tier["initial"]):
            findings.add(
                f"margin.tiers[{k}].maintenance",
                f"Expected at most the initial rate {tier['initial']}, was {tier['maintenance']}",
            )


__all__ = ["SCHEMA_ID", "check_disclosure", "load_disclosure", "schema", "schema_text"]
