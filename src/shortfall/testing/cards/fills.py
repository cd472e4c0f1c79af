"""Cards of the `close` slot: a limit that moves with distress, fills that are settled one by one, lots that wait."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from shortfall.testing.cards.card import Card
from shortfall.testing.cards.situations import RICH, ann_long, expect

if TYPE_CHECKING:
    from shortfall.rules.ruleset import RuleSet
    from shortfall.testing.desk import Desk

WHOLE: Final = ("amount.method=whole", "waterfall=fund", "takeover.fund=no", "close.surplus=trader")
TAKEN: Final = (
    "close.style=bankruptcy",
    "amount.method=whole",
    "waterfall=fund",
    "takeover.fund=yes",
    "takeover.fund_capacity=0",
    "takeover.price=bankruptcy",
    "takeover.leverage=0",
)


def moving_limit(rules: RuleSet) -> Desk:
    """Play a close at 94 with bids at 88 and 86.

    Equity 400 of 470 is missing 70; at a spread of ten times maintenance the limit is (9,400 - 10 x 470 x 70/470) / 100 = 87.
    """
    desk = ann_long(rules, bids=((40, 88), (60, 86)))
    desk.tick(94)
    expect(
        "the order is limited at 87, beyond bankruptcy",
        [e["limit_price_ticks"] for e in desk.named("CloseLimited")],
        [87],
    )
    expect("the book takes what is bid at 87 or better", desk.position("maker"), (40, 3_520))
    return desk


def each_fill(rules: RuleSet) -> Desk:
    """Play a market order at 94 into bids of 40 at 92, 40 at 88 and 20 at 80, with 100 in the fund.

    Bankruptcy amounts: 40 x 94 - 400 x 40/100 = 3,600: the first fill brings 80 more, which stays. Then 320 beside 60 lots:
    40 x 94 - floor(320 x 40/60) = 3,547: the second is 27 short, which the fund pays. Then 107 beside 20: 1,880 - 107 = 1,773:
    the third would be 173 short, and the fund has 73.
    """
    desk = ann_long(rules, fund=100, bids=((40, 92), (40, 88), (20, 80)))
    desk.tick(94)
    expect("the fund pays for the second fill", desk.cash("fund"), 73)
    expect("the third is refused", [(e["lots"], e["amount_quote"]) for e in desk.named("FillRefused")], [(20, 173)])
    expect("and its lots stay", desk.position("ann")[0], 20)
    return desk


def when_flat(rules: RuleSet) -> Desk:
    """Play the same: all is sold for 8,800, so 400 - 600 is missing once the account is flat."""
    desk = ann_long(rules, fund=100, bids=((40, 92), (40, 88), (20, 80)))
    desk.tick(94)
    expect("one deficit, of the flat account", [e["deficit_quote"] for e in desk.named("DeficitRealised")], [200])
    expect("the fund pays what it has", desk.cash("fund"), 0)
    return desk


def placed(rules: RuleSet) -> Desk:
    """Play a close without bids while equity is positive."""
    desk = ann_long(rules, fund=RICH)
    desk.tick(94)
    expect("the fund takes the position over at once", desk.position("fund"), (100, 9_000))
    return desk


def waits(rules: RuleSet) -> Desk:
    """Play a close without bids, at 94 with 400 of equity, then at 89 with -100."""
    desk = ann_long(rules, fund=RICH)
    desk.tick(94)
    expect("nobody is asked while equity is positive", desk.position("ann")[0], 100)
    desk.tick(89)
    expect("the fund takes it over once equity is negative", desk.position("fund"), (100, 9_000))
    return desk


LONG: Final = "a long of 100 lots from 100, bankrupt at 90, 400 of equity at 94"

CARDS: Final = (
    Card(
        "close.style=fillable", f"{LONG}; bids of 40 at 88 and 60 at 86; spread ten times maintenance", "the mark falls to 94",
        "CloseLimited at 87; 40 lots fill at 88, the rest stays", moving_limit,
        (*WHOLE, "close.fillable_spread=1000%", "close.bankruptcy_adjustment=100%"),
    ),
    Card(
        "close.settlement=each-fill", f"{LONG}; bids of 40 at 92, 40 at 88, 20 at 80; 100 in the fund", "the mark falls to 94",
        "FillSettled 27 for the second, FillRefused for the third, 173 short", each_fill, (*WHOLE, "close.style=market"),
    ),
    Card(
        "close.settlement=when-flat", f"{LONG}; bids of 40 at 92, 40 at 88, 20 at 80; 100 in the fund", "the mark falls to 94",
        "all is sold, DeficitRealised 200, FundPaid 100", when_flat, (*WHOLE, "close.style=market"),
    ),
    Card("close.rest=placed", f"{LONG}; no bids, a rich fund", "the mark falls to 94", "PositionTakenOver 100 at 90", placed, TAKEN),
    Card(
        "close.rest=waits", f"{LONG}; no bids, a rich fund", "the mark falls to 94, then to 89",
        "nothing at 94, PositionTakenOver 100 at 90 when equity is -100", waits, TAKEN,
    ),
)  # fmt: skip
