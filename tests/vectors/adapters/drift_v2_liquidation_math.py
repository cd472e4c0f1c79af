"""Drift v2: what heals, what it costs, how fast it may go, and the shares of a staked fund.

Prices are stated in dollars: oracle times the price of the quote asset. The chain rounds an amount of base down to a billionth.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from shortfall.errors import ensure
from shortfall.kernels import layout as at
from shortfall.model.commands import Clock, Deposit, IndexTick, Liquidate, Withdraw
from shortfall.model.contract import bounded_contract
from shortfall.model.stakes import CancelUnstake, RequestUnstake, Stake, Unstake
from shortfall.units import Asset, Scale

from .drift_v2_venue import SLOT_US, percent
from .outcome import Unsupported
from .scales import Wanted
from .venue import Listing, Venue, only, rules_with, tier

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

BILLIONTH: Final = Fraction(1, 10**9)
STATED: Final = ("waterfall=", "close.style=liquidator", "close.surplus=trader")
START: Final = Decimal(100)
SHARES: Final = 10**6
DAY_US: Final = 86_400_000_000


def answer(kind: str, inputs: Mapping[str, Any]) -> object:
    """Answer a case."""
    return KINDS.get(kind, _unknown)(inputs)


def _unknown(_inputs: Mapping[str, Any]) -> object:
    raise Unsupported("kind-without-an-adapter")


class Short(Venue):
    """A venue where one account is short of its margin by a stated amount once the price is the stated one."""

    def __init__(self, rate: Decimal, lot: int, *words: str) -> None:
        scale = Scale(Decimal(1), Decimal(1).scaleb(-lot), Asset("USD", lot))
        contract = bounded_contract("PERP", scale, 1 << 10)
        wanted = Wanted("PERP", (START,), (Decimal(1),))
        super().__init__(
            [Listing(wanted, rules_with([tier(rate)], *STATED, *words))], Fraction(100), scales=(contract,)
        )
        self.rate: Final = rate
        self.tick(START)

    def hold(self, size: Decimal, price: Decimal, shortage: Decimal) -> None:
        """Enter at the price at which the account lacks `shortage`; a debt is a worse price of entry."""
        self.account("user")
        self.account("liquidator", Fraction(2**50, 10 ** self.contracts[0].scale.settlement.exponent))
        if size == 0:
            return
        equity = Fraction(self.rate * price * size - shortage)
        entry = price or START
        if equity < 0:
            steps = -(equity // Fraction(size))
            entry += int(steps)
            equity += steps * Fraction(size)
        self.enter("user", size, entry)
        self.give("user", equity)

    def reach(self, price: Decimal) -> list[Any]:
        """Give the price; one that is not valid is refused, and nobody is liquidated by it."""
        self.now_us += 1
        self.exchange.submit(IndexTick(0, self.ticks(price), self.now_us))
        return self.happened()


def base_to_transfer(inputs: Mapping[str, Any]) -> object:
    """Return the size that makes up the shortage."""
    price = Decimal(inputs["oracle_price"]) * Decimal(inputs["quote_oracle_price"])
    words = (
        "amount.method=heal", f"liquidator.fee={percent(inputs['liquidator_fee'])}",
        f"close.liquidation_fee={percent(inputs['if_fee'])}",
    )  # fmt: skip
    venue = Short(Decimal(inputs["maintenance_margin_ratio"]), 11, *words)
    venue.hold(Decimal(2), price, Decimal(inputs["margin_shortage_usd"]))
    took = only(venue.reach(price), "LiquidatorTook")
    return {"base_to_transfer": venue.size_of(took[0]["lots"]) // BILLIONTH * BILLIONTH}


def fund_fee(inputs: Mapping[str, Any]) -> object:
    """Return the fund's fee as a share of what is closed: nothing where nothing can be."""
    price = Decimal(inputs["oracle_price"]) * Decimal(inputs["quote_oracle_price"])
    words = (
        f"liquidator.fee={percent(inputs['liquidator_fee'])}", f"close.liquidation_fee={percent(inputs['max_if_fee'])}",
        "liquidator.fund_fee=spare",
    )  # fmt: skip
    venue = Short(Decimal(inputs["margin_ratio_with_buffer"]), 8, *words)
    size = Decimal(inputs["position_base"])
    venue.hold(size, price, Decimal(inputs["margin_shortage_usd"]))
    paid = only(venue.reach(price), "FundReceived")
    return {"if_fee": venue.money_of(paid[0]["amount_quote"]) / Fraction(size * price) if paid else Fraction(0)}


