"""Vega: settlement of marks with the market's pool first and winners cut, the network's takeover, its disposal, its statement.

The peer counts in whole units, one lot at one tick is one unit. A position that owes or is due an amount is as many lots as the
move of the mark makes of it (a move from 1 to 2 where none is stated). The pool is the market's fund; the network is that fund
with inventory.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from shortfall.errors import ensure
from shortfall.kernels import layout as at
from shortfall.model.commands import ImposedFill, Order, SettleFunding
from shortfall.rules.ruleset import MarginTier
from shortfall.testing.desk import Desk, rules_with

from .outcome import Unsupported
from .venue import ppm

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

RULES: Final = (
    "realisation.method=mark-to-market", "realisation.remainder=last-winner", "close.style=handover", "waterfall=fund",
    "takeover.fund_capacity=0", "funding.remainder=fund", "unwinding.method=hold",
)  # fmt: skip
LOOSE: Final = (MarginTier(None, 1, 1),)
STRICT: Final = (MarginTier(None, 1_000_000, 999_999),)
PLENTY: Final = 1_000_000
RATE: Final = 500_000_000
STEPS: Final = 50
SECOND_US: Final = 1_000_000


def answer(kind: str, inputs: Mapping[str, Any]) -> object:
    """Answer a case."""
    return KINDS.get(kind, _unknown)(inputs)


def _unknown(_inputs: Mapping[str, Any]) -> object:
    raise Unsupported("kind-without-an-adapter")


def desk_with(tiers: tuple[MarginTier, ...], pool: int, *words: str) -> Desk:
    """Return a desk with the peer's rules, its pool filled, and a pool of all markets that nothing names."""
    desk = Desk(rules_with(*RULES, *words, tiers=tiers), pool="global")
    if pool:
        desk.give("fund", pool)
    desk.account("other side", 0, at.HOUSE)
    return desk


def settle(inputs: Mapping[str, Any]) -> object:
    """Settle one move of the mark."""
    start, end = int(inputs.get("mark_from", 1)), int(inputs.get("mark_to", 2))
    desk = desk_with(LOOSE, int(inputs["insurance_pool"]))
    names = _parties(desk, inputs)
    desk.tick(start)
    _pair(desk, names, inputs, start, end - start)
    for trade in inputs.get("trades", ()):
        seller, buyer = names[trade["seller"]], names[trade["buyer"]]
        desk.must(ImposedFill(buyer, 0, int(trade["lots"]), int(trade["price"]), seller))
    desk.tick(end)
    losers = {row["party"] for row in inputs["losers"]}
    winners = {row["party"] for row in inputs["winners"]}
    moved = {name: _moved(desk, a) for name, a in names.items()}
    return {
        "paid": {name: moved[name] for name in winners},
        "collected": -sum(moved[name] for name in losers),
        "pool_pays_for_network": -moved.get("network", 0),
        "winner_balance_after": {name: desk.exchange.balance(names[name]) for name in winners},
        "insurance_pool_after": desk.cash("fund"),
        "realised_pnl": {name: desk.exchange.entry_statement(a, 0)[1] for name, a in names.items()},
        "unrealised_pnl": {name: _unrealised(desk, a) for name, a in names.items()},
        "cumulated_balance": _everything(desk),
    }


def _parties(desk: Desk, inputs: Mapping[str, Any]) -> dict[str, int]:
    """Open everybody that a case names, losers first; the network is the fund."""
    cash = {row["party"]: row["balance"] for row in inputs["losers"]}
    for row in inputs["winners"]:
        cash[row["party"]] = inputs.get("winner_balances", {}).get(row["party"], PLENTY)
    cash |= inputs.get("deposits", {})
    return {
        name: desk.id("fund") if name == "network" else desk.account(name, int(amount)) for name, amount in cash.items()
    }


def _pair(desk: Desk, names: Mapping[str, int], inputs: Mapping[str, Any], price: int, move: int) -> None:
    """Let losers (short) and winners (long) hold what makes them owe and be due the stated amounts when the mark moves."""
    winners = [[row["party"], Fraction(int(row["due"]), move)] for row in inputs["winners"]]
    for row in inputs["losers"]:
        lots = Fraction(int(row["owes"]), move)
        while lots > 0:
            taken = min(lots, winners[0][1])
            ensure(taken.denominator == 1, "a move of the mark makes the stated amounts of whole lots", lots=taken)
            desk.must(ImposedFill(names[row["party"]], 0, -int(taken), price, names[winners[0][0]]))
            lots -= taken
            winners[0][1] -= taken
            if winners[0][1] == 0:
                winners.pop(0)


def _moved(desk: Desk, account: int) -> int:
    return sum(event["amount_quote"] for event in desk.named("SettlementPaid") if event.account == account)


def _unrealised(desk: Desk, account: int) -> int:
    size, _ = desk.exchange.position(account, 0)
    return size * desk.exchange.price(0) - desk.exchange.entry_statement(account, 0)[0]


def _everything(desk: Desk) -> int:
    """Return what is on all accounts together, the outside world left out."""
    outside = desk.id("outside USD")
    held = sum(desk.exchange.balance(a) for a in range(len(desk.exchange.names.accounts)) if a != outside)
    return held + desk.exchange.price(0, at.M_SETTLEMENT)


def hand_over(desk: Desk, name: str, cash: int, lots: int, price: int) -> int:
    """Open an account whose cash does not carry its position; the next mark hands it over."""
    desk.tick(price)
    account = desk.account(name, cash)
    desk.must(ImposedFill(account, 0, lots, price, desk.id("other side")))
    desk.tick(price)
    return account


