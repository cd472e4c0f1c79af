"""Commands of a ledger worked by hand: imposed fees, accounts taken over as they stand, claims of inventory, a funding index."""

from __future__ import annotations

from shortfall.engine.exchange import CollateralSpec
from shortfall.kernels import layout as at
from shortfall.model.commands import (
    AssetPrice,
    ClaimInventory,
    FundingIndex,
    ImposedFee,
    ImposedFill,
    MoveCollateral,
    Order,
    SettleMarks,
    TakeAccount,
    Withdraw,
)
from shortfall.testing.desk import Desk, rules_with
from shortfall.units import Asset

RICH = 1_000_000
BILLION = 1_000_000_000
GEM = CollateralSpec(Asset("GEM", 0), 20, 1)


def quote(*words: str) -> Desk:
    return Desk(rules_with("realisation.method=quote-balance", "unwinding.method=hold", *words))


def test_an_imposed_fee_moves_cash_where_trades_realise_and_cost_where_results_wait() -> None:
    for desk, cash, cost in ((Desk(rules_with()), 7, 0), (quote(), 0, 7)):
        anna, bob = desk.accounts(anna=RICH, bob=RICH)
        desk.tick(100)
        desk.must(ImposedFill(anna, 0, 10, 100, bob))
        desk.must(ImposedFee(anna, 0, 7, bob))
        assert (desk.cash("anna"), desk.cash("bob")) == (RICH - cash, RICH + cash)
        assert (desk.position("anna")[1], desk.position("bob")[1]) == (1_000 + cost, -1_000 - cost)


def test_a_fee_is_refused_to_nobody_of_nothing_and_beyond_a_funds_cash() -> None:
    desk = Desk(rules_with())
    (anna,) = desk.accounts(anna=RICH)
    desk.give("fund", 5)
    fund = desk.id("fund")
    assert desk.do(ImposedFee(anna, 0, 1, anna)) == -at.BAD_ACCOUNT
    assert desk.do(ImposedFee(anna, 0, 1, 999)) == -at.BAD_ACCOUNT
    assert desk.do(ImposedFee(anna, 0, 0, fund)) == -at.BAD_VALUE
    assert desk.do(ImposedFee(fund, 0, 6, anna)) == -at.NO_BALANCE
    assert desk.do(ImposedFee(fund, 0, 5, anna)) == 0


def test_a_fund_takes_an_account_over_as_it_stands() -> None:
    desk = Desk(rules_with("unwinding.method=hold"), collaterals=[GEM])
    anna, bob = desk.accounts(anna=500, bob=RICH)
    fund = desk.id("fund")
    desk.must(MoveCollateral(anna, 1, 3))
    desk.tick(100)
    desk.must(ImposedFill(anna, 0, 10, 100, bob))
    desk.must(Order(anna, 0, 1, 90))
    desk.tick(95)
    desk.must(TakeAccount(anna, fund))
    assert desk.position("fund") == (10, 1_000)  # at its own cost, not at the mark of 950
    assert (desk.cash("fund"), desk.cash("anna"), desk.position("anna")) == (500, 0, (0, 0))
    assert desk.equity("fund") == 500 - 50 + 60
    assert desk.named("OrderCancelled")
    desk.must(AssetPrice(1, 25))
    assert desk.equity("fund") == 500 - 50 + 75


def test_a_takeover_that_nets_inventory_at_a_loss_needs_the_cash_for_it() -> None:
    desk = Desk(rules_with("unwinding.method=hold"))
    anna, bob, carl = desk.accounts(anna=100, bob=RICH, carl=RICH)
    fund = desk.id("fund")
    desk.give("fund", 99)
    desk.tick(100)
    desk.must(ImposedFill(fund, 0, -10, 80, carl))  # short at 80
    desk.must(ImposedFill(anna, 0, 10, 100, bob))  # netting loses 200; 99 + 100 are there
    assert desk.do(TakeAccount(anna, fund)) == -at.NO_BALANCE
    desk.give("fund", 1)
    assert desk.do(TakeAccount(anna, fund)) == 0
    assert (desk.cash("fund"), desk.position("fund")) == (0, (0, 0))


def test_only_a_holder_takes_accounts_over_and_only_those_of_traders() -> None:
    desk = Desk(rules_with(), backstop="backstop")
    anna, bob = desk.accounts(anna=RICH, bob=RICH)
    assert desk.do(TakeAccount(anna, bob)) == -at.NOT_A_HOLDER
    assert desk.do(TakeAccount(desk.id("backstop"), desk.id("fund"))) == -at.NOT_A_HOLDER
    assert desk.do(TakeAccount(anna, anna)) == -at.BAD_ACCOUNT


