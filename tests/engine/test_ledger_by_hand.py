"""Positions at average entry, worked by hand: one lot at one tick is one unit of money."""

from __future__ import annotations

import pytest

from shortfall.kernels import layout as at
from shortfall.model.commands import Deposit, ImposedFill, IndexTick, OpenAccount, Transfer, Withdraw
from shortfall.testing.desk import COIN, Desk, inverse, rules_with


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    desk.accounts(ann=100_000, bob=100_000, cat=100_000)
    desk.tick(100)
    return desk


def test_selling_nine_of_ten_leaves_entry_and_realises_the_difference(desk: Desk) -> None:
    ann, bob, cat = map(desk.id, ("ann", "bob", "cat"))
    desk.trade(ann, bob, 10, 100)
    desk.tick(112)
    desk.trade(cat, ann, 9, 112)
    assert desk.position("ann") == (1, 100)  # entry stays 100
    assert desk.cash("ann") == 100_000 + 9 * (112 - 100)  # 108 realised


def test_the_rest_of_two_bought_at_100_is_50_percent_in_profit_at_150(desk: Desk) -> None:
    ann, bob, cat = map(desk.id, ("ann", "bob", "cat"))
    desk.trade(ann, bob, 2, 100)
    desk.tick(150)
    desk.trade(cat, ann, 1, 150)
    size, cost = desk.position("ann")
    assert (size, cost) == (1, 100)
    assert (size * 150 - cost) * 100 == 50 * cost


def test_a_second_purchase_averages_the_entry(desk: Desk) -> None:
    ann, bob = desk.id("ann"), desk.id("bob")
    desk.trade(ann, bob, 10, 100)
    desk.trade(ann, bob, 5, 106)
    assert desk.position("ann") == (15, 1_530)  # 10 x 100 + 5 x 106
    assert desk.position("bob") == (-15, -1_530)


def test_a_flip_realises_the_old_side_and_opens_the_new_one_at_the_trade(desk: Desk) -> None:
    ann, bob, cat = map(desk.id, ("ann", "bob", "cat"))
    desk.trade(ann, bob, 10, 100)
    desk.tick(110)
    desk.trade(cat, ann, 25, 110)
    assert desk.cash("ann") == 100_000 + 10 * 10
    assert desk.position("ann") == (-15, -15 * 110)
    assert desk.position("cat") == (25, 25 * 110)


def test_an_odd_lot_keeps_every_unit_in_cost_or_balance(desk: Desk) -> None:
    # 3 lots cost 301; one third of it is floored to 100, and 201 stays with the two lots that stay
    ann, bob, cat = map(desk.id, ("ann", "bob", "cat"))
    desk.trade(ann, bob, 2, 100)
    desk.trade(ann, bob, 1, 101)
    desk.trade(cat, ann, 1, 100)
    assert desk.position("ann") == (2, 201)
    assert desk.cash("ann") == 100_000 + 100 - 100
    # the short's cost is -301; floor(-301 / 3) = -101 is released, so he realises 101 - 100
    desk.trade(bob, cat, 1, 100)
    assert desk.position("bob") == (-2, -200)
    assert desk.cash("bob") == 100_000 + 101 - 100


def test_what_winners_took_out_is_owed_by_the_settlement_account(desk: Desk) -> None:
    ann, bob, cat = map(desk.id, ("ann", "bob", "cat"))
    desk.trade(ann, bob, 10, 100)
    desk.trade(cat, ann, 10, 120)
    assert desk.cash("ann") == 100_200
    assert desk.exchange.price(0, at.M_SETTLEMENT) == -200
    desk.trade(bob, cat, 10, 120)
    assert desk.exchange.price(0, at.M_SETTLEMENT) == 0
    assert (desk.cash("bob"), desk.cash("cat")) == (100_000 - 200, 100_000)


def test_an_inverse_trade_carries_one_rounded_number_on_both_sides() -> None:
    # 7 lots of 1,000,000 over 300: 23,333.33, rounded down to 23,333, minus for the long
    desk = Desk(contract=inverse())
    desk.accounts(ann=100_000, bob=100_000)
    desk.tick(300)
    desk.trade(desk.id("ann"), desk.id("bob"), 7, 300)
    assert desk.position("ann") == (7, -23_333)
    assert desk.position("bob") == (-7, 23_333)


def test_an_inverse_long_gains_the_difference_of_reciprocals() -> None:
    # bought 3 at 250: 12,000; sold at 300: 10,000; a long of value 12,000 becomes 10,000 owed, 2,000 gained
    desk = Desk(contract=inverse())
    desk.accounts(ann=100_000, bob=100_000, cat=100_000)
    desk.tick(250)
    desk.trade(desk.id("ann"), desk.id("bob"), 3, 250)
    desk.tick(300)
    assert desk.equity("ann") == 102_000
    assert desk.equity("bob") == 98_000
    desk.trade(desk.id("cat"), desk.id("ann"), 3, 300)
    assert desk.cash("ann") == 102_000
    assert desk.position("ann") == (0, 0)


