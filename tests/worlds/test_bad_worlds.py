"""Bad world files: every finding at once with its line, exit code 5, nothing half run."""

from __future__ import annotations

import pytest

from shortfall.cli.worlds import world_text
from shortfall.errors import InputError
from shortfall.rules.reference import every_entry
from shortfall.sim.world_lines import lines_of_keys, path_text
from shortfall.sim.world_reading import read_world
from shortfall.sim.world_running import run_world

BAD = """\
title = "bad"
surprise = 1
[assets]
USDT = { exponent = 6 }
[[market]]
symbol = "BTCUSDT"
settlement = "EUR"
max_price = 400_000
price = 100_000.05
fund = "nobody"
[market.rules]
close.style = "hope"
waterfall = ["fund", "luck"]
tiers = [
  { initial = "1%", maintenance = "5%" },
]
[[account]]
name = "long"
kind = "gambler"
deposit = -5
positions = [
  { size = 0, entry = 100_000, counterparty = "ghost" },
  { market = "ETHUSDT", size = 1, entry = 0 },
]
[[account]]
name = "long"
[[step]]
time = "2s"
index = 100_000
[[step]]
time = "1s"
order = { account = "long", size = 1, price = 1, kind = "maybe" }
[[step]]
time = "3"
"""
FORMS = '''# note
a.b = 1
[t]
"x y" = """
q
"""
list = [
  1, # one
  { k = 2 },
]
[[r]]
[[r]]
z = '#'
[r.s]
u = 1
'''


def findings_of(text: str) -> dict[str, tuple[int | None, str]]:
    with pytest.raises(InputError) as caught:
        run_world(read_world(text))
    return {finding.path: (finding.line, finding.message) for finding in caught.value.findings}


def every_style() -> list[str]:
    return [name.partition("=")[2] for name in every_entry() if name.startswith("close.style=")]


def test_all_findings_come_at_once_with_line_field_bound_and_value() -> None:
    found = findings_of(BAD)
    assert found["surprise"] == (
        2,
        "Expected one of title, question, assets, rules, market, account, counterparty, step, was 'surprise'",
    )
    assert found["market[0].settlement"] == (7, "Expected one of the [assets] USDT, was 'EUR'")
    assert found["market[0].fund"][0] == 10
    styles = ", ".join(every_style())
    assert found["market[0].rules.close.style"] == (12, f"Expected one of {styles}, was 'hope'")
    assert found["market[0].rules.waterfall[1]"][0] == 13
    assert "'luck'" in found["market[0].rules.waterfall[1]"][1]
    assert found["market[0].rules.tiers[0]"] == (
        15,
        "Expected maintenance not above initial margin, was 50000 and 10000 ppm",
    )
    assert found["account[0].kind"] == (19, "Expected one of trader, maker, holder, was 'gambler'")
    assert found["account[0].deposit"] == (20, "Expected at least 0 USDT, was -5 USDT")
    assert found["account[0].positions[0].size"] == (22, "Expected a size above (long) or below (short) zero, was 0")
    assert found["account[0].positions[0].counterparty"] == (22, "Expected the name of an account, was 'ghost'")
    assert found["account[0].positions[1].market"] == (23, "Expected one of the markets BTCUSDT, was 'ETHUSDT'")
    assert found["account[0].positions[1].entry"][0] == 23
    assert found["account[0].positions[1]"][0] == 23
    assert found["account[1].name"] == (26, "Expected a name that is not in use, was 'long'")
    assert found["step[1].time"] == (31, "Expected a time not before 2s, was 1s")
    assert found["step[1].order.kind"] == (32, "Expected one of gtc, ioc, fok, was 'maybe'")
    assert found["step[2].time"][0] == 34
    assert found["step[2]"][0] == 33


def changed(name: str, old: str, new: str) -> str:
    text = world_text(name)
    assert old in text
    return text.replace(old, new)


def test_a_margin_tier_is_judged_as_a_whole() -> None:
    text = changed("calm-liquidation", 'maintenance = "5%"', 'maintenance = "15%"')
    ((line, message),) = findings_of(text).values()
    assert line is not None
    assert "Expected maintenance not above initial margin, was 150000 and 100000 ppm" in message


def test_a_price_between_two_ticks_is_refused() -> None:
    found = findings_of(changed("calm-liquidation", "index = 94_700", "index = 94_700.05"))
    assert found["step[0].index"][1] == "Expected a multiple of the tick size 0.1, was '94700.05'"


def test_a_waterfall_needs_the_holder_it_asks() -> None:
    found = findings_of(changed("calm-liquidation", 'fund = "fund"\n', ""))
    assert "because the waterfall asks it" in found["market[0]"][1]
    assert "account[0].name" in found


def test_an_account_below_maintenance_at_the_opening_is_refused() -> None:
    found = findings_of(changed("collateral-falls", "ETH = 5 }", "ETH = 1 }"))
    ((_, message),) = found.values()
    assert message == "Expected at least 5000 USDT of equity at the opening price, was 3600 USDT"


def test_an_opening_order_without_margin_is_refused_with_its_line() -> None:
    found = findings_of(changed("no-layer-left", 'kind = "maker"\ndeposit = 1_000_000', 'kind = "maker"\ndeposit = 1'))
    ((path, (line, message)),) = found.items()
    assert path == "account[3].orders[0]"
    assert line is not None
    assert message.endswith("not enough margin")


def test_text_that_is_no_toml_is_one_finding() -> None:
    ((_, message),) = findings_of("title = ").values()
    assert message.startswith("Expected a TOML file")


def test_a_refused_command_of_a_step_is_an_outcome_and_no_finding() -> None:
    run = run_world(read_world(changed("whale-withdraws", "whale = 190_000", "whale = 190_001")))
    assert run.steps[2].refused == (("whale withdraws 190001", "more than may leave the account"),)


def test_lines_are_found_in_every_form_of_toml() -> None:
    lines = {path_text(path): line for path, line in lines_of_keys(FORMS).items()}
    assert lines["a.b"] == 2
    assert lines["t.x y"] == 4
    assert (lines["t.list[0]"], lines["t.list[1].k"]) == (8, 9)
    assert (lines["r[0]"], lines["r[1]"], lines["r[1].z"], lines["r[1].s.u"]) == (11, 12, 13, 15)
