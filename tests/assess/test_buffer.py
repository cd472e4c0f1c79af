"""The buffer table worked by hand, and asked for as a user would."""

from __future__ import annotations

import json
from decimal import Decimal
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import numpy as np
import pytest
from click.testing import CliRunner

from shortfall.assess.buffer import LAWS, _exit, _least_share, fastest_ppm_per_s
from shortfall.cli.buffer import buffer
from shortfall.errors import InputError
from shortfall.testing.desk import linear, rules_with

if TYPE_CHECKING:
    from shortfall.sim.market import MarketInput

ROWS = np.array([[10_000, 50, 50], [30_000, 50, 50]], np.int64)  # 50 lots at 1 %, 50 at 3 %


def contract(*changes: str) -> MarketInput:
    """Return a contract at a mark of 1,000 where 5 % maintenance is asked."""
    rules = rules_with(*changes)
    return cast("MarketInput", SimpleNamespace(contract=linear(), spec=SimpleNamespace(rules=rules), mark_ticks=1_000))


def test_what_is_left_is_maintenance_less_the_walk_through_the_book() -> None:
    # 100 lots of 1,000: 5,000 of margin; sold 50 at 990 and 50 at 970
    found = _exit(contract(), 100, ROWS, 1_000_000, 0)
    assert (found.margin, found.left, found.sold_ppm) == (5_000, 5_000 - 50 * 10 - 50 * 30, 1_000_000)
    assert found.covered


def test_a_short_walks_the_asks() -> None:
    asks = np.array([[10_000, 0, 100]], np.int64)
    assert _exit(contract(), -100, asks, 1_000_000, 0).left == 5_000 - 100 * 10
    assert _exit(contract(), 100, asks, 1_000_000, 0).sold_ppm == 0


def test_a_book_that_ends_covers_nothing() -> None:
    found = _exit(contract(), 100, ROWS, 500_000, 0)
    assert (found.sold_ppm, found.left) == (500_000, 5_000 - 25 * 10 - 25 * 30)
    assert not found.covered


def test_the_taker_fee_and_the_price_that_runs_during_the_delay_are_deducted() -> None:
    # fee 0.1 % of 49,500 + 48,500 = 98; the delay costs 1 % of 100,000
    found = _exit(contract("close.taker_fee=0.1%", "close.bankruptcy_fee=0.1%"), 100, ROWS, 1_000_000, 10_000)
    assert (found.margin, found.left) == (4_000, 3_000 - 98 - 1_000)


def test_the_least_share_of_depth_that_covers_is_found() -> None:
    # 200 lots at 3 % and 50 at 1 %: all of 100 lots are sold from a share of 40 % on, within the margin
    rows = np.array([[10_000, 50, 50], [30_000, 200, 200]], np.int64)
    found = _least_share(contract(), 100, rows, 0)
    assert found is not None
    assert 399_000 <= found <= 402_000
    assert _least_share(contract(), 1_000, rows, 0) is None


def test_the_fastest_bar_is_the_largest_move_per_second() -> None:
    closes = [Decimal(x) for x in ("100", "101", "90.9", "95")]
    assert fastest_ppm_per_s(closes, 10) == 10_000  # 10 % in ten seconds


def test_the_command_answers_for_every_tier_of_a_real_contract() -> None:
    found = json.loads(CliRunner().invoke(buffer, ["binance", "BTCUSDT", "--json"], catch_exceptions=False).stdout)
    assert found["schema"] == "shortfall.buffer/1"
    assert len(found["tiers"]) == 11
    first = {(e["depth_law"], e["share_of_depth_ppm"]): e for e in found["tiers"][0]["exits"]}
    assert first[LAWS[0], 1_000_000]["covered"]
    sizes = [Decimal(amount["amount"]) for amount in found["headline"]["largest_covered_position"].values()]
    assert Decimal(300_000) * Decimal("0.99") < min(sizes) <= max(sizes) < Decimal(70_000_000)
    # 299,999.x USDT at a tenth of 4,936,125,313 USDT a day: 0.1 x 4,936,125,313 / 24 = 20,567,188.8 an hour, 0.0146 h
    assert found["time_to_unwind_at_10_percent_participation"]["tiers_hours"][0] == 0.0146
    lefts = [e["left_ppm"] for e in found["tiers"][1]["exits"] if e["depth_law"] == LAWS[0]]
    assert lefts == sorted(lefts, reverse=True)  # less depth is never better


def test_the_command_prints_bars_and_says_what_is_unknown() -> None:
    text = CliRunner().invoke(buffer, ["binance", "SUIUSDT"], catch_exceptions=False).output
    assert "unknown" in text
    assert "█" in text


def test_bad_options_are_refused_together() -> None:
    with pytest.raises(InputError) as caught:
        CliRunner().invoke(buffer, ["binance", "BTCUSDT", "--fund", "lots", "--speed", "fast"], catch_exceptions=False)
    assert {finding.path for finding in caught.value.findings} == {"--fund", "--speed"}


def test_a_contract_without_recorded_volume_has_no_time_to_unwind() -> None:
    found = json.loads(CliRunner().invoke(buffer, ["binance", "BNBUSDT", "--json"], catch_exceptions=False).stdout)
    assert found["time_to_unwind_at_10_percent_participation"] is None


def test_a_trigger_with_a_second_level_has_a_buffer_table_too() -> None:
    found = json.loads(CliRunner().invoke(buffer, ["hyperliquid", "BTC", "--json"], catch_exceptions=False).stdout)
    assert found["tiers"]
