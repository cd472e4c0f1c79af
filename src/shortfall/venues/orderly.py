"""Orderly: external liquidators take positions at mark for a fee; the fund takes whole accounts that cannot pay them. Outline."""

from __future__ import annotations

from datetime import date
from typing import Final

from shortfall.rules.cited import Assumed, Cited
from shortfall.rules.venue import Era, Terms, Venue, margin_tiers

READ: Final = date(2026, 11, 22)
LIQUIDATION: Final = "Orderly docs: Perpetual futures / Liquidations"
FUND: Final = "Orderly docs: Perpetual futures / Insurance fund and ADL"
MARGIN: Final = "Orderly docs: Perpetual futures / Margin, leverage and PnL"
MARK: Final = "Orderly blog: Orderly Network's liquidation engine, a deep dive"
CONTRACT: Final = "Orderly: OrderlyNetwork/contract-evm, src/LedgerImplA.sol"

VENUE: Final = Venue(
    code="orderly",
    name="Orderly Network",
    kind="hybrid",
    summary=(
        "Below maintenance all orders are cancelled and anybody may take positions over at mark for half of the liquidation fee, as "
        "much as brings the account back to its initial margin; the other half goes to the insurance fund. An account that cannot pay "
        "a liquidator, or is worth less than nothing, goes to the fund with everything; liquidators may claim positions from the fund "
        "at a discount. When the fund runs low its positions are deleveraged against users."
    ),
    structure=Cited("one fund account for all contracts, with margin rules of its own", FUND, READ),
    thin=True,
    eras=(
        Era(
            None,
            "as far back as this file goes",
            {
                "waterfall": Cited("fund,adl", FUND, READ),
                "margin.tiers": Assumed(
                    "marginal", f"{MARGIN}: margin grows with notional to the power of 4/5, which is not in the space"
                ),
                "margin.basis": Cited("mark", MARGIN, READ),
                "trigger.takeover_below": Assumed(
                    "50%",
                    f"{FUND}: where margin no longer covers a liquidator's fee, 0.3 % of 0.6 % in the large markets",
                ),
                "index.method": Assumed("mean", "how spot prices are joined was not read", ("median",)),
                "mark.method": Cited("median", f"{MARK}: funding, 15-minute basis, middle of bid, ask and last", READ),
                "mark.basis_interval": Cited("1m", f"{MARK}: a snapshot a minute", READ),
                "mark.basis_samples": Cited("15", f"{MARK}: 15 minutes", READ),
                "engine.delay": Assumed("0ms", "liquidators compete; how fast they are is not published"),
                "engine.cancels": Cited("all", LIQUIDATION, READ),
                "amount.method": Cited("heal", f"{LIQUIDATION}: until the margin ratio is the initial one", READ),
                "healing.buffer": Cited(
                    "0.4%", f"{LIQUIDATION}; {MARGIN}: initial less maintenance, 1 % less 0.6 %", READ
                ),
                "liquidator.who": Assumed("outside", "liquidators always come here"),
                "liquidator.fee": Cited("0.3%", f"{LIQUIDATION}: BTC, ETH and SOL", READ),
                "close.style": Cited("liquidator", f"{LIQUIDATION}; {CONTRACT}", READ),
                "close.liquidation_fee": Cited("0.3%", f"{LIQUIDATION}: the fund's half of 0.6 %", READ),
                "close.surplus": Cited("trader", f"{LIQUIDATION}: only the fee leaves an account that is healed", READ),
                "close.cross_price": Assumed("ratio", "low-risk markets are taken in proportion, others one by one"),
                "unwinding.method": Assumed(
                    "share", f"{FUND}: liquidators claim positions at a discount; here the fund sells", ("hold",)
                ),
                "adl.rank": Assumed("profit-leverage", "named on the page, its formula was not read", ("profit",)),
                "adl.price": Assumed("mark", f"{CONTRACT}: the engine sets the price", ("bankruptcy",)),
                "adl.eligible": Assumed("profitable-first", "not stated", ("profitable-only",)),
            },
        ),
    ),
    terms=(
        *(
            Terms(f"PERP_{b}_USDC", b, Cited(margin_tiers((None, "1", "0.6")), MARGIN, READ))
            for b in ("BTC", "ETH", "SOL")
        ),
        *(
            Terms(
                f"PERP_{b}_USDC",
                b,
                Cited(margin_tiers((None, "10", "5")), MARGIN, READ),
                {"healing.buffer": Cited("5%", f"{LIQUIDATION}; {MARGIN}: initial less maintenance", READ)},
            )
            for b in ("ARB", "LINK", "OP")
        ),
    ),
    doubts=(
        "The fee of a claim from the fund is 0.5 % in a test of the contract and 0.75 % in the sample of the interface.",
        "When ADL starts, whom it takes first and at which price were not read in a form that could be stated.",
        "In the contract a position keeps its result in its own cost until it is settled; here trades realise at once.",
        "The docs' table of fees names the large markets; other markets pay more.",
    ),
)
