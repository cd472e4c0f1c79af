"""Maintenance tiers, liquidation price and bankruptcy price, linear and inverse, as an account in an exchange shows them."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from shortfall.rules.ruleset import MarginTier

from .outcome import Figure
from .scales import Wanted
from .venue import Listing, Venue, only, ppm, rules_with, tier

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shortfall.rules.ruleset import RuleSet

ONE: Final = Decimal(1)
WHOLE: Final = Fraction(1)
STRICT: Final = Decimal("0.9")  # a maintenance rate at which every account is in liquidation at its entry
# initial and maintenance rate and their growth with each coin, as Deribit's page on linear perpetuals states them
GROWING: Final = {
    "BTC_USDC": (Decimal("0.02"), Decimal("0.01"), Decimal("0.00005")),
    "SOL_USDC": (Decimal("0.04"), Decimal("0.02"), Decimal("0.000005")),
}
QUEUED: Final = ("engine.delay=1h", "waterfall=", "unwinding.method=hold")
ENTRY_VALUE: Final = "margin.basis=entry"
AT_ONCE: Final = ("waterfall=", "close.style=bankruptcy")


def number(inputs: Mapping[str, Any], *names: str, default: Decimal | int | None = None) -> Decimal:
    """Return the first of several names that is stated, as a decimal."""
    for name in names:
        if name in inputs:
            return Decimal(str(inputs[name]))
    if default is None:
        raise KeyError(names)
    return Decimal(default)


def side_of(inputs: Mapping[str, Any]) -> int:
    """Return 1 for a long, -1 for a short."""
    return {"long": 1, "short": -1}[inputs.get("side", "long")]


# -- liquidation price --------------------------------------------------------------------------------------------------


def liquidation_price(inputs: Mapping[str, Any]) -> object:
    """Return the first price at which an isolated position fails; compared at the last decimal that is printed.

    Without a wallet the position stands on value / leverage.
    """
    entry = number(inputs, "ep", "open_rate", "entry")
    size = number(inputs, "q", "amount", default=1)
    fee = Decimal(0) if "extra_margin" in inputs else number(inputs, "taker", default=0)
    tiers = [tier(number(inputs, "mmr"), amount=number(inputs, "cum", "mm_deduction", default=0))]
    rules = rules_with(tiers, *QUEUED, f"margin.closing_fee={100 * fee}%")
    price = _first_failing(inputs, entry, size, _margin(inputs, entry, size), rules)
    return Figure(price.amount, price.step, None)


def _margin(inputs: Mapping[str, Any], entry: Decimal, size: Decimal) -> Fraction:
    """Return what stands behind a position: the wallet, or value / leverage.

    Margin that a Bybit user adds lowers the bankruptcy price and with it the closing fee that is set aside there, so the
    position gains added / (1 -/+ taker fee).
    """
    if "wallet" in inputs or "wallet_balance" in inputs:
        return Fraction(number(inputs, "wallet", "wallet_balance"))
    own = Fraction(entry * size) / Fraction(number(inputs, "leverage"))
    added = Fraction(number(inputs, "extra_margin", default=0))
    return own + added / (1 - side_of(inputs) * Fraction(number(inputs, "taker", default=0)))


def _first_failing(
    inputs: Mapping[str, Any], entry: Decimal, size: Decimal, margin: Fraction, rules: RuleSet
) -> Figure:
    sign = side_of(inputs)
    far = entry + Decimal(int(margin / Fraction(size)) + 1) if sign < 0 else entry
    wanted = Wanted("LINEAR", (entry, *_whole(far)), (size,))
    venue = Venue([Listing(wanted, rules)], 2 * margin)
    venue.tick(entry)
    venue.account("trader", margin)
    venue.enter("trader", sign * size, entry)
    return Figure(venue.first_failing_price("trader"), venue.tick_size())


def _whole(price: Decimal) -> tuple[Decimal, ...]:
    """Return a price that the scale has to reach, at no finer step than one."""
    return (price.to_integral_value(),)


def entry_value_liquidation_price(inputs: Mapping[str, Any]) -> object:
    """Return the first price at which an isolated position fails whose requirement stays at its value at entry. To one tick."""
    entry = number(inputs, "open_rate", "entry")
    rules = rules_with([tier(number(inputs, "mmr"))], *QUEUED, ENTRY_VALUE)
    price = _first_failing(inputs, entry, ONE, Fraction(entry) / Fraction(number(inputs, "leverage")), rules)
    return Figure(price.amount, price.step, None)


def entry_value_liquidation_and_fund(inputs: Mapping[str, Any]) -> object:
    """Return liquidation and bankruptcy price, and what the fund receives where the close fills above or below bankruptcy."""
    entry, size = number(inputs, "entry"), number(inputs, "btc")
    margin = Fraction(number(inputs, "margin"))
    tiers = [tier(number(inputs, "mmr"))]
    waiting = rules_with(tiers, *QUEUED, ENTRY_VALUE)
    failing = _first_failing(inputs, entry, size, margin, waiting)

    def closed(fill: Decimal) -> tuple[Venue, Fraction]:
        rules = rules_with(tiers, "waterfall=fund", "close.style=market", ENTRY_VALUE)
        venue = Venue([Listing(Wanted("LINEAR", (entry, fill), (size,)), rules)], 2 * margin)
        venue.tick(entry)
        venue.account("trader", margin)
        venue.enter("trader", side_of(inputs) * size, entry)
        venue.give("fund", margin)
        venue.rest(venue.maker(), side_of(inputs) * size, fill)
        return venue, _bankruptcy_at(venue, failing.amount)

    good, bankrupt = closed(number(inputs, "fill_good"))
    bad, _ = closed(number(inputs, "fill_bad"))
    return {
        "liq": failing,
        "bankruptcy": Figure(bankrupt, good.tick_size()),
        "fund_good": good.cash("fund") - margin,
        "fund_bad": bad.cash("fund") - margin,
    }


def inverse_liquidation_and_bankruptcy(inputs: Mapping[str, Any]) -> object:
    """Return value, margins, liquidation and bankruptcy price of an inverse position; prices to whole dollars, as printed."""
    entry, contracts = number(inputs, "entry"), number(inputs, "contracts")
    collateral = Fraction(number(inputs, "collateral_btc"))
    tiers = [tier(number(inputs, "mm"), initial=number(inputs, "im"))]
    sign = side_of(inputs)

    def entered(rules: RuleSet, cash: Fraction) -> Venue:
        return _inverse_position(entry, sign * contracts, cash, rules)

    waiting = entered(rules_with(tiers, *QUEUED), collateral)
    rich = entered(rules_with(tiers, *QUEUED), collateral + Fraction(contracts) / Fraction(entry))
    failing = entered(rules_with(tiers, *QUEUED), collateral).first_failing_price("trader")
    closing = entered(rules_with(tiers, *AT_ONCE), collateral)
    return {
        "position_btc": abs(waiting.quote("trader") - waiting.cash("trader")),
        "MM_btc": waiting.health("trader")[1],
        "IM_btc": rich.initial_margin("trader"),
        "liquidation": Figure(failing, waiting.tick_size(), WHOLE),
        "bankruptcy": Figure(_bankruptcy_at(closing, failing), closing.tick_size(), WHOLE),
    }


# -- bankruptcy price -----------------------------------------------------------------------------------------------------


def cross_bankruptcy_price(inputs: Mapping[str, Any]) -> object:
    """Return the price at which ADL closes a cross position: margin and wallet together stand behind it. To one tick."""
    entry, size, mark = (number(inputs, name) for name in ("entry", "size", "mark"))
    margin = Fraction(number(inputs, "position_margin") + number(inputs, "wallet_balance"))
    rules = rules_with([tier(STRICT)], "waterfall=adl", "close.style=bankruptcy")
    venue = Venue([Listing(Wanted("CROSS", (entry, mark), (size,)), rules)], 2 * margin)
    venue.tick(mark)
    venue.account("trader", margin)
    venue.enter("trader", side_of(inputs) * size, entry)
    taken = only(venue.tick(mark), "PositionTakenOver")[0]
    return Figure(venue.price_of(taken["takeover_price_ticks"]), venue.tick_size())


def linear_bankruptcy_price(inputs: Mapping[str, Any]) -> object:
    """Return the price at which value / leverage is used up. To one tick."""
    entry = number(inputs, "entry")
    margin = Fraction(entry) / Fraction(number(inputs, "leverage"))
    sign = side_of(inputs)
    venue = Venue([Listing(Wanted("LINEAR", (entry,), (ONE,)), rules_with([tier(STRICT)], *AT_ONCE))], 2 * margin)
    venue.tick(entry)
    venue.account("trader", margin)
    venue.enter("trader", sign * ONE, entry)
    return Figure(_bankruptcy_at(venue, Fraction(entry)), venue.tick_size())


def inverse_bankruptcy_price(inputs: Mapping[str, Any]) -> object:
    """Return the price at which an inverse position's margin is used up; at the last decimal that is printed."""
    entry = number(inputs, "entry")
    contracts = number(inputs, "contracts", default=int(entry * 100))
    own = Fraction(contracts) / Fraction(entry) / Fraction(number(inputs, "leverage"))
    margin = Fraction(number(inputs, "im_xbt")) if "im_xbt" in inputs else own
    venue = _inverse_position(entry, side_of(inputs) * contracts, margin, rules_with([tier(STRICT)], *AT_ONCE))
    return Figure(_bankruptcy_at(venue, Fraction(entry)), venue.tick_size(), None)


