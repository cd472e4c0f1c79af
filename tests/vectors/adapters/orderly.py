"""Orderly: a ledger that settles what an engine off the chain decided. Liquidation transfers, accounts taken over, claims, ADL.

A position is (quantity, cost, funding index), nothing is realised by trading (`realisation.method=quote-balance`). The market is
halted, so that this engine decides nothing by itself. The peer keeps costs in millionths of a dollar and the cost of entry in
hundred-millionths: a case is played once at each, and the figures are taken from the one that has their unit.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from shortfall.engine.exchange import MarketSpec
from shortfall.errors import InvariantViolationError, ensure
from shortfall.kernels import layout as at
from shortfall.model.commands import ClaimInventory, FundingIndex, Halt, ImposedFee, ImposedFill, MarkTick, TakeAccount
from shortfall.model.contract import Contract, bounded_contract
from shortfall.testing.desk import Desk, rules_with
from shortfall.units import Asset, Scale

from .outcome import Figure
from .scales import decimals_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LEDGER, ENTRY = 6, 8
MILLION: Final = 1_000_000
BILLION: Final = 1_000_000_000
HOUSE: Final = "other side"
ROOM: Final = 4


def answer(_kind: str, inputs: Mapping[str, Any]) -> object:
    """Answer a case."""
    steps = [*inputs["setup"], *inputs["ops"]]
    ledger = Ledger(steps, LEDGER)
    refused = ledger.play()
    if refused:
        return {"error": refused}
    entry = Ledger(steps, ENTRY)
    entry.play()
    rows = {name: ledger.rows_of(name) for name in ledger.names}
    for name, row in rows.items():
        for market in row:
            row[market] |= entry.entry_of(name, market)
    return {"positions": rows, "balances": {name: ledger.cash(name) for name in ledger.names}}


@dataclass(slots=True)
class Touch:
    """What a position was last touched at: the funding index, the price, the price of ADL."""

    index: Decimal = Decimal(0)
    price: Decimal = Decimal(0)
    adl_price: Decimal = Decimal(0)


class Ledger:
    """One play of a case, with money in units of 10**-exponent dollars.

    Parameters
    ----------
    steps : sequence of mapping
        Everything that happens, in order.
    exponent : int
        Of the settlement asset.
    """

    def __init__(self, steps: Sequence[Mapping[str, Any]], exponent: int) -> None:
        self.steps: Final = steps
        self.exponent: Final = exponent
        self.legs: Final = [leg for step in steps for leg in _legs_of(step)]
        self.markets: Final = sorted({leg["market"] for leg in self.legs})
        self.names: Final = list(dict.fromkeys(name for step in steps for name in _names_of(step)))
        self.holder: Final = next((name for step in steps for name in _holders_of(step)), None)
        rules = rules_with(
            "realisation.method=quote-balance", f"unwinding.claim_discount={self._discount()}ppm", "mark.method=imposed"
        )
        specs = [MarketSpec(self._contract(name), rules, self.holder) for name in self.markets]
        self.desk: Final = Desk(rules, specs[0].contract, more=specs[1:], fund=self.holder)
        self.touched: Final[dict[tuple[str, str], Touch]] = {}
        for name in (*self.names, HOUSE):
            if name != self.holder:
                self.desk.account(name, 0, at.HOUSE if name == HOUSE else at.TRADER)
        for k in range(len(self.markets)):
            self.desk.must(MarkTick(k, 1, 1))
            self.desk.must(Halt(k))

    # -- scales ---------------------------------------------------------------------------------------------------------

    def _contract(self, market: str) -> Contract:
        legs = [leg for leg in self.legs if leg["market"] == market]
        lot = max(decimals_of(abs(size)) for leg in legs for size in leg["sizes"])
        tick = max((decimals_of(price) for leg in legs for price in leg["prices"]), default=0)
        tick = tick if self.exponent == LEDGER else self.exponent - lot
        top = max([Decimal(1), *(abs(p) for leg in legs for p in (*leg["prices"], leg["index"], *leg["entries"]))])
        scale = Scale(Decimal(1).scaleb(-tick), Decimal(1).scaleb(-lot), Asset("USDC", self.exponent))
        return bounded_contract(market, scale, min(at.NO_PRICE - 1, int(ROOM * top.scaleb(tick))))

    def _discount(self) -> int:
        """Return the discount of claims: what the claimer is paid as a share of what he pays, in parts per million."""
        for step in self.steps:
            if step.get("is_insurance_account") and step["op"] == "liquidation":
                (leg,) = step["transfers"]
                return round(abs(Fraction(Decimal(leg["fee"])) / Fraction(Decimal(leg["cost_transfer"]))) * MILLION)
        return 0

    def lots(self, market: str, size: str) -> int:
        """Return a size in lots, exactly."""
        return _whole(Fraction(Decimal(size)) / Fraction(self.contract(market).scale.lot_size))

    def ticks(self, market: str, price: Fraction) -> int:
        """Return a price in ticks, exactly."""
        return _whole(price / Fraction(self.contract(market).scale.tick_size))

    def units(self, amount: str) -> int:
        """Return money in units, exactly."""
        return _whole(Fraction(Decimal(amount)) * 10**self.exponent)

    def contract(self, market: str) -> Contract:
        """Return the contract of a market."""
        return self.desk.exchange.specs[self.number(market)].contract

    def number(self, market: str) -> int:
        """Return the number of a market."""
        return self.markets.index(market)

    def money(self, units: int) -> Fraction:
        """Return units as dollars."""
        return Fraction(units, 10**self.exponent)

    # -- playing --------------------------------------------------------------------------------------------------------

    def play(self) -> str:
        """Play all steps. Returns why one was refused, or nothing."""
        position = [step for step in self.steps if step["op"] == "set_position"]
        last = {
            leg["market"]: leg["index"] for step in self.steps for leg in _legs_of(step) if step["op"] != "set_position"
        }
        for step in self.steps:
            if step["op"] == "deposit":
                self.desk.give(step["account"], self.units(step["amount"]))
        for step in sorted(position, key=lambda x: Decimal(x["funding_index"]) == last.get(x["market"])):
            self._set(step)
        second = [step for step in self.steps if step.get("version") == "2"]
        try:
            for step in self.steps:
                if step.get("version") == "1":
                    self._first_version(step)
            if second:
                self._second_version(second)
        except InvariantViolationError as error:
            return str(error.facts.get("reason", error.law))
        return ""

    def _set(self, step: Mapping[str, Any]) -> None:
        """Give an account a position of a stated size, cost and cost of entry."""
        market, name = step["market"], step["account"]
        k, a, far = self.number(market), self.desk.id(name), self.desk.id(HOUSE)
        self._index(market, step["funding_index"])
        lots, opening = (
            self.lots(market, step["qty"]),
            self.units(step["opening_cost"]) if self.exponent == ENTRY else 0,
        )
        if lots:
            price, more = divmod(abs(opening), abs(lots)) if opening else (1, 0)
            sign = 1 if lots > 0 else -1
            for part, at_price in ((abs(lots) - more, price), (more, price + 1)):
                if part:
                    self.desk.must(ImposedFill(a, k, sign * part, at_price, far))
        missing = self.units(step["cost"]) - self.desk.exchange.position(a, k)[1]
        if missing:
            payer, payee = (a, far) if missing > 0 else (far, a)
            self.desk.must(ImposedFee(payer, k, abs(missing), payee))

    def _index(self, market: str, index: str) -> None:
        lot = Fraction(self.contract(market).scale.lot_size)
        exact = Fraction(Decimal(index)) * lot * 10**self.exponent * BILLION
        self.desk.must(FundingIndex(self.number(market), _whole(exact)))

    def _open(self, leg: Mapping[str, Any], price: str) -> None:
        """Bring a market to the funding index and the price of a step."""
        self._index(leg["market"], leg["funding_index"])
        self.desk.must(MarkTick(self.number(leg["market"]), self.ticks(leg["market"], Fraction(Decimal(price)))))

    def _fill(self, market: str, name: str, leg: Mapping[str, Any], other: str, *, reduce_only: bool = False) -> None:
        """Move size and cost from one account to another, at the price that the two make."""
        lots = self.lots(market, leg["qty_transfer"])
        price = abs(Fraction(Decimal(leg["cost_transfer"])) / Fraction(Decimal(leg["qty_transfer"])))
        a, b = self.desk.id(name), self.desk.id(other)
        self.desk.must(ImposedFill(a, self.number(market), lots, self.ticks(market, price), b, reduce_only))

    def _fee(self, market: str, payer: str, payee: str, amount: str) -> None:
        if Decimal(amount) != 0:
            fee = self.units(amount)
            self.desk.must(ImposedFee(self.desk.id(payer), self.number(market), fee, self.desk.id(payee)))

    def _touch(self, market: str, names: Sequence[str], *, by_adl: bool = False) -> None:
        """Note what the ledger stands at now for the accounts of a step."""
        k = self.number(market)
        tick = self.contract(market).scale.tick_size
        price = self.desk.exchange.price(k) * tick
        for name in names:
            noted = self.touched.setdefault((name, market), Touch())
            noted.index, noted.price = self._index_now(market), price
            if by_adl:
                noted.adl_price = price

    def _index_now(self, market: str) -> Decimal:
        index = self.desk.exchange.price(self.number(market), at.M_FUNDING_INDEX)
        per_lot = Decimal(index) / BILLION / 10**self.exponent
        return Decimal(per_lot / self.contract(market).scale.lot_size)

    def _first_version(self, step: Mapping[str, Any]) -> None:
        fund = step["insurance"]
        if step["op"] == "adl":
            self._open(step, step["adl_price"])
            self._fill(step["market"], step["account"], step, fund, reduce_only=True)
            self._touch(step["market"], (step["account"], fund), by_adl=True)
            return
        owner = step["liquidated"]
        for leg in step["transfers"]:
            self._open(leg, leg["mark_price"])
            self._touch(leg["market"], (owner, leg["liquidator"], fund))
        if all(leg["liquidator"] == fund for leg in step["transfers"]):
            self.desk.must(TakeAccount(self.desk.id(owner), self.desk.id(fund)))
            return
        for leg in step["transfers"]:
            self._fill(leg["market"], leg["liquidator"], leg, owner)
            self._fee(leg["market"], owner, leg["liquidator"], leg["liquidator_fee"])
            self._fee(leg["market"], owner, fund, leg["insurance_fee"])

    def _second_version(self, steps: Sequence[Mapping[str, Any]]) -> None:
        """Put the legs of one transfer together: the second version states each account's own change."""
        fund = next((step["account"] for step in steps if step["is_insurance_account"]), None)
        legs = {step["account"]: step if step["op"] == "adl" else step["transfers"][0] for step in steps}
        by_adl = steps[0]["op"] == "adl"
        first = next(iter(legs.values()))
        market = first["market"]
        self._open(first, first["adl_price"] if by_adl else first["mark_price"])
        self._touch(market, list(legs), by_adl=by_adl)
        if fund is not None:
            (name,) = [name for name in legs if name != fund]
            if by_adl:
                self._fill(market, name, legs[name], fund, reduce_only=True)
            else:
                lots = self.lots(market, legs[name]["qty_transfer"])
                self.desk.must(ClaimInventory(self.desk.id(name), self.number(market), lots, self.desk.id(fund)))
            return
        (owner,) = [name for name, leg in legs.items() if Decimal(leg["fee"]) > 0]
        for name, leg in legs.items():
            if name != owner and Decimal(leg["qty_transfer"]) != 0:
                self._fill(market, name, leg, owner)
            if name != owner:
                self._fee(market, owner, name, str(-Decimal(leg["fee"])))

    # -- reading --------------------------------------------------------------------------------------------------------

    def cash(self, name: str) -> Fraction:
        """Return the balance of an account."""
        return self.money(self.desk.cash(name))

    def rows_of(self, name: str) -> dict[str, dict[str, Any]]:
        """Return an account's positions as the ledger states them; a position without size and cost is none."""
        rows = {}
        for k, market in enumerate(self.markets):
            size, cost = self.desk.position(name, k)
            noted = self.touched.get((name, market), Touch()) if size or cost else Touch()
            rows[market] = {
                "qty": size * Fraction(self.contract(market).scale.lot_size),
                "cost": self.money(cost),
                "funding_index": noted.index,
                "last_price": noted.price,
                "last_adl_price": noted.adl_price,
            }
        return rows

    def entry_of(self, name: str, market: str) -> dict[str, object]:
        """Return the cost of entry (the peer counts it positive for a short) and the average price of entry."""
        k = self.number(market)
        size, _ = self.desk.position(name, k)
        cost = self.money(self.desk.exchange.entry_statement(self.desk.id(name), k)[0])
        lots = abs(size) * Fraction(self.contract(market).scale.lot_size)
        average = Figure(abs(cost) / lots, unit=Fraction(1, 10**ENTRY)) if size else Fraction(0)
        return {"opening_cost": -cost, "avg_entry": average}