def test_inventory_is_claimed_at_mark_with_a_discount_that_the_fund_pays() -> None:
    desk = Desk(rules_with("unwinding.method=hold", "unwinding.claim_discount=0.5%"))
    anna, bob = desk.accounts(anna=RICH, bob=RICH)
    fund = desk.id("fund")
    desk.give("fund", 1_000)
    desk.tick(100)
    desk.must(ImposedFill(fund, 0, 10, 100, bob))
    assert desk.do(ClaimInventory(anna, 0, -1, fund)) == -at.NOTHING_TO_REDUCE
    assert desk.do(ClaimInventory(anna, 0, 11, fund)) == -at.NOTHING_TO_REDUCE
    assert desk.do(ClaimInventory(anna, 0, 1, bob)) == -at.NOT_A_HOLDER
    desk.must(ClaimInventory(anna, 0, 3, fund))  # 300 x 0.5 % = 1.5: 2 for the claimer
    assert (desk.position("anna"), desk.position("fund")) == ((3, 300), (7, 700))
    assert (desk.cash("anna"), desk.cash("fund")) == (RICH + 2, 998)
    poor = desk.account("poor", 10)
    assert desk.do(ClaimInventory(poor, 0, 7, fund)) == -at.NO_MARGIN  # 700 at 10 % asks for 70


def test_a_fund_without_the_cash_sells_no_inventory_at_a_loss() -> None:
    desk = Desk(rules_with("unwinding.method=hold", "unwinding.claim_discount=1%"))
    anna, bob = desk.accounts(anna=RICH, bob=RICH)
    desk.give("fund", 108)
    desk.tick(100)
    desk.must(ImposedFill(desk.id("fund"), 0, 10, 100, bob))
    desk.tick(90)  # 10 lots lose 100 and cost 9 of discount
    assert desk.do(ClaimInventory(anna, 0, 10, desk.id("fund"))) == -at.NO_BALANCE
    desk.give("fund", 1)
    desk.must(ClaimInventory(anna, 0, 10, desk.id("fund")))
    assert desk.cash("fund") == 0


def test_imposed_deleveraging_closes_what_both_sides_hold_and_turns_nobody_round() -> None:
    desk = Desk(rules_with("unwinding.method=hold"))
    anna, bob = desk.accounts(anna=RICH, bob=RICH)
    fund = desk.id("fund")
    desk.give("fund", RICH)
    desk.tick(100)
    desk.must(ImposedFill(fund, 0, 5, 100, bob))
    assert desk.do(ImposedFill(bob, 0, 6, 90, fund, reduce_only=True)) == -at.NOTHING_TO_REDUCE
    assert desk.do(ImposedFill(bob, 0, -1, 90, fund, reduce_only=True)) == -at.NOTHING_TO_REDUCE
    assert desk.do(ImposedFill(anna, 0, 1, 90, fund, reduce_only=True)) == -at.NOTHING_TO_REDUCE
    desk.must(ImposedFill(bob, 0, 5, 90, fund, reduce_only=True))
    assert (desk.position("bob"), desk.position("fund")) == ((0, 0), (0, 0))


def test_a_funding_index_charges_its_move_rounded_up_and_leaves_the_rest_to_dust() -> None:
    for desk, in_cost in ((Desk(rules_with()), False), (quote(), True)):
        anna, bob = desk.accounts(anna=RICH, bob=RICH)
        desk.tick(100)
        desk.must(FundingIndex(0, 7 * BILLION))  # nobody holds anything: nobody pays
        desk.must(ImposedFill(anna, 0, 3, 100, bob))
        desk.must(FundingIndex(0, 7 * BILLION + BILLION // 2))  # 3 x 0.5: the long pays 2, the short gets 1
        paid = (RICH - desk.cash("anna"), desk.cash("bob") - RICH)
        cost = (desk.position("anna")[1] - 300, -300 - desk.position("bob")[1])
        assert (paid, cost) == (((0, 0), (2, 1)) if in_cost else ((2, 1), (0, 0)))
        assert desk.cash("dust USD") == 1
        desk.must(FundingIndex(0, 7 * BILLION))  # back: the short pays 2, the long gets 1
        assert desk.cash("dust USD") == 2
        assert desk.do(FundingIndex(0, 1 << 62)) == -at.BAD_VALUE


def test_results_that_wait_become_cash_by_command_and_not_before() -> None:
    desk = quote("profit.withdrawal=ignored")
    anna, bob = desk.accounts(anna=100, bob=RICH)
    desk.tick(100)
    desk.must(ImposedFill(anna, 0, 2, 100, bob))
    desk.must(ImposedFill(anna, 0, -2, 130, bob))
    assert (desk.cash("anna"), desk.equity("anna"), desk.do(Withdraw(anna, 101))) == (100, 160, -at.NO_BALANCE)
    desk.must(SettleMarks(0))
    assert desk.cash("anna") == 160
    assert Desk(rules_with()).do(SettleMarks(0)) == -at.NO_MARK
    plain = Desk(rules_with())
    plain.tick(100)
    assert plain.do(SettleMarks(0)) == -at.NOT_SETTLED