def _inverse_position(entry: Decimal, contracts: Decimal, cash: Fraction, rules: RuleSet) -> Venue:
    """Build a venue with one trader in an inverse contract of one dollar, at its entry price."""
    wanted = Wanted("INVERSE", (entry,), (contracts,), inverse=True)
    venue = Venue([Listing(wanted, rules)], 2 * cash)
    venue.tick(entry)
    venue.account("trader", cash)
    venue.enter("trader", contracts, entry)
    return venue


def _bankruptcy_at(venue: Venue, price: Fraction) -> Fraction:
    """Let the trader be liquidated at a price with nobody on the other side. Returns the bankruptcy price that is stated."""
    closed = only(venue.tick(price), "ClipClosed", venue.ids["trader"])
    return venue.price_of(closed[0]["bankruptcy_price_ticks"])


# -- tiers --------------------------------------------------------------------------------------------------------------------


def tiered_maintenance(inputs: Mapping[str, Any]) -> object:
    """Return the maintenance margin of a value under marginal brackets; exact."""
    worth = number(inputs, "position_value")
    tiers = [MarginTier(Decimal(str(top)), 1_000_000, ppm(Decimal(str(rate)))) for top, rate in inputs["tiers"]]
    return _health_at(worth, tiers)[1]


def margin_growing_with_size(inputs: Mapping[str, Any]) -> object:
    """Return initial and maintenance margin of two sizes under rates that grow with each coin; exact."""
    base, maintenance, growth = GROWING[inputs["pair"]]
    price = number(inputs, "index")
    sizes = [Decimal(str(size)) for size in inputs.get("sizes_btc", inputs.get("sizes"))]
    tiers = [tier(maintenance, initial=base)]
    margins = [_health_at(size, tiers, f"margin.growth={100 * growth}%", price=price) for size in sizes]
    return {"im": [asked for asked, _ in margins], f"mm_{sizes[0]}": margins[0][1]}


