"""Percolator: profits as a junior claim, then the fund within its caps, then everybody's equity.

Unvested profit is the profit of open positions, what has vested and been paid in is cash. A crisis is one account that is flat and
owes what liabilities exceed assets by; the waterfall is the profits of open positions, the fund, then all cash.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from shortfall.kernels import layout as at
from shortfall.model.commands import Clock, Deposit, ImposedFill, IndexTick, Withdraw
from shortfall.model.contract import bounded_contract
from shortfall.units import Asset, Scale

from .outcome import Disagreement, Unsupported
from .scales import Wanted
from .venue import Listing, Venue, only, rules_with, tier

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from shortfall.model.events import Event

CRISIS: Final = (
    "waterfall=socialise,fund,haircut",
    "socialise.base=profit",
    "socialise.second_base=deposit",
)
PROFITS_ONLY: Final = ("waterfall=socialise", "socialise.base=profit")
DEPOSITS_LAST: Final = ("waterfall=socialise,haircut", "socialise.base=profit", "socialise.second_base=deposit")
DEPOSITS_FIRST: Final = ("waterfall=haircut,socialise", "socialise.base=profit", "socialise.second_base=deposit")
START: Final = 1 << 27
SECOND_US: Final = 1_000_000


def answer(kind: str, inputs: Mapping[str, Any]) -> object:
    """Answer a case."""
    return KINDS.get(kind, _unknown)(inputs)


def _unknown(_inputs: Mapping[str, Any]) -> object:
    raise Unsupported("kind-without-an-adapter")


class Vault(Venue):
    """A venue of whole units: one lot at one tick is one unit."""

    def __init__(self, *words: str) -> None:
        scale = Scale(Decimal(1), Decimal(1), Asset("USD", 0))
        contract = bounded_contract("PERP", scale, 1 << 28)
        wanted = Wanted("PERP", (Decimal(1),), (Decimal(1),))
        rules = rules_with([tier(Fraction(1, 1000))], "close.surplus=trader", "takeover.fund=no", *words)
        super().__init__([Listing(wanted, rules)], Fraction(1000), scales=(contract,))
        self.mark_at(START)

    def mark_at(self, price: int) -> list[Event]:
        """Give a mark."""
        self.now_us += SECOND_US
        self.exchange.must(IndexTick(0, price, self.now_us))
        return self.happened()

    def has(self, name: str, *, cash: int = 0, profit: int = 0) -> None:
        """Open an account with cash and with an open profit or loss of one lot."""
        self.exchange.open_account(name)
        a = self.ids[name]
        if cash > 0:
            self.exchange.must(Deposit(a, cash))
        if profit != 0:
            far = self.exchange.open_account(f"other side of {name}", at.HOUSE)
            self.exchange.must(ImposedFill(a, 0, 1, START - profit, far))

    def owes(self, amount: int) -> list[Event]:
        """Let an account be flat and in debt, and the layers be asked."""
        name = f"debtor {len(self.ids)}"
        a, far = self.exchange.open_account(name), self.exchange.open_account(f"other side of {name}", at.HOUSE)
        self.exchange.must(ImposedFill(a, 0, 1, START + amount, far))
        self.exchange.must(ImposedFill(a, 0, -1, START, far))
        self.now_us += 1
        self.exchange.must(Clock(self.now_us))
        return self.happened()

    def units_of(self, name: str) -> int:
        """Return the cash of an account."""
        return self.exchange.balance(self.ids[name])


def paid_by(events: Sequence[Event], layer: int) -> int:
    """Return what a layer of sharing collected."""
    total, now = 0, at.LAYER_SOCIALISE
    for event in events:
        if event.name == "SharingStarted":
            now = event["layer"]
        elif event.name == "LossSocialised" and now == layer:
            total += event["socialised_loss_quote"]
    return total


def crisis(inputs: Mapping[str, Any]) -> object:
    """Return who bears what liabilities exceed assets by."""
    principal, realised, unvested = (inputs[x] for x in ("principal", "realized_pnl", "unvested_pnl"))
    insurance = inputs["insurance"]
    gap = max(0, principal + realised + unvested - inputs["collateral"])
    venue = Vault(*CRISIS)
    if insurance:
        venue.exchange.must(Deposit(venue.ids["fund"], insurance))
    if unvested:
        venue.has("winner", profit=unvested)
    venue.has("depositors", cash=principal + realised)
    events = _asked(venue, gap)
    burned, equity = paid_by(events, at.LAYER_SOCIALISE), paid_by(events, at.LAYER_HAIRCUT)
    drawn = sum(x["amount_quote"] for x in only(events, "FundPaid"))
    after = venue.units_of("depositors")
    said = {
        "burned_unvested": burned,
        "insurance_draw": drawn,
        "equity_haircut_ratio": Fraction(equity, principal + realised),
        "solvent": not only(events, "ClaimUncovered"),
        "epoch": len(only(events, "DeficitRealised")),
        "unvested_after": unvested - burned,
        "insurance_after": venue.units_of("fund"),
        "principal_after": after * principal // (principal + realised),
        "realized_after": after * realised // (principal + realised),
        "deficit_after": sum(x["amount_quote"] for x in only(events, "ClaimUncovered")),
    }
    return Disagreement("fund-drawn-fills-the-hole", said) if drawn else said


def _asked(venue: Vault, gap: int) -> list[Event]:
    return venue.owes(gap) if gap else venue.happened()


def deficit(inputs: Mapping[str, Any]) -> object:
    """Return what liabilities exceed assets by: what the venue is asked for stays nothing where the ledger holds more."""
    venue = Vault(*CRISIS)
    venue.exchange.must(Deposit(venue.ids["fund"], inputs["insurance"]))
    venue.has("depositors", cash=inputs["principal"] + inputs["realized_pnl"])
    venue.has("winner", profit=inputs["unvested_pnl"])
    owed = sum(venue.exchange.health(venue.ids[x])[0] for x in ("depositors", "winner"))
    assets = inputs["collateral"] + venue.units_of("fund")
    missing = max(0, owed - assets)
    events = _asked(venue, missing)
    realised = sum(x["deficit_quote"] for x in only(events, "DeficitRealised"))
    return {"assets": assets, "liabilities": owed, "deficit": realised, "solvent": realised == 0}


def user_haircut(inputs: Mapping[str, Any]) -> object:
    """Return what a user keeps: of profit not vested by one scale, of profit and principal by the other, in the stated order."""
    user = inputs["user"]
    if "unvested_scale" in inputs:
        kept = Fraction(inputs["unvested_scale"])
        venue = Vault(*PROFITS_ONLY)
        venue.has("user", profit=user["unvested_pnl"])
        events = venue.owes(int(user["unvested_pnl"] * (1 - kept)))
        return {"unvested_pnl": user["unvested_pnl"] - paid_by(events, at.LAYER_SOCIALISE)}
    principal_first = inputs["burn_principal_first"]
    venue = Vault(*(DEPOSITS_FIRST if principal_first else DEPOSITS_LAST))
    venue.has("user", cash=user["principal"], profit=user["realized_pnl"])
    loss = int((user["principal"] + user["realized_pnl"]) * (1 - Fraction(inputs["equity_scale"])))
    events = venue.owes(loss)
    return {
        "realized_pnl": user["realized_pnl"] - paid_by(events, at.LAYER_SOCIALISE),
        "principal": user["principal"] - paid_by(events, at.LAYER_HAIRCUT),
    }


def bad_debt(inputs: Mapping[str, Any]) -> object:
    """Return what a fund with caps pays for each claim: an account of the stated notional that ends short of the stated debt."""
    caps = inputs["params"]
    payouts, uncovered = [], []
    venue = Vault(
        "waterfall=fund", "close.style=liquidator", f"fund.per_event={caps['max_payout_bps_of_event_notional'] * 100}ppm",
        f"fund.per_window={caps['max_daily_payout_bps_of_vault'] * 100}ppm", "fund.window=1d",
    )  # fmt: skip
    venue.exchange.must(Deposit(venue.ids["fund"], inputs["vault"]))
    for number, claim in enumerate(inputs["claims"]):
        name = f"debtor {number}"
        venue.exchange.open_account(name)
        far = venue.exchange.open_account(f"other side of {name}", at.HOUSE)
        lots, debt = claim["event_notional"], claim["bad_debt"]
        steps, rest = divmod(lots, debt)
        if rest:
            raise Unsupported("price-span")
        venue.mark_at(steps)
        lots = debt  # at a mark of `steps` these lots are the notional, and one tick of them is the debt
        venue.exchange.must(ImposedFill(venue.ids[name], 0, lots, steps + 1, far))
        venue.now_us += 1
        venue.exchange.must(Clock(venue.now_us))
        events = venue.happened()
        payouts.append(sum(x["amount_quote"] for x in only(events, "FundPaid")))
        uncovered.append(sum(x["amount_quote"] for x in only(events, "ClaimUncovered")))
    return {
        "payouts": payouts,
        "uncovered": uncovered,
        "vault_after": venue.units_of("fund"),
        "total_uncovered": sum(uncovered),
    }


def withdraw_surplus(inputs: Mapping[str, Any]) -> object:
    """Say whether the fund's owner may take money out, and what is left."""
    if inputs["uncovered"]:
        raise Unsupported("inputs-leave-it-open")
    venue = Vault("waterfall=fund")
    venue.exchange.must(Deposit(venue.ids["fund"], inputs["vault"]))
    done = venue.exchange.submit(Withdraw(venue.ids["fund"], inputs["amount"]))
    return {"ok": done >= 0, "vault_after": venue.units_of("fund")}


