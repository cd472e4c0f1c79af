"""Whatever is done to a world file, reading it ends in a world or in findings, never in a stack trace."""

from __future__ import annotations

import re

import pytest

from shortfall.cli.run import auditor
from shortfall.cli.worlds import bundled_names, world_text
from shortfall.errors import InputError
from shortfall.sim.world_reading import read_world
from shortfall.sim.world_running import run_world

JUNK = (
    '"junk"',
    "-1",
    "0",
    "1.5",
    "true",
    "[]",
    "{}",
    '["a"]',
    "[{}]",
    "{ a = 1 }",
    "99999999999999999999",
    "nan",
    '""',
)
EVERY_VERB = """
title = "every verb"
counterparty = "b"
[assets]
USDT = { exponent = 6 }
ETH = { exponent = 8, price = 4_000 }
[[market]]
symbol = "X"
settlement = "USDT"
max_price = 1_000
price = 100
fund = "fund"
sources = { one = "50%", two = "50%" }
[[account]]
name = "fund"
kind = "holder"
[[account]]
name = "a"
deposit = 1_000
collateral = { ETH = 1 }
positions = [{ size = 1, entry = 100, leverage = 5 }]
orders = [{ size = 1, price = 90, id = 7, post_only = true }]
[[account]]
name = "b"
deposit = 1_000
[[step]]
time = "1s"
index = { X = { one = 101, two = 99 } }
mark = 100
tape = 100
clock = true
funding = "0.01%"
order = [{ account = "b", size = -0.5, price = 120, kind = "gtc", id = 8 }]
cancel = [{ account = "a", id = 7 }, { account = "b", market = "X" }]
fill = { account = "a", size = 0.5, price = 100, counterparty = "b" }
deposit = { a = 5 }
withdraw = { b = 5 }
transfer = { from = "a", to = "fund", amount = 3 }
collateral = { account = "a", asset = "ETH", amount = -0.5 }
collateral_price = { ETH = 3_900 }
rules = { close.style = "market" }
halt = "X"
reduce_only = ["X"]
resume = ["X"]
"""
TEXTS = {"every-verb": EVERY_VERB, **{name: world_text(name) for name in bundled_names()}}


def test_every_verb_does_what_it_says() -> None:
    run = run_world(read_world(EVERY_VERB), auditor)
    cash = dict(zip(run.names, (held.balance for held in run.after), strict=True))
    assert cash["a"] == 1_000_000_000 + 20_000_000 - 10_000 + 5_000_000 - 3_000_000  # 100 / 5 of margin, 0.01 % of 100
    assert cash["b"] == 1_000_000_000 + 10_000 - 5_000_000
    assert cash["fund"] == 3_000_000
    assert run.steps[1].refused == ()


def is_read_or_refused(text: str) -> bool:
    try:
        read_world(text)
    except InputError as error:
        return all(str(finding) for finding in error.findings)
    return True


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_a_world_without_one_of_its_lines_is_read_or_refused(name: str) -> None:
    lines = TEXTS[name].splitlines()
    kept = [k for k, line in enumerate(lines) if line and not line.startswith("#")]
    assert all(is_read_or_refused("\n".join(lines[:k] + lines[k + 1 :])) for k in kept)


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_a_world_with_junk_in_place_of_a_value_is_read_or_refused(name: str) -> None:
    text = "\n".join(line for line in TEXTS[name].splitlines() if not line.startswith("#"))
    values = list(re.finditer(r"= (\"[^\"]*\"|[-\w.]+|\{[^\n]*\}|\[[^\n]*\])", text))
    assert len(values) > 10
    for value in values:
        for junk in JUNK:
            mutilated = text[: value.start(1)] + junk + text[value.end(1) :]
            assert is_read_or_refused(mutilated), mutilated
