"""Drift v2: external liquidators at the oracle price, a staked fund capped by market tier, the rest through funding of both sides."""

from __future__ import annotations

from datetime import date
from typing import Final

from shortfall.rules.cited import Assumed, Cited
from shortfall.rules.venue import Era, Terms, Venue, margin_tiers

READ: Final = date(2026, 11, 22)
CODE: Final = "Drift v2: drift-labs/protocol-v2, programs/drift/src"
STAKING: Final = "Drift: Introduction to insurance fund staking"
REVENUE: Final = "Drift docs: Revenue pool"
LEVERAGE: Final = "Drift docs: Per-market leverage"
MARKETS: Final = "Drift data API: /stats/markets"
NO_ADL: Final = "positions are not deleveraged: this decides nothing"

VENUE: Final = Venue(
    code="drift",
    name="Drift v2",
    kind="hybrid",
    summary=(
        "Below maintenance orders are cancelled and any liquidator may take positions over at the oracle price for a fee, as much as "
        "brings the account above maintenance plus a buffer. What a bankrupt account owes is paid by the staked fund, within what "
        "the market's tier allows, then by the market maker's fees; the rest raises the funding index of longs and lowers that of "
        "shorts, so both sides pay per unit of size. Nobody is deleveraged."
    ),
    structure=Cited(
        "one staked vault per asset; the one in USDC covers all perpetuals, up to an amount for each market",
        f"{CODE}; {STAKING}",
        READ,
    ),
    eras=(
        Era(
            None,
            "as far back as this file goes",
            {
                "waterfall": Cited(
                    "fund,socialise", f"{CODE}/controller/liquidation.rs: resolve_perp_bankruptcy", READ
                ),
                "margin.tiers": Assumed(
                    "marginal", f"{CODE}: one ratio per market; a premium on large sizes is not in the rule space"
                ),
                "margin.basis": Cited("mark", f"{CODE}/math/margin.rs: at the oracle price", READ),
                "margin.orders": Cited(
                    "counted", f"{CODE}/math/margin.rs: position with its open orders, the worse side", READ
                ),
                "profit.liquidation": Assumed(
                    "counts", f"{CODE}: profit counts by a weight of the market, which was not read", ("haircut",)
                ),
                "profit.opening": Assumed(
                    "counts", f"{CODE}: profit counts by a weight of the market, which was not read", ("haircut",)
                ),
                "profit.withdrawal": Assumed(
                    "ignored", "profit leaves after it is settled against the market's profit pool"
                ),
                "fees.taker": Cited("0.035%", MARKETS, READ),
                "fees.maker": Cited("-0.002%", MARKETS, READ),
                "index.method": Assumed("median", "one oracle per market, whose sources are its own matter", ("mean",)),
                "mark.method": Cited("index", f"{CODE}: liquidations use the oracle price", READ),
                "engine.delay": Assumed(
                    "0ms", "liquidators compete; how fast they are is not published", ("400ms", "10s")
                ),
                "engine.order": Assumed("worst-first", "liquidators choose", ("largest-first", "account")),
                "engine.cancels": Cited("all", f"{CODE}/controller/liquidation.rs", READ),
                "amount.method": Cited("heal", f"{CODE}/math/liquidation.rs: base to cover the margin shortage", READ),
                "healing.buffer": Cited(
                    "2%", f"{CODE}/math/constants.rs: DEFAULT_LIQUIDATION_MARGIN_BUFFER_RATIO", READ
                ),
                "healing.initial_share": Cited(
                    "0%", f"{CODE}/instructions/admin.rs: until an administrator sets it", READ
                ),
                "healing.duration": Cited(
                    "0s", f"{CODE}/instructions/admin.rs: no ramp until an administrator sets it", READ
                ),
                "healing.small_shortage": Cited("50", f"{CODE}: below 50 USD everything at once", READ),
                "healing.small_position": Cited("50", f"{CODE}: up to 50 USD the whole position", READ),
                "liquidator.who": Assumed(
                    "outside",
                    f"{CODE}: anybody with a liquidate instruction; here one who always comes and takes everything",
                ),
                "liquidator.fee": Assumed(
                    "1%", "set for each market; the markets' figures were not read", ("2.5%", "0.5%")
                ),
                "liquidator.fee_most": Assumed(
                    "0%", f"{CODE}: the fee grows with time up to three times; nobody waits here, so it does not"
                ),
                "liquidator.fund_fee": Cited("spare", f"{CODE}/math/liquidation.rs: calculate_perp_if_fee", READ),
                "close.style": Cited("liquidator", f"{CODE}/controller/liquidation.rs: liquidate_perp", READ),
                "close.liquidation_fee": Assumed(
                    "1%", "largest fee to the fund; the markets' figures were not read", ("2.5%", "0%")
                ),
                "close.surplus": Cited("trader", f"{CODE}: what is left stays in the account", READ),
                "close.cross_order": Assumed("requirement", "liquidators choose the market", ("notional", "loss")),
                "close.cross_price": Assumed("ratio", "at the oracle price, so no bankruptcy price is needed"),
                "takeover.fund": Cited("no", f"{CODE}: the fund pays and holds nothing", READ),
                "fund.keeps": Assumed("0", f"{CODE}: the vault keeps one smallest unit, which is nothing in money"),
                "fund.per_market": Assumed(
                    "1000000",
                    f"{CODE}/math/constants.rs: no more than the market's tier allows, A 100 M, B 1 M, C 100,000 USD, others nothing; "
                    "which tier a market has was not read",
                    ("100000000", "100000"),
                ),
                "fund.unstake_after": Cited("13d", STAKING, READ),
                "adl.rank": Assumed("profit", NO_ADL),
                "adl.price": Assumed("mark", NO_ADL),
                "adl.eligible": Assumed("profitable-only", NO_ADL),
                "socialise.base": Cited(
                    "position", f"{CODE}/controller/liquidation.rs: through the funding index", READ
                ),
                "socialise.sides": Cited("both", f"{CODE}/math/liquidation.rs: loss / (longs + shorts)", READ),
                "socialise.index_scale": Cited(
                    "1000000", f"{CODE}: the delta rounds up to a millionth of a dollar", READ
                ),
            },
        ),
    ),
    terms=(
        Terms(
            "BTC-PERP",
            "BTC",
            Assumed(
                margin_tiers((None, "5", "3.3333")),
                f"{MARKETS}: 20x; maintenance was not read, here two thirds of initial",
            ),
        ),
        *(
            Terms(
                f"{base}-PERP",
                base,
                Assumed(
                    margin_tiers((None, initial, maintenance)),
                    "not read: leverage assumed, maintenance two thirds of initial",
                ),
            )
            for base, initial, maintenance in (
                ("ETH", "5", "3.3333"),
                ("SOL", "5", "3.3333"),
                ("DOGE", "10", "6.6667"),
                ("JUP", "10", "6.6667"),
            )
        ),
    ),
    doubts=(
        "Which tier a market has, and so what the fund pays for it at most, was not read: the second of the tiers is assumed for all.",
        "Behind the fund stand the fees that the automated market maker earned in that market; they are not a layer here.",
        "Shares of the fund are rebased when it is nearly empty; here they are not.",
        "Longs and shorts differ, because the automated market maker holds the rest and pays like a trader; here they are equal.",
        "A second way of liquidating fills against the book and the market maker; only the take-over by a liquidator is modelled.",
        "The oracle has to be near its five-minute average before anybody is liquidated; that guard is not in the rule space.",
        "Fees of liquidators, of the fund, and maintenance ratios are set for each market and were not read.",
        "The instruction that settles deficits of profit pools is commented out in the code read.",
    ),
)
