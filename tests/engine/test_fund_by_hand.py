"""A staked fund and a capped fund, worked by hand: shares, the wait, what staying costs, and how far a cap lets it pay."""

from __future__ import annotations

import pytest

from shortfall.kernels import layout as at
from shortfall.model.commands import Deposit, ImposedFill, Withdraw
from shortfall.model.stakes import CancelUnstake, RequestUnstake, Stake, Unstake
from shortfall.testing.desk import Desk, rules_with

DAY = 86_400_000_000
RICH = 1_000_000


def staked(**stakes: int) -> Desk:
    """Return a desk whose fund belongs to stakers who keep 1,000 each."""
    desk = Desk(rules_with())
    desk.tick(100)
    for name, amount in stakes.items():
        desk.account(name, amount + 1_000)
        desk.must(Stake(desk.id(name), desk.id("fund"), amount))
    return desk


def test_shares_are_bought_at_their_worth() -> None:
    # ann has 600 shares for 600; the fund gains 300: a share is worth 1.5; bob's 300 buy 200 shares
    desk = staked(ann=600)
    desk.give("fund", 300)
    desk.account("bob", 300)
    desk.must(Stake(desk.id("bob"), desk.id("fund"), 300))
    staking = desk.last("FundStaked")
    assert (staking["shares"], staking["total_shares"], staking["fund_cash_quote"]) == (200, 800, 1_200)


def test_shares_wait_and_bring_no_more_than_when_they_were_asked_back() -> None:
    # 300 of 600 shares of 600 are asked back for 300; the fund gains 600: worth 600 now, pays 300
    desk = staked(ann=600)
    fund, ann = desk.id("fund"), desk.id("ann")
    desk.must(RequestUnstake(ann, fund, 300))
    desk.give("fund", 600)
    desk.wait(13 * DAY - 1)
    assert desk.do(Unstake(ann, fund)) == -at.COOLDOWN
    desk.wait(1)
    desk.must(Unstake(ann, fund))
    assert (desk.cash("ann"), desk.cash("fund")) == (1_300, 900)
    assert desk.do(Unstake(ann, fund)) == -at.NO_STAKE


def test_shares_asked_back_bear_the_losses_of_their_wait() -> None:
    # 300 of 600 shares asked back for 300; the fund loses 200 of 600: floor(400 x 300 / 600) = 200
    desk = staked(ann=600)
    fund, ann = desk.id("fund"), desk.id("ann")
    desk.must(RequestUnstake(ann, fund, 300))
    desk.must(Withdraw(fund, 200))
    desk.wait(13 * DAY)
    desk.must(Unstake(ann, fund))
    assert (desk.cash("ann"), desk.cash("fund")) == (1_200, 200)


def test_staying_loses_what_was_gained_meanwhile() -> None:
    # 100 of ann's shares asked back for 100 of 400; the fund gains 200 (600 for 400 shares): 100 would buy
    # floor(100 x 300 / 500) = 60 shares of the others', so 40 are lost
    desk = staked(ann=200, bob=200)
    fund, ann = desk.id("fund"), desk.id("ann")
    desk.must(RequestUnstake(ann, fund, 100))
    desk.give("fund", 200)
    desk.must(CancelUnstake(ann, fund))
    assert (desk.last("UnstakeAsked")["lost_shares"], desk.last("UnstakeAsked")["total_shares"]) == (40, 360)


def test_shares_of_a_fund_that_lost_nearly_all_are_counted_anew() -> None:
    # 100,000 shares, cash 100: 100,000 / 10 / 100 = 100 = 10**2: 1,000 shares; one unit more buys 10 of them
    desk = staked(ann=100_000)
    desk.must(Withdraw(desk.id("fund"), 99_900))
    desk.account("bob", 1)
    desk.must(Stake(desk.id("bob"), desk.id("fund"), 1))
    assert (desk.last("FundRebased")["divisor"], desk.last("FundRebased")["total_shares"]) == (100, 1_000)
    assert desk.last("FundStaked")["shares"] == 10
    desk.must(RequestUnstake(desk.id("ann"), desk.id("fund"), 1_000))
    assert desk.do(RequestUnstake(desk.id("ann"), desk.id("fund"), 1_001)) == -at.BAD_VALUE


def test_a_stake_needs_free_money_and_a_fund() -> None:
    desk = staked(ann=10)
    assert desk.do(Stake(desk.id("ann"), desk.id("fund"), 1_001)) == -at.NO_BALANCE
    assert desk.do(Stake(desk.id("ann"), desk.id("clearing LIN"), 1)) == -at.BAD_ACCOUNT
    assert desk.do(Stake(desk.id("ann"), desk.id("fund"), 0)) == -at.BAD_VALUE


# a debtor of 200: 100 lots at mark 50 are 5,000 of notional, entered at 52


def debt_of_200(desk: Desk, name: str) -> None:
    """Let an account without money hold 100 lots that have lost 200, and be liquidated at 50."""
    a = desk.account(name)
    desk.account(f"other side of {name}", RICH, at.HOUSE)
    desk.must(ImposedFill(a, 0, 100, 52, desk.id(f"other side of {name}")))
    desk.wait(1)


@pytest.mark.parametrize(
    ("words", "paid"),
    [
        ((), 200),
        (("fund.keeps=850",), 150),
        (("fund.per_market=120",), 120),
        (("fund.per_event=3%",), 150),
        (("fund.per_window=7%",), 70),
        (("fund.per_window=7%", "fund.per_event=1%", "fund.keeps=990"), 10),
    ],
)
def test_a_fund_of_1000_pays_as_far_as_its_caps_let_it(words: tuple[str, ...], paid: int) -> None:
    desk = Desk(rules_with("waterfall=fund", "close.style=liquidator", "takeover.fund=no", *words))
    desk.must(Deposit(desk.id("fund"), 1_000))
    desk.tick(50)
    debt_of_200(desk, "eve")
    assert desk.last("FundPaid")["amount_quote"] == paid
    assert sum(event["amount_quote"] for event in desk.named("ClaimUncovered")) == 200 - paid


def test_caps_of_a_market_and_of_a_window_count_what_was_paid() -> None:
    # 25 % of 1,000 a minute: 200, then 50; a minute later 25 % of 750 = 187; 460 in all: 23 are left
    words = ("fund.per_window=25%", "fund.window=1m", "fund.per_market=460")
    desk = Desk(rules_with("waterfall=fund", "close.style=liquidator", "takeover.fund=no", *words))
    desk.must(Deposit(desk.id("fund"), 1_000))
    desk.tick(50)
    for name in ("eve", "fay"):
        debt_of_200(desk, name)
    desk.wait(60_000_000)
    debt_of_200(desk, "gus")
    desk.wait(60_000_000)
    debt_of_200(desk, "hal")
    assert [event["amount_quote"] for event in desk.named("FundPaid")] == [200, 50, 187, 23]
