"""What may go wrong with an answer: the fault by name, applied to any venue's body."""

from __future__ import annotations

import json
from typing import Any, Final

__all__ = ["FAULTS", "broken"]

FAULTS: Final = (
    "429",
    "500",
    "403",
    "once",
    "slow",
    "cut",
    "types",
    "words",
    "stale",
    "zero",
    "negative",
    "billions",
    "empty",
    "html",
    "huge",
    "deep",
    "nan",
    "list",
)
YEAR_MS: Final = 365 * 24 * 3600 * 1000
TIMES: Final = frozenset(
    {
        "time",
        "timestamp",
        "ts",
        "updateTime",
        "updatedTime",
        "closeTime",
        "E",
        "t",
        "updated_at",
        "created_at",
        "last_updated_at",
        "calculated_at_ms",
        "serverTime",
        "current",
        "createdAt",
        "effectiveAt",
    }
)
BALANCES: Final = frozenset(
    {
        "marginBalance",
        "balance",
        "b",
        "walletBalance",
        "accountValue",
        "account_value",
        "amount",
        "collateral",
        "total_asset_value",
        "total_account_value",
    }
)
WORDS: Final = frozenset({"adlRisk", "adlType", "state", "trade_type", "type", "liquidation"})
MINOR_UNITS: Final = {"walletBalance": 10**8, "amount": 10**6}


def broken(fault: str, body: object) -> bytes:
    """Return a body with a fault; no fault returns it whole."""
    whole = {
        "empty": b"",
        "html": b"<html><body>maintenance</body></html>",
        "huge": b'{"filler": "' + b"x" * (40 << 20) + b'"}' if fault == "huge" else b"",
        "deep": b"[" * 200_000,
        "list": b"[]",
    }
    if fault in whole:
        return whole[fault]
    changed = _changed(fault, body)
    return json.dumps(changed, allow_nan=True).encode()


def _changed(fault: str, node: object, key: str = "") -> Any:  # noqa: ANN401, PLR0911 - any JSON; one return for each fault
    if isinstance(node, dict):
        return {name: _changed(fault, value, name) for name, value in node.items()}
    if isinstance(node, list):
        return [_changed(fault, value, key) for value in node]
    if fault == "types":
        return _other_type(node)
    if fault == "stale" and key in TIMES:
        return _older(node)
    if fault == "words" and key in WORDS and isinstance(node, str) and node:
        return f"new-{node}"
    if key in BALANCES and fault in ("zero", "negative", "billions"):
        scale = MINOR_UNITS.get(key, 1)
        figure = {"zero": 0.0, "negative": -518811.5, "billions": 92203504694.5}[fault] * scale
        return f"{figure:.2f}" if isinstance(node, str) else figure
    if fault == "nan" and isinstance(node, (int, float)) and not isinstance(node, bool):
        return float("nan")
    return node


def _other_type(node: object) -> object:
    """Return a list of one for a leaf: nothing documented has that type there."""
    return [node]


def _older(node: object) -> object:
    if isinstance(node, str) and not node.isdigit():
        return "2024-01-02T03:04:05.000Z"
    number = float(str(node))
    older = number - (YEAR_MS if number > 10**11 else YEAR_MS / 1000)
    return str(int(older)) if isinstance(node, str) else (int(older) if isinstance(node, int) else older)