def test_taker_and_maker_fees_go_to_the_fee_account_and_round_up() -> None:
    # 3 lots at 101 are 303; 500 ppm is 0.1515 and costs 1; the maker's rebate of 10,000 ppm is 3.03, rounded up to -3
    desk = Desk(rules_with("fees.taker=500ppm", "fees.maker=-10000ppm"))
    desk.accounts(ann=1_000, bob=1_000)
    desk.tick(101)
    desk.trade(desk.id("ann"), desk.id("bob"), 3, 101)
    assert desk.cash("ann") == 999
    assert desk.cash("bob") == 1_003
    assert desk.cash("fees USD") == 1 - 3


def test_a_withdrawal_leaves_initial_margin_and_unrealised_profit_behind() -> None:
    desk = Desk()
    desk.accounts(ann=1_000, bob=1_000, fay=1_000)
    ann, bob = desk.id("ann"), desk.id("bob")
    desk.tick(100)
    desk.trade(ann, bob, 50, 100)
    desk.tick(110)  # profit 500, initial margin 550: 1,000 + 500 - 550, and the profit stays by rule
    assert desk.do(Withdraw(ann, 451)) == -at.NO_BALANCE
    assert desk.do(Withdraw(ann, 450)) == 0
    assert desk.do(Withdraw(bob, 1)) == -at.NO_BALANCE  # 1,000 - 500 - 550
    assert desk.cash("ann") == 550


def test_profit_may_be_withdrawn_where_the_rule_says_so() -> None:
    desk = Desk(rules_with("profit.withdrawal=counts"))
    desk.accounts(ann=1_000, bob=1_000)
    desk.tick(100)
    desk.trade(desk.id("ann"), desk.id("bob"), 50, 100)
    desk.tick(110)
    assert desk.do(Withdraw(desk.id("ann"), 951)) == -at.NO_BALANCE
    assert desk.do(Withdraw(desk.id("ann"), 950)) == 0


def test_money_moves_only_within_an_asset_and_only_if_it_is_there(desk: Desk) -> None:
    ann, bob = desk.id("ann"), desk.id("bob")
    assert desk.do(Transfer(bob, ann, 100_001)) == -at.NO_BALANCE
    assert desk.do(Transfer(bob, ann, 40_000)) == 0
    assert (desk.cash("ann"), desk.cash("bob")) == (60_000, 140_000)
    assert desk.do(Deposit(ann, 0)) == -at.BAD_VALUE
    assert desk.do(Deposit(ann, -5)) == -at.BAD_VALUE
    assert desk.do(Deposit(ann, at.MONEY_BOUND + 1)) == -at.BAD_VALUE
    assert desk.do(Deposit(999, 5)) == -at.BAD_ACCOUNT


def test_an_account_of_another_asset_cannot_trade_or_pay() -> None:
    from shortfall.engine.exchange import MarketSpec  # noqa: PLC0415  only this world has two assets

    desk = Desk(more=[MarketSpec(inverse(), rules_with(), fund="coin fund")])
    dollar = desk.account("dollar", 100)
    coin = desk.account("coin", 100, asset=desk.exchange.names.assets[COIN.code])
    desk.do(IndexTick(1, 100, 1))
    desk.do(IndexTick(0, 100, 1))
    assert desk.do(Transfer(coin, dollar, 5)) == -at.BAD_ACCOUNT
    assert desk.bid(dollar, 1, 100, market=1) == -at.BAD_ACCOUNT
    assert desk.bid(coin, 1, 100, market=0) == -at.BAD_ACCOUNT


def test_an_imposed_fill_is_accounted_for_at_its_own_price(desk: Desk) -> None:
    ann, bob = desk.id("ann"), desk.id("bob")
    assert desk.do(ImposedFill(ann, 0, 10, 95, bob)) == 0
    assert desk.position("ann") == (10, 950)
    assert desk.position("bob") == (-10, -950)
    assert desk.exchange.price(0, at.M_LAST) == 95
    assert desk.do(ImposedFill(ann, 0, 10, 95, ann)) == -at.BAD_ACCOUNT
    assert desk.do(ImposedFill(ann, 0, 10, 0, bob)) == -at.BAD_VALUE


def test_accounts_are_numbered_in_order_and_bad_kinds_are_refused(desk: Desk) -> None:
    before = len(desk.auditor.kinds)
    assert desk.do(OpenAccount(0, at.MAKER)) == before
    assert desk.do(OpenAccount(0, 9)) == -at.BAD_VALUE
    assert desk.do(OpenAccount(7, at.TRADER)) == -at.BAD_MARKET
