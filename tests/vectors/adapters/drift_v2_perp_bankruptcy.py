"""Drift v2: who is bankrupt, and how a debt that no fund covers is shared by positions or by deposits.

The chain resolves a bankruptcy when somebody asks it to; the engine does as soon as an account is flat and in debt. Its funding index
starts at zero, the chain's where a case says.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from shortfall.kernels import layout as at
from shortfall.model.commands import Clock, ImposedFill
from shortfall.model.contract import bounded_contract
from shortfall.units import Asset, Scale

from .outcome import Unsupported
from .scales import Wanted
from .venue import Listing, Venue, only, rules_with, tier

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from shortfall.model.events import Event

PRICE: Final = Decimal(100)
HALF: Final = Fraction(1, 20)
RICH: Final = Fraction(5_000)
PER_POSITION: Final = (
    "waterfall=fund,socialise",
    "socialise.base=position",
    "socialise.sides=both",
    "socialise.index_scale=1",
)


def answer(kind: str, inputs: Mapping[str, Any]) -> object:
    """Answer a case."""
    return KINDS.get(kind, _unknown)(inputs)


def _unknown(_inputs: Mapping[str, Any]) -> object:
    raise Unsupported("kind-without-an-adapter")


class Debt(Venue):
    """A venue in the chain's unit, a millionth of a dollar, where a loss can be put on an account that holds nothing."""

    def __init__(self, *words: str, tokens: tuple[str, ...] = ()) -> None:
        rules = rules_with([tier(HALF)], "close.surplus=trader", *words)
        scale = Scale(Decimal(1).scaleb(-6), Decimal(1), Asset("USD", 6))
        contract = bounded_contract("PERP", scale, at.NO_PRICE)
        wanted = Wanted("PERP", (PRICE,), (Decimal(1),))
        super().__init__([Listing(wanted, rules)], Fraction(10**6), tokens, scales=(contract,))
        self.tick(PRICE)

    def owe(self, name: str, amount: Fraction) -> None:
        """Let an account lose what it must owe: it buys one unit too dear and sells it again, and is flat and in debt."""
        a = self.ids[name]
        far = self.exchange.open_account(f"other side of the loss of {name}", at.HOUSE)
        price = self.ticks(PRICE)
        self.exchange.must(ImposedFill(a, 0, 1, price + self.units(amount), far))
        self.exchange.must(ImposedFill(a, 0, -1, price, far))

    def settle(self) -> list[Event]:
        """Let the engine look at everybody."""
        self.now_us += 1
        self.exchange.must(Clock(self.now_us))
        return self.happened()

    def index(self, column: int) -> Fraction:
        """Return a funding index of socialised loss in money per unit of size."""
        rules = int(self.exchange.state.markets[at.M_RULES])
        scale = int(self.exchange.state.rules[rules + at.R_SHARED_INDEX_SCALE])
        lot = Fraction(self.contracts[0].scale.lot_size)
        return Fraction(self.exchange.price(0, column), scale) * self.unit / lot


def resolve_perp_bankruptcy(inputs: Mapping[str, Any]) -> object:
    """Return what a debt does to the index, to a long and to a short."""
    long, short = inputs["other_long"], inputs["other_short"]
    venue = Debt(*PER_POSITION)
    venue.give("fund", Fraction(Decimal(inputs["insurance_fund_vault_balance"])))
    for name, position in (("long", long), ("short", short)):
        venue.account(name, RICH)
        venue.enter(name, Decimal(position["base_asset_amount"]), _entry(position))
    before = {name: venue.quote(name) for name in ("long", "short")}
    venue.account("debtor")
    debt = -Fraction(Decimal(inputs["bankrupt_user"]["quote_asset_amount"]))
    venue.owe("debtor", debt)
    events = [*venue.happened(), *venue.settle()]
    paid = sum((venue.money_of(x["amount_quote"]) for x in only(events, "FundPaid")), Fraction(0))
    shared = sum((venue.money_of(x["socialised_loss_quote"]) for x in only(events, "LossSocialised")), Fraction(0))
    said: dict[str, Any] = {
        "insurance_payment": paid,
        "fee_pool_after": Fraction(Decimal(inputs["amm_fee_pool"])),
        "market_total_social_loss": shared,
        "user_quote_after": venue.quote("debtor"),
        "user_total_social_loss": sum(venue.money_of(x["deficit_quote"]) for x in only(events, "DeficitRealised")),
    }
    indices = {"long": at.M_SHARED_LONG, "short": at.M_SHARED_SHORT}
    for name, position in (("long", long), ("short", short)):
        index = Fraction(Decimal(inputs[f"cumulative_funding_rate_{name}"])) + venue.index(indices[name])
        said[f"cumulative_funding_rate_{name}"] = index
        moved = venue.quote(name) - before[name]
        said[f"{name}_after"] = {
            **position,
            "base_asset_amount": venue.size(name),
            "quote_asset_amount": Fraction(Decimal(position["quote_asset_amount"])) + moved,
            "quote_break_even_amount": Fraction(Decimal(position["quote_break_even_amount"])) + moved,
            "quote_entry_amount": -venue.money_of(venue.exchange.position(venue.ids[name], 0)[1]),
            "last_cumulative_funding_rate": index,
        }
    return said


def _entry(position: Mapping[str, Any]) -> Fraction:
    return abs(Fraction(Decimal(position["quote_entry_amount"])) / Fraction(Decimal(position["base_asset_amount"])))


