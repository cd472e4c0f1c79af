"""When winners stand before a fund: drawdown of a contract against its pool, a threshold below a mean; the older score."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from shortfall.kernels import layout as at
from shortfall.model.history import HolderHistory

from .cex_layers import RANK_STEPS, STRICT_TIER
from .cex_margin import number
from .outcome import Figure
from .scales import Wanted
from .venue import Listing, Venue, only, ppm, rules_with, tier

if TYPE_CHECKING:
    from collections.abc import Mapping

ONE: Final = Decimal(1)
TWO: Final = Decimal(2)
POOLED: Final = ("waterfall=pool,adl", "close.style=bankruptcy", "takeover.pool_capacity=0", "adl.watches=pool")


class Pooled:
    """A contract that draws on a pool: gains and losses of the pool are closes above and takeovers below bankruptcy."""

    def __init__(self, pool: Decimal, most: Decimal, *words: str) -> None:
        wanted = Wanted("A", (TWO,), (8 * most,))
        rules = rules_with([STRICT_TIER], *POOLED, *words)
        self.venue: Final = Venue([Listing(wanted, rules, fund=None, pool="pool")])
        self.venue.give("pool", pool)
        self.venue.tick(TWO)
        self.venue.account("winner", self.venue.money / 4)
        self.maker: Final = self.venue.maker()
        self.events: Final = self.venue.wait()
        self.count = 0

    def gain(self, amount: Decimal) -> None:
        """Close an account in the book at mark that leaves a surplus."""
        self.count += 1
        name, mark = f"gain {self.count}", Decimal(int(self.venue.mark()))
        self.venue.account(name, amount)
        self.venue.enter(name, 2 * amount, mark)
        self.venue.rest(self.maker, 2 * amount, mark)
        self.events.extend([*self.venue.tick(mark), *self.venue.wait()])

    def lose(self, amount: Decimal) -> None:
        """Let a long of 2 without margin be closed at 1: one below its bankruptcy price for every unit of size."""
        self.venue.enter("winner", -amount, TWO)
        self.venue.account("loser")
        self.venue.tick(TWO)
        self.venue.enter("loser", amount, TWO)
        self.events.extend(self.venue.tick(ONE))


def adl_by_drawdown(inputs: Mapping[str, Any]) -> object:
    """Return a contract's result against its pool's peak, whether winners are cut by it, what they bear, and where it stops.

    The ratio is read where nothing holds the loss (a trigger on the pool's own drop, which lets the takeover pass). The stop is
    shown: with the loss back at the stop ratio winners still stand first, one unit above it they do not.
    """
    peak, gain, loss = number(inputs, "max_balance_8h"), number(inputs, "A_gain", default=0), number(inputs, "A_loss")
    start = -number(inputs, "insurancePnlRatio", default=Decimal("-0.3"))
    stop = -number(inputs, "adlStopRatio", default=Decimal("-0.25"))
    levels = (f"adl.start={100 * start}%", f"adl.stop={100 * stop}%")
    read = _played(peak, gain, loss, "adl.trigger=peak-drop", "adl.start=0.0001%", "adl.stop=0.0001%")
    seen = only(read.events, "AdlTriggered")[0]
    held = _played(peak, gain, loss, "adl.trigger=drawdown", *levels)
    shifted = held.venue.money_of(held.venue.exchange.stat(0, at.T_ADL_TRANSFER))
    said: dict[str, object] = {
        "pnlRatio": -Fraction(seen["lost_quote"], seen["peak_quote"]),
        "triggered": bool(only(held.events, "AdlTriggered")),
        "adl_shifts_loss": shifted,
    }
    held.gain((start - stop) * peak)
    still = not only(held.events, "AdlReleased")
    held.gain(ONE)
    stops = still and bool(only(held.events, "AdlReleased"))
    return said | {"stop_when": f"pnlRatio > {-stop}" if stops else "elsewhere"}


def _played(peak: Decimal, gain: Decimal, loss: Decimal, *words: str) -> Pooled:
    pooled = Pooled(peak - gain, peak + loss, *words)
    if gain:
        pooled.gain(gain)
    pooled.lose(loss)
    pooled.events.extend(pooled.venue.wait())
    return pooled


def adl_by_threshold(inputs: Mapping[str, Any]) -> object:
    """Return the least reserve, in whole units, at which winners do not stand first, and whether they do with the stated one."""
    low, high = 0, int(number(inputs, "avg_8h"))
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if _is_on(inputs, Decimal(middle)) else (low, middle)
    return {"threshold": low, "triggered": _is_on(inputs, number(inputs, "reserve"))}


def _is_on(inputs: Mapping[str, Any], reserve: Decimal) -> bool:
    """Say whether winners stand before a fund with a reserve whose mean over the window was stated."""
    mean = number(inputs, "avg_8h")
    rules = rules_with(
        [STRICT_TIER], "waterfall=fund,adl", "adl.trigger=threshold", f"adl.start={ppm(number(inputs, 'drop'))}ppm",
        f"adl.start_amount={number(inputs, 'min_drop')}",
    )  # fmt: skip
    venue = Venue([Listing(Wanted("MEAN", (ONE,), (mean,)), rules)])
    venue.tick(ONE)
    venue.give("fund", reserve)
    events = venue.wait()
    venue.exchange.must(HolderHistory(0, venue.units(mean)))
    return bool(only([*events, *venue.wait()], "AdlTriggered"))


def adl_score(inputs: Mapping[str, Any]) -> object:
    """Return profit over wallet balance, and that times the margin ratio, as a winner is ranked; to the last printed decimal.

    The position is the one of size 1 whose maintenance margin, at a tenth of its value, is the stated share of equity.
    """
    gain, wallet = number(inputs, "upnl"), number(inputs, "wallet")
    mark = 10 * number(inputs, "margin_ratio") * (wallet + gain)
    ranks = {"pnl_percent": "wallet-profit", "leverage_pnl": "wallet-margin"}
    return {name: _score(gain, wallet, mark, rank) for name, rank in ranks.items()}


def _score(gain: Decimal, wallet: Decimal, mark: Decimal, rank: str) -> Figure:
    rules = rules_with([tier(Decimal("0.1"))], "waterfall=adl", "close.style=bankruptcy", f"adl.rank={rank}")
    venue = Venue([Listing(Wanted("SCORE", (mark, mark - gain), (ONE,)), rules)])
    venue.tick(mark)
    venue.account("winner", wallet)
    venue.enter("winner", ONE, mark - gain)
    venue.account("loser")
    venue.enter("loser", -ONE, mark)
    cut = only(venue.tick(mark), "PositionDeleveraged")[0]
    return Figure(Fraction(cut["adl_rank"] - 1, RANK_STEPS), Fraction(2, RANK_STEPS), None)