def _whole(number: Fraction) -> int:
    ensure(number.denominator == 1, "the scale of a case says its figures exactly", number=number)
    return number.numerator


def _legs_of(step: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what a step says of markets: sizes, prices, costs of entry, funding index."""
    if step["op"] == "deposit":
        return []
    legs = []
    for leg in step.get("transfers", [step]):
        size = Decimal(leg.get("qty_transfer", leg.get("qty", "0")))
        prices = [Decimal(leg[name]) for name in ("mark_price", "adl_price") if name in leg]
        if size and "cost_transfer" in leg and step.get("insurance") not in {leg.get("liquidator"), None}:
            prices.append(Decimal(leg["cost_transfer"]) / size)
        entry = Decimal(step.get("opening_cost", "0"))
        entries = [abs(entry / size)] if entry and size else []
        index = Decimal(leg["funding_index"])
        legs.append({"market": leg["market"], "sizes": [size], "prices": prices, "entries": entries, "index": index})
    return legs


def _names_of(step: Mapping[str, Any]) -> list[str]:
    names = [step[key] for key in ("account", "liquidated", "insurance") if key in step]
    return [*names, *(leg["liquidator"] for leg in step.get("transfers", ()) if "liquidator" in leg)]


def _holders_of(step: Mapping[str, Any]) -> list[str]:
    if step.get("is_insurance_account"):
        return [step["account"]]
    return [step["insurance"]] if "insurance" in step else []
