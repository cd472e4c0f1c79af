"""Drift v2: one call of a liquidator and what it leaves to everybody.

An account of the chain keeps deposits beside a position's quote; the engine keeps one balance. A quote amount is therefore cash less
cost less what was deposited; the break-even amount is the cost and the fees that the position paid.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from shortfall.kernels import layout as at
from shortfall.model.commands import Order

from .drift_v2_venue import SLOT_US, Drift, down, in_millionths, rules_of
from .outcome import Unsupported
from .venue import only, triggered

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shortfall.model.events import Event

MAX_ORDER: Final = Decimal(10_000)
CURVE_LOTS: Final = 100


def answer(kind: str, inputs: Mapping[str, Any]) -> object:
    """Answer a case."""
    if kind != "liquidate_perp":
        raise Unsupported("kind-without-an-adapter")
    if "imf_factor" in inputs["perp_market"]:
        raise Unsupported("margin-growing-with-the-root-of-size")
    return {"after_each_step": Call(inputs).steps()}


def deposited(owner: Mapping[str, Any], position: Mapping[str, Any]) -> Fraction:
    """Return what stands behind a position: its own collateral, or the account's deposits less what it borrowed."""
    if "IsolatedPosition" in position.get("position_flag", ""):
        return Fraction(Decimal(position.get("isolated_position_scaled_balance", "0")))
    signs = {"Deposit": 1, "Borrow": -1}
    return sum(
        (signs[x["balance_type"]] * Fraction(Decimal(x["scaled_balance"])) for x in owner["spot_positions"]),
        Fraction(0),
    )