def liquidator_fee(inputs: Mapping[str, Any]) -> object:
    """Return the liquidator's fee of an account that has waited."""
    words = (
        "liquidator.who=caller", f"liquidator.fee={percent(inputs['base_fee'])}", f"liquidator.fee_most={percent(inputs['max_fee'])}",
        f"liquidator.fee_wait={1500 * SLOT_US}us", f"liquidator.fee_step={SLOT_US}us",
    )  # fmt: skip
    venue = Short(Decimal("0.05"), 4, *words)
    venue.hold(Decimal(1), START, Decimal(1))
    venue.reach(START)
    venue.now_us += (inputs["slot"] - inputs["last_active_slot"]) * SLOT_US
    venue.exchange.must(Clock(venue.now_us))
    venue.exchange.must(Liquidate(venue.ids["liquidator"], venue.ids["user"], 0, 1))
    return {"liquidator_fee": Fraction(only(venue.happened(), "LiquidatorPaid")[0]["rate_ppm"], 10**6)}


def share_allowed(inputs: Mapping[str, Any]) -> object:
    """Return the share of what heals that may go after the stated slots."""
    if Decimal(inputs["margin_already_freed"]) != 0:
        raise Unsupported("inputs-leave-it-open")
    ramp = (
        f"healing.initial_share={percent(inputs['initial_pct'])}",
        f"healing.duration={inputs['liquidation_duration_slots'] * SLOT_US}us", "healing.small_shortage=50",
    )  # fmt: skip
    lots = []
    for words in ((), ramp):
        venue = Short(Decimal("0.05"), 4, "amount.method=heal", "liquidator.who=caller", *words)
        venue.hold(Decimal(100), START, Decimal(inputs["margin_shortage_usd"]))
        venue.reach(START)
        venue.now_us += (inputs["slot"] - inputs["last_active_slot"]) * SLOT_US
        venue.exchange.must(Clock(venue.now_us))
        call = Liquidate(venue.ids["liquidator"], venue.ids["user"], 0, 100 * 10**4)
        lots.append(max(0, venue.exchange.submit(call)))
    return {"max_pct": Fraction(lots[1], lots[0])}


# -- stakers ----------------------------------------------------------------------------------------------------------------


class Staked(Venue):
    """A staked fund in the chain's unit, with stakers who can afford everything."""

    def __init__(self) -> None:
        scale = Scale(Decimal(1), Decimal(1), Asset("USD", 6))
        contract = bounded_contract("PERP", scale, 1 << 10)
        wanted = Wanted("PERP", (START,), (Decimal(1),))
        super().__init__([Listing(wanted, rules_with([tier(Decimal("0.05"))]))], Fraction(100), scales=(contract,))
        self.tick(START)
        self.fund: Final = self.ids["fund"]
        for name in ("staker", "others"):
            self.account(name, Fraction(1 << 58, 10**6))

    def stake(self, name: str, amount: int) -> None:
        """Stake raw units."""
        self.exchange.must(Stake(self.ids[name], self.fund, amount))

    def change_cash(self, to: int) -> None:
        """Let the fund gain or lose."""
        gain = to - self.exchange.balance(self.fund)
        if gain:
            self.exchange.must(Deposit(self.fund, gain) if gain > 0 else Withdraw(self.fund, -gain))

    def stake_of(self, name: str, column: int) -> int:
        """Return a column of a staker's row."""
        rows = self.exchange.state.stakes
        for k in range(int(self.exchange.state.header[at.H_STAKES])):
            r = k << at.ROW
            if int(rows[r + at.K_ACCOUNT]) == self.ids[name] and int(rows[r + at.K_FUND]) == self.fund:
                return int(rows[r + column])
        return 0

    def ask_and_take(self, name: str, shares: int) -> int:
        """Ask shares back, wait, take them out; returns what came."""
        before = self.exchange.balance(self.ids[name])
        self.exchange.must(RequestUnstake(self.ids[name], self.fund, shares))
        self.now_us += 13 * DAY_US
        self.exchange.must(Clock(self.now_us))
        self.exchange.must(Unstake(self.ids[name], self.fund))
        return self.exchange.balance(self.ids[name]) - before