def _health_at(
    worth: Decimal, tiers: Sequence[MarginTier], *words: str, price: Decimal = ONE
) -> tuple[Fraction, Fraction]:
    """Return (initial, maintenance) margin of a size at a price (of a value at one); a lot is as large as the size needs."""
    venue = Venue([Listing(Wanted("LINEAR", (price,), (worth,)), rules_with(tiers, *QUEUED, *words))])
    venue.tick(price)
    venue.account("trader", worth * price)
    venue.enter("trader", worth, price)
    need = venue.health("trader")[1]
    return venue.initial_margin("trader"), need


def risk_limit_steps(inputs: Mapping[str, Any]) -> object:
    """Return the margin rates of a position under whole-position steps; exact."""
    base, step = number(inputs, "base_limit_xbt"), number(inputs, "step_xbt")
    initial, maintenance = number(inputs, "base_im"), number(inputs, "base_mm")
    worth = number(inputs, "position_xbt")
    steps = int(max(Decimal(0), worth - base) / step) + 2
    tiers = [
        MarginTier(base + k * step, ppm(initial + k * maintenance), ppm(maintenance + k * maintenance))
        for k in range(steps)
    ]
    asked, need = _health_at(worth, tiers, "margin.tiers=whole-position")
    return {"mm": need / Fraction(worth), "im": asked / Fraction(worth)}
