"""One shock resolved in every way: what is told of each account is what the engine did, and the ways differ where they should."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from shortfall.cli.resolve import resolve as command
from shortfall.errors import InputError
from shortfall.kernels import layout as at
from shortfall.rules.ruleset import RuleSet
from shortfall.rules.soundness import check_rules
from shortfall.sim.members import member
from shortfall.sim.paths import Shock
from shortfall.sim.resolve import (
    Borne,
    Closes,
    ResolveAnswer,
    closes_of,
    gini_ppm,
    in_profit_ppm,
    resolutions,
    resolve,
)
from shortfall.sim.stress import Request

REQUEST = Request(
    "binance", "BTCUSDT", Shock(-400_000, 1_000_000), accounts=1_000, members=(member("hot"),), fund=Decimal(0)
)


@pytest.fixture(scope="module")
def without_fund() -> ResolveAnswer:
    return resolve(REQUEST)


def ways(answer: ResolveAnswer, kind: str) -> dict[str, Borne]:
    return {row.resolution.name: row.found[0] for row in answer.rows if row.resolution.kind == kind}


def test_gini_of_amounts_worked_by_hand() -> None:
    # 1, 2, 3: (2 x (1 + 4 + 9) - 4 x 6) / (3 x 6) = 4 / 18 = 0.222...
    assert gini_ppm([3, 1, 2]) == 222_222
    assert gini_ppm([7, 7, 7]) == 0
    assert gini_ppm([0, 0, 0, 9]) == 750_000  # (2 x 4 x 9 - 5 x 9) / (4 x 9) = 27 / 36
    assert gini_ppm([0, 0]) is None


def event(kind: int, account: int, *amounts: int) -> list[int]:
    row = [0] * 8
    row[at.V_KIND], row[at.V_ACCOUNT] = kind << at.MARKET_BITS, account
    row[at.V_A : at.V_A + len(amounts)] = amounts
    return row


def test_a_close_is_judged_at_the_mark_of_its_own_instant() -> None:
    table = np.array(
        [
            event(at.E_MARK_UPDATED, -1, 100, 90, 95, 1),
            event(at.E_POSITION_DELEVERAGED, 5, -3, 88, 7, 0),
            event(at.E_MARK_UPDATED, -1, 100, 80, 95, 2),
            event(at.E_POSITION_DELEVERAGED, 6, 2, 81, 0, 0),
        ],
        np.int64,
    )
    closes = closes_of(table, table[:, at.V_KIND] >> at.MARKET_BITS)
    assert list(closes.rows()) == [(5, -3, 88, 90), (6, 2, 81, 80)]
    held = np.ones(7, np.bool_)
    assert in_profit_ppm(closes, held) == 500_000  # account 5 has a rank, account 6 has none


def test_only_traders_that_were_cut_count_and_the_first_cut_decides() -> None:
    rows = [np.array(column, np.int64) for column in ([2, 1, 2], [1, 1, 1], [0, 4, 9], [1, 1, 1], [1, 1, 1])]
    held = np.array([True, True, True])
    assert in_profit_ppm(Closes(*rows), held) == 500_000
    assert in_profit_ppm(Closes(*rows), np.array([True, False, True])) == 0
    assert in_profit_ppm(closes_of(np.zeros((0, 8), np.int64), np.zeros(0, np.int64)), held) is None


def test_every_way_is_sound_on_plain_rules_and_names_each_entry_once() -> None:
    found = resolutions(RuleSet(), 1, 1_000)
    assert len({(way.kind, way.name) for way in found}) == len(found)
    assert {way.name for way in found if way.kind == "adl"} >= {"profit", "largest", "random-start"}
    assert {way.name for way in found if way.kind == "socialise"} == {"profit", "position", "equity", "deposit"}
    for way in found:
        rules = RuleSet()
        for word in way.words:
            rules = rules.changed(word)
        assert check_rules(rules).as_tuple() == (), way.name


def test_ranks_close_the_same_lots_of_other_accounts(without_fund: ResolveAnswer) -> None:
    ranks = ways(without_fund, "adl")
    assert len({one.cut_notional for one in ranks.values()}) == 1
    assert len({one.transfer for one in ranks.values()}) == 1
    assert ranks["largest"].touched < ranks["profit"].touched
    assert ranks["largest"].gini_closed_ppm > ranks["profit-leverage"].gini_closed_ppm  # type: ignore[operator]  # both are known
    assert all(
        one.in_profit_ppm == 1_000_000 for one in ranks.values()
    )  # a fall of 40 %: every short of the hot population gains


def test_a_share_by_position_touches_everybody_and_a_share_by_profit_only_the_winners(
    without_fund: ResolveAnswer,
) -> None:
    bases = ways(without_fund, "socialise")
    assert bases["profit"].touched < bases["position"].touched
    assert bases["position"].touched >= 999  # of 1,000: all but the first debtor, who has closed by then
    assert all(one.socialised > 0 and one.transfer == 0 for one in bases.values())
    assert bases["profit"].gini_ppm > bases["position"].gini_ppm  # type: ignore[operator]  # both are known


def test_a_halt_closes_nobody_and_leaves_the_deficits_where_they_are(without_fund: ResolveAnswer) -> None:
    halted, alone = ways(without_fund, "halt")["nobody is closed"], ways(without_fund, "fund")
    assert (halted.touched, halted.cut_notional, halted.socialised) == (0, 0, 0)
    assert halted.latent > alone["within capacity"].latent > 0
    assert ways(without_fund, "adl")["profit"].latent < halted.latent


def test_a_fund_that_covers_everything_makes_the_bases_alike() -> None:
    covered = ways(resolve(replace(REQUEST, fund=Decimal(100_000_000_000))), "socialise")
    assert all(one.socialised == 0 and one.touched == 0 for one in covered.values())


def test_the_command_takes_the_word_compare_and_shows_both_ends_of_the_hedged_share() -> None:
    small = ["--accounts", "1000", "--member", "middle", "--fund", "0", "--gap", "-40%", "--over", "1s", "--json"]
    told = [
        json.loads(CliRunner().invoke(command, [*words, "BTCUSDT", *small], catch_exceptions=False).stdout)
        for words in (["compare", "binance"], ["binance"])
    ]
    assert told[0] == told[1]
    row: dict[str, Any] = next(row for row in told[0]["resolutions"] if row["name"] == "largest")
    low = int(row["members"][0]["low_leverage_delta"]["amount"].replace(".", ""))
    assert row["hedgers_delta"]["none_hedged"]["amount"] == "0.000000"
    # shorts are cut in a fall, so what is left elsewhere is long: positive; half of it is the assumed share
    assert low > 0
    assert int(row["hedgers_delta"]["assumed_share"][0]["amount"].replace(".", "")) == low // 2


def test_the_tables_say_what_is_assumed() -> None:
    words = ["binance", "SUIUSDT", "--accounts", "1000", "--member", "hot"]
    text = CliRunner().invoke(command, words, catch_exceptions=False).output
    assert "may be hedged elsewhere" in " ".join(text.split())
    assert "1 % of open interest is used instead" in " ".join(text.split())
    assert "█" in text or "▒" in text


def test_what_is_wrong_is_told_at_once() -> None:
    with pytest.raises(InputError) as caught:
        CliRunner().invoke(
            command, ["binance", "BTCUSDT", "--hedged", "120%", "--accounts", "1"], catch_exceptions=False
        )
    assert {finding.path for finding in caught.value.findings} == {"--hedged", "--accounts"}


def test_a_venue_against_a_pool_is_refused() -> None:
    with pytest.raises(InputError, match="liquidity pool is on the other side"):
        resolve(replace(REQUEST, venue="gmx", symbol="BTC"))


def test_every_layer_that_pays_itself_stays_in_front() -> None:
    rules = replace(RuleSet(), waterfall=("backstop", "fund", "equity", "adl", "haircut"))
    words = {way.words[0] for way in resolutions(rules, 1, 1_000) if way.words}
    first = "waterfall=backstop,fund,equity"
    assert words == {first, f"{first},adl", f"{first},socialise"}