def rebase_info(inputs: Mapping[str, Any]) -> object:
    """Return by what a fund's shares are divided, and how many decimals that is: asked with the next stake."""
    venue = Staked()
    venue.stake("staker", inputs["total_if_shares"])
    venue.change_cash(inputs["vault_balance_raw"])
    venue.happened()
    venue.stake("others", 1)
    rebased = only(venue.happened(), "FundRebased")
    return {
        "rebase_div": rebased[0]["divisor"] if rebased else 1,
        "expo_diff": rebased[0]["decimals"] if rebased else 0,
    }


def _raw(amount: str) -> int:
    return int(Decimal(amount).scaleb(6))


def shares_lost(inputs: Mapping[str, Any]) -> object:
    """Return the shares that a staker loses who stays after all.

    The fund is led to where the request was worth what is stated, back to one unit a share, then to the stated cash and shares.
    """
    cash, total = _raw(inputs["vault_balance"]), _raw(inputs["total_shares"])
    shares, value = _raw(inputs["requested_shares"]), _raw(inputs["requested_value"])
    first = min(total, 10 * shares)
    venue = Staked()
    venue.stake("staker", shares)
    venue.stake("others", first - shares)
    venue.change_cash(-(-value * first // shares))
    venue.exchange.must(RequestUnstake(venue.ids["staker"], venue.fund, shares))
    asked = only(venue.happened(), "UnstakeAsked")[-1]
    ensure(asked["amount_quote"] == value, "a request is worth what is stated", stated=value, was=asked["amount_quote"])
    venue.change_cash(first)
    if total > first:
        venue.stake("others", total - first)
    venue.change_cash(cash)
    venue.happened()
    venue.exchange.must(CancelUnstake(venue.ids["staker"], venue.fund))
    return {"shares_lost": Fraction(only(venue.happened(), "UnstakeAsked")[-1]["lost_shares"], SHARES)}


def stake_sequence(inputs: Mapping[str, Any]) -> object:
    """Play stakes, losses and shares taken out; return what came, what is left, and what dust stays."""
    venue = Staked()
    came, left = [], []
    for step in inputs["steps"]:
        if "stake" in step:
            venue.stake("staker", _raw(step["stake"]))
        elif "vault_loss_raw" in step:
            venue.change_cash(venue.exchange.balance(venue.fund) - step["vault_loss_raw"])
        else:
            wanted = step.get("unstake_shares_raw", inputs["n_shares_raw"] // 3)
            came.append(venue.ask_and_take("staker", wanted))
            left.append(venue.stake_of("staker", at.K_SHARES))
    return {
        "amount_returned_raw": came,
        "shares_after_raw": left,
        "vault_dust_raw": venue.exchange.balance(venue.fund),
        "cost_basis_after_raw": venue.stake_of("staker", at.K_COST),
    }


KINDS: Mapping[str, Callable[[Mapping[str, Any]], object]] = {
    "calculate_base_asset_amount_to_cover_margin_shortage": base_to_transfer,
    "calculate_perp_if_fee": fund_fee,
    "get_liquidation_fee": liquidator_fee,
    "calculate_max_pct_to_liquidate": share_allowed,
    "calculate_rebase_info": rebase_info,
    "if_shares_lost_on_cancel_unstake": shares_lost,
    "if_stake_sequence": stake_sequence,
}
