"""Unknown inputs at every admissible value: an input more never narrows a range, and what is settled is not varied."""

from __future__ import annotations

import json
import zlib
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache
from itertools import pairwise
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from shortfall.assess import unknowns as module
from shortfall.assess.unknowns import FIGURES, FUND, Widened, unknown_inputs, widened
from shortfall.cli.unknowns import unknowns as command
from shortfall.errors import InputError
from shortfall.sim.market import gather
from shortfall.sim.members import FAMILY
from shortfall.sim.paths import After, Shock
from shortfall.sim.stress import Request

if TYPE_CHECKING:
    from collections.abc import Callable

    from shortfall.sim.market import MarketInput

HOT = (FAMILY[2],)
# USDT and USDC of the recorded pool at par: 793,930,579.315848 + 299,999,998.6497832
RECORDED = "1093930577.9656312"
RULES = (
    "adl.eligible",
    "close.cross_price",
    "close.surplus",
    "engine.order",
    "takeover.fund_capacity",
    "unwinding.method",
    "unwinding.share",
)


def small(venue: str = "binance", symbol: str = "SUIUSDT", **more: Any) -> Request:  # noqa: ANN401 - fields of a request
    asked = Request(
        venue,
        symbol,
        Shock(-200_000),
        afters=(After("hold"),),
        members=HOT,
        accounts=1_000,
        alone=True,
        threads=1,
        halve=False,
    )
    return replace(asked, **more)


def planted(harm_of: Callable[[str, str], int]) -> Callable[[Request], SimpleNamespace]:
    """Return a stress run whose figures are stated: deleveraged notional by fund and by the first change of a rule."""

    def run(request: Request) -> SimpleNamespace:
        word = request.changes[0] if request.changes else ""
        fund = "" if request.fund is None else f"{request.fund}"
        size = harm_of(fund, f"{word}|{request.shock.depth_left_ppm}")
        book = SimpleNamespace(paid=0, liquidity=0, adl_transfer=0, socialised=0, carried=0)
        result = SimpleNamespace(liquidated_notional=0, adl_notional=size, value=book)
        measures = SimpleNamespace(result=result, fund_cash_before=0, fund_equity_lowest=0)
        return SimpleNamespace(runs=(SimpleNamespace(member="hot", measures=measures),))

    return run


@pytest.fixture
def plant(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[str, str], int]], None]:
    return lambda harm_of: monkeypatch.setattr(module, "stress", planted(harm_of))


def holds(wide: Widened, narrow: Widened) -> bool:
    return all(
        wide.widened[name][0] <= narrow.widened[name][0] and wide.widened[name][1] >= narrow.widened[name][1]
        for name in FIGURES
    )


@given(
    first=st.sets(st.sampled_from(RULES)),
    more=st.sets(st.sampled_from(RULES)),
    salt=st.integers(0, 1_000_000),
    hidden=st.sets(st.sampled_from(["fund", "depth"])),
)
@settings(max_examples=60)
def test_one_more_unknown_input_never_narrows_the_range(
    first: set[str], more: set[str], salt: int, hidden: set[str]
) -> None:
    def harm_of(fund: str, word: str) -> int:
        return zlib.crc32(f"{salt} {fund or RECORDED} {word}".encode()) % 1_000

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "stress", planted(harm_of))
        patch.setattr(module, "gather", gathered)
        for symbol in ("BTCUSDT", "SUIUSDT"):
            request = small(symbol=symbol)
            hide = tuple(sorted(hidden)) if symbol == "BTCUSDT" else ()
            narrow = widened(request, only=sorted(first))
            wide = widened(request, only=sorted(first | more | set(hide)), hide=hide)
            assert holds(wide, narrow)
            for name, (low, high) in narrow.stated.items():
                assert wide.widened[name][0] <= low
                assert wide.widened[name][1] >= high


@cache
def gathered(venue: str, symbol: str, **_: object) -> tuple[MarketInput, ...]:
    return gather(venue, symbol, alone=True)


def test_the_range_holds_for_the_engine_too() -> None:
    request = small()
    names = ("engine.order", "takeover.fund_capacity", "unwinding.method")
    found = [widened(request, only=names[:count]) for count in range(len(names) + 1)]
    assert [one.runs for one in found] == [
        2,
        6,
        10,
        12,
    ]  # two funds x (stated + 2, + 2, + 1 other entries), one member, one path
    assert all(holds(wide, narrow) for narrow, wide in pairwise(found))
    assert found[-1].widened["deleveraged"] != found[0].widened["deleveraged"]


