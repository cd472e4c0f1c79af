"""Who pays: the fund's sign, the provider's capacity, the ADL queue and its price, the clawback."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from .cex_margin import STRICT, number, side_of
from .outcome import Figure, Unsupported
from .scales import Wanted
from .venue import Listing, Venue, only, rules_with, tier

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shortfall.model.events import Event

ONE: Final = Decimal(1)
RANK_STEPS: Final = 1 << 20
QUINTILE: Final = 20
STRICT_TIER: Final = tier(STRICT)


def fund_sign(inputs: Mapping[str, Any]) -> object:
    """Say, for each stated bankruptcy price, whether the fund pays or receives when the close is at the stated price."""
    bankruptcies = {name.removesuffix("_bankr"): inputs[name] for name in inputs if name.endswith("_bankr")}
    fill, mark, sign = number(inputs, "exec"), number(inputs, "liq"), side_of(inputs)
    words = {}
    for name, price in bankruptcies.items():
        change = _fund_change(mark, Decimal(str(price)), fill, sign)
        words[name] = "fund pays" if change < 0 else "fund receives"
    return words


def _fund_change(mark: Decimal, bankruptcy: Decimal, fill: Decimal, sign: int) -> Fraction:
    """Return what a fund gains by closing one lot at a price, for an account with a bankruptcy price."""
    rules = rules_with([STRICT_TIER], "waterfall=fund", "close.style=market", "takeover.fund=no")
    venue = Venue([Listing(Wanted("LINEAR", (mark, bankruptcy, fill), (ONE,)), rules)])
    venue.tick(mark)
    venue.account("trader", sign * (mark - bankruptcy))
    venue.enter("trader", sign * ONE, mark)
    venue.give("fund", venue.money / 2)
    venue.rest(venue.maker(), sign * ONE, fill)
    before = venue.cash("fund")
    venue.tick(mark)
    return venue.cash("fund") - before


def adl_queue(inputs: Mapping[str, Any]) -> object:
    """Return order, fills, price and what is left of the positions in a queue with given scores; exact.

    A score is made a rank by an entry price: under `adl.rank=profit` a long that entered at price / (1 + score %) has that
    profit share. The whole order is read from a batch that needs everybody; the lamps are the order's cumulative share.
    """
    longs = [(str(name), Decimal(str(size)), Decimal(str(score))) for name, size, score in inputs["longs"]]
    price = number(inputs, "bankruptcy")
    total = sum((size for _, size, _ in longs), Decimal(0))
    venue, cuts = _adl_batch(longs, price, number(inputs, "short_liquidated_qty"))
    everybody, every_cut = _adl_batch(longs, price, total)
    order = [_name(everybody, cut) for cut in every_cut]
    said: dict[str, object] = {f"account{name}_left": venue.size(name) for name, _, _ in longs}
    return said | {
        "order": order,
        "percentile": _lamps(order, {name: size for name, size, _ in longs}),
        "closed": {_name(venue, cut): -venue.size_of(cut["lots"]) for cut in cuts},
        "price": venue.price_of(cuts[0]["adl_price_ticks"]),
    }


def _adl_batch(
    longs: Sequence[tuple[str, Decimal, Decimal]], price: Decimal, size: Decimal
) -> tuple[Venue, list[Event]]:
    """Liquidate a short at its bankruptcy price with nothing but ADL behind it. Returns the venue and the cuts in order."""
    rules = rules_with([STRICT_TIER], "waterfall=adl", "close.style=bankruptcy", "adl.rank=profit")
    sizes = (*(held for _, held, _ in longs), size)
    venue = Venue([Listing(Wanted("QUEUE", (price,), sizes), rules)])
    venue.tick(price)
    for name, held, score in longs:
        venue.account(name, 2 * held * price)
        venue.enter(name, held, Fraction(price) / (1 + Fraction(score) / 100))
    venue.account("short", size)
    venue.enter("short", -size, price - ONE)
    return venue, only(venue.tick(price), "PositionDeleveraged")


def _name(venue: Venue, event: Event) -> str:
    return venue.exchange.names.accounts[event.account]


def _lamps(order: Sequence[str], sizes: Mapping[str, Decimal]) -> list[int]:
    """Return the cumulative share of the queue, rounded up to fifths, in per cent."""
    total = sum(sizes.values())
    shares = [sum(sizes[name] for name in order[: k + 1]) / total for k in range(len(order))]
    return [QUINTILE * math.ceil(100 * share / QUINTILE) for share in shares]


def adl_return_rate(inputs: Mapping[str, Any]) -> object:
    """Return the profit share by which each winner is ranked, read from its cut; to four decimals, as printed."""
    return {name: _return_rate(position) for name, position in inputs.items()}


def _return_rate(position: Mapping[str, Any]) -> Figure:
    entry, mark, size = (number(position, name) for name in ("entry", "mark", "qty"))
    rules = rules_with([STRICT_TIER], "waterfall=adl", "close.style=bankruptcy", "adl.rank=profit")
    wanted = Wanted("RETURN", (entry, mark), (size,), contract_value=number(position, "mult"))
    venue = Venue([Listing(wanted, rules)])
    venue.tick(mark)
    venue.account("winner", venue.money / 2)
    venue.enter("winner", size, entry)
    venue.account("loser", Fraction(0))
    venue.enter("loser", -size, mark)
    cut = only(venue.tick(mark), "PositionDeleveraged")[0]
    return Figure(Fraction(cut["adl_rank"] - 1, RANK_STEPS), Fraction(1, RANK_STEPS), None)


def adl_at_empty_pool(inputs: Mapping[str, Any]) -> object:
    """Say whether ADL starts with the stated pool, and whether the smallest pool above nothing stops it."""
    stops = not _adl_starts(Decimal("0.01"))
    return {
        "triggered": _adl_starts(number(inputs, "balance")),
        "stop": "balance > 0" if stops else "balance above something more",
    }


def _adl_starts(balance: Decimal) -> bool:
    """Liquidate a long at its bankruptcy price beside a pool; say whether it is deleveraged."""
    rules = rules_with([STRICT_TIER], "waterfall=pool,adl", "close.style=bankruptcy", "takeover.pool_capacity=0")
    venue = Venue([Listing(Wanted("POOLED", (ONE,), (ONE,)), rules, fund=None, pool="pool")])
    venue.tick(ONE)
    venue.give("pool", max(balance, Decimal(0)))
    venue.account("short", venue.money / 2)
    venue.enter("short", -ONE, ONE)
    venue.account("long")
    venue.enter("long", ONE, ONE)
    return bool(only(venue.tick(ONE), "PositionDeleveraged"))


def clawback(inputs: Mapping[str, Any]) -> object:
    """Return the winner's gain, the loser's margin and what is missing after it; exact.

    The loser is closed a second after the fall, so that the gain is read before anybody pays for it.
    """
    before, after = number(inputs, "price_from"), number(inputs, "price_to")
    size = number(inputs, "contracts") / before
    margin = number(inputs, "margin_each")
    if before * size != margin * number(inputs, "leverage"):
        raise Unsupported("inputs-leave-it-open")
    rules = rules_with(
        [tier(Decimal("0.01"))], "waterfall=socialise", "close.style=market", "engine.delay=1s", "takeover.fund=no"
    )
    venue = Venue([Listing(Wanted("CLAWED", (before, after), (size,)), rules)])
    venue.tick(before)
    for name, sign in (("winner", -1), ("loser", 1)):
        venue.account(name, margin)
        venue.enter(name, sign * size, before)
    venue.rest(venue.maker(), size, after)
    venue.tick(after)
    gain = venue.health("winner")[0] - Fraction(margin)
    short = only(venue.wait(), "DeficitRealised", venue.ids["loser"])[0]
    return {"winner_gain": gain, "loser_margin": Fraction(margin), "shortfall": venue.money_of(short["deficit_quote"])}


def provider_capacity(inputs: Mapping[str, Any]) -> object:
    """Return the notional that a liquidity provider takes over when far more is offered; exact.

    The provider is the backstop with a capacity as a share of its cash and a leverage of twice its equity.
    """
    equity, share = number(inputs, "equity"), number(inputs, "tier1_pct")
    offered = 4 * equity
    rules = rules_with(
        [STRICT_TIER], "waterfall=backstop", "close.style=bankruptcy", f"takeover.backstop_capacity={share}%",
        "takeover.leverage=200%",
    )  # fmt: skip
    venue = Venue([Listing(Wanted("OFFERED", (ONE,), (offered,)), rules, fund=None, backstop="provider")])
    venue.tick(ONE)
    venue.give("provider", equity)
    venue.account("trader")
    venue.enter("trader", offered, ONE)
    taken = only(venue.tick(ONE), "PositionTakenOver")
    return sum((venue.money_of(event["amount_quote"]) for event in taken), Fraction(0))