def _kept(shortfall: int, profits: int, most_bps: int) -> Fraction:
    venue = Vault(*PROFITS_ONLY, f"socialise.max_haircut={most_bps * 100}ppm")
    if profits:
        venue.has("winners", profit=profits)
    events = venue.owes(shortfall)
    return 1 - Fraction(paid_by(events, at.LAYER_SOCIALISE), profits) if profits else Fraction(1)


def haircut_fraction(inputs: Mapping[str, Any]) -> object:
    """Return the share of every profit that is kept, and what it leaves to a user."""
    kept = _kept(inputs["shortfall"], inputs["total_positive_pnl"], inputs["max_haircut_bps"])
    said: dict[str, Any] = {"keep_fraction": kept}
    user = inputs.get("user")
    if user is not None:
        said["pnl"] = _after_haircuts(user["pnl"], [kept])[-1]
        said["vested"] = _after_haircuts(user["vested"], [kept])[-1]
    return said


def _after_haircuts(profit: int, kept: Sequence[Fraction]) -> list[int]:
    """Return a profit after each of several losses that are shared among profits; a loss is no base and stays as it is."""
    venue = Vault(*PROFITS_ONLY)
    venue.has("user", profit=profit, cash=max(0, -profit) * 2)
    left, path = profit, []
    for share in kept:
        loss = int(left * (1 - share)) if left > 0 else 1
        events = venue.owes(loss) if loss else []
        left -= sum(x["socialised_loss_quote"] for x in only(events, "LossSocialised", venue.ids["user"]))
        path.append(left)
    return path


def haircut_path(inputs: Mapping[str, Any]) -> object:
    """Return a user's profit along a path of the index of what is kept."""
    before, steps = Fraction(1), []
    for index in inputs["index_path"]:
        steps.append(Fraction(Decimal(index)) / before)
        before = Fraction(Decimal(index))
    user = inputs["user"]
    path = _after_haircuts(user["pnl"], steps)
    vested = _after_haircuts(user["vested"], steps) if user["vested"] > 0 else [path[-1]]
    return {"pnl_path": path, "pnl": path[-1], "vested": min(vested[-1], path[-1])}


def accrual(_inputs: Mapping[str, Any]) -> object:
    """Say what is missing."""
    raise Unsupported("fund-fed-by-trading-fees")


KINDS: Mapping[str, Callable[[Mapping[str, Any]], object]] = {
    "crisis_waterfall": crisis,
    "deficit": deficit,
    "user_haircut": user_haircut,
    "fund_accrual": accrual,
    "fund_bad_debt": bad_debt,
    "fund_withdraw_surplus": withdraw_surplus,
    "profit_haircut_fraction": haircut_fraction,
    "profit_haircut_apply": haircut_path,
}
