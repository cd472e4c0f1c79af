"""Settlements of marks worked by hand: sessions, results that wait, losers, layers, holes, and what a statement says."""

from __future__ import annotations

import pytest

from shortfall.kernels import layout as at
from shortfall.model.commands import ImposedFill, Withdraw
from shortfall.rules.soundness import check_rules
from shortfall.testing.desk import Desk, flat_tier, rules_with

RICH = 1_000_000
THIN = flat_tier("1%", "0.1%")
MARKS = (
    "realisation.method=mark-to-market", "close.style=handover", "waterfall=fund", "takeover.fund_capacity=0",
    "unwinding.method=hold",
)  # fmt: skip


def marks(*words: str) -> Desk:
    return Desk(rules_with(*MARKS, *words, tiers=THIN))


def test_a_mark_makes_cash_of_every_position_and_a_position_costs_what_it_is_worth() -> None:
    desk = marks()
    anna, bob = desk.accounts(anna=RICH, bob=RICH)
    desk.tick(1_000)
    desk.must(ImposedFill(anna, 0, 10, 1_000, bob))
    desk.tick(1_007)  # 10 lots x 7
    assert (desk.cash("anna"), desk.cash("bob")) == (RICH + 70, RICH - 70)
    assert desk.position("anna") == (10, 10_070)
    assert desk.exchange.entry_statement(anna, 0) == (10_000, 0)
    assert desk.exchange.price(0, at.M_SETTLEMENT) == 0


def test_a_closed_position_waits_for_the_settlement_and_is_cut_with_the_others() -> None:
    desk = marks()
    poor, anna, bob = desk.accounts(poor=400, anna=RICH, bob=RICH)
    desk.tick(1_000)
    desk.must(ImposedFill(poor, 0, -80, 1_000, anna))
    desk.must(ImposedFill(poor, 0, -20, 1_000, bob))
    desk.must(ImposedFill(bob, 0, -20, 1_010, anna))  # bob made 200 and is flat: not cash yet
    assert (desk.cash("bob"), desk.equity("bob"), desk.position("bob")) == (RICH, RICH + 200, (0, -200))
    desk.tick(1_010)  # the loser owes 1,000 and has 400: anna gets 800 x 400 / 1,000, bob 200 x 400 / 1,000
    assert (desk.cash("anna"), desk.cash("bob")) == (RICH + 320, RICH + 80)
    assert desk.exchange.entry_statement(bob, 0) == (0, 80)
    assert desk.result().value.socialised == 600


def test_profit_that_waits_may_be_withdrawn_only_where_profit_counts() -> None:
    for word, allowed in (("ignored", False), ("counts", True)):
        desk = marks(f"profit.withdrawal={word}")
        anna, bob = desk.accounts(anna=1_000, bob=RICH)
        desk.tick(1_000)
        desk.must(ImposedFill(anna, 0, 10, 1_000, bob))
        desk.must(ImposedFill(anna, 0, -10, 1_050, bob))  # 500 wait
        assert (desk.do(Withdraw(anna, 1_001)) >= 0) is allowed


def test_a_session_settles_at_its_end_and_not_before() -> None:
    desk = marks("realisation.interval=60s")
    anna, bob = desk.accounts(anna=RICH, bob=RICH)
    desk.tick(1_000)  # the first session begins: it ends 60 s later
    desk.must(ImposedFill(anna, 0, 10, 1_000, bob))
    desk.tick(1_050, after_us=59_999_999)
    assert desk.cash("anna") == RICH
    desk.tick(1_020, after_us=1)
    assert desk.cash("anna") == RICH + 200
    desk.wait(59_999_999)
    assert desk.stat(at.T_SETTLEMENTS) == 1


