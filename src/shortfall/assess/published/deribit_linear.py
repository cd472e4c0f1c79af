"""Deribit's linear perpetuals: what the guide to liquidity participants says beside the rules in the venue file."""

from __future__ import annotations

from typing import Final

from shortfall.assess.evidence import Page, not_found, published
from shortfall.venues.deribit_linear import LINEAR, PROVIDERS, READ

VENUES: Final = ("deribit-linear",)
GUIDE: Final = Page(PROVIDERS, READ, "docs.deribit.com/articles/lsp-api-guide.md")
ANSWERS: Final = {
    "adl.rank": not_found("A formula of who is closed first; any opposite account may be.", GUIDE),
    "margin.tiers": published(
        "A base rate that grows with size, by contract.", Page(LINEAR, READ, "25944738177565-Linear-Perpetual")
    ),
    "backstop.who": published("Liquidity participants that signed up; they may only reduce afterwards.", GUIDE),
    "backstop.capacity": published(
        "The smaller of twice the equity less what is held, and a share of equity for each group of instruments less what was used in "
        "windows of five minutes.",
        GUIDE,
    ),
}