def test_an_unknown_fund_runs_empty_and_at_the_stated_bound(plant: Callable[..., None]) -> None:
    seen: list[str] = []

    def harm_of(fund: str, _: str) -> int:
        seen.append(fund)
        return {"0": 70, "500": 20}[fund]

    plant(harm_of)
    found = widened(small(), upper=Decimal(500), only=())
    assert seen == ["0", "500"]
    assert found.stated["deleveraged"] == found.widened["deleveraged"] == (20, 70)
    assert [(one.name, one.worst, one.best, one.by) for one in found.moved] == [(FUND, "0", "500", 50)]


def test_a_hidden_fund_runs_at_its_recorded_value_too(plant: Callable[..., None]) -> None:
    figures = {RECORDED: 10, "0": 90, "7": 30}
    plant(lambda fund, _: figures[fund])
    found = widened(small(symbol="BTCUSDT"), upper=Decimal(7), only=(FUND,), hide=(FUND,))
    assert found.stated["deleveraged"] == (10, 10)
    assert found.widened["deleveraged"] == (10, 90)
    assert (found.moved[0].worst, found.moved[0].best, found.moved[0].by) == ("0", RECORDED, 80)


def test_inputs_are_compared_run_by_run_with_everything_else_equal(plant: Callable[..., None]) -> None:
    # at either fund `hold` adds 5; between the funds lie 50. The rule moves 5, not 55
    plant(lambda fund, word: {"0": 70, "500": 20}[fund] + (5 if "hold" in word else 0))
    found = widened(small(), upper=Decimal(500), only=("unwinding.method",))
    assert [(one.name, one.worst, one.best, one.by) for one in found.moved] == [
        (FUND, "0", "500", 50),
        ("unwinding.method", "hold", "share", 5),
    ]
    assert found.widened["deleveraged"] == (20, 75)


def test_a_venue_without_a_recorded_contract_has_an_unknown_fund_and_book(plant: Callable[..., None]) -> None:
    seen: set[str] = set()

    def harm_of(fund: str, word: str) -> int:
        seen.add(f"{fund}|{word}")
        return 1

    plant(harm_of)
    widened(small("bybit", "BTCUSDT"), upper=Decimal(5), only=("depth",))
    assert seen == {"0||100000", "0||10000", "5||100000", "5||10000"}  # a tenth of depth left, and a tenth of that


def test_what_the_user_settles_is_no_unknown() -> None:
    item = gather("binance", "SUIUSDT", alone=True)[0]
    open_ones = {one.name for one in unknown_inputs(small(), item, Decimal(1))}
    settled = {
        one.name
        for one in unknown_inputs(small(fund=Decimal(9), changes=("adl.eligible=profitable-only",)), item, Decimal(1))
    }
    assert open_ones - settled == {FUND, "adl.eligible"}


def test_every_assumed_value_of_the_record_is_listed_with_its_reason_and_entries() -> None:
    item = gather("binance", "BTCUSDT", alone=True)[0]
    listed = {one.name: one for one in unknown_inputs(small(symbol="BTCUSDT"), item, Decimal(1))}
    for name, value in item.venue.assumed():
        assert (listed[name].why, listed[name].used, listed[name].others) == (
            value.reason,
            str(value.value),
            value.others,
        )
    assert listed["taker_fee_rate"].kind == "assumed"
    assert listed["taker_fee_rate"].others == ()
    assert FUND not in listed


def test_rules_of_a_day_have_their_own_assumptions() -> None:
    item = gather("binance", "BTCUSDT", alone=True, day=date(2020, 1, 1))[0]
    names = {one.name for one in unknown_inputs(small(symbol="BTCUSDT", day=date(2020, 1, 1)), item, Decimal(1))}
    assert "takeover.fund_capacity" not in names  # cited then: 20 % of the fund; assumed since 2022


@pytest.mark.parametrize(
    "wrong", [{"only": ("no.rule",)}, {"hide": ("mark",)}, {"upper": Decimal(-1)}, {"only": ("engine.delay",)}]
)
def test_a_wrong_request_is_told(wrong: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="Expected"):
        widened(small(), **wrong)


def test_the_command_answers_with_a_document() -> None:
    runner = CliRunner()
    words = ["binance", "SUIUSDT", "--accounts", "1000", "--upper", "1000000", "--json"]
    words += [
        "--set",
        "engine.order=account",
        "--set",
        "unwinding.share=50%",
        "--set",
        "close.cross_price=all",
        "--set",
        "close.surplus=fund",
    ]
    document = json.loads(runner.invoke(command, words).stdout)
    assert document["schema"] == "shortfall.unknowns/1"
    assert {one["input"] for one in document["moved"]} == {
        FUND,
        "takeover.fund_capacity",
        "unwinding.method",
        "adl.eligible",
    }
    wrong = runner.invoke(command, ["binance", "SUIUSDT", "--upper", "-1", "--gap", "0%"])
    assert isinstance(wrong.exception, InputError)
    assert [finding.path for finding in wrong.exception.findings] == ["--upper", "--gap"]