@pytest.mark.parametrize(("cash", "socialised"), [(0, 300), (100, 200), (300, 0), (900, 0)])
def test_the_fund_pays_what_a_loser_lacks_before_gains_are_cut(cash: int, socialised: int) -> None:
    desk = marks()
    poor, anna = desk.accounts(poor=700, anna=RICH)
    if cash:
        desk.give("fund", cash)
    desk.tick(1_000)
    desk.must(ImposedFill(poor, 0, -100, 1_000, anna))
    desk.tick(1_010)  # owes 1,000, has 700: 300 are missing
    assert desk.cash("anna") == RICH + 1_000 - socialised
    assert desk.cash("fund") == max(0, cash - 300)
    assert desk.cash("poor") == 0
    assert desk.exchange.entry_statement(poor, 0)[1] == -1_000 + socialised
    assert (desk.result().deficit, desk.result().value.socialised) == (300, socialised)


def test_a_fund_with_inventory_pays_its_loss_like_anybody_and_no_more_than_it_has() -> None:
    desk = marks()
    poor, bob = desk.accounts(poor=0, bob=RICH)
    desk.give("fund", 60)
    desk.tick(1_000)
    desk.must(ImposedFill(poor, 0, 10, 1_000, bob))
    desk.tick(1_000)  # handed over
    assert desk.position("fund") == (10, 10_000)
    desk.tick(990)  # the fund owes 100 and has 60
    assert (desk.cash("fund"), desk.cash("bob")) == (0, RICH + 60)
    assert (desk.result().deficit, desk.result().value.socialised) == (0, 40)


def test_a_switch_of_rules_settles_what_waits() -> None:
    desk = marks("realisation.interval=1h")
    anna, bob = desk.accounts(anna=RICH, bob=RICH)
    desk.tick(1_000)
    desk.must(ImposedFill(anna, 0, 10, 1_000, bob))
    desk.must(ImposedFill(anna, 0, -10, 1_004, bob))
    desk.exchange.change_rules(0, rules_with(tiers=THIN), 1)
    assert desk.exchange.balance(anna) == RICH + 40
    assert desk.exchange.position(anna, 0) == (0, 0)
    desk.exchange.check_laws()


def test_results_do_not_wait_where_a_liquidity_pool_is_the_counterparty() -> None:
    rules = rules_with("counterparty.kind=pool", "realisation.method=mark-to-market")
    assert [finding.path for finding in check_rules(rules).as_tuple()] == ["rules.realisation.method"]


def test_a_gain_paid_out_early_whose_loser_fails_later_is_carried_as_a_claim_on_clearing() -> None:
    words = (
        "realisation.method=mark-to-market",
        "realisation.interval=1h",
        "close.style=market",
        "close.surplus=trader",
    )
    desk = Desk(rules_with(*words, "waterfall=fund", "unwinding.method=hold"))
    poor, anna, maker = desk.accounts(poor=0, anna=10, maker=RICH)
    desk.tick(1_000)
    desk.must(ImposedFill(poor, 0, -10, 1_000, anna))
    desk.bid(maker, 10, 1_010)
    desk.tick(1_010)  # anna has 10 + 100 where 505 is asked: closed at 1,010, and 100 are cash; poor cannot be closed
    assert (desk.cash("anna"), desk.position("anna"), desk.position("poor")[0]) == (110, (0, 0), -10)
    assert desk.exchange.price(0, at.M_SETTLEMENT) == -100
    desk.tick(1_010, after_us=3_600_000_000)  # poor owes 100 and has nothing; nobody gained in this settlement
    assert desk.last("SettlementEnded")["carried_quote"] == 100
    assert (desk.cash("clearing LIN"), desk.result().value.carried, desk.exchange.price(0, at.M_SETTLEMENT)) == (
        -100,
        100,
        0,
    )


def test_a_funds_results_are_cash_at_once_under_marks_and_wait_where_only_a_command_settles() -> None:
    for method, cash, cost in (("mark-to-market", 140, 600), ("quote-balance", 100, 560)):
        desk = Desk(rules_with(f"realisation.method={method}", "unwinding.method=hold", "realisation.interval=1h"))
        (anna,) = desk.accounts(anna=RICH)
        desk.give("fund", 100)
        desk.tick(100)
        desk.must(ImposedFill(desk.id("fund"), 0, 10, 100, anna))
        desk.must(ImposedFill(desk.id("fund"), 0, -4, 110, anna))  # bought 10 for 1,000, sold 4 of them for 440
        assert (desk.cash("fund"), desk.position("fund")) == (cash, (6, cost))