def funding_delta(inputs: Mapping[str, Any]) -> object:
    """Return by how much the index rises for a loss: per unit of size, rounded up to a millionth of a dollar."""
    venue = Debt(*PER_POSITION)
    for side in ("long", "short"):
        venue.account(side, RICH)
        venue.enter(side, Decimal(inputs[f"base_asset_amount_{side}"]), PRICE)
    venue.account("debtor")
    venue.owe("debtor", -Fraction(Decimal(inputs["loss"])))
    venue.settle()
    return {"cumulative_funding_rate_delta": venue.index(at.M_SHARED_LONG)}


def _shared_by_deposits(debt: Fraction, deposits: Fraction, fund: Fraction) -> tuple[Fraction, Fraction, list[Event]]:
    """Return (deposits after a debt, what the debtor owes then, events)."""
    venue = Debt("waterfall=fund,socialise", "socialise.base=deposit")
    venue.give("fund", fund)
    venue.account("depositor", deposits)
    venue.account("debtor")
    venue.owe("debtor", debt)
    events = [*venue.happened(), *venue.settle()]
    return venue.cash("depositor"), -venue.cash("debtor"), events


def deposit_delta(inputs: Mapping[str, Any]) -> object:
    """Return by how much the index of deposits falls."""
    deposits = Fraction(Decimal(inputs["deposit_balance"]))
    after, _, _ = _shared_by_deposits(Fraction(Decimal(inputs["loss"])), deposits, Fraction(0))
    index = Fraction(Decimal(inputs["cumulative_deposit_interest"]))
    return {"delta": index * (deposits - after) / deposits if deposits else deposits - after}


def resolve_spot_bankruptcy(inputs: Mapping[str, Any]) -> object:
    """Return what a borrower's debt does to everybody's deposits."""
    deposits, fund = (Fraction(Decimal(inputs[x])) for x in ("total_deposits", "insurance_fund_vault_balance"))
    after, owed, events = _shared_by_deposits(Fraction(Decimal(inputs["user_borrow"])), deposits, fund)
    shared = sum(x["socialised_loss_quote"] for x in only(events, "LossSocialised"))
    total = sum(x["deficit_quote"] for x in only(events, "DeficitRealised"))
    index = Fraction(Decimal(inputs["cumulative_deposit_interest"]))
    return {
        "insurance_payment": Fraction(sum(x["amount_quote"] for x in only(events, "FundPaid")), 10**6),
        "cumulative_deposit_interest": index * after / deposits,
        "total_deposits_after": after,
        "total_borrows_after": Fraction(Decimal(inputs["total_borrows"]))
        - Fraction(Decimal(inputs["user_borrow"]))
        + owed,
        "market_total_social_loss": Fraction(shared, 10**6),
        "user_total_social_loss": Fraction(total, 10**6),
    }


def pnl_then_bankruptcy(inputs: Mapping[str, Any]) -> object:
    """Sell the collateral behind a debt at the liquidator's discount, then share what is left.

    The collateral is a token worth one dollar less the discount; who buys it is the venue's converter.
    """
    if inputs["open_base_short"] != "0" or Decimal(inputs["position_base"]) != 0:
        raise Unsupported("inputs-leave-it-open")
    venue = Debt(*PER_POSITION, tokens=("USDC",))
    venue.give("fund", Fraction(Decimal(inputs["insurance_fund_vault_balance"])))
    venue.account("long", RICH)
    venue.enter("long", Decimal(inputs["open_base_long"]), PRICE)
    venue.token_price("USDC", 1 - Decimal(inputs["perp_liquidator_fee"]))
    venue.account("debtor")
    collateral = Decimal(inputs["isolated_collateral_usdc"])
    venue.bring("debtor", "USDC", collateral)
    bought = venue.cash("converter USDC")
    venue.owe("debtor", -Fraction(Decimal(inputs["position_quote"])))
    events = [*venue.happened(), *venue.settle()]
    owed = [venue.money_of(x["deficit_quote"]) for x in only(events, "DeficitRealised", venue.ids["debtor"])]
    start = Fraction(Decimal(inputs["liquidator_deposit_usdc"]))
    fees = only(events, "FundReceived")
    return {
        "after_pnl_transfer": {
            "isolated_collateral_usdc": venue.tokens("debtor", "USDC"),
            "position_quote": -owed[0],
            "bankrupt": bool(owed),
            "liquidator_deposit_usdc": start + Fraction(collateral) - venue.tokens("debtor", "USDC"),
            "liquidator_quote": venue.cash("converter USDC") - bought,
            "total_liquidation_fee": len(fees),
        },
        "after_resolve_bankruptcy": {"position_quote": venue.cash("debtor"), "bankrupt": venue.cash("debtor") < 0},
    }


def is_bankrupt(inputs: Mapping[str, Any]) -> object:
    """Say whether the layers are asked for what an account owes: it has debts, and neither assets nor positions."""
    venue = Debt("waterfall=")
    user = inputs["user"]
    venue.account("user", Fraction(10) if user.get("perp_quote") == "positive" else Fraction(0))
    if user.get("perp_quote") == "negative" or user.get("spot") == "borrow":
        venue.owe("user", Fraction(10))
    events = [*venue.happened(), *venue.settle()]
    return {"bankrupt": bool(only(events, "DeficitRealised", venue.ids["user"]))}


KINDS: Mapping[str, Callable[[Mapping[str, Any]], object]] = {
    "resolve_perp_bankruptcy": resolve_perp_bankruptcy,
    "funding_delta_for_social_loss": funding_delta,
    "deposit_interest_delta_for_social_loss": deposit_delta,
    "resolve_spot_bankruptcy": resolve_spot_bankruptcy,
    "isolated_pnl_then_bankruptcy": pnl_then_bankruptcy,
    "is_bankrupt": is_bankrupt,
}