def takeover(inputs: Mapping[str, Any]) -> object:
    """Hand a distressed account over to the network."""
    cash = int(inputs["margin_balance"])
    desk = desk_with(STRICT, int(inputs["insurance_pool"]))
    account = hand_over(desk, "party", cash, int(inputs.get("position", 1)), int(inputs.get("price", 2 * cash + 1)))
    return {
        "insurance_pool_after": desk.cash("fund"),
        "margin_after": desk.exchange.balance(account),
        "network_position_after": desk.position("fund")[0],
        "global_pool_after": desk.cash("global"),
    }


def funding(inputs: Mapping[str, Any]) -> object:
    """Settle funding whose exact amount lies half way between what is owed and what is due, where they differ by a unit."""
    (loser,), (winner,) = inputs["losers"], inputs["winners"]
    desk = desk_with(LOOSE, int(inputs["insurance_pool"]))
    payer, payee = desk.account(loser["party"], int(loser["balance"])), desk.account(winner["party"], PLENTY)
    desk.tick(1)
    desk.must(ImposedFill(payer, 0, int(loser["owes"]) + int(winner["due"]), 1, payee))
    before = desk.cash("fund")
    desk.must(SettleFunding(0, RATE))
    paid = {e.account: e["amount_quote"] for e in desk.named("FundingPaid")}
    return {"paid": {winner["party"]: -paid[payee]}, "to_insurance_pool": desk.cash("fund") - before}


def disposal(inputs: Mapping[str, Any]) -> object:
    """Let the network work its inventory down by schedule."""
    plan, price = inputs["strategy"], int(inputs["fill_price"])
    words = (
        "unwinding.method=schedule", f"unwinding.step={plan['time_step_s']}s", f"unwinding.full_lots={plan['full_disposal_size']}",
        f"unwinding.fraction={ppm(Decimal(plan['disposal_fraction']))}ppm", "unwinding.depth_band=100%",
        f"unwinding.book_share={ppm(Decimal(plan['max_fraction_of_book_side']))}ppm",
    )  # fmt: skip
    desk = desk_with(STRICT, PLENTY, *words)
    maker = desk.account("maker", 1 << 40, at.MAKER)
    desk.tick(int(inputs["entry_mark"]))
    desk.must(Order(maker, 0, int(inputs["book_side_volume"]), price))
    hand_over(desk, "party", 0, int(inputs["network_position"]), int(inputs["entry_mark"]))
    held: list[int] = []
    made: list[int] = []
    while desk.position("fund")[0] != 0 and len(held) < STEPS:
        desk.wait(int(plan["time_step_s"]) * SECOND_US)
        held.append(desk.position("fund")[0])
        made.append(desk.exchange.entry_statement(desk.id("fund"), 0)[1])
    trades = [-event["lots"] for event in desk.named("InventorySold")]
    return {"trades": trades, "network_position_after": held, "network_realised_pnl": made}


def closeout(inputs: Mapping[str, Any]) -> object:
    """Let the network close out what it took over, at the stated price and fee, in one sale."""
    fee = ppm(Decimal(inputs["fee_rate"]))
    words = ("unwinding.method=at-once", f"unwinding.taker_fee={fee}ppm")
    desk = desk_with((MarginTier(None, 100_000, 50_000),), int(inputs["insurance_pool"]), *words)
    party = inputs["party1"]
    account = desk.account("party1", int(party["deposit"]))
    for name, amount in inputs.get("deposits", {}).items():
        desk.account(name, int(amount))
    maker = desk.account("maker", 1 << 40, at.MAKER)
    desk.tick(int(party["entry"]))
    desk.must(ImposedFill(account, 0, int(party["position"]), int(party["entry"]), desk.id("other side")))
    desk.must(Order(maker, 0, int(party["position"]), int(inputs["network_closeout_price"])))
    desk.tick(int(inputs["mark_to"]))
    desk.wait()
    said = {
        "insurance_pool_after": desk.cash("fund"),
        "party1_margin": desk.exchange.balance(account),
        "party1_general": desk.exchange.balance(account),
    }
    if "deposits" not in inputs:
        raise Unsupported("inputs-leave-it-open", said)
    return said


def statement(inputs: Mapping[str, Any]) -> object:
    """Return the network's statement after every step: what it holds, made, stands to make, and paid on average."""
    desk = desk_with(STRICT, PLENTY)
    network = desk.id("fund")
    rows: dict[str, list[object]] = {"position": [], "realised": [], "unrealised": [], "average_entry": []}
    for k, step in enumerate(inputs["steps"]):
        if step["takes"]:
            hand_over(desk, f"party {k}", 0, int(step["takes"]), int(step["mark"]))
        else:
            desk.tick(int(step["mark"]))
        held = desk.position("fund")[0]
        cost, made = desk.exchange.entry_statement(network, 0)
        rows["position"].append(held)
        rows["realised"].append(made)
        rows["unrealised"].append(_unrealised(desk, network))
        rows["average_entry"].append(Fraction(cost, held))
    return rows


KINDS: Final[Mapping[str, Callable[[Mapping[str, Any]], object]]] = {
    "settle_with_loss_socialisation": settle,
    "settle_from_scenario": settle,
    "takeover": takeover,
    "funding_rounding_to_pool": funding,
    "gradual_disposal": disposal,
    "pool_pays_closeout_cost": closeout,
    "network_pnl": statement,
}
