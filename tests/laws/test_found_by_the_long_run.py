"""What the long run of random commands found, each as a world of its own."""

from __future__ import annotations

import pytest

from shortfall.engine.exchange import MarketSpec
from shortfall.kernels import layout as at
from shortfall.model.commands import ImposedFill, MarkTick
from shortfall.testing.desk import Desk, linear, rules_with
from shortfall.testing.fuzz import Run, fuzz, main

RICH = 1_000_000


def test_a_claim_of_the_clearing_account_is_stated_once() -> None:
    """Seed 1: what an earlier batch was short stayed in clearing's balance and was counted as a new claim by every later batch."""
    desk = Desk(rules_with("takeover.fund=no", "adl.price=mark"))
    desk.accounts(ann=1_000, amy=1_000, bob=RICH)
    desk.tick(100)
    desk.trade(desk.id("ann"), desk.id("bob"), 100, 100)
    desk.tick(85)  # taken at 90, closed at 85: 500 that nobody has
    desk.tick(100)
    desk.trade(desk.id("amy"), desk.id("bob"), 100, 100)
    desk.tick(85)
    assert [e["amount_quote"] for e in desk.named("ClaimUncovered")] == [500, 500]
    assert desk.cash("clearing LIN") == -1_000
    result = desk.result()
    assert (result.carried, result.value.paid) == (1_000, 1_000)


def test_an_account_below_maintenance_is_found_although_the_mark_moves_its_way() -> None:
    """Seed 1: a trigger computed for an account that had failed already stood at the old mark, and a better mark passed it by."""
    desk = Desk(more=[MarketSpec(linear("TWO"), rules_with())])
    desk.accounts(ann=100, bob=RICH)
    for market in (0, 1):
        desk.tick(100, market)
    for market in (0, 1):
        desk.do(ImposedFill(desk.id("ann"), market, -100, 80, desk.id("bob")))  # 4,000 under water
    desk.do(MarkTick(0, 95, desk.now_us))
    desk.exchange.check_nobody_overlooked()
    assert len(desk.named("LiquidationTriggered")) == 1


@pytest.mark.parametrize("eligible", ["profitable-first", "profitable-only"])
def test_the_largest_loser_is_not_cut_before_a_smaller_winner(eligible: str) -> None:
    """Seed 5003: by size, losers came first in a first batch and not at all in later ones, which start from the last batch's rank."""
    desk = Desk(rules_with("takeover.fund=no", "adl.rank=largest", f"adl.eligible={eligible}"))
    desk.accounts(ann=1_000, amy=1_000, bob=RICH, low=RICH, eve=RICH)
    desk.tick(100)
    desk.trade(desk.id("ann"), desk.id("bob"), 100, 100)
    desk.trade(desk.id("amy"), desk.id("bob"), 100, 100)
    desk.trade(desk.id("eve"), desk.id("low"), 500, 80)
    desk.tick(85)  # low is short from 80: the largest, and a loser
    assert [(e.account, e["lots"]) for e in desk.named("PositionDeleveraged")] == [
        (desk.id("bob"), 100),
        (desk.id("bob"), 100),
    ]
    assert desk.position("low")[0] == -500


def test_a_short_run_of_random_commands_holds_the_laws() -> None:
    commands, events, worlds = fuzz(60_000, seed=500)
    assert (commands, worlds) == (60_000, 3)
    assert events > 30_000


def test_the_laws_see_a_unit_that_appears_from_nowhere() -> None:
    run = Run(7)
    run.step(500)
    account = run.world.dollar[0]
    run.world.exchange.state.accounts[(account << at.ROW) + at.A_BALANCE] += 1
    from shortfall.errors import InvariantViolationError  # noqa: PLC0415  only here a law is broken on purpose

    with pytest.raises(InvariantViolationError, match="money is conserved"):
        run.check()


def test_the_command_line_of_the_long_run_says_what_it_did(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--commands", "3000", "--seed", "9", "--batch", "1000"]) == 0
    assert "all laws held: 3,000 commands" in capsys.readouterr().out
