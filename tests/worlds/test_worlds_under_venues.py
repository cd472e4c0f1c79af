"""Every bundled world runs under every bundled venue's rules, laws and auditor on."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

import pytest
from click.testing import CliRunner

from shortfall.cli.run import auditor, run
from shortfall.cli.worlds import bundled_names, world_text
from shortfall.errors import InputError
from shortfall.sim.world_reading import read_world
from shortfall.sim.world_running import AUDIT_LAW, run_world
from shortfall.sim.world_under import under
from shortfall.venues import bundled_venues

if TYPE_CHECKING:
    from collections.abc import Callable


# the least collateral of GMX is an amount of dollars; the inverse world settles in BTC, so its people start below it
REFUSED: Final = {"gmx": {"inverse"}}


@pytest.mark.parametrize("code", bundled_venues())
def test_every_world_holds_the_laws_under_a_venues_rules(code: str) -> None:
    for name in set(bundled_names()) - REFUSED.get(code, set()):
        found = run_world(under(read_world(world_text(name)), code), auditor)
        assert dict(found.laws)[AUDIT_LAW] == len(found.steps), name


@pytest.mark.parametrize(("code", "name"), [(code, name) for code, names in REFUSED.items() for name in names])
def test_a_world_that_does_not_meet_a_venues_requirement_is_refused(code: str, name: str) -> None:
    with pytest.raises(InputError, match="of equity at the opening price"):
        run_world(under(read_world(world_text(name)), code), auditor)


def test_orders_that_rest_in_a_book_are_left_out_where_a_pool_is_the_counterparty() -> None:
    world = read_world(world_text("bids-vanish-market"))
    assert world.orders
    assert under(world, "gmx").orders == ()
    assert under(world, "dydx").orders == world.orders


def test_the_change_of_a_rule_changes_who_pays() -> None:
    invoke: Callable[..., object] = CliRunner().invoke
    plain = invoke(run, ["bids-vanish-market", "--json"], catch_exceptions=False)
    changed = invoke(run, ["bids-vanish-market", "--set", "waterfall=", "--json"], catch_exceptions=False)
    first, second = (json.loads(found.stdout) for found in (plain, changed))  # type: ignore[attr-defined]  # a result
    assert second["world"]["title"].endswith("(waterfall=)")
    assert first["world"]["title"] != second["world"]["title"]
    assert first["markets"] != second["markets"]


def test_a_change_that_names_no_rule_is_refused_once_per_market() -> None:
    world = read_world(world_text("bids-vanish-market"))
    with pytest.raises(InputError, match="stile"):
        under(world, None, ("close.stile=market",))


def test_an_unknown_venue_is_refused() -> None:
    with pytest.raises(InputError, match="binance"):
        under(read_world(world_text("bids-vanish-market")), "nowhere")
