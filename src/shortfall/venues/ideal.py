"""A textbook venue: what is missing is paid by the fund and then shared by profits. Nothing is left open; the ruler for the others."""

from __future__ import annotations

from typing import Final

from shortfall.rules.cited import Assumed
from shortfall.rules.venue import Era, Terms, Venue, margin_tiers

PLAIN: Final = "by definition of the textbook venue"
NO_ADL: Final = f"{PLAIN}: nobody is deleveraged, so this decides nothing"
NO_INVENTORY: Final = f"{PLAIN}: no layer takes a position over, so this decides nothing"

VENUE: Final = Venue(
    code="ideal",
    name="Textbook venue",
    kind="textbook",
    summary=(
        "An account below maintenance is closed at the market at once, whole; what it has left stays with it. What it lacks is paid "
        "by the fund in cash; what the fund lacks is shared by everybody who is in profit, pro rata of profit. The fund never holds "
        "a position: what the book does not take is closed at mark against the other side. No rule is unknown."
    ),
    structure=Assumed("one fund for all contracts, which only pays", PLAIN),
    eras=(
        Era(
            None,
            "as defined",
            {
                "waterfall": Assumed("fund,socialise", PLAIN),
                "margin.tiers": Assumed("marginal", f"{PLAIN}: the requirement is continuous in size"),
                "margin.basis": Assumed("mark", PLAIN),
                "margin.closing_fee": Assumed("0%", f"{PLAIN}: closing costs nothing but the spread"),
                "profit.liquidation": Assumed("counts", f"{PLAIN}: equity at mark is equity"),
                "profit.opening": Assumed("counts", PLAIN),
                "profit.withdrawal": Assumed("ignored", f"{PLAIN}: profit that a loss may still claim does not leave"),
                "index.method": Assumed("mean", PLAIN),
                "index.clamp": Assumed("0%", f"{PLAIN}: sources are right"),
                "index.stale_after": Assumed("0s", f"{PLAIN}: sources never stop"),
                "mark.method": Assumed("index", f"{PLAIN}: the index is the fair price"),
                "funding.interval": Assumed("8h", PLAIN),
                "engine.delay": Assumed("0s", f"{PLAIN}: the engine acts in the instant"),
                "engine.per_second": Assumed("0", f"{PLAIN}: and on everybody"),
                "engine.pause": Assumed("0s", PLAIN),
                "engine.order": Assumed("worst-first", PLAIN),
                "engine.cancels": Assumed("all", PLAIN),
                "amount.method": Assumed("whole", PLAIN),
                "close.style": Assumed("market", PLAIN),
                "close.taker_fee": Assumed("0%", PLAIN),
                "close.liquidation_fee": Assumed("0%", f"{PLAIN}: the fund earns nothing from liquidations"),
                "close.bankruptcy_fee": Assumed("0%", PLAIN),
                "close.surplus": Assumed("trader", f"{PLAIN}: a liquidation takes no more than the loss"),
                "close.cross_order": Assumed("requirement", PLAIN),
                "close.cross_price": Assumed("ratio", PLAIN),
                "takeover.fund": Assumed("no", f"{PLAIN}: the fund pays and holds nothing"),
                "unwinding.method": Assumed("hold", NO_INVENTORY),
                "adl.rank": Assumed("profit", NO_ADL),
                "adl.price": Assumed("mark", NO_ADL),
                "adl.eligible": Assumed("profitable-only", NO_ADL),
                "socialise.base": Assumed("profit", f"{PLAIN}: who gained from the move gives up part of the gain"),
                "socialise.max_haircut": Assumed("100%", f"{PLAIN}: a gain may be lost whole, capital never"),
                "socialise.withdrawal": Assumed("whole", PLAIN),
            },
        ),
    ),
    terms=tuple(
        Terms(f"{base}-IDEAL", base, Assumed(margin_tiers((None, initial, maintenance)), f"{PLAIN}: one tier"))
        for base, initial, maintenance in (
            ("BTC", "2", "1"),
            ("ETH", "2", "1"),
            ("SOL", "5", "2.5"),
            ("DOGE", "10", "5"),
            ("LINK", "10", "5"),
        )
    ),
    doubts=(
        "Every value is a definition, so the share that is assumed says nothing about what is known.",
        "A market order walks the book as deep as it has to: in a thin book the loss is larger than where a fund holds and waits.",
        "What the book does not take is closed at mark against the other side, which gives up a position but no profit by that.",
    ),
)
