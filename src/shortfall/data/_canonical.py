"""One spelling for equal content, so that a hash names figures and not a file's layout."""

from __future__ import annotations

import hashlib
import json
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal

__all__ = ["canonical", "digest_of", "plain"]


def plain(number: Decimal) -> str:
    """Return a decimal without exponent, trailing zeros or a signed zero: equal numbers, equal text."""
    return format(number.normalize(), "f") if number else "0"


def canonical(content: object) -> object:
    """Return content as mappings, lists and text, with one spelling for equal figures.

    Raises
    ------
    TypeError
        If a type has no canonical form. Floats have none: 0.1 is not the figure that the source gave.
    """
    if content is None or isinstance(content, (str, int)):
        return content
    if isinstance(content, Decimal):
        return plain(content)
    if isinstance(content, date):  # datetimes are dates too
        return content.isoformat()
    if isinstance(content, tuple):
        return [canonical(part) for part in content]
    if is_dataclass(content):
        return {field.name: canonical(getattr(content, field.name)) for field in fields(content)}
    raise TypeError(f"no canonical form for {type(content).__name__}")


def digest_of(content: object) -> str:
    """Return the SHA-256 of the canonical content, in hexadecimal."""
    text = json.dumps(canonical(content), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
