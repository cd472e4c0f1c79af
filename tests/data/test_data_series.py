"""The bundled price series."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from shortfall.data import available_series, load_series, load_snapshot
from shortfall.data import series as series_module
from shortfall.errors import InputError


def unix_s(*moment: int) -> int:
    return int(datetime(*moment, tzinfo=UTC).timestamp())  # type: ignore[arg-type,misc] # the parts of a date, in order


@pytest.mark.parametrize("name", available_series())
def test_every_series_is_whole_and_small(name: str) -> None:
    bars = load_series(name)
    assert bars.name == name
    assert len(bars) == len(bars.close_price) > 0
    assert bars.end_unix_s - bars.open_time_unix_s[0] == len(bars) * bars.step_s
    assert (series_module._BUNDLED / f"{name}.csv").stat().st_size < 60_000
    assert bars.source
    assert len(bars.digest) == 64


def test_history_ends_near_the_mark_price_of_the_snapshot() -> None:
    for symbol in ("BTCUSDT", "ETHUSDT"):
        snapshot = load_snapshot("binance", symbol)
        bars = load_series(snapshot.price_series.known()[0])
        assert bars.price == "mark"
        assert bars.end_unix_s == unix_s(2024, 9, 21, 14)
        assert len(bars) * bars.step_s == 60 * 24 * 3600
        assert abs(bars.close_price[-1] / snapshot.mark_price.known() - 1) < Decimal("0.002")


def test_the_evening_of_10_october_2025() -> None:
    """Bitcoin's trades went from 114,200.4 at 21:00 to a low of 101,516.5; the mark to 101,877.69."""
    trades = load_series("binance/BTCUSDT_trade_15m_2025-10-10")
    marks = load_series("binance/BTCUSDT_mark_1h_2025-10-10")
    assert (trades.open_time_unix_s[0], trades.end_unix_s) == (unix_s(2025, 10, 10, 20), unix_s(2025, 10, 11))
    assert trades.open_price[4] == Decimal("114200.4")
    assert min(trades.low_price) == Decimal("101516.5")
    assert min(marks.low_price) == Decimal("101877.69")
    solana = load_series("binance/SOLUSDT_trade_5m_2025-10-10")
    assert (len(solana), min(solana.low_price)) == (48, Decimal("141.28"))


def test_history_before_10_october_ends_where_the_evening_begins() -> None:
    for symbol, price, evening in (
        ("BTCUSDT", "mark", "mark_1h"),
        ("ETHUSDT", "mark", "mark_1h"),
        ("SOLUSDT", "trade", "trade_5m"),
        ("SUIUSDT", "mark", "mark_1h"),
    ):
        before = load_series(f"binance/{symbol}_{price}_4h_to_2025-10-10")
        after = load_series(f"binance/{symbol}_{evening}_2025-10-10")
        assert before.price == after.price == price
        assert before.end_unix_s == after.open_time_unix_s[0]
        assert abs(before.close_price[-1] / after.open_price[0] - 1) < Decimal("0.0002")


def test_a_series_that_is_not_bundled_is_refused_with_the_list() -> None:
    with pytest.raises(InputError, match="one of binance/ADAUSDT_mark_4h_2022H1, "):
        load_series("../snapshots/binance/BTCUSDT")
