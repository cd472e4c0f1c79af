"""Hyperliquid: what is published beside the rules in its venue file."""

from __future__ import annotations

from typing import Final

from shortfall.assess.evidence import Page, not_found, published
from shortfall.venues.hyperliquid import ADL, JELLY, LIQUIDATION, ORACLE, READ, TIERS

VENUES: Final = ("hyperliquid",)
DOCS: Final = "hyperliquid-docs/trading/{liquidations,auto-deleveraging}"
LIQUIDATIONS: Final = Page(LIQUIDATION, READ, DOCS)
DELEVERAGING: Final = Page(ADL, READ, DOCS)
VAULT: Final = Page(
    "Hyperliquid API: POST /info vaultDetails, clearinghouseState (0xdfc24b077bc1425ad1dea75bcb6f8158e10df303)",
    READ,
    "vaultDetails / clearinghouseState of HLP 0xdfc24b077bc1425ad1dea75bcb6f8158e10df303",
)
ORACLE_PAGE: Final = Page(ORACLE, READ, ".../hypercore/oracle")
CONTEXTS: Final = Page("Hyperliquid API: POST /info metaAndAssetCtxs", READ, "POST /info metaAndAssetCtxs")
ANSWERS: Final = {
    "fund.balance": published("One vault for all contracts; its account is public. Not by contract.", VAULT),
    "fund.access": published("Anyone, without a key; positions and value of the vault.", VAULT),
    "fund.shared": published("One liquidator vault stands behind all contracts of the venue's own.", LIQUIDATIONS),
    "fund.sources": published(
        "Maintenance margin of what the vault takes over is not given back; there is no fee for liquidations.",
        LIQUIDATIONS,
    ),
    "adl.threshold": not_found(
        "The loss of the liquidator at which it starts: announced without a figure.",
        Page(JELLY, READ, "ADL when the liquidator's loss passes a threshold"),
        DELEVERAGING,
    ),
    "loss.sharing": published("A user without positions never pays.", DELEVERAGING),
    "price.sources": published("Spot prices of seven venues and its own, with their weights.", ORACLE_PAGE),
    "price.regularity": published("Every 3 seconds, a median over validators weighted by stake.", ORACLE_PAGE),
    "margin.tiers": published("Tiers of each asset.", Page(TIERS, READ, ".../trading/margin-tiers")),
    "margin.partial": published("Above 100,000 USDC a fifth first, a pause of 30 seconds, then all.", LIQUIDATIONS),
    "backstop.capacity": not_found(
        "How much the liquidator vault may hold: capped to a small share of the liquidity vault, without a figure.",
        LIQUIDATIONS,
        Page(JELLY, READ, "the liquidator vault was capped to a small share of HLP"),
    ),
    "backstop.segments": published(
        "Since March 2025 losses of the liquidator do not draw on its sister vaults.",
        Page(JELLY, READ, "instead of drawing on sibling vaults"),
    ),
    "burden.interest": published("Open interest of each asset, with mark, oracle and funding.", CONTEXTS),
    "burden.liquidations": published(
        "Fills of every address tell what was liquidated and deleveraged.",
        Page(
            "Hyperliquid API: POST /info userFills (liquidation)",
            READ,
            "userFills `liquidation{liquidatedUser,markPx,method}`",
        ),
    ),
}
