"""What collected snapshots say together: depth over time, planted ADL, growth; and an assessment that reads a store."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from shortfall.assess.collected import depth_rows, growth, watched_adl
from shortfall.assess.metrics.adl import adl_frequency
from shortfall.cli.assess import assess
from shortfall.data.figure_records import NAMES, AdlSignal, BookLevel, ContractFigures, Figure, State
from shortfall.data.snapshot_rows import rows_of
from shortfall.data.snapshot_store import SnapshotStore
from shortfall.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def figure(name: str, value: str | int) -> Figure:
    """Return an observed figure."""
    return Figure(name, Decimal(value), NAMES[name], State.OBSERVED, "https://there", NOON, NOON.date())


def snapshot(
    minute: int, size: str = "10", interest: str = "1000", adl: tuple[str, ...] | None = ()
) -> ContractFigures:
    """Return BTCUSDT with one level of a size a side, 30 bps from mid; `adl` None publishes nothing about ADL."""
    at = NOON + timedelta(minutes=minute)
    figures = [figure("book", 2), figure("open_interest_base", interest), figure("fund_balance", 5_000_000)]
    figures += [] if adl is None else [figure("adl_signals", len(adl))]
    return ContractFigures(
        "binance", "BTCUSDT", tuple(figures), "BTC", "USDT", "USDT", "linear",
        book=(BookLevel("bid", Decimal(9_970), Decimal(size)), BookLevel("ask", Decimal(10_030), Decimal(20))),
        adl_signals=tuple(AdlSignal(word, recognised=True, at=at) for word in adl or ()),
        taken_at=at,
    )  # fmt: skip


def test_depth_over_time_is_the_thinner_side_at_the_widest_distance_that_every_book_reaches() -> None:
    # the books reach 30 bps, so 25 is the widest of 10, 25, 50, 100, 200; nothing rests within it
    bps, rows = depth_rows([snapshot(0), snapshot(1, "5")])
    assert (bps, [int(row.notional) for row in rows]) == (25, [0, 0])
    wide = [replace(one, book=(*one.book, BookLevel("bid", Decimal(9_940), Decimal(1)), BookLevel("ask", Decimal(10_060), Decimal(1))))
            for one in (snapshot(0), snapshot(1, "5"))]  # fmt: skip
    bps, rows = depth_rows(wide)
    assert (bps, [int(row.notional) for row in rows]) == (50, [100_000, 50_000])  # 10 and 5 units of 10,000
    assert depth_rows([replace(snapshot(0), book=())]) == (0, ())


def test_planted_adl_is_found_and_an_empty_history_stays_empty() -> None:
    # an hour of snapshots, ADL from minute 10 to 12: one episode in 60 minutes
    calm = [snapshot(k, adl=("adl_end",)) for k in range(61)]
    planted = [snapshot(k, adl=("bal_adl_start",)) if 10 <= k <= 12 else one for k, one in enumerate(calm)]
    found = watched_adl(planted)
    assert found is not None
    assert found.times == (NOON + timedelta(minutes=10),)
    assert found.days == Decimal(3_600) / 86_400
    empty = watched_adl(calm)
    assert empty is not None
    assert empty.times == ()
    assert "0 events" in adl_frequency(empty).words


def test_no_signal_or_a_rating_alone_is_no_history() -> None:
    assert watched_adl([snapshot(0, adl=None), snapshot(1, adl=None)]) is None
    assert watched_adl([snapshot(0, adl=("low",)), snapshot(1, adl=("low",))]) is None
    assert watched_adl([]) is None


def test_a_pause_was_not_watched() -> None:
    # every minute for ten minutes, then nothing for two hours, then ten more minutes: 20 minutes
    history = [snapshot(k) for k in (*range(11), *range(130, 141))]
    found = watched_adl(history)
    assert found is not None
    assert found.days == Decimal(1_200) / 86_400


def test_growth_is_of_the_first_and_the_last() -> None:
    wide = [replace(one, book=(*one.book, BookLevel("bid", Decimal(9_940), Decimal(1)), BookLevel("ask", Decimal(10_060), Decimal(1))))
            for one in (snapshot(0, "10", "1000"), snapshot(5, "7", "1100"), snapshot(9, "5", "2000"))]  # fmt: skip
    found = growth(wide)
    assert found is not None
    assert [int(size) for size in found.interest] == [1_000, 2_000]
    assert [int(size) for size in found.depth] == [100_000, 50_000]
    assert growth(wide[:1]) is None


def test_an_assessment_reads_a_store(tmp_path: Path) -> None:
    store = SnapshotStore(tmp_path)
    for minute in range(3):
        held = snapshot(minute, interest=str(50_000 + minute))
        store.append(rows_of(held), NOON + timedelta(minutes=minute))
    words = ["binance", "BTCUSDT", "--accounts", "1000", "--store", str(tmp_path), "--json"]
    found = json.loads(CliRunner().invoke(assess, words, catch_exceptions=False).stdout)
    assert found["contract"]["collected"] == {
        "snapshots": 3, "first": NOON.isoformat(), "newest": (NOON + timedelta(minutes=2)).isoformat(),
    }  # fmt: skip
    by_key = {one["key"]: one for one in found["metrics"]}
    assert by_key["fund"]["low"] == "5000000"
    assert found["fund_in_runs"]["known"] == {"amount": "5000000.000000", "unit": "USDT"}
    assert by_key["adl_frequency"]["words"].startswith("0 events")
    assert not by_key["depth_median"]["known"]  # three recordings are not a hundred
    with pytest.raises(InputError, match="found none"):
        CliRunner().invoke(assess, ["binance", "ETHUSDT", "--store", str(tmp_path)], catch_exceptions=False)
