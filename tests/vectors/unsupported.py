"""What the rule space of today cannot express, and where the engine does otherwise on purpose: one row each, with the reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Missing:
    """A mechanism that is not in the rule space.

    Parameters
    ----------
    what : str
        The mechanism, in one line.
    refused : tuple of str
        Changes of rules that would express it. Each is refused today; when one is accepted the row is out of date.
    """

    what: str
    refused: tuple[str, ...] = ()


MISSING: Final[Mapping[str, Missing]] = {
    # -- of no venue ------------------------------------------------------------------------------------------------------
    "peer-without-an-adapter": Missing("no adapter is written for this peer and topic yet"),
    "kind-without-an-adapter": Missing("the peer's adapter knows no such kind of case"),
    "price-span": Missing("a market spans at most 2**30 ticks, and the case's prices are farther apart than that"),
    "rate-finer-than-ppm": Missing("rates are parts per million; the case states a finer one"),
    "inputs-leave-it-open": Missing("the stated inputs do not determine what is expected (depth, counterparties)"),
    # -- dYdX v4 ------------------------------------------------------------------------------------------------------------
    "bankruptcy-price-of-a-rich-account": Missing(
        "an account whose equity is above what any maintenance rate below 100 % asks is never liquidated and has no such price"
    ),
    # -- Mango v4 ---------------------------------------------------------------------------------------------------------
    "borrowed-tokens": Missing(
        "collateral: a negative holding of another asset, weighted as a liability",
        ("health.borrowing=yes", "collateral.liability=110%"),
    ),
    # -- GMX v2 -----------------------------------------------------------------------------------------------------------
    "price-impact": Missing(
        "counterparty: a price impact that depends on how a trade changes the pool's imbalance",
        ("counterparty.impact=1%",),
    ),
    # -- percolator ---------------------------------------------------------------------------------------------------------
    "fund-fed-by-trading-fees": Missing("fund rules: a share of trading fees as inflow", ("fund.fee_share=10%",)),
    # -- Drift v2 -----------------------------------------------------------------------------------------------------------
    "margin-growing-with-the-root-of-size": Missing(
        "margin tiers: a rate that grows with the square root of size", ("margin.growth_root=1%",)
    ),
    "buffer-on-unsettled-loss": Missing(
        "healing: the buffer counts on a position's loss too, also on what a closed part has lost and not settled",
        ("healing.buffer_on_loss=yes",),
    ),
    # -- centralised venues -----------------------------------------------------------------------------------------------
}

DISAGREEMENTS: Final[Mapping[str, str]] = {
    "fund-pays-whole-tokens": (
        "Mango's insurance vault pays whole native tokens, rounded up, and is empty sooner; the engine pays to its own smallest unit"
    ),
    "fund-drawn-fills-the-hole": (
        "percolator counts the fund as an asset and draws it too, so the draw opens the hole again and the haircut of equity is "
        "larger than what was missing; here what the fund pays is covered"
    ),
    "a-millionth-for-the-pool": (
        "GMX converts the 800 of profit into funding paid and keeps a millionth that its division leaves in the pool; the engine "
        "moves exactly 800"
    ),
    "fund-balance-is-mocked": (
        "dYdX's test answers every question for the fund's balance with the same number; the engine's fund has what earlier fills of "
        "the block brought it, and pays with it"
    ),
    "fund-pays-once-the-account-is-flat": (
        "dYdX's fund settles each fill of a clip beyond bankruptcy; the engine asks the fund when the account is flat, "
        "because until then its equity and not a fill decides what is missing"
    ),
}
