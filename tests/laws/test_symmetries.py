"""Laws 11, 13 and 14: mirror, scale, monotone fund, order of arrival, and the latent deficit, which is what is paid."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from shortfall.kernels import layout as at
from shortfall.model.commands import Order
from shortfall.testing.desk import Desk, flat_tier, rules_with

if TYPE_CHECKING:
    from shortfall.engine.results import MarketResult

CENTRE = 1_000
RICH = 10_000_000


# -- mirror ---------------------------------------------------------------------------------------------------------------


def mirrored_pair(seed: int) -> tuple[Desk, Desk]:
    """Run a random world and its reflection: prices p become 2,000 - p, buys become sells.

    Margin rates of one part in a million make every requirement one unit, so that margin does not know the price.
    """
    draw = random.Random(seed)  # noqa: S311  a test's dice
    words = [
        f"close.style={draw.choice(('market', 'bankruptcy'))}", "engine.order=account", "takeover.fund_capacity=0",
        "unwinding.method=hold", f"close.surplus={draw.choice(('fund', 'trader'))}",
        "waterfall=fund",  # the rank of winners is a share of the price, which a reflection does not keep
    ]  # fmt: skip
    pair = [Desk(rules_with(*words, tiers=flat_tier("0.0001%", "0.0001%"))) for _ in range(2)]
    fund, cash = draw.randrange(1, 3_000), [draw.randrange(50, 3_000) for _ in range(8)]
    for desk in pair:
        desk.give("fund", fund)
        for k, amount in enumerate(cash):
            desk.account(f"person {k}", amount)
        desk.tick(CENTRE)
    mark = CENTRE
    for _ in range(120):
        if draw.random() < 0.8:
            k, lots = draw.randrange(8), draw.choice((1, 3, 10, 30)) * draw.choice((1, -1))
            price = mark + draw.randrange(-12, 13)
            for desk, sign in zip(pair, (1, -1), strict=True):
                desk.do(Order(desk.id(f"person {k}"), 0, sign * lots, CENTRE + sign * (price - CENTRE)))
        else:
            mark = max(600, min(1_400, mark + draw.choice((-90, -40, -10, 10, 40, 90))))
            for desk, sign in zip(pair, (1, -1), strict=True):
                desk.tick(CENTRE + sign * (mark - CENTRE))
    return pair[0], pair[1]


def test_a_reflected_world_has_the_reflected_outcome() -> None:
    liquidations = 0
    for seed in range(25):
        plain, mirror = mirrored_pair(seed)
        for name in [*(f"person {k}" for k in range(8)), "fund", "clearing LIN"]:
            assert plain.cash(name) == mirror.cash(name), (seed, name)
            assert plain.position(name)[0] == -mirror.position(name)[0], (seed, name)
            size, cost = plain.position(name)
            assert mirror.position(name)[1] == cost - 2 * CENTRE * size, (seed, name)
        liquidations += len(plain.named("ClipClosed"))
    assert liquidations > 100


# -- one gap, many questions --------------------------------------------------------------------------------------------------


def gap_world(*changes: str, fund: int, scale: int = 1, reverse: bool = False, mark: int = 80) -> Desk:
    """Forty longs of growing margin against forty shorts, thin bids, and a gap."""
    desk = Desk(rules_with("takeover.fund_capacity=0", *changes))
    people = [(f"long {k}", (180 + 61 * k) * scale) for k in range(40)] + [
        (f"short {k}", (900 + 37 * k) * scale) for k in range(40)
    ]
    for name, cash in reversed(people) if reverse else people:
        desk.account(name, cash)
    desk.account("maker", RICH * scale, at.MAKER)
    if fund:
        desk.give("fund", fund * scale)
    desk.tick(100)
    for k in range(40):
        lots = 10 + 7 * k % 30
        held = min(lots, (180 + 61 * k) // 10)
        desk.trade(desk.id(f"long {k}"), desk.id(f"short {k}"), held * scale, 100)
    for k in range(5):
        desk.bid(desk.id("maker"), 15 * scale, mark - 2 * k)
    desk.tick(mark)
    desk.wait()
    return desk


def cut_of(result: MarketResult) -> int:
    """Return what winners gave up: notional closed at mark and socialised loss."""
    return result.adl_notional + result.socialised


@pytest.mark.parametrize(
    ("style", "layers"), [("bankruptcy", "fund,adl"), ("bankruptcy", "fund,socialise"), ("market", "fund,socialise")]
)
def test_more_fund_never_cuts_more(style: str, layers: str) -> None:
    """Not so for market orders with ADL behind: cash that bears fills far below bankruptcy bears fewer lots than a takeover would."""
    cuts = [
        cut_of(gap_world(f"close.style={style}", f"waterfall={layers}", "unwinding.method=hold", fund=fund).result())
        for fund in (0, 1, 50, 200, 500, 900, 1_500, 3_000, 10_000, 100_000)
    ]
    assert cuts == sorted(cuts, reverse=True)
    assert cuts[0] > 0
    assert cuts[-1] == 0


def outcome(desk: Desk) -> dict[str, tuple[int, int, int]]:
    """Return (cash, size, cost) of everybody by name."""
    return {
        name: (desk.cash(name), *desk.position(name))
        for name in desk.exchange.names.ids
        if not name.startswith("outside")
    }


@pytest.mark.parametrize("style", ["market", "bankruptcy"])
def test_the_order_in_which_accounts_were_opened_does_not_matter(style: str) -> None:
    for fund in (0, 400, 2_000):
        assert outcome(gap_world(f"close.style={style}", fund=fund)) == outcome(
            gap_world(f"close.style={style}", fund=fund, reverse=True)
        )


@pytest.mark.parametrize("layers", ["fund,adl", "fund,socialise"])
def test_a_world_of_double_size_has_double_the_outcome_within_rounding(layers: str) -> None:
    single = gap_world(f"waterfall={layers}", fund=600)
    double = gap_world(f"waterfall={layers}", fund=600, scale=2)
    before, after = single.result(), double.result()
    assert abs(after.adl_lots - 2 * before.adl_lots) <= 2
    assert abs(after.liquidated_lots - 2 * before.liquidated_lots) <= 2
    assert before.adl_lots > 0
    # one lot more or less, at a price of at most 100, and a unit of rounding for each account
    for name, (cash, size, _) in outcome(single).items():
        twice = outcome(double)[name]
        assert abs(twice[0] - 2 * cash) <= 202, name
        assert abs(twice[1] - 2 * size) <= 2, name


def test_the_latent_deficit_is_what_the_layers_pay_when_their_time_comes() -> None:
    desk = Desk(rules_with("engine.delay=10s", "takeover.fund_capacity=0", "unwinding.method=hold"))
    desk.accounts(ann=1_000, amy=1_200, bob=RICH)
    desk.give("fund", RICH)
    desk.tick(100)
    desk.trade(desk.id("ann"), desk.id("bob"), 100, 100)
    desk.trade(desk.id("amy"), desk.id("bob"), 100, 100)
    desk.tick(85)
    assert desk.exchange.latent_deficit() == 500 + 300  # 1,000 - 1,500 and 1,200 - 1,500
    desk.wait(10_000_000)
    assert desk.exchange.latent_deficit() == 0
    result = desk.result()
    assert (result.value.paid, result.deficit) == (800, 800)
