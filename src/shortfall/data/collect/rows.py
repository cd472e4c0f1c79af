"""Rows that several venues' clients build alike: books, liquidations, funding points, ladders by upper bounds."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from typing import TYPE_CHECKING

from shortfall.data.collect.sheet import moment_of, number
from shortfall.data.figure_records import FundingPoint, LiquidationPrint, RemarkKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shortfall.data.collect.sheet import Sheet

__all__ = ["enter_funding", "enter_liquidations", "in_base", "key_of", "levels"]

EIGHT_PLACES = Decimal("0.00000001")


def levels(
    bids: Iterable[object], asks: Iterable[object], size: Decimal | None = None
) -> list[tuple[str, object, object]]:
    """Return levels of [price, size, ...] lists as a sheet's book; `size` is base units in one contract."""
    found: list[tuple[str, object, object]] = []
    for side, rows in (("bid", bids), ("ask", asks)):
        for row in rows:
            pair = list(row) if isinstance(row, (list, tuple)) else []
            price, raw = (pair[0], pair[1]) if len(pair) > 1 else (None, None)
            count = number(raw)
            found.append((side, price, count * size if size is not None and count is not None else raw))
    return found


def in_base(contracts: object, price: object) -> Decimal | None:
    """Return contracts of one quote unit in base units at a price, to 8 places; None if a number is missing."""
    count, at = number(contracts), number(price)
    return None if count is None or at is None or at <= 0 else (count / at).quantize(EIGHT_PLACES)


def key_of(*parts: object) -> str:
    """Return a key for a row to which the venue gives no id: equal rows have equal keys."""
    return hashlib.sha256("|".join(str(part) for part in parts).encode()).hexdigest()[:32]


def enter_funding(sheet: Sheet, points: Iterable[tuple[object, object]], *, hours_known: bool = False) -> None:
    """Enter (time, rate) pairs as history; the newest rate as the figure unless one is known, and the interval."""
    read = [(moment_of(at), number(rate)) for at, rate in points]
    kept = sorted(
        {FundingPoint(at, rate) for at, rate in read if at is not None and rate is not None}, key=lambda p: p.at
    )
    if len(kept) < len(read):
        sheet.remark(
            RemarkKind.WRONG_SHAPE, "funding_history", f"{len(read) - len(kept)} points were doubled or broken"
        )
    sheet.rows("funding_history", kept)
    if kept and sheet.value("funding_rate") is None:
        sheet.put("funding_rate", kept[-1].rate, kept[-1].at, "the newest point of the history")
    if len(kept) > 1 and not hours_known:
        seconds = (kept[-1].at - kept[-2].at).total_seconds()
        sheet.put(
            "funding_interval_hours", str(round(seconds / 3600, 4)), kept[-1].at, "between two points", derived=True
        )


def enter_liquidations(
    sheet: Sheet, rows: Iterable[tuple[str, object, str, object, object]], price_kind: str, note: str = ""
) -> None:
    """Enter (key, time, position side, price, size in base units); broken rows are left out with a remark."""
    kept: dict[str, LiquidationPrint] = {}
    for key, raw_at, side, raw_price, raw_size in rows:
        at, price, size = moment_of(raw_at), number(raw_price), number(raw_size)
        if at is None or price is None or size is None or price <= 0 or size == 0:
            sheet.remark(RemarkKind.WRONG_SHAPE, "liquidations", f"a row of {raw_price!r} x {raw_size!r} was left out")
        else:
            kept[key] = LiquidationPrint(key, at, side, price, price_kind, abs(size))
    ordered = sorted(kept.values(), key=lambda row: (row.at, row.key))
    sheet.rows("liquidations", ordered, None, note)
