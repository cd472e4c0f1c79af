"""The user's own accounts in a laboratory: matched, named, in no order of the file, and what the largest of them cost."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from click.testing import CliRunner

from shortfall.cli.stress import stress as command
from shortfall.data.account_state import AccountState
from shortfall.errors import InputError
from shortfall.kernels import layout as at
from shortfall.sim.own import UNMATCHED, below_maintenance, build_own, cover_of, own_input, room_for_events
from shortfall.sim.paths import After, Shock
from shortfall.sim.run import Scenario, run_all
from shortfall.sim.stress import paths_for

if TYPE_CHECKING:
    from pathlib import Path

    from shortfall.sim.market import Laboratory, MarketInput

MARK = 1_000_000  # 100,000 USDT in ticks of 0.1; a lot of 0.001 BTC is worth 100 USDT, 100,000,000 units
LOT = 100_000_000


def state(lots: list[int], balances: list[int], **options: Any) -> AccountState:  # noqa: ANN401 - of any field
    """Return accounts that entered at the mark, with cash in USDT."""
    sizes = np.array(lots, np.int64)
    cash = np.array(balances, np.int64) * 10**6
    known: dict[str, Any] = {"fund_cash": 10**12, "inventory_lots": 0, "inventory_cost": 0, "mark_ticks": MARK}
    return AccountState(
        "by hand", "0" * 64, date(2026, 11, 20), len(lots), len(lots), sizes, sizes * LOT, cash, left_out={}, **known | options
    )  # fmt: skip


def built(item: MarketInput, found: AccountState) -> Laboratory:
    """Return a laboratory with room for the events of a run."""
    return build_own(own_input(item, found), found, events=room_for_events(len(found.size_lots)))


def fall(lab: Laboratory) -> Scenario:
    """Return a fall of 20 % within a second, a tenth of depth left, a fund of a million."""
    shock = Shock(-200_000, over_us=1_000_000, step_us=1_000_000)
    return Scenario(paths_for(lab, shock, After("hold")), "common", 10**12)


def test_longs_and_shorts_that_balance_are_loaded_as_they_are(btc_inputs: tuple[MarketInput, ...]) -> None:
    """3,000 lots on each side, nobody else."""
    lab = built(btc_inputs[0], state([1_000, 2_000, -3_000], [20_000, 20_000, 500_000]))
    assert int(lab.exchange.state.markets[at.M_OPEN_INTEREST]) == 3_000
    assert UNMATCHED not in lab.exchange.names.ids
    assert lab.inputs[0].interest_lots == 3_000
    assert below_maintenance(lab) == 0


def test_what_does_not_balance_is_held_by_a_named_account(btc_inputs: tuple[MarketInput, ...]) -> None:
    """3,000 long, 2,500 short: 500 short at mark with nobody's money, and it is never cut however deep the fall."""
    lab = built(btc_inputs[0], state([1_000, 2_000, -2_500], [11_000, 20_000, 500_000]))
    other = lab.exchange.names.ids[UNMATCHED]
    assert lab.exchange.position(other, 0) == (-500, -500 * LOT)
    lab.exchange.check_laws()
    outcome = run_all(lab, [fall(lab)])[0].results[0]
    assert outcome.liquidated_lots >= 1_000
    assert outcome.value.difference == 0


def test_inventory_of_the_fund_counts_on_its_side(btc_inputs: tuple[MarketInput, ...]) -> None:
    """The fund is 500 long at 99,000: with it both sides hold 3,000."""
    found = state([2_500, -3_000], [50_000, 500_000], inventory_lots=500, inventory_cost=500 * 99_000_000)
    lab = built(btc_inputs[0], found)
    fund = lab.exchange.holder(0, at.M_FUND)
    assert lab.exchange.position(fund, 0) == (500, 500 * 99_000_000)
    assert lab.exchange.position(lab.exchange.names.ids[UNMATCHED], 0)[0] == 0
    assert lab.inputs[0].interest_lots == 3_000
    lab.exchange.check_laws()


def test_the_order_of_the_file_decides_nothing(btc_inputs: tuple[MarketInput, ...]) -> None:
    """Shuffled rows, equal accounts among them, give the same bytes."""
    rng = np.random.default_rng(7)
    lots = [10, 10, 10, 25, -10, -20, -25] * 20
    cash = [300, 300, 400, 900, 800, 800, 900] * 20
    shuffled = rng.permutation(len(lots))
    one = built(btc_inputs[0], state(lots, cash))
    two = built(btc_inputs[0], state([lots[k] for k in shuffled], [cash[k] for k in shuffled]))
    for first, second in zip(one.exchange.state.arrays(), two.exchange.state.arrays(), strict=True):
        if first is not one.exchange.state.units:
            assert np.array_equal(first, second)


def test_who_is_below_maintenance_before_the_shock_is_counted(btc_inputs: tuple[MarketInput, ...]) -> None:
    """1,000 lots are 100,000 USDT: at 0.4 % maintenance 300 USDT of equity are too little and 500 are enough."""
    lab = built(btc_inputs[0], state([1_000, 1_000, -2_000], [300, 500, 500_000]))
    assert below_maintenance(lab) == 1


