"""Ladders in bulk: what was in force on a day, and what is refused."""

from __future__ import annotations

import gzip
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from shortfall.data.ladders import load_ladders
from shortfall.errors import DataError, InputError
from shortfall.rules.ruleset import MarginTier, RuleSet, amounts_of
from shortfall.rules.soundness import check_rules

HEAD = "asof_date,symbol,tier,min_notional,max_notional,maint_margin_rate,max_leverage,cum_maint_amount\n"
ROWS = """\
2024-01-01,BTC/USDT:USDT,1,0,50000,0.004,125,0
2024-01-01,BTC/USDT:USDT,2,50000,600000,0.005,100,50
2024-01-01,OLD/USDT,1,0,5000,0.01,50,0
2024-06-01,BTC/USDT:USDT,1,0,300000,0.004,150,0
2024-06-01,OLD/USDT,0,0,0,0,0,DELISTED
"""
RECORDED = (
    Path(__file__).parents[3] / "shared" / "data" / "binance_leverage_tiers" / "binance_usdm_tiers_history.csv.gz"
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "ladders.csv"
    path.write_text(HEAD + ROWS, encoding="utf-8")
    return path


def test_the_ladder_in_force_is_the_last_one_that_was_written(file: Path) -> None:
    ladders = load_ladders(file)
    before = ladders.on("BTCUSDT", date(2024, 5, 31))
    assert [(tier.top_notional, tier.initial_ppm, tier.maintenance_ppm) for tier in before] == [
        (Decimal(50_000), 8_000, 4_000),
        (Decimal(600_000), 10_000, 5_000),
    ]
    assert [tier.initial_ppm for tier in ladders.on("BTC/USDT:USDT")] == [6_667]  # 1/150, rounded up


def test_a_gzipped_file_reads_the_same(file: Path, tmp_path: Path) -> None:
    packed = tmp_path / "ladders.csv.gz"
    packed.write_bytes(gzip.compress(file.read_bytes()))
    assert load_ladders(packed).by_symbol == load_ladders(file).by_symbol


def test_a_contract_that_is_gone_or_not_yet_there_is_refused(file: Path) -> None:
    ladders = load_ladders(file)
    assert len(ladders.on("OLDUSDT", date(2024, 2, 1))) == 1
    for symbol, day in (("OLDUSDT", None), ("BTCUSDT", date(2023, 1, 1)), ("NOSUCH", None)):
        with pytest.raises(InputError, match=symbol):
            ladders.on(symbol, day)


def test_a_bracket_without_a_maintenance_rate_is_no_ladder(file: Path) -> None:
    file.write_text(HEAD + ROWS.replace("0.005,100,50", "0.0,100,50"), encoding="utf-8")
    with pytest.raises(InputError, match="BTCUSDT"):
        load_ladders(file).on("BTCUSDT", date(2024, 5, 31))


def test_a_bad_file_is_refused_with_all_findings_and_their_lines(file: Path) -> None:
    file.write_text(HEAD + ROWS.replace("0.005,100,50", "5,100,50").replace("150,0", "many,0"), encoding="utf-8")
    with pytest.raises(DataError) as caught:
        load_ladders(file)
    assert [finding.line for finding in caught.value.findings] == [3, 5]


def test_a_file_without_the_columns_is_refused_by_their_names(file: Path) -> None:
    file.write_text("symbol,tier\nBTCUSDT,1\n", encoding="utf-8")
    with pytest.raises(DataError, match="max_leverage"):
        load_ladders(file)


@pytest.mark.skipif(not RECORDED.exists(), reason="the recorded ladders are not beside this checkout")
def test_the_recorded_history_is_sound_and_continuous() -> None:
    """BTC: 125x until August 2025, 150x afterwards; every stated maintenance amount is the continuous one."""
    ladders = load_ladders(RECORDED)
    assert ladders.on("BTCUSDT", date(2025, 6, 1))[0].initial_ppm == 8_000
    pre_crash = ladders.on("BTCUSDT", date(2025, 10, 9))
    assert (pre_crash[0].top_notional, pre_crash[0].initial_ppm, len(pre_crash)) == (Decimal(300_000), 6_667, 12)
    stated = [tier.maintenance_amount for tier in pre_crash]
    silent = tuple(MarginTier(t.top_notional, t.initial_ppm, t.maintenance_ppm) for t in pre_crash)
    assert amounts_of(RuleSet(tiers=silent)) == stated
    assert check_rules(RuleSet(tiers=pre_crash)).as_tuple() == ()
