"""Months of a fund: the arithmetic of days by hand, and the engine's own cash on recorded bars."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from shortfall.cli.fund import fund as command
from shortfall.data.series import load_series
from shortfall.errors import InputError
from shortfall.sim.fund import FundDay, Model, Track, fund_months, moves_most, slices_of, walk_ppm
from shortfall.sim.members import FAMILY
from shortfall.sim.paths import Shock
from shortfall.sim.stress import Request

if TYPE_CHECKING:
    from pathlib import Path

DAY_S = 86_400


HOT = Model("hot", "low first", "recorded fill")


def track(*nets: int, model: Model = HOT) -> Track:
    """Return a track of days that brought fees or paid deficits."""
    return Track(
        model, tuple(FundDay(k * DAY_S, 0, 0, 0, max(0, net), max(0, -net), 0, 0, 0, 0) for k, net in enumerate(nets))
    )


def test_an_impulse_is_told_in_days_of_calm_income() -> None:
    # calm days bring 10, 20 and 0: 10 a day; the worst of the others takes 90: nine days
    found = track(10, -30, 20, -90, 0)
    assert found.impulse.net == -90
    assert found.impulse.start_unix_s == 3 * DAY_S
    assert found.calm_income == 10
    assert found.calm_days_of_impulse == pytest.approx(9.0)


def test_no_loss_costs_no_days_and_no_income_pays_for_none() -> None:
    assert track(10, 20).calm_days_of_impulse == 0.0
    assert track(-10, -20).calm_days_of_impulse is None
    assert track(0, -20).calm_days_of_impulse is None


def test_what_moves_the_months_most_is_the_part_with_the_largest_spread() -> None:
    nets = {
        ("calm", "recorded fill"): 10,
        ("calm", "worse fill"): 7,
        ("hot", "recorded fill"): 30,
        ("hot", "worse fill"): 25,
    }
    tracks = [track(net, model=Model(member, "low first", fill)) for (member, fill), net in nets.items()]
    # along members: 20 and 18, mean 19; along fills: 3 and 5, mean 4
    assert moves_most(tracks) == "population"
    assert moves_most([track(5), track(5, model=Model("calm", "low first", "recorded fill"))]) is None


def test_a_walk_through_a_share_of_the_book_by_hand() -> None:
    # half of (100 lots at 10 ppm, 200 at 40): 50 at 10, then 100 at 40. 100 lots: (50 x 10 + 50 x 40) / 100 = 25
    ladder = [[10, 100, 1], [40, 200, 1]]
    assert walk_ppm(ladder, 1, 100, 500_000) == 25
    # 200 lots: 50 x 10 + 100 x 40 + 50 beyond the book at its end, 40: 6,500 / 200 = 32.5, rounded up
    assert walk_ppm(ladder, 1, 200, 500_000) == 33


def test_the_days_after_the_warm_up_know_only_what_came_before_them() -> None:
    bars = load_series("binance/BTCUSDT_mark_4h_to_2025-10-10")  # 60 days of six bars
    found = slices_of(bars, None, with_event=True)
    assert len(found) == 60 - 10 + 1
    assert found[-1].bars is None
    for day in found[:-1]:
        assert day.bars is not None
        assert len(day.bars) == 6
        assert day.past.open_time_unix_s[-1] + bars.step_s == day.start_unix_s == day.bars.open_time_unix_s[0]
    assert len(slices_of(bars, 1, with_event=False)) == 30
    with pytest.raises(InputError, match="more than 10 days"):
        slices_of(replace(bars, step_s=7), None, with_event=False)


def series(path: Path, crash: str) -> Path:
    """Write twelve days of 4 h bars at 60,000 that swing by 1 %; a bar of the eleventh falls by 4 %, the last one to a price."""
    begin = 1_700_006_400  # 2023-11-15T00:00Z
    rows = []
    for k in range(72):
        low = crash if k == 71 else "57600" if k == 63 else "59400"
        rows.append(f"{datetime.fromtimestamp(begin + k * 14_400, UTC):%Y-%m-%dT%H:%MZ},60000,60600,{low},60000")
    head = {
        "venue": "by hand", "symbol": "BTCUSDT", "price": "mark", "unit": "USDT", "step_seconds": "14400",
        "from": rows[0].partition(",")[0], "until": f"{datetime.fromtimestamp(begin + 72 * 14_400, UTC):%Y-%m-%dT%H:%MZ}",
        "source": "by hand", "note": "a test",
    }  # fmt: skip
    lines = ["# shortfall price series, format 1", *(f"# {key}: {word}" for key, word in head.items())]
    path.write_text("\n".join([*lines, "open_time,open,high,low,close", *rows]) + "\n", encoding="utf-8")
    return path


def run(bars: Path, **options: Any) -> Any:  # noqa: ANN401 - an answer
    """Run one member over a file of bars with a fund of 10 million."""
    given: dict[str, Any] = {"accounts": 1_000, "members": (FAMILY[-1],), "fund": Decimal(10_000_000), "threads": 1}
    given |= {"venue": "binance", "symbol": "BTCUSDT", "shock": Shock(-200_000, depth_left_ppm=1_000_000)}
    request = Request(**given | options)
    return fund_months(request, None, str(bars))


def test_the_cash_goes_on_from_day_to_day_and_a_crash_takes_more_than_a_calm_day_brings(tmp_path: Path) -> None:
    answer = run(series(tmp_path / "crash.csv", "30000"))
    for one in answer.tracks:
        assert one.days[0].cash_before == 10_000_000_000_000
        assert all(
            after.cash_before == before.cash_after for before, after in zip(one.days, one.days[1:], strict=False)
        )
        assert one.days[0].net != 0  # so that a day that began with the first day's cash would be seen
        assert one.days[-1].deficits > one.days[0].deficits
        assert one.impulse is one.days[-1]
    by_fill = {one.model.fill: one.total("net") for one in answer.tracks if one.model.order == "low first"}
    assert by_fill["worse fill"] < by_fill["recorded fill"]
    assert run(series(tmp_path / "again.csv", "30000")).tracks == answer.tracks


def test_without_a_move_nobody_is_closed_and_funding_brings_nothing(tmp_path: Path) -> None:
    path = series(tmp_path / "flat.csv", "59400")
    path.write_text(
        path.read_text(encoding="utf-8")
        .replace(",60600,59400,", ",60000,60000,")
        .replace(",60600,57600,", ",60000,60000,"),
        encoding="utf-8",
    )
    assert {day.net for one in run(path).tracks for day in one.days} == {0}


def test_the_command_tells_income_by_source_with_funding_at_zero(tmp_path: Path) -> None:
    bars = series(tmp_path / "crash.csv", "40000")
    words = ["binance", "BTCUSDT", "--bars", str(bars), "--accounts", "1000", "--threads", "1", "--fund", "10000000"]
    text = CliRunner().invoke(command, words, catch_exceptions=False).output
    assert "funding's line is 0" in text
    found = json.loads(CliRunner().invoke(command, [*words, "--json"], catch_exceptions=False).stdout)
    assert found["schema"] == "shortfall.fund/1"
    assert found["kind"] == "observed"
    for one in found["models"]:
        income, spending = (
            sum(Decimal(cash["amount"]) for cash in one[part].values()) for part in ("income", "spending")
        )
        assert Decimal(one["income"]["funding"]["amount"]) == 0
        assert Decimal(one["net"]["amount"]) == income - spending
        assert Decimal(one["end"]["amount"]) == 10_000_000 + income - spending
    assert len(found["fan"]) == 2 * found["bars"]["days"]


def test_what_a_backstop_takes_over_is_a_line_of_its_own(tmp_path: Path) -> None:
    answer = run(series(tmp_path / "crash.csv", "30000"))
    assert all(one.total("inventory") == 0 for one in answer.tracks)  # closed by order: nothing is taken over
    held = run(series(tmp_path / "again.csv", "30000"), venue="hyperliquid")  # its backstop takes over below two thirds
    for one in held.tracks:
        assert one.total("inventory") != 0
        assert all(day.cash_after == day.cash_before + day.net for day in one.days)


def test_bars_beyond_the_contract_are_refused(tmp_path: Path) -> None:
    path = series(tmp_path / "high.csv", "40000")
    path.write_text(path.read_text(encoding="utf-8").replace(",60600,", ",90000000,"), encoding="utf-8")
    with pytest.raises(InputError, match="sixteen times"):
        run(path)
