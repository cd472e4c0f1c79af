"""Traded volume of one recorded day, retyped: the sum of 24 hourly bars, where a contract's snapshot has no volume of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

SOURCE: Final = (
    "hourly bars of Binance USD-M perpetuals (Roshan7869/algotrading @db07ceb7, freqtrade download of Binance public data): sum of the "
    "base volume of the day's 24 bars, and of base volume x close"
)


@dataclass(frozen=True, slots=True)
class RecordedVolume:
    """Volume of a UTC day: base units, and quote units at hourly closes (rounded to whole units)."""

    venue: str
    symbol: str
    day: date
    volume_base: Decimal
    volume_quote: Decimal
    source: str = SOURCE


VOLUMES: Final = (
    RecordedVolume("binance", "BTCUSDT", date(2024, 9, 21), Decimal("78248.362"), Decimal(4936125313)),
    RecordedVolume("binance", "ETHUSDT", date(2024, 9, 21), Decimal("1505216.371"), Decimal(3861700826)),
    RecordedVolume("binance", "SOLUSDT", date(2025, 10, 9), Decimal("26624843.48"), Decimal(5911250681)),
    RecordedVolume("binance", "SUIUSDT", date(2025, 10, 9), Decimal("151836944.5"), Decimal(516922166)),
)


def recorded_volume(venue: str, symbol: str) -> RecordedVolume | None:
    """Return the recorded volume of a contract, or None where none is bundled."""
    return next((one for one in VOLUMES if (one.venue, one.symbol) == (venue, symbol)), None)


__all__ = ["SOURCE", "VOLUMES", "RecordedVolume", "recorded_volume"]
