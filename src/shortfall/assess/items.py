"""What a venue could publish about who pays, item by item, and which rules of its record already answer an item."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that can be published.

    Parameters
    ----------
    code : str
        `group.name`.
    question : str
        What is asked, in words.
    rules : tuple of str
        Rules of a venue's record that answer it where they are cited; `structure` is how its fund is cut.
    """

    code: str
    question: str
    rules: tuple[str, ...] = ()

    @property
    def group(self) -> str:
        """Return the group, the part before the point."""
        return self.code.partition(".")[0]


GROUPS: Final = {
    "fund": "The fund",
    "adl": "Auto-deleveraging",
    "loss": "Losses beyond the fund",
    "price": "Mark and index",
    "margin": "Margin and liquidation",
    "backstop": "Backstop and segmentation",
    "burden": "Burden and events",
    "conduct": "Halts and changes",
}

ITEMS: Final = (
    Item("fund.balance", "its balance by contract (or by a pool that names its contracts) and by currency"),
    Item("fund.form", "its form: shared, by asset, combined, a pool for each contract, none", ("structure",)),
    Item("fund.shared", "whether several contracts draw on one fund or pool"),
    Item("fund.order", "when it is spent, and what comes before and after it", ("waterfall",)),
    Item("fund.sources", "what fills it", ("close.surplus", "close.liquidation_fee")),
    Item("fund.flows", "a history of what went in and out, by kind"),
    Item("fund.size-rule", "how its size is set"),
    Item("fund.seed", "who put the first money in, and how much"),
    Item("fund.custody", "where it is held, and by whom"),
    Item("fund.access", "who can read the figure, how, and how often it is renewed"),
    Item(
        "fund.limits",
        "limits on what one contract, position or period may take from it",
        ("takeover.fund_capacity", "takeover.pool_capacity", "fund.per_market"),
    ),
    Item("adl.trigger", "what starts it", ("adl.trigger", "adl.watches", "adl.window", "counterparty.adl_start")),
    Item("adl.threshold", "the figure at which it starts and stops", ("adl.start", "adl.start_amount", "adl.stop")),
    Item("adl.rank", "who is closed first, as a formula", ("adl.rank",)),
    Item("adl.price", "at which price winners are closed", ("adl.price",)),
    Item("adl.examples", "worked examples with numbers"),
    Item("adl.signal", "a public sign of how near it is"),
    Item("loss.sharing", "who shares a loss that nothing else covers", ("socialise.base", "socialise.withdrawal")),
    Item("price.mark", "how the mark is made", ("mark.method",)),
    Item("price.window", "over which time the mark averages", ("mark.basis_samples", "mark.basis_interval")),
    Item("price.index", "how the index is made", ("index.method",)),
    Item("price.sources", "which venues the index is made of"),
    Item(
        "price.filters",
        "what keeps a wrong source out",
        ("index.clamp", "index.exclude", "index.jump", "index.stale_after"),
    ),
    Item("price.regularity", "how often the oracle or index is renewed", ("index.interval",)),
    Item("margin.tiers", "margin tiers", ("margin.tiers",)),
    Item("margin.history", "when tiers changed, and what that did to open positions"),
    Item("margin.partial", "how much of a position is closed at once", ("amount.method",)),
    Item("margin.profit", "whether unrealised profit may leave the account", ("profit.withdrawal",)),
    Item("backstop.who", "who takes positions over before or beside the fund", ("takeover.backstop",)),
    Item("backstop.capacity", "how much it can take", ("takeover.backstop_capacity", "takeover.leverage")),
    Item("backstop.segments", "what one contract's loss cannot reach"),
    Item("burden.interest", "open interest by contract, with the sides it counts"),
    Item("burden.liquidations", "liquidations as they happen: all, or a sample"),
    Item("burden.events", "stress events with what was liquidated, paid, deleveraged and shared"),
    Item("conduct.halts", "when trading, liquidation or withdrawal halts, and how it resumes"),
    Item("conduct.changes", "how and when margin and other rules may be changed"),
)
BY_CODE: Final = {item.code: item for item in ITEMS}