class Call:
    """A case at work: every isolated position and every cross account is an account of its own."""

    def __init__(self, inputs: Mapping[str, Any]) -> None:
        self.inputs: Final = inputs
        self.positions: Final = inputs["user"]["perp_positions"]
        self.market: Final = inputs["perp_market"]
        first = self.positions[0]
        self.is_isolated: Final = "IsolatedPosition" in first.get("position_flag", "")
        self.with_fill: Final = inputs["steps"][0]["call"] == "liquidate_perp_with_fill"
        self.venue: Final = self._venue()
        self.deposits: Final[dict[str, Fraction]] = {}
        self.events: Final[list[Event]] = []
        self._open()

    def _venue(self) -> Drift:
        price = Decimal(self.inputs["oracle_price"])
        step = Decimal(self.market["amm"]["order_step_size"])
        orders = self.inputs["user"].get("orders", [])
        largest = max(
            [abs(Decimal(x["base_asset_amount"])) for x in (*self.positions, *orders)],
            default=Decimal(1),
        )
        words = ["close.style=liquidator"]
        if self.with_fill:
            words = ["close.style=market", "close.taker_fee=0.1%", "fees.maker=-0.02%", "liquidator.caller_share=10%"]
        rules = rules_of(self.market, self.inputs["state"], *words, is_isolated=self.is_isolated)
        money = 50 * max(largest, Decimal(500)) * price
        contract = in_millionths(price, step, Decimal(0)) if self.with_fill else None
        return Drift(self.market, rules, (price,), (step, 2 * largest), money, contract=contract)

    def _rest_curve(self) -> None:
        """Rest the venue's own liquidity: the curve x y = k, sold down lot by lot, each lot for the whole micro-dollars that it adds."""
        amm, lot = self.market["amm"], Fraction(Decimal(self.market["amm"]["order_step_size"]))
        base, quote = (Fraction(Decimal(amm[f"{name}_asset_reserve"])) for name in ("base", "quote"))
        peg = Fraction(Decimal(amm["peg_multiplier"]))
        a = self.venue.account("curve", 2 * CURVE_LOTS * lot * quote * peg / base, at.HOUSE)
        before = Fraction(0)
        for k in range(1, CURVE_LOTS + 1):
            whole = down((quote - base * quote / (base + k * lot)) * peg)
            price = (whole - before) / lot
            self.venue.exchange.must(Order(a, 0, 1, self.venue.ticks(price)))
            before = whole

    def _open(self) -> None:
        venue, slot = self.venue, self.inputs["steps"][0].get("slot", 0)
        venue.tick_to(1)
        names = [f"position {k}" for k in range(len(self.positions))]
        for k, name in enumerate(names):
            venue.account(name)
            for order in self.inputs["user"].get("orders", []) if k == 0 else []:
                venue.rest_unaffordable(name, Decimal(order["base_asset_amount"]), order["direction"])
        for who in ("liquidator", "maker"):
            for spot in self.inputs.get(who, {}).get("spot_positions", []):
                venue.account(who, Decimal(spot["scaled_balance"]))
        venue.account("bystander", 4 * venue.money / 8)
        venue.tick(venue.price)
        for order in self.inputs.get("maker", {}).get("orders", []):
            venue.rest("maker", Decimal(order["base_asset_amount"]), Decimal(order["price"]))
        if self.with_fill and "maker" not in self.inputs:
            self._rest_curve()
        for name, position in zip(names, self.positions, strict=True):
            self.deposits[name] = deposited(self.inputs["user"], position)
            quote = self.deposits[name] + Fraction(Decimal(position["quote_asset_amount"]))
            venue.hold(name, Decimal(position["base_asset_amount"]), quote)
        self.events.extend(venue.tick(venue.price))
        self.slot = slot
        if slot:
            self.events.extend(venue.wait(slot * SLOT_US))

    def _refuse_unsettled_loss(self, victim: str) -> None:
        """Give up where a debtor's margin freed matters (once time has passed): the chain puts its buffer on the loss as well."""
        quote, size = self.venue.quote(victim) - self.deposits[victim], self.venue.size(victim)
        stated = Fraction(Decimal(self.positions[0]["quote_asset_amount"]))
        price = Fraction(self.venue.price)
        loss = stated + Fraction(Decimal(self.positions[0]["base_asset_amount"])) * price
        if size == 0 and quote < 0 and loss < 0 and self.slot > 0:
            raise Unsupported("buffer-on-unsettled-loss")

    def steps(self) -> list[dict[str, Any]]:
        """Call as the case says and tell what is left after each call."""
        said = []
        for step in self.inputs["steps"]:
            victim = f"position {step.get('market_index', 0)}"
            most = Decimal(step.get("liquidator_max_base", MAX_ORDER))
            limit = step.get("limit_price")
            others = self._others(victim)
            done = self.venue.call(victim, most, None if limit is None else Decimal(limit))
            self.events.extend(self.venue.happened())
            self._refuse_unsettled_loss(victim)
            said.append(self._after(victim, done, others) | {"conditions": self._conditions(done, others, victim)})
        return said

    def _others(self, victim: str) -> list[tuple[Fraction, Fraction]]:
        names = [f"position {k}" for k in range(len(self.positions))]
        return [(self.venue.cash(x), self.venue.size(x)) for x in names if x != victim]

    def _conditions(self, done: int, others: list[tuple[Fraction, Fraction]], victim: str) -> list[str]:
        """Return what holds, in the chain's words."""
        if done == -at.BEYOND_LIMIT:
            return ["result==Err(ErrorCode::LiquidationDoesntSatisfyLimitPrice)"]
        if done == -at.ENOUGH_MARGIN:
            return ["result==Err(ErrorCode::SufficientCollateral)"] * len(self.positions)
        if len(self.positions) > 1:
            names = ("spot_position_one", "spot_position_two", "perp_position_one")
            return [f"{x}_before=={x}_after" for x in names] if others == self._others(victim) else []
        mode = "isolated_margin_being_liquidated(0).unwrap()" if self.is_isolated else "cross_margin_being_liquidated()"
        return [f"{'' if self._is_in_liquidation() else '!'}user.is_{mode}"]

    def _is_in_liquidation(self) -> bool:
        a = self.venue.ids["position 0"]
        return triggered(self.events, a) and not only(self.events, "LiquidationEnded", a)

    def _fees(self, name: str) -> tuple[Fraction, Fraction]:
        """Return (fees paid to the liquidator, to the fund), rounded as the chain does."""
        a = self.venue.ids[name]
        paid = sum(x["fee_quote"] for x in only(self.events, "LiquidatorPaid", a))
        fund = sum(x["amount_quote"] for x in only(self.events, "FundReceived") if x["payer"] == a)
        return down(self.venue.money_of(paid)), down(self.venue.money_of(fund))

    def _after(self, victim: str, done: int, _others: object) -> dict[str, Any]:
        venue = self.venue
        liquidator, fund = self._fees(victim)
        cost = venue.money_of(venue.exchange.position(venue.ids[victim], 0)[1])
        resting = self._resting(victim)
        equity, need = venue.health(victim)
        buffer = Fraction(Decimal(self.inputs["state"]["liquidation_margin_buffer_ratio"]))
        worth = abs(venue.size(victim)) * venue.mark()
        said: dict[str, Any] = {
            "user.perp_positions[0].base_asset_amount": venue.size(victim),
            "user.perp_positions[0].quote_asset_amount": venue.quote(victim) - self.deposits[victim],
            "user.perp_positions[0].quote_entry_amount": -cost,
            "user.perp_positions[0].quote_break_even_amount": -cost - liquidator - fund,
            "user.perp_positions[0].open_orders": len(resting),
            "user.perp_positions[0].open_bids": sum((x for x in resting if x > 0), Fraction(0)),
            "user.perp_positions[0].is_being_liquidated()": self._is_in_liquidation(),
            "liquidator.perp_positions[0].base_asset_amount": venue.size("liquidator"),
            "liquidator.perp_positions[0].quote_asset_amount": venue.quote("liquidator") - self._start("liquidator"),
            "market_after.amm.total_liquidation_fee": fund,
            "total_collateral.unsigned_abs()": "margin_requirement_plus_buffer"
            if equity == need + buffer * worth
            else equity,
            "margin_ratio": equity / worth if worth else Fraction(0),
            "user.status": int(self._is_in_liquidation()),
            "user.last_active_slot": self.slot,
            "user.liquidation_margin_freed": Fraction(0),
        }
        if "maker" in venue.ids:
            said["maker.perp_positions[0].base_asset_amount"] = venue.size("maker")
            said["maker.perp_positions[0].quote_asset_amount"] = venue.quote("maker") - self._start("maker")
        return said | self._margin(done)

    def _start(self, who: str) -> Fraction:
        spots = self.inputs.get(who, {}).get("spot_positions", [])
        return sum((Fraction(Decimal(x["scaled_balance"])) for x in spots), Fraction(0))

    def _margin(self, done: int) -> dict[str, Any]:
        """Return who meets his margin, where a case has an isolated and a cross part."""
        if len(self.positions) == 1 or done >= 0:
            return {}
        meets = []
        for k in range(len(self.positions)):
            equity, need = self.venue.health(f"position {k}")
            meets.append(equity >= need)
        return {
            "margin_calculation.meets_cross_margin_requirement()": meets[1],
            "margin_calculation.meets_margin_requirement()": all(meets),
            "margin_calculation.meets_isolated_margin_requirement(0).unwrap()": meets[0],
        }

    def _resting(self, name: str) -> list[Fraction]:
        """Return the signed sizes of an account's open orders."""
        state = self.venue.exchange.state
        p = int(state.accounts[(self.venue.ids[name] << at.ROW) + at.A_POSITION])
        if p < 0:
            return []
        buy, sell = (int(state.positions[(p << at.ROW) + column]) for column in (at.P_BUY, at.P_SELL))
        return [self.venue.size_of(x) for x in (buy, -sell) if x]