def test_the_largest_deficits_are_those_of_the_accounts(btc_inputs: tuple[MarketInput, ...]) -> None:
    """Two longs of 50x among unlevered accounts: together they are the whole deficit, the larger one more than half of it."""
    found = state([40_000, 20_000, 1_000, -61_000], [80_000, 40_000, 100_000, 40_000_000])
    lab = built(btc_inputs[0], found)
    outcome = run_all(lab, [fall(lab)])[0].results[0]
    cover = cover_of(lab, fall(lab))
    assert cover.deficits is not None
    assert len(cover.deficits) == 2
    assert cover.loss(2) == outcome.deficit > 0
    assert outcome.deficit / 2 < cover.deficits[0] < outcome.deficit


def test_a_cover_that_cannot_be_read_is_unknown_and_no_figure(btc_inputs: tuple[MarketInput, ...]) -> None:
    """Without room for events there is a reason instead."""
    found = state([40_000, 20_000, -60_000], [80_000, 40_000, 40_000_000])
    lab = build_own(own_input(btc_inputs[0], found), found, events=16)
    cover = cover_of(lab, fall(lab))
    assert cover.deficits is None
    assert cover.loss(1) is None
    assert "events" in cover.reason


def test_inventory_without_a_fund_is_refused(btc_inputs: tuple[MarketInput, ...]) -> None:
    """Rules without a fund have nobody to hold it."""
    item = replace(btc_inputs[0], spec=replace(btc_inputs[0].spec, fund=None))
    found = state([2_500, -3_000], [50_000, 500_000], inventory_lots=500, inventory_cost=500 * LOT)
    with pytest.raises(InputError, match="no fund"):
        build_own(own_input(item, found), found)


FILE = "# as_of: 2026-11-20\nkind,account,symbol,amount,price\nfund,,USDT,1000000,\nmark,,BTCUSDT,,100000\n"
ROWS = [("alice", "40", 80_000), ("bob", "20", 40_000), ("carol", "-55", 40_000_000)]


@pytest.fixture
def own_file(tmp_path: Path) -> Path:
    """Return the path of a small state file: 60 long, 55 short."""
    path = tmp_path / "mine.csv"
    rows = [f"position,{who},BTCUSDT,{size},100000\nbalance,{who},USDT,{cash},\n" for who, size, cash in ROWS]
    path.write_text(FILE + "".join(rows), encoding="utf-8")
    return path


def run(*words: str) -> str:
    """Return what the command prints."""
    result = CliRunner().invoke(command, list(words), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_the_document_says_whose_accounts_and_names_none(own_file: Path) -> None:
    """Date, difference, cover and fund of the file; no id; no synthetic members."""
    text = run(
        "binance", "BTCUSDT", "--state", str(own_file), "--after", "hold", "--over", "1s", "--step", "1s", "--json"
    )
    found = json.loads(text)
    told = found["state"]
    assert (told["as_of"], told["positions"], told["mark"], told["mark_of"]) == ("2026-11-20", 3, "100000.0", "file")
    assert told["unmatched"] == {"amount": "5.000", "unit": "BTC", "side": "short", "held_by": UNMATCHED}
    assert found["request"]["members"] == []
    assert found["fund"]["cash"] == {"amount": "1000000.000000", "unit": "USDT"}
    (row,) = found["cover"]["paths"]
    assert float(row["cover_2"]["amount"]) > float(row["cover_1"]["amount"]) > 0
    assert row["cover_1_within_fund"] is (float(row["cover_1"]["amount"]) <= 1_000_000)
    assert not [who for who, _, _ in ROWS if who in text]


def test_the_text_says_whose_accounts_and_that_they_do_not_balance(own_file: Path) -> None:
    """As of its date; the difference and its holder; cover-1 and cover-2."""
    text = " ".join(run("binance", "BTCUSDT", "--state", str(own_file), "--after", "hold").split())
    for words in ("your own accounts as of 2026-11-20", "does NOT balance", "5.000 BTC short", "cover-2"):
        assert words in text
    assert "synthetic population" not in text


def test_cover_of_synthetic_accounts_is_unknown() -> None:
    """No figure without the user's own accounts."""
    words = ("binance", "BTCUSDT", "--alone", "--accounts", "1000", "--member", "middle", "--after", "hold", "--json")
    found = json.loads(run(*words))
    assert found["state"] is None
    assert found["cover"]["paths"] == []
    assert found["cover"]["note"].startswith("unknown")


def test_options_that_contradict_own_accounts_are_refused_together(own_file: Path) -> None:
    """Members and open interest are the file's; a wrong gap is told with them."""
    words = ["binance", "BTCUSDT", "--state", str(own_file), "--member", "hot", "--oi", "5", "--gap", "much"]
    with pytest.raises(InputError) as raised:
        CliRunner().invoke(command, words, catch_exceptions=False)
    assert {finding.path for finding in raised.value.findings} == {"--member", "--oi", "--gap"}
